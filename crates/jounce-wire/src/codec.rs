//! The only place that knows how values become bytes.
//!
//! bincode says how each number is written, and nothing else: an engine is made of some hundred types, and code generated
//! for each of them with all that bincode can say when a byte is wrong was a fifth of the library that an app ships. Here
//! there is one failure, of no size, and no part of a number's code is there twice. The bytes are those that
//! `bincode::serde` writes.

mod names;
mod read;
mod write;

use std::fmt;

use bincode::config::{Configuration, Limit};
use serde::{Deserialize, Serialize};

pub(crate) use names::Names;

/// Most bytes that a decoded value may account for: twice what the fullest engine takes.
pub(crate) const MOST_BYTES: usize = 2 << 20;

const CONFIG: Configuration<bincode::config::LittleEndian, bincode::config::Varint, Limit<MOST_BYTES>> =
    bincode::config::standard().with_limit::<MOST_BYTES>();

/// Bytes that are no such value, or a value that cannot be bytes.
#[derive(Debug)]
struct Unfit;

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unfit")
    }
}

impl std::error::Error for Unfit {}

/// A value as it is written.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    /// Hash of the names of all structs and fields, in order.
    pub(crate) names: u64,
}

/// A value as it was read.
#[derive(Debug)]
pub(crate) struct Decoded<T> {
    pub(crate) value: T,
    /// No float is NaN or infinite.
    pub(crate) is_finite: bool,
}

/// The value as bytes; `None` when it cannot be written.
pub(crate) fn encode(value: &impl Serialize) -> Option<Encoded> {
    let mut writer = write::Writer::default();
    value.serialize(&mut writer).ok()?;
    writer.into_encoded()
}

/// The value that all of `bytes` are; `None` when they are none.
pub(crate) fn decode<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Option<Decoded<T>> {
    let mut reader = read::Reader::new(bytes)?;
    let value = T::deserialize(&mut reader).ok()?;
    reader.is_complete().then_some(Decoded { value, is_finite: reader.is_finite() })
}

#[cfg(test)]
mod tests;
