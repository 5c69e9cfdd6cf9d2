//! The forms in which events are written.

mod csv;
mod geojson;
mod jsonl;
mod table;
#[cfg(test)]
mod tests;

use jounce::{
    event::{Dismissal, Event, Reason},
    time::Timestamp,
};
use serde::Serialize;

use super::run::Replayed;
use crate::{cli::EventFormat, output::Output};

/// Writes what was replayed, trace by trace.
#[derive(Debug)]
pub(super) struct Report {
    out: Output,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Table(table::Table),
    Jsonl(jsonl::Jsonl),
    Csv(csv::Csv),
    Geojson(geojson::Geojson),
}

/// What every form needs to know.
#[derive(Clone, Copy, Debug)]
struct Scope {
    /// More than one trace is replayed, so each line says of which one it is.
    several: bool,
    /// Dismissals and the health of the input are told as well.
    explain: bool,
}

impl Report {
    pub(super) fn new(format: EventFormat, mut out: Output, several: bool, explain: bool) -> anyhow::Result<Self> {
        let scope = Scope { several, explain };
        let form = match format {
            EventFormat::Table => Form::Table(table::Table::new(scope)),
            EventFormat::Jsonl => Form::Jsonl(jsonl::Jsonl::new(scope)),
            EventFormat::Csv => Form::Csv(csv::Csv::begin(scope, &mut out)?),
            EventFormat::Geojson => Form::Geojson(geojson::Geojson::begin(scope, &mut out)?),
        };
        Ok(Self { out, form })
    }

    /// Writes what one trace gave.
    pub(super) fn trace(&mut self, replayed: &Replayed) -> anyhow::Result<()> {
        match &mut self.form {
            Form::Table(form) => form.trace(&mut self.out, replayed),
            Form::Jsonl(form) => form.trace(&mut self.out, replayed),
            Form::Csv(form) => form.trace(&mut self.out, replayed),
            Form::Geojson(form) => form.trace(&mut self.out, replayed),
        }
    }

    /// Ends the output.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        if let Form::Geojson(_) = self.form {
            geojson::Geojson::end(&mut self.out)?;
        }
        self.out.finish()
    }
}

/// An event as JSON, with the trace's name behind when there are several.
#[derive(Debug, Serialize)]
struct EventJson<'a> {
    #[serde(flatten)]
    event: &'a Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a str>,
}

/// A dismissal as JSON; `dismissed` tells it from an event.
#[derive(Debug, Serialize)]
struct DismissalJson<'a> {
    dismissed: bool,
    #[serde(flatten)]
    dismissal: &'a Dismissal,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a str>,
}

impl Scope {
    fn trace_of(self, replayed: &Replayed) -> Option<&str> {
        self.several.then_some(replayed.name.as_str())
    }

    fn events(self, replayed: &Replayed) -> impl Iterator<Item = EventJson<'_>> {
        let trace = self.trace_of(replayed);
        replayed.events.iter().map(move |event| EventJson { event, trace })
    }

    /// None unless they are to be explained.
    fn dismissals(self, replayed: &Replayed) -> impl Iterator<Item = DismissalJson<'_>> {
        let trace = self.trace_of(replayed);
        let dismissals = if self.explain { replayed.dismissals.as_slice() } else { &[] };
        dismissals.iter().map(move |dismissal| DismissalJson { dismissed: true, dismissal, trace })
    }
}

/// Reasons in words.
pub(crate) fn in_words(reasons: &[Reason]) -> String {
    reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Time since the start of the recording, as `h:mm:ss.s`.
pub(crate) fn clock(t: Timestamp, start: Timestamp) -> String {
    const NS_PER_TENTH: i64 = 100_000_000;
    let tenths = t.ns_since(start) / NS_PER_TENTH;
    let (sign, tenths) = (if tenths < 0 { "-" } else { "" }, tenths.unsigned_abs());
    let (s, tenth) = (tenths / 10, tenths % 10);
    format!("{sign}{}:{:02}:{:02}.{tenth}", s / 3600, s / 60 % 60, s % 60)
}
