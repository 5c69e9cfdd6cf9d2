//! What was reported.

use jounce::{
    event::{Event, EventKind, Phase, Side},
    time::Timestamp,
};

/// An event as far as it can be right or wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// What.
    pub kind: EventKind,
    /// Since the trace's zero, s.
    pub start_s: f64,
    /// Since the trace's zero, s.
    pub end_s: f64,
    /// To which side.
    pub direction: Option<Side>,
    /// How sure its detector says it is, 0–1; none: it does not say.
    pub confidence: Option<f64>,
}

impl Found {
    /// An event of which no more is known.
    pub const fn new(kind: EventKind, start_s: f64, end_s: f64) -> Self {
        Self { kind, start_s, end_s, direction: None, confidence: None }
    }

    /// An event of the engine, in seconds since `zero`.
    pub fn of(event: &Event, zero: Timestamp) -> Self {
        Self {
            kind: event.kind(),
            start_s: event.start.s_since(zero),
            end_s: event.end.s_since(zero),
            direction: event.direction,
            confidence: Some(event.confidence),
        }
    }
}

/// Each event as it stands in the end, in order of time; what was revoked is none.
pub fn last_words(events: &[Event]) -> Vec<&Event> {
    let is_last = |at: usize, event: &Event| events.iter().skip(at + 1).all(|later| later.id != event.id);
    let stands = |(at, event): &(usize, &Event)| event.phase != Phase::Revoked && is_last(*at, event);
    let mut last: Vec<&Event> = events.iter().enumerate().filter(stands).map(|(_, event)| event).collect();
    last.sort_by_key(|event| (event.start, event.id));
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, ordinal: u32, phase: Phase, at_s: i64) -> Event {
        let t = Timestamp::from_ns(at_s * 1_000_000_000);
        let mut event = Event::new(kind, t, t);
        (event.id.ordinal, event.phase) = (ordinal, phase);
        event
    }

    #[test]
    fn only_the_last_word_counts_and_what_was_revoked_does_not() {
        let events = [
            event(EventKind::TripStart, 1, Phase::Final, 1),
            event(EventKind::Crash, 1, Phase::Suspected, 20),
            event(EventKind::Crash, 2, Phase::Suspected, 10),
            event(EventKind::Crash, 1, Phase::Revoked, 20),
            event(EventKind::Crash, 2, Phase::Confirmed, 10),
            event(EventKind::TripStart, 1, Phase::Revoked, 1),
            event(EventKind::HardBraking, 1, Phase::Final, 5),
        ];
        let last = last_words(&events);
        let told: Vec<_> = last.iter().map(|event| (event.kind(), event.id.ordinal, event.phase)).collect();
        let expected = [(EventKind::HardBraking, 1, Phase::Final), (EventKind::Crash, 2, Phase::Confirmed)];
        assert_eq!(told, expected);
        let found = Found::of(last[1], Timestamp::from_ns(4_000_000_000));
        assert_eq!((found.start_s, found.end_s), (6.0, 6.0));
    }
}
