//! The fixes around the fused moment: what GNSS says about speed, acceleration and place at any moment it covers.
//!
//! In: fixes that passed the gate, by stamp. Out: values interpolated between neighbours. All times here are stamps;
//! who wants the value *at* a moment adds the estimated delay. Nothing is interpolated across an unknown value or a pause.

use alloc::collections::VecDeque;

use crate::{attitude::wrap, event::Position, geo, ingest::gnss::CleanFix, persist::Persist, time::Timestamp};

/// Neighbours further apart than this say nothing about the time between, s.
const MAX_INTERVAL_S: f64 = 2.5;
/// A rate of change is taken over at least twice this, s.
const MARGIN_S: f64 = 0.35;
/// Fixes kept: 10 Hz over the look-ahead, the longest delay and the smoothing.
const CAPACITY: usize = 256;
/// No receiver knows the speed better than this, m/s.
const MIN_SPEED_SIGMA_MPS: f64 = 0.1;
/// Standard deviation of the speed for each metre of the place's, 1/s, where the receiver states none.
const SPEED_SIGMA_PER_M: f64 = 0.03;
/// The speed from the positions is a second old: what ordinary driving changes in that time, m/s.
const STAND_IN_SIGMA_MPS: f64 = 1.0;
/// Positions stand in for a speed only when they know it better than this, m/s: what network fixes kilometres off say
/// is not a speed.
const MAX_STAND_IN_SIGMA_MPS: f64 = 5.0;
/// Below this speed a course is noise, m/s.
const MIN_COURSE_SPEED_MPS: f64 = 4.0;

/// One fix that passed the gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Persist)]
pub(crate) struct TrackFix {
    /// When the receiver says it was.
    pub(crate) stamp: Timestamp,
    /// Where.
    pub(crate) position: Option<Position>,
    /// Horizontal accuracy (68 %), m.
    pub(crate) hacc_m: Option<f64>,
    /// Speed over ground, m/s.
    pub(crate) speed_mps: Option<f64>,
    /// That is the speed of the positions, for want of another.
    pub(crate) stands_in: bool,
    /// Its standard deviation, m/s.
    pub(crate) speed_sigma_mps: f64,
    /// Course over ground, rad clockwise from north.
    pub(crate) course_rad: Option<f64>,
    /// Speed from the positions, and its standard deviation, m/s.
    pub(crate) displacement: Option<(f64, f64)>,
}

impl TrackFix {
    /// `sigma_mps`: standard deviation of a speed that comes without accuracy.
    pub(crate) fn new(fix: &CleanFix, sigma_mps: f64) -> Self {
        let displacement = fix.displacement.as_ref();
        let (speed_mps, speed_sigma_mps) = match (fix.speed_mps, displacement) {
            (Some(speed), _) => {
                // Receivers that give no speed accuracy are as unsure of the speed as of the place.
                let by_place = fix.hacc_m.map_or(sigma_mps, |hacc| sigma_mps.max(hacc * SPEED_SIGMA_PER_M));
                (Some(speed), fix.sacc_mps.unwrap_or(by_place).max(MIN_SPEED_SIGMA_MPS))
            }
            (None, Some(way)) if way.sigma_mps <= MAX_STAND_IN_SIGMA_MPS => {
                (Some(way.speed_mps), way.sigma_mps + STAND_IN_SIGMA_MPS)
            }
            (None, _) => (None, sigma_mps),
        };
        Self {
            stamp: fix.t,
            position: fix.position,
            hacc_m: fix.hacc_m,
            speed_mps,
            stands_in: fix.speed_mps.is_none(),
            speed_sigma_mps,
            course_rad: fix.course_rad,
            displacement: displacement.map(|way| (way.speed_mps, way.sigma_mps)),
        }
    }

    /// Change of speed until `after`, m/s; none from a reported one to one of the positions, which is a second old, or back.
    pub(crate) fn change_until(&self, after: &Self) -> Option<f64> {
        Some(after.speed_mps? - self.speed_mps?).filter(|_| self.stands_in == after.stands_in)
    }
}

/// The recent fixes.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Track {
    fixes: VecDeque<TrackFix>,
}

impl Track {
    pub(crate) fn new() -> Self {
        Self { fixes: VecDeque::with_capacity(CAPACITY) }
    }

    /// Fixes come by stamp.
    pub(crate) fn push(&mut self, fix: TrackFix) {
        if self.fixes.len() == CAPACITY {
            self.fixes.pop_front();
        }
        self.fixes.push_back(fix);
    }

    pub(crate) fn clear(&mut self) {
        self.fixes.clear();
    }

    /// The fixes with stamps in `(after, until]`, oldest first.
    pub(crate) fn between(&self, after: Timestamp, until: Timestamp) -> impl Iterator<Item = &TrackFix> {
        let from = self.fixes.partition_point(|fix| fix.stamp <= after);
        self.fixes.range(from..).take_while(move |fix| fix.stamp <= until)
    }

    /// The newest fix with a stamp up to `t`.
    pub(crate) fn latest(&self, t: Timestamp) -> Option<&TrackFix> {
        let after = self.fixes.partition_point(|fix| fix.stamp <= t);
        self.fixes.get(after.checked_sub(1)?)
    }

    /// Speed at `t`, m/s.
    pub(crate) fn speed_at(&self, t: Timestamp) -> Option<f64> {
        self.interpolate(t, |fix| fix.speed_mps)
    }

    /// Speed from the positions at `t`, and its standard deviation, m/s.
    pub(crate) fn displacement_at(&self, t: Timestamp) -> Option<(f64, f64)> {
        let speed_mps = self.interpolate(t, |fix| fix.displacement.map(|(mps, _)| mps))?;
        Some((speed_mps, self.interpolate(t, |fix| fix.displacement.map(|(_, sigma_mps)| sigma_mps))?))
    }

    /// Change of speed a second at `t`, m/s²: over about a second, since the noise of fixes that follow closely would
    /// drown it.
    pub(crate) fn accel_at(&self, t: Timestamp) -> Option<f64> {
        let (before, after) = self.around(t)?;
        Some(before.change_until(after)? / after.stamp.s_since(before.stamp))
    }

    /// Turn rate at `t`, rad/s, positive to the left; none when too slow to have a course.
    pub(crate) fn turn_rate_at(&self, t: Timestamp) -> Option<f64> {
        let (before, after) = self.around(t)?;
        turn(before, after).map(|angle| angle / after.stamp.s_since(before.stamp))
    }

    /// Position at `t`: between neighbours where they cover it, else the latest.
    pub(crate) fn position_at(&self, t: Timestamp) -> Option<Position> {
        let on_the_way = self.neighbours(t).and_then(|(before, after)| {
            let share = t.s_since(before.stamp) / after.stamp.s_since(before.stamp);
            Some(geo::between(before.position?, after.position?, share))
        });
        on_the_way.or_else(|| self.latest(t).or(self.fixes.front())?.position)
    }

    fn interpolate(&self, t: Timestamp, value: impl Fn(&TrackFix) -> Option<f64>) -> Option<f64> {
        let (before, after) = self.neighbours(t)?;
        let (a, b) = (value(before)?, value(after)?);
        Some(a + (b - a) * t.s_since(before.stamp) / after.stamp.s_since(before.stamp))
    }

    /// The fixes before and after `t` that are some way from it; the next ones where fixes come too seldom for that.
    fn around(&self, t: Timestamp) -> Option<(&TrackFix, &TrackFix)> {
        let distant = || {
            let before = self.latest(t.plus_s(-MARGIN_S))?;
            let index = self.fixes.partition_point(|fix| fix.stamp < t.plus_s(MARGIN_S));
            Some((before, self.fixes.get(index)?))
        };
        let usable = |&(before, after): &(&TrackFix, &TrackFix)| {
            (2.0 * MARGIN_S..=MAX_INTERVAL_S).contains(&after.stamp.s_since(before.stamp))
        };
        distant().filter(usable).or_else(|| self.neighbours(t).filter(usable))
    }

    fn neighbours(&self, t: Timestamp) -> Option<(&TrackFix, &TrackFix)> {
        let index = self.fixes.partition_point(|fix| fix.stamp < t).max(1);
        let (before, after) = (self.fixes.get(index - 1)?, self.fixes.get(index)?);
        let interval = after.stamp.s_since(before.stamp);
        (before.stamp <= t && interval > 0.0 && interval <= MAX_INTERVAL_S).then_some((before, after))
    }
}

/// Change of course from one fix to the next, rad, positive to the left; none when either is too slow.
pub(crate) fn turn(before: &TrackFix, after: &TrackFix) -> Option<f64> {
    let is_fast = |fix: &TrackFix| fix.speed_mps.is_some_and(|v| v >= MIN_COURSE_SPEED_MPS);
    (is_fast(before) && is_fast(after)).then(|| Some(-wrap(after.course_rad? - before.course_rad?)))?
}

#[cfg(test)]
mod tests;
