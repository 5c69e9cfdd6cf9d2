//! Notices speeds that are reported in a wrong unit: a steady ratio to the way covered.

use alloc::{collections::VecDeque, vec::Vec};

use super::Displacement;
use crate::{persist::Persist, time::Timestamp};

/// Slower than this nothing is compared, m/s: the positions' own noise would be.
const LEAST_SPEED_MPS: f64 = 3.0;
/// A way known worse than this share of its length is not compared.
const WORST_SIGMA_SHARE: f64 = 0.2;
/// Ratios older than this are forgotten, s, once there are enough.
const MEMORY_S: f64 = 10.0;
/// The ratios must span this much motion, s …
const LEAST_SPAN_S: f64 = 5.0;
/// … be at least this many …
const LEAST_COUNT: usize = 4;
/// … and all but this share of them …
const STRAYS: f64 = 0.2;
/// … be this near to their median, as a share of it: units differ by more, driving and noise by less.
const STEADY_SHARE: f64 = 0.12;
/// Room for the memory of fixes at the least interval.
const CAPACITY: usize = 64;

/// Compares reported speed and displacement.
#[derive(Clone, Debug, Persist)]
pub(super) struct SpeedUnit {
    tolerance: f64,
    ratios: VecDeque<(Timestamp, f64)>,
    /// Working copy for the median; kept for its room.
    /// Filled anew for every judgement.
    #[persist(skip)]
    sorted: Vec<f64>,
    wrong: Option<f64>,
}

impl SpeedUnit {
    pub(super) fn new(tolerance: f64) -> Self {
        let (ratios, sorted) = (VecDeque::with_capacity(CAPACITY), Vec::with_capacity(CAPACITY));
        Self { tolerance, ratios, sorted, wrong: None }
    }

    /// Reported speed over displacement, while that is steadily not 1.
    pub(super) fn ratio(&self) -> Option<f64> {
        self.wrong
    }

    pub(super) fn judge(&mut self, covered: &Displacement) {
        let comparable =
            covered.speed_mps > LEAST_SPEED_MPS && covered.sigma_mps < WORST_SIGMA_SHARE * covered.speed_mps;
        let Some(reported) = covered.reported_mps.filter(|_| comparable) else { return };
        if self.ratios.back().is_some_and(|(last, _)| covered.t <= *last) {
            return;
        }
        while self.ratios.len() >= CAPACITY
            || self.ratios.len() >= LEAST_COUNT
                && self.ratios.front().is_some_and(|(first, _)| covered.t.s_since(*first) > MEMORY_S)
        {
            self.ratios.pop_front();
        }
        self.ratios.push_back((covered.t, reported / covered.speed_mps));
        if let Some(ratio) = self.steady_ratio() {
            self.wrong = ((ratio - 1.0).abs() > self.tolerance).then_some(ratio);
        }
    }

    /// The median, when the ratios are many, span long enough and lie close together.
    fn steady_ratio(&mut self) -> Option<f64> {
        let span_s = self.ratios.back()?.0.s_since(self.ratios.front()?.0);
        if span_s < LEAST_SPAN_S || self.ratios.len() < LEAST_COUNT {
            return None;
        }
        self.sorted.clear();
        self.sorted.extend(self.ratios.iter().map(|(_, ratio)| *ratio));
        self.sorted.sort_unstable_by(f64::total_cmp);
        let median = *self.sorted.get(self.sorted.len() / 2)?;
        let strays = self.sorted.iter().filter(|ratio| (*ratio - median).abs() > STEADY_SHARE * median).count();
        #[expect(clippy::cast_precision_loss, reason = "counts of at most CAPACITY")]
        let is_steady = strays as f64 <= STRAYS * self.sorted.len() as f64;
        is_steady.then_some(median)
    }
}
