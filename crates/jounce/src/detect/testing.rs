//! A vehicle's motion for the tests of the detectors.

use std::vec::Vec;

use super::{Decision, Detector, Judge, Observation, Outbox, recent::Recent};
use crate::{
    event::{Dismissal, Event, Position},
    grid::STEP_S,
    motion::Motion,
    testing::at,
    time::Timestamp,
};

/// A drive, put together piece by piece, with everything known and no noise.
pub(super) struct DriveLine {
    begin: Timestamp,
    speed: f64,
    motions: Vec<Motion>,
}

impl DriveLine {
    pub(super) const PLACE: Position = Position { lat_deg: 48.0, lon_deg: 11.0 };

    pub(super) fn new(speed: f64) -> Self {
        Self { begin: at(0.0), speed, motions: Vec::new() }
    }

    /// Begins at `begin` instead.
    pub(super) fn from(self, begin: Timestamp) -> Self {
        Self { begin, ..self }
    }

    /// Goes on at the same speed.
    pub(super) fn steady(self, seconds: f64) -> Self {
        self.accelerate(0.0, seconds)
    }

    /// Goes on with a forward acceleration, m/s²; a vehicle does not go backwards.
    pub(super) fn accelerate(self, accel: f64, seconds: f64) -> Self {
        self.go(accel, 0.0, seconds)
    }

    /// Goes on through a bend, rad/s, positive to the left.
    pub(super) fn bend(self, yaw_rate: f64, seconds: f64) -> Self {
        self.go(0.0, yaw_rate, seconds)
    }

    fn go(mut self, accel: f64, yaw_rate: f64, seconds: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few minutes")]
        let steps = libm::round(seconds / STEP_S) as u64;
        for _ in 0..steps {
            let before = self.speed;
            self.speed = (before + accel * STEP_S).max(0.0);
            self.motions.push(self.motion((self.speed - before) / STEP_S, yaw_rate));
        }
        self
    }

    fn motion(&self, accel: f64, yaw_rate: f64) -> Motion {
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let t = self.begin.plus_s(self.motions.len() as f64 * STEP_S);
        Motion {
            t,
            speed_mps: Some(self.speed),
            speed_sigma_mps: Some(0.2),
            estimated: false,
            accel_forward_mps2: Some(accel),
            accel_left_mps2: Some(self.speed * yaw_rate),
            accel_up_mps2: Some(0.0),
            yaw_rate_radps: Some(yaw_rate),
            mount_sigma_rad: Some(0.03),
            vehicle_from_device: None,
            gnss_delay_s: Some(0.3),
            position: Some(Self::PLACE),
            gnss_speed_mps: Some(self.speed),
            displacement_speed_mps: Some(self.speed),
            displacement_sigma_mps: Some(0.5),
            inertial: true,
            accelerometer: true,
            kept_s: None,
            phone_moving: false,
        }
    }

    /// GNSS tells this of the true speed.
    pub(super) fn seen_by_gnss(mut self, seen: impl Fn(f64) -> Option<f64>) -> Self {
        self.each(|m| m.gnss_speed_mps = m.speed_mps.and_then(&seen));
        self
    }

    /// Changes every moment.
    pub(super) fn each(&mut self, change: impl FnMut(&mut Motion)) {
        self.motions.iter_mut().for_each(change);
    }

    pub(super) fn motions(&self) -> &[Motion] {
        &self.motions
    }

    /// Shows all of it, and the end, to a detector.
    pub(super) fn feed(&self, detector: &mut impl Detector, out: &mut Outbox) {
        for m in &self.motions {
            detector.observe(&Observation::Motion(m), out);
        }
        if let Some(last) = self.motions.last() {
            detector.observe(&Observation::End(last.t), out);
        }
    }
}

/// Everything decided since the last call: events, and what was dismissed.
pub(super) fn decided(out: &mut Outbox) -> (Vec<Event>, Vec<Dismissal>) {
    let (mut events, mut dismissals) = (Vec::new(), Vec::new());
    for decision in out.drain() {
        match decision {
            Decision::Event(event) => events.push(event),
            Decision::Dismissal(dismissal) => dismissals.push(dismissal),
        }
    }
    (events, dismissals)
}

/// A judge with the motion before it.
pub(super) struct Alone<J>(J, Recent);

impl<J: Judge> Alone<J> {
    pub(super) fn new(judge: J) -> Self {
        Self(judge, Recent::new())
    }
}

impl<J: Judge> Detector for Alone<J> {
    fn observe(&mut self, seen: &Observation<'_>, out: &mut Outbox) {
        if let Observation::Motion(m) = seen {
            self.1.push(m);
        }
        self.0.observe(seen, &self.1, out);
        if let Observation::Gap { .. } = seen {
            self.1.clear();
        }
    }
}
