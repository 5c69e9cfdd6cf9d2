use core::f64::consts::{FRAC_PI_2, PI};

use proptest::prelude::*;

use super::*;
use crate::testing::{Noise, at};

/// Angular rate, device frame, rad/s, and acceleration, earth frame, m/s², at a moment in s.
type Movement = fn(f64) -> (Vector3<f64>, Vector3<f64>);

fn still(_: f64) -> (Vector3<f64>, Vector3<f64>) {
    (Vector3::zeros(), Vector3::zeros())
}

/// A hand that turns the phone every way, and moves it about.
fn tumbling(t: f64) -> (Vector3<f64>, Vector3<f64>) {
    let rate = Vector3::new(1.5 * libm::sin(0.9 * t), 1.2 * libm::cos(0.7 * t), libm::sin(0.5 * t + 1.0));
    let accel = Vector3::new(libm::sin(7.0 * t), libm::cos(9.0 * t), libm::sin(11.0 * t));
    (rate, accel)
}

/// A phone with noisy sensors, and the truth about it.
struct Phone {
    attitude: Attitude,
    /// The truth: earth (ENU) from device.
    earth_from_device: UnitQuaternion<f64>,
    bias: Vector3<f64>,
    /// Hard iron, µT, device frame.
    iron: Vector3<f64>,
    /// Field where it is, µT, earth frame.
    field: Vector3<f64>,
    /// Scale error of the gyroscope's axes.
    scale: Vector3<f64>,
    noise: Noise,
    t_s: f64,
    /// Uneven intervals, and one sample in ten lost.
    ragged: bool,
    aided: bool,
}

/// Integration step of the truth, s.
const TRUTH_S: f64 = 0.002;
/// Dip 66° and 48 µT: central Europe (World Magnetic Model 2025).
const FIELD_UT: Vector3<f64> = Vector3::new(0.0, 19.5, -43.8);

impl Phone {
    fn new(earth_from_device: UnitQuaternion<f64>) -> Self {
        Self {
            attitude: Attitude::new(&AttitudeConfig::default()),
            earth_from_device,
            bias: Vector3::zeros(),
            iron: Vector3::zeros(),
            field: FIELD_UT,
            scale: Vector3::zeros(),
            noise: Noise(17),
            t_s: 0.0,
            ragged: false,
            aided: false,
        }
    }

    fn jitter(&mut self, sigma: f64) -> Vector3<f64> {
        Vector3::new(self.noise.bell(), self.noise.bell(), self.noise.bell()) * sigma
    }

    /// Lives through `seconds`, calling `look` with the tilt error, rad, after each accelerometer sample.
    fn live(&mut self, seconds: f64, movement: Movement, mut look: impl FnMut(f64)) {
        let end = self.t_s + seconds;
        let from = self.t_s;
        let mut due = [self.t_s; 3];
        while self.t_s < end - 1e-9 {
            let (rate, accel) = movement(self.t_s - from);
            for (sensor, interval_s) in [0.01, 0.02, 0.1].into_iter().enumerate() {
                if self.t_s < due[sensor] - 1e-9 {
                    continue;
                }
                due[sensor] += if self.ragged { interval_s * (0.4 + 1.2 * self.noise.unit()) } else { interval_s };
                if self.ragged && self.noise.unit() < 0.1 {
                    continue;
                }
                self.sample(sensor, rate, accel);
                if sensor == 1 {
                    look(self.tilt());
                }
            }
            self.earth_from_device *= rotation(rate * TRUTH_S);
            self.t_s += TRUTH_S;
        }
    }

    fn sample(&mut self, sensor: usize, rate: Vector3<f64>, accel: Vector3<f64>) {
        let t = at(self.t_s);
        let device_from_earth = self.earth_from_device.inverse();
        match sensor {
            0 => {
                let rate = rate + rate.component_mul(&self.scale) + self.bias + self.jitter(0.003);
                self.attitude.gyro(t, rate);
            }
            1 => {
                if self.aided {
                    let explained = device_from_earth * accel;
                    self.attitude.set_aid(Aid::Vehicle { explained, doubt_mps2: 0.3, standing: false });
                }
                let force = device_from_earth * (accel + Vector3::z() * STANDARD_GRAVITY) + self.jitter(0.03);
                self.attitude.accel(t, force);
            }
            _ => {
                let field = device_from_earth * self.field + self.iron + self.jitter(0.3);
                self.attitude.mag(t, field);
            }
        }
    }

    fn rest(&mut self, seconds: f64) {
        self.live(seconds, still, |_| {});
    }

    /// Angle between the true up and the estimated one, rad.
    fn tilt(&self) -> f64 {
        self.earth_from_device.inverse_transform_vector(&Vector3::z()).angle(&self.attitude.up_device())
    }

    /// Estimated heading less the true one, rad.
    fn heading_error(&self) -> f64 {
        let wrong = self.attitude.earth_from_device() * self.earth_from_device.inverse();
        let turned = wrong * Vector3::x();
        libm::atan2(turned.y, turned.x)
    }

    fn bias_error(&self) -> Vector3<f64> {
        self.attitude.gyro_bias() - self.bias
    }
}

fn degrees(rad: f64) -> f64 {
    rad.to_degrees()
}

fn about(axis: Vector3<f64>, angle: f64) -> UnitQuaternion<f64> {
    rotation(axis.normalize() * angle)
}

#[test]
fn the_first_sample_levels_and_rest_keeps_it_level() {
    for axis in [Vector3::x(), Vector3::y(), Vector3::z(), Vector3::new(1.0, 1.0, 0.3)] {
        for angle in [0.0, 0.4, FRAC_PI_2, 2.5, PI] {
            let mut phone = Phone::new(about(axis, angle));
            let mut worst = 0.0_f64;
            phone.live(5.0, still, |tilt| worst = worst.max(tilt));
            assert!(degrees(worst) < 0.8, "{axis:?} by {angle}: {}°", degrees(worst));
            assert!(degrees(phone.tilt()) < 0.2, "{axis:?} by {angle}: {}°", degrees(phone.tilt()));
            assert!(phone.attitude.at_rest());
        }
    }
}

#[test]
fn exactly_upside_down_is_level_too() {
    let mut attitude = Attitude::new(&AttitudeConfig::default());
    attitude.accel(at(0.0), Vector3::new(0.0, 0.0, -STANDARD_GRAVITY));
    assert!((attitude.up_device() + Vector3::z()).norm() < 1e-9);
}

#[test]
fn a_turning_phone_is_followed_through_noise_bias_and_shaking() {
    for ragged in [false, true] {
        let mut phone = Phone::new(about(Vector3::new(0.3, 1.0, 0.2), 1.0));
        phone.ragged = ragged;
        phone.bias = Vector3::new(0.01, -0.015, 0.02);
        phone.rest(8.0);
        let mut worst = 0.0_f64;
        phone.live(60.0, tumbling, |tilt| worst = worst.max(tilt));
        // Ragged sampling integrates a rate that is some milliseconds old over up to 30 ms more.
        let limit = if ragged { 5.0 } else { 2.0 };
        assert!(degrees(worst) < limit, "ragged {ragged}: {}°", degrees(worst));
    }
}

#[test]
fn a_constant_bias_is_found_at_rest() {
    let mut phone = Phone::new(about(Vector3::x(), 1.1));
    phone.bias = Vector3::new(1.5, -2.0, 1.0).map(f64::to_radians);
    phone.rest(10.0);
    assert!(degrees(phone.bias_error().norm()) < 0.05, "{}°/s", degrees(phone.bias_error().norm()));
}

#[test]
fn a_constant_bias_is_found_in_motion() {
    let mut phone = Phone::new(about(Vector3::x(), 0.5));
    phone.bias = Vector3::new(0.8, -1.0, 0.6).map(f64::to_radians);
    phone.live(90.0, |t| (tumbling(t).0, Vector3::zeros()), |_| {});
    assert!(degrees(phone.bias_error().norm()) < 0.2, "{}°/s", degrees(phone.bias_error().norm()));
}

#[test]
fn the_scale_of_the_gyroscope_is_found_in_motion() {
    let mut phone = Phone::new(about(Vector3::x(), 0.5));
    phone.scale = Vector3::new(0.01, -0.015, 0.01);
    phone.live(120.0, |t| (tumbling(t).0 * 2.0, Vector3::zeros()), |_| {});
    for axis in [Vector3::x(), Vector3::y(), Vector3::z()] {
        phone.attitude.gyro(at(phone.t_s), axis + axis.component_mul(&phone.scale) + phone.attitude.gyro_bias());
        let off = phone.attitude.rate_device() - axis;
        assert!(off.norm() < 0.005, "{axis:?}: {off:?}");
        phone.t_s += 0.01;
    }
}

#[test]
fn what_is_told_is_now_though_the_rate_is_late() {
    let mut attitude = Attitude::new(&AttitudeConfig::default());
    attitude.accel(at(0.0), Vector3::z() * STANDARD_GRAVITY);
    for i in 0..50 {
        attitude.gyro(at(0.01 * f64::from(i)), Vector3::z() * 3.0);
    }
    let turned = attitude.level_from_device().angle();
    assert!((turned - 3.0 * (0.49 + GYRO_DELAY_S)).abs() < 1e-9, "{turned}");
}

#[test]
fn free_fall_says_nothing_about_up() {
    let mut phone = Phone::new(about(Vector3::x(), 0.7));
    phone.rest(5.0);
    // It turns over while it falls; the gyroscope alone follows.
    let falling: Movement = |t| {
        let swing = libm::sin(t / 0.6 * PI);
        (Vector3::new(6.0, 2.0, 0.0) * swing * swing, -Vector3::z() * STANDARD_GRAVITY)
    };
    phone.live(0.6, falling, |_| {});
    assert!(degrees(phone.tilt()) < 0.5, "{}°", degrees(phone.tilt()));

    // It flies off its holder while the car brakes: what the car does is no longer in what it feels.
    let before = phone.attitude.up_device();
    let explained = Vector3::new(-5.0, 0.0, 0.0);
    phone.attitude.set_aid(Aid::Vehicle { explained, doubt_mps2: 0.3, standing: false });
    for i in 0..30 {
        phone.attitude.accel(at(phone.t_s + 0.02 * f64::from(i)), Vector3::new(0.3, 0.2, -0.1));
    }
    assert!(phone.attitude.up_device().angle(&before) < 1e-9);
}

/// Stands, brakes from 108 km/h to a stop, stands.
fn braking(t: f64) -> (Vector3<f64>, Vector3<f64>) {
    let accel = if (1.0..7.0).contains(&t) { Vector3::new(-5.0, 0.0, 0.0) } else { Vector3::zeros() };
    (Vector3::zeros(), accel)
}

#[test]
fn long_braking_is_no_tilt_when_it_is_explained() {
    let worst = |aided| {
        let mut phone = Phone::new(about(Vector3::new(1.0, 0.2, 0.1), 1.2));
        phone.bias = Vector3::new(0.5, -0.5, 0.5).map(f64::to_radians);
        phone.rest(20.0);
        phone.aided = aided;
        let mut worst = 0.0_f64;
        phone.live(10.0, braking, |tilt| worst = worst.max(tilt));
        degrees(worst)
    };
    assert!(worst(true) < 0.5, "{}°", worst(true));
    assert!(worst(false) > 10.0, "what the aid is for: {}°", worst(false));
}

#[test]
fn a_large_bias_is_found_while_driving() {
    // What tells a vehicle's motion apart from tilt is that it is explained.
    let driving: Movement = |t| {
        let yaw = 0.2 * libm::sin(0.3 * t);
        (Vector3::new(0.0, 0.0, yaw), Vector3::new(2.0 * libm::sin(0.8 * t), 10.0 * yaw, 0.0))
    };
    for bias_degps in [Vector3::new(4.0, 0.0, 0.0), Vector3::new(-3.0, 3.0, 0.0), Vector3::new(0.0, -4.0, 0.0)] {
        let mut phone = Phone::new(UnitQuaternion::identity());
        phone.bias = bias_degps.map(f64::to_radians);
        phone.aided = true;
        phone.live(20.0, driving, |_| {});
        let mut worst = 0.0_f64;
        phone.live(20.0, driving, |tilt| worst = worst.max(tilt));
        assert!(degrees(phone.bias_error().norm()) < 0.3, "{bias_degps:?}: {}°/s", degrees(phone.bias_error().norm()));
        assert!(degrees(worst) < 1.0, "{bias_degps:?}: {}°", degrees(worst));
    }
}

#[test]
fn a_slow_steady_turn_is_no_bias() {
    let mut phone = Phone::new(UnitQuaternion::identity());
    phone.bias = Vector3::new(0.5, 0.5, -0.5).map(f64::to_radians);
    phone.rest(20.0);
    // A long bend on a smooth road looks like rest.
    phone.live(20.0, |_| (Vector3::z() * 5.0_f64.to_radians(), Vector3::zeros()), |_| {});
    assert!(phone.attitude.at_rest(), "or the bend is not what is tested");
    assert!(degrees(phone.bias_error().norm()) < 0.3, "{}°/s", degrees(phone.bias_error().norm()));
}

#[test]
fn a_bias_is_found_while_the_vehicle_stands() {
    let mut phone = Phone::new(about(Vector3::y(), 1.3));
    phone.bias = Vector3::new(-2.0, 3.0, 2.0).map(f64::to_radians);
    phone.live(0.1, still, |_| {});
    phone.attitude.set_aid(Aid::Vehicle { explained: Vector3::zeros(), doubt_mps2: 0.05, standing: true });
    phone.rest(15.0);
    assert!(degrees(phone.bias_error().norm()) < 0.1, "{}°/s", degrees(phone.bias_error().norm()));
}

#[test]
fn the_doubt_in_the_tilt_is_known_in_a_vehicle_and_covers_the_error() {
    let driving: Movement = |t| (Vector3::zeros(), Vector3::new(2.0 * libm::sin(0.8 * t), 0.0, 0.0));
    let mut phone = Phone::new(about(Vector3::x(), 0.4));
    phone.bias = Vector3::new(0.02, -0.01, 0.0);
    phone.rest(1.0);
    assert_eq!(phone.attitude.tilt_sigma(), None);
    phone.aided = true;
    phone.live(1.0, driving, |_| {});
    let early = phone.attitude.tilt_sigma().unwrap();
    for _ in 0..30 {
        phone.live(1.0, driving, |_| {});
        let sigma = phone.attitude.tilt_sigma().unwrap();
        assert!(phone.tilt() < 3.0 * sigma, "{}° ± {}°", degrees(phone.tilt()), degrees(sigma));
    }
    assert!(phone.attitude.tilt_sigma().unwrap() < early);
}

#[test]
fn the_course_shows_the_bias_about_the_vertical() {
    let mut phone = Phone::new(about(Vector3::x(), 1.0));
    phone.aided = true;
    let up = phone.earth_from_device.inverse_transform_vector(&Vector3::z());
    phone.bias = up * 2.0_f64.to_radians();
    for _ in 0..60 {
        phone.live(1.0, |t| (Vector3::zeros(), Vector3::new(libm::sin(t), 0.0, 0.0)), |_| {});
        let gyro_rate_up = phone.attitude.rate_device().dot(&up);
        phone.attitude.course_rate(gyro_rate_up, 0.0, 0.02);
    }
    assert!(degrees(phone.bias_error().norm()) < 0.2, "{}°/s", degrees(phone.bias_error().norm()));
    // A course that jumps is none of the gyroscope's doing.
    let before = phone.attitude.gyro_bias();
    phone.attitude.course_rate(0.0, 1.0, 0.02);
    assert!((phone.attitude.gyro_bias() - before).norm() < 1e-12);
}

#[test]
fn the_compass_gives_the_heading() {
    for yaw in [0.0, 1.0, 3.0, -2.0] {
        let mut phone = Phone::new(about(Vector3::z(), yaw) * about(Vector3::x(), 1.0));
        phone.rest(20.0);
        assert!(degrees(phone.heading_error().abs()) < 1.5, "{yaw}: {}°", degrees(phone.heading_error()));
        assert_eq!(phone.attitude.magnetic_disturbance(), None);
    }
}

#[test]
fn a_magnet_turns_the_known_heading_only_slowly_and_is_named() {
    let mut phone = Phone::new(about(Vector3::x(), 0.3));
    phone.live(30.0, tumbling, |_| {}); // turning shows that the field is Earth's
    phone.rest(20.0);
    let before = phone.heading_error();
    assert!(degrees(before.abs()) < 2.0, "{}°", degrees(before));
    phone.iron = Vector3::new(80.0, 0.0, 0.0);
    phone.rest(50.0);
    assert!(degrees((phone.heading_error() - before).abs()) < 1.5, "{}°", degrees(phone.heading_error()));
    assert!(phone.attitude.magnetic_disturbance().is_some_and(|field| field > 67.0));
    // It never goes away: it is followed, ever so slowly.
    phone.rest(250.0);
    assert!((5.0..40.0).contains(&degrees((phone.heading_error() - before).abs())));
    // It goes away, and the known field is back at once.
    phone.iron = Vector3::zeros();
    phone.rest(60.0);
    assert!(degrees((phone.heading_error() - before).abs()) < 2.0, "{}°", degrees(phone.heading_error()));
    assert_eq!(phone.attitude.magnetic_disturbance(), None);
}

#[test]
fn another_field_is_known_as_earths_once_the_phone_was_turned_in_it() {
    let mut phone = Phone::new(about(Vector3::x(), 0.3));
    phone.live(30.0, tumbling, |_| {});
    // Beside a steel frame the compass points 40° elsewhere, and the field is stronger.
    let elsewhere = 40.0_f64.to_radians();
    phone.field = about(Vector3::z(), -elsewhere) * FIELD_UT * 1.25;
    phone.live(15.0, tumbling, |_| {});
    assert!(degrees(phone.heading_error().abs()) < 5.0, "{}°", degrees(phone.heading_error()));
    phone.live(60.0, tumbling, |_| {});
    let off = degrees(phone.heading_error() - elsewhere);
    assert!(off.abs() < 5.0, "{off}°");
}

#[test]
fn the_compass_never_tilts() {
    let mut phone = Phone::new(about(Vector3::y(), 0.8));
    phone.rest(5.0);
    let before = phone.attitude.level_from_device();
    for i in 0..100 {
        phone.attitude.mag(at(5.0 + 0.1 * f64::from(i)), Vector3::new(300.0, -200.0, 100.0));
    }
    assert_eq!(phone.attitude.level_from_device(), before);
}

#[test]
fn a_gap_is_not_integrated_and_a_restart_keeps_the_bias() {
    let mut attitude = Attitude::new(&AttitudeConfig::default());
    attitude.accel(at(0.0), Vector3::z() * STANDARD_GRAVITY);
    attitude.gyro(at(0.0), Vector3::x());
    attitude.gyro(at(5.0), Vector3::x());
    assert!(attitude.up_device().angle(&Vector3::z()) < 1e-9);

    let mut phone = Phone::new(UnitQuaternion::identity());
    phone.bias = Vector3::new(1.0, 1.0, -1.0).map(f64::to_radians);
    phone.rest(10.0);
    let bias = phone.attitude.gyro_bias();
    phone.attitude.restart();
    assert_eq!(phone.attitude.gyro_bias(), bias);
    // It was turned over meanwhile.
    phone.earth_from_device = about(Vector3::x(), 2.0);
    phone.t_s += 100.0;
    phone.rest(1.0);
    assert!(degrees(phone.tilt()) < 0.5, "{}°", degrees(phone.tilt()));
}

#[track_caller]
fn assert_sound(attitude: &Attitude) {
    let earth = attitude.earth_from_device();
    assert!((earth.norm() - 1.0).abs() < 1e-6, "{earth:?}");
    assert!((attitude.up_device().norm() - 1.0).abs() < 1e-6);
    assert!(attitude.gyro_bias().iter().chain(attitude.rate_device().iter()).all(|v| v.is_finite()));
}

#[test]
fn zeros_make_no_nan() {
    let zero = Vector3::zeros();
    for aid in [Aid::Free, Aid::Vehicle { explained: zero, doubt_mps2: 0.0, standing: true }] {
        let mut attitude = Attitude::new(&AttitudeConfig::default());
        attitude.set_aid(aid);
        for (i, force) in (0..400).zip([zero, Vector3::z() * STANDARD_GRAVITY, zero, zero].into_iter().cycle()) {
            let t = at(f64::from(i / 2) * 0.05); // every moment twice
            attitude.gyro(t, zero);
            attitude.accel(t, force);
            attitude.mag(t, zero);
            attitude.course_rate(0.0, 0.0, 0.0);
            assert_sound(&attitude);
        }
    }
}

fn vector(limit: f64) -> impl Strategy<Value = Vector3<f64>> {
    let axis = move || prop_oneof![Just(0.0), -limit..limit, -1.0..1.0];
    (axis(), axis(), axis()).prop_map(|(x, y, z)| Vector3::new(x, y, z))
}

proptest! {
    #[test]
    fn nothing_that_ingest_lets_through_makes_nan(
        samples in prop::collection::vec((0..4_u8, vector(4000.0), -1.0..3.0_f64), 1..200),
    ) {
        let mut attitude = Attitude::new(&AttitudeConfig::default());
        let mut t_s = 0.0;
        for (what, v, step_s) in samples {
            t_s += step_s.max(0.0);
            match what {
                0 => attitude.gyro(at(t_s), v * 0.05),
                1 => attitude.accel(at(t_s), v),
                2 => attitude.mag(at(t_s), v * 5.0),
                _ => attitude.set_aid(Aid::Vehicle { explained: v * 0.01, doubt_mps2: 0.05, standing: v.x > 0.0 }),
            }
            assert_sound(&attitude);
        }
    }

    #[test]
    fn rotations_are_exact(angle in vector(3.0), other in vector(1.0)) {
        prop_assert!(rotation(angle).angle_to(&UnitQuaternion::from_scaled_axis(angle)) < 1e-7);
        if let Some(up) = other.try_normalize(1e-3) {
            prop_assert!((shortest_arc_to_up(&up) * up - Vector3::z()).norm() < 2e-3);
        }
    }

    #[test]
    fn wrapping_keeps_the_angle(angle in -1e4..1e4_f64) {
        let wrapped = wrap(angle);
        prop_assert!((-PI..=PI).contains(&wrapped));
        prop_assert!((libm::sin(wrapped) - libm::sin(angle)).abs() < 1e-9);
        prop_assert!((libm::cos(wrapped) - libm::cos(angle)).abs() < 1e-9);
    }
}
