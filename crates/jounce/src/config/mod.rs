//! Every threshold and time constant of every room, with unit, default, range and source.
//!
//! The text form is TOML; `default.toml` beside this file documents every field and is tested to equal
//! [`Config::default`]. A new field is one line in `rooms.rs` with its range, and one entry in `default.toml`.
//! Only a [`ValidConfig`] runs.

mod place;
mod privacy;
mod range;
mod room;
mod rooms;
#[cfg(feature = "serde")]
mod serial;
#[cfg(test)]
mod tests;
mod tuning;

use alloc::{string::String, vec::Vec};

use self::room::Room;
pub use self::{
    place::PlaceConfig,
    range::Range,
    rooms::{
        AlignConfig, AttitudeConfig, CorneringConfig, CrashConfig, HandlingConfig, HarshConfig, IngestConfig,
        MotionConfig, MountConfig, PlaceRulesConfig, PrivacyConfig, RolloverConfig, SpeedingConfig, SwerveConfig,
        TripConfig,
    },
};
use crate::persist::Persist;
pub(crate) use tuning::Tuning;

/// m/s in one km/h.
pub(crate) const MPS_PER_KMH: f64 = 1.0 / 3.6;

/// The documented defaults as TOML: every field with its meaning, unit and source.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

/// What is driven: scales the harsh thresholds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Profile {
    /// Passenger car, × 1.0.
    #[default]
    Car,
    /// Van, × 0.95.
    Van,
    /// Lorry or bus, × 0.75.
    Heavy,
    /// Motorcycle, × 1.0; leans into bends, so cornering is judged by speed × yaw rate.
    Motorcycle,
}

/// How readily harsh events fire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Sensitivity {
    /// The thresholds as they stand.
    #[default]
    Normal,
    /// Lower thresholds and shorter holds, as fleets use them: the `high_…` settings.
    High,
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Config {
    /// What is driven.
    pub profile: Profile,
    /// How readily harsh events fire.
    pub sensitivity: Sensitivity,
    /// Refusing and counting.
    pub ingest: IngestConfig,
    /// Putting samples in order.
    pub align: AlignConfig,
    /// Gravity, gyroscope bias, heading.
    pub attitude: AttitudeConfig,
    /// How the phone sits in the vehicle.
    pub mount: MountConfig,
    /// Speed and acceleration.
    pub motion: MotionConfig,
    /// Trips.
    pub trip: TripConfig,
    /// Speeding.
    pub speeding: SpeedingConfig,
    /// Hard braking.
    pub braking: HarshConfig,
    /// Harsh acceleration.
    pub acceleration: HarshConfig,
    /// Harsh cornering.
    pub cornering: CorneringConfig,
    /// Swerves.
    pub swerve: SwerveConfig,
    /// Crashes.
    pub crash: CrashConfig,
    /// Rollovers.
    pub rollover: RolloverConfig,
    /// A turned, picked-up or handled phone.
    pub handling: HandlingConfig,
    /// What events tell of where they happened.
    pub privacy: PrivacyConfig,
    /// Rules that hold for every place.
    pub place_rules: PlaceRulesConfig,
    /// Places to arrive at and leave.
    pub place: Vec<PlaceConfig>,
}

impl Default for Config {
    // Some kilobytes of numbers, wanted in several places.
    #[inline(never)]
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            sensitivity: Sensitivity::default(),
            ingest: IngestConfig::default(),
            align: AlignConfig::default(),
            attitude: AttitudeConfig::default(),
            mount: MountConfig::default(),
            motion: MotionConfig::default(),
            trip: TripConfig::default(),
            speeding: SpeedingConfig::default(),
            braking: HarshConfig::braking(),
            acceleration: HarshConfig::acceleration(),
            cornering: CorneringConfig::default(),
            swerve: SwerveConfig::default(),
            crash: CrashConfig::default(),
            rollover: RolloverConfig::default(),
            handling: HandlingConfig::default(),
            privacy: PrivacyConfig::default(),
            place_rules: PlaceRulesConfig::default(),
            place: Vec::new(),
        }
    }
}

/// What is wrong with a [`Config`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A value outside its range.
    #[error("{field} = {value}: expected {expected}")]
    OutOfRange {
        /// Dotted name of the field.
        field: String,
        /// What was given.
        value: f64,
        /// What is allowed.
        expected: Range,
    },
    /// Values of a list that do not grow from each to the next.
    #[error("{field}: expected each value to be greater than the one before")]
    NotAscending {
        /// Dotted name of the field.
        field: String,
    },
    /// Two fields that exclude each other.
    #[error("{first} and {second} exclude each other: give one")]
    Conflict {
        /// Dotted name of one field.
        first: &'static str,
        /// Dotted name of the other.
        second: &'static str,
    },
    /// A place that is neither a circle nor a polygon, or that cannot be told from another.
    #[error("place {name:?}: {problem}")]
    Place {
        /// Name of the place.
        name: String,
        /// What is wrong.
        problem: &'static str,
    },
}

/// A config that has been checked; the only kind the engine runs on.
#[derive(Clone, Debug, PartialEq, Persist)]
pub struct ValidConfig(Config);

impl TripConfig {
    /// As fast as a trip begins, m/s.
    pub(crate) fn start_mps(&self) -> f64 {
        self.start_kmh * MPS_PER_KMH
    }
}

impl TryFrom<Config> for ValidConfig {
    type Error = ConfigError;

    fn try_from(config: Config) -> Result<Self, ConfigError> {
        config.validate()
    }
}

impl From<ValidConfig> for Config {
    fn from(config: ValidConfig) -> Self {
        config.0
    }
}

impl ValidConfig {
    /// The checked values.
    pub fn get(&self) -> &Config {
        &self.0
    }

    /// The values with the thresholds, holds and bands of harsh events that apply to this vehicle at this sensitivity.
    pub fn in_force(&self) -> Config {
        let (config, tuning) = (self.get(), self.tuning());
        Config {
            braking: tuning.harsh(&config.braking),
            acceleration: tuning.harsh(&config.acceleration),
            cornering: tuning.cornering(&config.cornering),
            swerve: tuning.swerve(&config.swerve),
            ..config.clone()
        }
    }

    /// How the vehicle and the sensitivity set the thresholds of harsh events.
    pub(crate) fn tuning(&self) -> Tuning {
        Tuning::new(self.0.profile, self.0.sensitivity)
    }
}

/// Names the rooms, once for all that goes through them.
macro_rules! rooms {
    ($($room:ident),* $(,)?) => {
        impl Config {
            const ROOMS: [&str; [$(stringify!($room)),*].len()] = [$(stringify!($room)),*];

            /// Every room, in the order of `ROOMS`.
            fn rooms(&mut self) -> [&mut dyn Room; Self::ROOMS.len()] {
                // Taken apart in full, so that a new room cannot be forgotten here.
                let Self { profile: _, sensitivity: _, place: _, $($room),* } = self;
                [$($room),*]
            }
        }
    };
}

rooms! {
    ingest, align, attitude, mount, motion, trip, speeding, braking, acceleration, cornering, swerve, crash, rollover, handling,
    privacy, place_rules,
}

impl Config {
    /// Checks every value; the first one that is out of its range, or contradicts another, is the error.
    pub fn validate(mut self) -> Result<ValidConfig, ConfigError> {
        self.rooms().into_iter().zip(Self::ROOMS).try_for_each(|(room, name)| room::check(room, name))?;
        place::check_all(&self.place)?;
        self.speeding.check_exclusive()?;
        Ok(ValidConfig(self))
    }
}
