//! The numbers that a network learns, in the order in which they were made.
//!
//! Initial values come from our own ChaCha8 stream, so that a seed means the
//! same weights on every machine.

use candle_core::{DType, Device, Tensor, Var};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Error, Result};

/// Where numbers are, and their precision.
#[derive(Debug, Clone)]
pub struct Place {
    /// `F32` to train, `F64` to check.
    pub dtype: DType,
    /// The CPU, or a graphics card.
    pub device: Device,
}

impl Place {
    /// On the CPU.
    #[must_use]
    pub fn cpu(dtype: DType) -> Self {
        let device = Device::Cpu;
        Self { dtype, device }
    }
}

/// Named parameters, and the generator of their initial values.
#[derive(Debug)]
pub struct Parameters {
    entries: Vec<(String, Var)>,
    place: Place,
    random: ChaCha8Rng,
}

impl Parameters {
    /// No parameters yet.
    pub(crate) fn new(seed: u64, place: Place) -> Self {
        Self {
            entries: Vec::new(),
            place,
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Where they are.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
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
                var.set(&constant(values, var.dims(), &self.place)?)?;
                Ok(())
            }
            _ => Err(Error::Weights {
                name: name.to_owned(),
                expected,
                found: values.len(),
            }),
        }
    }

    /// A copy of all values.
    pub(crate) fn snapshot(&self) -> Result<Vec<Tensor>> {
        let copies = self.entries.iter().map(|(_, var)| var.as_tensor().copy());
        Ok(copies
            .map(|copy| copy.map(|c| c.detach()))
            .collect::<candle_core::Result<_>>()?)
    }

    /// Puts such a copy back.
    pub(crate) fn restore(&self, snapshot: &[Tensor]) -> Result<()> {
        for ((_, var), values) in self.entries.iter().zip(snapshot) {
            var.set(&values.to_device(&self.place.device)?)?;
        }
        Ok(())
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
        let values = self.standard_normal(shape.iter().product());
        self.push(name, shape, &values)
    }

    /// A weight of `(in, out)` or `(in, in', out)`: orthogonal, then each output's
    /// weights moved and scaled to mean 0 and variance one over their number.
    ///
    /// Gasteiger, Becker & Günnemann, *NeurIPS* (2021).
    pub(crate) fn he_orthogonal(&mut self, name: String, shape: &[usize]) -> Result<Tensor> {
        let rows = shape[0];
        let columns: usize = shape[1..].iter().product();
        let outputs = shape.last().copied().unwrap_or(1);
        let mut values = self.orthonormal(rows, columns);
        standardise_columns(&mut values, outputs);
        self.push(name, shape, &values)
    }

    /// A matrix with orthonormal rows, or columns if those are fewer.
    fn orthonormal(&mut self, rows: usize, columns: usize) -> Vec<f64> {
        let (count, length) = (rows.min(columns), rows.max(columns));
        let mut basis: Vec<Vec<f64>> = Vec::with_capacity(count);
        for _ in 0..count {
            let mut vector = self.standard_normal(length);
            // Gram and Schmidt; a normal vector is never near the span of fewer
            for known in &basis {
                let overlap = product(known, &vector);
                for (x, known) in vector.iter_mut().zip(known) {
                    *x -= overlap * known;
                }
            }
            let norm = product(&vector, &vector).sqrt();
            for x in &mut vector {
                *x /= norm;
            }
            basis.push(vector);
        }
        if rows <= columns {
            basis.concat()
        } else {
            let row = |i: usize| basis.iter().map(move |vector| vector[i]);
            (0..rows).flat_map(row).collect()
        }
    }

    fn standard_normal(&mut self, count: usize) -> Vec<f64> {
        (0..count)
            .map(|_| {
                // Box-Muller; 1 - u keeps the logarithm finite
                let (u, v): (f64, f64) = (self.random.random(), self.random.random());
                (-2.0 * (1.0 - u).ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
            })
            .collect()
    }

    /// A number that is kept with the weights, and not trained.
    pub(crate) fn fixed(&mut self, name: String, value: f64) -> Result<Var> {
        let var = Var::from_tensor(&constant(&[value], &[1], &self.place)?)?;
        self.entries.push((name, var.clone()));
        Ok(var)
    }

    /// A parameter of zeros.
    pub(crate) fn zeros(&mut self, name: String, shape: &[usize]) -> Result<Tensor> {
        self.push(name, shape, &vec![0.0; shape.iter().product()])
    }

    fn push(&mut self, name: String, shape: &[usize], values: &[f64]) -> Result<Tensor> {
        let var = Var::from_tensor(&constant(values, shape, &self.place)?)?;
        let tensor = var.as_tensor().clone();
        self.entries.push((name, var));
        Ok(tensor)
    }
}

/// Sum of products, in eight interleaved parts that the compiler can vectorise.
fn product(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// Gives every column the mean 0 and the variance one over its length.
fn standardise_columns(values: &mut [f64], columns: usize) {
    /// Keeps a column of equal numbers finite.
    const LEAST_VARIANCE: f64 = 1e-6;
    let length = (values.len() / columns) as f64;
    for column in 0..columns {
        let entries = || (column..values.len()).step_by(columns);
        let mean = entries().map(|i| values[i]).sum::<f64>() / length;
        let square = entries().map(|i| (values[i] - mean).powi(2)).sum::<f64>();
        let variance = square / (length - 1.0).max(1.0);
        let scale = 1.0 / ((variance + LEAST_VARIANCE) * length).sqrt();
        for i in entries() {
            values[i] = (values[i] - mean) * scale;
        }
    }
}

/// A tensor that nothing is differentiated by.
pub(crate) fn constant(values: &[f64], shape: &[usize], place: &Place) -> Result<Tensor> {
    Ok(Tensor::from_slice(values, shape, &place.device)?.to_dtype(place.dtype)?)
}

/// Indices as a tensor.
pub(crate) fn indices(values: &[u32], device: &Device) -> Result<Tensor> {
    Ok(Tensor::from_slice(values, values.len(), device)?)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn orthonormal_vectors_are_the_short_side_of_a_matrix() {
        for [rows, columns] in [[3, 11], [11, 3], [4, 4]] {
            let matrix = Parameters::new(1, Place::cpu(DType::F64)).orthonormal(rows, columns);
            let at = |i: usize, j: usize| matrix[i * columns + j];
            let count = rows.min(columns);
            for (a, b) in (0..count).flat_map(|a| (0..count).map(move |b| (a, b))) {
                let product: f64 = if rows <= columns {
                    (0..columns).map(|j| at(a, j) * at(b, j)).sum()
                } else {
                    (0..rows).map(|i| at(i, a) * at(i, b)).sum()
                };
                assert_relative_eq!(product, f64::from(u8::from(a == b)), epsilon = 1e-14);
            }
        }
    }

    #[test]
    fn columns_start_with_mean_zero_and_variance_one_over_their_length() {
        let mut parameters = Parameters::new(2, Place::cpu(DType::F64));
        let w = parameters
            .he_orthogonal("w".to_owned(), &[6, 5, 3])
            .unwrap();
        let w: Vec<f64> = w.flatten_all().unwrap().to_vec1().unwrap();
        for column in 0..3 {
            let entries: Vec<f64> = w.iter().copied().skip(column).step_by(3).collect();
            assert_relative_eq!(entries.iter().sum::<f64>(), 0.0, epsilon = 1e-13);
            let variance = entries.iter().map(|x| x * x).sum::<f64>() / 29.0;
            // the variance of an orthogonal matrix, 1/15, stands beside 1e-6
            assert_relative_eq!(variance, 1.0 / 30.0, max_relative = 1e-4);
        }
    }
}
