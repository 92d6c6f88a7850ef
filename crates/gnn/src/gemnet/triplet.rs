//! What an edge hears from the other edges of its target.

use candle_core::Tensor;

use super::GemNetConfig;
use super::layers::Dense;
use super::model::Frame;
use super::scale::Scale;
use crate::Result;
use crate::batch::{Block, Joined};
use crate::layers::gather;
use crate::ops::{bilinear, gate, skip};
use crate::parameters::Parameters;

#[derive(Debug)]
pub(super) struct TripletInteraction {
    dense: Dense,
    radial: Dense,
    radial_scale: Scale,
    down: Dense,
    /// `(t, i, o)`.
    bilinear: Tensor,
    sum_scale: Scale,
    up: Dense,
    up_opposite: Dense,
}

impl TripletInteraction {
    pub(super) fn new(config: &GemNetConfig, p: &mut Parameters, name: &str) -> Result<Self> {
        let [e, t, o] = [config.edge, config.triplet, config.bilinear];
        let part = |part: &str| format!("{name}.{part}");
        Ok(Self {
            dense: Dense::activated(p, &part("dense"), [e, e])?,
            radial: Dense::linear(p, &part("radial"), [config.radial_embedding, e])?,
            radial_scale: Scale::new(p, part("radial_scale"))?,
            down: Dense::activated(p, &part("down"), [e, t])?,
            bilinear: p.he_orthogonal(part("bilinear"), &[t, config.circular_embedding, o])?,
            sum_scale: Scale::new(p, part("sum_scale"))?,
            up: Dense::activated(p, &part("up"), [o, e])?,
            up_opposite: Dense::activated(p, &part("up_opposite"), [o, e])?,
        })
    }

    /// - `m`: `(E, e)`, of the classes of edges before a block.
    /// - returns: `(E', e)`, of those that have heard.
    pub(super) fn forward(
        &self,
        m: &Tensor,
        before: &Joined,
        block: &Block,
        frame: &Frame,
    ) -> Result<Tensor> {
        let counts = &before.counts;
        let x = self.dense.forward(m)?;
        let radial = self.radial.forward(&frame.radial_triplet)?;
        let gated = self
            .radial_scale
            .apply(frame.pass, (&x, counts), counts, |scale| {
                Ok(gate(&x, &(&radial * scale)?, &before.shapes)?)
            })?;
        let x = self.down.forward(&gated)?;
        let (t, i, o) = self.bilinear.dims3()?;
        let weight = self.bilinear.reshape((t * i, o))?;
        let heard = (&x, before.times_heard.as_slice());
        let sums = &block.sums;
        let heard = self
            .sum_scale
            .apply(frame.pass, heard, &sums.counts, |scale| {
                let inputs = [&x, &frame.circular, &(&weight * scale)?];
                Ok(bilinear(inputs, sums, &frame.angular)?)
            })?;
        let own = gather(&self.up.forward(&heard)?, &block.updated.own)?;
        let opposite = self.up_opposite.forward(&heard)?;
        Ok(skip(&own, &gather(&opposite, &block.updated.opposite)?)?)
    }
}
