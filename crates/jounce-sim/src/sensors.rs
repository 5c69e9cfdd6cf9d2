//! What phone sensors make of the truth: filters, errors, clipping, steps, uneven timing, late delivery.

use jounce::{
    sample::{BaroSample, Sample, Triad},
    time::Timestamp,
};
use nalgebra::{Matrix3, UnitQuaternion, Vector3};

use crate::{
    math::{LowPass3, Noise, quantise},
    scenario::{Barometer, Magnetometer, Timing, TriadErrors},
};

/// A sample and when the host gets it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    /// Since the start, s.
    pub(crate) arrival_s: f64,
    pub(crate) sample: Sample,
}

/// Usual way of a sample from the sensor to the host, s.
const LATENCY_S: f64 = 0.004;
/// Bandwidth of a phone's inertial sensor as a share of its rate.
const BANDWIDTH_SHARE: f64 = 0.4;

/// When samples are taken and delivered.
#[derive(Clone, Debug)]
struct Schedule {
    timing: Timing,
    /// Start of the recording.
    t_ns: i64,
    next_s: f64,
    noise: Noise,
}

impl Schedule {
    fn new(timing: &Timing, t_ns: i64, mut noise: Noise) -> Self {
        let next_s = noise.uniform() / timing.rate_hz;
        Self { timing: timing.clone(), t_ns, next_s, noise }
    }

    /// The moment of the sample that is due at `now_s`, if any is.
    fn due(&mut self, now_s: f64) -> Option<f64> {
        /// Intervals never shrink below this share.
        const SHORTEST: f64 = 0.2;
        if self.next_s > now_s {
            return None;
        }
        let at_s = self.next_s;
        let interval = 1.0 / self.timing.rate_hz;
        self.next_s += interval * (1.0 + self.timing.jitter * self.noise.normal()).max(SHORTEST);
        Some(at_s)
    }

    fn stamp(&self, at_s: f64) -> Timestamp {
        Timestamp::from_ns(self.t_ns).plus_s(at_s + self.timing.clock_offset_s)
    }

    /// Hands a sample over: once, twice or not at all; at once or with its batch.
    fn deliver(&mut self, at_s: f64, sample: Sample, out: &mut Vec<Delivery>) {
        let lost = self.noise.chance(self.timing.dropout);
        let twice = self.noise.chance(self.timing.duplicate);
        if lost {
            return;
        }
        let batch = self.timing.batch_s;
        let ready_s = if batch > 0.0 { libm::ceil(at_s / batch) * batch } else { at_s };
        for _ in 0..=usize::from(twice) {
            out.push(Delivery { arrival_s: ready_s + LATENCY_S, sample });
        }
    }
}

/// Which sample a three-axis sensor makes.
pub(crate) type Wrap = fn(Triad) -> Sample;

/// An accelerometer or gyroscope. `clock`: start of the recording, ns, and step of the simulation, s.
#[derive(Clone, Debug)]
pub(crate) struct TriadModel {
    errors: TriadErrors,
    wrap: Wrap,
    schedule: Schedule,
    filter: LowPass3,
    /// Filtered input one step ago.
    before: Option<(f64, Vector3<f64>)>,
    bias: Vector3<f64>,
    skew: Matrix3<f64>,
    noise: Noise,
}

impl TriadModel {
    pub(crate) fn new(timing: &Timing, errors: TriadErrors, wrap: Wrap, clock: (i64, f64), seeds: (u64, u64)) -> Self {
        let ((t_ns, dt_s), (seed, stream)) = (clock, seeds);
        let mut noise = Noise::new(seed, stream);
        let bias = noise.normal3() * errors.bias;
        let skew = Matrix3::from_fn(|_, _| noise.normal() * errors.scale_error);
        let bandwidth = if errors.bandwidth_hz > 0.0 { errors.bandwidth_hz } else { BANDWIDTH_SHARE * timing.rate_hz };
        Self {
            errors,
            wrap,
            schedule: Schedule::new(timing, t_ns, Noise::new(seed, stream + 1)),
            filter: LowPass3::new(bandwidth, dt_s),
            before: None,
            bias,
            skew: Matrix3::identity() + skew,
            noise,
        }
    }

    /// Takes the truth at `now_s`.
    pub(crate) fn observe(&mut self, now_s: f64, truth: Vector3<f64>, recording: bool, out: &mut Vec<Delivery>) {
        let filtered = self.filter.step(truth);
        let (before_s, before) = self.before.replace((now_s, filtered)).unwrap_or((now_s, filtered));
        while let Some(at_s) = self.schedule.due(now_s) {
            let part = if now_s > before_s { ((at_s - before_s) / (now_s - before_s)).clamp(0.0, 1.0) } else { 1.0 };
            let reading = self.read(before + (filtered - before) * part);
            if recording {
                let [x, y, z] = reading.into();
                let sample = (self.wrap)(Triad { t: self.schedule.stamp(at_s), x, y, z });
                self.schedule.deliver(at_s, sample, out);
            }
        }
    }

    fn read(&mut self, truth: Vector3<f64>) -> Vector3<f64> {
        let walk = self.errors.bias_walk / libm::sqrt(self.schedule.timing.rate_hz);
        self.bias += self.noise.normal3() * walk;
        let value = self.skew * truth + self.bias + self.noise.normal3() * self.errors.noise;
        value.map(|v| quantise(v.clamp(-self.errors.range, self.errors.range), self.errors.step))
    }
}

/// A magnetometer in a car.
#[derive(Clone, Debug)]
pub(crate) struct MagModel {
    spec: Magnetometer,
    schedule: Schedule,
    noise: Noise,
    earth_ut: Vector3<f64>,
    device_ut: Vector3<f64>,
    vehicle_ut: Vector3<f64>,
}

impl MagModel {
    pub(crate) fn new(spec: &Magnetometer, t_ns: i64, seeds: (u64, u64)) -> Self {
        let (dip_sin, dip_cos) = libm::sincos(spec.inclination_deg.to_radians());
        let (dec_sin, dec_cos) = libm::sincos(spec.declination_deg.to_radians());
        let earth = Vector3::new(dip_cos * dec_sin, dip_cos * dec_cos, -dip_sin) * spec.earth_ut;
        Self {
            spec: spec.clone(),
            schedule: Schedule::new(&spec.timing, t_ns, Noise::new(seeds.0, seeds.1 + 1)),
            noise: Noise::new(seeds.0, seeds.1),
            earth_ut: earth * (1.0 - spec.shielding),
            device_ut: Vector3::zeros(),
            vehicle_ut: Vector3::zeros(),
        }
    }

    /// Puts a magnet or a current near the phone.
    pub(crate) fn disturb(&mut self, device_ut: [f64; 3], vehicle_ut: [f64; 3]) {
        self.device_ut = device_ut.into();
        self.vehicle_ut = vehicle_ut.into();
    }

    pub(crate) fn observe(
        &mut self,
        now_s: f64,
        earth_from_body: &UnitQuaternion<f64>,
        vehicle_from_device: &UnitQuaternion<f64>,
        recording: bool,
        out: &mut Vec<Delivery>,
    ) {
        while let Some(at_s) = self.schedule.due(now_s) {
            let in_vehicle = earth_from_body.inverse() * self.earth_ut
                + Vector3::from(self.spec.hard_iron_vehicle_ut)
                + self.vehicle_ut;
            let in_device = vehicle_from_device.inverse() * in_vehicle
                + Vector3::from(self.spec.hard_iron_device_ut)
                + self.device_ut;
            let field = in_device + self.noise.normal3() * self.spec.noise_ut;
            if recording {
                let [x, y, z] = field.map(|v| quantise(v, self.spec.step_ut)).into();
                let sample = Sample::Mag(Triad { t: self.schedule.stamp(at_s), x, y, z });
                self.schedule.deliver(at_s, sample, out);
            }
        }
    }
}

/// A barometer.
#[derive(Clone, Debug)]
pub(crate) struct BaroModel {
    spec: Barometer,
    schedule: Schedule,
    noise: Noise,
}

impl BaroModel {
    pub(crate) fn new(spec: &Barometer, t_ns: i64, seeds: (u64, u64)) -> Self {
        let timing = Timing { rate_hz: spec.rate_hz, ..Timing::default() };
        Self {
            spec: spec.clone(),
            schedule: Schedule::new(&timing, t_ns, Noise::new(seeds.0, seeds.1 + 1)),
            noise: Noise::new(seeds.0, seeds.1),
        }
    }

    pub(crate) fn observe(&mut self, now_s: f64, alt_m: f64, recording: bool, out: &mut Vec<Delivery>) {
        /// Pressure at sea level, hPa, its lapse and exponent (ISO 2533).
        const SEA_LEVEL_HPA: f64 = 1013.25;
        const LAPSE_PER_M: f64 = 2.255_77e-5;
        const EXPONENT: f64 = 5.255_88;
        const STEP_HPA: f64 = 0.001;
        while let Some(at_s) = self.schedule.due(now_s) {
            let pressure = SEA_LEVEL_HPA * libm::pow(1.0 - LAPSE_PER_M * alt_m, EXPONENT);
            let pressure_hpa = quantise(pressure + self.spec.noise_hpa * self.noise.normal(), STEP_HPA);
            if recording {
                let sample = Sample::Baro(BaroSample { t: self.schedule.stamp(at_s), pressure_hpa });
                self.schedule.deliver(at_s, sample, out);
            }
        }
    }
}
