//! Whether the vehicle stands.
//!
//! A smooth road at a steady speed is as quiet as a parked car, so quiet alone proves nothing while GNSS says that the
//! vehicle moves; and a parked phone's GNSS wanders at walking pace, so a slow speed alone proves nothing either.

use nalgebra::Vector3;

use crate::grid::{STEP_S, Step};

/// Quiet: the acceleration stays within this of its mean over the last second, m/s² (idling engine: about 0.1).
const QUIET_MPS2: f64 = 0.2;
/// … and the angular rate below this, rad/s.
const QUIET_RADPS: f64 = 0.03;
/// Quiet for this long, s.
const QUIET_S: f64 = 1.0;
/// A GNSS speed is believed against a quiet phone when it exceeds this, m/s …
const MOVING_MPS: f64 = 0.8;
/// … and this many of its standard deviations (a parked phone's wanders at up to 2.8 m/s, and says how unsure it is).
const MOVING_SIGMAS: f64 = 2.5;
/// Without GNSS, a vehicle known to be faster is not stopped by quiet alone, m/s.
const COASTING_MPS: f64 = 1.5;
/// Time constant of the mean, s.
const MEAN_TAU_S: f64 = 0.5;

/// Watches for standing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    mean: Option<Vector3<f64>>,
    quiet_s: f64,
}

impl Standing {
    /// One step; the GNSS speed there and the filter's, each with its standard deviation, where known, m/s.
    pub(crate) fn step(&mut self, step: &Step, gnss: Option<(f64, f64)>, filtered: Option<(f64, f64)>) -> bool {
        let Some(accel) = step.accel else {
            *self = Self::default();
            return false;
        };
        let mean = self.mean.get_or_insert(accel);
        *mean += (accel - *mean) * (STEP_S / (MEAN_TAU_S + STEP_S));
        let is_quiet = (accel - *mean).norm() < QUIET_MPS2
            && step.unrest < QUIET_MPS2
            && step.rate.is_none_or(|rate| rate.norm() < QUIET_RADPS);
        self.quiet_s = if is_quiet { self.quiet_s + STEP_S } else { 0.0 };
        self.quiet_s >= QUIET_S
            && match (gnss, filtered) {
                (Some((speed, sigma)), _) => speed < MOVING_MPS.max(MOVING_SIGMAS * sigma),
                (None, Some((speed, _))) => speed < COASTING_MPS,
                (None, None) => true,
            }
    }
}

#[cfg(test)]
mod tests;
