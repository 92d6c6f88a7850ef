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
use super::{composed, for_float, host, values, vectorised};

/// One over the standard deviation of the `SiLU` of a standard normal number.
pub(super) const GAIN: f64 = 1.0 / 0.6;

#[inline(always)]
fn logistic<T: Real>(x: T) -> T {
    T::one() / (T::one() + (T::zero() - x).exponential())
}

#[inline(always)]
pub(super) fn value<T: Real>(x: T, gain: T) -> T {
    gain * x * logistic(x)
}

#[inline(always)]
pub(super) fn value_and_slope<T: Real>(x: T, gain: T) -> (T, T) {
    let s = logistic(x);
    (gain * x * s, gain * s * (T::one() + x * (T::one() - s)))
}

vectorised! {
    /// `z ← s(z)`.
    pub(super) fn rectify<T: Real>(z: &mut [T]) -> () {
        let gain = T::from_f64(GAIN);
        for z in z {
            *z = value(*z, gain);
        }
    }
}

vectorised! {
    /// `z ← g ⊙ s'(z)`, with any gain.
    pub(super) fn through<T: Real>(z: &mut [T], g: &[T], gain: f64) -> () {
        let gain = T::from_f64(gain);
        for (z, &g) in z.iter_mut().zip(g) {
            *z = g * value_and_slope(*z, gain).1;
        }
    }
}

struct ScaledSilu;

/// `x σ(x) / 0.6`.
pub(crate) fn scaled_silu(x: &Tensor) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::scaled_silu(x);
    }
    x.contiguous()?.apply_op1(ScaledSilu)
}

impl CustomOp1 for ScaledSilu {
    fn name(&self) -> &'static str {
        "scaled-silu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let y = for_float!(x.dtype(), T => {
            let mut y = values::<T>(x, layout)?.to_vec();
            rectify(&mut y);
            Ok(T::to_cpu_storage_owned(y))
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
    let mut back = host::<T>(&x_storage, x_layout)?.to_vec();
    through(&mut back, host(&gradient_storage, gradient_layout)?, GAIN);
    Tensor::from_vec(back, x.shape(), x.device())
}

/// `(x + z) / √2`.
pub(crate) fn skip(x: &Tensor, z: &Tensor) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::skip(x, z);
    }
    x.contiguous()?.apply_op2(&z.contiguous()?, Skip)
}

struct Skip;

vectorised! {
    /// `y ← (y + z) / √2`.
    fn join<T: Real>(y: &mut [T], z: &[T]) -> () {
        let half = T::from_f64(FRAC_1_SQRT_2);
        for (y, &z) in y.iter_mut().zip(z) {
            *y = half * (*y + z);
        }
    }
}

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
            let mut y = values::<T>(x, x_layout)?.to_vec();
            join(&mut y, values(z, z_layout)?);
            Ok(T::to_cpu_storage_owned(y))
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
