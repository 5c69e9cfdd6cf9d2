//! Threshold, hold, hysteresis and merge gap: the one helper under all detectors.

use crate::{persist::Persist, time::Timestamp};

/// When a value counts as an episode.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub(crate) struct EpisodeRule {
    /// Reached to begin.
    pub(crate) enter: f64,
    /// Below this it ends.
    pub(crate) leave: f64,
    /// From first to last reaching `enter`, s, at least.
    pub(crate) hold_s: f64,
    /// Episodes closer together than this are one, s.
    pub(crate) merge_gap_s: f64,
}

/// A stretch in which a value was high.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub(crate) struct Span {
    /// First moment at or above `leave`.
    pub(crate) start: Timestamp,
    /// Last moment at or above `leave`.
    pub(crate) end: Timestamp,
    /// Moment of the highest value.
    pub(crate) peak_at: Timestamp,
    /// The highest value.
    pub(crate) peak: f64,
    /// Time integral of the value from `start` to `end` (trapezoids).
    pub(crate) integral: f64,
    /// Longest time from first to last reaching `enter`, s.
    pub(crate) held_s: f64,
}

impl Span {
    /// From start to end, s.
    pub(crate) fn duration_s(&self) -> f64 {
        self.end.s_since(self.start)
    }

    /// Halfway from start to end: on a flat top the highest value is anywhere.
    pub(crate) fn middle(&self) -> Timestamp {
        self.start.plus_s(0.5 * self.duration_s())
    }

    /// Mean value over the span; the peak when it has no length.
    pub(crate) fn mean(&self) -> f64 {
        let duration = self.duration_s();
        if duration > 0.0 { self.integral / duration } else { self.peak }
    }

    fn absorb(&mut self, later: &Self) {
        self.end = later.end;
        self.integral += later.integral;
        self.held_s = self.held_s.max(later.held_s);
        if later.peak > self.peak {
            self.peak = later.peak;
            self.peak_at = later.peak_at;
        }
    }
}

/// What an [`Episode`] has found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Found {
    /// Held long enough, and nothing more can merge into it.
    Held(Span),
    /// Reached `enter`, but too briefly, and not within the merge gap of one that held.
    TooShort(Span),
}

/// Watches one value.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Episode {
    rule: EpisodeRule,
    /// The stretch above `leave` now, and when `enter` was first reached in it.
    rising: Option<(Span, Option<Timestamp>)>,
    last: Option<(Timestamp, f64)>,
    /// One that held, waiting out its merge gap.
    pending: Option<Span>,
}

impl Episode {
    pub(crate) const fn new(rule: EpisodeRule) -> Self {
        Self { rule, rising: None, last: None, pending: None }
    }

    /// The value at `t`, in time order; `None` when it is not known, which ends the stretch.
    /// Returns at most one finding a step.
    pub(crate) fn step(&mut self, t: Timestamp, value: Option<f64>) -> Option<Found> {
        let short = match value {
            Some(value) if value >= self.rule.leave => {
                self.rise(t, value);
                None
            }
            _ => self.fall(),
        };
        self.last = value.map(|value| (t, value));
        short.or_else(|| self.settle(t))
    }

    /// Ends the watch: returns what is open. Call until `None`.
    pub(crate) fn finish(&mut self) -> Option<Found> {
        self.fall().or_else(|| self.pending.take().map(Found::Held))
    }

    fn rise(&mut self, t: Timestamp, value: f64) {
        let fresh = Span { start: t, end: t, peak_at: t, peak: value, integral: 0.0, held_s: 0.0 };
        let (span, entered) = self.rising.get_or_insert((fresh, None));
        if let Some((before, last)) = self.last
            && span.end == before
            && t > before
        {
            span.integral += 0.5 * (value + last) * t.s_since(before);
        }
        span.end = t;
        if value > span.peak {
            span.peak = value;
            span.peak_at = t;
        }
        if value >= self.rule.enter {
            let since = *entered.get_or_insert(t);
            span.held_s = t.s_since(since);
        }
    }

    fn fall(&mut self) -> Option<Found> {
        let (span, entered) = self.rising.take()?;
        entered?;
        let joins = |pending: &Span| span.start.s_since(pending.end) < self.rule.merge_gap_s;
        match &mut self.pending {
            Some(pending) if joins(pending) => {
                pending.absorb(&span);
                None
            }
            // `settle` has cleared any pending one that is too long ago.
            _ if span.held_s >= self.rule.hold_s => self.pending.replace(span).map(Found::Held),
            _ => Some(Found::TooShort(span)),
        }
    }

    fn settle(&mut self, now: Timestamp) -> Option<Found> {
        let pending = self.pending.as_ref()?;
        let next = self.rising.as_ref().map_or(now, |(span, _)| span.start);
        if next.s_since(pending.end) >= self.rule.merge_gap_s { self.pending.take().map(Found::Held) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: EpisodeRule = EpisodeRule { enter: 3.0, leave: 2.5, hold_s: 0.5, merge_gap_s: 1.0 };

    fn run(values: &[f64]) -> std::vec::Vec<Found> {
        let mut episode = Episode::new(RULE);
        let mut found = std::vec::Vec::new();
        for (i, &value) in (0_i64..).zip(values) {
            found.extend(episode.step(Timestamp::from_ns(i * 100_000_000), Some(value)));
        }
        while let Some(one) = episode.finish() {
            found.push(one);
        }
        found
    }

    #[test]
    fn a_dip_above_the_release_level_does_not_end_it() {
        let found = run(&[0.0, 3.1, 3.2, 2.6, 3.4, 3.1, 3.0, 0.0]);
        let [Found::Held(span)] = found[..] else { panic!("{found:?}") };
        assert_eq!(span.peak_at, Timestamp::from_ns(400_000_000));
        assert!((span.held_s - 0.5).abs() < 1e-9);
    }

    #[test]
    fn short_ones_are_named() {
        assert!(matches!(run(&[0.0, 3.1, 3.2, 0.0])[..], [Found::TooShort(_)]));
        assert!(run(&[0.0, 2.9, 2.9, 2.9, 2.9, 2.9, 2.9, 0.0]).is_empty());
    }

    #[test]
    fn close_ones_merge_and_far_ones_do_not() {
        let high = [3.5; 7];
        let mut close = high.to_vec();
        close.extend([0.0; 8]);
        close.extend(high);
        assert!(matches!(run(&close)[..], [Found::Held(span)] if (span.duration_s() - 2.1).abs() < 1e-9));
        let mut far = high.to_vec();
        far.extend([0.0; 12]);
        far.extend(high);
        assert_eq!(run(&far).len(), 2);
    }

    #[test]
    fn unknown_ends_the_stretch() {
        let mut episode = Episode::new(RULE);
        for i in 0..4 {
            assert_eq!(episode.step(Timestamp::from_ns(i * 100_000_000), Some(4.0)), None);
        }
        let found = episode.step(Timestamp::from_ns(400_000_000), None);
        assert!(matches!(found, Some(Found::TooShort(_))));
    }
}
