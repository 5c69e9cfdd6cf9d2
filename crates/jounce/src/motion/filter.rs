//! Speed and acceleration with their uncertainties, smoothed over a fixed lag.
//!
//! In: steps of 0.1 s with what the phone felt along the vehicle's axes, and the GNSS speeds that are true within them.
//! Out: the state `motion.smooth_s` ago, smoothed by the steps since.
//!
//! The state is `[speed, forward correction, left correction]`: the corrections are added to the felt acceleration and
//! take up what is left of tilt and bias, as first-order Gauss–Markov processes as wide as the attitude's own
//! uncertainty. Without inertial data the forward correction *is* the acceleration, and wanders as freely as a car's
//! acceleration does. A car does not slide sideways: the acceleration to the left is speed × yaw rate, which shows the
//! left correction while the speed is known, and the speed in every bend when it is not.
//!
//! Receivers say how good their speed is, each in its own way. The filter weighs a fix by what is said; the uncertainty
//! that it tells is what the innovations have shown (the *variance of unit weight* of geodetic adjustment).

use nalgebra::{Matrix3, RowVector3, Vector3};

use super::smoother::{Estimate, Smoother};
use crate::{config::MotionConfig, correlation::Correlation, grid::STEP_S, persist::Persist, time::Timestamp};

/// Standard deviation of the speed when nothing is known, m/s.
const UNKNOWN_SPEED_SIGMA_MPS: f64 = 30.0;
/// Variance, as a multiple of that, at which what was known before is given up: each time ties are cut.
const GIVEN_UP: f64 = 2.0;
/// Standard deviation of a standing car's speed, m/s.
const STANDING_SIGMA_MPS: f64 = 0.05;
/// Innovations beyond this many standard deviations are refused …
const GATE_SIGMAS: f64 = 5.0;
/// … until so many in a row say the same.
const REFUSALS_BEFORE_RESET: u32 = 3;
/// What the innovations have shown of the receiver is remembered over so many fixes.
const SHOWN_FIXES: f64 = 120.0;
/// A fix bears on the speed for about this long, s: some fixes of a phone.
const FIX_BEARS_S: f64 = 2.0;
/// Standard deviation of lateral acceleration against speed × yaw rate within one step, m/s².
const LATERAL_SIGMA_MPS2: f64 = 0.5;

/// The speed alone.
const SPEED: RowVector3<f64> = RowVector3::new(1.0, 0.0, 0.0);

/// What is known about one step.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub(crate) struct Input {
    /// End of the step.
    pub(crate) t: Timestamp,
    /// Felt along the vehicle's axes, m/s²: forward, left. None before alignment.
    pub(crate) felt: Option<[f64; 2]>,
    /// Acceleration upward, m/s²: known without the mount.
    pub(crate) up_mps2: Option<f64>,
    /// Standard deviation of what is felt is off by, m/s²: tilt, mostly.
    pub(crate) felt_sigma: f64,
    /// Yaw rate, rad/s.
    pub(crate) yaw_rate: Option<f64>,
    /// The vehicle stands.
    pub(crate) standing: bool,
    /// The phone is being moved within it.
    pub(crate) phone_moving: bool,
    /// There is an accelerometer, whether or not it could be used.
    pub(crate) accelerometer: bool,
}

/// A GNSS speed that is true `ahead_s` before the end of the step, with its standard deviation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct SpeedFix {
    pub(crate) speed_mps: f64,
    pub(crate) sigma_mps: f64,
    pub(crate) ahead_s: f64,
    /// Standard deviation of that time, s.
    pub(crate) timing_sigma_s: f64,
}

/// The smoothed state of one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Smoothed {
    pub(crate) input: Input,
    /// Speed at the end of the step, m/s; none when hardly known.
    pub(crate) speed: Option<(f64, f64)>,
    /// No GNSS speed for a while.
    pub(crate) estimated: bool,
    /// Mean acceleration over the step, m/s²: forward, left.
    pub(crate) forward_mps2: Option<f64>,
    pub(crate) left_mps2: Option<f64>,
    /// Square of the forward acceleration with its variance, (m/s²)²: now or, if that is more, over the fixes that still
    /// bear on the speed.
    pub(crate) forward_square: f64,
}

#[derive(Clone, Copy, Debug, Persist)]
struct Record {
    input: Input,
    since_fix_s: f64,
    by_fix: ByFix,
}

/// How much of the speed's variance is the latest fix's, (m/s)², and how large it really is beside that.
#[derive(Clone, Copy, Debug, Persist)]
struct ByFix {
    variance: f64,
    factor: f64,
}

impl ByFix {
    /// The variance of a speed that the filter takes to be `variance`.
    fn true_variance(&self, variance: f64) -> f64 {
        variance + (self.factor - 1.0) * variance.min(self.variance)
    }
}

/// The filter and its window.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Filter {
    config: MotionConfig,
    lag: usize,
    window: Smoother<Record>,
    state: Vector3<f64>,
    covariance: Matrix3<f64>,
    /// Something was forgotten since the newest step of the window: what comes now says nothing of it. (Forgetting is no
    /// prediction, and the smoother's arithmetic holds for predictions only.)
    forgot: bool,
    inertial: bool,
    since_fix_s: f64,
    by_fix: ByFix,
    /// Innovations of the fixes as multiples of what they should be.
    innovations: Correlation,
    refusals: u32,
    forward_mean_square: f64,
}

impl Filter {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "validated range")]
    pub(crate) fn new(config: &MotionConfig) -> Self {
        let lag = libm::round(config.smooth_s / STEP_S) as usize;
        let mut filter = Self {
            config: config.clone(),
            lag,
            window: Smoother::new(lag + 2),
            state: Vector3::zeros(),
            covariance: Matrix3::zeros(),
            forgot: false,
            inertial: false,
            since_fix_s: f64::MAX,
            by_fix: ByFix { variance: 0.0, factor: 1.0 },
            innovations: Correlation::new(1.0),
            refusals: 0,
            forward_mean_square: 0.0,
        };
        filter.forget_speed();
        filter.forget_corrections(false);
        filter
    }

    /// The filtered speed and its standard deviation at the newest step, m/s.
    pub(crate) fn speed(&self) -> Option<(f64, f64)> {
        self.known_speed(self.state.x, self.covariance.m11)
    }

    /// Takes one step; returns the smoothed state of the step `motion.smooth_s` before it.
    pub(crate) fn step(&mut self, input: Input, fixes: &[SpeedFix]) -> Option<Smoothed> {
        if input.felt.is_some() != self.inertial {
            self.forget_corrections(input.felt.is_some());
        }
        self.predict(&input);
        let predicted = Estimate { state: self.state, covariance: self.covariance };
        self.hold_the_road(&input);
        self.since_fix_s += STEP_S;
        for fix in fixes {
            self.fuse_fix(fix, &input);
        }
        if input.standing {
            self.update(&SPEED, -self.state.x, STANDING_SIGMA_MPS * STANDING_SIGMA_MPS);
        }
        let tied = !core::mem::take(&mut self.forgot);
        let transition = self.transition();
        self.window.push(
            Record { input, since_fix_s: self.since_fix_s, by_fix: self.by_fix },
            Estimate { state: self.state, covariance: self.covariance },
            tied.then_some((&transition, &predicted)),
        );
        (self.window.len() > self.lag).then(|| self.pop()).flatten()
    }

    /// The rest of the window, oldest first: for the end of the stream. Call until `None`.
    pub(crate) fn finish(&mut self) -> Option<Smoothed> {
        self.pop()
    }

    /// Nothing is carried across a pause of this length.
    pub(crate) fn pause(&mut self, gap_s: f64) {
        let sigma = self.config.unknown_accel_mps2 * gap_s;
        self.covariance.m11 += sigma * sigma;
        self.since_fix_s += gap_s;
        self.forget_corrections(self.inertial);
    }

    /// Nothing is known about the speed any more.
    pub(crate) fn forget_speed(&mut self) {
        self.forgot = true;
        self.state.x = 0.0;
        self.covariance.fill_row(0, 0.0);
        self.covariance.fill_column(0, 0.0);
        self.covariance.m11 = UNKNOWN_SPEED_SIGMA_MPS * UNKNOWN_SPEED_SIGMA_MPS;
    }

    fn forget_corrections(&mut self, inertial: bool) {
        let lateral = self.config.correction_sigma_mps2;
        let forward = if inertial { lateral } else { self.config.unknown_accel_mps2 };
        self.forgot = true;
        self.inertial = inertial;
        self.state = Vector3::new(self.state.x, 0.0, 0.0);
        self.covariance =
            Matrix3::from_diagonal(&Vector3::new(self.covariance.m11, forward * forward, lateral * lateral));
    }

    fn predict(&mut self, input: &Input) {
        let felt = input.felt.map_or(0.0, |felt| felt[0]);
        let f = self.transition();
        self.state = f * self.state;
        self.state.x += felt * STEP_S;
        let wander = input.felt_sigma * input.felt_sigma * (1.0 - f.m33 * f.m33);
        let noise = if self.inertial {
            Vector3::new(self.config.accel_noise * self.config.accel_noise * STEP_S, wander, wander)
        } else {
            Vector3::new(0.0, self.config.accel_wander * self.config.accel_wander * STEP_S, wander)
        };
        self.covariance = f * self.covariance * f.transpose() + Matrix3::from_diagonal(&noise);
        if self.covariance.m11 > GIVEN_UP * UNKNOWN_SPEED_SIGMA_MPS * UNKNOWN_SPEED_SIGMA_MPS {
            self.forget_speed();
            self.forget_corrections(self.inertial);
        }
    }

    /// From one step to the next.
    fn transition(&self) -> Matrix3<f64> {
        let keep = 1.0 - STEP_S / self.config.correction_tau_s;
        let keep_forward = if self.inertial { keep } else { 1.0 };
        Matrix3::new(1.0, STEP_S, 0.0, 0.0, keep_forward, 0.0, 0.0, 0.0, keep)
    }

    /// Acceleration to the left is speed × yaw rate.
    fn hold_the_road(&mut self, input: &Input) {
        let (Some(felt), Some(yaw_rate)) = (input.felt, input.yaw_rate) else { return };
        let row = RowVector3::new(yaw_rate, 0.0, -1.0);
        self.update(&row, felt[1] - (row * self.state).x, LATERAL_SIGMA_MPS2 * LATERAL_SIGMA_MPS2);
    }

    fn fuse_fix(&mut self, fix: &SpeedFix, input: &Input) {
        let accel = input.felt.map_or(0.0, |felt| felt[0]) + self.state.y;
        let speed = fix.speed_mps + accel * fix.ahead_s;
        // What the delay is off by shows in proportion to the acceleration.
        let timing = fix.timing_sigma_s * accel;
        let variance = fix.sigma_mps * fix.sigma_mps + timing * timing;
        let innovation = speed - self.state.x;
        let expected = self.covariance.m11 + variance;
        if innovation * innovation > GATE_SIGMAS * GATE_SIGMAS * expected {
            self.refusals += 1;
            if self.refusals < REFUSALS_BEFORE_RESET {
                return;
            }
            self.covariance.m11 += innovation * innovation;
        }
        self.refusals = 0;
        self.since_fix_s = 0.0;
        self.innovations.scale(1.0 - 1.0 / SHOWN_FIXES);
        self.innovations.observe(innovation / libm::sqrt(expected));
        self.update(&SPEED, innovation, variance);
        let factor = self.innovations.mean_square(1.0) * self.innovations.factor();
        self.by_fix = ByFix { variance: self.covariance.m11, factor };
    }

    /// What `row` sees of the state is off by `innovation`.
    fn update(&mut self, row: &RowVector3<f64>, innovation: f64, variance: f64) {
        let p = self.covariance;
        let spread = p * row.transpose();
        let gain = spread / ((row * spread).x + variance);
        self.state += gain * innovation;
        let kept = Matrix3::identity() - gain * row;
        // Joseph form: stays symmetric and positive.
        self.covariance = kept * p * kept.transpose() + gain * gain.transpose() * variance;
    }

    /// Takes the oldest step of the window out.
    fn pop(&mut self) -> Option<Smoothed> {
        let (record, Estimate { state, covariance }) = self.window.pop()?;
        let speed = self.known_speed(state.x, record.by_fix.true_variance(covariance.m11));
        let felt = record.input.felt;
        let forward_mps2 = match felt {
            Some(felt) => Some(felt[0] + state.y),
            None => speed.filter(|_| record.since_fix_s <= self.config.estimated_after_s).map(|_| state.y),
        };
        let forward = forward_mps2.unwrap_or(0.0);
        let square = forward * forward + covariance.m22.max(0.0);
        self.forward_mean_square += (square - self.forward_mean_square) * STEP_S / FIX_BEARS_S;
        Some(Smoothed {
            input: record.input,
            speed,
            estimated: record.since_fix_s > self.config.estimated_after_s,
            forward_mps2,
            left_mps2: match felt {
                Some(felt) => Some(felt[1] + state.z),
                None => speed.zip(record.input.yaw_rate).map(|((speed, _), rate)| speed * rate),
            },
            forward_square: square.max(self.forward_mean_square),
        })
    }

    fn known_speed(&self, speed: f64, variance: f64) -> Option<(f64, f64)> {
        let sigma = libm::sqrt(variance.max(0.0));
        (sigma <= self.config.max_speed_sigma_mps).then_some((speed.max(0.0), sigma))
    }
}

#[cfg(test)]
mod tests;
