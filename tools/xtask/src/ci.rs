//! Everything that must pass before a change lands; what is quick comes first.

use std::time::Instant;

use crate::{
    nostd,
    shell::{cargo, has_cargo_subcommand, readme_commands, run as execute},
};

type Step = (&'static str, fn() -> anyhow::Result<()>);

const STEPS: [Step; 10] = [
    ("format", || execute(&mut cargo(&["fmt", "--all", "--check"])?)),
    ("lints", || execute(&mut cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])?)),
    ("engine without features", || {
        execute(&mut cargo(&["clippy", "--locked", "-p", "jounce", "--no-default-features", "--", "-D", "warnings"])?)
    }),
    ("facade", || {
        let facade = ["clippy", "--locked", "-p", "jounce-ffi", "--features", "uniffi", "--all-targets"];
        execute(cargo(&facade)?.args(["--", "-D", "warnings"]))
    }),
    ("documentation", || {
        let mut doc = cargo(&["doc", "--locked", "--workspace", "--no-deps", "--quiet"])?;
        execute(doc.env("RUSTDOCFLAGS", "-D warnings"))
    }),
    ("dependencies", dependencies),
    ("benches, once each", || execute(&mut cargo(&["test", "--locked", "-p", "jounce-benches", "--benches"])?)),
    ("no standard library", nostd::run),
    ("ten simulated hours", simulated_hours),
    ("the README's commands", readme),
];

pub(crate) fn run() -> anyhow::Result<()> {
    for (name, step) in STEPS {
        println!("\n== {name}");
        let start = Instant::now();
        step()?;
        println!("== {name}: passed in {:.0} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// The tests run last, by the command that the README gives, so that their closing lines are the last to be read.
fn readme() -> anyhow::Result<()> {
    for args in readme_commands()? {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        execute(&mut cargo(&args)?)?;
    }
    Ok(())
}

/// In release, as whoever runs it by hand does.
fn simulated_hours() -> anyhow::Result<()> {
    let hours = ["score-events", "--simulated", "--hours", "10", "--rate-hours", "0", "--away-hours", "2", "--bars"];
    execute(cargo(&["run", "--release", "--locked", "--package", "xtask", "--"])?.args(hours))
}

fn dependencies() -> anyhow::Result<()> {
    if !has_cargo_subcommand("deny")? {
        println!("skipped: cargo-deny is not installed (cargo install cargo-deny --locked)");
        return Ok(());
    }
    execute(&mut cargo(&["deny", "--workspace", "check", "bans", "licenses", "sources"])?)
}
