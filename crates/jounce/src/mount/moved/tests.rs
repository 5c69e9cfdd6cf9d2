use core::f64::consts::{FRAC_PI_2, PI};

use std::vec::Vec;

use super::*;
use crate::{
    attitude::STANDARD_GRAVITY,
    testing::{Noise, at},
};

/// A phone that is watched, at 50 Hz.
struct Phone {
    watch: MoveWatch,
    /// Vehicle from device.
    pose: UnitQuaternion<f64>,
    speed_mps: Option<f64>,
    has_gyro: bool,
    noise: Noise,
    tick: u32,
    seen: Vec<Seen>,
}

const INTERVAL_S: f64 = 0.02;

impl Phone {
    fn new() -> Self {
        Self {
            watch: MoveWatch::new(&HandlingConfig::default()),
            pose: rotation(Vector3::new(0.9, 0.2, 0.0)),
            speed_mps: Some(12.0),
            has_gyro: true,
            noise: Noise(2),
            tick: 0,
            seen: Vec::new(),
        }
    }

    fn without_gyro() -> Self {
        Self { has_gyro: false, ..Self::new() }
    }

    fn now_s(&self) -> f64 {
        f64::from(self.tick) * INTERVAL_S
    }

    /// `turn`: of the phone in the device frame, rad/s; `yaw_rate`, rad/s, and `accel`, m/s², of the vehicle.
    fn live(&mut self, seconds: f64, turn: Vector3<f64>, yaw_rate: f64, accel: Vector3<f64>) -> &mut Self {
        let end_s = self.now_s() + seconds;
        while self.now_s() < end_s - 1e-9 {
            self.tick += 1;
            let t = at(self.now_s());
            self.pose *= rotation(turn * INTERVAL_S);
            let mut around =
                |spread: f64| Vector3::new(self.noise.bell(), self.noise.bell(), self.noise.bell()) * spread;
            let rate = turn + self.pose.inverse() * Vector3::z() * yaw_rate + around(0.01);
            let force = self.pose.inverse() * (accel + Vector3::z() * STANDARD_GRAVITY) + around(0.3);
            let by_gyro = self.has_gyro.then(|| self.watch.gyro(t, rate, self.speed_mps)).flatten();
            self.seen.extend(by_gyro.into_iter().chain(self.watch.accel(t, force)));
        }
        self
    }

    fn ride(&mut self, seconds: f64) -> &mut Self {
        self.live(seconds, Vector3::zeros(), 0.0, Vector3::zeros())
    }

    /// Turns the phone by `angle` about a device axis within `seconds`.
    fn turn(&mut self, axis: Vector3<f64>, angle: f64, seconds: f64) -> &mut Self {
        self.live(seconds, axis.normalize() * (angle / seconds), 0.0, Vector3::zeros())
    }

    fn began(&self) -> Option<(f64, f64, f64)> {
        self.seen.iter().find_map(|seen| match seen {
            Seen::Began { start, at: found, angle_rad, .. } => {
                Some((start.s_since(at(0.0)), found.s_since(at(0.0)), *angle_rad))
            }
            Seen::Settled { .. } => None,
        })
    }

    fn settled(&self) -> Vec<f64> {
        let settled = |seen: &Seen| match seen {
            Seen::Settled { at: t } => Some(t.s_since(at(0.0))),
            Seen::Began { .. } => None,
        };
        self.seen.iter().filter_map(settled).collect()
    }
}

#[test]
fn a_quarter_turn_is_seen_within_a_second_and_settles() {
    for axis in [Vector3::x(), Vector3::y(), Vector3::new(1.0, -1.0, 0.5)] {
        let mut phone = Phone::new();
        phone.ride(10.0).turn(axis, FRAC_PI_2, 0.8).ride(6.0);
        let (start, found, angle) = phone.began().unwrap();
        assert!((9.8..10.6).contains(&start), "{axis:?}: began {start}");
        assert!(found < 11.0, "{axis:?}: found {found}");
        assert!(angle > 0.4, "{angle}");
        assert_eq!(phone.seen.len(), 2, "{:?}", phone.seen);
        let settled = phone.settled()[0];
        assert!((10.5..11.2).contains(&settled), "{axis:?}: settled {settled}");
    }
}

#[test]
fn a_turn_within_its_plane_is_seen_too() {
    // From portrait to landscape on a flat tray: up does not change, and no car turns like that.
    let mut phone = Phone::new();
    phone.pose = UnitQuaternion::identity();
    phone.ride(10.0).turn(Vector3::z(), FRAC_PI_2, 0.5).ride(5.0);
    let (_, found, _) = phone.began().unwrap();
    assert!(found < 11.0, "{found}");
    assert_eq!(phone.settled().len(), 1);
}

#[test]
fn slow_handling_is_a_move_and_lasts_until_it_lies_still() {
    let mut phone = Phone::new();
    phone.ride(10.0);
    for _ in 0..10 {
        phone.turn(Vector3::x(), 0.6, 1.0).turn(Vector3::y(), -0.5, 1.0);
    }
    phone.ride(6.0);
    assert_eq!(phone.seen.len(), 2, "{:?}", phone.seen);
    assert!((29.0..31.0).contains(&phone.settled()[0]));
    // Put back: another move.
    phone.turn(Vector3::x(), -1.0, 0.5).ride(6.0);
    assert_eq!(phone.seen.len(), 4, "{:?}", phone.seen);
}

#[test]
fn a_vehicle_that_pitches_before_a_move_does_not_date_it_back() {
    let mut phone = Phone::new();
    phone.ride(10.0).turn(Vector3::x(), 0.05, 0.3).ride(1.0).turn(Vector3::x(), 0.4, 0.5).ride(6.0);
    let (start, ..) = phone.began().unwrap();
    assert!((11.2..11.6).contains(&start), "{start}");
}

/// What is laid down last turns about the vertical only, as a vehicle does, but faster.
#[test]
fn it_has_not_settled_while_it_turns_faster_than_a_vehicle() {
    let mut phone = Phone::new();
    phone.speed_mps = Some(10.0);
    phone.ride(10.0).turn(Vector3::x(), FRAC_PI_2, 0.8);
    let up = phone.pose.inverse_transform_vector(&Vector3::z());
    phone.turn(up, 1.2, 0.8).ride(6.0);
    let settled = phone.settled();
    assert!((11.4..11.8).contains(&settled[0]), "{settled:?}");
}

#[test]
fn what_cars_do_is_no_move() {
    let none = Vector3::zeros();
    let brake = Vector3::new(-8.0, 0.0, 0.0);
    // Speed, seconds, yaw rate, acceleration: a U-turn, a roundabout at its limit, hard braking, launching.
    let rides: [(f64, f64, f64, Vector3<f64>); 5] = [
        (5.0, PI, 1.0, Vector3::new(0.0, 5.0, 0.0)),
        (8.0, 6.0, 0.8, Vector3::new(0.0, 6.4, 0.0)),
        (25.0, 3.0, 0.0, brake),
        (25.0, 20.0, 0.25, Vector3::new(0.0, 6.0, 0.0)),
        (5.0, 5.0, 0.0, Vector3::new(4.0, 0.0, 0.0)),
    ];
    for has_gyro in [true, false] {
        for (speed, seconds, yaw_rate, accel) in rides {
            let mut phone = Phone { has_gyro, ..Phone::new() };
            for known in [Some(speed), None] {
                phone.speed_mps = known;
                phone.ride(10.0).live(seconds, none, yaw_rate, accel).ride(10.0);
            }
            assert!(phone.seen.is_empty(), "gyro {has_gyro}, {accel:?}, {yaw_rate}: {:?}", phone.seen);
        }
    }
}

#[test]
fn a_pothole_and_free_fall_are_no_move() {
    for has_gyro in [true, false] {
        let mut phone = Phone { has_gyro, ..Phone::new() };
        phone.ride(10.0);
        phone.live(0.1, Vector3::zeros(), 0.0, Vector3::new(10.0, 5.0, 25.0)).ride(3.0);
        phone.live(0.3, Vector3::zeros(), 0.0, Vector3::new(0.0, 0.0, -STANDARD_GRAVITY)).ride(3.0);
        assert!(phone.seen.is_empty(), "{:?}", phone.seen);
    }
}

#[test]
fn without_a_gyroscope_gravity_shows_it() {
    let mut phone = Phone::without_gyro();
    phone.ride(10.0).turn(Vector3::x(), FRAC_PI_2, 0.5).ride(8.0);
    let (_, found, _) = phone.began().unwrap();
    assert!((10.0..12.0).contains(&found), "{found}");
    assert_eq!(phone.settled().len(), 1);
}

#[test]
fn a_gyroscope_that_ends_is_not_waited_for() {
    let mut phone = Phone::new();
    phone.ride(10.0);
    phone.has_gyro = false;
    phone.ride(10.0).turn(Vector3::x(), FRAC_PI_2, 0.5).ride(8.0);
    let (_, found, _) = phone.began().expect("seen by gravity");
    assert!((20.0..22.0).contains(&found), "{found}");
    assert_eq!(phone.settled().len(), 1);
}

#[test]
fn nothing_is_compared_across_a_pause() {
    let mut phone = Phone::new();
    phone.ride(10.0);
    phone.watch.restart();
    phone.pose = rotation(Vector3::new(2.0, 0.0, 0.0));
    phone.tick += 1000;
    phone.ride(10.0);
    assert!(phone.seen.is_empty(), "{:?}", phone.seen);
    // A pause within a move: it still comes to its end.
    phone.turn(Vector3::x(), 1.0, 0.5);
    phone.watch.restart();
    phone.tick += 1000;
    phone.ride(10.0);
    assert_eq!(phone.seen.len(), 2, "{:?}", phone.seen);
}
