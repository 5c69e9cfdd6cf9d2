//! Which sensors are wanted now, and at which rates, so that a host need not run them for nothing.
//!
//! Judged by what has arrived, at once: a host that is told too late that a drive began has missed its first brake.
//! Parked, no inertial sensor is wanted, and a coarse fix now and then: the platform's significant-change or geofencing
//! service will do. Hints that the phone is in a car, or a fix that has moved, wake everything.

use super::Engine;
use crate::{
    event::Position,
    geo::{ASSUMED_HACC_M, distance_m},
    ingest::gnss::place,
    persist::Persist,
    sample::{Activity, GnssFix, Hint, Sample, Sensor},
    time::Timestamp,
};

/// Impacts last 50 to 300 ms; twice the rate at which their figures are exact, Hz.
const INERTIAL_HZ: f64 = 100.0;
/// What phones' receivers give, Hz.
const DRIVING_GNSS_HZ: f64 = 1.0;
/// One fix a minute while parked, Hz: a drive is noticed within its first kilometre.
const IDLE_GNSS_HZ: f64 = 1.0 / 60.0;
/// Everything is kept awake for this long after the last sign of a drive, s: traffic lights, refuelling.
const WATCH_S: f64 = 180.0;
/// A way must exceed both errors by this factor before it counts as driven.
const BEYOND_ERROR: f64 = 2.0;

/// What the engine is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Parked, or nowhere near a vehicle.
    Idle,
    /// There were signs of a drive a moment ago.
    Watching,
    /// A trip is under way, or a crash is to be decided.
    Driving,
}

/// What is wanted of one sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Want {
    /// Nothing: it may be switched off.
    Nothing,
    /// To be told of each change.
    Changes,
    /// Samples at this rate, Hz, or as near as the device comes.
    AtRate(f64),
}

/// Which sensors are wanted now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needs {
    /// What the engine is about.
    pub stage: Stage,
    /// By [`Sensor::index`].
    wants: [Want; Sensor::COUNT],
}

impl Needs {
    /// What is wanted of one sensor.
    pub fn of(&self, sensor: Sensor) -> Want {
        // `index` is below `COUNT` by construction.
        self.wants[sensor.index()]
    }
}

impl Engine {
    /// Which sensors are wanted now. Ask after each batch.
    pub fn needs(&self) -> Needs {
        let now = self.align.newest();
        let stage = if self.detectors.is_busy() {
            Stage::Driving
        } else if self.wake.is_awake(now) {
            Stage::Watching
        } else {
            Stage::Idle
        };
        let speeding = &self.config.get().speeding;
        let has_fixed_limit = speeding.fixed_limit_kmh.or(speeding.fixed_limit_mph).is_some();
        let limits_matter = stage != Stage::Idle && !has_fixed_limit;
        let want = |sensor| match (sensor, stage) {
            _ if !self.consent.allows(sensor) => Want::Nothing,
            (Sensor::Hint | Sensor::Consent, _) => Want::Changes,
            (Sensor::Limit, _) if limits_matter => Want::Changes,
            (Sensor::Gnss, Stage::Idle) => Want::AtRate(IDLE_GNSS_HZ),
            (Sensor::Gnss, _) => Want::AtRate(DRIVING_GNSS_HZ),
            (Sensor::Accel | Sensor::Gyro, Stage::Watching | Stage::Driving) => Want::AtRate(INERTIAL_HZ),
            // Six axes suffice, and a car's iron misleads the compass; nothing asks for the height yet.
            _ => Want::Nothing,
        };
        Needs { stage, wants: Sensor::ALL.map(want) }
    }
}

/// Signs of a drive, as they arrive.
#[derive(Debug, Default, Persist)]
pub(super) struct Wake {
    last_sign: Option<Timestamp>,
    place: Option<Seen>,
    in_car: bool,
    automotive: bool,
}

#[derive(Clone, Copy, Debug, Persist)]
struct Seen {
    t: Timestamp,
    position: Position,
    hacc_m: f64,
}

impl Wake {
    /// `start_mps`: as fast as a trip begins, m/s.
    pub(super) fn arrive(&mut self, sample: &Sample, start_mps: f64) {
        match sample {
            Sample::Gnss(fix) => {
                let is_fast = fix.speed_mps.is_some_and(|mps| mps >= start_mps);
                if self.has_moved(fix, start_mps) || is_fast {
                    self.last_sign = self.last_sign.max(Some(fix.t));
                }
            }
            Sample::Hint(said) => match said.hint {
                Hint::Car(on) => self.in_car = on,
                Hint::Activity(activity) => self.automotive = activity == Activity::Automotive,
                Hint::Screen(_) => {}
            },
            _ => {}
        }
    }

    /// The fix lies further from the one before than errors explain, at the speed of a drive at least.
    fn has_moved(&mut self, fix: &GnssFix, start_mps: f64) -> bool {
        let (Some(position), hacc_m) = place(fix) else { return false };
        let hacc_m = hacc_m.unwrap_or(ASSUMED_HACC_M);
        let here = Seen { t: fix.t, position, hacc_m };
        let Some(before) = self.place.replace(here) else { return false };
        let way_m = distance_m(before.position, here.position);
        way_m > BEYOND_ERROR * (before.hacc_m + hacc_m) && way_m >= start_mps * here.t.s_since(before.t).abs()
    }

    fn is_awake(&self, now: Option<Timestamp>) -> bool {
        let was_moving = self.last_sign.zip(now).is_some_and(|(sign, now)| now.s_since(sign) <= WATCH_S);
        was_moving || self.in_car || self.automotive
    }

    /// Consent to this sensor was withdrawn.
    pub(super) fn forget(&mut self, sensor: Sensor) {
        match sensor {
            Sensor::Gnss => (self.place, self.last_sign) = (None, None),
            Sensor::Hint => (self.in_car, self.automotive) = (false, false),
            _ => {}
        }
    }

    /// The clock was set back.
    pub(super) fn restart(&mut self) {
        (self.place, self.last_sign) = (None, None);
    }
}
