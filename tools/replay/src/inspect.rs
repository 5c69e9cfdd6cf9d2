//! `jounce inspect`.

use std::io::Write;

use jounce_trace::inspect::summarise;

use crate::{
    cli::{InspectArgs, SummaryFormat},
    output::Output,
    source::Source,
};

pub(crate) fn run(args: &InspectArgs) -> anyhow::Result<()> {
    let recording = Source::new(&args.trace).read(false)?;
    let summary = summarise(&recording);
    let mut out = Output::open(None)?;
    match args.format {
        SummaryFormat::Text => write!(out, "{summary}")?,
        SummaryFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &summary)?;
            writeln!(out)?;
        }
    }
    out.finish()
}
