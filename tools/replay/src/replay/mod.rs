//! `jounce replay`: traces through the engine, events out.

pub(crate) mod about;
mod evidence;
mod health;
pub(crate) mod in_order;
mod motion;
pub(crate) mod report;
pub(crate) mod run;

use std::{
    io::{IsTerminal, Write, stderr},
    path::PathBuf,
};

use anyhow::bail;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jounce::config::ValidConfig;

use self::{
    about::Explain,
    in_order::in_order,
    report::Report,
    run::{Replayed, Wanted},
};
use crate::{
    cli::{EventFormat, ReplayArgs},
    failure::Usage,
    output::Output,
    settings,
    source::{Source, warn},
};

/// What the arguments mean together.
struct Plan {
    sources: Vec<Source>,
    config: ValidConfig,
    format: EventFormat,
    output: Option<PathBuf>,
    motion: Option<PathBuf>,
    evidence: Option<PathBuf>,
    wanted: Wanted,
    explain: Option<Explain>,
    jobs: usize,
    strict: bool,
}

impl Plan {
    fn resolve(args: &ReplayArgs, config: ValidConfig) -> Result<Self, Usage> {
        let sources: Vec<Source> = args.traces.iter().map(|path| Source::new(path)).collect();
        if args.motion.is_some() && sources.len() > 1 {
            return Err(Usage("--motion takes one trace: several would be mixed in one file".to_owned()));
        }
        if args.motion.is_some() && args.motion == args.output {
            return Err(Usage("--motion and --output name the same file".to_owned()));
        }
        if sources.iter().filter(|source| **source == Source::Stdin).count() > 1 {
            return Err(Usage("- can be given once: standard input is one trace".to_owned()));
        }
        Ok(Self {
            sources,
            config,
            format: args.format,
            output: args.output.clone(),
            motion: args.motion.clone(),
            evidence: args.evidence.clone(),
            wanted: Wanted {
                motion: args.motion.is_some() || matches!(args.explain, Some(Explain::About(_))),
                dismissals: args.explain.is_some(),
            },
            explain: args.explain,
            jobs: args.jobs.get(),
            strict: args.strict,
        })
    }
}

pub(crate) fn run(args: &ReplayArgs) -> anyhow::Result<()> {
    let config = settings::load(&args.settings)?;
    if args.print_config {
        let mut out = Output::open(None)?;
        out.write_all(settings::print(config.get())?.as_bytes())?;
        return out.finish();
    }
    execute(&Plan::resolve(args, config)?)
}

fn execute(plan: &Plan) -> anyhow::Result<()> {
    let out = Output::open(plan.output.as_deref())?;
    let mut motion = plan.motion.as_deref().map(|path| Output::open(Some(path))).transpose()?;
    let mut report = Report::new(plan.format, out, plan.sources.len() > 1, plan.wanted.dismissals)?;
    let progress = progress_bar();
    let mut failed = 0;

    let replay = |source: &Source| -> anyhow::Result<Replayed> {
        let mut replayed = Replayed::new(source, &plan.config, plan.wanted, plan.strict, &progress)?;
        if let Some(Explain::About(moment_s)) = plan.explain {
            replayed.keep_about(moment_s, &plan.config);
        }
        Ok(replayed)
    };
    in_order(&plan.sources, plan.jobs, replay, |_, result| {
        progress.suspend(|| match result {
            Ok(replayed) => {
                warn(replayed.warnings());
                report.trace(&replayed)?;
                plan.evidence.as_deref().map_or(Ok(()), |folder| evidence::write(folder, &replayed))?;
                motion.as_mut().map_or(Ok(()), |out| motion::write(out, &replayed))
            }
            Err(error) => {
                warn([format!("jounce: {error:#}")]);
                failed += 1;
                Ok(())
            }
        })
    })?;
    progress.finish_and_clear();

    // What has gone to standard output stays; a file that lacks a trace is not left behind.
    if failed > 0 && plan.output.is_some() {
        bail!("nothing was written: {}", unreadable(failed, plan.sources.len()));
    }
    report.finish()?;
    if failed > 0 {
        bail!(unreadable(failed, plan.sources.len()));
    }
    motion.map_or(Ok(()), Output::finish)
}

pub(crate) fn unreadable(failed: usize, all: usize) -> String {
    format!("{failed} of {all} traces could not be read")
}

/// Shows on a terminal how many samples have been replayed; nothing anywhere else.
pub(crate) fn progress_bar() -> ProgressBar {
    let target = if stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {human_pos} samples  {eta} left") {
        bar.set_style(style);
    }
    bar
}
