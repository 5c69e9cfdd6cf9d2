//! Real recordings, where they are kept beside the repository.

use jounce::sample::Sensor;
use jounce_trace::{
    Format, Recording, TraceError,
    inspect::{Summary, summarise},
    open,
};

use crate::common::{assert_near, fixes, shared, triads};

fn read(path: &str) -> Option<(Recording, Summary)> {
    let recording = open(&shared(path)?).expect("readable");
    let summary = summarise(&recording);
    assert_eq!(recording.damaged.count, 0);
    assert_near(summary.accel_median_mps2.expect("an accelerometer"), 9.8, 0.6);
    Some((recording, summary))
}

fn assert_sensor(summary: &Summary, sensor: Sensor, count: usize, rate_hz: f64) {
    let found = summary.sensors.iter().find(|s| s.sensor == sensor).expect("the sensor");
    assert_eq!(found.count, count);
    assert_near(found.rate_hz.expect("a rate"), rate_hz, rate_hz * 0.01);
}

fn assert_sign_is_right(summary: &Summary) {
    let check = summary.turn_check.expect("turns");
    assert!(check.correlation > 0.95, "{check:?}");
}

#[test]
fn phyphox_drive() {
    let Some((recording, summary)) = read("data/phyphox-drive") else { return };
    assert_eq!(recording.format, Format::Phyphox);
    for sensor in [Sensor::Accel, Sensor::Gyro, Sensor::Mag] {
        assert_sensor(&summary, sensor, 6844, 10.03);
    }
    assert_sensor(&summary, Sensor::Gnss, 683, 1.0);
    assert_sign_is_right(&summary);
}

#[test]
fn phyphox_drops_clip_at_16_g() {
    let Some((recording, summary)) = read("data/phone-drops/fall_1") else { return };
    assert_sensor(&summary, Sensor::Accel, 1748, 198.6);
    assert_eq!(summary.clipping.map(|c| c.range_g), Some(16.0));
    // START in meta/time.csv: 1726598003.904 s.
    assert_near(recording.utc_offset_ns.expect("UTC") as f64 * 1e-9, 1_726_598_003.904, 1e-3);
}

#[test]
fn sensor_log_phone() {
    let Some((recording, summary)) = read("data/phone-and-can/phone.csv") else { return };
    assert_eq!(recording.format, Format::SensorLog);
    assert_sensor(&summary, Sensor::Accel, 3419, 10.0);
    assert_sensor(&summary, Sensor::Gnss, 343, 1.0);
    assert_sign_is_right(&summary);
    // The first row was logged at 15:31:37.097 UTC; logging takes some ms.
    let first = triads(&recording, Sensor::Accel)[0];
    let utc_s = recording.utc_ns(first.t.ns()).expect("UTC") as f64 * 1e-9;
    assert_near(utc_s, 1_523_201_497.097, 0.01);
    // Its fix is of 15:31:35.999192 UTC, and has the same distance on the recording's clock.
    let fix = fixes(&recording)[0];
    assert_near(first.t.s_since(fix.t), utc_s - 1_523_201_495.999_192, 1e-3);
}

#[test]
fn sensor_logger_merged() {
    let Some((recording, summary)) = read("data/sensor-logger-merged") else { return };
    assert_eq!(recording.format, Format::SensorLoggerMerged);
    assert_sensor(&summary, Sensor::Gnss, 1648, 1.0);
    assert_eq!(recording.utc_offset_ns, Some(0));
}

#[test]
fn driver_behaviour() {
    for (trip, accel, utc_s) in [("17", 20_675, 1_463_235_428.871), ("20", 30_014, 1_463_338_023.907)] {
        let Some((recording, summary)) = read(&format!("data/driver-behaviour/{trip}")) else { return };
        assert_eq!(recording.format, Format::DriverBehaviour);
        assert_sensor(&summary, Sensor::Accel, accel, 50.96);
        let (first_ns, _) = summary.span_ns.expect("samples");
        // Collection began a third of a second before the first sample.
        assert_near(recording.utc_ns(first_ns).expect("UTC") as f64 * 1e-9 - utc_s, 0.3, 0.1);
    }
}

#[test]
fn native_dashcam() {
    let Some((recording, summary)) = read("data/dashcam-and-can") else { return };
    assert_eq!(recording.format, Format::Native);
    assert_sensor(&summary, Sensor::Accel, 6256, 104.3);
}

#[test]
fn worked_cases() {
    let Some(cases) = shared("cases") else { return };
    let error = |path: &str| open(&cases.join(path)).expect_err("refused");
    for path in ["C27-decimal-comma/comma_comma.csv", "C27-decimal-comma/semicolon.csv"] {
        let message = error(path).to_string();
        assert!(message.contains(path) && message.contains("line 2") && message.contains("decimal comma"), "{message}");
    }
    for path in ["C29-empty/empty.csv", "C29-empty/blank_lines.csv"] {
        assert!(matches!(error(path), TraceError::NoData { .. }));
    }
    for (path, count) in [("C29-empty/header_only.csv", 0), ("C29-empty/one_row.csv", 1)] {
        let recording = open(&cases.join(path)).expect("no error");
        assert_eq!(recording.samples.len(), count);
        assert!(recording.notes.iter().any(|n| n.contains("too little data")));
    }
    let error = error("C01-ios-frame/input_ios_raw.csv");
    let TraceError::WrongUnit { stream: "accel", median_magnitude, .. } = error else { panic!("{error}") };
    assert_near(median_magnitude, 1.0, 0.05);
    open(&cases.join("C01-ios-frame/input_android.csv")).expect("m/s²");
}
