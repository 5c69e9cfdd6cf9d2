//! Built-in scenarios: a tunnel, roads that are no acceleration, careful driving, a phone that is turned.

use anyhow::Context;
use jounce::{config::MotionConfig, sample::Sample};
use jounce_sim::scenario;
use rayon::prelude::*;

use super::{
    moves::{Move, moves},
    simulated::Drive,
};
use crate::score::{
    replay::{Replay, STEP_S, seconds},
    report::Table,
    stats::{rmse, spread},
};

/// Seeds of the noise that each scenario is run with.
const SEEDS: u64 = 20;
/// A fix counts in the motion from the smoothing lag before it was true, and this much earlier where the delay is off, s.
const DELAY_MARGIN_S: f64 = 0.5;

/// Slopes, banks, bends and changes of speed that are no harsh events.
const ROADS: [&str; 6] = ["hill", "crest", "banked-curve", "roundabout", "long-braking", "calm-drive"];

/// Figures of one of them. Accelerations are means over 0.5 s, m/s².
#[derive(Clone, Copy, Debug)]
pub(super) struct Road {
    pub(super) rmse: f64,
    pub(super) largest: f64,
    pub(super) largest_aligned: f64,
    /// m/s.
    pub(super) speed_rmse: f64,
    /// Harsh events, of which none is due.
    pub(super) extra: f64,
}

pub(super) fn score() -> anyhow::Result<Vec<Table>> {
    let mut table = Table::new(format!("Built-in scenarios, {SEEDS} seeds each"), &["median", "95 %", "worst"]);
    let tunnels = each("tunnel", |drive, replay| Ok(tunnel(drive, replay)))?;
    table.row("tunnel: without a fix", "s", &spread_of(&tunnels, |t| t[0]));
    table.row("… speed error before the first fix counts", "m/s", &spread_of(&tunnels, |t| t[1]));
    table.row("… distance error", "%", &spread_of(&tunnels, |t| t[2]));
    for name in ROADS {
        let figures = each(name, road)?;
        table.row(format!("{name}: forward acceleration, 0.5 s means: RMSE"), "m/s²", &spread_of(&figures, |f| f.rmse));
        table.row("… largest error", "m/s²", &spread_of(&figures, |f| f.largest));
        table.row("… largest error once aligned", "m/s²", &spread_of(&figures, |f| f.largest_aligned));
        table.row("… speed: RMSE", "m/s", &spread_of(&figures, |f| f.speed_rmse));
        table.row("… harsh events, none is due", "", &spread_of(&figures, |f| f.extra));
    }
    let moves: Vec<Move> =
        each("phone-turned", |drive, replay| Ok(moves(drive, replay)))?.into_iter().flatten().collect();
    table.row("phone-turned: phone_moved told after", "s", &spread_of(&moves, |m| m.told_s));
    table.row("… aligned again after it lay still", "s", &spread_of(&moves, |m| m.aligned_s));
    table.row("… whole mount error then", "°", &spread_of(&moves, |m| m.error_deg));
    Ok(vec![table])
}

pub(super) fn road(drive: &Drive, replay: &Replay) -> anyhow::Result<Road> {
    let truth = &drive.truth;
    let largest = |pairs: &[(f64, f64)]| pairs.iter().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let forward = truth.forward(replay.all());
    Ok(Road {
        rmse: rmse(&forward),
        largest: largest(&forward),
        largest_aligned: largest(&truth.forward(replay.aligned())),
        speed_rmse: truth.speed_rmse(replay.all()),
        extra: f64::from(u32::try_from(truth.harsh(replay).extra)?),
    })
}

/// What `measure` says of the scenario, seed by seed.
fn each<T: Send>(name: &str, measure: impl Fn(&Drive, &Replay) -> anyhow::Result<T> + Sync) -> anyhow::Result<Vec<T>> {
    let scenario = scenario(name).with_context(|| format!("{name}: no such scenario"))?;
    let of_seed = |seed| {
        let drive = Drive::new(&scenario, seed);
        measure(&drive, &drive.replay()?)
    };
    (1..=SEEDS).into_par_iter().map(of_seed).collect()
}

fn spread_of<T>(figures: &[T], pick: impl Fn(&T) -> f64) -> [f64; 3] {
    spread(&figures.iter().map(pick).collect::<Vec<_>>())
}

/// Length of the outage, s; error of the speed at its end, m/s; error of the distance, %.
fn tunnel(drive: &Drive, replay: &Replay) -> [f64; 3] {
    let delay_s = drive.truth.gnss_delay_s.unwrap_or(0.0);
    let has_speed = |sample: &&Sample| matches!(sample, Sample::Gnss(fix) if fix.speed_mps.is_some_and(|v| v >= 0.0));
    let stamps: Vec<f64> = drive.samples.iter().filter(has_speed).map(|sample| seconds(sample.t())).collect();
    let outage = stamps.windows(2).max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0])));
    let Some(&[last_s, first_s]) = outage else { return [f64::NAN; 3] };
    let seen_ahead_s = MotionConfig::default().smooth_s + DELAY_MARGIN_S;
    let (from_s, to_s) = (last_s - delay_s, first_s - delay_s - seen_ahead_s);
    let within = replay.rows.iter().filter(|row| row.t_s > from_s && row.t_s <= to_s);
    let mut driven = (0.0, 0.0);
    let mut error = f64::INFINITY;
    for row in within {
        let (Some(estimate), Some(truth)) = (row.motion.speed_mps, drive.truth.speed_at(row.t_s)) else {
            return [first_s - last_s, f64::INFINITY, f64::INFINITY];
        };
        driven = (driven.0 + estimate * STEP_S, driven.1 + truth * STEP_S);
        error = (estimate - truth).abs();
    }
    [first_s - last_s, error, 100.0 * (driven.0 / driven.1 - 1.0).abs()]
}
