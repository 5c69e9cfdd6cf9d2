use std::{
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use super::*;
use crate::abi::{JOUNCE_ABI_VERSION, JOUNCE_VALUES, JounceSample};

/// Samples of a recording, each as one packed structure; only sensors with axes and fixes, which is all that it has.
fn packed(fixture: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(fixture).join("trace.csv");
    let samples = jounce_trace::open(&path).expect("a trace").samples;
    samples.iter().flat_map(pack).collect()
}

fn pack(sample: &Sample) -> Vec<u8> {
    let mut values = [f64::NAN; JOUNCE_VALUES];
    let mut code = 0_u16;
    match sample {
        Sample::Accel(axes) | Sample::Gyro(axes) | Sample::Mag(axes) => {
            values[..3].copy_from_slice(&[axes.x, axes.y, axes.z]);
        }
        Sample::Gnss(fix) => values = fix.values().map(|value| value.unwrap_or(f64::NAN)),
        Sample::Limit(said) => {
            if let jounce::sample::PostedLimit::Limit(mps) = said.limit {
                (code, values[0]) = (2, mps);
            }
        }
        other => panic!("not in this recording: {other:?}"),
    }
    let size = u16::try_from(size_of::<JounceSample>()).expect("a hundred bytes");
    let sensor = u16::try_from(sample.sensor().index()).expect("eight");
    let head = [size, JOUNCE_ABI_VERSION, sensor, code].map(u16::to_le_bytes).concat();
    [head, sample.t().ns().to_le_bytes().to_vec(), values.map(f64::to_le_bytes).concat()].concat()
}

/// Calls back in, and then fails or panics.
#[derive(Debug, Default)]
struct Rude {
    engine: OnceLock<Arc<JounceEngine>>,
    heard: AtomicU32,
}

impl EventListener for Rude {
    fn on_event(&self, _: Event) -> Result<(), ListenerError> {
        let engine = self.engine.get().expect("it was set before anything was pushed");
        engine.needs().expect("nothing is locked");
        engine.push_batch(&[]).expect("nothing is locked");
        let number = self.heard.fetch_add(1, Ordering::Relaxed);
        assert!(number.is_multiple_of(2), "meant");
        Err(ListenerError::Failed("meant".to_owned()))
    }
}

#[test]
fn a_listener_may_call_back_in_fail_and_panic() {
    let bytes = packed("city-drive");
    let pulled = JounceEngine::new("", None).expect("it opens");
    let mut expected = pulled.push_batch(&bytes).expect("it is sound");
    expected.extend(pulled.flush().expect("it is sound"));

    let rude = Arc::new(Rude::default());
    let listener: Arc<dyn EventListener> = rude.clone();
    let engine = JounceEngine::new("", Some(listener)).expect("it opens");
    rude.engine.set(Arc::clone(&engine)).expect("once");
    assert_eq!(engine.push_batch(&bytes), Ok(Vec::new()));
    assert_eq!(engine.flush(), Ok(Vec::new()));
    assert_eq!(rude.heard.load(Ordering::Relaxed) as usize, expected.len());
    assert!(expected.len() > 3);
}

#[test]
fn eight_threads_may_share_one_engine() {
    let bytes = packed("city-drive");
    let engine = JounceEngine::new("", None).expect("it opens");
    let size = size_of::<JounceSample>();
    thread::scope(|scope| {
        for chunk in bytes.chunks(bytes.len() / size / 8 * size) {
            let engine = &engine;
            scope.spawn(move || {
                for batch in chunk.chunks(50 * size) {
                    engine.push_batch(batch).expect("it is sound");
                    engine.needs().expect("it is sound");
                }
                engine.snapshot().expect("it is sound");
            });
        }
    });
    engine.flush().expect("it is sound");
}

#[test]
fn what_is_cut_off_or_of_another_version_is_refused_as_a_whole() {
    let bytes = packed("city-drive");
    let engine = JounceEngine::new("", None).expect("it opens");
    let fresh = engine.health_json();
    for wrong in [&bytes[..bytes.len() - 1], &bytes[..7], &[0; 72]] {
        assert!(matches!(engine.push_batch(wrong), Err(JounceError::Invalid(_))));
    }
    assert_eq!(engine.health_json(), fresh);
    assert!(matches!(engine.restore(&bytes), Err(JounceError::Snapshot(_))));
    assert!(matches!(JounceEngine::new("no_such_room = 1", None), Err(JounceError::Invalid(_))));
}

#[test]
fn a_faulted_engine_says_so_until_it_is_restored_or_reset() {
    let engine = JounceEngine::new("", None).expect("it opens");
    let state = engine.snapshot().expect("it is sound");
    let heals: [&dyn Fn(); 2] = [&|| engine.reset(), &|| engine.restore(&state).expect("it is sound")];
    for heal in heals {
        assert!(matches!(engine.with(|_| -> Result<(), Failure> { panic!("meant") }), Err(JounceError::Faulted(_))));
        assert!(matches!(engine.push_batch(&[]), Err(JounceError::Faulted(_))));
        assert!(matches!(engine.needs(), Err(JounceError::Faulted(_))));
        heal();
        assert_eq!(engine.push_batch(&[]), Ok(Vec::new()));
    }
}

/// What a worker's listener has heard, as JSON; it fails or panics each time.
#[derive(Debug, Default)]
struct Heard(Mutex<Vec<String>>);

impl EventListener for Heard {
    fn on_event(&self, event: Event) -> Result<(), ListenerError> {
        let mut heard = lock(&self.0);
        heard.push(event.json);
        assert!(heard.len().is_multiple_of(2), "meant");
        Err(ListenerError::Failed("meant".to_owned()))
    }
}

#[test]
fn a_worker_tells_what_is_pulled_otherwise() {
    let bytes = packed("city-drive");
    let pulled = JounceEngine::new("", None).expect("it opens");
    let mut expected = pulled.push_batch(&bytes).expect("it is sound");
    expected.extend(pulled.flush().expect("it is sound"));

    let engine = JounceEngine::new("", None).expect("it opens");
    let heard = Arc::new(Heard::default());
    let worker = JounceWorker::new(&engine, 1_000_000, heard.clone()).expect("a thread");
    let size = size_of::<JounceSample>();
    assert!(matches!(worker.post(&bytes[..=size]), Err(JounceError::Invalid(_))));
    for batch in bytes.chunks(50 * size) {
        worker.post(batch).expect("there is room");
        engine.needs().expect("it is sound");
    }
    worker.stop();
    let expected: Vec<String> = expected.into_iter().map(|event| event.json).collect();
    assert!(expected.len() > 3);
    assert_eq!(*lock(&heard.0), expected);
    assert_eq!(worker.counts(), WorkerCounts { dropped: 0, unused: 0 });
    assert!(matches!(worker.post(&bytes[..size]), Err(JounceError::Invalid(_))));
    assert_eq!(engine.health_json(), pulled.health_json());
}

#[test]
fn a_worker_that_has_too_much_drops_and_counts_it() {
    let engine = JounceEngine::new("", None).expect("it opens");
    let worker = JounceWorker::new(&engine, 100, Arc::new(Heard::default())).expect("a thread");
    let bytes: Vec<u8> = (0..1000)
        .flat_map(|t| pack(&Sample::Accel(jounce::sample::Triad { t: Timestamp::from_ns(t), x: 0.0, y: 0.0, z: 9.81 })))
        .collect();
    // All at once, so that the worker cannot take any in between.
    worker.post(&bytes).expect("inertial samples make room");
    assert_eq!(worker.counts(), WorkerCounts { dropped: 900, unused: 0 });
}

#[test]
fn a_recording_holds_what_was_pushed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("drive.jnc");
    let bytes = packed("city-drive");
    let recorder = JounceRecorder::new(path.to_str().expect("UTF-8"), 1_700_000_000_000_000_000).expect("a file");
    for batch in bytes.chunks(50 * size_of::<JounceSample>()) {
        recorder.push_batch(batch).expect("somewhere to write");
    }
    recorder.sync().expect("somewhere to write");
    let recording = jounce_trace::open(&path).expect("a recording");
    assert_eq!(recording.utc_offset_ns, Some(1_700_000_000_000_000_000));
    assert_eq!(recording.samples.iter().flat_map(pack).collect::<Vec<_>>(), bytes);
    let nowhere = folder.path().join("none/drive.jnc");
    assert!(matches!(JounceRecorder::new(nowhere.to_str().expect("UTF-8"), 0), Err(JounceError::Invalid(_))));
}

#[test]
fn a_crash_has_evidence_that_a_recorder_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("crash.jnc");
    let bytes = packed("front-crash");
    let engine = JounceEngine::new("", None).expect("it opens");
    assert_eq!(engine.take_evidence(), Ok(None));
    engine.push_batch(&bytes).expect("it is sound");
    engine.flush().expect("it is sound");
    let evidence = engine.take_evidence().expect("it is sound").expect("a crash");
    assert_eq!((evidence.id.as_str(), engine.take_evidence()), ("crash-1", Ok(None)));
    let size = size_of::<JounceSample>();
    let pushed: std::collections::BTreeSet<&[u8]> = bytes.chunks(size).collect();
    assert!(evidence.packed.len() > 500 * size && evidence.packed.chunks(size).all(|sample| pushed.contains(sample)));
    let recorder = JounceRecorder::new(path.to_str().expect("UTF-8"), 0).expect("a file");
    recorder.push_batch(&evidence.packed).expect("somewhere to write");
    recorder.sync().expect("somewhere to write");
    let recorded = jounce_trace::open(&path).expect("a recording").samples;
    assert_eq!(recorded.iter().flat_map(pack).collect::<Vec<_>>(), evidence.packed);
}

#[test]
fn a_crash_can_be_rehearsed_and_cancelled() {
    let engine = JounceEngine::new("", None).expect("it opens");
    assert!(matches!(engine.rehearse_crash(), Err(JounceError::Invalid(_))));
    engine.push_batch(&packed("city-drive")[..100 * size_of::<JounceSample>()]).expect("it is sound");
    let suspected = engine.rehearse_crash().expect("there is a time");
    let revoked = engine.cancel_rehearsal().expect("it is sound");
    let told: Vec<_> = suspected.iter().chain(&revoked).map(|it| (it.id.as_str(), it.phase.as_str())).collect();
    assert_eq!(told, [("crash-2147483648", "suspected"), ("crash-2147483648", "revoked")]);
    assert!(suspected[0].json.contains("\"rehearsal\""));
}
