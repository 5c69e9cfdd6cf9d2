//! The yaw of the mount as a complex linear fit: felt = gain · e^(i·yaw) · did + offset.

use nalgebra::Complex;

use crate::{config::MountConfig, correlation::Correlation, persist::Persist};

/// Acceleration that neither speed nor yaw rate explains, m/s² (unevenness, tilt, fix noise): the prior of the residual …
const PRIOR_RESIDUAL_MPS2: f64 = 0.5;
/// … counted as this many observations.
const PRIOR_COUNT: f64 = 1.0;
/// Complex numbers that a fit takes from the observations: offset, and gain with yaw.
const FITTED: f64 = 2.0;
/// Fewer observations agree by chance too often (five, with a little forgetting).
const MIN_COUNT: f64 = 4.5;
/// What has been felt must explain at least this share of its variance.
const MIN_CORRELATION: f64 = 0.35;
/// … and more than chance would do once in so many tries: a few delays that differ, and a fix a second for minutes.
const CHANCE: f64 = 1e-3;
/// Systematic part of the yaw's error, rad: suspension, uneven tyres, the receiver's smoothing.
const SYSTEMATIC_RAD: f64 = 0.005;
/// Time constant of the slow means that are taken off, s: longer than a braking or a bend, shorter than a hill.
const TREND_TAU_S: f64 = 12.0;
/// Spacing of the candidate delays, s.
const DELAY_STEP_S: f64 = 0.1;
/// Most candidates.
const MAX_CANDIDATES: usize = 31;
/// Standard deviation of the delay of a receiver that gives a fix a second, before the recording shows it, s: they lag
/// by 0 to 2 s, quicker ones by as much less …
const PRIOR_DELAY_SIGMA_S: f64 = 0.6;
/// … down to this share of it, since some fixes come quicker than they are measured.
const LEAST_PRIOR_SHARE: f64 = 0.25;
/// Share by which the usual interval of the fixes follows each.
const PACE_SHARE: f64 = 0.1;
/// A delay counts as known when it is known this well, s.
const KNOWN_DELAY_SIGMA_S: f64 = 0.3;
/// One interval makes no candidate less likely than by this many standard deviations: a pothole is none of its doing.
const MAX_SURPRISE: f64 = 3.0;
/// Errors last about this long, s: shorter intervals count less.
const INDEPENDENT_S: f64 = 1.0;
/// A receiver's delay changes with its reception: what it was counts less by this time constant of driving, s.
const DELAY_MEMORY_S: f64 = 240.0;

/// Weighted sums of one complex linear fit.
#[derive(Clone, Copy, Debug, Default, Persist)]
pub(super) struct Fit {
    weight: f64,
    felt: Complex<f64>,
    did: Complex<f64>,
    felt_did: Complex<f64>,
    felt_felt: f64,
    did_did: f64,
}

/// The sums with the means taken off.
struct Centred {
    count: f64,
    felt_did: Complex<f64>,
    felt_felt: f64,
    did_did: f64,
}

impl Centred {
    /// Mean square of what is not explained, (m/s²)².
    fn variance(&self) -> f64 {
        let residual = (self.felt_felt - self.felt_did.norm_sqr() / self.did_did).max(0.0);
        let prior = PRIOR_COUNT * PRIOR_RESIDUAL_MPS2 * PRIOR_RESIDUAL_MPS2;
        (residual + prior) / (self.count - FITTED + PRIOR_COUNT)
    }
}

impl Fit {
    pub(super) fn observe(&mut self, felt: Complex<f64>, did: Complex<f64>, weight: f64) {
        self.weight += weight;
        self.felt += felt * weight;
        self.did += did * weight;
        self.felt_did += felt * did.conj() * weight;
        self.felt_felt += felt.norm_sqr() * weight;
        self.did_did += did.norm_sqr() * weight;
    }

    /// Old intervals count less.
    pub(super) fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        self.felt *= factor;
        self.did *= factor;
        self.felt_did *= factor;
        self.felt_felt *= factor;
        self.did_did *= factor;
    }

    fn centred(&self) -> Option<Centred> {
        if self.weight < MIN_COUNT {
            return None;
        }
        let centred = Centred {
            count: self.weight,
            felt_did: self.felt_did - self.felt * self.did.conj() / self.weight,
            felt_felt: self.felt_felt - self.felt.norm_sqr() / self.weight,
            did_did: self.did_did - self.did.norm_sqr() / self.weight,
        };
        (centred.did_did > 0.0 && centred.felt_felt > 0.0).then_some(centred)
    }

    /// What is felt beyond what is foretold, and what is done, both with their means taken off; the second turned as felt.
    fn residual(&self, c: &Centred, felt: Complex<f64>, did: Complex<f64>) -> (Complex<f64>, Complex<f64>) {
        // What is felt is what is done, turned: a candidate that needs another gain is a wrong one.
        let turn = c.felt_did / libm::sqrt(c.felt_did.norm_sqr().max(f64::MIN_POSITIVE));
        let foretold = turn * (did - self.did / self.weight);
        (felt - self.felt / self.weight - foretold, foretold)
    }

    /// How much the next observation speaks for another yaw, (m/s²)²: what it adds to the sum that the yaw solves for.
    pub(super) fn score(&self, felt: Complex<f64>, did: Complex<f64>) -> Option<f64> {
        let (residual, foretold) = self.residual(&self.centred()?, felt, did);
        Some((residual * foretold.conj()).im)
    }

    /// Minus twice the logarithm of how likely the next observation is, up to a constant; `variance` is the noise's.
    fn surprise(&self, felt: Complex<f64>, did: Complex<f64>, variance: f64) -> Option<f64> {
        let c = self.centred()?;
        let (residual, foretold) = self.residual(&c, felt, did);
        // What the fit itself is unsure of.
        let spread = 1.0 + 1.0 / c.count + foretold.norm_sqr() / c.did_did;
        let squared = residual.norm_sqr() / (0.5 * variance * spread);
        Some(squared.min(MAX_SURPRISE * MAX_SURPRISE) + 2.0 * libm::log(spread))
    }

    /// Yaw, rad, and its standard deviation, when the observations are so correlated.
    pub(super) fn yaw(&self, correlation: &Correlation) -> Option<(f64, f64)> {
        let c = self.centred()?;
        let squared = c.felt_did.norm_sqr();
        let explained = squared / (c.felt_felt * c.did_did);
        // Of two rows of n complex numbers that have nothing to do with each other, one explains this much or more of
        // the other with the probability (1 − explained)^(n − 1); here their means are taken off, too.
        let by_chance = libm::pow((1.0 - explained).max(0.0), c.count - FITTED);
        if explained < MIN_CORRELATION || by_chance > CHANCE {
            return None;
        }
        // Half of a complex residual lies across the direction.
        let variance = 0.5 * c.variance() * correlation.factor() * c.did_did / squared;
        Some((libm::atan2(c.felt_did.im, c.felt_did.re), libm::sqrt(variance + SYSTEMATIC_RAD * SYSTEMATIC_RAD)))
    }
}

/// Slow means of both sides. What is left of tilt, grade and bias is slow; braking and turning are not.
#[derive(Clone, Copy, Debug, Default, Persist)]
struct Trend {
    felt: Complex<f64>,
    did: Complex<f64>,
    elapsed_s: f64,
}

impl Trend {
    /// Takes the slow mean off both sides alike.
    fn remove(&mut self, felt: Complex<f64>, did: Complex<f64>, dt: f64) -> (Complex<f64>, Complex<f64>) {
        self.elapsed_s += dt;
        let k = dt / self.elapsed_s.min(TREND_TAU_S);
        self.felt += (felt - self.felt) * k;
        self.did += (did - self.did) * k;
        (felt - self.felt, did - self.did)
    }
}

/// One fit a candidate delay, and how likely each candidate is: by how well it foretold each interval.
#[derive(Clone, Debug, Persist)]
pub(super) struct DelayFit {
    fits: [Fit; MAX_CANDIDATES],
    trends: [Trend; MAX_CANDIDATES],
    correlation: Correlation,
    candidates: usize,
    /// Logarithm of how likely each candidate made what was seen, up to a constant.
    likelihood: [f64; MAX_CANDIDATES],
    initial_s: f64,
    /// Usual interval between fixes, s.
    interval_s: f64,
    delay_s: f64,
    sigma_s: f64,
}

impl DelayFit {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "validated range")]
    pub(super) fn new(config: &MountConfig) -> Self {
        let mut fit = Self {
            fits: [Fit::default(); MAX_CANDIDATES],
            trends: [Trend::default(); MAX_CANDIDATES],
            correlation: Correlation::new(1.0),
            candidates: ((config.max_gnss_delay_s / DELAY_STEP_S) as usize + 1).min(MAX_CANDIDATES),
            likelihood: [0.0; MAX_CANDIDATES],
            initial_s: config.initial_gnss_delay_s,
            interval_s: 1.0,
            delay_s: 0.0,
            sigma_s: 0.0,
        };
        fit.weigh();
        fit
    }

    /// How many candidates there are; bounded here, since a restored snapshot may say anything.
    fn candidates(&self) -> usize {
        self.candidates.clamp(1, MAX_CANDIDATES)
    }

    /// A fix came so long after the one before, s.
    pub(super) fn pace(&mut self, interval_s: f64) {
        self.interval_s += (interval_s.clamp(0.0, 1.0) - self.interval_s) * PACE_SHARE;
        self.weigh();
    }

    /// One interval between fixes: `at` gives what was felt and done for a delay.
    pub(super) fn observe(&mut self, at: impl Fn(f64) -> Option<(Complex<f64>, Complex<f64>)>, interval_s: f64) {
        // The noise is what the best candidate leaves.
        let known = self.fits[..self.candidates()].iter().filter_map(Fit::centred);
        let variance = known.map(|c| c.variance()).fold(f64::MAX, f64::min);
        let best = self.best();
        let mut surprises = [None; MAX_CANDIDATES];
        let surprises = &mut surprises[..self.candidates()];
        for (index, surprise) in surprises.iter_mut().enumerate() {
            let Some((felt, did)) = at(delay_at(index)) else { continue };
            let (felt, did) = self.trends[index].remove(felt, did, interval_s);
            *surprise = self.fits[index].surprise(felt, did, variance);
            if index == best
                && let Some(score) = self.fits[index].score(felt, did)
            {
                self.correlation.observe(score);
            }
            self.fits[index].observe(felt, did, 1.0);
        }
        // Candidates can be compared by what all of them have foretold.
        if surprises.iter().all(Option::is_some) {
            let (least, most) =
                surprises.iter().flatten().fold((f64::MAX, 0.0_f64), |(a, b), s| (a.min(*s), b.max(*s)));
            let worth = (interval_s / INDEPENDENT_S).min(1.0);
            // What tells nothing apart displaces nothing.
            let kept = 1.0 - (interval_s / DELAY_MEMORY_S).min(1.0) * (most - least).min(1.0);
            for (likelihood, surprise) in self.likelihood.iter_mut().zip(surprises.iter().flatten()) {
                *likelihood = *likelihood * kept - 0.5 * worth * surprise;
            }
            self.weigh();
        }
    }

    /// Old intervals count less.
    pub(super) fn scale(&mut self, factor: f64) {
        for fit in &mut self.fits {
            fit.scale(factor);
        }
        self.correlation.scale(factor);
    }

    /// The phone was moved; the receiver is the same.
    pub(super) fn forget_yaw(&mut self) {
        self.fits = [Fit::default(); MAX_CANDIDATES];
        self.trends = [Trend::default(); MAX_CANDIDATES];
        self.correlation = Correlation::new(1.0);
    }

    /// Mean over the candidates, s.
    pub(super) fn delay_s(&self) -> f64 {
        self.delay_s
    }

    /// Its standard deviation, s.
    pub(super) fn sigma_s(&self) -> f64 {
        self.sigma_s
    }

    pub(super) fn is_known(&self) -> bool {
        self.sigma_s <= KNOWN_DELAY_SIGMA_S
    }

    /// Yaw and its standard deviation at that delay.
    pub(super) fn yaw(&self) -> Option<(f64, f64)> {
        self.fits[self.best()].yaw(&self.correlation)
    }

    /// The candidate nearest to the delay.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "validated range")]
    fn best(&self) -> usize {
        (libm::round(self.delay_s / DELAY_STEP_S) as usize).min(self.candidates() - 1)
    }

    /// Mean and standard deviation of the delay: what was likely beforehand, and what the recording shows.
    fn weigh(&mut self) {
        let centre_s = self.initial_s * self.interval_s;
        let sigma_s = PRIOR_DELAY_SIGMA_S * self.interval_s.max(LEAST_PRIOR_SHARE);
        let logarithm = |index: usize, likelihood: f64| {
            let off = (delay_at(index) - centre_s) / sigma_s;
            likelihood - 0.5 * off * off
        };
        let all =
            || self.likelihood[..self.candidates()].iter().enumerate().map(|(i, l)| (delay_at(i), logarithm(i, *l)));
        let greatest = all().map(|(_, logarithm)| logarithm).fold(f64::MIN, f64::max);
        let mut sums = [0.0; 3];
        for (delay_s, logarithm) in all() {
            let weight = libm::exp(logarithm - greatest);
            sums[0] += weight;
            sums[1] += weight * delay_s;
            sums[2] += weight * delay_s * delay_s;
        }
        self.delay_s = sums[1] / sums[0];
        let variance = (sums[2] / sums[0] - self.delay_s * self.delay_s).max(0.0);
        // Between two candidates nothing is told apart.
        self.sigma_s = libm::sqrt(variance + DELAY_STEP_S * DELAY_STEP_S / 12.0);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few candidates")]
fn delay_at(index: usize) -> f64 {
    index as f64 * DELAY_STEP_S
}

#[cfg(test)]
mod tests;
