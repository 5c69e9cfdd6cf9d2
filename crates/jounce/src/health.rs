//! What the engine knows about the quality of its input.

#[cfg(feature = "serde")]
mod json;
#[cfg(feature = "serde")]
pub use json::HealthJson;

use crate::{persist::Persist, sample::Sensor, time::Timestamp};

/// Why a sample was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Refusal {
    /// A value is NaN or infinite.
    NotFinite,
    /// A value no such sensor can give.
    OutOfRange,
    /// The stream is in another unit: see [`Diagnostic::AccelUnit`].
    Unit,
    /// The same sensor has given a sample for this moment already.
    Duplicate,
    /// Later than the horizon.
    Late,
    /// Further in the future than the other sensors can explain.
    Future,
    /// A fix without a position and without a speed.
    Empty,
    /// A speed that neither the displacement nor the motion before allows.
    Implausible,
    /// The person does not allow it: see [`crate::sample::ConsentSample`].
    NoConsent,
}

impl Refusal {
    /// How many there are.
    pub const COUNT: usize = 9;

    /// All of them, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::NotFinite,
        Self::OutOfRange,
        Self::Unit,
        Self::Duplicate,
        Self::Late,
        Self::Future,
        Self::Empty,
        Self::Implausible,
        Self::NoConsent,
    ];

    /// Position in [`Refusal::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name used in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotFinite => "not_finite",
            Self::OutOfRange => "out_of_range",
            Self::Unit => "unit",
            Self::Duplicate => "duplicate",
            Self::Late => "late",
            Self::Future => "future",
            Self::Empty => "empty",
            Self::Implausible => "implausible",
            Self::NoConsent => "no_consent",
        }
    }
}

/// What became of one pushed sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushOutcome {
    /// Taken.
    Accepted,
    /// Not used, and counted in [`Health`].
    Refused(Refusal),
}

/// One sensor's record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Persist)]
pub struct SensorHealth {
    /// Samples taken.
    pub accepted: u64,
    /// Samples refused, by [`Refusal::index`].
    pub refused: [u64; Refusal::COUNT],
    /// Pauses longer than the configured gap.
    pub gaps: u64,
    /// The longest of them, s.
    pub longest_gap_s: f64,
    /// Achieved rate, Hz (median of the recent sample intervals).
    pub rate_hz: Option<f64>,
    /// Samples at the end of the sensor's range.
    pub clipped: u64,
    /// Measured time of the newest sample that the fused lane has *consumed*.
    pub last_consumed: Option<Timestamp>,
    /// Trust, 0–1: falls with each refusal, recovers with good samples.
    pub trust: f64,
}

/// A fault of the whole stream that a host should hear of.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(tag = "code", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Diagnostic {
    /// The accelerometer's magnitude at rest is not gravity's: wrong unit.
    AccelUnit {
        /// Median magnitude; about 9.81 m/s² is expected, 1.0 means g.
        median_magnitude: f64,
    },
    /// GNSS speed and displacement differ by a steady ratio: wrong unit (1.94 knots, 3.6 km/h, 2.24 mph).
    SpeedUnit {
        /// Reported speed over speed from the positions.
        ratio: f64,
    },
    /// The magnetic field is not Earth's: a holder, a charger, the car's iron.
    MagneticDisturbance {
        /// Strength, µT.
        field_ut: f64,
    },
    /// A pause in all inertial data; nothing was derived across it.
    InertialGap {
        /// When it began.
        #[cfg_attr(feature = "serde", serde(rename = "from_ns"))]
        from: Timestamp,
        /// When it ended.
        #[cfg_attr(feature = "serde", serde(rename = "to_ns"))]
        to: Timestamp,
    },
}

/// What the engine knows about the quality of its input.
#[derive(Clone, Debug, Default, PartialEq, Persist)]
pub struct Health {
    /// One record a sensor, by [`Sensor::index`].
    pub sensors: [SensorHealth; Sensor::COUNT],
    /// Latest diagnostic of each sort.
    pub accel_unit: Option<Diagnostic>,
    /// See [`Diagnostic::SpeedUnit`].
    pub speed_unit: Option<Diagnostic>,
    /// See [`Diagnostic::MagneticDisturbance`].
    pub magnetic_disturbance: Option<Diagnostic>,
    /// See [`Diagnostic::InertialGap`]; the longest one.
    pub inertial_gap: Option<Diagnostic>,
}

impl SensorHealth {
    /// Refusals by name, those that there were.
    pub fn refusals(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let counts = Refusal::ALL.into_iter().zip(self.refused);
        counts.map(|(refusal, count)| (refusal.name(), count)).filter(|(_, count)| *count > 0)
    }
}

impl Health {
    /// The sensors of which any sample came.
    pub fn seen(&self) -> impl Iterator<Item = (Sensor, &SensorHealth)> {
        let all = Sensor::ALL.into_iter().map(|sensor| (sensor, self.sensor(sensor)));
        all.filter(|(_, health)| health.accepted > 0 || health.refusals().next().is_some())
    }

    /// The record of one sensor.
    pub fn sensor(&self, sensor: Sensor) -> &SensorHealth {
        // `index` is below `COUNT` by construction.
        &self.sensors[sensor.index()]
    }

    /// Everything a host should hear of.
    pub fn diagnostics(&self) -> impl Iterator<Item = Diagnostic> + '_ {
        [self.accel_unit, self.speed_unit, self.magnetic_disturbance, self.inertial_gap].into_iter().flatten()
    }
}
