use core::f64::consts::PI;

use std::vec::Vec;

use super::*;
use crate::{
    attitude::{rotation, wrap},
    testing::{Noise, at},
};

/// Speed, m/s, acceleration, m/s², and yaw rate, rad/s, of a vehicle.
#[derive(Clone, Copy)]
struct Now {
    speed: f64,
    accel: f64,
    yaw_rate: f64,
}

/// Town: speeds up and slows down, and turns at corners.
fn town(t: f64) -> Now {
    let w = 2.0 * PI / 23.0;
    let yaw_rate = match t % 31.0 {
        t if (5.0..9.0).contains(&t) => 0.35,
        t if (17.0..21.0).contains(&t) => -0.35,
        _ => 0.0,
    };
    Now { speed: 10.0 + 5.0 * libm::sin(w * t), accel: 5.0 * w * libm::cos(w * t), yaw_rate }
}

fn motorway(_: f64) -> Now {
    Now { speed: 30.0, accel: 0.0, yaw_rate: 0.0 }
}

/// A phone held fast in a vehicle.
struct Ride {
    mount: Mount,
    track: Track,
    device_from_vehicle: UnitQuaternion<f64>,
    /// Delay of the fixes behind their stamps, s; none without GNSS.
    delay_s: Option<f64>,
    noise: Noise,
    step: u32,
    course: f64,
    course_bias_radps: f64,
}

impl Ride {
    fn new(device_from_vehicle: UnitQuaternion<f64>, delay_s: Option<f64>) -> Self {
        Self {
            mount: Mount::new(&MountConfig::default()),
            track: Track::new(),
            device_from_vehicle,
            delay_s,
            noise: Noise(11),
            step: 0,
            course: 1.0,
            course_bias_radps: 0.0,
        }
    }

    fn now_s(&self) -> f64 {
        f64::from(self.step) * STEP_S
    }

    /// Goes on; fixes reach the mount as early as the engine has them, a while before their stamp's step.
    fn go(&mut self, seconds: f64, way: fn(f64) -> Now) -> &mut Self {
        let end_s = self.now_s() + seconds;
        while self.now_s() < end_s - 1e-9 {
            let middle = way(self.now_s() + 0.5 * STEP_S);
            self.step += 1;
            self.course -= middle.yaw_rate * STEP_S;
            if self.step.is_multiple_of(10) {
                self.fix(way(self.now_s()));
            }
            let mut around =
                |spread: f64| Vector3::new(self.noise.bell(), self.noise.bell(), self.noise.bell()) * spread;
            let accel = Vector3::new(middle.accel, middle.speed * middle.yaw_rate, 0.0) + around(0.15);
            let rate = Vector3::new(0.0, 0.0, middle.yaw_rate + self.course_bias_radps) + around(0.005);
            let step = Step {
                t: at(self.now_s()),
                accel: Some(self.device_from_vehicle * accel),
                rate: Some(self.device_from_vehicle * rate),
                up: self.device_from_vehicle * Vector3::z(),
                unrest: 0.0,
            };
            self.mount.step(&step, &self.track);
        }
        self
    }

    /// What is true now, stamped late.
    fn fix(&mut self, now: Now) {
        let Some(delay_s) = self.delay_s else { return };
        self.track.push(TrackFix {
            stamp: at(self.now_s() + delay_s),
            speed_mps: Some(now.speed + 0.1 * self.noise.bell()),
            speed_sigma_mps: 0.2,
            course_rad: Some(wrap(self.course)),
            ..TrackFix::default()
        });
    }

    /// Angle between the estimated rotation and the true one, degrees.
    fn error_deg(&self) -> f64 {
        let alignment = self.mount.settled().expect("settled");
        alignment.vehicle_from_device.angle_to(&self.device_from_vehicle.inverse()).to_degrees()
    }
}

fn any_mount(noise: &mut Noise) -> UnitQuaternion<f64> {
    rotation(Vector3::new(noise.bell(), noise.bell(), noise.bell()) * 2.0)
}

#[test]
fn the_yaw_is_found_for_any_mount() {
    let upside_down = rotation(Vector3::x() * PI);
    let mut noise = Noise(23);
    let mounts = (0..20).map(|_| any_mount(&mut noise)).chain([UnitQuaternion::identity(), upside_down]);
    for (i, mount) in mounts.enumerate() {
        let mut ride = Ride::new(mount, Some(0.4));
        ride.go(120.0, town);
        assert!(ride.error_deg() < 2.0, "mount {i}: {}°", ride.error_deg());
        assert!(ride.mount.settled().unwrap().sigma_rad < 0.1);
    }
}

#[test]
fn some_braking_and_turning_is_enough() {
    let mut ride = Ride::new(rotation(Vector3::new(0.4, 1.0, -2.0)), Some(0.3));
    ride.go(25.0, town);
    assert!(ride.error_deg() < 8.0, "{}°", ride.error_deg());
}

#[test]
fn the_stated_doubt_covers_the_error() {
    let mut noise = Noise(5);
    let mut squares = Vec::new();
    for i in 0..40 {
        let mut ride = Ride::new(any_mount(&mut noise), Some(0.5));
        ride.noise = Noise(i * 101 + 9);
        ride.go(60.0, town);
        let error = ride.error_deg().to_radians() / ride.mount.settled().unwrap().sigma_rad;
        squares.push(error * error);
    }
    squares.sort_by(f64::total_cmp);
    assert!(squares[37] < 4.0, "95 of 100 within two standard deviations: {squares:?}");
}

#[test]
fn the_delay_of_the_fixes_is_found() {
    for tenths in 0..20 {
        let delay_s = 0.1 * f64::from(tenths) + if tenths % 3 == 1 { 0.05 } else { 0.0 };
        let mut ride = Ride::new(rotation(Vector3::new(0.2, -0.3, 0.9)), Some(delay_s));
        assert_eq!(ride.mount.known_gnss_delay_s(), None);
        ride.go(150.0, town);
        let found = ride.mount.known_gnss_delay_s().unwrap();
        assert!((found - delay_s).abs() < 0.1, "{found}, true {delay_s}");
        assert!(ride.error_deg() < 2.5, "delay {delay_s}: {}°", ride.error_deg());
    }
}

#[test]
fn without_fixes_turning_tells_left_from_right() {
    let mut noise = Noise(3);
    for _ in 0..10 {
        let mut ride = Ride::new(any_mount(&mut noise), None);
        ride.go(180.0, town);
        assert!(ride.error_deg() < 8.0, "{}°", ride.error_deg());
    }
}

#[test]
fn nothing_is_known_on_a_straight_road_at_a_steady_speed() {
    for delay_s in [Some(0.3), None] {
        let mut ride = Ride::new(rotation(Vector3::new(0.0, 1.0, 0.5)), delay_s);
        for _ in 0..60 {
            ride.go(10.0, motorway);
            assert_eq!(ride.mount.settled(), None);
        }
        assert_eq!(ride.mount.known_gnss_delay_s(), None);
    }
}

#[test]
fn what_is_felt_but_not_done_aligns_nothing() {
    // A phone swung about by a standing passenger: much is felt, and the fixes say 15 m/s throughout.
    let by_chance = |seed: &u64| {
        let mut ride = Ride::new(UnitQuaternion::identity(), Some(0.3));
        ride.noise = Noise(seed * 97 + 1);
        (0..600).any(|_| {
            ride.step += 1;
            if ride.step.is_multiple_of(10) {
                ride.fix(Now { speed: 15.0, accel: 0.0, yaw_rate: 0.0 });
            }
            let mut around = |spread: f64| Vector3::new(ride.noise.bell(), ride.noise.bell(), 0.0) * spread;
            let (accel, rate) = (Some(around(2.0)), Some(around(0.1)));
            let step = Step { t: at(ride.now_s()), accel, rate, up: Vector3::z(), unrest: 0.0 };
            ride.mount.step(&step, &ride.track);
            ride.mount.settled().is_some()
        })
    };
    let wrong = (0..300).filter(by_chance).count();
    assert!(wrong <= 3, "{wrong} of 300 aligned within a minute");
}

#[test]
fn a_restart_forgets_the_mount_and_keeps_the_delay() {
    let mut ride = Ride::new(rotation(Vector3::new(0.2, -0.3, 0.9)), Some(1.0));
    ride.go(120.0, town);
    let delay_s = ride.mount.known_gnss_delay_s();
    ride.mount.restart();
    assert_eq!(ride.mount.alignment(), None);
    assert_eq!(ride.mount.known_gnss_delay_s(), delay_s);
    // The phone lies on its face now.
    ride.device_from_vehicle = rotation(Vector3::new(PI, 0.0, 0.3));
    ride.go(90.0, town);
    assert!(ride.error_deg() < 2.5, "{}°", ride.error_deg());
}

#[test]
fn intervals_with_a_hole_tell_nothing_and_those_between_do() {
    let ride = |hole_every: u32| {
        let mut ride = Ride::new(rotation(Vector3::new(0.2, -0.3, 0.9)), Some(0.4));
        for i in 1..150 {
            ride.go(0.4, town);
            if i % hole_every == 0 {
                ride.step += 1;
                let step = Step { t: at(ride.now_s()), accel: None, rate: None, up: Vector3::z(), unrest: 0.0 };
                ride.mount.step(&step, &ride.track);
            } else {
                ride.go(0.1, town);
            }
            ride.go(0.5, town);
        }
        ride
    };
    let by_fixes = |ride: &Ride| ride.mount.delay.yaw();
    assert_eq!(by_fixes(&ride(1)), None);
    assert!(by_fixes(&ride(4)).is_some() && ride(4).error_deg() < 3.0, "{}°", ride(4).error_deg());
}

#[test]
fn course_and_gyroscope_are_compared_over_the_same_turn() {
    let mut ride = Ride::new(rotation(Vector3::new(0.2, -0.3, 0.9)), Some(0.6));
    ride.course_bias_radps = 0.03;
    ride.go(150.0, town);
    let fixes: Vec<_> = ride.track.between(at(144.0), at(149.0)).copied().collect();
    for pair in fixes.windows(2) {
        let Some((gyro, course, sigma)) = ride.mount.course_rates(&pair[0], &pair[1]) else { panic!("{pair:?}") };
        assert!((gyro - course - 0.03).abs() < 3.0 * sigma + 0.02, "{gyro} {course} ± {sigma}");
    }
    let slow = TrackFix { speed_mps: Some(1.0), ..fixes[1] };
    assert_eq!(ride.mount.course_rates(&fixes[0], &slow), None);
}
