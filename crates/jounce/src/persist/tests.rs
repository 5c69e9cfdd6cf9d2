use alloc::collections::VecDeque;

use super::*;

#[derive(Persist)]
struct One {
    a: u8,
}

#[derive(Persist)]
struct Renamed {
    b: u8,
}

#[derive(Persist)]
struct Wider {
    a: u64,
}

#[derive(Persist)]
enum Two {
    A { value: u8 },
    B(u64),
}

#[derive(Persist)]
enum Three {
    A { value: u8 },
    B(i64),
}

#[test]
fn another_arrangement_is_another_layout() {
    let layouts = [
        One::LAYOUT,
        Renamed::LAYOUT,
        Wider::LAYOUT,
        Two::LAYOUT,
        Three::LAYOUT,
        <[One; 2]>::LAYOUT,
        <[One; 3]>::LAYOUT,
        <(One, Two)>::LAYOUT,
        <(Two, One)>::LAYOUT,
        Option::<One>::LAYOUT,
    ];
    for (index, layout) in layouts.iter().enumerate() {
        assert!(!layouts[..index].contains(layout), "{index}");
    }
}

/// A tape of numbers alone.
#[derive(Default)]
struct Numbers {
    values: VecDeque<u64>,
    plays: bool,
    has_failed: bool,
}

impl Numbers {
    fn pass(&mut self, value: u64) -> u64 {
        if self.plays {
            return self.values.pop_front().unwrap_or_else(|| {
                self.has_failed = true;
                0
            });
        }
        self.values.push_back(value);
        value
    }
}

macro_rules! pass {
    ($($method:ident: $ty:ty, $to:expr, $from:expr;)*) => {
        $(fn $method(&mut self, value: &mut $ty) {
            *value = $from(self.pass($to(*value)));
        })*
    };
}

impl Medium for Numbers {
    pass! {
        byte: u8, u64::from, |value: u64| value.to_le_bytes()[0];
        unsigned: u64, core::convert::identity, core::convert::identity;
        signed: i64, i64::cast_unsigned, u64::cast_signed;
        double: f64, f64::to_bits, f64::from_bits;
        length: usize, |value: usize| value as u64, |value: u64| usize::try_from(value).unwrap_or_default();
    }

    fn single(&mut self, value: &mut f32) {
        *value = f32::from_bits(u32::try_from(self.pass(value.to_bits().into())).unwrap_or_default());
    }

    fn text(&mut self, _: &mut String) {
        self.fail();
    }

    fn fail(&mut self) {
        self.has_failed = true;
    }

    fn has_failed(&self) -> bool {
        self.has_failed
    }
}

#[test]
fn what_was_recorded_is_played_over_whatever_is_there() {
    let mut numbers = Numbers::default();
    let mut list: VecDeque<(Two, Option<f64>)> =
        [(Two::A { value: 7 }, None), (Two::B(300), Some(0.5))].into_iter().collect();
    list.run(&mut Tape::new(&mut numbers));
    numbers.plays = true;
    let mut other: VecDeque<(Two, Option<f64>)> =
        [(Two::B(1), Some(1.0)), (Two::B(2), None), (Two::B(3), None)].into_iter().collect();
    other.run(&mut Tape::new(&mut numbers));
    assert!(numbers.values.is_empty() && !numbers.has_failed);
    assert!(matches!(other.make_contiguous(), [(Two::A { value: 7 }, None), (Two::B(300), Some(0.5))]));
}

#[test]
fn what_is_left_out_stays() {
    #[derive(Persist)]
    struct Some {
        kept: u64,
        #[persist(skip)]
        room: u64,
    }
    let mut numbers = Numbers::default();
    Some { kept: 1, room: 2 }.run(&mut Tape::new(&mut numbers));
    numbers.plays = true;
    let mut other = Some { kept: 3, room: 4 };
    other.run(&mut Tape::new(&mut numbers));
    assert_eq!((other.kept, other.room), (1, 4));
}
