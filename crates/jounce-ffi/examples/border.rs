//! What a border costs: a drive in batches of 100 samples, to be counted by `cargo xtask border`.
//!
//!     border nothing|engine|c_abi|facade TRACE
//!
//! `nothing` only reads the trace: what it takes is to be taken off the others.
#![expect(unsafe_code, reason = "calls the C ABI as C does")]

use std::{env, hint::black_box, path::Path, process::ExitCode, ptr};

use jounce::{config::Config, engine::Engine, event::Event, sample::Sample};
use jounce_ffi::capi::{
    JOUNCE_ABI_VERSION, JOUNCE_VALUES, JounceSample, JounceStatus, jounce_flush, jounce_free, jounce_next_json,
    jounce_open, jounce_push_batch,
};

/// Samples that cross at once: half a second of two sensors at 100 Hz.
const BATCH: usize = 100;
/// Some minutes of a drive: what counts instructions is fifty times as slow.
const MOST: usize = 30_000;

/// A sample as it crosses; of the drive's, fixes and those with axes.
fn plain(sample: &Sample) -> Option<JounceSample> {
    let mut values = [f64::NAN; JOUNCE_VALUES];
    match sample {
        Sample::Accel(axes) | Sample::Gyro(axes) | Sample::Mag(axes) => {
            values[..3].copy_from_slice(&[axes.x, axes.y, axes.z]);
        }
        Sample::Gnss(fix) => values = fix.values().map(|value| value.unwrap_or(f64::NAN)),
        _ => return None,
    }
    let size = u16::try_from(size_of::<JounceSample>()).ok()?;
    let sensor = u16::try_from(sample.sensor().index()).ok()?;
    Some(JounceSample { size, version: JOUNCE_ABI_VERSION, sensor, code: 0, t_ns: sample.t().ns(), values })
}

fn by_the_engine(samples: &[Sample]) -> usize {
    let mut engine = Engine::new(Config::default().validate().expect("the defaults are valid"));
    let mut events: Vec<Event> = Vec::new();
    for sample in samples {
        engine.push(*sample, &mut events);
    }
    engine.flush(&mut events);
    events.len()
}

fn by_the_c_abi(samples: &[JounceSample]) -> usize {
    let (mut session, mut lines) = (0, 0);
    let mut room = [0_u8; 1 << 14];
    let mut pull = |session| {
        let mut length = 0;
        // SAFETY: a buffer with its own length.
        let status = unsafe { jounce_next_json(session, room.as_mut_ptr().cast(), room.len(), &raw mut length) };
        assert_eq!(status, JounceStatus::Ok);
        std::str::from_utf8(&room[..length]).map_or(0, |text| text.lines().count())
    };
    // SAFETY: no text, and a number of ours.
    assert_eq!(unsafe { jounce_open(ptr::null(), 0, &raw mut session) }, JounceStatus::Ok);
    for batch in samples.chunks(BATCH) {
        // SAFETY: a slice with its own length.
        let status = unsafe { jounce_push_batch(session, batch.as_ptr(), batch.len(), ptr::null_mut()) };
        assert_eq!(status, JounceStatus::Ok);
        lines += pull(session);
    }
    assert_eq!(jounce_flush(session), JounceStatus::Ok);
    lines += pull(session);
    assert_eq!(jounce_free(session), JounceStatus::Ok);
    lines
}

#[cfg(feature = "uniffi")]
fn by_the_facade(batches: &[Vec<u8>]) -> usize {
    let engine = jounce_ffi::JounceEngine::new("", None).expect("the defaults");
    let pushed: usize = batches.iter().map(|batch| engine.push_batch(batch).expect("it is sound").len()).sum();
    pushed + engine.flush().expect("it is sound").len()
}

#[cfg(not(feature = "uniffi"))]
fn by_the_facade(_: &[Vec<u8>]) -> usize {
    panic!("built without the facade")
}

fn packed(samples: &[JounceSample]) -> Vec<u8> {
    let pack = |sample: &JounceSample| {
        let head = [sample.size, sample.version, sample.sensor, sample.code].map(u16::to_le_bytes).concat();
        [head, sample.t_ns.to_le_bytes().to_vec(), sample.values.map(f64::to_le_bytes).concat()].concat()
    };
    samples.iter().flat_map(pack).collect()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [mode, trace] = &arguments[..] else {
        eprintln!("usage: border nothing|engine|c_abi|facade TRACE");
        return ExitCode::from(2);
    };
    let recording = jounce_trace::open(Path::new(trace)).expect("a trace");
    let plain: Vec<JounceSample> = recording.samples.iter().filter_map(plain).take(MOST).collect();
    let samples: Vec<Sample> = plain.iter().map(|plain| Sample::try_from(plain).expect("a sample")).collect();
    let batches: Vec<Vec<u8>> = plain.chunks(BATCH).map(packed).collect();
    let events = match mode.as_str() {
        "engine" => by_the_engine(&samples),
        "c_abi" => by_the_c_abi(&plain),
        "facade" => by_the_facade(&batches),
        _ => black_box(0),
    };
    println!("{events} events of {} samples", samples.len());
    ExitCode::SUCCESS
}
