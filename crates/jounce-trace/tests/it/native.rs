//! The native CSV: reading, refusing, writing.

use std::num::NonZeroU64;

use jounce::{
    sample::{
        Activity, BaroSample, ConsentSample, GnssFix, Hint, HintSample, LimitSample, PostedLimit, Sample, Sensor, Triad,
    },
    time::Timestamp,
};
use jounce_trace::{Format, Problem, TraceError, from_reader, write_native};
use proptest::prelude::*;

use crate::common::parse;

const HEADER: &str = "t_ns,sensor,v1,v2,v3,v4,v5,v6,v7\n";

fn at(ns: i64) -> Timestamp {
    Timestamp::from_ns(ns)
}

#[test]
fn every_sensor_is_read_in_the_order_of_the_file() {
    let rows = "\
# a comment

30,accel,0.5,-1e-1,9.81
10,gyro,1,2,3
20,mag,4,5,6,,,,
20,gnss,48.5,11.25,,12.5,,3
20,baro,1013.25
40,hint,activity,walking
50,limit,90
60,limit,none
70,limit,unknown
";
    let recording = parse(&format!("{HEADER}{rows}")).expect("a native trace");
    let triad = |ns, x, y, z| Triad { t: at(ns), x, y, z };
    let fix = GnssFix {
        t: at(20),
        lat_deg: Some(48.5),
        lon_deg: Some(11.25),
        speed_mps: Some(12.5),
        hacc_m: Some(3.0),
        ..GnssFix::default()
    };
    let limit = |ns, limit| Sample::Limit(LimitSample { t: at(ns), limit });
    let expected = vec![
        Sample::Accel(triad(30, 0.5, -0.1, 9.81)),
        Sample::Gyro(triad(10, 1.0, 2.0, 3.0)),
        Sample::Mag(triad(20, 4.0, 5.0, 6.0)),
        Sample::Gnss(fix),
        Sample::Baro(BaroSample { t: at(20), pressure_hpa: 1013.25 }),
        Sample::Hint(HintSample { t: at(40), hint: Hint::Activity(Activity::Walking) }),
        limit(50, PostedLimit::Limit(25.0)),
        limit(60, PostedLimit::NoLimit),
        limit(70, PostedLimit::Unknown),
    ];
    assert_eq!(recording.format, Format::Native);
    assert_eq!(recording.samples, expected);
    assert_eq!(recording.damaged.count, 0);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_no_matter() {
    let unix = format!("{HEADER}1,accel,0,0,9.8\n2,accel,0,0,9.8\n");
    let windows = format!("\u{feff}{}", unix.replace('\n', "\r\n"));
    assert_eq!(parse(&windows).expect("readable").samples, parse(&unix).expect("readable").samples);
}

#[test]
fn a_trace_without_a_header_is_read_from_its_first_row() {
    let recording = parse("1,accel,0,0,9.8\n2,accel,0,0,9.8\n").expect("a native trace");
    assert_eq!(recording.samples.len(), 2);
}

#[test]
fn damaged_rows_are_counted_with_their_place() {
    let good = "5,gyro,0,0,0\n".repeat(80);
    let bad = "\
1,accel,0,abc,9.8
2,accel,0,0
3,gnss,48.x,11
# a comment, and a blank line

4,hint,screen,maybe
x,gyro,0,0,0
6,gyro,NaN,0,0
7,radar,1
8,limit,-3
";
    for (rows, ends) in [(format!("{HEADER}{good}{bad}"), "\n"), (format!("{HEADER}{good}{bad}"), "\r\n")] {
        let recording = parse(&rows.replace('\n', ends)).expect("mostly good");
        let places: Vec<_> = recording.damaged.rows.iter().map(ToString::to_string).collect();
        assert_eq!(recording.samples.len(), 80);
        assert_eq!(
            places,
            [
                "trace.csv: line 82, column 4 (v2): expected a number, found \"abc\"",
                "trace.csv: line 83: wrong number of fields: 4, expected 5",
                "trace.csv: line 84, column 3 (v1): expected a number",
                "trace.csv: line 87, column 4 (v2): expected a hint known here, found \"maybe\"",
                "trace.csv: line 88, column 1 (t_ns): expected whole nanoseconds, found \"x\"",
                "trace.csv: line 89, column 3 (v1): expected a number, found \"NaN\"",
                "trace.csv: line 90, column 2 (sensor): expected accel, gyro, mag, gnss, baro, hint, limit or consent, found \"radar\"",
                "trace.csv: line 91, column 3 (v1): expected km/h, `none` or `unknown`, found \"-3\"",
            ]
        );
    }
}

#[test]
fn a_last_row_cut_short_is_one_damaged_row() {
    let recording = parse(&format!("{HEADER}1,accel,0,0,9.8\n2,accel,0,")).expect("one row is good");
    assert_eq!((recording.samples.len(), recording.damaged.count), (1, 1));
    assert_eq!(recording.damaged.rows[0].line, NonZeroU64::new(3));
    let recording = parse(&format!("{HEADER}1,accel,0,")).expect("nothing is left, but nothing is wrong either");
    assert_eq!((recording.samples.len(), recording.damaged.count), (0, 1));
}

#[test]
fn many_damaged_rows_are_an_error_at_the_first_one() {
    let rows = |bad: usize| format!("{HEADER}{}{}", "1,gyro,0,0,0\n".repeat(40 - bad), "1,gyro,0,?,0\n".repeat(bad));
    assert_eq!(parse(&rows(4)).expect("one in ten").damaged.count, 4);
    let error = parse(&rows(5)).expect_err("more than one in ten");
    assert!(
        matches!(&error, TraceError::Damaged { first, damaged: 5, rows: 40 } if first.line == NonZeroU64::new(37)),
        "{error}"
    );
    parse(&format!("{HEADER}{}", "1,gyro,0,?,0\n".repeat(3))).expect_err("nothing but damage");
}

#[test]
fn decimal_commas_are_refused_in_line_two() {
    let comma = format!("{HEADER}1,accel,0,0892,-0,0296,9,8261\n2,gyro,0,0065,-0,0093,-0,0052\n");
    let semicolon = comma.replace(',', ";").replace("0;0892;-0;0296;9;8261", "0,0892;-0,0296;9,8261");
    for (name, text) in [("comma.csv", comma), ("semicolon.csv", semicolon)] {
        let error = from_reader(name, text.as_bytes()).expect_err("ambiguous");
        let TraceError::Damaged { first, .. } = &error else { panic!("{error}") };
        assert_eq!(first.line, NonZeroU64::new(2));
        assert!(first.problem.suggests_decimal_comma());
        let message = error.to_string();
        assert!(message.contains(name) && message.contains("line 2") && message.contains("decimal comma"), "{message}");
    }
}

#[test]
fn specific_force_in_g_is_refused() {
    let rows = (0..20).map(|i| format!("{i},accel,0.04,-0.94,0.30\n")).collect::<Vec<_>>().concat();
    let error = parse(&format!("{HEADER}{rows}")).expect_err("g");
    let TraceError::WrongUnit { stream: "accel", median_magnitude, .. } = error else { panic!("{error}") };
    crate::common::assert_near(median_magnitude, 0.99, 0.01);
}

#[test]
fn an_odd_magnitude_is_noted() {
    let rows = (0..50).map(|i| format!("{i},accel,0.1,0.1,0.2\n")).collect::<Vec<_>>().concat();
    let recording = parse(&format!("{HEADER}{rows}")).expect("odd, but readable");
    assert!(recording.notes.iter().any(|n| n.contains("median magnitude 0.24")), "{:?}", recording.notes);
}

#[test]
fn little_data_is_noted_and_no_data_refused() {
    for blank in ["", "\n\n  \r\n", "\u{feff}", "# nothing\n"] {
        let error = parse(blank).expect_err("nothing there");
        assert_eq!(error.to_string(), "trace.csv: no data");
    }
    let notes = |text: String| parse(&text).expect("readable").notes;
    assert_eq!(notes(HEADER.to_owned()), ["too little data: 0 samples"]);
    assert_eq!(notes(format!("{HEADER}1,accel,0,0,9.81\n")), ["too little data: 1 sample"]);
}

#[test]
fn an_unknown_header_is_quoted() {
    let error = parse("Time,Speed (MPH)\n1,2\n").expect_err("unknown");
    assert!(error.to_string().contains("Time,Speed (MPH)") && error.to_string().contains("phyphox"), "{error}");
    let zip = from_reader("trace.zip", &b"PK\x03\x04\0\0"[..]).expect_err("unknown");
    assert!(zip.to_string().contains("unpack"), "{zip}");
}

#[test]
fn a_damaged_row_can_be_made_an_error() {
    let recording = parse(&format!("{HEADER}1,accel,0,0,9.8\n2,accel,0,0,?\n")).expect("readable");
    let row = recording.damaged.rows[0].clone();
    assert!(matches!(row.problem, Problem::BadValue { expected: "a number", .. }));
    let message = row.to_string();
    assert_eq!(TraceError::from(row).to_string(), message);
}

fn any_sample() -> impl Strategy<Value = Sample> {
    let number = || any::<f64>().prop_filter("finite", |n| n.is_finite());
    let maybe = move || proptest::option::of(number());
    let t = || any::<i64>().prop_map(at);
    let triad = move || (t(), number(), number(), number()).prop_map(|(t, x, y, z)| Triad { t, x, y, z });
    let fix = (t(), [maybe(), maybe(), maybe(), maybe(), maybe(), maybe(), maybe()]).prop_map(|(t, v)| GnssFix {
        t,
        lat_deg: v[0],
        lon_deg: v[1],
        alt_m: v[2],
        speed_mps: v[3],
        course_deg: v[4],
        hacc_m: v[5],
        sacc_mps: v[6],
    });
    let hint = prop_oneof![
        any::<bool>().prop_map(Hint::Screen),
        any::<bool>().prop_map(Hint::Car),
        Just(Hint::Activity(Activity::Cycling)),
    ];
    let limit = prop_oneof![
        (1_u16..400).prop_map(|kmh| PostedLimit::Limit(f64::from(kmh) / 3.6)),
        Just(PostedLimit::NoLimit),
        Just(PostedLimit::Unknown),
    ];
    prop_oneof![
        triad().prop_map(Sample::Accel),
        triad().prop_map(Sample::Gyro),
        triad().prop_map(Sample::Mag),
        fix.prop_map(Sample::Gnss),
        (t(), number()).prop_map(|(t, pressure_hpa)| Sample::Baro(BaroSample { t, pressure_hpa })),
        (t(), hint).prop_map(|(t, hint)| Sample::Hint(HintSample { t, hint })),
        (t(), limit).prop_map(|(t, limit)| Sample::Limit(LimitSample { t, limit })),
        (t(), 0..Sensor::Consent.index(), any::<bool>()).prop_map(|(t, sensor, allowed)| {
            Sample::Consent(ConsentSample { t, sensor: Sensor::ALL[sensor], allowed })
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(samples in proptest::collection::vec(any_sample(), 0..9)) {
        // Below the number of samples at which units are judged: these are no real vectors.
        let mut bytes = Vec::new();
        write_native(samples.iter().copied(), &mut bytes).expect("a vector takes everything");
        let recording = from_reader("written", bytes.as_slice()).expect("native");
        prop_assert_eq!(recording.samples, samples);
        prop_assert_eq!(recording.damaged.count, 0);
    }

    #[test]
    fn an_odd_limit_is_off_by_the_last_bit_at_most(mps in 0.1..200.0_f64) {
        let sample = Sample::Limit(LimitSample { t: at(0), limit: PostedLimit::Limit(mps) });
        let mut bytes = Vec::new();
        write_native([sample].into_iter(), &mut bytes).expect("a vector takes everything");
        let recording = from_reader("written", bytes.as_slice()).expect("native");
        let Sample::Limit(LimitSample { limit: PostedLimit::Limit(read), .. }) = recording.samples[0] else {
            panic!("a limit")
        };
        prop_assert!((read - mps).abs() <= mps * f64::EPSILON);
    }
}
