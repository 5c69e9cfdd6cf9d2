//! Real recordings, where they are kept beside the project: those that people labelled, and those that a car or fixes
//! have a word on.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;
use jiff::civil::DateTime;
use jounce::{
    config::Sensitivity,
    event::{
        Event,
        EventKind::{self, HardBraking, HarshAcceleration, HarshCornering, Swerve},
        Side,
    },
    sample::Sample,
};
use jounce_score::{Label, Scope, Score, Trace, driving_hours, matching::Span};
use jounce_trace::Recording;

use super::{
    driving::row,
    engine,
    markdown::{Page, figure},
    shaken,
};
use crate::score::{replay::seconds, shared, stats::Series};

/// Trips of the driver behaviour data set that are kept.
const LABELLED: [&str; 2] = ["17", "20"];
/// Speeds further apart than this are not connected, s.
const SPEED_GAP_S: f64 = 3.0;
const MPS_PER_MPH: f64 = 0.447_04;
/// The car's clock is local, five hours behind UTC.
const CAN_BEHIND_UTC_NS: i64 = 5 * 3_600_000_000_000;

pub(super) fn score(page: &mut Page) -> anyhow::Result<()> {
    let mut cars = Vec::new();
    if let Some(folder) = shared("data/driver-behaviour")? {
        cars = labelled(page, &folder)?;
    }
    let mut told = Vec::new();
    for (name, trace, truth) in [
        ("phyphox-drive", "", Truth::Fixes),
        ("phone-and-can", "phone.csv", Truth::CarCsv),
        ("dashcam-and-can", "trace.csv", Truth::CanCsv),
        ("sensor-logger-merged", "2025-06-11_20-34-24.csv", Truth::Fixes),
    ] {
        if let Some(folder) = shared(&format!("data/{name}"))? {
            let path = if trace.is_empty() { folder.clone() } else { folder.join(trace) };
            let recording = jounce_trace::open(&path)?;
            cars.push(shaken::row(name, &recording.samples)?);
            told.push(Told::new(name, &folder, &recording, truth)?);
        }
    }
    if !told.is_empty() {
        unlabelled(page, &told);
    }
    if !cars.is_empty() {
        shaken::tell(page, &cars);
    }
    Ok(())
}

/// Returns how the car shakes, a row a trip.
fn labelled(page: &mut Page, folder: &Path) -> anyhow::Result<Vec<Vec<String>>> {
    page.heading("Driver behaviour data set, sensitivity high, no fixes");
    let mut rows = Vec::new();
    let (mut notes, mut shakes) = (Vec::new(), Vec::new());
    for trip in LABELLED {
        let path = folder.join(trip);
        let recording = jounce_trace::open(&path)?;
        shakes.push(shaken::row(&format!("driver-behaviour {trip}"), &recording.samples)?);
        let labels = ground_truth(&path.join("groundTruth.csv"))?;
        let events = engine::events(&recording.samples, Sensitivity::High)?;
        let found = engine::found(&events, recording.zero());
        let mut score = Score::default();
        let hours = driving_hours(&recording.samples);
        score.add(&Trace::new(&labels, &found, hours), &Scope::of_labels(&labels));
        let judged = score.kinds.iter().filter(|(_, kind)| kind.recall().of + kind.precision().of > 0);
        rows.extend(judged.map(|(kind, of_kind)| row(&format!("{trip}: {kind}"), of_kind, hours)));

        let is_turn_in_a_lane_change = |event: &&jounce_score::Found| {
            let time = Span::new(event.start_s, event.end_s);
            let changes = labels.iter().filter(|label| label.kind == Some(Swerve));
            event.kind == HarshCornering && changes.into_iter().any(|l| Span::new(l.start_s, l.end_s).touches(&time))
        };
        let unjudged = score.kinds.iter().filter(|(_, kind)| kind.not_judged > 0);
        let unjudged: Vec<String> = unjudged.map(|(kind, of_kind)| format!("{} {kind}", of_kind.not_judged)).collect();
        notes.push(format!(
            "Trip {trip}: {} events in {} calm stretches; {} lane changes called a turn; not labelled and so not judged: {}.",
            score.calm.fired,
            score.calm.stretches,
            found.iter().filter(is_turn_in_a_lane_change).count(),
            if unjudged.is_empty() { "nothing".to_owned() } else { unjudged.join(", ") }
        ));
    }
    page.table(
        &[
            "trip: kind",
            "labels",
            "found",
            "false",
            "precision",
            "recall",
            "F1",
            "onset s, median",
            "95 %",
            "side",
            "false/h",
        ],
        &rows,
    );
    page.paragraph(&notes.join("\n"));
    Ok(shakes)
}

/// The data set's own labels; aggressive lane changes are swerves.
fn ground_truth(path: &Path) -> anyhow::Result<Vec<Label>> {
    let mut labels = Vec::new();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path)?;
    for record in reader.deserialize() {
        let (name, start_s, end_s): (String, f64, f64) = record.with_context(|| path.display().to_string())?;
        let of = |kind| Label::new(kind, start_s, end_s);
        labels.push(match name.as_str() {
            "freada_agressiva" => of(HardBraking),
            "aceleracao_agressiva" => of(HarshAcceleration),
            "curva_esquerda_agressiva" => of(HarshCornering).toward(Side::Left),
            "curva_direita_agressiva" => of(HarshCornering).toward(Side::Right),
            "troca_faixa_esquerda_agressiva" => of(Swerve).toward(Side::Left),
            "troca_faixa_direita_agressiva" => of(Swerve).toward(Side::Right),
            "evento_nao_agressivo" => Label::calm(start_s, end_s),
            other => anyhow::bail!("{}: {other:?} is not known", path.display()),
        });
    }
    Ok(labels)
}

/// Where a second opinion of the speed comes from.
#[derive(Clone, Copy, Debug)]
enum Truth {
    Fixes,
    CarCsv,
    CanCsv,
}

/// A recording without labels, what was found in it, and what its speed shows.
struct Told {
    name: &'static str,
    hours: f64,
    events: Vec<Event>,
    speed: Series,
    times_s: Vec<f64>,
    truth: Truth,
    zero_s: f64,
}

impl Told {
    fn new(name: &'static str, folder: &Path, recording: &Recording, truth: Truth) -> anyhow::Result<Self> {
        let points = match truth {
            Truth::Fixes => fixes(recording),
            Truth::CarCsv => car(&folder.join("car.csv"), recording)?,
            Truth::CanCsv => can(&folder.join("can_speed.csv"))?,
        };
        Ok(Self {
            name,
            hours: driving_hours(&recording.samples),
            events: engine::events(&recording.samples, Sensitivity::Normal)?,
            times_s: points.iter().map(|point| point.0).collect(),
            speed: Series::new(points),
            truth,
            zero_s: seconds(recording.zero()),
        })
    }

    /// Change of speed over the second around `t_s`, m/s².
    fn accel(&self, t_s: f64) -> Option<f64> {
        Some(self.speed.at(t_s + 0.5, SPEED_GAP_S)? - self.speed.at(t_s - 0.5, SPEED_GAP_S)?)
    }

    /// Smallest and largest acceleration that the speed shows between two moments, m/s².
    fn extremes(&self, from_s: f64, to_s: f64) -> Option<(f64, f64)> {
        let within = self.times_s.iter().filter(|t_s| (from_s..=to_s).contains(*t_s));
        within.filter_map(|t_s| self.accel(*t_s)).fold(None, |extremes, accel| {
            let (low, high) = extremes.unwrap_or((accel, accel));
            Some((accel.min(low), accel.max(high)))
        })
    }
}

fn fixes(recording: &Recording) -> Vec<(f64, f64)> {
    let fix = |sample: &Sample| match sample {
        Sample::Gnss(fix) => Some((seconds(fix.t), fix.speed_mps.filter(|speed| *speed >= 0.0)?)),
        _ => None,
    };
    recording.samples.iter().filter_map(fix).collect()
}

fn car(path: &Path, recording: &Recording) -> anyhow::Result<Vec<(f64, f64)>> {
    let offset_ns = recording.utc_offset_ns.context("phone-and-can: UTC is not known")?;
    let mut points = Vec::new();
    for record in csv::Reader::from_path(path)?.records() {
        let record = record?;
        let (Some(time), Some(Ok(mph))) = (record.get(0), record.get(5).map(str::parse::<f64>)) else { continue };
        let local = time.parse::<DateTime>()?.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp().as_nanosecond();
        let ns = i64::try_from(local)? + CAN_BEHIND_UTC_NS - offset_ns;
        #[expect(clippy::cast_precision_loss, reason = "a tenth of a second is enough")]
        points.push((ns as f64 / 1e9, mph * MPS_PER_MPH));
    }
    Ok(points)
}

fn can(path: &Path) -> anyhow::Result<Vec<(f64, f64)>> {
    let text = fs::read_to_string(path)?;
    let mut points = Vec::new();
    for record in csv::Reader::from_reader(text.as_bytes()).deserialize() {
        let (t_ns, speed_mps, _): (f64, f64, f64) = record?;
        points.push((t_ns / 1e9, speed_mps));
    }
    Ok(points)
}

fn unlabelled(page: &mut Page, told: &[Told]) {
    page.heading("Real drives without labels");
    page.paragraph(
        "Beside what was found: the hardest change of speed within a second that the car or the fixes show.",
    );
    let rows: Vec<Vec<String>> = told.iter().map(summary).collect();
    page.table(&["recording", "hours", "speed of", "hardest braking, m/s²", "acceleration, m/s²", "events"], &rows);
    let rows: Vec<Vec<String>> = told.iter().flat_map(harsh).collect();
    if !rows.is_empty() {
        page.table(&["recording", "at s", "event", "peak, m/s²", "confidence", "speed shows, m/s²"], &rows);
    }
}

fn summary(told: &Told) -> Vec<String> {
    let mut counts: BTreeMap<EventKind, u32> = BTreeMap::new();
    for event in &told.events {
        *counts.entry(event.kind()).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let extremes = told.extremes(f64::NEG_INFINITY, f64::INFINITY);
    vec![
        told.name.to_owned(),
        figure(Some(told.hours), 2),
        match told.truth {
            Truth::Fixes => "fixes",
            Truth::CarCsv | Truth::CanCsv => "car",
        }
        .to_owned(),
        figure(extremes.map(|pair| pair.0), 1),
        figure(extremes.map(|pair| pair.1), 1),
        counts.join(", "),
    ]
}

/// Each harsh event and what the speed shows about its time; fixes come late by up to two seconds.
fn harsh(told: &Told) -> Vec<Vec<String>> {
    let is_harsh = |event: &&Event| matches!(event.kind(), HardBraking | HarshAcceleration | HarshCornering | Swerve);
    let row = |event: &Event| {
        let (from_s, to_s) = (seconds(event.start), seconds(event.end));
        let shows = told.extremes(from_s - 1.0, to_s + 2.0);
        vec![
            told.name.to_owned(),
            figure(Some(from_s - told.zero_s), 1),
            event.kind().name().to_owned(),
            figure(event.peak_mps2, 1),
            figure(Some(event.confidence), 2),
            shows.map_or_else(|| "–".to_owned(), |(low, high)| format!("{low:.1} to {high:.1}")),
        ]
    };
    told.events.iter().filter(is_harsh).map(row).collect()
}
