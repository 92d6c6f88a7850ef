//! What the terms so far have left for new ones of one level.

use std::sync::Arc;

/// `S = Mᵀ·P·M` and `t = Mᵀ·P·y`, with `M` the items of every structure and `P` the inverse
/// covariance of the target under the terms so far.
#[derive(Debug, Clone)]
pub(super) struct Left {
    pub(super) s: Quadratic,
    pub(super) t: Arc<[f64]>,
}

/// `S`.
#[derive(Debug, Clone)]
pub(super) enum Quadratic {
    /// `(items, items)`
    Whole(Arc<[f64]>),
    /// `Mᵀ·(W - Uᵀ·U)·M`, where that costs less: few groups are alike.
    Factored(Arc<Factored>),
}

/// The factors of `S`.
#[derive(Debug)]
pub(super) struct Factored {
    /// Item, structure and value of all that is in `M`.
    pub(super) entries: Vec<(usize, usize, f64)>,
    /// The diagonal `W`, `(structures,)`.
    pub(super) weights: Vec<f64>,
    /// `U`: rows of `(structures,)`.
    pub(super) rows: Vec<Vec<f64>>,
}

impl Quadratic {
    /// `(items, functions, channels)`: `Σ S(i, j)·f(k, j)` over the items `j` of a channel.
    ///
    /// - `f`: `(functions, items)`
    pub(super) fn products(&self, f: &[f64], channel: &[usize], channels: usize) -> Vec<f64> {
        let items = channel.len();
        let size = f.len() / items * channels;
        let mut products = vec![0.0; items * size];
        match self {
            Self::Whole(s) => {
                for (row, sums) in s.chunks(items).zip(products.chunks_mut(size)) {
                    for (f, sums) in f.chunks(items).zip(sums.chunks_mut(channels)) {
                        for ((s, f), &channel) in row.iter().zip(f).zip(channel) {
                            sums[channel] += s * f;
                        }
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
