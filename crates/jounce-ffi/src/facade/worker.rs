//! A thread behind an engine, for hosts that push from many threads and cannot wait.

use std::sync::Arc;

use super::{Event, EventListener, JounceEngine, JounceError};
use crate::{abi::samples_of, runtime::Runtime, session::Failure};

/// What became of what was posted to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct WorkerCounts {
    /// Inertial samples that made room for newer ones.
    pub dropped: u64,
    /// Batches that were not used because the engine was faulted.
    pub unused: u64,
}

/// A thread that pushes into an engine what is posted. Events go to its listener, on that thread; everything else may still be
/// asked of the engine, between two batches. It stops when it is let go of.
#[derive(Debug, uniffi::Object)]
pub struct JounceWorker {
    runtime: Runtime,
}

#[uniffi::export]
impl JounceWorker {
    /// Starts a worker. `capacity`: samples that may wait for it; 1000 are some seconds.
    #[uniffi::constructor]
    pub fn new(engine: &JounceEngine, capacity: u32, listener: Arc<dyn EventListener>) -> Result<Self, JounceError> {
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        let tell = move |event: &jounce::event::Event| {
            // Its errors are its own; the worker contains its panics.
            let _ = listener.on_event(Event::from(event));
        };
        let runtime = Runtime::over(Arc::clone(&engine.session), capacity, tell);
        Ok(Self { runtime: runtime.map_err(|error| Failure::System(error.kind()))? })
    }

    /// Hands over packed samples, in the order of this thread, and never waits for the engine. When too many wait already, the
    /// oldest inertial samples make room and are counted; fixes, hints, limits and consent never do.
    pub fn post(&self, packed: &[u8]) -> Result<(), JounceError> {
        self.runtime.inlet().push(samples_of(packed)?).map_err(|failure| match failure {
            Failure::Session => JounceError::Invalid("the worker was stopped".to_owned()),
            other => other.into(),
        })
    }

    /// What became of what was posted.
    pub fn counts(&self) -> WorkerCounts {
        let counts = self.runtime.inlet().counts();
        WorkerCounts { dropped: counts.dropped, unused: counts.unused }
    }

    /// Stops: what was posted is used, what is open is decided, and the listener has heard of it when this returns, unless it
    /// is the listener that calls. The engine stays.
    pub fn stop(&self) {
        self.runtime.stop();
    }
}
