//! Beginning, ending, and a clock that jumps.

use jounce::{
    config::Config,
    engine::Engine,
    event::EventKind,
    sample::{Sample, Triad},
    time::Timestamp,
};

use crate::common::{Record, all_drives, assert_same, drive};

fn engine() -> Engine {
    Engine::new(Config::default().validate().expect("the defaults are valid"))
}

fn accel(t: Timestamp) -> Sample {
    Sample::Accel(Triad { t, x: 0.0, y: 0.0, z: 9.81 })
}

#[test]
fn an_engine_that_saw_nothing_says_nothing() {
    let (mut engine, mut record) = (engine(), Record::default());
    engine.flush(&mut record);
    engine.flush(&mut record);
    assert_same("nothing", &record, &Record::default());
}

#[test]
fn a_second_flush_says_nothing_more() {
    for drive in all_drives() {
        let mut engine = Engine::new(drive.config.clone());
        for sample in &drive.samples {
            engine.push(*sample, &mut Record::default());
        }
        engine.flush(&mut Record::default());
        let mut more = Record::default();
        engine.flush(&mut more);
        assert_same(&drive.name, &more, &Record::default());
    }
}

#[test]
fn what_is_pushed_after_a_flush_goes_on() {
    for drive in all_drives() {
        let half = drive.samples.len() / 2;
        let mut engine = Engine::new(drive.config.clone());
        let mut record = Record::default();
        for sample in &drive.samples[..half] {
            engine.push(*sample, &mut record);
        }
        engine.flush(&mut record);
        let before = record.motions.len();
        for sample in &drive.samples[half..] {
            engine.push(*sample, &mut record);
        }
        engine.flush(&mut record);
        assert!(record.motions.len() > before, "{}", drive.name);
        assert!(record.motions.is_sorted_by(|a, b| a.t < b.t), "{}: motion goes back", drive.name);
        let ids: Vec<_> = record.events.iter().map(|event| (event.id, event.phase)).collect();
        assert!((1..ids.len()).all(|i| !ids[..i].iter().any(|(id, phase)| (*id, *phase) == ids[i])), "{ids:?}");
    }
}

#[test]
fn a_clock_that_is_set_back_begins_a_new_stretch() {
    let drive = drive("city-drive");
    let mut twice = drive.samples.clone();
    twice.extend(drive.samples.iter().map(|sample| sample.at(sample.t().plus_s(-3600.0))));
    let record = drive.replay_with(&twice);
    let count = |kind: EventKind| record.events.iter().filter(|event| event.kind() == kind).count();
    for kind in [EventKind::TripStart, EventKind::TripEnd, EventKind::HardBraking, EventKind::HarshAcceleration] {
        assert_eq!(count(kind), 2, "{kind}: {:?}", record.events);
    }
    assert_eq!(count(EventKind::HarshCornering), 4);
}

#[test]
fn the_first_stamp_may_be_any() {
    for first in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
        let (mut engine, mut record) = (engine(), Record::default());
        engine.push(accel(Timestamp::from_ns(first)), &mut record);
        engine.flush(&mut record);
        for k in 0..2000 {
            engine.push(accel(Timestamp::from_ns(first).plus_s(0.02 * f64::from(k))), &mut record);
        }
        engine.flush(&mut record);
        assert!(record.events.is_empty(), "{first}: {:?}", record.events);
    }
}

#[test]
fn a_drive_after_a_wild_first_stamp_is_found() {
    let drive = drive("city-drive");
    let expected = drive.replay();
    for first in [i64::MIN, i64::MAX] {
        let mut samples = vec![accel(Timestamp::from_ns(first))];
        samples.extend(&drive.samples);
        assert_same(&format!("{first} ns"), &drive.replay_with(&samples), &expected);
    }
}
