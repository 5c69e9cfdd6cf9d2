//! Harsh cornering: lateral acceleration that speed and yaw rate explain, through a real change of heading.
//!
//! Decides: whether the lateral acceleration stayed beyond the threshold long enough while the vehicle turned. What the
//! phone alone felt is refuted by speed × yaw rate. A swerve, which comes back to its heading, is none.

use alloc::vec::Vec;

use super::{
    Judge, Observation, Outbox,
    episode::{Episode, EpisodeRule, Found, Span},
    harsh::severity,
    judges::{CONFIRMED, UNCONFIRMED},
    recent::{Recent, Smoother, tell_how},
};
use crate::{
    config::{CorneringConfig, Profile},
    event::{Dismissal, Event, EventKind, Reason, Side},
    motion::Motion,
    persist::Persist,
};

/// A bend begins before the threshold is reached and ends after it, s.
const MARGIN_S: f64 = 1.5;

/// Watches both sides.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Cornering {
    config: CorneringConfig,
    by_yaw_rate: bool,
    left: Episode,
    right: Episode,
    smoother: Smoother,
}

impl Cornering {
    pub(crate) fn new(config: CorneringConfig, profile: Profile) -> Self {
        let rule = EpisodeRule {
            enter: config.threshold_mps2,
            leave: config.threshold_mps2 * config.release,
            hold_s: config.hold_s,
            merge_gap_s: config.merge_gap_s,
        };
        Self {
            config,
            by_yaw_rate: profile == Profile::Motorcycle,
            left: Episode::new(rule),
            right: Episode::new(rule),
            smoother: Smoother::default(),
        }
    }

    fn motion(&mut self, m: &Motion, recent: &Recent, out: &mut Outbox) {
        let (t, value) = self.smoother.step(m, lateral(m, self.by_yaw_rate));
        if value.is_none() {
            return self.finish(recent, out); // nothing merges across what is not known
        }
        let left = self.left.step(t, value);
        let right = self.right.step(t, value.map(|a| -a));
        for (found, side) in [(left, Side::Left), (right, Side::Right)] {
            if let Some(found) = found {
                self.judge(&found, side, recent, out);
            }
        }
    }

    fn finish(&mut self, recent: &Recent, out: &mut Outbox) {
        while let Some(found) = self.left.finish() {
            self.judge(&found, Side::Left, recent, out);
        }
        while let Some(found) = self.right.finish() {
            self.judge(&found, Side::Right, recent, out);
        }
    }

    fn judge(&self, found: &Found, side: Side, recent: &Recent, out: &mut Outbox) {
        let (span, held) = match found {
            Found::Held(span) => (span, true),
            Found::TooShort(span) => (span, false),
        };
        let sign = side.sign();
        let mut reasons = Vec::from([Reason::AccelBeyond {
            peak_mps2: sign * span.peak,
            threshold_mps2: sign * self.config.threshold_mps2,
            held_s: span.held_s,
            needed_s: self.config.hold_s,
        }]);
        let verdict = if held { self.corroborate(span, sign, recent, &mut reasons) } else { None };
        let Some(confidence) = verdict else {
            reasons.rotate_right(1);
            out.dismiss(Dismissal {
                kind: EventKind::HarshCornering,
                start: span.start,
                end: span.end,
                peak_mps2: Some(sign * span.peak),
                reasons,
            });
            return;
        };
        let mut event = Event::new(EventKind::HarshCornering, span.start, span.end);
        event.peak = span.peak_at;
        event.severity = Some(severity(span.peak, &self.config.bands_mps2));
        event.confidence = confidence;
        event.peak_mps2 = Some(sign * span.peak);
        event.mean_mps2 = Some(sign * span.mean());
        event.direction = Some(side);
        event.reasons = reasons;
        tell_how(&mut event, recent.at(span.start), recent.at(span.end));
        out.report(event);
    }

    /// How sure, 0–1; none when it is refuted, with the refutation last in `reasons`.
    fn corroborate(&self, span: &Span, sign: f64, recent: &Recent, reasons: &mut Vec<Reason>) -> Option<f64> {
        let mut confidence = CONFIRMED;
        let (from, to) = (span.start.plus_s(-MARGIN_S), span.end.plus_s(MARGIN_S));
        let change_rad = recent.integral(from, to, |m| m.yaw_rate_radps);
        let needed_rad = self.config.min_heading_change_deg.to_radians();
        let heading = Reason::HeadingChange { change_rad, needed_rad };
        reasons.push(heading);
        if change_rad * sign < needed_rad {
            return None;
        }
        let speed = recent.mean(span.start, span.end, |m| m.speed_mps);
        match speed {
            Some(speed_mps) if speed_mps < self.config.min_speed_mps => {
                reasons.push(Reason::TooSlow { speed_mps, needed_mps: self.config.min_speed_mps });
                return None;
            }
            Some(_) => {
                let expected_mps2 = recent
                    .mean(span.start, span.end, |m| m.speed_mps.zip(m.yaw_rate_radps).map(|(v, w)| v * w))
                    .unwrap_or_default();
                let lateral_mps2 = sign * span.mean();
                if (expected_mps2 - lateral_mps2).abs() > self.config.agreement * lateral_mps2.abs() {
                    reasons.push(Reason::YawRateDisagrees { lateral_mps2, expected_mps2 });
                    return None;
                }
                reasons.push(Reason::YawRateAgrees { lateral_mps2, expected_mps2 });
            }
            None => {
                reasons.push(Reason::SpeedUnknown);
                confidence *= UNCONFIRMED;
            }
        }
        Some(confidence * recent.by_mount(span.start, reasons))
    }
}

/// Acceleration to the left, m/s². A motorcycle leans until its rider feels no lateral force at all: its yaw rate tells.
pub(super) fn lateral(m: &Motion, by_yaw_rate: bool) -> Option<f64> {
    if by_yaw_rate { m.speed_mps.zip(m.yaw_rate_radps).map(|(speed, rate)| speed * rate) } else { m.accel_left_mps2 }
}

impl Judge for Cornering {
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
