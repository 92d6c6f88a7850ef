//! One block: edges hear edges, atoms hear edges, edges hear atoms.

use candle_core::Tensor;

use super::GemNetConfig;
use super::layers::{Dense, Residual, through};
use super::model::Frame;
use super::output::AtomUpdate;
use super::triplet::TripletInteraction;
use crate::Result;
use crate::ops::{Activation, EdgeRows, edge_sum, scaled_silu, skip};
use crate::parameters::Parameters;

/// `s([h_c, h_a, f] C)` for every edge `c → a`.
///
/// The products with the features of atoms are taken for atoms, and the
/// features `f` may be given once for every shape of edge.
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

    /// - `h`: `(N, a)`; `f`: `(E, F)` or `(U, F)`, as `rows` says.
    /// - returns: `(E, e)`.
    pub(super) fn forward(
        &self,
        h: &Tensor,
        f: &Tensor,
        rows: EdgeRows,
        frame: &Frame<'_>,
    ) -> Result<Tensor> {
        let part = |start, length| self.weight.narrow(0, start, length);
        let source = h.matmul(&part(0, self.atom)?)?;
        let target = h.matmul(&part(self.atom, self.atom)?)?;
        let f = f.matmul(&part(2 * self.atom, f.dim(1)?)?)?;
        let topology = &frame.batch.topology;
        let sum = edge_sum(&target, &source, &f, topology, rows, Activation::Identity)?;
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

    /// The new features of atoms and edges.
    ///
    /// - `h`: `(N, a)`; `m`: `(E, e)`.
    pub(super) fn forward(&self, h: &Tensor, m: &Tensor, frame: &Frame<'_>) -> Result<[Tensor; 2]> {
        let heard = self.triplet.forward(m, frame)?;
        let x = skip(&self.dense.forward(m)?, &heard)?;
        let x = through(&self.before_skip, x)?;
        let m = through(&self.after_skip, skip(m, &x)?)?;

        let update = self.atom.forward(&m, &frame.radial_atom, frame)?;
        let h = skip(h, &update)?;

        let x = self.concat.forward(&h, &m, EdgeRows::Own, frame)?;
        let x = through(&self.concat_layers, x)?;
        let m = skip(&m, &x)?;
        Ok([h, m])
    }
}
