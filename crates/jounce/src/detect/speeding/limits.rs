//! Which limit holds now.

use crate::{
    config::{MPS_PER_KMH, SpeedingConfig},
    event::LimitSource,
    persist::Persist,
    sample::{LimitSample, PostedLimit},
    time::Timestamp,
};

/// The international mile is 1609.344 m.
const MPS_PER_MPH: f64 = 0.447_04;
/// Tolerance when none is configured (Zendrive: 5 mph), km/h.
const DEFAULT_TOLERANCE_KMH: f64 = 8.0;

/// A limit to judge by.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub(super) struct Limit {
    /// Without tolerance, m/s.
    pub(super) mps: f64,
    /// With tolerance, m/s.
    pub(super) threshold_mps: f64,
    pub(super) source: LimitSource,
}

impl Limit {
    /// Whether it allows the same, whoever says so.
    pub(super) fn equals(&self, other: &Self) -> bool {
        self.mps.total_cmp(&other.mps).is_eq()
    }
}

/// Knows the limits, and lets the driver have a moment when one comes down.
#[derive(Debug, Persist)]
pub(super) struct Limits {
    tolerance_mps: f64,
    grace_s: f64,
    fixed: Option<Limit>,
    /// What holds, or will once `grace_until` is past.
    current: Option<Limit>,
    /// What holds until `grace_until`: the higher limit before, or nothing where none was known.
    before: Option<Limit>,
    grace_until: Option<Timestamp>,
    /// The last one known: one that comes back after a moment of not knowing is no change.
    last_known: Option<Limit>,
    changed: Option<Timestamp>,
}

impl Limits {
    pub(super) fn new(config: &SpeedingConfig) -> Self {
        let (kmh, mph) = (|v: f64| v * MPS_PER_KMH, |v: f64| v * MPS_PER_MPH);
        let tolerance_mps = config.tolerance_kmh.map(kmh).or(config.tolerance_mph.map(mph));
        let mut limits = Self {
            tolerance_mps: tolerance_mps.unwrap_or(kmh(DEFAULT_TOLERANCE_KMH)),
            grace_s: config.grace_s,
            fixed: None,
            current: None,
            before: None,
            grace_until: None,
            last_known: None,
            changed: None,
        };
        let fixed_mps = config.fixed_limit_kmh.map(kmh).or(config.fixed_limit_mph.map(mph));
        limits.fixed = fixed_mps.map(|mps| limits.limit(mps, LimitSource::Fixed));
        limits.forget();
        limits
    }

    /// Back to the fixed limit, if there is one.
    pub(super) fn forget(&mut self) {
        (self.current, self.last_known) = (self.fixed, self.fixed);
        (self.before, self.grace_until, self.changed) = (None, None, None);
    }

    fn limit(&self, mps: f64, source: LimitSource) -> Limit {
        Limit { mps, threshold_mps: mps + self.tolerance_mps, source }
    }

    /// Takes a recorded row, which overrides the fixed limit from here on.
    pub(super) fn post(&mut self, row: &LimitSample) {
        let next = match row.limit {
            PostedLimit::Limit(mps) if mps.is_finite() && mps >= 0.0 => Some(self.limit(mps, LimitSource::Recorded)),
            _ => None,
        };
        let is_known_already = self.last_known.zip(next).is_some_and(|(old, new)| old.equals(&new));
        if next == self.current && !matches!(row.limit, PostedLimit::NoLimit) {
            return;
        }
        if is_known_already && self.grace_until.is_none_or(|until| until <= row.t) {
            // The same again, recorded after fixed or after a moment of not knowing: no change for the driver.
            (self.current, self.grace_until) = (next, None);
        } else {
            let held = self.at(row.t);
            let comes_down = next.is_some_and(|new| held.is_none_or(|old| new.threshold_mps < old.threshold_mps));
            self.before = held;
            self.grace_until = comes_down.then(|| row.t.plus_s(self.grace_s));
            self.current = next;
            self.changed = Some(row.t);
        }
        self.last_known = match row.limit {
            PostedLimit::NoLimit => None,
            _ => next.or(self.last_known),
        };
    }

    /// The limit to judge by at `t`, if there is one.
    pub(super) fn at(&self, t: Timestamp) -> Option<Limit> {
        if self.grace_until.is_some_and(|until| t < until) { self.before } else { self.current }
    }

    /// The last change of the limit, when it bears on a stretch from `start` to `end`.
    pub(super) fn changed_near(&self, start: Timestamp, end: Timestamp) -> Option<Timestamp> {
        let near = start.plus_s(-2.0 * self.grace_s)..=end.plus_s(2.0 * self.grace_s);
        self.changed.filter(|at| near.contains(at))
    }
}
