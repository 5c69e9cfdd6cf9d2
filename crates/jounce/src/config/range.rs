//! What a value may be.

use alloc::format;
use core::fmt;

use super::ConfigError;

/// The values a field may take; NaN and infinities are in none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    min: f64,
    max: f64,
    min_allowed: bool,
}

impl Range {
    /// From `min` to `max`, both allowed.
    pub const fn from_to(min: f64, max: f64) -> Self {
        Self { min, max, min_allowed: true }
    }

    /// Greater than `min`, at most `max`.
    pub const fn above_to(min: f64, max: f64) -> Self {
        Self { min, max, min_allowed: false }
    }

    /// Whether `value` is allowed.
    pub fn contains(self, value: f64) -> bool {
        let above = if self.min_allowed { value >= self.min } else { value > self.min };
        above && value <= self.max && value.is_finite()
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { min, max, min_allowed } = self;
        if *min_allowed { write!(f, "{min} to {max}") } else { write!(f, "more than {min}, at most {max}") }
    }
}

/// A value that can be held against a [`Range`].
pub(super) trait Check {
    /// Fails when the field `room.name` is outside `range`.
    fn check(&self, room: &str, name: &str, range: Range) -> Result<(), ConfigError>;
}

impl Check for f64 {
    fn check(&self, room: &str, name: &str, range: Range) -> Result<(), ConfigError> {
        if range.contains(*self) {
            return Ok(());
        }
        Err(ConfigError::OutOfRange { field: format!("{room}.{name}"), value: *self, expected: range })
    }
}

impl Check for u32 {
    fn check(&self, room: &str, name: &str, range: Range) -> Result<(), ConfigError> {
        f64::from(*self).check(room, name, range)
    }
}

impl Check for usize {
    fn check(&self, room: &str, name: &str, range: Range) -> Result<(), ConfigError> {
        u32::try_from(*self).map_or(f64::INFINITY, f64::from).check(room, name, range)
    }
}

impl Check for bool {
    fn check(&self, room: &str, name: &str, range: Range) -> Result<(), ConfigError> {
        u32::from(*self).check(room, name, range)
    }
}

impl<T: Check> Check for Option<T> {
    fn check(&self, room: &str, name: &str, range: Range) -> Result<(), ConfigError> {
        self.as_ref().map_or(Ok(()), |value| value.check(room, name, range))
    }
}

/// Severity bands: each in the range, and each greater than the one before.
impl<const N: usize> Check for [f64; N] {
    fn check(&self, room: &str, name: &str, range: Range) -> Result<(), ConfigError> {
        self.iter().try_for_each(|value| value.check(room, name, range))?;
        if self.is_sorted_by(|a, b| a < b) {
            return Ok(());
        }
        Err(ConfigError::NotAscending { field: format!("{room}.{name}") })
    }
}
