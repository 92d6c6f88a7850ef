//! The formulas that the network learns from.

use std::collections::{HashSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::settings::{Search, Strategy};

/// A formula and its rank, by which the smaller is the better.
pub type Graded = (Vec<u8>, f64);

/// What formulas are ranked by: the error alone, or, if complexity has a cost,
/// `n/2 ln MSE` and that cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ranking {
    /// Of a unit of complexity, in nats.
    pub(crate) cost: f64,
    /// `n`
    pub(crate) rows: usize,
}

impl Ranking {
    /// Grows with the error.
    ///
    /// - `error`: mean squared.
    pub(crate) fn rank(self, error: f64, complexity: usize) -> f64 {
        if self.cost == 0.0 {
            return error;
        }
        let nats = 0.5 * self.rows as f64 * error.max(f64::MIN_POSITIVE).ln();
        nats + self.cost * complexity as f64
    }
}

/// Formulas that were good enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    /// Of each of the last epochs; all in one for the queue.
    epochs: VecDeque<Vec<Graded>>,
}

impl Pool {
    /// No formulas yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            epochs: VecDeque::new(),
        }
    }

    /// Takes the best of an epoch.
    ///
    /// By percentile, the threshold is that of the errors of this epoch and of those
    /// kept from the epochs before; formulas strictly below it are kept, for a given
    /// number of epochs, and may be in the pool more than once. In the queue are
    /// the best formulas of all epochs, each once.
    pub fn take(&mut self, graded: Vec<Graded>, settings: &Search) {
        match settings.strategy {
            Strategy::Percentile => {
                while self.epochs.len() >= settings.use_n_last_steps {
                    self.epochs.pop_front();
                }
                let kept = self.epochs.iter().flatten();
                let errors: Vec<f64> = graded.iter().chain(kept).map(|(_, error)| *error).collect();
                let threshold = percentile(errors, settings.percentile);
                let best = graded.into_iter().filter(|(_, error)| *error < threshold);
                self.epochs.push_back(best.collect());
            }
            Strategy::Queue => {
                let mut all: Vec<Graded> = self.epochs.drain(..).flatten().chain(graded).collect();
                all.sort_by(|a, b| a.1.total_cmp(&b.1));
                let mut seen = HashSet::new();
                all.retain(|(formula, _)| seen.insert(formula.clone()));
                all.truncate(settings.queue_size);
                self.epochs.push_back(all);
            }
        }
    }

    /// The rank below which a formula may come into the pool; infinite where that
    /// depends on the others of its epoch.
    #[must_use]
    pub fn to_beat(&self, settings: &Search) -> f64 {
        let queue = match settings.strategy {
            Strategy::Percentile => None,
            Strategy::Queue => self.epochs.back(),
        };
        let full = queue.filter(|queue| queue.len() >= settings.queue_size);
        let worst = full.and_then(|queue| queue.last());
        worst.map_or(f64::INFINITY, |(_, error)| *error)
    }

    /// Replaces the formulas of the last epoch by shorter ones.
    pub(crate) fn shorten(&mut self, shorter: impl Fn(&[u8]) -> Option<Vec<u8>>) {
        for (formula, _) in self.epochs.back_mut().into_iter().flatten() {
            if let Some(short) = shorter(formula) {
                *formula = short;
            }
        }
    }

    /// All formulas of the pool, those of the oldest epoch first.
    #[must_use]
    pub fn formulas(&self) -> Vec<Vec<u8>> {
        self.epochs
            .iter()
            .flatten()
            .map(|(formula, _)| formula.clone())
            .collect()
    }
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

/// The value below which so many percent lie, interpolated linearly between
/// neighbours; infinite for no values.
fn percentile(mut values: Vec<f64>, percent: f64) -> f64 {
    if values.is_empty() {
        return f64::INFINITY;
    }
    values.sort_by(f64::total_cmp);
    let place = percent / 100.0 * (values.len() - 1) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not negative"
    )]
    let below = place.floor() as usize;
    let above = (below + 1).min(values.len() - 1);
    let (low, high) = (values[below], values[above]);
    low + (place - place.floor()) * (high - low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_e_fold_of_the_error_is_worth_half_the_rows_in_nats() {
        let plain = Ranking {
            cost: 0.0,
            rows: 20,
        };
        assert_eq!(plain.rank(0.3, 9), 0.3);
        let sparing = Ranking {
            cost: 2.0,
            rows: 20,
        };
        let gain = sparing.rank(1.0, 5) - sparing.rank((-1.0_f64).exp(), 5);
        approx::assert_relative_eq!(gain, 10.0, max_relative = 1e-12);
        // five units of complexity cost as much
        approx::assert_relative_eq!(sparing.rank(1.0, 5), sparing.rank((-1.0_f64).exp(), 10));
        assert!(sparing.rank(0.0, 1).is_finite());
    }

    fn graded(errors: &[u8]) -> Vec<Graded> {
        errors.iter().map(|&e| (vec![e], e.into())).collect()
    }

    #[test]
    fn percentiles_by_hand() {
        // numpy.percentile([1, 2, 3, 4], 30) = 1.9
        approx::assert_relative_eq!(percentile(vec![4.0, 1.0, 3.0, 2.0], 30.0), 1.9);
        assert_eq!(percentile(vec![5.0], 5.0), 5.0);
        assert_eq!(percentile(vec![], 5.0), f64::INFINITY);
    }

    #[test]
    fn a_full_queue_says_what_is_to_be_beaten() {
        let mut settings = Search {
            strategy: Strategy::Queue,
            queue_size: 2,
            ..Search::default()
        };
        let mut pool = Pool::new();
        pool.take(graded(&[4]), &settings);
        assert_eq!(pool.to_beat(&settings), f64::INFINITY);
        pool.take(graded(&[1, 3]), &settings);
        assert_eq!(pool.to_beat(&settings), 3.0);
        settings.strategy = Strategy::Percentile;
        assert_eq!(pool.to_beat(&settings), f64::INFINITY);
    }

    #[test]
    fn the_last_epochs_are_kept_and_count_for_the_threshold() {
        let settings = Search {
            percentile: 50.0,
            use_n_last_steps: 2,
            ..Search::default()
        };
        let mut pool = Pool::new();
        pool.take(graded(&[1, 2, 3, 4]), &settings);
        assert_eq!(pool.formulas(), [[1], [2]]);
        // of 1, 2, 5, 6, 7 the half lies at 5
        pool.take(graded(&[5, 6, 7]), &settings);
        assert_eq!(pool.formulas(), [[1], [2]]);
        // the first epoch is forgotten
        pool.take(graded(&[8, 9]), &settings);
        assert_eq!(pool.formulas(), [[8]]);
    }

    #[test]
    fn the_queue_keeps_the_best_of_all_once() {
        let settings = Search {
            strategy: Strategy::Queue,
            queue_size: 3,
            ..Search::default()
        };
        let mut pool = Pool::new();
        pool.take(graded(&[4, 2]), &settings);
        pool.take(graded(&[3, 2, 9]), &settings);
        assert_eq!(pool.formulas(), [[2], [3], [4]]);
    }
}
