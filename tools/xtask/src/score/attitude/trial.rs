//! One trial: what the sensors gave, and what the cameras saw.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use jounce::time::{Timestamp, ns_from_s};
use nalgebra::{Quaternion, UnitQuaternion, Vector3};
use rayon::prelude::*;

use super::npz::Npz;

/// A recording of a hand-held sensor with its optical reference.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub(super) name: String,
    /// Nominal rate, Hz.
    pub(super) rate_hz: f64,
    pub(super) rows: Vec<Row>,
}

/// One moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) t: Timestamp,
    /// Angular rate, rad/s.
    pub(super) gyro: Vector3<f64>,
    /// Specific force, m/s².
    pub(super) accel: Vector3<f64>,
    /// Magnetic field, µT.
    pub(super) mag: Vector3<f64>,
    /// Earth from device, as the cameras saw it; none where they did not, and where the trial is not being judged.
    pub(super) truth: Option<UnitQuaternion<f64>>,
}

/// Every trial of the folder, by name.
pub(super) fn load_all(folder: &Path) -> anyhow::Result<Vec<Trial>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    let is_trial = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "npz");
    let mut paths: Vec<_> = entries.into_iter().filter(is_trial).collect();
    paths.sort();
    ensure!(!paths.is_empty(), "{}: no trial in it", folder.display());
    paths.par_iter().map(|path| load(path).with_context(|| path.display().to_string())).collect()
}

fn load(path: &Path) -> anyhow::Result<Trial> {
    let mut npz = Npz::open(path)?;
    let rate_hz = npz.number("rate")?;
    let imu = npz.rows("imu", 9)?;
    let truth = npz.rows("opt_quat", 4)?;
    let movement = npz.bits("movement")?;
    ensure!(rate_hz > 0.0 && truth.len() == imu.len() && movement.len() >= imu.len(), "its members do not fit");
    let rows = imu.iter().zip(&truth).zip(movement).enumerate();
    let rows = rows.map(|(index, ((imu, truth), moves))| Row {
        t: time(index, rate_hz),
        gyro: Vector3::new(imu[0], imu[1], imu[2]),
        accel: Vector3::new(imu[3], imu[4], imu[5]),
        mag: Vector3::new(imu[6], imu[7], imu[8]),
        truth: Some(Quaternion::new(truth[0], truth[1], truth[2], truth[3]))
            .filter(|q| moves && q.coords.iter().all(|value| value.is_finite()))
            .map(UnitQuaternion::from_quaternion),
    });
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Trial { name, rate_hz, rows: rows.collect() })
}

/// Time of a row of an even recording.
#[expect(clippy::cast_precision_loss, reason = "trials are short")]
pub(super) fn time(index: usize, rate_hz: f64) -> Timestamp {
    Timestamp::from_ns(ns_from_s(index as f64 / rate_hz))
}
