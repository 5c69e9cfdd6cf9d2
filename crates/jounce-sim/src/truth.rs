//! What was true: the finely sampled track that labels are judged on, and the rows of `truth.csv`.

use std::io;

use jounce::sample::PostedLimit;
use nalgebra::{UnitQuaternion, Vector3};

use crate::{
    body::BodyMotion,
    math::lat_lon_deg,
    phone::{PhoneMotion, PhoneState},
    scenario::Scenario,
    vehicle::Kinematics,
};

/// Interval of [`Moment`]s, ns.
pub(crate) const MOMENT_NS: i64 = 10_000_000;
/// [`Moment`]s from one [`TruthRow`] to the next.
const ROW_EVERY: usize = 10;

/// The truth over 10 ms. Vehicle frame, levelled: forward, left, up; gravity removed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// End of the interval, since the start, s.
    pub(crate) t_s: f64,
    pub(crate) speed_mps: f64,
    /// Mean over the interval, m/s².
    pub(crate) accel: Vector3<f64>,
    pub(crate) yaw_rate_radps: f64,
    /// Counter-clockwise from east, not wrapped, rad.
    pub(crate) heading_rad: f64,
    /// Slope of the road, positive uphill, rad.
    pub(crate) grade_rad: f64,
    /// Roll of the vehicle, not wrapped, rad.
    pub(crate) roll_rad: f64,
    /// East and north of the start, m.
    pub(crate) position: (f64, f64),
    pub(crate) limit: PostedLimit,
    pub(crate) phone: PhoneState,
    pub(crate) vehicle_from_device: UnitQuaternion<f64>,
    /// Magnitude of the phone's specific force, mean over the interval, m/s².
    pub(crate) phone_force_mps2: f64,
    /// Samples are being recorded.
    pub(crate) recording: bool,
}

/// Collects steps into [`Moment`]s.
#[derive(Debug)]
pub(crate) struct Collector {
    steps_per_moment: u32,
    steps: u32,
    accel: Vector3<f64>,
    force: f64,
    pub(crate) track: Vec<Moment>,
}

impl Collector {
    pub(crate) fn new(steps_per_moment: u32) -> Self {
        Self { steps_per_moment, steps: 0, accel: Vector3::zeros(), force: 0.0, track: Vec::new() }
    }

    pub(crate) fn observe(
        &mut self,
        now: &Kinematics,
        body: &BodyMotion,
        phone: &PhoneMotion,
        limit: PostedLimit,
        recording: bool,
    ) {
        self.accel += now.accel_vehicle() + Vector3::z() * body.heave_mps2;
        self.force += phone.specific_force_device.norm();
        self.steps += 1;
        if self.steps < self.steps_per_moment {
            return;
        }
        let share = 1.0 / f64::from(self.steps);
        self.track.push(Moment {
            t_s: now.t_s,
            speed_mps: now.speed_mps(),
            accel: self.accel * share,
            yaw_rate_radps: now.yaw_rate_radps,
            heading_rad: now.heading_rad,
            grade_rad: -now.road_pitch_rad,
            roll_rad: now.road_roll_rad,
            position: (now.position.x, now.position.y),
            limit,
            phone: phone.state,
            vehicle_from_device: phone.vehicle_from_device,
            phone_force_mps2: self.force * share,
            recording,
        });
        self.steps = 0;
        self.accel = Vector3::zeros();
        self.force = 0.0;
    }
}

/// The truth every 0.1 s. Vehicle frame, levelled: x forward, y left, z up; gravity removed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TruthRow {
    /// Time of the recording's clock, ns.
    pub t_ns: i64,
    /// Horizontal speed, m/s.
    pub speed_mps: f64,
    /// Forward, mean over the 0.1 s around, m/s².
    pub accel_forward_mps2: f64,
    /// To the left, likewise.
    pub accel_left_mps2: f64,
    /// Upward, with the heave of the body, likewise.
    pub accel_up_mps2: f64,
    /// Yaw rate, positive to the left, rad/s.
    pub yaw_rate_radps: f64,
    /// Slope of the road, positive uphill, rad.
    pub grade_rad: f64,
    /// Vehicle from device: w, x, y, z.
    pub vehicle_from_device: [f64; 4],
    /// Latitude, degrees.
    pub lat_deg: f64,
    /// Longitude, degrees.
    pub lon_deg: f64,
    /// How late the receiver's speed is behind its stamps, s; none without a receiver.
    pub gnss_delay_s: Option<f64>,
}

pub(crate) fn rows(track: &[Moment], scenario: &Scenario, gnss_delay_s: Option<f64>) -> Vec<TruthRow> {
    let origin = (scenario.start.lat_deg, scenario.start.lon_deg);
    let half = ROW_EVERY / 2;
    let mut rows = Vec::with_capacity(track.len() / ROW_EVERY + 1);
    for (index, moment) in track.iter().enumerate().skip(ROW_EVERY - 1).step_by(ROW_EVERY) {
        let around = &track[index + 1 - half..(index + 1 + half).min(track.len())];
        #[expect(clippy::cast_precision_loss, reason = "at most ten")]
        let accel = around.iter().map(|m| m.accel).sum::<Vector3<f64>>() / around.len() as f64;
        let (lat_deg, lon_deg) = lat_lon_deg(origin, moment.position.0, moment.position.1);
        let q = moment.vehicle_from_device;
        #[expect(clippy::cast_possible_wrap, reason = "drives are short")]
        let t_ns = scenario.start.t_ns.saturating_add((index as i64 + 1) * MOMENT_NS);
        rows.push(TruthRow {
            t_ns,
            speed_mps: moment.speed_mps,
            accel_forward_mps2: accel.x,
            accel_left_mps2: accel.y,
            accel_up_mps2: accel.z,
            yaw_rate_radps: moment.yaw_rate_radps,
            grade_rad: moment.grade_rad,
            vehicle_from_device: [q.w, q.i, q.j, q.k],
            lat_deg,
            lon_deg,
            gnss_delay_s,
        });
    }
    rows
}

const HEADER: [&str; 14] = [
    "t_ns",
    "speed_mps",
    "accel_forward_mps2",
    "accel_left_mps2",
    "accel_up_mps2",
    "yaw_rate_radps",
    "grade_rad",
    "vqw",
    "vqx",
    "vqy",
    "vqz",
    "lat",
    "lon",
    "gnss_delay_s",
];

/// Writes `truth.csv`.
pub(crate) fn write(rows: &[TruthRow], w: impl io::Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(w);
    csv.write_record(HEADER)?;
    for row in rows {
        let [w, x, y, z] = row.vehicle_from_device;
        let mut record = vec![row.t_ns.to_string()];
        let motion = [
            row.speed_mps,
            row.accel_forward_mps2,
            row.accel_left_mps2,
            row.accel_up_mps2,
            row.yaw_rate_radps,
            row.grade_rad,
        ];
        record.extend(motion.map(|value| decimals(value, 4)));
        record.extend([w, x, y, z].map(|value| decimals(value, 5)));
        record.extend([row.lat_deg, row.lon_deg].map(|value| decimals(value, 7)));
        record.push(row.gnss_delay_s.map(|value| decimals(value, 3)).unwrap_or_default());
        csv.write_record(&record)?;
    }
    csv.flush()
}

/// Never writes a negative zero.
pub(crate) fn decimals(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| b == b'0' || b == b'.') => rest.to_owned(),
        _ => text,
    }
}
