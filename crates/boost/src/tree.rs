//! Trees.

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

/// The next question, or the leaf, after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Child {
    /// Index of a node, greater than that of the node before.
    Node(usize),
    /// Index of a leaf.
    Leaf(u32),
}

/// A question and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// What is asked.
    pub split: Split,
    /// Where rows go whose bin does not exceed the border.
    pub low: Child,
    /// Where the others go.
    pub high: Child,
}

/// The questions of a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// The same questions for every row, in the order in which they were chosen:
    /// `2^d` leaves, and the answer to split `i` is bit `i` of a leaf's index.
    Symmetric(Vec<Split>),
    /// Questions that depend on the answers before; the first node is the root,
    /// and without nodes there is one leaf.
    Branching(Vec<Node>),
}

/// A tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// Its questions.
    pub shape: Shape,
    /// `(leaves,)`, in units of the target, the learning rate included.
    pub values: Vec<f64>,
    /// `(leaves,)`, sums of the weights of the training rows.
    pub weights: Vec<f64>,
}

impl Shape {
    /// The leaves of rows.
    ///
    /// - `bins`: of every column, `(columns, n)`.
    /// - returns: `(n,)`
    pub(crate) fn leaves(&self, bins: &[&[u8]], rows: usize) -> Vec<u32> {
        match self {
            Self::Symmetric(splits) => symmetric_leaves(splits, bins, rows),
            Self::Branching(nodes) => (0..rows).map(|row| branch(nodes, bins, row)).collect(),
        }
    }

    pub(crate) fn leaf_count(&self) -> usize {
        match self {
            Self::Symmetric(splits) => 1 << splits.len(),
            Self::Branching(nodes) => nodes.len() + 1,
        }
    }

    /// Whether every question is on a column and a border that exist, every walk
    /// ends, and every leaf is one of `leaf_count`.
    fn fits(&self, borders: &[Vec<f32>]) -> bool {
        let within = |split: &Split| {
            let column = borders.get(split.feature);
            column.is_some_and(|column| usize::from(split.border) < column.len())
        };
        match self {
            Self::Symmetric(splits) => splits.len() <= 16 && splits.iter().all(within),
            Self::Branching(nodes) => nodes.iter().enumerate().all(|(index, node)| {
                let ends = |child: Child| match child {
                    Child::Node(next) => next > index && next < nodes.len(),
                    Child::Leaf(leaf) => leaf as usize <= nodes.len(),
                };
                within(&node.split) && ends(node.low) && ends(node.high)
            }),
        }
    }
}

fn symmetric_leaves(splits: &[Split], bins: &[&[u8]], rows: usize) -> Vec<u32> {
    let mut leaves = vec![0; rows];
    for (level, split) in splits.iter().enumerate() {
        for (leaf, &bin) in leaves.iter_mut().zip(bins[split.feature]) {
            *leaf |= u32::from(bin > split.border) << level;
        }
    }
    leaves
}

fn branch(nodes: &[Node], bins: &[&[u8]], row: usize) -> u32 {
    let mut next = nodes.first();
    while let Some(node) = next {
        let high = bins[node.split.feature][row] > node.split.border;
        match if high { node.high } else { node.low } {
            Child::Leaf(leaf) => return leaf,
            Child::Node(index) => next = nodes.get(index),
        }
    }
    0
}

impl Tree {
    /// Whether the parts fit together, and to the borders of a model.
    pub(crate) fn fits(&self, borders: &[Vec<f32>]) -> bool {
        self.shape.fits(borders)
            && self.shape.leaf_count() == self.values.len()
            && self.shape.leaf_count() == self.weights.len()
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
        let shape = Shape::Symmetric(splits.to_vec());
        assert_eq!(shape.leaves(&bins, 3), [2, 1, 3]);
    }

    #[test]
    fn a_split_that_parts_nothing_is_redundant() {
        assert_eq!(redundant(&[0, 1, 2], 2), None);
        assert_eq!(redundant(&[0, 3], 2), Some(0));
        assert_eq!(redundant(&[0, 1, 1], 2), Some(1));
    }

    #[test]
    fn a_walk_ends_in_a_leaf() {
        let node = |feature, low, high| Node {
            split: Split { feature, border: 0 },
            low,
            high,
        };
        let shape = Shape::Branching(vec![
            node(0, Child::Leaf(0), Child::Node(1)),
            node(1, Child::Leaf(1), Child::Leaf(2)),
        ]);
        let bins: [&[u8]; 2] = [&[0, 1, 1], &[1, 0, 1]];
        assert_eq!(shape.leaves(&bins, 3), [0, 1, 2]);
        assert!(shape.fits(&[vec![0.0], vec![0.0]]));
        assert!(!shape.fits(&[vec![0.0]]));
        let circle = Shape::Branching(vec![node(0, Child::Node(0), Child::Leaf(1))]);
        assert!(!circle.fits(&[vec![0.0]]));
    }
}
