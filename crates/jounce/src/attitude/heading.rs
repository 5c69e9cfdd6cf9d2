//! Heading by the compass, with disturbance rejection (Laidig & Seel 2023, section 3.6).

use nalgebra::Vector3;

use crate::config::AttitudeConfig;

/// Time constant of the field's present strength and dip, s.
const CURRENT_TAU_S: f64 = 0.05;
/// Time constant of the reference field, s.
const REFERENCE_TAU_S: f64 = 20.0;
/// A field within this share of the reference strength counts as undisturbed.
const NORM_TOLERANCE: f64 = 0.1;
/// … and within this of the reference dip, rad.
const DIP_TOLERANCE_RAD: f64 = 10.0 * core::f64::consts::PI / 180.0;
/// A new field is accepted as reference after this long, s …
const NEW_FIELD_S: f64 = 20.0;
/// … the first one sooner, s …
const FIRST_FIELD_S: f64 = 5.0;
/// … while the device turns faster than this, rad/s, since a magnet that moves along does not change.
const NEW_FIELD_MIN_RATE_RADPS: f64 = 20.0 * core::f64::consts::PI / 180.0;
/// Undisturbed for this long before the compass counts again, s.
const UNDISTURBED_S: f64 = 0.5;
/// A disturbance is ignored for this long, s; then followed slowly.
const MAX_REJECTION_S: f64 = 60.0;
/// How much faster rejection time is regained than used, and how much slower a disturbed field is followed.
const REJECTION_FACTOR: f64 = 2.0;

#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Heading {
    tau_s: f64,
    plausible_ut: [f64; 2],
    /// Earth from level, about z, rad.
    offset: f64,
    initial_gain: f64,
    current: Option<Field>,
    reference: Option<Field>,
    candidate: Field,
    candidate_s: f64,
    undisturbed_s: f64,
    rejected_s: f64,
    strength: f64,
}

#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Field {
    norm: f64,
    dip: f64,
}

impl Field {
    fn follow(&mut self, target: Self, dt: f64, tau_s: f64) {
        let k = dt / (tau_s + dt);
        self.norm += (target.norm - self.norm) * k;
        self.dip += (target.dip - self.dip) * k;
    }

    fn is_near(&self, other: Self) -> bool {
        libm::fabs(self.norm - other.norm) < NORM_TOLERANCE * other.norm
            && libm::fabs(self.dip - other.dip) < DIP_TOLERANCE_RAD
    }
}

impl Heading {
    pub(super) fn new(config: &AttitudeConfig) -> Self {
        Self {
            tau_s: config.tau_mag_s,
            plausible_ut: [config.mag_min_ut, config.mag_max_ut],
            offset: 0.0,
            initial_gain: 1.0,
            current: None,
            reference: None,
            candidate: Field::default(),
            candidate_s: 0.0,
            undisturbed_s: 0.0,
            rejected_s: MAX_REJECTION_S,
            strength: 0.0,
        }
    }

    pub(super) fn offset(&self) -> f64 {
        self.offset
    }

    /// The strength of the field, µT, when it is not Earth's.
    pub(super) fn disturbance(&self) -> Option<f64> {
        let [low, high] = self.plausible_ut;
        (self.strength > 0.0 && !(low..=high).contains(&self.strength)).then_some(self.strength)
    }

    /// One field in the level frame, µT; `turning` is the angular rate, rad/s.
    pub(super) fn step(&mut self, field: &Vector3<f64>, turning: f64, at_rest: bool, dt: f64) {
        let norm = field.norm();
        if norm <= 0.0 {
            return;
        }
        let now = Field { norm, dip: -libm::asin((field.z / norm).clamp(-1.0, 1.0)) };
        let current = self.current.get_or_insert(now);
        current.follow(now, dt, CURRENT_TAU_S);
        self.strength = current.norm;
        let undisturbed = self.judge(turning, dt);

        let disagreement = wrap(libm::atan2(field.x, field.y) - self.offset);
        let mut gain = if dt > 0.0 { 1.0 - libm::exp(-dt / self.tau_s) } else { 0.0 };
        if undisturbed {
            self.rejected_s = (self.rejected_s - REJECTION_FACTOR * dt).max(0.0);
        } else if self.rejected_s < MAX_REJECTION_S {
            self.rejected_s += dt;
            gain = 0.0;
        } else {
            gain /= REJECTION_FACTOR;
        }
        let _ = at_rest;
        if self.initial_gain > 0.0 {
            // The first samples are averaged, so that the heading need not creep up from an arbitrary start.
            gain = gain.max(self.initial_gain);
            self.initial_gain /= self.initial_gain + 1.0;
            if self.initial_gain * self.tau_s < dt {
                self.initial_gain = 0.0;
            }
        }
        self.offset = wrap(self.offset + gain * disagreement);
    }

    /// Whether the field is the one known as Earth's; learns it.
    fn judge(&mut self, turning: f64, dt: f64) -> bool {
        let Some(current) = self.current else { return false };
        if let Some(reference) = &mut self.reference {
            if current.is_near(*reference) {
                self.undisturbed_s += dt;
                if self.undisturbed_s >= UNDISTURBED_S {
                    reference.follow(current, dt, REFERENCE_TAU_S);
                }
            } else {
                self.undisturbed_s = 0.0;
            }
        }
        if current.is_near(self.candidate) {
            if turning >= NEW_FIELD_MIN_RATE_RADPS {
                self.candidate_s += dt;
            }
            self.candidate.follow(current, dt, REFERENCE_TAU_S);
            let needed = if self.reference.is_some() { NEW_FIELD_S } else { FIRST_FIELD_S };
            if self.undisturbed_s < UNDISTURBED_S && self.candidate_s >= needed {
                self.reference = Some(self.candidate);
                self.undisturbed_s = UNDISTURBED_S;
            }
        } else {
            self.candidate = current;
            self.candidate_s = 0.0;
        }
        self.reference.is_some() && self.undisturbed_s >= UNDISTURBED_S
    }
}

/// The same angle within ±π.
pub(crate) fn wrap(angle: f64) -> f64 {
    use core::f64::consts::{PI, TAU};
    let turned = libm::fmod(angle + PI, TAU);
    if turned < 0.0 { turned + PI } else { turned - PI }
}
