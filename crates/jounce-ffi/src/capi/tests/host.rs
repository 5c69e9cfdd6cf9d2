//! The worker, and recordings.

use std::{
    ffi::c_void,
    sync::atomic::{AtomicUsize, Ordering},
};

use super::*;

/// Counts events in its context, and calls back in.
unsafe extern "C" fn count(context: *mut c_void, event: *const JounceEvent, json: *const c_char, length: usize) {
    // SAFETY: as the test starts the worker, and as the worker calls.
    let (seen, event, json) = unsafe { (&*context.cast::<Seen>(), &*event, elements(json.cast::<u8>(), length)) };
    assert!(event.kind >= 0 && json.is_ok_and(|json| json.starts_with(b"{")));
    assert_eq!(push(seen.session, &[]), JounceStatus::Ok);
    seen.events.fetch_add(1, Ordering::Relaxed);
}

struct Seen {
    session: u64,
    events: AtomicUsize,
}

fn start(session: u64, listener: JounceListener, seen: &Seen) -> Result<u64, JounceStatus> {
    let mut worker = 9;
    let context = (&raw const *seen).cast_mut().cast();
    // SAFETY: the tests keep `seen` until the worker has stopped.
    let status = unsafe { jounce_start(session, 1 << 20, listener, context, &raw mut worker) };
    if status == JounceStatus::Ok { Ok(worker) } else { Err(status) }
}

fn post(worker: u64, samples: &[JounceSample]) -> JounceStatus {
    // SAFETY: a slice with its own length.
    unsafe { jounce_post(worker, samples.as_ptr(), samples.len()) }
}

#[test]
fn eight_threads_post_while_others_ask_and_the_rehearsal_is_told() {
    let session = open("").expect("it opens");
    let seen = Seen { session, events: AtomicUsize::new(0) };
    let worker = start(session, Some(count), &seen).expect("a thread");
    thread::scope(|scope| {
        for number in 0..8 {
            scope.spawn(move || {
                for batch in rest()[..500].chunks(50) {
                    if number % 4 == 0 {
                        assert_eq!(post(worker, batch), JounceStatus::Ok);
                    } else {
                        assert_eq!(push(session, batch), JounceStatus::Ok);
                    }
                }
            });
        }
    });
    // Its two words go to the listener: one with the next batch, the other when the stream ends.
    assert_eq!(jounce_rehearse_crash(session), JounceStatus::Ok);
    let mut counts = JounceCounts::default();
    // SAFETY: a structure of ours.
    let status = unsafe { jounce_worker_counts(worker, &raw mut counts, size_of::<JounceCounts>()) };
    assert_eq!((status, counts), (JounceStatus::Ok, JounceCounts::default()));
    assert_eq!(jounce_stop(worker), JounceStatus::Ok);
    assert_eq!(seen.events.load(Ordering::Relaxed), 2);
    assert_eq!(jounce_stop(worker), JounceStatus::InvalidSession);
    assert_eq!(post(worker, &rest()), JounceStatus::InvalidSession);
    assert_eq!(jounce_flush(session), JounceStatus::Ok);
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

#[test]
fn a_worker_outlives_its_session_number_and_needs_a_listener() {
    let session = open("").expect("it opens");
    let seen = Seen { session, events: AtomicUsize::new(0) };
    assert_eq!(start(session, None, &seen), Err(JounceStatus::InvalidArgument));
    assert_eq!(start(0, Some(count), &seen), Err(JounceStatus::InvalidSession));
    let worker = start(session, Some(count), &seen).expect("a thread");
    assert_eq!(post(worker, &[JounceSample { sensor: 8, ..EMPTY }]), JounceStatus::InvalidArgument);
    assert_eq!(jounce_free(session), JounceStatus::Ok);
    assert_eq!(post(worker, &rest()), JounceStatus::Ok);
    assert_eq!(jounce_stop(worker), JounceStatus::Ok);
    assert_eq!(jounce_stop(0), JounceStatus::Ok);
}

#[test]
fn a_recording_holds_what_was_pushed() {
    let record = |path: &str| {
        let mut recorder = 0;
        // SAFETY: text with its own length, and a number of ours.
        let status = unsafe { jounce_record(path.as_ptr().cast(), path.len(), 7, &raw mut recorder) };
        (status, recorder)
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("drive.jnc");
    let (status, recorder) = record(path.to_str().expect("UTF-8"));
    assert_eq!(status, JounceStatus::Ok);
    for batch in rest().chunks(100) {
        // SAFETY: a slice with its own length.
        assert_eq!(unsafe { jounce_recorder_push(recorder, batch.as_ptr(), batch.len()) }, JounceStatus::Ok);
    }
    assert_eq!(jounce_recorder_sync(recorder), JounceStatus::Ok);
    assert_eq!(jounce_recorder_free(recorder), JounceStatus::Ok);
    assert_eq!(jounce_recorder_free(recorder), JounceStatus::InvalidSession);
    assert_eq!(jounce_recorder_free(0), JounceStatus::Ok);
    let recording = jounce_trace::open(&path).expect("a recording");
    assert_eq!((recording.samples.len(), recording.utc_offset_ns), (3000, Some(7)));

    let nowhere = folder.path().join("none/drive.jnc");
    assert_eq!(record(nowhere.to_str().expect("UTF-8")), (JounceStatus::System, 0));
    assert!(last_error().ends_with("entity not found") && !last_error().contains("drive"), "{}", last_error());
}
