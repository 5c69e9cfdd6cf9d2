//! The fixes around the fused moment: what GNSS says about speed, acceleration and place at any moment it covers.
//!
//! In: fixes that passed the gate, by stamp. Out: values interpolated between neighbours. All times here are stamps;
//! who wants the value *at* a moment adds the estimated delay. Nothing is interpolated across an unknown value or a pause.

use alloc::collections::VecDeque;

use crate::{attitude::wrap, event::Position, time::Timestamp};

/// Neighbours further apart than this say nothing about the time between, s.
const MAX_INTERVAL_S: f64 = 2.5;
/// A rate of change is taken over at least twice this, s.
const MARGIN_S: f64 = 0.35;
/// Fixes kept: 10 Hz over the look-ahead, the longest delay and the smoothing.
const CAPACITY: usize = 256;
/// Below this speed a course is noise, m/s.
const MIN_COURSE_SPEED_MPS: f64 = 4.0;

/// One fix that passed the gate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct TrackFix {
    /// When the receiver says it was.
    pub(crate) stamp: Timestamp,
    /// Where.
    pub(crate) position: Option<Position>,
    /// Horizontal accuracy (68 %), m.
    pub(crate) hacc_m: Option<f64>,
    /// Speed over ground, m/s.
    pub(crate) speed_mps: Option<f64>,
    /// Its standard deviation, m/s.
    pub(crate) speed_sigma_mps: f64,
    /// Course over ground, rad clockwise from north.
    pub(crate) course_rad: Option<f64>,
    /// Speed from the positions, m/s.
    pub(crate) displacement_mps: Option<f64>,
}

/// The recent fixes.
#[derive(Clone, Debug)]
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

    /// Speed from the positions at `t`, m/s.
    pub(crate) fn displacement_at(&self, t: Timestamp) -> Option<f64> {
        self.interpolate(t, |fix| fix.displacement_mps)
    }

    /// Change of speed a second at `t`, m/s²: over about a second, since the noise of fixes that follow closely would
    /// drown it.
    pub(crate) fn accel_at(&self, t: Timestamp) -> Option<f64> {
        let (before, after) = self.around(t)?;
        Some((after.speed_mps? - before.speed_mps?) / after.stamp.s_since(before.stamp))
    }

    /// Turn rate at `t`, rad/s, positive to the left, with its standard deviation; none when too slow to have a course.
    pub(crate) fn turn_rate_at(&self, t: Timestamp) -> Option<f64> {
        let (before, after) = self.around(t)?;
        turn(before, after).map(|angle| angle / after.stamp.s_since(before.stamp))
    }

    /// Position at `t`: between neighbours where they cover it, else the latest.
    pub(crate) fn position_at(&self, t: Timestamp) -> Option<Position> {
        let lat = self.interpolate(t, |fix| fix.position.map(|p| p.lat_deg));
        let lon = self.neighbours(t).and_then(|(before, after)| {
            let (a, b) = (before.position?.lon_deg, after.position?.lon_deg);
            // The short way round, also across the date line.
            let mut step = b - a;
            if step > 180.0 {
                step -= 360.0;
            } else if step < -180.0 {
                step += 360.0;
            }
            let lon = a + step * t.s_since(before.stamp) / after.stamp.s_since(before.stamp);
            Some(if lon > 180.0 {
                lon - 360.0
            } else if lon < -180.0 {
                lon + 360.0
            } else {
                lon
            })
        });
        match (lat, lon) {
            (Some(lat_deg), Some(lon_deg)) => Some(Position { lat_deg, lon_deg }),
            _ => self.latest(t).or(self.fixes.front())?.position,
        }
    }

    fn interpolate(&self, t: Timestamp, value: impl Fn(&TrackFix) -> Option<f64>) -> Option<f64> {
        let (before, after) = self.neighbours(t)?;
        let (a, b) = (value(before)?, value(after)?);
        Some(a + (b - a) * t.s_since(before.stamp) / after.stamp.s_since(before.stamp))
    }

    /// The fixes before and after `t` that are some way from it.
    fn around(&self, t: Timestamp) -> Option<(&TrackFix, &TrackFix)> {
        let before = self.latest(t.plus_s(-MARGIN_S))?;
        let index = self.fixes.partition_point(|fix| fix.stamp < t.plus_s(MARGIN_S));
        let after = self.fixes.get(index)?;
        let interval = after.stamp.s_since(before.stamp);
        (interval > 0.0 && interval <= MAX_INTERVAL_S).then_some((before, after))
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
