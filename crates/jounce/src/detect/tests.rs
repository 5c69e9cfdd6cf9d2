use std::vec::Vec;

use super::*;
use crate::{
    config::{Config, Profile, Sensitivity},
    event::{Phase, Reason},
    testing::at,
};

fn event(kind: EventKind) -> Event {
    Event::new(kind, at(0.0), at(1.0))
}

#[test]
fn each_kind_is_counted_by_itself_from_one() {
    let mut out = Outbox::default();
    let kinds = [EventKind::HardBraking, EventKind::Crash, EventKind::HardBraking, EventKind::HardBraking];
    let ids: Vec<_> = kinds.iter().map(|&kind| out.report(event(kind)).ordinal).collect();
    assert_eq!(ids, [1, 1, 2, 3]);
    let delivered: Vec<_> = out.drain().collect();
    assert_eq!(delivered.len(), 4);
    // Taking them out does not begin the count anew.
    assert_eq!(out.report(event(EventKind::HardBraking)).ordinal, 4);
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

#[test]
fn every_detector_is_asked_exactly_once() {
    let config = Config::default().validate().unwrap();
    let mut detectors = Detectors::new(&config);
    let (mut prompt, mut harsh) = (0, 0);
    detectors.each_prompt(|_| prompt += 1);
    detectors.each_harsh(|_| harsh += 1);
    assert_eq!((prompt, harsh), (4, 3));
}

#[test]
fn a_heavy_vehicle_that_is_watched_closely_has_the_lowest_threshold() {
    let fires_at = |profile, sensitivity, accel: f64| {
        let config = Config { profile, sensitivity, ..Config::default() }.validate().unwrap();
        let (mut detectors, mut out) = (Detectors::new(&config), Outbox::default());
        let drive = testing::DriveLine::new(20.0).steady(3.0).accelerate(accel, 2.0).steady(5.0);
        for m in drive.motions() {
            detectors.each_harsh(|detector| detector.observe(&Observation::Motion(m), &mut out));
        }
        out.drain().any(|decision| matches!(decision, Decision::Event(_)))
    };
    for (profile, sensitivity, threshold) in [
        (Profile::Car, Sensitivity::Normal, 3.6),
        (Profile::Van, Sensitivity::Normal, 3.6 * 0.95),
        (Profile::Heavy, Sensitivity::Normal, 3.6 * 0.75),
        (Profile::Heavy, Sensitivity::High, 3.6 * 0.75 * 0.86),
    ] {
        assert!(fires_at(profile, sensitivity, -threshold - 0.05), "{profile:?} {sensitivity:?}");
        assert!(!fires_at(profile, sensitivity, -threshold + 0.05), "{profile:?} {sensitivity:?}");
    }
}
