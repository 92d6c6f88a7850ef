//! The blocks one after the other.

use std::sync::Arc;

use candle_core::Tensor;

use super::GemNetConfig;
use super::bases::{angular, radial};
use super::interaction::{EdgeEmbedding, Interaction};
use super::layers::Dense;
use super::output::OutputBlock;
use super::scale::Pass;
use crate::batch::Batch;
use crate::layers::Embedding;
use crate::network::Network;
use crate::ops::Angular;
use crate::parameters::{Parameters, Place};
use crate::{Error, Result};

/// The network of the module's equations.
#[derive(Debug)]
pub struct GemNet {
    config: GemNetConfig,
    atoms: Embedding,
    edges: EdgeEmbedding,
    /// The radial basis for triplets, for atoms and for outputs.
    radial: [Dense; 3],
    /// `(S, R, i)`.
    circular: Tensor,
    interactions: Vec<Interaction>,
    outputs: Vec<OutputBlock>,
    parameters: Parameters,
}

/// What all blocks see of a batch.
pub(super) struct Frame {
    pub(super) pass: Pass,
    /// `(U, r)`.
    pub(super) radial_triplet: Tensor,
    /// `(U, r)`.
    pub(super) radial_atom: Tensor,
    /// `(U, r)`.
    pub(super) radial_output: Tensor,
    /// `(U, S·i)`.
    pub(super) circular: Tensor,
    pub(super) angular: Arc<Angular>,
    /// `(U,)`, what sums over edges need not weigh by.
    pub(super) ones: Arc<Vec<f64>>,
}

impl GemNet {
    pub(crate) fn new(config: &GemNetConfig, mut parameters: Parameters) -> Result<Self> {
        config.check()?;
        let p = &mut parameters;
        let (r, i) = (config.radial_embedding, config.circular_embedding);
        let atoms = Embedding::uniform(p, "atoms", [config.species, config.atom])?;
        let edges = EdgeEmbedding::new(config, p, "edges", config.radial)?;
        let mut dense = |name| Dense::linear(p, name, [config.radial, r]);
        let radial = [
            dense("radial.triplet")?,
            dense("radial.atom")?,
            dense("radial.output")?,
        ];
        let shape = [config.spherical, config.radial, i];
        let circular = p.he_orthogonal("circular".to_owned(), &shape)?;
        let interactions = (0..config.blocks)
            .map(|block| Interaction::new(config, p, &format!("interactions.{block}")))
            .collect::<Result<_>>()?;
        let outputs = (0..=config.blocks)
            .map(|block| OutputBlock::new(config, p, &format!("outputs.{block}")))
            .collect::<Result<_>>()?;
        Ok(Self {
            config: config.clone(),
            atoms,
            edges,
            radial,
            circular,
            interactions,
            outputs,
            parameters,
        })
    }

    fn pass(&self, batch: &Batch, pass: Pass) -> Result<Tensor> {
        let messages = batch.messages.as_ref();
        let messages = messages.ok_or(Error::Geometry { missing: "angles" })?;
        let h = self.atoms.forward(&messages.species)?;
        if batch.edges() == 0 {
            let Place { dtype, device } = self.parameters.place();
            return Ok(Tensor::zeros(batch.graphs(), *dtype, device)?);
        }
        let basis = radial(&self.config, &batch.lengths, self.parameters.place())?;
        let frame = self.frame(&messages.cosines, &basis, pass)?;
        let mut before = &messages.edges;
        let m = self.edges.forward(&h, &basis, &before.topology)?;
        let (first, others) = self
            .outputs
            .split_first()
            .expect("there is one output block more than interactions");
        let mut atoms = first.forward((&m, &before.counts), &messages.output, &frame)?;
        let mut features = [h, m];
        let layers = self.interactions.iter().zip(others);
        for ((interaction, output), block) in layers.zip(&messages.blocks) {
            let [h, m] = &features;
            features = interaction.forward([h, m], before, block, &frame)?;
            before = &block.edges;
            let m = (&features[1], before.counts.as_slice());
            atoms = (atoms + output.forward(m, &block.output, &frame)?)?;
        }
        self.config.readout.of(&atoms, batch)
    }

    fn frame(&self, cosines: &[f64], basis: &Tensor, pass: Pass) -> Result<Frame> {
        let (functions, _, i) = self.circular.dims3()?;
        let circular = basis.unsqueeze(0)?.broadcast_matmul(&self.circular)?;
        let circular = circular.transpose(0, 1)?.contiguous()?;
        let [triplet, atom, output] = &self.radial;
        let shapes = basis.dim(0)?;
        Ok(Frame {
            pass,
            radial_triplet: triplet.forward(basis)?,
            radial_atom: atom.forward(basis)?,
            radial_output: output.forward(basis)?,
            circular: circular.reshape((shapes, functions * i))?,
            angular: angular(functions, cosines),
            ones: Arc::new(vec![1.0; shapes]),
        })
    }
}

impl Network for GemNet {
    fn forward(&self, batch: &Batch) -> Result<Tensor> {
        self.pass(batch, Pass::Evaluate)
    }

    fn prepare(&self, batch: &Batch) -> Result<()> {
        self.pass(batch, Pass::Fit).map(|_| ())
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}
