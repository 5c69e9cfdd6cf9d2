//! Heading by the compass, weighed by how far the field is from Earth's.
//!
//! A scalar Kalman filter in place of VQF's fixed gain and its rejection (Laidig & Seel 2023, section 3.6): a field that
//! is off by a share of its horizontal part can turn the compass by that angle, so its doubt follows from what can be
//! seen of the disturbance. What is Earth's field is learnt as in VQF: it stays the same while the device turns.

use nalgebra::{UnitQuaternion, Vector2, Vector3};

use super::rotation;
use crate::{config::AttitudeConfig, persist::Persist};

/// The field is weighed this often, s.
const STEP_S: f64 = 0.1;
/// Time constant of the reference field, s (VQF).
const REFERENCE_TAU_S: f64 = 20.0;
/// A field this near to another, as a share of its strength, is the same (VQF: a tenth in strength, 10° in dip).
const TOLERANCE: f64 = 0.14;
/// A new field is accepted as reference after this long, s (VQF) …
const NEW_FIELD_S: f64 = 20.0;
/// … the first one sooner, s …
const FIRST_FIELD_S: f64 = 5.0;
/// … while the device turns faster than this, rad/s, since a magnet that moves along does not change.
const NEW_FIELD_MIN_RATE_RADPS: f64 = 20.0 * core::f64::consts::PI / 180.0;
/// A disturbance may come back for this long after it was last seen, s.
const DISTURBANCE_TAU_S: f64 = 0.5;
/// Any field that is not known to be Earth's may turn the compass by this, rad.
const UNKNOWN_FIELD_RAD: f64 = 1.0;
/// Nowhere that people drive is less of the field horizontal (a dip of 84°).
const MIN_HORIZONTAL: f64 = 0.1;
/// Indoors the direction of an undisturbed field differs from place to place by this, rad …
const FIELD_SIGMA_RAD: f64 = 5.0 * core::f64::consts::PI / 180.0;
/// … and stays the same for about this time, s, while a hand moves about.
const FIELD_TIME_S: f64 = 1.0;
/// A disturbance stays the same for longer, s: magnets move along, or lie beside.
const DISTURBANCE_TIME_S: f64 = 3.0;
/// Before the first field nothing is known, rad.
const INITIAL_SIGMA_RAD: f64 = core::f64::consts::PI;

#[derive(Clone, Debug, Persist)]
pub(super) struct Heading {
    plausible_ut: [f64; 2],
    /// Earth from level, about z, rad, and its variance.
    offset: f64,
    variance: f64,
    earth_from_level: UnitQuaternion<f64>,
    /// How fast the variance grows, rad²/s: it settles at the time constant that was asked for.
    walk: f64,
    /// Field in the almost-inertial frame summed over the time since it was last weighed, and the square of how fast it was turned at most.
    sum: (Vector3<f64>, f64),
    turning_squared: f64,
    started: bool,
    reference: Option<Field>,
    confirmed: bool,
    candidate: Field,
    candidate_s: f64,
    disturbance_rad: f64,
    strength: f64,
}

/// Horizontal and vertical part, µT.
type Field = Vector2<f64>;

fn is_near(field: &Field, other: &Field) -> bool {
    (field - other).norm_squared() < TOLERANCE * TOLERANCE * other.norm_squared()
}

fn follow(field: &mut Field, target: &Field, dt: f64) {
    *field += (target - *field) * (dt / (REFERENCE_TAU_S + dt));
}

/// By how much the difference from Earth's field can turn the compass, rad.
fn disturbed_by(now: &Field, earth: &Field) -> f64 {
    let angle = (now - earth).norm() / earth.x.max(MIN_HORIZONTAL * earth.norm());
    if is_near(now, earth) { angle } else { angle.max(UNKNOWN_FIELD_RAD) }
}

impl Heading {
    pub(super) fn new(config: &AttitudeConfig) -> Self {
        Self {
            plausible_ut: [config.mag_min_ut, config.mag_max_ut],
            offset: 0.0,
            earth_from_level: UnitQuaternion::identity(),
            variance: INITIAL_SIGMA_RAD * INITIAL_SIGMA_RAD,
            walk: FIELD_SIGMA_RAD * FIELD_SIGMA_RAD * FIELD_TIME_S / (config.tau_mag_s * config.tau_mag_s),
            sum: (Vector3::zeros(), 0.0),
            turning_squared: 0.0,
            started: false,
            reference: None,
            confirmed: false,
            candidate: Field::zeros(),
            candidate_s: 0.0,
            disturbance_rad: 0.0,
            strength: 0.0,
        }
    }

    pub(super) fn earth_from_level(&self) -> UnitQuaternion<f64> {
        self.earth_from_level
    }

    /// The gyroscope has lost the heading by about `sigma`, rad.
    pub(super) fn doubt(&mut self, sigma: f64) {
        self.variance += sigma * sigma;
    }

    /// The strength of the field, µT, when it is not Earth's.
    pub(super) fn disturbance(&self) -> Option<f64> {
        (self.strength > 0.0 && !self.is_plausible(self.strength)).then_some(self.strength)
    }

    fn is_plausible(&self, strength: f64) -> bool {
        let [low, high] = self.plausible_ut;
        (low..=high).contains(&strength)
    }

    /// One field in the almost-inertial frame, µT; `rate` is the angular rate, rad/s.
    pub(super) fn step(
        &mut self,
        field: &Vector3<f64>,
        level_from_inertial: &UnitQuaternion<f64>,
        rate: &Vector3<f64>,
        dt: f64,
    ) {
        self.turning_squared = self.turning_squared.max(rate.norm_squared());
        if !self.started {
            self.started = true;
            self.weigh(&(level_from_inertial * field), STEP_S);
            return;
        }
        self.sum.0 += field * dt;
        self.sum.1 += dt;
        if self.sum.1 >= STEP_S {
            let (sum, over_s) = core::mem::replace(&mut self.sum, (Vector3::zeros(), 0.0));
            self.weigh(&(level_from_inertial * (sum / over_s)), over_s);
        }
    }

    /// The mean field over `dt`, level frame, µT.
    fn weigh(&mut self, field: &Vector3<f64>, dt: f64) {
        let now = Field::new(field.xy().norm(), field.z);
        self.strength = field.norm();
        if self.strength <= 0.0 {
            return;
        }
        let turned = core::mem::take(&mut self.turning_squared) >= NEW_FIELD_MIN_RATE_RADPS * NEW_FIELD_MIN_RATE_RADPS;
        self.learn(&now, turned, dt);
        let seen = self.reference.map_or(UNKNOWN_FIELD_RAD, |earth| disturbed_by(&now, &earth));
        let kept = self.disturbance_rad * (DISTURBANCE_TAU_S / (DISTURBANCE_TAU_S + dt));
        self.disturbance_rad = seen.max(kept);

        self.variance += self.walk * dt;
        let noise = FIELD_SIGMA_RAD * FIELD_SIGMA_RAD * (FIELD_TIME_S / dt).max(1.0)
            + self.disturbance_rad * self.disturbance_rad * (DISTURBANCE_TIME_S / dt).max(1.0);
        let gain = self.variance / (self.variance + noise);
        self.variance *= 1.0 - gain;
        let disagreement = wrap(libm::atan2(field.x, field.y) - self.offset);
        self.offset = wrap(self.offset + gain * disagreement);
        self.earth_from_level = rotation(Vector3::z() * self.offset);
    }

    /// Learns what is Earth's: at first any field as strong; then one that stays the same while the device turns.
    fn learn(&mut self, now: &Field, turned: bool, dt: f64) {
        if self.reference.is_none() && self.is_plausible(self.strength) {
            self.reference = Some(*now);
        }
        let mut known = false;
        if let Some(reference) = &mut self.reference {
            known = is_near(now, reference);
            if known {
                follow(reference, now, dt);
            }
        }
        if !is_near(now, &self.candidate) {
            self.candidate = *now;
            self.candidate_s = 0.0;
            return;
        }
        follow(&mut self.candidate, now, dt);
        if turned {
            self.candidate_s += dt;
        }
        if self.candidate_s >= if self.confirmed { NEW_FIELD_S } else { FIRST_FIELD_S } {
            self.confirmed = true;
            if !known {
                self.reference = Some(self.candidate);
            }
        }
    }
}

/// The same angle within ±π.
pub(crate) fn wrap(angle: f64) -> f64 {
    use core::f64::consts::{PI, TAU};
    let turned = libm::fmod(angle + PI, TAU);
    if turned < 0.0 { turned + PI } else { turned - PI }
}
