//! The driver behaviour data set.

use std::{f64::consts::FRAC_PI_2, fmt::Write as _};

use jounce::sample::Sensor;
use jounce_trace::{Format, TraceError};

use crate::common::{assert_near, folder, open, parse, triads};

/// A table at 50 Hz over 10 s of what an earth frame shows of a vehicle that turns left at `RATE`.
fn table(value: impl Fn(f64) -> [f64; 3]) -> String {
    let mut text = "timestamp,uptimeNanos,x,y,z\n".to_owned();
    for i in 0..=500_u32 {
        let [x, y, z] = value(f64::from(i) * 0.02);
        let _ = writeln!(text, "14/05/2016 11:17:09,{},{x},{y},{z}", 7_000_000_000 + u64::from(i) * 20_000_000);
    }
    text
}

/// A quarter turn in 10 s, rad/s.
const RATE: f64 = FRAC_PI_2 / 10.0;

#[test]
fn the_earth_frame_is_turned_back_by_the_yaw_rate() {
    // Accelerating steadily along the vehicle's own x, so in the earth frame the vector turns with the vehicle.
    let accel = table(|t| [2.0 * (RATE * t).cos(), 2.0 * (RATE * t).sin(), 9.81]);
    let gyro = table(|_| [0.1, -0.1, RATE]);
    let trip = r#"{"start": "2016-05-14 11:17:08.871-0300", "finish": "-", "firstCollectionUptimeNanos": 6900000000}"#;
    let dir = folder(&[
        ("acelerometro_terra.csv", &accel),
        ("giroscopio_terra.csv", &gyro),
        ("groundTruth.csv", "evento, inicio, fim\ncurva,1,2\n"),
        ("viagem.json", trip),
    ]);
    let recording = open(&dir).expect("driver behaviour");
    assert_eq!(recording.format, Format::DriverBehaviour);
    for accel in triads(&recording, Sensor::Accel) {
        assert_near(accel.x, 2.0, 1e-6);
        assert_near(accel.y, 0.0, 1e-6);
        assert_near(accel.z, 9.81, 1e-12);
    }
    for gyro in triads(&recording, Sensor::Gyro) {
        assert!(gyro.x == 0.0 && gyro.y == 0.0, "a levelled frame");
        assert_near(gyro.z, RATE, 1e-12);
    }
    // 14:17:08.871 UTC is at uptime 6.9 s.
    assert_eq!(recording.utc_ns(6_900_000_000), Some(1_463_235_428_871_000_000));
    // Its labels count from there as well.
    assert_eq!(recording.zero().ns(), 6_900_000_000);
}

#[test]
fn a_trip_without_its_start_has_no_utc_and_a_lone_table_is_refused() {
    let accel = table(|_| [0.0, 0.0, 9.81]);
    let recording = open(&folder(&[("acelerometro_terra.csv", &accel)])).expect("driver behaviour");
    assert_eq!(recording.utc_offset_ns, None);
    assert_eq!(recording.samples.first().map(jounce::sample::Sample::t), Some(recording.zero()));
    assert!(matches!(parse(&accel), Err(TraceError::LoneTable { format: Format::DriverBehaviour, .. })));
}
