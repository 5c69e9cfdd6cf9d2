use std::vec::Vec;

use super::*;
use crate::{
    detect::testing::{DriveLine, decided},
    sample::HintSample,
    testing::at,
};

/// Moves, as (from, to) in seconds, in a drive at this speed.
fn moved(speed: f64, moves: &[(f64, f64)]) -> DriveLine {
    let mut drive = DriveLine::new(speed).steady(120.0);
    drive.each(|m| {
        let t_s = m.t.s_since(at(0.0));
        m.phone_moving = moves.iter().any(|(from, to)| (*from..*to).contains(&t_s));
    });
    drive
}

fn judge(drive: &DriveLine, screen: Option<bool>) -> (Vec<Event>, Vec<Dismissal>) {
    let (mut detector, mut out) = (Handling::new(&HandlingConfig::default()), Outbox::default());
    if let Some(on) = screen {
        detector.observe(&Observation::Hint(&HintSample { t: at(0.0), hint: Hint::Screen(on) }), &mut out);
    }
    drive.feed(&mut detector, &mut out);
    decided(&mut out)
}

#[test]
fn moves_that_are_close_together_are_one_use() {
    let (events, dismissals) = judge(&moved(15.0, &[(20.0, 22.0), (30.0, 31.0), (45.0, 47.0), (90.0, 94.0)]), None);
    assert!(dismissals.is_empty());
    let spans: Vec<_> = events.iter().map(|e| (e.start.s_since(at(0.0)), e.end.s_since(at(0.0)))).collect();
    assert_eq!(spans.len(), 2, "{spans:?}");
    assert!((spans[0].0 - 20.0).abs() < 0.11 && (spans[0].1 - 47.0).abs() < 0.11, "{spans:?}");
    assert!(
        matches!(events[0].reasons[..], [Reason::Handled { held_s, .. }] if (held_s - (5.0 - 3.0 * MARGIN_S)).abs() < 0.11)
    );
}

#[test]
fn putting_it_right_is_none() {
    let (events, dismissals) = judge(&moved(15.0, &[(20.0, 22.0)]), None);
    assert!(events.is_empty());
    assert!(matches!(dismissals[0].reasons[..], [Reason::Handled { held_s, needed_s }] if held_s < needed_s));
}

#[test]
fn a_standing_vehicle_is_no_matter() {
    let (events, dismissals) = judge(&moved(2.0, &[(20.0, 30.0)]), Some(true));
    assert!(events.is_empty());
    assert!(matches!(dismissals[0].reasons[..], [Reason::TooSlow { .. }]));
    let mut unknown = moved(15.0, &[(20.0, 30.0)]);
    unknown.each(|m| m.speed_mps = None);
    let (events, dismissals) = judge(&unknown, Some(true));
    assert!(events.is_empty() && matches!(dismissals[0].reasons[..], [Reason::SpeedUnknown]));
}

#[test]
fn fast_enough_for_a_moment_is_called_too_short() {
    let mut drive = moved(2.0, &[(20.0, 30.0)]);
    drive.each(|m| m.speed_mps = Some(if m.t < at(29.0) { 2.0 } else { 15.0 }));
    let (events, dismissals) = judge(&drive, None);
    assert!(events.is_empty());
    assert!(matches!(dismissals[0].reasons[..], [Reason::Handled { held_s, needed_s }] if held_s < needed_s));
}

#[test]
fn a_speed_that_is_lost_with_the_mount_holds_for_a_while() {
    let mut drive = moved(15.0, &[(20.0, 30.0)]);
    let sure = judge(&drive, None).0[0].confidence;
    drive.each(|m| m.speed_mps = m.speed_mps.filter(|_| m.t < at(21.0)));
    let (events, _) = judge(&drive, None);
    assert!(events[0].reasons.contains(&Reason::SpeedUnknown) && events[0].confidence < sure);
    drive.each(|m| m.speed_mps = m.speed_mps.filter(|_| m.t < at(1.0)).map(|_| 15.0));
    assert!(judge(&drive, None).0.is_empty(), "too long ago");
}

#[test]
fn the_screen_makes_it_more_or_less_likely() {
    let drive = moved(15.0, &[(20.0, 30.0)]);
    let sure = |screen| judge(&drive, screen).0[0].confidence;
    assert!(sure(Some(true)) > sure(None) && sure(None) > sure(Some(false)));
    assert_eq!(judge(&drive, Some(true)).0[0].reasons[1], Reason::Screen { on: true });
}

#[test]
fn what_is_open_at_the_end_is_told() {
    assert_eq!(judge(&moved(15.0, &[(110.0, 119.0)]), None).0.len(), 1);
}
