//! An event a row. The columns are fields of the event JSON; the reasons are in words.

use std::io::{self, Write};

use jounce::event::Reason;
use serde::Serialize;
use serde_json::Value;

use super::{Scope, in_words};
use crate::replay::run::Replayed;

const COLUMNS: [&str; 30] = [
    "id",
    "kind",
    "phase",
    "start_ns",
    "peak_ns",
    "end_ns",
    "decided_ns",
    "severity",
    "confidence",
    "lat",
    "lon",
    "speed_before_mps",
    "speed_after_mps",
    "speed_sigma_mps",
    "peak_mps2",
    "mean_mps2",
    "direction",
    "limit_mps",
    "limit_source",
    "mean_speed_mps",
    "max_speed_mps",
    "distance_m",
    "duration_s",
    "delta_v_mps",
    "peak_g",
    "direction_clock",
    "clipped",
    "secondary_impacts",
    "place",
    "angle_rad",
];

#[derive(Debug)]
pub(super) struct Csv {
    scope: Scope,
}

impl Csv {
    pub(super) fn begin(scope: Scope, out: &mut impl Write) -> io::Result<Self> {
        let trace = if scope.several { ",trace" } else { "" };
        writeln!(out, "{},reasons{trace}", COLUMNS.join(","))?;
        Ok(Self { scope })
    }

    pub(super) fn trace(&self, out: &mut impl Write, replayed: &Replayed) -> anyhow::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        for event in self.scope.events(replayed) {
            self.row(&mut writer, replayed, &event, None, &event.event.reasons)?;
        }
        for dismissal in self.scope.dismissals(replayed) {
            self.row(&mut writer, replayed, &dismissal, Some("dismissed"), &dismissal.dismissal.reasons)?;
        }
        writer.flush()?;
        Ok(())
    }

    fn row(
        &self,
        writer: &mut csv::Writer<impl Write>,
        replayed: &Replayed,
        json: &impl Serialize,
        phase: Option<&str>,
        reasons: &[Reason],
    ) -> anyhow::Result<()> {
        let json = serde_json::to_value(json)?;
        for column in COLUMNS {
            let cell = match phase {
                Some(phase) if column == "phase" => phase.to_owned(),
                _ => cell(&json[column]),
            };
            writer.write_field(cell)?;
        }
        writer.write_field(in_words(reasons))?;
        if let Some(trace) = self.scope.trace_of(replayed) {
            writer.write_field(trace)?;
        }
        writer.write_record(None::<&[u8]>)?;
        Ok(())
    }
}

/// What is not known, and what this kind of event does not have, is empty.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
