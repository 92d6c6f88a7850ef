//! A fitted model.

use serde::{Deserialize, Serialize};

use crate::borders::bin;
use crate::error::{Error, Result};
use crate::tree::Tree;

/// Rows that pass through all trees together.
const BLOCK: usize = 256;

/// A sum of trees.
///
/// # Invariants
///
/// Every split names a column and a border that exist, and every tree has a
/// value for each of its leaves. Reading checks this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Model {
    pub(crate) bias: f64,
    pub(crate) borders: Vec<Vec<f32>>,
    pub(crate) trees: Vec<Tree>,
}

/// A model as it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    bias: f64,
    borders: Vec<Vec<f32>>,
    trees: Vec<Tree>,
}

impl From<Model> for Parts {
    fn from(model: Model) -> Self {
        Self {
            bias: model.bias,
            borders: model.borders,
            trees: model.trees,
        }
    }
}

impl TryFrom<Parts> for Model {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let unfit = parts
            .trees
            .iter()
            .position(|tree| !tree.fits(&parts.borders));
        match unfit {
            Some(tree) => Err(Error::Tree { tree }),
            None => Ok(Self {
                bias: parts.bias,
                borders: parts.borders,
                trees: parts.trees,
            }),
        }
    }
}

impl Model {
    /// The constant before the first tree, in units of the target.
    #[must_use]
    pub fn bias(&self) -> f64 {
        self.bias
    }

    /// The trees, in the order in which they were fitted.
    #[must_use]
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// The borders of every column.
    #[must_use]
    pub fn borders(&self) -> &[Vec<f32>] {
        &self.borders
    }

    /// Predicts: the bias plus the sum of the leaves a row falls in.
    ///
    /// - `columns`: `(columns, n)`, those of the fit in their order.
    /// - returns: `(n,)`, in units of the target.
    ///
    /// # Errors
    ///
    /// [`Error::Columns`] for another number of columns, [`Error::Length`] if
    /// they are not of one length.
    pub fn predict(&self, columns: &[Vec<f64>]) -> Result<Vec<f64>> {
        let bins = self.bins(columns)?;
        let rows = columns.first().map_or(0, Vec::len);
        let mut predictions = vec![self.bias; rows];
        for (block, predictions) in predictions.chunks_mut(BLOCK).enumerate() {
            let start = block * BLOCK;
            let range = start..start + predictions.len();
            let bins: Vec<&[u8]> = bins.iter().map(|bins| &bins[range.clone()]).collect();
            for tree in &self.trees {
                let leaves = tree.shape.leaves(&bins, predictions.len());
                for (prediction, leaf) in predictions.iter_mut().zip(leaves) {
                    *prediction += tree.values[leaf as usize];
                }
            }
        }
        Ok(predictions)
    }

    /// The bins of columns, `(columns, n)`.
    pub(crate) fn bins(&self, columns: &[Vec<f64>]) -> Result<Vec<Vec<u8>>> {
        if columns.len() != self.borders.len() {
            return Err(Error::Columns {
                expected: self.borders.len(),
                found: columns.len(),
            });
        }
        let rows = columns.first().map_or(0, Vec::len);
        if let Some(column) = columns.iter().find(|column| column.len() != rows) {
            return Err(Error::Length {
                name: "a column",
                expected: rows,
                found: column.len(),
            });
        }
        let of = |(column, borders): (&Vec<f64>, &Vec<f32>)| {
            column.iter().map(|&value| bin(borders, value)).collect()
        };
        Ok(columns.iter().zip(&self.borders).map(of).collect())
    }
}
