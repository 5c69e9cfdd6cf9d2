use std::vec::Vec;

use nalgebra::Vector2;

use super::*;
use crate::testing::{Noise, at};

/// A drive as the filter sees it, with the truth beside it.
struct Drive {
    filter: Filter,
    noise: Noise,
    step: u32,
    /// True speed, m/s.
    speed: f64,
    /// What must be added to the felt acceleration, m/s²; and how large that is thought to be.
    correction: f64,
    felt_sigma: f64,
    /// What is felt to the left besides, m/s²: a tilt to the side.
    lean: f64,
    inertial: bool,
    standing: bool,
    yaw_rate: Option<f64>,
    /// Steps between fixes; 0 for none.
    fix_every: u32,
    fix_sigma: f64,
    smoothed: Vec<Smoothed>,
    truth: Vec<f64>,
}

impl Drive {
    fn new(speed: f64) -> Self {
        Self::with(&MotionConfig::default(), speed)
    }

    fn with(config: &MotionConfig, speed: f64) -> Self {
        Self {
            filter: Filter::new(config),
            noise: Noise(1),
            step: 0,
            speed,
            correction: 0.0,
            felt_sigma: 0.2,
            lean: 0.0,
            inertial: true,
            standing: false,
            yaw_rate: Some(0.0),
            fix_every: 10,
            fix_sigma: 0.3,
            smoothed: Vec::new(),
            truth: Vec::new(),
        }
    }

    /// One step of true acceleration; `fixes` besides those that come by themselves.
    fn tick(&mut self, accel: f64, fixes: &[SpeedFix]) {
        self.step += 1;
        self.speed += accel * STEP_S;
        let noise = self.filter.config.accel_noise / libm::sqrt(STEP_S) * self.noise.bell();
        let lateral = self.speed * self.yaw_rate.unwrap_or(0.0) + self.lean;
        let input = Input {
            t: at(f64::from(self.step) * STEP_S),
            felt: self.inertial.then_some([accel - self.correction + noise, lateral]),
            up_mps2: None,
            felt_sigma: self.felt_sigma,
            yaw_rate: self.yaw_rate,
            standing: self.standing,
            phone_moving: false,
            accelerometer: self.inertial,
        };
        let mut all = fixes.to_vec();
        if self.fix_every > 0 && self.step.is_multiple_of(self.fix_every) {
            let error = self.fix_sigma * self.noise.bell();
            all.push(self.fix(self.speed + error));
        }
        self.truth.push(self.speed);
        let smoothed = self.filter.step(input, &all);
        self.smoothed.extend(smoothed);
    }

    fn fix(&self, speed_mps: f64) -> SpeedFix {
        SpeedFix {
            speed_mps,
            sigma_mps: self.fix_sigma,
            ahead_s: 0.0,
            timing_sigma_s: self.filter.config.timing_sigma_s,
        }
    }

    fn drive(&mut self, seconds: f64, accel: f64) -> &mut Self {
        let end = self.step + steps(seconds);
        while self.step < end {
            self.tick(accel, &[]);
        }
        self
    }

    fn now(&self) -> (f64, f64) {
        self.filter.speed().unwrap()
    }

    fn last(&self) -> &Smoothed {
        self.smoothed.last().unwrap()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few minutes")]
fn steps(seconds: f64) -> u32 {
    libm::round(seconds / STEP_S) as u32
}

#[track_caller]
fn near(value: f64, expected: f64, within: f64) {
    assert!((value - expected).abs() < within, "{value}, expected {expected} ± {within}");
}

#[test]
fn nothing_is_known_before_the_first_fix() {
    let mut drive = Drive::new(15.0);
    drive.fix_every = 0;
    drive.drive(5.0, 0.0);
    assert_eq!(drive.filter.speed(), None);
    assert_eq!(drive.last().speed, None);
    let fix = drive.fix(15.0);
    drive.tick(0.0, &[fix]);
    near(drive.now().0, 15.0, 0.1);
}

#[test]
fn constant_speed_and_a_ramp_are_followed() {
    let mut drive = Drive::new(15.0);
    drive.drive(30.0, 0.0);
    near(drive.now().0, 15.0, 0.3);
    assert!(drive.now().1 < 0.3);
    near(drive.last().forward_mps2.unwrap(), 0.0, 0.2);
    drive.drive(6.0, 2.0);
    near(drive.now().0, 27.0, 0.4);
    near(drive.last().forward_mps2.unwrap(), 2.0, 0.3);
}

#[test]
fn every_step_comes_out_once_and_in_order() {
    let mut drive = Drive::new(10.0);
    drive.drive(10.0, 0.0);
    while let Some(smoothed) = drive.filter.finish() {
        drive.smoothed.push(smoothed);
    }
    let times: Vec<_> = drive.smoothed.iter().map(|s| s.input.t).collect();
    let expected: Vec<_> = (1..=100).map(|i| at(f64::from(i) * STEP_S)).collect();
    assert_eq!(times, expected);
}

#[test]
fn a_tilt_left_in_the_acceleration_is_taken_out() {
    let mut drive = Drive::new(15.0);
    (drive.correction, drive.felt_sigma) = (0.5, 0.5); // 3°
    drive.drive(60.0, 0.0);
    near(drive.last().forward_mps2.unwrap(), 0.0, 0.3);
    near(drive.now().0, 15.0, 3.0 * drive.now().1);
}

#[test]
fn lateral_acceleration_is_drawn_to_speed_times_yaw_rate() {
    let mut drive = Drive::new(10.0);
    drive.yaw_rate = Some(0.0);
    drive.drive(20.0, 0.0);
    drive.yaw_rate = Some(-0.3);
    drive.drive(10.0, 0.0);
    near(drive.last().left_mps2.unwrap(), -3.0, 0.2);
}

#[test]
fn a_lean_is_taken_out_from_the_start_by_what_comes_later() {
    let mut drive = Drive::new(15.0);
    (drive.lean, drive.felt_sigma) = (0.5, 0.5);
    let fix = drive.fix(15.0);
    drive.tick(0.0, &[fix]);
    drive.drive(10.0, 0.0);
    // A filter without a view of what follows has taken half of it by then.
    near(drive.smoothed[0].left_mps2.unwrap(), 0.0, 0.12);
    near(drive.last().left_mps2.unwrap(), 0.0, 0.1);
}

#[test]
fn while_braking_a_fix_counts_less_since_its_moment_is_unsure() {
    let sigma_after = |accel: f64| {
        let mut drive = Drive::new(30.0);
        drive.drive(20.0, 0.0);
        drive.drive(3.0, accel);
        drive.now().1
    };
    assert!(sigma_after(-6.0) > 1.2 * sigma_after(0.0), "{} {}", sigma_after(-6.0), sigma_after(0.0));
}

#[test]
fn the_variances_are_honest() {
    // Timing errors are not simulated, so none are assumed.
    let config = MotionConfig { timing_sigma_s: 0.0, ..MotionConfig::default() };
    let (runs, mut filtered, mut smoothed) = (200_u32, 0.0, 0.0);
    for run in 0..runs {
        let mut drive = Drive::with(&config, 20.0);
        drive.noise = Noise(u64::from(run) * 7919 + 1);
        drive.correction = config.correction_sigma_mps2 * drive.noise.bell();
        for i in 0..400 {
            drive.tick(1.5 * libm::sin(f64::from(i) * 0.03), &[]);
            let keep = 1.0 - STEP_S / config.correction_tau_s;
            let wander = drive.felt_sigma * libm::sqrt(1.0 - keep * keep) * drive.noise.bell();
            drive.correction = keep * drive.correction + wander;
        }
        let filter = &drive.filter;
        let error = Vector2::new(drive.speed, drive.correction) - filter.state.xy();
        let covariance = filter.covariance.fixed_view::<2, 2>(0, 0).try_inverse().unwrap();
        filtered += error.dot(&(covariance * error));
        let (speed, sigma) = drive.last().speed.unwrap();
        let error = (speed - drive.truth[drive.smoothed.len() - 1]) / sigma;
        smoothed += error * error;
    }
    // Mean of `runs` chi-squares: 1.96 standard deviations about the degrees of freedom.
    let n = f64::from(runs);
    near(filtered / n, 2.0, 1.96 * libm::sqrt(2.0 * 2.0 / n));
    near(smoothed / n, 1.0, 1.96 * libm::sqrt(2.0 / n));
}

#[test]
fn one_lie_is_refused_and_many_are_believed() {
    let mut drive = Drive::new(15.0);
    drive.drive(30.0, 0.0);
    let lie = drive.fix(40.0);
    let before = drive.now();
    drive.tick(0.0, &[lie]);
    near(drive.now().0, before.0, 0.1);
    assert!(drive.filter.since_fix_s > 0.05, "a refused fix is no fix");
    drive.drive(5.0, 0.0);
    near(drive.now().0, 15.0, 0.4);
    // The car is lifted onto a train: all fixes say the same.
    drive.speed = 40.0;
    drive.drive(2.0, 0.0);
    near(drive.now().0, 15.0, 1.0);
    drive.drive(8.0, 0.0);
    near(drive.now().0, 40.0, 1.0);
}

#[test]
fn a_late_fix_is_brought_forward_by_the_acceleration() {
    let mut drive = Drive::new(10.0);
    drive.fix_every = 0;
    let fix = drive.fix(10.0);
    drive.tick(0.0, &[fix]);
    drive.inertial = true;
    drive.drive(1.0, 0.0);
    for _ in 0..40 {
        let true_half_a_second_ago = drive.speed + 3.0 * STEP_S - 3.0 * 0.5;
        let fix = SpeedFix { ahead_s: 0.5, ..drive.fix(true_half_a_second_ago.max(10.0)) };
        let fixes = if drive.speed > 12.0 { &[fix][..] } else { &[] };
        drive.tick(3.0, fixes);
    }
    near(drive.now().0, drive.speed, 0.3);
}

#[test]
fn standing_pins_the_speed_to_zero() {
    let mut drive = Drive::new(0.0);
    drive.fix_sigma = 1.0;
    drive.drive(10.0, 0.0);
    drive.standing = true;
    drive.drive(3.0, 0.0);
    let (speed, sigma) = drive.now();
    assert!(speed < 0.05 && sigma < 0.05, "{speed} ± {sigma}");
    // Also without any fix, and for long.
    drive.fix_every = 0;
    drive.drive(300.0, 0.0);
    let (speed, sigma) = drive.last().speed.unwrap();
    assert!(speed < 0.05 && sigma < 0.05, "{speed} ± {sigma}");
}

#[test]
fn without_inertial_data_the_acceleration_is_the_change_of_the_fixes() {
    let mut drive = Drive::new(30.0);
    drive.inertial = false;
    drive.yaw_rate = Some(0.1);
    drive.drive(20.0, 0.0);
    drive.drive(8.0, -3.0);
    let braking: Vec<_> = drive.smoothed[220..240].iter().map(|s| s.forward_mps2.unwrap()).collect();
    #[expect(clippy::cast_precision_loss, reason = "twenty")]
    let mean = braking.iter().sum::<f64>() / braking.len() as f64;
    near(mean, -3.0, 0.5);
    let last = drive.last();
    near(last.left_mps2.unwrap(), last.speed.unwrap().0 * 0.1, 1e-9);
    // Without fixes as well nothing is told about it.
    drive.fix_every = 0;
    drive.drive(10.0, 0.0);
    assert_eq!(drive.last().forward_mps2, None);
}

#[test]
fn smoothing_is_better_than_filtering() {
    let (mut filtered, mut smoothed) = (0.0, 0.0);
    for seed in 0..20 {
        let mut drive = Drive::new(15.0);
        drive.noise = Noise(seed * 31 + 7);
        let mut now = Vec::new();
        for i in 0..600 {
            drive.tick(2.0 * libm::sin(f64::from(i) * 0.05), &[]);
            now.push(drive.filter.speed().map_or(f64::NAN, |(speed, _)| speed));
        }
        for (i, out) in drive.smoothed.iter().enumerate().skip(100) {
            let error = |speed: f64| (speed - drive.truth[i]) * (speed - drive.truth[i]);
            smoothed += error(out.speed.unwrap().0);
            filtered += error(now[i]);
        }
    }
    assert!(smoothed < 0.7 * filtered, "squares: smoothed {smoothed}, filtered {filtered}");
}

#[test]
fn through_a_tunnel_the_doubt_grows_and_the_speed_is_called_estimated() {
    let mut drive = Drive::new(20.0);
    drive.drive(60.0, 0.0);
    assert!(!drive.last().estimated);
    drive.fix_every = 0;
    let from = drive.smoothed.len();
    drive.drive(60.0, -0.2);
    let tunnel = &drive.smoothed[from + steps(MotionConfig::default().smooth_s) as usize..];
    let sigmas: Vec<_> = tunnel.iter().filter_map(|s| s.speed).map(|(_, sigma)| sigma).collect();
    assert_eq!(sigmas.len(), tunnel.len(), "it is carried on");
    assert!(sigmas.windows(2).all(|pair| pair[1] >= pair[0]));
    assert!(tunnel[..29].iter().all(|s| !s.estimated));
    assert!(tunnel[31..].iter().all(|s| s.estimated));
    let (speed, sigma) = drive.now();
    near(speed, drive.speed, 2.0 * sigma);
    // Unknown rather than wrong.
    drive.drive(240.0, 0.0);
    assert_eq!(drive.filter.speed(), None);
    // Out again.
    drive.fix_every = 10;
    drive.drive(5.0, 0.0);
    near(drive.now().0, drive.speed, 0.5);
    assert!(!drive.last().estimated);
}

#[test]
fn a_bend_shows_the_speed_when_no_fix_does() {
    let mut drive = Drive::new(18.0);
    drive.fix_every = 0;
    drive.drive(10.0, 0.0);
    assert_eq!(drive.filter.speed(), None, "a straight road shows nothing");
    drive.yaw_rate = Some(-0.15);
    drive.drive(8.0, 0.0);
    let (speed, sigma) = drive.now();
    near(speed, 18.0, 2.0);
    assert!((0.3..3.0).contains(&sigma), "{sigma}");
}

#[test]
fn a_pause_costs_knowledge_by_its_length() {
    let pause = |gap_s: f64| {
        let mut drive = Drive::new(20.0);
        drive.drive(20.0, 0.0);
        drive.filter.pause(gap_s);
        drive.filter.speed()
    };
    let (speed, sigma) = pause(2.0).unwrap();
    near(speed, 20.0, 0.4);
    assert!((3.9..4.5).contains(&sigma), "{sigma}");
    assert_eq!(pause(60.0), None);
}

#[test]
fn a_stop_says_little_of_the_time_before_it() {
    for unknown_s in 180..200 {
        let mut drive = Drive::new(0.0);
        (drive.inertial, drive.fix_every) = (false, 0);
        drive.drive(f64::from(unknown_s), 0.0);
        let stands_from = drive.truth.len();
        drive.standing = true;
        drive.drive(5.0, 0.0);
        let before = &drive.smoothed[..stands_from - steps(1.0) as usize];
        // The acceleration wanders by 2 m/s² per √s from the stop backwards: t³/3 of its square.
        assert!(before.iter().all(|out| out.speed.is_none_or(|(_, sigma)| sigma > 1.1)), "{unknown_s}");
    }
}

#[test]
fn the_speed_is_never_negative_and_never_nan() {
    let mut drive = Drive::new(0.0);
    drive.fix_sigma = 2.0;
    for i in 0..600 {
        let wild = SpeedFix { speed_mps: 1e3, sigma_mps: 0.0, ahead_s: 1e6, timing_sigma_s: 0.0 };
        let fixes = if i % 50 == 0 { &[wild][..] } else { &[] };
        drive.tick(0.0, fixes);
        if i % 100 == 0 {
            drive.filter.pause(f64::from(i) * 1e3);
        }
    }
    for out in &drive.smoothed {
        let (speed, sigma) = out.speed.unwrap_or((0.0, 0.0));
        assert!(speed >= 0.0 && speed.is_finite() && sigma >= 0.0 && sigma.is_finite());
        assert!(out.forward_mps2.is_none_or(f64::is_finite) && out.left_mps2.is_none_or(f64::is_finite));
    }
}
