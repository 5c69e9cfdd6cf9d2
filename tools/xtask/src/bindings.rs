//! The bindings for Swift, Kotlin and Python, generated from the very library that is built; Python's are tried out.

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs,
    path::Path,
    process::Command,
};

use anyhow::{Context, ensure};

use crate::shell::{self, cargo, root};

pub(crate) fn run() -> anyhow::Result<()> {
    let root = root()?;
    let out = root.join("target/bindings");
    shell::run(&mut cargo(&["build", "-p", "jounce-ffi", "--features", "uniffi", "-p", "jounce-replay"])?)?;
    let library = root.join("target/debug").join(format!("{DLL_PREFIX}jounce_ffi{DLL_SUFFIX}"));
    for language in ["swift", "kotlin", "python"] {
        // Its own lock file, since it is built alone; its exact version of UniFFI is the library's.
        let mut generate = cargo(&["run", "--quiet", "--", "generate", "--no-format", "--language", language])?;
        generate.arg("--out-dir").arg(out.join(language)).arg("--library").arg(&library);
        generate.current_dir(root.join("tools/bindgen")).env("CARGO_TARGET_DIR", root.join("target/bindgen"));
        shell::run(&mut generate)?;
    }
    let beside = library.file_name().context("a library has a name")?;
    fs::copy(&library, out.join("python").join(beside)).context("the library cannot be copied")?;
    python(&root, &out.join("python"))
}

/// Replays every fixture through Python: the bytes must be those of the command.
fn python(root: &Path, module: &Path) -> anyhow::Result<()> {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: no python3");
        return Ok(());
    }
    let fixtures = shell::fixtures(&root.join("fixtures"))?;
    for fixture in &fixtures {
        let expected = said(shell::replay(&root.join("target/debug/jounce"), fixture))?;
        for listener in ["", "1"] {
            let mut command = Command::new("python3");
            command.arg(root.join("crates/jounce-ffi/tests/python/replay.py"));
            command.arg(fixture.join("trace.csv")).args(shell::settings(fixture));
            command.env("PYTHONPATH", module).env("LISTENER", listener);
            let name = fixture.display();
            ensure!(said(command)? == expected, "{name}: Python says something else");
        }
    }
    println!("{} fixtures: Python says the same bytes, pulled and by listener", fixtures.len());
    Ok(())
}

fn said(mut command: Command) -> anyhow::Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}
