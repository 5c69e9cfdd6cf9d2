//! Rollovers: a vehicle that comes to lie on its side or its roof.
//!
//! In: gravity as the phone feels it, kept by the gyroscope, and the size of the specific force, in measured order; the
//! fused speed, some seconds later. Decides: whether gravity turned within the phone, and stayed so, with the vehicle
//! rather than in a hand. A vehicle was under way before and is not afterwards; it lies still; and it is struck on the way,
//! by blows as long as a body's (a phone's own are shorter, and follow a fall).

use alloc::collections::VecDeque;

use nalgebra::Vector3;

use super::{Detector, Observation, Outbox};
use crate::{
    attitude::STANDARD_GRAVITY,
    config::{MPS_PER_KMH, RolloverConfig},
    event::{Dismissal, Event, EventKind, Position, Reason},
    persist::Persist,
    time::Timestamp,
};

/// Spacing of the postures that are remembered, ns, and how many.
const SPACING_NS: i64 = 100_000_000;
const CAPACITY: usize = 100;
/// Speeds remembered, one a second.
const SPEEDS: usize = 40;
/// A vehicle that rolls does so within this time, s.
const ROLLS_WITHIN_S: f64 = 6.0;
/// It has begun to roll at this angle, rad …
const BEGINS_RAD: f64 = 0.35;
/// … from a posture that it had for this long, s.
const STEADY_S: f64 = 1.0;
/// Blows count from this long before it rolls, s: what trips it.
const TRIPPED_S: f64 = 3.0;
/// It is asked how fast it was in this time before, s.
const BEFORE_S: f64 = 10.0;
/// Once it has come to lie, s, it stays within this angle, rad …
const COMES_TO_LIE_S: f64 = 4.0;
const STILL_RAD: f64 = 0.15;
/// … and is not faster than this, m/s.
const STOPPED_MPS: f64 = 2.0;
/// Blows dip for no longer than this, s (a pulse rings).
const DIP_S: f64 = 0.021;
/// Less than this is free fall, g, for longer than [`FALL_S`]: the phone has left its holder.
const FALL_G: f64 = 0.3;
const FALL_S: f64 = 0.15;
/// Confidence of what passes all that.
const CONFIDENCE: f64 = 0.9;

/// A stretch in which the specific force stays beyond a bound.
#[derive(Clone, Copy, Debug, Default, Persist)]
struct Stretch {
    since: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Stretch {
    /// Length so far, s, with half a sample on either side.
    fn step(&mut self, t: Timestamp, dt_s: f64, beyond: bool) -> f64 {
        if beyond {
            self.since.get_or_insert(t);
            self.last = Some(t);
        } else if self.last.is_none_or(|last| t.s_since(last) > DIP_S) {
            self.since = None;
        }
        self.since.zip(self.last).map_or(0.0, |(since, last)| last.s_since(since) + dt_s)
    }
}

/// One tenth of a second.
#[derive(Clone, Copy, Debug, Persist)]
struct Posture {
    t: Timestamp,
    up: Vector3<f64>,
    /// Largest specific force, g, and the longest blow and fall that went on within it, s.
    peak_g: f64,
    blow_s: f64,
    fall_s: f64,
}

impl Posture {
    fn angle_to(&self, up: &Vector3<f64>) -> f64 {
        libm::acos(self.up.dot(up).clamp(-1.0, 1.0))
    }
}

/// Rolled, and not judged yet.
#[derive(Clone, Copy, Debug, Persist)]
struct Rolled {
    upright: Vector3<f64>,
    start: Timestamp,
    /// From when to when it was beyond the angle.
    since: Timestamp,
    end: Timestamp,
    angle_rad: f64,
    peak_g: f64,
    blow_s: f64,
    fall_s: f64,
    /// Up once it has come to lie, and the furthest from it since.
    lies: Option<Vector3<f64>>,
    swings_rad: f64,
}

impl Rolled {
    /// What was felt on the way, until it has come to lie.
    fn feel(&mut self, posture: &Posture) {
        self.peak_g = self.peak_g.max(posture.peak_g);
        self.blow_s = self.blow_s.max(posture.blow_s);
        self.fall_s = self.fall_s.max(posture.fall_s);
    }

    fn follow(&mut self, posture: &Posture, limit_rad: f64) {
        let angle_rad = posture.angle_to(&self.upright);
        if angle_rad > limit_rad {
            self.end = posture.t;
            self.angle_rad = self.angle_rad.max(angle_rad);
        }
        if posture.t.s_since(self.since) < COMES_TO_LIE_S {
            return self.feel(posture);
        }
        let lies = *self.lies.get_or_insert(posture.up);
        self.swings_rad = self.swings_rad.max(posture.angle_to(&lies));
    }
}

/// Watches for a rollover.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Rollover {
    config: RolloverConfig,
    past: VecDeque<Posture>,
    now: Option<Posture>,
    last_accel: Option<Timestamp>,
    blow: Stretch,
    fall: Stretch,
    rolled: Option<Rolled>,
    /// The fused speed of late, once a second.
    speeds: VecDeque<(Timestamp, f64)>,
    position: Option<Position>,
}

impl Rollover {
    pub(crate) fn new(config: &RolloverConfig) -> Self {
        Self {
            config: config.clone(),
            past: VecDeque::with_capacity(CAPACITY),
            now: None,
            last_accel: None,
            blow: Stretch::default(),
            fall: Stretch::default(),
            rolled: None,
            speeds: VecDeque::with_capacity(SPEEDS),
            position: None,
        }
    }

    /// Specific force, device frame, m/s², in measured order, and which way is up.
    pub(crate) fn ordered(&mut self, t: Timestamp, force: &Vector3<f64>, up: Vector3<f64>) {
        let dt_s = self.last_accel.replace(t).map_or(0.0, |last| t.s_since(last)).clamp(0.0, 0.1);
        let force_g = force.norm() / STANDARD_GRAVITY;
        let blow_s = self.blow.step(t, dt_s, force_g >= self.config.blow_g);
        let fall_s = self.fall.step(t, dt_s, force_g <= FALL_G);
        let now = self.now.get_or_insert(Posture { t, up, peak_g: 0.0, blow_s: 0.0, fall_s: 0.0 });
        now.peak_g = now.peak_g.max(force_g);
        now.blow_s = now.blow_s.max(blow_s);
        now.fall_s = now.fall_s.max(fall_s);
        if t.ns_since(now.t) < SPACING_NS {
            return;
        }
        let posture = Posture { t, up, ..*now };
        self.now = None;
        if self.past.len() == CAPACITY {
            self.past.pop_front();
        }
        self.past.push_back(posture);
        let limit_rad = self.config.angle_deg.to_radians();
        if let Some(rolled) = &mut self.rolled {
            rolled.follow(&posture, limit_rad);
            let came_back = rolled.end < posture.t && rolled.end.s_since(rolled.since) < self.config.hold_s;
            if came_back {
                self.rolled = None;
            }
        } else {
            self.rolled = self.look(&posture, limit_rad);
        }
    }

    /// Whether gravity has turned far enough within the time that a vehicle takes to roll.
    fn look(&self, now: &Posture, limit_rad: f64) -> Option<Rolled> {
        let reach = now.t.plus_s(-ROLLS_WITHIN_S);
        let within = || self.past.iter().filter(|posture| posture.t >= reach);
        let upright = within().next()?.up;
        let angle_rad = now.angle_to(&upright);
        let steady = reach.plus_s(STEADY_S);
        let was_steady =
            within().take_while(|posture| posture.t <= steady).all(|it| it.angle_to(&upright) < BEGINS_RAD);
        if angle_rad <= limit_rad || !was_steady {
            return None;
        }
        let start = within().find(|posture| posture.angle_to(&upright) > BEGINS_RAD).map_or(now.t, |posture| posture.t);
        let mut rolled = Rolled {
            upright,
            start,
            since: now.t,
            end: now.t,
            angle_rad,
            peak_g: 0.0,
            blow_s: 0.0,
            fall_s: 0.0,
            lies: None,
            swings_rad: 0.0,
        };
        let tripped = start.plus_s(-TRIPPED_S);
        self.past.iter().filter(|posture| posture.t >= tripped).for_each(|posture| rolled.feel(posture));
        Some(rolled)
    }

    /// The highest and the last speed between two moments, m/s.
    fn speeds(&self, from: Timestamp, to: Timestamp) -> Option<(f64, f64)> {
        let mut within = self.speeds.iter().filter(|(t, _)| (from..=to).contains(t)).map(|(_, mps)| *mps);
        let first = within.next()?;
        Some(within.fold((first, first), |(highest, _), mps| (highest.max(mps), mps)))
    }

    fn decide(&mut self, out: &mut Outbox) {
        let Some(rolled) = self.rolled.take() else { return };
        let before = self.speeds(rolled.start.plus_s(-BEFORE_S), rolled.start);
        let after = self.speeds(rolled.since.plus_s(COMES_TO_LIE_S), Timestamp::MAX).map(|(_, last)| last);
        let needed_mps = self.config.min_speed_kmh * MPS_PER_KMH;
        let duration_s = rolled.blow_s;
        let peak = Reason::Peak { peak_g: rolled.peak_g, needed_g: self.config.blow_g, duration_s };
        let against = match (before, after) {
            (None, _) => Some(Reason::SpeedUnknown),
            (Some((speed_mps, _)), _) if speed_mps < needed_mps => {
                Some(Reason::TooSlowBefore { speed_mps, needed_mps })
            }
            (_, Some(speed_mps)) if speed_mps > STOPPED_MPS => Some(Reason::DroveOn { speed_mps }),
            _ if rolled.fall_s >= FALL_S => Some(Reason::FreeFall { duration_s: rolled.fall_s }),
            _ if duration_s < self.config.blow_s => Some(Reason::Brief { duration_s }),
            _ if rolled.lies.is_none() || rolled.swings_rad > STILL_RAD => Some(Reason::Handling),
            _ => None,
        };
        let turned = Reason::Rotation { angle_rad: rolled.angle_rad, within_s: rolled.since.s_since(rolled.start) };
        if let Some(against) = against {
            let reasons = [against, turned, peak].into();
            let (start, end) = (rolled.start, rolled.end);
            out.dismiss(Dismissal { kind: EventKind::Rollover, start, end, peak_mps2: None, reasons });
            return;
        }
        let mut event = Event::new(EventKind::Rollover, rolled.start, rolled.end);
        event.peak = rolled.since;
        event.position = self.position;
        event.speed_before_mps = before.map(|(highest, _)| highest);
        event.speed_after_mps = after;
        event.confidence = CONFIDENCE;
        event.reasons = [turned, peak].into();
        if let Some((before_mps, _)) = before {
            event.reasons.extend(after.map(|after_mps| Reason::SpeedFell { before_mps, after_mps }));
        }
        out.report(event);
    }

    /// After a pause nothing can be compared with before.
    fn restart(&mut self) {
        self.past.clear();
        self.now = None;
        self.last_accel = None;
        (self.blow, self.fall) = (Stretch::default(), Stretch::default());
    }
}

impl Detector for Rollover {
    fn observe(&mut self, seen: &Observation<'_>, out: &mut Outbox) {
        match seen {
            Observation::Motion(m) => {
                let is_due = self.speeds.back().is_none_or(|(last, _)| m.t.s_since(*last) >= 1.0);
                if let Some(mps) = m.speed_mps.filter(|_| is_due) {
                    if self.speeds.len() == SPEEDS {
                        self.speeds.pop_front();
                    }
                    self.speeds.push_back((m.t, mps));
                }
                self.position = m.position.or(self.position);
                if self.rolled.is_some_and(|rolled| m.t.s_since(rolled.since) >= self.config.decide_after_s) {
                    self.decide(out);
                }
            }
            Observation::Gap { .. } | Observation::End(_) => {
                self.decide(out);
                self.restart();
            }
            Observation::Fix(_) | Observation::Limit(_) | Observation::Hint(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
