//! The long form of a test that runs short in `cargo test`.

use crate::shell::{self, cargo};

/// A host is killed at this many moments of a drive.
const KILLS: &str = "200";

pub(crate) fn run() -> anyhow::Result<()> {
    let test = ["test", "--release", "-p", "jounce-ffi", "--test", "killed", "--", "--nocapture", "after_a_kill"];
    shell::run(cargo(&test)?.env("JOUNCE_KILLS", KILLS))
}
