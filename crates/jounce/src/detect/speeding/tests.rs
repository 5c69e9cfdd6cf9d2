use std::vec::Vec;

use super::*;
use crate::{
    detect::testing::decided,
    sample::{LimitSample, PostedLimit},
};

/// A detector fed at 10 Hz.
struct Bench {
    speeding: Speeding,
    out: Outbox,
    tick: i64,
}

fn motion(tick: i64, mps: f64) -> Motion {
    Motion {
        speed_mps: Some(mps),
        speed_sigma_mps: Some(0.2),
        gnss_speed_mps: Some(mps),
        displacement_speed_mps: Some(mps),
        inertial: true,
        accelerometer: true,
        ..Motion::unknown(Timestamp::from_ns(tick * 100_000_000))
    }
}

impl Bench {
    fn new(config: &SpeedingConfig) -> Self {
        Self { speeding: Speeding::new(config), out: Outbox::default(), tick: 0 }
    }

    fn fixed(limit_kmh: f64) -> Self {
        Self::new(&SpeedingConfig { fixed_limit_kmh: Some(limit_kmh), tolerance_kmh: Some(0.0), ..Default::default() })
    }

    fn now_s(&self) -> f64 {
        Timestamp::from_ns(self.tick * 100_000_000).s_since(Timestamp::default())
    }

    fn drive(&mut self, seconds: f64, kmh: impl Fn(f64) -> f64, change: impl Fn(&mut Motion)) -> &mut Self {
        let from = self.now_s();
        while self.now_s() < from + seconds - 0.05 {
            let mut motion = motion(self.tick, kmh(self.now_s() - from) / 3.6);
            change(&mut motion);
            self.speeding.observe(&Observation::Motion(&motion), &mut self.out);
            self.tick += 1;
        }
        self
    }

    fn steady(&mut self, seconds: f64, kmh: f64) -> &mut Self {
        self.drive(seconds, |_| kmh, |_| {})
    }

    fn post(&mut self, limit: PostedLimit) -> &mut Self {
        let t = Timestamp::from_ns(self.tick * 100_000_000);
        self.speeding.observe(&Observation::Limit(&LimitSample { t, limit }), &mut self.out);
        self
    }

    fn end(&mut self) -> (Vec<Event>, Vec<Dismissal>) {
        let t = Timestamp::from_ns(self.tick * 100_000_000);
        self.speeding.observe(&Observation::End(t), &mut self.out);
        decided(&mut self.out)
    }
}

fn kmh(value: f64) -> PostedLimit {
    PostedLimit::Limit(value / 3.6)
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}

fn start_s(event: &Event) -> f64 {
    event.start.s_since(Timestamp::default())
}

fn end_s(event: &Event) -> f64 {
    event.end.s_since(Timestamp::default())
}

#[test]
fn one_event_with_its_figures() {
    // The ramp crosses 50 km/h after 30 s + 5 s and again 5 s before its end.
    let mut bench = Bench::fixed(50.0);
    bench.steady(30.0, 45.0).drive(10.0, |t| 45.0 + t, |_| {}).steady(60.0, 55.0);
    bench.drive(10.0, |t| 55.0 - t, |_| {}).steady(30.0, 45.0);
    let (events, dismissals) = bench.end();
    assert!(dismissals.is_empty(), "{dismissals:?}");
    let [event] = &events[..] else { panic!("{events:?}") };
    close(start_s(event), 35.0, 0.11);
    // 2.5 km/h below the limit.
    close(end_s(event), 107.5, 0.11);
    let Detail::Speeding { limit_mps, limit_source, mean_speed_mps, max_speed_mps, distance_m } = event.detail else {
        panic!("{event:?}")
    };
    close(limit_mps, 50.0 / 3.6, 1e-9);
    assert_eq!(limit_source, LimitSource::Fixed);
    close(max_speed_mps, 55.0 / 3.6, 1e-9);
    close(distance_m, (5.0 * 52.5 + 60.0 * 55.0 + 7.5 * 51.25) / 3.6, 3.0);
    close(mean_speed_mps, distance_m / 72.5, 0.05);
    assert!(matches!(event.reasons[0], Reason::SpeedBeyond { needed_s, .. } if (needed_s - 10.0).abs() < 1e-9));
}

#[test]
fn within_the_tolerance_nothing_happens() {
    let config = SpeedingConfig { fixed_limit_kmh: Some(50.0), ..Default::default() };
    let (events, dismissals) = Bench::new(&config).steady(60.0, 57.5).end();
    assert!(events.is_empty() && dismissals.is_empty());
    assert_eq!(Bench::new(&config).steady(60.0, 60.0).end().0.len(), 1);
    let mph = SpeedingConfig { fixed_limit_mph: Some(30.0), tolerance_mph: Some(0.0), ..Default::default() };
    assert!(Bench::new(&mph).steady(60.0, 20.0 * 1.609_344).end().0.is_empty());
    let (events, _) = Bench::new(&mph).steady(60.0, 35.0 * 1.609_344).end();
    assert!(
        matches!(events[..], [Event { detail: Detail::Speeding { limit_mps, .. }, .. }] if (limit_mps - 13.4112).abs() < 1e-9)
    );
}

#[test]
fn swinging_about_the_limit_is_one_episode() {
    for period_s in [4.0, 10.0, 20.0, 40.0] {
        let swing = |t: f64| 50.0 + 2.0 * libm::sin(core::f64::consts::TAU * t / period_s);
        let (events, _) = Bench::fixed(50.0).drive(300.0, swing, |_| {}).end();
        assert_eq!(events.len(), 1, "period {period_s} s");
    }
}

#[test]
fn a_short_excess_is_dismissed_with_its_reason() {
    let (events, dismissals) = Bench::fixed(50.0).steady(20.0, 40.0).steady(8.0, 60.0).steady(30.0, 40.0).end();
    assert!(events.is_empty());
    let [dismissal] = &dismissals[..] else { panic!("{dismissals:?}") };
    assert!(matches!(dismissal.reasons[..], [Reason::SpeedBeyond { held_s, needed_s, .. }] if held_s < needed_s));
}

#[test]
fn a_spike_makes_no_maximum_and_no_event() {
    let mut bench = Bench::fixed(50.0);
    bench
        .steady(20.0, 40.0)
        .steady(0.5, 230.0)
        .steady(20.0, 40.0)
        .steady(15.0, 60.0)
        .steady(0.5, 230.0)
        .steady(15.0, 60.0);
    let (events, _) = bench.end();
    let [Event { detail: Detail::Speeding { max_speed_mps, .. }, .. }] = events[..] else { panic!("{events:?}") };
    close(max_speed_mps, 60.0 / 3.6, 1e-9);
}

#[test]
fn a_lower_limit_gives_a_moment_and_a_higher_one_holds_at_once() {
    let mut bench = Bench::new(&SpeedingConfig::default());
    bench.post(kmh(100.0)).steady(60.0, 100.0).post(kmh(50.0)).steady(60.0, 70.0);
    let (events, _) = bench.end();
    let [event] = &events[..] else { panic!("{events:?}") };
    close(start_s(event), 65.0, 0.11);
    assert!(matches!(event.detail, Detail::Speeding { limit_source: LimitSource::Recorded, .. }));

    let mut bench = Bench::new(&SpeedingConfig::default());
    bench.post(kmh(50.0)).steady(20.0, 50.0).steady(20.0, 70.0).post(kmh(100.0)).steady(60.0, 90.0);
    let (events, _) = bench.end();
    let [event] = &events[..] else { panic!("{events:?}") };
    close(end_s(event), 40.0, 0.11);
}

#[test]
fn each_limit_has_its_own_event() {
    let mut bench = Bench::new(&SpeedingConfig::default());
    bench.post(kmh(100.0)).steady(60.0, 115.0).post(kmh(70.0)).steady(30.0, 90.0).steady(20.0, 60.0);
    let (events, _) = bench.end();
    let limits: Vec<_> = events.iter().map(|event| &event.detail).collect();
    assert!(
        matches!(limits[..], [Detail::Speeding { limit_mps: a, max_speed_mps, .. }, Detail::Speeding { limit_mps: b, .. }]
            if (a * 3.6 - 100.0).abs() < 1e-6 && (b * 3.6 - 70.0).abs() < 1e-6 && (max_speed_mps * 3.6 - 115.0).abs() < 1e-6),
        "{events:?}"
    );
    // Braking down to the new limit a little late is no event.
    let mut bench = Bench::new(&SpeedingConfig::default());
    bench
        .post(kmh(100.0))
        .steady(60.0, 105.0)
        .post(kmh(50.0))
        .drive(9.0, |t| 105.0 - 5.0 * t, |_| {})
        .steady(60.0, 50.0);
    let (events, dismissals) = bench.end();
    assert!(events.is_empty());
    assert!(
        matches!(dismissals[..], [Dismissal { ref reasons, .. }] if reasons.iter().any(|it| matches!(it, Reason::LimitJustChanged { .. })))
    );
}

#[test]
fn unknown_is_not_judged_and_a_flicker_does_not_split() {
    let mut bench = Bench::fixed(50.0);
    bench.post(PostedLimit::Unknown).steady(60.0, 90.0);
    assert!(bench.end().0.is_empty(), "a recorded row overrides the fixed limit");
    let mut bench = Bench::new(&SpeedingConfig::default());
    bench
        .post(kmh(50.0))
        .steady(30.0, 70.0)
        .post(PostedLimit::Unknown)
        .steady(4.0, 70.0)
        .post(kmh(50.0))
        .steady(30.0, 70.0);
    assert_eq!(bench.end().0.len(), 1);
}

#[test]
fn nobody_may_drive_faster_than_the_absolute_speed() {
    for limit in [PostedLimit::NoLimit, PostedLimit::Unknown] {
        let mut bench = Bench::new(&SpeedingConfig::default());
        bench.post(limit).steady(60.0, 150.0);
        let (events, _) = bench.end();
        assert!(
            matches!(events[..], [Event { detail: Detail::Speeding { limit_source: LimitSource::Absolute, .. }, .. }]),
            "{events:?}"
        );
        let (events, _) = Bench::new(&SpeedingConfig::default()).post(limit).steady(20.0, 150.0).end();
        assert!(events.is_empty(), "20 s are too short");
    }
    // The posted event says more.
    let (events, dismissals) = Bench::fixed(100.0).steady(20.0, 80.0).steady(60.0, 150.0).steady(60.0, 90.0).end();
    assert!(
        matches!(events[..], [Event { detail: Detail::Speeding { limit_source: LimitSource::Fixed, .. }, .. }]),
        "{events:?}"
    );
    assert!(
        matches!(dismissals[..], [Dismissal { ref reasons, .. }] if reasons[0] == Reason::PartOf { kind: EventKind::Speeding })
    );
}

#[test]
fn positions_that_disagree_dismiss_it() {
    let (events, dismissals) =
        Bench::fixed(50.0).drive(60.0, |_| 87.0, |it| it.displacement_speed_mps = Some(12.5)).end();
    assert!(events.is_empty());
    assert!(matches!(dismissals[0].reasons[0], Reason::PositionsDisagree { .. }));
    let (events, _) = Bench::fixed(50.0).drive(60.0, |_| 87.0, |it| it.displacement_speed_mps = None).end();
    assert!(events[0].reasons.contains(&Reason::GnssAbsent) && events[0].confidence < CONFIRMED);
}

#[test]
fn what_is_only_estimated_or_uncertain_starts_nothing() {
    let (events, _) = Bench::fixed(50.0).drive(60.0, |_| 87.0, |it| it.estimated = true).end();
    assert!(events.is_empty());
    let (events, dismissals) = Bench::fixed(50.0).drive(60.0, |_| 53.0, |it| it.speed_sigma_mps = Some(2.0)).end();
    assert!(events.is_empty());
    assert!(matches!(dismissals[0].reasons[0], Reason::SpeedEstimated { .. }));
    // A tunnel within an episode does not end it.
    let mut bench = Bench::fixed(50.0);
    bench.steady(20.0, 87.0).drive(20.0, |_| 87.0, |it| it.estimated = true).steady(20.0, 87.0);
    let (events, _) = bench.end();
    assert!(
        matches!(&events[..], [event] if event.reasons.iter().any(|it| matches!(it, Reason::SpeedEstimated { .. })))
    );
}

#[test]
fn nothing_is_counted_across_a_gap() {
    let mut bench = Bench::fixed(50.0);
    bench.steady(20.0, 72.0);
    let from = Timestamp::from_ns(bench.tick * 100_000_000);
    bench.tick += 80;
    let to = Timestamp::from_ns(bench.tick * 100_000_000);
    bench.speeding.observe(&Observation::Gap { from, to }, &mut bench.out);
    let (events, _) = bench.steady(20.0, 72.0).end();
    let [Event { detail: Detail::Speeding { distance_m, mean_speed_mps, .. }, .. }] = events[..] else {
        panic!("{events:?}")
    };
    close(distance_m, 2.0 * 19.9 * 20.0, 1.0);
    close(mean_speed_mps, 20.0, 1e-9);
}
