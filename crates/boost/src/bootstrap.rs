//! Weights that are drawn anew for every tree.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::normal::{fraction, open};
use crate::settings::{BootstrapType, Settings};

/// Rows that share a threshold of MVS.
const BLOCK: usize = 8192;

/// Draws a weight for every row; 0 leaves it out.
///
/// - `gradients`: `(n,)`, times the rows' own weights.
/// - `last_leaves`: the values of the last tree, times the learning rate.
pub(crate) fn draw_weights(
    settings: &Settings,
    gradients: &[f64],
    last_leaves: &[f64],
    random: &mut ChaCha8Rng,
) -> Vec<f64> {
    let rows = gradients.len();
    let default = if rows < 100 { 1.0 } else { 0.8 };
    let share = settings.subsample.unwrap_or(default);
    let temperature = settings.bagging_temperature;
    match settings.bootstrap_type {
        BootstrapType::Bayesian if temperature > 0.0 => {
            let draw = |_| (-open(random).ln()).powf(temperature);
            (0..rows).map(draw).collect()
        }
        BootstrapType::Bernoulli if share < 1.0 => {
            let draw = |_| f64::from(fraction(random.next_u64()) < share);
            (0..rows).map(draw).collect()
        }
        BootstrapType::Mvs if share < 1.0 => {
            let lambda = settings
                .mvs_reg
                .unwrap_or_else(|| regulariser(gradients, last_leaves));
            minimal_variance(gradients, lambda, share, random)
        }
        _ => vec![1.0; rows],
    }
}

/// The square of the mean size of the last tree's leaves, or of the gradients
/// where there is no tree yet.
fn regulariser(gradients: &[f64], last_leaves: &[f64]) -> f64 {
    let of = if last_leaves.is_empty() {
        gradients
    } else {
        last_leaves
    };
    let mean = of.iter().map(|value| value.abs()).sum::<f64>() / of.len() as f64;
    mean * mean
}

/// Minimal variance sampling.
///
/// A row is kept with probability `p = min(1, √(g² + λ)/μ)` and weight `1/p`;
/// `μ` is such that the probabilities sum to the share asked for. Of all
/// samplings of this size it has the least variance of the splits' scores.
///
/// # Source
///
/// Ibragimov & Gusev, *NeurIPS* (2019), arXiv:1910.13204.
fn minimal_variance(
    gradients: &[f64],
    lambda: f64,
    share: f64,
    random: &mut ChaCha8Rng,
) -> Vec<f64> {
    let mut weights = Vec::with_capacity(gradients.len());
    for block in gradients.chunks(BLOCK) {
        let sizes: Vec<f64> = block.iter().map(|g| (g * g + lambda).sqrt()).collect();
        let threshold = threshold(&sizes, share * block.len() as f64);
        for size in sizes {
            let probability = if size > threshold {
                1.0
            } else {
                size / threshold
            };
            let kept = fraction(random.next_u64()) < probability;
            weights.push(if kept && probability > f64::EPSILON {
                probability.recip()
            } else {
                0.0
            });
        }
    }
    weights
}

/// `μ` with `Σ min(1, vᵢ/μ) = count`.
///
/// With all small, `μ = Σ v / count`; those above are then large, count one
/// each, and lower `μ` for the others, until no more become large.
fn threshold(sizes: &[f64], count: f64) -> f64 {
    let mut threshold = f64::INFINITY;
    loop {
        let (mut small, mut large) = (0.0, 0.0);
        for &size in sizes {
            if size > threshold {
                large += 1.0;
            } else {
                small += size;
            }
        }
        let next = small / (count - large);
        if next >= threshold || count <= large {
            return threshold;
        }
        threshold = next;
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_threshold_by_hand() {
        // 10 is large; the others share one row: (1 + 2 + 3)/μ = 1.
        assert_relative_eq!(threshold(&[1.0, 2.0, 3.0, 10.0], 2.0), 6.0);
        assert_relative_eq!(threshold(&[2.0, 2.0], 1.0), 4.0);
    }

    #[test]
    fn sums_are_kept_in_the_mean() {
        let gradients: Vec<f64> = (1..=200).map(|i| f64::from(i % 17) - 5.0).collect();
        let mut random = ChaCha8Rng::seed_from_u64(0);
        let (mut kept, mut sum, times) = (0.0, 0.0, 400.0);
        for _ in 0..400 {
            let weights = minimal_variance(&gradients, 1.0, 0.8, &mut random);
            kept += weights.iter().filter(|weight| **weight > 0.0).count() as f64;
            sum += weights
                .iter()
                .zip(&gradients)
                .map(|(w, g)| w * g)
                .sum::<f64>();
        }
        // Each drawn row adds at most 1/4 to a variance of the count: 5 % of 160
        // is far beyond four standard errors.
        assert_relative_eq!(kept / times, 160.0, epsilon = 2.0);
        let exact: f64 = gradients.iter().sum();
        assert_relative_eq!(sum / times, exact, epsilon = 6.0);
    }

    #[test]
    fn few_rows_are_all_taken() {
        let mut random = ChaCha8Rng::seed_from_u64(0);
        let weights = draw_weights(&Settings::default(), &[1.0; 99], &[], &mut random);
        assert_eq!(weights, [1.0; 99]);
    }
}
