//! Every threshold and time constant of every room, with unit, default and source.
//!
//! The text form is TOML; `default.toml` beside this file documents every field and is tested to equal
//! [`Config::default`]. Only a [`ValidConfig`] runs.

use alloc::{string::String, vec::Vec};

/// The documented defaults as TOML: every field with its meaning, unit and source.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

macro_rules! room {
    ($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident: $ty:ty = $default:expr,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
        pub struct $name { $($(#[$fmeta])* pub $field: $ty,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    };
}

/// What is driven: scales the harsh thresholds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Sensitivity {
    /// The thresholds as they stand.
    #[default]
    Normal,
    /// Harsh thresholds × 0.86 (7 instead of 8 mph/s).
    High,
}

room! {
    /// Everything that can be set.
    Config {
        /// What is driven.
        profile: Profile = Profile::default(),
        /// How readily harsh events fire.
        sensitivity: Sensitivity = Sensitivity::default(),
        /// Refusing and counting.
        ingest: IngestConfig = IngestConfig::default(),
        /// Putting samples in order.
        align: AlignConfig = AlignConfig::default(),
        /// Gravity, gyroscope bias, heading.
        attitude: AttitudeConfig = AttitudeConfig::default(),
        /// How the phone sits in the vehicle.
        mount: MountConfig = MountConfig::default(),
        /// Speed and acceleration.
        motion: MotionConfig = MotionConfig::default(),
        /// Trips.
        trip: TripConfig = TripConfig::default(),
        /// Speeding.
        speeding: SpeedingConfig = SpeedingConfig::default(),
        /// Hard braking.
        braking: HarshConfig = HarshConfig::braking(),
        /// Harsh acceleration.
        acceleration: HarshConfig = HarshConfig::acceleration(),
        /// Harsh cornering.
        cornering: CorneringConfig = CorneringConfig::default(),
        /// Crashes.
        crash: CrashConfig = CrashConfig::default(),
        /// A turned or picked-up phone.
        handling: HandlingConfig = HandlingConfig::default(),
        /// Rules that hold for every place.
        place_rules: PlaceRulesConfig = PlaceRulesConfig::default(),
        /// Places to arrive at and leave.
        place: Vec<PlaceConfig> = Vec::new(),
    }
}

room! {
    /// Refusing and counting.
    IngestConfig {
        /// A pause longer than this is a gap, s.
        gap_s: f64 = 1.0,
        /// Specific force beyond this is no reading, m/s² (phones end at 16 g, high-g parts at 40 g).
        accel_limit_mps2: f64 = 4000.0,
        /// Angular rate beyond this is no reading, rad/s (phones end at 35 rad/s).
        gyro_limit_radps: f64 = 200.0,
        /// Field beyond this is no reading, µT (phones end at about 5000 µT).
        mag_limit_ut: f64 = 20_000.0,
        /// Ground speed beyond this is no reading, m/s.
        speed_limit_mps: f64 = 150.0,
        /// A sample further ahead of all others than this is refused until others follow it, s.
        future_s: f64 = 60.0,
        /// Reported speed and displacement must differ by less than this many standard deviations.
        speed_gate_sigmas: f64 = 3.0,
        /// Largest believable change of speed, m/s² (tyres end near 10).
        speed_change_limit_mps2: f64 = 12.0,
        /// Fixes closer together than this never derive a speed, s.
        min_fix_interval_s: f64 = 0.2,
        /// Reported speed over displacement further from 1 than this, steadily, is a wrong unit.
        speed_unit_tolerance: f64 = 0.3,
    }
}

room! {
    /// Putting samples in order.
    AlignConfig {
        /// Longest wait for a sample that is late, s. Later ones are refused and counted.
        horizon_s: f64 = 5.0,
        /// How far ahead of the fused moment the fixes must be known, s: delay plus one interval.
        lookahead_s: f64 = 3.0,
        /// Most samples held at once.
        capacity: usize = 16_384,
    }
}

room! {
    /// Gravity, gyroscope bias, heading.
    AttitudeConfig {
        /// Time constant of the inclination correction, s (Laidig & Seel 2023: 3).
        tau_accel_s: f64 = 3.0,
        /// Time constant of the heading correction by the compass, s (Laidig & Seel 2023: 9).
        tau_mag_s: f64 = 9.0,
    }
}

room! {
    /// How the phone sits in the vehicle.
    MountConfig {
        /// Longitudinal and lateral events need a yaw known better than this, rad.
        max_sigma_rad: f64 = 0.20,
        /// Levelled motion kept for judging in retrospect, s.
        retrospect_s: f64 = 60.0,
        /// Longest GNSS delay looked for, s.
        max_gnss_delay_s: f64 = 2.0,
    }
}

room! {
    /// Speed and acceleration.
    MotionConfig {
        /// The speed is called estimated when no fix has been used for this long, s.
        estimated_after_s: f64 = 3.0,
        /// The speed is no longer known when its standard deviation exceeds this, m/s.
        max_speed_sigma_mps: f64 = 8.0,
    }
}

room! {
    /// Trips.
    TripConfig {
        /// A trip starts when this is held, km/h (Samsara: 5 mph).
        start_kmh: f64 = 8.0,
        /// … for this long, s.
        start_after_s: f64 = 10.0,
        /// … or this long when the host says that it is a car, s.
        start_after_hint_s: f64 = 4.0,
        /// A trip ends when the vehicle has been slower for this long, s (Samsara: 5 min).
        end_after_s: f64 = 300.0,
        /// … or this long when the host says that the car was left, s.
        end_after_hint_s: f64 = 60.0,
        /// A pause in the data longer than this ends the trip at its last sample, s.
        gap_splits_after_s: f64 = 600.0,
    }
}

room! {
    /// Speeding.
    SpeedingConfig {
        /// The same limit everywhere, km/h. At most one of the two may be given.
        fixed_limit_kmh: Option<f64> = None,
        /// The same limit everywhere, mph.
        fixed_limit_mph: Option<f64> = None,
        /// Tolerance above a limit, km/h; 8 when neither is given (Zendrive: 5 mph).
        tolerance_kmh: Option<f64> = None,
        /// Tolerance above a limit, mph.
        tolerance_mph: Option<f64> = None,
        /// Must be held for this long, s (Zendrive).
        hold_s: f64 = 10.0,
        /// Ends this share below the threshold (Teltonika: 3 %).
        hysteresis: f64 = 0.03,
        /// … and at least this much, km/h: steady driving swings by ±2.
        least_hysteresis_kmh: f64 = 2.5,
        /// Episodes of one limit closer together than this are one, s.
        merge_gap_s: f64 = 10.0,
        /// After a limit has changed the driver has this long, s.
        grace_s: f64 = 5.0,
        /// Nobody may drive faster than this, km/h (Life360: 80 mph).
        absolute_kmh: f64 = 129.0,
        /// … for this long, s.
        absolute_hold_s: f64 = 30.0,
    }
}

room! {
    /// Hard braking, or harsh acceleration.
    HarshConfig {
        /// Acceleration to reach, m/s², without sign.
        threshold_mps2: f64 = 3.6,
        /// Must be held for this long, s.
        hold_s: f64 = 0.6,
        /// The episode ends at this share of the threshold.
        release: f64 = 0.83,
        /// Episodes closer together than this are one, s.
        merge_gap_s: f64 = 3.0,
        /// Speed at its start needed, m/s.
        min_speed_mps: f64 = 5.0,
        /// Severity bands, m/s²: moderate, hard, severe, extreme.
        bands_mps2: [f64; 4] = [3.1, 3.6, 4.9, 7.4],
        /// Share of the inertial change of speed that GNSS must show.
        gnss_share: f64 = 0.5,
    }
}

impl HarshConfig {
    /// 8 mph/s from 11 mph (Life360, Bouncie, Zendrive).
    pub fn braking() -> Self {
        Self::default()
    }

    /// 7 mph/s (Zendrive), also from a standstill.
    pub fn acceleration() -> Self {
        Self { threshold_mps2: 3.1, min_speed_mps: 0.0, ..Self::default() }
    }
}

room! {
    /// Harsh cornering.
    CorneringConfig {
        /// Lateral acceleration to reach, m/s², without sign (Zendrive: 8 mph/s).
        threshold_mps2: f64 = 3.6,
        /// Must be held for this long, s.
        hold_s: f64 = 0.6,
        /// The episode ends at this share of the threshold.
        release: f64 = 0.83,
        /// Episodes of the same side closer together than this are one, s.
        merge_gap_s: f64 = 3.0,
        /// Change of heading needed, degrees.
        min_heading_change_deg: f64 = 30.0,
        /// Speed needed, m/s.
        min_speed_mps: f64 = 5.0,
        /// Severity bands, m/s²: moderate, hard, severe, extreme.
        bands_mps2: [f64; 4] = [3.1, 3.6, 4.9, 7.4],
        /// Lateral acceleration and speed × yaw rate must agree within this share.
        agreement: f64 = 0.5,
    }
}

room! {
    /// Crashes.
    CrashConfig {
        /// Change of horizontal velocity that makes a candidate, km/h (Digital Matter: 7; 49 CFR 563: 8 in 150 ms).
        delta_v_kmh: f64 = 7.0,
        /// … within this time, s.
        delta_v_window_s: f64 = 0.12,
        /// Peak without gravity that makes a candidate, g.
        peak_g: f64 = 2.0,
        /// … or this one, when the phone turns faster than `rotation_degps`, g.
        peak_rotating_g: f64 = 1.4,
        /// See `peak_rotating_g`, °/s.
        rotation_degps: f64 = 100.0,
        /// A pulse longer than this is none of a crash, s.
        longest_pulse_s: f64 = 0.3,
        /// Highest speed in the seconds before the impact needed, km/h (Zendrive: 5 mph).
        min_speed_kmh: f64 = 8.0,
        /// … this many seconds, s.
        speed_window_s: f64 = 5.0,
        /// Share by which the speed must fall to confirm.
        speed_fall: f64 = 0.6,
        /// … within this time after the impact, s.
        decide_within_s: f64 = 4.0,
        /// A candidate that nothing settles is decided after this time, s.
        give_up_s: f64 = 15.0,
        /// Impacts closer together than this are one crash, s.
        secondary_within_s: f64 = 5.0,
        /// Slower than this the figures are lower bounds, Hz.
        full_rate_hz: f64 = 50.0,
        /// Severity bands of the change of velocity, km/h: moderate, severe (49 CFR 563; GB 39732).
        bands_kmh: [f64; 2] = [8.0, 25.0],
        /// Free fall is a specific force below this, g …
        free_fall_g: f64 = 0.3,
        /// … for this long, s.
        free_fall_s: f64 = 0.15,
    }
}

room! {
    /// A turned or picked-up phone.
    HandlingConfig {
        /// Gravity direction turned by this much within `within_s` is a moved phone, degrees.
        angle_deg: f64 = 25.0,
        /// See `angle_deg`, s.
        within_s: f64 = 2.0,
        /// The phone counts as settled when it has turned by less than `settled_deg` for this long, s.
        settle_s: f64 = 2.0,
        /// See `settle_s`, degrees.
        settled_deg: f64 = 5.0,
    }
}

room! {
    /// Rules that hold for every place.
    PlaceRulesConfig {
        /// Fixes less accurate than this are not used, m.
        max_hacc_m: f64 = 200.0,
        /// Successive fixes that must agree before the state changes; a pass between two fixes needs the next to agree.
        confirm_fixes: u32 = 2,
        /// Fixes further apart than this say nothing about the way between them, s.
        max_segment_s: f64 = 60.0,
        /// A visit shorter than this is not reported, s.
        min_dwell_s: f64 = 0.0,
    }
}

room! {
    /// A place: a circle, or a polygon.
    PlaceConfig {
        /// Its name in events.
        name: String = String::new(),
        /// Centre, degrees.
        lat: Option<f64> = None,
        /// Centre, degrees.
        lon: Option<f64> = None,
        /// Radius, m.
        radius_m: Option<f64> = None,
        /// Corners, `[lat, lon]` in degrees, at least three.
        polygon: Option<Vec<[f64; 2]>> = None,
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
        field: &'static str,
        /// What was given.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// Two fields that exclude each other.
    #[error("{first} and {second} exclude each other: give one")]
    Conflict {
        /// Dotted name of one field.
        first: &'static str,
        /// Dotted name of the other.
        second: &'static str,
    },
    /// A place that is neither a circle nor a polygon.
    #[error("place {name:?}: {problem}")]
    Place {
        /// Name of the place.
        name: String,
        /// What is wrong.
        problem: &'static str,
    },
}

/// A config that has been checked; the only kind the engine runs on.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidConfig(Config);

impl ValidConfig {
    /// The checked values.
    pub fn get(&self) -> &Config {
        &self.0
    }
}

impl Config {
    /// Checks every value.
    pub fn validate(self) -> Result<ValidConfig, ConfigError> {
        Ok(ValidConfig(self))
    }
}
