use std::{ptr, thread};

use super::*;

#[cfg(feature = "runtime")]
mod case;
mod crash;
#[cfg(feature = "runtime")]
mod host;
mod misuse;

const fn size_in_16<T>() -> u16 {
    #[expect(clippy::cast_possible_truncation, reason = "a hundred bytes")]
    let size = size_of::<T>() as u16;
    size
}

const EMPTY: JounceSample = JounceSample {
    size: size_in_16::<JounceSample>(),
    version: JOUNCE_ABI_VERSION,
    sensor: 0,
    code: 0,
    t_ns: 0,
    values: [0.0; JOUNCE_VALUES],
};

fn open(config: &str) -> Result<u64, JounceStatus> {
    let mut session = 0;
    // SAFETY: text with its own length, and a number of ours.
    let status = unsafe { jounce_open(config.as_ptr().cast(), config.len(), &raw mut session) };
    if status == JounceStatus::Ok { Ok(session) } else { Err(status) }
}

fn push(session: u64, samples: &[JounceSample]) -> JounceStatus {
    // SAFETY: a slice with its own length.
    unsafe { jounce_push_batch(session, samples.as_ptr(), samples.len(), ptr::null_mut()) }
}

fn last_error() -> String {
    // SAFETY: never null, and nothing fails meanwhile.
    unsafe { CStr::from_ptr(jounce_last_error()) }.to_string_lossy().into_owned()
}

/// A minute of a phone at rest, 50 Hz.
fn rest() -> Vec<JounceSample> {
    let sample = |k: i64| JounceSample { t_ns: k * 20_000_000, values: [0.0, 0.0, 9.81, 0.0, 0.0, 0.0, 0.0], ..EMPTY };
    (0..3000).map(sample).collect()
}

#[test]
fn a_session_that_is_gone_is_an_error() {
    let session = open("").expect("it opens");
    assert_ne!(session, 0);
    assert_eq!(jounce_free(session), JounceStatus::Ok);
    assert_eq!(jounce_free(session), JounceStatus::InvalidSession);
    assert_eq!(push(session, &rest()), JounceStatus::InvalidSession);
    assert_eq!(last_error(), "no such session");
    assert_eq!(jounce_free(0), JounceStatus::Ok);
    let again = open("").expect("it opens");
    assert_ne!(again, session);
    assert_eq!(jounce_flush(session), JounceStatus::InvalidSession);
    assert_eq!(jounce_free(again), JounceStatus::Ok);
    for wrong in [1 << 40, u64::MAX, u64::from(u32::MAX)] {
        assert_eq!(jounce_flush(wrong), JounceStatus::InvalidSession);
    }
}

#[test]
fn null_is_an_error_where_something_is_needed() {
    let session = open("").expect("it opens");
    let mut length = 0;
    // SAFETY: null is what is tried; everything else is ours.
    unsafe {
        assert_eq!(jounce_open(ptr::null(), 0, ptr::null_mut()), JounceStatus::InvalidArgument);
        assert_eq!(jounce_open(ptr::null(), 1, (&raw mut length).cast()), JounceStatus::InvalidArgument);
        assert_eq!(jounce_push_batch(session, ptr::null(), 0, ptr::null_mut()), JounceStatus::Ok);
        assert_eq!(jounce_push_batch(session, ptr::null(), 1, ptr::null_mut()), JounceStatus::InvalidArgument);
        assert_eq!(jounce_next_json(session, ptr::null_mut(), 0, ptr::null_mut()), JounceStatus::InvalidArgument);
        assert_eq!(jounce_next_json(session, ptr::null_mut(), 0, &raw mut length), JounceStatus::Ok);
        assert_eq!(
            jounce_next_events(session, ptr::null_mut(), size_of::<JounceEvent>(), 9, &raw mut length),
            JounceStatus::Ok
        );
        assert_eq!(jounce_needs(session, ptr::null_mut(), size_of::<JounceNeeds>()), JounceStatus::InvalidArgument);
        assert_eq!(jounce_health_json(session, ptr::null_mut(), 0, &raw mut length), JounceStatus::BufferTooSmall);
        assert!(length > 0);
        assert_eq!(
            jounce_health_json(session, ptr::null_mut(), length, &raw mut length),
            JounceStatus::InvalidArgument
        );
        assert_eq!(jounce_snapshot(session, ptr::null_mut(), 0, &raw mut length), JounceStatus::BufferTooSmall);
        assert_eq!(jounce_restore(session, ptr::null(), 4), JounceStatus::InvalidArgument);
        assert_eq!(jounce_restore(session, ptr::null(), 0), JounceStatus::InvalidSnapshot);
    }
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

#[test]
fn what_is_not_understood_is_refused() {
    assert_eq!(open("[trip]\nstart_kmh = -1"), Err(JounceStatus::InvalidConfig));
    assert_eq!(last_error(), "settings: trip.start_kmh = -1: expected more than 0, at most 100");
    assert_eq!(open("{\"no_such_room\": 1}"), Err(JounceStatus::InvalidConfig));
    let session = open("{\"profile\": \"van\"}").expect("JSON");
    for wrong in [
        JounceSample { sensor: 8, ..EMPTY },
        JounceSample { sensor: 5, code: 99, ..EMPTY },
        JounceSample { sensor: 6, code: 3, ..EMPTY },
        JounceSample { sensor: 7, code: 7, ..EMPTY },
    ] {
        assert_eq!(push(session, &[EMPTY, wrong]), JounceStatus::InvalidArgument, "{wrong:?}");
    }
    assert_eq!(push(session, &[JounceSample { version: 0, ..EMPTY }]), JounceStatus::UnknownVersion);
    assert_eq!(push(session, &[JounceSample { size: 8, ..EMPTY }]), JounceStatus::UnknownVersion);
    assert_eq!(jounce_set_consent(session, 0, 9, false), JounceStatus::InvalidArgument);
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

/// A caller built with a later header has larger structures, whose beginning is this one's.
#[test]
fn structures_of_a_later_version_are_read_as_far_as_they_are_known() {
    #[repr(C)]
    struct Later(JounceSample, [u8; 24]);
    let later =
        |sample: JounceSample| Later(JounceSample { size: size_in_16::<Later>(), version: 2, ..sample }, [7; 24]);
    let samples: Vec<Later> = rest().into_iter().map(later).collect();
    let session = open("").expect("it opens");
    let mut refused = 9;
    // SAFETY: as many structures as are said, as far apart as they say.
    let status = unsafe { jounce_push_batch(session, (&raw const samples[0]).cast(), samples.len(), &raw mut refused) };
    assert_eq!((status, refused), (JounceStatus::Ok, 0));
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

#[test]
fn a_panic_faults_the_session_and_nothing_else() {
    let (session, other) = (open("").expect("it opens"), open("").expect("it opens"));
    assert_eq!(jounce_set_consent(session, 0, 1, false), JounceStatus::Ok);
    assert_eq!(with(session, |_| panic!("meant")), JounceStatus::Internal);
    assert_eq!(push(session, &rest()), JounceStatus::Faulted);
    assert_eq!(jounce_flush(session), JounceStatus::Faulted);
    assert_eq!(push(other, &rest()), JounceStatus::Ok);
    assert_eq!(jounce_reset(session), JounceStatus::Ok);
    assert_eq!(push(session, &rest()), JounceStatus::Ok);
    let mut needs = JounceNeeds { size: 0, stage: 9, rate_hz: [9.0; JOUNCE_SENSORS] };
    // SAFETY: a structure of ours.
    assert_eq!(unsafe { jounce_needs(session, &raw mut needs, size_of::<JounceNeeds>()) }, JounceStatus::Ok);
    assert_eq!((needs.stage, needs.rate_hz[0], needs.rate_hz[5]), (0, 0.0, -1.0));

    assert_eq!(with(session, |_| panic!("meant")), JounceStatus::Internal);
    let mut bytes = vec![0; 1 << 18];
    let mut length = 0;
    // SAFETY: a buffer with its own length.
    unsafe {
        assert_eq!(jounce_snapshot(other, bytes.as_mut_ptr(), bytes.len(), &raw mut length), JounceStatus::Ok);
        assert_eq!(jounce_restore(session, bytes.as_ptr(), length - 1), JounceStatus::InvalidSnapshot);
        assert_eq!(jounce_flush(session), JounceStatus::Faulted);
        assert_eq!(jounce_restore(session, bytes.as_ptr(), length), JounceStatus::Ok);
    }
    assert_eq!(jounce_flush(session), JounceStatus::Ok);
    assert_eq!(jounce_free(session), JounceStatus::Ok);
    assert_eq!(jounce_free(other), JounceStatus::Ok);
}

/// The plain structures tell what the lines tell.
#[test]
fn structures_and_lines_say_the_same() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/front-crash/trace.csv");
    let samples = jounce_trace::open(fixture.as_ref()).expect("a trace").samples;
    let session = open("").expect("it opens");
    let pushed = with(session, |session| {
        session.push(samples);
        session.flush();
        Ok(())
    });
    assert_eq!(pushed, JounceStatus::Ok);
    let mut lines = Vec::new();
    let peeked = with(session, |session| {
        lines.extend((0..).map_while(|index| session.peek_at(index).cloned()));
        Ok(())
    });
    assert_eq!(peeked, JounceStatus::Ok);
    let mut events: Vec<JounceEvent> = Vec::new();
    loop {
        let mut room = [JounceEvent::from(&lines[0]); 2];
        let mut count = 0;
        // SAFETY: an array with its own length.
        let status = unsafe {
            jounce_next_events(session, room.as_mut_ptr(), size_of::<JounceEvent>(), room.len(), &raw mut count)
        };
        assert_eq!(status, JounceStatus::Ok);
        if count == 0 {
            break;
        }
        events.extend(&room[..count]);
    }
    let told = |events: &[JounceEvent]| events.iter().map(|event| format!("{event:?}")).collect::<Vec<_>>();
    assert_eq!(told(&events), told(&lines.iter().map(JounceEvent::from).collect::<Vec<_>>()));
    let crash = events.iter().find(|event| event.kind == 7 && event.phase == 2).expect("a confirmed crash");
    assert!(crash.delta_v_mps > 3.0 && (1..=12).contains(&crash.direction_clock) && crash.limit_source == -1);
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

/// Eight threads open, push into, and free sessions; two of them share one, which is freed while it is used.
#[test]
fn eight_threads_may_do_what_they_like() {
    let shared = open("").expect("it opens");
    thread::scope(|scope| {
        for number in 0..8 {
            scope.spawn(move || {
                for round in 0..20 {
                    let session = if number < 2 { shared } else { open("").expect("it opens") };
                    let status = push(session, &rest()[..500]);
                    assert!(number < 2 || status == JounceStatus::Ok);
                    if number == 0 && round == 10 {
                        assert_eq!(jounce_free(shared), JounceStatus::Ok);
                    }
                    if number >= 2 {
                        assert_eq!(jounce_flush(session), JounceStatus::Ok);
                        assert_eq!(jounce_free(session), JounceStatus::Ok);
                    }
                }
            });
        }
    });
    assert_eq!(push(shared, &rest()), JounceStatus::InvalidSession);
}
