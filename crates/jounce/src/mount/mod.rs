//! How the phone sits in the vehicle.
//!
//! In: steps of linear acceleration and angular rate in the device frame, and fixes. Out: the rotation *vehicle from
//! device* with the standard deviation of its yaw, and the delay of the GNSS speed behind its stamp. A restart when the
//! phone has been moved.
//!
//! Gravity, averaged over grades and banks, gives the vehicle's up. Forward comes from a recursive weighted fit in the
//! plane across it: what the phone felt between two fixes, as a complex number, is what the vehicle must have felt
//! (change of speed, and speed × change of heading × i), turned by the mount's yaw. Candidates for the GNSS delay are
//! fitted side by side, and weighed by how well each foretells the next interval. Without GNSS the yaw rate alone tells left from right: a
//! car that turns left is pushed left, at whatever speed.

mod fit;
pub(crate) mod moved;

use alloc::collections::VecDeque;

use nalgebra::{Complex, Matrix3, Rotation3, UnitQuaternion, Vector3};

use crate::{
    config::MountConfig,
    correlation::Correlation,
    grid::{STEP_NS, STEP_S, Step},
    persist::Persist,
    time::Timestamp,
    track::{Track, TrackFix, turn},
};
use fit::{DelayFit, Fit};

/// Steps remembered: the longest delay, the longest interval between fixes, and a margin.
const HISTORY: usize = 80;
/// Shortest and longest interval between two fixes that are compared, s.
const INTERVAL_S: core::ops::RangeInclusive<f64> = 0.45..=2.5;
/// Time constant of the vehicle's up, s: grades and banks come and go within it.
const UP_TAU_S: f64 = 120.0;
/// No vehicle brakes or turns harder than its tyres hold, m/s²: more is a phone that turns.
const MAX_DONE_MPS2: f64 = 10.0;
/// Window over which turning is compared when there is no GNSS, in steps.
const TURN_STEPS: u32 = 10;
/// The windows of one bend share its bank and the driver's braking: so many count as one (a bend lasts 3 to 5 s).
const WINDOWS_OF_A_BEND: f64 = 3.0;
/// Old observations count less every so many steps.
const FORGET_STEPS: u32 = 10;
/// Slower turns than this say nothing about the side, rad/s.
const MIN_TURN_RADPS: f64 = 0.06;

/// How the phone sits.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub(crate) struct Alignment {
    /// Vehicle from device.
    pub(crate) vehicle_from_device: UnitQuaternion<f64>,
    /// Standard deviation of its yaw, rad.
    pub(crate) sigma_rad: f64,
}

/// Learns how the phone sits.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Mount {
    config: MountConfig,
    up: Option<(Vector3<f64>, f64)>,
    /// A device axis from which the yaw is counted; the one furthest from up at the start.
    reference: Vector3<f64>,
    history: VecDeque<Sums>,
    steps: u32,
    delay: DelayFit,
    turning: Fit,
    turning_correlation: Correlation,
    window: (Vector3<f64>, f64),
    last_fix: Option<TrackFix>,
    /// What the last step left of all this.
    alignment: Option<Alignment>,
}

/// Integrals from the start up to a moment.
#[derive(Clone, Copy, Debug, Persist)]
struct Sums {
    t: Timestamp,
    velocity: Vector3<f64>,
    angle: Vector3<f64>,
    /// Steps without acceleration, and without a rate.
    unfelt: u64,
    unturned: u64,
}

impl Mount {
    pub(crate) fn new(config: &MountConfig) -> Self {
        Self {
            config: config.clone(),
            up: None,
            reference: Vector3::x(),
            history: VecDeque::with_capacity(HISTORY),
            steps: 0,
            delay: DelayFit::new(config),
            turning: Fit::default(),
            turning_correlation: Correlation::new(WINDOWS_OF_A_BEND),
            window: (Vector3::zeros(), 0.0),
            last_fix: None,
            alignment: None,
        }
    }

    /// Estimated delay of the GNSS speed behind its stamp, s.
    pub(crate) fn gnss_delay_s(&self) -> f64 {
        self.delay.delay_s()
    }

    /// Its standard deviation, s.
    pub(crate) fn gnss_delay_sigma_s(&self) -> f64 {
        self.delay.sigma_s()
    }

    /// The delay once it rests on this recording, not on the prior.
    pub(crate) fn known_gnss_delay_s(&self) -> Option<f64> {
        self.delay.is_known().then(|| self.delay.delay_s())
    }

    /// The phone has been moved: what was learnt about its place is void. The receiver's delay stays.
    pub(crate) fn restart(&mut self) {
        self.up = None;
        self.history.clear();
        self.delay.forget_yaw();
        self.turning = Fit::default();
        self.turning_correlation = Correlation::new(WINDOWS_OF_A_BEND);
        self.window = (Vector3::zeros(), 0.0);
        self.last_fix = None;
        self.alignment = None;
    }

    /// Best knowledge so far; none before any turn or change of speed.
    pub(crate) fn alignment(&self) -> Option<Alignment> {
        self.alignment
    }

    /// The alignment, when it is good enough for longitudinal and lateral events.
    pub(crate) fn settled(&self) -> Option<Alignment> {
        self.alignment.filter(|alignment| alignment.sigma_rad <= self.config.max_sigma_rad)
    }

    fn align(&self) -> Option<Alignment> {
        let by_fixes = self.delay.yaw();
        let by_turning = self.turning.yaw(&self.turning_correlation);
        let (yaw, sigma_rad) = match (by_fixes, by_turning) {
            (Some(a), Some(b)) => {
                if a.1 <= b.1 {
                    a
                } else {
                    b
                }
            }
            (a, b) => a.or(b)?,
        };
        let (up, _) = self.up?;
        let (e1, e2) = plane(&up, &self.reference);
        let forward = e1 * libm::cos(yaw) + e2 * libm::sin(yaw);
        let left = up.cross(&forward);
        let rows = Matrix3::from_rows(&[forward.transpose(), left.transpose(), up.transpose()]);
        let rotation = Rotation3::from_matrix_unchecked(rows);
        Some(Alignment { vehicle_from_device: UnitQuaternion::from_rotation_matrix(&rotation), sigma_rad })
    }

    /// Takes one step, and the fixes with stamps up to its end.
    pub(crate) fn step(&mut self, step: &Step, track: &Track) {
        self.follow_up(step);
        self.remember(step);
        self.compare_turning(step);
        let after = self.last_fix.map_or(step.t.plus_ns(-STEP_NS), |fix| fix.stamp);
        for &fix in track.between(after, step.t) {
            self.compare(fix);
        }
        for fix in track.between(step.t.plus_ns(-STEP_NS), step.t) {
            if let Some(before) = track.latest(fix.stamp.plus_ns(-1)) {
                self.delay.pace(fix.stamp.s_since(before.stamp));
            }
        }
        if self.steps.is_multiple_of(FORGET_STEPS) {
            let kept = 1.0 - f64::from(FORGET_STEPS) * STEP_S / self.config.memory_s;
            self.delay.scale(kept);
            self.turning.scale(kept);
            self.turning_correlation.scale(kept);
        }
        self.alignment = self.align();
    }

    fn follow_up(&mut self, step: &Step) {
        let Some((up, age)) = &mut self.up else {
            if step.accel.is_some() {
                let axes = [Vector3::x(), Vector3::y(), Vector3::z()];
                let furthest =
                    |a: &&Vector3<f64>, b: &&Vector3<f64>| step.up.dot(a).abs().total_cmp(&step.up.dot(b).abs());
                self.reference = axes.iter().min_by(furthest).copied().unwrap_or_default();
                self.up = Some((step.up, STEP_S));
            }
            return;
        };
        *age += STEP_S;
        let mean = *up + (step.up - *up) * (STEP_S / age.min(UP_TAU_S));
        *up = mean.try_normalize(1e-6).unwrap_or(*up);
    }

    fn remember(&mut self, step: &Step) {
        let mut sums = self.history.back().copied().unwrap_or(Sums {
            t: step.t,
            velocity: Vector3::zeros(),
            angle: Vector3::zeros(),
            unfelt: 0,
            unturned: 0,
        });
        sums.t = step.t;
        match step.accel {
            Some(accel) => sums.velocity += accel * STEP_S,
            None => sums.unfelt += 1,
        }
        match step.rate {
            Some(rate) => sums.angle += rate * STEP_S,
            None => sums.unturned += 1,
        }
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(sums);
        self.steps = self.steps.wrapping_add(1);
    }

    /// What the phone felt between two fixes against what the vehicle did, for each candidate delay.
    fn compare(&mut self, fix: TrackFix) {
        let Some(before) = self.last_fix else {
            self.last_fix = Some(fix);
            return;
        };
        let interval_s = fix.stamp.s_since(before.stamp);
        if interval_s < *INTERVAL_S.start() {
            return;
        }
        self.last_fix = Some(fix);
        let (Some(v0), Some(change), Some((up, _))) = (before.speed_mps, before.change_until(&fix), self.up) else {
            return;
        };
        let v1 = v0 + change;
        if interval_s > *INTERVAL_S.end() || (v0 < 0.5 && v1 < 0.5) {
            return; // a standing car says nothing
        }
        let (e1, e2) = plane(&up, &self.reference);
        let history = &self.history;
        // Without a gyroscope the course tells the turn, as late as the speed.
        let course = turn(&before, &fix);
        let felt = |delay_s: f64| {
            let from = sums_at(history, before.stamp.plus_s(-delay_s))?;
            let to = sums_at(history, fix.stamp.plus_s(-delay_s))?;
            if to.unfelt != from.unfelt {
                return None;
            }
            let velocity = to.velocity - from.velocity;
            let heading = if to.unturned == from.unturned { (to.angle - from.angle).dot(&up) } else { course? };
            let felt = Complex::new(velocity.dot(&e1), velocity.dot(&e2)) / interval_s;
            let did = Complex::new(change, 0.5 * (v0 + v1) * heading) / interval_s;
            (did.norm_sqr() <= MAX_DONE_MPS2 * MAX_DONE_MPS2).then_some((felt, did))
        };
        self.delay.observe(felt, interval_s);
    }

    /// Without fixes: pushed to the left means turning left.
    fn compare_turning(&mut self, step: &Step) {
        let (Some(accel), Some(rate), Some((up, _))) = (step.accel, step.rate, self.up) else {
            self.window = (Vector3::zeros(), 0.0);
            return;
        };
        self.window.0 += accel / f64::from(TURN_STEPS);
        self.window.1 += rate.dot(&up) / f64::from(TURN_STEPS);
        if !self.steps.is_multiple_of(TURN_STEPS) {
            return;
        }
        let (accel, turn_rate) = core::mem::replace(&mut self.window, (Vector3::zeros(), 0.0));
        if turn_rate.abs() >= MIN_TURN_RADPS {
            let (e1, e2) = plane(&up, &self.reference);
            let felt = Complex::new(accel.dot(&e1), accel.dot(&e2));
            let did = Complex::new(0.0, turn_rate);
            if let Some(score) = self.turning.score(felt, did) {
                self.turning_correlation.observe(score);
            }
            self.turning.observe(felt, did, 1.0);
        }
    }

    /// How far the gyroscope's turn about the vertical is from the course's over the last interval, rad/s, with the
    /// gyroscope's rate and the standard deviation: `(gyro, course, sigma)`.
    pub(crate) fn course_rates(&self, before: &TrackFix, after: &TrackFix) -> Option<(f64, f64, f64)> {
        let interval_s = after.stamp.s_since(before.stamp);
        let angle = turn(before, after)?;
        let delay_s = self.gnss_delay_s();
        let from = sums_at(&self.history, before.stamp.plus_s(-delay_s))?;
        let to = sums_at(&self.history, after.stamp.plus_s(-delay_s))?;
        let (up, _) = self.up?;
        if to.unfelt != from.unfelt || to.unturned != from.unturned || !(0.8..=2.5).contains(&interval_s) {
            return None;
        }
        let gyro = (to.angle - from.angle).dot(&up) / interval_s;
        // Course noise is the speed's noise across the way, twice; while turning, the delay adds to it.
        let speed = after.speed_mps?.min(before.speed_mps?);
        let sigma = 1.5 * after.speed_sigma_mps.max(0.1) / speed / interval_s + 0.5 * gyro.abs();
        Some((gyro, angle / interval_s, sigma))
    }
}

/// Two unit vectors across `up`: the first is `reference` laid into the plane, the second is a quarter turn on.
fn plane(up: &Vector3<f64>, reference: &Vector3<f64>) -> (Vector3<f64>, Vector3<f64>) {
    let e1 = (reference - up * up.dot(reference)).try_normalize(1e-6).unwrap_or_else(Vector3::x);
    (e1, up.cross(&e1))
}

fn sums_at(history: &VecDeque<Sums>, t: Timestamp) -> Option<Sums> {
    let index = history.partition_point(|sums| sums.t < t);
    let after = history.get(index)?;
    let before = history.get(index.checked_sub(1)?)?;
    let share = t.s_since(before.t) / after.t.s_since(before.t);
    Some(Sums {
        t,
        velocity: before.velocity + (after.velocity - before.velocity) * share,
        angle: before.angle + (after.angle - before.angle) * share,
        unfelt: after.unfelt,
        unturned: after.unturned,
    })
}

#[cfg(test)]
mod tests;
