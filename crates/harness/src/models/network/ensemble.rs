//! Networks that differ in their random numbers only, trained side by side.

use anyhow::Result;
use gnn::{Trained, Trainer};

use crate::models::Context;

/// Trains so many networks, epoch by epoch, until all have ended or the clock
/// says so; goes on from where an earlier fit was left.
///
/// - `first`: the first of them; the others learn the same.
pub(super) fn train(
    first: Trainer<'_>,
    networks: usize,
    epochs: usize,
    context: &Context<'_>,
) -> Result<Vec<Trained>> {
    let seed = |network: u64| context.seed.wrapping_add(network);
    let mut trainers = vec![first];
    for network in 1..networks as u64 {
        trainers.push(trainers[0].another(seed(network))?);
    }
    if let Some(state) = context.keep.state()
        && !resume(&mut trainers, &state)
    {
        let fresh = (0..networks as u64).map(|network| trainers[0].another(seed(network)));
        trainers = fresh.collect::<Result<_, _>>()?;
    }
    loop {
        let mut epoch = None;
        for trainer in &mut trainers {
            epoch = trainer.epoch()?.or(epoch);
        }
        let Some(epoch) = epoch else { break };
        (context.step)(&format!("epoch {} of {epochs}", epoch.number));
        context.keep.save(|| joined(&trainers))?;
        if context.watch.must_stop() {
            break;
        }
    }
    Ok(trainers
        .into_iter()
        .map(Trainer::finish)
        .collect::<Result<_, _>>()?)
}

/// The states of all, each after its length.
fn joined(trainers: &[Trainer<'_>]) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for trainer in trainers {
        let state = trainer.state()?;
        all.extend((state.len() as u64).to_le_bytes());
        all.extend(state);
    }
    Ok(all)
}

/// Whether all could take up their states.
fn resume(trainers: &mut [Trainer<'_>], mut rest: &[u8]) -> bool {
    let all = trainers.iter_mut().all(|trainer| {
        let Some((length, after)) = rest.split_first_chunk() else {
            return false;
        };
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let Some((state, after)) = after.split_at_checked(length) else {
            return false;
        };
        rest = after;
        trainer.resume(state).is_ok()
    });
    all && rest.is_empty()
}
