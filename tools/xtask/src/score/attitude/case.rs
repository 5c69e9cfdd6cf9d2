//! Trials made harder in ways that leave the right answer known: what phones do to their samples.

use nalgebra::{Quaternion, UnitQuaternion, Vector3};
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::{Distribution, StandardNormal};

use jounce::time::{Timestamp, ns_from_s};

use super::trial::{Row, Trial, time};

/// Seed of all that is random; every trial has a stream of its own.
const SEED: u64 = 1;
/// Constant gyroscope bias of an uncalibrated phone, °/s on every axis, of either sign.
const BIAS_DEGPS: f64 = 0.5;
/// White noise of a mid-range phone: rad/s, m/s², µT.
const NOISE: [f64; 3] = [0.005, 0.05, 0.5];
/// Samples are early or late by up to this share of the interval.
const JITTER: f64 = 0.3;
const GAPS: usize = 5;
const GAP_S: f64 = 0.2;
/// Samples at either end without a gap.
const GAP_MARGIN: usize = 1000;

/// What is done to a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Recorded,
    /// The sensor sits in the phone in any way.
    Remounted,
    /// Averaged down to 100 Hz.
    Hz100,
    /// Averaged down to 50 Hz.
    Hz50,
    GyroBias,
    PhoneNoise,
    /// Uneven sample times.
    Jitter,
    /// Rows are missing.
    Gaps,
}

impl Case {
    pub(super) const ALL: [Self; 8] = [
        Self::Recorded,
        Self::Remounted,
        Self::Hz100,
        Self::Hz50,
        Self::GyroBias,
        Self::PhoneNoise,
        Self::Jitter,
        Self::Gaps,
    ];

    pub(super) const MOST_DRAWS: u64 = 10;

    /// How often it is drawn: a gap in a fast turn costs far more than one in a break.
    pub(super) const fn draws(self) -> u64 {
        match self {
            Self::Gaps => Self::MOST_DRAWS,
            _ => 1,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "as recorded",
            Self::Remounted => "turned at random",
            Self::Hz100 => "about 100 Hz",
            Self::Hz50 => "about 50 Hz",
            Self::GyroBias => "gyroscope bias of 0.5 °/s an axis",
            Self::PhoneNoise => "noise of a phone",
            Self::Jitter => "uneven sample times",
            Self::Gaps => "five gaps of 0.2 s",
        }
    }

    /// The changed trial; `stream` tells its random choices from those of others.
    pub(super) fn applied_to(self, trial: &Trial, stream: u64) -> Trial {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        rng.set_stream(stream);
        let rows = match self {
            Self::Recorded => trial.rows.clone(),
            Self::Remounted => remounted(&trial.rows, &mut rng),
            Self::Hz100 => averaged(&trial.rows, trial.rate_hz, 100.0),
            Self::Hz50 => averaged(&trial.rows, trial.rate_hz, 50.0),
            Self::GyroBias => biased(&trial.rows, &mut rng),
            Self::PhoneNoise => noisy(&trial.rows, &mut rng),
            Self::Jitter => jittered(&trial.rows, trial.rate_hz, &mut rng),
            Self::Gaps => with_gaps(&trial.rows, trial.rate_hz, &mut rng),
        };
        Trial { rows, ..trial.clone() }
    }
}

fn normal(rng: &mut ChaCha8Rng, sigma: f64) -> Vector3<f64> {
    Vector3::from_fn(|_, _| sigma * Distribution::<f64>::sample(&StandardNormal, rng))
}

fn remounted(rows: &[Row], rng: &mut ChaCha8Rng) -> Vec<Row> {
    let [w, x, y, z] = std::array::from_fn(|_| StandardNormal.sample(rng));
    let turn = UnitQuaternion::from_quaternion(Quaternion::new(w, x, y, z));
    let turned = |row: &Row| Row {
        t: row.t,
        gyro: turn * row.gyro,
        accel: turn * row.accel,
        mag: turn * row.mag,
        truth: row.truth.map(|truth| truth * turn.inverse()),
    };
    rows.iter().map(turned).collect()
}

/// Means of whole blocks, at the time of each block's last sample counted from the first block.
fn averaged(rows: &[Row], rate_hz: f64, to_hz: f64) -> Vec<Row> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few samples")]
    let count = (rate_hz / to_hz).round().max(1.0) as usize;
    #[expect(clippy::cast_precision_loss, reason = "a few samples")]
    let share = count as f64;
    let mean = |block: &[Row], of: fn(&Row) -> Vector3<f64>| block.iter().map(of).sum::<Vector3<f64>>() / share;
    let blocks = rows.chunks_exact(count).enumerate();
    let averaged = blocks.map(|(index, block)| Row {
        t: time(index, rate_hz / share),
        gyro: mean(block, |row| row.gyro),
        accel: mean(block, |row| row.accel),
        mag: mean(block, |row| row.mag),
        truth: block.last().and_then(|row| row.truth),
    });
    averaged.collect()
}

fn biased(rows: &[Row], rng: &mut ChaCha8Rng) -> Vec<Row> {
    let sign = |_, _| if rng.random::<bool>() { 1.0 } else { -1.0 };
    let bias = Vector3::from_fn(sign) * BIAS_DEGPS.to_radians();
    rows.iter().map(|row| Row { gyro: row.gyro + bias, ..*row }).collect()
}

fn noisy(rows: &[Row], rng: &mut ChaCha8Rng) -> Vec<Row> {
    let [gyro, accel, mag] = NOISE;
    let noisy = |row: &Row| Row {
        gyro: row.gyro + normal(rng, gyro),
        accel: row.accel + normal(rng, accel),
        mag: row.mag + normal(rng, mag),
        ..*row
    };
    rows.iter().map(noisy).collect()
}

/// Sampled at uneven times, and stamped with them; the truth stays that of the even times.
fn jittered(rows: &[Row], rate_hz: f64, rng: &mut ChaCha8Rng) -> Vec<Row> {
    let shifts: Vec<f64> = rows.iter().map(|_| rng.random_range(-JITTER..JITTER)).collect();
    let start = shifts.first().copied().unwrap_or(0.0);
    let shifted = |(index, (row, shift)): (usize, (&Row, f64))| {
        let neighbour = if shift < 0.0 { index.checked_sub(1) } else { Some(index + 1) };
        let other = neighbour.and_then(|index| rows.get(index)).unwrap_or(row);
        let between = |here: Vector3<f64>, there: Vector3<f64>| here + (there - here) * shift.abs();
        #[expect(clippy::cast_precision_loss, reason = "trials are short")]
        let t_s = (index as f64 + shift - start) / rate_hz;
        Row {
            t: Timestamp::from_ns(ns_from_s(t_s)),
            gyro: between(row.gyro, other.gyro),
            accel: between(row.accel, other.accel),
            mag: between(row.mag, other.mag),
            truth: row.truth,
        }
    };
    rows.iter().zip(shifts).enumerate().map(shifted).collect()
}

fn with_gaps(rows: &[Row], rate_hz: f64, rng: &mut ChaCha8Rng) -> Vec<Row> {
    if rows.len() <= 2 * GAP_MARGIN {
        return rows.to_vec();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few samples")]
    let length = (GAP_S * rate_hz) as usize;
    let starts: Vec<usize> = (0..GAPS).map(|_| rng.random_range(GAP_MARGIN..rows.len() - GAP_MARGIN)).collect();
    let is_missing = |index: usize| starts.iter().any(|start| (*start..start + length).contains(&index));
    rows.iter().enumerate().filter(|(index, _)| !is_missing(*index)).map(|(_, row)| *row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial() -> Trial {
        let row = |i: u32| Row {
            t: time(i as usize, 200.0),
            gyro: Vector3::new(f64::from(i), 0.0, 0.0),
            accel: Vector3::new(0.0, 0.0, 9.81),
            mag: Vector3::new(20.0, 0.0, -40.0),
            truth: Some(UnitQuaternion::from_euler_angles(0.0, 0.0, 0.001 * f64::from(i))),
        };
        Trial { name: String::new(), rate_hz: 200.0, rows: (0..3001).map(row).collect() }
    }

    #[test]
    fn a_turned_sensor_sees_the_same_world() {
        let (trial, turned) = (trial(), Case::Remounted.applied_to(&trial(), 3));
        for (before, after) in trial.rows.iter().zip(&turned.rows) {
            let (Some(a), Some(b)) = (before.truth, after.truth) else { panic!("a truth was lost") };
            assert!((a * before.accel - b * after.accel).norm() < 1e-12);
            assert!((before.gyro - after.gyro).norm() > 0.0 || before.gyro.norm() == 0.0);
        }
    }

    #[test]
    fn averaging_keeps_whole_blocks() {
        let averaged = Case::Hz50.applied_to(&trial(), 0);
        assert_eq!(averaged.rows.len(), 750);
        assert_eq!((averaged.rows[1].gyro.x, averaged.rows[1].t.ns()), (5.5, 20_000_000));
        assert!(averaged.rows[0].truth.is_some_and(|truth| (truth.euler_angles().2 - 0.003).abs() < 1e-12));
    }

    #[test]
    fn jittered_samples_are_true_at_their_own_times() {
        let jittered = Case::Jitter.applied_to(&trial(), 0);
        let offset = jittered.rows[0].gyro.x;
        let last = jittered.rows.len() - 1;
        for row in &jittered.rows[1..last] {
            let index = row.t.s_since(Timestamp::from_ns(0)) * 200.0;
            assert!((row.gyro.x - offset - index).abs() < 0.31, "beyond the jitter of the first sample");
        }
        assert!(jittered.rows.windows(2).all(|pair| pair[0].t < pair[1].t));
    }

    #[test]
    fn gaps_take_rows_away_and_leave_the_times() {
        let gapped = Case::Gaps.applied_to(&trial(), 0);
        let missing = 3001 - gapped.rows.len();
        assert!((40..=200).contains(&missing), "{missing}");
        assert!(gapped.rows.windows(2).any(|pair| pair[1].t.s_since(pair[0].t) > 0.2));
    }

    #[test]
    fn the_same_stream_gives_the_same_trial() {
        let noisy = |stream| Case::PhoneNoise.applied_to(&trial(), stream).rows[7].gyro;
        assert_eq!(noisy(1), noisy(1));
        assert_ne!(noisy(1), noisy(2));
    }
}
