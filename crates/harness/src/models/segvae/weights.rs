//! Networks that have learnt a grammar, kept for all trials of that grammar.

use std::ops::ControlFlow;

use anyhow::Result;
use segvae::{Settings, Trainer, pretrain};

use crate::models::Context;
use crate::models::shelf::Shelf;
use crate::refuse;

static KNOWN: Shelf<Trainer> = Shelf::new();

/// The network of a grammar.
///
/// # Errors
///
/// If the grammar has too few formulas, or time is over before it is trained.
pub(in crate::models) fn trained(settings: &Settings, context: &Context<'_>) -> Result<Trainer> {
    let key = settings.pretraining_key();
    let name = format!("segvae-{key:016x}.safetensors");
    let path = context.keep.shared(&name);
    let read = |bytes: &[u8]| Trainer::from_bytes(settings, bytes).ok();
    KNOWN.take(key, path.as_deref(), read, || {
        let trainer = train(settings, key, context)?;
        let bytes = trainer.to_bytes(settings);
        Ok((trainer, bytes))
    })
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
