use std::vec::Vec;

use super::*;
use crate::testing::at;

fn event(kind: EventKind) -> Event {
    Event::new(kind, at(0.0), at(1.0))
}

#[test]
fn each_kind_is_counted_by_itself_from_one() {
    let mut out = Outbox::default();
    let kinds = [EventKind::Speeding, EventKind::Crash, EventKind::Speeding, EventKind::Speeding];
    let ids: Vec<_> = kinds.iter().map(|&kind| out.report(event(kind)).ordinal).collect();
    assert_eq!(ids, [1, 1, 2, 3]);
    let delivered: Vec<_> = out.drain().collect();
    assert_eq!(delivered.len(), 4);
    // Taking them out does not begin the count anew.
    assert_eq!(out.report(event(EventKind::Speeding)).ordinal, 4);
}

#[test]
fn a_later_phase_keeps_its_id() {
    let mut out = Outbox::default();
    let id = out.report(Event { phase: Phase::Suspected, ..event(EventKind::Crash) });
    let confirmed = Event { id, phase: Phase::Confirmed, ..event(EventKind::Crash) };
    assert_eq!(out.report(confirmed), id);
    assert_eq!(out.report(event(EventKind::Crash)).ordinal, id.ordinal + 1);
}

#[test]
fn decisions_leave_in_the_order_they_came_and_once() {
    let mut out = Outbox::default();
    assert!(out.is_empty());
    let dismissal = Dismissal {
        kind: EventKind::Swerve,
        start: at(0.0),
        end: at(1.0),
        peak_mps2: None,
        reasons: Vec::from([Reason::GnssAbsent]),
    };
    out.dismiss(dismissal.clone());
    out.report(event(EventKind::Speeding));
    assert!(!out.is_empty());
    let decisions: Vec<_> = out.drain().collect();
    let [Decision::Dismissal(first), Decision::Event(second)] = &decisions[..] else { panic!("{decisions:?}") };
    assert_eq!((first, second.kind()), (&dismissal, EventKind::Speeding));
    assert!(out.is_empty() && out.drain().next().is_none());
}

#[test]
fn the_outbox_allocates_no_more_once_it_is_warm() {
    let mut out = Outbox::default();
    for _ in 0..10 {
        out.report(event(EventKind::Speeding));
    }
    let capacity = out.items.capacity();
    out.drain().for_each(drop);
    assert_eq!(out.items.capacity(), capacity);
}

fn told(outbox: &mut Outbox) -> Vec<(EventKind, bool)> {
    let kind = |decision| match decision {
        Decision::Event(event) => (event.id.kind, true),
        Decision::Dismissal(dismissal) => (dismissal.kind, false),
    };
    outbox.drain().map(kind).collect()
}

fn crash(outbox: &mut Outbox, id: Option<EventId>, phase: Phase) -> EventId {
    let mut event = Event::new(EventKind::Crash, at(10.0), at(10.0));
    event.phase = phase;
    event.id = id.unwrap_or(event.id);
    outbox.report(event)
}

#[test]
fn braking_within_a_crash_waits_for_the_verdict() {
    for (verdict, reported) in [(Phase::Confirmed, false), (Phase::Revoked, true)] {
        let mut outbox = Outbox::default();
        let id = crash(&mut outbox, None, Phase::Suspected);
        outbox.report(Event::new(EventKind::HardBraking, at(11.0), at(12.0)));
        assert_eq!(told(&mut outbox), [(EventKind::Crash, true)]);
        assert_eq!(crash(&mut outbox, Some(id), verdict), id);
        assert_eq!(told(&mut outbox), [(EventKind::Crash, true), (EventKind::HardBraking, reported)]);
    }
}

#[test]
fn braking_before_a_crash_is_its_own_event() {
    let mut outbox = Outbox::default();
    let id = crash(&mut outbox, None, Phase::Suspected);
    crash(&mut outbox, Some(id), Phase::Confirmed);
    outbox.report(Event::new(EventKind::HardBraking, at(7.0), at(10.0)));
    outbox.report(Event::new(EventKind::HardBraking, at(12.0), at(13.0)));
    let expected = [EventKind::Crash, EventKind::Crash, EventKind::HardBraking].map(|kind| (kind, true));
    assert_eq!(told(&mut outbox)[..3], expected);
}
