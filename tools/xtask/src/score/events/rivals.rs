//! Rules that others use, on the same samples.
//!
//! A difference of two fixes is how servers and phone kits without inertial sensors do it (Traccar: one difference, no
//! debounce; Life360, `DriveQuant`, Tracelet: likewise with thresholds of their own). A threshold on the accelerometer is
//! how trackers and simple apps do it. Both get our thresholds, and our merging of what is less than 3 s apart.

use jounce::{
    event::{EventKind, Side},
    sample::{GnssFix, Sample},
    time::Timestamp,
};
use jounce_score::Found;
use nalgebra::Vector3;

const BRAKING_MPS2: f64 = 3.6;
const ACCELERATION_MPS2: f64 = 3.1;
const CORNERING_MPS2: f64 = 3.6;
const CORNERING_FROM_MPS: f64 = 5.0;
const MERGE_GAP_S: f64 = 3.0;
/// Fixes nearer together or further apart than this give no difference, s.
const FIX_GAP_S: (f64, f64) = (0.2, 5.0);
const G: f64 = jounce_sim::GRAVITY_MPS2;

/// One of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rival {
    /// Change of speed, or of course times speed, between two fixes.
    Fixes,
    /// Size of specific force less g, as it comes.
    Size,
    /// Specific force smoothed over 0.3 s less its own mean over 5 s, for 0.6 s.
    Vector,
}

impl Rival {
    pub(super) const ALL: [Self; 3] = [Self::Fixes, Self::Size, Self::Vector];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Fixes => "difference of two fixes",
            Self::Size => "accelerometer: size less g ≥ 3.1 m/s²",
            Self::Vector => "accelerometer: vector less its mean ≥ 3.1 m/s² for 0.6 s",
        }
    }

    /// What it reports; the accelerometer's rules cannot tell kinds apart and call everything braking.
    pub(super) fn found(self, samples: &[Sample], zero: Timestamp) -> Vec<Found> {
        match self {
            Self::Fixes => of_fixes(samples, zero),
            Self::Size => of_force(samples, zero, 0.0, None, 0.0),
            Self::Vector => of_force(samples, zero, 0.3, Some(5.0), 0.6),
        }
    }
}

fn of_fixes(samples: &[Sample], zero: Timestamp) -> Vec<Found> {
    let mut fixes: Vec<&GnssFix> = samples
        .iter()
        .filter_map(|sample| match sample {
            Sample::Gnss(fix) if fix.speed_mps.is_some_and(|speed| speed >= 0.0) => Some(fix),
            _ => None,
        })
        .collect();
    fixes.sort_by_key(|fix| fix.t);
    let mut found = Vec::new();
    for pair in fixes.windows(2) {
        let [a, b] = pair else { continue };
        let (Some(before), Some(after)) = (a.speed_mps, b.speed_mps) else { continue };
        let dt_s = b.t.s_since(a.t);
        if !(FIX_GAP_S.0..=FIX_GAP_S.1).contains(&dt_s) {
            continue;
        }
        let (from_s, to_s) = (a.t.s_since(zero), b.t.s_since(zero));
        let accel = (after - before) / dt_s;
        if accel <= -BRAKING_MPS2 {
            extend(&mut found, Found::new(EventKind::HardBraking, from_s, to_s));
        } else if accel >= ACCELERATION_MPS2 {
            extend(&mut found, Found::new(EventKind::HarshAcceleration, from_s, to_s));
        }
        if let (Some(course), Some(next)) = (a.course_deg, b.course_deg) {
            let right_deg = (next - course + 180.0).rem_euclid(360.0) - 180.0;
            let slower = before.min(after);
            let lateral = slower * right_deg.abs().to_radians() / dt_s;
            if lateral >= CORNERING_MPS2 && slower >= CORNERING_FROM_MPS {
                let side = if right_deg > 0.0 { Side::Right } else { Side::Left };
                let turn = Found::new(EventKind::HarshCornering, from_s, to_s);
                extend(&mut found, Found { direction: Some(side), ..turn });
            }
        }
    }
    found
}

/// Adds an episode, to the one before where it goes on.
fn extend(found: &mut Vec<Found>, next: Found) {
    let same = |before: &&mut Found| before.kind == next.kind && before.direction == next.direction;
    match found.iter_mut().rev().find(same) {
        Some(before) if next.start_s - before.end_s < MERGE_GAP_S => before.end_s = next.end_s,
        _ => found.push(next),
    }
}

/// Smoothed over `smooth_s` (0: not at all), less the mean over `mean_s` (none: less g in size), for at least `hold_s`.
fn of_force(samples: &[Sample], zero: Timestamp, smooth_s: f64, mean_s: Option<f64>, hold_s: f64) -> Vec<Found> {
    let mut triads: Vec<_> = samples
        .iter()
        .filter_map(|sample| match sample {
            Sample::Accel(triad) => Some((triad.t.s_since(zero), Vector3::new(triad.x, triad.y, triad.z))),
            _ => None,
        })
        .collect();
    triads.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some(&(mut before_s, first)) = triads.first() else { return Vec::new() };
    let (mut smooth, mut mean) = (first, first);
    let mut since: Option<f64> = None;
    let mut found = Vec::new();
    for (t_s, force) in triads {
        let share = |tau_s: f64| if tau_s > 0.0 { ((t_s - before_s) / tau_s).min(1.0) } else { 1.0 };
        smooth += (force - smooth) * share(smooth_s);
        let size = match mean_s {
            Some(mean_s) => {
                mean += (force - mean) * share(mean_s);
                (smooth - mean).norm()
            }
            None => (smooth.norm() - G).abs(),
        };
        before_s = t_s;
        if size < ACCELERATION_MPS2 {
            since = None;
            continue;
        }
        let from_s = *since.get_or_insert(t_s);
        if t_s - from_s >= hold_s {
            extend(&mut found, Found::new(EventKind::HardBraking, from_s, t_s));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use jounce::sample::Triad;

    use super::*;

    fn at(t_s: f64) -> Timestamp {
        Timestamp::from_ns(0).plus_s(t_s)
    }

    fn fix(t_s: f64, speed: f64, course: f64) -> Sample {
        let values = [None, None, None, Some(speed), Some(course), None, None];
        Sample::Gnss(GnssFix::from_values(at(t_s), values))
    }

    #[test]
    fn fixes_show_braking_and_turning_across_north() {
        let fixes =
            [fix(0.0, 20.0, 350.0), fix(1.0, 20.0, 2.0), fix(2.0, 15.0, 2.0), fix(3.0, 11.0, 2.0), fix(9.0, 0.0, 2.0)];
        let found = Rival::Fixes.found(&fixes, at(0.0));
        let turn = Found { direction: Some(Side::Right), ..Found::new(EventKind::HarshCornering, 0.0, 1.0) };
        assert_eq!(found, [turn, Found::new(EventKind::HardBraking, 1.0, 3.0)]);
    }

    #[test]
    fn the_vector_sees_what_the_size_does_not() {
        let braking = |t_s: f64| if (5.0..7.0).contains(&t_s) { -4.5 } else { 0.0 };
        let samples: Vec<Sample> = (0..500)
            .map(|i| f64::from(i) * 0.02)
            .map(|t_s| Sample::Accel(Triad { t: at(t_s), x: braking(t_s), y: 0.0, z: G }))
            .collect();
        assert_eq!(Rival::Size.found(&samples, at(0.0)), []);
        let found = Rival::Vector.found(&samples, at(0.0));
        assert!(found.len() == 1 && (5.0..6.5).contains(&found[0].start_s), "{found:?}");
    }
}
