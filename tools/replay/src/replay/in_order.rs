//! Work on several threads, results in the order in which they were asked for.

use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

/// Runs `work` on every item, `jobs` at a time, and hands the results to `take` in the order of the items.
///
/// The first error of `take` ends the run; work under way is finished, and its result dropped.
pub(crate) fn in_order<T: Sync, R: Send, E>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(&T, R) -> Result<(), E>,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(jobs);
        for _ in 0..jobs.min(items.len()) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    if sender.send((index, work(item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);

        let mut early = BTreeMap::new();
        let mut due = items.iter().enumerate();
        for (index, result) in receiver {
            early.insert(index, result);
            while let Some(entry) = early.first_entry() {
                let Some((_, item)) = due.clone().next().filter(|(due, _)| due == entry.key()) else { break };
                due.next();
                take(item, entry.remove())?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_order_is_that_of_the_items() {
        let items: Vec<u64> = (0..20).collect();
        for jobs in [1, 3, 50] {
            let mut seen = Vec::new();
            // Earlier items take longer, so later ones are ready before them.
            let work = |item: &u64| thread::sleep(Duration::from_millis((20 - item) % 7));
            let result = in_order(&items, jobs, work, |item, ()| {
                seen.push(*item);
                Ok::<(), ()>(())
            });
            assert_eq!((result, seen), (Ok(()), items.clone()), "{jobs} jobs");
        }
    }

    #[test]
    fn an_error_ends_the_run() {
        let items: Vec<u64> = (0..1000).collect();
        let mut taken = 0;
        let result = in_order(
            &items,
            4,
            |item| *item,
            |_, item| {
                taken += 1;
                if item == 2 { Err("enough") } else { Ok(()) }
            },
        );
        assert_eq!((result, taken), (Err("enough"), 3));
    }
}
