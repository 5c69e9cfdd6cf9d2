//! A scenario is data: where, which vehicle, which phone, which sensors, and the [`Step`]s of the drive.

use nalgebra::{Matrix3, Rotation3, UnitQuaternion};
use serde::{Deserialize, Serialize};

use crate::script::{Step, Surface};

macro_rules! spec {
    ($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident: $ty:ty = $default:expr,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $($(#[$fmeta])* pub $field: $ty,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    };
}

spec! {
    /// All that decides a simulation, besides its seed.
    Scenario {
        /// Short name.
        name: String = String::new(),
        /// One line about it.
        description: String = String::new(),
        /// Where and when it begins.
        start: Start = Start::default(),
        /// What is driven.
        vehicle: Vehicle = Vehicle::default(),
        /// Where the phone is.
        phone: Phone = Phone::default(),
        /// Accelerometer; none: not recorded.
        accel: Option<Accelerometer> = None,
        /// Gyroscope.
        gyro: Option<Gyroscope> = None,
        /// Magnetometer.
        mag: Option<Magnetometer> = None,
        /// Barometer.
        baro: Option<Barometer> = None,
        /// Satellite navigation.
        gnss: Option<Gnss> = None,
        /// What happens.
        step: Vec<Step> = Vec::new(),
        /// Engine config to go with the recording (limits, places).
        config: Option<toml::Table> = None,
    }
}

spec! {
    /// Where and when a drive begins.
    Start {
        /// Time of the recording's clock, ns.
        t_ns: i64 = 0,
        /// Latitude, degrees.
        lat_deg: f64 = 52.0,
        /// Longitude, degrees.
        lon_deg: f64 = 13.5,
        /// Altitude, m.
        alt_m: f64 = 60.0,
        /// Course, degrees clockwise from north.
        course_deg: f64 = 70.0,
        /// Speed, km/h.
        speed_kmh: f64 = 0.0,
    }
}

spec! {
    /// How the vehicle answers to its driver and to the road. [`Vehicle::rigid`] does not answer at all.
    Vehicle {
        /// Surface at the start.
        surface: Surface = Surface::default(),
        /// Steady pitch a deceleration brings, rad per m/s² (1.5° per g; cars dive 1 to 2.5° per g).
        pitch_gain: f64 = 0.0027,
        /// Steady roll a lateral acceleration brings, rad per m/s² (4° per g; cars roll 3 to 6° per g, Gillespie 1992).
        roll_gain: f64 = 0.0071,
        /// Natural frequency of pitch and roll, Hz.
        body_hz: f64 = 1.4,
        /// Damping of pitch and roll.
        body_damping: f64 = 0.3,
        /// Share of the road's roughness that reaches the wheels; 0: a flat road.
        road_scale: f64 = 1.0,
        /// Share of engine, tyre and structure-borne vibration.
        vibration_scale: f64 = 1.0,
        /// Standard deviation of the steering and pedal unrest of an ordinary driver, m/s².
        wander_mps2: f64 = 0.10,
    }
}

impl Vehicle {
    /// A body without suspension or vibration on a flat road, driven without unrest.
    pub fn rigid() -> Self {
        Self {
            pitch_gain: 0.0,
            roll_gain: 0.0,
            road_scale: 0.0,
            vibration_scale: 0.0,
            wander_mps2: 0.0,
            ..Self::default()
        }
    }
}

spec! {
    /// Where the phone sits.
    Phone {
        /// How it is turned.
        mount: Mount = Mount::default(),
        /// From the vehicle's reference point (mid wheelbase, at the height of the centre of gravity), vehicle frame, m.
        lever_arm_m: [f64; 3] = [0.6, 0.3, 0.3],
        /// Resonance of the holder, Hz; 0: rigid.
        holder_hz: f64 = 0.0,
        /// Damping of the holder.
        holder_damping: f64 = 0.15,
    }
}

/// How the phone is turned against the vehicle: a base pose, then turns about the vehicle's axes (roll, pitch, yaw in
/// this order; x forward, y left, z up).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mount {
    /// Base pose.
    pub pose: Pose,
    /// About x, degrees.
    pub roll_deg: f64,
    /// About y, degrees; positive tilts what points forward down.
    pub pitch_deg: f64,
    /// About z, degrees, positive to the left.
    pub yaw_deg: f64,
}

/// Base pose of a phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pose {
    /// Face up, top edge forward.
    #[default]
    Flat,
    /// Upright, screen to the rear.
    Portrait,
    /// Upright on its right edge, screen to the rear.
    Landscape,
    /// Upright on its top edge, screen to the rear.
    UpsideDown,
}

impl Mount {
    /// The mount that takes device axes into vehicle axes so: [`Mount::vehicle_from_device`] the other way round.
    pub fn sitting(vehicle_from_device: &UnitQuaternion<f64>) -> Self {
        let flat = Self::default();
        let (roll, pitch, yaw) = (vehicle_from_device * flat.vehicle_from_device().inverse()).euler_angles();
        Self { roll_deg: roll.to_degrees(), pitch_deg: pitch.to_degrees(), yaw_deg: yaw.to_degrees(), ..flat }
    }

    /// Rotation that takes device axes into vehicle axes.
    pub fn vehicle_from_device(&self) -> UnitQuaternion<f64> {
        let turned = UnitQuaternion::from_euler_angles(
            self.roll_deg.to_radians(),
            self.pitch_deg.to_radians(),
            self.yaw_deg.to_radians(),
        );
        // Columns: the device's x, y and z axes in the vehicle frame.
        let base = match self.pose {
            Pose::Flat => Matrix3::new(0., 1., 0., -1., 0., 0., 0., 0., 1.),
            Pose::Portrait => Matrix3::new(0., 0., -1., -1., 0., 0., 0., 1., 0.),
            Pose::Landscape => Matrix3::new(0., 0., -1., 0., -1., 0., -1., 0., 0.),
            Pose::UpsideDown => Matrix3::new(0., 0., -1., 1., 0., 0., 0., -1., 0.),
        };
        turned * UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(base))
    }
}

spec! {
    /// How samples are timed and delivered.
    Timing {
        /// Nominal rate, Hz.
        rate_hz: f64 = 50.0,
        /// Standard deviation of the interval, as a share of it.
        jitter: f64 = 0.02,
        /// Probability that a sample is lost.
        dropout: f64 = 0.0,
        /// Probability that a sample is delivered twice.
        duplicate: f64 = 0.0,
        /// Samples are kept in a FIFO and delivered together every so many seconds; 0: at once.
        batch_s: f64 = 0.0,
        /// Stamps are late by this much, s.
        clock_offset_s: f64 = 0.0,
    }
}

macro_rules! triad_sensor {
    ($(#[$meta:meta])* $name:ident {
        noise: $noise:expr, bias: $bias:expr, bias_walk: $walk:expr, scale_error: $scale:expr,
        step: $step:expr, range: $range:expr,
    }) => {
        spec! {
            $(#[$meta])*
            $name {
                /// Timing.
                timing: Timing = Timing::default(),
                /// White noise per sample, standard deviation.
                noise: f64 = $noise,
                /// Constant bias, standard deviation over devices, per axis.
                bias: f64 = $bias,
                /// Random walk of the bias, per √s.
                bias_walk: f64 = $walk,
                /// Scale error and misalignment of the axes, standard deviation.
                scale_error: f64 = $scale,
                /// Resolution.
                step: f64 = $step,
                /// Readings end at ± this.
                range: f64 = $range,
                /// Bandwidth, Hz; 0: 0.4 of the rate.
                bandwidth_hz: f64 = 0.0,
            }
        }

        impl $name {
            /// As usual, at `rate_hz`.
            pub fn at(rate_hz: f64) -> Self {
                Self { timing: Timing { rate_hz, ..Timing::default() }, ..Self::default() }
            }

            /// Without any error, at `rate_hz`.
            pub fn ideal(rate_hz: f64) -> Self {
                Self {
                    timing: Timing { rate_hz, jitter: 0.0, ..Timing::default() },
                    noise: 0.0,
                    bias: 0.0,
                    bias_walk: 0.0,
                    scale_error: 0.0,
                    step: 0.0,
                    range: 1e6,
                    bandwidth_hz: 1e6,
                }
            }

            pub(crate) fn errors(&self) -> TriadErrors {
                let Self { noise, bias, bias_walk, scale_error, step, range, bandwidth_hz, .. } = *self;
                TriadErrors { noise, bias, bias_walk, scale_error, step, range, bandwidth_hz }
            }
        }
    };
}

/// What is wrong with a three-axis sensor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TriadErrors {
    pub(crate) noise: f64,
    pub(crate) bias: f64,
    pub(crate) bias_walk: f64,
    pub(crate) scale_error: f64,
    pub(crate) step: f64,
    pub(crate) range: f64,
    pub(crate) bandwidth_hz: f64,
}

triad_sensor! {
    /// An accelerometer, m/s²: ±8 g; noise and offset as of the BMI160 (180 µg/√Hz, ±40 mg at most) and the
    /// LSM6DSO (±20 mg), after a phone's usual filters.
    Accelerometer { noise: 0.03, bias: 0.08, bias_walk: 2e-4, scale_error: 0.005, step: 0.005, range: 78.453_2, }
}

triad_sensor! {
    /// A gyroscope, rad/s: ±2000 °/s; noise and offset as of the BMI160 (0.007 °/s/√Hz, ±3 °/s at most), after the
    /// platform's own calibration.
    Gyroscope { noise: 0.004, bias: 0.008, bias_walk: 2e-5, scale_error: 0.005, step: 0.001, range: 34.906_6, }
}

spec! {
    /// A magnetometer and the field around it.
    Magnetometer {
        /// Timing.
        timing: Timing = Timing { rate_hz: 10.0, ..Timing::default() },
        /// White noise per sample, µT (AK09918: 0.15 µT resolution; phones show 0.3 to 0.6).
        noise_ut: f64 = 0.4,
        /// Resolution, µT.
        step_ut: f64 = 0.1,
        /// Strength of the Earth's field, µT (49 in central Europe, IGRF).
        earth_ut: f64 = 49.0,
        /// Inclination, degrees, positive downward.
        inclination_deg: f64 = 66.0,
        /// Declination, degrees, positive to the east.
        declination_deg: f64 = 4.0,
        /// Field of the phone's own iron, device frame, µT.
        hard_iron_device_ut: [f64; 3] = [12.0, -8.0, 20.0],
        /// Field of the car's iron, vehicle frame, µT.
        hard_iron_vehicle_ut: [f64; 3] = [-9.0, 5.0, -14.0],
        /// The car's steel weakens the field inside by this share.
        shielding: f64 = 0.2,
    }
}

spec! {
    /// A barometer.
    Barometer {
        /// Rate, Hz.
        rate_hz: f64 = 1.0,
        /// White noise, hPa (BMP280: 0.013).
        noise_hpa: f64 = 0.02,
    }
}

spec! {
    /// A satellite receiver, as a phone shows it.
    Gnss {
        /// Rate, Hz.
        rate_hz: f64 = 1.0,
        /// A fix describes the moment this long before its stamp, s (1.4 s measured on an iPhone X against its car).
        delay_s: f64 = 0.4,
        /// The receiver smooths its velocity with this time constant, s.
        smoothing_s: f64 = 0.3,
        /// The fix arrives this long after its stamp, s.
        arrival_s: f64 = 0.15,
        /// Slow position error per axis, standard deviation, m (GPS open sky: 3 to 5 m).
        position_sigma_m: f64 = 2.5,
        /// … correlated over, s (multipath and atmosphere: minutes).
        position_tau_s: f64 = 90.0,
        /// White position error per axis, m.
        position_white_m: f64 = 0.25,
        /// Speed error, standard deviation, m/s, half of it correlated over 3 s (Doppler: 0.05 to 0.2).
        speed_sigma_mps: f64 = 0.12,
        /// The first fix after an outage is wrong by about this much, m, and finds back within seconds.
        reacquisition_m: f64 = 25.0,
        /// Speed and course are −1 while unknown, as on iOS; otherwise they are left out.
        minus_one: bool = false,
        /// Probability that a fix has no speed.
        speedless: f64 = 0.0,
        /// Probability that the speed of one fix is a wild value.
        spike: f64 = 0.0,
        /// Probability that a fix comes from the network, with kilometre accuracy.
        coarse: f64 = 0.0,
    }
}

/// Why a scenario cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// Not the TOML of a scenario.
    #[error("not a scenario: {0}")]
    Parse(#[from] toml::de::Error),
    /// Cannot be written as TOML.
    #[error("cannot be written: {0}")]
    Write(#[from] toml::ser::Error),
    /// A value outside of its range.
    #[error("{field} = {value}: expected {expected}")]
    OutOfRange {
        /// Dotted name.
        field: String,
        /// What was given.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// The engine config is none.
    #[error("config: {0}")]
    Config(toml::de::Error),
    /// A hint the engine does not know.
    #[error("hint {name},{value} is not known")]
    Hint {
        /// Name.
        name: String,
        /// Value.
        value: String,
    },
}

impl Scenario {
    /// Reads a scenario and checks it.
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text)?;
        scenario.validate()?;
        Ok(scenario)
    }

    /// Writes the scenario so that [`Scenario::from_toml`] reads the same.
    pub fn to_toml(&self) -> Result<String, ScenarioError> {
        Ok(toml::to_string(self)?)
    }

    /// Whether any inertial or magnetic sensor is recorded.
    pub(crate) fn has_inertial(&self) -> bool {
        self.accel.is_some() || self.gyro.is_some() || self.mag.is_some()
    }
}
