//! What was found on any number of drives.

use std::{collections::BTreeMap, ops::RangeInclusive};

use jounce::event::EventKind::{
    self, Crash, HardBraking, HarshAcceleration, HarshCornering, PhoneDrop, PhoneHandling, Rollover, Swerve, TripEnd,
    TripStart,
};
use jounce_score::{
    Found, Label, Scope, Score, Share, Trace, Verdict,
    matching::{Span, pairs},
};

use super::drive::{Drive, MUST};

/// Manoeuvres by size: from this multiple of the threshold.
pub(super) const SIZES: [f64; 7] = [0.5, 0.7, 0.85, 1.0, 1.15, 1.3, 1.6];
/// So near to a threshold nobody can say whether it was reached.
const CLOSE: RangeInclusive<f64> = 0.98..=1.02;
/// Kinds that have a size.
pub(super) const SIZED: [EventKind; 5] = [HardBraking, HarshAcceleration, HarshCornering, Swerve, PhoneHandling];
/// Every kind that is judged: of the last three none happens.
const JUDGED: [EventKind; 10] = [
    HardBraking,
    HarshAcceleration,
    HarshCornering,
    Swerve,
    PhoneHandling,
    TripStart,
    TripEnd,
    Crash,
    Rollover,
    PhoneDrop,
];

#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) score: Score,
    /// Braking, accelerating and cornering alike, as a rule has it that cannot tell them apart.
    pub(super) any: Score,
    /// What was said of all manoeuvres, those near a threshold as well: true where the definition was truly met.
    pub(super) truth: Score,
    /// How many were found, by size.
    pub(super) sizes: BTreeMap<EventKind, [Share; SIZES.len()]>,
    /// Drives that say of themselves that they were driven as a bus is.
    pub(super) buses: Share,
    /// What was missed and what was false, in words.
    pub(super) mistakes: Vec<String>,
}

impl Tally {
    pub(super) fn of(drive: &Drive, found: &[Found]) -> Self {
        let mut tally = Self::default();
        let (required, optional) = (drive.required(), drive.optional());
        let trace = Trace::new(&required, found, drive.hours).with_optional(&optional);
        let verdicts = tally.score.add(&trace, &Scope::only(JUDGED));
        tally.mistakes = verdicts.into_iter().filter_map(|verdict| mistake(drive, &required, found, verdict)).collect();

        let (truly, close) = (drive.labels(|multiple| multiple > *CLOSE.end()), drive.labels(|m| CLOSE.contains(&m)));
        let truly: Vec<Label> = truly.into_iter().chain(drive.trips()).collect();
        let trace = Trace::new(&truly, found, drive.hours).with_optional(&close);
        tally.truth.add(&trace, &Scope::only(JUDGED));

        // A swerve reaches the thresholds of the others at times: that is no mistake of a rule that knows no swerves.
        let either: Vec<Label> =
            optional.iter().chain(required.iter().filter(|l| l.kind == Some(Swerve))).copied().collect();
        let (required, optional) = (alike(&required), [alike(&either), swerves(&either)].concat());
        let found_alike: Vec<Found> =
            found.iter().filter(|f| is_plain(f.kind)).map(|f| Found { kind: HardBraking, ..*f }).collect();
        let trace = Trace::new(&required, &found_alike, drive.hours).with_optional(&optional);
        tally.any.add(&trace, &Scope::only([HardBraking]));

        for kind in SIZED {
            tally.sizes.insert(kind, by_size(drive, found, kind));
        }
        tally
    }

    pub(super) fn add(mut self, other: &Self) -> Self {
        self.score.merge(&other.score);
        self.any.merge(&other.any);
        self.truth.merge(&other.truth);
        for (kind, more) in &other.sizes {
            let sizes = self.sizes.entry(*kind).or_default();
            for (sum, more) in sizes.iter_mut().zip(more) {
                *sum = Share::new(sum.right + more.right, sum.of + more.of);
            }
        }
        self.buses = Share::new(self.buses.right + other.buses.right, self.buses.of + other.buses.of);
        self.mistakes.extend_from_slice(&other.mistakes);
        self
    }

    /// False events of some kinds an hour.
    pub(super) fn false_per_hour(&self, kinds: &[EventKind]) -> Option<f64> {
        let count: u32 = kinds.iter().filter_map(|kind| self.score.kinds.get(kind)).map(|kind| kind.false_alarms).sum();
        (self.score.hours > 0.0).then(|| f64::from(count) / self.score.hours)
    }

    /// How many of at least so many times the threshold were found.
    pub(super) fn found_from(&self, kind: EventKind, multiple: f64) -> Share {
        let sizes = self.sizes.get(&kind).into_iter().flat_map(|sizes| SIZES.iter().zip(sizes));
        sizes
            .filter(|(from, _)| **from >= multiple)
            .fold(Share::default(), |sum, (_, share)| Share::new(sum.right + share.right, sum.of + share.of))
    }
}

/// A mistake in words, for whoever looks into it.
fn mistake(drive: &Drive, required: &[Label], found: &[Found], verdict: Verdict) -> Option<String> {
    let size = |start_s: f64, kind: EventKind| {
        let of_kind = drive.manoeuvres.iter().filter(|m| m.label.kind == Some(kind));
        let mut near = of_kind.filter(|m| m.label.start_s - 2.0 <= start_s && start_s <= m.label.end_s + 2.0);
        near.next().map(|m| format!(", {:.2} × the threshold", m.multiple)).unwrap_or_default()
    };
    let (what, kind, start_s, end_s) = match verdict {
        Verdict::Missed { label } => {
            let label = required.get(label)?;
            ("missed", label.kind?, label.start_s, label.end_s)
        }
        Verdict::False { event, .. } => {
            let event = found.get(event)?;
            ("false", event.kind, event.start_s, event.end_s)
        }
        Verdict::Hit { .. } | Verdict::Optional { .. } | Verdict::NotJudged { .. } => return None,
    };
    Some(format!("{}: {what} {kind} from {start_s:.1} to {end_s:.1} s{}", drive.name, size(start_s, kind)))
}

fn is_plain(kind: EventKind) -> bool {
    matches!(kind, HardBraking | HarshAcceleration | HarshCornering)
}

/// Braking, accelerating and cornering as one kind.
fn alike(labels: &[Label]) -> Vec<Label> {
    let plain = labels.iter().filter(|label| label.kind.is_some_and(is_plain));
    plain.map(|label| Label::new(HardBraking, label.start_s, label.end_s)).collect()
}

fn swerves(labels: &[Label]) -> Vec<Label> {
    let swerves = labels.iter().filter(|label| label.kind == Some(Swerve));
    swerves.map(|label| Label::new(HardBraking, label.start_s, label.end_s)).collect()
}

/// Which manoeuvres have an event; those that must go first.
fn by_size(drive: &Drive, found: &[Found], kind: EventKind) -> [Share; SIZES.len()] {
    let of_kind = drive.manoeuvres.iter().filter(|m| m.label.kind == Some(kind));
    let (must, may): (Vec<_>, Vec<_>) = of_kind.partition(|m| m.multiple >= MUST);
    let spans = |of: &[&jounce_sim::Manoeuvre]| -> Vec<Span> {
        of.iter().map(|m| Span::new(m.label.start_s, m.label.end_s)).collect()
    };
    let events: Vec<Span> =
        found.iter().filter(|found| found.kind == kind).map(|found| Span::new(found.start_s, found.end_s)).collect();
    let mut sizes = [Share::default(); SIZES.len()];
    for (manoeuvre, event) in must.iter().chain(&may).zip(pairs(&spans(&must), &spans(&may), &events)) {
        let size = SIZES.iter().rposition(|from| manoeuvre.multiple >= *from).unwrap_or(0);
        sizes[size] = Share::new(sizes[size].right + u32::from(event.is_some()), sizes[size].of + 1);
    }
    sizes
}

#[cfg(test)]
mod tests {
    use jounce::time::Timestamp;
    use jounce_sim::Manoeuvre;

    use super::*;

    fn drive(manoeuvres: &[(EventKind, f64, f64)]) -> Drive {
        let of = |(kind, at_s, multiple): &(EventKind, f64, f64)| Manoeuvre {
            label: Label::new(*kind, *at_s, at_s + 2.0),
            multiple: *multiple,
        };
        Drive::for_test(Timestamp::default(), manoeuvres.iter().map(of).collect())
    }

    #[test]
    fn what_is_large_must_be_found_what_is_small_may_not_and_the_rest_does_not_count() {
        let drive =
            drive(&[(HardBraking, 10.0, 1.2), (HardBraking, 30.0, 0.8), (HardBraking, 50.0, 1.0), (Swerve, 70.0, 2.0)]);
        let all: Vec<Found> = [10.0, 30.0, 50.0].map(|at_s| Found::new(HardBraking, at_s, at_s + 2.0)).to_vec();
        let tally = Tally::of(&drive, &all);
        let braking = &tally.score.kinds[&HardBraking];
        assert_eq!((braking.hits, braking.false_alarms, braking.optional), (1, 1, 1));
        assert_eq!(tally.score.kinds[&Swerve].missed, 1);
        assert_eq!(tally.sizes[&HardBraking].map(|size| size.of), [0, 1, 0, 1, 1, 0, 0]);
        assert_eq!(tally.found_from(HardBraking, 1.0), Share::new(2, 2));
        assert_eq!(
            tally.mistakes,
            [
                "test: missed swerve from 70.0 to 72.0 s, 2.00 × the threshold",
                "test: false hard_braking from 30.0 to 32.0 s, 0.80 × the threshold"
            ]
        );
        let twice = tally.clone().add(&tally);
        assert_eq!((twice.score.kinds[&HardBraking].hits, twice.sizes[&HardBraking][4].of), (2, 2));
    }

    #[test]
    fn a_rule_without_kinds_may_call_a_corner_a_brake_and_a_swerve_anything() {
        let drive = drive(&[(HarshCornering, 10.0, 1.3), (Swerve, 40.0, 1.9)]);
        let tally = Tally::of(&drive, &[Found::new(HardBraking, 10.0, 12.0), Found::new(HardBraking, 40.0, 41.0)]);
        let any = &tally.any.kinds[&HardBraking];
        assert_eq!((any.hits, any.missed, any.false_alarms, any.optional), (1, 0, 0, 1));
        assert_eq!(tally.score.kinds[&HardBraking].false_alarms, 2);
    }
}
