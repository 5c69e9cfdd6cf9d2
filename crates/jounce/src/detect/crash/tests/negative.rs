use nalgebra::{UnitQuaternion, Vector3};
use proptest::prelude::*;

use super::{
    super::Crash,
    rig::{Drive, G, Outcome, at, fix_at, haversine, no_turn, run},
};
use crate::{
    config::CrashConfig,
    detect::{Decision, Detector, Observation, Outbox},
    event::{EventKind, Phase, Reason},
    sample::{Sample, Triad},
    time::Timestamp,
};

fn mount() -> UnitQuaternion<f64> {
    UnitQuaternion::from_euler_angles(-1.1, 0.2, 0.4)
}

fn drive(
    speed: &dyn Fn(f64) -> f64,
    accel: &dyn Fn(f64) -> Option<Vector3<f64>>,
    turn: &dyn Fn(f64) -> Vector3<f64>,
) -> Outcome {
    let drive = Drive {
        rate_hz: 100.0,
        range_g: 16.0,
        device_from_vehicle: mount(),
        length_s: 60.0,
        speed,
        accel,
        turn,
        gnss_until_s: f64::MAX,
        gnss_offset_s: 0.3,
    };
    run(&drive.samples(), None)
}

fn spike(t_s: f64, onset_s: f64, length_s: f64, peak_mps2: f64) -> f64 {
    0.5 * peak_mps2 * haversine((t_s - onset_s) / length_s)
}

fn dismissed(outcome: &Outcome, wanted: impl Fn(&Reason) -> bool) -> bool {
    outcome.dismissals.iter().any(|dismissal| dismissal.reasons.first().is_some_and(&wanted))
}

#[test]
fn a_pothole_and_a_bump_are_dismissed_at_once() {
    let accel = |t_s: f64| {
        let up = spike(t_s, 30.0, 0.03, 3.0 * G) + spike(t_s, 40.0, 0.08, 2.5 * G) - spike(t_s, 40.08, 0.08, 1.4 * G);
        Some(Vector3::new(-0.2 * up, 0.0, up))
    };
    let outcome = drive(&|_| 8.3, &accel, &no_turn);
    assert!(outcome.events.is_empty(), "{outcome:?}");
    assert!(dismissed(&outcome, |r| matches!(r, Reason::Vertical { .. })), "{:?}", outcome.dismissals);
}

#[test]
fn a_pothole_before_a_stop_is_no_crash() {
    let accel = |t_s: f64| {
        let up = spike(t_s, 30.0, 0.03, 3.0 * G);
        let brake = if (30.5..34.0).contains(&t_s) { -2.4 } else { 0.0 };
        Some(Vector3::new(brake - 0.6 * up, 0.3 * up, up))
    };
    let speed = |t_s: f64| (8.3 - 2.4 * (t_s - 30.5).max(0.0)).max(0.0);
    let outcome = drive(&speed, &accel, &no_turn);
    assert!(outcome.crashes(Phase::Confirmed).is_empty(), "{outcome:?}");
}

#[test]
fn braking_as_hard_as_tyres_can_is_no_candidate() {
    let accel = |t_s: f64| Some(Vector3::x() * if (30.0..33.0).contains(&t_s) { -9.5 } else { 0.0 });
    let speed = |t_s: f64| (28.5 - 9.5 * (t_s - 30.0).clamp(0.0, 3.0)).max(0.0);
    let outcome = drive(&speed, &accel, &no_turn);
    assert!(outcome.events.is_empty() && outcome.dismissals.is_empty(), "{outcome:?}");
}

#[test]
fn a_coaster_is_never_confirmed() {
    for (length_s, peak_g) in [(0.5, 3.0), (0.5, 6.0), (1.0, 3.0), (1.0, 5.0), (2.0, 4.0), (3.0, 6.0)] {
        for axis in [Vector3::x(), Vector3::y(), Vector3::z(), Vector3::new(0.6, 0.0, 0.8)] {
            let accel = |t_s: f64| {
                let load = spike(t_s, 30.0, length_s, peak_g * G) + spike(t_s, 36.0, length_s, peak_g * G);
                Some(axis * load)
            };
            let outcome = drive(&|_| 25.0, &accel, &no_turn);
            assert!(outcome.crashes(Phase::Confirmed).is_empty(), "{length_s} s, {peak_g} g: {outcome:?}");
            // Also when it comes to rest in the station right after the load.
            let outcome = drive(&|t_s| if t_s < 37.0 { 25.0 } else { 0.0 }, &accel, &no_turn);
            assert!(outcome.crashes(Phase::Confirmed).is_empty(), "{length_s} s, {peak_g} g: {outcome:?}");
        }
    }
}

fn falling(t_s: f64) -> Option<Vector3<f64>> {
    // Down half a metre, 9 g for 12 ms, then it lies.
    let hits = spike(t_s, 30.32, 0.02, 12.0 * G);
    if (30.0..30.32).contains(&t_s) { None } else { Some(Vector3::new(0.5 * hits, 0.2 * hits, 0.8 * hits)) }
}

#[test]
fn a_phone_dropped_in_a_moving_car_is_a_dropped_phone() {
    let outcome = drive(&|_| 14.0, &falling, &no_turn);
    assert_eq!(outcome.of(EventKind::PhoneDrop).count(), 1);
    assert!(outcome.crashes(Phase::Confirmed).is_empty());
    assert_eq!(outcome.crashes(Phase::Suspected).len(), outcome.crashes(Phase::Revoked).len());
    for (_, event) in outcome.crashes(Phase::Revoked) {
        assert!(event.reasons.iter().any(|r| matches!(r, Reason::DroveOn { .. })), "{event:?}");
    }
}

#[test]
fn a_phone_dropped_at_home_is_a_dropped_phone() {
    let outcome = drive(&|_| 0.0, &falling, &no_turn);
    assert_eq!(outcome.of(EventKind::PhoneDrop).count(), 1);
    assert_eq!(outcome.of(EventKind::Crash).count(), 0);
    assert!(dismissed(&outcome, |r| matches!(r, Reason::TooSlowBefore { .. })));
}

#[test]
fn a_crash_that_makes_the_car_fly_is_still_a_crash() {
    let speed = |t_s: f64| if t_s < 30.3 { 20.0 } else { 0.0 };
    let accel = |t_s: f64| {
        let hits = haversine((t_s - 30.3) / 0.12) * 14.0 / 0.12;
        if (30.0..30.3).contains(&t_s) { None } else { Some(Vector3::new(-hits, 0.0, 0.3 * hits)) }
    };
    let outcome = drive(&speed, &accel, &no_turn);
    assert!(outcome.one_crash().is_some(), "{outcome:?}");
    assert_eq!(outcome.of(EventKind::PhoneDrop).count(), 0, "the car fell, not the phone");
}

#[test]
fn a_phone_thrown_on_the_seat_is_none() {
    // Parked, at a stop within a trip, and while driving: 3 g for 60 ms, in a hand that turns it, and it lies otherwise.
    let throw = |t_s: f64| {
        let lies = if t_s >= 30.0 { Vector3::new(G, 0.0, -G) } else { Vector3::zeros() };
        Some(lies + Vector3::new(0.5, 0.1, 0.8) * spike(t_s, 30.0, 0.06, 3.5 * G))
    };
    let turn = |t_s: f64| if (29.0..30.05).contains(&t_s) { Vector3::new(3.0, 1.0, 0.0) } else { Vector3::zeros() };
    let speeds: [&dyn Fn(f64) -> f64; 3] = [&|_| 0.0, &|t_s| if t_s < 20.0 { 10.0 } else { 0.0 }, &|_| 10.0];
    for (index, speed) in speeds.into_iter().enumerate() {
        let outcome = drive(speed, &throw, &turn);
        assert!(outcome.crashes(Phase::Confirmed).is_empty(), "{index}: {outcome:?}");
    }
}

#[test]
fn a_phone_turned_by_a_hand_feels_no_blow() {
    // By 115° within a second: gravity as it was before is off by 1.7 g.
    let angle = |t_s: f64| 2.0 * (t_s - 30.0).clamp(0.0, 1.0);
    let accel = |t_s: f64| {
        let up = UnitQuaternion::from_euler_angles(-angle(t_s), 0.0, 0.0) * Vector3::new(0.0, 0.0, G);
        Some(up - Vector3::new(0.0, 0.0, G))
    };
    let turn = |t_s: f64| {
        let rate_radps = if (30.0..31.0).contains(&t_s) { 2.0 } else { 0.0 };
        mount() * Vector3::new(rate_radps, 0.0, 0.0)
    };
    let outcome = drive(&|_| 12.0, &accel, &turn);
    assert!(outcome.events.is_empty() && outcome.dismissals.is_empty(), "{outcome:?}");
}

#[test]
fn a_phone_that_falls_on_a_seat_is_not_suspected() {
    // A seat takes its 3.5 m/s, and what the hand gave, within 0.1 s.
    let accel = |t_s: f64| {
        let lands = spike(t_s, 30.36, 0.1, 2.0 * 4.5 / 0.1);
        if (30.0..30.36).contains(&t_s) { None } else { Some(Vector3::new(0.6, 0.2, 0.8) * lands) }
    };
    for speed in [&(|_| 14.0) as &dyn Fn(f64) -> f64, &|t_s| if t_s < 20.0 { 10.0 } else { 0.0 }] {
        let outcome = drive(speed, &accel, &no_turn);
        assert_eq!(outcome.of(EventKind::Crash).count(), 0, "{outcome:?}");
    }
}

#[test]
fn a_slammed_door_is_none() {
    // Ringing at 40 Hz, 2.5 g, parked and at a stop within a trip.
    let slam = |t_s: f64| {
        let since_s = t_s - 30.0;
        let rings = if since_s < 0.0 { 0.0 } else { 2.5 * G * libm::exp(-since_s / 0.03) * libm::sin(250.0 * since_s) };
        Some(Vector3::new(0.2 * rings, rings, 0.3 * rings))
    };
    for speed in [&(|_| 0.0) as &dyn Fn(f64) -> f64, &|t_s| if t_s < 20.0 { 10.0 } else { 0.0 }] {
        let outcome = drive(speed, &slam, &no_turn);
        assert!(outcome.crashes(Phase::Confirmed).is_empty(), "{outcome:?}");
        assert!(outcome.crashes(Phase::Suspected).is_empty(), "{outcome:?}");
    }
}

#[test]
fn a_jolt_after_which_the_ride_goes_on_is_revoked_within_ten_seconds() {
    let accel = |t_s: f64| Some(Vector3::new(-1.0, 0.0, 1.0) * spike(t_s, 30.0, 0.1, 4.0 * G));
    let speed = |t_s: f64| if (30.0..33.0).contains(&t_s) { 9.0 } else { 12.0 };
    let outcome = drive(&speed, &accel, &no_turn);
    assert!(outcome.crashes(Phase::Confirmed).is_empty(), "{outcome:?}");
    let revoked = outcome.crashes(Phase::Revoked);
    assert_eq!(revoked.len(), 1);
    assert!(revoked[0].0.s_since(at(30.0)) <= 10.0, "{revoked:?}");
}

#[test]
fn somebody_who_walks_on_was_not_in_a_crash() {
    // Out of a bus that has just stopped, phone in a pocket: a knock, then two steps a second.
    let accel = |t_s: f64| {
        let walks = if t_s < 31.0 { 0.0 } else { 3.0 * libm::sin(4.0 * core::f64::consts::PI * t_s) };
        Some(Vector3::new(0.0, 0.3 * walks, walks) + Vector3::new(1.0, 0.5, 0.3) * spike(t_s, 30.0, 0.08, 4.0 * G))
    };
    let speed = |t_s: f64| if t_s < 15.0 { 10.0 } else { 1.2 };
    let outcome = drive(&speed, &accel, &no_turn);
    assert!(outcome.crashes(Phase::Confirmed).is_empty(), "{outcome:?}");
    assert!(
        outcome.crashes(Phase::Revoked).iter().all(|(_, event)| event.reasons.contains(&Reason::WalkedOn)),
        "{outcome:?}"
    );
}

fn any_sample() -> impl Strategy<Value = Sample> {
    let t = prop_oneof![9 => -3_000_000_000_i64..40_000_000_000, 1 => any::<i64>()].prop_map(Timestamp::from_ns);
    let value = prop_oneof![8 => -80.0..80.0, 1 => -1e300..1e300, 1 => Just(0.0)];
    (t, value.clone(), value.clone(), value, 0..3).prop_map(|(t, x, y, z, which)| match which {
        0 => Sample::Accel(Triad { t, x, y, z }),
        1 => Sample::Gyro(Triad { t, x, y, z }),
        _ => Sample::Gnss(fix_at(0.0, x)).at(t),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_input_makes_it_panic_or_say_nan(samples in proptest::collection::vec(any_sample(), 0..600)) {
        let (mut crash, mut out) = (Crash::new(&CrashConfig::default()), Outbox::default());
        for sample in &samples {
            crash.arrive(sample, &mut out);
            crash.ordered(sample, &mut out);
        }
        crash.observe(&Observation::End(Timestamp::MAX), &mut out);
        for decision in out.drain() {
            if let Decision::Event(event) = decision {
                prop_assert!((0.0..=1.0).contains(&event.confidence), "{event:?}");
                prop_assert!(event.peak_mps2.is_none_or(f64::is_finite));
                let text = std::format!("{event:?}");
                prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
            }
        }
    }
}
