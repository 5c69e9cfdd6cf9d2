//! What is refused is neither used nor kept.

use jounce::{
    config::Config,
    engine::{Engine, Stage, Want},
    event::{Event, EventKind},
    health::{PushOutcome, Refusal},
    sample::{ConsentSample, GnssFix, Hint, HintSample, Sample, Sensor},
    time::Timestamp,
};

use crate::common::{Record, assert_same, drive};

const DRIVES: [&str; 4] = ["city-drive", "front-crash", "places", "phone-turned"];
const SENSORS: [Sensor; 5] = [Sensor::Accel, Sensor::Gyro, Sensor::Gnss, Sensor::Limit, Sensor::Hint];

fn consent(t: Timestamp, sensor: Sensor, allowed: bool) -> Sample {
    Sample::Consent(ConsentSample { t, sensor, allowed })
}

#[test]
fn a_refused_sensor_might_as_well_not_be_there() {
    for name in DRIVES {
        let drive = drive(name);
        for sensor in SENSORS {
            let without: Vec<Sample> = drive.samples.iter().filter(|s| s.sensor() != sensor).copied().collect();
            let refusing: Vec<Sample> = [consent(Timestamp::default(), sensor, false)]
                .into_iter()
                .chain(drive.samples.iter().copied())
                .collect();
            let what = format!("{name} without {}", sensor.name());
            assert_same(&what, &drive.replay_with(&refusing), &drive.replay_with(&without));
        }
    }
}

#[test]
fn a_withdrawal_holds_at_once_and_is_no_fault_of_the_sensor() {
    let drive = drive("city-drive");
    let mut engine = Engine::new(drive.config.clone());
    let mut record = Record::default();
    let half = drive.samples.len() / 2;
    for sample in &drive.samples[..half] {
        engine.push(*sample, &mut record);
    }
    let before = *engine.health().sensor(Sensor::Gnss);
    let now = drive.samples[half].t();
    // Whatever its time.
    engine.push(consent(now.plus_s(-3600.0), Sensor::Gnss, false), &mut record);
    let mut refused = 0;
    for sample in &drive.samples[half..] {
        let outcome = engine.push(*sample, &mut record);
        let is_refused = outcome == PushOutcome::Refused(Refusal::NoConsent);
        assert_eq!(is_refused, sample.sensor() == Sensor::Gnss);
        refused += u64::from(is_refused);
    }
    engine.flush(&mut record);
    let after = engine.health().sensor(Sensor::Gnss);
    assert_eq!(after.refused[Refusal::NoConsent.index()], refused);
    assert_eq!((after.accepted, after.trust.to_bits()), (before.accepted, before.trust.to_bits()));
    assert!(record.motions.iter().all(|m| m.t < now || m.gnss_speed_mps.is_none()));
}

#[test]
fn what_is_allowed_again_is_used_again() {
    let drive = drive("city-drive");
    let mut samples = drive.samples.clone();
    let at = |share: usize| drive.samples[drive.samples.len() * share / 100].t();
    let (off, on) = (at(5), at(15));
    samples.insert(drive.samples.len() * 15 / 100, consent(on, Sensor::Gnss, true));
    samples.insert(drive.samples.len() * 5 / 100, consent(off, Sensor::Gnss, false));
    let kinds = |record: Record| record.events.iter().map(Event::kind).collect::<Vec<_>>();
    let events = kinds(drive.replay_with(&samples));
    for kind in [EventKind::HardBraking, EventKind::Speeding, EventKind::TripEnd] {
        assert!(events.contains(&kind), "{events:?}");
    }
}

#[test]
fn a_forgetful_engine_is_a_fresh_one_with_the_same_consent() {
    let drive = drive("city-drive");
    let mut engine = Engine::new(drive.config.clone());
    let mut record = Record::default();
    engine.push(consent(Timestamp::default(), Sensor::Gyro, false), &mut record);
    for sample in &drive.samples[..drive.samples.len() * 2 / 3] {
        engine.push(*sample, &mut record);
    }
    engine.forget();
    assert!(!engine.consent().allows(Sensor::Gyro) && engine.consent().allows(Sensor::Accel));
    assert_eq!(engine.health().sensor(Sensor::Accel).accepted, 0);

    let mut again = Record::default();
    for sample in &drive.samples {
        engine.push(*sample, &mut again);
    }
    engine.flush(&mut again);
    let without: Vec<Sample> = drive.samples.iter().filter(|s| s.sensor() != Sensor::Gyro).copied().collect();
    assert_same("forgotten", &again, &drive.replay_with(&without));
}

fn rates(engine: &Engine) -> [Want; 3] {
    [Sensor::Accel, Sensor::Gyro, Sensor::Gnss].map(|sensor| engine.needs().of(sensor))
}

#[test]
fn parked_it_wants_no_inertial_sensor() {
    let mut engine = Engine::new(Config::default().validate().expect("valid"));
    assert_eq!(engine.needs().stage, Stage::Idle);
    assert!(matches!(rates(&engine), [Want::Nothing, Want::Nothing, Want::AtRate(hz)] if hz < 0.1));

    let mut events: Vec<Event> = Vec::new();
    let hint = |s: f64, on| Sample::Hint(HintSample { t: Timestamp::default().plus_s(s), hint: Hint::Car(on) });
    engine.push(hint(0.0, true), &mut events);
    assert_eq!(engine.needs().stage, Stage::Watching);
    assert!(matches!(rates(&engine), [Want::AtRate(a), Want::AtRate(_), Want::AtRate(_)] if a >= 50.0));
    assert_eq!(engine.needs().of(Sensor::Limit), Want::Changes);
    assert_eq!(engine.needs().of(Sensor::Mag), Want::Nothing);
    engine.push(hint(1.0, false), &mut events);
    assert_eq!(engine.needs().stage, Stage::Idle);
}

#[test]
fn a_fix_a_minute_is_enough_to_wake_it() {
    let mut engine = Engine::new(Config::default().validate().expect("valid"));
    let mut events: Vec<Event> = Vec::new();
    let fix = |minute: f64, metres: f64| {
        let (t, lat_deg) = (Timestamp::default().plus_s(60.0 * minute), Some(52.0 + metres / 111_200.0));
        Sample::Gnss(GnssFix { t, lat_deg, lon_deg: Some(13.5), hacc_m: Some(30.0), ..GnssFix::default() })
    };
    // A parked phone's fixes wander.
    for (minute, metres) in [(0.0, 0.0), (1.0, 40.0), (2.0, -50.0), (3.0, 10.0)] {
        engine.push(fix(minute, metres), &mut events);
        assert_eq!(engine.needs().stage, Stage::Idle, "minute {minute}");
    }
    engine.push(fix(4.0, 600.0), &mut events);
    assert_eq!(engine.needs().stage, Stage::Watching);
    for minute in 5_u8..9 {
        engine.push(fix(minute.into(), 600.0), &mut events);
    }
    assert_eq!(engine.needs().stage, Stage::Idle);
}

#[test]
fn driving_it_wants_everything_it_may_have_until_the_trip_ends() {
    let drive = drive("city-drive");
    let mut engine = Engine::new(drive.config.clone());
    let mut record = Record::default();
    for sample in &drive.samples {
        engine.push(*sample, &mut record);
        let open = record.events.iter().any(|e| e.kind() == EventKind::TripStart);
        assert!(!open || engine.needs().stage == Stage::Driving);
    }
    engine.push(consent(Timestamp::default(), Sensor::Accel, false), &mut record);
    assert!(matches!(rates(&engine), [Want::Nothing, Want::AtRate(_), Want::AtRate(_)]));
    engine.flush(&mut record);
    assert_ne!(engine.needs().stage, Stage::Driving);
}
