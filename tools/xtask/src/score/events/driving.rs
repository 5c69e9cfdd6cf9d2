//! Hours of mixed driving in any mount: the engine with all it may have, with less, and the rules of others.

use std::path::Path;

use jounce::{
    config::Sensitivity,
    event::EventKind::{self, HardBraking, HarshAcceleration, HarshCornering, PhoneHandling, Swerve},
};
use jounce_score::{KindScore, Share, quantile};
use rayon::prelude::*;

use super::{
    bars::FIXES_MULTIPLE,
    drive::{Drive, HOURS, Kept, MUST, MUST_NOT, SLOW_S},
    engine,
    markdown::{Page, figure, share, sure},
    rivals::Rival,
    tally::{SIZED, SIZES, Tally},
};

/// Of the drives of which everything is measured, Hz.
const RATE_HZ: f64 = 50.0;
/// What is recorded at that rate.
const WITH_ALL: &str = "50 Hz and fixes";
const FIXES: &str = "fixes only";
const NO_FIXES: &str = "50 Hz, no fixes";
const OTHER_RATES_HZ: [f64; 3] = [100.0, 25.0, 10.0];
/// What a rule without swerves knows.
const PLAIN: [EventKind; 3] = [HardBraking, HarshAcceleration, HarshCornering];
pub(super) const HARSH: [EventKind; 4] = [HardBraking, HarshAcceleration, HarshCornering, Swerve];

/// What drives gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    pub(super) all: Tally,
    pub(super) fixes: Tally,
    inertial: Tally,
    /// Ours, ours with fixes only, and the rules of others: under an open sky, and elsewhere.
    rules: [[Tally; 2]; RULES],
}

/// Ours with all, ours with fixes, and those of others.
const RULES: usize = 2 + Rival::ALL.len();

impl Measured {
    fn new(seed: u64, keep: Option<&Path>) -> anyhow::Result<Self> {
        let drive = Drive::new(seed, RATE_HZ);
        keep.map_or(Ok(()), |folder| drive.write(folder))?;
        let (all, fixes) = (ours(&drive, Kept::All)?, ours(&drive, Kept::Fixes)?);
        let mut measured = Self { inertial: ours(&drive, Kept::Inertial)?, ..Self::default() };
        let rivals = Rival::ALL.iter().map(|rival| Tally::of(&drive, &rival.found(&drive.samples, drive.zero)));
        let tallies = [all.clone(), fixes.clone()].into_iter().chain(rivals);
        for (skies, tally) in measured.rules.iter_mut().zip(tallies) {
            skies[usize::from(!drive.open_sky)] = tally;
        }
        (measured.all, measured.fixes) = (all, fixes);
        Ok(measured)
    }

    fn add(mut self, other: &Self) -> Self {
        self.all = self.all.add(&other.all);
        self.fixes = self.fixes.add(&other.fixes);
        self.inertial = self.inertial.add(&other.inertial);
        for (sum, more) in self.rules.iter_mut().flatten().zip(other.rules.iter().flatten()) {
            *sum = std::mem::take(sum).add(more);
        }
        self
    }

    /// Prints every event missed and every false one, as long as anything inertial is recorded.
    pub(super) fn list(&self) {
        list(WITH_ALL, &self.all);
        list(NO_FIXES, &self.inertial);
    }
}

fn list(recorded: &str, tally: &Tally) {
    for mistake in &tally.mistakes {
        println!("{recorded}: {mistake}");
    }
}

fn ours(drive: &Drive, kept: Kept) -> anyhow::Result<Tally> {
    let events = engine::events(&drive.kept(kept), Sensitivity::Normal)?;
    let buses = Share::new(u32::from(engine::has_bus(&events)), 1);
    Ok(Tally { buses, ..Tally::of(drive, &engine::found(&events, drive.zero)) })
}

pub(super) fn measure(from: u64, hours: f64, keep: Option<&Path>) -> anyhow::Result<Measured> {
    let drives = seeds(from, hours).into_par_iter().map(|seed| Measured::new(seed, keep));
    let measured: Vec<Measured> = drives.collect::<anyhow::Result<_>>()?;
    Ok(measured.iter().fold(Measured::default(), Measured::add))
}

pub(super) fn tell(
    page: &mut Page,
    measured: &Measured,
    from: u64,
    rate_hours: f64,
    listed: bool,
) -> anyhow::Result<()> {
    let all = &measured.all;
    page.heading(&format!("{:.1} simulated hours of mixed driving, any mount, {RATE_HZ:.0} Hz", all.score.hours));
    page.paragraph(&format!(
        "An event must fire from {MUST} times its threshold on and may not below {MUST_NOT} times; between the two \
         nothing is counted. In brackets: 95 % intervals. Onset: size of the error of the start."
    ));
    kinds(page, all);
    page.paragraph(&format!(
        "False harsh events an hour (braking, acceleration, cornering, swerve): {}. False handling an hour: {}.",
        figure(all.false_per_hour(&HARSH), 2),
        figure(all.false_per_hour(&[PhoneHandling]), 2)
    ));
    page.heading("Share of manoeuvres found, by size");
    sizes(page, all);
    page.heading("Confidence");
    page.paragraph(
        "An event is true where the manoeuvre truly reached its threshold, and does not count within 2 % of it.",
    );
    confidence(page, &[(WITH_ALL, all), (FIXES, &measured.fixes), (NO_FIXES, &measured.inertial)]);
    page.heading("The rules of others on the same drives");
    rivals(page, measured);
    page.heading("With less");
    with_less(page, measured, from, rate_hours, listed)
}

/// About so many hours.
fn seeds(from: u64, hours: f64) -> Vec<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of drives")]
    let drives = (hours / HOURS).ceil().max(1.0) as u64;
    (from..from + drives).collect()
}

fn kinds(page: &mut Page, tally: &Tally) {
    let judged = tally.score.kinds.iter().filter(|(_, kind)| kind.not_judged == 0);
    let rows: Vec<Vec<String>> = judged.map(|(kind, score)| row(kind.name(), score, tally.score.hours)).collect();
    page.table(
        &["kind", "must", "found", "false", "precision", "recall", "F1", "onset s, median", "95 %", "side", "false/h"],
        &rows,
    );
}

pub(super) fn row(name: &str, score: &KindScore, hours: f64) -> Vec<String> {
    let onsets = score.onset_errors_s();
    vec![
        name.to_owned(),
        score.recall().of.to_string(),
        score.hits.to_string(),
        score.false_alarms.to_string(),
        sure(score.precision()),
        sure(score.recall()),
        figure(score.f1(), 3),
        figure(quantile(&onsets, 0.5), 2),
        figure(quantile(&onsets, 0.95), 2),
        share(score.direction),
        figure((hours > 0.0).then(|| f64::from(score.false_alarms) / hours), 2),
    ]
}

fn sizes(page: &mut Page, tally: &Tally) {
    let heads: Vec<String> = SIZES
        .iter()
        .zip(SIZES.iter().skip(1).map(Some).chain([None]))
        .map(|(from, to)| to.map_or_else(|| format!("≥ {from}"), |to| format!("{from}–{to}")))
        .collect();
    let mut columns = vec!["multiple of the threshold"];
    columns.extend(heads.iter().map(String::as_str));
    let rows: Vec<Vec<String>> = SIZED
        .iter()
        .filter_map(|kind| {
            let shares = tally.sizes.get(kind)?.iter().map(|size| format!("{} of {}", size.right, size.of));
            Some([kind.name().to_owned()].into_iter().chain(shares).collect())
        })
        .collect();
    page.table(&columns, &rows);
}

fn confidence(page: &mut Page, tallies: &[(&str, &Tally)]) {
    let mut rows = Vec::new();
    for (recorded, tally) in tallies {
        let reliability = &tally.truth.reliability;
        let buckets = reliability.buckets().filter(|bucket| bucket.was.of > 0);
        rows.extend(buckets.map(|bucket| {
            let range = format!("{:.2}–{:.2}", bucket.from, bucket.to);
            vec![(*recorded).to_owned(), range, bucket.was.of.to_string(), figure(bucket.said, 3), sure(bucket.was)]
        }));
    }
    page.table(&["recorded", "said", "events", "mean", "true"], &rows);
    let brier =
        |(recorded, tally): &(&str, &Tally)| format!("{recorded} {}", figure(tally.truth.reliability.brier(), 4));
    let brier: Vec<String> = tallies.iter().map(brier).collect();
    page.paragraph(&format!("Brier score (0 is perfect): {}.", brier.join(", ")));
}

fn rivals(page: &mut Page, measured: &Measured) {
    let names = ["Jounce", "Jounce, fixes only"].into_iter().chain(Rival::ALL.map(Rival::name));
    page.paragraph(
        "Braking, acceleration and cornering alike, since an accelerometer alone cannot tell them apart. On all drives, on \
         those under an open sky, and on those between houses:",
    );
    let any = |tally: &Tally| -> Vec<String> {
        let kind = tally.any.kinds.get(&HardBraking).cloned().unwrap_or_default();
        let per_hour = (tally.any.hours > 0.0).then(|| f64::from(kind.false_alarms) / tally.any.hours);
        vec![share(kind.recall()), share(kind.precision()), figure(kind.f1(), 3), figure(per_hour, 2)]
    };
    let all = |[open, houses]: &[Tally; 2]| open.clone().add(houses);
    let rows: Vec<Vec<String>> = names
        .clone()
        .zip(&measured.rules)
        .map(|(name, skies)| {
            let figures = [all(skies)].iter().chain(skies).flat_map(any).collect::<Vec<_>>();
            [name.to_owned()].into_iter().chain(figures).collect()
        })
        .collect();
    let figures = ["recall", "precision", "F1", "false/h"];
    let columns: Vec<String> =
        ["all", "open sky", "houses"].iter().flat_map(|sky| figures.map(|f| format!("{sky}: {f}"))).collect();
    let columns: Vec<&str> = ["rule"].into_iter().chain(columns.iter().map(String::as_str)).collect();
    page.table(&columns, &rows);

    page.paragraph("F1 of each kind, all drives:");
    let by_kind = |(name, skies): (&str, &[Tally; 2])| -> Vec<String> {
        let tally = all(skies);
        let f1 = |kind: &EventKind| figure(tally.score.kinds.get(kind).and_then(KindScore::f1), 3);
        [name.to_owned()].into_iter().chain(PLAIN.iter().map(f1)).collect()
    };
    // The accelerometer's rules know no kinds.
    let rows: Vec<Vec<String>> = names.zip(&measured.rules).take(3).map(by_kind).collect();
    let columns: Vec<&str> = ["rule"].into_iter().chain(PLAIN.map(EventKind::name)).collect();
    page.table(&columns, &rows);
}

fn with_less(page: &mut Page, measured: &Measured, from: u64, rate_hours: f64, listed: bool) -> anyhow::Result<()> {
    let mut rows = vec![less(WITH_ALL, &measured.all)];
    let mut add = |recorded: &str, drive: &(dyn Fn(u64) -> Drive + Sync), kept: Kept| -> anyhow::Result<()> {
        let seeds = seeds(from, rate_hours).into_par_iter();
        let tallies: Vec<Tally> = seeds.map(|seed| ours(&drive(seed), kept)).collect::<anyhow::Result<_>>()?;
        let tally = tallies.iter().fold(Tally::default(), Tally::add);
        rows.push(less(recorded, &tally));
        if listed {
            list(recorded, &tally);
        }
        Ok(())
    };
    if rate_hours > 0.0 {
        for rate_hz in OTHER_RATES_HZ {
            add(&format!("{rate_hz:.0} Hz and fixes"), &|seed| Drive::new(seed, rate_hz), Kept::All)?;
        }
        let slow = |seed| Drive::with_slow_fixes(seed, RATE_HZ);
        add(&format!("{RATE_HZ:.0} Hz and slow fixes"), &slow, Kept::All)?;
        add("slow fixes only", &slow, Kept::Fixes)?;
    }
    rows.push(less(FIXES, &measured.fixes));
    rows.push(less(NO_FIXES, &measured.inertial));
    page.paragraph(&format!(
        "Recall from {MUST} times the threshold on; braking also from {FIXES_MULTIPLE} times. Receivers smooth their speeds with a \
         time constant of 0.3 s, slow ones of {SLOW_S} s."
    ));
    let mut columns = vec!["recorded", "hours"];
    columns.extend(SIZED.map(EventKind::name));
    let braking = format!("braking ≥ {FIXES_MULTIPLE}");
    columns.extend([braking.as_str(), "false harsh/h", "false handling/h"]);
    page.table(&columns, &rows);
    Ok(())
}

fn less(what: &str, tally: &Tally) -> Vec<String> {
    let mut row = vec![what.to_owned(), figure(Some(tally.score.hours), 1)];
    row.extend(SIZED.map(|kind| share(tally.found_from(kind, MUST))));
    row.push(share(tally.found_from(HardBraking, FIXES_MULTIPLE)));
    row.push(figure(tally.false_per_hour(&HARSH), 2));
    row.push(figure(tally.false_per_hour(&[PhoneHandling]), 2));
    row
}
