use crate::{
    config::IngestConfig,
    event::Position,
    health::{Diagnostic, Refusal},
    sample::GnssFix,
    track::TrackFix,
};
#[derive(Debug)]
pub(crate) struct FixGate;
pub(crate) struct Admitted {
    pub(crate) fix: TrackFix,
    pub(crate) speed_refused: bool,
}
impl FixGate {
    pub(crate) fn new(_: &IngestConfig) -> Self {
        Self
    }
    pub(crate) fn speed_unit(&self) -> Option<Diagnostic> {
        None
    }
    pub(crate) fn admit(&mut self, f: &GnssFix) -> Result<Admitted, Refusal> {
        let pos = |x: Option<f64>| x.filter(|v| v.is_finite() && *v >= 0.0);
        Ok(Admitted {
            speed_refused: false,
            fix: TrackFix {
                stamp: f.t,
                position: f.lat_deg.zip(f.lon_deg).map(|(lat_deg, lon_deg)| Position { lat_deg, lon_deg }),
                hacc_m: pos(f.hacc_m),
                speed_mps: pos(f.speed_mps),
                speed_sigma_mps: pos(f.sacc_mps).unwrap_or(0.3).max(0.1),
                course_rad: pos(f.course_deg).map(f64::to_radians),
                displacement_mps: None,
            },
        })
    }
}
