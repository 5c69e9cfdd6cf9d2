//! The `jounce` command: replays, scores, inspects, converts and simulates recorded drives.

mod attitude;
mod cli;
mod convert;
mod failure;
mod inspect;
mod output;
mod replay;
mod score;
mod settings;
mod simulate;
mod source;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Replay(args) => replay::run(&args),
        Command::Score(args) => score::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Convert(args) => convert::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Attitude(args) => attitude::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has seen enough of it.
        Err(error) if failure::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be told when stderr is gone as well.
            let _ = writeln!(io::stderr(), "jounce: {error:#}");
            ExitCode::from(failure::exit_code(&error))
        }
    }
}
