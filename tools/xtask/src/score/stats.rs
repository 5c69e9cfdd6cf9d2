//! Statistics of errors.

/// Root mean square; NaN of nothing.
pub(crate) fn rms(values: impl IntoIterator<Item = f64>) -> f64 {
    mean(values.into_iter().map(|value| value * value)).sqrt()
}

/// Mean; NaN of nothing.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values.into_iter().fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

/// Root mean square of estimate − truth.
pub(crate) fn rmse(pairs: &[(f64, f64)]) -> f64 {
    rms(pairs.iter().map(|(estimate, truth)| estimate - truth))
}

/// Pearson's correlation.
pub(crate) fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let of_a = mean(pairs.iter().map(|pair| pair.0));
    let of_b = mean(pairs.iter().map(|pair| pair.1));
    let centred = || pairs.iter().map(|(a, b)| (a - of_a, b - of_b));
    let covariance = mean(centred().map(|(a, b)| a * b));
    covariance / (rms(centred().map(|(a, _)| a)) * rms(centred().map(|(_, b)| b)))
}

/// The smallest value that at least `share` of the values do not exceed; NaN of nothing. What never came is infinite.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
}

/// Median, 95 % and worst.
pub(crate) fn spread(values: &[f64]) -> [f64; 3] {
    [0.5, 0.95, 1.0].map(|share| quantile(values, share))
}

/// Value that a chi-square variable of `freedom` degrees of freedom exceeds with the probability of a standard normal
/// one exceeding `z` (Wilson & Hilferty 1931: within 1.5 % from two degrees of freedom on, for |z| ≤ 2).
pub(crate) fn chi_square(freedom: f64, z: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    freedom * (1.0 - spread + z * spread.sqrt()).max(0.0).powi(3)
}

/// A quantity over time, straight between its points.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    /// Time, s, ascending, and value.
    points: Vec<(f64, f64)>,
}

impl Series {
    /// Points in order of time; of several at one moment the first counts.
    pub(crate) fn new(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut points: Vec<_> = points.into_iter().collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.dedup_by(|next, kept| next.0 <= kept.0);
        Self { points }
    }

    /// Value at `t_s`; none outside of the series, or between points further apart than `gap_s`.
    pub(crate) fn at(&self, t_s: f64, gap_s: f64) -> Option<f64> {
        let after = self.points.partition_point(|point| point.0 < t_s);
        let &(t1, v1) = self.points.get(after)?;
        if t1 <= t_s {
            return Some(v1);
        }
        let &(t0, v0) = self.points.get(after.checked_sub(1)?)?;
        (t1 - t0 <= gap_s).then(|| v0 + (v1 - v0) * (t_s - t0) / (t1 - t0))
    }

    /// Mean of the points within `half_s` of `t_s`; none when those do not lie on both sides.
    pub(crate) fn mean_about(&self, t_s: f64, half_s: f64) -> Option<f64> {
        let from = self.points.partition_point(|point| point.0 < t_s - half_s);
        let to = self.points.partition_point(|point| point.0 <= t_s + half_s);
        let within = &self.points[from..to];
        let both_sides = within.first()?.0 <= t_s && within.last()?.0 >= t_s;
        both_sides.then(|| mean(within.iter().map(|point| point.1)))
    }

    /// The last value not after `t_s`, held.
    pub(crate) fn held(&self, t_s: f64) -> Option<f64> {
        let after = self.points.partition_point(|point| point.0 <= t_s);
        Some(self.points.get(after.checked_sub(1)?)?.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let values: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!(spread(&values).map(f64::to_bits), [10.0_f64, 19.0, 20.0].map(f64::to_bits));
        assert_eq!(spread(&[1.0, f64::INFINITY, 0.5]).map(f64::is_finite), [true, false, false]);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn chi_square_is_as_tabulated() {
        // Freedom, z of the upper tail's probability, tabulated value.
        for (freedom, z, table) in [
            (2.0, 1.645, 5.991),
            (10.0, 1.96, 20.483),
            (10.0, -1.96, 3.247),
            (100.0, 1.96, 129.561),
            (100.0, -1.96, 74.222),
        ] {
            let value = chi_square(freedom, z);
            assert!((value / table - 1.0).abs() < 0.015, "{freedom}, {z}: {value} instead of {table}");
        }
    }

    #[test]
    fn a_mean_about_a_moment_needs_points_on_both_sides() {
        let series = Series::new([(0.0, 1.0), (0.1, 3.0), (0.2, 5.0)]);
        assert_eq!(series.mean_about(0.1, 0.15), Some(3.0));
        assert_eq!(series.mean_about(0.05, 0.06), Some(2.0));
        assert_eq!(series.mean_about(0.15, 0.04), None);
        assert_eq!(series.mean_about(0.25, 0.1), None);
    }

    #[test]
    fn correlation_sees_neither_scale_nor_offset() {
        let line: Vec<_> = (0..9).map(|i| (f64::from(i), 3.0 - 0.5 * f64::from(i))).collect();
        assert!((correlation(&line) + 1.0).abs() < 1e-12);
        assert!((rmse(&[(1.0, 4.0), (4.0, 1.0)]) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_series_is_known_only_where_it_is_covered() {
        let series = Series::new([(2.0, 5.0), (0.0, 1.0), (1.0, 3.0), (9.0, 0.0)]);
        assert_eq!(series.at(0.5, 2.0), Some(2.0));
        assert_eq!(series.at(2.0, 2.0), Some(5.0));
        assert_eq!(series.at(5.0, 2.0), None);
        assert_eq!((series.at(-0.1, 2.0), series.at(9.1, 2.0)), (None, None));
        assert_eq!((series.held(8.9), series.held(-0.1)), (Some(5.0), None));
    }
}
