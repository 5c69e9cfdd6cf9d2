//! The low pass under the inclination correction and under what is compared with it.

use crate::persist::Persist;
use nalgebra::SMatrix;

/// What a single value is worth, s.
const MIN_WORTH_S: f64 = 1e-3;

/// Second-order Butterworth low pass for uneven steps: the continuous filter `y'' + √2·ω·y' + ω²·y = ω²·u` by
/// semi-implicit Euler steps. A plain mean until one time constant has passed.
#[derive(Clone, Debug, Persist)]
pub(super) struct LowPass<const R: usize, const C: usize> {
    omega: f64,
    warm_up_s: f64,
    elapsed_s: f64,
    value: SMatrix<f64, R, C>,
    slope: SMatrix<f64, R, C>,
}

impl<const R: usize, const C: usize> LowPass<R, C> {
    /// The step response rises to 63 % in about `tau_s`.
    pub(super) fn new(tau_s: f64) -> Self {
        Self {
            omega: core::f64::consts::SQRT_2 / tau_s,
            warm_up_s: tau_s,
            elapsed_s: 0.0,
            value: SMatrix::zeros(),
            slope: SMatrix::zeros(),
        }
    }

    /// Forgets everything.
    pub(super) fn restart(&mut self) {
        self.elapsed_s = 0.0;
        self.slope = SMatrix::zeros();
    }

    /// Goes on from `value` as if it had been there for long.
    pub(super) fn resume(&mut self, value: SMatrix<f64, R, C>) {
        self.value = value;
        self.slope = SMatrix::zeros();
        self.elapsed_s = self.warm_up_s;
    }

    /// What it knows is worth no more than a mean over `worth_s`.
    pub(super) fn doubt(&mut self, worth_s: f64) {
        if worth_s < self.elapsed_s {
            self.elapsed_s = worth_s.max(MIN_WORTH_S);
            self.slope = SMatrix::zeros();
        }
    }

    /// One time constant has passed.
    pub(super) fn is_settled(&self) -> bool {
        self.elapsed_s >= self.warm_up_s
    }

    pub(super) fn has_started(&self) -> bool {
        self.elapsed_s > 0.0
    }

    /// `dt` in s.
    pub(super) fn step(&mut self, input: SMatrix<f64, R, C>, dt: f64) -> SMatrix<f64, R, C> {
        if !self.has_started() {
            self.value = input;
            self.elapsed_s = dt.max(MIN_WORTH_S);
        } else if self.elapsed_s < self.warm_up_s {
            self.elapsed_s += dt;
            self.value += (input - self.value) * (dt / self.elapsed_s).min(1.0);
        } else {
            let k = (self.omega * dt).min(0.5);
            self.slope += (input - self.value - self.slope * core::f64::consts::SQRT_2) * k;
            self.value += self.slope * k;
        }
        self.value
    }
}
