//! Golden files: what the fixtures' events and motion are to be from here on.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};

use crate::shell::{self, cargo, root};

/// Seed of every fixture's noise.
const SEED: &str = "1";
/// The built-in scenarios that are kept as fixtures: one for each thing that must not change unseen.
const FIXTURES: [&str; 10] = [
    "city-drive",
    "calm-drive",
    "late-alignment",
    "front-crash",
    "rear-crash-stopped",
    "phone-turned",
    "tunnel",
    "no-gnss",
    "places",
    "long-trip-gap",
];

pub(crate) fn run(simulate: bool) -> anyhow::Result<()> {
    shell::run(&mut cargo(&["build", "--release"])?)?;
    let jounce = root()?.join("target/release/jounce");
    let folder = root()?.join("fixtures");
    if simulate {
        for name in FIXTURES {
            shell::run(&mut simulation(&jounce, &folder, name))?;
            // The true motion is simulated anew by whoever measures against it.
            fs::remove_file(folder.join(name).join("truth.csv"))?;
        }
    }
    let fixtures = fixtures(&folder)?;
    ensure!(!fixtures.is_empty(), "no fixture: cargo xtask bless --fixtures makes them");
    fixtures.iter().try_for_each(|fixture| shell::run(&mut replay(&jounce, fixture)))
}

/// The folders that hold a trace, in order.
fn fixtures(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{}: cannot be read", folder.display()))?;
    let mut found = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    found.retain(|path| path.join("trace.csv").is_file());
    found.sort();
    Ok(found)
}

fn simulation(jounce: &Path, folder: &Path, name: &str) -> Command {
    let mut command = Command::new(jounce);
    command.args(["simulate", name, "--seed", SEED, "-o"]).arg(folder.join(name));
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
