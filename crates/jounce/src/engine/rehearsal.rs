//! A crash that did not happen, for hosts to try what follows one: the alert, the countdown, the call.
//!
//! It runs the same way as a real one: suspected at once, confirmed `crash.decide_within_s` later or when the stream
//! ends, under one id. [`Reason::Rehearsal`] is the first reason of each word, and its number is one that no real crash
//! has, so that those of a recording keep theirs. Detectors do not see it, and nothing is kept about it.

use alloc::vec;

use super::Engine;
use crate::{
    event::{Detail, Event, EventId, EventKind, Phase, Reason, Severity, Sink},
    persist::Persist,
    time::Timestamp,
};

/// Rehearsals are numbered from here on.
pub const FIRST_REHEARSAL: u32 = 1 << 31;
/// A moderate frontal crash: 25 km/h in 0.1 s.
const DELTA_V_MPS: f64 = 25.0 / 3.6;
const PEAK_G: f64 = 14.0;
const DURATION_S: f64 = 0.1;

/// Whether this event is of a rehearsal.
pub fn is_rehearsal(event: &Event) -> bool {
    event.id.ordinal >= FIRST_REHEARSAL
}

/// The rehearsals so far, and the one under way.
#[derive(Clone, Debug, Default, Persist)]
pub(super) struct Rehearsal {
    count: u32,
    open: Option<Event>,
}

impl Rehearsal {
    fn begin(&mut self, now: Timestamp) -> Event {
        let mut event = Event::new(EventKind::Crash, now, now.plus_s(DURATION_S));
        event.id = EventId { kind: EventKind::Crash, ordinal: FIRST_REHEARSAL.saturating_add(self.count) };
        event.phase = Phase::Suspected;
        event.decided = now;
        event.severity = Some(Severity::Severe);
        event.peak_mps2 = Some(PEAK_G * STANDARD_GRAVITY_MPS2);
        event.reasons = vec![Reason::Rehearsal];
        event.detail = Detail::Crash {
            delta_v_mps: DELTA_V_MPS,
            peak_g: PEAK_G,
            duration_s: DURATION_S,
            direction_clock: Some(12),
            clipped: false,
            secondary_impacts: 0,
        };
        self.count = self.count.saturating_add(1);
        self.open = Some(event.clone());
        event
    }

    fn close(&mut self, phase: Phase, now: Timestamp) -> Option<Event> {
        let mut event = self.open.take()?;
        event.phase = phase;
        event.decided = now;
        if phase == Phase::Revoked {
            event.confidence = 0.0;
        }
        Some(event)
    }
}

/// Standard gravity, m/s².
const STANDARD_GRAVITY_MPS2: f64 = 9.806_65;

impl Engine {
    /// Begins a rehearsal at the newest sample's time: `sink` gets a suspected crash now and its confirmation later. One
    /// that is still open is revoked first. `false`: no sample has been pushed, so there is no time to rehearse at.
    pub fn rehearse_crash(&mut self, sink: &mut impl Sink) -> bool {
        let Some(now) = self.align.newest().or(self.last_ordered) else { return false };
        self.cancel_rehearsal(sink);
        sink.event(&self.rehearsal.begin(now));
        true
    }

    /// Revokes the rehearsal under way, as somebody who is well cancels the call.
    pub fn cancel_rehearsal(&mut self, sink: &mut impl Sink) {
        let now = self.align.newest().or(self.last_ordered).unwrap_or_default();
        if let Some(event) = self.rehearsal.close(Phase::Revoked, now) {
            sink.event(&event);
        }
    }

    /// Confirms the rehearsal under way when its time has come, or when nothing more will come.
    pub(super) fn go_on_rehearsing(&mut self, ends: bool, sink: &mut impl Sink) {
        let Some(open) = &self.rehearsal.open else { return };
        let Some(now) = self.align.newest().or(self.last_ordered) else { return };
        if (ends || now.s_since(open.end) >= self.config.get().crash.decide_within_s)
            && let Some(event) = self.rehearsal.close(Phase::Confirmed, now)
        {
            sink.event(&event);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::{
        config::Config,
        sample::{Sample, Triad},
        testing::at,
    };

    fn engine() -> Engine {
        Engine::new(Config::default().validate().expect("the defaults are valid"))
    }

    fn rest(engine: &mut Engine, seconds: core::ops::Range<u32>, events: &mut Vec<Event>) {
        for step in seconds.start * 50..seconds.end * 50 {
            let t = at(f64::from(step) / 50.0);
            engine.push(Sample::Accel(Triad { t, x: 0.0, y: 0.0, z: 9.81 }), events);
        }
    }

    #[test]
    fn a_rehearsal_is_suspected_then_confirmed_and_says_what_it_is() {
        let (mut engine, mut events) = (engine(), Vec::new());
        assert!(!engine.rehearse_crash(&mut events) && events.is_empty(), "there is no time yet");
        rest(&mut engine, 0..5, &mut events);
        assert!(engine.rehearse_crash(&mut events));
        rest(&mut engine, 5..15, &mut events);
        let phases: Vec<Phase> = events.iter().map(|event| event.phase).collect();
        assert_eq!(phases, [Phase::Suspected, Phase::Confirmed]);
        assert_eq!(events[0].id, events[1].id);
        assert!((4.0..4.5).contains(&events[1].decided.s_since(events[0].decided)));
        for event in &events {
            assert!(is_rehearsal(event) && event.reasons[0] == Reason::Rehearsal);
        }
        assert!(engine.take_evidence().is_none());
    }

    #[test]
    fn a_rehearsal_can_be_cancelled_and_ends_with_the_stream() {
        let (mut engine, mut events) = (engine(), Vec::new());
        rest(&mut engine, 0..5, &mut events);
        engine.rehearse_crash(&mut events);
        engine.cancel_rehearsal(&mut events);
        engine.rehearse_crash(&mut events);
        engine.flush(&mut events);
        let said: Vec<(u32, Phase)> =
            events.iter().map(|event| (event.id.ordinal - FIRST_REHEARSAL, event.phase)).collect();
        let (one, two) = (0, 1);
        assert_eq!(
            said,
            [(one, Phase::Suspected), (one, Phase::Revoked), (two, Phase::Suspected), (two, Phase::Confirmed)]
        );
    }
}
