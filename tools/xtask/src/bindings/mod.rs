//! The bindings for Swift, Kotlin and Python, generated from the very library that is built. Python's and Kotlin's are tried
//! out; Swift's, for which there is no compiler on Linux, are held against the ones kept.

mod kotlin;
mod python;

use std::{
    env::{
        self,
        consts::{DLL_PREFIX, DLL_SUFFIX},
    },
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};

use crate::shell::{self, cargo, root};

/// The Swift bindings as they were last looked at, beside the package that uses them.
const SWIFT: &str = "crates/jounce-ffi/platforms/swift/Sources/Jounce/Generated/jounce.swift";
/// The longest drive, whose batches are timed.
const TIMED: &str = "fixtures/city-drive";
/// A drive that ends in a crash.
const CRASH: &str = "fixtures/front-crash";
/// How a host gets its events: as what a push gives, by a listener, and by the listener of a worker.
const MODES: [&str; 3] = ["pulled", "listener", "worker"];

/// The library with the command beside it, and what was generated from it.
struct Built {
    library: PathBuf,
    command: PathBuf,
    out: PathBuf,
    fixtures: Vec<PathBuf>,
    timed: PathBuf,
    crash: PathBuf,
}

impl Built {
    /// What the command says of a fixture.
    fn expected(&self, fixture: &Path) -> anyhow::Result<Vec<u8>> {
        said(shell::replay(&self.command, fixture))
    }
}

pub(crate) fn run() -> anyhow::Result<()> {
    let root = root()?;
    // Without debug information, by which no binding is generated; with its symbols, by which all are.
    let build = ["build", "--release", "-p", "jounce-ffi", "--features", "uniffi", "-p", "jounce-replay"];
    shell::run(&mut cargo(&build)?)?;
    let release = root.join("target/release");
    let built = Built {
        library: release.join(format!("{DLL_PREFIX}jounce_ffi{DLL_SUFFIX}")),
        command: release.join("jounce"),
        out: root.join("target/bindings"),
        fixtures: shell::fixtures(&root.join("fixtures"))?,
        timed: root.join(TIMED).join("trace.csv"),
        crash: root.join(CRASH).join("trace.csv"),
    };
    for language in ["swift", "kotlin", "python"] {
        // Its own lock file, since it is built alone; its exact version of UniFFI is the library's.
        let mut generate = cargo(&["run", "--quiet", "--", "generate", "--no-format", "--language", language])?;
        generate.arg("--out-dir").arg(built.out.join(language)).arg("--library").arg(&built.library);
        generate.current_dir(root.join("tools/bindgen")).env("CARGO_TARGET_DIR", root.join("target/bindgen"));
        shell::run(&mut generate)?;
    }
    swift(&built.out.join("swift/jounce.swift"), &root.join(SWIFT))?;
    python::run(&built)?;
    kotlin::run(&built)
}

/// The package ships what was generated; a change of it is seen by whoever changes the facade.
fn swift(generated: &Path, kept: &Path) -> anyhow::Result<()> {
    let generated = fs::read(generated).context("no Swift was generated")?;
    if env::var_os("JOUNCE_BLESS").is_some() {
        fs::write(kept, &generated)?;
    }
    let is_same = fs::read(kept).is_ok_and(|kept| kept == generated);
    ensure!(is_same, "{}: JOUNCE_BLESS=1 cargo xtask bindings makes it anew", kept.display());
    println!("Swift is generated as before; no compiler has seen it here");
    Ok(())
}

fn said(mut command: Command) -> anyhow::Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}
