//! From uneven samples to even steps of 0.1 s.
//!
//! In: linear acceleration and angular rate in the device frame, each at its own uneven rate, in time order. Out: a
//! [`Step`] every 0.1 s with their means, integrated by trapezoids and cut at the edges of the grid. The grid begins
//! with the first sample, so that shifting a recording in time shifts the steps with it.

use nalgebra::Vector3;

use crate::{persist::Persist, time::Timestamp};

/// Length of a step, s.
pub(crate) const STEP_S: f64 = 0.1;
/// The same in nanoseconds.
pub(crate) const STEP_NS: i64 = 100_000_000;
/// A mean needs samples over at least this share of the step.
const MIN_COVER_S: f64 = 0.5 * STEP_S;
/// Longest pause that is interpolated across, s.
const MAX_GAP_S: f64 = 1.0;
/// Steps that one pause may reach across: while it is waited for, and while it is filled.
const CELLS: usize = 24;

/// Means over one step, device frame.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub(crate) struct Step {
    /// End of the step.
    pub(crate) t: Timestamp,
    /// Acceleration without gravity, m/s².
    pub(crate) accel: Option<Vector3<f64>>,
    /// Angular rate without bias, rad/s.
    pub(crate) rate: Option<Vector3<f64>>,
    /// Up at the end of the step, unit vector.
    pub(crate) up: Vector3<f64>,
    /// How much the acceleration varies within the step, m/s² (root mean square about the mean).
    pub(crate) unrest: f64,
}

/// Cuts the stream into steps.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Grid {
    gap_s: f64,
    /// End of the step under way.
    edge: Option<Timestamp>,
    accel: Trapezoids,
    rate: Trapezoids,
    up: Vector3<f64>,
}

impl Grid {
    /// `gap_s`: nothing is interpolated across a longer pause, s; at most [`MAX_GAP_S`].
    pub(crate) fn new(gap_s: f64) -> Self {
        Self {
            gap_s: gap_s.min(MAX_GAP_S),
            edge: None,
            accel: Trapezoids::default(),
            rate: Trapezoids::default(),
            up: Vector3::z(),
        }
    }

    /// Acceleration without gravity, m/s², and up, both in the device frame.
    pub(crate) fn accel(&mut self, t: Timestamp, accel: Vector3<f64>, up: Vector3<f64>) {
        self.up = up;
        let edge = self.edge_at(t);
        self.accel.push(t, accel, edge, self.gap_s);
    }

    /// Angular rate without bias, rad/s.
    pub(crate) fn rate(&mut self, t: Timestamp, rate: Vector3<f64>) {
        let edge = self.edge_at(t);
        self.rate.push(t, rate, edge, self.gap_s);
    }

    /// The next step that is complete now that all samples up to `now` have been given. Call until `None`.
    pub(crate) fn close(&mut self, now: Timestamp) -> Option<Step> {
        let edge = self.edge_at(now);
        let overdue = now.s_since(edge) >= self.gap_s;
        if now < edge
            || !(overdue || self.accel.covers(edge, now, self.gap_s) && self.rate.covers(edge, now, self.gap_s))
        {
            return None;
        }
        Some(self.cut(edge))
    }

    /// The steps up to `end`, complete or not: for the end of the stream. Call until `None`.
    pub(crate) fn close_any(&mut self, end: Timestamp) -> Option<Step> {
        self.edge.filter(|&edge| edge <= end).map(|edge| self.cut(edge))
    }

    /// Goes on at `t` without closing the steps between: after a pause.
    pub(crate) fn skip_to(&mut self, t: Timestamp) {
        if let Some(edge) = self.edge
            && t > edge
        {
            let steps = t.ns_since(edge) / STEP_NS + 1;
            self.edge = Some(edge.plus_ns(steps.saturating_mul(STEP_NS)));
        }
        self.accel = Trapezoids::default();
        self.rate = Trapezoids::default();
    }

    fn edge_at(&mut self, t: Timestamp) -> Timestamp {
        *self.edge.get_or_insert(t.plus_ns(STEP_NS))
    }

    fn cut(&mut self, edge: Timestamp) -> Step {
        self.edge = Some(edge.plus_ns(STEP_NS));
        let accel = self.accel.cells.cut();
        Step { t: edge, accel: accel.mean(), rate: self.rate.cells.cut().mean(), up: self.up, unrest: accel.unrest() }
    }
}

/// One vector, integrated step by step.
#[derive(Clone, Copy, Debug, Default, Persist)]
struct Trapezoids {
    last: Option<(Timestamp, Vector3<f64>)>,
    cells: Cells,
}

impl Trapezoids {
    fn push(&mut self, t: Timestamp, value: Vector3<f64>, edge: Timestamp, gap_s: f64) {
        let last = self.last.replace((t, value));
        let Some((mut from, mut left)) = last else { return };
        let whole_s = t.s_since(from);
        if whole_s <= 0.0 || whole_s > gap_s {
            return;
        }
        let slope = (value - left) / whole_s;
        for (index, cell) in self.cells.0.iter_mut().enumerate() {
            #[expect(clippy::cast_possible_wrap, reason = "a few dozen cells")]
            let end = edge.plus_ns(index as i64 * STEP_NS);
            let to = t.min(end);
            if to <= from {
                continue;
            }
            let dt = to.s_since(from);
            let right = left + slope * dt;
            cell.add(left, right, dt);
            (from, left) = (to, right);
            if end >= t {
                break;
            }
        }
    }

    /// No sample that lies in the step up to `edge` is still to come, or none will.
    fn covers(&self, edge: Timestamp, now: Timestamp, gap_s: f64) -> bool {
        self.last.is_none_or(|(last, _)| last >= edge || now.s_since(last) > gap_s)
    }
}

/// The step under way and those after it that a trapezoid may reach into.
#[derive(Clone, Copy, Debug, Persist)]
struct Cells([Cell; CELLS]);

impl Default for Cells {
    fn default() -> Self {
        Self([Cell::default(); CELLS])
    }
}

impl Cells {
    fn cut(&mut self) -> Cell {
        let first = self.0[0];
        self.0.rotate_left(1);
        self.0[CELLS - 1] = Cell::default();
        first
    }
}

/// What has been integrated over one step.
#[derive(Clone, Copy, Debug, Default, Persist)]
struct Cell {
    sum: Vector3<f64>,
    square: f64,
    cover_s: f64,
}

impl Cell {
    fn add(&mut self, left: Vector3<f64>, right: Vector3<f64>, dt: f64) {
        self.sum += (left + right) * (0.5 * dt);
        self.square += (left.norm_squared() + left.dot(&right) + right.norm_squared()) * (dt / 3.0);
        self.cover_s += dt;
    }

    fn mean(&self) -> Option<Vector3<f64>> {
        (self.cover_s >= MIN_COVER_S).then(|| self.sum / self.cover_s)
    }

    fn unrest(&self) -> f64 {
        let Some(mean) = self.mean() else { return 0.0 };
        libm::sqrt((self.square / self.cover_s - mean.norm_squared()).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value that grows by 1 a second, sampled every `every_ms`: its mean over a step is its value in the middle.
    fn ramp(every_ms: i64) -> std::vec::Vec<Step> {
        let mut grid = Grid::new(1.0);
        let mut steps = std::vec::Vec::new();
        for ms in (0..3000).step_by(usize::try_from(every_ms).unwrap()) {
            let t = Timestamp::from_ns(ms * 1_000_000);
            let value = Vector3::new(t.s_since(Timestamp::from_ns(0)), 0.0, 0.0);
            grid.accel(t, value, Vector3::z());
            grid.rate(t, value);
            steps.extend(core::iter::from_fn(|| grid.close(t)));
        }
        steps
    }

    #[test]
    fn means_of_a_ramp_are_exact_at_any_rate() {
        for every_ms in [5, 7, 20, 33, 100, 170, 430] {
            let steps = ramp(every_ms);
            assert!(steps.len() >= 24, "{every_ms} ms: {}", steps.len());
            for (k, step) in (0_u32..).zip(&steps) {
                let middle = 0.05 + 0.1 * f64::from(k);
                assert!((step.accel.unwrap().x - middle).abs() < 1e-9, "{every_ms} ms, step {k}");
                assert!((step.rate.unwrap().x - middle).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_pause_gives_steps_without_values_and_no_sensor_at_all_holds_nothing_up() {
        let mut grid = Grid::new(1.0);
        let at = |ms: i64| Timestamp::from_ns(ms * 1_000_000);
        grid.accel(at(0), Vector3::x(), Vector3::z());
        grid.accel(at(100), Vector3::x(), Vector3::z());
        grid.accel(at(2100), Vector3::x(), Vector3::z());
        grid.accel(at(2200), Vector3::x(), Vector3::z());
        let steps: std::vec::Vec<_> = core::iter::from_fn(|| grid.close(at(2200))).collect();
        assert_eq!(steps.len(), 22);
        assert!(steps[0].accel.is_some() && steps[1].accel.is_none() && steps[21].accel.is_some());
        assert!(steps.iter().all(|step| step.rate.is_none()));
    }
}
