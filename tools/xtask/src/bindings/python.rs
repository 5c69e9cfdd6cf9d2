//! Python: replays every fixture, and tells what a batch costs.

use std::{fs, process::Command};

use anyhow::{Context, ensure};

use super::{Built, said};
use crate::shell::{self, root};

pub(super) fn run(built: &Built) -> anyhow::Result<()> {
    let module = built.out.join("python");
    let beside = built.library.file_name().context("a library has a name")?;
    fs::copy(&built.library, module.join(beside)).context("the library cannot be copied")?;
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: Python was generated and not run: no python3");
        return Ok(());
    }
    let program = root()?.join("crates/jounce-ffi/tests/python/replay.py");
    let python = |mode: &str| {
        let mut command = Command::new("python3");
        command.arg(&program).arg(mode).env("PYTHONPATH", &module);
        command
    };
    for fixture in &built.fixtures {
        for mode in super::MODES {
            let mut command = python(mode);
            command.arg(fixture.join("trace.csv")).args(shell::settings(fixture));
            let name = fixture.display();
            ensure!(said(command)? == built.expected(fixture)?, "{name}: Python says something else, {mode}");
        }
    }
    println!("{} fixtures: Python says the same bytes: {}", built.fixtures.len(), super::MODES.join(", "));
    let recording = module.join("recording.jnc");
    shell::run(python("record").args([&built.crash, &recording]))?;
    let replayed = said(shell::replay_trace(&built.command, &recording))?;
    let folder = built.crash.parent().context("a trace is in a folder")?;
    ensure!(replayed == built.expected(folder)?, "what Python has recorded says something else");
    shell::run(python("crash").arg(&built.crash))?;
    shell::run(python("time").arg(&built.timed))
}
