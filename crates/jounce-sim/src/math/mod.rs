//! Small numerical tools: seeded noise, coloured noise, resonances, filters and smooth ramps.
//!
//! Transcendental functions come from `libm`, so that a seed gives the same bytes on every architecture.

#[cfg(test)]
mod tests;

use core::f64::consts::{PI, SQRT_2, TAU};

use nalgebra::Vector3;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// Standard gravity, m/s² (ISO 80000-3).
pub const GRAVITY_MPS2: f64 = 9.806_65;

/// Mean radius of the Earth, m (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// km/h in one m/s.
pub(crate) const KMH_PER_MPS: f64 = 3.6;

/// Smooth step from 0 at `x` ≤ 0 to 1 at `x` ≥ 1: a raised cosine.
pub(crate) fn blend(x: f64) -> f64 {
    0.5 * (1.0 - libm::cos(PI * x.clamp(0.0, 1.0)))
}

/// Smooth hump: 0 outside of 0..1, 1 in its middle (a haversine).
pub(crate) fn hump(x: f64) -> f64 {
    if (0.0..=1.0).contains(&x) { 0.5 * (1.0 - libm::cos(TAU * x)) } else { 0.0 }
}

/// `value` rounded to a multiple of `step`; unchanged when `step` is 0.
///
/// Divides by the reciprocal for decimal steps, so that the result prints short.
pub(crate) fn quantise(value: f64, step: f64) -> f64 {
    if step <= 0.0 {
        return value;
    }
    let per_unit = 1.0 / step;
    let whole = libm::round(per_unit);
    if libm::fabs(per_unit - whole) < 1e-6 * per_unit {
        libm::round(value * whole) / whole
    } else {
        libm::round(value / step) * step
    }
}

/// Latitude and longitude (degrees) of a point `east_m`, `north_m` from an origin, on a sphere.
pub(crate) fn lat_lon_deg(origin_deg: (f64, f64), east_m: f64, north_m: f64) -> (f64, f64) {
    let lat = origin_deg.0 + (north_m / EARTH_RADIUS_M).to_degrees();
    let lon = origin_deg.1 + (east_m / (EARTH_RADIUS_M * libm::cos(origin_deg.0.to_radians()))).to_degrees();
    (lat, lon)
}

/// Metres east and north from `origin_deg` to `point_deg`: the inverse of [`lat_lon_deg`].
pub(crate) fn east_north_m(origin_deg: (f64, f64), point_deg: (f64, f64)) -> (f64, f64) {
    let north = (point_deg.0 - origin_deg.0).to_radians() * EARTH_RADIUS_M;
    let east = (point_deg.1 - origin_deg.1).to_radians() * EARTH_RADIUS_M * libm::cos(origin_deg.0.to_radians());
    (east, north)
}

/// A seeded source of noise; each part of the simulation has a stream of its own, so that none disturbs another.
#[derive(Clone, Debug)]
pub(crate) struct Noise {
    rng: ChaCha8Rng,
    spare: Option<f64>,
}

impl Noise {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self { rng, spare: None }
    }

    /// Uniform in 0..1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `low..high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// Normal with mean 0 and standard deviation 1 (Box–Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        let (sin, cos) = libm::sincos(TAU * self.uniform());
        self.spare = Some(radius * sin);
        radius * cos
    }

    /// Three independent normal values.
    pub(crate) fn normal3(&mut self) -> Vector3<f64> {
        Vector3::new(self.normal(), self.normal(), self.normal())
    }
}

/// First-order Gauss–Markov noise: correlated over `tau_s`, with standard deviation `sigma`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GaussMarkov {
    sigma: f64,
    tau_s: f64,
    value: f64,
}

impl GaussMarkov {
    pub(crate) fn new(sigma: f64, tau_s: f64, noise: &mut Noise) -> Self {
        Self { sigma, tau_s, value: sigma * noise.normal() }
    }

    pub(crate) fn step(&mut self, dt_s: f64, noise: &mut Noise) -> f64 {
        let keep = libm::exp(-dt_s / self.tau_s);
        self.value = keep * self.value + self.sigma * libm::sqrt(1.0 - keep * keep) * noise.normal();
        self.value
    }
}

/// A mass on a spring and damper: follows its input with gain 1 at rest and resonates at its natural frequency.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Resonator {
    /// Output.
    pub(crate) value: f64,
    /// Its rate of change, per second.
    pub(crate) rate: f64,
}

impl Resonator {
    /// One step of semi-implicit Euler; needs `hz · dt_s` well below 0.3.
    pub(crate) fn step(&mut self, input: f64, hz: f64, damping: f64, dt_s: f64) {
        let omega = TAU * hz;
        self.rate += (omega * omega * (input - self.value) - 2.0 * damping * omega * self.rate) * dt_s;
        self.value += self.rate * dt_s;
    }
}

/// Variance of a [`Resonator`]'s output for white input of standard deviation `sigma` per step is
/// `sigma² · ω · dt / (4 ζ)`; this gives the `sigma` for an output of standard deviation 1.
pub(crate) fn resonator_drive(hz: f64, damping: f64, dt_s: f64) -> f64 {
    libm::sqrt(4.0 * damping / (TAU * hz * dt_s))
}

/// Second-order Butterworth low-pass on three axes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LowPass3 {
    coefficients: Butterworth,
    state: Option<[Vector3<f64>; 4]>,
}

impl LowPass3 {
    pub(crate) fn new(cut_hz: f64, dt_s: f64) -> Self {
        Self { coefficients: Butterworth::new(cut_hz, dt_s), state: None }
    }

    /// Starts settled on its first input.
    pub(crate) fn step(&mut self, input: Vector3<f64>) -> Vector3<f64> {
        let [x1, x2, y1, y2] = self.state.unwrap_or([input; 4]);
        let Butterworth { b0, a1, a2 } = self.coefficients;
        let output = (input + x1 * 2.0 + x2) * b0 - y1 * a1 - y2 * a2;
        self.state = Some([input, x1, output, y1]);
        output
    }
}

/// Coefficients of a second-order Butterworth low-pass (bilinear transform): `b = b0·[1, 2, 1]`, `a = [1, a1, a2]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Butterworth {
    pub(crate) b0: f64,
    pub(crate) a1: f64,
    pub(crate) a2: f64,
}

impl Butterworth {
    /// For a cut-off `cut_hz` (−3 dB), kept below the Nyquist frequency.
    pub(crate) fn new(cut_hz: f64, dt_s: f64) -> Self {
        const HIGHEST_PART_OF_RATE: f64 = 0.49;
        let k = libm::tan(PI * (cut_hz * dt_s).min(HIGHEST_PART_OF_RATE));
        let norm = 1.0 / (1.0 + SQRT_2 * k + k * k);
        Self { b0: k * k * norm, a1: 2.0 * (k * k - 1.0) * norm, a2: (1.0 - SQRT_2 * k + k * k) * norm }
    }
}
