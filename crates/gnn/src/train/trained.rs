//! A network after training.

use crystal::CrystalGraph;

use super::flatten;
use crate::batch::{Batch, FlatGraph};
use crate::network::{Network, NetworkConfig};
use crate::radial::positive;
use crate::{Error, Result};

/// Edges in one batch of predictions; bounds the memory.
const EDGES_AT_ONCE: usize = 30_000;
/// Graphs in one batch of predictions.
const GRAPHS_AT_ONCE: usize = 256;

/// Mean and standard deviation of the training targets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    mean: f64,
    spread: f64,
}

impl Scale {
    /// Of at least one target. Targets that are all equal get a spread of 1.
    pub(super) fn of(targets: &[f64]) -> Self {
        let count = targets.len() as f64;
        let mean = targets.iter().sum::<f64>() / count;
        let variance = targets.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / count;
        let spread = variance.sqrt();
        // rounding leaves a spread of some 1e-16 of the mean to equal targets
        let is_constant = spread <= 1e-12 * mean.abs();
        Self {
            mean,
            spread: if is_constant { 1.0 } else { spread },
        }
    }

    /// As it was stored.
    pub(super) fn stored(mean: f64, spread: f64) -> Result<Self> {
        positive("the spread of the targets", spread)?;
        if mean.is_finite() {
            Ok(Self { mean, spread })
        } else {
            Err(Error::Setting {
                name: "the mean of the targets",
                expected: "finite",
                value: mean,
            })
        }
    }

    pub(super) fn mean(self) -> f64 {
        self.mean
    }

    pub(super) fn spread(self) -> f64 {
        self.spread
    }

    pub(super) fn standardise(self, target: f64) -> f64 {
        (target - self.mean) / self.spread
    }

    fn restore(self, output: f32) -> f64 {
        self.mean + self.spread * f64::from(output)
    }
}

/// A network that predicts in the unit of its targets.
#[derive(Debug)]
pub struct Trained {
    config: NetworkConfig,
    network: Box<dyn Network>,
    scale: Scale,
    pub(super) epoch: usize,
}

impl Trained {
    pub(super) fn new(config: NetworkConfig, network: Box<dyn Network>, scale: Scale) -> Self {
        Self {
            config,
            network,
            scale,
            epoch: 0,
        }
    }

    /// What the network is.
    #[must_use]
    pub fn config(&self) -> &NetworkConfig {
        &self.config
    }

    /// The network itself, whose numbers are those of standardised targets.
    #[must_use]
    pub fn network(&self) -> &dyn Network {
        &*self.network
    }

    /// How many numbers were fitted.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.network.parameters().count()
    }

    /// The epoch that the weights are from, counted from 1.
    #[must_use]
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    pub(super) fn scale(&self) -> Scale {
        self.scale
    }

    /// Predicts one number for each graph, in the unit of the training targets.
    ///
    /// # Errors
    ///
    /// [`Error::BeyondCutoff`], [`Error::Reference`] and [`Error::UnknownSpecies`] for graphs that are
    /// not of the network's kind; [`Error::PredictionNotFinite`].
    pub fn predict(&self, graphs: &[CrystalGraph]) -> Result<Vec<f64>> {
        self.predict_flat(&flatten(&self.config, graphs)?)
    }

    pub(super) fn predict_flat(&self, graphs: &[FlatGraph]) -> Result<Vec<f64>> {
        let mut predicted = Vec::with_capacity(graphs.len());
        let mut rest = graphs;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(batch_length(rest));
            let batch = Batch::new(&now.iter().collect::<Vec<_>>());
            let outputs = self.network.forward(&batch)?.detach().to_vec1::<f32>()?;
            predicted.extend(outputs.into_iter().map(|output| self.scale.restore(output)));
            rest = later;
        }
        match predicted.iter().position(|p| !p.is_finite()) {
            Some(index) => Err(Error::PredictionNotFinite {
                index,
                value: predicted[index],
            }),
            None => Ok(predicted),
        }
    }
}

/// How many of these graphs go together; at least one.
fn batch_length(graphs: &[FlatGraph]) -> usize {
    let edges = graphs.iter().scan(0, |sum, graph| {
        *sum += graph.edges();
        Some(*sum)
    });
    let fitting = edges.take_while(|&sum| sum <= EDGES_AT_ONCE).count();
    fitting.clamp(1, GRAPHS_AT_ONCE)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn standardised_targets_have_mean_zero_and_spread_one() {
        let scale = Scale::of(&[1.0, 3.0]);
        assert_relative_eq!(scale.standardise(3.0), 1.0);
        assert_relative_eq!(scale.restore(-1.0), 1.0);
    }

    #[test]
    fn equal_targets_are_only_shifted() {
        let scale = Scale::of(&[0.1; 7]);
        assert_relative_eq!(scale.restore(0.0), 0.1, epsilon = 1e-15);
        assert_relative_eq!(scale.spread(), 1.0);
    }
}
