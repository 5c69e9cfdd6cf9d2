//! What the attitude is off by: tilt, and the gyroscope's bias and scale, as one Kalman filter.
//!
//! Free, the tilt is corrected by the low pass of VQF, and only the gyroscope is filtered here, from rest and from motion
//! (Laidig & Seel 2023, section 3.5). The scale of each axis goes with its bias: a phone that is turned over and over
//! shows both in the same steady correction of its inclination. In a vehicle tilt and bias are filtered: the specific
//! force less what the vehicle's motion explains is gravity with a known doubt, and the filter weighs it against the
//! gyroscope's noise and bias. That makes it quick while the bias is unknown and slow once it is known.

use nalgebra::{Matrix2, Matrix3, RowVector3, SMatrix, SVector, UnitQuaternion, Vector2, Vector3};

use super::{STANDARD_GRAVITY, low_pass::LowPass};
use crate::config::AttitudeConfig;

/// Laidig & Seel 2023, section 3.5: the standard deviation grows by 0.1 °/s over the forgetting time.
const FORGETTING_SIGMA_RADPS: f64 = 0.1 * core::f64::consts::PI / 180.0;
/// Correction rates beyond this are no bias, rad/s (uncalibrated phones: up to 10 °/s).
const MOTION_CLIP_RADPS: f64 = 10.0 * core::f64::consts::PI / 180.0;
/// Sensitivity of phones' gyroscopes as they leave the works (data sheets: ±1 to ±3 %).
const SCALE_SIGMA: f64 = 0.01;
/// Largest scale error of an axis.
const MAX_SCALE: f64 = 0.05;
/// A steady rate this far from the known bias is a turn, rad/s (VQF: 2 °/s).
const REST_CLIP_RADPS: f64 = 2.0 * core::f64::consts::PI / 180.0;
/// Tilt is known this well when a vehicle is first noticed, rad.
const TILT_SIGMA_RAD: f64 = 3.0 * core::f64::consts::PI / 180.0;
/// Random walk of the integrated rate, rad/√s: noise and sampling (white noise of phones' parts alone: 0.0002).
const TILT_WALK_RAD: f64 = 0.0005;
/// What a turn about one axis shows on another, as a share (data sheets of the LSM6DS and BMI families: 1 %, part of
/// which the maker calibrates away) …
const CROSS_AXIS: f64 = 0.01;
/// … for as long as it lasts, s.
const TURN_S: f64 = 4.0;
/// Mean rate of a standing vehicle over 0.1 s, rad/s: idling engine, people getting in.
const STANDING_SIGMA_RADPS: f64 = 0.01;
/// What is not explained changes over about this time, s, so that samples within it do not count as independent.
const DOUBT_TIME_S: f64 = 2.0;

type Matrix8 = SMatrix<f64, 8, 8>;

/// What was felt over a while in a vehicle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Felt {
    /// Mean of the specific force that the vehicle's motion does not explain, level frame, m/s².
    pub(super) gravity: Vector3<f64>,
    /// Standard deviation of the acceleration in it, m/s².
    pub(super) doubt_mps2: f64,
    /// How fast the device turned, rad/s.
    pub(super) turn_radps: f64,
    /// Variance of the angle that went by between the samples of the gyroscope, rad².
    pub(super) unseen_rad2: f64,
    /// Length of the while, s.
    pub(super) over_s: f64,
}

/// Covariance of `[tilt about the level x and y axes, bias of the three device axes, their scale]`, and the last two.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Errors {
    bias: Vector3<f64>,
    scale: Vector3<f64>,
    covariance: Matrix8,
    initial_variance: f64,
    clip: f64,
    forgetting_variance_rate: f64,
    motion_variance: f64,
    vertical_factor: f64,
    rest_variance: f64,
    /// How bias and scale turn the level frame, and what was taken off for both, smoothed like the gravity that they are
    /// compared with.
    effect: LowPass<3, 6>,
    taken_off: LowPass<3, 1>,
    in_vehicle: bool,
}

/// How bias and scale turn the level frame, and what is already taken off for them, smoothed.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    effect: SMatrix<f64, 3, 6>,
    rate: Vector3<f64>,
}

impl Errors {
    pub(super) fn new(config: &AttitudeConfig) -> Self {
        let square = |degps: f64| degps.to_radians() * degps.to_radians();
        let initial_variance = square(config.bias_sigma_init_degps);
        let mut covariance = Matrix8::zeros();
        covariance.fixed_view_mut::<3, 3>(2, 2).fill_diagonal(initial_variance);
        covariance.fixed_view_mut::<3, 3>(5, 5).fill_diagonal(SCALE_SIGMA * SCALE_SIGMA);
        Self {
            bias: Vector3::zeros(),
            scale: Vector3::zeros(),
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

    /// The rate without bias and scale error, device frame, rad/s.
    pub(super) fn corrected(&self, rate: &Vector3<f64>) -> Vector3<f64> {
        let rate = rate - self.bias;
        rate - rate.component_mul(&self.scale)
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
        self.update_gyro(&Matrix3::identity(), mean_rate - self.bias, Vector3::repeat(variance));
    }

    /// In a vehicle that stands: the mean rate over a short while is the bias, give or take the engine's shaking.
    pub(super) fn observe_standing(&mut self, mean_rate: &Vector3<f64>) {
        for axis in [Vector3::x(), Vector3::y(), Vector3::z()] {
            let residual = (mean_rate - self.bias).dot(&axis);
            self.observe_along(&axis, residual, STANDING_SIGMA_RADPS);
        }
    }

    /// Free: horizontal bias and scale error show as a steady correction of the inclination. `rate` is the mean over the
    /// step, device frame, rad/s. Call at every step, so that what is smoothed here keeps up with gravity.
    pub(super) fn expect(&mut self, level: &UnitQuaternion<f64>, rate: &Vector3<f64>, dt: f64) -> Expected {
        let axes = level.to_rotation_matrix().into_inner();
        let mut effect = SMatrix::<f64, 3, 6>::zeros();
        effect.fixed_columns_mut::<3>(0).copy_from(&axes);
        effect.fixed_columns_mut::<3>(3).copy_from(&(axes * Matrix3::from_diagonal(rate)));
        let gyro = self.gyro();
        let taken_off = self.taken_off.step(effect * gyro, dt);
        let mut effect = self.effect.step(effect, dt);
        // About the vertical nothing shows; the bias is drawn to zero there.
        effect.fixed_view_mut::<1, 3>(2, 3).fill(0.0);
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
        self.update_gyro(&expected.effect, innovation, Vector3::new(horizontal, horizontal, vertical));
    }

    /// What was smoothed is worth no more than a mean over `worth_s`.
    pub(super) fn doubt(&mut self, worth_s: f64) {
        self.effect.doubt(worth_s);
        self.taken_off.doubt(worth_s);
    }

    /// Bias and scale as one.
    fn gyro(&self) -> SVector<f64, 6> {
        let mut gyro = SVector::<f64, 6>::zeros();
        gyro.fixed_rows_mut::<3>(0).copy_from(&self.bias);
        gyro.fixed_rows_mut::<3>(3).copy_from(&self.scale);
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
        let axes = level.to_rotation_matrix().into_inner();
        let mut f = Matrix8::identity();
        f.fixed_view_mut::<2, 3>(0, 2).copy_from(&(axes.fixed_rows::<2>(0) * dt));
        self.covariance = f * self.covariance * f.transpose();
        let skew = CROSS_AXIS * felt.turn_radps;
        let wander = (TILT_WALK_RAD * TILT_WALK_RAD + skew * skew * TURN_S) * dt + felt.unseen_rad2;
        self.covariance[(0, 0)] += wander;
        self.covariance[(1, 1)] += wander;

        // A frame tilted by small angles (x, y) feels gravity as (y, −x, 1) · g.
        let doubt = felt.doubt_mps2 / STANDARD_GRAVITY;
        let variance = doubt * doubt * (DOUBT_TIME_S / dt).max(1.0);
        let innovation = Vector2::new(-felt.gravity.y, felt.gravity.x) / STANDARD_GRAVITY;
        let tilt = self.covariance.fixed_columns::<2>(0).into_owned();
        let innovation_covariance =
            self.covariance.fixed_view::<2, 2>(0, 0).into_owned() + Matrix2::identity() * variance;
        let Some(inverse) = innovation_covariance.try_inverse() else { return Vector2::zeros() };
        let gain = tilt * inverse;
        let correction = gain * innovation;
        self.correct_gyro(&correction);
        self.covariance -= gain * tilt.transpose();
        self.tidy();
        Vector2::new(correction[0], correction[1])
    }

    /// The bias along a unit vector in the device frame was seen to be off by `residual` ± `sigma`, rad/s.
    pub(super) fn observe_along(&mut self, axis: &Vector3<f64>, residual: f64, sigma: f64) {
        let row: RowVector3<f64> = axis.transpose();
        let spread = self.covariance.fixed_columns::<3>(2) * axis;
        let variance = (row * spread.fixed_rows::<3>(2)).x + sigma * sigma;
        // Five sigmas out is a disturbance, not a bias; without any doubt left there is nothing to weigh.
        if variance <= 0.0 || residual * residual > 25.0 * variance {
            return;
        }
        let gain = spread / variance;
        self.correct_gyro(&(gain * residual));
        self.covariance -= gain * spread.transpose();
        self.tidy();
    }

    /// The measurement variance at which the filter's own variance settles at `target` (VQF, eq. 22).
    fn steady_variance(&self, target: f64, dt: f64) -> f64 {
        target * target / (self.forgetting_variance_rate * dt) + target
    }

    /// `h` tells how an innovation comes from the bias (three columns), or from bias and scale (six).
    fn update_gyro<const K: usize>(
        &mut self,
        h: &SMatrix<f64, 3, K>,
        innovation: Vector3<f64>,
        variances: Vector3<f64>,
    ) {
        // The tilt goes with the bias, or the two would no longer fit together and the filter would run away.
        let spread = self.covariance.fixed_columns::<K>(2) * h.transpose();
        let seen = h * spread.fixed_rows::<K>(2) + Matrix3::from_diagonal(&variances);
        let Some(inverse) = seen.try_inverse() else { return };
        let gain = spread * inverse;
        self.correct_gyro(&(gain * innovation));
        self.covariance -= gain * spread.transpose();
        self.tidy();
    }

    fn correct_gyro(&mut self, correction: &SVector<f64, 8>) {
        self.bias += correction.fixed_rows::<3>(2);
        self.scale += correction.fixed_rows::<3>(5);
    }

    fn tidy(&mut self) {
        self.bias = self.bias.cap_magnitude(self.clip);
        self.scale = self.scale.map(|scale| scale.clamp(-MAX_SCALE, MAX_SCALE));
        self.covariance = (self.covariance + self.covariance.transpose()) * 0.5;
    }
}
