use std::vec::Vec;

use super::*;
use crate::{
    config::Config,
    detect::{
        Decision, Detector,
        testing::{Alone, DriveLine, decided},
    },
    event::Severity,
    testing::at,
};

fn car() -> Alone<Cornering> {
    Alone::new(Cornering::new(CorneringConfig::default(), Profile::Car))
}

fn judge(mut detector: Alone<Cornering>, drive: &DriveLine) -> (Vec<Event>, Vec<Dismissal>) {
    let mut out = Outbox::default();
    drive.feed(&mut detector, &mut out);
    decided(&mut out)
}

#[track_caller]
fn event(detector: Alone<Cornering>, drive: &DriveLine) -> Event {
    let (mut events, dismissals) = judge(detector, drive);
    assert!(events.len() == 1 && dismissals.is_empty(), "{events:?} {dismissals:?}");
    events.remove(0)
}

/// What speaks against it.
#[track_caller]
fn dismissed(detector: Alone<Cornering>, drive: &DriveLine) -> Reason {
    let (events, dismissals) = judge(detector, drive);
    assert!(events.is_empty() && dismissals.len() == 1, "{events:?} {dismissals:?}");
    assert_eq!(dismissals[0].kind, EventKind::HarshCornering);
    dismissals[0].reasons[0]
}

/// A bend at a lateral acceleration, m/s², positive to the left.
fn bend(speed: f64, lateral: f64, seconds: f64) -> DriveLine {
    DriveLine::new(speed).steady(5.0).bend(lateral / speed, seconds).steady(5.0)
}

#[test]
fn left_is_positive_and_right_is_negative() {
    for (sign, side) in [(1.0, Side::Left), (-1.0, Side::Right)] {
        let found = event(car(), &bend(10.0, sign * 4.2, 2.0));
        assert_eq!((found.direction, found.severity), (Some(side), Some(Severity::Hard)));
        assert!((found.peak_mps2.unwrap() - sign * 4.2).abs() < 1e-9);
        assert!((found.mean_mps2.unwrap() - sign * 4.2).abs() < 0.2);
        assert!(found.start.s_since(at(5.0)).abs() < 0.25 && found.end.s_since(at(7.0)).abs() < 0.25);
        assert!((found.speed_before_mps.unwrap() - 10.0).abs() < 1e-9 && found.confidence > 0.9);
        assert_eq!(found.position, Some(DriveLine::PLACE));
        let [Reason::AccelBeyond { .. }, Reason::HeadingChange { change_rad, .. }, Reason::YawRateAgrees { .. }] =
            found.reasons[..]
        else {
            panic!("{:?}", found.reasons)
        };
        assert!((change_rad - sign * 0.84).abs() < 0.05, "{change_rad}");
    }
}

#[test]
fn gentle_bends_say_nothing() {
    let (events, dismissals) = judge(car(), &bend(10.0, 3.4, 6.0));
    assert!(events.is_empty() && dismissals.is_empty());
}

#[test]
fn a_short_one_is_dismissed_by_its_length() {
    let reason = dismissed(car(), &bend(10.0, 5.0, 0.6));
    assert!(matches!(reason, Reason::AccelBeyond { held_s, needed_s, .. } if held_s < needed_s), "{reason:?}");
}

#[test]
fn a_lane_change_is_dismissed_by_its_heading() {
    let lanes = DriveLine::new(25.0).steady(5.0).bend(0.16, 1.2).bend(-0.16, 1.2).steady(5.0);
    let (events, dismissals) = judge(car(), &lanes);
    assert!(events.is_empty());
    // Each side for itself turns by far less than 30°.
    assert_eq!(dismissals.len(), 2);
    for dismissal in dismissals {
        assert!(matches!(dismissal.reasons[0], Reason::HeadingChange { .. }), "{:?}", dismissal.reasons);
    }
}

#[test]
fn a_turn_to_the_other_side_explains_nothing() {
    // Pushed to the left while the car turns right.
    let mut drive = bend(10.0, -4.5, 2.0);
    drive.each(|m| m.accel_left_mps2 = m.accel_left_mps2.map(|a| -a));
    assert!(matches!(dismissed(car(), &drive), Reason::HeadingChange { change_rad, .. } if change_rad < 0.0));
}

#[test]
fn what_speed_and_yaw_rate_do_not_explain_is_dismissed() {
    // The phone is swung through a bend that is gentle for the car.
    let swung = |lateral: f64| {
        let mut drive = bend(8.0, 2.0, 3.0);
        drive.each(|m| m.accel_left_mps2 = m.accel_left_mps2.map(|a| if a > 0.0 { lateral } else { 0.0 }));
        drive
    };
    let reason = dismissed(car(), &swung(5.0));
    let Reason::YawRateDisagrees { lateral_mps2, expected_mps2 } = reason else { panic!("{reason:?}") };
    assert!((lateral_mps2 - 5.0).abs() < 0.3 && (expected_mps2 - 2.0).abs() < 0.2);
    event(car(), &swung(3.8));
}

#[test]
fn a_slow_one_is_dismissed_by_its_speed() {
    let reason = dismissed(car(), &bend(4.0, 4.0, 1.5));
    assert!(matches!(reason, Reason::TooSlow { speed_mps, .. } if (speed_mps - 4.0).abs() < 1e-9), "{reason:?}");
}

#[test]
fn without_speed_it_is_less_sure_and_without_yaw_rate_it_is_none() {
    let mut drive = bend(10.0, 4.5, 2.0);
    let sure = event(car(), &drive).confidence;
    drive.each(|m| m.speed_mps = None);
    let found = event(car(), &drive);
    assert!(found.reasons.contains(&Reason::SpeedUnknown) && found.confidence < sure);
    drive.each(|m| m.yaw_rate_radps = None);
    assert!(matches!(dismissed(car(), &drive), Reason::HeadingChange { .. }));
}

#[test]
fn a_doubtful_mount_costs_confidence() {
    let mut drive = bend(10.0, 4.5, 2.0);
    let sure = event(car(), &drive).confidence;
    drive.each(|m| m.mount_sigma_rad = Some(0.2));
    assert!(event(car(), &drive).confidence < sure);
}

#[test]
fn close_ones_of_a_side_are_one_and_sides_stay_apart() {
    let twice = |pause_s: f64, second: f64| {
        let drive = DriveLine::new(10.0).steady(5.0).bend(0.42, 1.5).steady(pause_s).bend(second, 1.5).steady(5.0);
        judge(car(), &drive).0
    };
    assert_eq!(twice(2.0, 0.5).len(), 1);
    assert_eq!(twice(4.0, 0.5).len(), 2);
    let sides: Vec<_> = twice(2.0, -0.5).iter().map(|event| event.direction).collect();
    assert_eq!(sides, [Some(Side::Left), Some(Side::Right)]);
}

#[test]
fn severity_follows_the_bands_and_thresholds_the_vehicle() {
    for (lateral, level) in [(3.8, Severity::Hard), (5.5, Severity::Severe), (8.0, Severity::Extreme)] {
        assert_eq!(event(car(), &bend(12.0, lateral, 3.0)).severity, Some(level));
    }
    let tuning = Config { profile: Profile::Heavy, ..Config::default() }.validate().unwrap().tuning();
    let lorry = Alone::new(Cornering::new(tuning.cornering(&CorneringConfig::default()), Profile::Heavy));
    assert_eq!(event(lorry, &bend(10.0, 3.0, 3.0)).severity, Some(Severity::Hard));
}

#[test]
fn a_motorcycle_leans_so_its_yaw_rate_counts() {
    let motorcycle = || Alone::new(Cornering::new(CorneringConfig::default(), Profile::Motorcycle));
    let mut drive = bend(15.0, 5.0, 3.0);
    drive.each(|m| m.accel_left_mps2 = Some(0.0));
    assert_eq!(event(motorcycle(), &drive).direction, Some(Side::Left));
    assert!(judge(car(), &drive).0.is_empty());
}

#[test]
fn what_is_open_at_a_gap_is_decided_and_nothing_is_carried_across() {
    let (mut detector, mut out) = (car(), Outbox::default());
    let drive = DriveLine::new(10.0).steady(5.0).bend(0.45, 3.0);
    for m in drive.motions() {
        detector.observe(&Observation::Motion(m), &mut out);
    }
    assert!(out.is_empty());
    detector.observe(&Observation::Gap { from: at(8.0), to: at(60.0) }, &mut out);
    assert!(matches!(out.drain().next(), Some(Decision::Event(_))));
    DriveLine::new(10.0).from(at(60.0)).bend(0.45, 0.5).steady(5.0).feed(&mut detector, &mut out);
    assert!(out.drain().all(|decision| matches!(decision, Decision::Dismissal(_))));
}

#[test]
fn by_fixes_alone_it_is_less_sure() {
    let mut drive = bend(10.0, 4.2, 2.0);
    drive.each(|m| (m.inertial, m.mount_sigma_rad) = (false, None));
    let found = event(car(), &drive);
    assert!(found.confidence < 0.95 && found.reasons.contains(&Reason::GnssOnly));
}
