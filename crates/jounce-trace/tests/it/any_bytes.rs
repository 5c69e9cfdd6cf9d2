//! Whatever comes in, no reader panics, and nothing that is not finite gets out.

use jounce::sample::Sample;
use proptest::prelude::*;

const HEADERS: [&str; 8] = [
    "t_ns,sensor,v1,v2,v3",
    "\"Time (s)\",\"X (m/s^2)\",\"Y (m/s^2)\",\"Z (m/s^2)\"",
    "\"Time (s)\";\"Latitude (°)\";\"Longitude (°)\";\"Velocity (m/s)\"",
    "time,seconds_elapsed,bearingAccuracy,speedAccuracy,horizontalAccuracy,speed,bearing,altitude,longitude,latitude",
    "time,acc_x,acc_y,acc_z,grav_x,grav_y,grav_z,gyro_x,gyro_y,gyro_z,speed,bearing,latitude,longitude",
    "loggingTime(txt),locationTimestamp_since1970(s),locationLatitude(WGS84),locationLongitude(WGS84),\
     locationSpeed(m/s),accelerometerTimestamp_sinceReboot(s),accelerometerAccelerationX(G),\
     accelerometerAccelerationY(G),accelerometerAccelerationZ(G),activity(txt)",
    "timestamp,uptimeNanos,x,y,z",
    "\u{feff}t_ns,sensor",
];

fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<f64>().prop_map(|n| n.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        (-20.0..20.0).prop_map(|n: f64| n.to_string()),
        Just("2018-04-08 10:31:37.097".to_owned()),
        Just("9999-12-31T23:59:60+99:99".to_owned()),
        prop::sample::select(vec![
            "accel", "gyro", "gnss", "limit", "hint", "screen", "on", "none", "NaN", "inf", "", "\""
        ])
        .prop_map(str::to_owned),
        ".{0,6}",
    ]
}

fn rows() -> impl Strategy<Value = String> {
    let row = proptest::collection::vec(field(), 0..12).prop_map(|fields| fields.join(","));
    proptest::collection::vec(row, 0..40).prop_map(|rows| rows.join("\n"))
}

/// Rows with as many fields as the header, whose numbers come from all over the line.
fn numeric_rows(header: &str) -> impl Strategy<Value = String> {
    let number = prop_oneof![
        4 => (-20.0..20.0).prop_map(|n: f64| n.to_string()),
        1 => any::<i64>().prop_map(|n| n.to_string()),
        1 => prop::sample::select(vec!["1e308", "-1e308", "1e-320", "-1", ""]).prop_map(str::to_owned),
        1 => Just("2018-04-08 10:31:37.097".to_owned()),
    ];
    let columns = header.split([',', ';']).count();
    let row = proptest::collection::vec(number, columns).prop_map(|fields| fields.join(","));
    proptest::collection::vec(row, 0..12).prop_map(|rows| rows.join("\n"))
}

fn check(bytes: &[u8]) {
    let Ok(recording) = jounce_trace::from_reader("bytes", bytes) else { return };
    for sample in &recording.samples {
        if let Sample::Accel(s) | Sample::Gyro(s) | Sample::Mag(s) = sample {
            assert!(s.x.is_finite() && s.y.is_finite() && s.z.is_finite(), "{s:?}");
        }
    }
    let _ = jounce_trace::inspect::summarise(&recording).to_string();
}

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        check(&bytes);
    }

    #[test]
    fn arbitrary_rows_below_a_known_header(header in prop::sample::select(HEADERS.to_vec()), rows in rows()) {
        check(format!("{header}\n{rows}").as_bytes());
    }

    #[test]
    fn numeric_rows_below_a_known_header(
        (header, rows) in prop::sample::select(HEADERS.to_vec()).prop_flat_map(|h| (Just(h), numeric_rows(h)))
    ) {
        check(format!("{header}\n{rows}").as_bytes());
    }

    #[test]
    fn a_mutated_header(
        header in prop::sample::select(HEADERS.to_vec()),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        rows in rows(),
    ) {
        let mut bytes = format!("{header}\n{rows}").into_bytes();
        let at = at.index(header.len());
        bytes[at] = byte;
        check(&bytes);
    }
}
