//! One place: inside or outside, and the way between.
//!
//! A fix speaks for *outside* only with its whole error circle beyond the border, and for *inside* when its centre
//! is within; asking the whole circle to be inside would never let anybody arrive at a small place. The band between
//! keeps whatever holds. Several fixes must agree before the state changes, so one lying fix never flips it.

use alloc::{string::String, vec::Vec};

use super::Seen;
use crate::{
    config::PlaceRulesConfig,
    detect::Outbox,
    event::{Detail, Dismissal, Event, EventKind, Position, Reason},
    geo::{Area, between},
    persist::Persist,
    time::Timestamp,
};

/// A fix may claim to be inside a place smaller than its error, up to this accuracy, m: a phone in a street.
const SMALL_PLACE_HACC_M: f64 = 50.0;
/// Crossings are dated in steps of this, s, counted from the fix before: places that share a border are left
/// and reached at the same moment, however their planes round.
const CROSSING_STEP_S: f64 = 0.1;
/// Confidence when the whole error circle speaks for the event.
const CERTAIN: f64 = 0.95;
/// Confidence when only the centre, or the line between fixes, does.
const LIKELY: f64 = 0.8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
enum Side {
    Inside,
    Outside,
}

/// Fixes that speak against the state.
#[derive(Clone, Copy, Debug, Persist)]
struct Votes {
    side: Side,
    count: u32,
    first: Seen,
    first_distance_m: f64,
    /// Where the border was crossed before the first of them, if that is known.
    crossing: Option<Crossing>,
}

/// The border was crossed here.
#[derive(Clone, Copy, Debug, Persist)]
struct Crossing {
    t: Timestamp,
    position: Position,
}

/// In and out between two fixes outside; believed when the next fix outside does not take it back.
#[derive(Clone, Copy, Debug, Persist)]
struct Pass {
    inward: Crossing,
    outward: Crossing,
    to: Seen,
    distance_m: f64,
}

/// One place's state.
#[derive(Debug, Persist)]
pub(super) struct Visit {
    name: String,
    area: Area,
    /// The accuracy up to which a centre inside counts, m.
    inside_hacc_m: f64,
    side: Option<Side>,
    votes: Option<Votes>,
    /// Signed distance of the fix before, m.
    distance_m: f64,
    /// Latest crossings either way; none across a gap.
    inward: Option<Crossing>,
    outward: Option<Crossing>,
    last_outside: Option<Seen>,
    pass: Option<Pass>,
    /// An arrival that must dwell before it is reported.
    arrival: Option<Event>,
}

impl Visit {
    pub(super) fn new(name: String, area: Area) -> Self {
        Self {
            name,
            inside_hacc_m: area.radius_m().max(SMALL_PLACE_HACC_M),
            area,
            side: None,
            votes: None,
            distance_m: 0.0,
            inward: None,
            outward: None,
            last_outside: None,
            pass: None,
            arrival: None,
        }
    }

    /// The crossing that is not decided yet, if there is one.
    pub(super) fn unsettled(&self) -> Option<Timestamp> {
        let open = match self.side {
            Some(Side::Inside) if self.distance_m > 0.0 => self.outward,
            Some(Side::Inside) => None,
            _ if self.distance_m < 0.0 => self.inward,
            _ => self.pass.map(|pass| pass.inward),
        };
        open.map(|crossing| crossing.t)
    }

    /// Takes the next fix, and the one before when the line between tells the way. Events go to `events`.
    pub(super) fn see(
        &mut self,
        now: Seen,
        before: Option<Seen>,
        rules: &PlaceRulesConfig,
        events: &mut Vec<Event>,
        out: &mut Outbox,
    ) {
        let distance_m = self.area.signed_distance_m(now.position);
        self.cross(now, before, distance_m);
        self.distance_m = distance_m;
        match self.side_of(distance_m, now.hacc_m) {
            Some(Side::Outside) => {
                if self.side != Some(Side::Inside) {
                    self.judge_pass(now, distance_m, rules, events, out);
                }
                self.vote(Side::Outside, now, rules, events, out);
                self.last_outside = Some(now);
            }
            Some(Side::Inside) => {
                self.pass = None;
                self.vote(Side::Inside, now, rules, events, out);
            }
            None => {}
        }
        if self.arrival.as_ref().is_some_and(|it| now.t.s_since(it.start) >= rules.min_dwell_s) {
            events.extend(self.arrival.take());
        }
    }

    /// Ends the watch at `t`: decides what is open.
    pub(super) fn end(&mut self, t: Timestamp, rules: &PlaceRulesConfig, events: &mut Vec<Event>, out: &mut Outbox) {
        if let Some(arrival) = self.arrival.take() {
            let held_s = t.s_since(arrival.start);
            if held_s >= rules.min_dwell_s {
                events.push(arrival);
            } else {
                let reason = Reason::TooBrief { held_s, needed_s: rules.min_dwell_s };
                dismiss(EventKind::PlaceArrive, arrival.start, t, [reason].into(), out);
            }
        }
        if let Some(pass) = self.pass.take() {
            let reasons = [Reason::Undecided, Reason::CrossedBetweenFixes].into();
            dismiss(EventKind::PlaceArrive, pass.inward.t, pass.outward.t, reasons, out);
        }
    }

    fn side_of(&self, distance_m: f64, hacc_m: f64) -> Option<Side> {
        if distance_m > hacc_m {
            Some(Side::Outside)
        } else if distance_m < 0.0 && hacc_m <= self.inside_hacc_m {
            Some(Side::Inside)
        } else {
            None
        }
    }

    /// Dates the crossing of the border by the centre of the fixes.
    fn cross(&mut self, now: Seen, before: Option<Seen>, distance_m: f64) {
        let Some(before) = before else {
            (self.inward, self.outward, self.pass, self.last_outside) = (None, None, None, None);
            return;
        };
        let (was_inside, is_inside) = (self.distance_m < 0.0, distance_m < 0.0);
        if was_inside == is_inside {
            return;
        }
        let share = self.area.crossings(before.position, now.position).map_or(1.0, |crossings| crossings.last);
        *(if is_inside { &mut self.inward } else { &mut self.outward }) = Some(crossing(&before, &now, share));
    }

    /// Counts a fix that speaks for `side`; enough of them in a row change the state.
    fn vote(&mut self, side: Side, now: Seen, rules: &PlaceRulesConfig, events: &mut Vec<Event>, out: &mut Outbox) {
        if self.side == Some(side) {
            self.reject_votes(now.t, out);
            return;
        }
        if self.side.is_none() && self.votes.is_some_and(|votes| votes.side != side) {
            self.reject_votes(now.t, out);
        }
        let crossing = if side == Side::Inside { self.inward } else { self.outward };
        let fresh = Votes { side, count: 0, first: now, first_distance_m: self.distance_m, crossing };
        let votes = self.votes.get_or_insert(fresh);
        votes.count = votes.count.saturating_add(1);
        if votes.count < rules.confirm_fixes {
            return;
        }
        let first = Crossing { t: votes.first.t, position: votes.first.position };
        let crossed = votes.crossing.unwrap_or(first);
        (self.votes, self.inward, self.outward) = (None, None, None);
        match (self.side.replace(side), side) {
            (_, Side::Inside) => self.arrival = Some(self.event(EventKind::PlaceArrive, crossed, now.hacc_m)),
            (Some(Side::Inside), Side::Outside) => self.leave(crossed, now.hacc_m, rules, events, out),
            (_, Side::Outside) => {}
        }
    }

    fn reject_votes(&mut self, now: Timestamp, out: &mut Outbox) {
        let Some(votes) = self.votes.take() else { return };
        let kind = match votes.side {
            Side::Inside => EventKind::PlaceArrive,
            Side::Outside => EventKind::PlaceLeave,
        };
        if votes.side == Side::Outside && self.side.is_none() {
            return;
        }
        let circle = Reason::ErrorCircle { distance_m: votes.first_distance_m, hacc_m: votes.first.hacc_m };
        dismiss(kind, votes.first.t, now, [Reason::Undecided, circle].into(), out);
    }

    fn leave(
        &mut self,
        crossed: Crossing,
        hacc_m: f64,
        rules: &PlaceRulesConfig,
        events: &mut Vec<Event>,
        out: &mut Outbox,
    ) {
        if let Some(arrival) = self.arrival.take() {
            let held_s = crossed.t.s_since(arrival.start);
            if held_s < rules.min_dwell_s {
                let reason = Reason::TooBrief { held_s, needed_s: rules.min_dwell_s };
                dismiss(EventKind::PlaceArrive, arrival.start, crossed.t, [reason].into(), out);
                return;
            }
            events.push(arrival);
        }
        events.push(self.event(EventKind::PlaceLeave, crossed, hacc_m));
    }

    /// Looks for a pass between the last fix outside and this one, and settles the pass before.
    fn judge_pass(
        &mut self,
        now: Seen,
        distance_m: f64,
        rules: &PlaceRulesConfig,
        events: &mut Vec<Event>,
        out: &mut Outbox,
    ) {
        let before = self.last_outside.filter(|last| now.follows(last, rules.max_segment_s));
        let fresh = before.and_then(|before| self.pass_between(&before, now, distance_m));
        if let Some(pass) = self.pass.take() {
            if fresh.is_none() && before == Some(pass.to) {
                self.report_pass(&pass, rules, events, out);
            } else {
                // Back the same way: the fix between was astray, or else nobody can tell.
                let reasons = [Reason::Undecided, Reason::CrossedBetweenFixes].into();
                dismiss(EventKind::PlaceArrive, pass.inward.t, pass.outward.t, reasons, out);
            }
            return;
        }
        let Some(pass) = fresh else { return };
        // A fix or two inside, on the way: too few to arrive by, but part of the pass.
        self.votes = None;
        (self.inward, self.outward) = (None, None);
        if rules.confirm_fixes <= 1 {
            self.report_pass(&pass, rules, events, out);
        } else {
            self.pass = Some(pass);
        }
    }

    /// The pass on the line between two fixes, if it goes deeper than their errors.
    fn pass_between(&self, from: &Seen, to: Seen, distance_m: f64) -> Option<Pass> {
        let crossings = self.area.crossings(from.position, to.position)?;
        let middle = between(from.position, to.position, 0.5 * (crossings.first + crossings.last));
        if -self.area.signed_distance_m(middle) < from.hacc_m.max(to.hacc_m) {
            return None;
        }
        let seen = self.inward.zip(self.outward).filter(|(inward, outward)| from.t < inward.t && inward.t < outward.t);
        let drawn = || (crossing(from, &to, crossings.first), crossing(from, &to, crossings.last));
        let (inward, outward) = seen.unwrap_or_else(drawn);
        Some(Pass { inward, outward, to, distance_m })
    }

    fn report_pass(&self, pass: &Pass, rules: &PlaceRulesConfig, events: &mut Vec<Event>, out: &mut Outbox) {
        let held_s = pass.outward.t.s_since(pass.inward.t);
        if held_s < rules.min_dwell_s {
            let reasons = [Reason::TooBrief { held_s, needed_s: rules.min_dwell_s }, Reason::CrossedBetweenFixes];
            dismiss(EventKind::PlaceArrive, pass.inward.t, pass.outward.t, reasons.into(), out);
            return;
        }
        for (kind, crossed) in [(EventKind::PlaceArrive, pass.inward), (EventKind::PlaceLeave, pass.outward)] {
            let mut event = self.event(kind, crossed, pass.to.hacc_m);
            event.reasons = [
                Reason::CrossedBetweenFixes,
                Reason::ErrorCircle { distance_m: pass.distance_m, hacc_m: pass.to.hacc_m },
            ]
            .into();
            event.confidence = LIKELY;
            events.push(event);
        }
    }

    /// An event at `crossed`, decided by the fix seen last.
    fn event(&self, kind: EventKind, crossed: Crossing, hacc_m: f64) -> Event {
        let mut event = Event::new(kind, crossed.t, crossed.t);
        event.position = Some(crossed.position);
        event.detail = Detail::Place { place: self.name.clone() };
        event.reasons.push(Reason::ErrorCircle { distance_m: self.distance_m, hacc_m });
        event.confidence = if self.distance_m.abs() > hacc_m { CERTAIN } else { LIKELY };
        event
    }
}

fn crossing(from: &Seen, to: &Seen, share: f64) -> Crossing {
    let after_s = libm::round(share * to.t.s_since(from.t) / CROSSING_STEP_S) * CROSSING_STEP_S;
    Crossing { t: from.t.plus_s(after_s).min(to.t), position: between(from.position, to.position, share) }
}

fn dismiss(kind: EventKind, start: Timestamp, end: Timestamp, reasons: Vec<Reason>, out: &mut Outbox) {
    out.dismiss(Dismissal { kind, start, end, peak_mps2: None, reasons });
}
