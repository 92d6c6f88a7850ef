//! The scores of all borders of a column at once.
//!
//! A border cuts every leaf of a level in two, and its score is a function of
//! two sums over these halves (see [`ScoreFunction`]). They are found in one of
//! two ways that differ only in rounding:
//!
//! - by **histogram**: sums per leaf and bin, then a running sum over the bins
//!   of every leaf; work `n + leaves·bins`;
//! - by **walk**: rows move from the upper to the lower half of their leaf one
//!   by one, in the order of their bins; work `n`, with two divisions per row.
//!
//! The walk wins where there are few rows and many leaves.

use crate::settings::ScoreFunction;
use crate::table::Column;

/// Keeps the cosine of nothing finite.
const NO_LENGTH: f64 = 1e-100;

/// Work of the walk per row, and of a histogram per row and per cell, in
/// nanoseconds or so; only their ratio matters.
const WALK_ROW: usize = 6;
const HISTOGRAM_ROW: usize = 2;
const HISTOGRAM_CELL: usize = 2;

/// What is summed over the rows of a leaf.
pub(crate) trait Statistics: Copy + Default + Send + Sync {
    /// Whether the row was drawn.
    fn drawn(self) -> bool;

    fn add(&mut self, other: Self);

    fn less(self, other: Self) -> Self;

    /// `Σ v·G` and `Σ v²·W` of one leaf.
    fn parts(self, l2: f64) -> [f64; 2];
}

/// Sums of gradients and weights.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sums {
    pub(crate) gradient: f64,
    pub(crate) weight: f64,
}

impl Sums {
    pub(crate) fn times(self, factor: f64) -> Self {
        Self {
            gradient: self.gradient * factor,
            weight: self.weight * factor,
        }
    }

    /// `v = G/(W + λ)`
    pub(crate) fn value(self, l2: f64) -> f64 {
        if self.weight > 0.0 {
            self.gradient / (self.weight + l2)
        } else {
            0.0
        }
    }
}

impl Statistics for Sums {
    fn drawn(self) -> bool {
        self.weight > 0.0
    }

    fn add(&mut self, other: Self) {
        self.gradient += other.gradient;
        self.weight += other.weight;
    }

    fn less(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            weight: self.weight - other.weight,
        }
    }

    fn parts(self, l2: f64) -> [f64; 2] {
        let value = self.value(l2);
        [value * self.gradient, value * value * self.weight]
    }
}

/// Sums over the rows before others, which give the values, and over those
/// others, which judge them (ordered boosting).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Ordered {
    pub(crate) body: Sums,
    pub(crate) tail: Sums,
}

impl Statistics for Ordered {
    fn drawn(self) -> bool {
        self.body.drawn() || self.tail.drawn()
    }

    fn add(&mut self, other: Self) {
        self.body.add(other.body);
        self.tail.add(other.tail);
    }

    fn less(self, other: Self) -> Self {
        Self {
            body: self.body.less(other.body),
            tail: self.tail.less(other.tail),
        }
    }

    fn parts(self, l2: f64) -> [f64; 2] {
        let value = self.body.value(l2);
        [value * self.tail.gradient, value * value * self.tail.weight]
    }
}

/// `Σ v·G` and `Σ v²·W` over the two halves of a leaf.
fn halves<S: Statistics>(low: S, high: S, l2: f64) -> [f64; 2] {
    let (a, b) = (low.parts(l2), high.parts(l2));
    [a[0] + b[0], a[1] + b[1]]
}

/// The score of sums over all leaves.
pub(crate) fn finish(function: ScoreFunction, [numerator, denominator]: [f64; 2]) -> f64 {
    match function {
        ScoreFunction::L2 => numerator,
        ScoreFunction::Cosine => numerator / (denominator + NO_LENGTH).sqrt(),
    }
}

/// The rows of a level, as the scores need them.
#[derive(Debug)]
pub(crate) struct Level<'a, S> {
    /// `(n,)`, of every row; both zero where the row was not drawn.
    pub(crate) rows: &'a [S],
    /// `(n,)`, the leaf of every row; empty where only some leaves are looked at.
    pub(crate) leaf_of: &'a [u32],
    /// The drawn rows, leaf by leaf.
    pub(crate) by_leaf: &'a [u32],
    /// Sums of `by_leaf`, in its order.
    pub(crate) sorted: &'a [S],
    /// Where each leaf starts in `by_leaf`; one more entry than leaves.
    pub(crate) starts: &'a [usize],
    /// `(leaves,)`
    pub(crate) totals: &'a [S],
    /// `λ`
    pub(crate) l2: f64,
}

/// A leaf in the walk: what is below the border, and its part of the score.
#[derive(Debug, Clone, Copy)]
struct Half<S> {
    low: S,
    total: S,
    parts: [f64; 2],
}

/// Memory that is used again for every column.
#[derive(Debug, Default)]
pub(crate) struct Scratch<S> {
    bins: Vec<S>,
    leaves: Vec<Half<S>>,
    numerators: Vec<f64>,
    denominators: Vec<f64>,
}

impl<S: Statistics> Scratch<S> {
    /// Scores all borders of a column, by the sums over all `levels`.
    ///
    /// - returns: `(borders,)`, larger is better.
    pub(crate) fn scores(
        &mut self,
        levels: &[Level<S>],
        column: &Column,
        function: ScoreFunction,
    ) -> &[f64] {
        self.numerators.clear();
        self.numerators.resize(column.borders, 0.0);
        self.denominators.clear();
        self.denominators.resize(column.borders, 0.0);
        for level in levels {
            let cells = level.totals.len() * (column.borders + 1);
            let histogram = HISTOGRAM_ROW * level.by_leaf.len() + HISTOGRAM_CELL * cells;
            let walk = WALK_ROW * level.rows.len();
            if column.order.is_empty() || level.leaf_of.is_empty() || histogram < walk {
                self.histogram(level, column);
            } else {
                self.walk(level, column);
            }
        }
        let lengths = self.denominators.iter();
        for (score, &length) in self.numerators.iter_mut().zip(lengths) {
            *score = finish(function, [*score, length]);
        }
        &self.numerators
    }

    fn histogram(&mut self, level: &Level<S>, column: &Column) {
        for (leaf, &total) in level.totals.iter().enumerate() {
            let range = level.starts[leaf]..level.starts[leaf + 1];
            if range.is_empty() {
                continue;
            }
            self.bins.clear();
            self.bins.resize(column.borders + 1, S::default());
            let rows = &level.by_leaf[range.clone()];
            for (&row, &sums) in rows.iter().zip(&level.sorted[range]) {
                self.bins[usize::from(column.bins[row as usize])].add(sums);
            }
            let mut low = S::default();
            for sums in &mut self.bins {
                low.add(*sums);
                *sums = low;
            }
            let scores = self.numerators.iter_mut().zip(&mut self.denominators);
            for ((numerator, denominator), &low) in scores.zip(&self.bins) {
                let [n, d] = halves(low, total.less(low), level.l2);
                *numerator += n;
                *denominator += d;
            }
        }
    }

    fn walk(&mut self, level: &Level<S>, column: &Column) {
        let half = |&total: &S| Half {
            low: S::default(),
            total,
            parts: halves(S::default(), total, level.l2),
        };
        self.leaves.clear();
        self.leaves.extend(level.totals.iter().map(half));
        let mut sum = [0.0, 0.0];
        for leaf in &self.leaves {
            sum[0] += leaf.parts[0];
            sum[1] += leaf.parts[1];
        }
        for border in 0..column.borders {
            let range = column.starts[border] as usize..column.starts[border + 1] as usize;
            for &row in &column.order[range] {
                let leaf = &mut self.leaves[level.leaf_of[row as usize] as usize];
                leaf.low.add(level.rows[row as usize]);
                let parts = halves(leaf.low, leaf.total.less(leaf.low), level.l2);
                sum[0] += parts[0] - leaf.parts[0];
                sum[1] += parts[1] - leaf.parts[1];
                leaf.parts = parts;
            }
            self.numerators[border] += sum[0];
            self.denominators[border] += sum[1];
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn sums(gradient: f64, weight: f64) -> Sums {
        Sums { gradient, weight }
    }

    #[test]
    fn a_cosine_by_hand() {
        let column = Column::new(&[1.0, 2.0, 3.0], &[1.5, 2.5]);
        let rows = [sums(2.0, 1.0), sums(-1.0, 1.0), sums(-1.0, 1.0)];
        let level = Level {
            rows: &rows,
            leaf_of: &[0, 0, 0],
            by_leaf: &[0, 1, 2],
            sorted: &rows,
            starts: &[0, 3],
            totals: &[sums(0.0, 3.0)],
            l2: 1.0,
        };
        let mut scratch = Scratch::default();
        let levels = [level];
        let scores = scratch.scores(&levels, &column, ScoreFunction::Cosine);
        let first = scores[0];
        // Values 2/2 and -2/3 below and above the first border.
        let (n, d): (f64, f64) = (2.0 + 4.0 / 3.0, 1.0 + 2.0 * 4.0 / 9.0);
        assert_relative_eq!(first, n / d.sqrt());
        scratch.numerators = vec![0.0; 2];
        scratch.denominators = vec![0.0; 2];
        scratch.walk(&levels[0], &column);
        assert_relative_eq!(scratch.numerators[0], n, epsilon = 1e-14);
        assert_relative_eq!(scratch.denominators[0], d, epsilon = 1e-14);
    }
}
