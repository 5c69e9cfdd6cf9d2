//! One monotonic clock per recording, in integer nanoseconds.

use crate::persist::Persist;

const NS_PER_S: f64 = 1e9;

/// A moment on the recording's monotonic clock, in nanoseconds.
///
/// The engine never reads a clock: every moment it knows came with a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest moment that can be written.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest moment that can be written.
    pub const MAX: Self = Self(i64::MAX);

    /// A moment `ns` nanoseconds after the clock's zero.
    #[must_use]
    pub const fn from_ns(ns: i64) -> Self {
        Self(ns)
    }

    /// Nanoseconds after the clock's zero.
    pub const fn ns(self) -> i64 {
        self.0
    }

    /// Nanoseconds from `earlier` to `self`, saturating; negative when `earlier` is later.
    pub const fn ns_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Seconds from `earlier` to `self`; negative when `earlier` is later.
    #[allow(clippy::cast_precision_loss)] // spans beyond 2^53 ns (104 days) lose nanoseconds only
    pub const fn s_since(self, earlier: Self) -> f64 {
        self.ns_since(earlier) as f64 / NS_PER_S
    }

    /// The moment `seconds` later (earlier when negative), saturating.
    #[must_use]
    pub fn plus_s(self, seconds: f64) -> Self {
        self.plus_ns(ns_from_s(seconds))
    }

    /// The moment `ns` nanoseconds later (earlier when negative), saturating.
    #[must_use]
    pub const fn plus_ns(self, ns: i64) -> Self {
        Self(self.0.saturating_add(ns))
    }
}

/// Whole nanoseconds in `seconds`, rounded to nearest, saturating; NaN gives 0.
#[allow(clippy::cast_possible_truncation)] // a float-to-int cast saturates, which is what is wanted
pub fn ns_from_s(seconds: f64) -> i64 {
    libm::round(seconds * NS_PER_S) as i64
}
