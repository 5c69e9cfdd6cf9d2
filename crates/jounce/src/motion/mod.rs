//! The vehicle's motion.

pub(crate) mod filter;
mod smoother;
pub(crate) mod standing;

use nalgebra::UnitQuaternion;

use crate::{event::Position, time::Timestamp};

/// The vehicle's motion at one moment of a 10 Hz grid; `None` where it is not known.
///
/// Vehicle frame: x forward, y left, z up (ISO 8855). Accelerations have gravity removed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts about one moment")]
pub struct Motion {
    /// The moment at which the values are true.
    pub t: Timestamp,
    /// Speed over ground, m/s, never negative.
    pub speed_mps: Option<f64>,
    /// Its standard deviation, m/s.
    pub speed_sigma_mps: Option<f64>,
    /// The speed is carried on by the inertial sensors: no fix for more than `motion.estimated_after_s`.
    pub estimated: bool,
    /// Forward acceleration, m/s².
    pub accel_forward_mps2: Option<f64>,
    /// Acceleration to the left, m/s².
    pub accel_left_mps2: Option<f64>,
    /// Acceleration upward, m/s².
    pub accel_up_mps2: Option<f64>,
    /// Yaw rate, rad/s, positive to the left.
    pub yaw_rate_radps: Option<f64>,
    /// Standard deviation of the mount's yaw, rad.
    pub mount_sigma_rad: Option<f64>,
    /// Vehicle from device.
    pub vehicle_from_device: Option<UnitQuaternion<f64>>,
    /// Estimated delay of the GNSS speed behind its stamp, s.
    pub gnss_delay_s: Option<f64>,
    /// Position, interpolated between fixes.
    pub position: Option<Position>,
    /// GNSS speed, interpolated between fixes that cover this moment, m/s.
    pub gnss_speed_mps: Option<f64>,
    /// Speed from the positions of the fixes around this moment, m/s.
    pub displacement_speed_mps: Option<f64>,
    /// Its standard deviation, by the accuracies that the fixes claim, m/s.
    pub displacement_sigma_mps: Option<f64>,
    /// The inertial sensors took part: the mount was known.
    pub inertial: bool,
    /// There is an accelerometer, whether or not it could take part.
    pub accelerometer: bool,
    /// How long this was kept until the mount was known and it could be judged, s; none when it was judged as it came.
    pub kept_s: Option<f64>,
    /// The phone is being moved within the vehicle, or its new place is not known yet.
    pub phone_moving: bool,
}

impl Motion {
    /// A moment of which nothing is known.
    pub const fn unknown(t: Timestamp) -> Self {
        Self {
            t,
            speed_mps: None,
            speed_sigma_mps: None,
            estimated: false,
            accel_forward_mps2: None,
            accel_left_mps2: None,
            accel_up_mps2: None,
            yaw_rate_radps: None,
            mount_sigma_rad: None,
            vehicle_from_device: None,
            gnss_delay_s: None,
            position: None,
            gnss_speed_mps: None,
            displacement_speed_mps: None,
            displacement_sigma_mps: None,
            inertial: false,
            accelerometer: false,
            kept_s: None,
            phone_moving: false,
        }
    }
}
