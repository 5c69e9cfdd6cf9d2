//! From motion to events: one file a detector, one trait, one helper for episodes.
//!
//! In: what the rooms before found, in time order, as [`Observation`]s. Out: events and dismissals, through the
//! [`Outbox`]. A detector sees no other detector; what two of them found at once is settled by the outbox.

pub(crate) mod cornering;
pub(crate) mod crash;
pub(crate) mod episode;
pub(crate) mod gait;
pub(crate) mod handling;
pub(crate) mod harsh;
pub(crate) mod judges;
pub(crate) mod outbox;
pub(crate) mod place;
pub(crate) mod recent;
pub(crate) mod rollover;
pub(crate) mod speeding;
pub(crate) mod swerve;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub(crate) mod trip;
pub(crate) mod unaligned;

use crash::Crash;
use handling::Handling;
use judges::{Judge, Judges};
pub(crate) use outbox::{Decision, Outbox};
use place::Places;
use rollover::Rollover;
use speeding::Speeding;
use trip::Trip;

use crate::{
    config::ValidConfig,
    event::Position,
    motion::Motion,
    persist::Persist,
    sample::{HintSample, LimitSample, Sensor},
    time::Timestamp,
};

/// What a detector is told, in time order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Observation<'a> {
    /// The vehicle's motion, every 0.1 s.
    Motion(&'a Motion),
    /// A fix that passed the gates, at the time at which it is true.
    Fix(&'a Fix),
    /// The posted limit from here on.
    Limit(&'a LimitSample),
    /// What the host knows from here on.
    Hint(&'a HintSample),
    /// No sample of any sensor between these moments: nothing may be derived across.
    Gap {
        /// The last sample before.
        from: Timestamp,
        /// The first sample after.
        to: Timestamp,
    },
    /// The input ended at this moment: decide what is open.
    End(Timestamp),
}

/// A fix that passed the gates of ingest: every value is finite, in range, and meant.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub(crate) struct Fix {
    /// When it was true: its stamp less the estimated delay.
    pub(crate) t: Timestamp,
    /// Where.
    pub(crate) position: Option<Position>,
    /// Horizontal accuracy (68 %), m.
    pub(crate) hacc_m: Option<f64>,
    /// Speed over ground, m/s.
    pub(crate) speed_mps: Option<f64>,
    /// Its accuracy (68 %), m/s.
    pub(crate) sacc_mps: Option<f64>,
    /// Course over ground, rad, clockwise from north; none when too slow to have one.
    pub(crate) course_rad: Option<f64>,
}

/// All detectors.
#[derive(Debug, Persist)]
pub(crate) struct Detectors {
    pub(crate) crash: Crash,
    trip: Trip,
    speeding: Speeding,
    places: Places,
    pub(crate) rollover: Rollover,
    handling: Handling,
    judges: Judges,
}

impl Detectors {
    pub(crate) fn new(config: &ValidConfig) -> Self {
        let c = config.get();
        Self {
            crash: Crash::new(&c.crash),
            trip: Trip::new(&c.trip, c.profile),
            speeding: Speeding::new(&c.speeding),
            places: Places::new(&c.place_rules, &c.place),
            rollover: Rollover::new(&c.rollover),
            handling: Handling::new(&c.handling),
            judges: Judges::new(config),
        }
    }

    /// A trip is under way, or a crash undecided.
    pub(crate) fn is_busy(&self) -> bool {
        self.trip.is_open() || self.crash.is_open()
    }

    /// Consent to this sensor was withdrawn: nothing of it is kept as it came.
    pub(crate) fn forget(&mut self, sensor: Sensor) {
        self.crash.forget(sensor);
        match sensor {
            Sensor::Hint => {
                self.trip.forget_hints();
                self.handling.forget_hints();
            }
            Sensor::Limit => self.speeding.forget_limit(),
            _ => {}
        }
    }

    /// Those that judge the motion as it comes.
    pub(crate) fn each_prompt(&mut self, mut each: impl FnMut(&mut dyn Detector)) {
        each(&mut self.places);
        each(&mut self.speeding);
        each(&mut self.crash);
        each(&mut self.rollover);
        each(&mut self.handling);
        // The last, since its end tells what happened on the way.
        each(&mut self.trip);
    }

    /// Those that need to know the vehicle's axes, and may have to wait for them.
    pub(crate) fn judge(&mut self, seen: &Observation<'_>, out: &mut Outbox) {
        self.judges.observe(seen, out);
    }
}

/// Judges the stream of observations.
pub(crate) trait Detector {
    /// Takes one observation; what it decides goes to `out`.
    fn observe(&mut self, seen: &Observation<'_>, out: &mut Outbox);
}
