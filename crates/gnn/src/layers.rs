//! Layers that several networks share.

use candle_core::{DType, Tensor};

use crate::ops::{Activation, linear};
use crate::parameters::{Parameters, indices};
use crate::{Error, Result};

/// How the weights of a linear map start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// Weights and bias even in `±1/√in`, the default of PyTorch.
    FanIn,
    /// Weights even in `±√(6/(in + out))`, bias zero (Glorot & Bengio, 2010).
    Glorot,
}

/// `act(x W + b)` with `W` of shape `(in, out)`.
#[derive(Debug)]
pub(crate) struct Linear {
    weight: Tensor,
    bias: Tensor,
    activation: Activation,
}

impl Linear {
    pub(crate) fn new(
        parameters: &mut Parameters,
        name: &str,
        [inputs, outputs]: [usize; 2],
        activation: Activation,
        start: Start,
    ) -> Result<Self> {
        let weight = weight(parameters, name, [inputs, outputs], start)?;
        let bias = match start {
            Start::FanIn => {
                parameters.uniform(format!("{name}.bias"), &[outputs], fan_in(inputs))?
            }
            Start::Glorot => parameters.zeros(format!("{name}.bias"), &[outputs])?,
        };
        Ok(Self {
            weight,
            bias,
            activation,
        })
    }

    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = linear(x, &self.weight, &self.bias, self.activation, false)?;
        Ok(y)
    }

    /// The same for an `x` that does not depend on any parameter.
    pub(crate) fn forward_constant(&self, x: &Tensor) -> Result<Tensor> {
        let y = linear(x, &self.weight, &self.bias, self.activation, true)?;
        Ok(y)
    }
}

/// The bound of PyTorch's default.
pub(crate) fn fan_in(inputs: usize) -> f64 {
    1.0 / (inputs as f64).sqrt()
}

/// A weight matrix alone.
pub(crate) fn weight(
    parameters: &mut Parameters,
    name: &str,
    [inputs, outputs]: [usize; 2],
    start: Start,
) -> Result<Tensor> {
    let bound = match start {
        Start::FanIn => fan_in(inputs),
        Start::Glorot => (6.0 / (inputs + outputs) as f64).sqrt(),
    };
    parameters.uniform(format!("{name}.weight"), &[inputs, outputs], bound)
}

/// Linear maps one after the other, each followed by the shifted softplus.
#[derive(Debug)]
pub(crate) struct Mlp(Vec<Linear>);

impl Mlp {
    /// Layers `name.0`, `name.1`, … of `widths[0] → widths[1] → …`.
    pub(crate) fn new(
        parameters: &mut Parameters,
        name: &str,
        widths: &[usize],
        start: Start,
    ) -> Result<Self> {
        widths
            .windows(2)
            .enumerate()
            .map(|(layer, pair)| {
                let shape = [pair[0], pair[1]];
                let name = format!("{name}.{layer}");
                Linear::new(parameters, &name, shape, Activation::ShiftedSoftplus, start)
            })
            .collect::<Result<_>>()
            .map(Self)
    }

    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.0
            .iter()
            .try_fold(x.clone(), |x, layer| layer.forward(&x))
    }

    /// The same for an `x` that does not depend on any parameter.
    pub(crate) fn forward_constant(&self, x: &Tensor) -> Result<Tensor> {
        match self.0.split_first() {
            None => Ok(x.clone()),
            Some((first, rest)) => {
                let x = first.forward_constant(x)?;
                rest.iter().try_fold(x, |x, layer| layer.forward(&x))
            }
        }
    }
}

/// A vector for every species.
#[derive(Debug)]
pub(crate) struct Embedding {
    table: Tensor,
    rows: usize,
}

impl Embedding {
    /// A table of `(rows, width)`, drawn from the standard normal distribution.
    pub(crate) fn new(
        parameters: &mut Parameters,
        name: &str,
        [rows, width]: [usize; 2],
    ) -> Result<Self> {
        let table = parameters.normal(format!("{name}.weight"), &[rows, width])?;
        Ok(Self { table, rows })
    }

    /// The same, drawn evenly from `±√3`, so that the variance is 1, too.
    pub(crate) fn uniform(
        parameters: &mut Parameters,
        name: &str,
        [rows, width]: [usize; 2],
    ) -> Result<Self> {
        let bound = 3.0_f64.sqrt();
        let table = parameters.uniform(format!("{name}.weight"), &[rows, width], bound)?;
        Ok(Self { table, rows })
    }

    /// The rows of some atomic numbers, `(N, width)`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSpecies`] for one that has no row.
    pub(crate) fn forward(&self, numbers: &[u32]) -> Result<Tensor> {
        match numbers.iter().find(|&&z| z as usize >= self.rows) {
            Some(&number) => Err(Error::UnknownSpecies {
                number,
                rows: self.rows,
            }),
            None => Ok(self
                .table
                .index_select(&indices(numbers, self.table.device())?, 0)?),
        }
    }
}

/// Whether a network can be built in this precision.
pub(crate) fn is_supported(dtype: DType) -> bool {
    matches!(dtype, DType::F32 | DType::F64)
}

/// Rows of a matrix by their numbers; the matrix itself, if these are all in order.
pub(crate) fn gather(x: &Tensor, rows: &[u32]) -> Result<Tensor> {
    if are_in_order(rows, x.dim(0)?) {
        return Ok(x.clone());
    }
    Ok(x.index_select(&indices(rows, x.device())?, 0)?)
}

/// Whether these are the numbers of so many rows, in order.
pub(crate) fn are_in_order(rows: &[u32], count: usize) -> bool {
    rows.len() == count && rows.iter().zip(0..).all(|(&row, place)| row == place)
}
