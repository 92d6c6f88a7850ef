//! The process: its most probable lengths and variances, and what it predicts.
//!
//! Targets are centred and scaled. With `K = k(X, X) + σ²` the logarithm of the
//! evidence is `−½ yᵀK⁻¹y − ½ ln|K|`, its derivative by a parameter
//! `½ tr((ααᵀ − K⁻¹)·∂K)` with `α = K⁻¹y`. Lengths shorter than
//! that of the start have a broad normal prior on their logarithms ([`PRIOR`]), which
//! keeps columns from being switched on by chance when there are as many of them as
//! structures; to be switched off costs nothing. The ascent is Rprop's: steps of fixed
//! size, which grow while the sign of a derivative stays and halve when it
//! changes.
//!
//! # Source
//!
//! Rasmussen & Williams (2006), equations 2.25, 2.26 and 5.9; Riedmiller & Braun,
//! *IEEE Int. Conf. Neural Networks* (1993).

use anyhow::{Result, anyhow};
use faer::linalg::solvers::Llt;
use faer::prelude::Solve;
use faer::{Mat, Side};

use super::GaussianProcessSettings;
use super::kernel::Shape;
use crate::run::Watch;

/// Standard deviation of the logarithm of a length below that of the start.
const PRIOR: f64 = 1.5;

/// Bounds of the logarithm of the variance of the noise, in that of the targets.
const NOISE: (f64, f64) = (-16.0, 1.0);

/// First, smallest and largest step.
const STEP: (f64, f64, f64) = (0.2, 1e-3, 1.0);

/// The logarithms of a process's parameters.
#[derive(Debug, Clone)]
struct Parameters {
    /// Variance of the noise.
    noise: f64,
    /// Variance of the signal.
    signal: f64,
    /// One length for every column, or one for all.
    lengths: Vec<f64>,
}

impl Parameters {
    fn start(columns: usize, ard: bool) -> Self {
        Self {
            noise: 1e-2_f64.ln(),
            signal: 0.0,
            lengths: vec![first_length(columns); if ard { columns } else { 1 }],
        }
    }

    /// The length of a column.
    fn length(&self, column: usize) -> f64 {
        self.lengths[column.min(self.lengths.len() - 1)].exp()
    }

    fn flat(&self) -> Vec<f64> {
        let ends = [self.noise, self.signal];
        ends.into_iter().chain(self.lengths.clone()).collect()
    }

    fn from_flat(flat: &[f64]) -> Self {
        Self {
            noise: flat[0].clamp(NOISE.0, NOISE.1),
            signal: flat[1].clamp(-10.0, 10.0),
            lengths: flat[2..].iter().map(|l| l.clamp(-7.0, 12.0)).collect(),
        }
    }
}

/// The typical distance of two standardised rows.
fn first_length(columns: usize) -> f64 {
    0.5 * (2.0 * columns.max(1) as f64).ln()
}

/// A process that has learnt.
#[derive(Debug)]
pub(super) struct Process {
    shape: Shape,
    parameters: Parameters,
    /// `(n, columns)`, each divided by its length.
    rows: Mat<f64>,
    /// `K⁻¹ y`.
    dual: Vec<f64>,
    factor: Llt<f64>,
    center: f64,
    scale: f64,
}

impl Process {
    /// - `rows`: `(n, columns)`, standardised.
    /// - `targets`: `(n,)`.
    ///
    /// # Errors
    ///
    /// If the covariance of the rows is not positive definite.
    pub(super) fn fit(
        rows: Mat<f64>,
        targets: &[f64],
        settings: &GaussianProcessSettings,
        watch: &Watch,
    ) -> Result<Self> {
        let n = targets.len() as f64;
        let center = targets.iter().sum::<f64>() / n;
        let square = targets
            .iter()
            .map(|y| (y - center) * (y - center))
            .sum::<f64>()
            / n;
        let scale = if square > 0.0 { square.sqrt() } else { 1.0 };
        let problem = Problem {
            shape: settings.kernel,
            y: Mat::from_fn(targets.len(), 1, |i, _| (targets[i] - center) / scale),
            rows,
        };
        let start = Parameters::start(problem.rows.ncols(), settings.ard);
        let parameters = problem.ascend(&start, settings.steps, watch);
        let scaled = problem.scaled(&parameters);
        let kernel = problem.kernel(&scaled, &parameters);
        let factor = kernel
            .llt(Side::Lower)
            .map_err(|error| anyhow!("the covariance is not positive definite ({error:?})"))?;
        let dual = factor.solve(&problem.y);
        Ok(Self {
            shape: settings.kernel,
            parameters,
            rows: scaled,
            dual: (0..targets.len()).map(|i| dual[(i, 0)]).collect(),
            factor,
            center,
            scale,
        })
    }

    /// How many numbers were fitted.
    pub(super) fn parameters(&self) -> usize {
        2 + self.parameters.lengths.len()
    }

    /// The mean at rows `(m, columns)`.
    pub(super) fn mean(&self, rows: &Mat<f64>) -> Vec<f64> {
        let one = |row: usize| {
            let correlations = self.correlations(rows, row);
            let sum: f64 = correlations
                .iter()
                .zip(&self.dual)
                .map(|(k, a)| k * a)
                .sum();
            self.center + self.scale * sum
        };
        (0..rows.nrows()).map(one).collect()
    }

    /// The variance at rows `(m, columns)`, that of the noise not included, in the
    /// square of the targets' unit.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "studies record means only as yet")
    )]
    pub(super) fn variance(&self, rows: &Mat<f64>) -> Vec<f64> {
        let one = |row: usize| {
            let correlations = self.correlations(rows, row);
            let k = Mat::from_fn(correlations.len(), 1, |i, _| correlations[i]);
            let solved = self.factor.solve(&k);
            let known: f64 = (0..k.nrows()).map(|i| k[(i, 0)] * solved[(i, 0)]).sum();
            (self.parameters.signal.exp() - known).max(0.0) * self.scale * self.scale
        };
        (0..rows.nrows()).map(one).collect()
    }

    /// Covariances of one row with all that were learnt from.
    fn correlations(&self, rows: &Mat<f64>, row: usize) -> Vec<f64> {
        let columns = self.rows.ncols();
        let lengths = (0..columns).map(|k| self.parameters.length(k));
        let point: Vec<f64> = lengths
            .enumerate()
            .map(|(k, l)| rows[(row, k)] / l)
            .collect();
        let signal = self.parameters.signal.exp();
        let one = |other: usize| {
            let square: f64 = (0..columns)
                .map(|k| (point[k] - self.rows[(other, k)]).powi(2))
                .sum();
            signal * self.shape.value(square).0
        };
        (0..self.rows.nrows()).map(one).collect()
    }
}

/// Rows and scaled targets.
struct Problem {
    shape: Shape,
    rows: Mat<f64>,
    y: Mat<f64>,
}

impl Problem {
    /// The rows, each column divided by its length.
    fn scaled(&self, parameters: &Parameters) -> Mat<f64> {
        let (n, p) = (self.rows.nrows(), self.rows.ncols());
        let lengths: Vec<f64> = (0..p).map(|k| parameters.length(k)).collect();
        Mat::from_fn(n, p, |i, k| self.rows[(i, k)] / lengths[k])
    }

    fn kernel(&self, scaled: &Mat<f64>, parameters: &Parameters) -> Mat<f64> {
        let signal = parameters.signal.exp();
        let squares = squares(scaled);
        let n = scaled.nrows();
        let mut kernel = Mat::from_fn(n, n, |i, j| signal * self.shape.value(squares[(i, j)]).0);
        for i in 0..n {
            kernel[(i, i)] += parameters.noise.exp();
        }
        kernel
    }

    /// Logarithm of the probability, up to a constant, and its derivatives.
    fn evidence(&self, parameters: &Parameters) -> Option<(f64, Vec<f64>)> {
        let scaled = self.scaled(parameters);
        let (n, p) = (scaled.nrows(), scaled.ncols());
        let squares = squares(&scaled);
        let (signal, noise) = (parameters.signal.exp(), parameters.noise.exp());
        let kernel = self.kernel(&scaled, parameters);
        let factor = kernel.llt(Side::Lower).ok()?;
        let dual = factor.solve(&self.y);
        let inverse = factor.solve(Mat::<f64>::identity(n, n));
        let lower = factor.L();
        let half_log: f64 = (0..n).map(|i| lower[(i, i)].ln()).sum();
        let fit: f64 = (0..n).map(|i| self.y[(i, 0)] * dual[(i, 0)]).sum();
        let mut slopes = vec![0.0; 2 + parameters.lengths.len()];
        for j in 0..n {
            let weight = |i: usize| dual[(i, 0)] * dual[(j, 0)] - inverse[(i, j)];
            slopes[0] += 0.5 * noise * weight(j);
            slopes[1] += 0.5 * signal * weight(j);
            for i in 0..j {
                let (value, slope) = self.shape.value(squares[(i, j)]);
                let weight = weight(i) * signal;
                slopes[1] += weight * value;
                for k in 0..p {
                    let apart = scaled[(i, k)] - scaled[(j, k)];
                    let place = 2 + k.min(parameters.lengths.len() - 1);
                    slopes[place] += weight * slope * apart * apart;
                }
            }
        }
        let mut value = -0.5 * fit - half_log;
        for (slope, length) in slopes[2..].iter_mut().zip(&parameters.lengths) {
            let off = ((length - first_length(p)) / PRIOR).min(0.0);
            value -= 0.5 * off * off;
            *slope -= off / PRIOR;
        }
        value.is_finite().then_some((value, slopes))
    }

    /// The most probable parameters that some steps reach.
    fn ascend(&self, start: &Parameters, steps: usize, watch: &Watch) -> Parameters {
        let mut best = (f64::NEG_INFINITY, start.clone());
        let mut point = start.flat();
        let mut sizes = vec![STEP.0; point.len()];
        let mut before = vec![0.0; point.len()];
        for _ in 0..steps {
            let here = Parameters::from_flat(&point);
            let Some((value, slopes)) = self.evidence(&here) else {
                point = best.1.flat();
                for size in &mut sizes {
                    *size *= 0.5;
                }
                continue;
            };
            if value > best.0 {
                best = (value, here);
            }
            for k in 0..point.len() {
                let agree = slopes[k] * before[k];
                if agree > 0.0 {
                    sizes[k] = (sizes[k] * 1.2).min(STEP.2);
                } else if agree < 0.0 {
                    sizes[k] = (sizes[k] * 0.5).max(STEP.1);
                }
                before[k] = if agree < 0.0 { 0.0 } else { slopes[k] };
                if before[k] != 0.0 {
                    point[k] += sizes[k] * before[k].signum();
                }
            }
            if watch.must_stop() {
                break;
            }
        }
        best.1
    }
}

/// Squared distances of all rows.
fn squares(rows: &Mat<f64>) -> Mat<f64> {
    let products = rows * rows.transpose();
    let n = rows.nrows();
    Mat::from_fn(n, n, |i, j| {
        (products[(i, i)] + products[(j, j)] - 2.0 * products[(i, j)]).max(0.0)
    })
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// Rows of a smooth function of the first of two columns.
    fn problem(n: u32) -> (Mat<f64>, Vec<f64>) {
        let x: Vec<f64> = (0..n)
            .map(|i| -1.5 + 3.0 * f64::from(i) / f64::from(n))
            .collect();
        let other = |i: usize| ((i * 7919) % 97) as f64 / 48.0 - 1.0;
        let rows = Mat::from_fn(x.len(), 2, |i, k| if k == 0 { x[i] } else { other(i) });
        (
            rows,
            x.iter().map(|x| 5.0 + 2.0 * (2.0 * x).sin()).collect(),
        )
    }

    fn fitted(kernel: Shape) -> Process {
        let (rows, y) = problem(40);
        let settings = GaussianProcessSettings {
            kernel,
            ..GaussianProcessSettings::default()
        };
        Process::fit(rows, &y, &settings, &Watch::endless()).unwrap()
    }

    #[test]
    fn derivatives_of_the_evidence_are_its_differences() {
        let (rows, y) = problem(15);
        for shape in [Shape::Matern, Shape::Rbf] {
            let y = Mat::from_fn(y.len(), 1, |i, _| y[i] - 5.0);
            let problem = Problem {
                shape,
                rows: rows.clone(),
                y,
            };
            let point = vec![-3.0, 0.3, 0.2, 0.9];
            let at = |point: &[f64]| problem.evidence(&Parameters::from_flat(point)).unwrap();
            let (_, slopes) = at(&point);
            for k in 0..point.len() {
                let moved = |by: f64| {
                    let mut point = point.clone();
                    point[k] += by;
                    at(&point).0
                };
                let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert_relative_eq!(slopes[k], difference, max_relative = 1e-5, epsilon = 1e-7);
            }
        }
    }

    #[test]
    fn a_smooth_function_is_learnt_and_a_column_without_meaning_left_out() {
        for kernel in [Shape::Matern, Shape::Rbf] {
            let process = fitted(kernel);
            let new = Mat::from_fn(
                3,
                2,
                |i, k| if k == 0 { [-0.77, 0.1, 0.83][i] } else { 0.5 },
            );
            for (mean, x) in process.mean(&new).into_iter().zip([-0.77_f64, 0.1, 0.83]) {
                assert_relative_eq!(mean, 5.0 + 2.0 * (2.0 * x).sin(), epsilon = 0.02);
            }
            let lengths = &process.parameters.lengths;
            assert!(lengths[1] > lengths[0] + 1.0, "{lengths:?}");
        }
    }

    #[test]
    fn variance_is_small_among_the_rows_and_that_of_the_signal_far_away() {
        let process = fitted(Shape::Rbf);
        let new = Mat::from_fn(2, 2, |i, k| if k == 0 { [0.05, 500.0][i] } else { 0.0 });
        let variance = process.variance(&new);
        let signal = process.parameters.signal.exp() * process.scale * process.scale;
        assert!(variance[0] < 1e-3 * signal, "{variance:?}");
        assert_relative_eq!(variance[1], signal, max_relative = 1e-9);
    }
}
