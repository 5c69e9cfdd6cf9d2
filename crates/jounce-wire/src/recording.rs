//! Binary recordings: what went into an engine, to the bit, readable by every later version.
//!
//! A file is a header of 8 bytes (`JNCR`, version 1 in two bytes, two zeros) and frames behind it:
//!
//! | bytes | |
//! |---|---|
//! | 2 | sync marker, `C5 9A` |
//! | 1 | kind |
//! | 1 | zero |
//! | 4 | length of the payload, at most [`MOST_PAYLOAD`] |
//! | | payload |
//! | 4 | CRC-32 of kind, zero, length and payload |
//!
//! Numbers are little-endian. Kind 1 holds samples (packed in `packed.rs`); kind 2 holds the offset of UTC, ns. A frame of
//! another kind is skipped, so a later version adds kinds and never changes one. Every frame stands alone: after damage,
//! reading goes on with the next frame whose checksum is right.
//!
//! ```
//! use jounce::{sample::{Sample, Triad}, time::Timestamp};
//! use jounce_wire::recording::{Writer, read};
//!
//! let sample = Sample::Accel(Triad { t: Timestamp::from_ns(1), x: 0.1, y: -0.0, z: f64::NAN });
//! let mut writer = Writer::new(Vec::new())?;
//! writer.push(&sample)?;
//! let recording = read(&writer.finish()?)?;
//! assert_eq!(format!("{:?}", recording.samples), format!("{:?}", [sample]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod frames;
mod packed;
#[cfg(test)]
mod tests;

use std::{
    io::{self, Write},
    ops::Range,
};

use jounce::sample::Sample;

pub use frames::MOST_PAYLOAD;
use frames::{Found, Frames};
use packed::{Packer, unpack};

/// What a recording begins with.
pub const MAGIC: [u8; 4] = *b"JNCR";
const VERSION: u16 = 1;
const HEADER: usize = 8;

/// A frame is written once its payload has this many bytes: a few hundred samples, so that little is lost with it.
const FULL: usize = 4096;

const SAMPLES: u8 = 1;
const UTC_OFFSET: u8 = 2;

/// Why bytes are no recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// They are something else.
    #[error("not a binary recording")]
    Foreign,
    /// The header ends early.
    #[error("a binary recording that ends within its header")]
    Truncated,
    /// Written in a later layout.
    #[error("a binary recording of version {found}, expected {VERSION}")]
    Version {
        /// The version.
        found: u16,
    },
}

/// A recording as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The samples, in the order in which they were written.
    pub samples: Vec<Sample>,
    /// UTC (ns since 1970) minus the samples' clock, where it is known.
    pub utc_offset_ns: Option<i64>,
    /// Stretches of the file that hold no frame that could be read.
    pub damaged: Vec<Range<usize>>,
    /// The file ends within a frame, which is the last of `damaged`.
    pub is_truncated: bool,
    /// Frames of kinds that this version does not know.
    pub unknown_frames: u64,
}

/// Reads a recording, as far as it can be read.
pub fn read(bytes: &[u8]) -> Result<Recording, RecordingError> {
    let Some((header, frames)) = bytes.split_first_chunk::<HEADER>() else {
        return Err(if bytes.starts_with(&MAGIC) { RecordingError::Truncated } else { RecordingError::Foreign });
    };
    let [m0, m1, m2, m3, v0, v1, ..] = *header;
    if [m0, m1, m2, m3] != MAGIC {
        return Err(RecordingError::Foreign);
    }
    let found = u16::from_le_bytes([v0, v1]);
    if found != VERSION {
        return Err(RecordingError::Version { found });
    }
    let mut recording = Recording::default();
    for found in Frames::new(frames) {
        match found {
            Found::Frame { kind, payload, at } => {
                if !recording.take(kind, payload) {
                    recording.damage(&at);
                }
            }
            Found::Damage { at, is_cut_off } => {
                recording.damage(&at);
                recording.is_truncated = is_cut_off;
            }
        }
    }
    Ok(recording)
}

impl Recording {
    /// Takes one intact frame; says whether its content could be read.
    fn take(&mut self, kind: u8, payload: &[u8]) -> bool {
        match kind {
            SAMPLES => unpack(payload, &mut self.samples),
            UTC_OFFSET => match payload.try_into() {
                Ok(bytes) => {
                    self.utc_offset_ns = Some(i64::from_le_bytes(bytes));
                    true
                }
                Err(_) => false,
            },
            _ => {
                self.unknown_frames += 1;
                true
            }
        }
    }

    fn damage(&mut self, at: &Range<usize>) {
        self.damaged.push(at.start + HEADER..at.end + HEADER);
    }
}

/// Writes a recording, sample by sample.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    packer: Packer,
}

impl<W: Write> Writer<W> {
    /// Begins a recording.
    pub fn new(mut out: W) -> io::Result<Self> {
        let [v0, v1] = VERSION.to_le_bytes();
        out.write_all(&[&MAGIC[..], &[v0, v1, 0, 0]].concat())?;
        Ok(Self { out, packer: Packer::default() })
    }

    /// Notes what UTC (ns since 1970) is ahead of the samples' clock by.
    pub fn utc_offset_ns(&mut self, offset_ns: i64) -> io::Result<()> {
        frames::write(&mut self.out, UTC_OFFSET, &offset_ns.to_le_bytes())
    }

    /// Adds one sample, as it came.
    pub fn push(&mut self, sample: &Sample) -> io::Result<()> {
        self.packer.push(sample);
        if self.packer.len() >= FULL { self.sync() } else { Ok(()) }
    }

    /// Writes everything pushed so far, so that it is not lost with the process.
    pub fn sync(&mut self) -> io::Result<()> {
        let payload = self.packer.take();
        if !payload.is_empty() {
            frames::write(&mut self.out, SAMPLES, &payload)?;
        }
        self.out.flush()
    }

    /// Ends the recording.
    pub fn finish(mut self) -> io::Result<W> {
        self.sync()?;
        Ok(self.out)
    }
}
