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
    /// that the result gets the variance of `x`.
    ///
    /// - `x`: `(R, F)`, and how often each row is there.
    /// - `counts`: how often each row of the result is there.
    pub(super) fn apply(
        &self,
        pass: Pass,
        x: (&Tensor, &[f64]),
        counts: &[f64],
        result: impl Fn(f64) -> Result<Tensor>,
    ) -> Result<Tensor> {
        if pass == Pass::Fit {
            let ratio = variance(x.0, x.1)? / variance(&result(1.0)?, counts)?;
            // nothing was summed, or nothing varies: nothing to restore
            if ratio.is_normal() {
                let fitted = Tensor::new(&[ratio.sqrt()], self.0.device())?;
                self.0.set(&fitted.to_dtype(self.0.dtype())?)?;
            }
        }
        let value = self.0.detach().to_dtype(DType::F64)?.to_vec1::<f64>()?[0];
        result(value)
    }
}

/// Less than this part of the mean square is rounding, not variance.
const ROUNDING: f64 = 1e-10;

/// Mean over columns of the variance of their rows; zero, if rows agree to rounding.
///
/// - `x`: `(R, F)`.
/// - `counts`: how often each row is there, `(R,)`.
fn variance(x: &Tensor, counts: &[f64]) -> Result<f64> {
    let rows: Vec<Vec<f64>> = x.detach().to_dtype(DType::F64)?.to_vec2()?;
    let width = x.dim(1)?;
    let total: f64 = counts.iter().sum();
    let (mut means, mut squares) = (vec![0.0; width], 0.0);
    for (row, count) in rows.iter().zip(counts) {
        for (mean, x) in means.iter_mut().zip(row) {
            *mean += count * x / total;
        }
    }
    for (row, count) in rows.iter().zip(counts) {
        let deviations = row.iter().zip(&means).map(|(x, mean)| (x - mean).powi(2));
        squares += count * deviations.sum::<f64>();
    }
    let size: f64 = means.iter().map(|mean| total * mean * mean).sum();
    if squares < ROUNDING * size {
        return Ok(0.0);
    }
    Ok(squares / ((total - 1.0) * width as f64))
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use candle_core::Device;

    use super::*;
    use crate::parameters::Place;

    #[test]
    fn a_variance_with_counts_is_that_of_repeated_rows() {
        let once = Tensor::new(&[[1.0_f64, 5.0], [3.0, 5.0]], &Device::Cpu).unwrap();
        let repeated = Tensor::new(&[[1.0_f64, 5.0], [3.0, 5.0], [3.0, 5.0]], &Device::Cpu);
        let repeated = variance(&repeated.unwrap(), &[1.0; 3]).unwrap();
        assert_relative_eq!(variance(&once, &[1.0, 2.0]).unwrap(), repeated);
        // of 1, 3, 3 it is 4/3, of the other column nothing
        assert_relative_eq!(repeated, 2.0 / 3.0);
    }

    #[test]
    fn rounding_is_no_variance() {
        let rows = [0.1_f64 + 0.2, 0.3, 0.3].map(|x| [x]);
        let x = Tensor::new(&rows, &Device::Cpu).unwrap();
        assert!(variance(&x, &[1.0; 3]).unwrap().abs() < f64::MIN_POSITIVE);
        let x = (x * 1e-3).unwrap();
        assert!(variance(&x, &[1.0; 3]).unwrap().abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn a_fitted_factor_restores_the_variance() {
        let mut parameters = Parameters::new(0, Place::cpu(DType::F32));
        let scale = Scale::new(&mut parameters, "scale".to_owned()).unwrap();
        let x = Tensor::new(&[[1.0_f64], [3.0]], &Device::Cpu).unwrap();
        let times = |factor: f64| Ok((&x * (3.0 * factor))?);
        let once = [1.0; 2];
        for pass in [Pass::Fit, Pass::Evaluate] {
            let y = scale.apply(pass, (&x, &once), &once, times).unwrap();
            assert_relative_eq!(variance(&y, &once).unwrap(), 2.0, epsilon = 1e-6);
        }
    }
}
