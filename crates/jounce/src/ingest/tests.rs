use proptest::prelude::*;

use super::*;
use crate::{
    sample::{BaroSample, GnssFix, Hint, HintSample},
    testing::{Noise, at},
};

fn fresh() -> Ingest {
    Ingest::new(&IngestConfig::default())
}

fn triad(t: Timestamp, x: f64, y: f64, z: f64) -> Triad {
    Triad { t, x, y, z }
}

fn gravity(t_s: f64) -> Sample {
    Sample::Accel(triad(at(t_s), 0.1, -0.2, 9.8))
}

/// Checks, follows and counts one sample, as the engine does.
fn take(ingest: &mut Ingest, sample: &Sample) -> Result<(), Refusal> {
    let outcome = ingest.check(sample).and_then(|()| ingest.in_order(sample));
    if let Err(refusal) = outcome {
        ingest.refused(sample.sensor(), refusal);
    }
    outcome
}

fn record(ingest: &Ingest, sensor: Sensor) -> &SensorHealth {
    ingest.health().sensor(sensor)
}

#[test]
fn each_sensor_ends_at_its_limit() {
    type Make = fn(Triad) -> Sample;
    let limits = IngestConfig::default();
    let sensors: [(Make, f64); 3] = [
        (Sample::Accel, limits.accel_limit_mps2),
        (Sample::Gyro, limits.gyro_limit_radps),
        (Sample::Mag, limits.mag_limit_ut),
    ];
    for (make, limit) in sensors {
        for sign in [1.0, -1.0] {
            let beyond = sign * limit * 1.001;
            for (x, y, z) in [(beyond, 0.0, 0.0), (0.0, beyond, 0.0), (0.0, 0.0, beyond)] {
                assert_eq!(fresh().check(&make(triad(at(0.0), x, y, z))), Err(Refusal::OutOfRange));
            }
            assert_eq!(fresh().check(&make(triad(at(0.0), sign * limit, 0.0, 0.0))), Ok(()));
        }
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for (x, y, z) in [(bad, 0.0, 0.0), (0.0, bad, 0.0), (0.0, 0.0, bad)] {
                assert_eq!(fresh().check(&make(triad(at(0.0), x, y, z))), Err(Refusal::NotFinite));
            }
        }
    }
    let baro = |pressure_hpa| Sample::Baro(BaroSample { t: at(0.0), pressure_hpa });
    assert_eq!(fresh().check(&baro(f64::NAN)), Err(Refusal::NotFinite));
    assert_eq!(fresh().check(&baro(1013.0)), Ok(()));
}

proptest! {
    #[test]
    fn what_passes_is_finite_and_within_the_limit(x in any::<f64>(), y in any::<f64>(), z in any::<f64>()) {
        let sample = triad(at(0.0), x, y, z);
        let limit = IngestConfig::default().gyro_limit_radps;
        let meant = [x, y, z].iter().all(|v| v.abs() <= limit);
        prop_assert_eq!(fresh().check(&Sample::Gyro(sample)).is_ok(), meant);
    }
}

#[test]
fn a_phone_that_spins_while_it_falls_is_believed_but_a_change_of_unit_is_not() {
    let mut ingest = fresh();
    let mut refused = |seconds: core::ops::Range<u32>, magnitude: f64| {
        let steps = seconds.start * 200..seconds.end * 200;
        steps
            .filter(|&i| {
                take(&mut ingest, &Sample::Accel(triad(at(f64::from(i) / 200.0), 0.0, magnitude, 0.0))).is_err()
            })
            .count()
    };
    assert_eq!(refused(0..2, 9.81), 0);
    assert_eq!(refused(2..3, 1.0), 0, "a second of fall, 5 m");
    assert_eq!(refused(3..4, 9.81), 0);
    assert!(refused(4..10, 1.0) > 800, "but nobody falls for six");
}

#[test]
fn gravity_in_g_is_refused_and_said() {
    let (mut ingest, mut noise) = (fresh(), Noise(3));
    let refused = (0..200).filter(|&i| {
        let t = at(f64::from(i) * 0.02);
        let sample = triad(t, 0.02 * noise.bell(), 0.6, 0.8 + 0.02 * noise.bell());
        take(&mut ingest, &Sample::Accel(sample)) == Err(Refusal::Unit)
    });
    // The first ones pass: nobody can tell yet.
    assert_eq!(refused.count(), 181);
    let Some(Diagnostic::AccelUnit { median_magnitude }) = ingest.health().accel_unit else { panic!() };
    assert!((median_magnitude - 1.0).abs() < 0.05, "{median_magnitude}");
    assert_eq!(record(&ingest, Sensor::Accel).refused[Refusal::Unit.index()], 181);

    // The right unit is taken at once, and nothing is held against it.
    assert!((0..100).all(|i| take(&mut ingest, &gravity(10.0 + f64::from(i) * 0.02)).is_ok()));
}

#[test]
fn free_fall_and_light_moments_are_not_another_unit() {
    let mut ingest = fresh();
    for i in 0..500 {
        let t_s = f64::from(i) * 0.01;
        // A second of free fall, with the little that air and spin leave; a crest that is 1 m/s² for a tenth.
        let z = match t_s {
            t if (1.0..2.0).contains(&t) => 0.3,
            t if (3.0..3.1).contains(&t) => 1.0,
            _ => 9.8,
        };
        assert_eq!(take(&mut ingest, &Sample::Accel(triad(at(t_s), 0.0, 0.0, z))), Ok(()), "{t_s}");
    }
    assert_eq!(ingest.health().accel_unit, None);
}

#[test]
fn a_second_sample_for_the_same_moment_is_a_duplicate_but_not_a_second_hint() {
    let mut ingest = fresh();
    assert_eq!(take(&mut ingest, &gravity(1.0)), Ok(()));
    assert_eq!(take(&mut ingest, &gravity(1.0)), Err(Refusal::Duplicate));
    // Another sensor has its own moments.
    assert_eq!(take(&mut ingest, &Sample::Gyro(triad(at(1.0), 0.0, 0.0, 0.0))), Ok(()));
    assert_eq!(take(&mut ingest, &gravity(1.02)), Ok(()));
    assert_eq!(record(&ingest, Sensor::Accel).accepted, 2);
    assert_eq!(record(&ingest, Sensor::Accel).refused[Refusal::Duplicate.index()], 1);
    for hint in [Hint::Car(true), Hint::Screen(false)] {
        assert_eq!(take(&mut ingest, &Sample::Hint(HintSample { t: at(1.0), hint })), Ok(()));
    }
}

#[test]
fn pauses_are_gaps_but_a_slow_sensor_has_none() {
    let mut ingest = fresh();
    for i in 0..1000 {
        let t_s = f64::from(i) * 0.02;
        // 3 s, 1.5 s and, too short to count, 0.9 s.
        let pause_s = [(200, 3.0), (400, 1.5), (600, 0.9)].iter().filter(|(from, _)| i >= *from).map(|p| p.1);
        take(&mut ingest, &gravity(t_s + pause_s.sum::<f64>())).unwrap();
    }
    let accel = record(&ingest, Sensor::Accel);
    assert_eq!(accel.gaps, 2);
    assert!((accel.longest_gap_s - 3.02).abs() < 1e-6);
    assert_eq!(ingest.gaps(), 2);

    for i in 0..60 {
        let late_s = if i >= 30 { 10.0 } else { 0.0 };
        let t = at(1.5 * f64::from(i) + late_s);
        take(&mut ingest, &Sample::Gnss(GnssFix { t, ..GnssFix::default() })).unwrap();
    }
    assert_eq!(record(&ingest, Sensor::Gnss).gaps, 1);
    assert_eq!(ingest.gaps(), 3);
}

#[test]
fn the_rate_is_the_median_interval_s() {
    for rate_hz in [5.0, 50.0, 400.0] {
        let (mut ingest, mut noise) = (fresh(), Noise(1));
        assert_eq!(ingest.rate_hz(Sensor::Accel), None);
        for i in 0..500 {
            // Uneven, one in ten missing, and a pause.
            if i % 10 == 3 {
                continue;
            }
            let pause_s = if i >= 250 { 20.0 } else { 0.0 };
            take(&mut ingest, &gravity((f64::from(i) + 0.2 * noise.unit()) / rate_hz + pause_s)).unwrap();
        }
        ingest.refresh_rates();
        let found = record(&ingest, Sensor::Accel).rate_hz.unwrap();
        assert!((found / rate_hz - 1.0).abs() < 0.1, "{found} for {rate_hz}");
        assert_eq!(ingest.rate_hz(Sensor::Accel), Some(found));
        assert_eq!(ingest.rate_hz(Sensor::Gyro), None);
    }
}

#[test]
fn only_a_held_reading_at_the_end_of_a_range_is_clipped() {
    let clipped = |readings: &[f64]| {
        let mut ingest = fresh();
        for (i, &x) in (0..).zip(readings) {
            take(&mut ingest, &Sample::Accel(triad(at(f64::from(i) * 0.01), x, 0.0, 9.8))).unwrap();
        }
        record(&ingest, Sensor::Accel).clipped
    };
    for g in [2.0, 4.0, 8.0, 16.0] {
        for sign in [1.0, -1.0] {
            let end = sign * g * 9.806_65;
            assert_eq!(clipped(&[0.0, end, end, end, 0.0]), 2, "{g} g");
            assert_eq!(clipped(&[0.0, end, 0.0, end, 0.0]), 0, "{g} g: passed through");
            let before = end * 0.9;
            assert_eq!(clipped(&[0.0, before, before, before, 0.0]), 0, "{g} g: not at the end");
        }
    }
}

#[test]
fn trust_falls_with_refusals_and_recovers_with_good_samples() {
    let mut ingest = fresh();
    let bad = |i: u32| Sample::Accel(triad(at(f64::from(i) * 0.02), f64::NAN, 0.0, 0.0));
    let trust = |ingest: &Ingest| record(ingest, Sensor::Accel).trust;
    assert!((trust(&ingest) - 1.0).abs() < 1e-12);
    take(&mut ingest, &bad(0)).unwrap_err();
    let after_one = trust(&ingest);
    assert!(after_one > 0.8 && after_one < 1.0, "one bad sample is no fault: {after_one}");
    for i in 1..50 {
        take(&mut ingest, &bad(i)).unwrap_err();
    }
    assert!(trust(&ingest).abs() < 1e-12);
    assert!((record(&ingest, Sensor::Gyro).trust - 1.0).abs() < 1e-12, "another sensor's faults are its own");
    let mut last = trust(&ingest);
    for i in 50..300 {
        take(&mut ingest, &gravity(f64::from(i) * 0.02)).unwrap();
        assert!(trust(&ingest) > last);
        last = trust(&ingest);
    }
    assert!(last > 0.95 && last <= 1.0, "{last}");
}

#[test]
fn what_was_consumed_last_is_kept_by_sensor() {
    let mut ingest = fresh();
    ingest.consumed(Sensor::Gnss, at(3.0));
    assert_eq!(record(&ingest, Sensor::Gnss).last_consumed, Some(at(3.0)));
    assert_eq!(record(&ingest, Sensor::Accel).last_consumed, None);
}
