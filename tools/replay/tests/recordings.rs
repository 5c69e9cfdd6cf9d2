//! Real recordings and worked cases, where they are kept beside the project. Elsewhere these tests skip, and say so.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assert_cmd::Command;
use serde_json::Value;

/// A file or folder beside the project; none where it is absent, which is told.
fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    println!("skipped: {path} is not kept beside this project");
    None
}

/// The events of a trace, each at its last phase, without those revoked.
fn events(trace: &Path, config: Option<&str>) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_jounce"));
    command.arg("replay").arg(trace).args(["--format", "jsonl"]);
    if let Some(config) = config {
        let path = folder.path().join("config.toml");
        fs::write(&path, config).expect("the config is written");
        command.arg("--config").arg(path);
    }
    let output = command.output().expect("the command runs");
    assert!(output.status.success(), "{}: {}", trace.display(), String::from_utf8_lossy(&output.stderr));
    let mut events: Vec<Value> = Vec::new();
    for line in String::from_utf8(output.stdout).expect("UTF-8").lines() {
        let event: Value = serde_json::from_str(line).expect("JSON");
        events.retain(|earlier| earlier["id"] != event["id"]);
        if event["phase"] != "revoked" {
            events.push(event);
        }
    }
    events
}

fn count(events: &[Value], kind: &str) -> usize {
    events.iter().filter(|event| event["kind"] == kind).count()
}

fn number(event: &Value, field: &str) -> f64 {
    event[field].as_f64().unwrap_or_else(|| panic!("{field} of {event}"))
}

#[test]
fn an_ordinary_drive_in_a_cup_holder_is_one_trip_without_a_crash() {
    let Some(trace) = shared("data/phyphox-drive") else { return };
    let events = events(&trace, None);
    let ends: Vec<_> = events.iter().filter(|event| event["kind"] == "trip_end").collect();
    assert_eq!(ends.len(), 1);
    assert!(number(ends[0], "duration_s") >= 650.0, "{}", ends[0]);
    assert_eq!(count(&events, "crash") + count(&events, "phone_drop") + count(&events, "rollover"), 0);
    // Whatever was harsh, GNSS saw the speed change.
    let harsh = events.iter().filter(|event| event["kind"] == "hard_braking" || event["kind"] == "harsh_acceleration");
    for event in harsh {
        let reasons = event["reasons"].as_array().expect("reasons");
        assert!(reasons.iter().any(|reason| reason["code"] == "gnss_agrees"), "{event}");
    }
}

#[test]
fn a_dash_mounted_phone_in_g_with_the_other_sign_is_one_trip_without_hard_braking() {
    let Some(trace) = shared("data/phone-and-can/phone.csv") else { return };
    let inspected = Command::new(env!("CARGO_BIN_EXE_jounce")).arg("inspect").arg(&trace).output().expect("it runs");
    let told = String::from_utf8(inspected.stdout).expect("UTF-8");
    assert!(told.contains("SensorLog") && told.contains("iOS"), "{told}");
    let events = events(&trace, None);
    assert_eq!((count(&events, "trip_start"), count(&events, "trip_end")), (1, 1));
    assert_eq!(count(&events, "hard_braking") + count(&events, "crash"), 0, "{events:?}");
}

/// The neutral settings of a case as ours.
fn settings(case: &Path) -> Option<String> {
    let neutral: Value = serde_json::from_str(&fs::read_to_string(case.join("config.json")).ok()?).expect("JSON");
    let mut lines = Vec::new();
    if let Some(limit) = neutral.get("speed_limit") {
        let unit = if limit["unit"] == "mph" { "mph" } else { "kmh" };
        lines.push(format!("[speeding]\nfixed_limit_{unit} = {}", limit["value"]));
        if let Some(tolerance) = limit.get("tolerance") {
            lines.push(format!("tolerance_{unit} = {tolerance}"));
        }
    }
    if let Some(trip) = neutral.get("trip") {
        lines.push(format!(
            "[trip]\nend_after_s = {}\ngap_splits_after_s = {}",
            trip["stop_after_s"], trip["gap_after_s"]
        ));
    }
    for fence in neutral["geofences"].as_array().into_iter().flatten() {
        let (lat, lon, radius) = (&fence["lat"], &fence["lon"], &fence["radius_m"]);
        lines.push(format!("[[place]]\nname = {}\nlat = {lat}\nlon = {lon}\nradius_m = {radius}", fence["id"]));
    }
    Some(lines.join("\n"))
}

/// Our name of a case's kind of event.
fn ours(kind: &str) -> &str {
    match kind {
        "hard_brake" => "hard_braking",
        "harsh_accel" => "harsh_acceleration",
        "cornering" => "harsh_cornering",
        "trip_stop" => "trip_end",
        "geofence_arrive" => "place_arrive",
        "geofence_leave" => "place_leave",
        other => other,
    }
}

/// What is wrong with the events of a case, in words.
fn faults(expected: &Value, mut events: Vec<Value>) -> Vec<String> {
    let zero = number(expected, "time_zero_ns");
    let start_s = |event: &Value| (number(event, "start_ns") - zero) / 1e9;
    let mut faults = Vec::new();
    for want in expected["expect"].as_array().expect("a list") {
        let kind = ours(want["type"].as_str().expect("a kind"));
        let range = |value: &Value| (value[0].as_f64().unwrap_or(0.0), value[1].as_f64().unwrap_or(0.0));
        let (from, to) = range(&want["onset_s"]);
        let named = |event: &Value| want["fields"]["fence"].is_null() || event["place"] == want["fields"]["fence"];
        let is_match = |event: &Value| event["kind"] == kind && (from..=to).contains(&start_s(event)) && named(event);
        let found = events.iter().filter(|event| is_match(event)).count();
        let (fewest, most) = (want["count"][0].as_u64().unwrap_or(0), want["count"][1].as_u64().unwrap_or(0));
        if !(fewest..=most).contains(&(found as u64)) {
            faults.push(format!("{kind} in {from}..{to} s: {found}, expected {fewest}..={most}"));
        }
        events.retain(|event| !is_match(event));
    }
    // Of what the case does not speak of, nothing is said here.
    let wanted = expected["expect"].as_array().expect("a list").iter().map(|want| &want["type"]);
    let spoken_of: Vec<&Value> = expected["forbid"].as_array().expect("a list").iter().chain(wanted).collect();
    let allowed = expected["allow"].as_array().expect("a list");
    for event in events {
        let is_kind = |kind: &Value| event["kind"] == ours(kind.as_str().unwrap_or_default());
        if spoken_of.iter().any(|kind| is_kind(kind)) && !allowed.iter().any(is_kind) {
            faults.push(format!("{} at {:.1} s", event["kind"], start_s(&event)));
        }
    }
    faults
}

#[test]
fn the_worked_cases_give_what_they_should() {
    let Some(cases) = shared("cases") else { return };
    let mut failed = Vec::new();
    let mut judged = 0;
    let mut folders: Vec<_> =
        fs::read_dir(cases).expect("the cases").map(|entry| entry.expect("a case").path()).collect();
    folders.sort();
    for case in folders.iter().filter(|case| case.is_dir()) {
        let expected: Value =
            serde_json::from_str(&fs::read_to_string(case.join("expected.json")).expect("what is expected"))
                .expect("JSON");
        for input in ["input.csv", "input_android.csv", "input_cut_at_42s.csv"] {
            let trace = case.join(input);

            if !trace.exists() || !expected["error"].is_null() {
                continue;
            }
            judged += 1;
            let faults = faults(&expected, events(&trace, settings(case).as_deref()));
            failed.extend(faults.iter().map(|fault| format!("{}: {fault}", trace.display())));
        }
    }
    assert!(judged > 0, "no case was found");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
