//! Neither the clock's zero nor the way the phone is turned matters.

use jounce::{
    event::Event,
    sample::{Sample, Triad},
};
use nalgebra::{Quaternion, UnitQuaternion, Vector3};
use proptest::prelude::*;

use crate::common::{Drive, Record, all_drives, assert_same, cases};

fn turned(samples: &[Sample], by: &UnitQuaternion<f64>) -> Vec<Sample> {
    let turn = |s: &Triad| {
        let v = by * Vector3::new(s.x, s.y, s.z);
        Triad { t: s.t, x: v.x, y: v.y, z: v.z }
    };
    let each = |sample: &Sample| match sample {
        Sample::Accel(s) => Sample::Accel(turn(s)),
        Sample::Gyro(s) => Sample::Gyro(turn(s)),
        Sample::Mag(s) => Sample::Mag(turn(s)),
        other => *other,
    };
    samples.iter().map(each).collect()
}

fn shifted(samples: &[Sample], by_ns: i64) -> Vec<Sample> {
    samples.iter().map(|sample| sample.at(sample.t().plus_ns(by_ns))).collect()
}

fn shift_back(record: &mut Record, by_ns: i64) {
    for event in &mut record.events {
        for t in [&mut event.start, &mut event.peak, &mut event.end, &mut event.decided] {
            *t = t.plus_ns(-by_ns);
        }
    }
    for dismissal in &mut record.dismissals {
        dismissal.start = dismissal.start.plus_ns(-by_ns);
        dismissal.end = dismissal.end.plus_ns(-by_ns);
    }
    for motion in &mut record.motions {
        motion.t = motion.t.plus_ns(-by_ns);
    }
}

/// Any rotation: a point of the unit sphere in four dimensions.
fn rotations() -> impl Strategy<Value = UnitQuaternion<f64>> {
    prop::array::uniform4(-1.0..1.0_f64)
        .prop_filter("within the sphere", |q| (0.01..=1.0).contains(&q.iter().map(|x| x * x).sum::<f64>()))
        .prop_map(|[w, i, j, k]| UnitQuaternion::from_quaternion(Quaternion::new(w, i, j, k)))
}

/// The same events, but for what the sensors' own axes leave behind.
fn alike(a: &Event, b: &Event) -> bool {
    let near_in_time =
        [(a.start, b.start), (a.peak, b.peak), (a.end, b.end)].iter().all(|(a, b)| a.s_since(*b).abs() <= 0.2);
    let near_in_size = match (a.peak_mps2, b.peak_mps2) {
        (Some(a), Some(b)) => (a - b).abs() <= 0.02 * b.abs(),
        (a, b) => a == b,
    };
    a.id == b.id && a.phase == b.phase && a.direction == b.direction && near_in_time && near_in_size
}

fn assert_alike(drive: &Drive, how: &UnitQuaternion<f64>) {
    let (expected, actual) = (drive.replay().events, drive.replay_with(&turned(&drive.samples, how)).events);
    let told = |events: &[Event]| {
        let line = |e: &Event| {
            format!(
                "  {} {:?} {}..{} at {} {:?} {:?}",
                e.id,
                e.phase,
                e.start.ns(),
                e.end.ns(),
                e.peak.ns(),
                e.peak_mps2,
                e.direction
            )
        };
        events.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    let same = actual.len() == expected.len() && actual.iter().zip(&expected).all(|(a, e)| alike(a, e));
    assert!(same, "{}, turned by {how}:\n{}\ninstead of\n{}", drive.name, told(&actual), told(&expected));
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn the_events_do_not_depend_on_how_the_phone_is_turned(how in rotations()) {
        for drive in all_drives() {
            assert_alike(&drive, &how);
        }
    }

    #[test]
    fn the_clock_may_begin_anywhere(by_ns in -(1_i64 << 61)..(1 << 61)) {
        for drive in all_drives() {
            let mut actual = drive.replay_with(&shifted(&drive.samples, by_ns | 1));
            shift_back(&mut actual, by_ns | 1);
            assert_same(&format!("{} + {by_ns} ns", drive.name), &actual, &drive.replay());
        }
    }
}
