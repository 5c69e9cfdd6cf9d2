//! What an engine keeps when the app is ended: one description of its state, by which it is both written and read.
//!
//! A [`Persist`] runs its values over a [`Tape`], in order and where they lie. A tape that records takes each of them; one
//! that plays sets each to what was recorded. So what is written and what is read cannot differ, and the code for it is
//! there once: as serde's traits, derived for some hundred types, it was a quarter of the library that an app ships. How
//! values become bytes is the [`Medium`]'s affair.

mod collections;
mod numbers;

use alloc::string::String;

pub use jounce_derive::Persist;

pub(crate) use collections::{Timed, by_time};
pub(crate) use numbers::Axes;

/// What is kept of an engine, and all that it consists of.
pub trait Persist: Sized {
    /// Tells one arrangement of values from another.
    const LAYOUT: Layout;

    /// Some value, to be played over.
    fn blank() -> Self;

    /// Runs all values over the tape. What the tape sets after a failure means nothing.
    fn run(&mut self, tape: &mut Tape<'_>);
}

/// A hash of the names and types of everything that is kept, in order (FNV-1a, 64 bit): known when it is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout(u64);

impl Layout {
    /// Of what is not there.
    pub const NOTHING: Self = Self(0xcbf2_9ce4_8422_2325);

    /// Of a type without parts.
    #[must_use]
    pub const fn of(name: &str) -> Self {
        Self::NOTHING.mixed(name.as_bytes()).mixed(&[0])
    }

    /// With one more part.
    #[must_use]
    pub const fn and(self, name: &str, part: &Self) -> Self {
        self.mixed(name.as_bytes()).mixed(&[0]).mixed(&part.0.to_le_bytes())
    }

    pub(crate) const fn of_number(number: usize) -> Self {
        Self::NOTHING.mixed(&(number as u64).to_le_bytes())
    }

    /// The hash.
    pub const fn get(self) -> u64 {
        self.0
    }

    const fn mixed(self, bytes: &[u8]) -> Self {
        let (mut hash, mut index) = (self.0, 0);
        while index < bytes.len() {
            hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0100_0000_01b3);
            index += 1;
        }
        Self(hash)
    }
}

/// Records values, or plays them: then each is set.
///
/// A failure is remembered and told at the end, so that there is no branch for each value; nothing is set after it.
pub trait Medium {
    /// A byte.
    fn byte(&mut self, value: &mut u8);

    /// A number that is often small.
    fn unsigned(&mut self, value: &mut u64);

    /// Likewise, of either sign.
    fn signed(&mut self, value: &mut i64);

    /// A number in single precision, to the bit.
    fn single(&mut self, value: &mut f32);

    /// A number in double precision, to the bit.
    fn double(&mut self, value: &mut f64);

    /// A text.
    fn text(&mut self, value: &mut String);

    /// How many elements follow, none of which takes no room. No more are played than may be there; none after a failure.
    fn length(&mut self, value: &mut usize);

    /// What was played cannot be.
    fn fail(&mut self);

    /// Something could not be.
    fn has_failed(&self) -> bool;
}

/// A medium that state is run over.
#[expect(missing_debug_implementations, reason = "a medium is whatever the host has")]
pub struct Tape<'a>(&'a mut dyn Medium);

impl<'a> Tape<'a> {
    /// The tape of this medium.
    pub fn new(medium: &'a mut dyn Medium) -> Self {
        Self(medium)
    }

    /// Which of an enum's variants follows, where `is` is the one that is there.
    #[inline(never)]
    pub(crate) fn variant(&mut self, is: u32) -> u32 {
        let mut index = is;
        index.run(self);
        if self.has_failed() { is } else { index }
    }

    pub(crate) fn fail(&mut self) {
        self.0.fail();
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.0.has_failed()
    }

    #[inline(never)]
    fn length(&mut self, is: usize) -> usize {
        let mut length = is;
        self.0.length(&mut length);
        length
    }

    #[inline(never)]
    fn doubles(&mut self, values: &mut [f64]) {
        for value in values {
            value.run(self);
        }
    }
}

#[cfg(test)]
mod tests;
