//! What the tests of several rooms share.

use crate::time::Timestamp;

/// `s` seconds after an arbitrary start of the recording's clock.
pub(crate) fn at(s: f64) -> Timestamp {
    Timestamp::from_ns(7_000_000_000_000).plus_s(s)
}

/// Repeatable noise: a 64-bit linear congruential generator (Knuth), sum of four for a bell.
#[derive(Clone, Debug)]
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    /// Evenly between 0 and 1.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }

    /// Mean 0, standard deviation 1, within ±3.5.
    pub(crate) fn bell(&mut self) -> f64 {
        ((0..4).map(|_| self.unit()).sum::<f64>() - 2.0) * libm::sqrt(3.0)
    }
}
