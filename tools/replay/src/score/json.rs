//! The score for programs.

use std::io::Write;

use jounce::event::{EventId, EventKind, Side};
use jounce_score::{Bucket, KindScore, Share, Verdict, matching::TOLERANCE_S, quantile};
use serde::Serialize;

use super::{Judged, Report};

/// Fields are only added.
const SCHEMA: u32 = 1;

#[derive(Debug, Serialize)]
struct ReportJson<'a> {
    schema: u32,
    labels: String,
    sensitivity: &'a str,
    tolerance_s: f64,
    hours: f64,
    kinds: Vec<KindJson>,
    all: KindJson,
    calm: CalmJson,
    reliability: ReliabilityJson,
    traces: Vec<TraceJson<'a>>,
    traces_without_labels: &'a [String],
}

#[derive(Debug, Serialize)]
struct KindJson {
    kind: &'static str,
    labels: u32,
    found: u32,
    missed: u32,
    #[serde(rename = "false")]
    false_alarms: u32,
    not_judged: u32,
    precision: ShareJson,
    recall: ShareJson,
    f1: Option<f64>,
    /// Size of the error of the start: median and 95 %; and the median with its sign.
    onset_error_s: [Option<f64>; 2],
    onset_bias_s: Option<f64>,
    direction_right: u32,
    direction_wrong: u32,
    false_per_hour: Option<f64>,
}

/// A proportion and its 95 % interval; null of nothing.
#[derive(Debug, Serialize)]
struct ShareJson {
    value: Option<f64>,
    interval: Option<(f64, f64)>,
}

#[derive(Debug, Serialize)]
struct CalmJson {
    stretches: u32,
    seconds: f64,
    events: u32,
}

#[derive(Debug, Serialize)]
struct ReliabilityJson {
    brier: Option<f64>,
    buckets: Vec<BucketJson>,
}

#[derive(Debug, Serialize)]
struct BucketJson {
    from: f64,
    to: f64,
    events: u32,
    said: Option<f64>,
    was: ShareJson,
}

#[derive(Debug, Serialize)]
struct TraceJson<'a> {
    trace: &'a str,
    /// From where its seconds count, on its own clock.
    zero_ns: i64,
    hours: f64,
    labels: usize,
    missed: Vec<MissedJson>,
    #[serde(rename = "false")]
    false_alarms: Vec<FalseJson>,
}

#[derive(Debug, Serialize)]
struct MissedJson {
    kind: &'static str,
    start_s: f64,
    end_s: f64,
    direction: Option<Side>,
}

#[derive(Debug, Serialize)]
struct FalseJson {
    id: EventId,
    kind: EventKind,
    start_s: f64,
    end_s: f64,
    confidence: f64,
    in_calm: bool,
}

pub(super) fn write(out: &mut impl Write, report: &Report) -> anyhow::Result<()> {
    let score = &report.score;
    let json = ReportJson {
        schema: SCHEMA,
        labels: report.labels.display().to_string(),
        sensitivity: report.sensitivity,
        tolerance_s: TOLERANCE_S,
        hours: score.hours,
        kinds: score.kinds.iter().map(|(kind, of_kind)| kind_json(kind.name(), of_kind, score.hours)).collect(),
        all: kind_json("all", &score.all(), score.hours),
        calm: CalmJson {
            stretches: score.calm.stretches,
            seconds: score.calm.hours * 3600.0,
            events: score.calm.fired,
        },
        reliability: ReliabilityJson {
            brier: score.reliability.brier(),
            buckets: score.reliability.buckets().map(bucket_json).collect(),
        },
        traces: report.traces.iter().map(trace_json).collect(),
        traces_without_labels: &report.left_out,
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)?;
    Ok(())
}

fn kind_json(kind: &'static str, score: &KindScore, hours: f64) -> KindJson {
    let errors = score.onset_errors_s();
    KindJson {
        kind,
        labels: score.recall().of,
        found: score.hits,
        missed: score.missed,
        false_alarms: score.false_alarms,
        not_judged: score.not_judged,
        precision: share_json(score.precision()),
        recall: share_json(score.recall()),
        f1: score.f1(),
        onset_error_s: [quantile(&errors, 0.5), quantile(&errors, 0.95)],
        onset_bias_s: quantile(&score.onsets_s, 0.5),
        direction_right: score.direction.right,
        direction_wrong: score.direction.of - score.direction.right,
        false_per_hour: (hours > 0.0).then(|| f64::from(score.false_alarms) / hours),
    }
}

fn share_json(share: Share) -> ShareJson {
    ShareJson { value: share.value(), interval: share.interval() }
}

fn bucket_json(bucket: Bucket) -> BucketJson {
    let Bucket { from, to, said, was } = bucket;
    BucketJson { from, to, events: was.of, said, was: share_json(was) }
}

fn trace_json(judged: &Judged) -> TraceJson<'_> {
    let missed = judged.verdicts.iter().filter_map(|verdict| match *verdict {
        Verdict::Missed { label } => judged.labels.get(label),
        _ => None,
    });
    let false_alarms = judged.verdicts.iter().filter_map(|verdict| match *verdict {
        Verdict::False { event, in_calm } => Some((judged.events.get(event)?, in_calm)),
        _ => None,
    });
    TraceJson {
        trace: &judged.replayed.name,
        zero_ns: judged.zero.ns(),
        hours: judged.hours,
        labels: judged.labels.len(),
        missed: missed
            .map(|label| MissedJson {
                kind: label.name(),
                start_s: label.start_s,
                end_s: label.end_s,
                direction: label.direction,
            })
            .collect(),
        false_alarms: false_alarms
            .map(|(event, in_calm)| FalseJson {
                id: event.id,
                kind: event.kind(),
                start_s: event.start.s_since(judged.zero),
                end_s: event.end.s_since(judged.zero),
                confidence: event.confidence,
                in_calm,
            })
            .collect(),
    }
}
