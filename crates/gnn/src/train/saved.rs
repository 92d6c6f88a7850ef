//! A trained network as data: a plain description, and its numbers in the
//! safetensors format.
//!
//! What is written is what was trained, bit by bit, so that a network that was
//! loaded predicts the same bits. Which files the two parts are in is known to
//! the caller.

use std::collections::HashSet;

use candle_core::{DType, Tensor};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};

use super::trained::{Scale, Trained};
use crate::network::NetworkConfig;
use crate::{Error, Result};

/// What a trained network is, but for its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Mean of the training targets, in their unit.
    pub mean: f64,
    /// Their standard deviation.
    pub spread: f64,
    /// The epoch that the numbers are from, counted from 1.
    pub epoch: usize,
    /// The network.
    pub network: NetworkConfig,
}

impl Trained {
    /// All but the numbers.
    #[must_use]
    pub fn description(&self) -> Description {
        Description {
            mean: self.scale().mean(),
            spread: self.scale().spread(),
            epoch: self.epoch(),
            network: self.config().clone(),
        }
    }

    /// The numbers, as a safetensors file of `f32` tensors under their names.
    ///
    /// # Errors
    ///
    /// [`Error::Safetensors`] if the format refuses them.
    pub fn weights(&self) -> Result<Vec<u8>> {
        let tensors: Vec<(&str, Vec<usize>, Vec<u8>)> = self
            .network()
            .parameters()
            .iter()
            .map(|(name, var)| {
                let numbers = var.flatten_all()?.to_vec1::<f32>()?;
                let bytes = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
                Ok((name, var.dims().to_vec(), bytes))
            })
            .collect::<Result<_>>()?;
        let views: Vec<(&str, TensorView<'_>)> = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                let view = TensorView::new(Dtype::F32, shape.clone(), bytes)?;
                Ok((*name, view))
            })
            .collect::<Result<_>>()?;
        Ok(safetensors::serialize(views, None)?)
    }

    /// Puts the two together again.
    ///
    /// # Errors
    ///
    /// [`Error::Safetensors`] if the weights are not in that format;
    /// [`Error::Weights`] if one is missing, has another size, or belongs to no
    /// parameter; [`Error::Setting`] for a setting out of its range.
    pub fn load(description: &Description, weights: &[u8]) -> Result<Self> {
        let scale = Scale::stored(description.mean, description.spread)?;
        let network = description.network.build(0, DType::F32)?;
        let file = SafeTensors::deserialize(weights)?;
        let mut unknown: HashSet<&str> = file.names().into_iter().collect();
        for (name, var) in network.parameters().iter() {
            let refuse = |found| Error::Weights {
                name: name.to_owned(),
                expected: var.elem_count(),
                found,
            };
            if !unknown.remove(name) {
                return Err(refuse(0));
            }
            let stored = file.tensor(name)?;
            if stored.dtype() != Dtype::F32 || stored.shape() != var.dims() {
                return Err(refuse(stored.shape().iter().product()));
            }
            let numbers: Vec<f32> = stored
                .data()
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect();
            var.set(&Tensor::from_vec(numbers, var.dims(), var.device())?)?;
        }
        if let Some(name) = unknown.into_iter().min() {
            return Err(Error::Weights {
                name: name.to_owned(),
                expected: 0,
                found: file.tensor(name)?.shape().iter().product(),
            });
        }
        let mut trained = Self::new(description.network.clone(), network, scale);
        trained.epoch = description.epoch;
        Ok(trained)
    }
}
