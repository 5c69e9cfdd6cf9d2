//! Rehearsals, and what was kept about a crash.

use super::*;

/// Takes what waits into room for `capacity` samples: status, ordinal, count.
fn take(session: u64, samples: &mut [JounceSample]) -> (JounceStatus, u32, usize) {
    let (mut ordinal, mut count) = (9, 9);
    let (at, capacity) = (samples.as_mut_ptr(), samples.len());
    // SAFETY: a slice with its own length, and numbers of ours.
    let status = unsafe {
        jounce_take_evidence(session, &raw mut ordinal, at, size_of::<JounceSample>(), capacity, &raw mut count)
    };
    (status, ordinal, count)
}

#[test]
fn a_rehearsal_begins_with_the_first_sample_and_can_be_cancelled() {
    let session = open("").expect("it opens");
    assert_eq!(jounce_rehearse_crash(session), JounceStatus::InvalidArgument);
    assert_eq!(jounce_cancel_rehearsal(session), JounceStatus::Ok);
    assert_eq!(push(session, &rest()), JounceStatus::Ok);
    assert_eq!(jounce_rehearse_crash(session), JounceStatus::Ok);
    assert_eq!(jounce_cancel_rehearsal(session), JounceStatus::Ok);
    let mut lines = [0_u8; 4096];
    let mut length = 0;
    // SAFETY: a buffer with its own length.
    let status = unsafe { jounce_next_json(session, lines.as_mut_ptr().cast(), lines.len(), &raw mut length) };
    assert_eq!(status, JounceStatus::Ok);
    let lines: Vec<&str> = str::from_utf8(&lines[..length]).expect("UTF-8").lines().collect();
    let [suspected, revoked] = lines[..] else { panic!("{lines:?}") };
    assert!(suspected.contains("\"suspected\"") && revoked.contains("\"revoked\""));
    assert!(lines.iter().all(|line| line.contains("\"rehearsal\"") && line.contains("crash-2147483648")), "{lines:?}");
    assert_eq!(take(session, &mut []), (JounceStatus::Ok, 0, 0));
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}

#[test]
fn the_samples_about_a_crash_are_those_that_were_pushed() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/front-crash/trace.csv");
    let samples = jounce_trace::open(fixture.as_ref()).expect("a trace").samples;
    let session = open("").expect("it opens");
    let pushed = with(session, |session| {
        session.push(samples.iter().copied());
        session.flush();
        Ok(())
    });
    assert_eq!(pushed, JounceStatus::Ok);
    let (status, ordinal, count) = take(session, &mut []);
    assert_eq!((status, ordinal), (JounceStatus::BufferTooSmall, 1));
    assert!(count > 500, "{count}");
    let mut room = vec![EMPTY; count];
    assert_eq!(take(session, &mut room[..count - 1]), (JounceStatus::BufferTooSmall, 1, count));
    assert_eq!(take(session, &mut room), (JounceStatus::Ok, 1, count));
    assert_eq!(take(session, &mut room), (JounceStatus::Ok, 0, 0));
    let about: Vec<Sample> = room.iter().map(|sample| Sample::try_from(sample).expect("a sample")).collect();
    assert!(about.iter().all(|sample| samples.contains(sample)));
    assert!(room.is_sorted_by_key(|sample| sample.t_ns));
    let span_ns = room[count - 1].t_ns - room[0].t_ns;
    assert!((9_500_000_000..=30_000_000_000).contains(&span_ns), "{span_ns}");

    let (mut ordinal, mut count) = (0, 0);
    // SAFETY: null and a size that is wrong are what is tried.
    unsafe {
        let size = size_of::<JounceSample>();
        let null = ptr::null_mut();
        assert_eq!(
            jounce_take_evidence(session, null, ptr::null_mut(), size, 0, &raw mut count),
            JounceStatus::InvalidArgument
        );
        assert_eq!(
            jounce_take_evidence(session, &raw mut ordinal, ptr::null_mut(), 8, 0, &raw mut count),
            JounceStatus::UnknownVersion
        );
    }
    assert_eq!(jounce_free(session), JounceStatus::Ok);
}
