//! Stretches in which a value was high: the rule of the event definitions, judged in retrospect.

/// When a value counts as an episode.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// Reached …
    pub(super) enter: f64,
    /// Ends below.
    pub(super) leave: f64,
    /// … from first to last time for at least this long, s.
    pub(super) hold_s: f64,
    /// Episodes closer together than this are one, s.
    pub(super) merge_gap_s: f64,
}

/// Positions in the track, both inclusive, from the first to the last at or above `leave`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: usize,
    pub(super) last: usize,
}

impl Span {
    /// Halfway from first to last, s: on a flat top the highest value is anywhere.
    pub(super) fn middle_s(self, times: &[f64]) -> f64 {
        0.5 * (times[self.first] + times[self.last])
    }
}

/// All episodes of `value` over positions `0..times.len()`; `None` ends a stretch.
pub(super) fn spans(times: &[f64], rule: &Rule, value: impl Fn(usize) -> Option<f64>) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let mut index = 0;
    while index < times.len() {
        let high = |i: usize| value(i).filter(|v| *v >= rule.leave);
        if high(index).is_none() {
            index += 1;
            continue;
        }
        let first = index;
        let mut entered: Option<(usize, usize)> = None;
        while index < times.len()
            && let Some(v) = high(index)
        {
            if v >= rule.enter {
                entered = Some((entered.map_or(index, |(from, _)| from), index));
            }
            index += 1;
        }
        let last = index - 1;
        let held_s = entered.map(|(from, to)| times[to] - times[from]);
        if held_s.is_none_or(|held| held < rule.hold_s) {
            continue;
        }
        match found.last_mut() {
            Some(before) if times[first] - times[before.last] < rule.merge_gap_s => before.last = last,
            _ => found.push(Span { first, last }),
        }
    }
    found
}
