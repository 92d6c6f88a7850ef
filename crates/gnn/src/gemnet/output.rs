//! Edges become atoms: in every block, and for the output.

use candle_core::Tensor;

use super::GemNetConfig;
use super::layers::{Dense, Residual, through};
use super::model::Frame;
use super::scale::{Scale, variance};
use crate::Result;
use crate::ops::gated_sum;
use crate::parameters::Parameters;

/// `dense(Σ_c m_ca ⊙ e(d_ca) R)`, the sum over the edges of an atom.
#[derive(Debug)]
pub(super) struct AtomUpdate {
    radial: Dense,
    sum_scale: Scale,
    dense: Dense,
    layers: Vec<Residual>,
}

impl AtomUpdate {
    pub(super) fn new(config: &GemNetConfig, p: &mut Parameters, name: &str) -> Result<Self> {
        let [a, e] = [config.atom, config.edge];
        let part = |part: &str| format!("{name}.{part}");
        Ok(Self {
            radial: Dense::linear(p, &part("radial"), [config.radial_embedding, e])?,
            sum_scale: Scale::new(p, part("sum_scale"))?,
            dense: Dense::activated(p, &part("dense"), [e, a])?,
            layers: Residual::several(p, &part("layers"), a, config.atom_layers)?,
        })
    }

    /// - `m`: `(E, e)`; `radial`: `(U, r)`.
    /// - returns: `(N, a)`.
    pub(super) fn forward(&self, m: &Tensor, radial: &Tensor, frame: &Frame<'_>) -> Result<Tensor> {
        let (topology, nodes) = (&frame.batch.topology, frame.batch.nodes());
        let radial = self.radial.forward(radial)?;
        let x = self.sum_scale.apply(
            frame.pass,
            || variance(m, None),
            |scale| Ok(gated_sum(m, &(&radial * scale)?, topology, nodes)?),
        )?;
        through(&self.layers, self.dense.forward(&x)?)
    }
}

/// One number for every atom.
#[derive(Debug)]
pub(super) struct OutputBlock {
    update: AtomUpdate,
    head: Dense,
}

impl OutputBlock {
    pub(super) fn new(config: &GemNetConfig, p: &mut Parameters, name: &str) -> Result<Self> {
        Ok(Self {
            update: AtomUpdate::new(config, p, name)?,
            head: Dense::linear(p, &format!("{name}.head"), [config.atom, 1])?,
        })
    }

    /// - `m`: `(E, e)`.
    /// - returns: `(N, 1)`.
    pub(super) fn forward(&self, m: &Tensor, frame: &Frame<'_>) -> Result<Tensor> {
        let atoms = self.update.forward(m, &frame.radial_output, frame)?;
        self.head.forward(&atoms)
    }
}
