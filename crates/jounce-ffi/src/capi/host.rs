//! For hosts that push from many threads, or that record: a worker behind a session, and a file that `jounce replay` reads.

use std::{
    ffi::{c_char, c_void},
    fs::File,
    io,
    sync::Mutex,
};

use jounce::sample::Sample;
use jounce_wire::recording::Writer;

use super::{JounceEvent, JounceSample, JounceStatus, SESSIONS, each_sample, entry, put, text};
use crate::{
    registry::{Registry, lock},
    runtime::Runtime,
    session::{Failure, line},
};

static WORKERS: Registry<Runtime> = Registry::new();
static RECORDERS: Registry<Mutex<Writer<File>>> = Registry::new();

/// Hears of one event, as a structure and as a line of JSON of `length` bytes; both are gone when it returns. It is called on
/// the worker's thread, while nothing is locked: it may call anything here. It must return: no `longjmp`, no exception.
pub type JounceListener =
    Option<unsafe extern "C" fn(context: *mut c_void, event: *const JounceEvent, json: *const c_char, length: usize)>;

/// What a listener is called with.
struct Context(*mut c_void);

// SAFETY: it is never looked into here; whoever started the worker vouches that it may be handed to another thread.
unsafe impl Send for Context {}

impl Context {
    fn get(&self) -> *mut c_void {
        self.0
    }
}

/// What became of what was posted to a worker.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JounceCounts {
    /// Inertial samples that made room for newer ones.
    pub dropped: u64,
    /// Batches that were not used because the session was faulted.
    pub unused: u64,
}

/// Starts a worker for a session: what is posted to it is pushed on a thread of its own, and events go to `listener` instead
/// of waiting. Everything else may still be asked of the session, from any thread, between two batches. `capacity`: samples
/// that may wait for the worker; 1000 are some seconds. The session lives on when it is freed, until the worker has stopped.
///
/// # Safety
/// `listener` must be callable with `context` from another thread until [`jounce_stop`] has returned; `worker` must be writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_start(
    session: u64,
    capacity: usize,
    listener: JounceListener,
    context: *mut c_void,
    worker: *mut u64,
) -> JounceStatus {
    entry(|| {
        // SAFETY: as the caller vouches.
        unsafe { put(worker, 0) }?;
        let listener = listener.ok_or(Failure::Argument("no listener"))?;
        let context = Context(context);
        let tell = move |event: &jounce::event::Event| {
            let (plain, json) = (JounceEvent::from(event), line(event));
            // SAFETY: as the caller vouches; both live until it returns.
            unsafe { listener(context.get(), &raw const plain, json.as_ptr().cast(), json.len()) };
        };
        let runtime = Runtime::over(SESSIONS.get(session)?, capacity, tell).map_err(refused)?;
        let number = WORKERS.insert(runtime)?;
        // SAFETY: as the caller vouches.
        unsafe { put(worker, number) }
    })
}

/// Hands samples to a worker, in the order of this thread, and never waits for the engine. When it has too many already, the
/// oldest inertial samples make room and are counted; fixes, hints, limits and consent never do. A sample that is not
/// understood refuses all of them.
///
/// # Safety
/// `samples` must point to `count` structures, each `size` bytes behind the one before, or be null when that is zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_post(worker: u64, samples: *const JounceSample, count: usize) -> JounceStatus {
    entry(|| {
        let runtime = WORKERS.get(worker)?;
        // SAFETY: as the caller vouches.
        let samples: Vec<Sample> = unsafe { each_sample(samples, count) }?.collect::<Result<_, _>>()?;
        runtime.inlet().push(samples)
    })
}

/// Tells what became of what was posted. `counts_size` is `sizeof(JounceCounts)`.
///
/// # Safety
/// `counts` must be writable for `counts_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_worker_counts(
    worker: u64,
    counts: *mut JounceCounts,
    counts_size: usize,
) -> JounceStatus {
    entry(|| {
        let now = WORKERS.get(worker)?.inlet().counts();
        if counts_size < size_of::<JounceCounts>() {
            return Err(Failure::Version);
        }
        // SAFETY: there is room; as the caller vouches.
        unsafe { put(counts, JounceCounts { dropped: now.dropped, unused: now.unused }) }
    })
}

/// Stops a worker: what was posted is used, what is open is decided, and the listener has heard of it and is called no more
/// when this returns, unless it is the listener that calls. The session stays. 0 is no worker, and fine.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_stop(worker: u64) -> JounceStatus {
    entry(|| {
        if worker != 0 {
            WORKERS.remove(worker)?.stop();
        }
        Ok(())
    })
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn refused(error: io::Error) -> Failure {
    Failure::System(error.kind())
}

/// Begins a recording in place of whatever file is at `path`, UTF-8 of `length` bytes. `utc_offset_ns`: UTC, ns since 1970,
/// minus the samples' clock. Samples of a sensor that was refused are the host's to leave out.
///
/// # Safety
/// `path` must point to `length` bytes; `recorder` must be writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_record(
    path: *const c_char,
    length: usize,
    utc_offset_ns: i64,
    recorder: *mut u64,
) -> JounceStatus {
    entry(|| {
        // SAFETY: as the caller vouches.
        unsafe { put(recorder, 0) }?;
        // SAFETY: as the caller vouches.
        let file = File::create(unsafe { text(path, length) }?).map_err(refused)?;
        let mut writer = Writer::new(file).map_err(refused)?;
        writer.utc_offset_ns(utc_offset_ns).map_err(refused)?;
        let number = RECORDERS.insert(Mutex::new(writer))?;
        // SAFETY: as the caller vouches.
        unsafe { put(recorder, number) }
    })
}

/// Adds samples to a recording, as they are pushed.
///
/// # Safety
/// `samples` must point to `count` structures, each `size` bytes behind the one before, or be null when that is zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_recorder_push(
    recorder: u64,
    samples: *const JounceSample,
    count: usize,
) -> JounceStatus {
    entry(|| {
        let recorder = RECORDERS.get(recorder)?;
        let mut writer = lock(&recorder);
        // SAFETY: as the caller vouches.
        let mut samples = unsafe { each_sample(samples, count) }?;
        samples.try_for_each(|sample| writer.push(&sample?).map_err(refused))
    })
}

/// Writes all of a recording, so that it is not lost with the process.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_recorder_sync(recorder: u64) -> JounceStatus {
    entry(|| lock(&*RECORDERS.get(recorder)?).sync().map_err(refused))
}

/// Writes all of a recording and ends it. 0 is none, and fine.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_recorder_free(recorder: u64) -> JounceStatus {
    entry(|| {
        if recorder != 0 {
            lock(&*RECORDERS.remove(recorder)?).sync().map_err(refused)?;
        }
        Ok(())
    })
}
