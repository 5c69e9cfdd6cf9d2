//! Whether the vehicle stands.
//!
//! A smooth road at a steady speed is nearly as quiet as a parked car, so quiet proves nothing while GNSS says that the
//! vehicle moves; and a parked phone's GNSS wanders at walking pace, so a slow speed alone proves nothing either. Without
//! GNSS only a stillness that no rolling vehicle has counts.

use crate::persist::Persist;
use nalgebra::Vector3;

use crate::grid::{STEP_S, Step};

/// How much the phone shakes (root mean square).
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shaking {
    /// The steps' mean accelerations about their own mean.
    accel_mps2: f64,
    /// The steps' mean rates about their own mean.
    rate_radps: f64,
    /// The acceleration within a step.
    unrest_mps2: f64,
}

/// Quiet enough to believe a slow GNSS speed: a car at walking pace shakes more on most roads.
const QUIET: Shaking = Shaking { accel_mps2: 0.15, rate_radps: 0.02, unrest_mps2: 0.25 };
/// Quieter than any rolling vehicle: standing cars, engine idling, stay below 0.04 m/s² and 0.004 rad/s; rolling ones, on the
/// smoothest asphalt and at walking pace, above 0.05 m/s² and 0.005 rad/s.
const STILL: Shaking = Shaking { accel_mps2: 0.045, rate_radps: 0.0045, unrest_mps2: 0.12 };
/// For this long, s.
const HOLD_S: f64 = 1.0;
/// A GNSS speed is believed against a quiet phone when it exceeds this, m/s …
const MOVING_MPS: f64 = 0.8;
/// … and this many of its standard deviations: a parked phone's wanders, and says how unsure it is …
const MOVING_SIGMAS: f64 = 2.5;
/// … at up to 2.8 m/s. Against one that is faster, however unsure, only stillness counts, m/s.
const WANDERING_MPS: f64 = 3.0;
/// The filter's speed is not stopped by stillness when it is this far from zero, in standard deviations: a doubtful fix
/// says no more of standing than none.
const COASTING_SIGMAS: f64 = 3.0;
/// What stands feels no acceleration, beyond what tilt makes of gravity: so many of its standard deviations …
const STEADY_SIGMAS: f64 = 3.0;
/// … and at least this, m/s². A car that brakes steadily to a stop is quiet, too.
const STEADY_MPS2: f64 = 0.3;
/// Time constant of means and variances, s.
const TAU_S: f64 = 0.5;

/// Watches for standing.
#[derive(Clone, Debug, Default, Persist)]
pub(crate) struct Standing {
    accel: Spread,
    rate: Spread,
    quiet_s: f64,
    still_s: f64,
}

impl Standing {
    /// One step, with the standard deviation of its mean acceleration, m/s²; the GNSS speed there and the filter's, each
    /// with its standard deviation, where known, m/s.
    pub(crate) fn step(
        &mut self,
        step: &Step,
        felt_sigma: f64,
        gnss: Option<(f64, f64)>,
        filtered: Option<(f64, f64)>,
    ) -> bool {
        let Some(accel) = step.accel else {
            *self = Self::default();
            return false;
        };
        let shaking = Shaking {
            accel_mps2: self.accel.follow(accel),
            rate_radps: step.rate.map_or(0.0, |rate| self.rate.follow(rate)),
            unrest_mps2: step.unrest,
        };
        let is_steady = accel.norm() < STEADY_MPS2.max(STEADY_SIGMAS * felt_sigma);
        let hold = |limit: Shaking, held_s: f64| {
            let is_below = is_steady
                && shaking.accel_mps2 < limit.accel_mps2
                && shaking.rate_radps < limit.rate_radps
                && shaking.unrest_mps2 < limit.unrest_mps2;
            if is_below { held_s + STEP_S } else { 0.0 }
        };
        self.quiet_s = hold(QUIET, self.quiet_s);
        self.still_s = hold(STILL, self.still_s);
        let is_slow = |speed: Option<(f64, f64)>, sigmas: f64| {
            speed.is_none_or(|(speed, sigma)| speed < MOVING_MPS.max(sigmas * sigma))
        };
        let wanders = gnss.is_some_and(|(speed, _)| speed < WANDERING_MPS);
        let held_s = if wanders { self.quiet_s } else { self.still_s };
        held_s >= HOLD_S && is_slow(gnss, MOVING_SIGMAS) && is_slow(filtered, COASTING_SIGMAS)
    }
}

/// Running mean and variance of a vector.
#[derive(Clone, Copy, Debug, Default, Persist)]
struct Spread {
    mean: Option<Vector3<f64>>,
    variance: f64,
}

impl Spread {
    /// Takes a value; returns the root mean square about the mean.
    fn follow(&mut self, value: Vector3<f64>) -> f64 {
        let k = STEP_S / (TAU_S + STEP_S);
        let mean = self.mean.get_or_insert(value);
        let off = value - *mean;
        *mean += off * k;
        self.variance += (off.norm_squared() * (1.0 - k) - self.variance) * k;
        libm::sqrt(self.variance)
    }
}

#[cfg(test)]
mod tests;
