use std::vec::Vec;

use super::*;
use crate::{
    config::{Config, Profile},
    detect::{
        Decision, Detector,
        testing::{Alone, DriveLine, decided},
    },
    event::EventId,
    testing::at,
    time::Timestamp,
};

/// What a detector said of a drive.
struct Said {
    events: Vec<Event>,
    dismissals: Vec<Dismissal>,
}

fn judge(mut detector: Alone<Harsh>, drive: &DriveLine) -> Said {
    let mut out = Outbox::default();
    drive.feed(&mut detector, &mut out);
    let (events, dismissals) = decided(&mut out);
    Said { events, dismissals }
}

fn braking() -> Alone<Harsh> {
    Alone::new(Harsh::braking(HarshConfig::braking()))
}

fn acceleration() -> Alone<Harsh> {
    Alone::new(Harsh::acceleration(HarshConfig::acceleration()))
}

/// 5 s of steady speed, the acceleration for so long, 5 s of steady speed.
fn pulse(speed: f64, accel: f64, seconds: f64) -> DriveLine {
    DriveLine::new(speed).steady(5.0).accelerate(accel, seconds).steady(5.0)
}

impl Said {
    #[track_caller]
    fn event(&self) -> &Event {
        let [event] = &self.events[..] else { panic!("{:?} {:?}", self.events, self.dismissals) };
        event
    }

    /// The one dismissal, and what speaks against it.
    #[track_caller]
    fn dismissal(&self) -> (&Dismissal, &Reason) {
        let ([], [dismissal]) = (&self.events[..], &self.dismissals[..]) else {
            panic!("{:?} {:?}", self.events, self.dismissals)
        };
        (dismissal, &dismissal.reasons[0])
    }

    fn nothing(&self) -> bool {
        self.events.is_empty() && self.dismissals.is_empty()
    }
}

#[track_caller]
fn near(value: Option<f64>, expected: f64, within: f64) {
    assert!(value.is_some_and(|v| (v - expected).abs() <= within), "{value:?}, expected {expected} ± {within}");
}

#[test]
fn hard_braking_is_told_in_full() {
    let said = judge(braking(), &pulse(20.0, -4.5, 2.0));
    let event = said.event();
    assert_eq!(event.id, EventId { kind: EventKind::HardBraking, ordinal: 1 });
    assert_eq!(event.severity, Some(Severity::Hard));
    near(event.peak_mps2, -4.5, 1e-9);
    near(event.mean_mps2, -4.5, 0.3);
    near(event.speed_before_mps, 20.0, 0.5);
    near(event.speed_after_mps, 11.0, 0.5);
    near(Some(event.start.s_since(at(5.0))), 0.1, 0.2);
    near(Some(event.end.s_since(at(7.0))), 0.0, 0.2);
    assert!(event.start <= event.peak && event.peak <= event.end);
    assert!(event.confidence > 0.9, "{}", event.confidence);
    assert_eq!(event.position, Some(DriveLine::PLACE));
    assert!(!event.quality.estimated);
    let [
        Reason::AccelBeyond { threshold_mps2, held_s, .. },
        Reason::GnssAgrees { gnss_delta_mps, inertial_delta_mps },
        Reason::CriticalJerk { .. },
    ] = event.reasons[..]
    else {
        panic!("{:?}", event.reasons)
    };
    near(Some(threshold_mps2), -3.6, 1e-9);
    near(Some(held_s), 1.7, 0.3);
    near(Some(gnss_delta_mps), -9.0, 0.6);
    near(Some(inertial_delta_mps), -9.0, 0.6);
    assert!(said.dismissals.is_empty());
}

#[test]
fn harsh_acceleration_is_the_same_with_the_other_sign_and_from_a_standstill() {
    let said = judge(acceleration(), &pulse(0.0, 3.4, 3.0));
    let event = said.event();
    assert_eq!(event.kind(), EventKind::HarshAcceleration);
    assert_eq!(event.severity, Some(Severity::Moderate));
    near(event.peak_mps2, 3.4, 1e-9);
    near(event.speed_before_mps, 0.0, 0.5);
    near(event.speed_after_mps, 10.2, 0.5);
    assert!(judge(acceleration(), &pulse(20.0, -5.0, 2.0)).nothing());
    assert!(judge(braking(), &pulse(10.0, 5.0, 2.0)).nothing());
}

#[test]
fn gentle_driving_says_nothing() {
    assert!(judge(braking(), &pulse(20.0, -3.4, 4.0)).nothing());
    assert!(judge(acceleration(), &pulse(5.0, 2.9, 4.0)).nothing());
}

#[test]
fn a_short_one_is_dismissed_by_its_length() {
    let said = judge(braking(), &pulse(20.0, -5.0, 0.6));
    let (dismissal, reason) = said.dismissal();
    assert_eq!(dismissal.kind, EventKind::HardBraking);
    near(dismissal.peak_mps2, -5.0, 1e-9);
    assert!(matches!(reason, Reason::AccelBeyond { held_s, needed_s, .. } if held_s < needed_s), "{reason:?}");
}

#[test]
fn a_slow_one_is_dismissed_by_its_speed() {
    let said = judge(braking(), &pulse(4.5, -4.0, 1.1));
    let (_, reason) = said.dismissal();
    assert!(matches!(reason, Reason::TooSlow { speed_mps, .. } if *speed_mps < 5.0), "{reason:?}");
    judge(braking(), &pulse(5.5, -4.0, 1.1)).event();
}

#[test]
fn what_gnss_contradicts_is_dismissed() {
    // The phone slides along the dashboard; the fixes say that the car did not brake.
    let said = judge(braking(), &pulse(20.0, -4.0, 1.5).seen_by_gnss(|_| Some(20.0)));
    let (dismissal, reason) = said.dismissal();
    assert!(matches!(reason, Reason::GnssDisagrees { gnss_delta_mps, .. } if gnss_delta_mps.abs() < 0.1), "{reason:?}");
    assert!(matches!(dismissal.reasons[1], Reason::AccelBeyond { .. }), "the rest follows");
    // More than half of it is enough.
    let slower = |share: f64| pulse(20.0, -4.0, 1.5).seen_by_gnss(move |speed| Some(20.0 + share * (speed - 20.0)));
    judge(braking(), &slower(0.6)).event();
    judge(braking(), &slower(0.4)).dismissal();
    // Faster is no proof of braking.
    judge(braking(), &slower(-1.0)).dismissal();
}

#[test]
fn a_wild_fix_contradicts_nothing() {
    let mut drive = pulse(20.0, -5.0, 2.0);
    drive.each(|m| {
        if (m.t.s_since(at(7.5))).abs() < 0.9 {
            m.gnss_speed_mps = Some(20.0);
        }
    });
    let said = judge(braking(), &drive);
    let Reason::GnssAgrees { gnss_delta_mps, .. } = said.event().reasons[1] else { panic!("{:?}", said.event()) };
    near(Some(gnss_delta_mps), -10.0, 0.6);
}

#[test]
fn without_fixes_it_is_less_sure() {
    let sure = judge(braking(), &pulse(20.0, -4.0, 1.5)).event().confidence;
    let said = judge(braking(), &pulse(20.0, -4.0, 1.5).seen_by_gnss(|_| None));
    assert!(said.event().reasons.contains(&Reason::GnssAbsent));
    assert!(said.event().confidence < sure);
}

#[test]
fn an_estimated_or_unknown_speed_is_said() {
    let mut drive = pulse(20.0, -4.0, 1.5);
    drive.each(|m| m.estimated = true);
    let said = judge(braking(), &drive);
    assert!(said.event().reasons.iter().any(|reason| matches!(reason, Reason::SpeedEstimated { .. })));
    assert!(said.event().quality.estimated);

    let sure = said.event().confidence;
    drive.each(|m| (m.speed_mps, m.speed_sigma_mps, m.gnss_speed_mps, m.estimated) = (None, None, None, false));
    let said = judge(braking(), &drive);
    let event = said.event();
    assert!(event.reasons.contains(&Reason::SpeedUnknown));
    assert_eq!((event.speed_before_mps, event.speed_after_mps), (None, None));
    assert!(event.confidence < sure);
}

#[test]
fn without_inertial_sensors_it_is_gnss_alone() {
    let mut drive = pulse(20.0, -4.0, 1.5);
    drive.each(|m| m.inertial = false);
    let said = judge(braking(), &drive);
    let event = said.event();
    assert!(event.reasons.contains(&Reason::GnssOnly));
    assert!(event.confidence < judge(braking(), &pulse(20.0, -4.0, 1.5)).event().confidence);
    // What the positions do not show was a wild speed; where they show nothing it may have been one.
    drive.each(|m| m.displacement_speed_mps = Some(20.0));
    let said = judge(braking(), &drive);
    let Reason::PositionsDisagree { reported_mps, displacement_mps } = said.dismissal().1 else {
        panic!("not by positions")
    };
    assert!(*reported_mps < -5.0 && displacement_mps.abs() < 1e-9);
    let unchecked = |drive: &DriveLine| judge(braking(), drive).event().confidence < event.confidence - 0.05;
    drive.each(|m| m.displacement_sigma_mps = Some(8.0));
    assert!(unchecked(&drive), "too poor to say");
    drive.each(|m| m.displacement_speed_mps = None);
    assert!(unchecked(&drive), "none");
}

#[test]
fn a_doubtful_mount_costs_confidence() {
    let confidence = |sigma: f64| {
        let mut drive = pulse(20.0, -4.0, 1.5);
        drive.each(|m| m.mount_sigma_rad = Some(sigma));
        let said = judge(braking(), &drive);
        near(said.event().quality.mount_sigma_rad, sigma, 1e-12);
        said.event().confidence
    };
    assert!(confidence(0.02) > confidence(0.2));
    assert!(confidence(100.0) > 0.0);
}

#[test]
fn close_ones_are_one_and_far_ones_are_two() {
    let twice = |pause_s: f64| {
        let drive = DriveLine::new(30.0).steady(5.0).accelerate(-4.0, 1.5).steady(pause_s).accelerate(-5.0, 1.5);
        judge(braking(), &drive.steady(5.0))
    };
    let said = twice(2.0);
    near(said.event().peak_mps2, -5.0, 1e-9);
    near(said.event().speed_before_mps, 30.0, 0.5);
    near(said.event().speed_after_mps, 16.5, 0.5);
    let ids: Vec<_> = twice(4.0).events.iter().map(|event| event.id.ordinal).collect();
    assert_eq!(ids, [1, 2]);
}

#[test]
fn severity_follows_the_bands() {
    let of = |accel: f64| judge(braking(), &pulse(30.0, accel, 1.5)).event().severity;
    for (accel, level) in [(-3.7, Severity::Hard), (-5.0, Severity::Severe), (-7.5, Severity::Extreme)] {
        assert_eq!(of(accel), Some(level));
    }
    let bands = [3.1, 3.6, 4.9, 7.4];
    for (peak, level) in [(3.0, Severity::Minor), (3.1, Severity::Moderate), (3.6, Severity::Hard)] {
        assert_eq!(severity(peak, &bands), level);
    }
    assert_eq!(severity(4.9, &bands), Severity::Severe);
    assert_eq!(severity(f64::INFINITY, &bands), Severity::Extreme);
}

#[test]
fn thresholds_and_bands_scale_with_the_vehicle() {
    let tuning = Config { profile: Profile::Heavy, ..Config::default() }.validate().unwrap().tuning();
    let lorry = || Alone::new(Harsh::braking(tuning.harsh(&HarshConfig::braking())));
    let drive = pulse(20.0, -2.9, 2.0);
    assert!(judge(braking(), &drive).nothing());
    let said = judge(lorry(), &drive);
    assert_eq!(said.event().severity, Some(Severity::Hard));
    assert_eq!(judge(lorry(), &pulse(20.0, -3.8, 2.0)).event().severity, Some(Severity::Severe));
}

#[test]
fn what_is_open_at_a_gap_or_at_the_end_is_decided() {
    let drive = DriveLine::new(20.0).steady(5.0).accelerate(-4.0, 2.0);
    judge(braking(), &drive).event();

    let (mut detector, mut out) = (braking(), Outbox::default());
    for m in drive.motions() {
        detector.observe(&Observation::Motion(m), &mut out);
    }
    assert!(out.is_empty(), "it could still merge");
    detector.observe(&Observation::Gap { from: at(7.0), to: at(60.0) }, &mut out);
    assert_eq!(out.drain().count(), 1);
    // Nothing from before the gap is looked back to.
    let after = DriveLine::new(4.0).from(at(60.0)).accelerate(-4.0, 1.0).steady(5.0);
    after.feed(&mut detector, &mut out);
    let decisions: Vec<_> = out.drain().collect();
    let [Decision::Dismissal(dismissal)] = &decisions[..] else { panic!("{decisions:?}") };
    assert!(matches!(dismissal.reasons[0], Reason::TooSlow { speed_mps, .. } if speed_mps <= 4.0));
}

#[test]
fn a_moment_without_acceleration_ends_it() {
    let mut drive = pulse(25.0, -4.5, 1.2);
    judge(braking(), &drive).event();
    let blind = |t: Timestamp| (0.5..0.7).contains(&t.s_since(at(5.0)));
    drive.each(|m| m.accel_forward_mps2 = m.accel_forward_mps2.filter(|_| !blind(m.t)));
    assert!(judge(braking(), &drive).events.is_empty());
}

#[test]
fn a_sudden_braking_is_surer_and_says_so() {
    let sudden = judge(braking(), &pulse(20.0, -4.5, 1.5).seen_by_gnss(|_| None));
    let mut slow = DriveLine::new(20.0).steady(5.0);
    for step in 1..=9 {
        slow = slow.accelerate(-0.5 * f64::from(step), 0.1);
    }
    let slow = judge(braking(), &slow.accelerate(-4.5, 1.0).steady(5.0).seen_by_gnss(|_| None));
    assert!(sudden.event().confidence > slow.event().confidence + 0.03);
    let is_said = |said: &Said| said.event().reasons.iter().any(|r| matches!(r, Reason::CriticalJerk { .. }));
    assert!(is_said(&sudden) && !is_said(&slow));
}
