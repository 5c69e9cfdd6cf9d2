//! The only place that knows how values become bytes.

use bincode::config::{Configuration, Limit};
use serde::{Serialize, de::DeserializeOwned};

/// Most bytes that a decoded value may account for: twice what the fullest engine takes.
pub(crate) const MOST_BYTES: usize = 2 << 20;

const CONFIG: Configuration<bincode::config::LittleEndian, bincode::config::Varint, Limit<MOST_BYTES>> =
    bincode::config::standard().with_limit::<MOST_BYTES>();

/// The value as bytes; `None` when it cannot be written.
pub(crate) fn encode(value: &impl Serialize) -> Option<Vec<u8>> {
    bincode::serde::encode_to_vec(value, CONFIG).ok()
}

/// The value that all of `bytes` are; `None` when they are none.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (value, used) = bincode::serde::decode_from_slice(bytes, CONFIG).ok()?;
    (used == bytes.len()).then_some(value)
}
