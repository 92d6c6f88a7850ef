//! Ordered boosting.
//!
//! A gradient taken at a model that was fitted to its own row is too small: it
//! is *shifted*. Here the rows stand in a random order, which is cut into
//! prefixes, each about twice as long as the one before. Every prefix has a
//! model of its own whose leaves are fitted to its *body*; the *tail*, the rows
//! between its body and the next one's, is judged by that model, which has not
//! seen it. All models share the trees' splits.
//!
//! # Invariants
//!
//! Every row but the first few is in one tail; the first are in the body of the
//! first prefix, and stand in for a tail where a gradient is needed.
//!
//! The method is algorithm 2 of Prokhorenkova et al. 2018, arXiv:1706.09516,
//! with prefixes instead of a model per row as in their section 5.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::grow::Part;
use crate::leaf::{LeafProblem, LeafRule, leaf_values};
use crate::score::{Ordered, Sums};
use crate::settings::{Loss, Settings};

/// Some orders of the rows.
#[derive(Debug)]
pub(crate) struct Orders(Vec<Order>);

/// An order of the rows and its prefixes.
#[derive(Debug)]
pub(crate) struct Order {
    /// The row at each place.
    rows: Vec<u32>,
    /// By place.
    targets: Vec<f64>,
    /// By place.
    weights: Vec<f64>,
    prefixes: Vec<Prefix>,
}

/// A prefix: places `0..body` fit its model, `body..tail` are judged by it.
#[derive(Debug)]
struct Prefix {
    body: usize,
    tail: usize,
    /// `(tail,)`, by place.
    predictions: Vec<f64>,
}

impl Orders {
    /// Shuffles the rows `permutation_count - 1` times, at least once.
    pub(crate) fn new(
        settings: &Settings,
        targets: &[f64],
        weights: &[f64],
        bias: f64,
        random: &mut ChaCha8Rng,
    ) -> Self {
        let count = settings.permutation_count.saturating_sub(1).max(1);
        let growth = settings.fold_len_multiplier;
        let order = |_| Order::new(targets, weights, bias, growth, random);
        Self((0..count).map(order).collect())
    }

    /// One of the orders.
    pub(crate) fn draw(&self, random: &mut ChaCha8Rng) -> &Order {
        &self.0[below(self.0.len(), random)]
    }

    /// Adds a tree to the models of all prefixes.
    pub(crate) fn add(&mut self, rule: LeafRule, leaf_of: &[u32], leaves: usize, rate: f64) {
        for order in &mut self.0 {
            order.add(rule, leaf_of, leaves, rate);
        }
    }
}

impl Order {
    fn new(
        targets: &[f64],
        weights: &[f64],
        bias: f64,
        growth: f64,
        random: &mut ChaCha8Rng,
    ) -> Self {
        let rows = shuffled(targets.len(), random);
        let by_place = |of: &[f64]| rows.iter().map(|&row| of[row as usize]).collect();
        let prefixes = cuts(rows.len(), growth).into_iter();
        let prefixes = prefixes.map(|(body, tail)| Prefix {
            body,
            tail,
            predictions: vec![bias; tail],
        });
        Self {
            targets: by_place(targets),
            weights: by_place(weights),
            prefixes: prefixes.collect(),
            rows,
        }
    }

    /// The gradient of every row at the model that judges it, times its weight;
    /// `(n,)`, by row.
    pub(crate) fn gradients(&self, loss: Loss) -> Vec<f64> {
        let mut gradients = vec![0.0; self.rows.len()];
        let mut start = 0;
        for prefix in &self.prefixes {
            for place in start..prefix.tail {
                let row = self.rows[place] as usize;
                gradients[row] = self.gradient(loss, prefix, place);
            }
            start = prefix.tail;
        }
        gradients
    }

    /// The mean square of the gradients in the tails.
    pub(crate) fn mean_square(&self, gradients: &[f64]) -> f64 {
        let first = self.prefixes[0].body.min(self.rows.len() - 1);
        let tails = &self.rows[first..];
        let squares = tails.iter().map(|&row| gradients[row as usize].powi(2));
        squares.sum::<f64>() / tails.len() as f64
    }

    fn gradient(&self, loss: Loss, prefix: &Prefix, place: usize) -> f64 {
        let gradient = loss.gradient(self.targets[place], prefix.predictions[place]);
        self.weights[place] * gradient
    }

    /// What the scores of splits are made of: the bodies give the values, the
    /// tails, with the drawn weights, judge them.
    ///
    /// - `l2`: `λ` per mean weight of a row.
    /// - `drawn`: `(n,)`, by row; rows of weight 0 are left out.
    pub(crate) fn parts(&self, loss: Loss, l2: f64, drawn: &[f64]) -> Vec<Part<Ordered>> {
        let part = |prefix: &Prefix| {
            let mut rows = vec![Ordered::default(); drawn.len()];
            for place in 0..prefix.tail {
                let row = self.rows[place] as usize;
                let sums = Sums {
                    gradient: self.gradient(loss, prefix, place),
                    weight: self.weights[place],
                };
                if place >= prefix.body {
                    rows[row].tail = sums.times(drawn[row]);
                } else if drawn[row] > 0.0 {
                    rows[row].body = sums;
                }
            }
            let weight: f64 = self.weights[..prefix.body].iter().sum();
            let l2 = l2 * (weight / prefix.body as f64);
            Part { rows, l2 }
        };
        self.prefixes.iter().map(part).collect()
    }

    fn add(&mut self, rule: LeafRule, leaf_of: &[u32], leaves: usize, rate: f64) {
        let leaf_of = self.rows.iter().map(|&row| leaf_of[row as usize]);
        let leaf_of: Vec<u32> = leaf_of.collect();
        for prefix in &mut self.prefixes {
            let problem = LeafProblem {
                rule,
                targets: &self.targets[..prefix.body],
                weights: &self.weights[..prefix.body],
                predictions: &prefix.predictions[..prefix.body],
            };
            let values = leaf_values(&problem, &leaf_of[..prefix.body], leaves);
            for (prediction, &leaf) in prefix.predictions.iter_mut().zip(&leaf_of) {
                *prediction += rate * values[leaf as usize];
            }
        }
    }
}

/// Bodies and tails of the prefixes of `rows` rows.
///
/// The first body is a fiftieth of the rows, at most 100; 1 of few rows.
fn cuts(rows: usize, growth: f64) -> Vec<(usize, usize)> {
    let mut body = if rows > 500 { (rows / 50).min(100) } else { 1 };
    let mut cuts = Vec::new();
    while cuts.is_empty() || body < rows {
        let tail = longer(body, growth).min(rows);
        cuts.push((body, tail));
        body = tail;
    }
    cuts
}

/// `⌈body·growth⌉`, and at least one more.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and the growth is above 1"
)]
fn longer(body: usize, growth: f64) -> usize {
    ((body as f64 * growth).ceil() as usize).max(body + 1)
}

/// A random order of rows (Fisher & Yates).
fn shuffled(rows: usize, random: &mut ChaCha8Rng) -> Vec<u32> {
    let mut order: Vec<u32> = (0_u32..).take(rows).collect();
    for last in (1..rows).rev() {
        order.swap(last, below(last + 1, random));
    }
    order
}

/// A random number below another.
fn below(bound: usize, random: &mut ChaCha8Rng) -> usize {
    let wide = u128::from(random.next_u64()) * bound as u128;
    usize::try_from(wide >> 64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn prefixes_double() {
        assert_eq!(cuts(5, 2.0), [(1, 2), (2, 4), (4, 5)]);
        assert_eq!(cuts(1, 2.0), [(1, 1)]);
        assert_eq!(cuts(1000, 8.0), [(20, 160), (160, 1000)]);
    }

    #[test]
    fn an_order_has_every_row_once() {
        let mut order = shuffled(100, &mut ChaCha8Rng::seed_from_u64(5));
        assert_ne!(order[..10], (0..10).collect::<Vec<u32>>());
        order.sort_unstable();
        assert_eq!(order, (0..100).collect::<Vec<u32>>());
    }

    #[test]
    fn a_row_is_judged_by_one_prefix() {
        let settings = Settings::default();
        let targets: Vec<f64> = (0..50).map(f64::from).collect();
        let mut random = ChaCha8Rng::seed_from_u64(0);
        let orders = Orders::new(&settings, &targets, &[1.0; 50], 1.0, &mut random);
        let parts = orders.draw(&mut random).parts(Loss::Rmse, 3.0, &[1.0; 50]);
        let judged = |row: usize| {
            parts
                .iter()
                .filter(move |part| part.rows[row].tail.weight > 0.0)
        };
        let counts: Vec<usize> = (0..50).map(|row| judged(row).count()).collect();
        assert_eq!(counts.iter().sum::<usize>(), 49);
        assert!(counts.iter().all(|count| *count <= 1));
    }
}
