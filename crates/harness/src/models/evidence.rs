//! Linear regression with Gaussian priors whose widths the data decide.
//!
//! `y = X w + ε` with `ε ~ N(0, σ²)` and `w_i ~ N(0, v_g)` for every weight of
//! group g. The variances `v_g` and `σ²` are those that make the training
//! targets most probable (the *evidence*), found by fixed-point steps
//!
//! ```text
//! v_g ← Σ_{i∈g} w_i² / Σ_{i∈g} γ_i      γ_i = v_g · (Xᵀ K⁻¹ X)_ii      K = X V Xᵀ + σ² 1
//! σ²  ← |y − X w|² / (n − Σ γ)          w   = V Xᵀ K⁻¹ y
//! ```
//!
//! `γ_i`, between 0 and 1, says how well the data determine weight i. A group
//! that does not help is switched off by itself, so that no validation data
//! are needed. Everything is written in terms of the n × n matrix K: there are
//! often more weights than structures.
//!
//! # Source
//!
//! D. J. C. `MacKay`, *Neural Computation* **4**, 415 (1992); one variance a group as in
//! Tipping, *J. Mach. Learn. Res.* **1**, 211 (2001).

use anyhow::{Result, anyhow};
use faer::prelude::Solve;
use faer::{Mat, Side};

use crate::run::Watch;

/// A group of weights with one prior variance, in units of the mean square of
/// the targets: a fit does not depend on their unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    /// Prior variance at the start.
    pub(super) variance: f64,
    /// Whether the data may change it.
    pub(super) learnt: bool,
}

/// Steps of the fixed point; the variances settle long before.
const STEPS: usize = 80;

/// Bounds of a variance: below the first a group is as good as absent.
const BOUNDS: (f64, f64) = (1e-9, 1e3);

/// The smallest noise variance, in the same units as a group's.
const LEAST_NOISE: f64 = 1e-9;

/// Fits the weights.
///
/// - `design`: `(n, p)`.
/// - `group_of`: `(p,)`, the group of each weight.
/// - `targets`: `(n,)`.
/// - returns: `(p,)`, the weights.
///
/// # Errors
///
/// If the numbers leave the range of doubles.
pub(super) fn fit(
    design: &Mat<f64>,
    group_of: &[usize],
    groups: &[Group],
    targets: &[f64],
    watch: &Watch,
) -> Result<Vec<f64>> {
    let (n, p) = (design.nrows(), design.ncols());
    let scale = (targets.iter().map(|t| t * t).sum::<f64>() / n as f64).sqrt();
    let scale = if scale > 0.0 { scale } else { 1.0 };
    let targets: Vec<f64> = targets.iter().map(|target| target / scale).collect();
    let y = Mat::from_fn(n, 1, |i, _| targets[i]);
    let mut variances: Vec<f64> = groups.iter().map(|group| group.variance).collect();
    let mut noise = 1e-3;
    let mut weights = vec![0.0; p];
    for _ in 0..STEPS {
        let scaled = Mat::from_fn(n, p, |i, j| design[(i, j)] * variances[group_of[j]].sqrt());
        let mut kernel = &scaled * scaled.transpose();
        for i in 0..n {
            kernel[(i, i)] += noise;
        }
        let factor = kernel
            .llt(Side::Lower)
            .map_err(|error| anyhow!("the kernel matrix is not positive definite ({error:?})"))?;
        let dual = factor.solve(&y);
        let solved = factor.solve(&scaled);
        let mut learnt = vec![(0.0, 0.0); groups.len()];
        let mut determined = 0.0;
        for j in 0..p {
            let (mut weight, mut gamma) = (0.0, 0.0);
            for i in 0..n {
                weight += scaled[(i, j)] * dual[(i, 0)];
                gamma += scaled[(i, j)] * solved[(i, j)];
            }
            let group = group_of[j];
            weights[j] = weight * variances[group].sqrt();
            learnt[group].0 += weights[j] * weights[j];
            learnt[group].1 += gamma;
            determined += gamma;
        }
        let misfit = residual(design, &weights, &targets);
        noise = (misfit / (n as f64 - determined).max(1.0)).max(LEAST_NOISE);
        for ((variance, group), (square, gamma)) in variances.iter_mut().zip(groups).zip(learnt) {
            if group.learnt {
                *variance = (square / gamma.max(1e-9)).clamp(BOUNDS.0, BOUNDS.1);
            }
        }
        if watch.must_stop() {
            break;
        }
    }
    for weight in &mut weights {
        *weight *= scale;
    }
    Ok(weights)
}

/// `|y − X w|²`.
fn residual(design: &Mat<f64>, weights: &[f64], targets: &[f64]) -> f64 {
    let predicted = (0..design.nrows()).map(|i| {
        let row = weights.iter().enumerate();
        row.map(|(j, weight)| design[(i, j)] * weight).sum::<f64>()
    });
    predicted
        .zip(targets)
        .map(|(value, target)| (value - target).powi(2))
        .sum()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn a_useless_group_is_switched_off_and_a_law_is_found() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let design = Mat::from_fn(40, 6, |_, _| random.random_range(-1.0..1.0));
        let targets: Vec<f64> = (0..40)
            .map(|i| {
                let noise = 1e-4 * random.random_range(-1.0..1.0);
                2.0 * design[(i, 0)] - design[(i, 1)] + noise
            })
            .collect();
        let free = Group {
            variance: 1.0,
            learnt: true,
        };
        let weights = fit(
            &design,
            &[0, 0, 1, 1, 1, 1],
            &[free, free],
            &targets,
            &Watch::endless(),
        )
        .unwrap();
        // the noise is 1e-4
        assert_relative_eq!(weights[0], 2.0, epsilon = 1e-3);
        assert_relative_eq!(weights[1], -1.0, epsilon = 1e-3);
        for weight in &weights[2..] {
            assert_relative_eq!(*weight, 0.0, epsilon = 1e-3);
        }
    }

    /// A power of two, so that nothing rounds differently.
    #[test]
    fn the_unit_of_the_targets_does_not_matter() {
        let mut random = ChaCha8Rng::seed_from_u64(6);
        let design = Mat::from_fn(30, 4, |_, _| random.random_range(-1.0..1.0));
        let targets: Vec<f64> = (0..30)
            .map(|i| design[(i, 0)] + 0.3 * design[(i, 2)] + 0.1 * random.random_range(-1.0..1.0))
            .collect();
        let free = Group {
            variance: 1.0,
            learnt: true,
        };
        let weights = |unit: f64| {
            let targets: Vec<f64> = targets.iter().map(|target| unit * target).collect();
            let watch = Watch::endless();
            fit(&design, &[0, 0, 1, 1], &[free, free], &targets, &watch).unwrap()
        };
        for (small, large) in weights(1.0).iter().zip(weights(1024.0)) {
            assert_relative_eq!(1024.0 * small, large, max_relative = 1e-12);
        }
    }

    #[test]
    fn with_fixed_variances_it_is_ridge_regression() {
        // one column of ones: w = n ȳ v / (n v + σ²) with σ² at its fixed point
        let design = Mat::from_fn(10, 1, |_, _| 1.0);
        let targets = [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0];
        let fixed = Group {
            variance: 1e6,
            learnt: false,
        };
        let weights = fit(&design, &[0], &[fixed], &targets, &Watch::endless()).unwrap();
        assert_relative_eq!(weights[0], 1.5, epsilon = 1e-6);
    }
}
