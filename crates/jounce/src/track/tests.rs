use std::vec::Vec;

use super::*;
use crate::{ingest::gnss::Displacement, testing::at};

fn fix(t_s: f64, speed_mps: f64, course_deg: f64) -> TrackFix {
    TrackFix {
        stamp: at(t_s),
        speed_mps: Some(speed_mps),
        speed_sigma_mps: 0.3,
        course_rad: Some(course_deg.to_radians()),
        ..TrackFix::default()
    }
}

fn track(fixes: impl IntoIterator<Item = TrackFix>) -> Track {
    let mut track = Track::new();
    fixes.into_iter().for_each(|fix| track.push(fix));
    track
}

#[track_caller]
fn close(value: Option<f64>, expected: f64) {
    assert!(value.is_some_and(|v| (v - expected).abs() < 1e-6), "{value:?}, expected {expected}");
}

#[test]
fn speed_lies_on_the_line_between_neighbours_and_nowhere_else() {
    let track = track([fix(0.0, 10.0, 0.0), fix(1.0, 12.0, 0.0), fix(2.0, 8.0, 0.0)]);
    for (t_s, expected) in [(0.0, 10.0), (0.25, 10.5), (1.0, 12.0), (1.5, 10.0), (2.0, 8.0)] {
        close(track.speed_at(at(t_s)), expected);
    }
    assert_eq!(track.speed_at(at(-0.01)), None);
    assert_eq!(track.speed_at(at(2.01)), None);
    assert_eq!(Track::new().speed_at(at(0.0)), None);
}

#[test]
fn nothing_is_told_across_a_pause_or_an_unknown_value() {
    let unknown = TrackFix { speed_mps: None, ..fix(5.0, 0.0, 0.0) };
    let track = track([fix(0.0, 10.0, 0.0), fix(2.6, 10.0, 90.0), fix(4.0, 10.0, 90.0), unknown, fix(6.0, 1.0, 0.0)]);
    for t_s in [1.0, 4.5, 5.5] {
        let t = at(t_s);
        assert_eq!((track.speed_at(t), track.accel_at(t), track.turn_rate_at(t)), (None, None, None), "{t_s}");
    }
    close(track.speed_at(at(3.0)), 10.0);
}

#[test]
fn the_rate_of_a_steady_change_is_exact_at_any_fix_rate() {
    for interval_s in [0.1, 0.2, 0.5, 1.0, 2.0] {
        let fixes = (0..40).map(|i| interval_s * f64::from(i)).map(|t| fix(t, 100.0 - 3.0 * t, 350.0 - 12.0 * t));
        let track = track(fixes.map(|fix| TrackFix { course_rad: fix.course_rad.map(wrap), ..fix }));
        for t_s in [1.0, 1.05, 1.73, 2.0] {
            close(track.accel_at(at(t_s)), -3.0);
            // The course falls: to the left.
            close(track.turn_rate_at(at(t_s)), 12.0_f64.to_radians());
        }
    }
}

#[test]
fn a_speed_that_stands_in_tells_no_change_beside_a_reported_one() {
    let stands_in = |t_s| TrackFix { stands_in: true, ..fix(t_s, 12.0, 0.0) };
    let mixed = track([fix(0.0, 10.0, 0.0), stands_in(1.0), stands_in(2.0)]);
    assert_eq!(mixed.accel_at(at(0.5)), None);
    close(mixed.speed_at(at(0.5)), 11.0);
    close(mixed.accel_at(at(1.5)), 0.0);
}

#[test]
fn close_fixes_do_not_multiply_their_noise() {
    let fixes = (0..30).map(|i| fix(0.1 * f64::from(i), if i % 2 == 0 { 10.1 } else { 9.9 }, 0.0));
    let track = track(fixes);
    // One step would make 2 m/s² of this.
    assert!((8..20).all(|i| track.accel_at(at(0.1 * f64::from(i) + 0.05)).unwrap().abs() < 0.35));
}

#[test]
fn a_turn_across_north_takes_the_short_way_and_left_is_positive() {
    let rate = |from, to| track([fix(0.0, 10.0, from), fix(1.0, 10.0, to)]).turn_rate_at(at(0.5));
    close(rate(350.0, 10.0), -20.0_f64.to_radians());
    close(rate(10.0, 350.0), 20.0_f64.to_radians());
    close(rate(90.0, 80.0), 10.0_f64.to_radians());
}

#[test]
fn too_slow_to_have_a_course() {
    for (v0, v1) in [(3.0, 10.0), (10.0, 3.0)] {
        assert_eq!(track([fix(0.0, v0, 0.0), fix(1.0, v1, 20.0)]).turn_rate_at(at(0.5)), None);
    }
    let no_course = TrackFix { course_rad: None, ..fix(1.0, 10.0, 0.0) };
    assert_eq!(track([fix(0.0, 10.0, 0.0), no_course]).turn_rate_at(at(0.5)), None);
}

#[test]
fn the_position_is_between_neighbours_else_the_latest_else_the_first() {
    let place = |lat_deg| Some(Position { lat_deg, lon_deg: 11.0 });
    let at_place = |t_s, lat| TrackFix { position: place(lat), ..fix(t_s, 10.0, 0.0) };
    let track = track([at_place(0.0, 48.0), at_place(1.0, 48.001), at_place(9.0, 48.009)]);
    let lat = |t_s: f64| track.position_at(at(t_s)).unwrap().lat_deg;
    for (t_s, expected) in [(-1.0, 48.0), (0.5, 48.0005), (5.0, 48.001), (20.0, 48.009)] {
        assert!((lat(t_s) - expected).abs() < 1e-9, "{t_s}: {}", lat(t_s));
    }
    assert_eq!(Track::new().position_at(at(0.0)), None);
}

#[test]
fn between_leaves_out_its_start_and_latest_includes_its_moment() {
    let track = track((0..5).map(|i| fix(f64::from(i), 10.0, 0.0)));
    let stamps: Vec<_> = track.between(at(1.0), at(3.0)).map(|fix| fix.stamp).collect();
    assert_eq!(stamps, [at(2.0), at(3.0)]);
    assert_eq!(track.latest(at(3.0)).map(|fix| fix.stamp), Some(at(3.0)));
    assert_eq!(track.latest(at(2.9)).map(|fix| fix.stamp), Some(at(2.0)));
    assert_eq!(track.latest(at(-0.1)), None);
}

#[test]
fn the_oldest_are_forgotten() {
    let mut track = track((0..2000).map(|i| fix(f64::from(i), f64::from(i), 0.0)));
    assert_eq!(track.fixes.len(), CAPACITY);
    close(track.speed_at(at(1999.0)), 1999.0);
    assert_eq!(track.speed_at(at(1000.0)), None);
    track.clear();
    assert_eq!(track.latest(at(1e9)), None);
}

#[test]
fn the_doubt_in_a_speed_is_what_the_receiver_says_or_as_large_as_the_places() {
    let clean = |speed_mps, sacc_mps, hacc_m, displacement| CleanFix {
        t: at(0.0),
        position: None,
        alt_m: None,
        hacc_m,
        speed_mps,
        sacc_mps,
        course_rad: None,
        displacement,
    };
    let way = Displacement { t: at(-0.5), speed_mps: 7.0, sigma_mps: 2.0, reported_mps: None };
    let sigma = |fix| TrackFix::new(&fix, 0.3).speed_sigma_mps;
    assert!((sigma(clean(Some(8.0), Some(0.7), Some(90.0), None)) - 0.7).abs() < 1e-12);
    assert!((sigma(clean(Some(8.0), Some(0.001), None, None)) - MIN_SPEED_SIGMA_MPS).abs() < 1e-12);
    assert!((sigma(clean(Some(8.0), None, None, None)) - 0.3).abs() < 1e-12);
    assert!(sigma(clean(Some(8.0), None, Some(100.0), None)) > 2.0);
    // Without a speed the positions stand in, with more doubt than they have themselves.
    let stand_in = TrackFix::new(&clean(None, None, Some(5.0), Some(way)), 0.3);
    close(stand_in.speed_mps, 7.0);
    assert!(stand_in.speed_sigma_mps > 2.0);
    let wild = Displacement { speed_mps: 400.0, sigma_mps: 300.0, ..way };
    assert_eq!(TrackFix::new(&clean(None, None, Some(800.0), Some(wild)), 0.3).speed_mps, None);
    assert_eq!(TrackFix::new(&clean(None, None, None, None), 0.3).speed_mps, None);
}
