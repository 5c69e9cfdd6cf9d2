//! Phone in the hand, phone moved, phone dropped.

use jounce::event::EventKind;

use super::{
    Label,
    span::{Rule, Span, spans},
};
use crate::{math::GRAVITY_MPS2, phone::PhoneState, truth::Moment};

pub(super) const HANDLING_HOLD_S: f64 = 3.0;
pub(super) const HANDLING_FROM_MPS: f64 = 5.0;
const HANDLING_MERGE_GAP_S: f64 = 20.0;
/// A phone that sits differently by less than this has not been moved, rad.
const MOVED_RAD: f64 = 25.0 / 180.0 * core::f64::consts::PI;
/// It counts as settled when it has been still for this long, s.
const SETTLE_S: f64 = 2.0;
const FREE_FALL_MPS2: f64 = 0.3 * GRAVITY_MPS2;
const FREE_FALL_S: f64 = 0.15;
/// The impact after a fall is at least this hard, m/s², and comes within this time, s.
const LANDING_MPS2: f64 = 2.0 * GRAVITY_MPS2;
const LANDING_WITHIN_S: f64 = 0.1;

pub(super) fn judge(track: &[Moment], times: &[f64]) -> Vec<Label> {
    let mut labels = handled(track, times);
    labels.extend(moved(track));
    labels.extend(dropped(track, times));
    labels
}

fn handled(track: &[Moment], times: &[f64]) -> Vec<Label> {
    let long = uses(track, times, HANDLING_FROM_MPS).into_iter().filter(|used| used.held_s >= HANDLING_HOLD_S);
    long.map(|used| Label::new(EventKind::PhoneHandling, times[used.span.first], times[used.span.last])).collect()
}

/// A hand has the phone, or turns it in its holder, with pauses shorter than the merge gap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) span: Span,
    /// Without the pauses, s.
    pub(super) held_s: f64,
}

/// Every use of the phone at `least_mps` or faster.
pub(super) fn uses(track: &[Moment], times: &[f64], least_mps: f64) -> Vec<Use> {
    let rule = Rule { enter: 1.0, leave: 1.0, hold_s: 0.0, merge_gap_s: 0.0 };
    let in_hand = |i: usize| {
        let m = &track[i];
        let is_moved = matches!(m.phone, PhoneState::InHand | PhoneState::Turned);
        (m.recording && is_moved && m.speed_mps >= least_mps).then_some(1.0)
    };
    let mut uses: Vec<Use> = Vec::new();
    for span in spans(times, &rule, in_hand) {
        let held_s = times[span.last] - times[span.first];
        match uses.last_mut() {
            Some(before) if times[span.first] - times[before.span.last] < HANDLING_MERGE_GAP_S => {
                before.span.last = span.last;
                before.held_s += held_s;
            }
            _ => uses.push(Use { span, held_s }),
        }
    }
    uses
}

fn moved(track: &[Moment]) -> Vec<Label> {
    let is_still = |m: &Moment| m.phone == PhoneState::Settled;
    let mut before = track.first().map(|m| m.vehicle_from_device);
    let mut labels = Vec::new();
    for stretch in track.chunk_by(|a, b| is_still(a) == is_still(b)) {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { continue };
        if is_still(first) {
            before = Some(last.vehicle_from_device);
            continue;
        }
        let furthest = before
            .map_or(0.0, |mount| stretch.iter().map(|m| mount.angle_to(&m.vehicle_from_device)).fold(0.0, f64::max));
        if furthest > MOVED_RAD && stretch.iter().any(|m| m.recording) {
            labels.push(Label::new(EventKind::PhoneMoved, first.t_s, last.t_s + SETTLE_S));
        }
    }
    labels
}

fn dropped(track: &[Moment], times: &[f64]) -> Vec<Label> {
    let rule = Rule { enter: 0.0, leave: 0.0, hold_s: FREE_FALL_S, merge_gap_s: 0.0 };
    let weightless = |i: usize| track[i].recording.then(|| FREE_FALL_MPS2 - track[i].phone_force_mps2);
    let falls = spans(times, &rule, weightless).into_iter();
    falls
        .filter_map(|fall| {
            let end_s = times[fall.last];
            let after = track[fall.last..].iter().take_while(|m| m.t_s <= end_s + LANDING_WITHIN_S);
            let landing = after.filter(|m| m.phone_force_mps2 >= LANDING_MPS2).last()?;
            Some(Label::new(EventKind::PhoneDrop, times[fall.first], landing.t_s))
        })
        .collect()
}
