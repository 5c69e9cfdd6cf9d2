use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::*;

/// Something of every shape that there is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Every {
    flag: bool,
    small: (u8, i8, u16, i16),
    large: (u32, i32, u64, i64),
    floats: [f64; 2],
    short: f32,
    letter: char,
    text: String,
    maybe: Option<Box<Every>>,
    list: Vec<Choice>,
    map: BTreeMap<u8, i64>,
    unit: (),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Choice {
    Nothing,
    One(Wrapped),
    Two(u16, String),
    Named { a: i32, b: Option<bool> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(i64);

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        Just(Choice::Nothing),
        any::<i64>().prop_map(|number| Choice::One(Wrapped(number))),
        (any::<u16>(), ".{0,8}").prop_map(|(number, text)| Choice::Two(number, text)),
        (any::<i32>(), any::<Option<bool>>()).prop_map(|(a, b)| Choice::Named { a, b }),
    ]
}

fn one() -> impl Strategy<Value = Every> {
    let numbers = (any::<bool>(), any::<(u8, i8, u16, i16)>(), any::<(u32, i32, u64, i64)>());
    let others = (any::<[f64; 2]>(), any::<f32>(), any::<char>(), ".{0,20}");
    let many = (prop::collection::vec(choice(), 0..5), prop::collection::btree_map(any::<u8>(), any::<i64>(), 0..4));
    (numbers, others, many).prop_map(|((flag, small, large), (floats, short, letter, text), (list, map))| Every {
        flag,
        small,
        large,
        floats,
        short,
        letter,
        text,
        maybe: None,
        list,
        map,
        unit: (),
    })
}

fn every() -> impl Strategy<Value = Every> {
    (one(), prop::option::of(one())).prop_map(|(outer, inner)| Every { maybe: inner.map(Box::new), ..outer })
}

proptest! {
    #[test]
    fn the_bytes_are_those_of_bincode(every in every()) {
        let encoded = encode(&every).expect("it can be written");
        prop_assert_eq!(&encoded.bytes, &bincode::serde::encode_to_vec(&every, CONFIG).expect("it can be written"));
        let decoded: Decoded<Every> = decode(&encoded.bytes).expect("it can be read");
        let is_finite = |every: &Every| every.short.is_finite() && every.floats.iter().all(|value| value.is_finite());
        let all_finite = is_finite(&every) && every.maybe.as_deref().is_none_or(is_finite);
        prop_assert_eq!(decoded.is_finite, all_finite);
        // Bytes, since NaN is like nothing.
        prop_assert_eq!(encode(&decoded.value).expect("it can be written").bytes, encoded.bytes);
    }

    #[test]
    fn what_bincode_refuses_is_refused(every in every(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = encode(&every).expect("it can be written").bytes;
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let theirs = bincode::serde::decode_from_slice::<Every, _>(&bytes, CONFIG).ok();
        let theirs = theirs.filter(|(_, used)| *used == bytes.len());
        prop_assert_eq!(decode::<Every>(&bytes).is_some(), theirs.is_some());
        prop_assert!(decode::<Every>(&bytes[..at]).is_none());
    }
}

#[test]
fn more_elements_than_bytes_are_refused_at_once() {
    let bytes = bincode::serde::encode_to_vec(u64::MAX, CONFIG).expect("a number");
    assert!(decode::<Vec<u64>>(&bytes).is_none() && decode::<String>(&bytes).is_none());
    assert!(decode::<BTreeMap<u8, u8>>(&bytes).is_none());
}

#[test]
fn other_names_are_another_hash() {
    #[derive(Serialize)]
    struct One {
        a: u8,
    }
    #[derive(Serialize)]
    struct Two {
        b: u8,
    }
    let (one, two) = (encode(&One { a: 1 }).expect("a number"), encode(&Two { b: 1 }).expect("a number"));
    assert_eq!(one.bytes, two.bytes);
    assert_ne!(one.names, two.names);
    assert_eq!(one.names, encode(&One { a: 2 }).expect("a number").names);
}
