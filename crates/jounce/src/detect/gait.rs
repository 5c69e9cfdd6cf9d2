//! The rhythm of steps or pedals: somebody carries the phone by their own strength.
//!
//! A body goes up and down with each step, evenly, 1.4 to 3 times a second, by 1 to 5 m/s² (root mean square; N. Zhao,
//! *Full-featured pedometer design realized with 3-axis digital accelerometer*, Analog Dialogue 44-06, 2010, gives the
//! frequencies); pedals are slower, down to one turn a second. A car on a rough road goes up and down as much, but not evenly.

use alloc::collections::VecDeque;

use crate::{grid::STEP_S, persist::Persist};

/// Steps looked at: 5 s.
const WINDOW: usize = 50;
/// Looked at this often, in steps.
const EVERY: u32 = 10;
/// Shifts at which it would repeat, in steps of 0.1 s: 3.3 times to once a second.
const SHIFTS: core::ops::RangeInclusive<usize> = 3..=10;
/// Softer than this nobody walks, m/s² (root mean square).
const MIN_RMS_MPS2: f64 = 1.0;
/// Correlation of the window with itself, shifted, from which on it is a rhythm.
const MIN_CORRELATION: f64 = 0.5;

/// How somebody goes.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub(crate) struct Rhythm {
    /// From one step, or turn of the pedals, to the next, s.
    pub(crate) period_s: f64,
}

/// Watches the vertical acceleration.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Gait {
    recent: VecDeque<f64>,
    since: u32,
    rhythm: Option<Rhythm>,
}

impl Gait {
    pub(crate) fn new() -> Self {
        Self { recent: VecDeque::with_capacity(WINDOW), since: 0, rhythm: None }
    }

    /// The mean vertical acceleration over another 0.1 s, m/s². Returns the rhythm that there is.
    pub(crate) fn step(&mut self, up_mps2: f64) -> Option<Rhythm> {
        if self.recent.len() == WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back(up_mps2);
        self.since += 1;
        if self.since >= EVERY && self.recent.len() == WINDOW {
            self.since = 0;
            self.rhythm = self.look();
        }
        self.rhythm
    }

    fn look(&self) -> Option<Rhythm> {
        #[expect(clippy::cast_precision_loss, reason = "fifty")]
        let count = WINDOW as f64;
        let mean = self.recent.iter().sum::<f64>() / count;
        let power = self.recent.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        if power < MIN_RMS_MPS2 * MIN_RMS_MPS2 * count {
            return None;
        }
        let shifted = |shift: usize| {
            let pairs = self.recent.iter().zip(self.recent.iter().skip(shift));
            #[expect(clippy::cast_precision_loss, reason = "a few")]
            let share = count / (count - shift as f64);
            pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() * share / power
        };
        let (shift, correlation) = SHIFTS.map(|shift| (shift, shifted(shift))).max_by(|a, b| a.1.total_cmp(&b.1))?;
        #[expect(clippy::cast_precision_loss, reason = "a few")]
        let period_s = shift as f64 * STEP_S;
        (correlation >= MIN_CORRELATION).then_some(Rhythm { period_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Noise;

    fn is_on_foot(up: impl Fn(f64) -> f64) -> bool {
        let mut gait = Gait::new();
        (0..200).map(|i| gait.step(up(f64::from(i) * 0.1))).last().unwrap().is_some()
    }

    #[test]
    fn steps_are_even_and_hard() {
        for hz in [1.1, 1.5, 1.8, 2.1, 2.6, 3.0] {
            let step = |size: f64| move |t: f64| size * libm::sin(core::f64::consts::TAU * hz * t);
            assert!(is_on_foot(step(2.5)), "{hz}");
            assert!(!is_on_foot(step(0.8)), "{hz}: too soft");
        }
    }

    #[test]
    fn a_rough_road_and_a_slow_swell_are_not() {
        let mut noise = Noise(7);
        let rough: std::vec::Vec<f64> = (0..200).map(|_| 2.5 * noise.bell()).collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let at = |t: f64| rough[libm::round(t * 10.0) as usize];
        assert!(!is_on_foot(at));
        assert!(!is_on_foot(|_| 0.0));
    }
}
