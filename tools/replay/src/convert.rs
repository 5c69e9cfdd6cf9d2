//! `jounce convert`.

use std::path::Path;

use anyhow::Context;

use crate::{
    cli::ConvertArgs,
    failure::Usage,
    output::Output,
    source::{Source, damage, is_dash, warn},
};

pub(crate) fn run(args: &ConvertArgs) -> anyhow::Result<()> {
    let form = Form::of(&args.output)?;
    let source = Source::new(&args.trace);
    let recording = source.read(args.strict)?;
    warn(damage(&source.name(), &recording));
    let mut out = Output::open(Some(&args.output))?;
    match form {
        Form::Csv => jounce_trace::write_native(recording.samples.into_iter(), &mut out),
        Form::Binary => jounce_trace::write_binary(&recording, &mut out),
    }
    .with_context(|| format!("{}: cannot be written", args.output.display()))?;
    out.finish()
}

/// What is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    Csv,
    Binary,
}

impl Form {
    /// The extension names the format; what has none gets CSV, which people can read.
    fn of(output: &Path) -> Result<Self, Usage> {
        let has = |name: &str| output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(name));
        if has("jnc") {
            return Ok(Self::Binary);
        }
        if has("csv") || is_dash(output) || output.starts_with("/dev") {
            return Ok(Self::Csv);
        }
        let output = output.display();
        Err(Usage(format!("{output}: expected a name that ends in .csv (native CSV) or .jnc (binary recording)")))
    }
}
