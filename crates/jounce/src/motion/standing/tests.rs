use super::*;
use crate::testing::{Noise, at};

/// How a ride shakes from step to step: acceleration, m/s², and rate, rad/s, root mean square.
#[derive(Clone, Copy)]
struct Ride {
    accel: f64,
    rate: f64,
}

/// Parked with the engine idling; rolling on the smoothest asphalt; an ordinary road.
const PARKED: Ride = Ride { accel: 0.02, rate: 0.002 };
const SMOOTH: Ride = Ride { accel: 0.08, rate: 0.008 };
const ROUGH: Ride = Ride { accel: 0.5, rate: 0.05 };

type Speed = Option<(f64, f64)>;

/// Standard deviation of the mean acceleration, m/s²: a tilt known to 0.6°.
const FELT_SIGMA: f64 = 0.1;

/// Whether it stands after `steps` steps of the same.
fn stands_after(steps: u32, ride: Ride, gnss: Speed, filtered: Speed) -> bool {
    let (mut standing, mut noise) = (Standing::default(), Noise(5));
    (0..steps).map(|i| standing.step(&step(i, ride, &mut noise), FELT_SIGMA, gnss, filtered)).last().unwrap_or(false)
}

fn step(i: u32, ride: Ride, noise: &mut Noise) -> Step {
    // The three axes share what there is.
    let mut around = |rms: f64| Vector3::new(noise.bell(), noise.bell(), noise.bell()) * (rms / libm::sqrt(3.0));
    Step {
        t: at(f64::from(i) * STEP_S),
        accel: Some(around(ride.accel)),
        rate: Some(around(ride.rate)),
        up: Vector3::z(),
        unrest: 0.0,
    }
}

#[test]
fn still_for_a_second_stands_when_nothing_speaks_against_it() {
    assert!(!stands_after(9, PARKED, None, None));
    assert!(stands_after(12, PARKED, None, None));
    assert!(stands_after(12, PARKED, Some((0.1, 0.3)), Some((0.9, 0.4))));
    assert!(stands_after(12, PARKED, None, Some((4.0, 2.0))));
}

#[test]
fn a_smooth_road_is_no_standing() {
    for ride in [PARKED, SMOOTH] {
        assert!(!stands_after(100, ride, Some((20.0, 0.3)), Some((20.0, 0.2))));
        assert!(!stands_after(100, ride, None, Some((20.0, 5.0))), "in a tunnel");
        assert!(!stands_after(100, ride, Some((1.0, 0.2)), None), "crawling");
        assert!(!stands_after(100, ride, Some((3.6, 2.9)), Some((5.3, 0.5))), "a fix that knows too little to tell");
        assert!(!stands_after(100, SMOOTH, Some((5.6, 3.5)), Some((6.4, 3.0))), "nor does the filter");
    }
    // Without GNSS only what no rolling vehicle does; with it, a slow speed helps.
    assert!(!stands_after(100, SMOOTH, None, Some((1.0, 2.0))));
    assert!(!stands_after(100, SMOOTH, None, None));
    assert!(stands_after(100, SMOOTH, Some((0.2, 0.3)), None));
}

#[test]
fn a_parked_phone_whose_receiver_wanders_stands() {
    assert!(stands_after(30, PARKED, Some((2.4, 1.0)), None));
    assert!(!stands_after(30, PARKED, Some((2.6, 1.0)), None));
}

#[test]
fn shaking_or_turning_is_no_standing() {
    for ride in [ROUGH, Ride { accel: 0.5, ..PARKED }, Ride { rate: 0.1, ..PARKED }] {
        assert!(!stands_after(50, ride, Some((0.0, 0.2)), Some((0.0, 0.1))));
    }
}

#[test]
fn vibration_within_the_steps_is_no_standing() {
    let stands = |unrest: f64, gnss: Speed| {
        let (mut standing, mut noise) = (Standing::default(), Noise(5));
        let humming = |i| Step { unrest, ..step(i, PARKED, &mut noise) };
        (0..30).map(humming).map(|step| standing.step(&step, FELT_SIGMA, gnss, None)).last()
    };
    assert_eq!((stands(0.05, None), stands(0.2, None)), (Some(true), Some(false)));
    let slow = Some((0.1, 0.3));
    assert_eq!((stands(0.2, slow), stands(0.4, slow)), (Some(true), Some(false)));
}

#[test]
fn a_bias_of_either_sensor_is_no_motion() {
    let (mut standing, mut noise) = (Standing::default(), Noise(5));
    let stands = (0..30).map(|i| {
        let mut step = step(i, PARKED, &mut noise);
        step.accel = step.accel.map(|a| a + Vector3::new(0.2, 0.0, 0.0));
        step.rate = step.rate.map(|w| w + Vector3::new(0.0, 0.1, 0.0));
        standing.step(&step, FELT_SIGMA, None, None)
    });
    assert!(stands.last().unwrap_or(false));
}

#[test]
fn a_quiet_steady_braking_is_no_standing_unless_it_may_be_tilt() {
    let stands = |felt_sigma: f64| {
        let (mut standing, mut noise) = (Standing::default(), Noise(5));
        let braking = |i| {
            let step = step(i, PARKED, &mut noise);
            Step { accel: step.accel.map(|a| a - Vector3::x()), ..step }
        };
        (0..30).map(braking).map(|step| standing.step(&step, felt_sigma, Some((0.5, 0.2)), None)).last()
    };
    assert_eq!((stands(FELT_SIGMA), stands(0.5)), (Some(false), Some(true)));
}

#[test]
fn a_jolt_or_a_gap_starts_the_second_anew() {
    let (mut standing, mut noise) = (Standing::default(), Noise(5));
    let mut standing_steps = |standing: &mut Standing, from: u32, count: u32| {
        (from..from + count).filter(|&i| standing.step(&step(i, PARKED, &mut noise), FELT_SIGMA, None, None)).count()
    };
    assert!(standing_steps(&mut standing, 0, 20) > 5);
    let jolt = step(20, ROUGH, &mut Noise(1));
    assert!(!standing.step(&jolt, FELT_SIGMA, None, None));
    assert_eq!(standing_steps(&mut standing, 21, 9), 0);
    assert!(standing_steps(&mut standing, 30, 40) > 5);
    let gap = Step { accel: None, ..jolt };
    assert!(!standing.step(&gap, FELT_SIGMA, None, None));
    assert_eq!(standing_steps(&mut standing, 71, 9), 0);
}

#[test]
fn without_a_gyroscope_the_accelerometer_decides() {
    let stands = |ride| {
        let (mut standing, mut noise) = (Standing::default(), Noise(5));
        let without = |i| Step { rate: None, ..step(i, ride, &mut noise) };
        (0..30).map(without).map(|step| standing.step(&step, FELT_SIGMA, None, None)).last()
    };
    assert_eq!((stands(PARKED), stands(SMOOTH)), (Some(true), Some(false)));
}
