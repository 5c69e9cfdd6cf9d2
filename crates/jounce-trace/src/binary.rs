//! Jounce's own binary recording.

use std::io::{self, Write};

use jounce_wire::recording::{self, MAGIC, Writer};

use crate::{
    error::{DamagedRow, Problem, TraceError},
    recording::{Format, Recording},
    table::Source,
};

/// Whether the bytes are this format's.
pub(crate) fn recognise(bytes: &[u8]) -> Option<&'static str> {
    bytes.starts_with(&MAGIC).then_some("the bytes `JNCR` at the start")
}

pub(crate) fn read(source: &Source, why: &str) -> Result<Recording, TraceError> {
    let read = recording::read(&source.bytes)
        .map_err(|error| TraceError::UnknownFormat { path: source.name.clone(), found: error.to_string() })?;
    let mut recording = Recording::new(&source.name, Format::Binary, why);
    recording.samples = read.samples;
    recording.utc_offset_ns = read.utc_offset_ns;
    let last = read.damaged.len().checked_sub(1).filter(|_| read.is_truncated);
    for (index, at) in read.damaged.into_iter().enumerate() {
        let problem = if Some(index) == last { Problem::CutOff { at: at.start } } else { Problem::Bytes { at } };
        recording.damaged.push(DamagedRow { path: source.name.clone(), line: None, column: None, problem });
    }
    if read.unknown_frames > 0 {
        recording.note(format!("{} frames of kinds that are not known here were skipped", read.unknown_frames));
    }
    recording.finish()
}

/// Writes the samples of a recording, and its offset of UTC, as a binary recording. Every bit of them comes back.
pub fn write_binary(recording: &Recording, w: impl Write) -> io::Result<()> {
    let mut writer = Writer::new(w)?;
    if let Some(offset_ns) = recording.utc_offset_ns {
        writer.utc_offset_ns(offset_ns)?;
    }
    recording.samples.iter().try_for_each(|sample| writer.push(sample))?;
    writer.finish().map(drop)
}
