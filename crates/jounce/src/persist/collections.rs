//! What holds other things.

use alloc::{
    collections::{BinaryHeap, VecDeque},
    vec::Vec,
};
use core::{array, mem};

use super::{Layout, Persist, Tape};
use crate::time::Timestamp;

impl<T: Persist> Persist for Option<T> {
    const LAYOUT: Layout = Layout::of("Option").and("0", &T::LAYOUT);

    fn blank() -> Self {
        None
    }

    fn run(&mut self, tape: &mut Tape<'_>) {
        let mut is_some = self.is_some();
        is_some.run(tape);
        if is_some {
            self.get_or_insert_with(T::blank).run(tape);
        } else {
            *self = None;
        }
    }
}

impl<T: Persist, const N: usize> Persist for [T; N] {
    const LAYOUT: Layout = Layout::of("array").and("0", &T::LAYOUT).and("1", &Layout::of_number(N));

    fn blank() -> Self {
        array::from_fn(|_| T::blank())
    }

    fn run(&mut self, tape: &mut Tape<'_>) {
        for item in self {
            item.run(tape);
        }
    }
}

macro_rules! tuples {
    ($(($($name:ident: $index:tt),*),)*) => {
        $(impl<$($name: Persist),*> Persist for ($($name,)*) {
            const LAYOUT: Layout = Layout::of("tuple")$(.and(stringify!($index), &$name::LAYOUT))*;

            fn blank() -> Self {
                ($($name::blank(),)*)
            }

            fn run(&mut self, tape: &mut Tape<'_>) {
                $(self.$index.run(tape);)*
            }
        })*
    };
}

tuples! { (A: 0, B: 1), (A: 0, B: 1, C: 2), (A: 0, B: 1, C: 2, D: 3), }

/// Elements in a row.
pub(crate) trait List {
    type Item: Persist;

    /// Runs the number of elements over the tape, and each of them by `run`. Those that are there are played over.
    fn run_each(&mut self, tape: &mut Tape<'_>, run: impl FnMut(&mut Self::Item, &mut Tape<'_>));
}

macro_rules! lists {
    ($($list:ident: $push:ident,)*) => {
        $(impl<T: Persist> List for $list<T> {
            type Item = T;

            fn run_each(&mut self, tape: &mut Tape<'_>, mut run: impl FnMut(&mut T, &mut Tape<'_>)) {
                let length = tape.length(self.len());
                self.truncate(length);
                for index in 0..length {
                    if tape.has_failed() {
                        return;
                    }
                    if index == self.len() {
                        self.$push(T::blank());
                    }
                    if let Some(item) = self.get_mut(index) {
                        run(item, tape);
                    }
                }
            }
        }

        impl<T: Persist> Persist for $list<T> {
            const LAYOUT: Layout = Layout::of("list").and("0", &T::LAYOUT);

            fn blank() -> Self {
                Self::new()
            }

            fn run(&mut self, tape: &mut Tape<'_>) {
                self.run_each(tape, T::run);
            }
        })*
    };
}

lists! { Vec: push, VecDeque: push_back, }

impl<T: Persist + Ord> List for BinaryHeap<T> {
    type Item = T;

    fn run_each(&mut self, tape: &mut Tape<'_>, run: impl FnMut(&mut T, &mut Tape<'_>)) {
        let mut items = mem::take(self).into_vec();
        items.run_each(tape, run);
        *self = items.into();
    }
}

/// What has a time of its own.
pub(crate) trait Timed: Copy {
    fn t(&self) -> Timestamp;

    #[must_use]
    fn at(self, t: Timestamp) -> Self;
}

/// Collections of timed things, each by its time since the one before: that takes half the room.
pub(crate) mod by_time {
    use super::{Layout, List, Persist, Tape, Timed, Timestamp};

    pub(crate) const fn layout<L: List>() -> Layout {
        Layout::of("by_time").and("0", &L::Item::LAYOUT)
    }

    pub(crate) fn run<L: List<Item: Timed>>(list: &mut L, tape: &mut Tape<'_>) {
        let mut before = 0_i64;
        list.run_each(tape, |item, tape| {
            let mut relative = item.at(Timestamp::from_ns(item.t().ns().wrapping_sub(before)));
            relative.run(tape);
            before = before.wrapping_add(relative.t().ns());
            *item = relative.at(Timestamp::from_ns(before));
        });
    }
}
