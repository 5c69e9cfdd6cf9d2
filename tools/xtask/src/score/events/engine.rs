//! The engine on samples, as `jounce replay` runs it.

use jounce::{
    config::{Config, ConfigError, Sensitivity},
    engine::Engine,
    event::{Event, Reason, TransportMode},
    sample::Sample,
    time::Timestamp,
};
use jounce_score::{Found, last_words};

/// The events as they stand in the end.
pub(super) fn events<'a>(
    samples: impl IntoIterator<Item = &'a Sample>,
    sensitivity: Sensitivity,
) -> Result<Vec<Event>, ConfigError> {
    let mut engine = Engine::new(Config { sensitivity, ..Config::default() }.validate()?);
    let mut events: Vec<Event> = Vec::new();
    for sample in samples {
        engine.push(*sample, &mut events);
    }
    engine.flush(&mut events);
    Ok(last_words(&events).into_iter().cloned().collect())
}

/// … in seconds from `zero`.
pub(super) fn found(events: &[Event], zero: Timestamp) -> Vec<Found> {
    events.iter().map(|event| Found::of(event, zero)).collect()
}

/// A trip among them that says of itself that it was driven as a bus is.
pub(super) fn has_bus(events: &[Event]) -> bool {
    let is_said = |reason: &Reason| *reason == Reason::DrivenAs { mode: TransportMode::Bus };
    events.iter().any(|event| event.reasons.iter().any(is_said))
}
