//! Linear maps without bias, and residual layers of two of them.

use candle_core::Tensor;

use crate::Result;
use crate::ops::{Branch, scaled_silu, skip};
use crate::parameters::Parameters;

/// `x W`, or `s(x W)`, with `W` of shape `(in, out)`.
#[derive(Debug)]
pub(super) struct Dense {
    weight: Tensor,
    is_activated: bool,
}

impl Dense {
    pub(super) fn linear(p: &mut Parameters, name: &str, shape: [usize; 2]) -> Result<Self> {
        Ok(Self {
            weight: p.he_orthogonal(format!("{name}.weight"), &shape)?,
            is_activated: false,
        })
    }

    pub(super) fn activated(p: &mut Parameters, name: &str, shape: [usize; 2]) -> Result<Self> {
        Ok(Self {
            is_activated: true,
            ..Self::linear(p, name, shape)?
        })
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let z = x.matmul(&self.weight)?;
        Ok(if self.is_activated {
            scaled_silu(&z)?
        } else {
            z
        })
    }
}

/// `(x + s(s(x W) W')) / √2`.
#[derive(Debug)]
pub(super) struct Residual {
    first: Dense,
    /// Its activation is part of the sum.
    second: Dense,
}

impl Residual {
    fn new(p: &mut Parameters, name: &str, width: usize) -> Result<Self> {
        Ok(Self {
            first: Dense::activated(p, &format!("{name}.0"), [width; 2])?,
            second: Dense::linear(p, &format!("{name}.1"), [width; 2])?,
        })
    }

    /// Layers `name.0`, `name.1`, …
    pub(super) fn several(
        p: &mut Parameters,
        name: &str,
        width: usize,
        count: usize,
    ) -> Result<Vec<Self>> {
        (0..count)
            .map(|layer| Self::new(p, &format!("{name}.{layer}"), width))
            .collect()
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let z = self.second.forward(&self.first.forward(x)?)?;
        Ok(skip(x, &z, Branch::Activated)?)
    }
}

/// One residual layer after the other.
pub(super) fn through(layers: &[Residual], x: Tensor) -> Result<Tensor> {
    layers.iter().try_fold(x, |x, layer| layer.forward(&x))
}
