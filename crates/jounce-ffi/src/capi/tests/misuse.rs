//! Calls that cannot be meant: each gives its number, nothing else happens, and the next good call works.

use super::*;

const ACCEL: u16 = JounceSensor::Accel as u16;
const GNSS: u16 = JounceSensor::Gnss as u16;

fn sample(sensor: u16, t_ns: i64, values: [f64; 3]) -> JounceSample {
    let [first, second, third] = values;
    JounceSample { sensor, t_ns, values: [first, second, third, f64::NAN, f64::NAN, f64::NAN, f64::NAN], ..EMPTY }
}

/// Pushes one sample; says how many were refused.
fn refused(session: u64, sample: JounceSample) -> usize {
    let mut refused = 9;
    // SAFETY: one sample, and a number of ours.
    let status = unsafe { jounce_push_batch(session, &raw const sample, 1, &raw mut refused) };
    assert_eq!(status, JounceStatus::Ok);
    refused
}

#[test]
fn a_value_that_is_no_reading_is_refused_and_counted() {
    let session = open("").expect("it opens");
    let upright = [0.0, 0.0, 9.81];
    for (wrong, expected) in [
        (sample(ACCEL, 1, [f64::NAN, 0.0, 9.81]), 1),
        (sample(ACCEL, 2, [f64::INFINITY, 0.0, 9.81]), 1),
        // A clock may begin anywhere: only the order of times means something.
        (sample(ACCEL, -5, upright), 0),
        (sample(ACCEL, i64::MIN, upright), 1),
        (sample(ACCEL, i64::MAX, upright), 1),
        (sample(ACCEL, 10, upright), 0),
    ] {
        assert_eq!(refused(session, wrong), expected, "{wrong:?}");
    }
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

/// A fix is judged among its neighbours, somewhat later.
#[test]
fn a_fix_of_nowhere_is_refused_and_counted() {
    let session = open("").expect("it opens");
    for wrong in [sample(GNSS, 3, [91.0, 0.0, f64::NAN]), sample(GNSS, 4, [0.0, 181.0, f64::NAN])] {
        assert_eq!(refused(session, wrong), 0);
    }
    assert_eq!(jounce_flush(session), JounceStatus::Ok);
    let mut health = [0_u8; 4096];
    let mut length = 0;
    // SAFETY: a buffer with its own length.
    let status = unsafe { jounce_health_json(session, health.as_mut_ptr().cast(), health.len(), &raw mut length) };
    assert_eq!(status, JounceStatus::Ok);
    let health = str::from_utf8(&health[..length]).expect("UTF-8");
    assert!(health.contains("\"gnss\":{\"accepted\":0,\"refused\":{\""), "{health}");
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

#[test]
fn settings_that_are_refused_open_nothing_and_change_nothing() {
    let session = open("").expect("it opens");
    assert_eq!(open("{\"speeding\": {\"hold_s\": \"fast\"}}"), Err(JounceStatus::InvalidConfig));
    assert!(last_error().contains("hold_s") || last_error().contains("fast"), "{}", last_error());
    let bytes = [0xff_u8, 0xfe, 0x00];
    let mut number = 7;
    // SAFETY: bytes with their own length, and a number of ours.
    let status = unsafe { jounce_open(bytes.as_ptr().cast(), bytes.len(), &raw mut number) };
    assert_eq!((status, number), (JounceStatus::InvalidArgument, 0));
    assert_eq!(push(session, &rest()), JounceStatus::Ok);
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

#[test]
fn a_structure_of_another_size_is_refused() {
    let session = open("").expect("it opens");
    let mut count = 9;
    // SAFETY: the sizes are what is tried; nothing may be written.
    unsafe {
        let small = size_of::<JounceEvent>() - 1;
        assert_eq!(
            jounce_next_events(session, ptr::null_mut(), small, 1, &raw mut count),
            JounceStatus::UnknownVersion
        );
        assert_eq!(jounce_needs(session, ptr::null_mut(), size_of::<JounceNeeds>() - 1), JounceStatus::UnknownVersion);
    }
    assert_eq!(count, 0);
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

#[test]
fn with_no_room_the_number_that_waits_is_told() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/city-drive/trace.csv");
    let samples = jounce_trace::open(fixture.as_ref()).expect("a trace").samples;
    let session = open("").expect("it opens");
    let pushed = with(session, |session| {
        session.push(samples);
        session.flush();
        Ok(())
    });
    assert_eq!(pushed, JounceStatus::Ok);
    let waiting = || {
        let mut count = 0;
        // SAFETY: no room is offered, and a number of ours.
        let status =
            unsafe { jounce_next_events(session, ptr::null_mut(), size_of::<JounceEvent>(), 0, &raw mut count) };
        assert_eq!(status, JounceStatus::Ok);
        count
    };
    assert!(waiting() > 3);
    assert_eq!(waiting(), waiting());
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

/// After the end more may come: a host that flushes when its app leaves the screen goes on when it is back.
#[test]
fn what_comes_after_the_end_is_taken() {
    let session = open("").expect("it opens");
    assert_eq!(push(session, &rest()[..500]), JounceStatus::Ok);
    assert_eq!(jounce_flush(session), JounceStatus::Ok);
    assert_eq!(jounce_flush(session), JounceStatus::Ok);
    assert_eq!(refused(session, sample(ACCEL, 60_000_000_000, [0.0, 0.0, 9.81])), 0);
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

#[test]
fn ten_thousand_damaged_snapshots_are_refused_and_change_nothing() {
    let session = open("").expect("it opens");
    assert_eq!(push(session, &rest()), JounceStatus::Ok);
    let good = saved(session);
    // Every place in turn, and every way of going wrong: cut off, a bit turned, a byte too many.
    for round in 0..10_000_usize {
        let mut bytes = good.clone();
        let at = round.wrapping_mul(7919) % good.len();
        match round % 3 {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << (round % 8),
            _ => bytes.insert(at, !good[at]),
        }
        // SAFETY: bytes with their own length.
        let status = unsafe { jounce_restore(session, bytes.as_ptr(), bytes.len()) };
        assert_eq!(status, JounceStatus::InvalidSnapshot, "round {round}");
    }
    assert!(saved(session) == good);
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

fn saved(session: u64) -> Vec<u8> {
    let mut bytes = vec![0; 256 * 1024];
    let mut length = 0;
    // SAFETY: a buffer with its own length.
    let status = unsafe { jounce_snapshot(session, bytes.as_mut_ptr(), bytes.len(), &raw mut length) };
    assert_eq!(status, JounceStatus::Ok);
    bytes.truncate(length);
    bytes
}
