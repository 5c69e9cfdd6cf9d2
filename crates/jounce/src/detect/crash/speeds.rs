//! What is known of the vehicle's speed around an impact.

use alloc::collections::VecDeque;

use nalgebra::UnitQuaternion;

use super::{kmh, pulse::Pulse};
use crate::{
    config::CrashConfig,
    event::{Position, Reason},
    persist::Persist,
    sample::Sensor,
    time::Timestamp,
};

/// Entries kept: at the 10 Hz of the motion grid and of the fastest receivers together, twelve seconds.
const CAPACITY: usize = 256;
/// No road vehicle is faster, m/s.
const FASTEST_MPS: f64 = 150.0;
/// Fused speed this near before the onset is the speed at the onset, s.
const NEAR_S: f64 = 0.5;
/// Horizontal acceleration that a second of quiet driving may hide, m/s²: grade and gravity error.
const HIDDEN_ACCEL_MPS2: f64 = 0.5;
/// A mount whose yaw is known worse than this gives no direction, rad: two of them are an hour on the clock face.
const CLOCK_SIGMA_RAD: f64 = 0.26;
/// How the speed changed before is taken over this time, s …
const TREND_S: f64 = 3.0;
/// … up to this long before, s: what is nearer may have been drawn down by a fix after the impact.
const TREND_CLEAR_S: f64 = 0.5;
/// Speeds further apart than this leave it open what was between, s.
const LONGEST_PAUSE_S: f64 = 10.0;

/// One moment of known speed.
#[derive(Clone, Copy, Debug, Persist)]
pub(super) struct Entry {
    pub(super) t: Timestamp,
    pub(super) speed_mps: Option<f64>,
    /// From a fix rather than from the fused motion.
    pub(super) is_fix: bool,
    pub(super) sigma_mps: Option<f64>,
    pub(super) estimated: bool,
    pub(super) position: Option<Position>,
    pub(super) mount: Option<(UnitQuaternion<f64>, f64)>,
}

/// Recent speeds by time, and whether a trip is under way.
#[derive(Clone, Debug, Persist)]
pub(super) struct Speeds {
    entries: VecDeque<Entry>,
    newest: Option<Timestamp>,
    moving_since: Option<Timestamp>,
    last_driving: Option<Timestamp>,
    car_hint: bool,
}

impl Speeds {
    pub(super) fn new() -> Self {
        Self {
            entries: VecDeque::with_capacity(CAPACITY),
            newest: None,
            moving_since: None,
            last_driving: None,
            car_hint: false,
        }
    }

    /// Keeps no fix, or no hint.
    pub(super) fn forget(&mut self, sensor: Sensor) {
        match sensor {
            Sensor::Gnss => self.entries.clear(),
            Sensor::Hint => self.car_hint = false,
            _ => {}
        }
    }

    /// Takes what is known at one moment, in any order.
    pub(super) fn note(&mut self, entry: Entry, config: &CrashConfig) {
        let speed_mps = entry.speed_mps.filter(|speed| (0.0..=FASTEST_MPS).contains(speed));
        if self.entries.len() == CAPACITY {
            self.entries.pop_front();
        }
        let at = self.entries.partition_point(|there| there.t <= entry.t);
        let sigma_mps = entry.sigma_mps.filter(|sigma| sigma.is_finite());
        self.entries.insert(at, Entry { speed_mps, sigma_mps, ..entry });
        if let Some(speed_mps) = speed_mps
            && self.newest.is_none_or(|newest| entry.t >= newest || newest.s_since(entry.t) > LONGEST_PAUSE_S)
        {
            self.note_trip(entry.t, speed_mps, config);
        }
    }

    /// The host says whether the phone is in a car.
    pub(super) fn hint_car(&mut self, car: bool) {
        self.car_hint = car;
    }

    fn note_trip(&mut self, t: Timestamp, speed_mps: f64, config: &CrashConfig) {
        let paused = self.newest.is_some_and(|newest| libm::fabs(t.s_since(newest)) > LONGEST_PAUSE_S);
        self.newest = Some(t);
        if paused || speed_mps < kmh(config.min_speed_kmh) {
            self.moving_since = None;
        }
        if speed_mps >= kmh(config.min_speed_kmh) {
            let since = *self.moving_since.get_or_insert(t);
            if t.s_since(since) >= config.trip_hold_s {
                self.last_driving = Some(t);
            }
        }
    }

    /// Entries in `from..=to`, oldest first.
    pub(super) fn between(&self, from: Timestamp, to: Timestamp) -> impl DoubleEndedIterator<Item = &Entry> {
        let start = self.entries.partition_point(|entry| entry.t < from);
        let end = self.entries.partition_point(|entry| entry.t <= to).max(start);
        self.entries.range(start..end)
    }

    /// What was known before `pulse`. Nothing measured after its onset is looked at: the vehicle may stand by then.
    pub(super) fn before(&self, pulse: &Pulse, config: &CrashConfig) -> Before {
        let onset = pulse.clear_before;
        let window = || self.between(onset.plus_s(-config.speed_window_s), onset).rev();
        let highest_mps = window()
            .filter_map(|entry| entry.speed_mps)
            .fold(None, |most: Option<f64>, speed_mps| Some(most.map_or(speed_mps, |most| most.max(speed_mps))));
        let fused = window()
            .take_while(|entry| onset.s_since(entry.t) <= NEAR_S)
            .find_map(|entry| entry.speed_mps.filter(|_| !entry.is_fix));
        let fix =
            window().filter(|entry| entry.is_fix).find_map(|entry| Some((entry.speed_mps?, onset.s_since(entry.t))));
        Before {
            highest_mps,
            speed_mps: onset_speed(fused, fix, pulse.braking_before_mps2),
            sigma_mps: window().find_map(|entry| entry.sigma_mps),
            estimated: window().find(|entry| !entry.is_fix).is_some_and(|entry| entry.estimated),
            in_trip: self.in_trip(onset, config),
            slowing_mps2: self.slowing(onset),
            position: window().find_map(|entry| entry.position),
            mount: window().find_map(|entry| entry.mount).filter(|(_, sigma_rad)| *sigma_rad <= CLOCK_SIGMA_RAD),
        }
    }

    /// By how much the speed fell in the seconds before `onset`, m/s²; 0 when it did not, or is not known.
    fn slowing(&self, onset: Timestamp) -> f64 {
        let (from, to) = (onset.plus_s(-TREND_S - TREND_CLEAR_S), onset.plus_s(-TREND_CLEAR_S));
        let mut known = self.between(from, to).filter_map(|entry| Some((entry.t, entry.speed_mps?)));
        let Some((first, last)) = known.next().zip(known.next_back()) else { return 0.0 };
        let over_s = last.0.s_since(first.0);
        // Two fixes next to each other are not yet a trend.
        if over_s < 1.5 { 0.0 } else { ((first.1 - last.1) / over_s).max(0.0) }
    }

    fn in_trip(&self, at: Timestamp, config: &CrashConfig) -> bool {
        self.car_hint || self.last_driving.is_some_and(|last| at.s_since(last) <= config.trip_memory_s)
    }
}

/// The speed at the onset. The fused one may have been drawn down by a fix after the impact, so it may differ from the
/// last fix before by no more than the acceleration felt in between explains.
fn onset_speed(fused: Option<f64>, fix: Option<(f64, f64)>, braking_mps2: f64) -> Option<f64> {
    match (fused, fix) {
        (Some(fused), Some((fix, age_s))) => {
            let reach_mps = (braking_mps2 + HIDDEN_ACCEL_MPS2) * age_s;
            Some(fused.clamp((fix - reach_mps).max(0.0), fix + reach_mps))
        }
        (Some(speed), None) | (None, Some((speed, _))) => Some(speed),
        (None, None) => None,
    }
}

/// What was known of the vehicle before an impact.
#[derive(Clone, Copy, Debug, Persist)]
pub(super) struct Before {
    /// Highest speed in the seconds before, m/s.
    pub(super) highest_mps: Option<f64>,
    /// Speed at the onset, m/s.
    pub(super) speed_mps: Option<f64>,
    pub(super) sigma_mps: Option<f64>,
    pub(super) estimated: bool,
    pub(super) in_trip: bool,
    /// How fast it slowed down in the seconds before, m/s²: an ordinary stop may have been under way.
    pub(super) slowing_mps2: f64,
    pub(super) position: Option<Position>,
    /// Vehicle from device, and the standard deviation of its yaw, rad.
    pub(super) mount: Option<(UnitQuaternion<f64>, f64)>,
}

/// Whether an impact can be a vehicle's.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub(super) enum Gate {
    /// It was moving.
    Moving,
    /// It stood, within a trip.
    Stopped,
    /// Within a trip, but at an unknown speed.
    Blind,
    /// There is no vehicle to speak of.
    Shut(Reason),
}

impl Before {
    pub(super) fn gate(&self, config: &CrashConfig) -> Gate {
        let needed_mps = kmh(config.min_speed_kmh);
        match self.highest_mps {
            Some(highest) if highest >= needed_mps => Gate::Moving,
            Some(_) if self.in_trip => Gate::Stopped,
            None if self.in_trip => Gate::Blind,
            Some(speed_mps) => Gate::Shut(Reason::TooSlowBefore { speed_mps, needed_mps }),
            None => Gate::Shut(Reason::SpeedUnknown),
        }
    }
}
