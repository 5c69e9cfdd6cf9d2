//! The score for people.

use std::io::{self, Write};

use jounce::time::Timestamp;
use jounce_score::{
    KindScore, Label, Share, Verdict,
    matching::{Span, TOLERANCE_S},
    quantile,
};

use super::{Judged, Report};
use crate::replay::report::{clock, in_words};

const WIDTH: usize = 120;

pub(super) fn write(out: &mut impl Write, report: &Report, explain: bool) -> io::Result<()> {
    let labels: usize = report.traces.iter().map(|judged| judged.labels.len()).sum();
    writeln!(
        out,
        "{}: {labels} labels on {}, {:.2} hours of driving, sensitivity {}\n",
        report.labels.display(),
        counted(report.traces.len(), "trace"),
        report.score.hours,
        report.sensitivity
    )?;
    kinds(out, report)?;
    beside(out, report)?;
    reliability(out, report)?;
    if explain {
        report.traces.iter().try_for_each(|judged| explained(out, judged))?;
    }
    Ok(())
}

fn kinds(out: &mut impl Write, report: &Report) -> io::Result<()> {
    writeln!(
        out,
        "{:18} {:>6} {:>5} {:>6} {:>5}  {:16}  {:16}  {:>4}  {:>6} {:>6}  {:>5}  {:>7}",
        "KIND", "LABELS", "FOUND", "MISSED", "FALSE", "PRECISION", "RECALL", "F1", "ONSET", "95 %", "SIDE", "FALSE/h"
    )?;
    let judged = || report.score.kinds.iter().filter(|(_, kind)| is_judged(kind));
    for (kind, score) in judged() {
        line(out, kind.name(), score, report.score.hours)?;
    }
    if judged().count() > 1 {
        line(out, "all", &report.score.all(), report.score.hours)?;
    }
    Ok(())
}

/// Kinds that only have events nobody judged are told in words.
fn is_judged(kind: &KindScore) -> bool {
    kind.precision().of + kind.recall().of > 0 || kind.not_judged == 0
}

fn line(out: &mut impl Write, name: &str, score: &KindScore, hours: f64) -> io::Result<()> {
    let onsets = score.onset_errors_s();
    let onset = |share: f64| quantile(&onsets, share).map_or_else(|| "–".to_owned(), |s| format!("{s:.2}"));
    let side = if score.direction.of == 0 {
        "–".to_owned()
    } else {
        format!("{}/{}", score.direction.right, score.direction.of)
    };
    let per_hour = if hours > 0.0 { format!("{:.2}", f64::from(score.false_alarms) / hours) } else { "–".to_owned() };
    let f1 = score.f1().map_or_else(|| "–".to_owned(), |f1| format!("{f1:.2}"));
    writeln!(
        out,
        "{name:18} {:>6} {:>5} {:>6} {:>5}  {:16}  {:16}  {f1:>4}  {:>6} {:>6}  {side:>5}  {per_hour:>7}",
        score.recall().of,
        score.hits,
        score.missed,
        score.false_alarms,
        share(score.precision()),
        share(score.recall()),
        onset(0.5),
        onset(0.95),
    )
}

fn share(share: Share) -> String {
    match share.value().zip(share.interval()) {
        Some((value, (from, to))) => format!("{value:.2} ({from:.2}–{to:.2})"),
        None => "–".to_owned(),
    }
}

/// What the table does not say.
fn beside(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let calm = report.score.calm;
    let stretches = counted(usize::try_from(calm.stretches).unwrap_or(usize::MAX), "calm stretch");
    writeln!(
        out,
        "\n{stretches}, {:.0} s in all: {} events in them, counted as false",
        calm.hours * 3600.0,
        calm.fired
    )?;
    let unjudged = report.score.kinds.iter().filter(|(_, kind)| kind.not_judged > 0);
    let unjudged: Vec<String> = unjudged.map(|(kind, score)| format!("{} {kind}", score.not_judged)).collect();
    if !unjudged.is_empty() {
        writeln!(out, "not judged, since no label names the kind: {}", unjudged.join(", "))?;
    }
    if !report.left_out.is_empty() {
        writeln!(out, "left out, since no label names the trace: {}", report.left_out.join(", "))?;
    }
    let legend = format!(
        "An event matches a label of its kind within {TOLERANCE_S} s, one to one. In brackets: 95 % intervals. ONSET: size of \
         the error of the start, s, median and 95 %. SIDE: to the labelled side, of the labels that say one."
    );
    textwrap::wrap(&legend, WIDTH).iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn reliability(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let Some(brier) = report.score.reliability.brier() else { return Ok(()) };
    writeln!(out, "\n{:11} {:>6}  {:>5}  TRUE", "CONFIDENCE", "EVENTS", "SAID")?;
    for bucket in report.score.reliability.buckets() {
        if let Some(said) = bucket.said {
            let range = format!("{:.2}–{:.2}", bucket.from, bucket.to);
            writeln!(out, "{range:11} {:>6}  {said:>5.2}  {}", bucket.was.of, share(bucket.was))?;
        }
    }
    writeln!(out, "Brier score {brier:.3} (0 is perfect)")
}

/// What was missed and what was false, and why.
fn explained(out: &mut impl Write, judged: &Judged) -> io::Result<()> {
    let lines: Vec<(f64, String, String)> =
        judged.verdicts.iter().filter_map(|verdict| explanation(judged, *verdict)).collect();
    if lines.is_empty() {
        return writeln!(out, "\n{}: nothing missed, nothing false", judged.replayed.name);
    }
    writeln!(out, "\n{}", judged.replayed.name)?;
    let mut lines = lines;
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (_, what, why) in lines {
        writeln!(out, "  {what}")?;
        for line in textwrap::wrap(&why, WIDTH - 6) {
            writeln!(out, "      {line}")?;
        }
    }
    Ok(())
}

/// When, what, and why.
fn explanation(judged: &Judged, verdict: Verdict) -> Option<(f64, String, String)> {
    match verdict {
        Verdict::Missed { label } => {
            let label = judged.labels.get(label)?;
            let what =
                format!("missed  {}  {} for {:.1} s", at(label.start_s), label.name(), label.end_s - label.start_s);
            Some((label.start_s, what, why_not(judged, label)))
        }
        Verdict::False { event, in_calm } => {
            let event = judged.events.get(event)?;
            let start_s = event.start.s_since(judged.zero);
            let calm = if in_calm { ", in a calm stretch" } else { "" };
            let lasts_s = event.end.s_since(event.start);
            let what = format!("false   {}  {} for {lasts_s:.1} s{calm}", at(start_s), event.id);
            Some((start_s, what, in_words(&event.reasons)))
        }
        Verdict::Hit { .. } | Verdict::Optional { .. } | Verdict::NotJudged { .. } => None,
    }
}

/// What was dismissed about the time of a label.
fn why_not(judged: &Judged, label: &Label) -> String {
    let time = Span::new(label.start_s, label.end_s);
    let near = judged.replayed.dismissals.iter().filter(|dismissal| {
        let dismissed = Span::new(dismissal.start.s_since(judged.zero), dismissal.end.s_since(judged.zero));
        Some(dismissal.kind) == label.kind && dismissed.touches(&time)
    });
    let reasons: Vec<String> = near.map(|dismissal| in_words(&dismissal.reasons)).collect();
    if reasons.is_empty() { "no candidate".to_owned() } else { format!("dismissed: {}", reasons.join("; ")) }
}

/// As in the table of `jounce replay`.
fn at(s: f64) -> String {
    let zero = Timestamp::from_ns(0);
    clock(zero.plus_s(s), zero)
}

fn counted(count: usize, what: &str) -> String {
    let plural = if what.ends_with("ch") { "es" } else { "s" };
    format!("{count} {what}{}", if count == 1 { "" } else { plural })
}

#[cfg(test)]
mod tests {
    use jounce::event::EventKind;

    use super::*;

    #[test]
    fn nothing_is_a_dash_and_not_a_number() {
        let mut text = Vec::new();
        line(&mut text, EventKind::Crash.name(), &KindScore::default(), 0.0).expect("writes");
        let text = String::from_utf8(text).expect("UTF-8");
        assert!(!text.contains("NaN") && text.matches('–').count() == 7, "{text}");
    }

    #[test]
    fn things_are_counted_in_words() {
        let counts = [counted(1, "trace"), counted(2, "trace"), counted(0, "calm stretch"), counted(1, "calm stretch")];
        assert_eq!(counts, ["1 trace", "2 traces", "0 calm stretches", "1 calm stretch"]);
    }
}
