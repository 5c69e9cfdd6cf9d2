use std::vec::Vec;

use nalgebra::{UnitQuaternion, Vector3};

use super::{
    super::Crash,
    rig::{Drive, Noise, Outcome, at, fix_at, haversine, no_turn, run},
};
use crate::{
    config::CrashConfig,
    detect::{Decision, Outbox},
    event::{Detail, Event, Phase, Reason, Severity},
    sample::Sample,
    time::Timestamp,
};

/// A blow of this Δv (m/s, along `push` in the vehicle frame) and length at `ONSET_S`, after which the car stops.
struct Blow {
    delta_v_mps: f64,
    length_s: f64,
    push: Vector3<f64>,
    rate_hz: f64,
    range_g: f64,
    device_from_vehicle: UnitQuaternion<f64>,
    gnss_until_s: f64,
    length_of_drive_s: f64,
}

const ONSET_S: f64 = 30.05;
const SPEED_MPS: f64 = 16.7;

impl Default for Blow {
    fn default() -> Self {
        Self {
            delta_v_mps: 8.0,
            length_s: 0.12,
            push: -Vector3::x(),
            rate_hz: 100.0,
            range_g: 16.0,
            device_from_vehicle: tilted(),
            gnss_until_s: f64::MAX,
            length_of_drive_s: 60.0,
        }
    }
}

fn tilted() -> UnitQuaternion<f64> {
    UnitQuaternion::from_euler_angles(1.2, -0.3, 2.0)
}

impl Blow {
    fn samples(&self) -> Vec<Sample> {
        let accel = |t_s: f64| {
            let height = self.delta_v_mps / self.length_s;
            let brake = if braking(t_s, self.length_s) { -7.0 } else { 0.0 };
            Some(self.push * (height * haversine((t_s - ONSET_S) / self.length_s)) + Vector3::x() * brake)
        };
        let speed = |t_s: f64| {
            let after = SPEED_MPS + self.delta_v_mps * self.push.x;
            let since_s = t_s - ONSET_S - self.length_s;
            if t_s < ONSET_S { SPEED_MPS } else { (after - 7.0 * since_s.max(0.0)).max(0.0) }
        };
        let braking_over =
            |t_s: f64| if speed(t_s) > 0.0 { accel(t_s) } else { accel(t_s).map(|a| a - braked(t_s, self.length_s)) };
        let drive = Drive {
            rate_hz: self.rate_hz,
            range_g: self.range_g,
            device_from_vehicle: self.device_from_vehicle,
            length_s: self.length_of_drive_s,
            speed: &speed,
            accel: &braking_over,
            turn: &no_turn,
            gnss_until_s: self.gnss_until_s,
            gnss_offset_s: 0.08,
        };
        drive.samples()
    }

    fn run(&self) -> Outcome {
        run(&self.samples(), Some(self.device_from_vehicle.inverse()))
    }
}

fn braking(t_s: f64, length_s: f64) -> bool {
    t_s >= ONSET_S + length_s
}

fn braked(t_s: f64, length_s: f64) -> Vector3<f64> {
    Vector3::x() * if braking(t_s, length_s) { -7.0 } else { 0.0 }
}

fn figures(event: &Event) -> (f64, f64, Option<u8>, bool, u32) {
    let Detail::Crash { delta_v_mps, peak_g, direction_clock, clipped, secondary_impacts, .. } = event.detail else {
        panic!("{event:?}")
    };
    (delta_v_mps, peak_g, direction_clock, clipped, secondary_impacts)
}

fn has(event: &Event, wanted: impl Fn(&Reason) -> bool) -> bool {
    event.reasons.iter().any(wanted)
}

#[test]
fn pulses_of_every_size_length_rate_and_side_are_found() {
    let mut tried = 0;
    for delta_v_kmh in [8.0, 12.0, 25.0, 40.0, 70.0] {
        for length_s in [0.06, 0.12, 0.18] {
            for (push, clock) in [(-Vector3::x(), 12), (Vector3::x(), 6), (Vector3::y(), 3), (-Vector3::y(), 9)] {
                for rate_hz in [25.0, 50.0, 100.0, 200.0] {
                    let blow = Blow { delta_v_mps: delta_v_kmh / 3.6, length_s, push, rate_hz, ..Blow::default() };
                    let outcome = blow.run();
                    let case = std::format!("{delta_v_kmh} km/h {length_s} s {clock} o'clock {rate_hz} Hz");
                    let Some((suspected, confirmed)) = outcome.one_crash() else { panic!("{case}: {outcome:?}") };
                    let latency_s = suspected.0.s_since(at(ONSET_S));
                    assert!(latency_s <= 0.2 + 1.0 / rate_hz, "{case}: suspected after {latency_s} s");
                    assert!(confirmed.0.s_since(at(ONSET_S)) <= 12.0, "{case}");
                    let (delta_v, _, direction, clipped, _) = figures(&confirmed.1);
                    if rate_hz >= 50.0 && !clipped {
                        // The braking that follows lies in the skirt of the pulse: half a metre per second at most.
                        let (truth, most) = (delta_v_kmh / 3.6, (0.15 * delta_v_kmh / 3.6_f64).max(0.5));
                        assert!((delta_v - truth).abs() < most, "{case}: Δv {delta_v} m/s");
                    }
                    // A clipped axis turns the direction.
                    assert!(clipped || direction == Some(clock), "{case}: {direction:?}");
                    let before = confirmed.1.speed_before_mps.unwrap_or(0.0);
                    assert!((before - SPEED_MPS).abs() < 1.0, "{case}: speed before {before}");
                    assert_eq!(has(&confirmed.1, |r| matches!(r, Reason::DegradedRate { .. })), rate_hz < 50.0);
                    tried += 1;
                }
            }
        }
    }
    assert_eq!(tried, 240);
}

#[test]
fn the_mount_does_not_matter() {
    let mut noise = Noise(5);
    let reference = Blow::default().run();
    let (_, (_, reference)) = reference.one_crash().expect("found");
    for _ in 0..20 {
        let axis = Vector3::new(noise.bell(), noise.bell(), noise.bell());
        let device_from_vehicle = UnitQuaternion::from_scaled_axis(axis * 2.0);
        let outcome = Blow { device_from_vehicle, ..Blow::default() }.run();
        let (_, (_, event)) = outcome.one_crash().expect("found");
        assert!((figures(event).0 - figures(reference).0).abs() < 0.01);
        assert!((event.confidence - reference.confidence).abs() < 1e-3);
        assert_eq!(figures(event).2, Some(12));
    }
}

#[test]
fn a_short_range_is_named_and_gives_a_lower_bound() {
    for range_g in [2.0, 4.0, 8.0, 16.0] {
        let outcome = Blow { delta_v_mps: 16.0, length_s: 0.1, range_g, ..Blow::default() }.run();
        let (_, (_, event)) = outcome.one_crash().expect("found");
        let (delta_v, _, _, clipped, _) = figures(event);
        assert!(clipped, "{range_g} g");
        assert!(has(event, |r| matches!(r, Reason::Clipped { range_g: said } if (said - range_g).abs() < 1e-9)));
        assert!(delta_v < 16.5);
    }
    let outcome = Blow { delta_v_mps: 4.0, ..Blow::default() }.run();
    assert!(!figures(&outcome.one_crash().expect("found").1.1).3);
}

#[test]
fn the_order_of_arrival_does_not_change_the_last_word() {
    let samples = Blow::default().samples();
    let reference = run(&samples, None);
    let (_, (_, reference)) = reference.one_crash().expect("found");
    let mut noise = Noise(3);
    for lateness_s in [0.05, 0.3, 1.0, 1.9] {
        let mut arrivals: Vec<(Timestamp, Sample)> =
            samples.iter().map(|sample| (sample.t().plus_s(noise.unit() * lateness_s), *sample)).collect();
        arrivals.sort_by_key(|(arrival, _)| *arrival);
        let arrivals: Vec<Sample> = arrivals.into_iter().map(|(_, sample)| sample).collect();
        let outcome = run(&arrivals, None);
        let (_, (_, event)) = outcome.one_crash().expect("found");
        assert_eq!(event, reference, "late by up to {lateness_s} s");
    }
    // In batches of a second, newest first.
    let mut batched = samples.clone();
    for batch in batched.chunk_by_mut(|a, b| a.t().ns() / 1_000_000_000 == b.t().ns() / 1_000_000_000) {
        batch.reverse();
    }
    let outcome = run(&batched, None);
    let (_, (_, event)) = outcome.one_crash().expect("found");
    assert_eq!(event, reference);
}

#[test]
fn a_zero_fix_right_after_the_pulse_does_not_shut_the_gate() {
    for offset_s in [0.0, 0.03, 0.13, 0.2, 0.6] {
        let mut samples: Vec<Sample> = Blow { delta_v_mps: 16.7, ..Blow::default() }
            .samples()
            .into_iter()
            .filter(|s| !matches!(s, Sample::Gnss(fix) if fix.t > at(ONSET_S)))
            .collect();
        for second in 0..20 {
            samples.push(Sample::Gnss(fix_at(ONSET_S + offset_s + f64::from(second), 0.0)));
        }
        samples.sort_by_key(Sample::t);
        let outcome = run(&samples, None);
        let (_, (_, event)) = outcome.one_crash().expect("found");
        let before = event.speed_before_mps.expect("known");
        assert!((15.7..17.7).contains(&before), "{before} m/s, fix {offset_s} s after the onset");
    }
}

#[test]
fn the_end_of_the_input_decides() {
    for length_of_drive_s in [30.2, 30.5, 31.0, 32.0, 36.0] {
        let outcome = Blow { delta_v_mps: 16.7, length_of_drive_s, ..Blow::default() }.run();
        let (_, (_, event)) = outcome.one_crash().expect("confirmed from what is known");
        let said = has(event, |r| matches!(r, Reason::EndOfInput));
        assert_eq!(said, length_of_drive_s < 34.0, "{length_of_drive_s}");
    }
}

#[test]
fn two_seconds_lost_after_the_blow_lose_no_crash() {
    // An app killed and restored: inertial samples and fixes are gone from before the pulse had closed, or from later on.
    for from_s in [0.1, 0.14, 0.2, 0.6, 1.5] {
        for gnss_until_s in [f64::MAX, ONSET_S] {
            let lost = at(ONSET_S + from_s)..at(ONSET_S + from_s + 2.0);
            let blow = Blow { delta_v_mps: 10.0, gnss_until_s, ..Blow::default() };
            let samples: Vec<Sample> =
                blow.samples().into_iter().filter(|sample| !lost.contains(&sample.t())).collect();
            let outcome = run(&samples, None);
            let Some((_, (decided, event))) = outcome.one_crash() else { panic!("{from_s} s: {outcome:?}") };
            assert!(!has(event, |r| matches!(r, Reason::Undecided)), "{from_s} s: {event:?}");
            assert!(decided.s_since(at(ONSET_S)) <= 12.0, "{from_s} s: {decided:?}");
        }
    }
}

#[test]
fn losing_gnss_does_not_veto() {
    // At the blow, and half a minute before it, as in a tunnel.
    for gnss_until_s in [ONSET_S, 12.0] {
        let outcome = Blow { delta_v_mps: 12.0, gnss_until_s, ..Blow::default() }.run();
        let (_, (_, event)) = outcome.one_crash().expect("found");
        assert!(has(event, |r| matches!(r, Reason::Stillness { .. })));
        assert!(has(event, |r| matches!(r, Reason::GnssAbsent)));
    }
}

#[test]
fn several_blows_are_one_crash() {
    let accel = |t_s: f64| {
        let blow = |onset_s: f64, delta_v: f64| haversine((t_s - onset_s) / 0.1) * delta_v / 0.1;
        Some(Vector3::new(-blow(30.0, 8.0), blow(31.2, 5.0) - blow(33.0, 4.0), 0.0))
    };
    let speed = |t_s: f64| if t_s < 30.05 { 15.0 } else { (7.0 - 3.0 * (t_s - 30.05)).max(0.0) };
    let drive = Drive {
        rate_hz: 100.0,
        range_g: 16.0,
        device_from_vehicle: tilted(),
        length_s: 60.0,
        speed: &speed,
        accel: &accel,
        turn: &no_turn,
        gnss_until_s: f64::MAX,
        gnss_offset_s: 0.4,
    };
    let outcome = run(&drive.samples(), None);
    let (suspected, (_, event)) = outcome.one_crash().expect("one");
    assert_eq!(figures(event).4, 2);
    assert!(suspected.0.s_since(at(30.0)) < 0.2);
    assert!((event.start.s_since(at(30.0))).abs() < 0.05);
    assert!(event.end > at(33.0));
}

#[test]
fn struck_from_behind_while_waiting_within_a_trip() {
    let accel = |t_s: f64| Some(Vector3::x() * (haversine((t_s - 60.0) / 0.12) * (15.0 / 3.6) / 0.12));
    let speed = |t_s: f64| if t_s < 35.0 { 12.0 } else { (12.0 - 3.0 * (t_s - 35.0)).max(0.0) };
    let drive = Drive {
        rate_hz: 100.0,
        range_g: 8.0,
        device_from_vehicle: tilted(),
        length_s: 90.0,
        speed: &speed,
        accel: &accel,
        turn: &no_turn,
        gnss_until_s: f64::MAX,
        gnss_offset_s: 0.4,
    };
    let outcome = run(&drive.samples(), Some(tilted().inverse()));
    let (_, (_, event)) = outcome.one_crash().expect("found");
    assert!(has(event, |r| matches!(r, Reason::StruckWhileStopped)));
    assert_eq!(figures(event).2, Some(6));
    assert_eq!(event.severity, Some(Severity::Moderate));
}

#[test]
fn slow_rates_are_still_tried() {
    // One sample in a pulse at best: found when it falls well, never a panic, and always said to be degraded.
    let mut found = 0;
    for phase in 0..10 {
        let blow = Blow { rate_hz: 10.0, delta_v_mps: 12.0, length_s: 0.15, ..Blow::default() };
        let samples: Vec<Sample> =
            blow.samples().into_iter().map(|sample| sample.at(sample.t().plus_s(-0.01 * f64::from(phase)))).collect();
        let outcome = run(&samples, None);
        for (_, event) in outcome.crashes(Phase::Confirmed) {
            assert!(has(event, |r| matches!(r, Reason::DegradedRate { .. })));
            assert!(event.quality.degraded_rate);
            found += 1;
        }
    }
    assert_eq!(found, 10);
}

#[test]
fn fixes_that_lag_by_two_seconds_change_nothing() {
    let mut samples = Blow { delta_v_mps: 10.0, ..Blow::default() }.samples();
    for sample in &mut samples {
        if matches!(sample, Sample::Gnss(_)) {
            *sample = sample.at(sample.t().plus_s(2.0));
        }
    }
    samples.sort_by_key(Sample::t);
    let outcome = run(&samples, None);
    assert!(outcome.one_crash().is_some(), "{outcome:?}");
}

#[test]
fn one_sample_from_the_future_does_not_blind_the_fast_lane() {
    let mut samples = Blow::default().samples();
    let before_s = samples.partition_point(|sample| sample.t() < at(20.0));
    let accel = samples.iter().skip(before_s).find(|sample| matches!(sample, Sample::Accel(_))).copied();
    samples.insert(before_s, accel.expect("some").at(at(59.0)));
    let (mut crash, mut out) = (Crash::new(&CrashConfig::default()), Outbox::default());
    for sample in &samples {
        crash.arrive(sample, &mut out);
    }
    let found: Vec<Decision> = out.drain().collect();
    let [Decision::Event(event)] = &found[..] else { panic!("{found:?}") };
    assert!((event.phase, event.start.s_since(at(ONSET_S)) < 0.1) == (Phase::Suspected, true));
}

#[test]
fn a_suspicion_that_the_ordered_lane_does_not_meet_is_revoked() {
    // The pulse never reaches the ordered lane: refused as late, say.
    let samples = Blow::default().samples();
    let (mut crash, mut out) = (Crash::new(&CrashConfig::default()), Outbox::default());
    samples.iter().take_while(|sample| sample.t() < at(31.0)).for_each(|sample| crash.arrive(sample, &mut out));
    let later = samples.iter().filter(|sample| !(at(30.0)..at(30.3)).contains(&sample.t()));
    later.for_each(|sample| crash.ordered(sample, &mut out));
    let phases: Vec<(Phase, u32)> = out
        .drain()
        .filter_map(|decision| match decision {
            Decision::Event(event) => Some((event.phase, event.id.ordinal)),
            Decision::Dismissal(_) => None,
        })
        .collect();
    assert_eq!(phases, [(Phase::Suspected, 1), (Phase::Revoked, 1)]);
}

#[test]
fn a_glancing_blow_after_which_the_car_rolls_out_is_found() {
    // 25 km/h sideways at 100 km/h; on the shoulder, standing, ten seconds later.
    let accel = |t_s: f64| {
        let brake = if (31.0..41.0).contains(&t_s) { -2.7 } else { 0.0 };
        Some(Vector3::new(brake, haversine((t_s - 30.0) / 0.12) * (25.0 / 3.6) / 0.12, 0.0))
    };
    let speed = |t_s: f64| (27.0 - 2.7 * (t_s - 31.0).max(0.0)).max(0.0);
    let drive = Drive {
        rate_hz: 100.0,
        range_g: 8.0,
        device_from_vehicle: tilted(),
        length_s: 60.0,
        speed: &speed,
        accel: &accel,
        turn: &no_turn,
        gnss_until_s: f64::MAX,
        gnss_offset_s: 0.4,
    };
    let outcome = run(&drive.samples(), Some(tilted().inverse()));
    let (_, (_, event)) = outcome.one_crash().expect("found");
    assert_eq!(figures(event).2, Some(3));
}

#[test]
fn fixes_that_arrive_after_the_blow_are_not_too_late() {
    // The receiver was buffered for half a minute: nothing to suspect by, until the fixes are there.
    let samples = Blow { delta_v_mps: 10.0, ..Blow::default() }.samples();
    let held = |sample: &&Sample| matches!(sample, Sample::Gnss(fix) if fix.t < at(31.0));
    let mut arrivals: Vec<Sample> = samples.iter().filter(|sample| !held(sample)).copied().collect();
    let after = arrivals.partition_point(|sample| sample.t() < at(31.5));
    arrivals.splice(after..after, samples.iter().filter(held).copied());
    let outcome = run(&arrivals, None);
    assert!(outcome.one_crash().is_some(), "{outcome:?}");
}

#[test]
fn braking_hard_until_the_blow_hides_nothing() {
    for (delta_v_kmh, range_g) in [(10.0, 16.0), (15.0, 16.0), (15.0, 2.0), (30.0, 2.0), (30.0, 4.0)] {
        let accel = |t_s: f64| {
            let brake = if (28.5..30.0).contains(&t_s) { -9.0 } else { 0.0 };
            let blow = haversine((t_s - 30.0) / 0.15) * (delta_v_kmh / 3.6) / 0.15;
            let after = if (30.15..31.0).contains(&t_s) { -7.0 } else { 0.0 };
            Some(Vector3::x() * (brake - blow + after))
        };
        let before = |t_s: f64| 25.0 - 9.0 * (t_s - 28.5).clamp(0.0, 1.5);
        let speed = |t_s: f64| if t_s < 30.05 { before(t_s) } else { (8.0 - 7.0 * (t_s - 30.15)).max(0.0) };
        let drive = Drive {
            rate_hz: 100.0,
            range_g,
            device_from_vehicle: tilted(),
            length_s: 60.0,
            speed: &speed,
            accel: &accel,
            turn: &no_turn,
            gnss_until_s: f64::MAX,
            gnss_offset_s: 0.4,
        };
        let outcome = run(&drive.samples(), Some(tilted().inverse()));
        let Some((suspected, (_, event))) = outcome.one_crash() else { panic!("{delta_v_kmh} km/h: {outcome:?}") };
        assert!(suspected.0.s_since(at(30.0)) <= 0.2, "{delta_v_kmh} km/h");
        let before = event.speed_before_mps.expect("known");
        assert!((before - 11.5).abs() < 2.5, "{delta_v_kmh} km/h, {range_g} g: {before} m/s before");
    }
}
