use std::{string::String, vec::Vec};

use proptest::prelude::*;

use super::*;
use crate::{
    detect::testing::decided,
    event::{Detail, Dismissal, Reason},
};

const LAT_M: f64 = 111_200.0;

fn circle(name: &str, north_m: f64, radius_m: f64) -> PlaceConfig {
    PlaceConfig {
        name: String::from(name),
        lat: Some(48.0 + north_m / LAT_M),
        lon: Some(11.0),
        radius_m: Some(radius_m),
        ..PlaceConfig::default()
    }
}

/// A band across the way, `from..to` metres north.
fn band(name: &str, from: f64, to: f64) -> PlaceConfig {
    let corner = |north: f64, lon: f64| [48.0 + north / LAT_M, lon];
    let polygon = [corner(from, 10.99), corner(from, 11.01), corner(to, 11.01), corner(to, 10.99)];
    PlaceConfig { name: String::from(name), polygon: Some(polygon.to_vec()), ..PlaceConfig::default() }
}

fn fix(t_s: f64, north_m: f64, hacc_m: f64) -> Fix {
    Fix {
        t: Timestamp::default().plus_s(t_s),
        position: Some(Position { lat_deg: 48.0 + north_m / LAT_M, lon_deg: 11.0 }),
        hacc_m: Some(hacc_m),
        speed_mps: None,
        sacc_mps: None,
        course_rad: None,
    }
}

fn judge_by(
    rules: &PlaceRulesConfig,
    places: &[PlaceConfig],
    fixes: impl IntoIterator<Item = Fix>,
) -> (Vec<Event>, Vec<Dismissal>) {
    let mut detector = Places::new(rules, places);
    let (mut out, mut t) = (Outbox::default(), Timestamp::default());
    for fix in fixes {
        t = fix.t;
        detector.observe(&Observation::Fix(&fix), &mut out);
    }
    detector.observe(&Observation::End(t), &mut out);
    decided(&mut out)
}

fn judge(places: &[PlaceConfig], fixes: impl IntoIterator<Item = Fix>) -> Vec<Event> {
    judge_by(&PlaceRulesConfig::default(), places, fixes).0
}

/// `(t, north)` with an accuracy of 5 m.
fn way(points: &[(f64, f64)]) -> Vec<Fix> {
    points.iter().map(|&(t, north)| fix(t, north, 5.0)).collect()
}

#[track_caller]
fn expect(events: &[Event], expected: &[(EventKind, &str, f64)]) {
    let found: Vec<_> = events
        .iter()
        .map(|event| {
            let Detail::Place { place } = &event.detail else { panic!("{event:?}") };
            (event.kind(), place.as_str(), event.start.s_since(Timestamp::default()))
        })
        .collect();
    let same = found.len() == expected.len()
        && found.iter().zip(expected).all(|(a, b)| a.0 == b.0 && a.1 == b.1 && (a.2 - b.2).abs() < 0.11);
    assert!(same, "found {found:?}, expected {expected:?}");
}

use EventKind::{PlaceArrive, PlaceLeave};

fn every_second(from_s: i32, to_s: i32, north: impl Fn(f64) -> f64) -> Vec<Fix> {
    (from_s..to_s).map(|t| fix(f64::from(t), north(f64::from(t)), 5.0)).collect()
}

#[test]
fn nested_places_each_in_their_turn() {
    let places = [circle("outer", 700.0, 500.0), circle("inner", 700.0, 100.0)];
    let events = judge(&places, every_second(0, 130, |t| 12.0 * t));
    expect(
        &events,
        &[
            (PlaceArrive, "outer", 200.0 / 12.0),
            (PlaceArrive, "inner", 600.0 / 12.0),
            (PlaceLeave, "inner", 800.0 / 12.0),
            (PlaceLeave, "outer", 1200.0 / 12.0),
        ],
    );
    assert!(matches!(events[0].reasons[..], [Reason::ErrorCircle { .. }]));
}

#[test]
fn neighbours_are_left_before_the_next_is_reached() {
    for accuracy in [3.0, 30.0, 60.0] {
        let fixes = every_second(0, 100, |t| 10.0 * t + 3.0);
        let fixes = fixes.into_iter().map(|it| Fix { hacc_m: Some(accuracy), ..it });
        let events = judge(&[band("second", 500.0, 800.0), band("first", 200.0, 500.0)], fixes);
        expect(
            &events,
            &[
                (PlaceArrive, "first", 19.7),
                (PlaceLeave, "first", 49.7),
                (PlaceArrive, "second", 49.7),
                (PlaceLeave, "second", 79.7),
            ],
        );
    }
}

#[test]
fn inside_from_the_beginning() {
    let mut fixes = every_second(0, 200, |_| 10.0);
    expect(&judge(&[circle("yard", 0.0, 100.0)], fixes.clone()), &[(PlaceArrive, "yard", 0.0)]);
    // A fix with kilometre accuracy, and one that lies about it, change nothing.
    fixes[100] = fix(100.0, 3000.0, 1414.0);
    fixes[150] = fix(150.0, 3000.0, 5.0);
    let (events, dismissals) = judge_by(&PlaceRulesConfig::default(), &[circle("yard", 0.0, 100.0)], fixes);
    expect(&events, &[(PlaceArrive, "yard", 0.0)]);
    assert!(matches!(dismissals[..], [Dismissal { kind: PlaceLeave, .. }]), "{dismissals:?}");
}

#[test]
fn one_lying_fix_never_arrives() {
    let mut fixes = every_second(0, 200, |_| 500.0);
    fixes[100] = fix(100.0, 0.0, 5.0);
    let (events, dismissals) = judge_by(&PlaceRulesConfig::default(), &[circle("yard", 0.0, 100.0)], fixes);
    assert!(events.is_empty(), "{events:?}");
    assert!(matches!(dismissals[..], [Dismissal { kind: PlaceArrive, .. }]), "{dismissals:?}");
    // Nor does one that lies beyond the place, so that the line there and back crosses it.
    let mut fixes: Vec<_> = (0..20).map(|i| fix(15.0 * f64::from(i), 300.0, 5.0)).collect();
    fixes[10] = fix(150.0, -300.0, 5.0);
    let (events, dismissals) = judge_by(&PlaceRulesConfig::default(), &[circle("yard", 0.0, 100.0)], fixes);
    assert!(events.is_empty(), "{events:?}");
    assert!(dismissals.iter().any(|it| it.reasons.contains(&Reason::CrossedBetweenFixes)));
}

#[test]
fn only_the_whole_error_circle_leaves() {
    let yard = [circle("yard", 0.0, 100.0)];
    let wander = |t: f64| 60.0 * libm::sin(t) + 60.0;
    let fixes = every_second(0, 300, wander).into_iter().map(|it| Fix { hacc_m: Some(30.0), ..it });
    expect(&judge(&yard, fixes), &[(PlaceArrive, "yard", 0.0)]);
}

#[test]
fn a_place_smaller_than_the_error_can_be_reached_and_left() {
    let fixes: Vec<_> = [(0.0, 300.0), (10.0, 150.0), (20.0, 5.0)]
        .into_iter()
        .chain((3..10).map(|i| (10.0 * f64::from(i), 5.0)))
        .chain([(100.0, 150.0), (110.0, 300.0), (120.0, 450.0)])
        .map(|(t, north)| fix(t, north, 40.0))
        .collect();
    let events = judge(&[circle("gate", 0.0, 15.0)], fixes);
    expect(&events, &[(PlaceArrive, "gate", 19.3), (PlaceLeave, "gate", 90.7)]);
    // A fix good to 150 m cannot tell that it is at the gate.
    let vague = (0..10).map(|i| fix(10.0 * f64::from(i), 5.0, 150.0));
    assert!(judge(&[circle("gate", 0.0, 15.0)], vague).is_empty());
}

#[test]
fn a_place_between_two_fixes_is_passed() {
    let fixes: Vec<_> = (0..10).map(|i| fix(15.0 * f64::from(i), 375.0 * f64::from(i), 5.0)).collect();
    let events = judge(&[circle("gate", 1690.0, 100.0)], fixes.clone());
    expect(&events, &[(PlaceArrive, "gate", 63.6), (PlaceLeave, "gate", 71.6)]);
    assert!(events.iter().all(|it| it.reasons[0] == Reason::CrossedBetweenFixes));
    // With one fix inside, on the way.
    let events = judge(&[circle("gate", 1500.0, 120.0)], fixes.clone());
    expect(&events, &[(PlaceArrive, "gate", 55.2), (PlaceLeave, "gate", 64.8)]);
    // Never one without the other: too short a visit, or nobody knows any more.
    let brief = PlaceRulesConfig { min_dwell_s: 30.0, ..Default::default() };
    let (events, dismissals) = judge_by(&brief, &[circle("gate", 1690.0, 100.0)], fixes.clone());
    assert!(events.is_empty() && matches!(dismissals[0].reasons[0], Reason::TooBrief { .. }));
    assert!(judge(&[circle("gate", 1690.0, 100.0)], fixes[..6].to_vec()).is_empty());
    // Fixes too far apart say nothing about the way between them.
    let sparse = (0..10).map(|i| fix(90.0 * f64::from(i), 375.0 * f64::from(i), 5.0));
    assert!(judge(&[circle("gate", 1690.0, 100.0)], sparse).is_empty());
    // Grazed by less than the fixes' error.
    let vague = fixes.into_iter().map(|it| Fix { hacc_m: Some(120.0), ..it });
    assert!(judge(&[circle("gate", 1690.0, 100.0)], vague).is_empty());
}

#[test]
fn a_stay_shorter_than_the_dwell_is_not_reported() {
    let rules = PlaceRulesConfig { min_dwell_s: 60.0, ..Default::default() };
    let short = way(&[
        (0.0, 300.0),
        (10.0, 200.0),
        (20.0, 0.0),
        (30.0, 0.0),
        (40.0, 0.0),
        (50.0, 200.0),
        (60.0, 300.0),
        (70.0, 400.0),
    ]);
    assert!(judge_by(&rules, &[circle("shop", 0.0, 100.0)], short).0.is_empty());
    let mut long = every_second(0, 20, |t| 400.0 - 20.0 * t);
    long.extend(every_second(20, 120, |_| 0.0));
    long.extend(every_second(120, 150, |t| 20.0 * (t - 120.0)));
    let events = judge_by(&rules, &[circle("shop", 0.0, 100.0)], long).0;
    expect(&events, &[(PlaceArrive, "shop", 15.0), (PlaceLeave, "shop", 125.0)]);
}

#[test]
fn across_the_date_line() {
    let at = |lon_deg: f64| Position { lat_deg: -16.8, lon_deg };
    let polygon = [[-16.81, 179.99], [-16.81, -179.99], [-16.79, -179.99], [-16.79, 179.99]];
    let mut backward = polygon;
    backward.reverse();
    for corners in [polygon, backward] {
        let place =
            PlaceConfig { name: String::from("Taveuni"), polygon: Some(corners.to_vec()), ..Default::default() };
        let fixes = (0..100).map(|i| {
            let lon = 179.98 + 0.0004 * f64::from(i);
            Fix { position: Some(at(crate::geo::wrap_deg(lon))), ..fix(2.0 * f64::from(i), 0.0, 5.0) }
        });
        expect(&judge(&[place], fixes), &[(PlaceArrive, "Taveuni", 50.0), (PlaceLeave, "Taveuni", 150.0)]);
    }
}

#[test]
fn after_a_night_without_fixes() {
    let mut fixes = every_second(0, 20, |_| 0.0);
    fixes.extend(every_second(30_000, 30_020, |_| 5000.0));
    expect(&judge(&[circle("home", 0.0, 100.0)], fixes), &[(PlaceArrive, "home", 0.0), (PlaceLeave, "home", 30_000.0)]);
}

proptest! {
    /// Whatever the fixes: arrivals and leaves alternate, beginning with an arrival, and go forward in time.
    #[test]
    fn arrivals_and_leaves_alternate(
        points in prop::collection::vec((1_u8..100, -400.0_f64..400.0, 1.0_f64..300.0), 0..80),
        dwell in prop_oneof![Just(0.0), 0.0_f64..60.0],
        confirm in 0_u32..4,
    ) {
        let rules = PlaceRulesConfig { min_dwell_s: dwell, confirm_fixes: confirm, ..Default::default() };
        let mut t = 0.0;
        let fixes: Vec<_> = points.iter().map(|&(dt, north, hacc)| { t += f64::from(dt) * 0.5; fix(t, north, hacc) }).collect();
        let (events, _) = judge_by(&rules, &[circle("gate", 0.0, 120.0)], fixes);
        for (i, event) in events.iter().enumerate() {
            prop_assert_eq!(event.kind(), if i % 2 == 0 { PlaceArrive } else { PlaceLeave });
        }
        prop_assert!(events.is_sorted_by_key(|event| event.start), "{:?}", events);
    }
}
