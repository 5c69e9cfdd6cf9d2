//! Where a trace comes from, and what was wrong with it.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::bail;
use jounce_trace::Recording;

/// What stands for standard input or output on the command line.
const DASH: &str = "-";
/// Damaged rows that are shown in full; the others are only counted.
pub(crate) const SHOWN: usize = 5;

pub(crate) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == DASH
}

/// A trace named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Standard input.
    Stdin,
    /// A file, or a folder that is one recording.
    Path(PathBuf),
}

impl Source {
    pub(crate) fn new(path: &Path) -> Self {
        if is_dash(path) { Self::Stdin } else { Self::Path(path.to_owned()) }
    }

    /// Its name in outputs and messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "stdin".to_owned(),
            Self::Path(path) => path.display().to_string(),
        }
    }

    /// Reads the whole of it. With `strict`, a damaged row is an error.
    pub(crate) fn read(&self, strict: bool) -> anyhow::Result<Recording> {
        let recording = match self {
            Self::Stdin => jounce_trace::from_reader(&self.name(), io::stdin().lock())?,
            Self::Path(path) => jounce_trace::open(path)?,
        };
        if strict && recording.damaged.count > 0 {
            bail!("{}", damage(&self.name(), &recording).join("\n"));
        }
        Ok(recording)
    }
}

/// Lines that tell how many rows of `recording` were damaged, and what was wrong with the first of them.
pub(crate) fn damage(name: &str, recording: &Recording) -> Vec<String> {
    let count = recording.damaged.count;
    if count == 0 {
        return Vec::new();
    }
    let mut lines = vec![format!("{name}: {} skipped, first", damaged_rows(count))];
    lines.extend(recording.damaged.rows.iter().take(SHOWN).map(|row| format!("  {row}")));
    lines
}

/// `1 damaged row`, `2 damaged rows`.
pub(crate) fn damaged_rows(count: u64) -> String {
    format!("{count} damaged {}", if count == 1 { "row" } else { "rows" })
}

/// Prints lines to stderr; there is nobody left to tell when that fails.
pub(crate) fn warn(lines: impl IntoIterator<Item = String>) {
    let mut stderr = io::stderr().lock();
    for line in lines {
        let _ = writeln!(stderr, "{line}");
    }
}
