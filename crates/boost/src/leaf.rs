//! The values of a tree's leaves.

use crate::loss::quantile;
use crate::settings::{LeafEstimationMethod, Loss};

/// How leaves are fitted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeafRule {
    pub(crate) loss: Loss,
    pub(crate) method: LeafEstimationMethod,
    /// Steps to the values.
    pub(crate) iterations: usize,
    /// `λ` per mean weight of a row.
    pub(crate) l2: f64,
}

/// What the leaves of a tree are fitted to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeafProblem<'a> {
    pub(crate) rule: LeafRule,
    /// `(n,)`
    pub(crate) targets: &'a [f64],
    /// `(n,)`
    pub(crate) weights: &'a [f64],
    /// `(n,)`, the model so far.
    pub(crate) predictions: &'a [f64],
}

/// Fits the values of leaves.
///
/// A step of `Gradient` or `Newton` is `Σ w·g / (D + λ·w̄)` in every leaf, with
/// `D = Σ w` or `D = -Σ w·h` and the mean weight `w̄` of all rows; the next step
/// starts where the last ended. With more than one step, a step that does not
/// lower the loss is halved until it does or the steps are used up. `Exact`
/// takes the weighted quantile of the residuals.
///
/// - `leaf_of`: `(n,)`, the leaf of every row.
/// - returns: `(leaves,)`, in units of the target; 0 in an empty leaf.
///
/// # Source
///
/// Prokhorenkova et al. 2018 (arXiv:1706.09516) and the defaults of `CatBoost`
/// (`leaf_estimation_backtracking` is `AnyImprovement`).
pub(crate) fn leaf_values(problem: &LeafProblem, leaf_of: &[u32], leaves: usize) -> Vec<f64> {
    if problem.rule.method == LeafEstimationMethod::Exact {
        return quantiles(problem, leaf_of, leaves);
    }
    if problem.rule.iterations == 1 {
        return step(problem, problem.predictions, leaf_of, leaves);
    }
    walk(problem, leaf_of, leaves)
}

fn step(problem: &LeafProblem, at: &[f64], leaf_of: &[u32], leaves: usize) -> Vec<f64> {
    let loss = problem.rule.loss;
    let newton = problem.rule.method == LeafEstimationMethod::Newton && loss != Loss::Rmse;
    let mut sums = vec![[0.0; 3]; leaves];
    for (row, (&target, &leaf)) in problem.targets.iter().zip(leaf_of).enumerate() {
        let weight = problem.weights[row];
        let sum = &mut sums[leaf as usize];
        sum[0] += weight * loss.gradient(target, at[row]);
        sum[1] += weight;
        if newton {
            sum[2] -= weight * loss.curvature(target, at[row]);
        }
    }
    let total: f64 = sums.iter().map(|sum| sum[1]).sum();
    let l2 = problem.rule.l2 * (total / problem.targets.len() as f64);
    let value = |[gradient, weight, curvature]: [f64; 3]| {
        let steepness = if newton { curvature } else { weight } + l2;
        if weight > 0.0 && steepness > 0.0 {
            gradient / steepness
        } else {
            0.0
        }
    };
    sums.into_iter().map(value).collect()
}

/// Several steps, none of which may raise the loss.
fn walk(problem: &LeafProblem, leaf_of: &[u32], leaves: usize) -> Vec<f64> {
    let loss_at = |at: &[f64]| problem.rule.loss.mean(problem.targets, at, problem.weights);
    let mut values = vec![0.0; leaves];
    let mut at = problem.predictions.to_vec();
    let mut best = loss_at(&at);
    let mut left = problem.rule.iterations;
    while left > 0 {
        let direction = step(problem, &at, leaf_of, leaves);
        let mut scale = 1.0;
        while left > 0 {
            left -= 1;
            let next: Vec<f64> = at
                .iter()
                .zip(leaf_of)
                .map(|(a, &leaf)| a + scale * direction[leaf as usize])
                .collect();
            let loss = loss_at(&next);
            if loss < best {
                best = loss;
                at = next;
                for (value, step) in values.iter_mut().zip(&direction) {
                    *value += scale * step;
                }
                break;
            }
            scale /= 2.0;
        }
    }
    values
}

fn quantiles(problem: &LeafProblem, leaf_of: &[u32], leaves: usize) -> Vec<f64> {
    let alpha = problem.rule.loss.alpha().unwrap_or(0.5);
    let mut pairs = vec![Vec::new(); leaves];
    for (row, &leaf) in leaf_of.iter().enumerate() {
        let residual = problem.targets[row] - problem.predictions[row];
        pairs[leaf as usize].push((residual, problem.weights[row]));
    }
    pairs
        .iter_mut()
        .map(|pairs| quantile(pairs, alpha))
        .collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn problem(loss: Loss, method: LeafEstimationMethod) -> LeafProblem<'static> {
        LeafProblem {
            rule: LeafRule {
                loss,
                method,
                iterations: 1,
                l2: 3.0,
            },
            targets: &[1.0, 2.0, 6.0],
            weights: &[1.0, 1.0, 4.0],
            predictions: &[0.0, 0.0, 1.0],
        }
    }

    #[test]
    fn a_leaf_by_hand() {
        let problem = problem(Loss::Rmse, LeafEstimationMethod::Gradient);
        let values = leaf_values(&problem, &[0, 0, 1], 3);
        // λ·w̄ = 3·(6/3) = 6
        assert_relative_eq!(values[0], 3.0 / (2.0 + 6.0));
        assert_relative_eq!(values[1], 20.0 / (4.0 + 6.0));
        assert_relative_eq!(values[2], 0.0);
    }

    #[test]
    fn newton_counts_only_what_is_curved() {
        let problem = problem(Loss::Huber { delta: 1.5 }, LeafEstimationMethod::Newton);
        let values = leaf_values(&problem, &[0, 0, 0], 1);
        // Residuals 1, 2 and 5: gradients 1, 1.5 and 4·1.5; one of them curved.
        assert_relative_eq!(values[0], 8.5 / (1.0 + 6.0));
    }

    #[test]
    fn more_steps_come_nearer() {
        let mut problem = problem(Loss::Rmse, LeafEstimationMethod::Gradient);
        problem.rule.iterations = 50;
        let values = leaf_values(&problem, &[0, 0, 1], 2);
        assert_relative_eq!(values[0], 1.5, epsilon = 1e-5);
        assert_relative_eq!(values[1], 5.0, epsilon = 1e-5);
    }
}
