//! The gate for GNSS fixes: cleans the fields, and refuses what neither the way covered nor the fixes before allow.
//!
//! In: fixes in time order, as the host gave them. Out: [`CleanFix`]es in which every value is finite, in range and
//! meant, with the speed that the positions themselves tell. No fault is ever latched: a new place is believed
//! once a few fixes in a row agree on it, a speed once it no longer contradicts, a unit once it is right again.

mod displacement;
mod speed_unit;

use crate::{
    config::IngestConfig,
    event::Position,
    geo::{ASSUMED_HACC_M, distance_m},
    health::{Diagnostic, Refusal},
    persist::Persist,
    sample::GnssFix,
    time::Timestamp,
};

pub(crate) use displacement::Displacement;
use displacement::{Track, Waypoint};
use speed_unit::SpeedUnit;

/// Accuracy assumed for a speed that states none, m/s: Doppler speeds of phones are mostly better.
const ASSUMED_SACC_MPS: f64 = 1.0;
/// Engines are weaker than brakes: the share of the largest change of speed that is believed upwards.
const RISE_SHARE: f64 = 0.5;
/// Fixes in a row that must agree on a place out of reach before it is believed.
const AGREEING_FIXES: u32 = 3;
/// The speed before is no guide to a place further on than this, s.
const REACH_MEMORY_S: f64 = 5.0;
/// Below this speed the course of a fix is noise, m/s.
const LEAST_COURSE_SPEED_MPS: f64 = 1.5;

/// Half way around the Earth, m: worse than not knowing, and its square is still a number.
const WORST_HACC_M: f64 = 2e7;

/// A fix whose every value is finite, in range and meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CleanFix {
    /// Its stamp; the delay of the receiver is still in it.
    pub(crate) t: Timestamp,
    /// Where.
    pub(crate) position: Option<Position>,
    /// Altitude, m.
    pub(crate) alt_m: Option<f64>,
    /// Horizontal accuracy (68 %), m, positive.
    pub(crate) hacc_m: Option<f64>,
    /// Speed over ground, m/s, not negative; none when refused.
    pub(crate) speed_mps: Option<f64>,
    /// Its accuracy (68 %), m/s, positive.
    pub(crate) sacc_mps: Option<f64>,
    /// Course over ground, rad, clockwise from north; none when too slow to have one.
    pub(crate) course_rad: Option<f64>,
    /// What the positions of the last seconds say about the speed.
    pub(crate) displacement: Option<Displacement>,
}

/// A fix that passed, and what it lost on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Admitted {
    /// What is left to be used.
    pub(crate) fix: CleanFix,
    /// The reported speed was not believed; counts as [`Refusal::Implausible`].
    pub(crate) speed_refused: bool,
}

/// Cleans and gates fixes.
#[derive(Clone, Debug, Persist)]
pub(crate) struct FixGate {
    config: IngestConfig,
    last_t: Option<Timestamp>,
    /// The last fix whose position was believed.
    place: Option<Waypoint>,
    /// The last fix whose position was out of reach, and how many in a row agreed on it.
    elsewhere: Option<(Waypoint, u32)>,
    /// The last speed that was believed.
    speed: Option<Speed>,
    track: Track,
    unit: SpeedUnit,
}

#[derive(Clone, Copy, Debug, Persist)]
struct Speed {
    t: Timestamp,
    mps: f64,
    sigma_mps: f64,
}

impl FixGate {
    pub(crate) fn new(config: &IngestConfig) -> Self {
        Self {
            config: config.clone(),
            last_t: None,
            place: None,
            elsewhere: None,
            speed: None,
            track: Track::new(config.min_fix_interval_s),
            unit: SpeedUnit::new(config.speed_unit_tolerance),
        }
    }

    /// The unit of the reported speeds is wrong at present; they are not used until it is right again.
    pub(crate) fn speed_unit(&self) -> Option<Diagnostic> {
        self.unit.ratio().map(|ratio| Diagnostic::SpeedUnit { ratio })
    }

    /// Takes the next fix in time order.
    pub(crate) fn admit(&mut self, raw: GnssFix) -> Result<Admitted, Refusal> {
        match self.last_t {
            Some(last) if raw.t == last => return Err(Refusal::Duplicate),
            Some(last) if raw.t < last => return Err(Refusal::Late),
            _ => {}
        }
        let mut fix = clean(&raw, self.config.speed_limit_mps);
        if fix.position.is_none() && fix.speed_mps.is_none() {
            return Err(Refusal::Empty);
        }
        self.last_t = Some(raw.t);
        if let Some(position) = fix.position {
            let waypoint = Waypoint { t: fix.t, position, hacc_m: fix.hacc_m, reported_mps: fix.speed_mps };
            self.believe_place(waypoint)?;
            fix.displacement = self.track.displacement(fix.t);
            if let Some(displacement) = &fix.displacement {
                self.unit.judge(displacement);
            }
        }
        let speed_refused = !self.believes_speed(&fix);
        if speed_refused {
            (fix.speed_mps, fix.sacc_mps, fix.course_rad) = (None, None, None);
        } else if let Some(mps) = fix.speed_mps {
            self.speed = Some(Speed { t: fix.t, mps, sigma_mps: fix.sacc_mps.unwrap_or(ASSUMED_SACC_MPS) });
        }
        Ok(Admitted { fix, speed_refused })
    }

    /// Takes the position into the track, unless it is out of reach and nothing else speaks for it yet.
    fn believe_place(&mut self, here: Waypoint) -> Result<(), Refusal> {
        let in_reach = self.place.is_none_or(|last| self.reaches(&last, &here, self.speed_near(here.t)));
        if !in_reach {
            let agreeing = match self.elsewhere {
                Some((last, agreeing)) if self.reaches(&last, &here, None) => agreeing.saturating_add(1),
                _ => 1,
            };
            if agreeing < AGREEING_FIXES {
                self.elsewhere = Some((here, agreeing));
                return Err(Refusal::Implausible);
            }
            // The old place was the wrong one, or nobody saw the way: nothing is derived from it.
            self.track.clear();
            self.speed = None;
        }
        self.elsewhere = None;
        self.place = Some(here);
        self.track.push(here);
        Ok(())
    }

    /// Whether a vehicle of this speed, if it is known, can have come from `a` to `b`.
    fn reaches(&self, a: &Waypoint, b: &Waypoint, speed_mps: Option<f64>) -> bool {
        let dt_s = b.t.s_since(a.t).max(self.config.min_fix_interval_s);
        let slack_m = self.config.speed_gate_sigmas * libm::hypot(a.hacc(), b.hacc());
        let fastest_mps = speed_mps.map_or(f64::INFINITY, |mps| mps + self.config.speed_change_limit_mps2 * dt_s);
        distance_m(a.position, b.position) <= fastest_mps.min(self.config.speed_limit_mps) * dt_s + slack_m
    }

    /// The faster of reported and covered speed; none when one of them is not known, since either may be wrong.
    fn speed_near(&self, t: Timestamp) -> Option<f64> {
        let covered = self.track.displacement(t).filter(|it| t.s_since(it.t) <= REACH_MEMORY_S)?;
        let reported = self.speed.filter(|it| t.s_since(it.t) <= REACH_MEMORY_S)?;
        Some(covered.speed_mps.max(reported.mps))
    }

    /// Whether the reported speed, if any, is not contradicted by the way covered *and* by the speed before.
    fn believes_speed(&self, fix: &CleanFix) -> bool {
        let Some(mps) = fix.speed_mps else { return true };
        if self.unit.ratio().is_some() {
            return false;
        }
        let sigma_mps = fix.sacc_mps.unwrap_or(ASSUMED_SACC_MPS);
        let now = Speed { t: fix.t, mps, sigma_mps };
        let follows = |before: Speed| self.follows(before, now);
        let covered = |it: Displacement| Speed { t: it.t, mps: it.speed_mps, sigma_mps: it.sigma_mps };
        self.speed.is_none_or(follows) || fix.displacement.is_some_and(|it| follows(covered(it)))
    }

    /// Whether a vehicle can change from one speed to the other in the time between.
    fn follows(&self, before: Speed, now: Speed) -> bool {
        let change = now.mps - before.mps;
        let share = if change > 0.0 { RISE_SHARE } else { 1.0 };
        let possible = share * self.config.speed_change_limit_mps2 * now.t.s_since(before.t).max(0.0);
        let noise = self.config.speed_gate_sigmas * libm::hypot(before.sigma_mps, now.sigma_mps);
        change.abs() <= possible + noise
    }
}

/// A value that lies where it can.
fn meant(value: Option<f64>, low: f64, high: f64) -> Option<f64> {
    value.filter(|v| (low..=high).contains(v))
}

/// An accuracy that is one.
fn accuracy(value: Option<f64>, worst: f64) -> Option<f64> {
    value.filter(|v| v.is_finite() && *v > 0.0).map(|v| v.min(worst))
}

/// Where a fix says that it is, and its horizontal accuracy, m, as far as either can be meant.
pub(crate) fn place(raw: &GnssFix) -> (Option<Position>, Option<f64>) {
    let hacc_m = accuracy(raw.hacc_m, WORST_HACC_M);
    let position = meant(raw.lat_deg, -90.0, 90.0)
        .zip(meant(raw.lon_deg, -180.0, 180.0))
        .filter(|&(lat, lon)| lat != 0.0 || lon != 0.0 || hacc_m.is_some())
        .map(|(lat_deg, lon_deg)| Position { lat_deg, lon_deg });
    (position, hacc_m)
}

/// Keeps of each field what can be meant.
fn clean(raw: &GnssFix, speed_limit_mps: f64) -> CleanFix {
    let (position, hacc_m) = place(raw);
    let sacc_mps = accuracy(raw.sacc_mps, speed_limit_mps);
    // Android says "not known" with a speed of 0 whose accuracy is 0.
    let speed_mps = meant(raw.speed_mps, 0.0, speed_limit_mps).filter(|&mps| mps > 0.0 || raw.sacc_mps != Some(0.0));
    let has_course = speed_mps.is_none_or(|mps| mps >= LEAST_COURSE_SPEED_MPS);
    CleanFix {
        t: raw.t,
        position,
        alt_m: raw.alt_m.filter(|alt| alt.is_finite()),
        hacc_m,
        speed_mps,
        sacc_mps: sacc_mps.filter(|_| speed_mps.is_some()),
        course_rad: meant(raw.course_deg, 0.0, 360.0).filter(|_| has_course).map(f64::to_radians),
        displacement: None,
    }
}

impl Waypoint {
    fn hacc(&self) -> f64 {
        self.hacc_m.unwrap_or(ASSUMED_HACC_M)
    }
}

#[cfg(test)]
mod tests;
