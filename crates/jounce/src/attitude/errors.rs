//! What the attitude is off by: tilt, and the gyroscope's bias and sensitivity, as one Kalman filter.
//!
//! Free, the tilt is corrected by the low pass of VQF, and only the gyroscope is filtered here, from rest and from motion
//! (Laidig & Seel 2023, section 3.5). Its sensitivity, a matrix, goes with its bias: a phone that is turned over and over
//! shows both in the same steady correction of its inclination. In a vehicle the tilt is filtered, too: the specific
//! force less what the vehicle's motion explains is gravity with a known doubt, and the filter weighs it against the
//! gyroscope's noise and errors. That makes it quick while they are unknown and slow once they are known, and a bend
//! shows what a turn about the vertical leaves on the other axes.

use nalgebra::{Matrix1, Matrix2, Matrix3, SMatrix, SVector, UnitQuaternion, Vector1, Vector2, Vector3};

use super::{STANDARD_GRAVITY, low_pass::LowPass};
use crate::{config::AttitudeConfig, persist::Persist};

/// Laidig & Seel 2023, section 3.5: the standard deviation grows by 0.1 °/s over the forgetting time.
const FORGETTING_SIGMA_RADPS: f64 = 0.1 * core::f64::consts::PI / 180.0;
/// Correction rates beyond this are no bias, rad/s (uncalibrated phones: up to 10 °/s).
const MOTION_CLIP_RADPS: f64 = 10.0 * core::f64::consts::PI / 180.0;
/// Sensitivity of gyroscopes as they leave the works: scale ±3 %, cross-axis ±2 % (data sheet of the MPU-9250; later
/// parts are as good or better).
const SENSITIVITY_SIGMA: f64 = 0.02;
/// Largest error of the sensitivity, all entries together.
const MAX_SENSITIVITY: f64 = 0.1;
/// A steady rate this far from the known bias is a turn, rad/s (VQF: 2 °/s).
const REST_CLIP_RADPS: f64 = 2.0 * core::f64::consts::PI / 180.0;
/// Tilt is known this well when a vehicle is first noticed, rad.
const TILT_SIGMA_RAD: f64 = 3.0 * core::f64::consts::PI / 180.0;
/// Random walk of the integrated rate, rad/√s: noise and sampling (white noise of phones' parts alone: 0.0002).
const TILT_WALK_RAD: f64 = 0.0005;
/// Mean rate of a standing vehicle over 0.1 s, rad/s: idling engine, people getting in.
const STANDING_SIGMA_RADPS: f64 = 0.01;
/// Further out is a disturbance, not the gyroscope.
const MAX_SIGMAS: f64 = 5.0;
/// What is not explained changes over about this time, s, so that samples within it do not count as independent.
const DOUBT_TIME_S: f64 = 2.0;

/// Bias and sensitivity: three and nine.
const GYRO: usize = 12;
/// Two of tilt, and the gyroscope's.
const ALL: usize = 2 + GYRO;

/// What was felt over a while in a vehicle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Felt {
    /// Mean of the specific force that the vehicle's motion does not explain, level frame, m/s².
    pub(super) gravity: Vector3<f64>,
    /// Standard deviation of the acceleration in it, m/s².
    pub(super) doubt_mps2: f64,
    /// Mean of the gyroscope's rate, device frame, rad/s.
    pub(super) rate: Vector3<f64>,
    /// Variance of the angle that went by between the samples of the gyroscope, rad².
    pub(super) unseen_rad2: f64,
    /// Length of the while, s.
    pub(super) over_s: f64,
}

/// Covariance of `[tilt about the level x and y axes, bias of the three device axes, sensitivity column by column]`, and
/// the last two.
#[derive(Clone, Debug, Persist)]
pub(super) struct Errors {
    bias: Vector3<f64>,
    /// What a turn of 1 rad/s about each device axis (columns) adds to the rate about each (rows).
    sensitivity: Matrix3<f64>,
    covariance: SMatrix<f64, ALL, ALL>,
    initial_variance: f64,
    clip: f64,
    forgetting_variance_rate: f64,
    motion_variance: f64,
    vertical_factor: f64,
    rest_variance: f64,
    /// How bias and sensitivity turn the level frame, and what was taken off for both, smoothed like the gravity that they are
    /// compared with.
    effect: LowPass<3, GYRO>,
    taken_off: LowPass<3, 1>,
    in_vehicle: bool,
}

/// How bias and sensitivity turn the level frame, and what is already taken off for them, smoothed.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    effect: SMatrix<f64, 3, GYRO>,
    rate: Vector3<f64>,
}

impl Errors {
    pub(super) fn new(config: &AttitudeConfig) -> Self {
        let square = |degps: f64| degps.to_radians() * degps.to_radians();
        let initial_variance = square(config.bias_sigma_init_degps);
        let mut covariance = SMatrix::<f64, ALL, ALL>::zeros();
        covariance.fixed_view_mut::<3, 3>(2, 2).fill_diagonal(initial_variance);
        covariance.fixed_view_mut::<9, 9>(5, 5).fill_diagonal(SENSITIVITY_SIGMA * SENSITIVITY_SIGMA);
        Self {
            bias: Vector3::zeros(),
            sensitivity: Matrix3::zeros(),
            covariance,
            initial_variance,
            clip: config.bias_clip_degps.to_radians(),
            forgetting_variance_rate: FORGETTING_SIGMA_RADPS * FORGETTING_SIGMA_RADPS / config.bias_forgetting_s,
            motion_variance: square(config.bias_sigma_motion_degps),
            vertical_factor: config.bias_vertical_forgetting,
            rest_variance: square(config.bias_sigma_rest_degps),
            effect: LowPass::new(config.tau_accel_s),
            taken_off: LowPass::new(config.tau_accel_s),
            in_vehicle: false,
        }
    }

    /// Gyroscope bias, device frame, rad/s.
    pub(super) fn bias(&self) -> Vector3<f64> {
        self.bias
    }

    /// The rate without the gyroscope's errors, device frame, rad/s.
    pub(super) fn corrected(&self, rate: &Vector3<f64>) -> Vector3<f64> {
        let rate = rate - self.bias;
        rate - self.sensitivity * rate
    }

    /// Standard deviation of the tilt in a vehicle, rad; none when free.
    pub(super) fn tilt_sigma(&self) -> Option<f64> {
        self.in_vehicle.then(|| libm::sqrt(0.5 * (self.covariance[(0, 0)] + self.covariance[(1, 1)])))
    }

    /// Mean variance of the bias over the axes, rad²/s².
    fn bias_variance(&self) -> f64 {
        self.covariance.fixed_view::<3, 3>(2, 2).trace() / 3.0
    }

    /// Time passes: the bias wanders, up to where it began.
    pub(super) fn forget(&mut self, dt: f64) {
        let growth = self.forgetting_variance_rate * dt;
        if self.bias_variance() < self.initial_variance {
            for axis in 2..5 {
                self.covariance[(axis, axis)] += growth;
            }
        }
    }

    /// Whether a steady rate may be bias rather than a slow turn: within what the filter holds possible.
    pub(super) fn may_be_bias(&self, mean_rate: &Vector3<f64>) -> bool {
        let spread = 2.0 * libm::sqrt(self.bias_variance());
        (mean_rate - self.bias).norm() <= spread.max(REST_CLIP_RADPS)
    }

    /// Free, at rest: the mean rate is the bias.
    pub(super) fn observe_rest(&mut self, mean_rate: &Vector3<f64>, dt: f64) {
        let variance = self.steady_variance(self.rest_variance, dt);
        self.update_bias(&(mean_rate - self.bias), variance);
    }

    /// In a vehicle that stands: the mean rate over a short while is the bias, give or take the engine's shaking.
    pub(super) fn observe_standing(&mut self, mean_rate: &Vector3<f64>) {
        let residual = mean_rate - self.bias;
        let variance = STANDING_SIGMA_RADPS * STANDING_SIGMA_RADPS;
        if residual.norm_squared() <= MAX_SIGMAS * MAX_SIGMAS * (self.bias_variance() + variance) {
            self.update_bias(&residual, variance);
        }
    }

    /// Free: horizontal errors of the gyroscope show as a steady correction of the inclination. `rate` is the mean over the
    /// step, device frame, rad/s. Call at every step, so that what is smoothed here keeps up with gravity.
    pub(super) fn expect(&mut self, level: &UnitQuaternion<f64>, rate: &Vector3<f64>, dt: f64) -> Expected {
        let effect = self.effect_of(level, rate);
        let gyro = self.gyro();
        let taken_off = self.taken_off.step(effect * gyro, dt);
        let mut effect = self.effect.step(effect, dt);
        // About the vertical nothing shows; the bias is drawn to zero there.
        effect.fixed_view_mut::<1, 9>(2, 3).fill(0.0);
        let shown = effect * gyro;
        let rate = Vector3::new(taken_off.x - shown.x, taken_off.y - shown.y, -shown.z);
        Expected { effect, rate }
    }

    /// Free, in motion. `up` is the smoothed gravity in the level frame before this step's correction.
    pub(super) fn observe_motion(&mut self, expected: &Expected, up: &Vector3<f64>, dt: f64) {
        let innovation = expected.rate + Vector3::new(-up.y, up.x, 0.0) / dt;
        // Its length is limited rather than each axis: the level frame's heading is arbitrary.
        let innovation = innovation.cap_magnitude(MOTION_CLIP_RADPS);
        let horizontal = self.steady_variance(self.motion_variance, dt);
        let vertical = horizontal / self.vertical_factor.max(1e-10);
        self.update_gyro(&expected.effect, &innovation, Vector3::new(horizontal, horizontal, vertical));
    }

    /// What was smoothed is worth no more than a mean over `worth_s`.
    pub(super) fn doubt(&mut self, worth_s: f64) {
        self.effect.doubt(worth_s);
        self.taken_off.doubt(worth_s);
    }

    /// How bias and sensitivity turn the level frame, at the gyroscope's `rate`.
    fn effect_of(&self, level: &UnitQuaternion<f64>, rate: &Vector3<f64>) -> SMatrix<f64, 3, GYRO> {
        let axes = level.to_rotation_matrix().into_inner();
        let rate = rate - self.bias;
        let mut effect = SMatrix::<f64, 3, GYRO>::zeros();
        effect.fixed_columns_mut::<3>(0).copy_from(&axes);
        for axis in 0..3 {
            effect.fixed_columns_mut::<3>(3 + 3 * axis).copy_from(&(axes * rate[axis]));
        }
        effect
    }

    /// Bias and sensitivity as one.
    fn gyro(&self) -> SVector<f64, GYRO> {
        let mut gyro = SVector::<f64, GYRO>::zeros();
        gyro.fixed_rows_mut::<3>(0).copy_from(&self.bias);
        gyro.fixed_rows_mut::<9>(3).copy_from_slice(self.sensitivity.as_slice());
        gyro
    }

    /// The phone is free again: the tilt is nobody's business here.
    pub(super) fn leave_vehicle(&mut self) {
        if core::mem::take(&mut self.in_vehicle) {
            self.covariance.fixed_rows_mut::<2>(0).fill(0.0);
            self.covariance.fixed_columns_mut::<2>(0).fill(0.0);
            self.effect.restart();
            self.taken_off.restart();
        }
    }

    /// In a vehicle: takes what was felt in the level frame. Returns the rotation that levels the frame again, rad about
    /// its x and y axes.
    pub(super) fn observe_gravity(&mut self, level: &UnitQuaternion<f64>, felt: &Felt) -> Vector2<f64> {
        let dt = felt.over_s;
        if !core::mem::replace(&mut self.in_vehicle, true) {
            let variance = TILT_SIGMA_RAD * TILT_SIGMA_RAD;
            self.covariance[(0, 0)] += variance;
            self.covariance[(1, 1)] += variance;
        }
        let effect = self.effect_of(level, &felt.rate).fixed_rows::<2>(0) * dt;
        let before = self.covariance.fixed_view::<2, GYRO>(0, 2).into_owned();
        let with_gyro = before + effect * self.covariance.fixed_view::<GYRO, GYRO>(2, 2);
        let grown = effect * before.transpose() + with_gyro * effect.transpose();
        self.covariance.fixed_view_mut::<2, GYRO>(0, 2).copy_from(&with_gyro);
        self.covariance.fixed_view_mut::<GYRO, 2>(2, 0).copy_from(&with_gyro.transpose());
        let wander = TILT_WALK_RAD * TILT_WALK_RAD * dt + felt.unseen_rad2;
        let mut tilts = self.covariance.fixed_view_mut::<2, 2>(0, 0);
        tilts += grown + Matrix2::identity() * wander;

        // A frame tilted by small angles (x, y) feels gravity as (y, −x, 1) · g.
        let doubt = felt.doubt_mps2 / STANDARD_GRAVITY;
        let variance = doubt * doubt * (DOUBT_TIME_S / dt).max(1.0);
        let innovation = Vector2::new(-felt.gravity.y, felt.gravity.x) / STANDARD_GRAVITY;
        let tilt = self.covariance.fixed_columns::<2>(0).into_owned();
        let seen = tilt.fixed_rows::<2>(0) + Matrix2::identity() * variance;
        let correction = self.update(&tilt, seen, &innovation);
        correction.fixed_rows::<2>(0).into_owned()
    }

    /// The rate about a unit vector in the device frame, about which the device turned by `turn`, was seen to be off by
    /// `residual` ± `sigma`, rad/s.
    pub(super) fn observe_along(&mut self, axis: &Vector3<f64>, turn: f64, residual: f64, sigma: f64) {
        let mut effect = SVector::<f64, GYRO>::zeros();
        effect.fixed_rows_mut::<3>(0).copy_from(axis);
        effect.fixed_rows_mut::<9>(3).copy_from_slice((axis * axis.transpose() * turn).as_slice());
        let spread = self.covariance.fixed_columns::<GYRO>(2) * effect;
        let variance = effect.dot(&spread.fixed_rows::<GYRO>(2)) + sigma * sigma;
        // Without any doubt left there is nothing to weigh.
        if variance <= 0.0 || residual * residual > MAX_SIGMAS * MAX_SIGMAS * variance {
            return;
        }
        self.update(&spread, Matrix1::new(variance), &Vector1::new(residual));
    }

    /// The measurement variance at which the filter's own variance settles at `target` (VQF, eq. 22).
    fn steady_variance(&self, target: f64, dt: f64) -> f64 {
        target * target / (self.forgetting_variance_rate * dt) + target
    }

    /// The bias was seen to be off by `innovation`.
    fn update_bias(&mut self, innovation: &Vector3<f64>, variance: f64) {
        let spread = self.covariance.fixed_columns::<3>(2).into_owned();
        let seen = spread.fixed_rows::<3>(2) + Matrix3::identity() * variance;
        self.update(&spread, seen, innovation);
    }

    /// Bias and sensitivity together were seen to be off by `innovation`, as far as `effect` shows them.
    fn update_gyro(&mut self, effect: &SMatrix<f64, 3, GYRO>, innovation: &Vector3<f64>, variances: Vector3<f64>) {
        let spread = self.covariance.fixed_columns::<GYRO>(2) * effect.transpose();
        let seen = effect * spread.fixed_rows::<GYRO>(2) + Matrix3::from_diagonal(&variances);
        self.update(&spread, seen, innovation);
    }

    /// Kalman update by an innovation of the covariance `seen`; `spread` is how it goes with the state. Returns what the
    /// state was off by. The tilt goes with the gyroscope, or the two would no longer fit together and run away.
    fn update<const K: usize>(
        &mut self,
        spread: &SMatrix<f64, ALL, K>,
        seen: SMatrix<f64, K, K>,
        innovation: &SVector<f64, K>,
    ) -> SVector<f64, ALL> {
        let Some(inverse) = seen.try_inverse() else { return SVector::zeros() };
        let gain = spread * inverse;
        let correction = gain * innovation;
        let bias = self.bias + correction.fixed_rows::<3>(2);
        let sensitivity = self.sensitivity + Matrix3::from_iterator(correction.fixed_rows::<9>(5).iter().copied());
        self.bias = bias.cap_magnitude(self.clip);
        self.sensitivity = sensitivity.cap_magnitude(MAX_SENSITIVITY);
        // gain · spreadᵀ is symmetric: one triangle is copied, so that rounding cannot pull the two apart.
        for (mut column, spread) in self.covariance.column_iter_mut().zip(spread.row_iter()) {
            for (gain, share) in gain.column_iter().zip(spread.iter()) {
                column.axpy(-share, &gain, 1.0);
            }
        }
        self.covariance.fill_upper_triangle_with_lower_triangle();
        correction
    }
}
