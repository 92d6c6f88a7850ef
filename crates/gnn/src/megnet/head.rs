//! From nodes, edges and state to the number of a graph.

use candle_core::Tensor;

use super::{Features, MegNetConfig};
use crate::Result;
use crate::batch::{Batch, BlockRows};
use crate::layers::{Linear, Start};
use crate::ops::{Activation, Pooling, pool};
use crate::parameters::Parameters;
use crate::readout::Readout;
use crate::set2set::Set2Set;

/// How a graph becomes a number.
#[derive(Debug)]
pub(super) enum Head {
    Attention(AttentionHead),
    Numbers(NumbersHead),
}

/// By attention to nodes and to edges, and the state.
#[derive(Debug)]
pub(super) struct AttentionHead {
    /// Of nodes, and of edges.
    readouts: [Set2Set; 2],
    layers: [Linear; 3],
}

impl AttentionHead {
    pub(super) fn new(config: &MegNetConfig, parameters: &mut Parameters) -> Result<Self> {
        let h = config.width;
        let mut set2set = |name| Set2Set::new(parameters, name, h, config.set2set_steps);
        let readouts = [set2set("readout.nodes")?, set2set("readout.edges")?];
        let mut layer = |name, shape, act| Linear::new(parameters, name, shape, act, Start::FanIn);
        let layers = [
            layer("head.0", [5 * h, h], Activation::ShiftedSoftplus)?,
            layer("head.1", [h, h / 2], Activation::ShiftedSoftplus)?,
            layer("head.2", [h / 2, 1], Activation::Identity)?,
        ];
        Ok(Self { readouts, layers })
    }

    /// - `rows`: of the last block.
    /// - returns: `(G,)`.
    pub(super) fn forward(&self, features: &Features, rows: &BlockRows) -> Result<Tensor> {
        let parts = [
            self.readouts[0].forward(&features.nodes, &rows.nodes_of_graphs)?,
            self.readouts[1].forward(&features.edges, &rows.edges_of_graphs)?,
            features.state.clone(),
        ];
        let x = Tensor::cat(&parts, 1)?;
        let x = self
            .layers
            .iter()
            .try_fold(x, |x, layer| layer.forward(&x))?;
        Ok(x.squeeze(1)?)
    }
}

/// By a number of each node.
#[derive(Debug)]
pub(super) struct NumbersHead {
    layers: [Linear; 2],
    readout: Readout,
}

impl NumbersHead {
    pub(super) fn new(parameters: &mut Parameters, h: usize, readout: Readout) -> Result<Self> {
        let mut layer = |name, shape, act| Linear::new(parameters, name, shape, act, Start::FanIn);
        let layers = [
            layer("head.0", [h, h / 2], Activation::ShiftedSoftplus)?,
            layer("head.1", [h / 2, 1], Activation::Identity)?,
        ];
        Ok(Self { layers, readout })
    }

    /// - `rows`: of the last block.
    /// - returns: `(G,)`.
    pub(super) fn forward(
        &self,
        features: &Features,
        rows: &BlockRows,
        batch: &Batch,
    ) -> Result<Tensor> {
        let [first, second] = &self.layers;
        let numbers = second.forward(&first.forward(&features.nodes)?)?;
        let all = pool(&numbers, &rows.nodes_of_graphs, self.readout.pooling())?;
        Ok(pool(&all, &batch.compared, Pooling::Sum)?.squeeze(1)?)
    }
}
