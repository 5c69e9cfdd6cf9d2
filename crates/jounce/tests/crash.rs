//! Crashes, and what is none, through the whole engine: what `cargo xtask score-crash` measures at length, in seconds.

use jounce::{
    config::Config,
    engine::{Engine, Evidence},
    event::{Detail, Event, EventKind, Phase, Reason},
    sample::{ConsentSample, Sample, Sensor},
};
use jounce_sim::{
    GRAVITY_MPS2, Scenario, Simulation, carried,
    scenario::{Accelerometer, Gnss, Gyroscope, Mount, Phone},
    script::{Carried, Crash, Curve, Pulse, Shape, SpeedChange, Step, Turn},
    simulate,
};

fn cruise(for_s: f64) -> Step {
    Step::Cruise { for_s }
}

fn to(to_kmh: f64, at_mps2: f64, meanwhile: bool) -> Step {
    Step::Brake(SpeedChange { to_kmh, at_mps2, edge_s: 0.3, meanwhile })
}

/// Twenty seconds to `speed_kmh` with a bend, then `steps`.
fn drive(
    mount: &Mount,
    rate_hz: f64,
    range_g: f64,
    speed_kmh: f64,
    steps: impl IntoIterator<Item = Step>,
) -> Simulation {
    let bend = Turn { angle_deg: 60.0, curve: Curve::LateralMps2(2.0), edge_s: 0.8 };
    let mut all = vec![cruise(2.0), to(25.0, 2.0, false), Step::Turn(bend), to(speed_kmh, 2.2, false), cruise(8.0)];
    all.extend(steps);
    let scenario = Scenario {
        phone: Phone { mount: *mount, ..Phone::default() },
        accel: Some(Accelerometer { range: range_g * GRAVITY_MPS2, ..Accelerometer::at(rate_hz) }),
        gyro: Some(Gyroscope::at(rate_hz)),
        gnss: Some(Gnss::default()),
        step: all,
        ..Scenario::default()
    };
    simulate(&scenario, 7)
}

fn crash(delta_v_kmh: f64, clock: f64, shape: Shape) -> Step {
    let pulse = Pulse { delta_v_kmh, clock, duration_s: 0.11, shape };
    Step::Crash(Crash { cfc60: true, yaw_degps: 40.0, slide_mps2: 7.0, ..Crash::of(pulse) })
}

fn replay(samples: &[Sample]) -> (Vec<Event>, Vec<Evidence>) {
    let mut engine = Engine::new(Config::default().validate().expect("the defaults are valid"));
    let mut events = Vec::new();
    for sample in samples {
        engine.push(*sample, &mut events);
    }
    engine.flush(&mut events);
    (events, std::iter::from_fn(|| engine.take_evidence()).collect())
}

fn crashes(events: &[Event], phase: Phase) -> Vec<&Event> {
    events.iter().filter(|event| event.kind() == EventKind::Crash && event.phase == phase).collect()
}

fn onset_s(simulation: &Simulation) -> f64 {
    let label = simulation.labels.iter().find(|label| label.kind == Some(EventKind::Crash));
    label.expect("a crash is labelled").start_s
}

fn since_start_s(t: jounce::time::Timestamp) -> f64 {
    t.s_since(jounce::time::Timestamp::from_ns(0))
}

#[test]
fn crashes_of_any_shape_and_side_are_found_soon_and_told_exactly() {
    let shapes = [Shape::Haversine, Shape::HalfSine, Shape::Barrier, Shape::Offset];
    for (index, shape) in shapes.into_iter().enumerate() {
        let (clock, rate_hz) = ([12.0, 3.0, 6.0, 10.0][index], [50.0, 100.0, 200.0, 100.0][index]);
        let mount = Mount::random(index as u64);
        let simulation = drive(&mount, rate_hz, 100.0, 60.0, [crash(30.0, clock, shape), cruise(20.0)]);
        let (events, _) = replay(&simulation.samples);
        let (suspected, confirmed) = (crashes(&events, Phase::Suspected), crashes(&events, Phase::Confirmed));
        assert!(suspected.len() == 1 && confirmed.len() == 1, "{shape:?}: {events:?}");
        let onset_s = onset_s(&simulation);
        let after = |event: &Event| since_start_s(event.decided) - onset_s;
        assert!(after(suspected[0]) <= 0.3 && after(confirmed[0]) <= 10.0, "{shape:?}: {}", after(confirmed[0]));
        let Detail::Crash { delta_v_mps, direction_clock, clipped, .. } = confirmed[0].detail else { panic!() };
        assert!(!clipped && (delta_v_mps / (30.0 / 3.6) - 1.0).abs() <= 0.15, "{shape:?}: {delta_v_mps}");
        let off = (f64::from(direction_clock.expect("aligned")) - clock).rem_euclid(12.0);
        assert!(off.min(12.0 - off) <= 1.0, "{shape:?}: {direction_clock:?}");
    }
}

#[test]
fn a_small_range_is_flagged_and_gives_a_lower_bound() {
    let simulation = drive(&Mount::random(5), 100.0, 2.0, 70.0, [crash(60.0, 12.0, Shape::Offset), cruise(20.0)]);
    let (events, _) = replay(&simulation.samples);
    let confirmed = crashes(&events, Phase::Confirmed);
    let Detail::Crash { delta_v_mps, clipped, .. } = confirmed.first().expect("confirmed").detail else { panic!() };
    assert!(clipped && delta_v_mps < 60.0 / 3.6, "{delta_v_mps}");
}

#[test]
fn a_phone_torn_off_by_a_crash_hides_nothing() {
    let mount = Mount::random(2);
    let torn = Step::PhoneCarried(carried::torn_off(&mount, 0.085, [4.0, 0.0], 1));
    let simulation = drive(&mount, 100.0, 8.0, 60.0, [torn, crash(32.0, 12.0, Shape::Haversine), cruise(20.0)]);
    let (events, _) = replay(&simulation.samples);
    assert_eq!(crashes(&events, Phase::Confirmed).len(), 1, "{events:?}");
}

/// Nothing is confirmed; what was suspected is revoked for this reason.
fn none_confirmed(what: &str, simulation: &Simulation, why: impl Fn(&Reason) -> bool) -> Vec<Event> {
    let (events, _) = replay(&simulation.samples);
    assert!(crashes(&events, Phase::Confirmed).is_empty(), "{what}: {events:?}");
    let revoked = crashes(&events, Phase::Revoked);
    assert_eq!(crashes(&events, Phase::Suspected).len(), revoked.len(), "{what}");
    for event in revoked {
        assert!(why(&event.reasons[0]), "{what}: {:?}", event.reasons);
    }
    events
}

#[test]
fn a_phone_that_falls_is_a_dropped_phone_wherever_it_falls() {
    let mount = Mount::random(3);
    let stop = || to(0.0, 4.0, true);
    let falls: [(&str, Carried, Vec<Step>); 3] = [
        ("driving", carried::dropped(&mount, 0.7, 0.012, 1), vec![]),
        ("braking to a stop", carried::dropped(&mount, 0.7, 0.006, 2), vec![stop(), cruise(0.8)]),
        ("parked", carried::dropped(&mount, 0.9, 0.004, 3), vec![to(0.0, 3.0, false), cruise(8.0)]),
    ];
    for (what, fall, before) in falls {
        let steps = before.into_iter().chain([Step::PhoneCarried(fall), cruise(20.0)]);
        let simulation = drive(&mount, 100.0, 16.0, 50.0, steps);
        let fell = |reason: &Reason| matches!(reason, Reason::FreeFall { .. } | Reason::DroveOn { .. });
        let events = none_confirmed(what, &simulation, fell);
        assert!(events.iter().any(|event| event.kind() == EventKind::PhoneDrop), "{what}: {events:?}");
    }
    let roof = Step::PhoneCarried(carried::off_the_roof(&mount, 50.0 / 3.6, 1));
    let simulation = drive(&mount, 100.0, 16.0, 50.0, [roof, cruise(0.9), to(0.0, 6.0, true), cruise(20.0)]);
    none_confirmed("off the roof", &simulation, |reason| matches!(reason, Reason::FreeFall { .. }));
}

#[test]
fn people_who_fall_are_no_vehicles() {
    let mount = Mount::random(4);
    let stop = || [cruise(20.0), to(0.0, 6.0, true), cruise(20.0)];
    for (what, fall, speed_kmh) in
        [("skier", carried::ski_fall(&mount, 20.0, 1), 55.0), ("cyclist", carried::cycling_fall(&mount, 20.0, 1), 26.0)]
    {
        let steps = [Step::PhoneCarried(fall)].into_iter().chain(stop());
        let simulation = drive(&mount, 100.0, 8.0, speed_kmh, steps);
        none_confirmed(what, &simulation, |reason| {
            matches!(reason, Reason::NonVehicle | Reason::DroveOn { .. } | Reason::TooLongPulse { .. })
        });
    }
}

#[test]
fn somebody_who_jumps_after_a_drive_is_in_no_crash() {
    let mount = Mount::random(6);
    let jumps = Step::PhoneCarried(carried::jumping(&mount, 6, 1));
    let simulation = drive(&mount, 100.0, 8.0, 40.0, [to(0.0, 2.5, false), cruise(8.0), jumps, cruise(15.0)]);
    none_confirmed("jumping", &simulation, |_| true);
}

#[test]
fn each_crash_leaves_its_raw_samples_unless_consent_is_withdrawn() {
    let simulation = drive(&Mount::default(), 100.0, 8.0, 60.0, [crash(30.0, 12.0, Shape::Haversine), cruise(20.0)]);
    let (events, evidence) = replay(&simulation.samples);
    let [evidence] = &evidence[..] else { panic!("{} pieces", evidence.len()) };
    let (first, last) = (crashes(&events, Phase::Suspected)[0], crashes(&events, Phase::Confirmed)[0]);
    assert_eq!(evidence.id, last.id);
    let inside = |sample: &&Sample| {
        let since_s = sample.t().s_since(first.start);
        let until_s = sample.t().s_since(first.end.max(last.end));
        since_s >= -5.0 && until_s <= 5.0 && matches!(sample, Sample::Accel(_) | Sample::Gyro(_))
    };
    let mut due: Vec<Sample> = simulation.samples.iter().filter(inside).copied().collect();
    due.sort_by_key(|sample| (sample.t(), sample.sensor()));
    assert_eq!(evidence.samples(), due, "to the bit, and nothing but that");

    let t = simulation.samples.iter().map(Sample::t).max().expect("samples");
    let consent = |sensor| Sample::Consent(ConsentSample { t, sensor, allowed: false });
    let mut samples = simulation.samples;
    samples.extend([consent(Sensor::Accel), consent(Sensor::Gyro)]);
    let (_, evidence) = replay(&samples);
    assert!(evidence.iter().all(|evidence| evidence.samples().is_empty()));
}
