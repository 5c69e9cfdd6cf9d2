use std::vec::Vec;

use super::*;
use crate::{
    config::{Config, Profile},
    detect::testing::decided,
    event::{Event, Side},
    grid::STEP_S,
    testing::at,
};

/// A phone lying on its side: up is its x axis. What it feels and how fast it turns about up, rad/s.
fn steps(felt: impl IntoIterator<Item = Option<(Vector3<f64>, f64)>>) -> Vec<Step> {
    let step = |(i, felt): (i32, Option<(Vector3<f64>, f64)>)| Step {
        t: at(f64::from(i) * STEP_S),
        accel: felt.map(|(accel, _)| accel),
        rate: felt.map(|(_, rate)| Vector3::x() * rate),
        up: Vector3::x(),
        unrest: 0.2,
    };
    (0..).zip(felt).map(step).collect()
}

/// So many tenths of a second of something, with quiet before and after.
fn pulse(accel: Vector3<f64>, rate: f64, tenths: usize) -> Vec<Step> {
    let quiet = core::iter::repeat_n(Some((Vector3::zeros(), 0.0)), 40);
    steps(quiet.clone().chain(core::iter::repeat_n(Some((accel, rate)), tenths)).chain(quiet))
}

fn said(steps: &[Step], profile: Profile, speed_mps: Option<f64>) -> (Vec<Event>, Vec<Dismissal>) {
    let config = Config { profile, ..Config::default() }.validate().unwrap();
    let (mut unaligned, mut out) = (Unaligned::new(&config), Outbox::default());
    for step in steps {
        unaligned.step(step, speed_mps, &mut out);
    }
    unaligned.finish(&mut out);
    decided(&mut out)
}

fn dismissals(steps: &[Step], profile: Profile) -> Vec<Dismissal> {
    let (events, dismissals) = said(steps, profile, None);
    assert!(events.is_empty(), "{events:?}");
    dismissals
}

#[test]
fn a_hard_change_of_speed_is_not_passed_over_in_silence() {
    let [found] = &dismissals(&pulse(Vector3::new(0.0, 3.0, -3.0), 0.0, 10), Profile::Car)[..] else { panic!() };
    assert_eq!(found.kind, EventKind::HardBraking);
    assert_eq!(found.reasons, [Reason::MountUncertain { sigma_rad: None }]);
    assert!((found.peak_mps2.unwrap() + libm::sqrt(18.0)).abs() < 1e-9);
    assert!((found.start.s_since(at(4.0))).abs() < 0.15 && (found.end.s_since(at(5.0))).abs() < 0.15);
}

#[test]
fn bumps_and_short_or_gentle_ones_are_nothing() {
    assert!(dismissals(&pulse(Vector3::new(9.0, 0.0, 0.0), 0.0, 10), Profile::Car).is_empty(), "up and down");
    assert!(dismissals(&pulse(Vector3::new(0.0, 6.0, 0.0), 0.0, 4), Profile::Car).is_empty(), "short");
    let gentle = pulse(Vector3::new(0.0, 3.0, 0.0), 0.0, 20);
    assert!(dismissals(&gentle, Profile::Car).is_empty(), "gentle");
    assert_eq!(dismissals(&gentle, Profile::Heavy).len(), 1, "but not for a lorry");
}

#[test]
fn a_bend_is_judged_by_the_size_of_what_is_felt_to_the_side_it_turns() {
    for (rate, side) in [(0.5, Side::Left), (-0.5, Side::Right)] {
        let (events, dismissals) = said(&pulse(Vector3::new(0.0, 3.0, -3.0), rate, 20), Profile::Car, None);
        let [event] = &events[..] else { panic!("{events:?} {dismissals:?}") };
        assert!(dismissals.is_empty());
        assert_eq!((event.kind(), event.direction), (EventKind::HarshCornering, Some(side)));
        assert!(event.reasons.contains(&Reason::MountUncertain { sigma_rad: None }));
        assert!(event.confidence < 0.85);
    }
}

#[test]
fn a_bend_that_a_fix_calls_slow_is_none() {
    let bend = pulse(Vector3::new(0.0, 3.0, -3.0), 0.5, 20);
    let (events, dismissals) = said(&bend, Profile::Car, Some(2.0));
    assert!(events.is_empty() && matches!(dismissals[0].reasons[0], Reason::TooSlow { .. }), "{dismissals:?}");
    assert_eq!(said(&bend, Profile::Car, Some(8.5)).0.len(), 1);
}

#[test]
fn on_foot_nothing_is_a_bend() {
    let quiet = core::iter::repeat_n(Some((Vector3::zeros(), 0.0)), 80);
    let bend = core::iter::repeat_n(Some((Vector3::new(0.0, 3.0, -3.0), 0.5)), 20);
    let mut walk = steps(quiet.clone().chain(bend).chain(quiet));
    assert_eq!(said(&walk, Profile::Car, None).0.len(), 1);
    for (i, step) in (0..).zip(&mut walk) {
        let up = 3.0 * libm::sin(core::f64::consts::TAU * 1.8 * f64::from(i) * STEP_S);
        step.accel = step.accel.map(|accel| accel + Vector3::x() * up);
    }
    assert!(said(&walk, Profile::Car, None).0.is_empty());
}

#[test]
fn to_one_side_and_the_other_is_a_swerve() {
    let quiet = core::iter::repeat_n(Some((Vector3::zeros(), 0.0)), 40);
    let lane = |sign: f64| core::iter::repeat_n(Some((Vector3::y() * 3.0 * sign, 0.2 * sign)), 9);
    let change = steps(quiet.clone().chain(lane(-1.0)).chain(lane(1.0)).chain(quiet));
    let (events, _) = said(&change, Profile::Car, None);
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!((event.kind(), event.direction), (EventKind::Swerve, Some(Side::Right)));
}

#[test]
fn what_is_open_at_the_end_is_told_and_nothing_is_told_of_missing_data() {
    let cut = &pulse(Vector3::new(0.0, 5.0, 0.0), 0.0, 10)[..48];
    assert_eq!(dismissals(cut, Profile::Car).len(), 1);
    assert!(dismissals(&steps([None; 100]), Profile::Car).is_empty());
}
