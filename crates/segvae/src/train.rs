//! Teaching the network: a pass over formulas, and the first training on
//! random ones.

use std::ops::ControlFlow;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{
    Error, Grammar, Result, Settings, condition,
    library::library,
    network::{self, Adam, Batch, Loss, Network},
    settings::Training,
};

/// A network and the memory of its optimizer.
#[derive(Debug, Clone)]
pub struct Trainer {
    pub(crate) network: Network,
    pub(crate) adam: Adam,
}

/// Batches of formulas about equally long, the shortest first.
///
/// - `told`: `(formulas, condition)`, what the decoder is told of the data of each.
#[must_use]
pub fn batches(grammar: &Grammar, formulas: &[Vec<u8>], told: &[f32], size: usize) -> Vec<Batch> {
    let condition = told.len().checked_div(formulas.len()).unwrap_or(0);
    let mut sorted: Vec<usize> = (0..formulas.len()).collect();
    sorted.sort_by_key(|&index| formulas[index].len());
    let batch = |indices: &[usize]| {
        let tokens: Vec<&[u8]> = indices.iter().map(|&i| &formulas[i][..]).collect();
        let told = indices
            .iter()
            .flat_map(|&i| &told[i * condition..][..condition]);
        Batch::new(grammar, &tokens).told(told.copied().collect())
    };
    sorted.chunks(size).map(batch).collect()
}

impl Trainer {
    /// A network that knows nothing.
    #[must_use]
    pub fn new(grammar: &Grammar, settings: &Settings, seed: u64) -> Self {
        let network = Network::new(settings.shape(grammar), seed);
        let adam = Adam::new(network.parameters().len());
        Self { network, adam }
    }

    /// Weights and optimizer in the safetensors format, with the key of the
    /// settings.
    #[must_use]
    pub fn to_bytes(&self, settings: &Settings) -> Vec<u8> {
        network::to_bytes(&self.network, &self.adam, settings.pretraining_key())
    }

    /// Takes up a training that was saved.
    ///
    /// # Errors
    ///
    /// [`Error::Weights`] if it was for another grammar or other settings.
    pub fn from_bytes(settings: &Settings, bytes: &[u8]) -> Result<Self> {
        let grammar = Grammar::new(settings.words.clone())?;
        let shape = settings.shape(&grammar);
        let (network, adam) = network::from_bytes(shape, bytes, settings.pretraining_key())?;
        Ok(Self { network, adam })
    }

    /// Refuses a network of another shape than that of the settings.
    ///
    /// # Errors
    ///
    /// [`Error::Weights`].
    pub(crate) fn check(&self, settings: &Settings, grammar: &Grammar) -> Result<()> {
        if self.network.shape() == settings.shape(grammar) {
            return Ok(());
        }
        Err(Error::Weights {
            expected: settings.pretraining_key(),
            found: format!("a network of {:?}", self.network.shape()),
        })
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// One pass over all batches in random order.
    ///
    /// - returns: the mean loss of the batches.
    ///
    /// # Errors
    ///
    /// [`Error::Diverged`], with epoch 0.
    pub fn epoch(
        &mut self,
        batches: &[Batch],
        settings: &Training,
        random: &mut ChaCha8Rng,
    ) -> Result<Loss> {
        let mut order: Vec<usize> = (0..batches.len()).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, random.random_range(0..=last));
        }
        let mut sum = Loss::default();
        for index in order {
            let (loss, gradient) = self
                .network
                .learn(&batches[index], settings.kl_coef, random);
            if !loss.total(settings.kl_coef).is_finite() {
                return Err(Error::Diverged {
                    epoch: 0,
                    loss: loss.total(settings.kl_coef),
                });
            }
            let gradient = gradient.to_vec();
            let parameters = self.network.parameters_mut();
            self.adam.step(
                parameters,
                &gradient,
                settings.learning_rate,
                settings.betas,
            );
            add(&mut sum, loss);
        }
        Ok(mean(sum, batches.len()))
    }

    /// The mean loss of batches, without learning.
    pub fn evaluate(&mut self, batches: &[Batch], random: &mut ChaCha8Rng) -> Loss {
        let mut sum = Loss::default();
        for batch in batches {
            add(&mut sum, self.network.evaluate(batch, random));
        }
        mean(sum, batches.len())
    }
}

fn add(sum: &mut Loss, loss: Loss) {
    sum.reconstruction += loss.reconstruction;
    sum.divergence += loss.divergence;
}

fn mean(sum: Loss, count: usize) -> Loss {
    let count = count.max(1) as f64;
    Loss {
        reconstruction: sum.reconstruction / count,
        divergence: sum.divergence / count,
    }
}

/// What the decoder is told of a random formula's data.
fn told_of(
    grammar: &Grammar,
    formula: &[u8],
    polynomials: usize,
    random: &mut ChaCha8Rng,
) -> Vec<f32> {
    if polynomials == 0 {
        return Vec::new();
    }
    condition::of_formula(grammar, formula, polynomials, random)
}

/// A network that has learnt from random formulas.
///
/// - `watch`: is shown the epoch and the losses on formulas learnt from and on
///   others, and may break off.
///
/// # Errors
///
/// [`Error::Setting`], [`Error::Vocabulary`], [`Error::Word`], [`Error::Barren`] or
/// [`Error::Diverged`].
pub fn pretrain(
    settings: &Settings,
    seed: u64,
    watch: &mut dyn FnMut(usize, Loss, Loss) -> ControlFlow<()>,
) -> Result<Trainer> {
    settings.check()?;
    let grammar = Grammar::new(settings.words.clone())?;
    let predicate = settings.compile(&grammar)?;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let Training {
        train_size,
        val_size,
        batch_size,
        n_pretrain_steps,
        ..
    } = settings.training;
    let max_len = settings.search.max_len;
    let train = library(&grammar, &predicate, train_size, max_len, &mut random)?;
    let val = library(&grammar, &predicate, val_size, max_len, &mut random)?;
    let mut batched = |formulas: &[Vec<u8>]| {
        let told = |formula: &Vec<u8>| {
            told_of(&grammar, formula, settings.extras.polynomials, &mut random)
        };
        let told: Vec<f32> = formulas.iter().flat_map(told).collect();
        batches(&grammar, formulas, &told, batch_size)
    };
    let (train, val) = (batched(&train), batched(&val));
    let mut trainer = Trainer::new(&grammar, settings, seed);
    for epoch in 0..n_pretrain_steps {
        let learnt = trainer
            .epoch(&train, &settings.training, &mut random)
            .map_err(|error| match error {
                Error::Diverged { loss, .. } => Error::Diverged { epoch, loss },
                other => other,
            })?;
        let others = trainer.evaluate(&val, &mut random);
        if watch(epoch, learnt, others).is_break() {
            break;
        }
    }
    Ok(trainer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_learns_the_grammar() {
        let mut settings = Settings::default();
        settings.model.hidden_dim = 32;
        settings.model.token_embedding_dim = 32;
        settings.training.train_size = 2000;
        settings.training.val_size = 500;
        settings.training.n_pretrain_steps = 6;
        settings.training.learning_rate = 3e-3;
        settings.search.max_len = 9;
        let mut losses = Vec::new();
        let mut watch = |_, learnt: Loss, others: Loss| {
            losses.push((learnt.total(0.5), others.total(0.5)));
            ControlFlow::Continue(())
        };
        let trainer = pretrain(&settings, 1, &mut watch).unwrap();
        let again = pretrain(&settings, 1, &mut |_, _, _| ControlFlow::Continue(())).unwrap();
        assert_eq!(trainer.network.parameters(), again.network.parameters());
        assert!(losses[5].1 < 0.85 * losses[0].1, "{losses:?}");
        let grammar = Grammar::new(settings.words.clone()).unwrap();
        let sampler = crate::network::Sampler::new(&trainer.network, &grammar, &[]);
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let codes = sampler.codes(1000, &mut random);
        let formulas = sampler.decode(&codes, 9, &mut random);
        let valid = formulas.iter().filter(|f| grammar.is_formula(f)).count();
        // Without training about 30 are.
        assert!(valid > 100, "{valid}");
    }

    #[test]
    fn batches_are_sorted_by_length() {
        let grammar = Grammar::new(crate::grammar::Words::default()).unwrap();
        let formulas: Vec<Vec<u8>> = ["sin sin x1", "x1", "sin x1"]
            .iter()
            .map(|text| grammar.parse(text).unwrap())
            .collect();
        let batches = batches(&grammar, &formulas, &[0.0, 1.0, 2.0], 2);
        let sorted = [&formulas[1][..], &formulas[2][..]];
        let expected = Batch::new(&grammar, &sorted).told(vec![1.0, 2.0]);
        assert_eq!(batches[0], expected);
        assert_eq!(batches[1].size(), 1);
    }
}
