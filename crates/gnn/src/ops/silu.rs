//! The scaled `SiLU`, `x σ(x) / 0.6`, and sums of two branches over `√2`.
//!
//! Both keep the variance of what goes in, if that is normal with variance 1.
//! The slope does not follow from the output, as that of the shifted softplus
//! does: the function has a minimum. It is taken from the input.
//!
//! Gasteiger, Becker & Günnemann, *NeurIPS* (2021).

use std::f64::consts::FRAC_1_SQRT_2;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, WithDType};

use super::activation::Real;
use super::{for_float, host, values};

/// One over the standard deviation of the `SiLU` of a standard normal number.
pub(super) const GAIN: f64 = 1.0 / 0.6;

#[inline]
fn logistic<T: Real>(x: T) -> T {
    T::one() / (T::one() + (T::zero() - x).exponential())
}

#[inline]
pub(super) fn value<T: Real>(x: T, gain: T) -> T {
    gain * x * logistic(x)
}

#[inline]
pub(super) fn slope<T: Real>(x: T, gain: T) -> T {
    value_and_slope(x, gain).1
}

#[inline]
pub(super) fn value_and_slope<T: Real>(x: T, gain: T) -> (T, T) {
    let s = logistic(x);
    (gain * x * s, gain * s * (T::one() + x * (T::one() - s)))
}

struct ScaledSilu;

/// `x σ(x) / 0.6`.
pub(crate) fn scaled_silu(x: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op1(ScaledSilu)
}

impl CustomOp1 for ScaledSilu {
    fn name(&self) -> &'static str {
        "scaled-silu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let y = for_float!(x.dtype(), T => {
            let gain = T::from_f64(GAIN);
            let y = values::<T>(x, layout)?.iter().map(|&x| value(x, gain));
            Ok(T::to_cpu_storage_owned(y.collect()))
        })?;
        Ok((y, layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _output: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        for_float!(x.dtype(), T => times_slope::<T>(x, &gradient.contiguous()?)).map(Some)
    }
}

/// `gradient ⊙ s'(x)`.
fn times_slope<T: Real>(x: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    let (x_storage, x_layout) = x.storage_and_layout();
    let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
    let x_values = host::<T>(&x_storage, x_layout)?;
    let g = host::<T>(&gradient_storage, gradient_layout)?;
    let gain = T::from_f64(GAIN);
    let back = x_values.iter().zip(g).map(|(&x, &g)| g * slope(x, gain));
    Tensor::from_vec(back.collect::<Vec<T>>(), x.shape(), x.device())
}

/// `(x + z) / √2`.
pub(crate) fn skip(x: &Tensor, z: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op2(&z.contiguous()?, Skip)
}

struct Skip;

impl CustomOp2 for Skip {
    fn name(&self) -> &'static str {
        "skip"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        z: &CpuStorage,
        z_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let y = for_float!(x.dtype(), T => {
            let half = T::from_f64(FRAC_1_SQRT_2);
            let pairs = values::<T>(x, x_layout)?.iter().zip(values::<T>(z, z_layout)?);
            Ok(T::to_cpu_storage_owned(pairs.map(|(&x, &z)| half * (x + z)).collect()))
        })?;
        Ok((y, x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        _x: &Tensor,
        _z: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let back = (gradient * FRAC_1_SQRT_2)?;
        Ok((Some(back.clone()), Some(back)))
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use candle_core::Device;

    use super::super::gradient_check::{check, numbers};
    use super::*;

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [(numbers(6, 0.1), [3, 2]), (numbers(6, 0.2), [3, 2])];
        check(&inputs[..1], |t| scaled_silu(&t[0]));
        check(&inputs, |t| skip(&t[0], &t[1]));
    }

    #[test]
    fn by_hand() {
        let x = Tensor::new(&[0.0_f64, 1.0, -800.0], &Device::Cpu).unwrap();
        let y = scaled_silu(&x).unwrap().to_vec1::<f64>().unwrap();
        assert_relative_eq!(y[0], 0.0);
        // σ(1) = 0.7310585786300049
        assert_relative_eq!(y[1], 0.731_058_578_630_004_9 / 0.6, max_relative = 1e-15);
        // far to the left it is zero, not "not a number"
        assert_relative_eq!(y[2], 0.0);
    }
}
