//! What becomes of a phone that is moved in its vehicle.

use jounce::event::{Event, EventKind};
use jounce_sim::Label;

use super::simulated::Drive;
use crate::score::replay::{Replay, seconds};

/// A phone has been still for this long when its label ends, s.
const SETTLE_S: f64 = 2.0;

/// A move of the phone, and what the engine made of it. Infinite: never.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    /// From the onset until it was told, s.
    pub(super) told_s: f64,
    /// From lying still until the next move, or the end of the drive, s.
    pub(super) left_alone_s: f64,
    /// From lying still until the mount was known again, s.
    pub(super) aligned_s: f64,
    /// Whole error of the mount then, degrees.
    pub(super) error_deg: f64,
}

/// Every move of the drive. Where it was not told, what is taken for the mount is the one before.
pub(super) fn moves(drive: &Drive, replay: &Replay) -> Vec<Move> {
    let labels: Vec<&Label> = drive.truth.of_kind(EventKind::PhoneMoved).collect();
    let next_s = labels.iter().skip(1).map(|label| label.start_s).chain([drive.truth.duration_s()]);
    labels.iter().zip(next_s).map(|(label, next_s)| follow(drive, replay, label, next_s)).collect()
}

fn follow(drive: &Drive, replay: &Replay, label: &Label, next_s: f64) -> Move {
    let still_s = label.end_s - SETTLE_S;
    let told = told(replay).find(|event| touch(event, label));
    let mut after = replay.rows.iter().filter(|row| row.t_s > still_s && row.t_s < next_s);
    let aligned = after.find(|row| row.mount.is_some() && !row.motion.phone_moving);
    let error = aligned.and_then(|row| drive.truth.mount_error(replay, row.t_s));
    Move {
        told_s: told.map_or(f64::INFINITY, |event| seconds(event.decided) - label.start_s),
        left_alone_s: next_s - still_s,
        aligned_s: aligned.map_or(f64::INFINITY, |row| row.decided_s - still_s),
        error_deg: error.map_or(f64::INFINITY, |error| error.angle.to_degrees()),
    }
}

/// Times that a move was told though there was none.
pub(super) fn imagined(drive: &Drive, replay: &Replay) -> usize {
    let is_due = |event: &&Event| drive.truth.of_kind(EventKind::PhoneMoved).any(|label| touch(event, label));
    told(replay).filter(|event| !is_due(event)).count()
}

fn told(replay: &Replay) -> impl Iterator<Item = &Event> {
    replay.events.iter().filter(|event| event.kind() == EventKind::PhoneMoved)
}

fn touch(event: &Event, label: &Label) -> bool {
    seconds(event.end) >= label.start_s && seconds(event.start) <= label.end_s
}
