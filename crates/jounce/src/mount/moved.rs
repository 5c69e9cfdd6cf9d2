//! A turned or picked-up phone: rotation that no vehicle makes.
//!
//! In: angular rate and specific force in the device frame, in measured order, ahead of the fused lane. Out: when a move
//! began and when the phone had settled again, about as soon as the rotation has happened.

use alloc::collections::VecDeque;

use nalgebra::{UnitQuaternion, Vector3};

use crate::{
    attitude::rotation,
    config::HandlingConfig,
    persist::Persist,
    time::{Timestamp, ns_from_s},
};

/// The phone has moved a little before the rotation shows, and comes to rest a little after it has ended, s.
pub(crate) const MARGIN_S: f64 = 0.3;
/// Spacing of the remembered orientations, ns.
const SPACING_NS: i64 = 100_000_000;
/// Orientations remembered.
const CAPACITY: usize = 64;
/// Time constant of the correction of up by gravity, s: longer than a car brakes, shorter than a gyroscope drifts.
const UP_TAU_S: f64 = 5.0;
/// Time constant of up when there is no gyroscope, s.
const SLOW_UP_TAU_S: f64 = 1.0;
/// Without a gyroscope hard braking looks like tilt (39° at 8 m/s²), so only more than this is a move, rad.
const MIN_ANGLE_WITHOUT_GYRO_RAD: f64 = 0.9;
/// Longest step integrated, s.
const MAX_STEP_S: f64 = 0.5;
/// Lateral acceleration that tyres end at, m/s²: bounds a vehicle's yaw rate at its speed.
const MAX_LATERAL_MPS2: f64 = 9.0;
/// Yaw rate that no vehicle exceeds, however slow, rad/s (a U-turn at 5 m radius and 5 m/s makes 1).
const MAX_YAW_RATE_RADPS: f64 = 1.2;
/// Yaw beyond the vehicle's within one second that makes a move, rad.
const YAW_MARGIN_RAD: f64 = 0.35;
/// Yaw between two remembered orientations that a bump may make, rad.
const YAW_NOISE_RAD: f64 = 0.02;

/// What the watch has seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Seen {
    /// The phone is being moved since `start`.
    Began { start: Timestamp, at: Timestamp, angle_rad: f64, within_s: f64 },
    /// It lies still again, from `at` on.
    Settled { at: Timestamp },
}

/// How the phone sat at a moment, and which way was up in it.
type Pose = (Timestamp, UnitQuaternion<f64>, Vector3<f64>);

/// Watches for moves.
#[derive(Clone, Debug, Persist)]
pub(crate) struct MoveWatch {
    angle_rad: f64,
    window_ns: i64,
    settle_ns: i64,
    settled_rad: f64,
    orientation: UnitQuaternion<f64>,
    up: Option<Vector3<f64>>,
    past: VecDeque<Pose>,
    last_gyro: Option<Timestamp>,
    last_accel: Option<Timestamp>,
    /// Since when the phone has been moving.
    moving_since: Option<Timestamp>,
}

impl MoveWatch {
    pub(crate) fn new(config: &HandlingConfig) -> Self {
        Self {
            angle_rad: config.angle_deg.to_radians(),
            window_ns: ns_from_s(config.within_s),
            settle_ns: ns_from_s(config.settle_s),
            settled_rad: config.settled_deg.to_radians(),
            orientation: UnitQuaternion::identity(),
            up: None,
            past: VecDeque::with_capacity(CAPACITY),
            last_gyro: None,
            last_accel: None,
            moving_since: None,
        }
    }

    /// Which way is up in the device frame.
    pub(crate) fn up(&self) -> Option<Vector3<f64>> {
        self.up
    }

    /// After a pause nothing can be compared with before.
    pub(crate) fn restart(&mut self) {
        self.up = None;
        self.past.clear();
        self.last_gyro = None;
        self.last_accel = None;
    }

    /// Specific force, device frame, m/s².
    pub(crate) fn accel(&mut self, t: Timestamp, force: Vector3<f64>) -> Option<Seen> {
        let dt = self.last_accel.replace(t).map_or(0.0, |last| t.s_since(last)).clamp(0.0, MAX_STEP_S);
        let measured = force.try_normalize(3.0)?;
        let has_gyro = self.has_gyro(t);
        let tau_s = if has_gyro { UP_TAU_S } else { SLOW_UP_TAU_S };
        let up = self.up.get_or_insert(measured);
        *up = (*up + (measured - *up) * (dt / (tau_s + dt))).try_normalize(1e-6).unwrap_or(measured);
        if has_gyro { None } else { self.look(t, 0.0) }
    }

    /// Angular rate without bias, device frame, rad/s; the vehicle's speed, m/s, where known.
    pub(crate) fn gyro(&mut self, t: Timestamp, rate: Vector3<f64>, speed_mps: Option<f64>) -> Option<Seen> {
        let dt = self.last_gyro.replace(t).map_or(0.0, |last| t.s_since(last));
        if !(0.0..=MAX_STEP_S).contains(&dt) {
            return None;
        }
        let turn = rotation(rate * dt);
        self.orientation *= turn;
        self.up = self.up.map(|up| turn.inverse_transform_vector(&up));
        let speed = speed_mps.unwrap_or(0.0).max(1.0);
        self.look(t, (MAX_LATERAL_MPS2 / speed).min(MAX_YAW_RATE_RADPS))
    }

    /// The gyroscope is alive; one that has ended tells nothing about the moves since.
    fn has_gyro(&self, t: Timestamp) -> bool {
        self.last_gyro.is_some_and(|last| t.s_since(last) < MAX_STEP_S)
    }

    fn look(&mut self, t: Timestamp, vehicle_yaw_rate: f64) -> Option<Seen> {
        let up = self.up?;
        if self.past.back().is_some_and(|&(last, ..)| t.ns_since(last) < SPACING_NS) {
            return None;
        }
        if self.past.len() == CAPACITY {
            self.past.pop_front();
        }
        self.past.push_back((t, self.orientation, up));
        match self.moving_since {
            None => self.look_for_start(t, vehicle_yaw_rate),
            Some(_) => self.look_for_end(t, vehicle_yaw_rate),
        }
    }

    fn look_for_start(&mut self, t: Timestamp, vehicle_yaw_rate: f64) -> Option<Seen> {
        let &(_, now, up) = self.past.back()?;
        let has_gyro = self.has_gyro(t);
        let limit = if has_gyro { self.angle_rad } else { self.angle_rad.max(MIN_ANGLE_WITHOUT_GYRO_RAD) };
        let mut beyond = self.past.iter().rev().skip(1).take_while(|(then, ..)| t.ns_since(*then) <= self.window_ns);
        // The shortest window that shows it dates the start best.
        let (then, angle_rad) = beyond.find_map(|&(then, orientation, up_then)| {
            let within_s = t.s_since(then);
            let tilt = tilt(has_gyro, &orientation, &now, &up_then, &up);
            let yaw = yaw(&orientation, &now, &up);
            let yaw_limit = YAW_MARGIN_RAD + vehicle_yaw_rate * within_s;
            let is_yaw = vehicle_yaw_rate > 0.0 && within_s <= 1.0 && yaw > yaw_limit;
            (tilt > limit || is_yaw).then_some((then, tilt.max(yaw)))
        })?;
        let start = self.still_until(then, vehicle_yaw_rate, has_gyro);
        self.moving_since = Some(start);
        Some(Seen::Began { start, at: t, angle_rad, within_s: t.s_since(start) })
    }

    /// How long it stayed as it was at `then`: where a vehicle pitches, more than the move lies between then and now.
    fn still_until(&self, then: Timestamp, vehicle_yaw_rate: f64, has_gyro: bool) -> Timestamp {
        let mut since = self.past.iter().skip_while(|(t, ..)| *t < then);
        let Some(first) = since.next() else { return then };
        let stays = |later: &&Pose| self.sits_alike(first, later, vehicle_yaw_rate, has_gyro);
        since.take_while(stays).last().map_or(then, |(t, ..)| *t)
    }

    /// Whether it sits at `later` as it did at `then`: with the vehicle it may have turned, but never faster than that.
    fn sits_alike(&self, then: &Pose, later: &Pose, vehicle_yaw_rate: f64, has_gyro: bool) -> bool {
        let ((then, orientation, up_then), (t, now, up)) = (then, later);
        tilt(has_gyro, orientation, now, up_then, up) < self.settled_rad
            && yaw(orientation, now, up) < self.settled_rad + vehicle_yaw_rate * t.s_since(*then)
    }

    fn look_for_end(&mut self, t: Timestamp, vehicle_yaw_rate: f64) -> Option<Seen> {
        let newest = self.past.back()?;
        let since = self.moving_since?;
        let has_gyro = self.has_gyro(t);
        let latest_first = || self.past.iter().rev();
        let (&(still_since, ..), _) = latest_first()
            .skip(1)
            .zip(latest_first())
            .take_while(|(pose, (next, next_orientation, _))| {
                let (then, orientation, _) = pose;
                *then >= since
                    && self.sits_alike(pose, newest, vehicle_yaw_rate, has_gyro)
                    && yaw(orientation, next_orientation, &newest.2)
                        < YAW_NOISE_RAD + vehicle_yaw_rate * next.s_since(*then)
            })
            .last()?;
        if t.ns_since(still_since) < self.settle_ns {
            return None;
        }
        self.moving_since = None;
        self.past.clear();
        Some(Seen::Settled { at: still_since })
    }
}

/// How far the phone has turned about `up` between two orientations, rad, either way.
fn yaw(then: &UnitQuaternion<f64>, now: &UnitQuaternion<f64>, up: &Vector3<f64>) -> f64 {
    (then.inverse() * now).scaled_axis().dot(up).abs()
}

/// How far up has turned within the device since then, rad: by the gyroscope, or by gravity when there is none.
fn tilt(
    has_gyro: bool,
    then: &UnitQuaternion<f64>,
    now: &UnitQuaternion<f64>,
    up_then: &Vector3<f64>,
    up_now: &Vector3<f64>,
) -> f64 {
    let turned = if has_gyro { (then.inverse() * now).inverse_transform_vector(up_then) } else { *up_now };
    libm::acos(turned.dot(up_then).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests;
