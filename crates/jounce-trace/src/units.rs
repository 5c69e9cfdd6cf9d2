//! Units told from the data: gravity is always there, and it is 9.81 m/s².

use jounce::sample::{Sample, Triad};

use crate::error::TraceError;

/// Standard gravity, m/s² (CGPM 1901); what `CoreMotion` and Sensor Logger call 1 g.
pub(crate) const STANDARD_GRAVITY_MPS2: f64 = 9.80665;

/// A median magnitude in here is g rather than m/s²: rest is 1, driving and a sensor's error add tenths.
const LOOKS_LIKE_G: std::ops::RangeInclusive<f64> = 0.7..=1.4;

/// A median magnitude of specific force, m/s², in here is gravity, whatever the phone went through.
const LOOKS_LIKE_GRAVITY_MPS2: std::ops::RangeInclusive<f64> = 5.0..=15.0;

/// Fewer samples say nothing about the unit.
const MIN_SAMPLES: usize = 10;

/// Fewer samples may all lie within one throw or crash, so an odd magnitude is not worth a word.
const MIN_SAMPLES_FOR_NOTE: usize = 50;

/// What the median length of the accelerometer's vectors says of their unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum AccelUnit {
    /// m/s², gravity included.
    MetresPerSecondSquared,
    /// g, gravity included.
    StandardGravity,
    /// Neither: without gravity, or something else.
    Other,
    /// Too few samples.
    Unclear,
}

/// Median length of the vectors; `None` when there are none.
pub(crate) fn median_magnitude(triads: &[Triad]) -> Option<f64> {
    median(triads.iter().map(|t| libm::sqrt(t.x * t.x + t.y * t.y + t.z * t.z)).collect())
}

/// The middle of `values` (the upper one of two); `None` when there are none.
pub(crate) fn median(values: Vec<f64>) -> Option<f64> {
    quantile(values, 1, 2)
}

/// The value that `part / of` of `values` lie below; `None` when there are none.
pub(crate) fn quantile(mut values: Vec<f64>, part: usize, of: usize) -> Option<f64> {
    let index = values.len().saturating_mul(part) / of;
    let index = index.min(values.len().checked_sub(1)?);
    Some(*values.select_nth_unstable_by(index, f64::total_cmp).1)
}

/// Judges the unit of accelerometer vectors.
pub(crate) fn accel_unit(triads: &[Triad]) -> AccelUnit {
    match median_magnitude(triads) {
        Some(median) if triads.len() >= MIN_SAMPLES => {
            if LOOKS_LIKE_G.contains(&median) {
                AccelUnit::StandardGravity
            } else if LOOKS_LIKE_GRAVITY_MPS2.contains(&median) {
                AccelUnit::MetresPerSecondSquared
            } else {
                AccelUnit::Other
            }
        }
        _ => AccelUnit::Unclear,
    }
}

/// Refuses specific force in g, and gives a note when its size is odd in another way.
pub(crate) fn check_accel(path: &str, samples: &[Sample]) -> Result<Option<String>, TraceError> {
    let accel: Vec<Triad> =
        samples.iter().filter_map(|s| if let Sample::Accel(t) = s { Some(*t) } else { None }).collect();
    let median_magnitude = median_magnitude(&accel).unwrap_or(0.0);
    match accel_unit(&accel) {
        AccelUnit::StandardGravity => {
            Err(TraceError::WrongUnit { path: path.to_owned(), stream: "accel", median_magnitude })
        }
        AccelUnit::Other if accel.len() >= MIN_SAMPLES_FOR_NOTE => Ok(Some(format!(
            "accel: median magnitude {median_magnitude:.2} m/s², expected about 9.8: wrong unit, or without gravity?"
        ))),
        _ => Ok(None),
    }
}

/// `triad` with every axis times `factor`.
pub(crate) fn scaled(triad: Triad, factor: f64) -> Triad {
    Triad { t: triad.t, x: triad.x * factor, y: triad.y * factor, z: triad.z * factor }
}
