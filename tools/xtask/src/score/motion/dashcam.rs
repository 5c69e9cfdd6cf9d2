//! A minute of a dashcam's inertial sensors and fixes against the car's own speed, as recorded and turned.

use std::path::Path;

use anyhow::Context;
use jounce::sample::{Sample, Triad};
use nalgebra::{Quaternion, UnitQuaternion, Vector3};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use serde::Deserialize;

use crate::score::{
    replay::{Replay, Rows, STEP_S, seconds},
    report::Table,
    stats::{Series, correlation, quantile, rmse},
};

/// Fixed rotations of the device that the recording is turned by.
const TURNED: usize = 20;
const SEED: u64 = 1;
/// Steps in a mean: 0.5 s.
const STEPS: usize = 5;
/// The car's speed comes at about 90 Hz with stamps from 0.2 to 26 ms apart: read at one moment it is off by 0.03 m/s
/// (0.09 m/s² in a change over 0.5 s). So it is a mean over this much on either side, s.
const CAN_HALF_S: f64 = 0.05;

#[derive(Deserialize)]
struct CanRow {
    t_ns: i64,
    speed_mps: f64,
}

/// One figure a row, in this order.
const ROWS: [(&str, &str); 8] = [
    ("forward acceleration, 0.5 s means: RMSE", "m/s²"),
    ("… once aligned", "m/s²"),
    ("… correlation", ""),
    ("lateral acceleration, 0.5 s means: RMSE", "m/s²"),
    ("speed: RMSE", "m/s"),
    ("mount at the end: yaw error", "°"),
    ("… yaw error, as a multiple of its sigma", ""),
    ("from the first sample to alignment", "s"),
];

pub(super) fn score(folder: &Path) -> anyhow::Result<Table> {
    let recording = jounce_trace::open(&folder.join("trace.csv"))?;
    let can = can_speed(&folder.join("can_speed.csv"))?;
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut turns = vec![UnitQuaternion::identity()];
    turns.extend((0..TURNED).map(|_| random_rotation(&mut rng)));
    let figures =
        turns.par_iter().map(|turn| measure(&recording.samples, turn, &can)).collect::<anyhow::Result<Vec<_>>>()?;
    let (as_recorded, turned) = figures.split_first().context("nothing was measured")?;

    let mut table = Table::new(
        format!("Dashcam against CAN: one minute, as recorded and turned by {TURNED} random rotations"),
        &["as recorded", "median", "95 %"],
    );
    for (index, (what, unit)) in ROWS.into_iter().enumerate() {
        let of_turned: Vec<f64> = turned.iter().map(|figures| figures[index]).collect();
        // Of a correlation the low values are the bad ones.
        let bad = if what.contains("correlation") { 0.05 } else { 0.95 };
        table.row(what, unit, &[as_recorded[index], quantile(&of_turned, 0.5), quantile(&of_turned, bad)]);
    }
    table.note("The true yaw is known to 1–2°. A VQF alone: forward acceleration RMSE 0.65 m/s².");
    Ok(table)
}

fn measure(samples: &[Sample], turn: &UnitQuaternion<f64>, can: &Series) -> anyhow::Result<[f64; ROWS.len()]> {
    let replay = Replay::new(samples.iter().map(|sample| turned(*sample, turn)))?;
    let speed = |t_s: f64| can.mean_about(t_s, CAN_HALF_S);
    let forward = |rows: Rows<'_>| {
        rows.means(STEPS, |row| {
            let truth = (speed(row.t_s)? - speed(row.t_s - STEP_S)?) / STEP_S;
            Some((row.motion.accel_forward_mps2?, truth))
        })
    };
    let all = forward(replay.all());
    let left = replay.all().means(STEPS, |row| {
        let truth = row.motion.yaw_rate_radps? * speed(row.t_s - STEP_S / 2.0)?;
        Some((row.motion.accel_left_mps2?, truth))
    });
    let fused = replay.all().pairs(|row| Some((row.motion.speed_mps?, speed(row.t_s)?)));

    // The device lies with x forward, y right and z down; how far it is pitched nobody has measured.
    let truth = UnitQuaternion::from_axis_angle(&Vector3::x_axis(), std::f64::consts::PI) * turn.inverse();
    let mount = replay.rows.last().and_then(|row| row.mount).map(|mount| mount.error(&truth));
    let start_s = samples.first().map_or(f64::NAN, |sample| seconds(sample.t()));
    Ok([
        rmse(&all),
        rmse(&forward(replay.aligned())),
        correlation(&all),
        rmse(&left),
        rmse(&fused),
        mount.map_or(f64::INFINITY, |error| error.yaw.abs().to_degrees()),
        mount.map_or(f64::NAN, |error| error.yaw.abs() / error.yaw_sigma),
        replay.aligned_s(start_s).map_or(f64::INFINITY, |aligned_s| aligned_s - start_s),
    ])
}

fn can_speed(path: &Path) -> anyhow::Result<Series> {
    let mut reader = csv::Reader::from_path(path)?;
    let rows = reader.deserialize().collect::<Result<Vec<CanRow>, _>>().with_context(|| path.display().to_string())?;
    let t_s = |row: &CanRow| seconds(jounce::time::Timestamp::from_ns(row.t_ns));
    Ok(Series::new(rows.iter().map(|row| (t_s(row), row.speed_mps))))
}

/// The sample that a device turned by `turn` would have given.
fn turned(sample: Sample, turn: &UnitQuaternion<f64>) -> Sample {
    let triad = |s: Triad| {
        let v = turn * Vector3::new(s.x, s.y, s.z);
        Triad { t: s.t, x: v.x, y: v.y, z: v.z }
    };
    match sample {
        Sample::Accel(s) => Sample::Accel(triad(s)),
        Sample::Gyro(s) => Sample::Gyro(triad(s)),
        Sample::Mag(s) => Sample::Mag(triad(s)),
        other => other,
    }
}

/// Evenly over all rotations.
fn random_rotation(rng: &mut ChaCha8Rng) -> UnitQuaternion<f64> {
    let [w, x, y, z] = std::array::from_fn(|_| StandardNormal.sample(rng));
    UnitQuaternion::from_quaternion(Quaternion::new(w, x, y, z))
}
