//! Within the horizon it does not matter in which order, or how late, the samples come.

use std::collections::BTreeMap;

use jounce::{
    engine::Engine,
    event::EventKind,
    health::Refusal,
    sample::{Sample, Sensor},
    time::Timestamp,
};
use proptest::prelude::*;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use crate::common::{Drive, Record, all_drives, assert_same, cases, drive};

const NS_PER_S: i64 = 1_000_000_000;
/// Length of a FIFO burst.
const BURST_NS: i64 = 3 * NS_PER_S;

/// The samples in the order in which they arrive.
fn by_arrival(samples: &[Sample], mut arrival_ns: impl FnMut(&Sample) -> i64) -> Vec<Sample> {
    let mut arriving: Vec<(i64, Sample)> = samples.iter().map(|sample| (arrival_ns(sample), *sample)).collect();
    arriving.sort_by_key(|(arrival, _)| *arrival);
    arriving.into_iter().map(|(_, sample)| sample).collect()
}

proptest! {
    #![proptest_config(cases(4))]

    /// Where the first seconds show how late samples are, which one fix a second cannot: then the wait may be too short.
    #[test]
    fn samples_late_by_up_to_two_seconds_change_nothing(seed: u64) {
        for drive in all_drives().filter(|drive| drive.has(Sensor::Accel)) {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let late = by_arrival(&drive.samples, |sample| sample.t().ns() + i64::from(random.next_u32()) % (2 * NS_PER_S));
            let what = format!("{}, seed {seed}", drive.name);
            assert_same(&what, &drive.replay_with(&late).lasting(), &drive.replay().lasting());
        }
    }

    #[test]
    fn bursts_of_three_seconds_change_nothing(seed: u64) {
        for drive in all_drives() {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let phases: BTreeMap<Sensor, i64> =
                Sensor::ALL.into_iter().map(|sensor| (sensor, i64::from(random.next_u32()) % BURST_NS)).collect();
            let bursts = by_arrival(&drive.samples, |sample| {
                let phase = phases[&sample.sensor()];
                (sample.t().ns() - phase).div_euclid(BURST_NS) * BURST_NS + phase
            });
            let what = format!("{}, seed {seed}", drive.name);
            assert_same(&what, &drive.replay_with(&bursts).lasting(), &drive.replay().lasting());
        }
    }
}

/// What comes out of `samples`, and how many of each sensor's were too late.
fn late_with(drive: &Drive, samples: &[Sample]) -> (Record, BTreeMap<Sensor, u64>) {
    let mut engine = Engine::new(drive.config.clone());
    let mut record = Record::default();
    for sample in samples {
        engine.push(*sample, &mut record);
    }
    engine.flush(&mut record);
    let late = |sensor: Sensor| engine.health().sensor(sensor).refused[Refusal::Late.index()];
    (record, Sensor::ALL.into_iter().map(|sensor| (sensor, late(sensor))).collect())
}

#[test]
fn nothing_within_the_horizon_is_too_late() {
    for drive in all_drives() {
        let (_, late) = late_with(&drive, &drive.samples);
        assert!(late.values().all(|late| *late == 0), "{}: {late:?}", drive.name);
    }
}

#[test]
fn fixes_that_begin_late_and_lag_are_soon_taken() {
    let drive = drive("city-drive");
    let begin = Timestamp::from_ns(20 * NS_PER_S);
    let after = |sample: &&Sample| sample.sensor() != Sensor::Gnss || sample.t() > begin;
    let samples: Vec<Sample> = drive.samples.iter().filter(after).copied().collect();
    let lagging = by_arrival(&samples, |sample| {
        sample.t().ns() + if sample.sensor() == Sensor::Gnss { 1_200_000_000 } else { 0 }
    });
    let (record, late) = late_with(&drive, &lagging);
    assert!((1..=3).contains(&late[&Sensor::Gnss]), "{late:?}");
    assert!(record.events.iter().any(|event| event.kind() == EventKind::TripEnd));
}

#[test]
fn a_burst_later_than_the_horizon_is_dropped_and_nothing_else_is() {
    let drive = drive("city-drive");
    let (from, to) = (Timestamp::from_ns(60 * NS_PER_S), Timestamp::from_ns(68 * NS_PER_S));
    let is_in_burst = |sample: &Sample| sample.sensor() == Sensor::Accel && (from..to).contains(&sample.t());
    let arriving =
        by_arrival(&drive.samples, |sample| if is_in_burst(sample) { to.ns() + 8 * NS_PER_S } else { sample.t().ns() });
    let (actual, late) = late_with(&drive, &arriving);
    let without: Vec<Sample> = drive.samples.iter().filter(|sample| !is_in_burst(sample)).copied().collect();
    let burst = drive.samples.len() - without.len();
    assert_eq!(late[&Sensor::Accel], burst as u64);
    assert_same("a late burst", &actual.lasting(), &drive.replay_with(&without).lasting());
}
