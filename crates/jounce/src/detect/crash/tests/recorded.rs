//! Against recordings that are not part of this repository; skipped, in words, where they are absent.

use std::{path::PathBuf, println, string::String, vec::Vec};

use nalgebra::{UnitQuaternion, Vector3};

use super::rig::{Drive, G, Noise, Outcome, at, run};
use crate::{
    event::{Detail, EventKind, Phase},
    sample::{GnssFix, Sample, Triad},
    time::Timestamp,
};

fn shared(path: &str) -> Option<PathBuf> {
    let found = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    println!("skipped: {} is absent", found.display());
    None
}

fn number(field: Option<&str>) -> Option<f64> {
    field.and_then(|text| text.trim().parse().ok())
}

/// A phyphox `Raw Data.csv`, after ten seconds at rest as the first half second of it has them.
fn phyphox(path: PathBuf) -> Vec<Sample> {
    let mut reader = csv::Reader::from_path(path).expect("opens");
    let rows: Vec<(f64, Vector3<f64>)> = reader
        .records()
        .filter_map(|row| {
            let row = row.ok()?;
            let v = Vector3::new(number(row.get(1))?, number(row.get(2))?, number(row.get(3))?);
            Some((number(row.get(0))?, v))
        })
        .collect();
    let accel = |t_s: f64, v: Vector3<f64>| Sample::Accel(Triad { t: at(t_s), x: v.x, y: v.y, z: v.z });
    let rest = rows[..100].iter().map(|(_, v)| v).sum::<Vector3<f64>>() / 100.0;
    let mut samples: Vec<Sample> = (0..2000_u32).map(|step| accel(f64::from(step) / 200.0, rest)).collect();
    samples.extend(rows.iter().map(|(t_s, v)| accel(10.0 + t_s, *v)));
    samples
}

#[test]
fn real_drops_are_drops_and_no_crashes() {
    let Some(folder) = shared("data/phone-drops") else { return };
    let mut folders: Vec<PathBuf> =
        folder.read_dir().expect("lists").map(|entry| entry.expect("entry").path()).collect();
    folders.sort();
    // At home; in a car that drives on; and at a stop within a trip, where nothing but the phone itself tells.
    for place in ["home", "driving", "stopped"] {
        let (mut falls, mut named, mut throws_named, mut suspected) = (0, 0, 0, 0);
        for folder in &folders {
            let name = String::from(folder.file_name().expect("name").to_string_lossy());
            let mut samples = phyphox(folder.join("Raw Data.csv"));
            let speed_at = |t_s: f64| if place == "driving" || t_s < 3.0 { 14.0 } else { 0.0 };
            let fixes = (-30..40_i32).map(|second| f64::from(second) + 0.5).map(|t_s| (at(t_s), speed_at(t_s)));
            let fixes = fixes.filter(|_| place != "home");
            samples.extend(
                fixes.map(|(t, speed_mps)| {
                    Sample::Gnss(GnssFix { t, speed_mps: Some(speed_mps), ..GnssFix::default() })
                }),
            );
            samples.sort_by_key(Sample::t);
            let outcome = run(&samples, None);
            assert!(outcome.crashes(Phase::Confirmed).is_empty(), "{name}: {outcome:?}");
            suspected += outcome.crashes(Phase::Suspected).len();
            let drops = outcome.of(EventKind::PhoneDrop).count();
            if name.starts_with("fall") {
                falls += 1;
                named += usize::from(drops == 1);
            } else {
                throws_named += usize::from(drops >= 1);
            }
        }
        println!("{place}: {named} of {falls} falls named, {throws_named} throws, {suspected} suspected");
        assert!(named * 10 >= falls * 9, "{named} of {falls} falls named");
    }
}

/// One channel of the crash test, m/s², every 80 µs from −0.02 s.
fn channel(number_of: u32) -> Option<Vec<f64>> {
    let path = shared(&std::format!("data/nhtsa-v07292/v07292.{number_of}"))?;
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').has_headers(false).from_path(path).expect("opens");
    Some(reader.records().filter_map(|row| Some(number(row.ok()?.get(1))? * G)).collect())
}

const PULSE_HZ: f64 = 12_500.0;
const PULSE_FROM_S: f64 = -0.02;

/// Two passes, forward and back, of the second-order low-pass of SAE J211 for CFC 60.
fn cfc60(values: &[f64]) -> Vec<f64> {
    let pass = |values: &[f64]| {
        let wd = 2.0 * core::f64::consts::PI * 60.0 * 2.0775;
        let wa = libm::tan(wd / (2.0 * PULSE_HZ));
        let root2 = core::f64::consts::SQRT_2;
        let a0 = wa * wa / (1.0 + root2 * wa + wa * wa);
        let b1 = -2.0 * (wa * wa - 1.0) / (1.0 + root2 * wa + wa * wa);
        let b2 = (-1.0 + root2 * wa - wa * wa) / (1.0 + root2 * wa + wa * wa);
        let (mut x1, mut x2, mut y1, mut y2) = (0.0, 0.0, 0.0, 0.0);
        let filter = |x: &f64| {
            let y = a0 * (x + 2.0 * x1 + x2) + b1 * y1 + b2 * y2;
            (x2, x1, y2, y1) = (x1, *x, y1, y);
            y
        };
        values.iter().map(filter).rev().collect::<Vec<f64>>()
    };
    pass(&pass(values))
}

/// Channels of X and Y on one side of the striking car.
fn sides() -> Option<[(Vec<f64>, Vec<f64>); 2]> {
    Some([(channel(145)?, channel(146)?), (channel(147)?, channel(148)?)])
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked for its sign; few thousand")]
fn sampled(values: &[f64], t_s: f64) -> f64 {
    let index = libm::round((t_s - PULSE_FROM_S) * PULSE_HZ);
    if index >= 0.0 { values.get(index as usize).copied().unwrap_or(0.0) } else { 0.0 }
}

const IMPACT_S: f64 = 60.037;

fn crash_test(x: &[f64], y: &[f64], rate_hz: f64, range_g: f64, mount: UnitQuaternion<f64>) -> Outcome {
    // Vehicle axes of the test are forward and right; ours are forward and left.
    let accel = |t_s: f64| Some(Vector3::new(sampled(x, t_s - IMPACT_S), -sampled(y, t_s - IMPACT_S), 0.0));
    let speed = |t_s: f64| {
        if t_s < IMPACT_S { 31.0 } else { (15.0 - 7.0 * (t_s - IMPACT_S)).max(0.0) }
    };
    let drive = Drive {
        rate_hz,
        range_g,
        device_from_vehicle: mount,
        length_s: 85.0,
        speed: &speed,
        accel: &accel,
        turn: &super::rig::no_turn,
        gnss_until_s: f64::MAX,
        gnss_offset_s: 0.5,
    };
    run(&drive.samples(), Some(mount.inverse()))
}

#[test]
fn a_real_crash_test_is_found_through_a_phone() {
    let Some(sides) = sides() else { return };
    let mut noise = Noise(17);
    let (mut worst_suspected_s, mut worst_confirmed_s, mut runs) = (0.0_f64, 0.0_f64, 0);
    for (side, (x, y)) in sides.iter().enumerate() {
        let (x, y) = (cfc60(x), cfc60(y));
        let truth = travelled(&x, &y);
        for rate_hz in [50.0, 100.0, 200.0] {
            for range_g in [4.0, 8.0, 16.0, 100.0] {
                let mut ratios = Vec::new();
                for _ in 0..6 {
                    let axis = Vector3::new(noise.bell(), noise.bell(), noise.bell());
                    let mount = UnitQuaternion::from_scaled_axis(axis * 2.0);
                    let outcome = crash_test(&x, &y, rate_hz, range_g, mount);
                    let Some((suspected, confirmed)) = outcome.one_crash() else {
                        panic!("{side} {rate_hz} Hz {range_g} g: {outcome:?}")
                    };
                    worst_suspected_s = worst_suspected_s.max(suspected.0.s_since(at(IMPACT_S)));
                    worst_confirmed_s = worst_confirmed_s.max(confirmed.0.s_since(at(IMPACT_S)));
                    let Detail::Crash { delta_v_mps, clipped, .. } = confirmed.1.detail else { panic!() };
                    assert!(clipped || delta_v_mps / truth > 0.85, "{side} {rate_hz} {range_g}");
                    ratios.push(delta_v_mps / truth);
                    runs += 1;
                }
                let (low, high) = ratios.iter().fold((9.0_f64, 0.0_f64), |(l, h), r| (l.min(*r), h.max(*r)));
                println!("side {side}, {rate_hz} Hz, ±{range_g} g: Δv {low:.2}–{high:.2} of {truth:.1} m/s");
                let close = |ratio: f64| (0.85..1.15).contains(&ratio);
                // Bare decimation of a 100 Hz signal to 50 Hz aliases; at 100 Hz and above little is left to alias.
                assert!(range_g < 100.0 || rate_hz < 100.0 || close(low) && close(high));
            }
        }
    }
    println!("{runs} runs: suspected within {worst_suspected_s:.3} s, confirmed within {worst_confirmed_s:.1} s");
    assert!(worst_suspected_s <= 0.3 && worst_confirmed_s <= 10.0);
}

/// The true largest change of horizontal velocity, m/s.
fn travelled(x: &[f64], y: &[f64]) -> f64 {
    let (mut vx, mut vy, mut most) = (0.0, 0.0, 0.0_f64);
    for (ax, ay) in x.iter().zip(y) {
        vx += ax / PULSE_HZ;
        vy += ay / PULSE_HZ;
        most = most.max(libm::hypot(vx, vy));
    }
    most
}

/// A native trace.
fn native(path: PathBuf) -> Vec<Sample> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).comment(Some(b'#')).from_path(path).expect("opens");
    let mut samples: Vec<Sample> = Vec::new();
    for row in reader.records() {
        let row = row.expect("row");
        let t = Timestamp::from_ns(row.get(0).and_then(|text| text.parse().ok()).expect("time"));
        let value = |index: usize| number(row.get(index));
        let triad = || Some(Triad { t, x: value(2)?, y: value(3)?, z: value(4)? });
        samples.extend(match row.get(1) {
            Some("accel") => triad().map(Sample::Accel),
            Some("gyro") => triad().map(Sample::Gyro),
            Some("gnss") => Some(Sample::Gnss(GnssFix { t, speed_mps: value(5), ..GnssFix::default() })),
            _ => None,
        });
    }
    samples
}

#[test]
fn the_worked_cases_hold() {
    let Some(cases) = shared("cases") else { return };
    let zero = Timestamp::from_ns(86_412_000_000_000);
    for file in ["input.csv", "input_cut_at_42s.csv"] {
        let outcome = run(&native(cases.join("C21-crash-late-score").join(file)), None);
        let Some((suspected, (decided, event))) = outcome.one_crash() else { panic!("{file}: {outcome:?}") };
        println!("{file}: suspected at {}, decided at {}, {event:?}", suspected.0.s_since(zero), decided.s_since(zero));
        assert!((event.start.s_since(zero) - 40.05).abs() < 0.3);
        assert!(suspected.0.s_since(zero) < 40.25);
        assert!((15.7..17.7).contains(&event.speed_before_mps.expect("known")));
        assert!(matches!(event.detail, Detail::Crash { clipped: true, .. }));
    }
    let outcome = run(&native(cases.join("C19-bump-pothole/input.csv")), None);
    assert!(outcome.events.is_empty(), "{outcome:?}");
    println!("C19: {:?}", outcome.dismissals);
}

/// Columns of a CSV file with a header: the time, and three values.
fn columns(path: PathBuf, time: usize, from: usize) -> Vec<(f64, [f64; 3])> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).expect("opens");
    let triple = |row: &csv::StringRecord| {
        let value = |index: usize| number(row.get(index));
        Some((value(time)?, [value(from)?, value(from + 1)?, value(from + 2)?]))
    };
    reader.records().filter_map(|row| triple(&row.ok()?)).collect()
}

fn triads(rows: &[(f64, [f64; 3])], scale: f64, sample: fn(Triad) -> Sample) -> Vec<Sample> {
    let zero = rows[0].0;
    rows.iter().map(|(t, [x, y, z])| sample(Triad { t: at((t - zero) * scale), x: *x, y: *y, z: *z })).collect()
}

fn moving_at(speed_mps: f64, until: Timestamp) -> Vec<Sample> {
    let fix = |t: Timestamp| Sample::Gnss(GnssFix { t, speed_mps: Some(speed_mps), ..GnssFix::default() });
    (0..3600_u32).map(|second| at(f64::from(second) + 0.5)).take_while(|t| *t < until).map(fix).collect()
}

#[test]
fn real_drives_hold_no_crash() {
    if let Some(folder) = shared("data/phyphox-drive") {
        let mut samples = triads(&columns(folder.join("Accelerometer.csv"), 0, 1), 1.0, Sample::Accel);
        samples.extend(triads(&columns(folder.join("Gyroscope.csv"), 0, 1), 1.0, Sample::Gyro));
        samples.extend(columns(folder.join("Location.csv"), 0, 4).into_iter().map(|(t_s, [speed_mps, ..])| {
            Sample::Gnss(GnssFix { t: at(t_s), speed_mps: Some(speed_mps), ..GnssFix::default() })
        }));
        calm("phyphox", samples);
    }
    if let Some(trace) = shared("data/dashcam-and-can/trace.csv") {
        calm("dashcam", native(trace));
    }
    // Aggressive driving without GNSS; said to be moving, so that the gate stands open.
    for trip in ["17", "20"] {
        let Some(folder) = shared(&std::format!("data/driver-behaviour/{trip}")) else { continue };
        let mut samples = triads(&columns(folder.join("acelerometro_terra.csv"), 1, 2), 1e-9, Sample::Accel);
        samples.extend(triads(&columns(folder.join("giroscopio_terra.csv"), 1, 2), 1e-9, Sample::Gyro));
        samples.extend(moving_at(14.0, samples.last().expect("some").t()));
        calm(trip, samples);
    }
}

fn calm(name: &str, mut samples: Vec<Sample>) {
    samples.sort_by_key(Sample::t);
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else { panic!("{name} is empty") };
    let (count, length_s) = (samples.len(), last.t().s_since(first.t()));
    let outcome = run(&samples, None);
    println!("{name}: {count} samples, {length_s:.0} s, {} dismissals", outcome.dismissals.len());
    assert!(outcome.events.is_empty(), "{name}: {outcome:?}");
}
