//! Built-in scenarios: a tunnel, a hill, careful driving, a phone that is turned.

use anyhow::Context;
use jounce::{config::MotionConfig, event::EventKind, sample::Sample};
use jounce_sim::scenario;
use rayon::prelude::*;

use super::simulated::Drive;
use crate::score::{
    replay::{Replay, STEP_S, seconds},
    report::Table,
    stats::{rmse, spread},
};

/// Seeds of the noise that each scenario is run with.
const SEEDS: u64 = 20;
/// A fix counts in the motion from the smoothing lag before it was true, and this much earlier where the delay is off, s.
const DELAY_MARGIN_S: f64 = 0.5;
/// A phone has been still for this long when its label ends, s.
const SETTLE_S: f64 = 2.0;

pub(super) fn score() -> anyhow::Result<Vec<Table>> {
    let mut table = Table::new(format!("Built-in scenarios, {SEEDS} seeds each"), &["median", "95 %", "worst"]);
    let tunnels = each("tunnel", |drive, replay| Ok(tunnel(drive, replay)))?;
    table.row("tunnel: without a fix", "s", &spread_of(&tunnels, |t| t[0]));
    table.row("… speed error before the first fix counts", "m/s", &spread_of(&tunnels, |t| t[1]));
    table.row("… distance error", "%", &spread_of(&tunnels, |t| t[2]));
    for name in ["hill", "calm-drive"] {
        let figures = each(name, |drive, replay| {
            let forward = drive.truth.forward(replay.all());
            let largest = forward.iter().map(|(estimate, truth)| (estimate - truth).abs()).fold(0.0, f64::max);
            let extra = u32::try_from(drive.truth.harsh(replay).extra)?;
            Ok([rmse(&forward), largest, drive.truth.speed_rmse(replay.all()), f64::from(extra)])
        })?;
        table.row(format!("{name}: forward acceleration, 0.5 s means: RMSE"), "m/s²", &spread_of(&figures, |f| f[0]));
        table.row("… largest error", "m/s²", &spread_of(&figures, |f| f[1]));
        table.row("… speed: RMSE", "m/s", &spread_of(&figures, |f| f[2]));
        table.row("… harsh events, none is due", "", &spread_of(&figures, |f| f[3]));
    }
    let moves: Vec<[f64; 3]> =
        each("phone-turned", |drive, replay| Ok(moves(drive, replay)))?.into_iter().flatten().collect();
    table.row("phone-turned: phone_moved told after", "s", &spread_of(&moves, |m| m[0]));
    table.row("… aligned again after it lay still", "s", &spread_of(&moves, |m| m[1]));
    table.row("… whole mount error then", "°", &spread_of(&moves, |m| m[2]));
    Ok(vec![table])
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

fn spread_of<const N: usize>(figures: &[[f64; N]], pick: impl Fn(&[f64; N]) -> f64) -> [f64; 3] {
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

/// For each move: time until it is told, until the mount is known again, and the error of the mount then.
fn moves(drive: &Drive, replay: &Replay) -> Vec<[f64; 3]> {
    let of_kind = |kind| drive.truth.labels.iter().filter(move |label| label.kind == Some(kind));
    let told = |start_s: f64, end_s: f64| {
        let mut events = replay.events.iter().filter(|event| event.kind() == EventKind::PhoneMoved);
        let event = events.find(|event| seconds(event.end) >= start_s && seconds(event.start) <= end_s);
        event.map_or(f64::INFINITY, |event| seconds(event.decided) - start_s)
    };
    of_kind(EventKind::PhoneMoved)
        .map(|label| {
            let still_s = label.end_s - SETTLE_S;
            let mut after = replay.rows.iter().filter(|row| row.t_s > still_s);
            let aligned = after.find(|row| row.mount.is_some() && !row.motion.phone_moving);
            let error = aligned.and_then(|row| drive.truth.mount_error(replay, row.t_s));
            [
                told(label.start_s, label.end_s),
                aligned.map_or(f64::INFINITY, |row| row.decided_s - still_s),
                error.map_or(f64::INFINITY, |error| error.angle.to_degrees()),
            ]
        })
        .collect()
}
