//! Motion from before the mount was known, when it never became known in time.
//!
//! Of the horizontal acceleration only the size is known then. In a bend that is enough: most of it is to the side to which
//! the vehicle turns, so cornering and swerves are judged as ever, with less confidence. On a straight road braking cannot be
//! told from acceleration: where the size reached the threshold for long enough, the candidate is dismissed with the
//! reason, so that nothing is passed over in silence.

use alloc::vec::Vec;

use nalgebra::Vector3;

use super::{
    Judge, Observation, Outbox,
    cornering::Cornering,
    episode::{Episode, EpisodeRule, Found},
    gait::Gait,
    recent::Recent,
    swerve::Swerve,
};
use crate::{
    config::ValidConfig,
    event::{Dismissal, EventKind, Reason},
    grid::Step,
    motion::Motion,
    persist::Persist,
    time::Timestamp,
};

/// Slower turns do not say to which side the acceleration is, rad/s.
const MIN_TURN_RADPS: f64 = 0.06;
/// The speed of a fix holds for this long, s.
const HELD_S: f64 = 3.0;

/// Watches the horizontal acceleration.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Unaligned {
    size: Episode,
    cornering: Cornering,
    swerve: Swerve,
    recent: Recent,
    gait: Gait,
    /// What the last fix said.
    speed: Option<(Timestamp, f64)>,
}

impl Unaligned {
    pub(crate) fn new(config: &ValidConfig) -> Self {
        let (c, tuning) = (config.get(), config.tuning());
        let braking = tuning.harsh(&c.braking);
        Self {
            size: Episode::new(EpisodeRule {
                enter: braking.threshold_mps2,
                leave: braking.threshold_mps2 * braking.release,
                hold_s: braking.hold_s,
                merge_gap_s: braking.merge_gap_s,
            }),
            cornering: Cornering::new(tuning.cornering(&c.cornering), c.profile),
            swerve: Swerve::new(tuning.swerve(&c.swerve), c.profile),
            recent: Recent::new(),
            gait: Gait::new(),
            speed: None,
        }
    }

    /// One step that is given up; `speed_mps` where a fix fell into it.
    pub(crate) fn step(&mut self, step: &Step, speed_mps: Option<f64>, out: &mut Outbox) {
        let on_foot = step.accel.and_then(|a| self.gait.step(a.dot(&step.up))).is_some();
        let size_mps2 = step.accel.map(|a: Vector3<f64>| (a - step.up * a.dot(&step.up)).norm());
        if let Some(found) = self.size.step(step.t, size_mps2) {
            self.dismiss(&found, out);
        }
        let yaw_rate_radps = step.rate.map(|rate| rate.dot(&step.up));
        let to_the_side =
            |(size, rate): (f64, f64)| if rate.abs() >= MIN_TURN_RADPS { size * rate.signum() } else { 0.0 };
        if let Some(mps) = speed_mps {
            self.speed = Some((step.t, mps));
        }
        let motion = Motion {
            speed_mps: self.speed.filter(|(t, _)| step.t.s_since(*t) <= HELD_S).map(|(_, mps)| mps),
            accel_left_mps2: size_mps2.zip(yaw_rate_radps).map(to_the_side).filter(|_| !on_foot),
            yaw_rate_radps,
            inertial: true,
            accelerometer: true,
            ..Motion::unknown(step.t)
        };
        self.recent.push(&motion);
        self.each(&Observation::Motion(&motion), out);
    }

    /// The stretch is over.
    pub(crate) fn finish(&mut self, out: &mut Outbox) {
        while let Some(found) = self.size.finish() {
            self.dismiss(&found, out);
        }
        if let Some(last) = self.recent.newest() {
            self.each(&Observation::End(last), out);
        }
        self.recent.clear();
    }

    fn each(&mut self, seen: &Observation<'_>, out: &mut Outbox) {
        self.cornering.observe(seen, &self.recent, out);
        self.swerve.observe(seen, &self.recent, out);
    }

    fn dismiss(&self, found: &Found, out: &mut Outbox) {
        let Found::Held(span) = found else { return };
        let turned_rad = self.recent.integral(span.start, span.end, |m| m.yaw_rate_radps);
        if turned_rad.abs() > MIN_TURN_RADPS * span.duration_s() {
            return; // a bend, or a change of lane: judged as such
        }
        out.dismiss(Dismissal {
            kind: EventKind::HardBraking,
            start: span.start,
            end: span.end,
            peak_mps2: Some(-span.peak),
            reasons: Vec::from([Reason::MountUncertain { sigma_rad: None }]),
        });
    }
}

#[cfg(test)]
mod tests;
