//! A real crash test, felt through a phone: NHTSA 7292, a Taurus at 113 km/h into a Taurus, small overlap.

use std::path::Path;

use anyhow::Context;
use jounce_sim::{
    GRAVITY_MPS2, filter_cfc60,
    scenario::Mount,
    script::{Measured, Step},
    simulate,
};
use rayon::prelude::*;

use super::{
    figures::{Check, Counted},
    peers::PEERS,
    rig::{Setup, cruise},
    trial::Trial,
};
use crate::score::{report::Table, stats::spread};

/// Channels X and Y of the striking car.
const PLACES: [(&str, u32, u32); 2] = [("left sill", 145, 146), ("right sill", 147, 148)];
const RATES_HZ: [f64; 3] = [50.0, 100.0, 200.0];
const RANGES_G: [f64; 3] = [4.0, 8.0, 16.0];
const CHANNEL_HZ: f64 = 12_500.0;
const SPEED_KMH: f64 = 113.4;

struct Run {
    place: usize,
    rate_hz: f64,
    range_g: f64,
    check: Check,
}

pub(super) fn score(folder: &Path, mounts: u64) -> anyhow::Result<Vec<Table>> {
    let pulses: Vec<Measured> = PLACES.iter().map(|(_, x, y)| pulse(folder, *x, *y)).collect::<anyhow::Result<_>>()?;
    let mut inputs = Vec::new();
    for place in 0..PLACES.len() {
        for rate_hz in RATES_HZ {
            for range_g in RANGES_G {
                inputs.extend((0..mounts).map(|mount| (place, rate_hz, range_g, mount)));
            }
        }
    }
    let runs: Vec<Run> = inputs
        .into_par_iter()
        .map(|(place, rate_hz, range_g, mount)| run(&pulses[place], place, rate_hz, range_g, mount))
        .collect::<anyhow::Result<_>>()?;
    Ok(tables(&runs))
}

fn run(pulse: &Measured, place: usize, rate_hz: f64, range_g: f64, mount: u64) -> anyhow::Result<Run> {
    let setup = Setup {
        rate_hz,
        range_g,
        mount: Mount::random(mount),
        speed_kmh: SPEED_KMH,
        cruise_s: 35.0,
        ..Setup::random(mount)
    };
    let scenario = setup.scenario([Step::CrashMeasured(pulse.clone()), cruise(20.0)]);
    let simulation = simulate(&scenario, mount);
    let label = simulation.labels.iter().find(|label| label.kind == Some(jounce::event::EventKind::Crash));
    let onset_s = label.context("the crash is not labelled")?.start_s;
    let (delta_v_mps, clock) = change(pulse);
    let check = Check::new(&Trial::new(&simulation.samples)?, onset_s, delta_v_mps, clock);
    Ok(Run { place, rate_hz, range_g, check })
}

/// Both channels through channel class 60, forward and left, m/s².
fn pulse(folder: &Path, x: u32, y: u32) -> anyhow::Result<Measured> {
    let channel = |number: u32, sign: f64| -> anyhow::Result<Vec<f64>> {
        let path = folder.join(format!("v07292.{number}"));
        let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').has_headers(false).from_path(path)?;
        let value = |row: Result<csv::StringRecord, csv::Error>| -> anyhow::Result<f64> {
            Ok(row?.get(1).context("two columns")?.trim().parse::<f64>()? * GRAVITY_MPS2 * sign)
        };
        let mut values = reader.records().map(value).collect::<anyhow::Result<Vec<f64>>>()?;
        filter_cfc60(&mut values, CHANNEL_HZ);
        Ok(values)
    };
    // Axes of the test are forward and right.
    Ok(Measured {
        rate_hz: CHANNEL_HZ,
        forward_mps2: channel(x, 1.0)?,
        left_mps2: channel(y, -1.0)?,
        yaw_degps: 0.0,
        slide_mps2: 7.0,
    })
}

/// The largest change of velocity, m/s, and where the blow came from, hours.
fn change(pulse: &Measured) -> (f64, f64) {
    let (mut forward, mut left, mut most) = (0.0_f64, 0.0_f64, (0.0_f64, 0.0_f64, 0.0_f64));
    for (ahead, aside) in pulse.forward_mps2.iter().zip(&pulse.left_mps2) {
        forward += ahead / CHANNEL_HZ;
        left += aside / CHANNEL_HZ;
        if forward.hypot(left) > most.0 {
            most = (forward.hypot(left), forward, left);
        }
    }
    let (size, forward, left) = most;
    (size, left.atan2(-forward) / std::f64::consts::TAU * 12.0)
}

fn tables(runs: &[Run]) -> Vec<Table> {
    let columns: Vec<&str> =
        ["runs", "recall", "suspected"].into_iter().chain(PEERS.iter().map(|rule| rule.name)).collect();
    let mut found =
        Table::new("NHTSA 7292 through a phone, after a minute of driving: share that is confirmed", &columns);
    let checks =
        |keep: &dyn Fn(&Run) -> bool| runs.iter().filter(|run| keep(run)).map(|run| &run.check).collect::<Vec<_>>();
    found.row("all", "", &Counted::of(checks(&|_| true)).shares());
    let mut figures = Table::new("… figures", &["median", "95 %", "worst"]);
    let of = |pick: fn(&Check) -> f64, keep: &dyn Fn(&Run) -> bool| {
        spread(&checks(keep).into_iter().map(pick).collect::<Vec<_>>())
    };
    figures.row("suspected after the onset", "s", &of(|check| check.suspected_after_s, &|_| true));
    figures.row("confirmed after the onset", "s", &of(|check| check.confirmed_after_s, &|_| true));
    for (place, (name, ..)) in PLACES.iter().enumerate() {
        for rate_hz in RATES_HZ {
            let keep = move |run: &Run| run.place == place && (run.rate_hz - rate_hz).abs() < 1.0 && !run.check.clipped;
            let error = |check: &Check| 100.0 * (check.delta_v_ratio - 1.0).abs();
            figures.row(format!("{name}, {rate_hz} Hz, not clipped: Δv error"), "%", &of(error, &keep));
        }
    }
    for range_g in RANGES_G {
        let keep = move |run: &Run| (run.range_g - range_g).abs() < 1.0 && run.check.clipped;
        figures.row(format!("±{range_g} g, clipped: Δv of the true one"), "", &of(|check| check.delta_v_ratio, &keep));
    }
    let known = |run: &Run| run.check.hours_off.is_finite();
    figures.row("direction: off by", "h", &of(|check| check.hours_off, &known));
    let above = runs.iter().filter(|run| run.check.clipped && run.check.delta_v_ratio > 1.0).count();
    let silent = runs.iter().filter(|run| !known(run)).count();
    let loose = |run: &&Run| !run.check.clipped && (run.check.delta_v_ratio - 1.0).abs() > 0.15;
    let loose = runs.iter().filter(loose).count();
    figures.note(format!(
        "of {} runs {silent} give no direction, {loose} not clipped are off by more than 15 %, {above} clipped exceed the truth",
        runs.len()
    ));
    vec![found, figures]
}
