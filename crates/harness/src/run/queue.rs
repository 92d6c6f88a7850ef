//! Many trials on several threads.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;

use crate::run::{Library, Machine, Outcome, Store, execute, locked};
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
    /// The part, of so many, that the trial at this position of the plan belongs to.
    #[must_use]
    pub fn of(position: usize, count: usize) -> Self {
        Self {
            index: position % count + 1,
            count,
        }
    }

    /// Whether the trial at this position of the plan belongs to this part.
    #[must_use]
    pub fn holds(&self, position: usize) -> bool {
        Self::of(position, self.count) == *self
    }
}

/// How trials are run.
pub struct Queue<'a> {
    /// The structures.
    pub library: &'a Library<'a>,
    /// Where the records go.
    pub store: &'a Store,
    /// A folder for what trials may share.
    pub shared: Option<&'a Path>,
    /// Where networks are trained.
    pub device: &'a gnn::Device,
    /// Trials at a time.
    pub threads: usize,
    /// Whether times and memory are left out of the records.
    pub untimed: bool,
    /// Is called after every trial, from its thread, one at a time.
    pub each: &'a (dyn Fn(&Outcome) + Sync),
    /// Is told what the fit of a trial does.
    pub step: &'a (dyn Fn(&PlannedTrial<'_>, &str) + Sync),
}

impl Queue<'_> {
    /// Runs trials, one thread each, and stores each the moment it ends.
    ///
    /// # Errors
    ///
    /// The first error of the store; trials themselves cannot fail, see
    /// [`execute`].
    pub fn run(&self, trials: &[&PlannedTrial<'_>]) -> Result<()> {
        let next = AtomicUsize::new(0);
        let failure: Mutex<Option<anyhow::Error>> = Mutex::new(None);
        let turn = Mutex::new(());
        let work = || {
            while let Some(&planned) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
                let outcome = self.one(planned);
                let _turn = locked(&turn);
                if let Err(error) = self.store.put(&outcome) {
                    next.store(trials.len(), Ordering::Relaxed);
                    locked(&failure).get_or_insert(error);
                    return;
                }
                (self.each)(&outcome);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                scope.spawn(work);
            }
        });
        let failure = locked(&failure).take();
        failure.map_or(Ok(()), Err)
    }

    fn one(&self, planned: &PlannedTrial<'_>) -> Outcome {
        let keep = self.store.keep(&planned.hash, self.shared);
        let mut outcome = execute(planned, self.library, &keep, self.device, &|step| {
            (self.step)(planned, step);
        });
        if self.untimed {
            outcome.record.seconds = None;
            outcome.record.peak_memory_mib = None;
            outcome.record.fit_memory_mib = None;
        } else {
            outcome.record.machine = Some(Machine::here(self.threads, self.device));
        }
        outcome
    }
}
