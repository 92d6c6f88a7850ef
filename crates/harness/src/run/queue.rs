//! Many trials on several threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;

use crate::run::{Library, Outcome, Store, execute};
use crate::study::PlannedTrial;

/// Part `index` of `count` of the trials, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1 to `count`.
    pub index: usize,
    /// How many parts there are.
    pub count: usize,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(index, count)| {
            Some(Self {
                index: index.parse().ok()?,
                count: count.parse().ok()?,
            })
        });
        match parsed {
            Some(shard) if (1..=shard.count).contains(&shard.index) => Ok(shard),
            _ => Err(format!(
                "expected I/N with I from 1 to N, as `2/8`, found `{text}`"
            )),
        }
    }
}

impl Shard {
    /// Whether the trial at this position of the plan belongs to this part.
    #[must_use]
    pub fn holds(&self, position: usize) -> bool {
        position % self.count == self.index - 1
    }
}

/// Runs trials, one thread each, and stores each the moment it ends.
///
/// `each` is called after every trial, from its thread, one at a time.
///
/// # Errors
///
/// The first error of the store; trials themselves cannot fail, see
/// [`execute`].
pub fn run_queue(
    trials: &[&PlannedTrial<'_>],
    library: &Library<'_>,
    store: &Store,
    threads: usize,
    untimed: bool,
    each: &(dyn Fn(&Outcome) + Sync),
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let failure: Mutex<Option<anyhow::Error>> = Mutex::new(None);
    let turn = Mutex::new(());
    let work = || {
        while let Some(&planned) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut outcome = execute(planned, library);
            if untimed {
                outcome.record.seconds = None;
                outcome.record.peak_memory_mib = None;
            }
            let _turn = turn
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Err(error) = store.put(&outcome) {
                next.store(trials.len(), Ordering::Relaxed);
                let mut failure = failure
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                failure.get_or_insert(error);
                return;
            }
            each(&outcome);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(work);
        }
    });
    match failure
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
    {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
