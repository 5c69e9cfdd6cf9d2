//! The summary.

use jounce::sample::Sensor;
use jounce_trace::{
    TraceError,
    inspect::{Clipping, Summary, summarise},
};

use crate::common::{assert_near, folder, open, parse};

fn summary(rows: &str) -> Summary {
    summarise(&parse(&format!("t_ns,sensor,v1,v2,v3,v4,v5,v6,v7\n{rows}")).expect("native"))
}

#[test]
fn rates_gaps_duplicates_and_disorder_are_told() {
    let ms = |ms: u64| format!("{},gyro,0,0,0\n", ms * 1_000_000);
    let rows: String = [0, 20, 40, 40, 80, 60, 100, 1600, 1620].map(ms).concat() + "1000000000,accel,0,0,9.8\n";
    let summary = summary(&rows);
    let gyro = summary.sensors.iter().find(|s| s.sensor == Sensor::Gyro).expect("a gyroscope");
    assert_eq!((gyro.count, gyro.gaps, gyro.duplicates, gyro.out_of_order), (9, 1, 1, 1));
    assert_near(gyro.rate_hz.expect("a rate"), 50.0, 1e-9);
    assert_near(gyro.span_s, 1.62, 1e-9);
    assert_near(gyro.min_interval_s.expect("intervals"), 0.02, 1e-9);
    assert_near(gyro.max_interval_s.expect("intervals"), 1.5, 1e-9);
    assert_near(gyro.max_lateness_s, 0.02, 1e-9);
    // Late against the gyroscope, though it is the only one of its kind.
    let accel = summary.sensors.iter().find(|s| s.sensor == Sensor::Accel).expect("an accelerometer");
    assert_near(accel.max_lateness_s, 0.62, 1e-9);
    assert_eq!((accel.rate_hz, accel.out_of_order), (None, 0));
}

#[test]
fn a_second_between_fixes_is_no_gap_but_a_missing_one_is() {
    let at = |ms: u64| format!("{},gnss,48,11,,5\n", ms * 1_000_000);
    let summary = summary(&[0, 1000, 2050, 3000, 5000, 6000].map(at).concat());
    assert_eq!(summary.sensors[0].gaps, 1);
}

#[test]
fn clipping_is_told_by_the_range_it_stops_at() {
    let rows = |peak: f64| -> String {
        let force = |i: u32| if i.is_multiple_of(25) { peak } else { 9.8 };
        (0..100).map(|i| format!("{i},accel,0,0,{}\n", force(i))).collect::<Vec<_>>().concat()
    };
    assert_eq!(summary(&rows(156.9064)).clipping, Some(Clipping { range_g: 16.0, samples: 4 }));
    assert_eq!(summary(&rows(-39.2266)).clipping, Some(Clipping { range_g: 4.0, samples: 4 }));
    assert_eq!(summary(&rows(50.0)).clipping, None);
}

#[test]
fn unknown_values_of_fixes_are_counted() {
    let unknown = summary("1,gnss,48,11,,-1,90,5\n2,gnss,,,,3\n").gnss_unknown.expect("fixes");
    assert_eq!((unknown.position, unknown.speed, unknown.course), (1, 1, 1));
    assert_eq!((unknown.horizontal_accuracy, unknown.speed_accuracy), (1, 2));
}

#[test]
fn the_summary_reads_as_a_table() {
    let summary = summary("1000,accel,0,0,9.8\n2000,accel,0,0,?\n20001000,accel,0,0,9.8\n");
    let text = summary.to_string();
    assert!(text.contains("format    native (header `t_ns,sensor,…`)"), "{text}");
    assert!(text.contains("accel          2      0.020     50.00     0.0200     0.0200"), "{text}");
    assert!(text.contains("line 3, column 5 (v3): expected a number"), "{text}");
    let json = serde_json::to_value(&summary).expect("serialisable");
    assert_eq!(json["sensors"][0]["sensor"], "accel");
    assert_eq!(json["damaged_rows"], 1);
}

#[test]
fn a_folder_may_hold_one_trace_beside_other_files() {
    let native = "t_ns,sensor,v1\n1,baro,1000\n2,baro,1001\n";
    let recording = open(&folder(&[("a.csv", native), ("b.csv", "t_ns,speed_mps\n1,2\n"), ("c.bin", "\0")]));
    assert_eq!(recording.expect("one trace").samples.len(), 2);
    assert!(matches!(open(&folder(&[("a.csv", native), ("b.csv", native)])), Err(TraceError::Ambiguous { .. })));
    assert!(matches!(open(&folder(&[("b.csv", "a,b\n")])), Err(TraceError::UnknownFormat { .. })));
    assert!(matches!(open(&folder(&[])), Err(TraceError::NoData { .. })));
}
