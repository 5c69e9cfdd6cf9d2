//! A crash that did happen, held against what the engine said of it.

use super::{
    peers::PEERS,
    trial::{Story, Trial},
};

/// What the engine made of one crash.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) suspected: bool,
    pub(super) confirmed: bool,
    /// Crashes suspected in all; one is right.
    pub(super) reported: usize,
    pub(super) suspected_after_s: f64,
    pub(super) confirmed_after_s: f64,
    /// Δv reported over the true one.
    pub(super) delta_v_ratio: f64,
    pub(super) clipped: bool,
    /// Hours on the clock face between the direction reported and the true one; NaN where none was reported.
    pub(super) hours_off: f64,
    pub(super) peers: [bool; PEERS.len()],
    /// How probable the last word calls it; NaN where there is none.
    pub(super) probability: f64,
    /// Reasons of the last word, or of there being none.
    pub(super) codes: Vec<String>,
}

/// Two pulses this near to each other are the same, s.
const SAME_S: f64 = 1.5;

impl Check {
    /// Of a crash at `onset_s`, of `delta_v_mps`, from `clock`.
    pub(super) fn new(trial: &Trial, onset_s: f64, delta_v_mps: f64, clock: f64) -> Self {
        let near = |story: &&Story| (story.start_s() - onset_s).abs() <= SAME_S;
        let story = trial.crashes.iter().find(near);
        let confirmed = story.filter(|story| story.is(jounce::event::Phase::Confirmed));
        let figures = confirmed.and_then(Story::figures);
        let after = |s: Option<f64>| s.map_or(f64::INFINITY, |s| s - onset_s);
        Self {
            suspected: story.is_some(),
            confirmed: confirmed.is_some(),
            reported: trial.suspected(),
            suspected_after_s: after(story.map(Story::suspected_s)),
            confirmed_after_s: after(confirmed.map(Story::decided_s)),
            delta_v_ratio: figures.map_or(f64::NAN, |figures| figures.delta_v_mps / delta_v_mps),
            clipped: figures.is_some_and(|figures| figures.clipped),
            hours_off: figures.and_then(|figures| figures.clock).map_or(f64::NAN, |told| hours(f64::from(told), clock)),
            peers: trial.peers.map(|fired| fired.is_some_and(|at_s| (at_s - onset_s).abs() <= SAME_S)),
            probability: story.and_then(|story| story.decided.as_ref()).map_or(f64::NAN, |event| event.confidence),
            codes: story.map_or_else(|| trial.dismissed(onset_s - SAME_S, onset_s + SAME_S), Story::codes),
        }
    }
}

/// Hours between two directions, the short way round.
pub(super) fn hours(a: f64, b: f64) -> f64 {
    let apart = (a - b).rem_euclid(12.0);
    apart.min(12.0 - apart)
}

/// How many there were, and how many were found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    all: u32,
    confirmed: u32,
    suspected: u32,
    peers: [u32; PEERS.len()],
}

impl Counted {
    pub(super) fn of<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Self {
        checks.into_iter().fold(Self::default(), |mut counted, check| {
            counted.all += 1;
            counted.confirmed += u32::from(check.confirmed);
            counted.suspected += u32::from(check.suspected);
            for (count, fired) in counted.peers.iter_mut().zip(check.peers) {
                *count += u32::from(fired);
            }
            counted
        })
    }

    /// How many, and the shares confirmed, suspected, and found by each rule of others.
    pub(super) fn shares(&self) -> Vec<f64> {
        let all = f64::from(self.all);
        let share = |count: u32| f64::from(count) / all;
        let mut shares = vec![all, share(self.confirmed), share(self.suspected)];
        shares.extend(self.peers.map(share));
        shares
    }
}
