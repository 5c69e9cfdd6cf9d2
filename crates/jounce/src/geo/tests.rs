use proptest::prelude::*;

use super::*;
use core::f64::consts::TAU;

const MUNICH: Position = at(48.2, 11.6);

const fn at(lat_deg: f64, lon_deg: f64) -> Position {
    Position { lat_deg, lon_deg }
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}

/// `origin` moved by metres, by the inverse of the plane.
fn moved(origin: Position, east: f64, north: f64) -> Position {
    let plane = Plane::at(origin);
    let d_lat = (north / plane.meridian_m).to_degrees();
    at(origin.lat_deg + d_lat, wrap_deg(origin.lon_deg + (east / plane.parallel_m(d_lat)).to_degrees()))
}

#[test]
fn distances_known_from_elsewhere() {
    // One minute of latitude on WGS 84 at 45° is 1852.2 m; one of longitude at the equator 1855.3 m.
    close(distance_m(at(45.0, 7.0), at(45.0 + 1.0 / 60.0, 7.0)), 1852.2, 0.4);
    close(distance_m(at(0.0, 7.0), at(0.0, 7.0 + 1.0 / 60.0)), 1855.3, 0.1);
    // Quarter of the sphere.
    close(distance_m(at(0.0, 0.0), at(90.0, 0.0)), 10_007_557.0, 10.0);
    // Both ways round the date line.
    close(distance_m(at(-17.0, 179.999), at(-17.0, -179.999)), 213.0, 0.5);
}

#[test]
fn between_goes_the_short_way() {
    let middle = between(at(1.0, 179.0), at(3.0, -177.0), 0.75);
    close(middle.lat_deg, 2.5, 1e-12);
    close(middle.lon_deg, -178.0, 1e-12);
}

#[test]
fn circle_inside_and_out() {
    let circle = Area::circle(MUNICH, 100.0);
    close(circle.signed_distance_m(MUNICH), -100.0, 1e-9);
    close(circle.signed_distance_m(moved(MUNICH, 60.0, 80.0)), 0.0, 1e-3);
    close(circle.signed_distance_m(moved(MUNICH, -300.0, 400.0)), 400.0, 1e-2);
    let crossings = circle.crossings(moved(MUNICH, -200.0, 0.0), moved(MUNICH, 200.0, 0.0)).expect("it goes through");
    close(crossings.first, 0.25, 1e-6);
    close(crossings.last, 0.75, 1e-6);
    assert_eq!(circle.crossings(moved(MUNICH, -200.0, 101.0), moved(MUNICH, 200.0, 101.0)), None);
    assert_eq!(circle.crossings(MUNICH, MUNICH), None);
}

fn square(centre: Position, half_m: f64) -> Vec<Position> {
    [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
        .map(|(east, north)| moved(centre, east * half_m, north * half_m))
        .to_vec()
}

#[test]
fn polygon_either_way_round_closed_or_not_and_across_the_date_line() {
    for centre in [MUNICH, at(-16.8, 179.9999), at(-16.8, -179.9999), at(70.0, 180.0)] {
        let open = square(centre, 100.0);
        let mut backward = open.clone();
        backward.reverse();
        let mut closed = open.clone();
        closed.push(closed[0]);
        for corners in [open, backward, closed] {
            let area = Area::polygon(&corners).expect("four corners");
            close(area.signed_distance_m(centre), -100.0, 0.1);
            close(area.signed_distance_m(moved(centre, 150.0, 0.0)), 50.0, 0.1);
            close(area.signed_distance_m(moved(centre, -104.0, -103.0)), 5.0, 0.1);
            close(area.radius_m(), 200.0 / libm::sqrt(PI), 0.1);
            let crossings = area.crossings(moved(centre, 0.0, -200.0), moved(centre, 0.0, 200.0)).expect("through");
            close(crossings.first, 0.25, 1e-3);
            close(crossings.last, 0.75, 1e-3);
        }
    }
}

#[test]
fn a_notch_is_outside() {
    let corners = [(-100.0, -100.0), (100.0, -100.0), (100.0, 100.0), (0.0, -50.0), (-100.0, 100.0)]
        .map(|(east, north)| moved(MUNICH, east, north));
    let area = Area::polygon(&corners).expect("five corners");
    assert!(area.signed_distance_m(moved(MUNICH, 0.0, 50.0)) > 0.0);
    assert!(area.signed_distance_m(moved(MUNICH, 90.0, 50.0)) < 0.0);
    assert_eq!(Area::polygon(&corners[..2]), None);
}

fn positions() -> impl Strategy<Value = Position> {
    (-90.0..=90.0, -180.0..=180.0).prop_map(|(lat, lon)| at(lat, lon))
}

proptest! {
    #[test]
    fn distance_is_a_distance(a in positions(), b in positions()) {
        let there = distance_m(a, b);
        prop_assert!(there.is_finite() && there >= 0.0);
        prop_assert!((there - distance_m(b, a)).abs() <= 1e-3 * there + 1e-6);
    }

    #[test]
    fn plane_and_sphere_agree(lat in -75.0_f64..75.0, lon in -180.0_f64..180.0, east in -5e3_f64..5e3, north in -5e3_f64..5e3) {
        let origin = at(lat, lon);
        let way = libm::hypot(east, north);
        prop_assert!((distance_m(origin, moved(origin, east, north)) - way).abs() <= 1e-6 * way + 1e-6);
    }

    #[test]
    fn areas_never_give_nan(a in positions(), b in positions(), c in positions(), p in positions(), radius in 0.0_f64..1e6) {
        for area in [Some(Area::circle(a, radius)), Area::polygon(&[a, b, c]), Area::polygon(&[a, a, a])].into_iter().flatten() {
            prop_assert!(area.signed_distance_m(p).is_finite());
            prop_assert!(area.radius_m().is_finite());
            if let Some(crossings) = area.crossings(p, b) {
                prop_assert!(0.0 <= crossings.first && crossings.first <= crossings.last && crossings.last <= 1.0);
            }
        }
    }

    #[test]
    fn a_way_from_inside_to_outside_crosses(east in -90.0_f64..90.0, north in -90.0_f64..90.0, turn in 0.0..TAU) {
        let inside = moved(MUNICH, east, north);
        let outside = moved(MUNICH, 400.0 * libm::cos(turn), 400.0 * libm::sin(turn));
        let area = Area::polygon(&square(MUNICH, 100.0)).expect("four corners");
        let crossings = area.crossings(inside, outside).expect("it leaves");
        let border = between(inside, outside, crossings.last);
        prop_assert!(area.signed_distance_m(border).abs() < 0.1);
    }
}
