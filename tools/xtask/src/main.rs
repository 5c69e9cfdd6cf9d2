//! The project's chores: `cargo xtask ci`, `bless`, `nostd`, `bindings`, `targets`, `races`, `kill`, `size`, `border`, `fetch`,
//! `score-motion`, `score-attitude`, `score-crash`, `score-events`.

mod bindings;
mod bless;
mod border;
mod ci;
mod kill;
mod nostd;
mod races;
mod score;
mod shell;
mod size;
mod targets;
mod tools;

use clap::{Parser, Subcommand};

/// The project's chores.
#[derive(Debug, Parser)]
#[command(name = "xtask")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Everything that must pass before a change lands.
    Ci,
    /// Write the golden events and motion of every fixture anew.
    Bless {
        /// Simulate the fixtures' traces anew as well.
        #[arg(long)]
        fixtures: bool,
    },
    /// Prove that the engine needs no standard library.
    Nostd,
    /// Generate the Swift, Kotlin and Python bindings, and try Python's and Kotlin's on the fixtures.
    Bindings,
    /// Replay the fixtures on other processors, and compile the library for phones.
    Targets,
    /// Look for data races in what runs on several threads.
    Races,
    /// Kill a host at 200 moments of a drive.
    Kill,
    /// Get the tools that `bindings`, `targets` and `races` want from npm and Debian, into `target/tools`.
    Fetch,
    /// Count what crossing a border costs over the engine alone.
    Border,
    /// Print how large the libraries are that an app ships.
    Size,
    /// Measure mount, acceleration, speed and delay against the truth, on real recordings and simulated drives.
    ScoreMotion(score::motion::Args),
    /// Measure orientation on the trials of the BROAD benchmark, with nine and with six axes.
    ScoreAttitude(score::attitude::Args),
    /// Measure crashes found, and what is mistaken for one: a real crash test, a grid of pulses, drops, hours of driving.
    ScoreCrash(score::crash::Args),
    /// Measure every kind of event on recordings and simulated drives, beside the rules of others.
    ScoreEvents(score::events::Args),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().chore {
        Chore::Ci => ci::run(),
        Chore::Bless { fixtures } => bless::run(fixtures),
        Chore::Nostd => nostd::run(),
        Chore::Bindings => bindings::run(),
        Chore::Targets => targets::run(),
        Chore::Races => races::run(),
        Chore::Kill => kill::run(),
        Chore::Fetch => tools::fetch(),
        Chore::Border => border::run(),
        Chore::Size => size::run(),
        Chore::ScoreMotion(args) => score::in_release(|| score::motion::run(&args)),
        Chore::ScoreAttitude(args) => score::in_release(|| score::attitude::run(&args)),
        Chore::ScoreEvents(args) => score::in_release(|| score::events::run(&args)),
        Chore::ScoreCrash(args) => score::in_release(|| score::crash::run(&args)),
    }
}
