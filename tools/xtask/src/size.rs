//! How large the libraries are that an app ships.

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs,
    process::Command,
};

use anyhow::{Context, ensure};

use crate::shell::{self, cargo, root};

/// What is built, with which features, and what it may take, KiB: what it takes now and a twentieth more, so that growth is
/// seen. The aim is 500 and 900.
const LIBRARIES: [(&str, &str, u64); 2] = [("C ABI", "capi", 1200), ("C ABI and UniFFI", "capi,uniffi", 1290)];
/// Equal functions are kept once. As the platforms' own build scripts do.
const LINKING: &str = "-Clink-arg=-Wl,--icf=all";

pub(crate) fn run() -> anyhow::Result<()> {
    let library = root()?.join("target/small").join(format!("{DLL_PREFIX}jounce_ffi{DLL_SUFFIX}"));
    let stripped = library.with_extension("stripped");
    let mut rows = Vec::new();
    for (name, features, most_kib) in LIBRARIES {
        // Beside a Rust library nothing can be optimised as a whole, so the shared one is built alone.
        let mut build = cargo(&["rustc", "--profile", "small", "-p", "jounce-ffi", "--lib", "--crate-type", "cdylib"])?;
        build.args(["--no-default-features", "--features", features, "--", LINKING]);
        shell::run(&mut build)?;
        shell::run(Command::new("strip").arg("-o").arg(&stripped).arg(&library))?;
        let bytes = fs::metadata(&stripped).context("nothing was stripped")?.len();
        rows.push((name, bytes.div_ceil(1024), most_kib));
    }
    println!("\n{:20} {:>8} {:>8}", "library", "KiB", "at most");
    for (name, kib, most_kib) in &rows {
        println!("{name:20} {kib:8} {most_kib:8}");
    }
    let too_large: Vec<&str> = rows.iter().filter(|(_, kib, most)| kib > most).map(|(name, ..)| *name).collect();
    ensure!(too_large.is_empty(), "too large: {}", too_large.join(", "));
    Ok(())
}
