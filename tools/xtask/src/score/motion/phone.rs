//! An iPhone on a dashboard, at 10 Hz and with late fixes, against the car's own speed.

use std::path::Path;

use anyhow::Context;
use jiff::{civil::DateTime, tz};
use jounce::{sample::Sample, time::Timestamp};

use crate::score::{
    replay::{Replay, Rows, STEP_S, seconds},
    report::Table,
    stats::{Series, correlation, rmse},
};

/// Steps in a mean of acceleration: 1 s.
const STEPS: usize = 10;
/// The car's speed comes at about 10 Hz.
const CAN_GAP_S: f64 = 1.0;
/// A fix counts until the next one, at most this long, s.
const FIX_GAP_S: f64 = 3.0;
/// Lags tried, s.
const LAGS_S: (f64, f64, f64) = (-2.0, 3.0, 0.02);
const MPS_PER_MPH: f64 = 0.447_04;
/// Hours of the car's clock ahead of UTC.
const CAR_UTC_OFFSET_H: i8 = -5;

pub(super) fn score(folder: &Path) -> anyhow::Result<Table> {
    let recording = jounce_trace::open(&folder.join("phone.csv"))?;
    let utc_offset_ns = recording.utc_offset_ns.context("phone.csv: no UTC")?;
    let can = can_speed(&folder.join("car.csv"), utc_offset_ns)?;
    let fixes = Series::new(recording.samples.iter().filter_map(|sample| match sample {
        Sample::Gnss(fix) => Some((seconds(fix.t), fix.speed_mps.filter(|speed| *speed >= 0.0)?)),
        _ => None,
    }));
    let replay = Replay::new(recording.samples.iter().copied())?;

    let truth = |t_s: f64| can.at(t_s, CAN_GAP_S);
    let fixes_as_they_are =
        |lag_s: f64| replay.all().pairs(|row| Some((fixes.at(row.t_s, FIX_GAP_S)?, truth(row.t_s - lag_s)?)));
    let start_s = replay.rows.first().map_or(f64::NAN, |row| row.t_s - STEP_S);
    let aligned_s = replay.aligned_s(start_s).map_or(f64::INFINITY, |aligned_s| aligned_s - start_s);
    let delay = replay.rows.last().and_then(|row| row.motion.gnss_delay_s);
    let held = replay.all().pairs(|row| Some((fixes.held(row.t_s)?, truth(row.t_s)?)));
    let (fix_lag_s, fix_rmse) = best_lag(&fixes_as_they_are);

    let mut table = Table::new("iPhone at 10 Hz against CAN: 342 s", &["whole", "aligned"]);
    let mut row = |what: &str, unit, of: &dyn Fn(Rows<'_>) -> f64| {
        table.row(what, unit, &[of(replay.all()), of(replay.aligned())]);
    };
    let fused = |rows: Rows<'_>, lag_s: f64| rows.pairs(|row| Some((row.motion.speed_mps?, truth(row.t_s - lag_s)?)));
    row("speed: RMSE at zero lag", "m/s", &|rows| rmse(&fused(rows, 0.0)));
    row("… lag that fits best", "s", &|rows| best_lag(&|lag_s| fused(rows, lag_s)).0);
    row("… RMSE at that lag", "m/s", &|rows| best_lag(&|lag_s| fused(rows, lag_s)).1);
    let forward = |rows: Rows<'_>| {
        rows.means(STEPS, |row| {
            let truth = (truth(row.t_s)? - truth(row.t_s - STEP_S)?) / STEP_S;
            Some((row.motion.accel_forward_mps2?, truth))
        })
    };
    row("forward acceleration, 1 s means: RMSE", "m/s²", &|rows| rmse(&forward(rows)));
    row("… correlation", "", &|rows| correlation(&forward(rows)));
    table.row("GNSS delay estimated at the end", "s", &[delay.unwrap_or(f64::NAN)]);
    table.row("from the first sample to alignment", "s", &[aligned_s]);
    table.row("for comparison, the last fix held: RMSE", "m/s", &[rmse(&held)]);
    table.row("… the fixes' own lag", "s", &[fix_lag_s]);
    table.row("… fixes with that lag taken off: RMSE", "m/s", &[fix_rmse]);
    Ok(table)
}

/// The lag behind the truth at which the error is least, and that error.
fn best_lag(pairs: &impl Fn(f64) -> Vec<(f64, f64)>) -> (f64, f64) {
    let (first, last, step) = LAGS_S;
    let lags = std::iter::successors(Some(first), |lag| Some(lag + step)).take_while(|lag| *lag <= last);
    lags.map(|lag| (lag, rmse(&pairs(lag)))).min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((f64::NAN, f64::NAN))
}

/// The car's speed on the phone's inertial clock.
fn can_speed(path: &Path, utc_offset_ns: i64) -> anyhow::Result<Series> {
    let mut reader = csv::Reader::from_path(path)?;
    let headers = reader.headers()?.clone();
    let column = |name: &str| {
        let found = headers.iter().position(|header| header == name);
        found.with_context(|| format!("{}: no column {name}", path.display()))
    };
    let (time, speed) = (column("Time")?, column("Speed (MPH)")?);
    let mut points = Vec::new();
    for record in reader.records() {
        let record = record?;
        let at = |index: usize| record.get(index).unwrap_or_default();
        let local: DateTime = at(time).parse()?;
        let utc = tz::offset(CAR_UTC_OFFSET_H).to_timestamp(local)?;
        let utc_ns = i64::try_from(utc.as_nanosecond())?;
        let t = Timestamp::from_ns(utc_ns - utc_offset_ns);
        points.push((seconds(t), at(speed).parse::<f64>()? * MPS_PER_MPH));
    }
    Ok(Series::new(points))
}
