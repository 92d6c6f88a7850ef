//! Networks that have learnt a grammar, kept for all trials of that grammar.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use segvae::{Settings, Trainer, pretrain};

use crate::models::Context;
use crate::{files, refuse};

/// The network of one grammar, once it is trained.
type Slot = Arc<Mutex<Option<Trainer>>>;

/// Those that this process has trained or read.
static KNOWN: Mutex<BTreeMap<u64, Slot>> = Mutex::new(BTreeMap::new());

/// The network of a grammar: from this process, else from its file, else trained
/// now. Trials that need the same wait for the one that trains it.
///
/// # Errors
///
/// If the grammar has too few formulas, or time is over before it is trained.
pub(super) fn trained(settings: &Settings, context: &Context<'_>) -> Result<Trainer> {
    let key = settings.pretraining_key();
    let slot = locked(&KNOWN).entry(key).or_default().clone();
    let mut slot = locked(&slot);
    if let Some(trainer) = &*slot {
        return Ok(trainer.clone());
    }
    let path = context
        .keep
        .shared(&format!("segvae-{key:016x}.safetensors"));
    let trainer = if let Some(known) = path.as_deref().and_then(|path| read(path, settings)) {
        known
    } else {
        let trainer = train(settings, key, context)?;
        if let Some(path) = &path {
            files::write(path, &trainer.to_bytes(settings))?;
        }
        trainer
    };
    *slot = Some(trainer.clone());
    Ok(trainer)
}

/// A file that is damaged, or of another version, is as good as none.
fn read(path: &Path, settings: &Settings) -> Option<Trainer> {
    let bytes = std::fs::read(path).ok()?;
    Trainer::from_bytes(settings, &bytes).ok()
}

fn train(settings: &Settings, seed: u64, context: &Context<'_>) -> Result<Trainer> {
    let epochs = settings.training.n_pretrain_steps;
    let trainer = pretrain(settings, seed, &mut |epoch, _, _| {
        (context.step)(&format!(
            "learns the grammar, epoch {} of {epochs}",
            epoch + 1
        ));
        let late = epoch + 1 < epochs && context.watch.must_stop();
        if late {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    if context.watch.has_cut_short() {
        refuse!("time was over before the network had learnt the grammar");
    }
    Ok(trainer)
}

/// Locks, whoever panicked before: what is behind these locks is always whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
