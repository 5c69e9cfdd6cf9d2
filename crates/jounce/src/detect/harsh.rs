//! Hard braking and harsh acceleration: the same rule along the vehicle's axis, with two signs.
//!
//! Decides: whether the forward acceleration stayed beyond the threshold long enough, from enough speed, and whether GNSS
//! saw the speed change too. Does not decide: whether it was part of a crash (the outbox does).
//!
//! Reported speeds alone are believed only where the positions show the change as well: a wild speed passes, a way does not.

use alloc::vec::Vec;

use super::{
    Judge, Observation, Outbox,
    episode::{Episode, EpisodeRule, Found, Span},
    judges::{CONFIRMED, UNCONFIRMED},
    recent::{Moment, Recent, Smoother, tell_how},
};
use crate::{
    config::HarshConfig,
    event::{Dismissal, Event, EventKind, Reason, Severity},
    motion::Motion,
    persist::Persist,
    time::Timestamp,
};

/// Speeds before and after are read this far outside the episode, s: the change begins before the threshold.
const MARGIN_S: f64 = 0.5;
/// Two moments so far apart are not both near the same wild fix, s: one bears on the second before it and the one after.
const WILD_S: f64 = 1.5;
/// Share of the doubt left when it came as suddenly as in an emergency (O. Bagdadi, *Assessing safety critical braking events
/// in naturalistic driving studies*, Transportation Research Part F 16, 2013: the jerk tells them 1.6 times as often).
const SUDDEN: f64 = 0.5;

/// Share of confidence left when neither anything felt nor the positions confirm what reported speeds show.
const UNCHECKED: f64 = 0.5;

/// Watches one sign of the forward acceleration.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Harsh {
    kind: EventKind,
    /// −1 for braking, +1 for acceleration.
    sign: f64,
    config: HarshConfig,
    episode: Episode,
    smoother: Smoother,
}

impl Harsh {
    pub(crate) fn braking(config: HarshConfig) -> Self {
        Self::new(EventKind::HardBraking, -1.0, config)
    }

    pub(crate) fn acceleration(config: HarshConfig) -> Self {
        Self::new(EventKind::HarshAcceleration, 1.0, config)
    }

    fn new(kind: EventKind, sign: f64, config: HarshConfig) -> Self {
        let rule = EpisodeRule {
            enter: config.threshold_mps2,
            leave: config.threshold_mps2 * config.release,
            hold_s: config.hold_s,
            merge_gap_s: config.merge_gap_s,
        };
        Self { kind, sign, config, episode: Episode::new(rule), smoother: Smoother::default() }
    }

    fn motion(&mut self, m: &Motion, recent: &Recent, out: &mut Outbox) {
        let (t, value) = self.smoother.step(m, m.accel_forward_mps2.map(|a| a * self.sign));
        if value.is_none() {
            self.finish(recent, out); // nothing merges across what is not known
        } else if let Some(found) = self.episode.step(t, value) {
            self.judge(&found, recent, out);
        }
    }

    fn finish(&mut self, recent: &Recent, out: &mut Outbox) {
        while let Some(found) = self.episode.finish() {
            self.judge(&found, recent, out);
        }
    }

    fn judge(&self, found: &Found, recent: &Recent, out: &mut Outbox) {
        let (span, held) = match found {
            Found::Held(span) => (span, true),
            Found::TooShort(span) => (span, false),
        };
        let beyond = Reason::AccelBeyond {
            peak_mps2: self.sign * span.peak,
            threshold_mps2: self.sign * self.config.threshold_mps2,
            held_s: span.held_s,
            needed_s: self.config.hold_s,
        };
        let mut reasons = Vec::from([beyond]);
        let (before, after) = (span.start.plus_s(-MARGIN_S), span.end.plus_s(MARGIN_S));
        let (start, end) = (recent.at(before), recent.at(after));
        let verdict = if held { self.corroborate(span, recent, start, &mut reasons) } else { None };
        let Some(confidence) = verdict else {
            // What speaks against it stands last so far, and belongs first.
            reasons.rotate_right(1);
            out.dismiss(Dismissal {
                kind: self.kind,
                start: span.start,
                end: span.end,
                peak_mps2: Some(self.sign * span.peak),
                reasons,
            });
            return;
        };
        let mut event = Event::new(self.kind, span.start, span.end);
        event.peak = span.peak_at;
        event.severity = Some(severity(span.peak, &self.config.bands_mps2));
        event.confidence = confidence;
        event.peak_mps2 = Some(self.sign * span.peak);
        event.mean_mps2 = Some(self.sign * span.mean());
        event.reasons = reasons;
        tell_how(&mut event, start, end);
        out.report(event);
    }

    /// How sure, 0–1; none when it is refuted, with the refutation last in `reasons`.
    fn corroborate(
        &self,
        span: &Span,
        recent: &Recent,
        start: Option<&Moment>,
        reasons: &mut Vec<Reason>,
    ) -> Option<f64> {
        let mut confidence = CONFIRMED;
        match start.and_then(|m| m.speed_mps) {
            Some(speed_mps) if speed_mps < self.config.min_speed_mps => {
                reasons.push(Reason::TooSlow { speed_mps, needed_mps: self.config.min_speed_mps });
                return None;
            }
            Some(_) => {}
            None => {
                reasons.push(Reason::SpeedUnknown);
                confidence *= UNCONFIRMED;
            }
        }
        if let Some(delay_s) = start.and_then(|m| m.kept_s) {
            reasons.push(Reason::Retrospective { delay_s });
        }
        if let Some(m) = start.filter(|m| m.estimated) {
            reasons.push(Reason::SpeedEstimated { sigma_mps: m.speed_sigma_mps.unwrap_or_default() });
        }
        let felt = recent.integral(span.start.plus_s(-MARGIN_S), span.end.plus_s(MARGIN_S), |m| m.forward_mps2);
        if !start.is_some_and(|m| m.inertial) {
            reasons.push(Reason::GnssOnly);
            // Positions that err by more than the whole change say nothing of it.
            let displaced =
                recent.displaced_mps(span.start, span.end).filter(|(_, sigma_mps)| *sigma_mps <= felt.abs());
            let Some((displacement_mps, _)) = displaced else { return Some(confidence * UNCONFIRMED * UNCHECKED) };
            if displacement_mps * self.sign < self.config.gnss_share * felt * self.sign {
                reasons.push(Reason::PositionsDisagree { reported_mps: felt, displacement_mps });
                return None;
            }
            return Some(confidence * UNCONFIRMED);
        }
        if let Some(gnss_delta_mps) = by_gnss(span, felt, recent) {
            if gnss_delta_mps * self.sign < self.config.gnss_share * felt * self.sign {
                reasons.push(Reason::GnssDisagrees { gnss_delta_mps, inertial_delta_mps: felt });
                return None;
            }
            reasons.push(Reason::GnssAgrees { gnss_delta_mps, inertial_delta_mps: felt });
        } else {
            reasons.push(Reason::GnssAbsent);
            confidence *= UNCONFIRMED;
        }
        let jerk_mps3 =
            recent.steepest(span.start.plus_s(-MARGIN_S), span.peak_at, |m| m.forward_mps2.map(|a| a * self.sign));
        if jerk_mps3 >= self.config.critical_jerk_mps3 {
            let critical_mps3 = self.sign * self.config.critical_jerk_mps3;
            reasons.push(Reason::CriticalJerk { jerk_mps3: self.sign * jerk_mps3, critical_mps3 });
            confidence = 1.0 - SUDDEN * (1.0 - confidence);
        }
        let sigma = start.and_then(|m| m.mount_sigma_rad).unwrap_or_default();
        Some(confidence * libm::cos(sigma.min(1.0)))
    }
}

impl Judge for Harsh {
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

/// How much the GNSS speed changed, m/s. A single wild fix refutes nothing: of two moments about either end those count that
/// come closest to what was felt.
fn by_gnss(span: &Span, felt_mps: f64, recent: &Recent) -> Option<f64> {
    let speeds = |near: Timestamp, off_s: f64| {
        [near, near.plus_s(off_s)].into_iter().filter_map(|t| recent.at(t)?.gnss_speed_mps)
    };
    let before = speeds(span.start.plus_s(-MARGIN_S), -WILD_S);
    let changes = before.flat_map(|before| speeds(span.end.plus_s(MARGIN_S), WILD_S).map(move |after| after - before));
    let off = |change: &f64| (change - felt_mps).abs();
    changes.min_by(|a, b| off(a).total_cmp(&off(b)))
}

/// The band that a peak lies in; `bands`: moderate, hard, severe, extreme.
pub(crate) fn severity(peak: f64, bands: &[f64; 4]) -> Severity {
    let levels = [Severity::Moderate, Severity::Hard, Severity::Severe, Severity::Extreme];
    bands.iter().zip(levels).rev().find(|(band, _)| peak >= **band).map_or(Severity::Minor, |(_, level)| level)
}

#[cfg(test)]
mod tests;
