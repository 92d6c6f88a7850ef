//! How to train: everything but the network and the data.

use candle_core::Tensor;

use super::optimizer::Optimizer;
use super::schedule::Schedule;
use crate::radial::positive;
use crate::{Error, Result};

/// What is made small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The mean squared error.
    Squared,
    /// The mean absolute error.
    Absolute,
}

impl Loss {
    /// - `residuals`: `(G,)`.
    /// - returns: a scalar.
    pub(super) fn of(self, residuals: &Tensor) -> Result<Tensor> {
        let each = match self {
            Self::Squared => residuals.sqr()?,
            Self::Absolute => residuals.abs()?,
        };
        Ok(each.mean_all()?)
    }
}

/// How a network is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// Most passes over the training part.
    pub epochs: usize,
    /// Graphs in one step.
    pub batch_size: usize,
    /// Of standardised targets.
    pub loss: Loss,
    /// Which optimizer.
    pub optimizer: Optimizer,
    /// Step size to begin with; for a one-cycle schedule, the largest.
    pub learning_rate: f64,
    /// How the step size changes.
    pub schedule: Schedule,
    /// Gradients with a larger Euclidean norm, over all parameters, are scaled
    /// down to it.
    pub clip_norm: Option<f64>,
    /// Epochs without a better validation error after which training ends.
    pub patience: Option<usize>,
}

impl Default for Recipe {
    /// Adam on squared errors, clipped; a fifth of the epochs without progress
    /// ends it.
    fn default() -> Self {
        Self {
            epochs: 300,
            batch_size: 16,
            loss: Loss::Squared,
            optimizer: Optimizer::Adam,
            learning_rate: 1e-3,
            schedule: Schedule::Plateau {
                factor: 0.5,
                patience: 15,
                threshold: 0.01,
                minimum: 1e-5,
            },
            clip_norm: Some(10.0),
            patience: Some(60),
        }
    }
}

impl Recipe {
    /// The sparse networks' training for the formation energy, of Kazeev et al.,
    /// *npj Comput. Mater.* **9**, 113 (2023), without their resampling of data
    /// sets.
    #[must_use]
    pub fn published_sparse_energy() -> Self {
        Self {
            epochs: 400,
            batch_size: 64,
            loss: Loss::Squared,
            optimizer: Optimizer::Adam,
            learning_rate: 1e-3,
            schedule: Schedule::Plateau {
                factor: 0.9,
                patience: 10,
                threshold: 5e-4,
                minimum: 1e-5,
            },
            clip_norm: None,
            patience: None,
        }
    }

    /// The same for the gap.
    #[must_use]
    pub fn published_sparse_gap() -> Self {
        Self {
            batch_size: 128,
            schedule: Schedule::Plateau {
                factor: 0.5,
                patience: 30,
                threshold: 5e-4,
                minimum: 1e-5,
            },
            ..Self::published_sparse_energy()
        }
    }

    /// The same for the network on full structures, both targets.
    #[must_use]
    pub fn published_full() -> Self {
        Self {
            batch_size: 128,
            schedule: Schedule::Plateau {
                factor: 0.5,
                patience: 30,
                threshold: 5e-2,
                minimum: 1e-5,
            },
            ..Self::published_sparse_energy()
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        positive("the number of epochs", self.epochs as f64)?;
        positive("the batch size", self.batch_size as f64)?;
        positive("the learning rate", self.learning_rate)?;
        if let Some(norm) = self.clip_norm {
            positive("the clipping norm", norm)?;
        }
        if let Some(patience) = self.patience {
            positive("the patience", patience as f64)?;
        }
        self.optimizer.check()?;
        self.schedule.check()
    }
}

/// Refuses what is not in `(0, 1)`.
pub(super) fn fraction(name: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value < 1.0 {
        Ok(())
    } else {
        Err(Error::Setting {
            name,
            expected: "between 0 and 1",
            value,
        })
    }
}
