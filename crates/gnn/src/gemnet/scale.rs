//! Numbers that keep variances, fitted to the random weights before training.

use candle_core::{DType, Tensor, Var};

use crate::Result;
use crate::parameters::Parameters;

/// What a pass through the network is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// To predict.
    Evaluate,
    /// To fit every scale factor where it is met.
    Fit,
}

/// One scale factor.
#[derive(Debug)]
pub(super) struct Scale(Var);

impl Scale {
    pub(super) fn new(p: &mut Parameters, name: String) -> Result<Self> {
        Ok(Self(p.fixed(name, 1.0)?))
    }

    /// A result that is proportional to the factor; if it is fitted, then so
    /// that the result gets the variance `before`.
    pub(super) fn apply(
        &self,
        pass: Pass,
        before: impl Fn() -> Result<f64>,
        result: impl Fn(f64) -> Result<Tensor>,
    ) -> Result<Tensor> {
        if pass == Pass::Fit {
            let ratio = before()? / variance(&result(1.0)?, None)?;
            // nothing was summed: nothing to restore
            if ratio.is_normal() {
                let fitted = Tensor::new(&[ratio.sqrt()], self.0.device())?;
                self.0.set(&fitted.to_dtype(self.0.dtype())?)?;
            }
        }
        let value = self.0.detach().to_dtype(DType::F64)?.to_vec1::<f64>()?[0];
        result(value)
    }
}

/// Mean over columns of the variance of their rows.
///
/// - `x`: `(R, F)`.
/// - `counts`: how often each row is there, `(R,)`; once, if not given.
pub(super) fn variance(x: &Tensor, counts: Option<&[f64]>) -> Result<f64> {
    let rows: Vec<Vec<f64>> = x.detach().to_dtype(DType::F64)?.to_vec2()?;
    let width = x.dim(1)?;
    let count = |row: usize| counts.map_or(1.0, |counts| counts[row]);
    let total: f64 = (0..rows.len()).map(count).sum();
    let (mut means, mut squares) = (vec![0.0; width], 0.0);
    for (index, row) in rows.iter().enumerate() {
        for (mean, x) in means.iter_mut().zip(row) {
            *mean += count(index) * x / total;
        }
    }
    for (index, row) in rows.iter().enumerate() {
        let deviations = row.iter().zip(&means).map(|(x, mean)| (x - mean).powi(2));
        squares += count(index) * deviations.sum::<f64>();
    }
    Ok(squares / ((total - 1.0) * width as f64))
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use candle_core::Device;

    use super::*;

    #[test]
    fn a_variance_with_counts_is_that_of_repeated_rows() {
        let once = Tensor::new(&[[1.0_f64, 5.0], [3.0, 5.0]], &Device::Cpu).unwrap();
        let repeated = Tensor::new(&[[1.0_f64, 5.0], [3.0, 5.0], [3.0, 5.0]], &Device::Cpu);
        let repeated = variance(&repeated.unwrap(), None).unwrap();
        assert_relative_eq!(variance(&once, Some(&[1.0, 2.0])).unwrap(), repeated);
        // of 1, 3, 3 it is 4/3, of the other column nothing
        assert_relative_eq!(repeated, 2.0 / 3.0);
    }

    #[test]
    fn a_fitted_factor_restores_the_variance() {
        let mut parameters = Parameters::new(0, DType::F32);
        let scale = Scale::new(&mut parameters, "scale".to_owned()).unwrap();
        let x = Tensor::new(&[[1.0_f64], [3.0]], &Device::Cpu).unwrap();
        let times = |factor: f64| Ok((&x * (3.0 * factor))?);
        let y = scale.apply(Pass::Fit, || variance(&x, None), times);
        assert_relative_eq!(variance(&y.unwrap(), None).unwrap(), 2.0, epsilon = 1e-6);
        let y = scale.apply(Pass::Evaluate, || unreachable!(), times);
        assert_relative_eq!(variance(&y.unwrap(), None).unwrap(), 2.0, epsilon = 1e-6);
    }
}
