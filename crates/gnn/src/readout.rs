//! How what atoms say becomes what a structure has.

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::batch::Batch;
use crate::ops::{Pooling, pool};

/// How the numbers of atoms become that of a structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Readout {
    /// Their sum, for targets that grow with the cell.
    Sum,
    /// Their mean, for targets that do not.
    Mean,
    /// The largest.
    Max,
    /// Their sum, less the sum over the atoms of the supercell without defects, divided as its
    /// [reference](crystal::Reference) says, which graphs need: for what defects change.
    Difference,
}

impl Readout {
    /// - `atoms`: `(N, 1)`, of the atoms of a batch, those of references among them.
    /// - returns: `(G,)`.
    pub(crate) fn of(self, atoms: &Tensor, batch: &Batch) -> Result<Tensor> {
        // what is subtracted is counted negatively
        Ok(pool(atoms, &batch.nodes_of_graphs, self.pooling())?.squeeze(1)?)
    }

    pub(crate) fn pooling(self) -> Pooling {
        match self {
            Self::Sum | Self::Difference => Pooling::Sum,
            Self::Mean => Pooling::Mean,
            Self::Max => Pooling::Max,
        }
    }
}
