//! Phones that are turned, used, held at the ear and remounted while driving, and phones that nobody touches.

use jounce_sim::{Handling, RandomDrive, random_drive};
use rayon::prelude::*;

use super::{
    drives::{is_lively, options},
    moves::{Move, imagined, moves},
    simulated::Drive,
};
use crate::score::{
    report::Table,
    stats::{chi_square, quantile},
};

/// A drive with a few moves, s.
const HANDLED_S: f64 = 480.0;
/// The mount ought to be known again after this, s; a move that is followed sooner by another, or by the end, shows nothing.
const REALIGNED_S: f64 = 60.0;
/// A drive without any, s.
const UNDISTURBED_S: f64 = 1200.0;
/// One end of a 95 % interval, standard normal.
const Z_95: f64 = 1.645;
const S_PER_HOUR: f64 = 3600.0;
/// Event rates are told for so many hours.
const PER_HOURS: f64 = 100.0;

/// What the engine made of a drive.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    hours: f64,
    pub(super) moves: Vec<Move>,
    /// Moves told that were none.
    pub(super) imagined: usize,
    /// Harsh events that were none.
    extra: usize,
}

/// Drives of each way to handle a phone: calm ones, so that no harsh event is due.
pub(super) fn handled(each: u64) -> anyhow::Result<Option<Table>> {
    if each == 0 {
        return Ok(None);
    }
    let columns = ["turned", "used", "called", "remounted", "all"];
    let title = format!("Phone handled while driving: {each} calm drives of {HANDLED_S} s for each way");
    let mut table = Table::new(title, &columns);
    let mut ways = Handling::ALL.into_iter().map(|way| way_of(way, each)).collect::<anyhow::Result<Vec<_>>>()?;
    ways.push(ways.iter().flatten().cloned().collect());
    let mut row = |what: &str, unit, of: &dyn Fn(&[Outcome]) -> f64| {
        table.row(what, unit, &ways.iter().map(|way| of(way)).collect::<Vec<_>>());
    };
    row("moves", "", &|way| count(moves_of(way).count()));
    row("… told as phone_moved", "%", &|way| {
        let told = moves_of(way).filter(|m| m.told_s.is_finite()).count();
        100.0 * count(told) / count(moves_of(way).count())
    });
    row("… told after: median", "s", &|way| quantile_of(moves_of(way), |m| m.told_s, 0.5));
    row("… told after: 95 %", "s", &|way| quantile_of(moves_of(way), |m| m.told_s, 0.95));
    row("followed by 60 s without another", "", &|way| count(left_alone(way).count()));
    row("… aligned within them", "%", &|way| {
        let aligned = left_alone(way).filter(|m| m.aligned_s <= REALIGNED_S).count();
        100.0 * count(aligned) / count(left_alone(way).count())
    });
    row("… aligned after it lay still: median", "s", &|way| quantile_of(left_alone(way), |m| m.aligned_s, 0.5));
    row("… 95 %", "s", &|way| quantile_of(left_alone(way), |m| m.aligned_s, 0.95));
    row("whole mount error then: median", "°", &|way| quantile_of(left_alone(way), |m| m.error_deg, 0.5));
    row("… 95 %", "°", &|way| quantile_of(left_alone(way), |m| m.error_deg, 0.95));
    row("phone_moved besides", "", &|way| count(way.iter().map(|drive| drive.imagined).sum()));
    row("harsh events, none is due", "", &|way| count(way.iter().map(|drive| drive.extra).sum()));
    Ok(Some(table))
}

/// Drives with a phone that nobody touches: as many hours.
pub(super) fn undisturbed(hours: f64) -> anyhow::Result<Option<Table>> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "as many drives as anybody can wait for"
    )]
    let drives = (hours * S_PER_HOUR / UNDISTURBED_S).ceil().max(0.0) as u64;
    if drives == 0 {
        return Ok(None);
    }
    let of_seed = |seed| outcome(seed, &RandomDrive { duration_s: UNDISTURBED_S, ..options(seed) });
    let outcomes = (1..=drives).into_par_iter().map(|seed| Ok((is_lively(seed), of_seed(seed)?)));
    let outcomes = outcomes.collect::<anyhow::Result<Vec<_>>>()?;
    let mut table = Table::new("Phone that nobody touches", &["calm", "lively", "all"]);
    let mut row = |what: &str, unit, of: &dyn Fn(&[&Outcome]) -> f64| {
        let some = |lively: bool| outcomes.iter().filter(|drive| drive.0 == lively).map(|drive| &drive.1).collect();
        let all = outcomes.iter().map(|drive| &drive.1).collect();
        table.row(what, unit, &[some(false), some(true), all].map(|drives: Vec<_>| of(&drives)));
    };
    let hours = |drives: &[&Outcome]| drives.iter().map(|drive| drive.hours).sum::<f64>();
    let told = |drives: &[&Outcome]| count(drives.iter().map(|drive| drive.imagined).sum());
    row("driven", "h", &hours);
    row("phone_moved", "", &told);
    row("… in 100 h", "", &|drives| PER_HOURS * told(drives) / hours(drives));
    row("… in 100 h, at most (95 %)", "", &|drives| PER_HOURS * at_most(told(drives)) / hours(drives));
    row("harsh events besides those due", "", &|drives| count(drives.iter().map(|drive| drive.extra).sum()));
    Ok(Some(table))
}

fn way_of(way: Handling, drives: u64) -> anyhow::Result<Vec<Outcome>> {
    // Seeds of calm drives are odd.
    let seeds = (0..drives).into_par_iter().map(|index| 2 * index + 1);
    let handled = |seed| RandomDrive { duration_s: HANDLED_S, handling: Some(way), ..options(seed) };
    seeds.map(|seed| outcome(seed, &handled(seed))).collect()
}

pub(super) fn outcome(seed: u64, options: &RandomDrive) -> anyhow::Result<Outcome> {
    let drive = Drive::new(&random_drive(seed, options), seed);
    let replay = drive.replay()?;
    Ok(Outcome {
        hours: drive.truth.duration_s() / S_PER_HOUR,
        moves: moves(&drive, &replay),
        imagined: imagined(&drive, &replay),
        extra: drive.truth.harsh(&replay).extra,
    })
}

fn moves_of(drives: &[Outcome]) -> impl Iterator<Item = &Move> {
    drives.iter().flat_map(|drive| &drive.moves)
}

fn left_alone(drives: &[Outcome]) -> impl Iterator<Item = &Move> {
    moves_of(drives).filter(|m| m.left_alone_s >= REALIGNED_S)
}

fn quantile_of<'a>(moves: impl Iterator<Item = &'a Move>, figure: fn(&Move) -> f64, share: f64) -> f64 {
    quantile(&moves.map(figure).collect::<Vec<_>>(), share)
}

/// The largest mean of a Poisson count that gives so few in one of twenty tries.
fn at_most(seen: f64) -> f64 {
    0.5 * chi_square(2.0 * (seen + 1.0), Z_95)
}

#[expect(clippy::cast_precision_loss, reason = "a count of events")]
fn count(events: usize) -> f64 {
    events as f64
}
