//! The numbers that a network learns, in the order in which they were made.
//!
//! Initial values come from our own ChaCha8 stream, so that a seed means the
//! same weights on every machine.

use candle_core::{DType, Device, Tensor, Var};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Error, Result};

/// Named parameters, and the generator of their initial values.
#[derive(Debug)]
pub struct Parameters {
    entries: Vec<(String, Var)>,
    dtype: DType,
    random: ChaCha8Rng,
}

impl Parameters {
    /// No parameters yet.
    pub(crate) fn new(seed: u64, dtype: DType) -> Self {
        Self {
            entries: Vec::new(),
            dtype,
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Precision of the numbers: `F32` or `F64`.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// How many numbers there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.iter().map(|(_, var)| var.elem_count()).sum()
    }

    /// All parameters with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Var)> {
        self.entries.iter().map(|(name, var)| (name.as_str(), var))
    }

    /// Replaces the values of one parameter.
    ///
    /// - `values`: row-major.
    ///
    /// # Errors
    ///
    /// [`Error::Weights`] if there is no such parameter, or if it has another
    /// number of values.
    pub fn set(&self, name: &str, values: &[f64]) -> Result<()> {
        let var = self.entries.iter().find(|(known, _)| known == name);
        let expected = var.map_or(0, |(_, var)| var.elem_count());
        match var {
            Some((_, var)) if expected == values.len() => {
                var.set(&constant(values, var.dims(), self.dtype)?)?;
                Ok(())
            }
            _ => Err(Error::Weights {
                name: name.to_owned(),
                expected,
                found: values.len(),
            }),
        }
    }

    /// A parameter drawn evenly from `(-bound, bound)`.
    pub(crate) fn uniform(&mut self, name: String, shape: &[usize], bound: f64) -> Result<Tensor> {
        let count = shape.iter().product();
        let values: Vec<f64> = (0..count)
            .map(|_| bound * (2.0 * self.random.random::<f64>() - 1.0))
            .collect();
        self.push(name, shape, &values)
    }

    /// A parameter drawn from the standard normal distribution.
    pub(crate) fn normal(&mut self, name: String, shape: &[usize]) -> Result<Tensor> {
        let count = shape.iter().product();
        let values: Vec<f64> = (0..count)
            .map(|_| {
                // Box-Muller; 1 - u keeps the logarithm finite
                let (u, v): (f64, f64) = (self.random.random(), self.random.random());
                (-2.0 * (1.0 - u).ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
            })
            .collect();
        self.push(name, shape, &values)
    }

    /// A parameter of zeros.
    pub(crate) fn zeros(&mut self, name: String, shape: &[usize]) -> Result<Tensor> {
        self.push(name, shape, &vec![0.0; shape.iter().product()])
    }

    fn push(&mut self, name: String, shape: &[usize], values: &[f64]) -> Result<Tensor> {
        let var = Var::from_tensor(&constant(values, shape, self.dtype)?)?;
        let tensor = var.as_tensor().clone();
        self.entries.push((name, var));
        Ok(tensor)
    }
}

/// A tensor that nothing is differentiated by.
pub(crate) fn constant(values: &[f64], shape: &[usize], dtype: DType) -> Result<Tensor> {
    Ok(Tensor::from_slice(values, shape, &Device::Cpu)?.to_dtype(dtype)?)
}

/// Indices as a tensor.
pub(crate) fn indices(values: &[u32]) -> Result<Tensor> {
    Ok(Tensor::from_slice(values, values.len(), &Device::Cpu)?)
}
