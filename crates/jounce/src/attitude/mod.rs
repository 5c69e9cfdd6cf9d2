//! Which way is up, how fast the phone really turns, and where north is.
//!
//! In: angular rate, specific force and magnetic field in the device frame, in time order, each at its own uneven
//! rate. Out: [`Attitude::level_from_device`] (z up, heading arbitrary but steady; six axes) and
//! [`Attitude::earth_from_device`] (ENU, nine axes). No delay; a few hundred bytes.
//!
//! The method is VQF (D. Laidig, T. Seel, *VQF: Highly accurate IMU orientation estimation with bias estimation and
//! magnetic disturbance rejection*, Information Fusion 91, 2023): gyroscope strapdown; inclination from the specific
//! force low-passed in the almost-inertial frame; gyroscope bias by a Kalman filter, at rest and in motion; heading by
//! the compass. What differs:
//!
//! - Every filter takes the actual time step, since phones sample unevenly; the strapdown bridges gaps (`strapdown`).
//! - The gyroscope's sensitivity, scale and skewed axes, is estimated with its bias (`errors`).
//! - The compass is weighed by how far the field is from Earth's (`heading`).
//! - The orientation told is that of now, while the last rate is as old as the gyroscope's low pass makes it.
//! - Corrections run ten times a second; a sample itself is only rotated and summed.
//! - What a vehicle's speed and yaw rate explain ([`Aid`]) is taken off the specific force first: a car brakes and turns
//!   for longer than the filter's time constant, which would otherwise read it as tilt.

mod cadence;
mod errors;
mod heading;
mod low_pass;
mod rest;
mod strapdown;

#[cfg(test)]
mod tests;

use nalgebra::{Quaternion, Unit, UnitQuaternion, Vector3};

use crate::{config::AttitudeConfig, persist::Persist, time::Timestamp};
use cadence::Cadence;
use errors::{Errors, Felt};
use heading::Heading;
pub(crate) use heading::wrap;
use low_pass::LowPass;
use rest::RestDetector;
use strapdown::Strapdown;

/// Standard gravity, m/s² (ISO 80000-3).
pub const STANDARD_GRAVITY: f64 = 9.806_65;

/// Gravity is weighed this often, s.
const STEP_S: f64 = 0.1;
/// The rate that a gyroscope gives is this old, s: the delay of its low pass (data sheets: 1.9 ms at a bandwidth of
/// 188 Hz, 2.8 ms at 98 Hz, as phones set it).
const GYRO_DELAY_S: f64 = 0.002;
/// Below this a rotation is a short series, rad: what a phone turns between two samples, even in a hand.
const SMALL_ANGLE_RAD: f64 = 0.2;
/// A turn about any axis, as seen about one of three.
const ABOUT_ONE_AXIS: f64 = 0.577;
/// How fast a hand moves, m/s: the acceleration in a mean over T is this by T.
const HAND_MPS: f64 = 1.0;

/// What goes by between two samples, as a share of the change of the rate times the interval: a car pitches faster than
/// 10 Hz show.
const UNSEEN_SHARE: f64 = 0.25;

/// Random walk of the tilt when there is no gyroscope, rad/√s: hills, crests and suspension.
const UNMEASURED_WALK_RAD: f64 = 0.02;

/// What is known about the vehicle that the phone sits in.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub enum Aid {
    /// Nothing: the phone may be anywhere, in anybody's hand.
    Free,
    /// In a vehicle.
    Vehicle {
        /// Acceleration that speed and yaw rate explain, device frame, m/s².
        explained: Vector3<f64>,
        /// Standard deviation of the horizontal acceleration that they do not explain, m/s².
        doubt_mps2: f64,
        /// It stands.
        standing: bool,
    },
}

/// Orientation of the device.
#[derive(Clone, Debug, Persist)]
pub struct Attitude {
    config: AttitudeConfig,
    aid: Aid,
    was_in_vehicle: bool,
    /// Almost-inertial frame from device: the gyroscope alone.
    strapdown: Strapdown,
    /// Level frame from almost-inertial frame: the slow correction by gravity.
    inclination: UnitQuaternion<f64>,
    gravity: LowPass<3, 1>,
    errors: Errors,
    /// Specific force in the almost-inertial frame less what is explained, summed over the time since the last correction.
    felt: (Vector3<f64>, f64),
    /// … and the uncorrected rate, integrated over the same time.
    turned: (Vector3<f64>, f64),
    rest: RestDetector,
    heading: Heading,
    /// In a vehicle: variance of the angle that went by between samples since the last correction, rad².
    unseen: f64,
    gyro_times: Cadence,
    accel_times: Cadence,
    mag_times: Cadence,
}

impl Attitude {
    /// Level, with nothing known yet.
    pub fn new(config: &AttitudeConfig) -> Self {
        Self {
            aid: Aid::Free,
            was_in_vehicle: false,
            strapdown: Strapdown::new(),
            inclination: UnitQuaternion::identity(),
            gravity: LowPass::new(config.tau_accel_s),
            errors: Errors::new(config),
            felt: (Vector3::zeros(), 0.0),
            turned: (Vector3::zeros(), 0.0),
            rest: RestDetector::new(config),
            heading: Heading::new(config),
            unseen: 0.0,
            gyro_times: Cadence::new(),
            accel_times: Cadence::new(),
            mag_times: Cadence::new(),
            config: config.clone(),
        }
    }

    /// Says what is known about the vehicle, from the next sample on.
    pub fn set_aid(&mut self, aid: Aid) {
        self.aid = aid;
    }

    /// Angular rate, device frame, rad/s.
    pub fn gyro(&mut self, t: Timestamp, rate: Vector3<f64>) {
        let corrected = self.errors.corrected(&rate);
        let Some(interval) = self.gyro_times.step(t) else {
            self.strapdown.resume(corrected);
            return;
        };
        let dt = interval.since_s;
        let unseen = UNSEEN_SHARE * (corrected - self.strapdown.rate()).norm() * dt;
        self.unseen += unseen * unseen;
        if let Some(doubt) = self.strapdown.step(corrected, &interval) {
            self.heading.doubt(doubt * ABOUT_ONE_AXIS);
            let worth_s = HAND_MPS / (STANDARD_GRAVITY * doubt).max(1e-6);
            self.gravity.doubt(worth_s);
            self.errors.doubt(worth_s);
        }
        self.rest.gyro(rate, dt);
        self.turned.0 += rate * dt;
        self.turned.1 += dt;
    }

    /// Specific force, device frame, m/s².
    pub fn accel(&mut self, t: Timestamp, specific_force: Vector3<f64>) {
        let interval = self.accel_times.step(t);
        if specific_force.norm_squared() < 1.0 {
            return; // free fall says nothing about up
        }
        if let Some(interval) = interval {
            self.rest.accel(specific_force, interval.since_s);
        }
        let inertial = self.strapdown.orientation();
        // The first sample levels the frame, wherever the phone is.
        if !self.gravity.has_started() {
            self.follow_gravity(inertial * specific_force, 0.0);
            return;
        }
        let dt = interval.map_or(0.0, |interval| interval.weight_s());
        let in_vehicle = self.aid != Aid::Free;
        if core::mem::replace(&mut self.was_in_vehicle, in_vehicle) != in_vehicle {
            self.change_over(in_vehicle);
        }
        let felt = match self.aid {
            Aid::Free => specific_force,
            Aid::Vehicle { explained, .. } => specific_force - explained,
        };
        self.felt.0 += inertial * (self.in_the_middle(&felt, dt) * dt);
        self.felt.1 += dt;
        if self.felt.1 >= STEP_S {
            self.correct();
        }
    }

    /// A sample is a mean over the interval `dt` before it, s: turned as the device was in the middle of that. Sensors
    /// filter so (data sheets: bandwidth a quarter to a half of the rate).
    fn in_the_middle(&self, sample: &Vector3<f64>, dt: f64) -> Vector3<f64> {
        let interval_s = self.gyro_times.usual_s().min(dt);
        sample - self.strapdown.rate().cross(sample) * (0.5 * interval_s)
    }

    /// Gets into a vehicle, or out of it.
    fn change_over(&mut self, in_vehicle: bool) {
        self.felt = (Vector3::zeros(), 0.0);
        self.turned = (Vector3::zeros(), 0.0);
        self.unseen = 0.0;
        if !in_vehicle {
            self.errors.leave_vehicle();
            let up = self.inclination.inverse_transform_vector(&Vector3::z());
            self.gravity.resume(up * STANDARD_GRAVITY);
        }
    }

    /// Corrects inclination and gyroscope by what has been felt since the last time.
    fn correct(&mut self) {
        let (sum, over_s) = core::mem::replace(&mut self.felt, (Vector3::zeros(), 0.0));
        let (turned, while_s) = core::mem::replace(&mut self.turned, (Vector3::zeros(), 0.0));
        let rate = (while_s > 0.0).then(|| turned / while_s);
        self.errors.forget(over_s);
        match self.aid {
            Aid::Free => self.correct_free(sum / over_s, &rate.unwrap_or_default(), over_s),
            Aid::Vehicle { doubt_mps2, standing, .. } => {
                if let Some(rate) = rate.filter(|_| standing) {
                    self.errors.observe_standing(&rate);
                }
                let unmeasured_rad2 =
                    if rate.is_some() { 0.0 } else { UNMEASURED_WALK_RAD * UNMEASURED_WALK_RAD * over_s };
                let felt = Felt {
                    gravity: self.inclination * (sum / over_s),
                    doubt_mps2,
                    rate: rate.unwrap_or_else(|| self.errors.bias()),
                    unseen_rad2: core::mem::take(&mut self.unseen) + unmeasured_rad2,
                    over_s,
                };
                let tilt = self.errors.observe_gravity(&self.sampled_level(), &felt);
                self.incline(&rotation(Vector3::new(-tilt.x, -tilt.y, 0.0)));
            }
        }
    }

    /// VQF: what corrects the inclination steadily is the gyroscope's doing.
    fn correct_free(&mut self, force: Vector3<f64>, rate: &Vector3<f64>, dt: f64) {
        let expected = self.errors.expect(&self.sampled_level(), rate, dt);
        let Some(up) = self.follow_gravity(force, dt) else { return };
        if self.rest.at_rest() && self.errors.may_be_bias(&self.rest.mean_rate()) {
            self.errors.observe_rest(&self.rest.mean_rate(), dt);
        } else if self.gravity.is_settled() {
            self.errors.observe_motion(&expected, &up, dt);
        }
    }

    /// VQF: the low-passed specific force in the almost-inertial frame is up. Returns it in the level frame, as a unit
    /// vector, before the correction.
    fn follow_gravity(&mut self, force: Vector3<f64>, dt: f64) -> Option<Vector3<f64>> {
        let up = (self.inclination * self.gravity.step(force, dt)).try_normalize(1.0)?;
        self.incline(&shortest_arc_to_up(&up));
        Some(up)
    }

    fn incline(&mut self, correction: &UnitQuaternion<f64>) {
        self.inclination = correction * self.inclination;
        renormalise(&mut self.inclination);
    }

    /// Magnetic field, device frame, µT.
    pub fn mag(&mut self, t: Timestamp, field: Vector3<f64>) {
        let dt = self.mag_times.step(t).map_or(0.0, |interval| interval.weight_s());
        let inertial = self.strapdown.orientation() * self.in_the_middle(&field, dt);
        self.heading.step(&inertial, &self.inclination, &self.rate_device(), dt);
    }

    /// The rate of turn about the vertical that the vehicle's course shows, rad/s, with its standard deviation: held
    /// against the mean gyroscope rate about the vertical over the same time.
    pub fn course_rate(&mut self, gyro_rate_up: f64, course_rate: f64, sigma: f64) {
        let up = self.up_device();
        self.errors.observe_along(&up, gyro_rate_up, gyro_rate_up - course_rate, sigma);
    }

    /// Forgets what a pause in the data makes doubtful: orientation and smoothing. The gyroscope bias stays.
    pub fn restart(&mut self) {
        self.gravity = LowPass::new(self.config.tau_accel_s);
        self.rest = RestDetector::new(&self.config);
        self.errors.leave_vehicle();
        self.was_in_vehicle = false;
        self.felt = (Vector3::zeros(), 0.0);
        self.turned = (Vector3::zeros(), 0.0);
        self.gyro_times.restart();
        self.accel_times.restart();
        self.mag_times.restart();
    }

    /// z up; heading arbitrary, as steady as the gyroscope.
    pub fn level_from_device(&self) -> UnitQuaternion<f64> {
        self.sampled_level() * rotation(self.rate_device() * GYRO_DELAY_S)
    }

    /// The same at the moment to which the samples belong: [`GYRO_DELAY_S`] ago.
    fn sampled_level(&self) -> UnitQuaternion<f64> {
        self.inclination * self.strapdown.orientation()
    }

    /// East, north, up (as far as the compass knows).
    pub fn earth_from_device(&self) -> UnitQuaternion<f64> {
        self.heading.earth_from_level() * self.level_from_device()
    }

    /// Up, as a unit vector in the device frame.
    pub fn up_device(&self) -> Vector3<f64> {
        self.sampled_level().inverse_transform_vector(&Vector3::z())
    }

    /// Angular rate without the gyroscope's errors, device frame, rad/s.
    pub fn rate_device(&self) -> Vector3<f64> {
        self.strapdown.rate()
    }

    /// Estimated gyroscope bias, device frame, rad/s.
    pub fn gyro_bias(&self) -> Vector3<f64> {
        self.errors.bias()
    }

    /// Standard deviation of the tilt in a vehicle, rad; none when free.
    pub fn tilt_sigma(&self) -> Option<f64> {
        self.errors.tilt_sigma()
    }

    /// The sensors have been still for a while (which smooth driving can look like).
    pub fn at_rest(&self) -> bool {
        self.rest.at_rest()
    }

    /// The magnetic field has not been Earth's lately; its strength in µT.
    pub fn magnetic_disturbance(&self) -> Option<f64> {
        self.heading.disturbance()
    }
}

/// The rotation by `angle` (rad, axis × angle), exact.
pub(crate) fn rotation(angle: Vector3<f64>) -> UnitQuaternion<f64> {
    let squared = angle.norm_squared();
    let (cos, scale) = if squared < SMALL_ANGLE_RAD * SMALL_ANGLE_RAD {
        // Taylor series of cos(h) and sin(h) / 2h by h², to double precision.
        let q = 0.25 * squared;
        let cos =
            1.0 - q * (1.0 / 2.0) * (1.0 - q * (1.0 / 12.0) * (1.0 - q * (1.0 / 30.0) * (1.0 - q * (1.0 / 56.0))));
        let sin =
            1.0 - q * (1.0 / 6.0) * (1.0 - q * (1.0 / 20.0) * (1.0 - q * (1.0 / 42.0) * (1.0 - q * (1.0 / 72.0))));
        (cos, 0.5 * sin)
    } else {
        let norm = libm::sqrt(squared);
        let (sin, cos) = libm::sincos(0.5 * norm);
        (cos, sin / norm)
    };
    let v = angle * scale;
    Unit::new_unchecked(Quaternion::new(cos, v.x, v.y, v.z))
}

/// The shortest rotation that turns the unit vector `up` to z.
pub(crate) fn shortest_arc_to_up(up: &Vector3<f64>) -> UnitQuaternion<f64> {
    if up.z < -0.999_999 {
        return UnitQuaternion::new_unchecked(Quaternion::new(0.0, 1.0, 0.0, 0.0));
    }
    let w = libm::sqrt(0.5 * (up.z + 1.0));
    Unit::new_unchecked(Quaternion::new(w, 0.5 * up.y / w, -0.5 * up.x / w, 0.0))
}

/// One Newton step back to unit length: exact enough after each small product.
pub(crate) fn renormalise(q: &mut UnitQuaternion<f64>) {
    let scale = 0.5 * (3.0 - q.norm_squared());
    *q = Unit::new_unchecked(q.into_inner() * scale);
}
