//! How much a row of errors that follow one another is worth.
//!
//! Errors that go with their neighbours average out more slowly than independent ones, errors that go against them more
//! quickly. What counts is the variance of their sum (W. K. Newey and K. D. West, *A Simple, Positive Semi-Definite,
//! Heteroskedasticity and Autocorrelation Consistent Covariance Matrix*, Econometrica 55(3), 1987).

use crate::persist::Persist;

/// Neighbours up to this far apart are held against each other: at one a second, as long as a bend lasts.
const LAGS: usize = 8;
/// What is believed beforehand counts as much as this many errors: fewer tell little (standard error of the factor from n
/// errors, by the paper: √(4/3 · LAGS / n)).
const PRIOR_COUNT: f64 = 20.0;
/// … and for the mean square as this many, which settles sooner (√(2 / n)).
const PRIOR_SQUARES: f64 = 6.0;
/// Nothing is taken for this many times better or worse than independent errors.
const MAX_FACTOR: f64 = 4.0;

/// Sums over a row of errors.
#[derive(Clone, Copy, Debug, Persist)]
pub(crate) struct Correlation {
    prior: f64,
    count: f64,
    squares: f64,
    /// Sums of the products with the errors before, nearest first, and those errors.
    products: [f64; LAGS],
    recent: [f64; LAGS],
}

impl Correlation {
    /// Before there are errors to tell, [`Self::factor`] is `prior`.
    pub(crate) const fn new(prior: f64) -> Self {
        Self { prior, count: 0.0, squares: 0.0, products: [0.0; LAGS], recent: [0.0; LAGS] }
    }

    /// The next error.
    pub(crate) fn observe(&mut self, error: f64) {
        self.count += 1.0;
        self.squares += error * error;
        for (product, before) in self.products.iter_mut().zip(&self.recent) {
            *product += error * before;
        }
        self.recent.rotate_right(1);
        self.recent[0] = error;
    }

    /// Old errors count less.
    pub(crate) fn scale(&mut self, factor: f64) {
        self.count *= factor;
        self.squares *= factor;
        self.products.iter_mut().for_each(|product| *product *= factor);
    }

    /// Mean square; `prior` is what it is believed to be beforehand.
    pub(crate) fn mean_square(&self, prior: f64) -> f64 {
        (self.squares + PRIOR_SQUARES * prior) / (self.count + PRIOR_SQUARES)
    }

    /// Variance of their sum beside that of independent errors: 1 when they are independent.
    pub(crate) fn factor(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few lags")]
        let bartlett = |lag: usize| 1.0 - (lag + 1) as f64 / (LAGS + 1) as f64;
        let sum: f64 = self.products.iter().enumerate().map(|(lag, product)| bartlett(lag) * product).sum();
        let shown = if self.squares > 0.0 { 1.0 + 2.0 * sum / self.squares } else { self.prior };
        let factor = (self.count * shown + PRIOR_COUNT * self.prior) / (self.count + PRIOR_COUNT);
        factor.clamp(1.0 / MAX_FACTOR, MAX_FACTOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Noise;

    fn factor_of(errors: impl Iterator<Item = f64>) -> f64 {
        let mut correlation = Correlation::new(1.0);
        errors.for_each(|error| correlation.observe(error));
        correlation.factor()
    }

    #[test]
    fn errors_that_stay_are_worth_less_and_errors_that_alternate_more() {
        // Each error four times: four are as good as one.
        let mut noise = Noise(5);
        let blocks = factor_of((0..200).flat_map(|_| [noise.bell(); 4]));
        let alternating = factor_of((0..400).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }));
        assert!((2.0..4.5).contains(&blocks), "{blocks}");
        assert!(alternating < 0.3, "{alternating}");
    }

    #[test]
    fn nothing_seen_is_what_was_believed_before() {
        let correlation = Correlation::new(3.0);
        assert!((correlation.factor() - 3.0).abs() < 1e-12);
        assert!((correlation.mean_square(2.0) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn old_errors_are_forgotten() {
        let mut correlation = Correlation::new(1.0);
        for _ in 0..100 {
            correlation.observe(5.0);
        }
        for _ in 0..100 {
            correlation.scale(0.8);
            correlation.observe(1.0);
        }
        assert!((correlation.mean_square(1.0) - 1.0).abs() < 0.01);
    }
}
