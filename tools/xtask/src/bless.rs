//! Golden files: what the fixtures' events and motion are to be from here on.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};

use crate::shell::{self, cargo, root};

/// Seed of every fixture's noise.
const SEED: &str = "1";

pub(crate) fn run(simulate: bool) -> anyhow::Result<()> {
    shell::run(&mut cargo(&["build", "--release", "-p", "jounce-replay"])?)?;
    let jounce = root()?.join("target/release/jounce");
    let fixtures = fixtures()?;
    ensure!(!fixtures.is_empty(), "no fixture: expected folders in fixtures/");
    for fixture in fixtures {
        if simulate {
            shell::run(&mut simulation(&jounce, &fixture))?;
        }
        shell::run(&mut replay(&jounce, &fixture))?;
    }
    Ok(())
}

/// The fixtures' folders, in order.
fn fixtures() -> anyhow::Result<Vec<PathBuf>> {
    let folder = root()?.join("fixtures");
    let entries = fs::read_dir(&folder).with_context(|| format!("{}: cannot be read", folder.display()))?;
    let mut found = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    found.retain(|path| path.is_dir());
    found.sort();
    Ok(found)
}

/// Simulates the built-in scenario of the folder's name.
fn simulation(jounce: &Path, fixture: &Path) -> Command {
    let mut command = Command::new(jounce);
    command.arg("simulate").arg(fixture.file_name().unwrap_or(OsStr::new(""))).arg("-o").arg(fixture);
    command.args(["--seed", SEED]);
    command
}

fn replay(jounce: &Path, fixture: &Path) -> Command {
    let mut command = Command::new(jounce);
    command.arg("replay").arg(fixture.join("trace.csv")).args(["--format", "jsonl", "-o"]);
    command.arg(fixture.join("events.jsonl")).arg("--motion").arg(fixture.join("motion.csv"));
    let config = fixture.join("config.toml");
    if config.is_file() {
        command.arg("--config").arg(config);
    }
    command
}
