//! `jounce convert`.

use std::{ffi::OsStr, path::Path};

use anyhow::Context;

use crate::{
    cli::ConvertArgs,
    failure::Usage,
    output::Output,
    source::{Source, damage, is_dash, warn},
};

pub(crate) fn run(args: &ConvertArgs) -> anyhow::Result<()> {
    check_extension(&args.output)?;
    let source = Source::new(&args.trace);
    let recording = source.read(args.strict)?;
    warn(damage(&source.name(), &recording));
    let mut out = Output::open(Some(&args.output))?;
    jounce_trace::write_native(recording.samples.into_iter(), &mut out)
        .with_context(|| format!("{}: cannot be written", args.output.display()))?;
    out.finish()
}

/// The extension names the format; only native CSV can be written.
fn check_extension(output: &Path) -> Result<(), Usage> {
    let is_csv = output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(OsStr::new("csv")));
    if is_csv || is_dash(output) || output.starts_with("/dev") {
        return Ok(());
    }
    Err(Usage(format!("{}: only native CSV can be written, so expected a name that ends in .csv", output.display())))
}
