//! Positions as they are given out.

use super::PrivacyConfig;
use crate::event::Position;

impl PrivacyConfig {
    /// What an event tells of a position.
    pub(crate) fn told(&self, position: Position) -> Option<Position> {
        if !self.positions {
            return None;
        }
        let Some(decimals) = self.position_decimals else { return Some(position) };
        // By division, so that the result is the number that its decimals spell.
        let steps = (0..decimals).fold(1.0, |steps, _| steps * 10.0);
        let round = |degrees: f64| libm::round(degrees * steps) / steps;
        Some(Position { lat_deg: round(position.lat_deg), lon_deg: round(position.lon_deg) })
    }
}
