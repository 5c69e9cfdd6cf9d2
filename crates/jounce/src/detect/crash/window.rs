//! The last second and a half of raw inertial samples, sorted by time whatever order they came in, and gravity before it.

use alloc::{collections::VecDeque, vec::Vec};

use nalgebra::{UnitQuaternion, Vector3};

use super::{
    STANDARD_GRAVITY_MPS2,
    verdict::{BODY_ROLL_RADPS, BODY_SWAY_MPS2},
};
use crate::{
    persist::{Axes, Layout, Persist, Tape, Timed, by_time},
    sample::{Sensor, Triad},
    time::Timestamp,
};

/// Longest stretch kept, s: the longest free fall believed (1.8 m: 0.6 s), an impact and its quiet end.
const SPAN_S: f64 = 1.5;
/// Most samples kept a sensor: `SPAN_S` at 425 Hz. Faster ones shorten the window.
pub(super) const CAPACITY: usize = 640;
/// No sensor reads more than this; keeps every square finite. m/s² or rad/s.
const LARGEST_READING: f64 = 1e4;
/// A pause longer than this says nothing about what was between, s (slowest supported rate: 5 Hz).
pub(super) const LONGEST_STEP_S: f64 = 0.3;
/// So many readings in a row from before the ring mean that its newest one had a wrong time.
const STALE_RESETS: u32 = 16;
/// A gyroscope reading serves an accelerometer sample this near, s.
const GYRO_REACH_S: f64 = 0.1;

/// One reading in the device frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) t: Timestamp,
    pub(super) v: Vector3<f64>,
}

impl Persist for Reading {
    const LAYOUT: Layout = Axes::LAYOUT;

    fn blank() -> Self {
        Self { t: Timestamp::blank(), v: Vector3::zeros() }
    }

    fn run(&mut self, tape: &mut Tape<'_>) {
        let [[x, y, z]] = &mut self.v.data.0;
        Axes::run_as(&mut self.t, [x, y, z], tape);
    }
}

impl Reading {
    fn of(triad: &Triad) -> Self {
        let held = |x: f64| x.clamp(-LARGEST_READING, LARGEST_READING);
        Self { t: triad.t, v: Vector3::new(held(triad.x), held(triad.y), held(triad.z)) }
    }
}

impl Timed for Reading {
    fn t(&self) -> Timestamp {
        self.t
    }

    fn at(self, t: Timestamp) -> Self {
        Self { t, ..self }
    }
}

/// One reading of the accelerometer, turned back by as much as the phone has turned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Felt {
    pub(super) t: Timestamp,
    /// Without gravity, m/s².
    pub(super) accel: Vector3<f64>,
    /// Rolling and pitching at that time, rad/s.
    pub(super) roll_radps: f64,
}

/// The part of `v` across `up`, a unit vector.
pub(super) fn horizontal(v: Vector3<f64>, up: Vector3<f64>) -> Vector3<f64> {
    v - up * v.dot(&up)
}

/// Readings of one sensor, oldest first.
#[derive(Clone, Debug, Persist)]
pub(super) struct Ring {
    #[persist(with = by_time)]
    readings: VecDeque<Reading>,
    stale: u32,
}

impl Ring {
    fn new() -> Self {
        Self { readings: VecDeque::with_capacity(CAPACITY), stale: 0 }
    }

    /// Puts a reading where its time belongs; `None` when it is older than the ring reaches, or a repetition.
    fn insert(&mut self, reading: Reading) -> Option<()> {
        let newest = self.readings.back().map_or(reading.t, |last| last.t.max(reading.t));
        if newest.s_since(reading.t) > SPAN_S {
            self.stale += 1;
            if self.stale < STALE_RESETS {
                return None;
            }
            self.readings.clear();
        }
        self.stale = 0;
        let at = self.first_from(reading.t);
        if self.readings.get(at).is_some_and(|there| there.t == reading.t) {
            return None;
        }
        if self.readings.len() < CAPACITY {
            self.readings.insert(at, reading);
        }
        Some(())
    }

    /// Takes out the oldest when it has left the span, or when the ring is full.
    fn retire(&mut self) -> Option<Reading> {
        let (first, last) = (self.readings.front()?, self.readings.back()?);
        let leaves = last.t.s_since(first.t) > SPAN_S || self.readings.len() == CAPACITY;
        if leaves { self.readings.pop_front() } else { None }
    }

    /// Index of the first reading at `t` or later.
    pub(super) fn first_from(&self, t: Timestamp) -> usize {
        self.readings.partition_point(|reading| reading.t < t)
    }

    pub(super) fn get(&self, index: usize) -> Option<&Reading> {
        self.readings.get(index)
    }

    /// Readings in `from..=to`.
    pub(super) fn between(&self, from: Timestamp, to: Timestamp) -> impl DoubleEndedIterator<Item = &Reading> {
        let end = self.readings.partition_point(|reading| reading.t <= to);
        self.readings.range(self.first_from(from).min(end)..end)
    }

    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.readings.back().map(|reading| reading.t)
    }

    /// Mean rate over the ring, Hz.
    #[expect(clippy::cast_precision_loss, reason = "at most CAPACITY")]
    pub(super) fn rate_hz(&self) -> Option<f64> {
        let span_s = self.readings.back()?.t.s_since(self.readings.front()?.t);
        (span_s > 0.0).then(|| (self.readings.len() - 1) as f64 / span_s)
    }

    fn nearest(&self, t: Timestamp, reach_s: f64) -> Option<&Reading> {
        let at = self.first_from(t);
        let near = |reading: &&Reading| libm::fabs(reading.t.s_since(t)) <= reach_s;
        self.get(at).filter(near).or_else(|| self.get(at.checked_sub(1)?).filter(near))
    }
}

/// Gravity as the phone felt it before the window, device frame.
#[derive(Clone, Debug, Default, Persist)]
struct Gravity {
    vector: Vector3<f64>,
    /// How much weighted time it rests on, s.
    weight_s: f64,
    last: Option<Timestamp>,
}

/// Averaging time, s: longer than braking lasts, shorter than a phone needs to be forgotten in its old place.
const GRAVITY_TAU_S: f64 = 5.0;
/// A specific force whose magnitude is off by this much counts half, m/s²: 0.55 g of braking does.
const GRAVITY_DOUBT_MPS2: f64 = 1.5;
/// Weighted time needed before gravity is known, s.
const GRAVITY_KNOWN_S: f64 = 0.2;
/// After a pause this long the phone may lie anywhere, s.
const GRAVITY_FORGETS_S: f64 = 5.0;

impl Gravity {
    /// Returns the time it stands for, s.
    fn absorb(&mut self, reading: &Reading, rate: Option<&Reading>) -> f64 {
        let dt_s = self.last.map_or(0.0, |last| reading.t.s_since(last));
        self.last = Some(reading.t);
        if dt_s > GRAVITY_FORGETS_S {
            *self = Self { last: self.last, ..Self::default() };
        }
        let dt_s = dt_s.clamp(0.0, LONGEST_STEP_S);
        if let Some(rate) = rate {
            // What is fixed on Earth turns backwards in a turning phone.
            self.vector = UnitQuaternion::from_scaled_axis(-rate.v * dt_s) * self.vector;
        }
        let doubt = (reading.v.norm() - STANDARD_GRAVITY_MPS2) / GRAVITY_DOUBT_MPS2;
        let step_s = dt_s / (1.0 + doubt * doubt);
        self.weight_s = (self.weight_s + step_s).min(GRAVITY_TAU_S);
        if self.weight_s > 0.0 {
            self.vector += (reading.v - self.vector) * (step_s / self.weight_s);
        }
        dt_s
    }

    /// Half of gravity is the least that still has a direction worth using.
    fn get(&self) -> Option<Vector3<f64>> {
        let known = self.weight_s >= GRAVITY_KNOWN_S && self.vector.norm() > 0.5 * STANDARD_GRAVITY_MPS2;
        known.then_some(self.vector)
    }
}

/// How the phone was carried in the seconds before the window: what a seat or a holder in a car does not do.
#[derive(Clone, Copy, Debug, Default, Persist)]
struct Carriage {
    mean: Vector3<f64>,
    /// Mean square of the departure from `mean`, (m/s²)².
    sway: f64,
    /// Mean square of the rotation about level axes, (rad/s)².
    roll: f64,
    known_s: f64,
}

/// Averaging times, s: several turns of a skier or of pedals; what counts as their middle.
const CARRIAGE_TAU_S: f64 = 5.0;
const CARRIAGE_MEAN_TAU_S: f64 = 1.0;
/// One blow, or one grip of a hand, must not count as seconds of unrest: the largest departure and rotation taken, m/s²
/// and rad/s, are twice what tells a body, which must therefore last for a second and a half.
const CARRIAGE_MOST_MPS2: f64 = 2.0 * BODY_SWAY_MPS2;
const CARRIAGE_MOST_RADPS: f64 = 2.0 * BODY_ROLL_RADPS;

impl Carriage {
    fn absorb(&mut self, reading: &Reading, rate: Option<&Reading>, gravity: Vector3<f64>, dt_s: f64) {
        let share = |tau_s: f64| (dt_s / tau_s).min(1.0);
        self.known_s = (self.known_s + dt_s).min(CARRIAGE_TAU_S);
        self.mean += (reading.v - self.mean) * share(CARRIAGE_MEAN_TAU_S.min(self.known_s));
        let sway = (reading.v - self.mean).norm().min(CARRIAGE_MOST_MPS2);
        self.sway += (sway * sway - self.sway) * share(self.known_s);
        if let (Some(rate), Some(up)) = (rate, gravity.try_normalize(1.0)) {
            let roll = horizontal(rate.v, up).norm().min(CARRIAGE_MOST_RADPS);
            self.roll += (roll * roll - self.roll) * share(self.known_s);
        }
    }
}

/// What one lane keeps of the raw samples.
#[derive(Clone, Debug, Persist)]
pub(super) struct Window {
    pub(super) accel: Ring,
    pub(super) gyro: Ring,
    gravity: Gravity,
    carriage: Carriage,
}

impl Window {
    pub(super) fn new() -> Self {
        Self { accel: Ring::new(), gyro: Ring::new(), gravity: Gravity::default(), carriage: Carriage::default() }
    }

    pub(super) fn forget(&mut self, sensor: Sensor) {
        match sensor {
            Sensor::Accel => *self = Self { gyro: self.gyro.clone(), ..Self::new() },
            Sensor::Gyro => (self.gyro, self.carriage.roll) = (Ring::new(), 0.0),
            _ => {}
        }
    }

    /// Takes an accelerometer sample; returns it as a reading unless it came too late to matter.
    pub(super) fn push_accel(&mut self, triad: &Triad) -> Option<Reading> {
        let reading = Reading::of(triad);
        self.accel.insert(reading)?;
        while let Some(old) = self.accel.retire() {
            let rate = self.gyro.nearest(old.t, GYRO_REACH_S);
            let dt_s = self.gravity.absorb(&old, rate);
            self.carriage.absorb(&old, rate, self.gravity.vector, dt_s);
        }
        Some(reading)
    }

    pub(super) fn push_gyro(&mut self, triad: &Triad) {
        let _ = self.gyro.insert(Reading::of(triad));
        while self.gyro.retire().is_some() {}
    }

    /// The readings as they would be, had the phone not turned since gravity was taken, into `felt`; returns how it had
    /// turned at `at`: that frame from the device's.
    pub(super) fn steady(&self, at: Timestamp, felt: &mut Vec<Felt>) -> UnitQuaternion<f64> {
        felt.clear();
        let mut turned_at = UnitQuaternion::identity();
        felt.extend(self.felt().map(|(now, turned)| {
            turned_at = if now.t <= at { turned } else { turned_at };
            now
        }));
        turned_at
    }

    /// How much the newest of the readings differs from gravity, m/s², when that may be more than `least_mps2`.
    ///
    /// Gravity that did not turn with the phone is wrong by more than that in a hand, but costs less to compare with.
    pub(super) fn level(&self, reading: &Reading, least_mps2: f64) -> Option<f64> {
        let level = (reading.v - self.gravity()?).norm();
        if level < least_mps2 || self.gyro.readings.is_empty() {
            return Some(level);
        }
        let felt = self.felt().take_while(|(felt, _)| felt.t <= reading.t).last();
        felt.map(|(felt, _)| felt.accel.norm())
    }

    fn felt(&self) -> impl Iterator<Item = (Felt, UnitQuaternion<f64>)> {
        let gravity = self.gravity.vector;
        let up = gravity.normalize();
        let (mut turned, mut last) = (UnitQuaternion::identity(), self.gravity.last);
        self.accel.readings.iter().map(move |reading| {
            let dt_s = last.map_or(0.0, |last| reading.t.s_since(last)).clamp(0.0, LONGEST_STEP_S);
            last = Some(reading.t);
            let rate = self.gyro.nearest(reading.t, GYRO_REACH_S).map_or_else(Vector3::zeros, |rate| rate.v);
            turned *= UnitQuaternion::from_scaled_axis(rate * dt_s);
            let roll_radps = horizontal(turned * rate, up).norm();
            (Felt { t: reading.t, accel: turned * reading.v - gravity, roll_radps }, turned)
        })
    }

    /// How the phone swayed, m/s², and rolled and pitched, rad/s, before the window: root mean squares.
    pub(super) fn carriage(&self) -> (f64, f64) {
        (libm::sqrt(self.carriage.sway), libm::sqrt(self.carriage.roll))
    }

    /// Gravity before the window, device frame, m/s².
    pub(super) fn gravity(&self) -> Option<Vector3<f64>> {
        self.gravity.get()
    }
}
