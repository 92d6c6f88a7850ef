//! A training in progress as data, in the safetensors format: the weights, all
//! that the optimizer remembers, the order of the structures and where the random
//! numbers stand. What goes on from it comes to the same bits.

use std::collections::HashMap;

use candle_core::{Device, Tensor};

use super::{Best, Trainer};
use crate::{Error, Result};

/// Tensors by name.
#[derive(Debug, Default)]
pub(super) struct State {
    tensors: HashMap<String, Tensor>,
}

impl State {
    /// Keeps a list.
    pub(super) fn put(&mut self, part: &str, list: impl IntoIterator<Item = Tensor>) {
        let named = list.into_iter().enumerate();
        let named = named.map(|(i, tensor)| (format!("{part}.{i}"), tensor));
        self.tensors.extend(named);
    }

    /// A list again: as many tensors as were kept, in the shapes of `like`.
    ///
    /// # Errors
    ///
    /// [`Error::Weights`], if it does not have these shapes.
    pub(super) fn take(&mut self, part: &str, like: &[Tensor]) -> Result<Vec<Tensor>> {
        let places = like.iter().enumerate();
        places
            .map(|(place, like)| self.take_one(part, place, like.dims()))
            .collect()
    }

    /// The tensor at this place of a list.
    pub(super) fn take_one(&mut self, part: &str, place: usize, shape: &[usize]) -> Result<Tensor> {
        let name = format!("{part}.{place}");
        match self.tensors.remove(&name) {
            Some(tensor) if tensor.dims() == shape => Ok(tensor),
            found => Err(Error::Weights {
                name,
                expected: shape.iter().product(),
                found: found.map_or(0, |tensor| tensor.elem_count()),
            }),
        }
    }

    /// Keeps numbers; counts up to 2⁵³ are exact.
    pub(super) fn put_numbers(&mut self, part: &str, numbers: &[f64]) -> Result<()> {
        self.put(part, [Tensor::new(numbers, &Device::Cpu)?]);
        Ok(())
    }

    pub(super) fn take_numbers<const N: usize>(&mut self, part: &str) -> Result<[f64; N]> {
        let numbers = self.take_one(part, 0, &[N])?.to_vec1()?;
        Ok(std::array::from_fn(|i| numbers[i]))
    }

    pub(super) fn has(&self, part: &str) -> bool {
        self.tensors.contains_key(&format!("{part}.0"))
    }
}

/// A count that was kept as a number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is not a count becomes one"
)]
pub(super) fn count(number: f64) -> usize {
    number as usize
}

impl Trainer<'_> {
    /// Everything that the rest of the training depends on.
    ///
    /// # Errors
    ///
    /// [`Error::Safetensors`] if the format refuses it.
    pub fn state(&self) -> Result<Vec<u8>> {
        let mut state = State::default();
        state.put("weights", self.trained.network().parameters().snapshot()?);
        state.put_numbers("progress", &[self.trained.epoch as f64])?;
        self.sampling.keep(&mut state)?;
        self.rate.keep(&mut state)?;
        self.optimizer.keep(&mut state)?;
        if let Some(average) = &self.average {
            average.keep(&mut state)?;
        }
        if let Some(best) = &self.best {
            state.put_numbers("best", &[best.error, best.epoch as f64])?;
            state.put("best-weights", best.weights.iter().cloned());
        }
        Ok(safetensors::serialize(&state.tensors, None)?)
    }

    /// Goes on from a state of the same training.
    ///
    /// # Errors
    ///
    /// [`Error::Weights`] and [`Error::Tensor`] if it is that of another; the
    /// trainer must then not be used.
    pub fn resume(&mut self, state: &[u8]) -> Result<()> {
        let tensors = candle_core::safetensors::load_buffer(state, &Device::Cpu)?;
        let mut state = State { tensors };
        let parameters = self.trained.network().parameters();
        let weights = parameters.snapshot()?;
        parameters.restore(&state.take("weights", &weights)?)?;
        let [epoch] = state.take_numbers("progress")?;
        self.trained.epoch = count(epoch);
        self.sampling.recall(&mut state)?;
        self.rate.recall(&mut state)?;
        self.optimizer.recall(&mut state)?;
        if let Some(average) = &mut self.average {
            average.recall(&mut state)?;
        }
        if state.has("best") {
            let [error, epoch] = state.take_numbers("best")?;
            self.best = Some(Best {
                error,
                epoch: count(epoch),
                weights: state.take("best-weights", &weights)?,
            });
        }
        Ok(())
    }
}
