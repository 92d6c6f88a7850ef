//! How much each column moves the predictions.

use crate::model::Model;
use crate::tree::{Child, Node, Shape, Tree};

impl Model {
    /// The importance of every column, in percent.
    ///
    /// A split joins pairs of leaves that only it parts. With values `v₁`, `v₂`
    /// and training weights `c₁`, `c₂` of such a pair and its mean `v̄`, the split
    /// moves the predictions by `(v₁ - v̄)²·c₁ + (v₂ - v̄)²·c₂`; this is summed
    /// over pairs, splits of the column and trees.
    ///
    /// - returns: `(columns,)`, at least 0, with sum 100; all 0 for a constant
    ///   model.
    ///
    /// # Source
    ///
    /// `PredictionValuesChange` of `CatBoost`.
    #[must_use]
    pub fn importance(&self) -> Vec<f64> {
        let mut importance = vec![0.0; self.borders.len()];
        for tree in &self.trees {
            match &tree.shape {
                Shape::Symmetric(splits) => {
                    for (level, split) in splits.iter().enumerate() {
                        importance[split.feature] += moved(tree, level);
                    }
                }
                Shape::Branching(nodes) => add_nodes(tree, nodes, &mut importance),
            }
        }
        let sum: f64 = importance.iter().sum();
        if sum > 0.0 {
            for share in &mut importance {
                *share *= 100.0 / sum;
            }
        }
        importance
    }
}

/// By how much a split moves the predictions of the training rows.
fn moved(tree: &Tree, level: usize) -> f64 {
    let lower = (0..tree.values.len()).filter(|leaf| leaf >> level & 1 == 0);
    let pair = |low: usize| {
        let high = low | 1 << level;
        let (a, b) = (tree.weights[low], tree.weights[high]);
        spread([tree.values[low], a], [tree.values[high], b])
    };
    lower.map(pair).sum()
}

/// `Σ (v - v̄)²·c` of two values and their weights.
fn spread([v, a]: [f64; 2], [w, b]: [f64; 2]) -> f64 {
    if a + b > 0.0 {
        (v - w).powi(2) * a * b / (a + b)
    } else {
        0.0
    }
}

/// Adds the nodes of a branching tree, children first; a node's value is the
/// mean of its leaves.
fn add_nodes(tree: &Tree, nodes: &[Node], importance: &mut [f64]) {
    let mut means = vec![[0.0, 0.0]; nodes.len()];
    for (index, node) in nodes.iter().enumerate().rev() {
        let of = |child: Child, means: &[[f64; 2]]| match child {
            Child::Node(next) => means[next],
            Child::Leaf(leaf) => [tree.values[leaf as usize], tree.weights[leaf as usize]],
        };
        let (low, high) = (of(node.low, &means), of(node.high, &means));
        importance[node.split.feature] += spread(low, high);
        let weight = low[1] + high[1];
        let sum = low[0] * low[1] + high[0] * high[1];
        means[index] = [if weight > 0.0 { sum / weight } else { 0.0 }, weight];
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::tree::Split;

    #[test]
    fn two_columns_by_hand() {
        let split = |feature| Split { feature, border: 0 };
        let model = Model {
            bias: 0.0,
            borders: vec![vec![0.5]; 3],
            trees: vec![Tree {
                shape: Shape::Symmetric(vec![split(0), split(2)]),
                values: vec![0.0, 1.0, 0.0, 3.0],
                weights: vec![1.0, 1.0, 1.0, 3.0],
            }],
        };
        // Column 0: 1·1/2 and 9·3/4; column 2: 0 and 4·3/4.
        let importance = model.importance();
        assert_relative_eq!(importance[0], 100.0 * 7.25 / 10.25);
        assert_relative_eq!(importance[1], 0.0);
        assert_relative_eq!(importance[2], 100.0 * 3.0 / 10.25);
    }
}
