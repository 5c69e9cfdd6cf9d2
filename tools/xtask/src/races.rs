//! `ThreadSanitizer` over everything of the bindings that runs on more than one thread.
//!
//! It must see every access to memory, so the standard library is built with it: from the source that `cargo xtask fetch`
//! gets, by the very compiler that builds the rest.

use crate::{
    shell::{self, root},
    tools::Sysroot,
};

const TARGET: &str = "x86_64-unknown-linux-gnu";
/// The runtime; the C ABI and the facade under eight threads; the facade's worker.
const TESTS: [&str; 3] = ["runtime::", "threads", "a_worker"];

pub(crate) fn run() -> anyhow::Result<()> {
    let Some(sysroot) = Sysroot::find()? else {
        println!("skipped: no source of the standard library (cargo xtask fetch gets it)");
        return Ok(());
    };
    let test = ["test", "-p", "jounce-ffi", "--features", "uniffi", "--lib", "--target", TARGET, "-Zbuild-std", "--"];
    let mut test = sysroot.cargo(&test, &root()?.join("target/races"))?;
    // A race ends the run at once, and is shown in full.
    test.args(TESTS).env("RUSTFLAGS", "-Zsanitizer=thread").env("TSAN_OPTIONS", "halt_on_error=1 history_size=7");
    shell::run(&mut test)
}
