//! Things of ours by number, so that a handle used after it was freed, or freed twice, is an error and nothing worse.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::session::Failure;

/// Places and how often each has been used: a number is only good for what it was given for.
#[derive(Debug)]
pub(crate) struct Registry<T> {
    slots: Mutex<Vec<Slot<T>>>,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    item: Option<Arc<T>>,
}

/// Locks, whatever happened while it was locked before: what a panic leaves behind is marked in the session itself.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Generation above, position from 1 below: never 0.
fn number(index: usize, generation: u32) -> Option<u64> {
    let position = u32::try_from(index).ok()?.checked_add(1)?;
    Some(u64::from(generation) << u32::BITS | u64::from(position))
}

fn index_and_generation(number: u64) -> Option<(usize, u32)> {
    let position = u32::try_from(number & u64::from(u32::MAX)).ok()?;
    let generation = u32::try_from(number >> u32::BITS).ok()?;
    Some((usize::try_from(position.checked_sub(1)?).ok()?, generation))
}

impl<T> Registry<T> {
    pub(crate) const fn new() -> Self {
        Self { slots: Mutex::new(Vec::new()) }
    }

    /// Takes something in; gives its number.
    pub(crate) fn insert(&self, item: T) -> Result<u64, Failure> {
        let item = Some(Arc::new(item));
        let mut slots = lock(&self.slots);
        let free = slots.iter_mut().enumerate().find(|(_, slot)| slot.item.is_none() && slot.generation < u32::MAX);
        let (index, generation) = if let Some((index, slot)) = free {
            *slot = Slot { generation: slot.generation + 1, item };
            (index, slot.generation)
        } else {
            slots.push(Slot { generation: 0, item });
            (slots.len() - 1, 0)
        };
        number(index, generation).ok_or(Failure::Argument("too many of them"))
    }

    /// What has this number.
    pub(crate) fn get(&self, number: u64) -> Result<Arc<T>, Failure> {
        let find = || {
            let (index, generation) = index_and_generation(number)?;
            let slots = lock(&self.slots);
            slots.get(index).filter(|slot| slot.generation == generation)?.item.clone()
        };
        find().ok_or(Failure::Session)
    }

    /// Takes something out. Whoever is using it just now still ends in peace.
    pub(crate) fn remove(&self, number: u64) -> Result<Arc<T>, Failure> {
        let take = || {
            let (index, generation) = index_and_generation(number)?;
            let mut slots = lock(&self.slots);
            slots.get_mut(index).filter(|slot| slot.generation == generation)?.item.take()
        };
        take().ok_or(Failure::Session)
    }
}
