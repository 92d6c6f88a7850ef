//! A table that is not fitted, and chooses the number of trees.

use crate::error::{Error, Result};
use crate::model::Model;
use crate::settings::Loss;
use crate::table::{check_columns, check_targets};
use crate::tree::Tree;

/// A table that chooses the number of trees.
#[derive(Debug, Clone, Copy)]
pub struct Validation<'a> {
    /// `(columns, n)`
    pub columns: &'a [Vec<f64>],
    /// `(n,)`
    pub targets: &'a [f64],
}

/// The validation table and the model's predictions on it.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    targets: &'a [f64],
    weights: Vec<f64>,
    bins: Vec<Vec<u8>>,
    predictions: Vec<f64>,
    trees: usize,
    /// Number of trees and loss of the best model.
    pub(crate) best: (usize, f64),
}

impl<'a> Held<'a> {
    pub(crate) fn new(model: &Model, table: Validation<'a>) -> Result<Self> {
        let rows = table.targets.len();
        if table.columns.len() != model.borders.len() {
            return Err(Error::Columns {
                expected: model.borders.len(),
                found: table.columns.len(),
            });
        }
        check_columns(table.columns, rows)?;
        check_targets(table.targets)?;
        Ok(Self {
            targets: table.targets,
            weights: vec![1.0; rows],
            bins: model.bins(table.columns)?,
            predictions: vec![model.bias; rows],
            trees: 0,
            best: (0, f64::INFINITY),
        })
    }

    /// Adds a tree and returns the loss.
    pub(crate) fn add(&mut self, tree: &Tree, loss: Loss) -> f64 {
        let bins: Vec<&[u8]> = self.bins.iter().map(Vec::as_slice).collect();
        let leaves = tree.shape.leaves(&bins, self.predictions.len());
        for (prediction, leaf) in self.predictions.iter_mut().zip(leaves) {
            *prediction += tree.values[leaf as usize];
        }
        self.trees += 1;
        let loss = loss.mean(self.targets, &self.predictions, &self.weights);
        if loss < self.best.1 {
            self.best = (self.trees, loss);
        }
        loss
    }

    /// Whether the best model is older than it may be.
    pub(crate) fn waited(&self, patience: Option<usize>) -> bool {
        patience.is_some_and(|patience| self.trees - self.best.0 >= patience)
    }
}
