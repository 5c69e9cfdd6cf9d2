//! Which event belongs to which label: one to one, and as many as can be.

use std::ops::Range;

/// An event and its label may miss each other by this much, s.
pub const TOLERANCE_S: f64 = 2.0;

/// A stretch of time, s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Its begin.
    pub start_s: f64,
    /// Its end.
    pub end_s: f64,
}

impl Span {
    /// From `start_s` to `end_s`.
    pub const fn new(start_s: f64, end_s: f64) -> Self {
        Self { start_s, end_s }
    }

    /// By how much they miss each other, s; negative: they overlap.
    fn gap_s(&self, other: &Self) -> f64 {
        self.start_s.max(other.start_s) - self.end_s.min(other.end_s)
    }

    /// Whether an event and a label may belong together.
    pub fn touches(&self, other: &Self) -> bool {
        self.gap_s(other) <= TOLERANCE_S
    }

    /// Whether they have time in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.gap_s(other) <= 0.0
    }
}

/// What pairing a label is worth, less what the onsets are apart by, µs. No sum of onsets reaches an optional label,
/// and no number of optional labels a required one.
const REQUIRED: i128 = 1 << 100;
const OPTIONAL: i128 = 1 << 70;

/// For each label the position of its event.
///
/// As many required labels as can be are given an event, then as many optional ones, and among all ways to do so the one
/// whose onsets are nearest.
pub fn pairs(required: &[Span], optional: &[Span], events: &[Span]) -> Vec<Option<usize>> {
    let labels: Vec<Span> = required.iter().chain(optional).copied().collect();
    let mut matched = vec![None; labels.len()];
    for (group, candidates) in groups(&labels, events) {
        let mut task = Task::new(&group, &candidates, |label, event| {
            let (span, event) = (labels.get(label)?, events.get(event)?);
            let worth = if label < required.len() { REQUIRED } else { OPTIONAL };
            span.touches(event).then(|| onset_us(span, event) - worth)
        });
        while task.improve() {}
        for (label, event) in group.iter().zip(task.event_of) {
            if let Some(slot) = matched.get_mut(*label) {
                *slot = event.and_then(|event| candidates.get(event).copied());
            }
        }
    }
    matched
}

#[expect(clippy::cast_possible_truncation, reason = "times of recordings are far within, and saturate elsewhere")]
fn onset_us(label: &Span, event: &Span) -> i128 {
    i128::from(((event.start_s - label.start_s).abs() * 1e6).min(1e15) as i64)
}

/// Labels and events that can have nothing to do with those of another group; positions of both.
fn groups(labels: &[Span], events: &[Span]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut all: Vec<(Span, bool, usize)> = labels.iter().enumerate().map(|(at, span)| (*span, true, at)).collect();
    all.extend(events.iter().enumerate().map(|(at, span)| (*span, false, at)));
    all.sort_by(|a, b| a.0.start_s.total_cmp(&b.0.start_s).then(a.2.cmp(&b.2)));
    let mut groups: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    let mut reaches_s = f64::NEG_INFINITY;
    for (span, is_label, at) in all {
        if groups.is_empty() || span.start_s - reaches_s > TOLERANCE_S {
            groups.push((Vec::new(), Vec::new()));
        }
        reaches_s = reaches_s.max(span.end_s);
        if let Some((labels, events)) = groups.last_mut() {
            if is_label { labels.push(at) } else { events.push(at) }
        }
    }
    groups
}

/// One group: the cheapest assignment by successive cheapest paths (Ahuja, Magnanti & Orlin 1993, section 12.4).
struct Task {
    /// Cost of each pair that may be, by label.
    costs: Vec<Vec<(usize, i128)>>,
    event_of: Vec<Option<usize>>,
    label_of: Vec<Option<usize>>,
}

/// The cheapest way found so far to each label and event.
struct Ways {
    to_label: Vec<Option<i128>>,
    /// Cost, and the label before.
    to_event: Vec<Option<(i128, usize)>>,
}

impl Task {
    fn new(labels: &[usize], events: &[usize], cost: impl Fn(usize, usize) -> Option<i128>) -> Self {
        let of_label = |label: &usize| -> Vec<(usize, i128)> {
            let costs = events.iter().enumerate().filter_map(|(at, event)| Some((at, cost(*label, *event)?)));
            costs.collect()
        };
        Self {
            costs: labels.iter().map(of_label).collect(),
            event_of: vec![None; labels.len()],
            label_of: vec![None; events.len()],
        }
    }

    fn all(&self) -> Range<usize> {
        0..self.costs.len()
    }

    /// Pairs one label more, where that is worth anything.
    fn improve(&mut self) -> bool {
        let ways = self.ways();
        let free = |at: &usize| self.label_of.get(*at).copied().flatten().is_none();
        let ends = (0..self.label_of.len()).filter(free);
        let reached = ends.filter_map(|at| Some((ways.to_event.get(at).copied().flatten()?.0, at)));
        let Some((cost, mut event)) = reached.min() else { return false };
        if cost >= 0 {
            return false;
        }
        // Back along the path: each label takes the event that follows it and leaves its own to the label before.
        while let Some((_, label)) = ways.to_event.get(event).copied().flatten() {
            let left = self.event_of.get_mut(label).and_then(|slot| slot.replace(event));
            if let Some(slot) = self.label_of.get_mut(event) {
                *slot = Some(label);
            }
            let Some(left) = left else { break };
            event = left;
        }
        true
    }

    /// Bellman and Ford, from every label that has no event.
    fn ways(&self) -> Ways {
        let start = |label| self.event_of.get(label).copied().flatten().is_none().then_some(0);
        let to_label = self.all().map(start).collect();
        let mut ways = Ways { to_label, to_event: vec![None; self.label_of.len()] };
        let mut changed = true;
        while changed {
            changed = false;
            for label in self.all() {
                changed |= self.relax(&mut ways, label);
            }
        }
        ways
    }

    fn relax(&self, ways: &mut Ways, label: usize) -> bool {
        let Some(so_far) = ways.to_label.get(label).copied().flatten() else { return false };
        let own = self.event_of.get(label).copied().flatten();
        let mut changed = false;
        for (event, cost) in self.costs.get(label).into_iter().flatten().filter(|(event, _)| Some(*event) != own) {
            let Some(slot) = ways.to_event.get_mut(*event) else { continue };
            if slot.is_some_and(|(known, _)| known <= so_far + cost) {
                continue;
            }
            *slot = Some((so_far + cost, label));
            changed = true;
            let Some(other) = self.label_of.get(*event).copied().flatten() else { continue };
            let back = self.costs.get(other).into_iter().flatten().find(|(at, _)| at == event).map_or(0, |pair| pair.1);
            if let Some(slot) = ways.to_label.get_mut(other) {
                *slot = Some(slot.map_or(so_far + cost - back, |known| known.min(so_far + cost - back)));
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans(all: &[(f64, f64)]) -> Vec<Span> {
        all.iter().map(|(start_s, end_s)| Span::new(*start_s, *end_s)).collect()
    }

    #[test]
    fn two_seconds_apart_belong_together_and_more_do_not() {
        let label = spans(&[(10.0, 12.0)]);
        for (event, expected) in [((14.0, 15.0), true), ((14.01, 15.0), false), ((7.0, 8.0), true), ((7.0, 7.9), false)]
        {
            assert_eq!(pairs(&label, &[], &spans(&[event])) == [Some(0)], expected, "{event:?}");
        }
    }

    #[test]
    fn a_label_that_has_a_choice_leaves_the_only_event_to_the_other() {
        // The first label is nearest to the event that is the second label's only one.
        let labels = spans(&[(10.0, 11.0), (14.0, 15.0)]);
        let events = spans(&[(8.5, 9.0), (12.2, 12.6)]);
        assert_eq!(pairs(&labels, &[], &events), [Some(0), Some(1)]);
    }

    #[test]
    fn an_event_matches_once_and_the_nearest_onset_wins() {
        let labels = spans(&[(10.0, 20.0)]);
        let events = spans(&[(18.0, 19.0), (10.5, 11.0), (5.0, 9.0)]);
        assert_eq!(pairs(&labels, &[], &events), [Some(1)]);
        assert_eq!(
            pairs(&spans(&[(10.0, 11.0), (10.0, 11.0)]), &[], &spans(&[(10.0, 11.0)])).iter().flatten().count(),
            1
        );
    }

    #[test]
    fn what_is_required_goes_before_what_is_optional() {
        let (required, optional) = (spans(&[(10.0, 11.0)]), spans(&[(12.0, 12.5)]));
        assert_eq!(pairs(&required, &optional, &spans(&[(12.0, 12.5)])), [Some(0), None]);
        assert_eq!(pairs(&required, &optional, &spans(&[(12.0, 12.5), (13.0, 13.2)])), [Some(0), Some(1)]);
    }

    /// Every assignment there is: the most required labels, then the most optional ones, then the least onset.
    fn best(labels: &[(Span, bool)], events: &[Span], taken: u32) -> (u32, u32, i128) {
        let Some(((label, is_required), rest)) = labels.split_first() else { return (0, 0, 0) };
        let without = best(rest, events, taken);
        let free = |at: &usize| taken & (1 << at) == 0 && label.touches(&events[*at]);
        let with = (0..events.len()).filter(free).map(|at| {
            let (required, optional, onset) = best(rest, events, taken | (1 << at));
            let more = (required + u32::from(*is_required), optional + u32::from(!is_required));
            (more.0, more.1, onset - onset_us(label, &events[at]))
        });
        with.fold(without, Ord::max)
    }

    proptest! {
        #[test]
        fn no_other_pairing_is_better(
            labels in prop::collection::vec((0_u32..30, 0_u32..6, any::<bool>()), 0..6),
            events in prop::collection::vec((0_u32..30, 0_u32..6), 0..6),
        ) {
            let span = |from: u32, lasts: u32| Span::new(f64::from(from) * 0.7, f64::from(from + lasts) * 0.7);
            let of = |wanted: bool| labels.iter().filter(|label| label.2 == wanted).map(|l| span(l.0, l.1)).collect();
            let (required, optional): (Vec<Span>, Vec<Span>) = (of(true), of(false));
            let events: Vec<Span> = events.iter().map(|event| span(event.0, event.1)).collect();
            let all: Vec<(Span, bool)> =
                required.iter().map(|s| (*s, true)).chain(optional.iter().map(|s| (*s, false))).collect();
            let mut got = (0, 0, 0);
            let mut used = Vec::new();
            for ((label, is_required), event) in all.iter().zip(pairs(&required, &optional, &events)) {
                let Some(event) = event else { continue };
                prop_assert!(label.touches(&events[event]) && !used.contains(&event));
                used.push(event);
                got.0 += u32::from(*is_required);
                got.1 += u32::from(!is_required);
                got.2 -= onset_us(label, &events[event]);
            }
            prop_assert_eq!(got, best(&all, &events, 0));
        }
    }
}
