//! `cargo xtask score-motion`: mount, acceleration, speed and delay against the truth.

mod dashcam;
mod degraded;
mod drives;
mod handling;
mod honesty;
mod moves;
mod phone;
mod scenarios;
mod simulated;
#[cfg(test)]
mod tests;

use std::{num::NonZeroUsize, path::PathBuf};

use super::{pool, report, shared};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Random drives to simulate.
    #[arg(long, default_value_t = 200)]
    drives: u64,
    /// How many of them to repeat in each degraded mode.
    #[arg(long, default_value_t = 60)]
    degraded: u64,
    /// Drives of each way to handle a phone.
    #[arg(long, default_value_t = 20)]
    handled: u64,
    /// Hours of driving with a phone that nobody touches.
    #[arg(long, default_value_t = 10.0, value_name = "H")]
    undisturbed_h: f64,
    /// Threads [default: as many as the machine has].
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    /// Write the tables as JSON.
    #[arg(long, value_name = "F")]
    json: Option<PathBuf>,
    /// Write a row for each random drive as CSV.
    #[arg(long, value_name = "F")]
    each: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut tables = Vec::new();
    let mut take = |table: report::Table| {
        println!("{table}");
        tables.push(table);
    };
    pool(args.jobs.map(NonZeroUsize::get))?.install(|| -> anyhow::Result<()> {
        if let Some(folder) = shared("data/dashcam-and-can")? {
            take(dashcam::score(&folder)?);
        }
        if let Some(folder) = shared("data/phone-and-can")? {
            take(phone::score(&folder)?);
        }
        let drives = drives::drive(args.drives)?;
        if let Some(path) = &args.each {
            drives::write_each(&drives, path)?;
        }
        drives::tables(&drives).into_iter().for_each(&mut take);
        degraded::score(args.degraded)?.into_iter().for_each(&mut take);
        handling::handled(args.handled)?.into_iter().for_each(&mut take);
        handling::undisturbed(args.undisturbed_h)?.into_iter().for_each(&mut take);
        scenarios::score()?.into_iter().for_each(&mut take);
        Ok(())
    })?;
    args.json.as_deref().map_or(Ok(()), |path| report::write_json(&tables, path))
}
