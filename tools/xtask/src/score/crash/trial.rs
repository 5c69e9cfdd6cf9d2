//! The engine on samples, and what became of every crash it suspected; three rules of others on the same samples.

use jounce::{
    config::{Config, ConfigError},
    engine::Engine,
    event::{Detail, Dismissal, Event, EventId, EventKind, Phase, Reason, Sink},
    sample::Sample,
};

use super::peers::{PEERS, Peers};
use crate::score::{hours, replay::seconds};

/// What came out of one recording.
#[derive(Clone, Debug, Default)]
pub(super) struct Trial {
    pub(super) crashes: Vec<Story>,
    pub(super) drops: Vec<Event>,
    pub(super) dismissals: Vec<Dismissal>,
    /// Whether each rule of others fired, and when first, s.
    pub(super) peers: [Option<f64>; PEERS.len()],
    pub(super) hours: f64,
}

/// One crash from suspicion to the last word.
#[derive(Clone, Debug)]
pub(super) struct Story {
    id: EventId,
    pub(super) suspected: Option<Event>,
    pub(super) decided: Option<Event>,
}

/// The figures of a crash event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    pub(super) delta_v_mps: f64,
    pub(super) clock: Option<u8>,
    pub(super) clipped: bool,
}

impl Trial {
    /// Runs the engine as it comes.
    pub(super) fn new(samples: &[Sample]) -> Result<Self, ConfigError> {
        let mut engine = Engine::new(Config::default().validate()?);
        let (mut trial, mut peers) = (Self::default(), Peers::default());
        for sample in samples {
            peers.push(sample);
            engine.push(*sample, &mut trial);
        }
        engine.flush(&mut trial);
        trial.peers = peers.fired();
        trial.hours = hours(samples);
        Ok(trial)
    }

    /// The crash that was confirmed at the end, the first of them.
    pub(super) fn confirmed(&self) -> Option<&Story> {
        self.crashes.iter().find(|story| story.is(Phase::Confirmed))
    }

    /// Reasons why nothing is suspected between two moments, s.
    pub(super) fn dismissed(&self, from_s: f64, to_s: f64) -> Vec<String> {
        let within = |dismissal: &&Dismissal| (from_s..=to_s).contains(&seconds(dismissal.start));
        self.dismissals.iter().filter(within).flat_map(|dismissal| &dismissal.reasons).map(code).collect()
    }

    pub(super) fn suspected(&self) -> usize {
        self.crashes.len()
    }
}

impl Story {
    pub(super) fn is(&self, phase: Phase) -> bool {
        self.decided.as_ref().is_some_and(|event| event.phase == phase)
    }

    /// Moment of the first word, s.
    pub(super) fn suspected_s(&self) -> f64 {
        self.suspected.as_ref().map_or(f64::INFINITY, |event| seconds(event.decided))
    }

    /// Moment of the last word, s.
    pub(super) fn decided_s(&self) -> f64 {
        self.decided.as_ref().map_or(f64::INFINITY, |event| seconds(event.decided))
    }

    /// Start of the impact, s.
    pub(super) fn start_s(&self) -> f64 {
        let event = self.decided.as_ref().or(self.suspected.as_ref());
        event.map_or(f64::NAN, |event| seconds(event.start))
    }

    /// What the last word says.
    pub(super) fn figures(&self) -> Option<Figures> {
        match self.decided.as_ref()?.detail {
            Detail::Crash { delta_v_mps, direction_clock, clipped, .. } => {
                Some(Figures { delta_v_mps, clock: direction_clock, clipped })
            }
            _ => None,
        }
    }

    /// Codes of the last word's reasons, in their order.
    pub(super) fn codes(&self) -> Vec<String> {
        self.decided.iter().flat_map(|event| &event.reasons).map(code).collect()
    }
}

/// The name of a reason.
fn code(reason: &Reason) -> String {
    let value = serde_json::to_value(reason).unwrap_or_default();
    value["code"].as_str().unwrap_or_default().to_owned()
}

impl Sink for Trial {
    fn event(&mut self, event: &Event) {
        match event.kind() {
            EventKind::PhoneDrop => self.drops.push(event.clone()),
            EventKind::Crash => {
                let at = self.crashes.iter().position(|story| story.id == event.id).unwrap_or_else(|| {
                    self.crashes.push(Story { id: event.id, suspected: None, decided: None });
                    self.crashes.len() - 1
                });
                let story = &mut self.crashes[at];
                let word = if event.phase == Phase::Suspected { &mut story.suspected } else { &mut story.decided };
                *word = Some(event.clone());
            }
            _ => {}
        }
    }

    fn dismissal(&mut self, dismissal: &Dismissal) {
        if dismissal.kind == EventKind::Crash {
            self.dismissals.push(dismissal.clone());
        }
    }
}
