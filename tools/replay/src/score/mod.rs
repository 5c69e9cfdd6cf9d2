//! `jounce score`: what the engine finds, held against labels.

mod json;
mod naming;
mod table;

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use jounce::{config::ValidConfig, event::Event, time::Timestamp};
use jounce_score::{Found, Label, LabelFile, Scope, Score, Trace, Verdict, driving_hours, last_words};

use crate::{
    cli::{ScoreArgs, ScoreFormat},
    failure::Usage,
    output::Output,
    replay::{
        in_order::in_order,
        progress_bar,
        run::{Replayed, Wanted},
        unreadable,
    },
    settings,
    source::{Source, warn},
};

/// A trace and what should be found in it.
#[derive(Debug)]
struct Task {
    source: Source,
    labels: Vec<Label>,
    /// Where each label stands in the label file.
    lines: Vec<u64>,
}

/// A trace, what was found in it, and what became of it.
#[derive(Debug)]
struct Judged {
    replayed: Replayed,
    labels: Vec<Label>,
    hours: f64,
    /// From where its seconds count.
    zero: Timestamp,
    /// The events as they stand in the end.
    events: Vec<Event>,
    verdicts: Vec<Verdict>,
}

/// All that is told in the end.
#[derive(Debug)]
struct Report {
    labels: PathBuf,
    sensitivity: &'static str,
    score: Score,
    traces: Vec<Judged>,
    /// Traces that no label names.
    left_out: Vec<String>,
}

pub(crate) fn run(args: &ScoreArgs) -> anyhow::Result<()> {
    let config = settings::load(&args.settings)?;
    let sources: Vec<Source> = args.traces.iter().map(|path| Source::new(path)).collect();
    if sources.iter().filter(|source| **source == Source::Stdin).count() > 1 {
        return Err(Usage("- can be given once: standard input is one trace".to_owned()).into());
    }
    let file = read_labels(&args.labels)?;
    let all = || file.rows.iter().map(|row| &row.label);
    let scope = if args.kinds.is_empty() { Scope::of_labels(all()) } else { Scope::only(args.kinds.iter().copied()) };
    let (tasks, left_out) = tasks(sources, &file)?;

    let mut report = Report {
        labels: args.labels.clone(),
        sensitivity: match config.get().sensitivity {
            jounce::config::Sensitivity::Normal => "normal",
            jounce::config::Sensitivity::High => "high",
        },
        score: Score::default(),
        traces: Vec::new(),
        left_out,
    };
    let progress = progress_bar();
    let mut failed = 0;
    let judge = |task: &Task| judge(task, &config, args.strict, &progress);
    in_order(&tasks, args.jobs.get(), judge, |task, result| {
        progress.suspend(|| match result {
            Ok(judged) => {
                warn(judged.replayed.warnings());
                warn(off_the_trace(task, &judged, &args.labels));
                report.add(judged, &scope);
            }
            Err(error) => {
                warn([format!("jounce: {error:#}")]);
                failed += 1;
            }
        });
        Ok::<(), anyhow::Error>(())
    })?;
    progress.finish_and_clear();
    // A score that lacks a trace would look like one that has it.
    if failed > 0 {
        bail!("nothing was scored: {}", unreadable(failed, tasks.len()));
    }
    let mut out = Output::open(args.output.as_deref())?;
    match args.format {
        ScoreFormat::Table => table::write(&mut out, &report, args.explain)?,
        ScoreFormat::Json => json::write(&mut out, &report)?,
    }
    out.finish()
}

fn read_labels(path: &Path) -> anyhow::Result<LabelFile> {
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| format!("{name}: cannot be read"))?;
    let labels = LabelFile::read(&name, file)?;
    warn(labels.not_read.iter().map(|column| format!("{name}: the column {column:?} is not read")));
    Ok(labels)
}

/// Gives every trace its labels. A label of a trace that is not there is an error: whoever mistyped a name would see
/// what was missed vanish.
fn tasks(sources: Vec<Source>, file: &LabelFile) -> anyhow::Result<(Vec<Task>, Vec<String>)> {
    let mut labels: BTreeMap<usize, (Vec<Label>, Vec<u64>)> = BTreeMap::new();
    let names = naming::Names::new(&sources);
    for row in &file.rows {
        let trace =
            names.find(&row.trace).map_err(|expected| file.error_in(row, jounce_score::Field::Trace, expected))?;
        let (labels, lines) = labels.entry(trace).or_default();
        labels.push(row.label);
        lines.push(row.line);
    }
    let (mut tasks, mut left_out) = (Vec::new(), Vec::new());
    for (at, source) in sources.into_iter().enumerate() {
        match labels.remove(&at) {
            Some((labels, lines)) => tasks.push(Task { source, labels, lines }),
            None => left_out.push(source.name()),
        }
    }
    Ok((tasks, left_out))
}

fn judge(task: &Task, config: &ValidConfig, strict: bool, progress: &ProgressBar) -> anyhow::Result<Judged> {
    let recording = task.source.read(strict)?;
    let wanted = Wanted { motion: false, dismissals: true };
    let replayed = Replayed::of(&task.source, &recording, config, wanted, progress);
    let zero = recording.zero();
    let end_s = replayed.end.s_since(zero);
    // A stretch that goes on after the recording is as long as the recording shows.
    let within = |label: &Label| match label.kind {
        None if label.end_s > end_s => Label { end_s: end_s.max(label.start_s), ..*label },
        _ => *label,
    };
    Ok(Judged {
        hours: driving_hours(&recording.samples),
        zero,
        events: last_words(&replayed.events).into_iter().cloned().collect(),
        labels: task.labels.iter().map(within).collect(),
        replayed,
        verdicts: Vec::new(),
    })
}

/// Labels that lie outside of their trace: mostly they count from somewhere else.
fn off_the_trace(task: &Task, judged: &Judged, file: &Path) -> Vec<String> {
    let (start_s, end_s) = (judged.replayed.start.s_since(judged.zero), judged.replayed.end.s_since(judged.zero));
    let off = task.labels.iter().zip(&task.lines).filter(|(label, _)| label.start_s > end_s || label.end_s < start_s);
    let told = off.map(|(label, line)| {
        format!(
            "{}: line {line}: {} at {} s is outside of {}, which is {end_s:.1} s long; seconds count from its earliest sample",
            file.display(),
            label.name(),
            label.start_s,
            judged.replayed.name
        )
    });
    told.collect()
}

impl Report {
    fn add(&mut self, mut judged: Judged, scope: &Scope) {
        let found: Vec<Found> = judged.events.iter().map(|event| Found::of(event, judged.zero)).collect();
        judged.verdicts = self.score.add(&Trace::new(&judged.labels, &found, judged.hours), scope);
        self.traces.push(judged);
    }
}
