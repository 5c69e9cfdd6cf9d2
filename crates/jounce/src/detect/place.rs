//! Arriving at places and leaving them.
//!
//! In: fixes. Out: `place_arrive` and `place_leave`, dated by the interpolated crossing of the border and reported in
//! that order; of two at the same moment, the leave comes first. Every place has a state of its own, however places
//! overlap. A visit is judged by [`visit::Visit`]; this file knows only the order.
//!
//! An event waits while another place has an earlier crossing that is not decided yet, but no longer than
//! `max_segment_s`. An arrival that must dwell first is reported when it has, later than its turn.

mod visit;

use alloc::vec::Vec;

use super::{Detector, Observation, Outbox};
use crate::{
    config::{PlaceConfig, PlaceRulesConfig},
    detect::Fix,
    event::{Event, EventKind, Position},
    geo::{ASSUMED_HACC_M, Area, distance_m},
    persist::Persist,
    time::Timestamp,
};
use visit::Visit;

/// Nobody on the road is faster between two fixes, m/s (250 km/h).
const FASTEST_MPS: f64 = 70.0;

/// A fix good enough to judge by.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
struct Seen {
    t: Timestamp,
    position: Position,
    hacc_m: f64,
}

impl Seen {
    /// Whether the straight line from `before` tells the way: soon after, and not impossibly far.
    fn follows(&self, before: &Self, longest_s: f64) -> bool {
        let dt_s = self.t.s_since(before.t);
        let way_m = distance_m(before.position, self.position) - before.hacc_m - self.hacc_m;
        dt_s <= longest_s && way_m <= FASTEST_MPS * dt_s
    }
}

/// Watches all places.
#[derive(Debug, Persist)]
pub(crate) struct Places {
    rules: PlaceRulesConfig,
    visits: Vec<Visit>,
    last: Option<Seen>,
    /// Decided, but an earlier crossing elsewhere is not.
    waiting: Vec<Event>,
}

impl Places {
    pub(crate) fn new(rules: &PlaceRulesConfig, places: &[PlaceConfig]) -> Self {
        let visit = |place: &PlaceConfig| Some(Visit::new(place.name.clone(), area(place)?));
        Self {
            rules: rules.clone(),
            visits: places.iter().filter_map(visit).collect(),
            last: None,
            waiting: Vec::new(),
        }
    }

    fn fixed(&mut self, fix: &Fix, out: &mut Outbox) {
        let hacc_m = fix.hacc_m.unwrap_or(ASSUMED_HACC_M);
        let Some(position) = fix.position.filter(|_| hacc_m <= self.rules.max_hacc_m) else { return };
        if self.last.is_some_and(|last| fix.t <= last.t) {
            return;
        }
        let now = Seen { t: fix.t, position, hacc_m };
        let before = self.last.replace(now).filter(|last| now.follows(last, self.rules.max_segment_s));
        for visit in &mut self.visits {
            visit.see(now, before, &self.rules, &mut self.waiting, out);
        }
        self.release(Some(now.t), out);
    }

    /// Reports what waits no longer: all of it when no more fixes come.
    fn release(&mut self, now: Option<Timestamp>, out: &mut Outbox) {
        if self.waiting.is_empty() {
            return;
        }
        self.waiting.sort_by_key(|event| (event.start, event.kind() == EventKind::PlaceArrive));
        let unsettled = self.visits.iter().filter_map(Visit::unsettled).min();
        let must_wait = |event: &Event| {
            let (Some(now), Some(unsettled)) = (now, unsettled) else { return false };
            let comes_after =
                unsettled < event.start || unsettled == event.start && event.kind() == EventKind::PlaceArrive;
            comes_after && now.s_since(event.start) <= self.rules.max_segment_s
        };
        let ready = self.waiting.iter().position(must_wait).unwrap_or(self.waiting.len());
        for event in self.waiting.drain(..ready) {
            out.report(event);
        }
    }

    fn end(&mut self, t: Timestamp, out: &mut Outbox) {
        for visit in &mut self.visits {
            visit.end(t, &self.rules, &mut self.waiting, out);
        }
        self.release(None, out);
    }
}

impl Detector for Places {
    fn observe(&mut self, seen: &Observation<'_>, out: &mut Outbox) {
        match seen {
            Observation::Fix(fix) => self.fixed(fix, out),
            Observation::End(t) => self.end(*t, out),
            Observation::Motion(_) | Observation::Limit(_) | Observation::Hint(_) | Observation::Gap { .. } => {}
        }
    }
}

/// The area of a checked config; `None` for one that has none.
fn area(place: &PlaceConfig) -> Option<Area> {
    if let Some(corners) = &place.polygon {
        let corners: Vec<_> = corners.iter().map(|&[lat_deg, lon_deg]| Position { lat_deg, lon_deg }).collect();
        return Area::polygon(&corners);
    }
    let centre = Position { lat_deg: place.lat?, lon_deg: place.lon? };
    Some(Area::circle(centre, place.radius_m?))
}

#[cfg(test)]
mod tests;
