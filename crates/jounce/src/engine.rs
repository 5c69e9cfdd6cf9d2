//! The engine: knows all rooms.

use crate::{
    config::ValidConfig,
    event::Sink,
    health::{Health, PushOutcome},
    sample::Sample,
};

/// Turns samples into events.
#[derive(Debug)]
pub struct Engine {
    health: Health,
}

impl Engine {
    /// A fresh engine.
    pub fn new(config: ValidConfig) -> Self {
        let _ = config;
        Self { health: Health::default() }
    }

    /// Takes one sample; events that are decided by it go to `sink`.
    pub fn push(&mut self, sample: Sample, sink: &mut impl Sink) -> PushOutcome {
        let _ = (sample, sink);
        PushOutcome::Accepted
    }

    /// Ends the stream: decides everything that is still open. The engine can be pushed to again afterwards.
    pub fn flush(&mut self, sink: &mut impl Sink) {
        let _ = sink;
    }

    /// What is known about the quality of the input.
    pub fn health(&self) -> &Health {
        &self.health
    }
}
