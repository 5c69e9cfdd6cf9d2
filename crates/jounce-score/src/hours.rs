//! How long was driven.

use jounce::{sample::Sample, time::Timestamp};

/// A recording that says nothing for longer than this has paused, s.
const PAUSE_S: f64 = 60.0;
/// Slower than this is no driving, m/s (8 km/h) …
const SLOW_MPS: f64 = 8.0 / 3.6;
/// … when it lasts this long, s: a jam still is.
const STANDING_S: f64 = 300.0;

/// Hours recorded, without pauses, and without what the fixes show as standing for five minutes or more.
///
/// It rests on the samples alone, so that no detector has a say in its own rate of false alarms. Without fixes all that
/// was recorded counts.
pub fn driving_hours(samples: &[Sample]) -> f64 {
    let mut times: Vec<_> = samples.iter().map(Sample::t).collect();
    times.sort_unstable();
    let steps = times.windows(2).map(|pair| pair[1].s_since(pair[0]));
    let recorded_s: f64 = steps.filter(|step_s| *step_s <= PAUSE_S).sum();

    let fix = |sample: &Sample| match sample {
        // Some platforms say -1 for unknown.
        Sample::Gnss(fix) => fix.speed_mps.filter(|speed| *speed >= 0.0).map(|speed| (fix.t, speed)),
        _ => None,
    };
    let mut fixes: Vec<_> = samples.iter().filter_map(fix).collect();
    fixes.sort_by_key(|(t, _)| *t);
    let goes_on = |a: &(Timestamp, f64), b: &(Timestamp, f64)| {
        (a.1 < SLOW_MPS) == (b.1 < SLOW_MPS) && b.0.s_since(a.0) <= PAUSE_S
    };
    let lasting = |stretch: &[(Timestamp, f64)]| match stretch {
        [first, .., last] if first.1 < SLOW_MPS => last.0.s_since(first.0),
        _ => 0.0,
    };
    let standing_s: f64 = fixes.chunk_by(goes_on).map(lasting).filter(|for_s| *for_s >= STANDING_S).sum();
    (recorded_s - standing_s).max(0.0) / 3600.0
}

#[cfg(test)]
mod tests {
    use jounce::sample::{GnssFix, Triad};

    use super::*;

    fn fix(at_s: i64, speed_mps: f64) -> Sample {
        let t = Timestamp::from_ns(at_s * 1_000_000_000);
        Sample::Gnss(GnssFix { speed_mps: Some(speed_mps), ..GnssFix::from_values(t, [None; GnssFix::VALUES]) })
    }

    #[test]
    fn a_jam_is_driving_and_a_car_park_is_not() {
        let jam = |at_s: i64| if (100..300).contains(&at_s) { 0.0 } else { 10.0 };
        let parked = |at_s: i64| if at_s >= 200 { 0.1 } else { 10.0 };
        let minutes = |speed: &dyn Fn(i64) -> f64| {
            driving_hours(&(0..=600).rev().map(|at_s| fix(at_s, speed(at_s))).collect::<Vec<_>>()) * 60.0
        };
        assert!((minutes(&jam) - 10.0).abs() < 1e-9);
        assert!((minutes(&parked) - 200.0 / 60.0).abs() < 1e-9);
    }

    #[test]
    fn a_pause_is_not_recorded_and_without_fixes_all_counts() {
        let at = |at_s: i64| Sample::Accel(Triad { t: Timestamp::from_ns(at_s * 1_000_000_000), x: 0., y: 0., z: 9.8 });
        let samples: Vec<Sample> = (0..=600).chain(5000..=5600).map(at).collect();
        assert!((driving_hours(&samples) * 60.0 - 20.0).abs() < 1e-9);
        assert!(driving_hours(&[]) == 0.0);
    }
}
