//! The last half minute of motion, for looking back from the end of an episode to what was before it.

use alloc::{collections::VecDeque, vec::Vec};

use crate::{
    event::{Event, Position, Reason},
    grid::STEP_S,
    motion::Motion,
    persist::Persist,
    time::Timestamp,
};

/// Steps remembered: 30 s.
const CAPACITY: usize = 300;

/// Steps in the mean.
const SMOOTHED: usize = 3;

/// Positions tell the speed of so long before, s, in the mean.
const DISPLACED_S: f64 = 2.0;

/// What a detector needs of one step.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub(crate) struct Moment {
    pub(crate) t: Timestamp,
    pub(crate) speed_mps: Option<f64>,
    pub(crate) speed_sigma_mps: Option<f64>,
    pub(crate) estimated: bool,
    pub(crate) gnss_speed_mps: Option<f64>,
    /// By the positions of the two seconds before, and its standard deviation.
    pub(crate) displacement_mps: Option<(f64, f64)>,
    pub(crate) forward_mps2: Option<f64>,
    pub(crate) left_mps2: Option<f64>,
    pub(crate) yaw_rate_radps: Option<f64>,
    pub(crate) mount_sigma_rad: Option<f64>,
    pub(crate) inertial: bool,
    pub(crate) kept_s: Option<f64>,
    pub(crate) position: Option<Position>,
}

/// The last half minute.
#[derive(Clone, Debug, Default, Persist)]
pub(crate) struct Recent {
    moments: VecDeque<Moment>,
}

impl Recent {
    pub(crate) fn new() -> Self {
        Self { moments: VecDeque::with_capacity(CAPACITY) }
    }

    pub(crate) fn push(&mut self, m: &Motion) {
        if self.moments.len() == CAPACITY {
            self.moments.pop_front();
        }
        self.moments.push_back(Moment {
            t: m.t,
            speed_mps: m.speed_mps,
            speed_sigma_mps: m.speed_sigma_mps,
            estimated: m.estimated,
            gnss_speed_mps: m.gnss_speed_mps,
            displacement_mps: m.displacement_speed_mps.zip(m.displacement_sigma_mps),
            forward_mps2: m.accel_forward_mps2,
            left_mps2: m.accel_left_mps2,
            yaw_rate_radps: m.yaw_rate_radps,
            mount_sigma_rad: m.mount_sigma_rad,
            inertial: m.inertial,
            kept_s: m.kept_s,
            position: m.position,
        });
    }

    pub(crate) fn clear(&mut self) {
        self.moments.clear();
    }

    /// The moment at or just before `t`, else the oldest.
    pub(crate) fn at(&self, t: Timestamp) -> Option<&Moment> {
        let after = self.moments.partition_point(|moment| moment.t <= t);
        self.moments.get(after.saturating_sub(1))
    }

    /// The time of the newest moment.
    pub(crate) fn newest(&self) -> Option<Timestamp> {
        self.moments.back().map(|moment| moment.t)
    }

    /// Everything from `from` to `to`, oldest first.
    pub(crate) fn between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = &Moment> {
        let first = self.moments.partition_point(|moment| moment.t < from);
        self.moments.range(first..).take_while(move |moment| moment.t <= to)
    }

    /// Integral of a value over a stretch, counting unknown as zero.
    pub(crate) fn integral(&self, from: Timestamp, to: Timestamp, value: impl Fn(&Moment) -> Option<f64>) -> f64 {
        self.between(from, to).filter_map(value).sum::<f64>() * STEP_S
    }

    /// Steepest rise of a value within a stretch, a second, in the mean over 0.3 s; 0 when it never rises.
    pub(crate) fn steepest(&self, from: Timestamp, to: Timestamp, value: impl Fn(&Moment) -> Option<f64>) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "three")]
        let span_s = SMOOTHED as f64 * STEP_S;
        let values = || self.between(from, to).map(&value);
        let rise = |(before, after): (Option<f64>, Option<f64>)| Some((after? - before?) / span_s);
        values().zip(values().skip(SMOOTHED)).filter_map(rise).fold(0.0, f64::max)
    }

    /// How much the speed by positions changed over a stretch, and the standard deviation of that, m/s: the mean of the two
    /// seconds after it less that of the two before. None where the positions do not cover that.
    pub(crate) fn displaced_mps(&self, from: Timestamp, to: Timestamp) -> Option<(f64, f64)> {
        let at = |t: Timestamp| self.at(t).filter(|m| t.s_since(m.t).abs() <= STEP_S)?.displacement_mps;
        let ((before, sigma_before), (after, sigma_after)) = (at(from)?, at(to.plus_s(DISPLACED_S))?);
        Some((after - before, libm::hypot(sigma_before, sigma_after)))
    }

    /// What is left of a confidence by how well the mount was known at `t`, and when; says so in `reasons`.
    pub(crate) fn by_mount(&self, t: Timestamp, reasons: &mut Vec<Reason>) -> f64 {
        let Some(moment) = self.at(t) else { return 1.0 };
        if let Some(delay_s) = moment.kept_s {
            reasons.push(Reason::Retrospective { delay_s });
        }
        match moment.mount_sigma_rad {
            Some(sigma) => libm::cos(sigma.min(1.0)),
            None if moment.inertial => {
                reasons.push(Reason::MountUncertain { sigma_rad: None });
                BY_SIZE
            }
            None => {
                reasons.push(Reason::GnssOnly);
                BY_FIXES
            }
        }
    }

    /// Mean of a value over a stretch; none when it is known nowhere in it.
    pub(crate) fn mean(&self, from: Timestamp, to: Timestamp, value: impl Fn(&Moment) -> Option<f64>) -> Option<f64> {
        let (sum, count) =
            self.between(from, to).filter_map(value).fold((0.0, 0.0), |(sum, count), v| (sum + v, count + 1.0));
        (count > 0.0).then(|| sum / count)
    }
}

/// Share of confidence left when only the size of the horizontal acceleration was known.
const BY_SIZE: f64 = 0.9;
/// … and when nothing was felt at all: acceleration by fixes agrees with itself.
const BY_FIXES: f64 = 0.95;

/// Where and how fast `event` was, and how well that was known, from the moments at its start and end.
pub(crate) fn tell_how(event: &mut Event, start: Option<&Moment>, end: Option<&Moment>) {
    event.position = start.and_then(|m| m.position);
    event.speed_before_mps = start.and_then(|m| m.speed_mps);
    event.speed_after_mps = end.and_then(|m| m.speed_mps);
    event.speed_sigma_mps = start.and_then(|m| m.speed_sigma_mps);
    event.quality.mount_sigma_rad = start.and_then(|m| m.mount_sigma_rad);
    event.quality.speed_sigma_mps = event.speed_sigma_mps;
    event.quality.estimated = start.is_some_and(|m| m.estimated) || end.is_some_and(|m| m.estimated);
}

/// For so long after the accelerometer has fallen silent it may come back, s; what GNSS shows meanwhile joins nothing.
const SILENCE_S: f64 = 2.5;

/// Centred mean over three steps: what is left of vibration must not hold an episode up, and a longer mean would shorten it.
#[derive(Clone, Debug, Default, Persist)]
pub(crate) struct Smoother {
    values: [Option<f64>; SMOOTHED],
    times: [Timestamp; SMOOTHED],
    last_heard: Option<Timestamp>,
}

impl Smoother {
    /// Takes the newest value, which is `m`'s; gives the mean around the step before it.
    pub(crate) fn step(&mut self, m: &Motion, value: Option<f64>) -> (Timestamp, Option<f64>) {
        if m.accelerometer {
            self.last_heard = Some(m.t);
        }
        let is_silent = !m.accelerometer && self.last_heard.is_some_and(|last| m.t.s_since(last) <= SILENCE_S);
        self.values.rotate_left(1);
        self.times.rotate_left(1);
        self.values[SMOOTHED - 1] = value.filter(|_| !is_silent);
        self.times[SMOOTHED - 1] = m.t;
        let known = self.values.iter().flatten().count();
        #[expect(clippy::cast_precision_loss, reason = "at most three")]
        let mean = self.values[SMOOTHED / 2].map(|_| self.values.iter().flatten().sum::<f64>() / known as f64);
        (self.times[SMOOTHED / 2], mean)
    }
}

#[cfg(test)]
mod tests;
