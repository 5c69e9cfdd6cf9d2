//! Frames in a file that may be damaged anywhere.

use std::{
    io::{self, Write},
    ops::Range,
};

use crate::checksum::crc32;

/// Longest payload of a frame, bytes. It bounds what one wrong length can cost.
pub const MOST_PAYLOAD: usize = 16 * 1024;

const SYNC: [u8; 2] = [0xC5, 0x9A];
/// Sync, kind, zero, length.
const HEADER: usize = 8;
const CHECKSUM: usize = 4;

pub(super) fn write(out: &mut impl Write, kind: u8, payload: &[u8]) -> io::Result<()> {
    let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
    let mut frame = Vec::with_capacity(HEADER + payload.len() + CHECKSUM);
    frame.extend(SYNC);
    frame.extend([kind, 0]);
    frame.extend(length.to_le_bytes());
    frame.extend(payload);
    frame.extend(crc32(frame.get(SYNC.len()..).unwrap_or_default()).to_le_bytes());
    out.write_all(&frame)
}

/// What stands in a file, piece by piece.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found<'a> {
    Frame {
        kind: u8,
        payload: &'a [u8],
        at: Range<usize>,
    },
    /// No frame begins here.
    Damage {
        at: Range<usize>,
        /// A frame does begin here, but the file ends before it.
        is_cut_off: bool,
    },
}

/// Goes through the frames.
#[derive(Clone, Debug)]
pub(super) struct Frames<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// What may stand at one place.
enum Here<'a> {
    Frame { kind: u8, payload: &'a [u8], end: usize },
    CutOff,
    Nothing,
}

impl<'a> Frames<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn look(&self, at: usize) -> Here<'a> {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let Some(header) = rest.first_chunk::<HEADER>() else {
            let is_start = rest.iter().zip(SYNC).all(|(a, b)| *a == b);
            return if is_start { Here::CutOff } else { Here::Nothing };
        };
        let [s0, s1, kind, zero, l0, l1, l2, l3] = *header;
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        if [s0, s1] != SYNC || zero != 0 || length > MOST_PAYLOAD {
            return Here::Nothing;
        }
        let end = HEADER + length;
        let Some((covered, checksum)) = rest.get(SYNC.len()..end).zip(rest.get(end..end + CHECKSUM)) else {
            return Here::CutOff;
        };
        if crc32(covered).to_le_bytes() != checksum {
            return Here::Nothing;
        }
        Here::Frame { kind, payload: rest.get(HEADER..end).unwrap_or_default(), end: at + end + CHECKSUM }
    }

    /// Where the next frame begins from `from` on, or the file ends.
    fn next_frame(&self, from: usize) -> usize {
        let is_frame = |at: &usize| matches!(self.look(*at), Here::Frame { .. });
        let starts = self.bytes.get(from..).unwrap_or_default().windows(SYNC.len()).enumerate();
        let marked = starts.filter(|(_, window)| *window == SYNC).map(|(offset, _)| from + offset);
        marked.into_iter().find(is_frame).unwrap_or(self.bytes.len())
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        let start = self.at;
        if start >= self.bytes.len() {
            return None;
        }
        let here = self.look(start);
        if let Here::Frame { kind, payload, end } = here {
            self.at = end;
            return Some(Found::Frame { kind, payload, at: start..end });
        }
        self.at = self.next_frame(start + 1);
        let is_cut_off = matches!(here, Here::CutOff) && self.at == self.bytes.len();
        Some(Found::Damage { at: start..self.at, is_cut_off })
    }
}
