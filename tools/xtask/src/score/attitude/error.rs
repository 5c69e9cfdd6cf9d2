//! The metric of BROAD (Laidig et al., *BROAD — A Benchmark for Robust Inertial Orientation Estimation*, Data 6(7),
//! 2021): the rotation from the reference to the estimate, seen in the earth frame, split into a heading about the
//! vertical and what is left, the inclination.

use std::f64::consts::{PI, TAU};

use nalgebra::{UnitQuaternion, Vector3};

use super::{Axes, trial::Trial};
use crate::score::stats::{mean, rms};

/// Root mean square errors of one trial, degrees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Errors {
    pub(super) total: f64,
    pub(super) heading: f64,
    pub(super) inclination: f64,
}

/// With six axes the heading is arbitrary, so the constant that fits best is taken off first.
pub(super) fn measure(estimate: &[UnitQuaternion<f64>], trial: &Trial, axes: Axes) -> Errors {
    let judged = trial.rows.iter().zip(estimate).filter_map(|(row, estimate)| Some(estimate * row.truth?.inverse()));
    let mut off: Vec<_> = judged.collect();
    if axes == Axes::Six {
        let constant = mean_angle(&off.iter().map(heading).collect::<Vec<_>>());
        let back = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), -constant);
        for off in &mut off {
            *off = back * *off;
        }
    }
    let root = |angle: fn(&UnitQuaternion<f64>) -> f64| rms(off.iter().map(angle)).to_degrees();
    Errors {
        total: root(UnitQuaternion::angle),
        heading: root(heading),
        inclination: root(|off| 2.0 * off.w.hypot(off.k).clamp(0.0, 1.0).acos()),
    }
}

/// About the vertical, −π to π.
fn heading(off: &UnitQuaternion<f64>) -> f64 {
    wrapped(2.0 * off.k.atan2(off.w))
}

/// The angle from which the mean square of the others is least.
fn mean_angle(angles: &[f64]) -> f64 {
    /// The circular mean starts close; each round then ends at the mean of its neighbourhood.
    const ROUNDS: usize = 3;
    let (sin, cos) = angles.iter().fold((0.0, 0.0), |(sin, cos), angle| (sin + angle.sin(), cos + angle.cos()));
    (0..ROUNDS).fold(sin.atan2(cos), |centre, _| centre + mean(angles.iter().map(|angle| wrapped(angle - centre))))
}

fn wrapped(angle: f64) -> f64 {
    (angle + PI).rem_euclid(TAU) - PI
}

#[cfg(test)]
mod tests {
    use jounce::time::Timestamp;

    use super::*;
    use crate::score::attitude::trial::Row;

    /// Estimates that are off by `off` in the earth frame, whatever the truth is.
    fn errors(off: UnitQuaternion<f64>, axes: Axes) -> Errors {
        let truths = (0..50).map(|i| UnitQuaternion::from_euler_angles(0.1 * f64::from(i), 0.5, -0.2 * f64::from(i)));
        let zero = Vector3::zeros();
        let row = |truth| Row { t: Timestamp::from_ns(0), gyro: zero, accel: zero, mag: zero, truth: Some(truth) };
        let rows: Vec<_> = truths.map(row).collect();
        let estimate: Vec<_> = rows.iter().filter_map(|row| Some(off * row.truth?)).collect();
        measure(&estimate, &Trial { name: String::new(), rate_hz: 1.0, rows }, axes)
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-5
    }

    #[test]
    fn an_error_about_the_vertical_is_heading_and_nothing_else() {
        let turned = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), -3.0_f64.to_radians());
        let nine = errors(turned, Axes::Nine);
        assert!(close(nine.heading, 3.0) && close(nine.total, 3.0) && close(nine.inclination, 0.0));
        let six = errors(turned, Axes::Six);
        assert!(close(six.heading, 0.0) && close(six.total, 0.0));
    }

    #[test]
    fn a_tilt_is_inclination_and_stays_with_six_axes() {
        let tilted = UnitQuaternion::from_axis_angle(&Vector3::y_axis(), 2.0_f64.to_radians());
        for axes in [Axes::Nine, Axes::Six] {
            let errors = errors(tilted, axes);
            assert!(close(errors.inclination, 2.0) && close(errors.heading, 0.0), "{errors:?}");
        }
    }

    #[test]
    fn angles_around_half_a_turn_have_a_mean_there() {
        let angles = [PI - 0.2, -PI + 0.1, PI - 0.2, -PI + 0.1];
        assert!(close(wrapped(mean_angle(&angles) - (PI - 0.05)), 0.0));
    }
}
