//! The rooms' values, each with its default and the range in which it makes sense.
//!
//! Ranges refuse what cannot be meant (a negative time, a share above 1, a threshold no vehicle reaches);
//! they say nothing about what is wise.

#[cfg(feature = "serde")]
use super::room::serial;
use super::{
    ConfigError,
    range::Range,
    room::{self, Room, Slot},
};
use crate::persist::{Layout, Persist, Tape};

const fn from_to(min: f64, max: f64) -> Range {
    Range::from_to(min, max)
}

const fn above_to(min: f64, max: f64) -> Range {
    Range::above_to(min, max)
}

/// Declares a room's values: `field: type = default => range`.
macro_rules! room {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$fmeta:meta])* $field:ident: $ty:ty = $default:expr => $range:expr,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $($(#[$fmeta])* pub $field: $ty,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl Room for $name {
            fn names(&self) -> &'static [&'static str] {
                &[$(stringify!($field),)*]
            }

            fn ranges(&self) -> &'static [Range] {
                const RANGES: &[Range] = &[$($range,)*];
                RANGES
            }

            fn slot(&mut self, index: usize) -> Option<Slot<'_>> {
                #[expect(non_camel_case_types, reason = "the fields' own names")]
                enum Index { $($field,)* }
                $(if index == Index::$field as usize {
                    return Some(Slot::from(&mut self.$field));
                })*
                None
            }
        }

        impl Persist for $name {
            const LAYOUT: Layout = Layout::of(stringify!($name))$(.and(stringify!($field), &<$ty>::LAYOUT))*;

            fn blank() -> Self {
                Self::default()
            }

            fn run(&mut self, tape: &mut Tape<'_>) {
                room::run(self, tape);
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serial::write(&mut self.clone(), stringify!($name), serializer)
            }
        }
    };
}

room! {
    /// Refusing and counting.
    IngestConfig {
        /// A pause longer than this is a gap, s.
        gap_s: f64 = 1.0 => above_to(0.0, 3600.0),
        /// Specific force beyond this is no reading, m/s² (phones end at 16 g, high-g parts at 40 g).
        accel_limit_mps2: f64 = 4000.0 => from_to(50.0, 1e5),
        /// Angular rate beyond this is no reading, rad/s (phones end at 35 rad/s).
        gyro_limit_radps: f64 = 200.0 => from_to(10.0, 1e4),
        /// Field beyond this is no reading, µT (phones end at about 5000 µT).
        mag_limit_ut: f64 = 20_000.0 => from_to(100.0, 1e6),
        /// Ground speed beyond this is no reading, m/s.
        speed_limit_mps: f64 = 150.0 => from_to(10.0, 1e3),
        /// A sample further ahead of all others than this is refused until others follow it, s.
        future_s: f64 = 60.0 => above_to(0.0, 86_400.0),
        /// Reported speed and displacement must differ by less than this many standard deviations.
        speed_gate_sigmas: f64 = 3.0 => from_to(1.0, 20.0),
        /// Largest believable change of speed, m/s² (tyres end near 10).
        speed_change_limit_mps2: f64 = 12.0 => from_to(1.0, 200.0),
        /// Fixes closer together than this never derive a speed, s.
        min_fix_interval_s: f64 = 0.2 => from_to(0.01, 10.0),
        /// Reported speed over displacement further from 1 than this, steadily, is a wrong unit.
        speed_unit_tolerance: f64 = 0.3 => from_to(0.05, 0.9),
    }
}

room! {
    /// Putting samples in order.
    AlignConfig {
        /// Longest wait for a sample that is late, s. Later ones are refused and counted.
        horizon_s: f64 = 5.0 => from_to(0.0, 60.0),
        /// How far ahead of the fused moment the fixes must be known, s: delay plus one interval.
        lookahead_s: f64 = 3.0 => from_to(0.0, 60.0),
        /// Most samples held at once.
        capacity: usize = 16_384 => from_to(64.0, 1_048_576.0),
    }
}

room! {
    /// Gravity, gyroscope bias, heading.
    AttitudeConfig {
        /// Time constant of the inclination correction, s (Laidig & Seel 2023: 3).
        tau_accel_s: f64 = 3.0 => from_to(0.1, 60.0),
        /// Time constant of the heading correction by the compass, s (Laidig & Seel 2023: 9).
        tau_mag_s: f64 = 9.0 => from_to(0.1, 600.0),
        /// Standard deviation of the gyroscope bias at the start, °/s (data sheets of phone parts: ±3 to ±10 at zero rate).
        bias_sigma_init_degps: f64 = 3.0 => above_to(0.0, 100.0),
        /// Time over which the bias may wander by 0.1 °/s, s (VQF: 100; a phone that warms by 10 °C in ten minutes: 600).
        bias_forgetting_s: f64 = 300.0 => from_to(0.01, 1e5),
        /// Largest bias (its length), °/s (VQF clips an axis at 2, which uncalibrated phones exceed).
        bias_clip_degps: f64 = 15.0 => above_to(0.0, 100.0),
        /// Standard deviation that the bias reaches in motion, °/s (VQF: 0.1).
        bias_sigma_motion_degps: f64 = 0.1 => above_to(0.0, 10.0),
        /// How far the bias about the vertical is drawn to zero in motion (VQF: 0.0001).
        bias_vertical_forgetting: f64 = 0.0001 => from_to(0.0, 1.0),
        /// Standard deviation that the bias reaches at rest, °/s (VQF: 0.03).
        bias_sigma_rest_degps: f64 = 0.03 => above_to(0.0, 10.0),
        /// Rest: time constant of the means, s (VQF: 0.5).
        rest_tau_s: f64 = 0.5 => above_to(0.0, 60.0),
        /// Rest: both sensors near their means for this long, s (VQF: 1.5).
        rest_min_s: f64 = 1.5 => above_to(0.0, 600.0),
        /// Rest: largest deviation of the gyroscope, °/s (VQF: 2).
        rest_gyro_degps: f64 = 2.0 => above_to(0.0, 100.0),
        /// Rest: largest deviation of the accelerometer, m/s² (VQF: 0.5).
        rest_accel_mps2: f64 = 0.5 => above_to(0.0, 10.0),
        /// Weakest field that can be Earth's, µT (World Magnetic Model 2025: 22 to 67).
        mag_min_ut: f64 = 22.0 => from_to(0.0, 100.0),
        /// Strongest field that can be Earth's, µT.
        mag_max_ut: f64 = 67.0 => from_to(0.0, 1000.0),
    }
}

room! {
    /// How the phone sits in the vehicle.
    MountConfig {
        /// Longitudinal and lateral events need a yaw known better than this, rad: 15°, when a quarter of a bend's
        /// acceleration shows as braking.
        max_sigma_rad: f64 = 0.26 => above_to(0.0, 1.6),
        /// Levelled motion kept for judging in retrospect, s.
        retrospect_s: f64 = 60.0 => from_to(0.0, 600.0),
        /// Longest GNSS delay looked for, s.
        max_gnss_delay_s: f64 = 2.0 => from_to(0.0, 5.0),
        /// Delay of the GNSS speed behind its stamp until the recording shows it, s.
        initial_gnss_delay_s: f64 = 0.3 => from_to(0.0, 3.0),
        /// Older motion counts less by this time constant, s.
        memory_s: f64 = 600.0 => above_to(1.0, 1e5),
    }
}

room! {
    /// Speed and acceleration.
    MotionConfig {
        /// The speed is called estimated when no fix has been used for this long, s.
        estimated_after_s: f64 = 3.0 => from_to(0.1, 60.0),
        /// The speed is no longer known when its standard deviation exceeds this, m/s.
        max_speed_sigma_mps: f64 = 8.0 => above_to(0.0, 100.0),
        /// Lag over which the state is smoothed, s.
        smooth_s: f64 = 3.0 => from_to(0.1, 5.0),
        /// Standard deviation of the correction of the felt acceleration at the start, m/s² (3° of tilt).
        correction_sigma_mps2: f64 = 0.5 => above_to(0.0, 10.0),
        /// Time constant with which it wanders, s: hills, crests and warming sensors.
        correction_tau_s: f64 = 5.0 => from_to(0.2, 1e4),
        /// Noise of the felt acceleration, m/s per √s (vibration that the step's mean leaves).
        accel_noise: f64 = 0.05 => above_to(0.0, 10.0),
        /// How fast a car's acceleration wanders when it is not felt, m/s² per √s: from cruising to hard braking (4 m/s²)
        /// within two seconds.
        accel_wander: f64 = 3.0 => above_to(0.0, 50.0),
        /// Standard deviation of the acceleration when nothing is known about it, m/s².
        unknown_accel_mps2: f64 = 2.0 => above_to(0.0, 20.0),
        /// Standard deviation of a GNSS speed that comes without accuracy, m/s.
        speed_sigma_mps: f64 = 0.3 => above_to(0.0, 10.0),
        /// Standard deviation of what is left of the GNSS delay, s.
        timing_sigma_s: f64 = 0.1 => from_to(0.0, 2.0),
    }
}

room! {
    /// Trips.
    TripConfig {
        /// A trip starts when this is held, km/h (Samsara: 5 mph).
        start_kmh: f64 = 8.0 => above_to(0.0, 100.0),
        /// … for this long, s.
        start_after_s: f64 = 10.0 => from_to(0.0, 600.0),
        /// … or this long when the host says that it is a car, s.
        start_after_hint_s: f64 = 4.0 => from_to(0.0, 600.0),
        /// A trip ends when the vehicle has been slower for this long, s (Samsara: 5 min).
        end_after_s: f64 = 300.0 => above_to(0.0, 86_400.0),
        /// … or this long when the host says that the car was left, s.
        end_after_hint_s: f64 = 60.0 => above_to(0.0, 86_400.0),
        /// A pause in the data longer than this ends the trip at its last sample, s.
        gap_splits_after_s: f64 = 600.0 => above_to(0.0, 86_400.0),
    }
}

room! {
    /// Speeding.
    SpeedingConfig {
        /// The same limit everywhere, km/h. At most one of the two may be given.
        fixed_limit_kmh: Option<f64> = None => above_to(0.0, 400.0),
        /// The same limit everywhere, mph.
        fixed_limit_mph: Option<f64> = None => above_to(0.0, 250.0),
        /// Tolerance above a limit, km/h; 8 when neither is given (Zendrive: 5 mph).
        tolerance_kmh: Option<f64> = None => from_to(0.0, 100.0),
        /// Tolerance above a limit, mph.
        tolerance_mph: Option<f64> = None => from_to(0.0, 60.0),
        /// Must be held for this long, s (Zendrive).
        hold_s: f64 = 10.0 => from_to(0.0, 600.0),
        /// Ends this share below the threshold (Teltonika: 3 %).
        hysteresis: f64 = 0.03 => from_to(0.0, 0.5),
        /// … and at least this much, km/h: steady driving swings by ±2.
        least_hysteresis_kmh: f64 = 2.5 => from_to(0.0, 50.0),
        /// Episodes of one limit closer together than this are one, s.
        merge_gap_s: f64 = 10.0 => from_to(0.0, 600.0),
        /// After a limit has changed the driver has this long, s.
        grace_s: f64 = 5.0 => from_to(0.0, 600.0),
        /// Nobody may drive faster than this, km/h (Life360: 80 mph).
        absolute_kmh: f64 = 129.0 => above_to(0.0, 400.0),
        /// … for this long, s.
        absolute_hold_s: f64 = 30.0 => from_to(0.0, 600.0),
    }
}

room! {
    /// Hard braking, or harsh acceleration.
    HarshConfig {
        /// Acceleration to reach, m/s², without sign.
        threshold_mps2: f64 = 3.6 => from_to(0.5, 20.0),
        /// Must be held for this long, s.
        hold_s: f64 = 0.6 => from_to(0.0, 10.0),
        /// `threshold_mps2` of the high sensitivity.
        high_threshold_mps2: f64 = 2.5 => from_to(0.5, 20.0),
        /// `hold_s` of the high sensitivity.
        high_hold_s: f64 = 0.4 => from_to(0.0, 10.0),
        /// The episode ends at this share of the threshold.
        release: f64 = 0.83 => from_to(0.1, 1.0),
        /// Episodes closer together than this are one, s.
        merge_gap_s: f64 = 3.0 => from_to(0.0, 60.0),
        /// Speed at its start needed, m/s.
        min_speed_mps: f64 = 5.0 => from_to(0.0, 50.0),
        /// Severity bands, m/s²: moderate, hard, severe, extreme.
        bands_mps2: [f64; 4] = [3.1, 3.6, 4.9, 7.4] => above_to(0.0, 100.0),
        /// Share of the inertial change of speed that GNSS must show.
        gnss_share: f64 = 0.5 => from_to(0.0, 1.0),
        /// From this jerk on it speaks for an emergency, m/s³ (Bagdadi & Várhelyi 2011).
        critical_jerk_mps3: f64 = 9.9 => above_to(0.0, 1000.0),
    }
}

impl HarshConfig {
    /// 8 mph/s from 11 mph (Life360, Bouncie, Zendrive); 2.5 m/s² as fleets use it.
    pub fn braking() -> Self {
        Self::default()
    }

    /// 7 mph/s (Zendrive), also from a standstill; 2.0 m/s² as fleets use it.
    pub fn acceleration() -> Self {
        Self { threshold_mps2: 3.1, high_threshold_mps2: 2.0, min_speed_mps: 0.0, ..Self::default() }
    }
}

room! {
    /// Harsh cornering.
    CorneringConfig {
        /// Lateral acceleration to reach, m/s², without sign (Zendrive: 8 mph/s).
        threshold_mps2: f64 = 3.6 => from_to(0.5, 20.0),
        /// Must be held for this long, s.
        hold_s: f64 = 0.6 => from_to(0.0, 10.0),
        /// `threshold_mps2` of the high sensitivity.
        high_threshold_mps2: f64 = 3.0 => from_to(0.5, 20.0),
        /// `hold_s` of the high sensitivity.
        high_hold_s: f64 = 0.4 => from_to(0.0, 10.0),
        /// The episode ends at this share of the threshold.
        release: f64 = 0.83 => from_to(0.1, 1.0),
        /// Episodes of the same side closer together than this are one, s.
        merge_gap_s: f64 = 3.0 => from_to(0.0, 60.0),
        /// Change of heading needed, degrees.
        min_heading_change_deg: f64 = 30.0 => from_to(0.0, 180.0),
        /// Speed needed, m/s.
        min_speed_mps: f64 = 5.0 => from_to(0.0, 50.0),
        /// Severity bands, m/s²: moderate, hard, severe, extreme.
        bands_mps2: [f64; 4] = [3.1, 3.6, 4.9, 7.4] => above_to(0.0, 100.0),
        /// Lateral acceleration and speed × yaw rate must agree within this share.
        agreement: f64 = 0.5 => from_to(0.0, 1.0),
    }
}

room! {
    /// Swerves and brisk changes of lane.
    SwerveConfig {
        /// Lateral acceleration to reach on one side and then the other, m/s², without sign.
        threshold_mps2: f64 = 2.0 => from_to(0.5, 20.0),
        /// `threshold_mps2` of the high sensitivity.
        high_threshold_mps2: f64 = 1.7 => from_to(0.5, 20.0),
        /// The middles of the two peaks are at most this far apart, s.
        within_s: f64 = 4.0 => from_to(0.5, 20.0),
        /// The heading afterwards differs from the heading before by less than this, degrees.
        max_heading_change_deg: f64 = 10.0 => from_to(0.0, 90.0),
        /// Speed needed, m/s.
        min_speed_mps: f64 = 8.0 => from_to(0.0, 50.0),
        /// Severity bands, m/s²: moderate, hard, severe, extreme.
        bands_mps2: [f64; 4] = [3.1, 3.6, 4.9, 7.4] => above_to(0.0, 100.0),
        /// Lateral acceleration and speed × yaw rate must agree within this share.
        agreement: f64 = 0.5 => from_to(0.0, 1.0),
    }
}

room! {
    /// Crashes.
    CrashConfig {
        /// Change of horizontal velocity that makes a candidate, km/h (Digital Matter: 7; 49 CFR 563: 8 in 150 ms).
        delta_v_kmh: f64 = 7.0 => from_to(1.0, 100.0),
        /// … within this time, s.
        delta_v_window_s: f64 = 0.12 => from_to(0.01, 1.0),
        /// Peak without gravity that makes a candidate, g.
        peak_g: f64 = 2.0 => from_to(0.5, 100.0),
        /// … or this one, when the phone turns faster than `rotation_degps`, g.
        peak_rotating_g: f64 = 1.4 => from_to(0.5, 100.0),
        /// See `peak_rotating_g`, °/s.
        rotation_degps: f64 = 100.0 => from_to(10.0, 2000.0),
        /// A pulse longer than this is none of a crash, s.
        longest_pulse_s: f64 = 0.3 => from_to(0.01, 2.0),
        /// Highest speed in the seconds before the impact needed, km/h (Zendrive: 5 mph).
        min_speed_kmh: f64 = 8.0 => from_to(0.0, 100.0),
        /// … this many seconds, s.
        speed_window_s: f64 = 5.0 => from_to(0.5, 60.0),
        /// Share by which the speed must fall to confirm.
        speed_fall: f64 = 0.6 => from_to(0.1, 1.0),
        /// … within this time after the impact, s.
        decide_within_s: f64 = 4.0 => from_to(0.5, 60.0),
        /// A candidate that nothing settles is decided after this time, s.
        give_up_s: f64 = 9.0 => from_to(1.0, 120.0),
        /// Impacts closer together than this are one crash, s.
        secondary_within_s: f64 = 5.0 => from_to(0.0, 60.0),
        /// Slower than this the figures are lower bounds, Hz.
        full_rate_hz: f64 = 50.0 => from_to(1.0, 1000.0),
        /// Severity bands of the change of velocity, km/h: moderate, severe (49 CFR 563; GB 39732).
        bands_kmh: [f64; 2] = [8.0, 25.0] => above_to(0.0, 300.0),
        /// Free fall is a specific force below this, g …
        free_fall_g: f64 = 0.3 => from_to(0.05, 0.8),
        /// … for this long, s.
        free_fall_s: f64 = 0.15 => from_to(0.02, 2.0),
        /// A pulse is where the acceleration without gravity exceeds this, g (tyres end near 1 g).
        pulse_floor_g: f64 = 1.2 => above_to(0.0, 20.0),
        /// … and it is over when it has stayed below for this long, s (a pulse rings, and dips between two members).
        pulse_quiet_s: f64 = 0.1 => above_to(0.0, 2.0),
        /// A pulse with less than `delta_v_kmh` and this vertical share of its energy is a bump, 0–1.
        vertical_share: f64 = 0.7 => from_to(0.0, 1.0),
        /// A high peak without the change of velocity is suspected this long after its onset, s, though not over yet.
        suspect_by_s: f64 = 0.12 => above_to(0.0, 2.0),
        /// A candidate less probable than this is dismissed at once instead of suspected, 0–1.
        suspect_confidence: f64 = 0.05 => from_to(0.0, 1.0),
        /// Speed or stillness confirms from this probability on, 0–1, which falls to 0.5 by `give_up_s`.
        confirm_confidence: f64 = 0.9 => from_to(0.0, 1.0),
        /// Below this probability a candidate is revoked once `decide_within_s` has passed, 0–1.
        revoke_confidence: f64 = 0.1 => from_to(0.0, 1.0),
        /// A phone that shakes more than this is not still, m/s² (root mean square; an idling engine gives 0.1).
        still_mps2: f64 = 0.3 => above_to(0.0, 10.0),
        /// A trip is under way when `min_speed_kmh` was held for this long, s (Samsara: trips from 5 mph) …
        trip_hold_s: f64 = 10.0 => above_to(0.0, 600.0),
        /// … and for this long after the vehicle was last that fast, s (Samsara: 5 min).
        trip_memory_s: f64 = 300.0 => above_to(0.0, 7200.0),
        /// Raw inertial samples kept this long before and after each crash, s; 0: none.
        evidence_s: f64 = 5.0 => from_to(0.0, 10.0),
    }
}

room! {
    /// Rollovers.
    RolloverConfig {
        /// Gravity turned by this much against before, degrees (Digital Matter).
        angle_deg: f64 = 60.0 => from_to(20.0, 180.0),
        /// … for this long, s.
        hold_s: f64 = 1.0 => from_to(0.1, 10.0),
        /// Speed before that is needed, km/h (as for a crash).
        min_speed_kmh: f64 = 8.0 => from_to(0.0, 100.0),
        /// A blow is a specific force beyond this, g …
        blow_g: f64 = 1.7 => from_to(1.1, 20.0),
        /// … for this long, s: a phone that hits something itself is struck for less.
        blow_s: f64 = 0.05 => from_to(0.0, 1.0),
        /// Decided this long after it rolled, s.
        decide_after_s: f64 = 8.0 => from_to(5.0, 30.0),
    }
}

room! {
    /// A turned, picked-up or handled phone.
    HandlingConfig {
        /// Gravity direction turned by this much within `within_s` is a moved phone, degrees.
        angle_deg: f64 = 25.0 => from_to(1.0, 180.0),
        /// See `angle_deg`, s.
        within_s: f64 = 2.0 => from_to(0.1, 60.0),
        /// The phone counts as settled when it has turned by less than `settled_deg` for this long, s.
        settle_s: f64 = 2.0 => from_to(0.1, 60.0),
        /// See `settle_s`, degrees.
        settled_deg: f64 = 5.0 => from_to(0.5, 90.0),
        /// Turned about for this long in all it is handled, s (Zendrive, Damoov) …
        hold_s: f64 = 3.0 => from_to(0.1, 600.0),
        /// … at this speed, m/s (Zendrive: 11 mph) …
        min_speed_mps: f64 = 5.0 => from_to(0.0, 50.0),
        /// … and moves closer together than this are one use, s (Damoov).
        merge_gap_s: f64 = 20.0 => from_to(0.0, 600.0),
    }
}

room! {
    /// Rules that hold for every place.
    PlaceRulesConfig {
        /// Fixes less accurate than this are not used, m.
        max_hacc_m: f64 = 200.0 => above_to(0.0, 1e5),
        /// Successive fixes that must agree before the state changes; a crossing between two fixes counts as both.
        confirm_fixes: u32 = 2 => from_to(1.0, 100.0),
        /// Fixes further apart than this say nothing about the way between them, s.
        max_segment_s: f64 = 60.0 => from_to(0.0, 3600.0),
        /// A visit shorter than this is not reported, s.
        min_dwell_s: f64 = 0.0 => from_to(0.0, 86_400.0),
    }
}

room! {
    /// What events tell of where they happened.
    PrivacyConfig {
        /// Whether they tell it at all.
        positions: bool = true => from_to(0.0, 1.0),
        /// Decimals of a degree that are kept: 3 is about 100 m, 2 about 1 km. Not set: all.
        position_decimals: Option<u32> = None => from_to(0.0, 7.0),
    }
}

impl CrashConfig {
    /// Whether this rate is too slow for figures that are more than lower bounds: asked for 50 Hz, phones give 48 to 52.
    pub(crate) fn degrades(&self, rate_hz: f64) -> bool {
        const HOLDS: f64 = 0.95;
        rate_hz < HOLDS * self.full_rate_hz
    }
}

impl SpeedingConfig {
    /// A limit, and a tolerance, is given in one unit only.
    pub(super) fn check_exclusive(&self) -> Result<(), ConfigError> {
        let both = |a: Option<f64>, b: Option<f64>| a.is_some() && b.is_some();
        if both(self.fixed_limit_kmh, self.fixed_limit_mph) {
            return Err(ConfigError::Conflict {
                first: "speeding.fixed_limit_kmh",
                second: "speeding.fixed_limit_mph",
            });
        }
        if both(self.tolerance_kmh, self.tolerance_mph) {
            return Err(ConfigError::Conflict { first: "speeding.tolerance_kmh", second: "speeding.tolerance_mph" });
        }
        Ok(())
    }
}
