//! Dense layers with the scaled `SiLU`, and residual layers of two of them.
//!
//! On the edges of a batch a layer is a long and narrow matrix, and most of the
//! time goes into moving it. So a layer is worked off some hundreds of rows at a
//! time, which stay in the cache from the first product to the last, and nothing
//! but its output is kept: on the way back the inner values are made again, for
//! a third more products and a third of the memory.

use std::f64::consts::FRAC_1_SQRT_2;

use candle_core::{
    CpuStorage, CustomOp2, CustomOp3, Device, Layout, Result, Shape, Tensor, WithDType,
};

use super::activation::Real;
use super::silu::{GAIN, slope, value, value_and_slope};
use super::{for_float, host, values};

/// Rows that stay in the cache.
const ROWS_AT_ONCE: usize = 512;

struct Dense;

/// `s(x W)` with `s(x) = x σ(x) / 0.6`.
///
/// - `x`: `(M, K)`; `w`: `(K, N)`.
/// - returns: `(M, N)`.
pub(crate) fn rectified(x: &Tensor, w: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op2(w, Dense)
}

struct Residual;

/// `(x + s(s(x W) W')) / √2`.
///
/// - `x`: `(M, N)`; `w`, `w'`: `(N, N)`.
/// - returns: `(M, N)`.
pub(crate) fn residual(x: &Tensor, w: [&Tensor; 2]) -> Result<Tensor> {
    x.contiguous()?.apply_op3(w[0], w[1], Residual)
}

/// Rows of a matrix as a matrix.
fn matrix<T: Real>(rows: &[T], width: usize) -> Result<Tensor> {
    Tensor::from_slice(rows, (rows.len() / width, width), &Device::Cpu)
}

fn into_matrix<T: Real>(rows: Vec<T>, width: usize) -> Result<Tensor> {
    let shape = (rows.len() / width, width);
    Tensor::from_vec(rows, shape, &Device::Cpu)
}

fn numbers<T: Real>(x: &Tensor) -> Result<Vec<T>> {
    x.flatten_all()?.to_vec1()
}

fn weight<T: Real>(w: &CpuStorage, layout: &Layout) -> Result<Tensor> {
    let (_, width) = layout.shape().dims2()?;
    matrix(values::<T>(w, layout)?, width)
}

fn silu<T: Real>(z: &[T]) -> Vec<T> {
    let gain = T::from_f64(GAIN);
    z.iter().map(|&z| value(z, gain)).collect()
}

/// `s(z)` and `s'(z)`.
fn silu_and_slope<T: Real>(z: &[T]) -> (Vec<T>, Vec<T>) {
    let gain = T::from_f64(GAIN);
    let both = z.iter().map(|&z| value_and_slope(z, gain));
    both.unzip()
}

/// `factor · s'(z) ⊙ g`.
fn through_silu<T: Real>(z: &[T], g: &[T], factor: f64) -> Vec<T> {
    let gain = T::from_f64(GAIN * factor);
    z.iter().zip(g).map(|(&z, &g)| g * slope(z, gain)).collect()
}

/// Adds `xᵀ g`.
fn add_product(sum: &mut Tensor, x: &Tensor, g: &Tensor) -> Result<()> {
    *sum = (&*sum + x.t()?.matmul(g)?)?;
    Ok(())
}

impl Dense {
    fn forward<T: Real>(x: &[T], w: &Tensor) -> Result<Vec<T>> {
        let (inputs, outputs) = w.dims2()?;
        let mut y = Vec::with_capacity(x.len() / inputs * outputs);
        for x in x.chunks(inputs * ROWS_AT_ONCE) {
            y.extend(silu::<T>(&numbers(&matrix(x, inputs)?.matmul(w)?)?));
        }
        Ok(y)
    }

    fn backward<T: Real>(x: &Tensor, w: &Tensor, gradient: &Tensor) -> Result<[Tensor; 2]> {
        let (inputs, outputs) = w.dims2()?;
        let (x_storage, x_layout) = x.storage_and_layout();
        let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
        let x_values = host::<T>(&x_storage, x_layout)?;
        let g = host::<T>(&gradient_storage, gradient_layout)?;
        let w = w.detach();
        let transposed = w.t()?;
        let mut x_gradient = Vec::with_capacity(x_values.len());
        let mut w_gradient = w.zeros_like()?;
        let rows = x_values.chunks(inputs * ROWS_AT_ONCE);
        for (x, g) in rows.zip(g.chunks(outputs * ROWS_AT_ONCE)) {
            let x = matrix(x, inputs)?;
            let z = numbers::<T>(&x.matmul(&w)?)?;
            let inner = into_matrix(through_silu(&z, g, 1.0), outputs)?;
            add_product(&mut w_gradient, &x, &inner)?;
            x_gradient.extend(numbers::<T>(&inner.matmul(&transposed)?)?);
        }
        Ok([
            Tensor::from_vec(x_gradient, x.shape(), x.device())?,
            w_gradient,
        ])
    }
}

impl CustomOp2 for Dense {
    fn name(&self) -> &'static str {
        "rectified"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        w: &CpuStorage,
        w_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        use candle_core::backend::BackendStorage;
        let shape = (x_layout.shape().dims2()?.0, w_layout.shape().dims2()?.1);
        let y = for_float!(x.dtype(), T => {
            let w = weight::<T>(w, w_layout)?;
            let y = Self::forward::<T>(values(x, x_layout)?, &w)?;
            Ok(T::to_cpu_storage_owned(y))
        })?;
        Ok((y, Shape::from(shape)))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let [x, w] = for_float!(x.dtype(), T => Self::backward::<T>(x, w, &gradient))?;
        Ok((Some(x), Some(w)))
    }
}

impl Residual {
    fn forward<T: Real>(x: &[T], [first, second]: [&Tensor; 2]) -> Result<Vec<T>> {
        let width = first.dim(0)?;
        let half = T::from_f64(FRAC_1_SQRT_2);
        let gain = T::from_f64(GAIN);
        let mut y = Vec::with_capacity(x.len());
        for x in x.chunks(width * ROWS_AT_ONCE) {
            let inner = silu::<T>(&numbers(&matrix(x, width)?.matmul(first)?)?);
            let z = numbers::<T>(&into_matrix(inner, width)?.matmul(second)?)?;
            y.extend(x.iter().zip(z).map(|(&x, z)| half * (x + value(z, gain))));
        }
        Ok(y)
    }

    fn backward<T: Real>(
        x: &Tensor,
        [first, second]: [&Tensor; 2],
        gradient: &Tensor,
    ) -> Result<[Tensor; 3]> {
        let width = first.dim(0)?;
        let half = T::from_f64(FRAC_1_SQRT_2);
        let (x_storage, x_layout) = x.storage_and_layout();
        let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
        let x_values = host::<T>(&x_storage, x_layout)?;
        let g = host::<T>(&gradient_storage, gradient_layout)?;
        let [first, second] = [first.detach(), second.detach()];
        let [back_first, back_second] = [first.t()?, second.t()?];
        let mut x_gradient = Vec::with_capacity(x_values.len());
        let [mut to_first, mut to_second] = [first.zeros_like()?, second.zeros_like()?];
        let rows = x_values.chunks(width * ROWS_AT_ONCE);
        for (x, g) in rows.zip(g.chunks(width * ROWS_AT_ONCE)) {
            let x = matrix(x, width)?;
            let inner_z = numbers::<T>(&x.matmul(&first)?)?;
            let (inner, inner_slope) = silu_and_slope(&inner_z);
            let inner = into_matrix(inner, width)?;
            let z = numbers::<T>(&inner.matmul(&second)?)?;
            let outer = into_matrix(through_silu(&z, g, FRAC_1_SQRT_2), width)?;
            add_product(&mut to_second, &inner, &outer)?;
            let mut back = numbers::<T>(&outer.matmul(&back_second)?)?;
            for (back, &slope) in back.iter_mut().zip(&inner_slope) {
                *back *= slope;
            }
            let back = into_matrix(back, width)?;
            add_product(&mut to_first, &x, &back)?;
            let back = numbers::<T>(&back.matmul(&back_first)?)?;
            x_gradient.extend(g.iter().zip(back).map(|(&g, b)| half * g + b));
        }
        let x_gradient = Tensor::from_vec(x_gradient, x.shape(), x.device())?;
        Ok([x_gradient, to_first, to_second])
    }
}

impl CustomOp3 for Residual {
    fn name(&self) -> &'static str {
        "residual"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        w: &CpuStorage,
        w_layout: &Layout,
        v: &CpuStorage,
        v_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        use candle_core::backend::BackendStorage;
        let y = for_float!(x.dtype(), T => {
            let weights = [&weight::<T>(w, w_layout)?, &weight::<T>(v, v_layout)?];
            let y = Self::forward::<T>(values(x, x_layout)?, weights)?;
            Ok(T::to_cpu_storage_owned(y))
        })?;
        Ok((y, x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        v: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let [x, w, v] = for_float!(x.dtype(), T => Self::backward::<T>(x, [w, v], &gradient))?;
        Ok((Some(x), Some(w), Some(v)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{check, numbers};
    use super::super::silu::scaled_silu;
    use super::*;

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [
            (numbers(12, 0.1), [4, 3]),
            (numbers(9, 0.2), [3, 3]),
            (numbers(9, 0.3), [3, 3]),
        ];
        check(&inputs, |t| residual(&t[0], [&t[1], &t[2]]));
        let inputs = [(numbers(12, 0.1), [4, 3]), (numbers(6, 0.2), [3, 2])];
        check(&inputs, |t| rectified(&t[0], &t[1]));
    }

    /// The derivatives above see one block of rows only.
    #[test]
    fn many_rows_give_what_single_operations_give() {
        let rows = 2 * ROWS_AT_ONCE + 3;
        let tensor = |x: Vec<f64>, shape: (usize, usize)| {
            candle_core::Var::from_tensor(&Tensor::from_vec(x, shape, &Device::Cpu).unwrap())
                .unwrap()
        };
        let x = tensor(numbers(2 * rows, 0.1), (rows, 2));
        let w = tensor(numbers(4, 0.2), (2, 2));
        let v = tensor(numbers(4, 0.3), (2, 2));
        let plain = |x: &Tensor| -> Result<Tensor> {
            let inner = scaled_silu(&x.matmul(&w)?)?;
            let sum = (x + scaled_silu(&inner.matmul(&v)?)?)?;
            sum * FRAC_1_SQRT_2
        };
        let x_tensor = x.as_tensor();
        let (one, other) = (
            residual(x_tensor, [w.as_tensor(), v.as_tensor()]).unwrap(),
            plain(x_tensor).unwrap(),
        );
        let close = |a: &Tensor, b: &Tensor| {
            let a = super::numbers::<f64>(a).unwrap();
            for (a, b) in a.iter().zip(super::numbers::<f64>(b).unwrap()) {
                approx::assert_relative_eq!(*a, b, epsilon = 1e-10, max_relative = 1e-10);
            }
        };
        close(&one, &other);
        let back = |y: &Tensor| y.sqr().unwrap().sum_all().unwrap().backward().unwrap();
        let (one, other) = (back(&one), back(&other));
        for var in [&x, &w, &v] {
            close(one.get(var).unwrap(), other.get(var).unwrap());
        }
    }
}
