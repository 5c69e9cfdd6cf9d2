//! The record of the input as JSON.

use alloc::vec::Vec;

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeStruct},
};

use super::{Diagnostic, Health, SensorHealth};
use crate::time::Timestamp;

/// The health record as JSON: the sensors of which any sample came, by name, and the diagnostics.
#[derive(Debug)]
pub struct HealthJson(Health);

impl From<&Health> for HealthJson {
    fn from(health: &Health) -> Self {
        Self(health.clone())
    }
}

impl Serialize for HealthJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(health) = self;
        let mut fields = serializer.serialize_struct("HealthJson", 2)?;
        let sensors = || health.seen().map(|(sensor, health)| (sensor.name(), SensorJson(health)));
        fields.serialize_field("sensors", &ByName(sensors))?;
        fields.serialize_field("diagnostics", &health.diagnostics().collect::<Vec<Diagnostic>>())?;
        fields.end()
    }
}

struct SensorJson<'a>(&'a SensorHealth);

impl Serialize for SensorJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(health) = self;
        let mut fields = serializer.serialize_struct("SensorJson", 8)?;
        fields.serialize_field("accepted", &health.accepted)?;
        fields.serialize_field("refused", &ByName(|| health.refusals()))?;
        fields.serialize_field("gaps", &health.gaps)?;
        fields.serialize_field("longest_gap_s", &health.longest_gap_s)?;
        fields.serialize_field("rate_hz", &health.rate_hz)?;
        fields.serialize_field("clipped", &health.clipped)?;
        fields.serialize_field("last_consumed_ns", &health.last_consumed.map(Timestamp::ns))?;
        fields.serialize_field("trust", &health.trust)?;
        fields.end()
    }
}

/// A handful of values by their names, in the order of these: one after the other is looked for, which is less code than a
/// map of them.
struct ByName<F>(F);

impl<F: Fn() -> I, I: Iterator<Item = (&'static str, T)>, T: Serialize> Serialize for ByName<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(values) = self;
        let mut map = serializer.serialize_map(None)?;
        let mut last = None;
        while let Some((name, value)) = values().filter(|(name, _)| Some(*name) > last).min_by_key(|(name, _)| *name) {
            map.serialize_entry(name, &value)?;
            last = Some(name);
        }
        map.end()
    }
}
