//! phyphox exports.

use jounce::sample::{Sample, Sensor};
use jounce_trace::{Format, TraceError};

use crate::common::{assert_near, assert_triad, count, fixes, folder, open, parse, triads};

fn table(header: &str, row: impl Fn(usize) -> String) -> String {
    format!("{header}\n{}", (0..20).map(|i| row(i) + "\n").collect::<String>())
}

fn xyz(unit: &str, values: &str) -> String {
    table(&format!("\"Time (s)\",\"X ({unit})\",\"Y ({unit})\",\"Z ({unit})\""), |i| {
        format!("{:.9E},{values}", i as f64 * 0.1)
    })
}

#[test]
fn tables_are_told_by_their_headers_and_merged_by_time() {
    let location = "\"Time (s)\",\"Latitude (°)\",\"Longitude (°)\",\"Height (m)\",\"Velocity (m/s)\",\"Direction (°)\",\
                    \"Horizontal Accuracy (m)\",\"Vertical Accuracy (°)\"\n\
                    2.5E-1,4.5E1,2.3E1,-1.2E1,1.4E1,1.4E2,3E1,5.7E1\n1.25E0,4.5E1,2.3E1,NaN,-1E0,NaN,3E1,5E1\n";
    let dir = folder(&[
        ("a.csv", &xyz("m/s^2", "0.5,8,5.5")),
        ("b.csv", &xyz("rad/s", "0.1,0.2,0.3")),
        ("c.csv", &xyz("µT", "30,1,2")),
        ("d.csv", location),
    ]);
    let recording = open(&dir).expect("phyphox");
    assert_eq!(recording.format, Format::Phyphox);
    for sensor in [Sensor::Accel, Sensor::Gyro, Sensor::Mag] {
        assert_eq!(count(&recording, sensor), 20);
    }
    assert!(recording.samples.is_sorted_by_key(Sample::t));
    assert_triad(&triads(&recording, Sensor::Gyro)[1], [0.1, 0.2, 0.3]);
    let [first, second] = fixes(&recording)[..] else { panic!("two fixes") };
    assert_eq!((first.t.ns(), first.speed_mps, first.hacc_m), (250_000_000, Some(14.0), Some(30.0)));
    assert_eq!((second.alt_m, second.speed_mps, second.course_deg), (None, None, None));
    assert_eq!(second.lat_deg, Some(45.0));
}

#[test]
fn all_separators_phyphox_offers_give_the_same() {
    let comma = xyz("m/s^2", "-1.25,8.5,5.5");
    let expected = parse(&comma).expect("phyphox").samples;
    assert_eq!(expected.len(), 20);
    for separator in [";", "\t"] {
        let point = comma.replace(',', separator);
        assert_eq!(parse(&point).expect("phyphox").samples, expected);
        assert_eq!(parse(&point.replace('.', ",")).expect("phyphox").samples, expected);
    }
}

#[test]
fn a_translated_header_is_told_by_units_and_axes() {
    let header = "\"Zeit (s)\";\"Beschleunigung x (m/s²)\";\"Beschleunigung y (m/s²)\";\"Beschleunigung z (m/s²)\";\
                  \"Absolute Beschleunigung (m/s²)\"";
    let recording = parse(&table(header, |i| format!("{i},0;0,5;0,25;9,75;9,8"))).expect("phyphox");
    assert_triad(&triads(&recording, Sensor::Accel)[0], [0.5, 0.25, 9.75]);
}

#[test]
fn columns_padded_with_nan_are_shorter_not_damaged() {
    let header = "\"Time (s)\",\"Acceleration x (m/s^2)\",\"Acceleration y (m/s^2)\",\"Acceleration z (m/s^2)\",\
                  \"Gyroscope x (rad/s)\",\"Gyroscope y (rad/s)\",\"Gyroscope z (rad/s)\"";
    let row = |i: usize| format!("{i}E-1,0,0,9.8,{}", if i < 5 { "1,2,3" } else { "NaN,NaN,NaN" });
    let recording = parse(&table(header, row)).expect("phyphox");
    assert_eq!((count(&recording, Sensor::Accel), count(&recording, Sensor::Gyro)), (20, 5));
    assert_eq!(recording.damaged.count, 0);
}

#[test]
fn acceleration_without_gravity_is_refused_or_left_aside() {
    let (linear, total) = (xyz("m/s^2", "0.1,0.2,0.3"), xyz("m/s^2", "0.1,0.2,9.8"));
    let error = open(&folder(&[("Accelerometer.csv", &linear)])).expect_err("no gravity");
    assert!(matches!(&error, TraceError::NoGravity { found, .. } if found == "accelerometer"), "{error}");
    let recording = open(&folder(&[("a.csv", &linear), ("b.csv", &total)])).expect("one with gravity");
    assert_triad(&triads(&recording, Sensor::Accel)[0], [0.1, 0.2, 9.8]);
    let named =
        xyz("m/s^2", "0.1,0.2,9.8").replace("\"X", "\"Linear Acceleration X").replace("\"Y", "\"Linear Acceleration Y");
    let named = named.replace("\"Z", "\"Linear Acceleration Z");
    assert!(matches!(parse(&named), Err(TraceError::NoGravity { .. })));
}

#[test]
fn pauses_are_put_back_and_utc_is_that_of_the_start() {
    let time = "\"event\",\"experiment time\",\"system time\",\"system time text\"\n\
                \"START\",0E0,1700000000.500,\"-\"\n\"PAUSE\",1.05E0,1700000001.550,\"-\"\n\
                \"START\",1.05E0,1700000031.550,\"-\"\n\"PAUSE\",2E0,1700000032.500,\"-\"\n";
    let dir = folder(&[("Raw Data.csv", &xyz("m/s^2", "0,0,9.8")), ("meta/time.csv", time)]);
    let recording = open(&dir).expect("phyphox");
    let accel = triads(&recording, Sensor::Accel);
    assert_near(accel[10].t.s_since(accel[0].t), 1.0, 1e-9);
    assert_near(accel[11].t.s_since(accel[0].t), 31.1, 1e-6);
    let offset_ns = recording.utc_offset_ns.expect("UTC");
    assert!((offset_ns - 1_700_000_000_500_000_000).abs() < 1_000, "{offset_ns}");
    assert_eq!(recording.clocks.len(), 1);
}

#[test]
fn rows_of_the_wrong_width_say_which() {
    let mut text = xyz("m/s^2", "0,0,9.8");
    text.push_str("5E0,0,0\n");
    let recording = parse(&text).expect("phyphox");
    assert_eq!(recording.damaged.rows[0].to_string(), "trace.csv: line 22: wrong number of fields: 3, expected 4");
    let commas = text.replace(".8", ",8");
    let error = parse(&commas).expect_err("decimal commas between commas");
    assert!(error.to_string().contains("line 2") && error.to_string().contains("decimal comma"), "{error}");
}
