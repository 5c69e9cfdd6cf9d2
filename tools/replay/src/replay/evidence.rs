//! The raw samples about each crash, as native CSV.

use std::{fs, io::Write, path::Path};

use anyhow::Context;
use jounce_trace::write_native;

use super::run::Replayed;
use crate::output::Output;

/// Writes a file for each crash of the trace: `NAME-crash-1.csv`.
pub(super) fn write(folder: &Path, replayed: &Replayed) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{}: cannot be created", folder.display()))?;
    let name = Path::new(&replayed.name).file_stem().map_or_else(|| "trace".into(), |stem| stem.to_string_lossy());
    for evidence in &replayed.evidence {
        let mut out = Output::open(Some(&folder.join(format!("{name}-{}.csv", evidence.id))))?;
        write_native(evidence.samples().into_iter(), &mut out)?;
        out.flush()?;
        out.finish()?;
    }
    Ok(())
}
