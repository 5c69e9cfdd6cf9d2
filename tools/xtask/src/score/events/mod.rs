//! `cargo xtask score-events`: every kind of event on recordings and on simulated drives, beside the rules of others.

mod away;
mod bars;
mod drive;
mod driving;
mod engine;
mod markdown;
mod recorded;
mod rivals;
mod shaken;
mod tally;

use std::{fs, num::NonZeroUsize, path::PathBuf};

use anyhow::{Context, ensure};

use super::pool;
use crate::shell;

/// The first seed of the drives: no rule was tried on them, and no other score uses them.
const FIRST_SEED: u64 = 70_000_000;

/// What to measure.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Args {
    /// Hours of mixed driving.
    #[arg(long, default_value_t = 10.0)]
    hours: f64,
    /// … at each other rate.
    #[arg(long, default_value_t = 3.0)]
    rate_hours: f64,
    /// Hours of walking, of cycling, and of sitting.
    #[arg(long, default_value_t = 10.0)]
    away_hours: f64,
    /// Drives are numbered from here: what is learned on some is reported on others.
    #[arg(long, value_name = "N", default_value_t = 0)]
    from: u64,
    /// List every event missed and every false one.
    #[arg(long)]
    list: bool,
    /// Write the drives as traces, with labels beside them, to this folder.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Leave the recordings out.
    #[arg(long)]
    simulated: bool,
    /// Threads [default: as many as the machine has].
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    /// Fail when something does not hold that must.
    #[arg(long)]
    bars: bool,
    /// Write the tables to docs/scoreboard.md as well.
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    if let Some(folder) = &args.keep {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let mut page = markdown::Page::default();
    let broken = pool(args.jobs.map(NonZeroUsize::get))?.install(|| -> anyhow::Result<Vec<String>> {
        if !args.simulated {
            recorded::score(&mut page)?;
        }
        let from = FIRST_SEED + args.from;
        let (mut driven, mut away) = (None, None);
        if args.hours > 0.0 {
            let measured = driving::measure(from, args.hours, args.keep.as_deref())?;
            if args.list {
                measured.list();
            }
            driving::tell(&mut page, &measured, from, args.rate_hours, args.list)?;
            driven = Some(measured);
        }
        if args.away_hours > 0.0 {
            let buses = driven.as_ref().map(|measured| measured.all.buses).unwrap_or_default();
            away = Some(away::score(&mut page, from, args.away_hours, args.keep.as_deref(), buses)?);
        }
        Ok(bars::broken(driven.as_ref(), away.as_ref()))
    })?;
    println!("{}", page.text());
    if args.write {
        page.paste(&shell::root()?.join("docs/scoreboard.md"))?;
    }
    ensure!(!args.bars || broken.is_empty(), "does not hold: {}", broken.join("; "));
    Ok(())
}
