//! A symmetric tree.

use serde::{Deserialize, Serialize};

/// A question on a row: does its bin exceed a border?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Index of the column.
    pub feature: usize,
    /// Index of the border in the column.
    pub border: u8,
}

/// A tree that asks every row the same questions.
///
/// With `d` splits there are `2^d` leaves; the answer to split `i` is bit `i` of
/// the leaf's index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// In the order in which they were chosen.
    pub splits: Vec<Split>,
    /// `(2^d,)`, in units of the target, the learning rate included.
    pub values: Vec<f64>,
    /// `(2^d,)`, sums of the weights of the training rows.
    pub weights: Vec<f64>,
}

impl Tree {
    /// The leaves of rows.
    ///
    /// - `bins`: of every column, `(columns, n)`.
    /// - returns: `(n,)`
    pub(crate) fn leaves(splits: &[Split], bins: &[&[u8]], rows: usize) -> Vec<u32> {
        let mut leaves = vec![0; rows];
        for (level, split) in splits.iter().enumerate() {
            for (leaf, &bin) in leaves.iter_mut().zip(bins[split.feature]) {
                *leaf |= u32::from(bin > split.border) << level;
            }
        }
        leaves
    }

    /// Whether the parts fit together, and to the borders of a model.
    pub(crate) fn fits(&self, borders: &[Vec<f32>]) -> bool {
        let within = |split: &Split| {
            let column = borders.get(split.feature);
            column.is_some_and(|column| usize::from(split.border) < column.len())
        };
        let leaves = 1_usize.checked_shl(u32::try_from(self.splits.len()).unwrap_or(u32::MAX));
        self.splits.iter().all(within)
            && self.splits.len() <= 16
            && leaves == Some(self.values.len())
            && leaves == Some(self.weights.len())
            && self.values.iter().all(|value| value.is_finite())
    }
}

/// Leaf by leaf sums of the weights of rows.
pub(crate) fn leaf_weights(leaf_of: &[u32], weights: &[f64], leaves: usize) -> Vec<f64> {
    let mut sums = vec![0.0; leaves];
    for (&leaf, weight) in leaf_of.iter().zip(weights) {
        sums[leaf as usize] += weight;
    }
    sums
}

/// The first split without which no row would change its company: for every
/// pair of leaves that only it parts, one is empty.
pub(crate) fn redundant(leaf_of: &[u32], depth: usize) -> Option<usize> {
    let mut taken = vec![false; 1 << depth];
    for &leaf in leaf_of {
        taken[leaf as usize] = true;
    }
    let parts = |bit: usize| (0..taken.len()).any(|leaf| taken[leaf] && taken[leaf ^ (1 << bit)]);
    (0..depth).find(|&bit| !parts(bit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_answer_splits() {
        let splits = [
            Split {
                feature: 1,
                border: 0,
            },
            Split {
                feature: 0,
                border: 2,
            },
        ];
        let bins: [&[u8]; 2] = [&[3, 2, 3], &[0, 1, 1]];
        assert_eq!(Tree::leaves(&splits, &bins, 3), [2, 1, 3]);
    }

    #[test]
    fn a_split_that_parts_nothing_is_redundant() {
        assert_eq!(redundant(&[0, 1, 2], 2), None);
        assert_eq!(redundant(&[0, 3], 2), Some(0));
        assert_eq!(redundant(&[0, 1, 1], 2), Some(1));
    }
}
