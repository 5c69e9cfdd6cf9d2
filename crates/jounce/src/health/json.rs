//! The record of the input as JSON.

use alloc::{collections::BTreeMap, vec::Vec};

use serde::Serialize;

use super::{Diagnostic, Health, SensorHealth};
use crate::time::Timestamp;

/// The health record as JSON: the sensors of which any sample came, by name, and the diagnostics.
#[derive(Debug, Serialize)]
pub struct HealthJson {
    sensors: BTreeMap<&'static str, SensorJson>,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Debug, Serialize)]
struct SensorJson {
    accepted: u64,
    refused: BTreeMap<&'static str, u64>,
    gaps: u64,
    longest_gap_s: f64,
    rate_hz: Option<f64>,
    clipped: u64,
    last_consumed_ns: Option<i64>,
    trust: f64,
}

impl From<&Health> for HealthJson {
    fn from(health: &Health) -> Self {
        Self {
            sensors: health.seen().map(|(s, h)| (s.name(), h.into())).collect(),
            diagnostics: health.diagnostics().collect(),
        }
    }
}

impl From<&SensorHealth> for SensorJson {
    fn from(health: &SensorHealth) -> Self {
        Self {
            accepted: health.accepted,
            refused: health.refusals().collect(),
            gaps: health.gaps,
            longest_gap_s: health.longest_gap_s,
            rate_hz: health.rate_hz,
            clipped: health.clipped,
            last_consumed_ns: health.last_consumed.map(Timestamp::ns),
            trust: health.trust,
        }
    }
}
