//! The proof that the engine needs no standard library.
//!
//! `tools/nostd` is a static library with its own panic handler and allocator: as soon as anything below `jounce` pulls
//! in `std`, there are two of each and the build fails (E0152). It is a workspace of its own, since the panic handler
//! would meet the tests' own; it takes the root's lock file, so that it builds what ships.

use std::fs;

use anyhow::Context;

use crate::shell::{self, cargo, root};

pub(crate) fn run() -> anyhow::Result<()> {
    let root = root()?;
    let proof = root.join("tools/nostd");
    fs::copy(root.join("Cargo.lock"), proof.join("Cargo.lock")).context("Cargo.lock cannot be copied")?;
    let mut build = cargo(&["build", "--profile", "nostd"])?;
    shell::run(build.current_dir(proof).env("CARGO_TARGET_DIR", root.join("target/nostd")))
}
