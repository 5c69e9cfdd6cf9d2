//! How large each manoeuvre truly was, as a multiple of the threshold: found or not, this is what a detector is held to.

use jounce::event::EventKind;

use super::{
    Label,
    driving::{
        ACCELERATION_MPS2, BEND_MPS2, BRAKING_FROM_MPS, BRAKING_MPS2, CORNERING_FROM_MPS, CORNERING_HEADING_RAD,
        CORNERING_MPS2, Driven, HOLD_S, MERGE_GAP_S, RELEASE, SWERVE_FROM_MPS, SWERVE_HEADING_RAD, SWERVE_MPS2,
        SWERVE_WITHIN_S, heading_change, pushes, speed_at, widen,
    },
    impact,
    phone::{HANDLING_FROM_MPS, HANDLING_HOLD_S, Use, uses},
    side,
    span::{Rule, Span, spans},
};
use crate::truth::Moment;

/// What is smaller than this share of a threshold is no manoeuvre.
const LEAST: f64 = 0.5;
const MOST: f64 = 4.0;
/// A condition that misses its limit by less than this share decides nothing: an estimate may be on the other side.
const DOUBT: f64 = 0.2;

/// Something that a vehicle or a hand truly did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Manoeuvre {
    /// What, when, to which side.
    pub label: Label,
    /// The threshold could be this many times higher, and the definition would still be met; 1 also where another
    /// condition of the definition (a speed, a heading) is met or missed so narrowly that nothing can be asked.
    pub multiple: f64,
}

/// What the other conditions of a definition say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    Met,
    Narrow,
    Missed,
}

impl Gate {
    /// `value` must reach `limit`.
    fn at_least(value: f64, limit: f64) -> Self {
        match value / limit {
            share if share >= 1.0 + DOUBT => Self::Met,
            share if share >= 1.0 - DOUBT => Self::Narrow,
            _ => Self::Missed,
        }
    }

    /// `value` must not reach `limit`.
    fn below(value: f64, limit: f64) -> Self {
        match Self::at_least(value, limit) {
            Self::Met => Self::Missed,
            Self::Missed => Self::Met,
            Self::Narrow => Self::Narrow,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Missed, _) | (_, Self::Missed) => Self::Missed,
            (Self::Met, Self::Met) => Self::Met,
            _ => Self::Narrow,
        }
    }

    /// The multiple that is told; none: the definition is not met at any threshold.
    fn pass(self, multiple: f64) -> Option<f64> {
        match self {
            Self::Met => Some(multiple),
            Self::Narrow => Some(1.0),
            Self::Missed => None,
        }
    }
}

/// Every manoeuvre of a track, in order of time.
pub(crate) fn judge(track: &[Moment], labels: &[Label]) -> Vec<Manoeuvre> {
    let times: Vec<f64> = track.iter().map(|moment| moment.t_s).collect();
    let driven = |index: usize| {
        let moment = &track[index];
        let crashes = labels.iter().filter(|label| label.kind == Some(EventKind::Crash));
        let hit = crashes.into_iter().any(|crash| impact::covers(crash, moment.t_s));
        (moment.recording && !hit).then_some(moment)
    };
    let mut found = braking_and_acceleration(&times, &driven);
    found.extend(cornering(&times, &driven));
    found.extend(swerves(&times, &driven));
    found.extend(handling(&times, track));
    found.sort_by(|a, b| a.label.start_s.total_cmp(&b.label.start_s).then(a.label.kind.cmp(&b.label.kind)));
    found
}

fn braking_and_acceleration(times: &[f64], driven: Driven<'_>) -> Vec<Manoeuvre> {
    let fast = |span: Span| Gate::at_least(speed_at(driven, span.first), BRAKING_FROM_MPS);
    let braking = sized(times, BRAKING_MPS2, &|i| driven(i).map(|m| -m.accel.x)).into_iter();
    let braking = braking
        .filter_map(|(span, multiple)| told(label(EventKind::HardBraking, times, span), fast(span).pass(multiple)));
    let faster = sized(times, ACCELERATION_MPS2, &|i| driven(i).map(|m| m.accel.x)).into_iter();
    let faster =
        faster.map(|(span, multiple)| Manoeuvre { label: label(EventKind::HarshAcceleration, times, span), multiple });
    braking.chain(faster).collect()
}

fn cornering(times: &[f64], driven: Driven<'_>) -> Vec<Manoeuvre> {
    let mut found = Vec::new();
    for sign in [1.0, -1.0] {
        let lateral = |i: usize| driven(i).map(|m| sign * m.accel.y);
        for (span, multiple) in sized(times, CORNERING_MPS2, &lateral) {
            let bend = widen(span, times.len(), |i| lateral(i).is_some_and(|a| a >= BEND_MPS2));
            let turned = Gate::at_least(libm::fabs(heading_change(driven, bend)), CORNERING_HEADING_RAD);
            let fast = Gate::at_least(speed_at(driven, span.first), CORNERING_FROM_MPS);
            let label = label(EventKind::HarshCornering, times, span).toward(side(sign));
            found.extend(told(label, turned.and(fast).pass(multiple)));
        }
    }
    found
}

fn swerves(times: &[f64], driven: Driven<'_>) -> Vec<Manoeuvre> {
    let halves = pushes(times, LEAST * SWERVE_MPS2, driven);
    let height = |half: &Span| {
        let sizes = (half.first..=half.last).filter_map(driven).map(|m| libm::fabs(m.accel.y));
        sizes.fold(0.0, f64::max)
    };
    let mut found = Vec::new();
    let mut rest = halves.as_slice();
    while let [(first, sign), (second, other), ..] = rest {
        let whole = Span { first: first.first, last: second.last };
        let gate = Gate::below(second.middle_s(times) - first.middle_s(times), SWERVE_WITHIN_S)
            .and(Gate::below(libm::fabs(heading_change(driven, whole)), SWERVE_HEADING_RAD))
            .and(Gate::at_least(speed_at(driven, first.first), SWERVE_FROM_MPS));
        let multiple = height(first).min(height(second)) / SWERVE_MPS2;
        let told = gate.pass(multiple).filter(|_| sign * other < 0.0);
        found.extend(
            told.map(|multiple| Manoeuvre {
                label: label(EventKind::Swerve, times, whole).toward(side(*sign)),
                multiple,
            }),
        );
        rest = &rest[if told.is_some() { 2 } else { 1 }..];
    }
    found
}

/// How long a hand moves the phone is what makes it large.
fn handling(times: &[f64], track: &[Moment]) -> Vec<Manoeuvre> {
    let surely = uses(track, times, HANDLING_FROM_MPS * (1.0 + DOUBT));
    let perhaps = uses(track, times, HANDLING_FROM_MPS * (1.0 - DOUBT));
    let size = |all: &Use| {
        let within = surely.iter().filter(|sure| all.span.first <= sure.span.first && sure.span.last <= all.span.last);
        let least = within.map(|sure| sure.held_s).fold(0.0, f64::max) / HANDLING_HOLD_S;
        // Slow for a part of the time: asked for only where the fast part is long enough, ruled out only as a whole.
        let most = all.held_s / HANDLING_HOLD_S;
        if (least < 1.0) == (most < 1.0) { least.max(LEAST) } else { 1.0 }
    };
    let told = |all: &Use| Manoeuvre { label: label(EventKind::PhoneHandling, times, all.span), multiple: size(all) };
    perhaps.iter().filter(|all| all.held_s >= LEAST * HANDLING_HOLD_S).map(told).collect()
}

/// Episodes of at least [`LEAST`] times the threshold, and how many times it they hold.
fn sized(times: &[f64], threshold: f64, value: &dyn Fn(usize) -> Option<f64>) -> Vec<(Span, f64)> {
    let at = |multiple: f64, within: Span| -> Vec<Span> {
        let enter = multiple * threshold;
        let rule = Rule { enter, leave: RELEASE * enter, hold_s: HOLD_S, merge_gap_s: MERGE_GAP_S };
        let found = spans(&times[within.first..=within.last], &rule, |i| value(within.first + i)).into_iter();
        found.map(|span| Span { first: within.first + span.first, last: within.first + span.last }).collect()
    };
    let multiple = |within: Span| {
        /// Halves the interval to a thousandth.
        const HALVINGS: u32 = 12;
        let (mut low, mut high) = (LEAST, MOST);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if at(middle, within).is_empty() { high = middle } else { low = middle }
        }
        low
    };
    if times.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for candidate in at(LEAST, Span { first: 0, last: times.len() - 1 }) {
        // What reaches the threshold is as long as its definition says, and may be two; the rest as long as its own size.
        for span in at(multiple(candidate).min(1.0), candidate) {
            found.push((span, multiple(span)));
        }
    }
    found
}

fn told(label: Label, multiple: Option<f64>) -> Option<Manoeuvre> {
    multiple.map(|multiple| Manoeuvre { label, multiple })
}

fn label(kind: EventKind, times: &[f64], span: Span) -> Label {
    Label::new(kind, times[span.first], times[span.last])
}
