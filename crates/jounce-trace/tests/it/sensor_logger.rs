//! Sensor Logger: folders and merged tables.

use std::fmt::Write as _;

use jounce::sample::{Activity, Hint, HintSample, Sample, Sensor};
use jounce_trace::{Format, TraceError};

use crate::common::{Drive, assert_near, assert_triad, count, fixes, folder, open, parse, triads};

const START_NS: usize = 1_700_000_000_000_000_000;

/// A table at 10 Hz with `z,y,x` of every row.
fn zyx(rows: usize, value: impl Fn(usize) -> [f64; 3]) -> String {
    let mut text = "time,seconds_elapsed,z,y,x\n".to_owned();
    for i in 0..rows {
        let [x, y, z] = value(i);
        let _ = writeln!(text, "{},{},{z},{y},{x}", START_NS + i * 100_000_000, i as f64 * 0.1);
    }
    text
}

fn metadata(platform: &str, standardisation: &str) -> String {
    format!(
        "version,device name,recording epoch time,recording time,recording timezone,platform,appVersion,device id,\
         sensors,sampleRateMs,standardisation,platform version\n3,\"My, phone\",1700000000000,2023-11-14_22-13-20,\
         Europe/Berlin,{platform},1.40,id,Accelerometer|Gyroscope,10|10,{standardisation},17\n"
    )
}

fn gyro() -> String {
    zyx(Drive::SECONDS * 10, |i| [0.0, 0.0, Drive::yaw_rate_radps(i / 10)])
}

fn location() -> String {
    let mut text = "time,seconds_elapsed,bearingAccuracy,speedAccuracy,verticalAccuracy,horizontalAccuracy,speed,\
                    bearing,altitude,longitude,latitude\n"
        .to_owned();
    for s in 0..Drive::SECONDS {
        let (t, speed, course) = (START_NS + s * 1_000_000_000, Drive::SPEED_MPS, Drive::course_deg(s));
        let _ = writeln!(text, "{t},{s},2,0.5,3,4.5,{speed},{course},100,11,48");
    }
    text
}

#[test]
fn total_acceleration_is_the_specific_force_of_android() {
    let dir = folder(&[
        ("TotalAcceleration.csv", &zyx(20, |_| [0.25, 0.5, 9.75])),
        ("Accelerometer.csv", &zyx(20, |_| [0.25, 0.5, 0.0])),
        ("Gyroscope.csv", &zyx(20, |_| [0.1, 0.2, 0.3])),
        ("Barometer.csv", "time,seconds_elapsed,relativeAltitude,pressure\n1700000000000000000,0,0,1013.25\n"),
        ("Activity.csv", "time,seconds_elapsed,confidence,activity\n1700000000000000000,0,high,stationary\n"),
        ("Metadata.csv", &metadata("android", "false")),
    ]);
    let recording = open(&dir).expect("Sensor Logger");
    assert_eq!(recording.format, Format::SensorLogger);
    assert_triad(&triads(&recording, Sensor::Accel)[0], [0.25, 0.5, 9.75]);
    assert_triad(&triads(&recording, Sensor::Gyro)[0], [0.1, 0.2, 0.3]);
    assert_eq!((count(&recording, Sensor::Accel), count(&recording, Sensor::Baro)), (20, 1));
    let still = |s: &Sample| matches!(s, Sample::Hint(HintSample { hint: Hint::Activity(Activity::Still), .. }));
    assert!(recording.samples.iter().any(still));
    assert_eq!(recording.utc_ns(recording.samples[0].t().ns()), Some(1_700_000_000_000_000_000));
}

#[test]
fn on_ios_gravity_is_added_and_the_sign_turned() {
    let files = |standardisation| {
        [
            ("Accelerometer.csv", zyx(20, |_| [0.25, 0.0, 0.0])),
            ("Gravity.csv", zyx(20, |_| [0.0, 0.0, -9.75])),
            ("Metadata.csv", metadata("ios", standardisation)),
        ]
    };
    let read = |files: &[(&str, String)]| {
        let files: Vec<_> = files.iter().map(|(n, c)| (*n, c.as_str())).collect();
        triads(&open(&folder(&files)).expect("Sensor Logger"), Sensor::Accel)[0]
    };
    assert_triad(&read(&files("false")), [-0.25, 0.0, 9.75]);
    // "Standardise Units & Frames" has turned it already.
    assert_triad(&read(&files("true")), [0.25, 0.0, -9.75]);
}

#[test]
fn gravity_is_interpolated_to_the_moments_of_the_accelerometer() {
    let gravity = zyx(20, |i| [i as f64 * 0.1, 0.0, 9.8]);
    let accel = zyx(20, |_| [0.0, 1.0, 0.0]).replace("00000000,", "25000000,");
    let dir =
        folder(&[("Accelerometer.csv", &accel), ("Gravity.csv", &gravity), ("Metadata.csv", &metadata("android", ""))]);
    let accel = triads(&open(&dir).expect("Sensor Logger"), Sensor::Accel);
    // The last one has no gravity after it.
    assert_eq!(accel.len(), 19);
    assert_triad(&accel[0], [0.025, 1.0, 9.8]);
}

#[test]
fn raw_data_in_g_can_only_be_from_ios() {
    let dir = folder(&[("AccelerometerUncalibrated.csv", &zyx(20, |_| [0.0, 0.5, -0.875]))]);
    let accel = triads(&open(&dir).expect("Sensor Logger"), Sensor::Accel);
    assert_triad(&accel[0], [0.0, -0.5 * 9.80665, 0.875 * 9.80665]);
}

#[test]
fn without_metadata_the_turns_of_the_drive_tell_the_sign() {
    for up in [9.81, -9.81] {
        let accel = zyx(Drive::SECONDS * 10, |_| [0.0, 0.0, up]);
        let dir =
            folder(&[("TotalAcceleration.csv", &accel), ("Gyroscope.csv", &gyro()), ("Location.csv", &location())]);
        let recording = open(&dir).expect("Sensor Logger");
        assert_eq!(count(&recording, Sensor::Gnss), Drive::SECONDS);
        assert_near(triads(&recording, Sensor::Accel)[0].z, 9.81, 1e-9);
        assert!(recording.notes.iter().any(|n| n.contains("taken from 6 turns")), "{:?}", recording.notes);
    }
}

#[test]
fn metadata_that_the_turns_contradict_are_warned_of() {
    let accel = zyx(Drive::SECONDS * 10, |_| [0.0, 0.0, 9.81]);
    let (gyro, location) = (gyro(), location());
    let warned = |platform| {
        let metadata = metadata(platform, "false");
        let files = [
            ("TotalAcceleration.csv", accel.as_str()),
            ("Gyroscope.csv", &gyro),
            ("Location.csv", &location),
            ("Metadata.csv", &metadata),
        ];
        open(&folder(&files)).expect("Sensor Logger").notes.iter().any(|n| n.contains("WARNING"))
    };
    assert!(!warned("android"));
    assert!(warned("ios"));
}

#[test]
fn acceleration_without_gravity_is_refused() {
    let error = open(&folder(&[("Accelerometer.csv", &zyx(20, |_| [0.1, 0.1, 0.1]))])).expect_err("no gravity");
    assert!(matches!(error, TraceError::NoGravity { .. }), "{error}");
}

#[test]
fn negative_values_of_a_fix_are_unknown_and_its_table_stands_alone() {
    let header = "time,seconds_elapsed,bearingAccuracy,speedAccuracy,verticalAccuracy,horizontalAccuracy,speed,bearing,\
                  altitude,longitude,latitude\n";
    let recording = parse(&format!("{header}5,0,-1,-1,3,4.5,-1,-1,100,11,48\n6,1,1,0.5,3,4,2,0,100,11,48\n"))
        .expect("the header says what it is");
    let fix = fixes(&recording)[0];
    assert_eq!((fix.speed_mps, fix.course_deg, fix.sacc_mps, fix.hacc_m), (None, None, None, Some(4.5)));
    assert_eq!((fix.lat_deg, fix.lon_deg), (Some(48.0), Some(11.0)));
    assert!(matches!(parse(&zyx(3, |_| [0.0; 3])), Err(TraceError::LoneTable { .. })));
}

#[test]
fn merged_acceleration_with_and_without_gravity() {
    let header = "time,speed,bearing,altitude,longitude,latitude,horizontalAccuracy,acc_z,acc_y,acc_x,gyro_z,gyro_y,\
                  gyro_x,pressure,grav_z,grav_y,grav_x\n";
    let merged = |acc: &str| {
        let mut text = header.to_owned();
        for s in 0..20 {
            let _ = writeln!(text, "2025-06-11 20:34:{s:02}+00:00,2.5,90,23,21,39,4,{acc},0.3,0.2,0.1,1014,9.75,0,0.5");
        }
        let _ = writeln!(text, "2025-06-11 20:34:20+00:00,2.5,90,23,21,39,4,,,,,,,,,,");
        parse(&text).expect("merged")
    };
    for (acc, wanted) in [("9.75,0.25,0.5", [0.5, 0.25, 9.75]), ("0,0.25,0", [0.5, 0.25, 9.75])] {
        let recording = merged(acc);
        assert_eq!(recording.format, Format::SensorLoggerMerged);
        assert_eq!((count(&recording, Sensor::Accel), count(&recording, Sensor::Gyro)), (20, 20));
        assert_eq!((count(&recording, Sensor::Gnss), count(&recording, Sensor::Baro)), (21, 20));
        assert_triad(&triads(&recording, Sensor::Accel)[0], wanted);
        assert_triad(&triads(&recording, Sensor::Gyro)[0], [0.1, 0.2, 0.3]);
        assert!(recording.samples.is_sorted_by_key(Sample::t));
        assert_eq!(recording.samples[0].t().ns(), 1_749_674_040_000_000_000);
    }
}
