//! How recorded cars shake and wobble: by that a bicycle is told from a car that is as slow.

use jounce::{motion::Motion, sample::Sample};

use super::markdown::{Page, figure};
use crate::score::{
    replay::{Replay, STEP_S},
    stats::mean,
};

/// Slower than this a vehicle stands, m/s …
const STANDING_MPS: f64 = 0.5;
/// … and faster than this nobody cycles.
const CYCLIST_MPS: f64 = 8.5;
/// A bicycle is told after three minutes, in steps.
const WINDOW: usize = 1800;

/// One recording's row.
pub(super) fn row(name: &str, samples: &[Sample]) -> anyhow::Result<Vec<String>> {
    let motions: Vec<Motion> = Replay::new(samples.iter().copied())?.rows.iter().map(|row| row.motion).collect();
    let slow = shaken(&motions, |m| m.speed_mps.is_some_and(|mps| (STANDING_MPS..CYCLIST_MPS).contains(&mps)));
    let moving = shaken(&motions, |m| m.speed_mps.is_none_or(|mps| mps >= STANDING_MPS));
    Ok([name.to_owned()].into_iter().chain(slow).chain(moving).collect())
}

/// Minutes that count, shake, and wobble.
fn shaken(motions: &[Motion], counts: impl Fn(&Motion) -> bool) -> [String; 3] {
    let shake: Vec<f64> = motions.iter().filter(|m| counts(m)).filter_map(|m| Some(m.accel_up_mps2?.abs())).collect();
    let in_place = |m: &Motion| m.yaw_rate_radps.filter(|_| !m.phone_moving && counts(m));
    let change = |pair: &[Motion]| Some((in_place(&pair[1])? - in_place(&pair[0])?).abs() / STEP_S);
    let wobble: Vec<f64> = motions.windows(2).filter_map(change).collect();
    #[expect(clippy::cast_precision_loss, reason = "some thousand steps")]
    let minutes = shake.len() as f64 * STEP_S / 60.0;
    [figure(Some(minutes), 1), figure(most(&shake), 2), figure(most(&wobble), 2)]
}

/// The largest mean of three minutes, or that of all where there are fewer.
fn most(values: &[f64]) -> Option<f64> {
    let windows = values.windows(WINDOW.min(values.len()).max(1));
    windows.map(|window| mean(window.iter().copied())).max_by(f64::total_cmp)
}

/// All of them.
pub(super) fn tell(page: &mut Page, rows: &[Vec<String>]) {
    page.heading("How cars shake");
    page.paragraph(
        "Vertical acceleration and change of the yaw rate within 0.1 s, the mean of their amounts over the three minutes that \
         have most of it. A bicycle is told from 0.3 m/s² and 0.6 rad/s² on, where it never is faster than 30 km/h.",
    );
    let figures = ["minutes", "shake, m/s²", "wobble, rad/s²"];
    let columns: Vec<String> = ["below 30 km/h", "moving, or speed unknown"]
        .iter()
        .flat_map(|at| figures.map(|f| format!("{at}: {f}")))
        .collect();
    let columns: Vec<&str> = ["recording"].into_iter().chain(columns.iter().map(String::as_str)).collect();
    page.table(&columns, rows);
}
