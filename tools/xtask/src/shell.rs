//! Running other programs.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail, ensure};

/// The repository's root.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().with_context(|| format!("{} is gone", root.display()))
}

/// A cargo command at the root.
pub(crate) fn cargo(args: &[&str]) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root()?);
    Ok(command)
}

/// Runs a command after telling what it is; fails when it fails.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let words: Vec<_> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    let line = words.join(" ");
    println!("$ {line}");
    let status = command.status().with_context(|| format!("{line}: cannot be run"))?;
    ensure!(status.success(), "{line}: {status}");
    Ok(())
}

/// Whether a cargo subcommand is installed.
pub(crate) fn has_cargo_subcommand(name: &str) -> anyhow::Result<bool> {
    Ok(cargo(&[name, "--version"])?.output()?.status.success())
}

/// The `cargo …` lines of the README's fenced blocks, in order.
pub(crate) fn readme_commands() -> anyhow::Result<Vec<Vec<String>>> {
    let readme = fs::read_to_string(root()?.join("README.md")).context("README.md cannot be read")?;
    let mut is_code = false;
    let mut commands = Vec::new();
    for line in readme.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if let Some(args) = line.strip_prefix("cargo ").filter(|_| is_code) {
            commands.push(args.split_whitespace().map(str::to_owned).collect());
        }
    }
    if commands.len() < 2 {
        bail!("README.md: expected a cargo command that does the main job, and one that runs the tests");
    }
    Ok(commands)
}

/// The command that replays a fixture to JSON lines, by its own settings.
pub(crate) fn replay(jounce: &Path, fixture: &Path) -> Command {
    let mut command = replay_trace(jounce, &fixture.join("trace.csv"));
    if let Some(config) = settings(fixture) {
        command.arg("--config").arg(config);
    }
    command
}

/// The command that replays a trace to JSON lines.
pub(crate) fn replay_trace(jounce: &Path, trace: &Path) -> Command {
    let mut command = Command::new(jounce);
    command.arg("replay").arg(trace).args(["--format", "jsonl"]);
    command
}

/// The fixture's own settings, if it has any.
pub(crate) fn settings(fixture: &Path) -> Option<PathBuf> {
    Some(fixture.join("config.toml")).filter(|path| path.is_file())
}

/// The folders that hold a trace, in order.
pub(crate) fn fixtures(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{}: cannot be read", folder.display()))?;
    let mut found = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    found.retain(|path| path.join("trace.csv").is_file());
    found.sort();
    Ok(found)
}
