//! Orientation by the gyroscope alone: rates integrated to turns, also where samples are missing.
//!
//! A sample counts as the mean rate since the one before it, which is what an integrating sensor gives; two such means
//! also tell how the axis of the turn has moved between them (coning; P. G. Savage, *Strapdown Inertial Navigation
//! Integration Algorithm Design, Part 1*, J. Guidance, Control and Dynamics 21(1), 1998). Where samples are missing, the
//! rate is drawn from one end of the gap to the other.

use crate::persist::Persist;
use nalgebra::{UnitQuaternion, Vector3};

use super::{cadence::Interval, renormalise, rotation};

/// Slopes at the ends of a longer gap say nothing about its middle, s: a hand turns to and fro twice a second.
const MAX_SLOPE_GAP_S: f64 = 0.25;
/// How far the slopes at the ends bend the rate between them: halfway between a straight line and the full cubic, since
/// what a hand begins it seldom carries on.
const SLOPE_SHARE: f64 = 0.5;
/// What a hand does within a gap that its ends do not show: so much, rad/s, …
const UNSEEN_RADPS: f64 = 0.25;
/// … and this share of the rate at its ends. Both from gaps of 0.2 s in every other trial of BROAD; the remaining trials
/// show the same.
const UNSEEN_SHARE: f64 = 0.2;

/// Almost-inertial frame from device.
#[derive(Clone, Debug, Persist)]
pub(super) struct Strapdown {
    orientation: UnitQuaternion<f64>,
    /// Mean rate since the sample before the last one, rad/s; how much it had changed since that, over how many s.
    rate: Vector3<f64>,
    change: (Vector3<f64>, f64),
    /// A gap that has just been bridged: the next sample tells the slope at its end.
    bridged: Option<Bridge>,
}

#[derive(Clone, Copy, Debug, Persist)]
struct Bridge {
    before: UnitQuaternion<f64>,
    missing_s: f64,
    angle: Vector3<f64>,
    /// The turn of the sample that ended it.
    own: Vector3<f64>,
}

impl Strapdown {
    pub(super) fn new() -> Self {
        Self {
            orientation: UnitQuaternion::identity(),
            rate: Vector3::zeros(),
            change: (Vector3::zeros(), 0.0),
            bridged: None,
        }
    }

    pub(super) fn orientation(&self) -> UnitQuaternion<f64> {
        self.orientation
    }

    /// Mean rate since the sample before the last one, rad/s.
    pub(super) fn rate(&self) -> Vector3<f64> {
        self.rate
    }

    /// Goes on with `rate`, rad/s, after a time that nothing is known about.
    pub(super) fn resume(&mut self, rate: Vector3<f64>) {
        self.rate = rate;
        self.change = (Vector3::zeros(), 0.0);
        self.bridged = None;
    }

    /// Turns by `rate`, rad/s, over the interval before it. Returns what a gap leaves in doubt, rad.
    pub(super) fn step(&mut self, rate: Vector3<f64>, interval: &Interval) -> Option<f64> {
        let change = (rate - self.rate, interval.since_s);
        if let Some(bridge) = self.bridged.take().filter(|_| !interval.is_gap()) {
            self.mend(&bridge, &change);
        }
        let own_s = interval.own_s;
        let mut own = rate * own_s + coning(&self.rate, &rate, own_s);
        let missing_s = interval.since_s - own_s;
        let doubt = if interval.is_gap() {
            Some(self.bridge(&rate, missing_s, own))
        } else {
            // Too short for the order of turns to matter.
            own += (self.rate + rate) * (0.5 * missing_s);
            None
        };
        self.orientation *= rotation(own);
        renormalise(&mut self.orientation);
        self.rate = rate;
        self.change = change;
        doubt
    }

    /// Turns over `missing_s` before the sample `rate`, whose own turn is `own`. Returns what that leaves in doubt, rad.
    fn bridge(&mut self, rate: &Vector3<f64>, missing_s: f64, own: Vector3<f64>) -> f64 {
        let mut angle = (self.rate + rate) * (0.5 * missing_s) + coning(&self.rate, rate, missing_s);
        if missing_s < MAX_SLOPE_GAP_S {
            angle += bend(&self.change, missing_s);
            self.bridged = Some(Bridge { before: self.orientation, missing_s, angle, own });
        }
        self.orientation *= rotation(angle);
        let seen_radps = 0.5 * (rate.norm() + self.rate.norm());
        libm::hypot(UNSEEN_RADPS, UNSEEN_SHARE * seen_radps) * missing_s
    }

    /// The sample after a gap tells the slope at its end.
    fn mend(&mut self, bridge: &Bridge, change: &(Vector3<f64>, f64)) {
        let angle = bridge.angle - bend(change, bridge.missing_s);
        self.orientation = bridge.before * rotation(angle) * rotation(bridge.own);
    }
}

/// What the turn of the axis adds to a turn over `dt` s in which the rate goes from `before` to `after`, rad.
fn coning(before: &Vector3<f64>, after: &Vector3<f64>, dt: f64) -> Vector3<f64> {
    before.cross(after) * (dt * dt / 12.0)
}

/// What a slope at one end of a gap (a change of the rate over so many seconds) adds to the turn over it, rad; taken off
/// at the other end.
fn bend((change, over_s): &(Vector3<f64>, f64), missing_s: f64) -> Vector3<f64> {
    if *over_s > 0.0 { change * (SLOPE_SHARE * missing_s * missing_s / (12.0 * over_s)) } else { Vector3::zeros() }
}

#[cfg(test)]
mod tests {
    use super::super::cadence::Cadence;
    use super::*;

    const INTERVAL_S: f64 = 0.02;

    /// Error after `count` samples, rad, of a turn about one axis at a rate of `sin(omega · t)`; `lost` are missing.
    fn error_of_swing(omega: f64, count: u32, lost: core::ops::Range<u32>) -> f64 {
        let angle = |t: f64| (1.0 - libm::cos(omega * t)) / omega;
        let (mut strapdown, mut cadence) = (Strapdown::new(), Cadence::new());
        let mut last = 0;
        for i in (1..=count).filter(|i| !lost.contains(i)) {
            let t = INTERVAL_S * f64::from(i);
            let mean = (angle(t) - angle(t - INTERVAL_S)) / INTERVAL_S;
            strapdown.step(Vector3::x() * mean, &cadence.interval(INTERVAL_S * f64::from(i - last)));
            last = i;
        }
        (strapdown.orientation().scaled_axis().x - angle(INTERVAL_S * f64::from(count))).abs()
    }

    #[test]
    fn means_are_exact_about_one_axis_and_a_gap_is_bridged_from_both_ends() {
        assert!(error_of_swing(6.0, 60, 0..0) < 1e-9);
        let error = error_of_swing(6.0, 60, 20..30);
        // Held from its end, the rate would leave 0.11 rad.
        assert!(error < 0.01, "{error}");
        // A steady change needs no guess.
        assert!(error_of_swing(0.1, 60, 20..30) < 1e-4);
    }

    #[test]
    fn a_gap_leaves_doubt_and_uneven_samples_do_not() {
        let (mut strapdown, mut cadence) = (Strapdown::new(), Cadence::new());
        strapdown.step(Vector3::x(), &cadence.interval(0.01));
        for dt in [0.01, 0.013, 0.007, 0.012, 0.009] {
            assert_eq!(strapdown.step(Vector3::y(), &cadence.interval(dt)), None);
        }
        let doubt = strapdown.step(Vector3::x(), &cadence.interval(0.2)).unwrap();
        assert!((0.05..0.1).contains(&doubt), "{doubt}");
        assert_eq!(strapdown.step(Vector3::x(), &cadence.interval(0.01)), None);
    }

    #[test]
    fn a_cone_is_followed_by_means() {
        // The device's z axis runs round a cone of half angle 0.1, twice a second; its rate turns with it.
        let (half, omega) = (0.1_f64, 12.0_f64);
        let truth = |t: f64| {
            let axis = Vector3::new(libm::cos(omega * t), libm::sin(omega * t), 0.0);
            rotation(axis * half)
        };
        let (mut strapdown, mut cadence) = (Strapdown::new(), Cadence::new());
        for i in 1..=1000 {
            let mut turn = Vector3::zeros();
            for k in 0..20 {
                let from = INTERVAL_S * (f64::from(i - 1) + f64::from(k) / 20.0);
                turn += (truth(from).inverse() * truth(from + INTERVAL_S / 20.0)).scaled_axis();
            }
            strapdown.step(turn / INTERVAL_S, &cadence.interval(INTERVAL_S));
        }
        let off = truth(0.0).inverse() * truth(1000.0 * INTERVAL_S);
        let error = (off.inverse() * strapdown.orientation()).angle();
        assert!(error < 0.002, "{error}");
    }
}
