//! The fixtures, and the command that replays one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assert_cmd::Command;

/// The folders of all fixtures, in order.
pub(crate) fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.join("trace.csv").is_file()).collect();
    found.sort();
    found
}

pub(crate) fn jounce() -> Command {
    Command::new(env!("CARGO_BIN_EXE_jounce"))
}

/// Replays `trace` to JSON lines by the fixture's settings, and with `args`; gives what was printed.
pub(crate) fn replay<'a>(trace: &Path, fixture: &Path, args: impl IntoIterator<Item = &'a str>) -> String {
    let mut command = jounce();
    command.arg("replay").arg(trace).args(["--format", "jsonl"]).args(args);
    let config = fixture.join("config.toml");
    if config.is_file() {
        command.arg("--config").arg(config);
    }
    let output = command.output().expect("the command runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}
