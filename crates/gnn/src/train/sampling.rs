//! Which structures an epoch sees, and in which order.

use candle_core::{Device, Tensor};
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::state::{State, count};
use crate::Result;
use crate::batch::to_u32;

/// Mixed into the seed, so that shuffles and weights are different streams.
const SHUFFLES: u64 = 0x5eed_0f5f_ff1e;

/// Shuffles all structures, or draws so many of them.
#[derive(Debug)]
pub(super) struct Sampling {
    random: ChaCha8Rng,
    /// Of the last epoch; each is a shuffle of the one before.
    order: Vec<u32>,
    draws: Option<usize>,
    /// Where they are not all equal.
    chances: Option<WeightedIndex<f64>>,
}

impl Sampling {
    /// - `structures`: how many there are.
    /// - `draws`: how many an epoch sees, drawn with replacement; if not given, each
    ///   once.
    pub(super) fn new(structures: usize, draws: Option<usize>, seed: u64) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed ^ SHUFFLES),
            order: (0..to_u32(structures)).collect(),
            draws,
            chances: None,
        }
    }

    /// Structures of an epoch.
    pub(super) fn length(&self) -> usize {
        self.draws.unwrap_or(self.order.len())
    }

    /// Draws in proportion to weights, which are not negative; in equal shares, if all
    /// are zero.
    pub(super) fn weigh(&mut self, weights: &[f64]) {
        self.chances = WeightedIndex::new(weights).ok();
    }

    /// The structures of the next epoch.
    pub(super) fn next(&mut self) -> Vec<u32> {
        let Some(draws) = self.draws else {
            self.order.shuffle(&mut self.random);
            return self.order.clone();
        };
        let structures = self.order.len();
        let draw = |_| match &self.chances {
            Some(chances) => to_u32(chances.sample(&mut self.random)),
            None => to_u32(self.random.random_range(0..structures)),
        };
        (0..draws).map(draw).collect()
    }

    pub(super) fn keep(&self, state: &mut State) -> Result<()> {
        state.put_numbers("random", &[self.random.get_word_pos() as f64])?;
        state.put("order", [Tensor::new(self.order.as_slice(), &Device::Cpu)?]);
        Ok(())
    }

    pub(super) fn recall(&mut self, state: &mut State) -> Result<()> {
        let [word] = state.take_numbers("random")?;
        self.random.set_word_pos(count(word) as u128);
        let order = state.take_one("order", 0, &[self.order.len()])?;
        self.order = order.to_vec1()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_draws_every_epoch_has_each_structure_once() {
        let mut sampling = Sampling::new(20, None, 1);
        let (mut first, mut second) = (sampling.next(), sampling.next());
        assert_ne!(first, second);
        first.sort_unstable();
        second.sort_unstable();
        assert_eq!(first, (0..20).collect::<Vec<u32>>());
        assert_eq!(first, second);
    }

    #[test]
    fn draws_follow_the_weights() {
        let mut sampling = Sampling::new(3, Some(8000), 1);
        let counts = |drawn: Vec<u32>| [0, 1, 2].map(|i| drawn.iter().filter(|&&d| d == i).count());
        let equal = counts(sampling.next());
        // five standard deviations of a count of 8000 with a chance of a third
        let near = |count: usize, expected: f64| (count as f64 - expected).abs() < 220.0;
        assert!(equal.iter().all(|&n| near(n, 8000.0 / 3.0)), "{equal:?}");
        sampling.weigh(&[1.0, 0.0, 3.0]);
        let weighed = counts(sampling.next());
        assert_eq!(weighed[1], 0);
        assert!(near(weighed[2], 6000.0), "{weighed:?}");
    }
}
