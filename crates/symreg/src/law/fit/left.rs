//! What the terms so far have left for new ones of one level.

use std::sync::Arc;

use super::Model;
use crate::law::level::{Entry, Unique};

/// `S = Mᵀ·P·M` and `t = Mᵀ·P·y`, with `M` the items of every structure and `P` the inverse
/// covariance of the target under the terms so far.
#[derive(Debug, Clone)]
pub(in crate::law) struct Left {
    pub(in crate::law) s: Quadratic,
    pub(in crate::law) t: Arc<[f64]>,
}

/// `S`.
#[derive(Debug, Clone)]
pub(in crate::law) enum Quadratic {
    /// `(items, items)`
    Whole(Arc<[f64]>),
    /// `Mᵀ·(W - Uᵀ·U)·M`, where that costs less: few groups are alike.
    Factored(Arc<Factored>),
}

/// The factors of `S`.
#[derive(Debug)]
pub(in crate::law) struct Factored {
    /// Item, structure and value of all that is in `M`.
    entries: Vec<(usize, usize, f64)>,
    /// The diagonal `W`, `(structures,)`.
    weights: Vec<f64>,
    /// `U`: rows of `(structures,)`.
    rows: Vec<Vec<f64>>,
}

impl Quadratic {
    /// `(items, functions, channels)`: `Σ S(i, j)·f(k, j)` over the items `j` of a channel.
    ///
    /// - `f`: `(functions, items)`
    pub(in crate::law) fn products(
        &self,
        f: &[f64],
        channel: &[usize],
        channels: usize,
    ) -> Vec<f64> {
        let items = channel.len();
        let size = f.len() / items * channels;
        let mut products = vec![0.0; items * size];
        match self {
            Self::Whole(s) => {
                let columns = by_column(s, f, channel, channels);
                for (own, column) in columns.chunks(items).enumerate() {
                    for (sums, value) in products.chunks_mut(size).zip(column) {
                        sums[own] = *value;
                    }
                }
            }
            Self::Factored(factored) => {
                for (k, f) in f.chunks(items).enumerate() {
                    let columns = factored.by_structure(f, channel, channels);
                    for &(item, structure, value) in &factored.entries {
                        let own = &mut products[item * size + k * channels..][..channels];
                        for (sum, column) in own.iter_mut().zip(&columns) {
                            *sum += value * column[structure];
                        }
                    }
                }
            }
        }
        products
    }
}

/// `(functions, channels, items)`: the same of a symmetric `S`, which is read row by row.
fn by_column(s: &[f64], f: &[f64], channel: &[usize], channels: usize) -> Vec<f64> {
    let items = channel.len();
    let mut columns = vec![0.0; f.len() * channels];
    for (f, columns) in f.chunks(items).zip(columns.chunks_mut(items * channels)) {
        for ((row, f), channel) in s.chunks(items).zip(f).zip(channel) {
            let column = &mut columns[channel * items..][..items];
            for (sum, s) in column.iter_mut().zip(row) {
                *sum += s * f;
            }
        }
    }
    columns
}

impl Factored {
    /// `P·M·f` of the items of every channel, each `(structures,)`.
    fn by_structure(&self, f: &[f64], channel: &[usize], channels: usize) -> Vec<Vec<f64>> {
        let mut columns = vec![vec![0.0; self.weights.len()]; channels];
        for &(item, structure, value) in &self.entries {
            columns[channel[item]][structure] += value * f[item];
        }
        for column in &mut columns {
            let mut left: Vec<f64> = column
                .iter()
                .zip(&self.weights)
                .map(|(x, w)| x * w)
                .collect();
            for row in &self.rows {
                let along = crate::least_squares::dot(row, column);
                for (left, u) in left.iter_mut().zip(row) {
                    *left -= along * u;
                }
            }
            *column = left;
        }
        columns
    }
}

impl Model<'_> {
    /// What is left for a new term of a level.
    pub(in crate::law) fn left(&self, level: usize) -> Left {
        let unique = &self.data.uniques[level];
        let whole = unique.len().pow(2);
        let factored = 2 * self.data.channels[level] * self.data.rows() * self.columns().len();
        if unique.is_grouped() && factored < whole {
            return self.left_by_structure(unique);
        }
        let (s, t) = self.left_by_item(unique);
        Left {
            s: Quadratic::Whole(s.into()),
            t: t.into(),
        }
    }

    fn left_by_structure(&self, unique: &Unique) -> Left {
        let weights: Vec<f64> = self.weights.iter().map(|w| w / self.variance).collect();
        let mut t = vec![0.0; unique.len()];
        let entry = |e: &Entry| {
            let structure = self.data.members[e.member];
            let value = e.count * self.shares[e.member];
            t[e.item] += value * weights[structure] * self.residual[structure];
            (e.item, structure, value)
        };
        let entries = unique.entries.iter().map(entry).collect();
        let columns = self.columns();
        let mut rows = vec![vec![0.0; weights.len()]; columns.len()];
        for (structure, weight) in weights.iter().enumerate() {
            let mut line: Vec<f64> = columns.iter().map(|c| c[structure] * weight).collect();
            if let Some(precision) = &self.precision {
                precision.forward(&mut line);
            }
            for (row, value) in rows.iter_mut().zip(line) {
                row[structure] = value;
            }
        }
        let factored = Factored {
            entries,
            weights,
            rows,
        };
        Left {
            s: Quadratic::Factored(Arc::new(factored)),
            t: t.into(),
        }
    }

    /// `S` and `t`.
    fn left_by_item(&self, unique: &Unique) -> (Vec<f64>, Vec<f64>) {
        let (members, count) = (&self.data.members, unique.len());
        let scaled: Vec<f64> = self.weights.iter().map(|w| w / self.variance).collect();
        let share = |e: &Entry| e.count * self.shares[e.member];
        let mut t = vec![0.0; count];
        let mut s = vec![0.0; count * count];
        let alike = |a: &Entry, b: &Entry| members[a.member] == members[b.member];
        for own in unique.entries.chunk_by(alike) {
            let row = members[own[0].member];
            let weight = scaled[row];
            for a in own {
                t[a.item] += share(a) * weight * self.residual[row];
                for b in own {
                    s[a.item * count + b.item] += share(a) * share(b) * weight;
                }
            }
        }
        let mut z: Vec<Vec<f64>> = self
            .columns()
            .into_iter()
            .map(|column| {
                let mut row = vec![0.0; count];
                for e in &unique.entries {
                    let structure = members[e.member];
                    row[e.item] += share(e) * scaled[structure] * column[structure];
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

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// Five items in three structures, one of which is in two.
    #[test]
    fn factors_are_the_whole() {
        let factored = Factored {
            entries: vec![
                (0, 0, 1.0),
                (1, 0, 2.0),
                (1, 1, 1.0),
                (2, 1, 0.5),
                (3, 2, 1.5),
                (4, 2, 1.0),
            ],
            weights: vec![2.0, 1.0, 3.0],
            rows: vec![vec![0.4, -0.2, 0.5], vec![0.1, 0.7, 0.3]],
        };
        let p = |a: usize, b: usize| {
            let low: f64 = factored.rows.iter().map(|u| u[a] * u[b]).sum();
            if a == b {
                factored.weights[a] - low
            } else {
                -low
            }
        };
        let mut whole = vec![0.0; 25];
        for &(i, a, x) in &factored.entries {
            for &(j, b, y) in &factored.entries {
                whole[i * 5 + j] += x * p(a, b) * y;
            }
        }
        let f: Vec<f64> = (0..10).map(|i| (0.9 * f64::from(i)).sin()).collect();
        let channel = [0, 1, 1, 0, 1];
        let expected = Quadratic::Whole(whole.into()).products(&f, &channel, 2);
        let found = Quadratic::Factored(Arc::new(factored)).products(&f, &channel, 2);
        assert_eq!(found.len(), 20);
        for (found, expected) in found.iter().zip(&expected) {
            assert_relative_eq!(found, expected, epsilon = 1e-12);
        }
    }
}
