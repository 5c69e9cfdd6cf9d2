//! `SensorLog`.

use std::fmt::Write as _;

use jounce::sample::{Activity, Hint, HintSample, Sample, Sensor};
use jounce_trace::Format;

use crate::common::{Drive, assert_near, assert_triad, count, fixes, parse, triads};

const HEADER: &str = "loggingTime(txt),locationTimestamp_since1970(s),locationLatitude(WGS84),locationLongitude(WGS84),\
                      locationAltitude(m),locationSpeed(m/s),locationCourse(°),locationHorizontalAccuracy(m),\
                      accelerometerTimestamp_sinceReboot(s),accelerometerAccelerationX(G),\
                      accelerometerAccelerationY(G),accelerometerAccelerationZ(G),gyroTimestamp_sinceReboot(s),\
                      gyroRotationX(rad/s),gyroRotationY(rad/s),gyroRotationZ(rad/s),motionTimestamp_sinceReboot(s),\
                      motionMagneticFieldX(µT),motionMagneticFieldY(µT),motionMagneticFieldZ(µT),activity(txt)\n";

/// UTC when the phone was started, s.
const STARTED_S: f64 = 1_523_000_000.0;

/// A drive at 10 Hz, logged 2–12 ms after each sample, with fixes that come 0.7 s late and are held.
fn log(zone_h: f64, zone_text: &str, speed: &str) -> String {
    let mut text = HEADER.to_owned();
    for i in 0..Drive::SECONDS * 10 {
        let uptime = 5000.0 + i as f64 * 0.1;
        let logged = STARTED_S + uptime + 0.002 + (i % 3) as f64 * 0.005;
        let fix = (STARTED_S + uptime - 0.7).floor();
        let local = jiff::SignedDuration::from_secs_f64(logged + zone_h * 3600.0).round(jiff::Unit::Millisecond);
        let local = jiff::Timestamp::from_duration(local.expect("in range")).expect("in range");
        let local = local.strftime("%Y-%m-%d %H:%M:%S%.3f");
        let yaw_rate = Drive::yaw_rate_radps(i / 10);
        let course = Drive::course_deg(i / 10);
        let _ = writeln!(
            text,
            "{local}{zone_text},{fix},48,11,500,{speed},{course},8,{uptime},0.125,0,-1,{uptime},0,0,{yaw_rate},{uptime},\
             20,0,-40,{}",
            if i < 100 { "stationary" } else { "automotive" }
        );
    }
    text
}

#[test]
fn g_with_the_ios_sign_becomes_specific_force() {
    let recording = parse(&log(-5.0, "", "10")).expect("SensorLog");
    assert_eq!(recording.format, Format::SensorLog);
    let accel = triads(&recording, Sensor::Accel);
    assert_eq!(accel.len(), Drive::SECONDS * 10);
    assert_triad(&accel[0], [-0.125 * 9.80665, 0.0, 9.80665]);
    assert_triad(&triads(&recording, Sensor::Mag)[0], [20.0, 0.0, -40.0]);
    let notes = recording.notes.join("\n");
    assert!(notes.contains("median magnitude 1.008 (as it should be); iOS sign"), "{notes}");
    assert!(notes.contains("the sign agrees with"), "{notes}");
}

#[test]
fn every_fix_comes_once_at_its_own_time() {
    for (zone_h, zone_text) in [(-5.0, ""), (5.75, ""), (0.0, ""), (2.0, " +0200")] {
        let recording = parse(&log(zone_h, zone_text, "10")).expect("SensorLog");
        let fixes = fixes(&recording);
        assert!((79..=82).contains(&fixes.len()), "{}", fixes.len());
        let utc_ns = recording.utc_ns(5_000_000_000_000).expect("UTC");
        assert_near(utc_ns as f64 * 1e-9 - STARTED_S, 5000.002, 1e-3);
        // Fixes are stamped at whole seconds of UTC.
        let t_s = fixes[5].t.ns() as f64 * 1e-9;
        assert_near(t_s, t_s.round(), 4e-3);
        assert_near(fixes[5].t.s_since(fixes[4].t), 1.0, 1e-9);
    }
}

#[test]
fn minus_one_is_unknown_and_hints_come_when_they_change() {
    let recording = parse(&log(1.0, "", "-1")).expect("SensorLog");
    assert!(fixes(&recording).iter().all(|f| f.speed_mps.is_none() && f.hacc_m == Some(8.0) && f.sacc_mps.is_none()));
    let hints: Vec<_> = recording
        .samples
        .iter()
        .filter_map(|s| if let Sample::Hint(HintSample { t, hint }) = s { Some((t.ns(), *hint)) } else { None })
        .collect();
    let activity = |ns, activity| (ns, Hint::Activity(activity));
    assert_eq!(
        hints,
        [activity(5_000_000_000_000, Activity::Still), activity(5_010_000_000_000, Activity::Automotive)]
    );
}

#[test]
fn held_samples_are_not_repeated() {
    let text = log(1.0, "", "10");
    let held = text.lines().flat_map(|line| [line, line]).skip(1).collect::<Vec<_>>().join("\n");
    let (once, twice) = (parse(&text).expect("SensorLog"), parse(&held).expect("SensorLog"));
    assert_eq!(once.samples, twice.samples);
    assert_eq!(count(&twice, Sensor::Gyro), Drive::SECONDS * 10);
}

#[test]
fn without_a_zone_and_a_fix_there_is_no_utc() {
    let text: String = log(1.0, "", "10")
        .lines()
        .enumerate()
        .map(|(i, line)| {
            let mut fields: Vec<_> = line.split(',').collect();
            if i > 0 {
                fields[1] = "-1";
            }
            fields.join(",") + "\n"
        })
        .collect();
    let recording = parse(&text).expect("SensorLog");
    assert_eq!((recording.utc_offset_ns, count(&recording, Sensor::Gnss)), (None, 0));
    assert!(recording.notes.iter().any(|n| n.contains("UTC is not known")), "{:?}", recording.notes);
}
