//! Values to bytes.

use bincode::{Encode, enc::write::Writer as Sink, error::EncodeError};
use jounce::persist::Medium;

use super::CONFIG;

/// What has been written so far.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Bytes,
    has_failed: bool,
}

#[derive(Debug, Default)]
struct Bytes(Vec<u8>);

impl Sink for Bytes {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

impl Writer {
    /// Nothing, when something could not be written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        if self.has_failed { Vec::new() } else { self.bytes.0 }
    }

    fn put(&mut self, value: impl Encode) {
        self.has_failed |= bincode::encode_into_writer(value, &mut self.bytes, CONFIG).is_err();
    }
}

impl Medium for Writer {
    fn byte(&mut self, value: &mut u8) {
        self.put(*value);
    }

    fn unsigned(&mut self, value: &mut u64) {
        self.put(*value);
    }

    fn signed(&mut self, value: &mut i64) {
        self.put(*value);
    }

    fn single(&mut self, value: &mut f32) {
        self.put(*value);
    }

    fn double(&mut self, value: &mut f64) {
        self.put(*value);
    }

    fn text(&mut self, value: &mut String) {
        self.put(value.as_str());
    }

    fn length(&mut self, value: &mut usize) {
        self.put(*value as u64);
    }

    fn fail(&mut self) {
        self.has_failed = true;
    }

    fn has_failed(&self) -> bool {
        self.has_failed
    }
}
