//! The speed that positions tell, by a weighted straight-line fit over the last seconds.

use alloc::collections::VecDeque;

use crate::{event::Position, geo::Plane, persist::Persist, time::Timestamp};

/// The fit spans at least this, s, where the fixes come often enough. A little below 2, so that three fixes at
/// a jittering 1 Hz do.
const BASELINE_S: f64 = 1.8;
/// Fixes further apart than this have no speed between them, s: the way is not straight.
const LONGEST_STEP_S: f64 = 20.0;
/// The share of a fix's accuracy by which it may move against its neighbours: most of the error (orbits, clocks,
/// atmosphere, reflections) stays the same for tens of seconds.
const RELATIVE_SHARE: f64 = 0.3;
/// Room for a baseline of fixes at the least interval, and the one fix beyond it.
const CAPACITY: usize = 16;

/// A fix that has a position.
#[derive(Clone, Copy, Debug, Persist)]
pub(crate) struct Waypoint {
    pub(crate) t: Timestamp,
    pub(crate) position: Position,
    pub(crate) hacc_m: Option<f64>,
    /// Speed the receiver reported, believed or not, m/s.
    pub(crate) reported_mps: Option<f64>,
}

/// Speed by the positions of the last seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Displacement {
    /// The moment at which it is true: the middle of the fit, a second or more before the fix.
    pub(crate) t: Timestamp,
    /// Speed over ground, m/s; on a bend, that of the chord.
    pub(crate) speed_mps: f64,
    /// Its standard deviation, m/s: from the accuracies, or from the scatter about the line when that is larger.
    pub(crate) sigma_mps: f64,
    /// Mean of the speeds reported by the same fixes, m/s.
    pub(crate) reported_mps: Option<f64>,
}

/// The latest waypoints.
#[derive(Clone, Debug, Persist)]
pub(super) struct Track {
    min_step_s: f64,
    points: VecDeque<Waypoint>,
}

impl Track {
    pub(super) fn new(min_step_s: f64) -> Self {
        Self { min_step_s, points: VecDeque::with_capacity(CAPACITY) }
    }

    pub(super) fn clear(&mut self) {
        self.points.clear();
    }

    /// Adds a waypoint; one too close to the last takes no part, so that no speed is ever derived between the two.
    pub(super) fn push(&mut self, point: Waypoint) {
        if let Some(last) = self.points.back() {
            let step_s = point.t.s_since(last.t);
            if step_s < self.min_step_s {
                return;
            }
            if step_s > LONGEST_STEP_S {
                self.points.clear();
            }
        }
        self.points.push_back(point);
        while self.points.len() > CAPACITY || self.points.get(1).is_some_and(|it| point.t.s_since(it.t) >= BASELINE_S) {
            self.points.pop_front();
        }
    }

    /// The fit to what is there; `None` with fewer than two waypoints, or none of the seconds before `now`.
    pub(super) fn displacement(&self, now: Timestamp) -> Option<Displacement> {
        let (first, last) = (self.points.front()?, self.points.back()?);
        if self.points.len() < 2 || now.s_since(last.t) > LONGEST_STEP_S {
            return None;
        }
        let plane = Plane::at(first.position);
        let sample = |it: &Waypoint| {
            let sigma_m = RELATIVE_SHARE * it.hacc();
            let point = plane.point(it.position);
            (it.t.s_since(first.t), point.east, point.north, 1.0 / (sigma_m * sigma_m).max(f64::MIN_POSITIVE))
        };
        let line = Line::fit(self.points.iter().map(sample))?;
        let count = self.points.len();
        let reported = self.points.iter().map(|it| it.reported_mps).sum::<Option<f64>>();
        #[expect(clippy::cast_precision_loss, reason = "a count of at most CAPACITY")]
        let reported_mps = reported.map(|sum| sum / count as f64);
        Some(Displacement {
            t: first.t.plus_s(line.mid_s),
            speed_mps: line.speed(),
            sigma_mps: line.sigma,
            reported_mps,
        })
    }
}

/// Uniform motion on a plane.
struct Line {
    mid_s: f64,
    east_mps: f64,
    north_mps: f64,
    sigma: f64,
}

impl Line {
    /// Weighted least squares of `(time, east, north, weight)`; `None` when the times or weights do not carry it.
    fn fit(samples: impl Iterator<Item = (f64, f64, f64, f64)> + Clone) -> Option<Self> {
        let mean = |of: fn((f64, f64, f64, f64)) -> f64| {
            let (sum, weights) = samples.clone().fold((0.0, 0.0), |(s, ws), it| (s + it.3 * of(it), ws + it.3));
            sum / weights
        };
        let (mid_s, mid_east, mid_north) = (mean(|it| it.0), mean(|it| it.1), mean(|it| it.2));
        // Weighted moments about the means: of time with time, east and north.
        let (spread, with_east, with_north) = samples.clone().fold((0.0, 0.0, 0.0), |(tt, te, tn), it| {
            let (s, weight) = (it.0 - mid_s, it.3);
            (tt + weight * s * s, te + weight * s * (it.1 - mid_east), tn + weight * s * (it.2 - mid_north))
        });
        let (east_mps, north_mps) = (with_east / spread, with_north / spread);
        let mut scatter = 0.0;
        let mut freedom = -4.0;
        for (t, east, north, weight) in samples {
            let along_s = t - mid_s;
            let (off_east, off_north) = (east - mid_east - east_mps * along_s, north - mid_north - north_mps * along_s);
            scatter += weight * (off_east * off_east + off_north * off_north);
            freedom += 2.0;
        }
        // Scatter beyond the claimed accuracies makes the claim worth less.
        let excess = if freedom > 0.0 { (scatter / freedom).max(1.0) } else { 1.0 };
        let line = Self { mid_s, east_mps, north_mps, sigma: libm::sqrt(excess / spread) };
        (line.speed().is_finite() && line.sigma.is_finite()).then_some(line)
    }

    fn speed(&self) -> f64 {
        libm::hypot(self.east_mps, self.north_mps)
    }
}
