use std::vec::Vec;

use super::*;
use crate::{
    detect::testing::{Alone, DriveLine, decided},
    testing::at,
};

fn car() -> Alone<Swerve> {
    Alone::new(Swerve::new(SwerveConfig::default(), Profile::Car))
}

fn judge(mut detector: Alone<Swerve>, drive: &DriveLine) -> (Vec<Event>, Vec<Dismissal>) {
    let mut out = Outbox::default();
    drive.feed(&mut detector, &mut out);
    decided(&mut out)
}

#[track_caller]
fn event(detector: Alone<Swerve>, drive: &DriveLine) -> Event {
    let (mut events, dismissals) = judge(detector, drive);
    assert!(events.len() == 1 && dismissals.is_empty(), "{events:?} {dismissals:?}");
    events.remove(0)
}

/// What speaks against it.
#[track_caller]
fn dismissed(drive: &DriveLine) -> Reason {
    let (events, dismissals) = judge(car(), drive);
    assert!(events.is_empty() && dismissals.len() == 1, "{events:?} {dismissals:?}");
    assert_eq!(dismissals[0].kind, EventKind::Swerve);
    dismissals[0].reasons[0]
}

/// A change of lane at a lateral acceleration, m/s², first to the left when positive.
fn lane_change(speed: f64, lateral: f64) -> DriveLine {
    let rate = lateral / speed;
    DriveLine::new(speed).steady(5.0).bend(rate, 1.0).steady(0.4).bend(-rate, 1.0).steady(5.0)
}

#[test]
fn the_first_side_is_its_direction() {
    for (sign, side) in [(1.0, Side::Left), (-1.0, Side::Right)] {
        let found = event(car(), &lane_change(20.0, sign * 2.4));
        assert_eq!(found.direction, Some(side));
        assert!((found.peak_mps2.unwrap().abs() - 2.4).abs() < 1e-9);
        assert!(found.start.s_since(at(5.0)).abs() < 0.25 && found.end.s_since(at(7.4)).abs() < 0.25, "{found:?}");
        assert!(found.confidence > 0.9 && (found.speed_before_mps.unwrap() - 20.0).abs() < 1e-9);
        let [Reason::OppositePeaks { .. }, Reason::HeadingKept { .. }, Reason::YawRateAgrees { .. }] =
            found.reasons[..]
        else {
            panic!("{:?}", found.reasons)
        };
    }
}

#[test]
fn an_ordinary_change_of_lane_says_nothing() {
    let (events, dismissals) = judge(car(), &lane_change(20.0, 1.8));
    assert!(events.is_empty() && dismissals.is_empty());
}

#[test]
fn two_changes_of_lane_are_two_and_a_slalom_pairs_up() {
    let drive = DriveLine::new(20.0).steady(5.0);
    let drive = [1.0, -1.0, 1.0, -1.0].iter().fold(drive, |drive, side| drive.bend(side * 0.13, 0.9).steady(0.3));
    assert_eq!(judge(car(), &drive.steady(5.0)).0.len(), 2);
}

#[test]
fn a_roundabout_a_double_bend_and_one_side_alone_are_none() {
    // In to the right, around to the left, out to the right.
    let roundabout = DriveLine::new(9.0).steady(5.0).bend(-0.3, 1.5).bend(0.4, 6.0).bend(-0.3, 1.5).steady(5.0);
    let (events, dismissals) = judge(car(), &roundabout);
    assert!(events.is_empty() && !dismissals.is_empty(), "{events:?}");
    assert!(dismissals.iter().all(|d| matches!(d.reasons[0], Reason::HeadingKept { .. })), "{dismissals:?}");

    let uneven = DriveLine::new(15.0).steady(5.0).bend(0.25, 2.0).bend(-0.25, 1.0).steady(5.0);
    assert!(matches!(dismissed(&uneven), Reason::HeadingKept { .. }));

    let far_apart = DriveLine::new(15.0).steady(5.0).bend(0.2, 1.0).steady(4.0).bend(-0.2, 1.0).steady(5.0);
    let (events, dismissals) = judge(car(), &far_apart);
    assert!(events.is_empty() && dismissals.is_empty(), "bends that have nothing to do with each other");
}

#[test]
fn a_car_park_is_no_place_to_swerve() {
    assert!(matches!(dismissed(&lane_change(6.0, 2.4)), Reason::TooSlow { .. }));
}

#[test]
fn a_shake_that_the_yaw_rate_does_not_know_is_the_phone() {
    let mut drive = lane_change(20.0, 2.4);
    drive.each(|m| m.yaw_rate_radps = m.yaw_rate_radps.map(|rate| 0.2 * rate));
    assert!(matches!(dismissed(&drive), Reason::YawRateDisagrees { .. }));
    drive.each(|m| m.speed_mps = None);
    assert!(matches!(dismissed(&drive), Reason::YawRateDisagrees { .. }), "a speed that no car has");
}

#[test]
fn without_a_speed_it_is_less_sure() {
    let mut drive = lane_change(20.0, 2.4);
    drive.each(|m| m.speed_mps = None);
    let found = event(car(), &drive);
    assert!(found.confidence < 0.95 && found.reasons.contains(&Reason::SpeedUnknown));
}

#[test]
fn fixes_alone_show_none() {
    let mut drive = lane_change(20.0, 2.4);
    drive.each(|m| m.inertial = false);
    let (events, dismissals) = judge(car(), &drive);
    assert!(events.is_empty() && dismissals.is_empty());
}

#[test]
fn nothing_joins_across_a_gap() {
    let mut drive = lane_change(20.0, 2.4);
    drive.each(|m| m.accel_left_mps2 = m.accel_left_mps2.filter(|_| (m.t.s_since(at(6.2))).abs() > 0.15));
    assert!(judge(car(), &drive).0.is_empty());
}

#[test]
fn a_motorcycle_leans_so_its_yaw_rate_counts() {
    let mut drive = lane_change(20.0, 2.4);
    drive.each(|m| m.accel_left_mps2 = Some(0.0));
    assert!(judge(car(), &drive).0.is_empty());
    event(Alone::new(Swerve::new(SwerveConfig::default(), Profile::Motorcycle)), &drive);
}
