//! An event as JSON.

use serde::{Serialize, Serializer};

use super::{Detail, Event, EventId, EventKind, Phase, Quality, Reason, SCHEMA, Severity, Side};

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The JSON contract: order and names of the fields.
#[derive(Serialize)]
struct Json<'a> {
    schema: u32,
    id: EventId,
    kind: EventKind,
    phase: Phase,
    start_ns: i64,
    peak_ns: i64,
    end_ns: i64,
    decided_ns: i64,
    severity: Option<Severity>,
    confidence: f64,
    lat: Option<f64>,
    lon: Option<f64>,
    speed_before_mps: Option<f64>,
    speed_after_mps: Option<f64>,
    speed_sigma_mps: Option<f64>,
    peak_mps2: Option<f64>,
    mean_mps2: Option<f64>,
    direction: Option<Side>,
    #[serde(flatten)]
    detail: Option<&'a Detail>,
    reasons: &'a [Reason],
    quality: &'a Quality,
}

impl<'a> From<&'a Event> for Json<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            schema: SCHEMA,
            id: event.id,
            kind: event.id.kind,
            phase: event.phase,
            start_ns: event.start.ns(),
            peak_ns: event.peak.ns(),
            end_ns: event.end.ns(),
            decided_ns: event.decided.ns(),
            severity: event.severity,
            confidence: event.confidence,
            lat: event.position.map(|p| p.lat_deg),
            lon: event.position.map(|p| p.lon_deg),
            speed_before_mps: event.speed_before_mps,
            speed_after_mps: event.speed_after_mps,
            speed_sigma_mps: event.speed_sigma_mps,
            peak_mps2: event.peak_mps2,
            mean_mps2: event.mean_mps2,
            direction: event.direction,
            detail: (event.detail != Detail::None).then_some(&event.detail),
            reasons: &event.reasons,
            quality: &event.quality,
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Json::from(self).serialize(serializer)
    }
}
