use super::*;
use crate::testing::{Noise, at};

/// What one second of a phone looks like: spread of acceleration and rate from step to step, and unrest within a step.
#[derive(Clone, Copy)]
struct Ride {
    accel: f64,
    rate: f64,
    unrest: f64,
}

const PARKED: Ride = Ride { accel: 0.02, rate: 0.002, unrest: 0.05 };

type Speed = Option<(f64, f64)>;

/// Whether it stands after `steps` steps of the same.
fn stands_after(steps: u32, ride: Ride, gnss: Speed, filtered: Speed) -> bool {
    let (mut standing, mut noise) = (Standing::default(), Noise(5));
    (0..steps).map(|i| standing.step(&step(i, ride, &mut noise), gnss, filtered)).last().unwrap_or(false)
}

fn step(i: u32, ride: Ride, noise: &mut Noise) -> Step {
    let mut around = |spread: f64| Vector3::new(noise.bell(), noise.bell(), noise.bell()) * spread;
    Step {
        t: at(f64::from(i) * STEP_S),
        accel: Some(around(ride.accel)),
        rate: Some(around(ride.rate)),
        up: Vector3::z(),
        unrest: ride.unrest,
    }
}

#[test]
fn quiet_for_a_second_stands_when_nothing_speaks_against_it() {
    assert!(!stands_after(9, PARKED, None, None));
    assert!(stands_after(11, PARKED, None, None));
    assert!(stands_after(11, PARKED, Some((0.1, 0.3)), Some((4.0, 2.0))), "a receiver at rest counts for more");
    assert!(stands_after(11, PARKED, None, Some((1.0, 0.5))));
}

#[test]
fn a_smooth_road_is_no_standing() {
    assert!(!stands_after(100, PARKED, Some((20.0, 0.3)), Some((20.0, 0.2))));
    assert!(!stands_after(100, PARKED, None, Some((20.0, 5.0))), "in a tunnel");
    assert!(!stands_after(100, PARKED, Some((1.0, 0.2)), None), "crawling");
}

#[test]
fn a_parked_phone_whose_receiver_wanders_stands() {
    assert!(stands_after(30, PARKED, Some((2.4, 1.0)), None));
    assert!(!stands_after(30, PARKED, Some((2.6, 1.0)), None));
}

#[test]
fn shaking_turning_or_jolting_is_no_standing() {
    for ride in [Ride { accel: 0.5, ..PARKED }, Ride { rate: 0.1, ..PARKED }, Ride { unrest: 0.3, ..PARKED }] {
        assert!(!stands_after(50, ride, Some((0.0, 0.2)), Some((0.0, 0.1))));
    }
}

#[test]
fn one_jolt_or_a_gap_starts_the_second_anew() {
    let (mut standing, mut noise) = (Standing::default(), Noise(5));
    for i in 0..20 {
        standing.step(&step(i, PARKED, &mut noise), None, None);
    }
    let jolt = Step { unrest: 1.0, ..step(20, PARKED, &mut noise) };
    assert!(!standing.step(&jolt, None, None));
    let again = |standing: &mut Standing, noise: &mut Noise| {
        (0..12).filter(|&i| standing.step(&step(21 + i, PARKED, noise), None, None)).count()
    };
    assert!((2..=3).contains(&again(&mut standing, &mut noise)));
    let gap = Step { accel: None, ..step(40, PARKED, &mut noise) };
    assert!(!standing.step(&gap, None, None));
    assert!((2..=3).contains(&again(&mut standing, &mut noise)));
}

#[test]
fn without_a_gyroscope_the_accelerometer_decides() {
    let (mut standing, mut noise) = (Standing::default(), Noise(5));
    let still = (0..20).filter(|&i| {
        let step = Step { rate: None, ..step(i, PARKED, &mut noise) };
        standing.step(&step, None, None)
    });
    assert!((10..=11).contains(&still.count()));
}
