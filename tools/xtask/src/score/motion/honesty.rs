//! Whether the errors are as large as the sigmas say.

use crate::score::{
    report::Table,
    stats::{chi_square, mean},
};

/// Both ends of a 95 % interval, standard normal.
const Z_95: f64 = 1.96;

/// Errors of one drive as multiples of their sigmas.
#[derive(Clone, Copy, Debug)]
pub(super) struct Consistency {
    /// Mean of (error / sigma)²: 1 when the sigma is honest.
    pub(super) square: f64,
    /// Share of the errors within one sigma: 0.68 of honest normal ones.
    pub(super) within_1: f64,
    /// … within two: 0.95.
    pub(super) within_2: f64,
}

impl Consistency {
    pub(super) fn of(sigmas: impl IntoIterator<Item = f64>) -> Self {
        let sigmas: Vec<f64> = sigmas.into_iter().filter(|sigmas| !sigmas.is_nan()).collect();
        let within = |limit| mean(sigmas.iter().map(|sigmas| if sigmas.abs() < limit { 1.0 } else { 0.0 }));
        Self { square: mean(sigmas.iter().map(|sigmas| sigmas * sigmas)), within_1: within(1.0), within_2: within(2.0) }
    }
}

pub(super) fn table(title: impl Into<String>) -> Table {
    let mut table = Table::new(title, &["mean (e/σ)²", "honest from", "to", "drives", "< 1 σ %", "< 2 σ %"]);
    table.note("Honest: 95 % bounds if every σ is right and the errors within a drive are as good as one error.");
    table.note("Of the speed while the vehicle moves: one that is known to stand errs by nothing, whatever its σ.");
    table.note("Normal errors are within 1 σ in 68 %, within 2 σ in 95 %. The motion states no σ of acceleration.");
    table
}

/// A row of drives: the mean over the drives of each drive's mean.
///
/// Errors within a drive are correlated, so a drive counts as one draw, the fewest that it can be worth: the mean of
/// `n` of them then lies within the bounds of chi-square with `n` degrees of freedom over `n`. Bounds so wide accuse
/// nobody wrongly; a mean outside of them is no chance.
pub(super) fn row(table: &mut Table, what: &str, drives: &[Consistency]) {
    let known: Vec<_> = drives.iter().filter(|drive| !drive.square.is_nan()).collect();
    #[expect(clippy::cast_precision_loss, reason = "a count of drives")]
    let count = known.len() as f64;
    let bound = |z| chi_square(count, z) / count;
    let percent = |of: fn(&Consistency) -> f64| 100.0 * mean(known.iter().map(|drive| of(drive)));
    let square = mean(known.iter().map(|drive| drive.square));
    let shares = [percent(|drive| drive.within_1), percent(|drive| drive.within_2)];
    table.row(what, "", &[square, bound(-Z_95), bound(Z_95), count, shares[0], shares[1]]);
}
