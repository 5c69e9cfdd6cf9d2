//! Arriving at places and leaving them, by the true position.

use jounce::{config::PlaceConfig, event::EventKind};

use super::Label;
use crate::{math::east_north_m, truth::Moment};

/// A receiver may see the crossing this much earlier or later, s.
const EARLY_S: f64 = 1.0;
const LATE_S: f64 = 3.0;

pub(super) fn judge(track: &[Moment], origin_deg: (f64, f64), places: &[PlaceConfig]) -> Vec<Label> {
    let mut labels = Vec::new();
    for area in places.iter().filter_map(|place| Area::new(place, origin_deg)) {
        for pair in track.windows(2) {
            let [before, after] = pair else { continue };
            let (was_in, is_in) = (area.contains(before.position), area.contains(after.position));
            if was_in != is_in && after.recording {
                let kind = if is_in { EventKind::PlaceArrive } else { EventKind::PlaceLeave };
                labels.push(Label::new(kind, after.t_s - EARLY_S, after.t_s + LATE_S));
            }
        }
    }
    labels
}

/// A place in metres east and north of the start.
#[derive(Debug)]
enum Area {
    Circle { centre: (f64, f64), radius_m: f64 },
    Polygon(Vec<(f64, f64)>),
}

impl Area {
    fn new(place: &PlaceConfig, origin_deg: (f64, f64)) -> Option<Self> {
        if let Some(corners) = &place.polygon {
            return Some(Self::Polygon(
                corners.iter().map(|&[lat, lon]| east_north_m(origin_deg, (lat, lon))).collect(),
            ));
        }
        let centre = east_north_m(origin_deg, (place.lat?, place.lon?));
        Some(Self::Circle { centre, radius_m: place.radius_m? })
    }

    fn contains(&self, (east, north): (f64, f64)) -> bool {
        match self {
            Self::Circle { centre, radius_m } => libm::hypot(east - centre.0, north - centre.1) <= *radius_m,
            Self::Polygon(corners) => {
                // A ray to the east crosses the border an odd number of times.
                let previous = corners.iter().cycle().skip(corners.len().saturating_sub(1));
                let crossings = corners.iter().zip(previous).filter(|(a, b)| {
                    (a.1 > north) != (b.1 > north) && east < a.0 + (north - a.1) / (b.1 - a.1) * (b.0 - a.0)
                });
                crossings.count() % 2 == 1
            }
        }
    }
}
