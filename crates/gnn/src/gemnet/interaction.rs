//! One block: edges hear edges, atoms hear edges, edges hear atoms.

use std::sync::Arc;

use candle_core::Tensor;

use super::GemNetConfig;
use super::layers::{Dense, Residual, through};
use super::model::Frame;
use super::output::AtomUpdate;
use super::triplet::TripletInteraction;
use crate::Result;
use crate::batch::{Block, Joined, Topology};
use crate::layers::gather;
use crate::ops::{Activation, EdgeRows, edge_sum, scaled_silu, skip};
use crate::parameters::Parameters;

/// `s([h_c, h_a, f] C)` for every edge `c → a`.
///
/// The products with the features of atoms are taken for atoms, and those with the
/// features `f` once for every row of theirs.
#[derive(Debug)]
pub(super) struct EdgeEmbedding {
    weight: Tensor,
    atom: usize,
}

impl EdgeEmbedding {
    /// - `features`: of `f`.
    pub(super) fn new(
        config: &GemNetConfig,
        p: &mut Parameters,
        name: &str,
        features: usize,
    ) -> Result<Self> {
        let shape = [2 * config.atom + features, config.edge];
        Ok(Self {
            weight: p.he_orthogonal(format!("{name}.weight"), &shape)?,
            atom: config.atom,
        })
    }

    /// - `h`: `(N, a)`; `f`: `(F', F)`.
    /// - `topology`: of edges, their shapes being rows of `f`.
    /// - returns: `(E, e)`.
    pub(super) fn forward(
        &self,
        h: &Tensor,
        f: &Tensor,
        topology: &Arc<Topology>,
    ) -> Result<Tensor> {
        let part = |start, length| self.weight.narrow(0, start, length);
        let source = h.matmul(&part(0, self.atom)?)?;
        let target = h.matmul(&part(self.atom, self.atom)?)?;
        let f = f.matmul(&part(2 * self.atom, f.dim(1)?)?)?;
        let (rows, identity) = (EdgeRows::PerShape, Activation::Identity);
        let sum = edge_sum(&target, &source, &f, topology, rows, identity)?;
        Ok(scaled_silu(&sum)?)
    }
}

#[derive(Debug)]
pub(super) struct Interaction {
    dense: Dense,
    triplet: TripletInteraction,
    before_skip: Vec<Residual>,
    after_skip: Vec<Residual>,
    atom: AtomUpdate,
    concat: EdgeEmbedding,
    concat_layers: Vec<Residual>,
}

impl Interaction {
    pub(super) fn new(config: &GemNetConfig, p: &mut Parameters, name: &str) -> Result<Self> {
        let e = config.edge;
        let part = |part: &str| format!("{name}.{part}");
        Ok(Self {
            dense: Dense::activated(p, &part("dense"), [e, e])?,
            triplet: TripletInteraction::new(config, p, &part("triplet"))?,
            before_skip: Residual::several(p, &part("before_skip"), e, config.before_skip)?,
            after_skip: Residual::several(p, &part("after_skip"), e, config.after_skip)?,
            atom: AtomUpdate::new(config, p, &part("atom"))?,
            concat: EdgeEmbedding::new(config, p, &part("concat"), e)?,
            concat_layers: Residual::several(p, &part("concat_layers"), e, config.concat)?,
        })
    }

    /// The new features of atoms and edges, of the classes after the block.
    ///
    /// - `h`: `(N, a)`; `m`: `(E, e)`: of the classes before it.
    pub(super) fn forward(
        &self,
        [h, m]: [&Tensor; 2],
        before: &Joined,
        block: &Block,
        frame: &Frame,
    ) -> Result<[Tensor; 2]> {
        let heard = self.triplet.forward(m, before, block, frame)?;
        let updated = &block.updated;
        let x = gather(&self.dense.forward(m)?, &updated.edges)?;
        let x = through(&self.before_skip, skip(&x, &heard)?)?;
        let m = skip(&gather(m, &updated.edges)?, &x)?;
        let m = through(&self.after_skip, m)?;

        let (sum, radial) = (&block.nodes.sum, &frame.radial_atom);
        let update = self
            .atom
            .forward((&m, &updated.counts), radial, sum, frame)?;
        let h = skip(&gather(h, &block.nodes.own)?, &update)?;

        let topology = &block.edges.topology;
        let x = self.concat.forward(&h, &m, topology)?;
        let x = through(&self.concat_layers, x)?;
        let m = skip(&gather(&m, topology.shapes())?, &x)?;
        Ok([h, m])
    }
}
