//! Exact Shapley values.
//!
//! The value of a set of columns is the prediction that is expected where only
//! these columns of a row are known: a split on a known column is followed, and
//! at any other both sides are taken with the shares of the training weight.
//! The Shapley value of a column is its mean gain over all orders of the
//! columns. The shares depend on the order in which a tree asks: the split that
//! was chosen last is asked first, as in `CatBoost`.
//!
//! # Why so simple?
//!
//! - A symmetric tree splits at most `d` columns, so that all `2^d` sets can be
//!   gone through.
//! - The values of a row are those of the leaf it falls in: they are found once
//!   per leaf that is used, however many rows there are.

use crate::error::Result;
use crate::model::Model;
use crate::paths::{Path, paths};
use crate::tree::{Shape, Split, Tree};

/// What the columns add to predictions.
#[derive(Debug, Clone, PartialEq)]
pub struct Shap {
    /// The prediction where no column is known, in units of the target.
    pub expected: f64,
    /// `(columns, n)`, in units of the target; with `expected` they sum to the
    /// predictions.
    pub values: Vec<Vec<f64>>,
}

impl Model {
    /// The Shapley values of predictions.
    ///
    /// `φⱼ = Σ_S |S|!·(k - |S| - 1)!/k!·(v(S ∪ j) - v(S))` over the sets `S` of
    /// the `k` columns of a tree without `j`, summed over the trees; `v(S)` is
    /// the expectation of the tree with the columns in `S` known.
    ///
    /// - `columns`: `(columns, n)`
    ///
    /// # Errors
    ///
    /// As [`Model::predict`].
    ///
    /// # Source
    ///
    /// Lundberg, Erion & Lee, arXiv:1802.03888 (2018): path-dependent
    /// expectations, here by enumeration.
    pub fn shap(&self, columns: &[Vec<f64>]) -> Result<Shap> {
        let bins = self.bins(columns)?;
        let bins: Vec<&[u8]> = bins.iter().map(Vec::as_slice).collect();
        let rows = columns.first().map_or(0, Vec::len);
        let mut shap = Shap {
            expected: self.bias,
            values: vec![vec![0.0; rows]; self.borders.len()],
        };
        for tree in &self.trees {
            match &tree.shape {
                Shape::Symmetric(splits) => {
                    let leaves = tree.shape.leaves(&bins, rows);
                    shap.add_symmetric(&Players::new(tree, splits), &leaves);
                }
                Shape::Branching(nodes) => {
                    let paths = paths(tree, nodes);
                    shap.add_paths(&paths, &bins);
                }
            }
        }
        Ok(shap)
    }
}

impl Shap {
    fn add_symmetric(&mut self, players: &Players, leaves: &[u32]) {
        self.expected += players.expectation(0, 0);
        let mut known: Vec<Option<Vec<f64>>> = vec![None; players.tree.values.len()];
        for (row, &leaf) in leaves.iter().enumerate() {
            let leaf = leaf as usize;
            let values = known[leaf].get_or_insert_with(|| players.shapley(leaf));
            for (feature, value) in players.features.iter().zip(values) {
                self.values[*feature][row] += *value;
            }
        }
    }

    fn add_paths(&mut self, paths: &[Path], bins: &[&[u8]]) {
        for path in paths {
            self.expected += path.expected();
            for row in 0..self.values[0].len() {
                path.share(bins, row, |feature, value| {
                    self.values[feature][row] += value;
                });
            }
        }
    }
}

/// The columns of a tree, as players of a game.
struct Players<'a> {
    tree: &'a Tree,
    /// Without repetition.
    features: Vec<usize>,
    /// The player of every split.
    of_split: Vec<usize>,
    /// Training weight of the rows that reach a node: at `level`, `2^(d - level)`
    /// entries by the answers to the splits from `level` on.
    reached: Vec<Vec<f64>>,
}

impl<'a> Players<'a> {
    fn new(tree: &'a Tree, splits: &[Split]) -> Self {
        let mut features: Vec<usize> = splits.iter().map(|split| split.feature).collect();
        features.sort_unstable();
        features.dedup();
        let of_split = splits.iter().map(|split| {
            let place = features.binary_search(&split.feature);
            place.unwrap_or_default()
        });
        let of_split = of_split.collect();
        let mut reached = vec![tree.weights.clone()];
        for level in 0..splits.len() {
            let pairs = reached[level].chunks(2);
            reached.push(pairs.map(|pair| pair.iter().sum()).collect());
        }
        Self {
            tree,
            features,
            of_split,
            reached,
        }
    }

    /// The expected value of the tree where the players of a set, as bits, are
    /// known to be those of a leaf.
    fn expectation(&self, set: usize, leaf: usize) -> f64 {
        let mut values = self.tree.values.clone();
        for (level, player) in self.of_split.iter().enumerate() {
            let known = set >> player & 1 == 1;
            let answer = leaf >> level & 1;
            for node in 0..values.len() >> (level + 1) {
                values[node] = if known {
                    values[2 * node + answer]
                } else {
                    self.mean(level, node, &values)
                };
            }
        }
        values[0]
    }

    /// The mean of two branches, by the weights that reach them.
    fn mean(&self, level: usize, node: usize, values: &[f64]) -> f64 {
        let (low, high) = (2 * node, 2 * node + 1);
        let (a, b) = (self.reached[level][low], self.reached[level][high]);
        if a + b > 0.0 {
            (a * values[low] + b * values[high]) / (a + b)
        } else {
            0.5 * (values[low] + values[high])
        }
    }

    /// The Shapley values of a leaf, `(players,)`.
    fn shapley(&self, leaf: usize) -> Vec<f64> {
        let count = self.features.len();
        let worth: Vec<f64> = (0..1 << count)
            .map(|set| self.expectation(set, leaf))
            .collect();
        let shares = shares(count);
        let value = |player: usize| {
            let without = (0..worth.len()).filter(|set| set >> player & 1 == 0);
            without
                .map(|set| {
                    shares[set.count_ones() as usize] * (worth[set | 1 << player] - worth[set])
                })
                .sum()
        };
        (0..count).map(value).collect()
    }
}

/// `s!·(k - s - 1)!/k!` for `s` from 0 to `k - 1`.
pub(crate) fn shares(players: usize) -> Vec<f64> {
    let mut share = 1.0 / players.max(1) as f64;
    let mut shares = Vec::with_capacity(players);
    for size in 0..players {
        shares.push(share);
        share *= (size + 1) as f64 / (players.saturating_sub(size + 1)).max(1) as f64;
    }
    shares
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn shares_of_three_players() {
        assert_eq!(shares(3), [1.0 / 3.0, 1.0 / 6.0, 1.0 / 3.0]);
    }

    /// The product of two columns, each 1 in half of the rows.
    #[test]
    fn a_product_is_shared_by_halves() {
        let split = |feature| Split { feature, border: 0 };
        let model = Model {
            bias: 0.5,
            borders: vec![vec![0.5]; 3],
            trees: vec![Tree {
                shape: Shape::Symmetric(vec![split(0), split(2)]),
                values: vec![0.0, 0.0, 0.0, 4.0],
                weights: vec![1.0; 4],
            }],
        };
        let shap = model
            .shap(&[vec![1.0, 1.0], vec![0.0, 0.0], vec![1.0, 0.0]])
            .unwrap();
        assert_relative_eq!(shap.expected, 1.5);
        assert_eq!(shap.values[0], [1.5, 0.5]);
        assert_eq!(shap.values[1], [0.0, 0.0]);
        assert_eq!(shap.values[2], [1.5, -1.5]);
    }
}
