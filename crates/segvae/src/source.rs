//! Formulas of an epoch: sampled from the network, decoded near good ones, and bred.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::{
    Grammar, Result, Settings, Trainer,
    breed::child,
    network::{Loss, Sampler, normal},
    train::batches,
};

/// A network on its way, and what it needs to write formulas.
pub(crate) struct Source<'a> {
    pub(crate) trainer: &'a mut Trainer,
    pub(crate) grammar: &'a Grammar,
    pub(crate) settings: &'a Settings,
    /// What the decoder is told of the data, `(condition,)`.
    pub(crate) told: &'a [f32],
}

impl Source<'_> {
    /// The token lists of an epoch, formulas or not.
    ///
    /// - `pool`: the formulas that were learnt from.
    pub(crate) fn sample(&mut self, pool: &[Vec<u8>], random: &mut ChaCha8Rng) -> Vec<Vec<u8>> {
        let (search, extras) = (&self.settings.search, &self.settings.extras);
        let codes = self.codes_near(pool, extras.neighbours, extras.neighbour_width, random);
        let sampler = Sampler::new(&self.trainer.network, self.grammar, self.told);
        let fresh = sampler.codes(search.n_formulas_to_sample, random);
        let mut formulas = sampler.decode(&fresh, search.max_len, random);
        formulas.extend(sampler.decode(&codes, search.max_len, random));
        if !pool.is_empty() {
            let bred = (0..extras.bred).map(|_| child(self.grammar, pool, random));
            formulas.extend(bred.filter(|formula| formula.len() <= search.max_len));
        }
        formulas
    }

    /// Codes in the neighbourhood of random ones of some formulas.
    ///
    /// - returns: `(count, latent)`; nothing without formulas.
    pub(crate) fn codes_near(
        &mut self,
        parents: &[Vec<u8>],
        count: usize,
        width: f64,
        random: &mut ChaCha8Rng,
    ) -> Vec<f32> {
        if parents.is_empty() || count == 0 {
            return Vec::new();
        }
        let chosen: Vec<Vec<u8>> = (0..count)
            .map(|_| parents[random.random_range(0..parents.len())].clone())
            .collect();
        let mut codes = Vec::new();
        let size = self.settings.training.batch_size;
        for batch in batches(self.grammar, &chosen, &[], size) {
            codes.extend(self.trainer.network.encode(&batch));
        }
        for number in &mut codes {
            #[expect(clippy::cast_possible_truncation, reason = "codes are f32")]
            let moved = (width * normal(random)) as f32;
            *number += moved;
        }
        codes
    }

    /// One pass over the formulas of the pool; nothing is learnt from none.
    ///
    /// # Errors
    ///
    /// [`Error::Diverged`](crate::Error::Diverged), with epoch 0.
    pub(crate) fn learn(&mut self, pool: &[Vec<u8>], random: &mut ChaCha8Rng) -> Result<Loss> {
        if pool.is_empty() {
            return Ok(Loss::default());
        }
        let training = &self.settings.training;
        let told = self.told.repeat(pool.len());
        let batches = batches(self.grammar, pool, &told, training.batch_size);
        self.trainer.epoch(&batches, training, random)
    }
}
