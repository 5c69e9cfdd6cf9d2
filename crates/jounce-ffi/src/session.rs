//! One engine, and the events that wait to be pulled.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
};

use jounce::{
    config::{Config, ConfigError, ValidConfig},
    engine::{Engine, Evidence, Needs},
    event::{Event, Sink},
    health::{HealthJson, PushOutcome},
    sample::Sample,
};
use jounce_wire::snapshot::{self, SnapshotError};
use serde::Serialize;

#[cfg(test)]
mod tests;

/// Events kept for a host that does not pull; then the oldest go.
const MOST_EVENTS: usize = 10_000;

/// Why something could not be done.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// An argument that cannot be meant.
    #[error("{0}")]
    Argument(&'static str),
    /// There is no such session, or not any more.
    #[error("no such session")]
    Session,
    /// A panic was contained in this session; it must be reset.
    #[error("the session is faulted: reset it")]
    Faulted,
    /// A panic happened just now; the session is faulted.
    #[error("internal error: the session is faulted until it is reset")]
    Internal,
    /// The settings are no TOML or JSON that is understood.
    #[error("settings: {0}")]
    Syntax(String),
    /// The settings are understood, but not valid.
    #[error("settings: {0}")]
    Config(#[from] ConfigError),
    /// The snapshot is refused.
    #[error("{0}")]
    Snapshot(#[from] SnapshotError),
    /// What is to be written does not fit.
    #[error("the buffer is too small: {needed} needed")]
    Buffer {
        /// Bytes, or elements, needed.
        needed: usize,
    },
    /// A structure of another size or version.
    #[error("a structure of a version that is not known here")]
    Version,
    /// A file cannot be written, or a thread not be started. It holds no name of a file.
    #[error("the operating system refuses: {0}")]
    System(std::io::ErrorKind),
}

/// The settings in `text`: JSON when it begins with a brace, else TOML; the defaults when it is empty.
pub fn settings(text: &str) -> Result<ValidConfig, Failure> {
    let text = text.trim_start();
    let config: Config = if text.is_empty() {
        Config::default()
    } else if text.starts_with('{') {
        serde_json::from_str(text).map_err(|error| Failure::Syntax(error.to_string()))?
    } else {
        from_toml(text)?
    };
    Ok(config.validate()?)
}

#[cfg(feature = "toml")]
fn from_toml(text: &str) -> Result<Config, Failure> {
    toml::from_str(text).map_err(|error| Failure::Syntax(error.message().into()))
}

#[cfg(not(feature = "toml"))]
fn from_toml(_: &str) -> Result<Config, Failure> {
    Err(Failure::Syntax("expected JSON: this library was built without TOML".to_owned()))
}

/// One engine, and the events that wait to be pulled.
#[derive(Debug)]
pub struct Session {
    engine: Engine,
    events: Events,
    is_faulted: bool,
}

#[derive(Debug, Default)]
struct Events {
    waiting: VecDeque<Event>,
    dropped: u64,
}

impl Sink for Events {
    fn event(&mut self, event: &Event) {
        if self.waiting.len() == MOST_EVENTS {
            self.waiting.pop_front();
            self.dropped += 1;
        }
        self.waiting.push_back(event.clone());
    }
}

/// The record of the input, and what this session lost.
#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    health: HealthJson,
    events_dropped: u64,
}

impl Session {
    /// A fresh session.
    pub fn new(config: ValidConfig) -> Self {
        Self { engine: Engine::new(config), events: Events::default(), is_faulted: false }
    }

    /// Does something with a session that is sound. A panic within makes it faulted, and goes no further.
    pub fn guarded<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<T, Failure> {
        if self.is_faulted {
            return Err(Failure::Faulted);
        }
        // Whatever is half done is never looked at again: a faulted session can only be replaced.
        catch_unwind(AssertUnwindSafe(|| act(self))).unwrap_or_else(|_| {
            self.is_faulted = true;
            Err(Failure::Internal)
        })
    }

    /// Pushes samples in the order in which they arrived; gives how many were refused.
    pub fn push(&mut self, samples: impl IntoIterator<Item = Sample>) -> usize {
        let outcomes = samples.into_iter().map(|sample| self.engine.push(sample, &mut self.events));
        outcomes.filter(|outcome| *outcome != PushOutcome::Accepted).count()
    }

    /// Ends the stream: decides everything that is open. More may be pushed afterwards.
    pub fn flush(&mut self) {
        self.engine.flush(&mut self.events);
    }

    /// How many events wait.
    pub fn waiting(&self) -> usize {
        self.events.waiting.len()
    }

    /// An event that waits, the oldest at 0; it stays.
    pub fn peek_at(&self, index: usize) -> Option<&Event> {
        self.events.waiting.get(index)
    }

    /// Drops the oldest events that wait.
    pub fn drop_events(&mut self, count: usize) {
        self.events.waiting.drain(..count.min(self.events.waiting.len()));
    }

    /// Takes the oldest event that waits.
    pub fn next_event(&mut self) -> Option<Event> {
        self.events.waiting.pop_front()
    }

    /// Which sensors are wanted now.
    pub fn needs(&self) -> Needs {
        self.engine.needs()
    }

    /// Begins a crash that did not happen, for the host to try what follows one; see [`Engine::rehearse_crash`].
    pub fn rehearse_crash(&mut self) -> Result<(), Failure> {
        let has_begun = self.engine.rehearse_crash(&mut self.events);
        has_begun.then_some(()).ok_or(Failure::Argument("no sample was pushed yet, so there is no time to rehearse at"))
    }

    /// Revokes the rehearsal under way, if there is one.
    pub fn cancel_rehearsal(&mut self) {
        self.engine.cancel_rehearsal(&mut self.events);
    }

    /// What [`Session::take_evidence`] would take; it stays.
    pub fn evidence(&self) -> Option<&Evidence> {
        self.engine.evidence()
    }

    /// Takes the raw samples about a crash, the oldest first, once they are complete.
    pub fn take_evidence(&mut self) -> Option<Evidence> {
        self.engine.take_evidence()
    }

    /// The record of the input as JSON.
    pub fn health_json(&self) -> String {
        let report = Report { health: self.engine.health().into(), events_dropped: self.events.dropped };
        // Names and numbers: nothing that could fail.
        serde_json::to_string(&report).unwrap_or_default()
    }

    /// The engine's whole state. Events that wait are not in it: pull them first.
    pub fn snapshot(&mut self) -> Vec<u8> {
        snapshot::save(&mut self.engine)
    }

    /// Goes on where the snapshot was taken, and is faulted no longer. The settings must be the same.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.engine = snapshot::restore(bytes, self.engine.config())?;
        self.is_faulted = false;
        Ok(())
    }

    /// Forgets everything pushed and every event that waits. Settings and consent stay; it is faulted no longer.
    pub fn reset(&mut self) {
        self.engine.forget();
        self.events = Events::default();
        self.is_faulted = false;
    }
}

/// An event as one line of JSON, without its end.
pub fn line(event: &Event) -> String {
    // Names and numbers: nothing that could fail.
    serde_json::to_string(event).unwrap_or_default()
}
