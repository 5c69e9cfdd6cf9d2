//! Nothing that can be pushed makes the engine panic or say what is no number, or goes uncounted; and no single bad
//! sample changes what it finds in a good drive.

use std::fmt::Debug;

use jounce::{
    config::Config,
    engine::Engine,
    health::{PushOutcome, Refusal},
    motion::Motion,
    sample::{
        Activity, BaroSample, ConsentSample, GnssFix, Hint, HintSample, LimitSample, PostedLimit, Sample, Sensor, Triad,
    },
    time::Timestamp,
};
use proptest::{collection::vec, option, prelude::*, sample::Index};

use crate::common::{Drive, Record, all_drives, assert_same, cases, drive};

/// Any float at all, and those that sensors give.
fn values() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => -50.0..50.0_f64,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![
            f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 0.0, -0.0, -1.0, 9.81,
            90.0, 180.0, 360.0, 156.9064,
        ]),
    ]
}

/// Any time at all, and those that follow one another.
fn times() -> impl Strategy<Value = Timestamp> {
    const S: i64 = 1_000_000_000;
    prop_oneof![
        6 => 0..120 * S,
        2 => (0..400_i64).prop_map(|k| k * S / 10),
        1 => any::<i64>(),
        1 => prop::sample::select(vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX]),
    ]
    .prop_map(Timestamp::from_ns)
}

fn hints() -> impl Strategy<Value = Hint> {
    prop_oneof![
        any::<bool>().prop_map(Hint::Screen),
        any::<bool>().prop_map(Hint::Car),
        prop::sample::select(Activity::ALL.to_vec()).prop_map(Hint::Activity),
    ]
}

fn limits() -> impl Strategy<Value = PostedLimit> {
    prop_oneof![values().prop_map(PostedLimit::Limit), Just(PostedLimit::NoLimit), Just(PostedLimit::Unknown)]
}

fn fixes() -> impl Strategy<Value = Sample> {
    let field = || option::of(values());
    (times(), [field(), field(), field(), field(), field(), field(), field()]).prop_map(|(t, fields)| {
        let [lat_deg, lon_deg, alt_m, speed_mps, course_deg, hacc_m, sacc_mps] = fields;
        Sample::Gnss(GnssFix { t, lat_deg, lon_deg, alt_m, speed_mps, course_deg, hacc_m, sacc_mps })
    })
}

fn samples() -> impl Strategy<Value = Sample> {
    let triad = || (times(), [values(), values(), values()]).prop_map(|(t, [x, y, z])| Triad { t, x, y, z });
    prop_oneof![
        4 => triad().prop_map(Sample::Accel),
        4 => triad().prop_map(Sample::Gyro),
        1 => triad().prop_map(Sample::Mag),
        3 => fixes(),
        1 => (times(), values()).prop_map(|(t, pressure_hpa)| Sample::Baro(BaroSample { t, pressure_hpa })),
        1 => (times(), hints()).prop_map(|(t, hint)| Sample::Hint(HintSample { t, hint })),
        1 => (times(), limits()).prop_map(|(t, limit)| Sample::Limit(LimitSample { t, limit })),
        1 => (times(), 0..Sensor::COUNT, any::<bool>()).prop_map(|(t, sensor, allowed)| {
            Sample::Consent(ConsentSample { t, sensor: Sensor::ALL[sensor], allowed })
        }),
    ]
}

/// A bad sample, to be put between good ones: wrong values, or a wrong time.
#[derive(Clone, Copy, Debug)]
enum Fault {
    NotANumber,
    Infinite,
    Huge,
    Year2100,
    Repeated,
    SetBack,
}

const FAULTS: [Fault; 6] =
    [Fault::NotANumber, Fault::Infinite, Fault::Huge, Fault::Year2100, Fault::Repeated, Fault::SetBack];

impl Fault {
    /// What this fault makes of a good sample.
    fn of(self, good: &Sample) -> Sample {
        match self {
            Self::NotANumber => with_value(good, f64::NAN),
            Self::Infinite => with_value(good, f64::INFINITY),
            Self::Huge => with_value(good, 1e300),
            Self::Year2100 => good.at(Timestamp::from_ns(4_102_444_800_000_000_000)),
            Self::Repeated => *good,
            Self::SetBack => good.at(good.t().plus_s(-3600.0)),
        }
    }
}

fn with_value(good: &Sample, value: f64) -> Sample {
    let t = good.t().plus_ns(1);
    let triad = Triad { t, x: value, y: value, z: value };
    let known = Some(value);
    match good {
        Sample::Accel(_) => Sample::Accel(triad),
        Sample::Gyro(_) => Sample::Gyro(triad),
        Sample::Mag(_) => Sample::Mag(triad),
        Sample::Gnss(_) => Sample::Gnss(GnssFix {
            t,
            lat_deg: known,
            lon_deg: known,
            alt_m: known,
            speed_mps: known,
            course_deg: known,
            hacc_m: known,
            sacc_mps: known,
        }),
        Sample::Baro(_) => Sample::Baro(BaroSample { t, pressure_hpa: value }),
        Sample::Limit(_) | Sample::Hint(_) | Sample::Consent(_) => {
            Sample::Limit(LimitSample { t, limit: PostedLimit::Unknown })
        }
    }
}

/// The text of an event, a motion or a health names every one of its numbers.
#[track_caller]
fn assert_numbers(what: &impl Debug) {
    let text = format!("{what:?}");
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
}

fn assert_sensible(motion: &Motion) {
    assert!(motion.speed_mps.is_none_or(|speed| speed >= 0.0), "{motion:?}");
    assert!(motion.speed_sigma_mps.is_none_or(|sigma| sigma >= 0.0), "{motion:?}");
    assert!(motion.vehicle_from_device.is_none_or(|q| (q.norm() - 1.0).abs() < 1e-6), "{motion:?}");
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn anything_may_be_pushed(
        mut anything in vec(samples(), 0..1000), in_order: bool, flush_at in any::<Index>(),
    ) {
        if in_order {
            anything.sort_by_key(Sample::t); // so that most of it is taken
        }
        let mut engine = Engine::new(Config::default().validate().expect("the defaults are valid"));
        let mut record = Record::default();
        let mut refused = [0_u64; Sensor::COUNT];
        let flush_at = flush_at.index(anything.len() + 1);
        for (i, sample) in anything.iter().enumerate() {
            if i == flush_at {
                engine.flush(&mut record);
            }
            if engine.push(*sample, &mut record) != PushOutcome::Accepted {
                refused[sample.sensor().index()] += 1;
            }
        }
        engine.flush(&mut record);
        assert_numbers(&(&record.events, &record.dismissals, engine.health()));
        for motion in &record.motions {
            assert_numbers(motion);
            assert_sensible(motion);
        }
        for sensor in Sensor::ALL {
            let health = engine.health().sensor(sensor);
            let pushed = anything.iter().filter(|sample| sample.sensor() == sensor).count() as u64;
            let counted: u64 = health.refused.iter().sum();
            prop_assert!(counted >= refused[sensor.index()], "{}: {health:?}", sensor.name());
            // A fix that lost only its speed is both: taken, and counted as implausible.
            let twice = if sensor == Sensor::Gnss { health.refused[Refusal::Implausible.index()] } else { 0 };
            let accounted = health.accepted + counted;
            prop_assert!((pushed..=pushed + twice).contains(&accounted), "{pushed} {}: {health:?}", sensor.name());
            prop_assert!((0.0..=1.0).contains(&health.trust), "{health:?}");
        }
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn one_bad_sample_changes_no_event(
        which in any::<Index>(), at in any::<Index>(), fault in prop::sample::select(FAULTS.to_vec()),
    ) {
        let drives: Vec<_> = all_drives().collect();
        let drive = &drives[which.index(drives.len())];
        one_bad_sample(drive, at.index(drive.samples.len()), fault);
    }
}

#[test]
fn the_last_sample_may_be_bad() {
    let drive = drive("city-drive");
    for fault in FAULTS {
        one_bad_sample(&drive, drive.samples.len() - 1, fault);
    }
}

/// Puts what `fault` makes of a sample behind it.
#[track_caller]
fn one_bad_sample(drive: &Drive, at: usize, fault: Fault) {
    let bad = fault.of(&drive.samples[at]);
    let mut samples = drive.samples.clone();
    samples.insert(at + 1, bad);
    let (actual, expected) = (drive.replay_with(&samples).undated(), drive.replay().undated());
    assert_same(&format!("{}, {bad:?} after {at}", drive.name), &actual, &expected);
}
