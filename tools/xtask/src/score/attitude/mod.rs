//! `cargo xtask score-attitude`: orientation against an optical reference, on the trials of the BROAD benchmark.

mod case;
mod error;
mod npz;
mod trial;

use std::{num::NonZeroUsize, path::PathBuf};

use jounce::{attitude::Attitude, config::AttitudeConfig};
use nalgebra::UnitQuaternion;
use rayon::prelude::*;

use self::{case::Case, error::Errors, trial::Trial};
use super::{
    pool,
    report::{self, Table},
    shared,
    stats::mean,
};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Threads [default: as many as the machine has].
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    /// Write the tables as JSON.
    #[arg(long, value_name = "F")]
    json: Option<PathBuf>,
    /// Show every trial as recorded, not only the means.
    #[arg(long)]
    per_trial: bool,
}

/// With the compass or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axes {
    Nine,
    Six,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let Some(folder) = shared("attitude/data")? else { return Ok(()) };
    let mut tables = Vec::new();
    pool(args.jobs.map(NonZeroUsize::get))?.install(|| -> anyhow::Result<()> {
        let trials = trial::load_all(&folder)?;
        for axes in [Axes::Nine, Axes::Six] {
            let means = means(&trials, axes);
            println!("{means}");
            tables.push(means);
            if args.per_trial {
                let each = each(&trials, axes);
                println!("{each}");
                tables.push(each);
            }
        }
        Ok(())
    })?;
    args.json.as_deref().map_or(Ok(()), |path| report::write_json(&tables, path))
}

const COLUMNS: [&str; 3] = ["total", "heading", "inclination"];

/// Every case, averaged over the trials.
fn means(trials: &[Trial], axes: Axes) -> Table {
    let title = format!("{}, mean over {} trials of BROAD: RMSE", axes.name(), trials.len());
    let mut table = Table::new(title, &COLUMNS);
    for case in Case::ALL {
        let errors = score(trials, case, axes);
        let of = |pick: fn(&Errors) -> f64| mean(errors.iter().map(pick));
        let row = [of(|e| e.total), of(|e| e.heading), of(|e| e.inclination)];
        table.row(case.name(), "°", &row);
    }
    table
}

/// Every trial as recorded.
fn each(trials: &[Trial], axes: Axes) -> Table {
    let mut table = Table::new(format!("{}, each trial as recorded: RMSE", axes.name()), &COLUMNS);
    for (trial, errors) in trials.iter().zip(score(trials, Case::Recorded, axes)) {
        table.row(&trial.name, "°", &[errors.total, errors.heading, errors.inclination]);
    }
    table
}

/// Errors trial by trial; of a case whose luck differs widely, several draws of each.
fn score(trials: &[Trial], case: Case, axes: Axes) -> Vec<Errors> {
    let draws: Vec<_> = (0..)
        .zip(trials)
        .flat_map(|(of_trial, trial)| (0..case.draws()).map(move |draw| (trial, of_trial * Case::MOST_DRAWS + draw)))
        .collect();
    let of_draw = |&(trial, stream): &(&Trial, u64)| {
        let changed = case.applied_to(trial, stream);
        error::measure(&estimate(&changed, axes), &changed, axes)
    };
    draws.par_iter().map(of_draw).collect()
}

/// Orientation at each row.
fn estimate(trial: &Trial, axes: Axes) -> Vec<UnitQuaternion<f64>> {
    let mut attitude = Attitude::new(&AttitudeConfig::default());
    let mut step = |row: &trial::Row| {
        attitude.gyro(row.t, row.gyro);
        attitude.accel(row.t, row.accel);
        if axes == Axes::Six {
            return attitude.level_from_device();
        }
        attitude.mag(row.t, row.mag);
        attitude.earth_from_device()
    };
    trial.rows.iter().map(&mut step).collect()
}

impl Axes {
    const fn name(self) -> &'static str {
        match self {
            Self::Nine => "Nine axes",
            Self::Six => "Six axes, best constant heading taken off",
        }
    }
}
