//! The facade for Swift, Kotlin and Python: flat, and all in packed bytes or JSON, since one object a sample would cost
//! more than the engine.
//!
//! Samples cross as the bytes of the C ABI's `JounceSample` structures, little-endian, one behind the other; each language
//! packs them with what it has (`struct` in Python, `ByteBuffer` in Kotlin, `Data` in Swift).

use std::sync::{Arc, Mutex};

use jounce::{engine::Stage as EngineStage, event::Event as EngineEvent, sample::Sample, time::Timestamp};

use crate::{
    abi::{consent, packed_about, rates_hz, samples_of},
    registry::lock,
    session::{Failure, Session, line, settings},
};

mod recorder;
#[cfg(test)]
mod tests;
mod worker;

pub use recorder::JounceRecorder;
pub use worker::{JounceWorker, WorkerCounts};

/// Why something could not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum JounceError {
    /// An argument, settings or packed samples that cannot be meant.
    #[error("{0}")]
    Invalid(String),
    /// The snapshot is refused.
    #[error("{0}")]
    Snapshot(String),
    /// A panic was contained: reset or restore the engine.
    #[error("{0}")]
    Faulted(String),
}

impl From<Failure> for JounceError {
    fn from(failure: Failure) -> Self {
        let text = failure.to_string();
        match failure {
            Failure::Faulted | Failure::Internal => Self::Faulted(text),
            Failure::Snapshot(_) => Self::Snapshot(text),
            _ => Self::Invalid(text),
        }
    }
}

/// An event: what most hosts need of it, and all of it as JSON.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Event {
    /// Its id, as `hard_braking-3`.
    pub id: String,
    /// Its kind, as `hard_braking`.
    pub kind: String,
    /// `final`, `suspected`, `confirmed` or `revoked`.
    pub phase: String,
    /// When it began, ns.
    pub start_ns: i64,
    /// When it ended, ns.
    pub end_ns: i64,
    /// `minor` to `extreme`.
    pub severity: Option<String>,
    /// 0 to 1.
    pub confidence: f64,
    /// Where it began, degrees.
    pub lat_deg: Option<f64>,
    /// Where it began, degrees.
    pub lon_deg: Option<f64>,
    /// All of it, as one line of JSON.
    pub json: String,
}

impl From<&EngineEvent> for Event {
    fn from(event: &EngineEvent) -> Self {
        Self {
            id: event.id.to_string(),
            kind: event.kind().name().to_owned(),
            phase: event.phase.name().to_owned(),
            start_ns: event.start.ns(),
            end_ns: event.end.ns(),
            severity: event.severity.map(|severity| severity.name().to_owned()),
            confidence: event.confidence,
            lat_deg: event.position.map(|it| it.lat_deg),
            lon_deg: event.position.map(|it| it.lon_deg),
            json: line(event),
        }
    }
}

/// What the inertial sensors said about a crash.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Evidence {
    /// The crash's id, as `crash-1`.
    pub id: String,
    /// Packed samples by time, as they are pushed: a recorder takes them as they are.
    pub packed: Vec<u8>,
}

/// What the engine is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Stage {
    /// Parked.
    Idle,
    /// There were signs of a drive a moment ago.
    Watching,
    /// A trip is under way.
    Driving,
}

/// Which sensors are wanted now.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Needs {
    /// What the engine is about.
    pub stage: Stage,
    /// One a sensor, by its number: samples a second; 0 none, it may be switched off; −1 each change.
    pub rate_hz: Vec<f64>,
}

/// Hears of events after a push, while nothing is locked, so that it may call back in.
#[uniffi::export(with_foreign)]
pub trait EventListener: Send + Sync {
    /// An event was decided. What goes wrong in here is dropped.
    fn on_event(&self, event: Event) -> Result<(), ListenerError>;
}

/// Whatever went wrong in a listener.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum ListenerError {
    /// It said so, or threw something.
    #[error("{0}")]
    Failed(String),
}

impl From<uniffi::UnexpectedUniFFICallbackError> for ListenerError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed(error.reason)
    }
}

/// One engine.
#[derive(uniffi::Object)]
pub struct JounceEngine {
    session: Arc<Mutex<Session>>,
    listener: Option<Arc<dyn EventListener>>,
}

impl std::fmt::Debug for JounceEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JounceEngine").finish_non_exhaustive()
    }
}

impl JounceEngine {
    fn with<T>(&self, act: impl FnOnce(&mut Session) -> Result<T, Failure>) -> Result<T, JounceError> {
        Ok(lock(&self.session).guarded(act)?)
    }

    /// Does something with the session, and delivers what was decided.
    fn telling(&self, act: impl FnOnce(&mut Session) -> Result<(), Failure>) -> Result<Vec<Event>, JounceError> {
        let events = self.with(|session| {
            act(session)?;
            Ok(std::iter::from_fn(|| session.next_event()).map(|event| Event::from(&event)).collect())
        })?;
        Ok(self.deliver(events))
    }

    /// What has been decided: to the listener if there is one, else to the caller.
    fn deliver(&self, events: Vec<Event>) -> Vec<Event> {
        let Some(listener) = &self.listener else { return events };
        for event in events {
            // Its errors are its own, and so are its panics.
            let call = || listener.on_event(event);
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call));
        }
        Vec::new()
    }
}

#[uniffi::export]
impl JounceEngine {
    /// Opens an engine with settings as TOML or JSON; empty are the defaults. With a listener, no call returns events.
    #[uniffi::constructor(default(settings = "", listener = None))]
    pub fn new(settings: &str, listener: Option<Arc<dyn EventListener>>) -> Result<Arc<Self>, JounceError> {
        let session = Arc::new(Mutex::new(Session::new(self::settings(settings)?)));
        Ok(Arc::new(Self { session, listener }))
    }

    /// Pushes packed samples in the order in which they arrived; gives what was decided.
    pub fn push_batch(&self, packed: &[u8]) -> Result<Vec<Event>, JounceError> {
        self.telling(|session| {
            session.push(samples_of(packed)?);
            Ok(())
        })
    }

    /// Ends the stream; gives what was still open. More may be pushed afterwards.
    pub fn flush(&self) -> Result<Vec<Event>, JounceError> {
        self.telling(|session| {
            session.flush();
            Ok(())
        })
    }

    /// Which sensors are wanted now. Ask after each batch.
    pub fn needs(&self) -> Result<Needs, JounceError> {
        let needs = self.with(|session| Ok(session.needs()))?;
        let stage = match needs.stage {
            EngineStage::Idle => Stage::Idle,
            EngineStage::Watching => Stage::Watching,
            EngineStage::Driving => Stage::Driving,
        };
        Ok(Needs { stage, rate_hz: rates_hz(&needs).to_vec() })
    }

    /// Says from `t_ns` on whether a sensor, by its number, may be used.
    pub fn set_consent(&self, t_ns: i64, sensor: u16, allowed: bool) -> Result<(), JounceError> {
        self.with(|session| {
            session.push([Sample::Consent(consent(Timestamp::from_ns(t_ns), sensor, allowed)?)]);
            Ok(())
        })
    }

    /// Begins a crash that did not happen, to try what follows one: suspected at once, confirmed some seconds of samples later
    /// or by a flush, with the reason `rehearsal`. Refused while no sample was pushed, since there is no time to rehearse at.
    pub fn rehearse_crash(&self) -> Result<Vec<Event>, JounceError> {
        self.telling(Session::rehearse_crash)
    }

    /// Revokes the rehearsal under way, as somebody who is well cancels the call.
    pub fn cancel_rehearsal(&self) -> Result<Vec<Event>, JounceError> {
        self.telling(|session| {
            session.cancel_rehearsal();
            Ok(())
        })
    }

    /// Takes the raw samples about a crash, the oldest first, once they are complete: 5 s after it, or when the stream has
    /// ended. Revoked crashes have theirs as well.
    pub fn take_evidence(&self) -> Result<Option<Evidence>, JounceError> {
        let taken = self.with(|session| Ok(session.take_evidence()))?;
        Ok(taken.map(|evidence| Evidence { id: evidence.id.to_string(), packed: packed_about(&evidence) }))
    }

    /// The record of the input as JSON.
    pub fn health_json(&self) -> Result<String, JounceError> {
        self.with(|session| Ok(session.health_json()))
    }

    /// The whole state.
    pub fn snapshot(&self) -> Result<Vec<u8>, JounceError> {
        self.with(|session| Ok(session.snapshot()))
    }

    /// Goes on where a snapshot was taken, with the same settings.
    pub fn restore(&self, snapshot: &[u8]) -> Result<(), JounceError> {
        Ok(lock(&self.session).restore(snapshot)?)
    }

    /// Forgets everything pushed. Settings and consent stay.
    pub fn reset(&self) {
        lock(&self.session).reset();
    }
}

/// Version of the library.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
