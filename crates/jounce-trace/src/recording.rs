//! A recording as it was read.

use std::fmt;

use jounce::{sample::Sample, time::Timestamp};

use crate::{
    error::{Damaged, TraceError},
    units,
};

/// A format that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Format {
    /// Jounce's own CSV, a row a sample.
    Native,
    /// Jounce's own binary recording.
    Binary,
    /// phyphox export: a folder of tables, or one of them.
    Phyphox,
    /// Sensor Logger export: a folder of tables.
    SensorLogger,
    /// Sensor Logger tables merged into one.
    SensorLoggerMerged,
    /// `SensorLog` (iOS): one wide table.
    SensorLog,
    /// The driver behaviour data set: tables in an earth frame.
    DriverBehaviour,
}

impl Format {
    pub(crate) const NAMES: &'static str =
        "native, binary, phyphox, Sensor Logger, Sensor Logger merged, SensorLog, driver behaviour";

    /// The name people know it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Binary => "binary",
            Self::Phyphox => "phyphox",
            Self::SensorLogger => "Sensor Logger",
            Self::SensorLoggerMerged => "Sensor Logger merged",
            Self::SensorLog => "SensorLog",
            Self::DriverBehaviour => "driver behaviour",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How another clock of the recording was mapped onto the inertial one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ClockOffset {
    /// Which clock.
    pub name: String,
    /// That clock's reading minus `t_ns`, ns.
    pub offset_ns: i64,
    /// How it was found, and how well.
    pub note: String,
}

/// A recording: samples on its inertial clock, in the order in which they were recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The file or folder, as it was given.
    pub name: String,
    /// Which format it is in.
    pub format: Format,
    /// By what the format was recognised.
    pub recognised_by: String,
    /// The samples. Several tables are merged by time; rows of one table keep their order,
    /// since the order of arrival is part of the record.
    pub samples: Vec<Sample>,
    /// UTC (ns since 1970) minus `t_ns`, where it is known.
    pub utc_offset_ns: Option<i64>,
    /// The moment from which the recording's own notes count, where its format states one.
    pub begin: Option<Timestamp>,
    /// Other clocks found, and where they stand against `t_ns`.
    pub clocks: Vec<ClockOffset>,
    /// Rows that were skipped.
    pub damaged: Damaged,
    /// Conversions of units and signs, and what else a user should know.
    pub notes: Vec<String>,
}

impl Recording {
    pub(crate) fn new(name: &str, format: Format, recognised_by: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            format,
            recognised_by: recognised_by.into(),
            samples: Vec::new(),
            utc_offset_ns: None,
            begin: None,
            clocks: Vec::new(),
            damaged: Damaged::default(),
            notes: Vec::new(),
        }
    }

    /// The moment `t_ns` of the inertial clock in UTC, ns since 1970; `None` where it is not known.
    pub fn utc_ns(&self, t_ns: i64) -> Option<i64> {
        t_ns.checked_add(self.utc_offset_ns?)
    }

    /// The moment from which labels count: the recording's own begin where its format states one, else the earliest
    /// sample.
    pub fn zero(&self) -> Timestamp {
        self.begin.or_else(|| self.samples.iter().map(Sample::t).min()).unwrap_or_default()
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Checks what every format must hold.
    pub(crate) fn finish(mut self) -> Result<Self, TraceError> {
        if self.samples.len() < 2 {
            let count = self.samples.len();
            self.note(format!("too little data: {count} sample{}", if count == 1 { "" } else { "s" }));
        }
        if let Some(note) = units::check_accel(&self.name, &self.samples)? {
            self.note(note);
        }
        Ok(self)
    }
}

/// Merges streams by time. Each keeps its own order; at the same moment the earlier stream goes first.
pub(crate) fn merge(streams: Vec<Vec<Sample>>) -> Vec<Sample> {
    let mut merged = Vec::with_capacity(streams.iter().map(Vec::len).sum());
    let mut heads: Vec<_> = streams.into_iter().map(|s| s.into_iter().peekable()).collect();
    loop {
        let earliest =
            heads.iter_mut().enumerate().filter_map(|(i, s)| s.peek().map(|sample| (sample.t(), i))).min().map(|h| h.1);
        let Some(sample) = earliest.and_then(|i| heads.get_mut(i)).and_then(Iterator::next) else {
            return merged;
        };
        merged.push(sample);
    }
}
