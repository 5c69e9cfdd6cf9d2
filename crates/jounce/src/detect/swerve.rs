//! Swerves: pushed to one side, then to the other, and on in the same direction.
//!
//! Decides: whether two opposite lateral peaks follow each other closely and the heading afterwards is that of before: an
//! evaded obstacle, a brisk change of lane. A roundabout or a U-turn changes the heading. What the phone alone felt is
//! refuted by the yaw rate, which must swing with the lateral acceleration as a vehicle at that speed does.

use alloc::vec::Vec;

use super::{
    Judge, Observation, Outbox,
    cornering::lateral,
    episode::{Episode, EpisodeRule, Found, Span},
    harsh::severity,
    judges::{CONFIRMED, UNCONFIRMED},
    recent::{Moment, Recent, Smoother, tell_how},
};
use crate::{
    config::{Profile, SwerveConfig},
    event::{Dismissal, Event, EventKind, Reason, Side},
    motion::Motion,
    persist::Persist,
};

/// The steering begins before the threshold is reached and ends after it, s.
const MARGIN_S: f64 = 0.7;
/// A peak ends at this share of the threshold: the way to the other side passes zero.
const RELEASE: f64 = 0.7;
/// A peak that dips for less than this is one, s.
const DIP_S: f64 = 0.3;
/// Faster than any vehicle on a road, m/s: lateral acceleration over yaw rate must be a speed below this.
const MAX_MPS: f64 = 70.0;

/// A peak to one side.
#[derive(Clone, Copy, Debug, Persist)]
struct Lobe {
    side: Side,
    span: Span,
}

impl Lobe {
    fn sign(&self) -> f64 {
        self.side.sign()
    }

    /// How long after `first`, middle to middle, s.
    fn s_after(&self, first: &Self) -> f64 {
        self.span.middle().s_since(first.span.middle())
    }
}

/// Watches for a peak to each side.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Swerve {
    config: SwerveConfig,
    by_yaw_rate: bool,
    left: Episode,
    right: Episode,
    /// The last peak that no other has joined.
    first: Option<Lobe>,
    smoother: Smoother,
}

impl Swerve {
    pub(crate) fn new(config: SwerveConfig, profile: Profile) -> Self {
        let enter = config.threshold_mps2;
        let rule = EpisodeRule { enter, leave: enter * RELEASE, hold_s: 0.0, merge_gap_s: DIP_S };
        Self {
            config,
            by_yaw_rate: profile == Profile::Motorcycle,
            left: Episode::new(rule),
            right: Episode::new(rule),
            first: None,
            smoother: Smoother::default(),
        }
    }

    fn motion(&mut self, m: &Motion, recent: &Recent, out: &mut Outbox) {
        // A fix a second shows no swerve.
        let lateral = lateral(m, self.by_yaw_rate).filter(|_| m.inertial);
        let (t, value) = self.smoother.step(m, lateral);
        if value.is_none() {
            return self.finish(recent, out); // nothing joins across what is not known
        }
        let left = self.left.step(t, value);
        let right = self.right.step(t, value.map(|a| -a));
        self.take(left, Side::Left, recent, out);
        self.take(right, Side::Right, recent, out);
    }

    fn finish(&mut self, recent: &Recent, out: &mut Outbox) {
        // In the order in which they began: at most one of each side is open.
        let (left, right) = (self.left.finish(), self.right.finish());
        let starts = |found: Option<Found>| found.map(|(Found::Held(span) | Found::TooShort(span))| span.start);
        if starts(left) <= starts(right) {
            self.take(left, Side::Left, recent, out);
            self.take(right, Side::Right, recent, out);
        } else {
            self.take(right, Side::Right, recent, out);
            self.take(left, Side::Left, recent, out);
        }
        self.first = None;
    }

    /// Another peak: the second of a swerve, or perhaps the first.
    fn take(&mut self, found: Option<Found>, side: Side, recent: &Recent, out: &mut Outbox) {
        let Some(Found::Held(span)) = found else { return };
        let lobe = Lobe { side, span };
        let follows = |first: &Lobe| first.side != side && lobe.s_after(first) <= self.config.within_s;
        self.first = match self.first.filter(follows) {
            Some(first) if self.judge(&first, &lobe, recent, out) => None,
            _ => Some(lobe),
        };
    }

    /// Whether the two are a swerve, which is then reported.
    fn judge(&self, first: &Lobe, second: &Lobe, recent: &Recent, out: &mut Outbox) -> bool {
        let (start, end) = (first.span.start, second.span.end);
        let higher = if first.span.peak >= second.span.peak { first } else { second };
        let peak_mps2 = higher.sign() * higher.span.peak;
        let mut reasons = Vec::from([Reason::OppositePeaks {
            first_mps2: first.sign() * first.span.peak,
            second_mps2: second.sign() * second.span.peak,
            needed_mps2: self.config.threshold_mps2,
            apart_s: second.s_after(first),
        }]);
        let Some(confidence) = self.corroborate(first, second, recent, &mut reasons) else {
            reasons.rotate_right(1);
            out.dismiss(Dismissal { kind: EventKind::Swerve, start, end, peak_mps2: Some(peak_mps2), reasons });
            return false;
        };
        let mut event = Event::new(EventKind::Swerve, start, end);
        event.peak = higher.span.peak_at;
        event.severity = Some(severity(higher.span.peak, &self.config.bands_mps2));
        event.confidence = confidence;
        event.peak_mps2 = Some(peak_mps2);
        event.direction = Some(first.side);
        event.reasons = reasons;
        tell_how(&mut event, recent.at(start), recent.at(end));
        out.report(event);
        true
    }

    /// How sure, 0–1; none when it is refuted, with the refutation last in `reasons`.
    fn corroborate(&self, first: &Lobe, second: &Lobe, recent: &Recent, reasons: &mut Vec<Reason>) -> Option<f64> {
        let (start, end) = (first.span.start, second.span.end);
        let (from, to) = (start.plus_s(-MARGIN_S), end.plus_s(MARGIN_S));
        let change_rad = recent.integral(from, to, |m| m.yaw_rate_radps);
        let needed_rad = self.config.max_heading_change_deg.to_radians();
        reasons.push(Reason::HeadingKept { change_rad, most_rad: needed_rad });
        if change_rad.abs() >= needed_rad {
            return None;
        }
        // From one side to the other, so that neither a banked road nor a bend counts.
        let swing = |value: &dyn Fn(&Moment) -> Option<f64>| {
            let mean = |span: &Span| recent.mean(span.start, span.end, value);
            Some(mean(&first.span)? - mean(&second.span)?)
        };
        let lateral_mps2 = first.sign() * (first.span.mean() + second.span.mean());
        let turn_radps = swing(&|m| m.yaw_rate_radps)?;
        let known_mps = recent.mean(start, end, |m| m.speed_mps);
        // Without a speed: what the two make of it, which a hand that moves a phone seldom matches.
        let speed_mps = known_mps.unwrap_or(lateral_mps2 / turn_radps);
        if known_mps.is_none() {
            reasons.push(Reason::SpeedUnknown);
        }
        let slowest_mps = if known_mps.is_some() { self.config.min_speed_mps } else { 0.5 * self.config.min_speed_mps };
        if (0.0..slowest_mps).contains(&speed_mps) {
            reasons.push(Reason::TooSlow { speed_mps, needed_mps: slowest_mps });
            return None;
        }
        let expected_mps2 = known_mps.map_or(lateral_mps2, |speed| speed * turn_radps);
        let agrees = (expected_mps2 - lateral_mps2).abs() <= self.config.agreement * lateral_mps2.abs();
        if !agrees || !(0.0..MAX_MPS).contains(&speed_mps) {
            reasons.push(Reason::YawRateDisagrees { lateral_mps2, expected_mps2: speed_mps.min(MAX_MPS) * turn_radps });
            return None;
        }
        let mut confidence = CONFIRMED;
        if known_mps.is_some() {
            reasons.push(Reason::YawRateAgrees { lateral_mps2, expected_mps2 });
        } else {
            confidence *= UNCONFIRMED;
        }
        Some(confidence * recent.by_mount(start, reasons))
    }
}

impl Judge for Swerve {
    fn observe(&mut self, seen: &Observation<'_>, recent: &Recent, out: &mut Outbox) {
        match seen {
            Observation::Motion(m) => self.motion(m, recent, out),
            Observation::Gap { .. } | Observation::End(_) => {
                self.finish(recent, out);
                self.smoother = Smoother::default();
            }
            Observation::Fix(_) | Observation::Limit(_) | Observation::Hint(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
