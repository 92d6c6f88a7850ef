//! Linear maps without bias, and residual layers of two of them.

use candle_core::Tensor;

use crate::Result;
use crate::ops::{rectified, residual};
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
        Ok(if self.is_activated {
            rectified(x, &self.weight)?
        } else {
            x.matmul(&self.weight)?
        })
    }
}

/// `(x + s(s(x W) W')) / √2`.
#[derive(Debug)]
pub(super) struct Residual {
    first: Tensor,
    second: Tensor,
}

impl Residual {
    fn new(p: &mut Parameters, name: &str, width: usize) -> Result<Self> {
        Ok(Self {
            first: p.he_orthogonal(format!("{name}.0.weight"), &[width; 2])?,
            second: p.he_orthogonal(format!("{name}.1.weight"), &[width; 2])?,
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
        Ok(residual(x, [&self.first, &self.second])?)
    }
}

/// One residual layer after the other.
pub(super) fn through(layers: &[Residual], x: Tensor) -> Result<Tensor> {
    layers.iter().try_fold(x, |x, layer| layer.forward(&x))
}
