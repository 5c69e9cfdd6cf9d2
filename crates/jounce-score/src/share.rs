//! Proportions, and how sure they are.

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many were so.
    pub right: u32,
    /// Of how many.
    pub of: u32,
}

impl Share {
    /// `right` of `of`.
    pub const fn new(right: u32, of: u32) -> Self {
        Self { right, of }
    }

    /// As a number; none of nothing.
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| f64::from(self.right) / f64::from(self.of))
    }

    /// Between which values the true proportion lies, with 95 % (Wilson 1927); none of nothing.
    pub fn interval(self) -> Option<(f64, f64)> {
        const Z: f64 = 1.96;
        let (share, n) = (self.value()?, f64::from(self.of));
        let scale = 1.0 + Z * Z / n;
        let middle = (share + Z * Z / (2.0 * n)) / scale;
        let half = Z / scale * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        Some(((middle - half).max(0.0), (middle + half).min(1.0)))
    }
}

/// The smallest value that at least `share` of the values do not exceed; none of nothing.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_wilsons() {
        // Right, of, and the bounds as tabulated for 95 % (Newcombe 1998, method 3).
        for (right, of, low, high) in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)] {
            let (from, to) = Share::new(right, of).interval().expect("some");
            assert!((from - low).abs() < 1e-4 && (to - high).abs() < 1e-4, "{right} of {of}: {from}, {to}");
        }
        let (from, to) = Share::new(29, 29).interval().expect("some");
        assert!((from - 0.8830).abs() < 1e-4 && (to - 1.0).abs() < 1e-12, "{from}, {to}");
        assert_eq!((Share::default().value(), Share::default().interval()), (None, None));
    }

    #[test]
    fn quantiles_are_values_that_occurred() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!([0.0, 0.5, 0.51, 1.0].map(|share| quantile(&values, share)), [1.0, 2.0, 3.0, 4.0].map(Some));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
