//! `cargo xtask score-crash`: what is found, how soon, how exactly, and what is not mistaken for a crash.

mod driving;
mod drops;
mod figures;
mod grid;
mod incidents;
mod peers;
mod real;
mod rig;
mod timing;
mod trial;

use std::{num::NonZeroUsize, path::PathBuf};

use super::{pool, report, shared};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Crashes of the grid.
    #[arg(long, default_value_t = 600)]
    crashes: u64,
    /// Mounts for each rate and range of the real crash test.
    #[arg(long, default_value_t = 20)]
    mounts: u64,
    /// Times that each incident happens.
    #[arg(long, default_value_t = 24)]
    incidents: u64,
    /// Hours of ordinary driving.
    #[arg(long, default_value_t = 10.0)]
    hours: f64,
    /// Hours of driving full of incidents.
    #[arg(long, default_value_t = 10.0)]
    rough_hours: f64,
    /// Seed of the first of each: what is learned on some seeds is reported on others.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    from: u64,
    /// Only these tables [default: all].
    #[arg(long, value_enum, value_delimiter = ',', value_name = "TABLE")]
    tables: Vec<Tables>,
    /// Only incidents with this in their name.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Crashes whose timing is varied.
    #[arg(long, default_value_t = 8)]
    timing: u64,
    /// Threads [default: as many as the machine has].
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    /// Write the tables as JSON.
    #[arg(long, value_name = "F")]
    json: Option<PathBuf>,
}

/// Tables that can be asked for alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Tables {
    Real,
    Grid,
    Drops,
    Incidents,
    Timing,
    Hours,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let wants = |table| args.tables.is_empty() || args.tables.contains(&table);
    let mut tables = Vec::new();
    let mut take = |table: report::Table| {
        println!("{table}");
        tables.push(table);
    };
    pool(args.jobs.map(NonZeroUsize::get))?.install(|| -> anyhow::Result<()> {
        if wants(Tables::Real)
            && args.mounts > 0
            && let Some(folder) = shared("data/nhtsa-v07292")?
        {
            real::score(&folder, args.mounts)?.into_iter().for_each(&mut take);
        }
        if wants(Tables::Grid) && args.crashes > 0 {
            grid::tables(&grid::crashes(args.from, args.crashes)?).into_iter().for_each(&mut take);
        }
        if wants(Tables::Drops)
            && let Some(folder) = shared("data/phone-drops")?
        {
            take(drops::score(&folder)?);
        }
        if wants(Tables::Incidents) && args.incidents > 0 {
            take(incidents::score(args.from, args.incidents, &args.only)?);
        }
        if wants(Tables::Timing) && args.timing > 0 {
            take(timing::score(args.timing)?);
        }
        for (hours, mix) in [(args.hours, driving::Mix::Ordinary), (args.rough_hours, driving::Mix::Incidents)] {
            if wants(Tables::Hours) && hours > 0.0 {
                take(driving::score(args.from, hours, mix)?);
            }
        }
        Ok(())
    })?;
    args.json.as_deref().map_or(Ok(()), |path| report::write_json(&tables, path))
}
