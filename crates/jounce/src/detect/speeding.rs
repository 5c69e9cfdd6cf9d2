//! Faster than the posted limit, or than anybody may drive.
//!
//! In: the fused speed at 10 Hz, limit rows. Out: one event an episode, when it is over. The posted rule judges
//! against recorded rows, or else the configured fixed limit; a row that says *unknown* means that nothing is judged.
//! A limit that comes down reaches the driver a few seconds later; one that goes up, at once. An episode belongs to
//! one limit and ends where that does. The absolute rule needs no limit, and is left out where a posted event
//! covers most of the same time, since that says more.
//!
//! Nothing starts on a speed that is merely estimated; nothing is reported that the positions contradict, or whose
//! excess drowns in the uncertainty of the speed.

mod limits;
mod tally;

use alloc::vec::Vec;

use super::{
    Detector, Observation, Outbox,
    episode::{Episode, EpisodeRule, Found, Span},
};
use crate::{
    config::{MPS_PER_KMH, SpeedingConfig},
    event::{Detail, Dismissal, Event, EventKind, LimitSource, Reason},
    motion::Motion,
    persist::Persist,
    time::Timestamp,
};
use limits::{Limit, Limits};
use tally::{Sustained, Tally, Totals};

/// Fused speed and displacement agree within this many standard deviations …
const AGREEMENT_SIGMAS: f64 = 3.0;
/// … or within this share: on bends the chord is shorter than the way.
const AGREEMENT_SHARE: f64 = 0.15;
/// Confidence of an episode that the positions confirm.
const CONFIRMED: f64 = 0.95;
/// Confidence of one that no position speaks about.
const UNCONFIRMED: f64 = 0.7;
/// Excesses briefer than this are not worth a dismissal, s.
const MENTIONED_S: f64 = 1.0;

/// Judges the speed.
#[derive(Debug, Persist)]
pub(crate) struct Speeding {
    limits: Limits,
    sustained: Sustained,
    posted: Watch,
    absolute: Watch,
    absolute_limit: Limit,
    /// The posted event reported last.
    reported: Option<(Timestamp, Timestamp)>,
}

impl Speeding {
    pub(crate) fn new(config: &SpeedingConfig) -> Self {
        let absolute_mps = config.absolute_kmh * MPS_PER_KMH;
        Self {
            limits: Limits::new(config),
            sustained: Sustained::default(),
            posted: Watch::new(config, config.hold_s),
            absolute: Watch::new(config, config.absolute_hold_s),
            absolute_limit: Limit { mps: absolute_mps, threshold_mps: absolute_mps, source: LimitSource::Absolute },
            reported: None,
        }
    }

    /// Recorded limits may no longer be used.
    pub(crate) fn forget_limit(&mut self) {
        self.limits.forget();
    }

    fn moved(&mut self, motion: &Motion, out: &mut Outbox) {
        self.sustained.push(motion.speed_mps);
        let sustained_mps = self.sustained.mps();
        let limit = self.limits.at(motion.t);
        for found in self.posted.step(motion, limit, sustained_mps) {
            self.conclude_posted(&found, out);
        }
        for found in self.absolute.step(motion, Some(self.absolute_limit), sustained_mps) {
            self.conclude_absolute(&found, out);
        }
    }

    fn pause(&mut self, t: Timestamp, out: &mut Outbox) {
        self.sustained = Sustained::default();
        if let Some(found) = self.posted.pause(t) {
            self.conclude_posted(&found, out);
        }
        if let Some(found) = self.absolute.pause(t) {
            self.conclude_absolute(&found, out);
        }
    }

    fn end(&mut self, out: &mut Outbox) {
        // The posted ones first: they decide about the absolute ones.
        for found in self.posted.finish() {
            self.conclude_posted(&found, out);
        }
        for found in self.absolute.finish() {
            self.conclude_absolute(&found, out);
        }
    }

    fn conclude_posted(&mut self, found: &Stretch, out: &mut Outbox) {
        match found.judge(self.limits.changed_near(found.totals.start, found.totals.end)) {
            Verdict::Event(event) => {
                self.reported = Some((event.start, event.end));
                out.report(event);
            }
            Verdict::Dismissed(dismissal) => out.dismiss(dismissal),
            Verdict::Trifle => {}
        }
    }

    fn conclude_absolute(&mut self, found: &Stretch, out: &mut Outbox) {
        match found.judge(None) {
            Verdict::Event(event) if self.posted_covers(&event) => out.dismiss(Dismissal {
                kind: EventKind::Speeding,
                start: event.start,
                end: event.end,
                peak_mps2: None,
                reasons: [Reason::PartOf { kind: EventKind::Speeding }].into_iter().chain(event.reasons).collect(),
            }),
            Verdict::Event(event) => {
                out.report(event);
            }
            Verdict::Dismissed(dismissal) => out.dismiss(dismissal),
            Verdict::Trifle => {}
        }
    }

    /// Whether a posted event, reported or sure to come, covers at least half of `event`.
    fn posted_covers(&self, event: &Event) -> bool {
        let covered_s = |from: Timestamp, to: Timestamp| to.min(event.end).s_since(from.max(event.start)).max(0.0);
        let before_s = self.reported.map_or(0.0, |(from, to)| covered_s(from, to));
        let now_s = self.posted.held_since().map_or(0.0, |from| covered_s(from, event.end));
        before_s + now_s >= 0.5 * event.end.s_since(event.start)
    }
}

impl Detector for Speeding {
    fn observe(&mut self, seen: &Observation<'_>, out: &mut Outbox) {
        match seen {
            Observation::Motion(motion) => self.moved(motion, out),
            Observation::Limit(row) => self.limits.post(row),
            Observation::Gap { from, .. } => self.pause(*from, out),
            Observation::End(_) => self.end(out),
            Observation::Fix(_) | Observation::Hint(_) => {}
        }
    }
}

/// One rule's view of the stream.
#[derive(Debug, Persist)]
struct Watch {
    hysteresis: f64,
    least_band_mps: f64,
    needed_s: f64,
    episode: Episode,
    tally: Option<Tally>,
}

/// A stretch above a threshold that is over.
#[derive(Debug)]
struct Stretch {
    span: Span,
    limit: Limit,
    needed_s: f64,
    totals: Totals,
}

impl Watch {
    /// The episode's value is the excess in units of the hysteresis band: 0 at the threshold, −1 where it ends.
    fn new(config: &SpeedingConfig, needed_s: f64) -> Self {
        let rule = EpisodeRule { enter: 0.0, leave: -1.0, hold_s: needed_s, merge_gap_s: config.merge_gap_s };
        Self {
            hysteresis: config.hysteresis,
            least_band_mps: config.least_hysteresis_kmh * MPS_PER_KMH,
            needed_s,
            episode: Episode::new(rule),
            tally: None,
        }
    }

    fn step(&mut self, motion: &Motion, limit: Option<Limit>, sustained_mps: Option<f64>) -> Vec<Stretch> {
        let mut found = Vec::new();
        if let (Some(limit), Some(tally)) = (limit, &self.tally)
            && !tally.limit.equals(&limit)
        {
            found = self.finish();
        }
        let under_way = self.tally.as_ref().is_some_and(|tally| tally.entered);
        let speed = motion.speed_mps.filter(|_| under_way || !motion.estimated);
        let value = speed.zip(limit).map(|(mps, limit)| {
            let band = (self.hysteresis * limit.threshold_mps).max(self.least_band_mps).max(f64::EPSILON);
            (mps - limit.threshold_mps) / band
        });
        let one = self.episode.step(motion.t, value);
        found.extend(one.and_then(|one| self.take(one)));
        if let Some((limit, value)) = limit.zip(value)
            && value >= 0.0
        {
            self.tally.get_or_insert_with(|| Tally::new(limit, motion)).entered = true;
        }
        if let Some(tally) = &mut self.tally {
            tally.add(motion, sustained_mps, value);
        }
        found
    }

    /// Nothing is known from `t` on.
    fn pause(&mut self, t: Timestamp) -> Option<Stretch> {
        let found = self.episode.step(t, None).and_then(|one| self.take(one));
        if let Some(tally) = &mut self.tally {
            tally.interrupt();
        }
        found
    }

    fn finish(&mut self) -> Vec<Stretch> {
        let mut found = Vec::new();
        while let Some(one) = self.episode.finish() {
            found.extend(self.take(one));
        }
        self.tally = None;
        found
    }

    fn take(&mut self, found: Found) -> Option<Stretch> {
        let (Found::Held(span) | Found::TooShort(span)) = found;
        let tally = self.tally.take()?;
        Some(Stretch { span, limit: tally.limit, needed_s: self.needed_s, totals: tally.marked })
    }

    /// Since when the stretch under way has been held, once that is long enough.
    fn held_since(&self) -> Option<Timestamp> {
        let totals = &self.tally.as_ref()?.marked;
        (totals.end.s_since(totals.start) >= self.needed_s).then_some(totals.start)
    }
}

#[expect(clippy::large_enum_variant, reason = "one at a time, handed on at once")]
enum Verdict {
    Event(Event),
    Dismissed(Dismissal),
    Trifle,
}

impl Stretch {
    fn judge(&self, changed: Option<Timestamp>) -> Verdict {
        let totals = &self.totals;
        let held = Reason::SpeedBeyond {
            threshold_mps: self.limit.threshold_mps,
            held_s: self.span.held_s,
            needed_s: self.needed_s,
        };
        let dismissed = |reasons: Vec<Reason>| {
            let (start, end) = (totals.start, totals.end);
            Verdict::Dismissed(Dismissal { kind: EventKind::Speeding, start, end, peak_mps2: None, reasons })
        };
        if self.span.held_s < self.needed_s {
            if self.span.held_s < MENTIONED_S {
                return Verdict::Trifle;
            }
            let since_s = |at: Timestamp| at.s_since(totals.start).abs().min(at.s_since(totals.end).abs());
            let change = changed.map(|at| Reason::LimitJustChanged { since_s: since_s(at) });
            return dismissed([held].into_iter().chain(change).collect());
        }
        if let Some(reason) = totals.contradiction() {
            return dismissed([reason, held].into());
        }
        if totals.mean_excess_mps(self.limit.threshold_mps) < totals.mean_sigma_mps() {
            return dismissed([Reason::SpeedEstimated { sigma_mps: totals.mean_sigma_mps() }, held].into());
        }
        Verdict::Event(self.event(held))
    }

    fn event(&self, held: Reason) -> Event {
        let totals = &self.totals;
        let mut event = Event::new(EventKind::Speeding, totals.start, totals.end);
        event.peak = totals.max_at;
        event.position = totals.position;
        event.speed_before_mps = Some(totals.first_mps);
        event.speed_after_mps = Some(totals.last_mps);
        event.speed_sigma_mps = Some(totals.mean_sigma_mps());
        event.detail = Detail::Speeding {
            limit_mps: self.limit.mps,
            limit_source: self.limit.source,
            mean_speed_mps: totals.mean_mps(),
            max_speed_mps: totals.max_mps,
            distance_m: totals.distance_m,
        };
        event.reasons.push(held);
        if totals.estimated {
            event.reasons.push(Reason::SpeedEstimated { sigma_mps: totals.mean_sigma_mps() });
        }
        event.confidence = if totals.has_displacement() { CONFIRMED } else { UNCONFIRMED };
        if !totals.has_displacement() {
            event.reasons.push(Reason::GnssAbsent);
        }
        event
    }
}

#[cfg(test)]
mod tests;
