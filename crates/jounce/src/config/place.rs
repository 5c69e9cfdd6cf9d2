//! Places to arrive at and leave.

use alloc::{string::String, vec::Vec};

use super::{
    ConfigError,
    range::{Check, Range},
};
use crate::persist::Persist;

/// Corners a polygon needs to enclose anything.
const MIN_CORNERS: usize = 3;
const LAT_DEG: Range = Range::from_to(-90.0, 90.0);
const LON_DEG: Range = Range::from_to(-180.0, 180.0);
/// Beyond 1000 km a circle is no place one arrives at, and flat geometry no longer holds.
const RADIUS_M: Range = Range::above_to(0.0, 1e6);

/// A place: a circle, or a polygon.
#[derive(Clone, Debug, Default, PartialEq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct PlaceConfig {
    /// Its name in events; not empty, and no other place's.
    pub name: String,
    /// Centre, degrees, −90 to 90.
    pub lat: Option<f64>,
    /// Centre, degrees, −180 to 180.
    pub lon: Option<f64>,
    /// Radius, m, more than 0.
    pub radius_m: Option<f64>,
    /// Corners, `[lat, lon]` in degrees, at least three; the side between two corners is the shorter way around.
    pub polygon: Option<Vec<[f64; 2]>>,
}

impl PlaceConfig {
    fn check(&self) -> Result<(), ConfigError> {
        if self.name.trim().is_empty() {
            return Err(self.problem("expected a name"));
        }
        match (self.lat, self.lon, self.radius_m, &self.polygon) {
            (Some(lat), Some(lon), Some(radius_m), None) => {
                lat.check("place", "lat", LAT_DEG)?;
                lon.check("place", "lon", LON_DEG)?;
                radius_m.check("place", "radius_m", RADIUS_M)
            }
            (None, None, None, Some(corners)) => {
                if corners.len() < MIN_CORNERS {
                    return Err(self.problem("a polygon needs at least three corners"));
                }
                corners.iter().try_for_each(|[lat, lon]| {
                    lat.check("place", "polygon (lat)", LAT_DEG)?;
                    lon.check("place", "polygon (lon)", LON_DEG)
                })
            }
            _ => Err(self.problem("expected either lat, lon and radius_m, or polygon")),
        }
    }

    fn problem(&self, problem: &'static str) -> ConfigError {
        ConfigError::Place { name: self.name.clone(), problem }
    }
}

pub(super) fn check_all(places: &[PlaceConfig]) -> Result<(), ConfigError> {
    for (i, place) in places.iter().enumerate() {
        place.check()?;
        if places.iter().take(i).any(|earlier| earlier.name == place.name) {
            return Err(place.problem("another place has the same name"));
        }
    }
    Ok(())
}
