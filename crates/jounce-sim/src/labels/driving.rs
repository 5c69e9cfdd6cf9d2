//! Braking, accelerating, cornering, swerving, speeding.

use jounce::{event::EventKind, sample::PostedLimit};

use super::{
    Label,
    span::{Rule, Span, spans},
};
use crate::{math::KMH_PER_MPS, truth::Moment};

/// An episode ends at this share of its threshold.
pub(super) const RELEASE: f64 = 0.83;
pub(super) const HOLD_S: f64 = 0.6;
pub(super) const MERGE_GAP_S: f64 = 3.0;
pub(super) const BRAKING_MPS2: f64 = 3.6;
pub(super) const BRAKING_FROM_MPS: f64 = 5.0;
pub(super) const ACCELERATION_MPS2: f64 = 3.1;
pub(super) const CORNERING_MPS2: f64 = 3.6;
pub(super) const CORNERING_FROM_MPS: f64 = 5.0;
pub(super) const CORNERING_HEADING_RAD: f64 = 30.0 / 180.0 * core::f64::consts::PI;
/// A bend is as long as the lateral acceleration stays above this, m/s².
pub(super) const BEND_MPS2: f64 = 0.5;
pub(super) const SWERVE_MPS2: f64 = 2.0;
pub(super) const SWERVE_WITHIN_S: f64 = 4.0;
pub(super) const SWERVE_HEADING_RAD: f64 = 10.0 / 180.0 * core::f64::consts::PI;
pub(super) const SWERVE_FROM_MPS: f64 = 8.0;
/// Half of a swerve is as long as its lateral acceleration stays above this, m/s².
pub(super) const SWERVE_FOOT_MPS2: f64 = 0.5;
const LIMIT_TOLERANCE_MPS: f64 = 8.0 / KMH_PER_MPS;
const LIMIT_HOLD_S: f64 = 10.0;
const LIMIT_RELEASE: f64 = 0.97;
const LIMIT_GRACE_S: f64 = 5.0;
const ABSOLUTE_MPS: f64 = 129.0 / KMH_PER_MPS;
const ABSOLUTE_HOLD_S: f64 = 30.0;

/// The moment at a position of the track, unless it does not count.
pub(super) type Driven<'a> = &'a dyn Fn(usize) -> Option<&'a Moment>;

const fn harsh(threshold: f64) -> Rule {
    Rule { enter: threshold, leave: RELEASE * threshold, hold_s: HOLD_S, merge_gap_s: MERGE_GAP_S }
}

pub(super) fn braking(times: &[f64], driven: Driven<'_>) -> Vec<Label> {
    let found = spans(times, &harsh(BRAKING_MPS2), |i| driven(i).map(|m| -m.accel.x));
    let fast = found.into_iter().filter(|span| speed_at(driven, span.first) >= BRAKING_FROM_MPS);
    fast.map(|span| label(EventKind::HardBraking, times, span)).collect()
}

pub(super) fn acceleration(times: &[f64], driven: Driven<'_>) -> Vec<Label> {
    let found = spans(times, &harsh(ACCELERATION_MPS2), |i| driven(i).map(|m| m.accel.x));
    found.into_iter().map(|span| label(EventKind::HarshAcceleration, times, span)).collect()
}

pub(super) fn cornering(times: &[f64], driven: Driven<'_>) -> Vec<Label> {
    let mut labels = Vec::new();
    for side in [1.0, -1.0] {
        let lateral = |i: usize| driven(i).map(|m| side * m.accel.y);
        for span in spans(times, &harsh(CORNERING_MPS2), lateral) {
            let bend = widen(span, times.len(), |i| lateral(i).is_some_and(|a| a >= BEND_MPS2));
            let turned = libm::fabs(heading_change(driven, bend));
            if turned > CORNERING_HEADING_RAD && speed_at(driven, span.first) >= CORNERING_FROM_MPS {
                labels.push(label(EventKind::HarshCornering, times, span).toward(super::side(side)));
            }
        }
    }
    labels
}

/// Where the vehicle is pushed to one side by `enter` or more, m/s², and to which (1: left), in order of time.
pub(super) fn pushes(times: &[f64], enter: f64, driven: Driven<'_>) -> Vec<(Span, f64)> {
    let rule = Rule { enter, leave: SWERVE_FOOT_MPS2, hold_s: 0.0, merge_gap_s: 0.0 };
    let to = |side: f64| {
        let found = spans(times, &rule, |i| driven(i).map(|m| side * m.accel.y));
        found.into_iter().map(move |span| (span, side))
    };
    let mut found: Vec<_> = to(1.0).chain(to(-1.0)).collect();
    found.sort_by_key(|(span, _)| span.first);
    found
}

pub(super) fn swerves(times: &[f64], driven: Driven<'_>) -> Vec<Label> {
    let halves = pushes(times, SWERVE_MPS2, driven);
    let mut labels = Vec::new();
    let mut rest = halves.as_slice();
    while let [(first, side), (second, other), ..] = rest {
        let whole = Span { first: first.first, last: second.last };
        let is_one = side * other < 0.0
            && second.middle_s(times) - first.middle_s(times) <= SWERVE_WITHIN_S
            && libm::fabs(heading_change(driven, whole)) < SWERVE_HEADING_RAD
            && speed_at(driven, first.first) >= SWERVE_FROM_MPS;
        if is_one {
            labels.push(label(EventKind::Swerve, times, whole).toward(super::side(*side)));
        }
        rest = &rest[if is_one { 2 } else { 1 }..];
    }
    labels
}

pub(super) fn speeding(times: &[f64], track: &[Moment]) -> Vec<Label> {
    // Relative to the threshold, so that one rule serves every limit.
    let mut changed_s = vec![f64::NEG_INFINITY; track.len()];
    for i in 1..track.len() {
        let same = posted_mps(&track[i]) == posted_mps(&track[i - 1]);
        changed_s[i] = if same { changed_s[i - 1] } else { times[i] };
    }
    let posted = |i: usize| {
        let in_grace = times[i] - changed_s[i] < LIMIT_GRACE_S;
        let limit = posted_mps(&track[i]).filter(|_| track[i].recording && !in_grace)?;
        Some(track[i].speed_mps / (limit + LIMIT_TOLERANCE_MPS))
    };
    let rule = Rule { enter: 1.0, leave: LIMIT_RELEASE, hold_s: LIMIT_HOLD_S, merge_gap_s: 0.0 };
    let mut found = spans(times, &rule, posted);
    let absolute = |i: usize| track[i].recording.then_some(track[i].speed_mps / ABSOLUTE_MPS);
    let rule = Rule { hold_s: ABSOLUTE_HOLD_S, ..rule };
    for span in spans(times, &rule, absolute) {
        if found.iter().all(|other| span.last < other.first || other.last < span.first) {
            found.push(span);
        }
    }
    found.into_iter().map(|span| label(EventKind::Speeding, times, span)).collect()
}

/// The limit that holds, m/s.
pub(super) fn posted_mps(moment: &Moment) -> Option<f64> {
    match moment.limit {
        PostedLimit::Limit(limit) => Some(limit),
        PostedLimit::NoLimit | PostedLimit::Unknown => None,
    }
}

fn label(kind: EventKind, times: &[f64], span: Span) -> Label {
    Label::new(kind, times[span.first], times[span.last])
}

pub(super) fn speed_at(driven: Driven<'_>, index: usize) -> f64 {
    driven(index).map_or(0.0, |moment| moment.speed_mps)
}

pub(super) fn heading_change(driven: Driven<'_>, span: Span) -> f64 {
    match (driven(span.first), driven(span.last)) {
        (Some(first), Some(last)) => last.heading_rad - first.heading_rad,
        _ => 0.0,
    }
}

pub(super) fn widen(span: Span, len: usize, goes_on: impl Fn(usize) -> bool) -> Span {
    let mut wide = span;
    while wide.first > 0 && goes_on(wide.first - 1) {
        wide.first -= 1;
    }
    while wide.last + 1 < len && goes_on(wide.last + 1) {
        wide.last += 1;
    }
    wide
}
