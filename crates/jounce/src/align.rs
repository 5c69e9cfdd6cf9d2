//! From arrival order to measurement order.
//!
//! In: samples as they arrive: batched, late, shuffled. Out: the same samples by measured time, each as soon as
//! nothing earlier can still come, at the latest `align.horizon_s` behind the newest. Later ones are refused.
//!
//! "Nothing earlier can still come" is judged sensor by sensor: hosts deliver one sensor's samples in order but several
//! sensors out of step, so the slowest sensor sets the pace. A sensor that has been seen to step back is waited for by
//! half as much again as its largest step back; none, however rare its samples, by more than half as much again as it
//! ever lagged, and a moment; until the stream has shown its habits for two horizons, all by the whole
//! horizon. A sensor that comes late for the first time loses that sample only. Memory: `align.capacity` samples.

use alloc::collections::BinaryHeap;
use core::cmp::Ordering;

use crate::{
    config::AlignConfig,
    health::Refusal,
    persist::{Persist, by_time},
    sample::{Sample, Sensor},
    time::{Timestamp, ns_from_s},
};

/// Safety factor on the largest step back, and on the largest lag, seen.
const DISORDER_MARGIN: f64 = 1.5;
/// … and this much more than it ever lagged, ns: what a host that is busy holds a sample up.
const GRACE_NS: i64 = 250_000_000;
/// This many late samples in a row, of all sensors and none in time, mean that the clock has been set back.
const CLOCK_RESET_AFTER: u32 = 64;
/// Those that are waited for: hints and limits come when they come.
const PACED: [Sensor; 5] = [Sensor::Accel, Sensor::Gyro, Sensor::Mag, Sensor::Gnss, Sensor::Baro];

/// Puts samples in order.
#[derive(Debug, Persist)]
pub(crate) struct Align {
    horizon_ns: i64,
    future_ns: i64,
    capacity: usize,
    #[persist(with = by_time)]
    heap: BinaryHeap<Pending>,
    sequence: u64,
    first: Option<Timestamp>,
    newest: Option<Timestamp>,
    released: Option<Timestamp>,
    sensors: [Habit; Sensor::COUNT],
    /// A sample from far in the future, until others follow it there.
    suspect: Option<Sample>,
    late: LateRun,
}

/// Late samples in a row, of whatever sensor.
#[derive(Clone, Copy, Debug, Default, Persist)]
struct LateRun {
    count: u32,
    since: Option<Timestamp>,
    sensors: [bool; Sensor::COUNT],
}

/// How one sensor's samples have arrived.
#[derive(Clone, Copy, Debug, Default, Persist)]
struct Habit {
    newest: Option<Timestamp>,
    /// Largest step back behind the sensor's own newest, ns.
    disorder_ns: i64,
    /// Largest lateness behind the newest sample of all, ns.
    lateness_ns: i64,
}

impl Habit {
    /// A sample measured at `t` has arrived, when the newest of all was measured at `newest`.
    fn arrived(&mut self, t: Timestamp, newest: Option<Timestamp>) {
        let behind = |newest: Option<Timestamp>| newest.map_or(0, |newest| newest.ns_since(t).max(0));
        self.disorder_ns = self.disorder_ns.max(behind(self.newest));
        self.lateness_ns = self.lateness_ns.max(behind(newest));
        self.newest = self.newest.max(Some(t));
    }

    /// Up to when nothing of this sensor is still to come: it goes on from its own newest, and it comes about as late as
    /// it ever has, however long its interval.
    fn settled(&self, newest: Timestamp) -> Option<Timestamp> {
        let by_order = self.newest?.plus_ns(-with_margin(self.disorder_ns));
        Some(by_order.max(newest.plus_ns(-with_margin(self.lateness_ns) - GRACE_NS)))
    }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a few seconds")]
fn with_margin(ns: i64) -> i64 {
    (ns as f64 * DISORDER_MARGIN) as i64
}

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Placed {
    /// Waits for its turn.
    Waiting,
    /// From far in the future: waits for others to follow it there. The one that waited before, which nobody followed,
    /// is none.
    Doubted(Option<Sample>),
    /// Not taken.
    Refused(Refusal),
    /// The clock was set back: the stream must be ended, and begins anew with this sample.
    ClockReset,
}

#[derive(Clone, Copy, Debug, Persist)]
struct Pending {
    sample: Sample,
    sequence: u64,
}

impl Pending {
    fn key(&self) -> (Timestamp, Sensor, u64) {
        (self.sample.t(), self.sample.sensor(), self.sequence)
    }
}

impl crate::persist::Timed for Pending {
    fn t(&self) -> Timestamp {
        self.sample.t()
    }

    fn at(self, t: Timestamp) -> Self {
        Self { sample: self.sample.at(t), ..self }
    }
}

impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl Eq for Pending {}
impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Pending {
    /// The heap gives its greatest first, so the earliest must be the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

impl Align {
    pub(crate) fn new(config: &AlignConfig, future_s: f64) -> Self {
        Self {
            horizon_ns: ns_from_s(config.horizon_s),
            future_ns: ns_from_s(future_s),
            capacity: config.capacity,
            heap: BinaryHeap::with_capacity(config.capacity),
            sequence: 0,
            first: None,
            newest: None,
            released: None,
            sensors: [Habit::default(); Sensor::COUNT],
            suspect: None,
            late: LateRun::default(),
        }
    }

    /// Measured time of the newest sample taken.
    pub(crate) fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// Takes one sample. Afterwards call [`Align::pop`] until `None`.
    pub(crate) fn push(&mut self, sample: Sample) -> Placed {
        let t = sample.t();
        if let Some(newest) = self.newest
            && t.ns_since(newest) > self.future_ns
        {
            return self.leap(sample);
        }
        let is_beyond = self.newest.is_some_and(|newest| newest.ns_since(t) > self.horizon_ns);
        if is_beyond || self.released.is_some_and(|released| t < released) {
            if !is_beyond {
                // Later than this sensor has ever been: waited for from now on.
                self.sensors[sample.sensor().index()].arrived(t, self.newest);
            }
            return if self.is_clock_reset(&sample) { Placed::ClockReset } else { Placed::Refused(Refusal::Late) };
        }
        self.late = LateRun::default();
        self.place(sample);
        Placed::Waiting
    }

    /// Whether this late sample and those before it say that the clock was set back. One sensor's late burst does not,
    /// while another sensor is alive, unless it goes on for longer than any burst.
    fn is_clock_reset(&mut self, sample: &Sample) -> bool {
        self.late.count = self.late.count.saturating_add(1);
        self.late.sensors[sample.sensor().index()] = true;
        let since = *self.late.since.get_or_insert(sample.t());
        let is_long = sample.t().ns_since(since) > self.future_ns;
        let is_common = PACED.iter().all(|sensor| self.late.sensors[sensor.index()] || !self.is_alive(*sensor));
        self.late.count >= CLOCK_RESET_AFTER && (is_common || is_long)
    }

    /// Heard of within the horizon.
    fn is_alive(&self, sensor: Sensor) -> bool {
        let newest = self.sensors[sensor.index()].newest;
        newest.zip(self.newest).is_some_and(|(own, newest)| newest.ns_since(own) < self.horizon_ns)
    }

    /// A sample from far ahead: a pause in the data when others follow it there, else a lie.
    fn leap(&mut self, sample: Sample) -> Placed {
        match self.suspect.take() {
            // Others follow it there, be they as sparse as they may.
            Some(first) if sample.t().ns_since(first.t()) >= -self.future_ns => {
                self.place(first);
                if sample.t().ns_since(first.t()) > self.future_ns {
                    self.suspect = Some(sample);
                    return Placed::Doubted(None);
                }
                self.place(sample);
                Placed::Waiting
            }
            lie => {
                self.suspect = Some(sample);
                Placed::Doubted(lie)
            }
        }
    }

    fn place(&mut self, sample: Sample) {
        let t = sample.t();
        self.sensors[sample.sensor().index()].arrived(t, self.newest);
        self.newest = self.newest.max(Some(t));
        self.first.get_or_insert(t);
        self.sequence += 1;
        self.heap.push(Pending { sample, sequence: self.sequence });
    }

    /// The next sample whose turn has come.
    pub(crate) fn pop(&mut self) -> Option<Sample> {
        let until = if self.heap.len() >= self.capacity { Timestamp::MAX } else { self.safe_until()? };
        self.pop_until(until)
    }

    /// The next sample, whether or not something earlier could still come: for the end of the stream.
    pub(crate) fn pop_any(&mut self) -> Option<Sample> {
        self.pop_until(Timestamp::MAX)
    }

    /// Takes out the sample from far in the future that nobody has followed.
    pub(crate) fn take_suspect(&mut self) -> Option<Sample> {
        self.suspect.take()
    }

    fn pop_until(&mut self, until: Timestamp) -> Option<Sample> {
        if self.heap.peek()?.sample.t() > until {
            return None;
        }
        let sample = self.heap.pop()?.sample;
        self.released = Some(sample.t());
        Some(sample)
    }

    /// Up to when the order is settled.
    fn safe_until(&self) -> Option<Timestamp> {
        let newest = self.newest?;
        let latest = newest.plus_ns(-self.horizon_ns);
        if self.first.is_some_and(|first| newest.ns_since(first) < 2 * self.horizon_ns) {
            return Some(latest);
        }
        let settled = PACED.iter().filter_map(|sensor| self.sensors[sensor.index()].settled(newest));
        Some(settled.min().map_or(latest, |settled| settled.max(latest)))
    }

    /// Drops what waits of one sensor, and no longer waits for it. Returns how many those were.
    pub(crate) fn forget(&mut self, sensor: Sensor) -> usize {
        let before = self.heap.len();
        self.heap.retain(|pending| pending.sample.sensor() != sensor);
        let suspect = self.suspect.take_if(|suspect| suspect.sensor() == sensor);
        self.sensors[sensor.index()] = Habit::default();
        before - self.heap.len() + usize::from(suspect.is_some())
    }

    /// Begins anew after the stream was ended.
    pub(crate) fn restart(&mut self) {
        self.heap.clear();
        self.first = None;
        self.newest = None;
        self.released = None;
        self.sensors = [Habit::default(); Sensor::COUNT];
        self.suspect = None;
        self.late = LateRun::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Triad;
    use std::vec::Vec;

    fn accel(ms: i64) -> Sample {
        Sample::Accel(Triad { t: Timestamp::from_ns(ms * 1_000_000), x: 0.0, y: 0.0, z: 9.81 })
    }
    fn gyro(ms: i64) -> Sample {
        Sample::Gyro(Triad { t: Timestamp::from_ns(ms * 1_000_000), x: 0.0, y: 0.0, z: 0.0 })
    }
    fn align() -> Align {
        Align::new(&AlignConfig::default(), 60.0)
    }
    fn drain(align: &mut Align) -> Vec<i64> {
        core::iter::from_fn(|| align.pop()).map(|s| s.t().ns() / 1_000_000).collect()
    }

    #[test]
    fn a_stream_that_keeps_up_waits_for_its_slowest_sensor_only() {
        let mut align = align();
        let mut out = Vec::new();
        for ms in (0..20_000).step_by(20) {
            align.push(accel(ms));
            align.push(gyro(ms + 5));
            out.extend(drain(&mut align));
        }
        assert!(out.is_sorted());
        assert_eq!(*out.last().unwrap(), 19_980);
    }

    #[test]
    fn a_sensor_three_seconds_behind_loses_nothing() {
        let mut align = align();
        let mut out = Vec::new();
        for s in 0..30 {
            for ms in (0..1000).step_by(100) {
                align.push(gyro(s * 1000 + ms));
            }
            if s % 3 == 2 {
                for ms in (0..3000).step_by(100) {
                    assert_eq!(align.push(accel((s - 2) * 1000 + ms)), Placed::Waiting);
                }
            }
            out.extend(drain(&mut align));
        }
        out.extend(core::iter::from_fn(|| align.pop_any()).map(|s| s.t().ns() / 1_000_000));
        assert_eq!(out.len(), 600);
        assert!(out.is_sorted());
    }

    /// Gyroscope at once; accelerometer 300 ms behind, from `first_s` to 20 s, and again after 60 s.
    fn with_a_late_accelerometer(first_s: i64) -> (usize, usize) {
        let mut align = align();
        let (mut pushed, mut out) = (0, Vec::new());
        for ms in (0..80_000).step_by(20) {
            align.push(gyro(ms));
            let late = ms - 300;
            if (first_s * 1000..20_000).contains(&late) || late >= 60_000 {
                pushed += 1;
                align.push(accel(late));
            }
            out.extend(core::iter::from_fn(|| align.pop()));
        }
        out.extend(core::iter::from_fn(|| align.pop_any()));
        assert!(out.is_sorted_by_key(Sample::t));
        (pushed, out.iter().filter(|sample| sample.sensor() == Sensor::Accel).count())
    }

    #[test]
    fn a_late_sensor_that_comes_back_loses_nothing() {
        let (pushed, out) = with_a_late_accelerometer(0);
        assert_eq!(pushed, out);
    }

    #[test]
    fn a_late_sensor_that_comes_anew_is_soon_waited_for() {
        let (pushed, out) = with_a_late_accelerometer(15);
        // Those of the first 300 ms, until what had been released before was made up for.
        assert!((pushed - 16..pushed).contains(&out), "{out} of {pushed}");
    }

    #[test]
    fn later_than_the_horizon_is_refused_and_a_clock_set_back_is_noticed() {
        let mut align = align();
        for ms in (0..30_000).step_by(50) {
            align.push(accel(ms));
            drain(&mut align);
        }
        assert_eq!(align.push(accel(10_000)), Placed::Refused(Refusal::Late));
        let placed: Vec<_> = (0..70).map(|i| align.push(accel(i * 50))).collect();
        assert!(placed.contains(&Placed::ClockReset));
    }

    #[test]
    fn samples_minutes_apart_are_taken_one_behind() {
        let mut align = align();
        for minutes in 0..10 {
            align.push(accel(minutes * 120_000));
        }
        // The last one is still waiting for another to follow it.
        assert_eq!(core::iter::from_fn(|| align.pop_any()).count(), 9);
    }

    #[test]
    fn one_sample_from_the_future_shifts_nothing_but_a_pause_is_followed() {
        let mut align = align();
        align.push(accel(0));
        align.push(accel(7_200_000));
        align.push(accel(20));
        assert_eq!(align.newest(), Some(Timestamp::from_ns(20_000_000)));
        align.push(accel(7_200_020));
        assert_eq!(align.newest(), Some(Timestamp::from_ns(7_200_020_000_000)));
    }
}
