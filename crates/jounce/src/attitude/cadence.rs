//! How often a sensor speaks, and when it misses something.

use crate::{persist::Persist, time::Timestamp};

/// How quickly the usual interval follows, a sample.
const SHARE: f64 = 0.05;
/// A pause of this many usual intervals is a gap.
const GAP_INTERVALS: f64 = 2.0;
/// Longest interval that is bridged, s; after a longer one nothing is known.
const MAX_STEP_S: f64 = 1.0;

/// The times of one sensor's samples.
#[derive(Clone, Debug, Persist)]
pub(super) struct Cadence {
    last: Option<Timestamp>,
    usual_s: f64,
}

/// The time between two samples.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    /// Since the sample before, s: more than 0.
    pub(super) since_s: f64,
    /// What the later sample speaks of, s: not the time before it in which others are missing, if that is long.
    pub(super) own_s: f64,
    is_gap: bool,
}

impl Cadence {
    pub(super) fn new() -> Self {
        Self { last: None, usual_s: f64::MAX }
    }

    /// Begins anew with the next sample.
    pub(super) fn restart(&mut self) {
        self.last = None;
    }

    /// A sample: how long after the one before it. None at the first one, and after too long a pause.
    pub(super) fn step(&mut self, t: Timestamp) -> Option<Interval> {
        let since_s = self.last.replace(t).map_or(0.0, |last| t.s_since(last));
        (since_s > 0.0 && since_s <= MAX_STEP_S).then(|| self.interval(since_s))
    }

    /// The usual interval between samples, s; the largest number before the second one.
    pub(super) fn usual_s(&self) -> f64 {
        self.usual_s
    }

    /// A sample `since_s` > 0 after the one before it, s.
    pub(super) fn interval(&mut self, since_s: f64) -> Interval {
        let own_s = self.usual_s.min(since_s);
        if self.usual_s < f64::MAX {
            self.usual_s += (since_s.min(GAP_INTERVALS * self.usual_s) - self.usual_s) * SHARE;
        } else {
            self.usual_s = since_s;
        }
        Interval { since_s, own_s, is_gap: since_s > GAP_INTERVALS * self.usual_s }
    }
}

impl Interval {
    /// Samples are missing between the two.
    pub(super) fn is_gap(&self) -> bool {
        self.is_gap
    }

    /// What the later sample counts for in a mean over time, s.
    pub(super) fn weight_s(&self) -> f64 {
        if self.is_gap { self.own_s } else { self.since_s }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: f64) -> Timestamp {
        Timestamp::default().plus_s(s)
    }

    #[test]
    fn a_gap_is_told_from_uneven_samples() {
        let mut cadence = Cadence::new();
        assert!(cadence.step(at(0.0)).is_none());
        let mut t = 0.0;
        for dt in [0.01, 0.013, 0.007, 0.012, 0.009] {
            t += dt;
            let interval = cadence.step(at(t)).unwrap();
            assert!(!interval.is_gap());
            assert!((interval.weight_s() - dt).abs() < 1e-9);
        }
        let interval = cadence.step(at(t + 0.2)).unwrap();
        assert!(interval.is_gap());
        assert!((interval.since_s - 0.2).abs() < 1e-9);
        assert!(interval.weight_s() < 0.011, "{interval:?}");
    }

    #[test]
    fn the_first_one_and_one_after_a_long_pause_or_back_in_time_have_no_interval() {
        let mut cadence = Cadence::new();
        assert!(cadence.step(at(5.0)).is_none());
        assert!(cadence.step(at(5.0)).is_none());
        assert!(cadence.step(at(4.9)).is_none());
        assert!(cadence.step(at(6.0)).is_none());
        cadence.restart();
        assert!(cadence.step(at(6.01)).is_none());
    }
}
