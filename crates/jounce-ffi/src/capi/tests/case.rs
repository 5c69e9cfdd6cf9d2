//! The calls of a list of misuses that is kept beside the repository, each held against what is stated of it there.

use std::fs;

use serde_json::Value;

use super::*;
use crate::runtime::Runtime;

const CASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/C37-ffi-misuse/input.json");
/// What is an error there and none here: a clock may begin anywhere, and a flush is no end.
const MEANT_HERE: [&str; 2] = ["push_accel at -5", "finish"];

#[test]
fn every_misuse_of_the_list_gives_what_is_stated() {
    let Ok(text) = fs::read_to_string(CASE) else {
        println!("skipped: there is no {CASE}");
        return;
    };
    let calls: Vec<Value> = serde_json::from_str(&text).expect("a list");
    assert!(!calls.is_empty());
    for call in &calls {
        let [name, expected] = ["call", "expect"].map(|key| call[key].as_str().expect("text"));
        let args = &call["args"];
        let session = open("").expect("it opens");
        let is_refused = is_refused(session, name, args);
        let at = args["t_ns"].as_i64().map_or(name.to_owned(), |t_ns| format!("{name} at {t_ns}"));
        let should_be = expected.starts_with("error") && !MEANT_HERE.contains(&at.as_str());
        assert_eq!(is_refused, should_be, "{call}");
        // The process lives, and what is meant is used as ever; of the session that was freed there is a new one.
        let session = if name == "free" { open("").expect("it opens") } else { session };
        let before = accepted(session, "accel");
        // From a time that none of the calls has passed.
        let good = &rest()[1..];
        assert_eq!(push(session, good), JounceStatus::Ok, "{call}");
        assert_eq!(accepted(session, "accel") - before, good.len() as u64, "{call}");
        assert_eq!(jounce_free(session), JounceStatus::Ok, "{call}");
    }
}

/// Does what must not be done; says whether it was an error, or counted as refused.
fn is_refused(session: u64, call: &str, args: &Value) -> bool {
    match call {
        "push_accel" => push_one(session, (JounceSensor::Accel, "accel"), args, ["x", "y", "z"]),
        "push_gnss" => push_one(session, (JounceSensor::Gnss, "gnss"), args, ["lat", "lon", "alt"]),
        "push_batch" => {
            let length = args["len"].as_u64().and_then(|length| length.try_into().ok()).expect("a length");
            // SAFETY: null is what is tried.
            unsafe { jounce_push_batch(session, ptr::null(), length, ptr::null_mut()) != JounceStatus::Ok }
        }
        "config_json" => {
            let args = args.as_str().expect("text");
            let bytes = if args.starts_with('{') { args.as_bytes() } else { b"\xff\xfe\0" };
            let mut opened = 0;
            // SAFETY: bytes with their own length, and a number of ours.
            let status = unsafe { jounce_open(bytes.as_ptr().cast(), bytes.len(), &raw mut opened) };
            opened == 0 && status != JounceStatus::Ok && !last_error().is_empty()
        }
        "poll_events" => {
            assert_eq!(jounce_rehearse_crash(session), JounceStatus::InvalidArgument, "no sample came yet");
            assert_eq!(push(session, &[EMPTY]), JounceStatus::Ok);
            assert_eq!(jounce_rehearse_crash(session), JounceStatus::Ok);
            let mut length = 0;
            // SAFETY: null is what is tried, and a number of ours.
            let status = unsafe { jounce_next_json(session, ptr::null_mut(), 0, &raw mut length) };
            // As much room as the first event takes.
            assert_eq!((status, length > 0), (JounceStatus::BufferTooSmall, true));
            assert_eq!(jounce_reset(session), JounceStatus::Ok);
            false
        }
        "free" => {
            assert_eq!(jounce_free(session), JounceStatus::Ok);
            assert_eq!(jounce_free(session), JounceStatus::InvalidSession);
            false
        }
        "any call from two threads at once" => {
            let push_all = || assert_eq!(push(session, &rest()), JounceStatus::Ok);
            thread::scope(|scope| {
                scope.spawn(push_all);
                scope.spawn(push_all);
            });
            assert_eq!(jounce_reset(session), JounceStatus::Ok);
            false
        }
        "event callback that throws or panics in the host language" => listened(session, || panic!("meant")),
        "event callback that calls back into the engine" => listened(session, move || {
            assert_eq!(push(session, &[]), JounceStatus::Ok);
        }),
        "finish" => {
            assert_eq!(jounce_flush(session), JounceStatus::Ok);
            false
        }
        _ => panic!("what is {call}?"),
    }
}

fn push_one(session: u64, (sensor, sensor_name): (JounceSensor, &str), args: &Value, names: [&str; 3]) -> bool {
    let mut sample = JounceSample { sensor: sensor as u16, values: [f64::NAN; JOUNCE_VALUES], ..EMPTY };
    sample.t_ns = args["t_ns"].as_i64().expect("a time");
    for (value, name) in sample.values.iter_mut().zip(names) {
        *value = args[name].as_f64().unwrap_or(f64::NAN);
    }
    let before = accepted(session, sensor_name);
    push(session, &[sample]) != JounceStatus::Ok || accepted(session, sensor_name) == before
}

/// How many samples of a sensor were used, once all are: some wait for others.
fn accepted(session: u64, sensor: &str) -> u64 {
    assert_eq!(jounce_flush(session), JounceStatus::Ok);
    let mut health = [0_u8; 4096];
    let mut length = 0;
    // SAFETY: a buffer with its own length.
    let status = unsafe { jounce_health_json(session, health.as_mut_ptr().cast(), health.len(), &raw mut length) };
    assert_eq!(status, JounceStatus::Ok);
    let health: Value = serde_json::from_slice(&health[..length]).expect("JSON");
    health["sensors"][sensor]["accepted"].as_u64().unwrap_or_default()
}

/// A rehearsed crash, heard of by a listener that does this.
fn listened(session: u64, act: impl Fn() + Send + 'static) -> bool {
    assert_eq!(push(session, &[EMPTY]), JounceStatus::Ok);
    assert_eq!(jounce_rehearse_crash(session), JounceStatus::Ok);
    let shared = SESSIONS.get(session).expect("it is open");
    let (heard, hear) = std::sync::mpsc::channel();
    let runtime = Runtime::over(shared, 1, move |_| {
        let _ = heard.send(());
        act();
    })
    .expect("a thread");
    runtime.stop();
    assert_eq!(hear.iter().count(), 2);
    assert_eq!(jounce_reset(session), JounceStatus::Ok);
    false
}
