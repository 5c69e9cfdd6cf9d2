//! Many random impacts: what is found at which rate, and what bumps and braking give.

use std::{println, vec::Vec};

use nalgebra::{UnitQuaternion, Vector3};

use super::rig::{Drive, G, Noise, Outcome, haversine, no_turn, run};
use crate::event::{EventKind, Phase};

const RATES_HZ: [f64; 6] = [5.0, 10.0, 25.0, 50.0, 100.0, 200.0];
const RUNS: u32 = 40;

fn between(noise: &mut Noise, low: f64, high: f64) -> f64 {
    low + (high - low) * noise.unit()
}

fn any_mount(noise: &mut Noise) -> UnitQuaternion<f64> {
    UnitQuaternion::from_scaled_axis(Vector3::new(noise.bell(), noise.bell(), noise.bell()) * 2.0)
}

fn drive(
    noise: &mut Noise,
    rate_hz: f64,
    gnss_until_s: f64,
    speed: &dyn Fn(f64) -> f64,
    accel: &dyn Fn(f64) -> Option<Vector3<f64>>,
) -> Outcome {
    let drive = Drive {
        rate_hz,
        range_g: 8.0,
        device_from_vehicle: any_mount(noise),
        length_s: 50.0,
        speed,
        accel,
        turn: &no_turn,
        gnss_until_s,
        gnss_offset_s: noise.unit(),
    };
    run(&drive.samples(), None)
}

/// A random crash of 8–70 km/h in 60–180 ms from any side at 50 km/h, braked to a stop.
fn crash(noise: &mut Noise, rate_hz: f64, gnss: bool) -> Outcome {
    let (delta_v, length_s) = (between(noise, 8.0, 70.0) / 3.6, between(noise, 0.06, 0.18));
    let (side, onset_s) = (between(noise, -3.1, 3.1), between(noise, 30.0, 31.0));
    let push = Vector3::new(libm::cos(side), libm::sin(side), 0.0) * (delta_v / length_s);
    let stopped_s = onset_s + length_s + 2.0;
    let accel = |t_s: f64| {
        let brake = if (onset_s + length_s..stopped_s).contains(&t_s) { -6.5 } else { 0.0 };
        Some(push * haversine((t_s - onset_s) / length_s) + Vector3::x() * brake)
    };
    let speed = |t_s: f64| 13.9 * (1.0 - ((t_s - onset_s) / (stopped_s - onset_s)).clamp(0.0, 1.0));
    drive(noise, rate_hz, if gnss { f64::MAX } else { 20.0 }, &speed, &accel)
}

#[test]
fn recall_by_rate() {
    let mut noise = Noise(21);
    for gnss in [true, false] {
        for rate_hz in RATES_HZ {
            let outcomes: Vec<Outcome> = (0..RUNS).map(|_| crash(&mut noise, rate_hz, gnss)).collect();
            let count = |phase| outcomes.iter().filter(|outcome| !outcome.crashes(phase).is_empty()).count();
            let (suspected, confirmed) = (count(Phase::Suspected), count(Phase::Confirmed));
            println!("gnss {gnss}, {rate_hz} Hz: {suspected} suspected, {confirmed} confirmed of {RUNS}");
            let least = if rate_hz >= 25.0 { 39 } else { 0 };
            assert!(confirmed >= least, "gnss {gnss}, {rate_hz} Hz: {confirmed} of {RUNS}");
        }
    }
}

/// A random pothole of 2–6 g in 20–60 ms, up to half of it horizontal, at 50 km/h; then on, or a normal stop.
fn pothole(noise: &mut Noise, rate_hz: f64, stops: bool) -> Outcome {
    let (peak, length_s) = (between(noise, 2.0, 6.0) * G, between(noise, 0.02, 0.06));
    let (across, onset_s) = (between(noise, -0.5, 0.5), between(noise, 30.0, 31.0));
    let accel = |t_s: f64| {
        let up = 0.5 * peak * haversine((t_s - onset_s) / length_s);
        let brake = if stops && (onset_s + 1.0..onset_s + 4.5).contains(&t_s) { -4.0 } else { 0.0 };
        Some(Vector3::new(brake - across.abs() * up, across * up, up))
    };
    let speed = |t_s: f64| if stops { (13.9 - 4.0 * (t_s - onset_s - 1.0).max(0.0)).max(0.0) } else { 13.9 };
    drive(noise, rate_hz, f64::MAX, &speed, &accel)
}

#[test]
fn false_alarms_by_rate() {
    let mut noise = Noise(22);
    for stops in [false, true] {
        for rate_hz in RATES_HZ {
            let outcomes: Vec<Outcome> = (0..RUNS).map(|_| pothole(&mut noise, rate_hz, stops)).collect();
            let count = |phase| outcomes.iter().filter(|outcome| !outcome.crashes(phase).is_empty()).count();
            let (suspected, confirmed) = (count(Phase::Suspected), count(Phase::Confirmed));
            println!("stops {stops}, {rate_hz} Hz: {suspected} suspected, {confirmed} confirmed of {RUNS} potholes");
            assert!(stops && rate_hz < 50.0 || confirmed == 0, "stops {stops}, {rate_hz} Hz: {confirmed}");
            assert!(outcomes.iter().all(|outcome| outcome.of(EventKind::PhoneDrop).count() == 0));
        }
    }
}
