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
//! are needed. Often there are more weights than structures; where there are fewer,
//! the same is written in terms of a matrix of weights,
//!
//! ```text
//! γ_i = (A⁻¹ G)_ii    w = V^½ A⁻¹ V^½ Xᵀ y    G = V^½ Xᵀ X V^½    A = G + σ² 1
//! ```
//!
//! # Source
//!
//! D. J. C. `MacKay`, *Neural Computation* **4**, 415 (1992); one variance a group as in
//! Tipping, *J. Mach. Learn. Res.* **1**, 211 (2001).

use anyhow::{Result, anyhow};
use faer::linalg::solvers::Llt;
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
    let problem = Problem::new(design, &targets);
    let mut variances: Vec<f64> = groups.iter().map(|group| group.variance).collect();
    let mut noise = 1e-3;
    let mut weights = vec![0.0; p];
    for _ in 0..STEPS {
        let deviations: Vec<f64> = group_of.iter().map(|g| variances[*g].sqrt()).collect();
        let solved = problem.solve(&deviations, noise)?;
        let mut learnt = vec![(0.0, 0.0); groups.len()];
        let mut determined = 0.0;
        for (j, (weight, gamma)) in solved.into_iter().enumerate() {
            weights[j] = weight * deviations[j];
            learnt[group_of[j]].0 += weights[j] * weights[j];
            learnt[group_of[j]].1 += gamma;
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

/// What the weights are solved from.
enum Problem<'a> {
    /// `X` and `y`, for as many weights as structures or more.
    Structures(&'a Mat<f64>, Mat<f64>),
    /// `Xᵀ X` and `Xᵀ y`, for fewer.
    Weights(Mat<f64>, Mat<f64>),
}

impl<'a> Problem<'a> {
    fn new(design: &'a Mat<f64>, targets: &[f64]) -> Self {
        let y = Mat::from_fn(targets.len(), 1, |i, _| targets[i]);
        if design.ncols() < design.nrows() {
            Self::Weights(design.transpose() * design, design.transpose() * y)
        } else {
            Self::Structures(design, y)
        }
    }

    /// - `deviations`: `(p,)`, the square roots of the prior variances.
    /// - returns: `(p,)`, the weights in units of these, and their γ.
    fn solve(&self, deviations: &[f64], noise: f64) -> Result<Vec<(f64, f64)>> {
        let p = deviations.len();
        match self {
            Self::Structures(design, y) => {
                let n = y.nrows();
                let scaled = Mat::from_fn(n, p, |i, j| design[(i, j)] * deviations[j]);
                let factor = factored(&scaled * scaled.transpose(), noise)?;
                let (dual, solved) = (factor.solve(y), factor.solve(&scaled));
                let over = |j: usize, column: &Mat<f64>, k: usize| -> f64 {
                    (0..n).map(|i| scaled[(i, j)] * column[(i, k)]).sum()
                };
                Ok((0..p)
                    .map(|j| (over(j, &dual, 0), over(j, &solved, j)))
                    .collect())
            }
            Self::Weights(square, product) => {
                let scaled =
                    Mat::from_fn(p, p, |i, j| deviations[i] * square[(i, j)] * deviations[j]);
                let right = Mat::from_fn(p, 1, |i, _| deviations[i] * product[(i, 0)]);
                let factor = factored(scaled.clone(), noise)?;
                let (weights, solved) = (factor.solve(&right), factor.solve(&scaled));
                Ok((0..p).map(|j| (weights[(j, 0)], solved[(j, j)])).collect())
            }
        }
    }
}

/// The factor of a symmetric matrix with the noise on its diagonal.
fn factored(mut matrix: Mat<f64>, noise: f64) -> Result<Llt<f64>> {
    for i in 0..matrix.nrows() {
        matrix[(i, i)] += noise;
    }
    let factor = matrix.llt(Side::Lower);
    factor.map_err(|error| anyhow!("the matrix of the fit is not positive definite ({error:?})"))
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
    fn more_structures_than_weights_are_solved_to_the_same() {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let design = Mat::from_fn(20, 6, |_, _| random.random_range(-1.0..1.0));
        let targets: Vec<f64> = (0..20).map(|_| random.random_range(-1.0..1.0)).collect();
        let y = Mat::from_fn(20, 1, |i, _| targets[i]);
        let deviations = [1.0, 0.3, 2.0, 1.0, 1e-4, 0.1];
        let few = Problem::new(&design, &targets);
        assert!(matches!(few, Problem::Weights(..)));
        let few = few.solve(&deviations, 1e-3).unwrap();
        let many = Problem::Structures(&design, y)
            .solve(&deviations, 1e-3)
            .unwrap();
        for (few, many) in few.iter().zip(&many) {
            assert_relative_eq!(few.0, many.0, max_relative = 1e-9);
            assert_relative_eq!(few.1, many.1, max_relative = 1e-9);
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
