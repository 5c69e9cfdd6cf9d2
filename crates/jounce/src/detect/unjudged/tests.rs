use std::vec::Vec;

use super::*;
use crate::{
    config::{Config, Profile},
    detect::Decision, grid::STEP_S, testing::at};

/// A phone lying on its side: up is its x axis.
fn steps(accels: impl IntoIterator<Item = Option<Vector3<f64>>>) -> Vec<Step> {
    let step = |(i, accel)| Step { t: at(f64::from(i) * STEP_S), accel, rate: None, up: Vector3::x(), unrest: 0.0 };
    (0..).zip(accels).map(step).collect()
}

/// `seconds` of an acceleration, with quiet before and after.
fn pulse(accel: Vector3<f64>, tenths: usize) -> Vec<Step> {
    let quiet = core::iter::repeat_n(Some(Vector3::zeros()), 40);
    steps(quiet.clone().chain(core::iter::repeat_n(Some(accel), tenths)).chain(quiet))
}

fn dismissals(steps: &[Step], profile: Profile) -> Vec<Dismissal> {
    let tuning = Config { profile, ..Config::default() }.validate().unwrap().tuning();
    let (mut unjudged, mut out) = (Unjudged::new(&tuning.harsh(&HarshConfig::braking())), Outbox::default());
    for step in steps {
        unjudged.step(step, Some(0.7), &mut out);
    }
    unjudged.finish(Some(0.7), &mut out);
    let dismissal = |decision| match decision {
        Decision::Dismissal(dismissal) => dismissal,
        Decision::Event(event) => panic!("{event:?}"),
    };
    out.drain().map(dismissal).collect()
}

#[test]
fn a_hard_change_of_speed_is_not_passed_over_in_silence() {
    let [found] = &dismissals(&pulse(Vector3::new(0.0, 3.0, -3.0), 10), Profile::Car)[..] else { panic!() };
    assert_eq!(found.kind, EventKind::HardBraking);
    assert_eq!(found.reasons, [Reason::MountUncertain { sigma_rad: Some(0.7) }]);
    assert!((found.peak_mps2.unwrap() + libm::sqrt(18.0)).abs() < 1e-9);
    assert!((found.start.s_since(at(4.0))).abs() < 0.15 && (found.end.s_since(at(5.0))).abs() < 0.15);
}

#[test]
fn bumps_and_short_or_gentle_ones_are_nothing() {
    assert!(dismissals(&pulse(Vector3::new(9.0, 0.0, 0.0), 10), Profile::Car).is_empty(), "up and down");
    assert!(dismissals(&pulse(Vector3::new(0.0, 6.0, 0.0), 4), Profile::Car).is_empty(), "short");
    assert!(dismissals(&pulse(Vector3::new(0.0, 3.0, 0.0), 20), Profile::Car).is_empty(), "gentle");
    assert_eq!(dismissals(&pulse(Vector3::new(0.0, 3.0, 0.0), 20), Profile::Heavy).len(), 1, "but not for a lorry");
}

#[test]
fn what_is_open_at_the_end_is_told_and_nothing_is_told_of_missing_data() {
    let cut = &pulse(Vector3::new(0.0, 5.0, 0.0), 10)[..48];
    assert_eq!(dismissals(cut, Profile::Car).len(), 1);
    assert!(dismissals(&steps([None; 100]), Profile::Car).is_empty());
}
