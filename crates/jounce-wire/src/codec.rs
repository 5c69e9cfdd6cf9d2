//! The only place that knows how values become bytes.
//!
//! bincode says how each number is written, and nothing else: there is one failure, of no size, and no part of a number's
//! code is there twice.

mod read;
mod write;

use bincode::config::{Configuration, Limit};
use jounce::persist::{Persist, Tape};

/// Most bytes that a decoded value may account for: twice what the fullest engine takes.
pub(crate) const MOST_BYTES: usize = 2 << 20;

const CONFIG: Configuration<bincode::config::LittleEndian, bincode::config::Varint, Limit<MOST_BYTES>> =
    bincode::config::standard().with_limit::<MOST_BYTES>();

/// The value as bytes. It is the same afterwards.
pub(crate) fn encode(value: &mut impl Persist) -> Vec<u8> {
    let mut writer = write::Writer::default();
    value.run(&mut Tape::new(&mut writer));
    writer.into_bytes()
}

/// What became of a value that bytes were read into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// It is the one that was written.
    Whole,
    /// It is, but has a float that is NaN or infinite.
    NotFinite,
    /// The bytes are no such value; what it is now means nothing.
    Unfit,
}

/// Reads all of `bytes` into the value.
pub(crate) fn decode(bytes: &[u8], value: &mut impl Persist) -> Decoded {
    let mut reader = read::Reader::new(bytes);
    value.run(&mut Tape::new(&mut reader));
    reader.end()
}

#[cfg(test)]
mod tests;
