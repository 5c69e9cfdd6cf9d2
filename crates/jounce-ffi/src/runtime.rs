//! A session behind a thread of its own, for hosts that push from many threads and cannot wait.
//!
//! What is pushed goes into a bounded queue, in the order of each sender, and one worker takes it out. When the queue is
//! full, the oldest inertial sample makes room, and is counted; fixes, hints, limits and consent never do. (A channel
//! cannot do that and keep the order: it does not let anybody look past its first element.)
//!
//! Events are handed to the listener on the worker's thread, while nothing is locked, so that it may call back in. A panic
//! of the listener is contained, and counted.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use jounce::{
    config::ValidConfig,
    event::Event,
    sample::{Sample, Sensor},
};

use crate::{
    registry::lock,
    session::{Failure, Session},
};

#[cfg(test)]
mod tests;

/// Samples that the worker takes at once: 50 ms of two sensors at 400 Hz.
const BATCH: usize = 40;
/// What may not be lost is taken beyond the queue's bound, up to this many times: no sensor but a broken one gets there.
const BEYOND: usize = 4;

/// What became of what was pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Inertial samples that made room for newer ones.
    pub dropped: u64,
    /// Batches that were not used because the session was faulted.
    pub unused: u64,
    /// Panics of the listener.
    pub listener_panics: u64,
}

/// Takes samples from any thread; a clone is another sender.
#[derive(Clone, Debug)]
pub struct Inlet(Arc<Shared>);

/// A session with its worker. Dropping it stops it.
#[derive(Debug)]
pub struct Runtime {
    inlet: Inlet,
    worker: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
    session: Arc<Mutex<Session>>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Queue {
    samples: VecDeque<Sample>,
    counts: Counts,
    is_closed: bool,
}

fn may_make_room(sample: &Sample) -> bool {
    matches!(sample.sensor(), Sensor::Accel | Sensor::Gyro | Sensor::Mag | Sensor::Baro)
}

impl Queue {
    /// Puts a sample in, as the newest.
    fn put(&mut self, sample: Sample, capacity: usize) -> Result<(), Failure> {
        if self.is_closed {
            return Err(Failure::Session);
        }
        if self.samples.len() >= capacity {
            let oldest = self.samples.iter().position(may_make_room);
            match oldest {
                Some(index) => {
                    self.samples.remove(index);
                    self.counts.dropped += 1;
                }
                None if may_make_room(&sample) => {
                    self.counts.dropped += 1;
                    return Ok(());
                }
                None if self.samples.len() >= capacity.saturating_mul(BEYOND) => {
                    return Err(Failure::Argument("more fixes and hints than the worker can take"));
                }
                None => {}
            }
        }
        self.samples.push_back(sample);
        Ok(())
    }
}

impl Inlet {
    /// Pushes samples, in order; never waits for the engine.
    pub fn push(&self, samples: impl IntoIterator<Item = Sample>) -> Result<(), Failure> {
        let mut queue = lock(&self.0.queue);
        let result = samples.into_iter().try_for_each(|sample| queue.put(sample, self.0.capacity));
        drop(queue);
        self.0.filled.notify_one();
        result
    }

    /// Does something with the session, between two batches of the worker.
    pub fn with_session<T>(&self, act: impl FnOnce(&mut Session) -> Result<T, Failure>) -> Result<T, Failure> {
        lock(&self.0.session).guarded(act)
    }

    /// Takes the session out of its fault; see [`Session::reset`].
    pub fn reset(&self) {
        lock(&self.0.session).reset();
    }

    /// What became of what was pushed.
    pub fn counts(&self) -> Counts {
        lock(&self.0.queue).counts
    }

    /// Takes nothing more. The worker ends when it has used what is there, and has decided what is open.
    pub fn close(&self) {
        lock(&self.0.queue).is_closed = true;
        self.0.filled.notify_all();
    }
}

impl Runtime {
    /// Starts a worker. `capacity`: samples in the queue, at most.
    pub fn start(
        config: ValidConfig,
        capacity: usize,
        listener: impl FnMut(&Event) + Send + 'static,
    ) -> std::io::Result<Self> {
        Self::over(Arc::new(Mutex::new(Session::new(config))), capacity, listener)
    }

    /// Starts a worker for a session that others may use as well, between two of its batches. Its events go to `listener`.
    pub fn over(
        session: Arc<Mutex<Session>>,
        capacity: usize,
        listener: impl FnMut(&Event) + Send + 'static,
    ) -> std::io::Result<Self> {
        let capacity = capacity.max(1);
        let shared = Arc::new(Shared { queue: Mutex::default(), filled: Condvar::new(), session, capacity });
        let for_worker = Arc::clone(&shared);
        let worker = thread::Builder::new().name("jounce".to_owned()).spawn(move || work(&for_worker, listener))?;
        Ok(Self { inlet: Inlet(shared), worker: Mutex::new(Some(worker)) })
    }

    /// Where samples go in.
    pub fn inlet(&self) -> &Inlet {
        &self.inlet
    }

    /// Stops cleanly: what is in the queue is used, what is open is decided, and the listener has heard of it, unless it
    /// is the listener itself that stops.
    pub fn stop(&self) {
        self.inlet.close();
        let Some(worker) = lock(&self.worker).take() else { return };
        if worker.thread().id() != thread::current().id() {
            // The worker contains every panic; there is nothing to hear of.
            let _ = worker.join();
        }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The worker: takes batches until the queue is closed and empty, then ends the stream.
fn work(shared: &Shared, mut listener: impl FnMut(&Event)) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let is_over = next_batch(shared, &mut batch);
        let mut session = lock(&shared.session);
        let pushed = session.guarded(|session| {
            session.push(batch.drain(..));
            if is_over {
                session.flush();
            }
            Ok(())
        });
        let events: Vec<Event> = std::iter::from_fn(|| session.next_event()).collect();
        drop(session);
        let mut panics = 0;
        for event in &events {
            panics += u64::from(catch_unwind(AssertUnwindSafe(|| listener(event))).is_err());
        }
        if pushed.is_err() || panics > 0 {
            let counts = &mut lock(&shared.queue).counts;
            counts.unused += u64::from(pushed.is_err());
            counts.listener_panics += panics;
        }
        batch.clear();
        if is_over {
            return;
        }
    }
}

/// Waits for samples; says whether there will be no more.
fn next_batch(shared: &Shared, batch: &mut Vec<Sample>) -> bool {
    let is_idle = |queue: &mut Queue| queue.samples.is_empty() && !queue.is_closed;
    let queue = shared.filled.wait_while(lock(&shared.queue), is_idle);
    let mut queue = queue.unwrap_or_else(PoisonError::into_inner);
    let count = queue.samples.len().min(BATCH);
    batch.extend(queue.samples.drain(..count));
    queue.is_closed && queue.samples.is_empty()
}
