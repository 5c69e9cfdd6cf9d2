//! Bytes to values.

use bincode::Decode;
use jounce::persist::Medium;

use super::{CONFIG, Decoded, MOST_BYTES};

/// What is still to be read. After a failure nothing is left, and what is asked for stays as it is.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    is_finite: bool,
    has_failed: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Self { rest: bytes, is_finite: true, has_failed: false };
        if bytes.len() > MOST_BYTES {
            reader.fail();
        }
        reader
    }

    /// Everything was asked for that there is to be read.
    pub(super) fn end(&self) -> Decoded {
        match (self.has_failed || !self.rest.is_empty(), self.is_finite) {
            (true, _) => Decoded::Unfit,
            (false, false) => Decoded::NotFinite,
            (false, true) => Decoded::Whole,
        }
    }

    fn take<T: Decode<()>>(&mut self, value: &mut T) {
        if let Ok((taken, used)) = bincode::decode_from_slice(self.rest, CONFIG)
            && let Some(rest) = self.rest.get(used..)
        {
            self.rest = rest;
            *value = taken;
        } else {
            self.fail();
        }
    }
}

impl Medium for Reader<'_> {
    fn byte(&mut self, value: &mut u8) {
        self.take(value);
    }

    fn unsigned(&mut self, value: &mut u64) {
        self.take(value);
    }

    fn signed(&mut self, value: &mut i64) {
        self.take(value);
    }

    fn single(&mut self, value: &mut f32) {
        self.take(value);
        self.is_finite &= value.is_finite();
    }

    fn double(&mut self, value: &mut f64) {
        self.take(value);
        self.is_finite &= value.is_finite();
    }

    fn text(&mut self, value: &mut String) {
        let mut length = 0;
        self.length(&mut length);
        let (bytes, rest) = self.rest.split_at_checked(length).unwrap_or_default();
        self.rest = rest;
        match str::from_utf8(bytes) {
            Ok(text) => text.clone_into(value),
            Err(_) => self.fail(),
        }
    }

    /// No more than there are bytes, since no element takes none.
    fn length(&mut self, value: &mut usize) {
        let mut length = 0_u64;
        self.take(&mut length);
        match usize::try_from(length) {
            Ok(length) if length <= self.rest.len() => *value = length,
            _ => self.fail(),
        }
        if self.has_failed {
            *value = 0;
        }
    }

    #[cold]
    fn fail(&mut self) {
        self.rest = &[];
        self.has_failed = true;
    }

    fn has_failed(&self) -> bool {
        self.has_failed
    }
}
