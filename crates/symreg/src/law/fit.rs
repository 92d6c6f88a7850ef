//! The coefficients of all terms together, their shrinkage and the noise.
//!
//! With `X` the values of all terms in all channels, summed over the items of each
//! structure and divided by its divisor, the model is
//!
//! ```text
//! y = X·a + noise,   a ~ N(0, V),   noise of structure s ~ N(0, σ²/w(s))
//! ```
//!
//! `V` is diagonal, `τ(term)·λ(channel)`; both and `σ²` are fitted by the evidence. The
//! weights `w` are those of Student's distribution with ν degrees of freedom: a
//! structure that obeys another law does not bend this one.

use super::{
    cholesky::Cholesky,
    level::{Level, Unique},
};
use crate::{Error, Expr, FeatureBox, Result};

/// Prior standard deviation of coefficients that are not shrunk, in root mean squares
/// of the target times the divisor.
const WIDE: f64 = 10.0;

/// Weight of the guess that all channels are alike, in terms.
const ALIKE: f64 = 0.5;

/// Noise, relative to the target, below which nothing is fitted.
const FLOOR: f64 = 1e-9;

/// Sum of columns, beside the largest, from which on an item is far out.
const FAR: f64 = 0.8;

/// Relative change of the noise at which the fit has converged.
const CONVERGED: f64 = 1e-4;

/// What a law is fitted to.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) uniques: Vec<Unique>,
    pub(super) domains: Vec<FeatureBox>,
    pub(super) channels: Vec<usize>,
    free: Vec<bool>,
    /// The items far out, for levels whose functions decay.
    pub(super) farthest: Vec<Vec<usize>>,
    pub(super) target: Vec<f64>,
    divisors: Vec<f64>,
    /// Root mean square of target times divisor.
    scale: f64,
}

impl Data {
    pub(super) fn new(
        levels: &[Level],
        target: &[f64],
        divisors: &[f64],
        margin: f64,
    ) -> Result<Self> {
        if target.is_empty() {
            return Err(Error::NoRows);
        }
        let uniques: Vec<Unique> = levels.iter().map(Level::unique).collect::<Result<_>>()?;
        let boxed = |unique: &Unique| FeatureBox::around(&unique.table, margin);
        let squares = target.iter().zip(divisors).map(|(y, d)| (y * d).powi(2));
        let scale = (squares.sum::<f64>() / target.len() as f64).sqrt();
        Ok(Self {
            farthest: levels.iter().zip(&uniques).map(farthest).collect(),
            domains: uniques.iter().map(boxed).collect(),
            uniques,
            channels: levels.iter().map(|level| level.channels.len()).collect(),
            free: levels.iter().map(|level| level.free).collect(),
            target: target.to_vec(),
            divisors: divisors.to_vec(),
            scale: if scale > 0.0 { scale } else { 1.0 },
        })
    }

    pub(super) fn rows(&self) -> usize {
        self.target.len()
    }

    /// `(channels, rows)`: a function summed over the items of every structure.
    fn columns(&self, level: usize, values: &[f64]) -> Vec<f64> {
        let (unique, rows) = (&self.uniques[level], self.rows());
        let mut columns = vec![0.0; self.channels[level] * rows];
        for entry in &unique.entries {
            let place = unique.channel[entry.item] * rows + entry.structure;
            columns[place] += entry.count * values[entry.item] / self.divisors[entry.structure];
        }
        columns
    }
}

/// Smallest and largest of some values.
pub(super) fn extremes(values: &[f64]) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    let wider = |(low, high): (f64, f64), v: &f64| (low.min(*v), high.max(*v));
    values.iter().fold(start, wider)
}

/// The items whose sum of columns is near to the largest.
fn farthest((level, unique): (&Level, &Unique)) -> Vec<usize> {
    let table = &unique.table;
    let sum = |item: usize| -> f64 {
        let columns = 0..table.columns().len();
        columns.map(|column| table.values(column)[item]).sum()
    };
    let sums: Vec<f64> = (0..table.rows()).map(sum).collect();
    let largest = sums.iter().copied().fold(0.0, f64::max);
    let items = (0..sums.len()).filter(|_| level.decays);
    items.filter(|&item| sums[item] >= FAR * largest).collect()
}

/// A term in the fit.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) level: usize,
    pub(super) shape: Expr,
    /// `(channels, rows)`
    columns: Vec<f64>,
    /// Smallest and largest value at the items.
    pub(super) extremes: (f64, f64),
    /// `τ`
    pub(super) strength: f64,
}

/// The terms so far, and all that is known of their coefficients.
#[derive(Debug, Clone)]
pub(super) struct Model<'a> {
    pub(super) data: &'a Data,
    pub(super) blocks: Vec<Block>,
    /// `λ`, `(levels, channels)`
    pub(super) likeness: Vec<Vec<f64>>,
    /// Of Student's distribution; infinite for normal noise.
    pub(super) degrees: f64,
    /// `σ²`
    variance: f64,
    weights: Vec<f64>,
    pub(super) mean: Vec<f64>,
    pub(super) deviation: Vec<f64>,
    pub(super) residual: Vec<f64>,
    precision: Option<Cholesky>,
}

impl<'a> Model<'a> {
    /// A model without terms.
    pub(super) fn new(data: &'a Data) -> Self {
        let likeness = data.channels.iter().map(|&count| vec![1.0; count]);
        let mean_square = data.target.iter().map(|y| y * y).sum::<f64>() / data.rows() as f64;
        Self {
            likeness: likeness.collect(),
            blocks: Vec::new(),
            degrees: f64::INFINITY,
            variance: mean_square.max(f64::MIN_POSITIVE),
            weights: vec![1.0; data.rows()],
            mean: Vec::new(),
            deviation: Vec::new(),
            residual: data.target.clone(),
            precision: None,
            data,
        }
    }

    pub(super) fn noise(&self) -> f64 {
        self.variance.sqrt()
    }

    /// Adds a term at the end; the model must be fitted then.
    pub(super) fn push(&mut self, level: usize, shape: Expr, strength: f64) -> Result<()> {
        let data = self.data;
        let values = data.uniques[level].values(&shape, &data.domains[level])?;
        self.blocks.push(Block {
            level,
            shape,
            columns: data.columns(level, &values),
            extremes: extremes(&values),
            strength,
        });
        Ok(())
    }

    fn is_free(&self, block: &Block) -> bool {
        self.data.free[block.level]
    }

    /// The prior variance of every coefficient.
    fn priors(&self) -> Vec<f64> {
        let of = |block: &Block| -> Vec<f64> {
            let count = self.data.channels[block.level];
            if self.is_free(block) {
                return vec![(WIDE * self.data.scale).powi(2); count];
            }
            let likeness = &self.likeness[block.level];
            likeness.iter().map(|l| block.strength * l).collect()
        };
        self.blocks.iter().flat_map(of).collect()
    }

    /// Fits coefficients, shrinkage, weights and noise, in at most so many rounds.
    ///
    /// Nothing comes back where the terms cannot be told apart.
    pub(super) fn fit(&mut self, rounds: usize) -> Option<()> {
        for round in 0..rounds.max(1) {
            let before = self.variance;
            self.solve()?;
            if round + 1 == rounds {
                break;
            }
            self.update();
            let change = (self.variance - before).abs();
            if round > 8 && change < CONVERGED * before {
                break;
            }
        }
        self.solve()
    }

    /// Solves the coefficients for the present shrinkage, weights and noise.
    fn solve(&mut self) -> Option<()> {
        let rows = self.data.rows();
        let columns: Vec<&[f64]> = self
            .blocks
            .iter()
            .flat_map(|block| block.columns.chunks(rows))
            .collect();
        let size = columns.len();
        let scaled: Vec<f64> = self.weights.iter().map(|w| w / self.variance).collect();
        let weighted: Vec<Vec<f64>> = columns
            .iter()
            .map(|column| column.iter().zip(&scaled).map(|(x, w)| x * w).collect())
            .collect();
        let priors = self.priors();
        let mut matrix = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..=i {
                matrix[i * size + j] = crate::least_squares::dot(&weighted[i], columns[j]);
            }
            matrix[i * size + i] += 1.0 / priors[i].max(1e-300);
        }
        let right = weighted
            .iter()
            .map(|column| crate::least_squares::dot(column, &self.data.target));
        let mut mean: Vec<f64> = right.collect();
        let precision = Cholesky::new(matrix, size)?;
        precision.solve(&mut mean);
        let mut residual = self.data.target.clone();
        for (column, a) in columns.iter().zip(&mean) {
            for (r, x) in residual.iter_mut().zip(*column) {
                *r -= a * x;
            }
        }
        let inverse = precision.inverse();
        self.deviation = (0..size).map(|i| inverse[i * size + i].sqrt()).collect();
        (self.mean, self.residual) = (mean, residual);
        self.precision = Some(precision);
        Some(())
    }

    /// Fits shrinkage, noise and weights to the present coefficients.
    fn update(&mut self) {
        let priors = self.priors();
        let squares: Vec<f64> = (0..self.mean.len())
            .map(|i| self.mean[i].powi(2) + self.deviation[i].powi(2))
            .collect();
        let determined: f64 = (0..self.mean.len())
            .map(|i| 1.0 - (self.deviation[i].powi(2) / priors[i]).min(1.0))
            .sum();
        self.shrink(&squares);
        let weighted = self.residual.iter().zip(&self.weights);
        let sum: f64 = weighted.map(|(r, w)| w * r * r).sum();
        let freedom = (self.data.rows() as f64 - determined).max(1.0);
        let floor = (FLOOR * self.data.scale).powi(2);
        self.variance = (sum / freedom).max(floor);
        let degrees = self.degrees;
        if degrees.is_finite() {
            for (weight, r) in self.weights.iter_mut().zip(&self.residual) {
                *weight = (degrees + 1.0) / (degrees + r * r / self.variance);
            }
        }
    }

    /// Fits `τ` and `λ` to the squares of the coefficients.
    fn shrink(&mut self, squares: &[f64]) {
        let mut first = 0;
        let mut sums: Vec<Vec<f64>> = self.likeness.iter().map(|l| vec![0.0; l.len()]).collect();
        let mut terms = vec![0.0; self.likeness.len()];
        for k in 0..self.blocks.len() {
            let level = self.blocks[k].level;
            let count = self.data.channels[level];
            let own = &squares[first..first + count];
            first += count;
            if self.is_free(&self.blocks[k]) {
                continue;
            }
            let likeness = &self.likeness[level];
            let relative = own.iter().zip(likeness).map(|(m, l)| m / l);
            let strength = relative.sum::<f64>() / count as f64;
            self.blocks[k].strength = strength.max(1e-200);
            terms[level] += 1.0;
            for (sum, m) in sums[level].iter_mut().zip(own) {
                *sum += m / self.blocks[k].strength;
            }
        }
        for (level, likeness) in self.likeness.iter_mut().enumerate() {
            for (l, sum) in likeness.iter_mut().zip(&sums[level]) {
                *l = ((sum + ALIKE) / (terms[level] + ALIKE)).max(1e-12);
            }
        }
    }

    /// Guesses which channels of a level matter, before it has any term: those of
    /// structures that the terms so far leave unexplained.
    pub(super) fn guess(&mut self, level: usize) {
        if self.blocks.iter().any(|block| block.level == level) {
            return;
        }
        let unique = &self.data.uniques[level];
        let mut sums = vec![(0.0, 0.0); self.data.channels[level]];
        for entry in &unique.entries {
            let (squares, count) = &mut sums[unique.channel[entry.item]];
            *squares += self.residual[entry.structure].powi(2);
            *count += 1.0;
        }
        let all = self.residual.iter().map(|r| r * r).sum::<f64>() / self.data.rows() as f64;
        for (likeness, (squares, count)) in self.likeness[level].iter_mut().zip(sums) {
            *likeness = (squares + all) / (count + 1.0) / all.max(f64::MIN_POSITIVE);
        }
    }

    /// What is left for a new term of a level: `S = Mᵀ·P·M` and `t = Mᵀ·P·y`, with `M`
    /// the items of every structure and `P` the inverse covariance of the target under
    /// the terms so far.
    pub(super) fn left(&self, level: usize) -> (Vec<f64>, Vec<f64>) {
        let (data, unique) = (self.data, &self.data.uniques[level]);
        let (rows, count) = (data.rows(), unique.len());
        let scaled: Vec<f64> = self.weights.iter().map(|w| w / self.variance).collect();
        let share = |e: &super::level::Entry| e.count / data.divisors[e.structure];
        let mut t = vec![0.0; count];
        let mut s = vec![0.0; count * count];
        for own in unique.entries.chunk_by(|a, b| a.structure == b.structure) {
            let weight = scaled[own[0].structure];
            for a in own {
                t[a.item] += share(a) * weight * self.residual[a.structure];
                for b in own {
                    s[a.item * count + b.item] += share(a) * share(b) * weight;
                }
            }
        }
        let columns = self
            .blocks
            .iter()
            .flat_map(|block| block.columns.chunks(rows));
        let mut z: Vec<Vec<f64>> = columns
            .map(|column| {
                let mut row = vec![0.0; count];
                for e in &unique.entries {
                    row[e.item] += share(e) * scaled[e.structure] * column[e.structure];
                }
                row
            })
            .collect();
        if let Some(precision) = &self.precision {
            let mut line = vec![0.0; z.len()];
            for item in 0..count {
                for (value, row) in line.iter_mut().zip(&z) {
                    *value = row[item];
                }
                precision.forward(&mut line);
                for (value, row) in line.iter().zip(&mut z) {
                    row[item] = *value;
                }
            }
        }
        for row in &z {
            for (i, a) in row.iter().enumerate().filter(|(_, a)| **a != 0.0) {
                for (s, b) in s[i * count..(i + 1) * count].iter_mut().zip(row) {
                    *s -= a * b;
                }
            }
        }
        (s, t)
    }
}
