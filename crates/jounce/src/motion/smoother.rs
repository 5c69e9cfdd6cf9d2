//! A fixed-lag smoother: what a step's state turns out to be once the steps after it are known.
//!
//! A Rauch–Tung–Striebel pass over a window is a chain of affine maps, one from each step to the step before it (Särkkä,
//! *Bayesian Filtering and Smoothing*, 2013, alg. 8.2). Maps can be joined before they are applied, so the window is
//! kept as two joined runs, as sliding-window aggregation does it (K. Tangwongsan, M. Hirzel, S. Schneider, *Low-Latency
//! Sliding-Window Aggregation in Worst-Case Constant Time*, DEBS 2017, section 3): each link is joined twice in all,
//! however long the window is.

use crate::persist::Persist;
use alloc::collections::VecDeque;

use nalgebra::{Matrix3, Vector3};

/// A state and its covariance.
#[derive(Clone, Copy, Debug, Persist)]
pub(super) struct Estimate {
    pub(super) state: Vector3<f64>,
    pub(super) covariance: Matrix3<f64>,
}

/// How a step's smoothed estimate follows from a later one's.
#[derive(Clone, Copy, Debug, Persist)]
struct Link {
    gain: Matrix3<f64>,
    offset: Vector3<f64>,
    /// What stays in doubt even if the later one were known.
    left: Matrix3<f64>,
}

impl Link {
    const NONE: Self = Self {
        gain: Matrix3::new(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
        offset: Vector3::new(0.0, 0.0, 0.0),
        left: Matrix3::new(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    };

    /// The later step says nothing about the earlier one.
    fn cut(before: &Estimate) -> Self {
        Self { gain: Matrix3::zeros(), offset: before.state, left: before.covariance }
    }

    /// From `predicted`, which `transition` makes of `before`.
    fn back(before: &Estimate, transition: &Matrix3<f64>, predicted: &Estimate) -> Self {
        let Some(inverse) = predicted.covariance.try_inverse() else { return Self::cut(before) };
        let gain = before.covariance * transition.transpose() * inverse;
        Self {
            gain,
            offset: before.state - gain * predicted.state,
            left: before.covariance - gain * predicted.covariance * gain.transpose(),
        }
    }

    fn apply(&self, later: &Estimate) -> Estimate {
        Estimate {
            state: self.gain * later.state + self.offset,
            covariance: self.gain * later.covariance * self.gain.transpose() + self.left,
        }
    }

    /// The link over both: `later` leads from where this one ends.
    fn join(&self, later: &Self) -> Self {
        let at = self.apply(&Estimate { state: later.offset, covariance: later.left });
        Self { gain: self.gain * later.gain, offset: at.state, left: at.covariance }
    }
}

/// The steps of the window, each with something to remember of it.
#[derive(Clone, Debug, Persist)]
pub(super) struct Smoother<T> {
    /// Oldest first. The link of one of the first `joined` leads to the step of that index; of another, to the next.
    steps: VecDeque<(T, Link)>,
    joined: usize,
    /// From the step with the index `joined` to the newest.
    rest: Link,
    newest: Option<Estimate>,
}

impl<T> Smoother<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { steps: VecDeque::with_capacity(capacity), joined: 0, rest: Link::NONE, newest: None }
    }

    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Adds a step whose estimate is `now`. `from`: the transition from the step before it and what that predicted; none
    /// if the two have nothing to do with each other.
    pub(super) fn push(&mut self, step: T, now: Estimate, from: Option<(&Matrix3<f64>, &Estimate)>) {
        if let (Some(before), Some((_, link))) = (self.newest, self.steps.back_mut()) {
            *link = from.map_or_else(|| Link::cut(&before), |(f, predicted)| Link::back(&before, f, predicted));
            self.rest = self.rest.join(link);
        }
        self.newest = Some(now);
        self.steps.push_back((step, Link::NONE));
    }

    /// Takes the oldest step out, smoothed by all that came after it.
    pub(super) fn pop(&mut self) -> Option<(T, Estimate)> {
        if self.joined == 0 {
            self.join();
        }
        let (step, link) = self.steps.pop_front()?;
        let newest = self.newest?;
        self.joined = self.joined.saturating_sub(1);
        Some((step, link.join(&self.rest).apply(&newest)))
    }

    /// Makes every link lead to the newest step.
    fn join(&mut self) {
        let mut onward = Link::NONE;
        for (_, link) in self.steps.iter_mut().rev() {
            *link = link.join(&onward);
            onward = *link;
        }
        self.joined = self.steps.len().saturating_sub(1);
        self.rest = Link::NONE;
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// A random walk of speed and acceleration, seen badly.
    fn walk(steps: u32) -> Vec<(Estimate, Matrix3<f64>, Estimate)> {
        let f = Matrix3::new(1.0, 0.1, 0.0, 0.0, 0.95, 0.0, 0.0, 0.1, 0.9);
        let noise = Matrix3::from_diagonal(&Vector3::new(0.01, 0.02, 0.03));
        let mut now = Estimate { state: Vector3::new(1.0, 2.0, 3.0), covariance: Matrix3::identity() };
        (0..steps)
            .map(|i| {
                let covariance = f * now.covariance * f.transpose() + noise;
                let predicted = Estimate { state: f * now.state, covariance };
                let gain = covariance.column(0) / (covariance.m11 + 0.5);
                let innovation = libm::sin(f64::from(i)) - predicted.state.x;
                let covariance = covariance - gain * covariance.row(0);
                now = Estimate { state: predicted.state + gain * innovation, covariance };
                (now, f, predicted)
            })
            .collect()
    }

    /// Smooths `of` by the steps up to `to`, one by one.
    fn by_hand(steps: &[(Estimate, Matrix3<f64>, Estimate)], of: usize, to: usize, cut: usize) -> Estimate {
        (of..to).rev().fold(steps[to].0, |later, i| {
            let (_, f, predicted) = &steps[i + 1];
            if i + 1 == cut { steps[i].0 } else { Link::back(&steps[i].0, f, predicted).apply(&later) }
        })
    }

    #[test]
    fn a_window_says_what_a_pass_over_it_says() {
        const CUT: usize = 20;
        for lag in [0, 1, 2, 7, 30] {
            let steps = walk(60);
            let mut smoother = Smoother::new(lag + 1);
            let mut popped = 0;
            for (i, (now, f, predicted)) in steps.iter().enumerate() {
                smoother.push(i, *now, (i != CUT).then_some((f, predicted)));
                if smoother.len() > lag {
                    let (step, smoothed) = smoother.pop().unwrap();
                    let expected = by_hand(&steps, step, i, CUT);
                    assert_eq!(step, popped);
                    assert!((smoothed.state - expected.state).amax() < 1e-12, "{step}");
                    assert!((smoothed.covariance - expected.covariance).amax() < 1e-12, "{step}");
                    popped += 1;
                }
            }
            while let Some((step, smoothed)) = smoother.pop() {
                let expected = by_hand(&steps, step, steps.len() - 1, CUT);
                assert!((smoothed.state - expected.state).amax() < 1e-12, "{step}");
            }
            assert_eq!(smoother.len(), 0);
        }
    }
}
