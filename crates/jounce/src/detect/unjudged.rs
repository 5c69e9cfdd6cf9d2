//! Motion that nobody could judge, because the mount was not known in time.
//!
//! Before alignment only the size of the horizontal acceleration is known. Where it reached the braking threshold for
//! long enough, the candidate is dismissed with the reason, so that nothing is passed over in silence.

use alloc::vec::Vec;

use nalgebra::Vector3;

use super::{
    Outbox,
    episode::{Episode, EpisodeRule, Found},
};
use crate::{
    config::HarshConfig,
    event::{Dismissal, EventKind, Reason},
    grid::Step,
};

/// Watches the horizontal acceleration.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Unjudged {
    episode: Episode,
}

impl Unjudged {
    /// By the rule of hard braking.
    pub(crate) fn new(config: &HarshConfig) -> Self {
        let enter = config.threshold_mps2;
        Self {
            episode: Episode::new(EpisodeRule {
                enter,
                leave: enter * config.release,
                hold_s: config.hold_s,
                merge_gap_s: config.merge_gap_s,
            }),
        }
    }

    /// One step that is given up.
    pub(crate) fn step(&mut self, step: &Step, sigma_rad: Option<f64>, out: &mut Outbox) {
        let across = |a: Vector3<f64>| (a - step.up * a.dot(&step.up)).norm();
        if let Some(found) = self.episode.step(step.t, step.accel.map(across)) {
            Self::dismiss(&found, sigma_rad, out);
        }
    }

    /// The stretch is over.
    pub(crate) fn finish(&mut self, sigma_rad: Option<f64>, out: &mut Outbox) {
        while let Some(found) = self.episode.finish() {
            Self::dismiss(&found, sigma_rad, out);
        }
    }

    fn dismiss(found: &Found, sigma_rad: Option<f64>, out: &mut Outbox) {
        let Found::Held(span) = found else { return };
        out.dismiss(Dismissal {
            kind: EventKind::HardBraking,
            start: span.start,
            end: span.end,
            peak_mps2: Some(-span.peak),
            reasons: Vec::from([Reason::MountUncertain { sigma_rad }]),
        });
    }
}

#[cfg(test)]
mod tests;
