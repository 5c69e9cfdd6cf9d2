//! Small pure geodesy: distances, a local plane, and areas with a signed distance to their border.
//!
//! Everything works across the date line: longitudes are only ever compared by their wrapped difference. Within
//! 100 km of its origin and 80° of the equator the plane is true to a few parts in ten thousand.

use alloc::vec::Vec;
use core::f64::consts::PI;

use crate::{event::Position, persist::Persist};

/// Accuracy assumed for a fix that states none, m: a phone in a street, rather too careful than too bold.
pub(crate) const ASSUMED_HACC_M: f64 = 20.0;

/// WGS 84, semi-major axis, m.
const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// WGS 84, first eccentricity squared.
const ECCENTRICITY_2: f64 = 0.006_694_379_990_14;
/// Mean radius of the Earth (IUGG), m.
const MEAN_RADIUS_M: f64 = 6_371_008.8;
/// The plane serves distances up to this difference of latitude or longitude; the sphere beyond.
const NEAR_DEG: f64 = 1.0;
/// A plane's circles of latitude never shrink to nothing: cosine of 89.9°.
const LEAST_COS: f64 = 1.7e-3;

/// An angle wrapped into −180..180, degrees.
pub(crate) fn wrap_deg(angle_deg: f64) -> f64 {
    let turns = libm::floor((angle_deg + 180.0) / 360.0);
    angle_deg - 360.0 * turns
}

/// Distance along the ground, m: on the ellipsoid when near, on the sphere (good to 0.5 %) when far.
pub(crate) fn distance_m(a: Position, b: Position) -> f64 {
    let (d_lat, d_lon) = (b.lat_deg - a.lat_deg, wrap_deg(b.lon_deg - a.lon_deg));
    if d_lat.abs() < NEAR_DEG && d_lon.abs() < NEAR_DEG {
        return Plane::at(a).point(b).norm();
    }
    let half = |degrees: f64| libm::sin(0.5 * degrees.to_radians());
    let cosines = libm::cos(a.lat_deg.to_radians()) * libm::cos(b.lat_deg.to_radians());
    let haversine = half(d_lat) * half(d_lat) + cosines * half(d_lon) * half(d_lon);
    2.0 * MEAN_RADIUS_M * libm::asin(libm::sqrt(haversine.clamp(0.0, 1.0)))
}

/// The position at `share` (0–1) of the short way from `a` to `b`, which lie near each other.
pub(crate) fn between(a: Position, b: Position, share: f64) -> Position {
    Position {
        lat_deg: a.lat_deg + share * (b.lat_deg - a.lat_deg),
        lon_deg: wrap_deg(a.lon_deg + share * wrap_deg(b.lon_deg - a.lon_deg)),
    }
}

/// A point of a [`Plane`], m.
#[derive(Clone, Copy, Debug, Default, PartialEq, Persist)]
pub(crate) struct Point {
    /// To the east of the origin.
    pub(crate) east: f64,
    /// To the north of the origin.
    pub(crate) north: f64,
}

impl Point {
    /// Distance from the origin, m.
    pub(crate) fn norm(self) -> f64 {
        libm::hypot(self.east, self.north)
    }

    fn minus(self, other: Self) -> Self {
        Self { east: self.east - other.east, north: self.north - other.north }
    }

    fn plus(self, other: Self, share: f64) -> Self {
        Self { east: self.east + share * other.east, north: self.north + share * other.north }
    }

    fn dot(self, other: Self) -> f64 {
        self.east * other.east + self.north * other.north
    }

    fn cross(self, other: Self) -> f64 {
        self.east * other.north - self.north * other.east
    }

    /// Distance to the straight line from `a` to `b`, m.
    fn distance_to_segment(self, a: Self, b: Self) -> f64 {
        let way = b.minus(a);
        let length_2 = way.dot(way);
        let share = if length_2 > 0.0 { (self.minus(a).dot(way) / length_2).clamp(0.0, 1.0) } else { 0.0 };
        self.minus(a.plus(way, share)).norm()
    }
}

/// A local plane, east and north of its origin (mid-latitude formula on WGS 84).
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub(crate) struct Plane {
    origin: Position,
    /// Radius of curvature along the meridian, m.
    meridian_m: f64,
    /// Radius of curvature across it, m.
    normal_m: f64,
}

impl Plane {
    /// The plane that touches the Earth at `origin`.
    pub(crate) fn at(origin: Position) -> Self {
        let sine = libm::sin(origin.lat_deg.to_radians());
        let flattening = 1.0 - ECCENTRICITY_2 * sine * sine;
        let normal_m = SEMI_MAJOR_M / libm::sqrt(flattening);
        Self { origin, meridian_m: normal_m * (1.0 - ECCENTRICITY_2) / flattening, normal_m }
    }

    /// Where `position` lies on the plane.
    pub(crate) fn point(&self, position: Position) -> Point {
        let d_lat = position.lat_deg - self.origin.lat_deg;
        let d_lon = wrap_deg(position.lon_deg - self.origin.lon_deg);
        Point { east: self.parallel_m(d_lat) * d_lon.to_radians(), north: self.meridian_m * d_lat.to_radians() }
    }

    /// Radius of the circle of latitude halfway to `d_lat` degrees north of the origin, m.
    fn parallel_m(&self, d_lat: f64) -> f64 {
        let middle = (self.origin.lat_deg + 0.5 * d_lat).to_radians();
        self.normal_m * libm::cos(middle).max(LEAST_COS)
    }
}

/// An area on the ground.
#[derive(Clone, Debug, PartialEq, Persist)]
pub(crate) struct Area {
    plane: Plane,
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq, Persist)]
enum Shape {
    Circle {
        radius_m: f64,
    },
    /// Corners in order, either way round; the last one joins the first.
    Polygon {
        corners: Vec<Point>,
    },
}

/// The shares (0–1) of a way at which it first enters and last leaves an area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Crossings {
    /// First crossing of the border.
    pub(crate) first: f64,
    /// Last crossing of the border.
    pub(crate) last: f64,
}

impl Area {
    /// Everything within `radius_m` of `centre`.
    pub(crate) fn circle(centre: Position, radius_m: f64) -> Self {
        Self { plane: Plane::at(centre), shape: Shape::Circle { radius_m } }
    }

    /// The inside of a ring of corners (even–odd rule), less than 180° wide; `None` for fewer than three.
    pub(crate) fn polygon(corners: &[Position]) -> Option<Self> {
        let [first, _, _, ..] = corners else { return None };
        let plane = Plane::at(*first);
        let corners = corners.iter().map(|&corner| plane.point(corner)).collect();
        Some(Self { plane, shape: Shape::Polygon { corners } })
    }

    /// Distance from the border, m; negative inside.
    pub(crate) fn signed_distance_m(&self, position: Position) -> f64 {
        let point = self.plane.point(position);
        match &self.shape {
            Shape::Circle { radius_m } => point.norm() - radius_m,
            Shape::Polygon { corners } => {
                let distance =
                    edges(corners).map(|(a, b)| point.distance_to_segment(a, b)).fold(f64::INFINITY, f64::min);
                if is_inside(point, corners) { -distance } else { distance }
            }
        }
    }

    /// Radius of the circle of the same size, m.
    pub(crate) fn radius_m(&self) -> f64 {
        match &self.shape {
            Shape::Circle { radius_m } => *radius_m,
            Shape::Polygon { corners } => {
                let twice: f64 = edges(corners).map(|(a, b)| a.cross(b)).sum();
                libm::sqrt(0.5 * twice.abs() / PI)
            }
        }
    }

    /// Where the straight way from `from` to `to` crosses the border; `None` when it does not.
    pub(crate) fn crossings(&self, from: Position, to: Position) -> Option<Crossings> {
        let (start, end) = (self.plane.point(from), self.plane.point(to));
        let way = end.minus(start);
        let mut found: Option<Crossings> = None;
        let mut add = |share: f64| {
            if (0.0..=1.0).contains(&share) {
                let so_far = found.get_or_insert(Crossings { first: share, last: share });
                so_far.first = so_far.first.min(share);
                so_far.last = so_far.last.max(share);
            }
        };
        match &self.shape {
            Shape::Circle { radius_m } => {
                circle_crossings(start, way, *radius_m).into_iter().flatten().for_each(&mut add);
            }
            Shape::Polygon { corners } => {
                edges(corners).filter_map(|(a, b)| edge_crossing(start, way, a, b)).for_each(&mut add);
            }
        }
        found
    }
}

fn edges(corners: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    corners.iter().copied().zip(corners.iter().copied().cycle().skip(1))
}

/// Even–odd rule: a ray to the east crosses an odd number of edges.
fn is_inside(point: Point, corners: &[Point]) -> bool {
    edges(corners)
        .filter(|(a, b)| (a.north > point.north) != (b.north > point.north))
        .filter(|(a, b)| {
            let share = (point.north - a.north) / (b.north - a.north);
            point.east < a.east + share * (b.east - a.east)
        })
        .count()
        % 2
        == 1
}

/// Shares of `way` from `start` at which it meets the circle around the origin.
fn circle_crossings(start: Point, way: Point, radius_m: f64) -> Option<[f64; 2]> {
    let (a, half_b, c) = (way.dot(way), start.dot(way), start.dot(start) - radius_m * radius_m);
    let discriminant = half_b * half_b - a * c;
    if a <= 0.0 || discriminant < 0.0 {
        return None;
    }
    let root = libm::sqrt(discriminant);
    Some([(-half_b - root) / a, (-half_b + root) / a])
}

/// Share of `way` from `start` at which it meets the edge; parallel ones never do.
fn edge_crossing(start: Point, way: Point, a: Point, b: Point) -> Option<f64> {
    let edge = b.minus(a);
    let across = way.cross(edge);
    if across == 0.0 {
        return None;
    }
    let to_edge = a.minus(start);
    let along_edge = to_edge.cross(way) / across;
    (0.0..=1.0).contains(&along_edge).then(|| to_edge.cross(edge) / across)
}

#[cfg(test)]
mod tests;
