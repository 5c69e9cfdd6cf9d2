//! The yaw of the mount as a complex linear fit: felt = gain · e^(i·yaw) · did + offset.

use nalgebra::Complex;

use crate::config::MountConfig;

/// Acceleration that neither speed nor yaw rate explains, m/s² (unevenness, tilt, fix noise): the prior of the residual …
const PRIOR_RESIDUAL_MPS2: f64 = 0.5;
/// … counted as this many observations.
const PRIOR_COUNT: f64 = 6.0;
/// Complex numbers that a fit takes from the observations: offset, and gain with yaw.
const FITTED: f64 = 2.0;
/// Fewer observations agree by chance too often (five, with a little forgetting).
const MIN_COUNT: f64 = 4.5;
/// What has been felt must explain at least this share of its variance.
const MIN_CORRELATION: f64 = 0.35;
/// Systematic part of the yaw's error, rad: suspension, uneven tyres, the receiver's smoothing.
const SYSTEMATIC_RAD: f64 = 0.015;
/// Time constant of the slow means that are taken off, s: longer than a braking or a bend, shorter than a hill.
const TREND_TAU_S: f64 = 12.0;
/// Spacing of the candidate delays, s.
const DELAY_STEP_S: f64 = 0.1;
/// Most candidates.
const MAX_CANDIDATES: usize = 31;
/// Changes of speed, root of the sum of squares, that a delay needs before it counts, m/s.
const DELAY_EVIDENCE_MPS: f64 = 4.0;

/// Weighted sums of one complex linear fit.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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

    /// Share of what was felt that is explained, 0–1.
    fn explained(&self) -> f64 {
        self.centred().map_or(0.0, |c| c.felt_did.norm_sqr() / (c.felt_felt * c.did_did))
    }

    /// Yaw, rad, and its standard deviation.
    pub(super) fn yaw(&self) -> Option<(f64, f64)> {
        let c = self.centred()?;
        let squared = c.felt_did.norm_sqr();
        if squared < MIN_CORRELATION * c.felt_felt * c.did_did {
            return None;
        }
        let residual = (c.felt_felt - squared / c.did_did).max(0.0);
        let prior = PRIOR_COUNT * PRIOR_RESIDUAL_MPS2 * PRIOR_RESIDUAL_MPS2;
        let variance = (residual + prior) / (c.count - FITTED + PRIOR_COUNT);
        // Half of a complex residual lies across the direction.
        let sigma = libm::sqrt(0.5 * variance * c.did_did / squared);
        Some((libm::atan2(c.felt_did.im, c.felt_did.re), libm::sqrt(sigma * sigma + SYSTEMATIC_RAD * SYSTEMATIC_RAD)))
    }
}

/// Slow means of both sides. What is left of tilt, grade and bias is slow; braking and turning are not.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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

/// One fit a candidate delay.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct DelayFit {
    initial_s: f64,
    fits: [Fit; MAX_CANDIDATES],
    trends: [Trend; MAX_CANDIDATES],
    candidates: usize,
    /// Sum of squares of the changes of speed seen, (m/s)².
    evidence: f64,
    known_s: Option<f64>,
}

impl DelayFit {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "validated range")]
    pub(super) fn new(config: &MountConfig) -> Self {
        Self {
            initial_s: config.initial_gnss_delay_s,
            fits: [Fit::default(); MAX_CANDIDATES],
            trends: [Trend::default(); MAX_CANDIDATES],
            candidates: ((config.max_gnss_delay_s / DELAY_STEP_S) as usize + 1).min(MAX_CANDIDATES),
            evidence: 0.0,
            known_s: None,
        }
    }

    /// One interval between fixes: `at` gives what was felt and done for a delay.
    pub(super) fn observe(&mut self, at: impl Fn(f64) -> Option<(Complex<f64>, Complex<f64>)>, interval_s: f64) {
        let mut delay_s = 0.0;
        let mut change = None;
        for (fit, trend) in self.fits[..self.candidates].iter_mut().zip(&mut self.trends) {
            if let Some((felt, did)) = at(delay_s) {
                let (felt_now, did_now) = trend.remove(felt, did, interval_s);
                fit.observe(felt_now, did_now, 1.0);
                change = Some(did.re * interval_s);
            }
            delay_s += DELAY_STEP_S;
        }
        self.evidence += change.map_or(0.0, |change| change * change);
        if self.evidence >= DELAY_EVIDENCE_MPS * DELAY_EVIDENCE_MPS {
            self.known_s = self.best().or(self.known_s);
        }
    }

    /// Old intervals count less.
    pub(super) fn scale(&mut self, factor: f64) {
        for fit in &mut self.fits[..self.candidates] {
            fit.scale(factor);
        }
    }

    pub(super) fn forget_yaw(&mut self) {
        self.fits = [Fit::default(); MAX_CANDIDATES];
        self.trends = [Trend::default(); MAX_CANDIDATES];
        self.evidence = 0.0;
    }

    pub(super) fn delay_s(&self) -> f64 {
        self.known_s.unwrap_or(self.initial_s)
    }

    pub(super) fn is_known(&self) -> bool {
        self.known_s.is_some()
    }

    /// Yaw and its standard deviation at the delay found.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "validated range")]
    pub(super) fn yaw(&self) -> Option<(f64, f64)> {
        let index = libm::round(self.delay_s() / DELAY_STEP_S) as usize;
        self.fits.get(index.min(self.candidates - 1))?.yaw()
    }

    /// The delay that explains most, refined by a parabola through its neighbours.
    #[expect(clippy::cast_precision_loss, reason = "a few candidates")]
    fn best(&self) -> Option<f64> {
        let fits = &self.fits[..self.candidates];
        let (index, best) = fits.iter().map(Fit::explained).enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
        if best < MIN_CORRELATION {
            return None;
        }
        let around = |i: Option<usize>| i.and_then(|i| fits.get(i)).map(Fit::explained);
        let shift = match (around(index.checked_sub(1)), around(Some(index + 1))) {
            (Some(left), Some(right)) if left + right < 2.0 * best => {
                0.5 * (left - right) / (left - 2.0 * best + right)
            }
            _ => 0.0,
        };
        Some(((index as f64 + shift) * DELAY_STEP_S).max(0.0))
    }
}

#[cfg(test)]
mod tests;
