//! Refusing what no sensor can have meant, and keeping the record of it.
//!
//! In: samples as the host gives them. Out: the same samples, or a typed refusal. Nothing is repaired here but what the
//! platforms document as "unknown". Trust in a sensor falls with each refusal and recovers with good samples, so one
//! bad sample never latches a fault.

pub(crate) mod gnss;

use crate::{
    config::IngestConfig,
    health::{Diagnostic, Health, Refusal, SensorHealth},
    persist::Persist,
    sample::{Sample, Sensor, Triad},
    time::Timestamp,
};

/// How much trust one refusal costs.
const TRUST_LOST: f64 = 0.1;
/// How much of the missing trust one good sample gives back.
const TRUST_REGAINED: f64 = 0.02;
/// A magnitude between these, steadily, is gravity in g instead of m/s²: nothing else rests there.
const GRAVITY_IN_G: core::ops::Range<f64> = 0.7..1.4;
/// Samples over which the magnitude is averaged before its unit is judged, and the time constant of the average.
const UNIT_SAMPLES: f64 = 20.0;
/// A stream that was in m/s² once may read like gravity in g for this long, s: a phone that spins while it falls (11 m).
const LONGEST_FALL_S: f64 = 1.5;
/// Magnitudes above this are no gravity in g, m/s²: half of standard gravity.
const SURELY_SI_MPS2: f64 = 4.9;
/// Ends of the ranges that phones' accelerometers have, m/s²: ±2, 4, 8, 16 g (BMI160, LSM6DS data sheets).
const RANGES_MPS2: [f64; 4] = [19.613_3, 39.226_6, 78.453_2, 156.906_4];
/// A reading this close to the end of a range, and equal to the one before, is clipped.
const RANGE_TOLERANCE: f64 = 0.015;
/// Stamps this far from zero, ns (146 years), are no clock's; within them no difference of two times overflows.
const FURTHEST_NS: u64 = 1 << 62;
/// Intervals whose median is the rate.
const INTERVALS: usize = 31;

/// Checks samples and keeps the record.
#[derive(Debug, Persist)]
pub(crate) struct Ingest {
    config: IngestConfig,
    health: Health,
    magnitude: Magnitude,
    clocks: [Clock; Sensor::COUNT],
    last_accel: Option<Triad>,
}

/// Running mean of the accelerometer's magnitude.
#[derive(Clone, Copy, Debug, Default, Persist)]
struct Magnitude {
    mean: f64,
    count: f64,
    /// It was in m/s² before.
    is_si: bool,
    /// Since when it has read like gravity in g.
    in_g_since: Option<Timestamp>,
}

/// One sensor's recent intervals, in measured order.
#[derive(Clone, Copy, Debug, Default, Persist)]
struct Clock {
    last: Option<Timestamp>,
    intervals_ns: [i64; INTERVALS],
    count: usize,
    /// Median of the intervals, worked out anew now and then.
    median_ns: Option<i64>,
}

impl Ingest {
    pub(crate) fn new(config: &IngestConfig) -> Self {
        let mut health = Health::default();
        for sensor in &mut health.sensors {
            sensor.trust = 1.0;
        }
        Self {
            config: config.clone(),
            health,
            magnitude: Magnitude::default(),
            clocks: [Clock::default(); Sensor::COUNT],
            last_accel: None,
        }
    }

    pub(crate) fn health(&self) -> &Health {
        &self.health
    }

    pub(crate) fn health_mut(&mut self) -> &mut Health {
        &mut self.health
    }

    /// Checks one sample as it arrives.
    pub(crate) fn check(&mut self, sample: &Sample) -> Result<(), Refusal> {
        if sample.t().ns().unsigned_abs() >= FURTHEST_NS {
            return Err(Refusal::OutOfRange);
        }
        match sample {
            Sample::Accel(s) => in_range(s, self.config.accel_limit_mps2).and_then(|()| self.check_unit(s)),
            Sample::Gyro(s) => in_range(s, self.config.gyro_limit_radps),
            Sample::Mag(s) => in_range(s, self.config.mag_limit_ut),
            Sample::Baro(s) if !s.pressure_hpa.is_finite() => Err(Refusal::NotFinite),
            // A fix is cleaned value by value, in measured order, by `FixGate`.
            Sample::Gnss(_) | Sample::Baro(_) | Sample::Hint(_) | Sample::Limit(_) | Sample::Consent(_) => Ok(()),
        }
    }

    /// Counts a refusal.
    pub(crate) fn refused(&mut self, sensor: Sensor, refusal: Refusal) {
        let record = self.record(sensor);
        record.refused[refusal.index()] += 1;
        if refusal == Refusal::NoConsent {
            return; // which says nothing about the sensor
        }
        record.trust = (record.trust - TRUST_LOST).max(0.0);
    }

    /// Counts the refusal of a sample that had been taken already.
    pub(crate) fn refused_after_all(&mut self, sensor: Sensor, refusal: Refusal) {
        let record = self.record(sensor);
        record.accepted = record.accepted.saturating_sub(1);
        self.refused(sensor, refusal);
    }

    /// Follows one sample in measured order: a second one for the same moment is a duplicate.
    pub(crate) fn in_order(&mut self, sample: &Sample) -> Result<(), Refusal> {
        let (t, sensor) = (sample.t(), sample.sensor());
        let gap_s = self.config.gap_s;
        let clock = &mut self.clocks[sensor.index()];
        let is_paced = !matches!(sensor, Sensor::Hint | Sensor::Limit | Sensor::Consent);
        if is_paced && clock.last == Some(t) {
            return Err(Refusal::Duplicate);
        }
        let interval_s = clock.tick(t);
        // A fix a second is a fix a second, not sixty gaps a minute.
        let usual_s = clock.median_s().unwrap_or(0.0);
        let record = &mut self.health.sensors[sensor.index()];
        if is_paced && interval_s > gap_s.max(2.5 * usual_s) {
            record.gaps += 1;
            record.longest_gap_s = record.longest_gap_s.max(interval_s);
        }
        record.accepted += 1;
        record.trust += (1.0 - record.trust) * TRUST_REGAINED;
        if let Sample::Accel(now) = sample {
            if self.last_accel.is_some_and(|before| is_clipped(&before, now)) {
                record.clipped += 1;
            }
            self.last_accel = Some(*now);
        }
        Ok(())
    }

    /// The fused lane has used a sample of this sensor.
    pub(crate) fn consumed(&mut self, sensor: Sensor, t: Timestamp) {
        self.record(sensor).last_consumed = Some(t);
    }

    /// Works out the rates anew.
    pub(crate) fn refresh_rates(&mut self) {
        for (record, clock) in self.health.sensors.iter_mut().zip(&self.clocks) {
            record.rate_hz = clock.median_s().map(|s| 1.0 / s);
        }
    }

    /// Counts a sample that needs no order.
    pub(crate) fn heard(&mut self, sensor: Sensor) {
        self.record(sensor).accepted += 1;
    }

    /// Keeps no reading of this sensor, and no longer knows its rate.
    pub(crate) fn forget(&mut self, sensor: Sensor) {
        self.clocks[sensor.index()] = Clock::default();
        if sensor == Sensor::Accel {
            (self.last_accel, self.magnitude) = (None, Magnitude::default());
        }
    }

    /// Achieved rate of one sensor, Hz.
    pub(crate) fn rate_hz(&self, sensor: Sensor) -> Option<f64> {
        self.clocks[sensor.index()].median_s().map(|s| 1.0 / s)
    }

    /// Gaps so far, all sensors.
    pub(crate) fn gaps(&self) -> u32 {
        let gaps: u64 = self.health.sensors.iter().map(|record| record.gaps).sum();
        u32::try_from(gaps).unwrap_or(u32::MAX)
    }

    fn record(&mut self, sensor: Sensor) -> &mut SensorHealth {
        &mut self.health.sensors[sensor.index()]
    }

    /// Rest is 9.81, not 1: a stream in g is refused rather than half believed.
    fn check_unit(&mut self, s: &Triad) -> Result<(), Refusal> {
        let magnitude = libm::sqrt(s.x * s.x + s.y * s.y + s.z * s.z);
        let m = &mut self.magnitude;
        m.count = (m.count + 1.0).min(UNIT_SAMPLES);
        m.mean += (magnitude - m.mean) / m.count;
        if m.count < UNIT_SAMPLES || !GRAVITY_IN_G.contains(&m.mean) || !GRAVITY_IN_G.contains(&magnitude) {
            m.is_si |= m.count >= UNIT_SAMPLES && m.mean > SURELY_SI_MPS2;
            m.in_g_since = None;
            return Ok(());
        }
        let since = *m.in_g_since.get_or_insert(s.t);
        if m.is_si && s.t.s_since(since) < LONGEST_FALL_S {
            return Ok(());
        }
        self.health.accel_unit = Some(Diagnostic::AccelUnit { median_magnitude: m.mean });
        Err(Refusal::Unit)
    }
}

impl Clock {
    /// Seconds since the sample before; 0 for the first.
    fn tick(&mut self, t: Timestamp) -> f64 {
        let interval_ns = self.last.map_or(0, |last| t.ns_since(last));
        self.last = Some(t);
        if interval_ns > 0 {
            self.intervals_ns[self.count % INTERVALS] = interval_ns;
            self.count += 1;
            // Often while it is young; a sort a sample would cost more than the sample.
            if self.count < INTERVALS || self.count.is_multiple_of(INTERVALS) {
                let mut recent = self.intervals_ns;
                let recent = &mut recent[..self.count.min(INTERVALS)];
                recent.sort_unstable();
                self.median_ns = recent.get(recent.len() / 2).copied();
            }
        }
        t.s_since(t.plus_ns(-interval_ns))
    }

    fn median_s(&self) -> Option<f64> {
        self.median_ns.map(|ns| Timestamp::from_ns(ns).s_since(Timestamp::from_ns(0)))
    }
}

fn in_range(s: &Triad, limit: f64) -> Result<(), Refusal> {
    let axes = [s.x, s.y, s.z];
    if !axes.iter().all(|v| v.is_finite()) {
        Err(Refusal::NotFinite)
    } else if axes.iter().any(|v| v.abs() > limit) {
        Err(Refusal::OutOfRange)
    } else {
        Ok(())
    }
}

fn is_clipped(before: &Triad, now: &Triad) -> bool {
    let pairs = [(before.x, now.x), (before.y, now.y), (before.z, now.z)];
    pairs.iter().any(|&(b, n)| {
        b.to_bits() == n.to_bits() && RANGES_MPS2.iter().any(|range| (n.abs() / range - 1.0).abs() < RANGE_TOLERANCE)
    })
}

#[cfg(test)]
mod tests;
