//! What the vehicle and the sensitivity make of the thresholds of harsh events.

use super::{CorneringConfig, HarshConfig, Profile, Sensitivity, SwerveConfig};

/// Chooses thresholds by sensitivity, and scales them by vehicle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tuning {
    scale: f64,
    sensitivity: Sensitivity,
}

impl Tuning {
    pub(super) fn new(profile: Profile, sensitivity: Sensitivity) -> Self {
        let scale = match profile {
            Profile::Car | Profile::Motorcycle => 1.0,
            Profile::Van => 0.95,
            Profile::Heavy => 0.75,
        };
        Self { scale, sensitivity }
    }

    fn pick(self, normal: f64, high: f64) -> f64 {
        match self.sensitivity {
            Sensitivity::Normal => normal,
            Sensitivity::High => high,
        }
    }

    /// `config` with the threshold, hold and bands that apply.
    pub(crate) fn harsh(self, config: &HarshConfig) -> HarshConfig {
        HarshConfig {
            threshold_mps2: self.scale * self.pick(config.threshold_mps2, config.high_threshold_mps2),
            hold_s: self.pick(config.hold_s, config.high_hold_s),
            bands_mps2: config.bands_mps2.map(|band| band * self.scale),
            ..config.clone()
        }
    }

    /// `config` with the threshold, hold and bands that apply.
    pub(crate) fn cornering(self, config: &CorneringConfig) -> CorneringConfig {
        CorneringConfig {
            threshold_mps2: self.scale * self.pick(config.threshold_mps2, config.high_threshold_mps2),
            hold_s: self.pick(config.hold_s, config.high_hold_s),
            bands_mps2: config.bands_mps2.map(|band| band * self.scale),
            ..config.clone()
        }
    }

    /// `config` with the threshold and bands that apply.
    pub(crate) fn swerve(self, config: &SwerveConfig) -> SwerveConfig {
        SwerveConfig {
            threshold_mps2: self.scale * self.pick(config.threshold_mps2, config.high_threshold_mps2),
            bands_mps2: config.bands_mps2.map(|band| band * self.scale),
            ..config.clone()
        }
    }
}
