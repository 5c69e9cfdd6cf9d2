//! Does the gyroscope agree with the GNSS course about left and right?
//!
//! Specific force with the wrong sign turns the world upside down: up becomes down, and a left turn a right one.
//! Nothing within the inertial data gives that away, for it is the world seen in a mirror; the course of the fixes does.

use jounce::{
    sample::{GnssFix, Sample, Triad},
    time::Timestamp,
};

/// A vehicle's course is its heading from here on, m/s.
const MIN_SPEED_MPS: f64 = 4.0;

/// Long enough that a fix one or two seconds late still belongs to the same turn.
const WINDOW_S: f64 = 8.0;

/// A window with less turning says nothing, rad (20°).
const MIN_TURN_RAD: f64 = 0.35;

/// Fewer turns may agree by chance.
const MIN_TURNS: usize = 3;

/// How turns by gyroscope and by course go together.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct TurnCheck {
    /// Correlation of what the gyroscope turns about the measured up with what the course turns, over windows of 8 s:
    /// +1 when they agree, −1 when specific force has the wrong sign.
    pub correlation: f64,
    /// Windows with a turn in them.
    pub turns: usize,
}

impl TurnCheck {
    /// Correlations nearer to zero decide nothing.
    const DECISIVE: f64 = 0.6;

    /// +1 when the sign of specific force is right, −1 when it is wrong, `None` when the turns do not tell.
    pub fn sign(self) -> Option<f64> {
        (self.correlation.abs() >= Self::DECISIVE).then(|| self.correlation.signum())
    }
}

/// Compares the turns of the whole recording; `None` when there are too few.
pub(crate) fn check(samples: &[Sample]) -> Option<TurnCheck> {
    let mut accel = Vec::new();
    let mut gyro = Vec::new();
    let mut fixes = Vec::new();
    for sample in samples {
        match sample {
            Sample::Accel(s) => accel.push(*s),
            Sample::Gyro(s) => gyro.push(*s),
            Sample::Gnss(fix) => fixes.push(*fix),
            _ => {}
        }
    }
    accel.sort_by_key(|s| s.t);
    gyro.sort_by_key(|s| s.t);
    fixes.sort_by_key(|s| s.t);
    let mut pairs = Vec::new();
    let mut rest = fixes.as_slice();
    while let Some(first) = rest.first() {
        let end = first.t.plus_s(WINDOW_S);
        let (window, after) = rest.split_at(rest.partition_point(|f| f.t < end).max(1));
        rest = after;
        let by_gyro = gyro_turn(between(&accel, first.t, end), between(&gyro, first.t, end));
        pairs.extend(course_turn(window).zip(by_gyro));
    }
    let turns = pairs.iter().filter(|(by_course, _)| by_course.abs() >= MIN_TURN_RAD).count();
    let correlation = correlation(&pairs)?;
    (turns >= MIN_TURNS).then_some(TurnCheck { correlation, turns })
}

/// Pearson's correlation, which a constant gyroscope bias does not touch; `None` where there is none.
fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a count of windows")]
    let n = pairs.len() as f64;
    let mean = pairs.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0 / n, sum.1 + p.1 / n));
    let mut sums = [0.0; 3];
    for (a, b) in pairs.iter().map(|p| (p.0 - mean.0, p.1 - mean.1)) {
        sums = [sums[0] + a * b, sums[1] + a * a, sums[2] + b * b];
    }
    let correlation = sums[0] / libm::sqrt(sums[1] * sums[2]);
    correlation.is_finite().then_some(correlation)
}

fn between(triads: &[Triad], from: Timestamp, to: Timestamp) -> &[Triad] {
    let start = triads.partition_point(|s| s.t < from);
    let len = triads[start..].partition_point(|s| s.t < to);
    &triads[start..start + len]
}

/// Turn to the left over the window, rad; `None` where the vehicle is too slow or a course is missing.
fn course_turn(window: &[GnssFix]) -> Option<f64> {
    let mut turn = 0.0;
    for pair in window.windows(2) {
        let [a, b] = pair else { continue };
        if a.speed_mps? < MIN_SPEED_MPS || b.speed_mps? < MIN_SPEED_MPS {
            return None;
        }
        let clockwise = libm::remainder(b.course_deg? - a.course_deg?, 360.0);
        turn -= clockwise.to_radians();
    }
    (window.len() > 2).then_some(turn)
}

/// Turn to the left about the mean specific force of the window, rad.
fn gyro_turn(accel: &[Triad], gyro: &[Triad]) -> Option<f64> {
    let up = accel.iter().fold([0.0; 3], |sum, s| [sum[0] + s.x, sum[1] + s.y, sum[2] + s.z]);
    let length = libm::sqrt(up.iter().map(|u| u * u).sum());
    if gyro.len() < 2 || length == 0.0 {
        return None;
    }
    let turn: f64 = gyro
        .windows(2)
        .map(|pair| {
            let [a, b] = pair else { return 0.0 };
            let rate = (b.x * up[0] + b.y * up[1] + b.z * up[2]) / length;
            rate * b.t.s_since(a.t)
        })
        .sum();
    turn.is_finite().then_some(turn)
}
