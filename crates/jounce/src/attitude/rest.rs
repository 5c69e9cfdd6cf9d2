//! Rest: neither sensor has left its own recent mean for a while (Laidig & Seel 2023, section 3.4).

use nalgebra::Vector3;

use crate::{config::AttitudeConfig, persist::Persist};

#[derive(Clone, Debug, Persist)]
pub(super) struct RestDetector {
    tau_s: f64,
    min_s: f64,
    gyro_limit_squared: f64,
    accel_limit_squared: f64,
    mean_rate: Option<Vector3<f64>>,
    mean_force: Option<Vector3<f64>>,
    still_s: f64,
}

impl RestDetector {
    pub(super) fn new(config: &AttitudeConfig) -> Self {
        Self {
            tau_s: config.rest_tau_s,
            min_s: config.rest_min_s,
            gyro_limit_squared: square(config.rest_gyro_degps.to_radians()),
            accel_limit_squared: square(config.rest_accel_mps2),
            mean_rate: None,
            mean_force: None,
            still_s: 0.0,
        }
    }

    pub(super) fn gyro(&mut self, rate: Vector3<f64>, dt: f64) {
        let deviation = follow(&mut self.mean_rate, rate, dt, self.tau_s);
        if deviation > self.gyro_limit_squared {
            self.still_s = 0.0;
        }
    }

    pub(super) fn accel(&mut self, force: Vector3<f64>, dt: f64) {
        let deviation = follow(&mut self.mean_force, force, dt, self.tau_s);
        self.still_s = if deviation > self.accel_limit_squared { 0.0 } else { self.still_s + dt };
    }

    pub(super) fn at_rest(&self) -> bool {
        self.still_s >= self.min_s && self.mean_rate.is_some()
    }

    /// Mean angular rate of the last moments, rad/s.
    pub(super) fn mean_rate(&self) -> Vector3<f64> {
        self.mean_rate.unwrap_or_default()
    }
}

fn square(x: f64) -> f64 {
    x * x
}

/// Moves `mean` toward `value`; returns the square of how far the value is from it.
fn follow(mean: &mut Option<Vector3<f64>>, value: Vector3<f64>, dt: f64, tau_s: f64) -> f64 {
    let mean = mean.get_or_insert(value);
    *mean += (value - *mean) * (dt / (tau_s + dt));
    (value - *mean).norm_squared()
}
