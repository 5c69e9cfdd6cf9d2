//! Labels and events of a trace, held against each other and counted.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jounce::event::EventKind;

use crate::{
    Found, Label,
    matching::{Span, pairs},
    reliability::Reliability,
    share::Share,
};

/// Whether a kind says that something happened, rather than where a drive is.
///
/// A calm stretch may hold the start of a trip or a place, unless these are judged.
pub const fn is_alarm(kind: EventKind) -> bool {
    use EventKind::{PlaceArrive, PlaceLeave, TripEnd, TripStart};
    !matches!(kind, TripStart | TripEnd | PlaceArrive | PlaceLeave)
}

/// Which kinds are judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    judged: BTreeSet<EventKind>,
    only: bool,
}

impl Scope {
    /// The kinds that the labels name, wherever they name them; in calm stretches, any alarm.
    pub fn of_labels<'a>(labels: impl IntoIterator<Item = &'a Label>) -> Self {
        Self { judged: labels.into_iter().filter_map(|label| label.kind).collect(), only: false }
    }

    /// These kinds, named by a label or not, and no others.
    pub fn only(kinds: impl IntoIterator<Item = EventKind>) -> Self {
        Self { judged: kinds.into_iter().collect(), only: true }
    }

    /// Whether an event of this kind must have a label.
    pub fn judges(&self, kind: EventKind) -> bool {
        self.judged.contains(&kind)
    }

    /// The kinds that are judged everywhere.
    pub fn kinds(&self) -> impl Iterator<Item = EventKind> {
        self.judged.iter().copied()
    }

    fn judges_in_calm(&self, kind: EventKind) -> bool {
        self.judges(kind) || (!self.only && is_alarm(kind))
    }
}

/// What was to be found in a trace, and what was found.
#[derive(Clone, Copy, Debug)]
pub struct Trace<'a> {
    labels: &'a [Label],
    optional: &'a [Label],
    found: &'a [Found],
    hours: f64,
}

impl<'a> Trace<'a> {
    /// A trace over so many hours of driving.
    pub const fn new(labels: &'a [Label], found: &'a [Found], hours: f64) -> Self {
        Self { labels, optional: &[], found, hours }
    }

    /// … with what may be found or not: too near to the threshold to say.
    #[must_use]
    pub const fn with_optional(self, optional: &'a [Label]) -> Self {
        Self { optional, ..self }
    }
}

/// What became of one label or event; positions in those given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The event is what the label says.
    Hit {
        /// Which label.
        label: usize,
        /// Which event.
        event: usize,
    },
    /// No event belongs to the label.
    Missed {
        /// Which label.
        label: usize,
    },
    /// No label explains the event.
    False {
        /// Which event.
        event: usize,
        /// It fired in a calm stretch.
        in_calm: bool,
    },
    /// The event may be there or not.
    Optional {
        /// Which event.
        event: usize,
    },
    /// The event is of a kind that nobody labelled.
    NotJudged {
        /// Which event.
        event: usize,
    },
}

/// How one kind did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KindScore {
    /// Labels whose event was found.
    pub hits: u32,
    /// Labels without an event.
    pub missed: u32,
    /// Events without a label.
    pub false_alarms: u32,
    /// Events that may be there or not.
    pub optional: u32,
    /// Events of a kind that nobody labelled.
    pub not_judged: u32,
    /// Start of the event minus start of its label, each, s.
    pub onsets_s: Vec<f64>,
    /// To the side the label says; of how many labels say one.
    pub direction: Share,
}

impl KindScore {
    /// Events that were right, of those judged.
    pub const fn precision(&self) -> Share {
        Share::new(self.hits, self.hits + self.false_alarms)
    }

    /// Labels found.
    pub const fn recall(&self) -> Share {
        Share::new(self.hits, self.hits + self.missed)
    }

    /// Harmonic mean of precision and recall; none without labels and events.
    pub fn f1(&self) -> Option<f64> {
        Share::new(2 * self.hits, 2 * self.hits + self.missed + self.false_alarms).value()
    }

    /// Sizes of the onset errors, s.
    pub fn onset_errors_s(&self) -> Vec<f64> {
        self.onsets_s.iter().map(|onset| onset.abs()).collect()
    }

    fn merge(&mut self, other: &Self) {
        self.hits += other.hits;
        self.missed += other.missed;
        self.false_alarms += other.false_alarms;
        self.optional += other.optional;
        self.not_judged += other.not_judged;
        self.onsets_s.extend_from_slice(&other.onsets_s);
        self.direction.right += other.direction.right;
        self.direction.of += other.direction.of;
    }
}

/// How the calm stretches went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calm {
    /// How many there are.
    pub stretches: u32,
    /// How long they are in all.
    pub hours: f64,
    /// Events in them.
    pub fired: u32,
}

/// How all kinds did, over any number of traces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Hours of driving.
    pub hours: f64,
    /// Kinds that are judged or were reported.
    pub kinds: BTreeMap<EventKind, KindScore>,
    /// Stretches in which nothing may fire.
    pub calm: Calm,
    /// What the confidence of the judged events is worth.
    pub reliability: Reliability,
}

impl Score {
    /// Adds a trace; says what became of each of its labels and events, labels first.
    pub fn add(&mut self, trace: &Trace<'_>, scope: &Scope) -> Vec<Verdict> {
        self.hours += trace.hours;
        for kind in scope.kinds() {
            self.kinds.entry(kind).or_default();
        }
        let calm: Vec<Span> = trace.labels.iter().filter(|label| label.kind.is_none()).map(span).collect();
        self.calm.stretches += u32::try_from(calm.len()).unwrap_or(u32::MAX);
        self.calm.hours += calm.iter().map(|stretch| stretch.end_s - stretch.start_s).sum::<f64>() / 3600.0;

        let mut verdicts = Vec::new();
        let mut explained = vec![false; trace.found.len()];
        let labelled: BTreeSet<EventKind> =
            trace.labels.iter().chain(trace.optional).filter_map(|label| label.kind).collect();
        for kind in labelled.into_iter().filter(|kind| scope.judges(*kind)) {
            Self::pair(trace, kind, &mut explained, &mut verdicts);
        }
        for (event, found) in trace.found.iter().enumerate() {
            if explained.get(event).is_some_and(|is| *is) {
                continue;
            }
            let time = Span::new(found.start_s, found.end_s);
            let in_calm = scope.judges_in_calm(found.kind) && calm.iter().any(|stretch| stretch.overlaps(&time));
            let is_false = in_calm || scope.judges(found.kind);
            verdicts.push(if is_false { Verdict::False { event, in_calm } } else { Verdict::NotJudged { event } });
        }
        for verdict in &verdicts {
            self.count(trace, *verdict);
        }
        verdicts
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.hours += other.hours;
        for (kind, score) in &other.kinds {
            self.kinds.entry(*kind).or_default().merge(score);
        }
        self.calm.stretches += other.calm.stretches;
        self.calm.hours += other.calm.hours;
        self.calm.fired += other.calm.fired;
        self.reliability.merge(&other.reliability);
    }

    /// All kinds together.
    pub fn all(&self) -> KindScore {
        let mut all = KindScore::default();
        for score in self.kinds.values() {
            all.merge(score);
        }
        all
    }

    /// Labels and events of one kind.
    fn pair(trace: &Trace<'_>, kind: EventKind, explained: &mut [bool], verdicts: &mut Vec<Verdict>) {
        let of = |labels: &[Label]| -> (Vec<usize>, Vec<Span>) {
            let of_kind = labels.iter().enumerate().filter(|(_, label)| label.kind == Some(kind));
            of_kind.map(|(at, label)| (at, span(label))).unzip()
        };
        let ((labels, required), (_, optional)) = (of(trace.labels), of(trace.optional));
        let of_kind = trace.found.iter().enumerate().filter(|(_, found)| found.kind == kind);
        let (events, times): (Vec<usize>, Vec<Span>) =
            of_kind.map(|(at, found)| (at, Span::new(found.start_s, found.end_s))).unzip();
        for (position, event) in pairs(&required, &optional, &times).into_iter().enumerate() {
            let event = event.and_then(|event| events.get(event).copied());
            if let Some(slot) = event.and_then(|event| explained.get_mut(event)) {
                *slot = true;
            }
            match (labels.get(position), event) {
                (Some(&label), Some(event)) => verdicts.push(Verdict::Hit { label, event }),
                (Some(&label), None) => verdicts.push(Verdict::Missed { label }),
                (None, Some(event)) => verdicts.push(Verdict::Optional { event }),
                (None, None) => {}
            }
        }
    }

    fn count(&mut self, trace: &Trace<'_>, verdict: Verdict) {
        match verdict {
            Verdict::Hit { label, event } => {
                let (Some(label), Some(found)) = (trace.labels.get(label), trace.found.get(event)) else { return };
                let score = self.kinds.entry(found.kind).or_default();
                score.hits += 1;
                score.onsets_s.push(found.start_s - label.start_s);
                if label.direction.is_some() {
                    score.direction.of += 1;
                    score.direction.right += u32::from(label.direction == found.direction);
                }
                self.trust(found, true);
            }
            Verdict::Missed { label } => {
                if let Some(kind) = trace.labels.get(label).and_then(|label| label.kind) {
                    self.kinds.entry(kind).or_default().missed += 1;
                }
            }
            Verdict::False { event, in_calm } => {
                let Some(found) = trace.found.get(event) else { return };
                self.kinds.entry(found.kind).or_default().false_alarms += 1;
                self.calm.fired += u32::from(in_calm);
                self.trust(found, false);
            }
            Verdict::Optional { event } => {
                let Some(found) = trace.found.get(event) else { return };
                self.kinds.entry(found.kind).or_default().optional += 1;
            }
            Verdict::NotJudged { event } => {
                let Some(found) = trace.found.get(event) else { return };
                self.kinds.entry(found.kind).or_default().not_judged += 1;
            }
        }
    }

    fn trust(&mut self, found: &Found, is_right: bool) {
        if let Some(confidence) = found.confidence {
            self.reliability.add(confidence, is_right);
        }
    }
}

fn span(label: &Label) -> Span {
    Span::new(label.start_s, label.end_s)
}
