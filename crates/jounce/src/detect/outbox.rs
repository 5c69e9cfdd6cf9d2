//! Collects what detectors decide, gives each event its id, and settles what two of them found at once.
//!
//! The only such case: a crash brakes, pushes and turns a vehicle harder than any driver. A harsh event at its height in
//! the midst of a crash is part of it, so it waits until a suspected crash is confirmed or revoked.

use alloc::vec::Vec;

use crate::{
    event::{Dismissal, Event, EventId, EventKind, Phase, Reason, TripCounts},
    persist::Persist,
    time::Timestamp,
};

/// An impact shows this long before its onset in motion that is smoothed, s …
const BEFORE_CRASH_S: f64 = 0.5;
/// … and the vehicle comes to rest within this long after it, s.
const AFTER_CRASH_S: f64 = 5.0;

/// Collects what detectors decide.
#[derive(Debug, Default, Persist)]
pub(crate) struct Outbox {
    counts: [u32; EventKind::COUNT],
    /// Empty between one sample and the next.
    #[persist(skip)]
    items: Vec<Decision>,
    /// The crash that was suspected last, and how far its life has come.
    crash: Option<(Timestamp, Phase)>,
    /// Harsh events that wait for its verdict.
    waiting: Vec<Event>,
    /// What was reported since the vehicle began to move.
    on_the_way: TripCounts,
}

/// One thing decided.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a handful at a time, handed on at once")]
pub(crate) enum Decision {
    /// To be reported.
    Event(Event),
    /// Not to be reported, with the reason why.
    Dismissal(Dismissal),
}

impl Outbox {
    /// Reports `event`. Ordinal 0 draws the next one of its kind; any other is kept, for a later phase of the same event.
    /// Returns the id, which for a harsh event is given only once nothing speaks for a crash.
    pub(crate) fn report(&mut self, event: Event) -> EventId {
        match event.kind() {
            EventKind::Crash => {
                let (start, phase) = (event.start, event.phase);
                let id = self.put(event);
                self.crash = Some((start, phase));
                if phase != Phase::Suspected {
                    self.settle();
                }
                id
            }
            EventKind::HardBraking | EventKind::HarshAcceleration | EventKind::HarshCornering | EventKind::Swerve => {
                let id = event.id;
                self.waiting.push(event);
                if !matches!(self.crash, Some((_, Phase::Suspected))) {
                    self.settle();
                }
                id
            }
            _ => self.put(event),
        }
    }

    /// A vehicle begins to move: counts anew.
    pub(crate) fn begin_way(&mut self) {
        self.on_the_way = TripCounts::default();
    }

    /// What was reported since then.
    pub(crate) fn on_the_way(&self) -> TripCounts {
        self.on_the_way
    }

    /// Records that a candidate is none.
    pub(crate) fn dismiss(&mut self, dismissal: Dismissal) {
        self.items.push(Decision::Dismissal(dismissal));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Takes out everything decided since the last call, in order; the room for it is kept.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Decision> + '_ {
        self.items.drain(..)
    }

    /// No crash is undecided: harsh events go out, but for those that are part of a crash that happened.
    fn settle(&mut self) {
        let crash = self.crash.filter(|(_, phase)| *phase == Phase::Confirmed).map(|(start, _)| start);
        for event in core::mem::take(&mut self.waiting) {
            let since_crash_s = crash.map(|start| event.peak.s_since(start));
            if since_crash_s.is_some_and(|s| (-BEFORE_CRASH_S..=AFTER_CRASH_S).contains(&s)) {
                let mut reasons = Vec::from([Reason::PartOf { kind: EventKind::Crash }]);
                reasons.extend(event.reasons);
                let (kind, start, end) = (event.id.kind, event.start, event.end);
                self.dismiss(Dismissal { kind, start, end, peak_mps2: event.peak_mps2, reasons });
            } else {
                self.put(event);
            }
        }
    }

    fn put(&mut self, mut event: Event) -> EventId {
        if event.id.ordinal == 0 {
            let count = &mut self.counts[event.id.kind as usize];
            *count = count.saturating_add(1);
            event.id.ordinal = *count;
            self.on_the_way.add(&event);
        }
        let id = event.id;
        self.items.push(Decision::Event(event));
        id
    }
}

#[cfg(test)]
mod tests;
