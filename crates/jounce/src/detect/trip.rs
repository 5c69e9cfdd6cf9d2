//! Where a drive begins and ends.
//!
//! In: the fused speed at 10 Hz, fixes, hints, gaps. Out: `trip_start`, dated back to when the vehicle began to move;
//! `trip_end` with distance and duration, dated back to when it last moved; and a revocation under the id of the start
//! when the trip proves to be no drive (it then has no end).
//!
//! A start needs a speed that holds *and*, where positions are known, a way longer than their error, so that the
//! noise of a parked phone starts nothing. Steps, or the host's word, keep a walk out of it.
//!
//! The distance is the integral of the speed while moving. Across a stretch without a speed — a short gap, or no
//! GNSS and nothing to carry it on — it is the straight line between the positions on either side: that way was
//! driven, only unseen. A gap long enough to split the trip adds nothing.

mod evidence;

use super::{
    Detector, Observation, Outbox,
    gait::{Gait, Rhythm},
};
use crate::{
    config::{Profile, TripConfig},
    detect::Fix,
    event::{Detail, Dismissal, Event, EventId, EventKind, Phase, Position, Reason, TransportMode},
    geo::{ASSUMED_HACC_M, distance_m},
    motion::Motion,
    persist::Persist,
    sample::{Activity, Hint},
    time::Timestamp,
};
use evidence::Evidence;

/// Below this a vehicle stands, m/s: twice the noise of a Doppler speed at rest.
const MOVING_MPS: f64 = 0.5;
/// The hold of the start speed survives dips to this share of it: a junction, a speed bump.
const RELEASE_SHARE: f64 = 0.5;
/// A speed not known for up to this is bridged, s: a few missing fixes.
const BRIDGE_S: f64 = 5.0;
/// Standing for this share of the time that it took ends a movement that has not been fast yet: a single wild fix is over
/// soon, and who leaves a parking space takes some seconds to reverse …
const PAUSE_SHARE: f64 = 0.5;
/// … as does standing for this long, s …
const PAUSE_S: f64 = 5.0;
/// … and this long one that has been, s: the first traffic light is part of the drive.
const HALT_S: f64 = 60.0;
/// Fast for less than this is no driving, s.
const BRIEF_S: f64 = 2.0;
/// A speed reached again for this long goes on with the trip, s; noise of a parked phone is shorter.
const RESUME_S: f64 = 3.0;
/// Slow movement this long after the last fast one still belongs to the trip, s: parking.
const MANOEUVRE_S: f64 = 60.0;
/// A way must exceed the positions' error by this many standard deviations.
const WAY_SIGMAS: f64 = 2.0;
/// Faster than this nobody walks, runs, or cycles on, whatever the hint, m/s.
const BEYOND_FOOT_MPS: f64 = 12.0;

/// Finds trips.
#[derive(Debug, Persist)]
pub(crate) struct Trip {
    config: TripConfig,
    profile: Profile,
    start_mps: f64,
    hints: Hints,
    /// Where the vehicle is, and how well that is known.
    place: Option<Place>,
    /// Way driven so far, m; only differences mean anything.
    odometer_m: f64,
    /// The last known speed.
    last: Option<(Timestamp, f64)>,
    /// Since when the speed is not known, and from where the way is to be filled in.
    blind: Option<Blind>,
    fast: Option<Fast>,
    state: State,
    gait: Gait,
    /// Of steps or pedals, now.
    rhythm: Option<Rhythm>,
}

#[derive(Clone, Copy, Debug, Persist)]
struct Place {
    position: Position,
    hacc_m: f64,
}

impl Place {
    /// The way to `to`, m, unless it drowns in the errors.
    fn way_to(&self, to: &Self) -> Option<f64> {
        let way_m = distance_m(self.position, to.position);
        (way_m > WAY_SIGMAS * libm::hypot(self.hacc_m, to.hacc_m)).then_some(way_m)
    }
}

#[derive(Clone, Copy, Debug, Persist)]
struct Blind {
    since: Timestamp,
    from: Option<Place>,
}

/// A moment of a trip.
#[derive(Clone, Copy, Debug, Persist)]
struct Moment {
    t: Timestamp,
    position: Option<Position>,
    odometer_m: f64,
}

/// A stretch at start speed.
#[derive(Clone, Copy, Debug, Persist)]
struct Fast {
    since: Moment,
    from: Option<Place>,
    /// It has left the place where it began, beyond doubt.
    is_away: bool,
    /// Farthest from where it began, m.
    farthest_m: f64,
}

#[derive(Debug, Persist)]
#[expect(clippy::large_enum_variant, reason = "an engine has one, and it changes twice a trip")]
enum State {
    Idle(Option<Movement>),
    Driving(Drive),
}

/// Moving, perhaps the beginning of a trip.
#[derive(Clone, Copy, Debug, Persist)]
struct Movement {
    from: Moment,
    last_moving: Timestamp,
    was_fast: bool,
}

#[derive(Debug, Persist)]
struct Drive {
    id: EventId,
    start: Moment,
    /// Where it ends, if it has ended.
    stop: Moment,
    last_fast: Timestamp,
    /// Slow since; stretches without a speed do not count.
    slow_from: Timestamp,
    was_in_car: bool,
    evidence: Evidence,
}

#[derive(Clone, Copy, Debug, Default, Persist)]
struct Hints {
    in_car: Option<bool>,
    activity: Option<Activity>,
}

impl Hints {
    fn says_car(self) -> bool {
        self.in_car == Some(true) || self.activity == Some(Activity::Automotive)
    }

    /// On foot or on a bicycle; the car's own word counts for more than the platform's guess.
    fn on_foot(self) -> Option<Activity> {
        let by_foot = |it: &Activity| matches!(it, Activity::Walking | Activity::Running | Activity::Cycling);
        self.activity.filter(by_foot).filter(|_| self.in_car != Some(true))
    }

    fn says_foot(self) -> bool {
        self.on_foot().is_some()
    }
}

impl Trip {
    pub(crate) fn new(config: &TripConfig, profile: Profile) -> Self {
        Self {
            config: config.clone(),
            profile,
            start_mps: config.start_mps(),
            hints: Hints::default(),
            place: None,
            odometer_m: 0.0,
            last: None,
            blind: None,
            fast: None,
            state: State::Idle(None),
            gait: Gait::new(),
            rhythm: None,
        }
    }

    /// Whether a trip is under way.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Driving(_))
    }

    /// By the host's word, or by its steps.
    fn is_on_foot(&self) -> bool {
        self.hints.says_foot() || self.rhythm.is_some()
    }

    /// The host's hints may no longer be used.
    pub(crate) fn forget_hints(&mut self) {
        self.hints = Hints::default();
    }

    fn moved(&mut self, motion: &Motion, out: &mut Outbox) {
        if let Some(position) = motion.position {
            let hacc_m = self.place.map_or(ASSUMED_HACC_M, |place| place.hacc_m);
            self.place = Some(Place { position, hacc_m });
        }
        self.rhythm = motion.accel_up_mps2.and_then(|up| self.gait.step(up));
        let Some(mps) = motion.speed_mps else { return self.go_blind(motion.t, out) };
        self.see_again(motion.t);
        self.roll(motion.t, mps);
        let here = self.moment(motion.t);
        self.follow_fast(motion, mps, here, out);
        match &mut self.state {
            State::Idle(_) => self.consider_start(mps, here, out),
            State::Driving(_) => self.consider_end(motion, mps, here, out),
        }
    }

    fn moment(&self, t: Timestamp) -> Moment {
        Moment { t, position: self.place.map(|place| place.position), odometer_m: self.odometer_m }
    }

    /// Integrates the speed.
    fn roll(&mut self, t: Timestamp, mps: f64) {
        if let Some((before, last_mps)) = self.last
            && mps.max(last_mps) >= MOVING_MPS
            && t.s_since(before) <= BRIDGE_S
        {
            self.odometer_m += 0.5 * (mps + last_mps) * t.s_since(before);
        }
        self.last = Some((t, mps));
    }

    /// Keeps the stretch at start speed.
    fn follow_fast(&mut self, motion: &Motion, mps: f64, here: Moment, out: &mut Outbox) {
        if mps < RELEASE_SHARE * self.start_mps {
            self.drop_fast(here.t, out);
        } else if mps >= self.start_mps && !motion.estimated && self.fast.is_none() {
            self.fast = Some(Fast { since: here, from: self.place, is_away: false, farthest_m: 0.0 });
        }
        if let Some(fast) = &mut self.fast {
            if fast.from.is_none() {
                fast.from = self.place;
            }
            match (&fast.from, &self.place) {
                (Some(from), Some(place)) => {
                    fast.is_away |= from.way_to(place).is_some();
                    fast.farthest_m = fast.farthest_m.max(distance_m(from.position, place.position));
                }
                // Nobody knows where: the speed must be beyond doubt.
                _ => fast.is_away = mps >= 2.0 * WAY_SIGMAS * motion.speed_sigma_mps.unwrap_or(0.0),
            }
        }
    }

    fn drop_fast(&mut self, now: Timestamp, out: &mut Outbox) {
        let Some(fast) = self.fast.take() else { return };
        let held_s = now.s_since(fast.since.t);
        if self.is_open() || held_s < BRIEF_S {
            return;
        }
        let needed_s = self.config.start_after_s;
        let held = Reason::SpeedBeyond { threshold_mps: self.start_mps, held_s, needed_s };
        let reason = if held_s >= needed_s && self.is_on_foot() {
            Reason::NonVehicle
        } else if held_s >= needed_s {
            let reported_mps = (self.odometer_m - fast.since.odometer_m) / held_s;
            Reason::PositionsDisagree { reported_mps, displacement_mps: fast.farthest_m / held_s }
        } else {
            held
        };
        let (kind, start) = (EventKind::TripStart, fast.since.t);
        out.dismiss(Dismissal { kind, start, end: now, peak_mps2: None, reasons: [reason].into() });
    }

    fn consider_start(&mut self, mps: f64, here: Moment, out: &mut Outbox) {
        let held_s = self.fast.map_or(0.0, |fast| here.t.s_since(fast.since.t));
        let on_foot = self.is_on_foot();
        let State::Idle(movement) = &mut self.state else { return };
        if mps >= MOVING_MPS {
            if movement.is_none() {
                out.begin_way();
            }
            let movement = movement.get_or_insert(Movement { from: here, last_moving: here.t, was_fast: false });
            movement.last_moving = here.t;
            movement.was_fast |= held_s >= BRIEF_S;
        }
        let patience_s = |it: &Movement| {
            if it.was_fast { HALT_S } else { PAUSE_S.min(PAUSE_SHARE * it.last_moving.s_since(it.from.t)) }
        };
        if (on_foot && mps < self.start_mps)
            || movement.is_some_and(|it| here.t.s_since(it.last_moving) > patience_s(&it))
        {
            *movement = None;
        }
        let (Some(fast), Some(movement)) = (self.fast, *movement) else { return };
        let needed_s = if self.hints.says_car() { self.config.start_after_hint_s } else { self.config.start_after_s };
        let may_be_drive = !on_foot || mps > BEYOND_FOOT_MPS;
        if held_s >= needed_s && fast.is_away && may_be_drive {
            self.start(movement.from, fast.since, here, out);
        }
    }

    fn start(&mut self, from: Moment, fast: Moment, here: Moment, out: &mut Outbox) {
        let held_s = here.t.s_since(fast.t);
        let mut event = Event::new(EventKind::TripStart, from.t, from.t);
        event.position = from.position;
        event
            .reasons
            .push(Reason::Moving { speed_mps: (here.odometer_m - fast.odometer_m) / held_s.max(BRIEF_S), held_s });
        if held_s < self.config.start_after_s {
            event.reasons.push(Reason::HostHint);
        }
        self.state = State::Driving(Drive {
            id: out.report(event),
            start: from,
            stop: here,
            last_fast: here.t,
            slow_from: here.t,
            was_in_car: self.hints.in_car == Some(true),
            evidence: Evidence::default(),
        });
    }

    fn consider_end(&mut self, motion: &Motion, mps: f64, here: Moment, out: &mut Outbox) {
        let walks = self.is_on_foot();
        let State::Driving(drive) = &mut self.state else { return };
        let on_foot = self.hints.says_foot();
        if self.fast.is_some_and(|fast| here.t.s_since(fast.since.t) >= RESUME_S) {
            (drive.last_fast, drive.slow_from) = (here.t, here.t);
        }
        let is_parking = here.t.s_since(drive.last_fast) <= MANOEUVRE_S && !(walks && here.t > drive.last_fast);
        if is_parking {
            drive.evidence.add(motion, mps, self.hints.on_foot(), self.rhythm);
            if mps >= MOVING_MPS {
                drive.stop = here;
            }
        }
        let has_left = on_foot || (drive.was_in_car && self.hints.in_car == Some(false));
        let patience_s =
            if has_left { self.config.end_after_hint_s.min(self.config.end_after_s) } else { self.config.end_after_s };
        if self.fast.is_none() && here.t.s_since(drive.slow_from) >= patience_s {
            let held_s = here.t.s_since(drive.stop.t);
            let hint = has_left.then_some(Reason::HostHint);
            let stop = drive.stop;
            self.end(stop, [Some(Reason::Stopped { held_s }), hint], out);
        }
    }

    /// The speed is not known at `t`.
    fn go_blind(&mut self, t: Timestamp, out: &mut Outbox) {
        let since = self.last.map_or(t, |(last, _)| last);
        let blind_s = t.s_since(self.blind.get_or_insert(Blind { since, from: self.place }).since);
        if blind_s > BRIDGE_S {
            self.drop_fast(since, out);
            if let State::Idle(movement) = &mut self.state {
                *movement = None;
            }
        }
        if blind_s >= self.config.gap_splits_after_s {
            self.break_off(since, Reason::DataGap { gap_s: blind_s }, out);
        }
    }

    /// The speed is known again at `t`: fills in the way, and takes the time out of the standstill.
    fn see_again(&mut self, t: Timestamp) {
        let Some(blind) = self.blind else { return };
        let blind_s = t.s_since(blind.since);
        if blind_s > BRIDGE_S {
            self.fill_in(t);
            if let State::Driving(drive) = &mut self.state {
                drive.slow_from = drive.slow_from.plus_s(blind_s).min(t);
            }
        }
        self.blind = None;
    }

    /// Adds the straight way since the speed was known, once it is longer than the positions' error.
    fn fill_in(&mut self, t: Timestamp) {
        let Some(blind) = &mut self.blind else { return };
        let Some((from, place)) = blind.from.zip(self.place) else {
            blind.from = self.place;
            return;
        };
        let Some(way_m) = from.way_to(&place) else { return };
        blind.from = self.place;
        self.odometer_m += way_m;
        let here = self.moment(t);
        if let State::Driving(drive) = &mut self.state {
            (drive.stop, drive.last_fast, drive.slow_from) = (here, t, t);
        }
    }

    fn fixed(&mut self, fix: &Fix) {
        let Some(position) = fix.position else { return };
        self.place = Some(Place { position, hacc_m: fix.hacc_m.unwrap_or(ASSUMED_HACC_M) });
        if self.blind.is_some_and(|blind| fix.t.s_since(blind.since) > BRIDGE_S) {
            self.fill_in(fix.t);
        }
    }

    fn hinted(&mut self, hint: Hint) {
        match hint {
            Hint::Car(on) => self.hints.in_car = Some(on),
            Hint::Activity(activity) => self.hints.activity = Some(activity),
            Hint::Screen(_) => {}
        }
        if let State::Driving(drive) = &mut self.state {
            drive.was_in_car |= self.hints.in_car == Some(true);
        }
    }

    fn pause(&mut self, from: Timestamp, to: Timestamp, out: &mut Outbox) {
        let gap_s = to.s_since(from);
        if gap_s >= self.config.gap_splits_after_s {
            self.break_off(from, Reason::DataGap { gap_s }, out);
        } else {
            self.go_blind(to, out);
        }
    }

    /// Nothing more is known after `last`: a trip ends there, or where it had come to rest; everything begins anew.
    fn break_off(&mut self, last: Timestamp, reason: Reason, out: &mut Outbox) {
        if let State::Driving(drive) = &self.state {
            let known = self.last.map_or(last, |(t, _)| t);
            let mut stop = drive.stop;
            if stop.t >= known && last.s_since(known) <= BRIDGE_S {
                stop.t = stop.t.max(last);
            }
            self.end(stop, [Some(reason), None], out);
        } else {
            self.drop_fast(last, out);
        }
        (self.last, self.blind, self.fast, self.state) = (None, None, None, State::Idle(None));
    }

    fn end(&mut self, stop: Moment, reasons: [Option<Reason>; 2], out: &mut Outbox) {
        let State::Driving(mut drive) = core::mem::replace(&mut self.state, State::Idle(None)) else { return };
        let mut driven_as = None;
        // The car's own word counts for more than what the motion looks like.
        let other = if drive.was_in_car { None } else { drive.evidence.other_than_drive(self.profile) };
        let mut event = if let Some(mode) = other {
            let mut event = Event::new(EventKind::TripStart, drive.start.t, stop.t);
            (event.id, event.phase, event.position) = (drive.id, Phase::Revoked, drive.start.position);
            event.reasons.push(Reason::NotADrive { mode });
            event
        } else {
            let mut event = Event::new(EventKind::TripEnd, stop.t, stop.t);
            event.position = stop.position;
            let distance_m = (stop.odometer_m - drive.start.odometer_m).max(0.0);
            let duration_s = stop.t.s_since(drive.start.t);
            let counts = out.on_the_way();
            if !drive.was_in_car && drive.evidence.is_like_a_bus(distance_m) {
                driven_as = Some(Reason::DrivenAs { mode: TransportMode::Bus });
            }
            event.detail = Detail::Trip {
                distance_m,
                duration_s,
                mean_speed_mps: if duration_s > 0.0 { distance_m / duration_s } else { 0.0 },
                max_speed_mps: drive.evidence.fastest_mps(),
                counts,
                score: counts.score(distance_m),
            };
            event
        };
        event.reasons.extend(reasons.into_iter().flatten().chain(driven_as));
        out.report(event);
    }
}

impl Detector for Trip {
    fn observe(&mut self, seen: &Observation<'_>, out: &mut Outbox) {
        match seen {
            Observation::Motion(motion) => self.moved(motion, out),
            Observation::Fix(fix) => self.fixed(fix),
            Observation::Hint(hint) => self.hinted(hint.hint),
            Observation::Gap { from, to } => self.pause(*from, *to, out),
            Observation::End(t) => self.break_off(*t, Reason::EndOfInput, out),
            Observation::Limit(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
