use jounce::{
    engine::Evidence,
    event::{Detail, Event, EventKind, Position, Reason},
    sample::{GnssFix, Sample, Triad},
    time::Timestamp,
};
use proptest::prelude::*;

use super::*;

type Everything = (Vec<Sample>, Option<Event>, (bool, u32, i64), [f64; 2]);

fn sample() -> impl Strategy<Value = Sample> {
    let t = any::<i64>().prop_map(Timestamp::from_ns);
    prop_oneof![
        (t.clone(), any::<[f64; 3]>()).prop_map(|(t, [x, y, z])| Sample::Accel(Triad { t, x, y, z })),
        (t.clone(), any::<[f32; 3]>()).prop_map(|(t, axes)| {
            let [x, y, z] = axes.map(f64::from);
            Sample::Gyro(Triad { t, x, y, z })
        }),
        (t, any::<[Option<f64>; 7]>()).prop_map(|(t, values)| Sample::Gnss(GnssFix::from_values(t, values))),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    (any::<i64>(), ".{0,20}", any::<Option<[f64; 2]>>(), any::<bool>()).prop_map(|(ns, place, position, on)| {
        let t = Timestamp::from_ns(ns);
        let mut event = Event::new(EventKind::PlaceArrive, t, t);
        event.detail = Detail::Place { place };
        event.position = position.map(|[lat_deg, lon_deg]| Position { lat_deg, lon_deg });
        event.reasons = vec![Reason::GnssAbsent, Reason::Screen { on }];
        event
    })
}

fn everything() -> impl Strategy<Value = Everything> {
    (prop::collection::vec(sample(), 0..6), prop::option::of(event()), any::<(bool, u32, i64)>(), any::<[f64; 2]>())
}

fn blank() -> Everything {
    Persist::blank()
}

proptest! {
    /// Into a value that is blank, and into one that holds something else.
    #[test]
    fn what_is_written_is_read(mut one in everything(), mut other in everything()) {
        let bytes = encode(&mut one);
        for into in [&mut blank(), &mut other] {
            prop_assert_ne!(decode(&bytes, into), Decoded::Unfit);
            // Bytes, since NaN is like nothing.
            prop_assert_eq!(&encode(into), &bytes);
        }
    }

    #[test]
    fn what_is_short_or_long_is_refused(mut one in everything(), at in any::<prop::sample::Index>()) {
        let mut bytes = encode(&mut one);
        prop_assert_eq!(decode(&bytes[..at.index(bytes.len())], &mut blank()), Decoded::Unfit);
        bytes.push(0);
        prop_assert_eq!(decode(&bytes, &mut blank()), Decoded::Unfit);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes, &mut blank());
    }
}

#[test]
fn values_are_written_as_bincode_writes_them() {
    let mut values = ((300_u32, -5_i64, 0.25_f64), (true, vec![1_u64, 70_000], String::from("ä")));
    let theirs = bincode::encode_to_vec(values.clone(), CONFIG).expect("numbers");
    assert_eq!(encode(&mut values), theirs);
}

#[test]
fn what_is_no_number_is_told() {
    let bytes = encode(&mut [1.0, f64::INFINITY]);
    assert_eq!(decode(&bytes, &mut [0.0; 2]), Decoded::NotFinite);
    assert_eq!(decode(&encode(&mut [1.0, 2.0]), &mut [0.0; 2]), Decoded::Whole);
}

#[test]
fn more_elements_than_bytes_are_refused_at_once() {
    let bytes = encode(&mut u64::MAX.clone());
    assert_eq!(decode(&bytes, &mut Vec::<u64>::new()), Decoded::Unfit);
    assert_eq!(decode(&bytes, &mut String::new()), Decoded::Unfit);
    assert_eq!(decode(&bytes, &mut Vec::<Evidence>::new()), Decoded::Unfit);
}

/// A bool that is neither, a variant that there is not, a number too large for its type.
#[test]
fn what_is_out_of_range_is_refused() {
    assert_eq!(decode(&[2], &mut false), Decoded::Unfit);
    assert_eq!(decode(&[14], &mut EventKind::Crash), Decoded::Unfit);
    assert_eq!(decode(&[13], &mut EventKind::Crash), Decoded::Whole);
    assert_eq!(decode(&encode(&mut (1_u64 << 32)), &mut 0_u32), Decoded::Unfit);
}
