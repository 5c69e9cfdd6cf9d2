//! The fused rooms without the engine around them, so that a bench can time them alone.

use super::{
    FixGate, Track, TrackFix,
    lane::{Closed, Lane},
};
use crate::{config::ValidConfig, sample::Sample};

/// Attitude, mount and motion with the grid between them: no ingest, no waiting for late samples, no detectors.
#[derive(Debug)]
pub struct FusedRooms {
    lane: Lane,
    track: Track,
    gate: FixGate,
    speed_sigma_mps: f64,
}

impl FusedRooms {
    /// Nothing known yet.
    pub fn new(config: &ValidConfig) -> Self {
        let config = config.get();
        Self {
            lane: Lane::new(config),
            track: Track::new(),
            gate: FixGate::new(&config.ingest),
            speed_sigma_mps: config.motion.speed_sigma_mps,
        }
    }

    /// Takes one sound sample in time order; fixes come before the samples around them. Returns how many steps of motion
    /// that gave.
    pub fn push(&mut self, sample: &Sample) -> usize {
        if let Sample::Gnss(fix) = sample {
            if let Ok(admitted) = self.gate.admit(*fix) {
                self.track.push(TrackFix::new(&admitted.fix, self.speed_sigma_mps));
            }
            return 0;
        }
        let mut steps = 0;
        while let Some(Closed { motion, aligned, .. }) = self.lane.close(sample.t(), &self.track) {
            steps += usize::from(motion.is_some());
            if aligned {
                self.lane.judge_kept(&self.track, |_| {});
            }
        }
        self.lane.sample(sample);
        steps
    }
}
