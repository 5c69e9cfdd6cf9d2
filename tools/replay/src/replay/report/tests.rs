use std::{fs, path::Path};

use jounce::{
    event::{Detail, Dismissal, Event, EventId, EventKind, LimitSource, Phase, Position, Reason, Severity, Side},
    health::{Diagnostic, Health},
    time::Timestamp,
};

use super::*;

/// Monday, 4 May 2026, 14:03:00 UTC, less the recording's first moment.
const UTC_OFFSET_NS: i64 = 1_777_903_380_000_000_000 - START_NS;
const START_NS: i64 = 1_000_000_000;

fn at(s: f64) -> Timestamp {
    Timestamp::from_ns(START_NS).plus_s(s)
}

fn event(kind: EventKind, ordinal: u32, start_s: f64, end_s: f64) -> Event {
    let mut event = Event::new(kind, at(start_s), at(end_s));
    event.id = EventId { kind, ordinal };
    event
}

fn braking() -> Event {
    Event {
        severity: Some(Severity::Severe),
        confidence: 0.93,
        position: Some(Position { lat_deg: 48.25, lon_deg: 11.5 }),
        speed_before_mps: Some(17.3),
        speed_after_mps: Some(8.6),
        peak_mps2: Some(-5.21),
        mean_mps2: Some(-4.4),
        reasons: vec![
            Reason::AccelBeyond { peak_mps2: -5.21, threshold_mps2: -3.6, held_s: 1.9, needed_s: 0.6 },
            Reason::GnssAgrees { gnss_delta_mps: -8.1, inertial_delta_mps: -8.7 },
            Reason::Retrospective { delay_s: 42.0 },
        ],
        ..event(EventKind::HardBraking, 1, 63.9, 66.1)
    }
}

fn speeding() -> Event {
    Event {
        detail: Detail::Speeding {
            limit_mps: 50.0 / 3.6,
            limit_source: LimitSource::Fixed,
            mean_speed_mps: 64.0 / 3.6,
            max_speed_mps: 71.0 / 3.6,
            distance_m: 320.0,
        },
        ..event(EventKind::Speeding, 1, 100.0, 118.0)
    }
}

fn crash(phase: Phase) -> Event {
    Event {
        phase,
        severity: Some(Severity::Moderate),
        confidence: 0.8,
        speed_before_mps: Some(12.0),
        detail: Detail::Crash {
            delta_v_mps: 6.0,
            peak_g: 7.8,
            duration_s: 0.11,
            direction_clock: Some(12),
            clipped: true,
            secondary_impacts: 2,
        },
        reasons: vec![Reason::Clipped { range_g: 8.0 }],
        ..event(EventKind::Crash, 1, 4000.0, 4000.1)
    }
}

fn replayed(events: Vec<Event>, utc_offset_ns: Option<i64>) -> Replayed {
    let dismissal = Dismissal {
        kind: EventKind::HarshCornering,
        start: at(70.0),
        end: at(71.5),
        peak_mps2: Some(4.0),
        reasons: vec![Reason::TooSlow { speed_mps: 2.0, needed_mps: 5.0 }],
    };
    let health = Health { speed_unit: Some(Diagnostic::SpeedUnit { ratio: 1.94 }), ..Health::default() };
    Replayed::for_test("drive.csv", (at(0.0), at(4100.0)), utc_offset_ns, events, vec![dismissal], health)
}

fn all() -> Vec<Event> {
    let corner = Event { direction: Some(Side::Right), ..event(EventKind::HarshCornering, 1, 80.0, 82.0) };
    vec![braking(), corner, speeding(), crash(Phase::Suspected), crash(Phase::Confirmed)]
}

fn written(format: EventFormat, traces: &[Replayed], explain: bool) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out");
    let out = Output::open(Some(&path)).expect("an output");
    let mut report = Report::new(format, out, traces.len() > 1, explain).expect("a report");
    for trace in traces {
        report.trace(trace).expect("a trace");
    }
    assert!(!Path::exists(&path), "nothing appears before the end");
    report.finish().expect("the end");
    fs::read_to_string(path).expect("the output")
}

#[test]
fn a_table_is_for_people() {
    insta::assert_snapshot!(written(EventFormat::Table, &[replayed(all(), None)], true));
}

#[test]
fn a_table_tells_utc_when_it_is_known() {
    insta::assert_snapshot!(written(EventFormat::Table, &[replayed(all(), Some(UTC_OFFSET_NS))], false));
}

#[test]
fn no_events_are_told_as_well() {
    insta::assert_snapshot!(written(EventFormat::Table, &[replayed(vec![], None), replayed(vec![], None)], false));
}

#[test]
fn a_table_fits_its_width() {
    let table = written(EventFormat::Table, &[replayed(all(), Some(UTC_OFFSET_NS))], true);
    for line in table.lines() {
        assert!(line.chars().count() <= 120, "{line}");
        assert_eq!(line, line.trim_end());
    }
}

#[test]
fn csv_has_the_same_columns_in_every_row() {
    insta::assert_snapshot!(written(EventFormat::Csv, &[replayed(all(), None)], true));
}

#[test]
fn geojson_puts_longitude_first() {
    let text = written(EventFormat::Geojson, &[replayed(all(), None)], false);
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let features = json["features"].as_array().expect("features");
    assert_eq!(features.len(), 5);
    assert_eq!(features[0]["geometry"]["coordinates"], serde_json::json!([11.5, 48.25]));
    assert_eq!(features[0]["properties"]["kind"], "hard_braking");
    assert!(features[1]["geometry"].is_null());
    let empty = written(EventFormat::Geojson, &[replayed(vec![], None)], false);
    assert_eq!(empty, "{\"type\":\"FeatureCollection\",\"features\":[\n]}\n");
}

#[test]
fn explaining_leaves_the_event_lines_as_they_are() {
    let plain = written(EventFormat::Jsonl, &[replayed(all(), None)], false);
    let explained = written(EventFormat::Jsonl, &[replayed(all(), None)], true);
    assert_eq!(plain.lines().count(), 5);
    assert_eq!(explained.strip_prefix(&plain).expect("the same bytes first").lines().count(), 2);
    insta::assert_snapshot!(explained.replace(&plain, ""));
}

#[test]
fn an_event_line_is_the_event() {
    let expected: String = all().iter().map(|e| serde_json::to_string(e).expect("JSON") + "\n").collect();
    assert_eq!(written(EventFormat::Jsonl, &[replayed(all(), None)], false), expected);
    // Of several traces each line says of which one it is, behind what it says anyway.
    let two = written(EventFormat::Jsonl, &[replayed(all(), None), replayed(vec![], None)], false);
    let named: Vec<String> = expected
        .lines()
        .map(|l| l.strip_suffix('}').expect("an object").to_owned() + ",\"trace\":\"drive.csv\"}")
        .collect();
    assert_eq!(two.lines().collect::<Vec<_>>(), named);
}

#[test]
fn a_clock_counts_from_the_start() {
    assert_eq!(clock(at(0.0), at(0.0)), "0:00:00.0");
    assert_eq!(clock(at(3_661.26), at(0.0)), "1:01:01.2");
    assert_eq!(clock(at(-1.5), at(0.0)), "-0:00:01.5");
    assert_eq!(clock(Timestamp::MAX, Timestamp::MIN), "2562047:47:16.8");
}
