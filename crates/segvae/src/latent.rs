//! A walk through the codes, downhill.
//!
//! A code says a formula, a formula has an error: the error is a function of the
//! code, flat in places and with steps between them, since many codes say the same
//! formula. An evolution strategy needs no slope of it. This one learns one width
//! for each direction of the code (Ros & Hansen, *A simple modification in CMA-ES
//! achieving linear time and space complexity*, PPSN X, 2008); names of its numbers
//! are theirs.

use rand_chacha::ChaCha8Rng;

use crate::network::normals;

/// An evolution strategy on its way.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    mean: Vec<f64>,
    /// `σ`, the width of all directions.
    width: f64,
    /// The diagonal of `C`.
    spread: Vec<f64>,
    width_path: Vec<f64>,
    spread_path: Vec<f64>,
    rates: Rates,
    /// The last generation in units of `σ √C`, `(λ, latent)`.
    asked: Vec<f64>,
}

/// The strategy's constants for a number of dimensions.
#[derive(Debug, Clone)]
struct Rates {
    /// Of the better half; their sum is 1.
    weights: Vec<f64>,
    /// `μ_eff`, how many formulas the weights are worth.
    effective: f64,
    width_path: f64,
    damping: f64,
    spread_path: f64,
    rank_one: f64,
    rank_all: f64,
    /// `E‖N(0, I)‖`
    expected: f64,
}

impl Rates {
    fn new(dimensions: usize, offspring: usize) -> Self {
        let n = dimensions as f64;
        let half = offspring / 2;
        let raw: Vec<f64> = (1..=half)
            .map(|rank| (half as f64 + 0.5).ln() - (rank as f64).ln())
            .collect();
        let sum: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|w| w / sum).collect();
        let effective = 1.0 / weights.iter().map(|w| w * w).sum::<f64>();
        let width_path = (effective + 2.0) / (n + effective + 3.0);
        // of the full matrix, times what a diagonal one may learn faster
        let faster = (n + 2.0) / 3.0;
        let rank_one = faster * 2.0 / ((n + 1.3).powi(2) + effective);
        let rank_all =
            faster * 2.0 * (effective - 2.0 + 1.0 / effective) / ((n + 2.0).powi(2) + effective);
        Self {
            width_path,
            damping: 1.0
                + width_path
                + 2.0 * (((effective - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0),
            spread_path: 4.0 / (n + 4.0),
            rank_one: rank_one.min(1.0),
            rank_all: rank_all.min(1.0 - rank_one.min(1.0)),
            expected: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
            weights,
            effective,
        }
    }
}

impl Walk {
    /// A walk from a code.
    ///
    /// - `width`: standard deviation of the first steps.
    pub(crate) fn new(start: &[f32], width: f64) -> Self {
        let dimensions = start.len();
        Self {
            mean: start.iter().map(|&x| f64::from(x)).collect(),
            width,
            spread: vec![1.0; dimensions],
            width_path: vec![0.0; dimensions],
            spread_path: vec![0.0; dimensions],
            rates: Rates::new(dimensions, offspring(dimensions)),
            asked: Vec::new(),
        }
    }

    /// The codes of the next generation.
    ///
    /// - returns: `(λ, latent)`
    pub(crate) fn ask(&mut self, random: &mut ChaCha8Rng) -> Vec<f32> {
        let dimensions = self.mean.len();
        self.asked = normals(offspring(dimensions) * dimensions, random).collect();
        let steps = self.asked.chunks_exact(dimensions);
        steps.flat_map(|step| self.place(step)).collect()
    }

    /// The code a step in units of `σ √C` away from the mean.
    fn place<'a>(&'a self, step: &'a [f64]) -> impl Iterator<Item = f32> + 'a {
        let directions = self.mean.iter().zip(&self.spread).zip(step);
        directions.map(|((mean, spread), z)| {
            let place = mean + self.width * spread.sqrt() * z;
            #[expect(clippy::cast_possible_truncation, reason = "codes are f32")]
            let narrow = place as f32;
            narrow
        })
    }

    /// Moves to where the last generation was best, unless all of it is worth the
    /// same.
    ///
    /// - `errors`: `(λ,)`, infinite for codes that say no formula.
    pub(crate) fn tell(&mut self, errors: &[f64]) {
        let mut order: Vec<usize> = (0..errors.len()).collect();
        order.sort_by(|&a, &b| errors[a].total_cmp(&errors[b]));
        let worst = order.last().map_or(f64::INFINITY, |&last| errors[last]);
        if order.first().is_none_or(|&first| errors[first] >= worst) {
            return;
        }
        let dimensions = self.mean.len();
        let rates = &self.rates;
        let better: Vec<(f64, &[f64])> = rates
            .weights
            .iter()
            .zip(&order)
            .map(|(&weight, &i)| (weight, &self.asked[i * dimensions..][..dimensions]))
            .collect();
        let keep = (rates.width_path * (2.0 - rates.width_path) * rates.effective).sqrt();
        let keep_spread = (rates.spread_path * (2.0 - rates.spread_path) * rates.effective).sqrt();
        for k in 0..dimensions {
            let step: f64 = better.iter().map(|(weight, z)| weight * z[k]).sum();
            let squares: f64 = better.iter().map(|(weight, z)| weight * z[k] * z[k]).sum();
            let root = self.spread[k].sqrt();
            self.mean[k] += self.width * root * step;
            self.width_path[k] = (1.0 - rates.width_path) * self.width_path[k] + keep * step;
            self.spread_path[k] =
                (1.0 - rates.spread_path) * self.spread_path[k] + keep_spread * root * step;
            self.spread[k] *= 1.0 - rates.rank_one - rates.rank_all + rates.rank_all * squares;
            self.spread[k] += rates.rank_one * self.spread_path[k].powi(2);
        }
        let length = self.width_path.iter().map(|p| p * p).sum::<f64>().sqrt();
        let too_long = length / rates.expected - 1.0;
        self.width *= (rates.width_path / rates.damping * too_long).exp();
    }
}

/// `λ`, formulas of a generation.
fn offspring(dimensions: usize) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive number"
    )]
    let more = (3.0 * (dimensions as f64).ln()) as usize;
    4 + more
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    /// Steps until the best of a generation is below 1e-6.
    fn steps(mut walk: Walk, error: impl Fn(&[f32]) -> f64) -> usize {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        for step in 1..2_000 {
            let codes = walk.ask(&mut random);
            let errors: Vec<f64> = codes.chunks_exact(8).map(&error).collect();
            if errors.iter().any(|&error| error < 1e-6) {
                return step;
            }
            walk.tell(&errors);
        }
        panic!("not found");
    }

    #[test]
    fn the_bottom_of_a_bowl_is_found_also_of_a_long_one() {
        let squares = |codes: &[f32], stretch: f64| -> f64 {
            let terms = codes.iter().enumerate();
            terms
                .map(|(k, &x)| stretch.powf(k as f64 / 7.0) * f64::from(x - 1.0).powi(2))
                .sum()
        };
        let round = steps(Walk::new(&[3.0; 8], 0.5), |x| squares(x, 1.0));
        let long = steps(Walk::new(&[3.0; 8], 0.5), |x| squares(x, 1e4));
        assert!(round < 150, "{round}");
        assert!(long < 600, "{long}");
    }

    #[test]
    fn a_flat_generation_moves_nothing() {
        let mut walk = Walk::new(&[0.5; 8], 0.1);
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let before = walk.mean.clone();
        let count = walk.ask(&mut random).len() / 8;
        assert_eq!(count, offspring(8));
        walk.tell(&vec![f64::INFINITY; count]);
        assert_eq!(walk.mean, before);
        assert_eq!(walk.width, 0.1);
    }
}
