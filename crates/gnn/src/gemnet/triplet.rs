//! What an edge hears from the other edges of its target.

use candle_core::Tensor;

use super::GemNetConfig;
use super::layers::Dense;
use super::model::Frame;
use super::scale::{Scale, variance};
use crate::Result;
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

    /// - `m`: `(E, e)`.
    /// - returns: `(E, e)`.
    pub(super) fn forward(&self, m: &Tensor, frame: &Frame<'_>) -> Result<Tensor> {
        let topology = &frame.batch.topology;
        let x = self.dense.forward(m)?;
        let radial = self.radial.forward(&frame.radial_triplet)?;
        let gated = self.radial_scale.apply(
            frame.pass,
            || variance(&x, None),
            |scale| Ok(gate(&x, &(&radial * scale)?, topology)?),
        )?;
        let x = self.down.forward(&gated)?;
        let (t, i, o) = self.bilinear.dims3()?;
        let weight = self.bilinear.reshape((t * i, o))?;
        let heard = self.sum_scale.apply(
            frame.pass,
            || variance(&x, Some(&frame.times_heard())),
            |scale| {
                let inputs = [&x, &frame.circular, &(&weight * scale)?];
                Ok(bilinear(inputs, topology, frame.triplets, &frame.angular)?)
            },
        )?;
        let opposite = self.up_opposite.forward(&heard)?;
        let opposite = opposite.index_select(&frame.reverse, 0)?;
        Ok(skip(&self.up.forward(&heard)?, &opposite)?)
    }
}
