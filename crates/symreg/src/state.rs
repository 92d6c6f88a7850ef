//! All that a search knows between two epochs.

use serde::{Deserialize, Serialize};

use crate::{
    Error, ParetoFront, Result, Settings, Table,
    genetic::Genetic,
    island::{Desk, Island, Worker},
    variation::Builder,
    view::View,
};

/// A search that can be put away and taken up again.
///
/// Saved as JSON, or whatever serde offers, it goes on as if it had not been
/// interrupted: the fronts are equal to the last digit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Hash of the data, so that a state is not taken up on others.
    pub(crate) data: u64,
    pub(crate) epoch: u64,
    pub(crate) front: ParetoFront,
    pub(crate) islands: Vec<Island>,
    /// Passes that were made between the epochs, on the front alone.
    pub(crate) finishing: u64,
    /// Members of the front whose constants are finished.
    pub(crate) finished: Vec<u64>,
}

impl State {
    pub(crate) fn new(
        views: &[View],
        desks: &[Desk],
        settings: &Settings,
        seed: u64,
        data: u64,
    ) -> Self {
        let objective = &desks[0].plain;
        let columns = objective.table().columns().len();
        // Without columns the front is a constant, and nothing is ever built.
        let columns = u32::try_from(columns).unwrap_or(u32::MAX).max(1);
        let builder = Builder::new(&settings.operators.used, columns);
        let island = |index: usize| {
            let view = views[index];
            let builder = match view {
                View::Bare => builder.clone().bare(),
                _ => builder.clone(),
            };
            let genetic = Genetic::new(builder, settings, Vec::new());
            Island {
                seen: desks[index].seen.as_ref().map(ParetoFront::of),
                worker: Worker::new(seed, index as u64),
                genetic,
                view,
            }
        };
        Self {
            data,
            epoch: 0,
            front: ParetoFront::of(objective),
            islands: (0..settings.search.islands).map(island).collect(),
            finishing: 0,
            finished: Vec::new(),
        }
    }

    /// Passes over all rows so far.
    #[must_use]
    pub fn evaluations(&self) -> u64 {
        let islands = self.islands.iter().map(|island| island.worker.evaluations);
        islands.sum::<u64>() + self.finishing
    }

    /// Epochs so far.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The best formulas so far.
    #[must_use]
    pub fn front(&self) -> &ParetoFront {
        &self.front
    }

    /// Refuses data and settings of another search.
    pub(crate) fn check(&self, settings: &Settings, data: u64) -> Result<()> {
        let islands = self.islands.len() == settings.search.islands;
        let together = self.front.together() == settings.search.together;
        if self.data == data && islands && together {
            Ok(())
        } else {
            Err(Error::OtherSearch)
        }
    }
}

/// FNV-1a over the bits of all values.
pub(crate) fn hash(table: &Table, target: &[f64]) -> u64 {
    let columns = (0..table.columns().len()).flat_map(|column| table.values(column));
    columns
        .chain(target)
        .fold(0xcbf2_9ce4_8422_2325, |hash, value| {
            (hash ^ value.to_bits()).wrapping_mul(0x100_0000_01b3)
        })
}
