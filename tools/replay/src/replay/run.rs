//! One trace through the engine.

use indicatif::ProgressBar;
use jounce::{
    config::ValidConfig,
    engine::{Engine, Evidence},
    event::{Dismissal, Event, Sink},
    health::Health,
    motion::Motion,
    time::Timestamp,
};
use jounce_trace::Recording;

use super::{about::About, health};
use crate::source::{Source, damage};

/// Samples between two steps of the progress bar.
const PROGRESS_STEP: usize = 8192;

/// What is kept besides the events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) motion: bool,
    pub(crate) dismissals: bool,
}

/// What a trace gave.
#[derive(Debug)]
pub(crate) struct Replayed {
    pub(crate) name: String,
    /// What the format is called.
    pub(crate) format: String,
    pub(crate) samples: usize,
    /// Time of the earliest sample.
    pub(crate) start: Timestamp,
    /// Time of the latest sample.
    pub(crate) end: Timestamp,
    /// UTC minus the recording's clock.
    pub(crate) utc_offset_ns: Option<i64>,
    pub(crate) events: Vec<Event>,
    pub(crate) dismissals: Vec<Dismissal>,
    pub(crate) motion: Vec<Motion>,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) health: Health,
    /// The moment to which events and dismissals were narrowed down.
    pub(crate) about: Option<About>,
    damage: Vec<String>,
}

impl Replayed {
    /// Reads a trace and replays it.
    pub(crate) fn new(
        source: &Source,
        config: &ValidConfig,
        wanted: Wanted,
        strict: bool,
        progress: &ProgressBar,
    ) -> anyhow::Result<Self> {
        Ok(Self::of(source, &source.read(strict)?, config, wanted, progress))
    }

    /// Replays a recording that was read from `source`.
    pub(crate) fn of(
        source: &Source,
        recording: &Recording,
        config: &ValidConfig,
        wanted: Wanted,
        progress: &ProgressBar,
    ) -> Self {
        progress.inc_length(recording.samples.len() as u64);
        let mut engine = Engine::new(config.clone());
        let mut kept = Kept { wanted, events: Vec::new(), dismissals: Vec::new(), motion: Vec::new() };
        let mut evidence = Vec::new();
        for chunk in recording.samples.chunks(PROGRESS_STEP) {
            for sample in chunk {
                // What the engine refuses it counts in its health.
                engine.push(*sample, &mut kept);
                evidence.extend(engine.take_evidence());
            }
            progress.inc(chunk.len() as u64);
        }
        engine.flush(&mut kept);
        evidence.extend(std::iter::from_fn(|| engine.take_evidence()));

        let times = || recording.samples.iter().map(jounce::sample::Sample::t);
        Self {
            name: source.name(),
            format: recording.format.to_string(),
            samples: recording.samples.len(),
            start: times().min().unwrap_or_default(),
            end: times().max().unwrap_or_default(),
            utc_offset_ns: recording.utc_offset_ns,
            events: kept.events,
            dismissals: kept.dismissals,
            motion: kept.motion,
            evidence,
            health: engine.health().clone(),
            about: None,
            damage: damage(&source.name(), recording),
        }
    }

    /// Keeps what happened about `moment_s` after the start, and how far it was from more.
    pub(crate) fn keep_about(&mut self, moment_s: f64, config: &ValidConfig) {
        let about = About::new(self, moment_s, config);
        self.events.retain(|event| about.touches(event.start, event.end));
        self.dismissals.retain(|dismissal| about.touches(dismissal.start, dismissal.end));
        self.about = Some(about);
    }

    /// Lines for stderr: what was wrong with the input.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let health = health::warnings(&self.health, self.start).map(|line| format!("{}: {line}", self.name));
        let length = (self.start == self.end).then(|| format!("{}: too little data to find anything in", self.name));
        self.damage.iter().cloned().chain(length).chain(health).collect()
    }
}

/// Keeps what is wanted.
struct Kept {
    wanted: Wanted,
    events: Vec<Event>,
    dismissals: Vec<Dismissal>,
    motion: Vec<Motion>,
}

impl Sink for Kept {
    fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }

    fn dismissal(&mut self, dismissal: &Dismissal) {
        if self.wanted.dismissals {
            self.dismissals.push(dismissal.clone());
        }
    }

    fn motion(&mut self, motion: &Motion) {
        if self.wanted.motion {
            self.motion.push(*motion);
        }
    }
}

#[cfg(test)]
impl Replayed {
    pub(crate) fn for_test(
        name: &str,
        (start, end): (Timestamp, Timestamp),
        utc_offset_ns: Option<i64>,
        events: Vec<Event>,
        dismissals: Vec<Dismissal>,
        health: Health,
    ) -> Self {
        let (name, format, damage) = (name.to_owned(), "native".to_owned(), Vec::new());
        Self {
            name,
            format,
            samples: 123,
            start,
            end,
            utc_offset_ns,
            events,
            dismissals,
            motion: Vec::new(),
            evidence: Vec::new(),
            health,
            about: None,
            damage,
        }
    }
}
