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
//!
//! Where a value is an extreme of members, `X` is its derivative at the present
//! coefficients, with one more column, for the temperature. Extremes are homogeneous, so
//! that `X·a` is their value, and `a` moves towards the solution of the linear model as
//! long as the fit becomes better (Gauss and Newton's method).

use super::{
    Rise,
    cholesky::Cholesky,
    data::{Data, extremes},
    rise::Risen,
    sharing::Sharing,
};
use crate::{Expr, Result};

mod left;

pub(super) use left::Left;
#[cfg(test)]
pub(super) use left::Quadratic;

/// Prior standard deviation of coefficients that are not shrunk, in root mean squares
/// of the target times the divisor.
const WIDE: f64 = 10.0;

/// Weight of the guess that all channels are alike, in terms.
const ALIKE: f64 = 0.5;

/// Noise, relative to the target, below which nothing is fitted.
const FLOOR: f64 = 1e-9;

/// Relative change of the noise at which the fit has converged.
const CONVERGED: f64 = 1e-4;

/// Temperature at the start and the lowest one, in root mean squares of the target.
const TEMPERATURES: (f64, f64) = (0.1, 1e-3);

/// Most by which one step multiplies or divides the temperature.
const HEATING: f64 = 2.0;

/// The least damping, factors by which it grows and falls, and how often it may grow in
/// one step.
const LEAST: f64 = 1e-4;
const MORE: f64 = 8.0;
const LESS: f64 = 0.2;
const TRIES: usize = 12;

/// Most steps at one shrinkage, and the gain, in half nats, of the last of them.
const STEPS: usize = 30;
const ENOUGH: f64 = 0.02;

/// A term in the fit.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) level: usize,
    pub(super) shape: Expr,
    pub(super) sharing: Sharing,
    /// Of the shape at the items.
    values: Vec<f64>,
    /// `(coefficients, rows)`
    columns: Vec<f64>,
    /// `(coefficients,)`
    pub(super) mean: Vec<f64>,
    /// `(coefficients,)`, standard deviations.
    pub(super) deviation: Vec<f64>,
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
    /// Of an extreme.
    pub(super) temperature: f64,
    /// `(members,)`, divided by the divisor.
    shares: Vec<f64>,
    /// `(rows,)`: the derivative by the temperature.
    by_temperature: Vec<f64>,
    pub(super) residual: Vec<f64>,
    precision: Option<Cholesky>,
    damping: f64,
}

/// Normal equations: `(size, size)`, of which the lower half counts, and `(size,)`.
#[derive(Debug, Clone)]
struct Normal {
    matrix: Vec<f64>,
    right: Vec<f64>,
}

impl Normal {
    fn solution(&self) -> Option<Vec<f64>> {
        let mut solution = self.right.clone();
        Cholesky::new(self.matrix.clone(), solution.len())?.solve(&mut solution);
        Some(solution)
    }

    /// The solution whose last number is given.
    fn with_last(&self, last: f64) -> Option<Vec<f64>> {
        let size = self.right.len();
        let rows = self.matrix.chunks(size).take(size - 1);
        let row = &self.matrix[(size - 1) * size..];
        let both = self.right.iter().zip(row).take(size - 1);
        let less = Self {
            matrix: rows.flat_map(|row| &row[..size - 1]).copied().collect(),
            right: both.map(|(r, m)| r - m * last).collect(),
        };
        let mut solution = less.solution()?;
        solution.push(last);
        Some(solution)
    }
}

impl<'a> Model<'a> {
    /// A model without terms.
    pub(super) fn new(data: &'a Data) -> Self {
        let likeness = data.channels.iter().map(|&count| vec![1.0; count]);
        let mean_square = data.target.iter().map(|y| y * y).sum::<f64>() / data.rows() as f64;
        let mut model = Self {
            likeness: likeness.collect(),
            blocks: Vec::new(),
            degrees: f64::INFINITY,
            variance: mean_square.max(f64::MIN_POSITIVE),
            weights: vec![1.0; data.rows()],
            temperature: TEMPERATURES.0 * data.scale,
            shares: Vec::new(),
            by_temperature: Vec::new(),
            residual: Vec::new(),
            precision: None,
            damping: LEAST,
            data,
        };
        model.settle(&model.coefficients());
        model
    }

    pub(super) fn noise(&self) -> f64 {
        self.variance.sqrt()
    }

    /// Adds a term at the end, with coefficients of zero; the model must be fitted then.
    pub(super) fn push(
        &mut self,
        (level, sharing): (usize, Sharing),
        shape: Expr,
        strength: f64,
    ) -> Result<()> {
        let data = self.data;
        let values = data.uniques[level].values(&shape, &data.domains[level])?;
        let count = sharing.coefficients(data.channels[level]);
        self.blocks.push(Block {
            level,
            shape,
            sharing,
            columns: data.columns((level, sharing), &values, &self.shares),
            extremes: extremes(&values),
            values,
            mean: vec![0.0; count],
            deviation: vec![0.0; count],
            strength,
        });
        Ok(())
    }

    /// Starts with constants that are the means of the structures that have them.
    pub(super) fn start(&mut self) {
        let data = self.data;
        let of = |block: &Block| -> Vec<f64> {
            let rows = block.columns.chunks(data.rows());
            let mean = |column: &[f64]| {
                let mut own = (0.0, 0.0);
                let values = column.iter().zip(&data.target).zip(&data.divisors);
                for ((_, y), d) in values.filter(|((x, _), _)| **x != 0.0) {
                    own = (own.0 + y * d, own.1 + 1.0);
                }
                own.0 / f64::max(own.1, 1.0)
            };
            rows.map(mean).collect()
        };
        let constants = self.blocks.iter().flat_map(of);
        let all: Vec<f64> = constants.chain(Some(self.temperature)).collect();
        self.settle(&all);
    }

    fn is_soft(&self) -> bool {
        self.data.rise != Rise::Sum
    }

    /// Of all blocks, one after the other, and the temperature if there is one.
    fn coefficients(&self) -> Vec<f64> {
        let blocks = self.blocks.iter().flat_map(|block| &block.mean);
        let last = self.is_soft().then_some(&self.temperature);
        blocks.chain(last).copied().collect()
    }

    /// The columns of all coefficients, each `(rows,)`.
    fn columns(&self) -> Vec<&[f64]> {
        let rows = self.data.rows();
        let blocks = self.blocks.iter();
        let blocks = blocks.flat_map(|block| block.columns.chunks(rows));
        let last = self.is_soft().then_some(self.by_temperature.as_slice());
        blocks.chain(last).collect()
    }

    /// What every structure comes to with given coefficients.
    fn risen(&self, coefficients: &[f64]) -> Vec<Risen> {
        let data = self.data;
        let mut members = vec![0.0; data.members.len()];
        let mut rest = coefficients;
        for block in &self.blocks {
            let (own, after) = rest.split_at(block.mean.len());
            let unique = &data.uniques[block.level];
            for entry in &unique.entries {
                if let Some(place) = block.sharing.place(unique.channel[entry.item]) {
                    let value = own[place] * block.values[entry.item];
                    members[entry.member] += entry.count * value;
                }
            }
            rest = after;
        }
        let temperature = rest.first().copied().unwrap_or(1.0);
        risen(
            data.rise,
            (&data.members, &data.places),
            &members,
            temperature,
            data.rows(),
        )
    }

    /// Takes coefficients, and the shares that members have with them.
    fn settle(&mut self, coefficients: &[f64]) {
        let data = self.data;
        let risen = self.risen(coefficients);
        let all = risen.iter().zip(&data.divisors).zip(&data.target);
        self.residual = all.clone().map(|((r, d), y)| y - r.value / d).collect();
        let mut rest = coefficients;
        for block in &mut self.blocks {
            let (own, after) = rest.split_at(block.mean.len());
            block.mean.copy_from_slice(own);
            rest = after;
        }
        if !self.shares.is_empty() && !self.is_soft() {
            return;
        }
        self.temperature = rest.first().copied().unwrap_or(self.temperature);
        let divided = |(r, d): (&Risen, &f64)| r.shares.iter().map(|s| s / d).collect::<Vec<_>>();
        let both = risen.iter().zip(&data.divisors);
        self.shares = both.clone().flat_map(divided).collect();
        self.by_temperature = both.map(|(r, d)| r.by_temperature / d).collect();
        for block in &mut self.blocks {
            let place = (block.level, block.sharing);
            block.columns = data.columns(place, &block.values, &self.shares);
        }
    }

    fn is_free(&self, block: &Block) -> bool {
        self.data.free[block.level]
    }

    /// The prior variance of every coefficient.
    fn priors(&self) -> Vec<f64> {
        let wide = (WIDE * self.data.scale).powi(2);
        let of = |block: &Block| -> Vec<f64> {
            if self.is_free(block) {
                return vec![wide; block.mean.len()];
            }
            if block.sharing != Sharing::Shape {
                return vec![block.strength];
            }
            let likeness = &self.likeness[block.level];
            likeness.iter().map(|l| block.strength * l).collect()
        };
        let blocks = self.blocks.iter().flat_map(of);
        blocks.chain(self.is_soft().then_some(wide)).collect()
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

    /// Solves the linear model with the shares as they are.
    pub(super) fn relax(&mut self) -> Option<()> {
        let solution = self.certain(self.normal())?;
        let mut residual = self.data.target.clone();
        for (column, a) in self.columns().into_iter().zip(&solution) {
            for (r, x) in residual.iter_mut().zip(column) {
                *r -= a * x;
            }
        }
        self.residual = residual;
        Some(())
    }

    /// What the items of a level add, each with its channel.
    pub(super) fn effects(&self, level: usize) -> Vec<(usize, f64)> {
        let unique = &self.data.uniques[level];
        let own = || self.blocks.iter().filter(|block| block.level == level);
        let effect = |(item, &channel): (usize, &usize)| {
            let coefficient = |block: &Block| block.sharing.place(channel).map(|p| block.mean[p]);
            let terms = own().filter_map(|block| Some(coefficient(block)? * block.values[item]));
            (channel, terms.sum())
        };
        unique.channel.iter().enumerate().map(effect).collect()
    }

    /// Starts a term with the same coefficient in every channel.
    pub(super) fn begin(&mut self, block: usize, coefficient: f64) {
        self.blocks[block].mean.fill(coefficient);
        let all = self.coefficients();
        self.settle(&all);
    }

    /// Moves the coefficients to those that are best for the present shrinkage, weights
    /// and noise.
    fn solve(&mut self) -> Option<()> {
        if !self.is_soft() {
            let solution = self.certain(self.normal())?;
            self.settle(&solution);
            return Some(());
        }
        let mut loss = self.loss(&self.coefficients());
        self.damping = LEAST;
        for _ in 0..STEPS {
            let next = self.damped(&self.normal(), loss);
            self.settle(&next);
            let before = std::mem::replace(&mut loss, self.loss(&next));
            if before - loss < ENOUGH {
                break;
            }
        }
        self.certain(self.normal())?;
        Some(())
    }

    /// The linear model at the present coefficients.
    fn normal(&self) -> Normal {
        let columns = self.columns();
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
        Normal {
            right: right.collect(),
            matrix,
        }
    }

    /// The solution of the linear model; keeps how certain it is.
    fn certain(&mut self, normal: Normal) -> Option<Vec<f64>> {
        let Normal {
            matrix,
            right: mut solution,
        } = normal;
        let size = solution.len();
        let precision = Cholesky::new(matrix, size)?;
        precision.solve(&mut solution);
        let inverse = precision.inverse();
        let mut deviations = (0..size).map(|i| inverse[i * size + i].sqrt());
        for block in &mut self.blocks {
            block
                .deviation
                .fill_with(|| deviations.next().unwrap_or(0.0));
        }
        self.precision = Some(precision);
        Some(solution)
    }

    /// A step towards the solution of the linear model that makes the fit better: the
    /// more damped, the shorter (Levenberg and Marquardt's method). A coefficient
    /// counts in units of what moves a member by the temperature.
    fn damped(&mut self, normal: &Normal, loss: f64) -> Vec<f64> {
        let here = self.coefficients();
        let size = here.len();
        let unit = |block: &Block| {
            let (low, high) = block.extremes;
            let largest = low.abs().max(high.abs()) / self.temperature;
            vec![largest * largest; block.mean.len()]
        };
        let last = Some(self.temperature.powi(-2));
        let units: Vec<f64> = self.blocks.iter().flat_map(unit).chain(last).collect();
        let coldest = (TEMPERATURES.1 * self.data.scale).max(self.temperature / HEATING);
        let hottest = coldest.max(self.temperature * HEATING);
        for _ in 0..TRIES {
            let mut moved = normal.clone();
            for i in 0..size {
                moved.matrix[i * size + i] += self.damping * units[i];
                moved.right[i] += self.damping * units[i] * here[i];
            }
            let mut next = moved.solution();
            if let Some(solution) = &next
                && !(coldest..=hottest).contains(&solution[size - 1])
            {
                next = moved.with_last(solution[size - 1].clamp(coldest, hottest));
            }
            if let Some(next) = next.filter(|next| self.loss(next) <= loss) {
                self.damping = (self.damping * LESS).max(LEAST);
                return next;
            }
            self.damping *= MORE;
        }
        here
    }

    /// Minus the logarithm of the posterior density of coefficients, twice.
    fn loss(&self, coefficients: &[f64]) -> f64 {
        let data = self.data;
        let risen = self.risen(coefficients);
        let values = risen.iter().zip(&data.divisors).map(|(r, d)| r.value / d);
        let all = values.zip(&data.target).zip(&self.weights);
        let misfit: f64 = all.map(|((v, y), w)| w * (y - v).powi(2)).sum();
        let priors = self.priors();
        let both = coefficients.iter().zip(&priors);
        misfit / self.variance + both.map(|(a, v)| a * a / v.max(1e-300)).sum::<f64>()
    }

    /// Fits shrinkage, noise and weights to the present coefficients.
    fn update(&mut self) {
        let priors = self.priors();
        let blocks = self.blocks.iter();
        let both = blocks.flat_map(|block| block.mean.iter().zip(&block.deviation));
        let squares: Vec<f64> = both.clone().map(|(a, d)| a * a + d * d).collect();
        let shares = both
            .zip(&priors)
            .map(|((_, d), v)| 1.0 - (d * d / v).min(1.0));
        let determined = shares.sum::<f64>() + f64::from(u8::from(self.is_soft()));
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
            let count = self.blocks[k].mean.len();
            let own = &squares[first..first + count];
            first += count;
            if self.is_free(&self.blocks[k]) {
                continue;
            }
            if self.blocks[k].sharing != Sharing::Shape {
                self.blocks[k].strength = own[0].max(1e-200);
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
            *squares += self.residual[self.data.members[entry.member]].powi(2);
            *count += 1.0;
        }
        let all = self.residual.iter().map(|r| r * r).sum::<f64>() / self.data.rows() as f64;
        for (likeness, (squares, count)) in self.likeness[level].iter_mut().zip(sums) {
            *likeness = (squares + all) / (count + 1.0) / all.max(f64::MIN_POSITIVE);
        }
    }
}

/// What every structure comes to.
///
/// - `members`: the structure of each, not falling.
/// - `values`: of the members.
pub(super) fn risen(
    rise: Rise,
    (members, places): (&[usize], &[[usize; 2]]),
    values: &[f64],
    temperature: f64,
    structures: usize,
) -> Vec<Risen> {
    let mut first = 0;
    let one = |structure| {
        let own = members[first..].iter().take_while(|m| **m == structure);
        let own = first..first + own.count();
        first = own.end;
        let places = places.get(own.clone()).unwrap_or_default();
        rise.of(&values[own], places, temperature)
    };
    (0..structures).map(one).collect()
}
