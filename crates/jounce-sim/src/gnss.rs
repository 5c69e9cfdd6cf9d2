//! A satellite receiver as a phone shows it: late, smoothed, with slow errors, outages and outright lies.

use jounce::{
    sample::{GnssFix, Sample},
    time::Timestamp,
};
use nalgebra::Vector3;

use crate::{
    math::{GaussMarkov, Noise, lat_lon_deg, quantise},
    scenario::{Gnss, Start},
    sensors::Delivery,
    vehicle::Kinematics,
};

/// An error of the first fix after an outage dies with this time constant, s.
const REACQUISITION_TAU_S: f64 = 2.5;
/// First fix this long after the sky is open again, s.
const REACQUISITION_S: f64 = 1.5;
/// Correlated part of the speed error: time constant, s.
const SPEED_TAU_S: f64 = 3.0;
/// Vertical errors are larger by this factor.
const VERTICAL_FACTOR: f64 = 1.8;
/// Slower than this a receiver keeps its course, m/s.
const COURSE_FROM_MPS: f64 = 0.5;
/// Crosswise speed error that makes the course noisy when slow, m/s.
const COURSE_CROSS_MPS: f64 = 0.12;
/// A fix from the network: error and claimed accuracy, m.
const COARSE_ERROR_M: f64 = 900.0;
const COARSE_HACC_M: f64 = 1400.0;
/// Spikes seen in the field reach from one and a half to five times the speed.
const SPIKE_FACTOR: (f64, f64) = (1.5, 5.0);

/// The truth a later fix describes.
#[derive(Clone, Copy, Debug)]
struct Pending {
    stamp_s: f64,
    position: Vector3<f64>,
    velocity: Vector3<f64>,
    true_speed_mps: f64,
}

/// The receiver.
#[derive(Clone, Debug)]
pub(crate) struct GnssModel {
    spec: Gnss,
    start: Start,
    noise: Noise,
    next_s: f64,
    /// Receiver's smoothed velocity.
    velocity: Option<Vector3<f64>>,
    drift: [GaussMarkov; 3],
    speed_error: GaussMarkov,
    jump: Vector3<f64>,
    course_deg: Option<f64>,
    blind_until_s: f64,
    was_blind: bool,
}

impl GnssModel {
    pub(crate) fn new(spec: &Gnss, start: &Start, mut noise: Noise) -> Self {
        let drift = [0.0; 3].map(|_| GaussMarkov::new(spec.position_sigma_m, spec.position_tau_s, &mut noise));
        let half = spec.speed_sigma_mps * core::f64::consts::FRAC_1_SQRT_2;
        let speed_error = GaussMarkov::new(half, SPEED_TAU_S, &mut noise);
        Self {
            spec: spec.clone(),
            start: start.clone(),
            noise,
            next_s: 0.0,
            velocity: None,
            drift,
            speed_error,
            jump: Vector3::zeros(),
            course_deg: None,
            blind_until_s: 0.0,
            was_blind: false,
        }
    }

    /// How long before its stamp a fix's speed was true, s: delay and smoothing together.
    pub(crate) fn delay_s(spec: &Gnss) -> f64 {
        spec.delay_s + spec.smoothing_s
    }

    /// Takes the truth; `sky` tells whether satellites are in view.
    pub(crate) fn observe(&mut self, now: &Kinematics, dt_s: f64, sky: bool, recording: bool, out: &mut Vec<Delivery>) {
        let smoothed = self.velocity.get_or_insert(now.velocity);
        if self.spec.smoothing_s > 0.0 {
            *smoothed += (now.velocity - *smoothed) * (1.0 - libm::exp(-dt_s / self.spec.smoothing_s));
        } else {
            *smoothed = now.velocity;
        }
        let velocity = *smoothed;
        if !sky {
            self.blind_until_s = now.t_s + REACQUISITION_S;
        }
        // The fix stamped `next_s` describes the moment `delay_s` before.
        while now.t_s >= self.next_s - self.spec.delay_s {
            let pending = Pending {
                stamp_s: self.next_s,
                position: now.position,
                velocity,
                true_speed_mps: libm::hypot(velocity.x, velocity.y),
            };
            self.next_s += 1.0 / self.spec.rate_hz;
            let fix = self.fix(&pending);
            let blind = now.t_s < self.blind_until_s && self.blind_until_s > REACQUISITION_S;
            if blind {
                self.was_blind = true;
            } else if recording {
                let arrival_s = pending.stamp_s + self.spec.arrival_s;
                out.push(Delivery { arrival_s, sample: Sample::Gnss(self.finish(fix)) });
            }
        }
    }

    /// The fix as the receiver computes it.
    fn fix(&mut self, pending: &Pending) -> GnssFix {
        let interval = 1.0 / self.spec.rate_hz;
        let mut error = Vector3::zeros();
        for (axis, drift) in self.drift.iter_mut().enumerate() {
            error[axis] = drift.step(interval, &mut self.noise);
        }
        error += self.noise.normal3() * self.spec.position_white_m + self.jump;
        error.z *= VERTICAL_FACTOR;
        self.jump *= libm::exp(-interval / REACQUISITION_TAU_S);
        let seen = pending.position + error;
        let (lat, lon) = lat_lon_deg((self.start.lat_deg, self.start.lon_deg), seen.x, seen.y);

        let white = self.spec.speed_sigma_mps * core::f64::consts::FRAC_1_SQRT_2 * self.noise.normal();
        let speed = (pending.true_speed_mps + self.speed_error.step(interval, &mut self.noise) + white).max(0.0);
        self.course(pending);
        let hacc =
            self.spec.position_sigma_m.max(1.0) * 1.5 * (1.0 + 0.15 * self.noise.normal()).max(0.5) + self.jump.norm();
        GnssFix {
            t: Timestamp::from_ns(self.start.t_ns).plus_s(pending.stamp_s),
            lat_deg: Some(quantise(lat, 1e-7)),
            lon_deg: Some(quantise(lon, 1e-7)),
            alt_m: Some(quantise(seen.z, 0.1)),
            speed_mps: Some(quantise(speed, 0.01)),
            course_deg: self.course_deg,
            hacc_m: Some(quantise(hacc, 0.1)),
            sacc_mps: Some(quantise(self.spec.speed_sigma_mps * 2.0 + 0.1, 0.01)),
        }
    }

    fn course(&mut self, pending: &Pending) {
        if pending.true_speed_mps < COURSE_FROM_MPS {
            return;
        }
        let spread = libm::atan2(COURSE_CROSS_MPS.min(self.spec.speed_sigma_mps), pending.true_speed_mps);
        let angle = libm::atan2(pending.velocity.x, pending.velocity.y) + spread * self.noise.normal();
        let degrees = quantise(angle.to_degrees(), 0.1);
        self.course_deg = Some(if degrees < 0.0 { degrees + 360.0 } else { degrees });
    }

    /// What else may go wrong on the way to the host.
    fn finish(&mut self, mut fix: GnssFix) -> GnssFix {
        let unknown = self.spec.minus_one.then_some(-1.0);
        let [speedless, spike, coarse] =
            [self.spec.speedless, self.spec.spike, self.spec.coarse].map(|p| self.noise.chance(p));
        if core::mem::take(&mut self.was_blind) {
            let angle = self.noise.between(0.0, core::f64::consts::TAU);
            let size = self.spec.reacquisition_m;
            self.jump = Vector3::new(libm::cos(angle), libm::sin(angle), 0.0) * size;
            Self::shift(&mut fix, self.jump);
            fix.hacc_m = fix.hacc_m.map(|hacc| quantise(hacc + size, 0.1));
            (fix.speed_mps, fix.course_deg) = (unknown, unknown);
        }
        if speedless || fix.course_deg.is_none() {
            fix.course_deg = unknown;
        }
        if speedless {
            fix.speed_mps = unknown;
        } else if spike {
            let factor = self.noise.between(SPIKE_FACTOR.0, SPIKE_FACTOR.1);
            fix.speed_mps = fix.speed_mps.map(|speed| quantise(speed * factor + 5.0, 0.01));
        }
        if coarse {
            let error = self.noise.normal3() * COARSE_ERROR_M;
            Self::shift(&mut fix, error);
            fix.hacc_m = Some(COARSE_HACC_M);
            (fix.speed_mps, fix.course_deg, fix.sacc_mps) = (unknown, unknown, unknown);
        }
        fix
    }

    fn shift(fix: &mut GnssFix, by_m: Vector3<f64>) {
        let (Some(lat), Some(lon)) = (fix.lat_deg, fix.lon_deg) else { return };
        let (lat, lon) = lat_lon_deg((lat, lon), by_m.x, by_m.y);
        fix.lat_deg = Some(quantise(lat, 1e-7));
        fix.lon_deg = Some(quantise(lon, 1e-7));
    }
}
