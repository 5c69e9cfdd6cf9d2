//! How large the libraries are that an app ships.
//!
//! As the platforms' build scripts make them, with the standard library built from source (`cargo xtask fetch` gets it); and,
//! for those who link what comes with the toolchain, with that one.

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};

use crate::{
    shell::{self, cargo, root},
    tools::Sysroot,
};

/// What is built, with which features, and what it may take with the toolchain's standard library and with its own, KiB.
const LIBRARIES: [(&str, &str, [u64; 2]); 2] =
    [("C ABI", "capi", [783, 500]), ("C ABI and UniFFI", "capi,uniffi", [900, 700])];
/// Equal functions are kept once, and relocations packed.
const LINKING: [&str; 2] = ["-Clink-arg=-Wl,--icf=all", "-Clink-arg=-Wl,-z,pack-relative-relocs"];
const TARGET: &str = "x86_64-unknown-linux-gnu";
/// What the build scripts say to cargo.
const CONFIG: &str = "crates/jounce-ffi/platforms/small.toml";

pub(crate) fn run() -> anyhow::Result<()> {
    let sysroot = Sysroot::find()?;
    let mut rows = Vec::new();
    for (name, features, [most_kib, most_kib_from_source]) in LIBRARIES {
        rows.push((name, "the toolchain's", as_it_comes(features)?, most_kib));
        if let Some(sysroot) = &sysroot {
            rows.push((name, "its own", from_source(sysroot, features)?, most_kib_from_source));
        }
    }
    println!("\n{:20} {:18} {:>8} {:>8}", "library", "standard library", "KiB", "at most");
    for (name, standard, kib, most_kib) in &rows {
        println!("{name:20} {standard:18} {kib:8} {most_kib:8}");
    }
    if sysroot.is_none() {
        println!("skipped: no source of the standard library (cargo xtask fetch gets it)");
    }
    let too_large: Vec<&str> = rows.iter().filter(|(_, _, kib, most)| kib > most).map(|(name, ..)| *name).collect();
    ensure!(too_large.is_empty(), "too large: {}", too_large.join(", "));
    Ok(())
}

/// Beside a Rust library nothing can be optimised as a whole, so the shared one is built alone.
const BUILD: [&str; 9] =
    ["rustc", "--profile", "small", "-p", "jounce-ffi", "--lib", "--crate-type", "cdylib", "--no-default-features"];

fn as_it_comes(features: &str) -> anyhow::Result<u64> {
    let mut build = cargo(&BUILD)?;
    shell::run(build.args(["--features", features, "--"]).args(LINKING))?;
    stripped_kib(&root()?.join("target/small"))
}

fn from_source(sysroot: &Sysroot, features: &str) -> anyhow::Result<u64> {
    let target: PathBuf = root()?.join("target/sizes");
    let mut build = sysroot.cargo(&BUILD, &target)?;
    build.args(["--features", features, "--target", TARGET, "--config", CONFIG]);
    shell::run(build.arg("--").args(LINKING))?;
    stripped_kib(&target.join(TARGET).join("small"))
}

fn stripped_kib(folder: &Path) -> anyhow::Result<u64> {
    let library = folder.join(format!("{DLL_PREFIX}jounce_ffi{DLL_SUFFIX}"));
    let stripped = library.with_extension("stripped");
    shell::run(Command::new("strip").arg("-o").arg(&stripped).arg(&library))?;
    let bytes = fs::metadata(&stripped).context("nothing was stripped")?.len();
    Ok(bytes.div_ceil(1024))
}
