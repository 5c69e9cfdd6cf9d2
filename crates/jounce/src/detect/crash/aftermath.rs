//! What happened after an impact, in half-second slots counted from its end.
//!
//! Both lanes write into the slots by the time of what they saw, so it does not matter which of them came first.

use nalgebra::Vector3;

use super::{STANDARD_GRAVITY_MPS2, speeds::Entry};
use crate::{config::CrashConfig, persist::Persist, time::Timestamp};

/// Length of a slot, s: several engine revolutions, one step.
pub(super) const SLOT_S: f64 = 0.5;
/// Slots kept: 30 s.
const SLOTS: usize = 60;
/// A speed older than this many slots is no longer the speed now.
const SPEED_KEEPS_SLOTS: usize = 4;
/// Whether it slows down is looked for over this many slots …
const SLOWING_SLOTS: usize = 5;
/// … and a vehicle does more than a driver's foot off the pedal makes, m/s² (engine braking below 1.5).
const ROLL_OUT_MPS2: f64 = 1.5;
/// A phone that lies does not turn faster than this, rad/s (6 °/s; gyroscope bias is below 3 °/s).
const STILL_TURN_RADPS: f64 = 0.1;
/// A car at rest shakes less than this share of what it did while moving …
const STILL_SHARE: f64 = 0.6;
/// … or less than any moving car, m/s² (sensor noise of a phone on a table, three axes).
const ALWAYS_STILL_MPS2: f64 = 0.12;

#[derive(Clone, Copy, Debug, Default, Persist)]
struct Slot {
    count: u32,
    sum: Vector3<f64>,
    squares: f64,
    turn_radps: f64,
    speed_mps: Option<f64>,
    steps: u32,
}

impl Slot {
    fn mean(&self) -> Option<Vector3<f64>> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }

    /// Root mean square departure from the slot's mean, m/s²; `None` when nothing was measured.
    fn shake_mps2(&self) -> Option<f64> {
        let mean = self.mean()?;
        (self.count > 1).then(|| libm::sqrt((self.squares / f64::from(self.count) - mean.norm_squared()).max(0.0)))
    }
}

/// The seconds after an impact.
#[derive(Clone, Debug, Persist)]
pub(super) struct Aftermath {
    origin: Timestamp,
    slots: [Slot; SLOTS],
    gait: Gait,
    /// A fix after the impact was seen, so the fused speed rests on one.
    fixed: bool,
}

impl Aftermath {
    pub(super) fn new(origin: Timestamp) -> Self {
        Self { origin, slots: [Slot::default(); SLOTS], gait: Gait::default(), fixed: false }
    }

    fn slot(&mut self, t: Timestamp) -> Option<&mut Slot> {
        self.slots.get_mut(slot_index(t.s_since(self.origin))?)
    }

    pub(super) fn note_accel(&mut self, t: Timestamp, v: Vector3<f64>) {
        let steps = self.gait.step(t, v.norm());
        if let Some(slot) = self.slot(t) {
            slot.count += 1;
            slot.sum += v;
            slot.squares += v.norm_squared();
            slot.steps = steps;
        }
    }

    pub(super) fn note_gyro(&mut self, t: Timestamp, rate_radps: f64) {
        if let Some(slot) = self.slot(t) {
            slot.turn_radps = slot.turn_radps.max(rate_radps);
        }
    }

    /// A speed counts when it rests on a fix after the impact: carried on by a shaken accelerometer it proves nothing.
    pub(super) fn note_speed(&mut self, entry: &Entry) {
        if entry.t <= self.origin {
            return;
        }
        self.fixed |= entry.is_fix && entry.speed_mps.is_some();
        let counts = entry.is_fix || (self.fixed && !entry.estimated);
        if let Some(slot) = self.slot(entry.t).filter(|_| counts) {
            slot.speed_mps = entry.speed_mps.or(slot.speed_mps);
        }
    }

    /// When slot `index` is over.
    pub(super) fn slot_end(&self, index: usize) -> Timestamp {
        self.origin.plus_s(slots_s(index + 1))
    }

    /// What slots `0..=last` say, of an impact at `before_mps` after which gravity was `gravity`.
    pub(super) fn outlook(&self, last: usize, prior: &Prior, config: &CrashConfig) -> Outlook {
        let last = last.min(SLOTS - 1);
        let seen = self.slots.get(..=last).unwrap_or_default();
        let still = |slot: &Slot| {
            let limit = (STILL_SHARE * prior.shake_mps2).min(config.still_mps2).max(ALWAYS_STILL_MPS2);
            slot.turn_radps <= STILL_TURN_RADPS && slot.shake_mps2().is_some_and(|shake| shake <= limit)
        };
        let still_slots = seen.iter().rev().take_while(|slot| still(slot)).count();
        let recent = seen.iter().rev().take(SPEED_KEEPS_SLOTS);
        Outlook {
            elapsed_s: slots_s(last + 1),
            speed_mps: recent.clone().find_map(|slot| slot.speed_mps),
            fall: fall(seen, prior.speed_mps, config),
            slows: slowing_mps2(seen).is_some_and(|slowing| slowing >= ROLL_OUT_MPS2),
            still_s: slots_s(still_slots),
            restless: seen.iter().all(|slot| slot.count > 1 && !still(slot)),
            tilt_rad: recent.clone().find_map(Slot::mean).map(|mean| angle(mean, prior.gravity)),
            steps: recent.map(|slot| slot.steps).max().unwrap_or(0),
        }
    }
}

/// What slots are compared with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prior {
    pub(super) speed_mps: Option<f64>,
    pub(super) shake_mps2: f64,
    pub(super) gravity: Vector3<f64>,
}

/// A summary of the time since the impact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outlook {
    /// Since the end of the pulse, s.
    pub(super) elapsed_s: f64,
    /// Speed now, m/s.
    pub(super) speed_mps: Option<f64>,
    pub(super) fall: Option<Fall>,
    /// It still slows down as a vehicle does that rolls out.
    pub(super) slows: bool,
    /// How long the phone has been still up to now, s.
    pub(super) still_s: f64,
    /// Never still since the impact.
    pub(super) restless: bool,
    /// Angle between gravity before and specific force now, rad.
    pub(super) tilt_rad: Option<f64>,
    /// Regular steps in a row, of a walking person.
    pub(super) steps: u32,
}

/// The speed fell, and stayed low.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fall {
    /// When it had fallen, from the impact, s.
    pub(super) after_s: f64,
    /// For how long it has stayed low, s.
    pub(super) held_s: f64,
}

fn fall(seen: &[Slot], before_mps: Option<f64>, config: &CrashConfig) -> Option<Fall> {
    let low_mps = before_mps? * (1.0 - config.speed_fall);
    let (mut since, mut until) = (None, 0);
    for (index, speed_mps) in seen.iter().enumerate().filter_map(|(index, slot)| Some((index, slot.speed_mps?))) {
        since = if speed_mps <= low_mps { since.or(Some(index)) } else { None };
        until = index;
    }
    let since = since?;
    Some(Fall { after_s: slots_s(since), held_s: slots_s(until + 1 - since) })
}

/// By how much the speed falls over the last slots, m/s².
fn slowing_mps2(seen: &[Slot]) -> Option<f64> {
    let from = seen.len().saturating_sub(SLOWING_SLOTS);
    let recent = || seen.iter().enumerate().skip(from).filter_map(|(index, slot)| Some((index, slot.speed_mps?)));
    let ((first, before_mps), (last, now_mps)) = recent().next().zip(recent().next_back())?;
    (last > first).then(|| (before_mps - now_mps) / slots_s(last - first))
}

#[expect(clippy::cast_precision_loss, reason = "at most SLOTS")]
fn slots_s(slots: usize) -> f64 {
    slots as f64 * SLOT_S
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against the range before")]
fn slot_index(since_s: f64) -> Option<usize> {
    (0.0..slots_s(SLOTS)).contains(&since_s).then_some((since_s / SLOT_S) as usize)
}

fn angle(a: Vector3<f64>, b: Vector3<f64>) -> f64 {
    libm::atan2(a.cross(&b).norm(), a.dot(&b))
}

/// A step lifts the specific force this far above gravity, m/s² (slow walking: about 2).
const STEP_RISE_MPS2: f64 = 1.5;
/// Time between steps, s (1.25–2.9 Hz).
const STEP_S: core::ops::RangeInclusive<f64> = 0.35..=0.8;
/// Successive steps differ by less than this share.
const STEP_REGULARITY: f64 = 0.25;

/// Counts regular steps in a row.
#[derive(Clone, Copy, Debug, Default, Persist)]
struct Gait {
    above: bool,
    last: Option<Timestamp>,
    interval_s: Option<f64>,
    steps: u32,
}

impl Gait {
    fn step(&mut self, t: Timestamp, force_mps2: f64) -> u32 {
        let above = force_mps2 - STANDARD_GRAVITY_MPS2 > STEP_RISE_MPS2;
        let rises = above && !self.above;
        self.above = above;
        if !rises {
            return self.steps;
        }
        let interval_s = self.last.map(|last| t.s_since(last));
        self.last = Some(t);
        let walks = interval_s.is_some_and(|now_s| {
            let like_before = |before_s: f64| libm::fabs(now_s - before_s) <= STEP_REGULARITY * before_s;
            STEP_S.contains(&now_s) && self.interval_s.is_none_or(like_before)
        });
        self.interval_s = interval_s.filter(|_| walks);
        self.steps = if walks { self.steps + 1 } else { 0 };
        self.steps
    }
}
