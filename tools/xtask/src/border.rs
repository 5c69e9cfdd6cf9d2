//! What a border costs, in instructions: the same number run after run, on any machine that is busy with other things.

use std::{path::Path, process::Command};

use anyhow::{Context, ensure};

use crate::shell::{self, cargo, root};

/// A drive with a few events.
const TRACE: &str = "fixtures/city-drive/trace.csv";
/// The ways across, each with how much more than the engine alone it may take, per cent.
const BORDERS: [(&str, f64); 2] = [("c_abi", 10.0), ("facade", 10.0)];

pub(crate) fn run() -> anyhow::Result<()> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: no valgrind");
        return Ok(());
    }
    shell::run(&mut cargo(&[
        "build",
        "--release",
        "-p",
        "jounce-ffi",
        "--features",
        "uniffi",
        "--example",
        "border",
    ])?)?;
    let program = root()?.join("target/release/examples/border");
    let nothing = instructions(&program, "nothing")?;
    let engine = instructions(&program, "engine")?.saturating_sub(nothing);
    println!("{:10} {engine:14} instructions", "engine");
    let mut too_much = Vec::new();
    for (border, most_percent) in BORDERS {
        let count = instructions(&program, border)?.saturating_sub(nothing);
        #[expect(clippy::cast_precision_loss, reason = "billions")]
        let percent = 100.0 * (count as f64 / engine as f64 - 1.0);
        println!("{border:10} {count:14} instructions, {percent:+.1} %, at most {most_percent:+.0} %");
        too_much.extend((percent > most_percent).then_some(border));
    }
    ensure!(too_much.is_empty(), "too much: {}", too_much.join(", "));
    Ok(())
}

fn instructions(program: &Path, mode: &str) -> anyhow::Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program).arg(mode).arg(TRACE);
    let output = valgrind.current_dir(root()?).output().context("valgrind cannot be run")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{mode}: {said}");
    let count = said.lines().find_map(|line| line.split_once("Collected : ")).context("valgrind counts nothing")?.1;
    Ok(count.trim().parse()?)
}
