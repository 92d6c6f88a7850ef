//! Shapley values of trees whose leaves have splits of their own.
//!
//! A tree is the sum of its leaves, and a leaf is a product over the columns on
//! its path: a known column contributes 1 if the row answers as the path does
//! and 0 if not, and an unknown one the share of the training weight that does.
//! The Shapley values of a product follow from the coefficients of a polynomial.

use crate::shap::shares;
use crate::tree::{Child, Node, Tree};

/// A column on a path: the bins that stay on it, and their share.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    feature: usize,
    /// Bins above this stay on the path.
    above: Option<u8>,
    /// Bins up to this stay on the path.
    upto: u8,
    /// Product of the shares of the training weight.
    share: f64,
}

/// A leaf and the columns on its path, without repetition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Path {
    steps: Vec<Step>,
    value: f64,
    shares: Vec<f64>,
}

/// The paths to all leaves of a tree.
pub(crate) fn paths(tree: &Tree, nodes: &[Node]) -> Vec<Path> {
    let mut paths = Vec::new();
    let root = if nodes.is_empty() {
        Child::Leaf(0)
    } else {
        Child::Node(0)
    };
    let weights = node_weights(tree, nodes);
    let mut open = vec![(root, Vec::new())];
    while let Some((child, steps)) = open.pop() {
        match child {
            Child::Leaf(leaf) => paths.push(Path {
                value: tree.values[leaf as usize],
                shares: shares(steps.len()),
                steps,
            }),
            Child::Node(index) => {
                let node = &nodes[index];
                for (child, high) in [(node.low, false), (node.high, true)] {
                    let weight = weight_of(child, tree, &weights);
                    let share = if weights[index] > 0.0 {
                        weight / weights[index]
                    } else {
                        0.5
                    };
                    open.push((child, extended(&steps, node, high, share)));
                }
            }
        }
    }
    paths
}

fn weight_of(child: Child, tree: &Tree, weights: &[f64]) -> f64 {
    match child {
        Child::Node(index) => weights[index],
        Child::Leaf(leaf) => tree.weights[leaf as usize],
    }
}

/// The training weight that reaches every node.
fn node_weights(tree: &Tree, nodes: &[Node]) -> Vec<f64> {
    let mut weights = vec![0.0; nodes.len()];
    for (index, node) in nodes.iter().enumerate().rev() {
        let of = |child| weight_of(child, tree, &weights);
        weights[index] = of(node.low) + of(node.high);
    }
    weights
}

/// A path with one more answer.
fn extended(steps: &[Step], node: &Node, high: bool, share: f64) -> Vec<Step> {
    let mut steps = steps.to_vec();
    let feature = node.split.feature;
    let place = steps.iter().position(|step| step.feature == feature);
    let place = place.unwrap_or_else(|| {
        steps.push(Step {
            feature,
            above: None,
            upto: u8::MAX,
            share: 1.0,
        });
        steps.len() - 1
    });
    let step = &mut steps[place];
    step.share *= share;
    if high {
        step.above = step.above.max(Some(node.split.border));
    } else {
        step.upto = step.upto.min(node.split.border);
    }
    steps
}

impl Path {
    /// The leaf's value times the share of the training weight that reaches it.
    pub(crate) fn expected(&self) -> f64 {
        let shares = self.steps.iter().map(|step| step.share);
        self.value * shares.product::<f64>()
    }

    /// Hands the Shapley values of a row to `add`, by column.
    ///
    /// With `oⱼ` 1 where the row stays on the path and 0 elsewhere, and the
    /// shares `zⱼ`, `φᵢ = v·(oᵢ - zᵢ)·Σ_s s!(k - s - 1)!/k!·[tˢ] Π_{j≠i} (zⱼ + oⱼ·t)`.
    pub(crate) fn share(&self, bins: &[&[u8]], row: usize, mut add: impl FnMut(usize, f64)) {
        let stays = |step: &Step| {
            let bin = bins[step.feature][row];
            let stays = step.above.is_none_or(|border| bin > border) && bin <= step.upto;
            f64::from(u8::from(stays))
        };
        for (place, step) in self.steps.iter().enumerate() {
            let mut polynomial = vec![1.0];
            for (other, step) in self.steps.iter().enumerate() {
                if other != place {
                    multiply(&mut polynomial, step.share, stays(step));
                }
            }
            let terms = polynomial.iter().zip(&self.shares);
            let sum: f64 = terms.map(|(term, share)| term * share).sum();
            add(step.feature, self.value * (stays(step) - step.share) * sum);
        }
    }
}

/// Multiplies a polynomial by `a + b·t`.
fn multiply(polynomial: &mut Vec<f64>, a: f64, b: f64) {
    polynomial.push(0.0);
    for power in (0..polynomial.len()).rev() {
        let below = if power > 0 {
            polynomial[power - 1]
        } else {
            0.0
        };
        polynomial[power] = a * polynomial[power] + b * below;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_of_two() {
        let mut polynomial = vec![1.0];
        multiply(&mut polynomial, 1.0, 2.0);
        multiply(&mut polynomial, 3.0, 1.0);
        assert_eq!(polynomial, [3.0, 7.0, 2.0]);
    }
}
