//! Queues of bounded length, and what waits in one of them.

use alloc::collections::VecDeque;

use crate::{
    detect::Fix,
    persist::{Persist, Timed, by_time},
    sample::Sample,
    time::Timestamp,
};

/// A queue with room for so many; all of it is taken at the start.
#[derive(Debug, Persist)]
pub(super) struct Queue<T: Timed> {
    #[persist(with = by_time)]
    items: VecDeque<T>,
    most: usize,
}

impl<T: Timed> Queue<T> {
    pub(super) fn with_room_for(most: usize) -> Self {
        Self { items: VecDeque::with_capacity(most), most }
    }

    pub(super) fn is_full(&self) -> bool {
        self.items.len() >= self.most
    }

    pub(super) fn front(&self) -> Option<&T> {
        self.items.front()
    }

    /// Whoever puts one in looks first whether there is room.
    pub(super) fn push_back(&mut self, item: T) {
        self.items.push_back(item);
    }

    pub(super) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.items.retain(keep);
    }

    pub(super) fn pop_front(&mut self) -> Option<T> {
        self.items.pop_front()
    }
}

/// What detectors see once the motion has come as far.
#[derive(Clone, Copy, Debug, Persist)]
pub(super) enum Waiting {
    Fix(Fix),
    Sample(Sample),
}

impl Waiting {
    pub(super) fn t(&self) -> Timestamp {
        match self {
            Self::Fix(fix) => fix.t,
            Self::Sample(sample) => sample.t(),
        }
    }
}

impl Timed for Waiting {
    fn t(&self) -> Timestamp {
        self.t()
    }

    fn at(self, t: Timestamp) -> Self {
        match self {
            Self::Fix(fix) => Self::Fix(Fix { t, ..fix }),
            Self::Sample(sample) => Self::Sample(sample.at(t)),
        }
    }
}
