use std::vec::Vec;

use super::*;
use crate::{
    detect::testing::decided,
    event::{TransportMode, TripCounts},
    sample::HintSample,
};

const LAT_M: f64 = 111_200.0;

/// A vehicle on a straight way north, seen at 10 Hz with a fix every second.
struct Bench {
    trip: Trip,
    out: Outbox,
    tick: i64,
    north_m: f64,
    hacc_m: f64,
    /// The phone lies still, whatever the speed says.
    parked: bool,
    no_positions: bool,
    yaw_rate: Option<f64>,
    /// Steps a second, when somebody carries it on foot.
    steps_hz: Option<f64>,
    /// How it is shaken in the mean, m/s².
    shake: f64,
}

impl Bench {
    fn new() -> Self {
        Self::of(Profile::Car)
    }

    fn of(profile: Profile) -> Self {
        let trip = Trip::new(&TripConfig::default(), profile);
        Self {
            trip,
            out: Outbox::default(),
            tick: 0,
            north_m: 0.0,
            hacc_m: 4.0,
            parked: false,
            no_positions: false,
            yaw_rate: None,
            steps_hz: None,
            shake: 0.0,
        }
    }

    fn t(&self) -> Timestamp {
        Timestamp::from_ns(self.tick * 100_000_000)
    }

    fn now_s(&self) -> f64 {
        self.t().s_since(Timestamp::default())
    }

    fn step(&mut self, seen: Option<f64>, moves: f64) {
        let position = Position { lat_deg: 48.0 + self.north_m / LAT_M, lon_deg: 11.0 };
        let position = (!self.no_positions).then_some(position);
        if self.tick % 10 == 0 {
            let fix = Fix {
                t: self.t(),
                position,
                hacc_m: Some(self.hacc_m),
                speed_mps: seen,
                sacc_mps: None,
                course_rad: None,
            };
            self.trip.observe(&Observation::Fix(&fix), &mut self.out);
        }
        let shaken = if self.tick % 3 == 0 { 1.5 * self.shake } else { -0.75 * self.shake };
        let up = |hz: f64| 2.5 * libm::sin(core::f64::consts::TAU * hz * self.now_s());
        let motion = Motion {
            speed_mps: seen,
            speed_sigma_mps: seen.map(|_| 0.2),
            position: position.filter(|_| seen.is_some()),
            gnss_speed_mps: seen,
            accelerometer: true,
            yaw_rate_radps: self.yaw_rate,
            accel_up_mps2: Some(self.steps_hz.map_or(shaken, up)),
            ..Motion::unknown(self.t())
        };
        self.trip.observe(&Observation::Motion(&motion), &mut self.out);
        self.tick += 1;
        if !self.parked {
            self.north_m += 0.1 * moves;
        }
    }

    fn drive(&mut self, seconds: f64, mps: f64) -> &mut Self {
        self.vary(seconds, |_| mps)
    }

    fn vary(&mut self, seconds: f64, mps: impl Fn(f64) -> f64) -> &mut Self {
        let from = self.now_s();
        while self.now_s() < from + seconds - 0.05 {
            let speed = mps(self.now_s() - from);
            self.step(Some(speed), speed);
        }
        self
    }

    /// Samples come, but nobody knows the speed.
    fn blind(&mut self, seconds: f64, mps: f64) -> &mut Self {
        let from = self.now_s();
        while self.now_s() < from + seconds - 0.05 {
            self.step(None, mps);
        }
        self
    }

    fn gap(&mut self, seconds: i64, mps: f64) -> &mut Self {
        let from = Timestamp::from_ns((self.tick - 1) * 100_000_000);
        self.tick += 10 * seconds;
        for _ in 0..10 * seconds {
            self.north_m += 0.1 * mps;
        }
        let to = self.t();
        self.trip.observe(&Observation::Gap { from, to }, &mut self.out);
        self
    }

    fn hint(&mut self, hint: Hint) -> &mut Self {
        self.trip.observe(&Observation::Hint(&HintSample { t: self.t(), hint }), &mut self.out);
        self
    }

    fn events(&mut self) -> Vec<Event> {
        self.decisions().0
    }

    fn decisions(&mut self) -> (Vec<Event>, Vec<Dismissal>) {
        decided(&mut self.out)
    }

    fn end(&mut self) -> Vec<Event> {
        let t = Timestamp::from_ns((self.tick - 1) * 100_000_000);
        self.trip.observe(&Observation::End(t), &mut self.out);
        self.events()
    }
}

/// Kinds and start times in seconds.
#[track_caller]
fn expect(events: &[Event], expected: &[(EventKind, f64)]) {
    let found: Vec<_> = events.iter().map(|it| (it.kind(), it.start.s_since(Timestamp::default()))).collect();
    let same = found.len() == expected.len()
        && found.iter().zip(expected).all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() <= 0.51);
    assert!(same, "found {found:?}, expected {expected:?}");
}

#[track_caller]
fn expect_way(event: &Event, distance: f64, tolerance: f64) {
    let Detail::Trip { distance_m, duration_s, .. } = event.detail else { panic!("{event:?}") };
    assert!((distance_m - distance).abs() <= tolerance, "{distance_m} m, expected {distance} m");
    assert!(duration_s > 0.0);
}

use EventKind::{TripEnd, TripStart};

#[test]
fn a_drive_is_dated_by_its_movement() {
    let mut bench = Bench::new();
    bench.drive(30.0, 0.0).vary(10.0, |t| 1.2 * t).drive(100.0, 12.0).vary(6.0, |t| 12.0 - 2.0 * t).drive(299.0, 0.0);
    expect(&bench.events(), &[(TripStart, 30.5)]);
    assert!(bench.trip.is_open());
    bench.drive(10.0, 0.0);
    let events = bench.events();
    expect(&events, &[(TripEnd, 145.7)]);
    assert!(matches!(events[0].reasons[..], [Reason::Stopped { held_s }] if held_s > 290.0));
    expect_way(&events[0], 60.0 + 1200.0 + 36.0, 3.0);
    assert!(events[0].position.is_some() && !bench.trip.is_open());
    assert!(bench.drive(1000.0, 0.0).end().is_empty());
}

#[test]
fn a_wild_fix_before_it_does_not_date_it_back_and_reversing_out_does() {
    let start_s = |first_s: f64, first_mps: f64| {
        let mut bench = Bench::new();
        let events = bench.drive(20.0, 0.0).drive(first_s, first_mps).drive(2.0, 0.0).drive(60.0, 10.0).end();
        events[0].start.s_since(Timestamp::default())
    };
    assert!((start_s(1.8, 3.0) - 23.8).abs() < 0.2);
    assert!((start_s(6.0, 1.5) - 20.0).abs() < 0.2);
}

#[test]
fn the_first_light_and_a_long_light_belong_to_the_drive() {
    let mut bench = Bench::new();
    bench.drive(20.0, 0.0).drive(8.0, 5.0).drive(40.0, 0.0).drive(60.0, 12.0).drive(240.0, 0.0).drive(60.0, 12.0);
    expect(&bench.events(), &[(TripStart, 20.0)]);
    bench.drive(310.0, 0.0);
    expect(&bench.events(), &[(TripEnd, 428.0)]);
}

#[test]
fn brief_or_slow_movement_is_no_drive() {
    let mut bench = Bench::new();
    bench.drive(20.0, 0.0).drive(9.0, 5.0).drive(100.0, 0.0).drive(600.0, 1.4).drive(100.0, 0.0);
    let (events, dismissals) = bench.decisions();
    assert!(events.is_empty());
    assert!(
        matches!(dismissals[..], [Dismissal { ref reasons, .. }] if matches!(reasons[..], [Reason::SpeedBeyond { .. }]))
    );
    assert!(bench.end().is_empty());
}

#[test]
fn a_parked_phone_that_reports_speed_starts_nothing() {
    let mut bench = Bench::new();
    (bench.parked, bench.hacc_m) = (true, 40.0);
    bench.vary(600.0, |t| 2.0 + 1.5 * libm::sin(t)).drive(30.0, 3.0).drive(10.0, 0.0);
    let (events, dismissals) = bench.decisions();
    assert!(events.is_empty(), "{events:?}");
    assert!(dismissals.iter().any(|it| matches!(it.reasons[..], [Reason::PositionsDisagree { .. }])));
}

#[test]
fn noise_after_parking_neither_prolongs_nor_postdates() {
    let mut bench = Bench::new();
    bench.drive(10.0, 0.0).drive(120.0, 12.0);
    bench.parked = true;
    bench.vary(400.0, |t| if t % 20.0 > 18.0 { 2.8 } else { 0.3 });
    let events = bench.events();
    let [_, end] = &events[..] else { panic!("{events:?}") };
    assert!(end.start.s_since(Timestamp::default()) < 130.0 + MANOEUVRE_S);
}

#[test]
fn hints_speed_both_up() {
    let mut bench = Bench::new();
    bench.hint(Hint::Car(true)).drive(10.0, 0.0).drive(5.0, 6.0);
    let events = bench.events();
    expect(&events, &[(TripStart, 10.0)]);
    assert!(events[0].reasons.contains(&Reason::HostHint));
    bench.drive(60.0, 12.0).drive(5.0, 0.0).hint(Hint::Car(false)).drive(56.0, 0.0);
    let events = bench.events();
    expect(&events, &[(TripEnd, 75.0)]);
    assert!(events[0].reasons.contains(&Reason::HostHint));
    // A car that was never there says nothing by being off.
    let mut bench = Bench::new();
    bench.hint(Hint::Car(false)).drive(60.0, 12.0).drive(120.0, 0.0).drive(60.0, 12.0);
    expect(&bench.events(), &[(TripStart, 0.0)]);
}

#[test]
fn walking_to_the_car_is_not_driving() {
    let mut bench = Bench::new();
    bench
        .hint(Hint::Activity(Activity::Walking))
        .drive(120.0, 1.5)
        .hint(Hint::Activity(Activity::Automotive))
        .drive(60.0, 10.0);
    expect(&bench.events(), &[(TripStart, 120.0)]);
    bench.drive(10.0, 0.0).hint(Hint::Activity(Activity::Walking)).drive(120.0, 1.5);
    expect(&bench.events(), &[(TripEnd, 180.0)]);
}

#[test]
fn on_a_bicycle_nothing_starts_unless_the_speed_speaks() {
    let mut bench = Bench::new();
    bench.hint(Hint::Activity(Activity::Cycling)).drive(300.0, 7.0).drive(10.0, 0.0);
    let (events, dismissals) = bench.decisions();
    assert!(events.is_empty());
    assert_eq!(dismissals[0].reasons, [Reason::NonVehicle]);
    bench.drive(30.0, 20.0);
    assert_eq!(bench.events().len(), 1);
}

#[test]
fn a_ride_that_proves_to_be_none_is_revoked() {
    let mut bench = Bench::new();
    bench.drive(15.0, 6.0).hint(Hint::Activity(Activity::Cycling)).drive(300.0, 7.0).drive(70.0, 0.0);
    let events = bench.events();
    assert!(
        matches!(&events[..], [start, revoked] if start.id == revoked.id
        && revoked.phase == Phase::Revoked && revoked.reasons[0] == Reason::NotADrive { mode: TransportMode::Bicycle }),
        "{events:?}"
    );
    // The same on a car's way, with a walk after it.
    let mut bench = Bench::new();
    bench.drive(300.0, 7.0).drive(10.0, 0.0).hint(Hint::Activity(Activity::Walking)).drive(70.0, 1.4);
    expect(&bench.events(), &[(TripStart, 0.0), (TripEnd, 300.0)]);
}

#[test]
fn its_end_tells_what_happened_on_the_way() {
    let mut bench = Bench::new();
    let braking = |bench: &mut Bench| {
        let t = bench.t();
        bench.out.report(Event::new(EventKind::HardBraking, t, t));
    };
    braking(&mut bench); // before it moves
    bench.drive(10.0, 0.0).drive(5.0, 12.0);
    braking(&mut bench); // before anybody knows that it is a trip
    bench.drive(495.0, 20.0);
    let t = bench.t();
    bench.out.report(Event::new(EventKind::Speeding, t.plus_s(-120.0), t));
    let events = bench.end();
    let last = events.last().unwrap();
    let Detail::Trip { distance_m, duration_s, mean_speed_mps, max_speed_mps, counts, score } = last.detail else {
        panic!("{last:?}")
    };
    assert!((max_speed_mps - 20.0).abs() < 1e-9 && (mean_speed_mps - distance_m / duration_s).abs() < 1e-9);
    let expected = TripCounts { hard_braking: 1, speeding: 1, over_limit_s: 120.0, ..TripCounts::default() };
    assert_eq!(counts, expected);
    let way_km = 10.0 + distance_m / 1e3;
    assert!((score - 100.0 * way_km / (way_km + 3.0 + 2.0)).abs() < 1e-9);
    assert!((TripCounts::default().score(5e3) - 100.0).abs() < 1e-12);
}

/// Between halts: speeding up, running, and braking by `rate`, m/s².
fn runs(bench: &mut Bench, count: usize, top: f64, rate: f64, for_s: f64) {
    for _ in 0..count {
        let ramp_s = top / rate;
        bench.vary(ramp_s, |t| rate * t).drive(for_s, top).vary(ramp_s, |t| top - rate * t).drive(20.0, 0.0);
    }
}

fn mode_of(bench: &mut Bench) -> Option<TransportMode> {
    let events = bench.end();
    let last = events.last().expect("a trip");
    match last.reasons[0] {
        Reason::NotADrive { mode } => {
            assert_eq!((last.kind(), last.phase, last.id), (TripStart, Phase::Revoked, events[0].id));
            Some(mode)
        }
        _ => None,
    }
}

#[test]
fn what_runs_smoothly_between_halts_and_never_turns_as_streets_do_is_on_rails() {
    let ride = |top: f64, rate: f64, yaw_rate: Option<f64>| {
        let mut bench = Bench::new();
        bench.yaw_rate = yaw_rate;
        runs(&mut bench, 3, top, rate, 60.0);
        mode_of(&mut bench)
    };
    assert_eq!(ride(35.0, 0.7, Some(0.01)), Some(TransportMode::Train));
    assert_eq!(ride(15.0, 1.1, Some(0.03)), Some(TransportMode::Tram));
    assert_eq!(ride(15.0, 2.0, Some(0.03)), None, "braking as drivers do");
    assert_eq!(ride(15.0, 1.1, None), None, "nobody knows how it turned");
    // A bend of 90° at a crossing.
    let mut bench = Bench::new();
    bench.yaw_rate = Some(0.0);
    runs(&mut bench, 3, 15.0, 1.1, 60.0);
    bench.vary(8.0, |t| t);
    bench.yaw_rate = Some(0.3);
    bench.drive(5.0, 8.0);
    assert_eq!(mode_of(&mut bench), None);
    // A motorway, from the middle of one to the middle of it.
    let mut bench = Bench::new();
    bench.yaw_rate = Some(0.0);
    bench.drive(600.0, 28.0);
    assert_eq!(mode_of(&mut bench), None);
}

#[test]
fn who_halts_and_halts_so_that_people_can_stand_may_be_in_a_bus() {
    let said = |count: usize, rate: f64, for_s: f64, hint: Option<Hint>| {
        let mut bench = Bench::new();
        if let Some(hint) = hint {
            bench.hint(hint);
        }
        bench.yaw_rate = Some(0.0);
        runs(&mut bench, count, 12.0, rate, for_s);
        // Round a corner at last.
        bench.vary(6.0 / rate, |t| rate * t);
        bench.yaw_rate = Some(0.3);
        bench.drive(5.0, 6.0).vary(6.0 / rate, |t| 6.0 - rate * t);
        let events = bench.end();
        let last = events.last().expect("a trip");
        assert_eq!(last.kind(), TripEnd, "it is a trip all the same");
        last.reasons.contains(&Reason::DrivenAs { mode: TransportMode::Bus })
    };
    assert!(said(7, 1.2, 20.0, None));
    assert!(!said(4, 1.2, 20.0, None), "too seldom to say");
    assert!(!said(7, 2.0, 20.0, None), "nobody stands in that");
    assert!(!said(7, 1.2, 90.0, None), "a kilometre between halts");
    assert!(!said(7, 1.2, 20.0, Some(Hint::Car(true))), "the car says that it is one");
}

#[test]
fn nobody_drives_as_fast_as_trains_and_aircraft() {
    for (top, mode) in [(85.0, TransportMode::Train), (220.0, TransportMode::Aircraft)] {
        let mut bench = Bench::new();
        bench.drive(30.0, 0.0).vary(top / 2.0, |t| 2.0 * t).drive(300.0, top);
        assert_eq!(mode_of(&mut bench), Some(mode));
    }
    let mut bench = Bench::new();
    bench.drive(600.0, 60.0);
    assert_eq!(mode_of(&mut bench), None, "an autobahn");
}

#[test]
fn steps_start_no_trip_and_revoke_one_that_has_started() {
    let mut bench = Bench::new();
    bench.steps_hz = Some(2.7);
    bench.drive(300.0, 3.2).drive(10.0, 0.0);
    let (events, dismissals) = bench.decisions();
    assert!(events.is_empty());
    assert_eq!(dismissals[0].reasons, [Reason::NonVehicle]);

    for (hz, mps, mode) in [(2.7, 3.5, TransportMode::Running), (1.2, 6.0, TransportMode::Bicycle)] {
        let mut bench = Bench::new();
        bench.drive(20.0, mps); // before any rhythm shows
        bench.steps_hz = Some(hz);
        bench.drive(300.0, mps);
        assert_eq!(mode_of(&mut bench), Some(mode));
    }
    // A passenger who dances is in a car all the same.
    let mut bench = Bench::new();
    bench.drive(20.0, 15.0);
    bench.steps_hz = Some(2.0);
    bench.drive(300.0, 15.0);
    assert_eq!(mode_of(&mut bench), None);
}

#[test]
fn who_rolls_on_slowly_and_is_shaken_is_on_a_bicycle() {
    let ride = |shake: f64, mps: f64, rolls_s: [f64; 3]| {
        let mut bench = Bench::new();
        bench.shake = shake;
        for for_s in [rolls_s, rolls_s].concat() {
            bench.drive(for_s, mps).drive(10.0, 0.0);
        }
        mode_of(&mut bench)
    };
    assert_eq!(ride(0.8, 6.0, [90.0; 3]), Some(TransportMode::Bicycle));
    assert_eq!(ride(0.25, 6.0, [90.0; 3]), None, "a car that looks for a place to park");
    assert_eq!(ride(0.8, 6.0, [40.0; 3]), None, "a jam on cobbles");
    assert_eq!(ride(0.8, 6.0, [50.0, 50.0, 70.0]), Some(TransportMode::Bicycle), "a town full of lights");
    assert_eq!(ride(0.42, 6.0, [50.0, 50.0, 70.0]), None, "not shaken enough for that");
    assert_eq!(ride(0.8, 11.0, [90.0; 3]), None, "cobbles");
}

#[test]
fn who_is_slow_and_shaken_and_wobbles_is_on_a_bicycle() {
    let ride = |shake: f64, wobble: f64, bump: f64| {
        let mut bench = Bench::new();
        for _ in 0..6 {
            for second in 0..40 {
                bench.shake = if second % 20 == 0 { bump } else { shake };
                for tenth in 0..10 {
                    // One turn of the pedals a second.
                    bench.yaw_rate = Some(wobble * libm::sin(0.1 * f64::from(tenth) * core::f64::consts::TAU));
                    bench.drive(0.1, 5.0);
                }
            }
            bench.drive(10.0, 0.0);
        }
        mode_of(&mut bench)
    };
    assert_eq!(ride(0.35, 0.2, 0.35), Some(TransportMode::Bicycle));
    assert_eq!(ride(0.8, 0.1, 0.8), None, "a car on cobbles, in a jam, in a holder that swings");
    assert_eq!(ride(0.2, 0.2, 0.2), None, "a phone that rocks in its holder");
    assert_eq!(ride(0.2, 0.2, 1.8), None, "… and speed bumps");
}

#[test]
fn who_says_what_is_driven_is_believed() {
    let slow_and_shaken = |bench: &mut Bench| {
        bench.shake = 0.8;
        bench.drive(400.0, 6.0);
        mode_of(bench)
    };
    assert_eq!(slow_and_shaken(&mut Bench::new()), Some(TransportMode::Bicycle));
    assert_eq!(slow_and_shaken(Bench::new().hint(Hint::Car(true))), None, "the car's own word");
    for profile in [Profile::Heavy, Profile::Motorcycle] {
        assert_eq!(slow_and_shaken(&mut Bench::of(profile)), None, "{profile:?}");
    }
}

#[test]
fn a_walk_to_the_car_is_told_by_its_steps() {
    let mut bench = Bench::new();
    bench.steps_hz = Some(1.8);
    bench.drive(120.0, 1.5);
    bench.steps_hz = None;
    bench.drive(60.0, 10.0);
    let events = bench.events();
    assert!((events[0].start.s_since(Timestamp::default()) - 120.0).abs() < 7.0, "{events:?}");
}

#[test]
fn a_long_gap_splits_and_a_short_one_does_not() {
    let mut bench = Bench::new();
    bench.drive(10.0, 0.0).drive(290.0, 12.0).gap(7200, 1.0);
    let events = bench.events();
    expect(&events, &[(TripStart, 10.0), (TripEnd, 299.9)]);
    assert!(matches!(events[1].reasons[..], [Reason::DataGap { gap_s }] if gap_s > 7199.0));
    expect_way(&events[1], 290.0 * 12.0, 5.0);
    bench.drive(10.0, 0.0).drive(100.0, 12.0).gap(120, 12.0).drive(100.0, 12.0);
    let events = bench.end();
    expect(&events, &[(TripStart, 7510.0), (TripEnd, 7829.9)]);
    assert_eq!(events[1].reasons, [Reason::EndOfInput]);
    expect_way(&events[1], 320.0 * 12.0, 10.0);
}

#[test]
fn a_trip_that_had_come_to_rest_ends_there() {
    let mut bench = Bench::new();
    bench.drive(100.0, 12.0).drive(120.0, 0.0).gap(700, 0.0);
    expect(&bench.events(), &[(TripStart, 0.0), (TripEnd, 100.0)]);
    let mut bench = Bench::new();
    expect(&bench.drive(100.0, 12.0).drive(120.0, 0.0).end(), &[(TripStart, 0.0), (TripEnd, 100.0)]);
}

#[test]
fn a_speed_not_known_is_filled_in_by_the_way() {
    for seconds in [3.0, 60.0, 400.0] {
        let mut bench = Bench::new();
        bench.drive(100.0, 12.0).blind(seconds, 12.0).drive(100.0, 12.0);
        let events = bench.end();
        expect(&events, &[(TripStart, 0.0), (TripEnd, 199.9 + seconds)]);
        expect_way(&events[1], (200.0 + seconds) * 12.0, 0.01 * 200.0 * 12.0);
    }
    // Nobody knows anything for ever: the trip does not stay open.
    let mut bench = Bench::new();
    bench.no_positions = true;
    bench.drive(100.0, 12.0).blind(700.0, 0.0);
    let events = bench.events();
    expect(&events, &[(TripStart, 0.0), (TripEnd, 99.9)]);
    assert!(matches!(events[1].reasons[..], [Reason::DataGap { .. }]));
}

#[test]
fn flickering_knowledge_keeps_no_trip_open() {
    let mut bench = Bench::new();
    bench.drive(100.0, 12.0);
    for _ in 0..20 {
        bench.drive(40.0, 0.0).blind(20.0, 0.0);
    }
    expect(&bench.events(), &[(TripStart, 0.0), (TripEnd, 100.0)]);
}

#[test]
fn unknown_and_never_moving_is_nothing() {
    let mut bench = Bench::new();
    bench.blind(1000.0, 0.0);
    assert!(bench.end().is_empty());
}
