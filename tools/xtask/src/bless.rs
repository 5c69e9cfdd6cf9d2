//! Golden files: what the fixtures' events and motion are to be from here on.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, ensure};

use crate::shell::{self, cargo, root};

/// Where the README's output stands.
const OUTPUT_BEGINS: &str = "<!-- output: begin -->";
const OUTPUT_ENDS: &str = "<!-- output: end -->";
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
    let fixtures = shell::fixtures(&folder)?;
    ensure!(!fixtures.is_empty(), "no fixture: cargo xtask bless --fixtures makes them");
    fixtures.iter().try_for_each(|fixture| shell::run(&mut replay(&jounce, fixture)))?;
    paste_into_readme(&jounce)
}

/// The README shows what its own command prints.
fn paste_into_readme(jounce: &Path) -> anyhow::Result<()> {
    let path = root()?.join("README.md");
    let readme = fs::read_to_string(&path)?;
    let commands = shell::readme_commands()?;
    let args = commands[0].iter().skip_while(|arg| *arg != "--").skip(1);
    let output = Command::new(jounce).current_dir(root()?).args(args).output()?;
    ensure!(output.status.success(), "README.md: its first command fails");
    let printed = String::from_utf8(output.stdout)?;
    let (before, rest) = readme.split_once(OUTPUT_BEGINS).context("README.md: no place for the output")?;
    let (_, after) = rest.split_once(OUTPUT_ENDS).context("README.md: the output has no end")?;
    let printed = printed.trim_matches('\n');
    Ok(fs::write(&path, format!("{before}{OUTPUT_BEGINS}\n```text\n{printed}\n```\n{OUTPUT_ENDS}{after}"))?)
}

fn simulation(jounce: &Path, folder: &Path, name: &str) -> Command {
    let mut command = Command::new(jounce);
    command.args(["simulate", name, "--seed", SEED, "-o"]).arg(folder.join(name));
    command
}

fn replay(jounce: &Path, fixture: &Path) -> Command {
    let mut command = shell::replay(jounce, fixture);
    command.arg("-o").arg(fixture.join("events.jsonl")).arg("--motion").arg(fixture.join("motion.csv"));
    command
}
