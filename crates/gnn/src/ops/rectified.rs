//! Dense layers with the scaled `SiLU`, and residual layers of two of them.
//!
//! On the edges of a batch a layer is a long and narrow matrix, and most of the
//! time goes into moving it. So where products follow each other, some hundreds of rows
//! are worked off at a time, which stay in the cache from the first to the last. Kept for the
//! way back is what the `SiLU` was taken of, which gives its value and its slope.

use std::f64::consts::FRAC_1_SQRT_2;
use std::ops::Range;
use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, WithDType};

use super::activation::Real;
use super::matrix::Matrix;
use super::silu::{GAIN, rectify, through, value, value_and_slope};
use super::{accumulate, composed, for_float, host, values, vectorised};

/// Rows that stay in the cache.
const ROWS_AT_ONCE: usize = 512;

/// `s(x W)`, and what `s` was taken of.
#[derive(Default)]
struct Dense(OnceLock<CpuStorage>);

/// `s(x W)` with `s(x) = x σ(x) / 0.6`.
///
/// - `x`: `(M, K)`; `w`: `(K, N)`.
/// - returns: `(M, N)`.
pub(crate) fn rectified(x: &Tensor, w: &Tensor) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::scaled_silu(&x.matmul(w)?);
    }
    x.contiguous()?.apply_op2(w, Dense::default())
}

/// What the first and the second `s` was taken of.
#[derive(Default)]
struct Residual(OnceLock<[CpuStorage; 2]>);

/// `(x + s(s(x W) W')) / √2`.
///
/// - `x`: `(M, N)`; `w`, `w'`: `(N, N)`.
/// - returns: `(M, N)`.
pub(crate) fn residual(x: &Tensor, w: [&Tensor; 2]) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::residual(x, w);
    }
    x.contiguous()?.apply_op3(w[0], w[1], Residual::default())
}

vectorised! {
    /// `z ← s(z)`, and `s'(z)`.
    fn rectify_and_slope<T: Real>(z: &mut [T]) -> Vec<T> {
        let gain = T::from_f64(GAIN);
        let mut slopes = z.to_vec();
        for (z, slope) in z.iter_mut().zip(&mut slopes) {
            (*z, *slope) = value_and_slope(*z, gain);
        }
        slopes
    }
}

vectorised! {
    /// `z ← (x + s(z)) / √2`.
    fn join_rectified<T: Real>(z: &mut [T], x: &[T]) -> () {
        let (half, gain) = (T::from_f64(FRAC_1_SQRT_2), T::from_f64(GAIN));
        for (z, &x) in z.iter_mut().zip(x) {
            *z = half * (x + value(*z, gain));
        }
    }
}

vectorised! {
    /// `y ← y ⊙ x`.
    fn multiply<T: Real>(y: &mut [T], x: &[T]) -> () {
        for (y, &x) in y.iter_mut().zip(x) {
            *y *= x;
        }
    }
}

vectorised! {
    /// `y ← y + x / √2`.
    fn add_half<T: Real>(y: &mut [T], x: &[T]) -> () {
        let half = T::from_f64(FRAC_1_SQRT_2);
        for (y, &x) in y.iter_mut().zip(x) {
            *y += half * x;
        }
    }
}

/// The rows of a matrix, some hundreds at a time.
fn parts(rows: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (0..rows).step_by(ROWS_AT_ONCE);
    starts.map(move |start| start..rows.min(start + ROWS_AT_ONCE))
}

/// What the way forward has left for the way back.
fn kept<K>(kept: &OnceLock<K>) -> Result<&K> {
    let missing = || candle_core::Error::Msg("the way back before the way forward".to_owned());
    kept.get().ok_or_else(missing)
}

/// The numbers in these rows.
fn part<'a, T>(all: &'a [T], rows: &Range<usize>, width: usize) -> &'a [T] {
    &all[rows.start * width..rows.end * width]
}

impl Dense {
    fn forward<T: Real>(&self, x: &Matrix<'_>, w: &Matrix<'_>) -> Result<Vec<T>> {
        let z = x.times::<T>(w)?;
        let mut y = z.clone();
        rectify(&mut y);
        self.0.get_or_init(|| T::to_cpu_storage_owned(z));
        Ok(y)
    }

    fn backward<T: Real>(&self, x: &Tensor, w: &Tensor, gradient: &Tensor) -> Result<[Tensor; 2]> {
        let (x_storage, x_layout) = x.storage_and_layout();
        let (w_storage, w_layout) = w.storage_and_layout();
        let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
        let x_matrix = Matrix::of_host(&x_storage, x_layout)?;
        let w_matrix = Matrix::of_host(&w_storage, w_layout)?;
        let g = host::<T>(&gradient_storage, gradient_layout)?;
        let (inputs, outputs) = w_matrix.shape()?;
        let count = x_matrix.shape()?.0;
        let z = T::cpu_storage_as_slice(kept(&self.0)?)?;
        let mut x_gradient = Vec::with_capacity(count * inputs);
        let mut w_gradient = vec![T::zero(); inputs * outputs];
        for rows in parts(count) {
            let x = x_matrix.rows(&rows)?;
            let mut inner = part(z, &rows, outputs).to_vec();
            through(&mut inner, part(g, &rows, outputs), GAIN);
            let inner = T::to_cpu_storage_owned(inner);
            let inner = Matrix::of_rows(&inner, (rows.len(), outputs));
            accumulate(&mut w_gradient, &x.transposed()?.times(&inner)?);
            x_gradient.extend(inner.times::<T>(&w_matrix.transposed()?)?);
        }
        Ok([
            Tensor::from_vec(x_gradient, x.shape(), x.device())?,
            Tensor::from_vec(w_gradient, w.shape(), w.device())?,
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
            let [x, w] = [Matrix::new(x, x_layout), Matrix::new(w, w_layout)];
            let y = self.forward::<T>(&x, &w)?;
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
        let [x, w] = for_float!(x.dtype(), T => self.backward::<T>(x, w, &gradient))?;
        Ok((Some(x), Some(w)))
    }
}

impl Residual {
    /// - `x_values`: the numbers of `x`.
    fn forward<T: Real>(
        &self,
        x_values: &[T],
        x: &Matrix<'_>,
        [first, second]: [&Matrix<'_>; 2],
    ) -> Result<Vec<T>> {
        let (count, width) = x.shape()?;
        let kept_first = x.times::<T>(first)?;
        let [mut y, mut kept_second] = [0; 2].map(|_| Vec::with_capacity(x_values.len()));
        for rows in parts(count) {
            let mut inner = part(&kept_first, &rows, width).to_vec();
            rectify(&mut inner);
            let inner = T::to_cpu_storage_owned(inner);
            let mut z = Matrix::of_rows(&inner, (rows.len(), width)).times::<T>(second)?;
            kept_second.extend_from_slice(&z);
            join_rectified(&mut z, part(x_values, &rows, width));
            y.extend(z);
        }
        let kept = [kept_first, kept_second].map(T::to_cpu_storage_owned);
        self.0.get_or_init(|| kept);
        Ok(y)
    }

    fn backward<T: Real>(
        &self,
        x: &Tensor,
        [first, second]: [&Tensor; 2],
        gradient: &Tensor,
    ) -> Result<[Tensor; 3]> {
        let (x_storage, x_layout) = x.storage_and_layout();
        let (first_storage, first_layout) = first.storage_and_layout();
        let (second_storage, second_layout) = second.storage_and_layout();
        let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
        let x_matrix = Matrix::of_host(&x_storage, x_layout)?;
        let first_matrix = Matrix::of_host(&first_storage, first_layout)?;
        let second_matrix = Matrix::of_host(&second_storage, second_layout)?;
        let g = host::<T>(&gradient_storage, gradient_layout)?;
        let (count, width) = x_matrix.shape()?;
        let [inner_z, outer_z] = kept(&self.0)?;
        let inner_z = T::cpu_storage_as_slice(inner_z)?;
        let outer_z = T::cpu_storage_as_slice(outer_z)?;
        let mut x_gradient = Vec::with_capacity(count * width);
        let [mut to_first, mut to_second] = [0; 2].map(|_| vec![T::zero(); width * width]);
        for rows in parts(count) {
            let (shape, g) = ((rows.len(), width), part(g, &rows, width));
            let x = x_matrix.rows(&rows)?;
            let mut inner = part(inner_z, &rows, width).to_vec();
            let slope = rectify_and_slope(&mut inner);
            let inner = T::to_cpu_storage_owned(inner);
            let inner = Matrix::of_rows(&inner, shape);
            let mut outer = part(outer_z, &rows, width).to_vec();
            through(&mut outer, g, GAIN * FRAC_1_SQRT_2);
            let outer = T::to_cpu_storage_owned(outer);
            let outer = Matrix::of_rows(&outer, shape);
            accumulate(&mut to_second, &inner.transposed()?.times(&outer)?);
            let mut back = outer.times::<T>(&second_matrix.transposed()?)?;
            multiply(&mut back, &slope);
            let back = T::to_cpu_storage_owned(back);
            let back = Matrix::of_rows(&back, shape);
            accumulate(&mut to_first, &x.transposed()?.times(&back)?);
            let mut back = back.times::<T>(&first_matrix.transposed()?)?;
            add_half(&mut back, g);
            x_gradient.extend(back);
        }
        Ok([
            Tensor::from_vec(x_gradient, x.shape(), x.device())?,
            Tensor::from_vec(to_first, first.shape(), first.device())?,
            Tensor::from_vec(to_second, second.shape(), second.device())?,
        ])
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
            let [first, second] = [Matrix::new(w, w_layout), Matrix::new(v, v_layout)];
            let x_matrix = Matrix::new(x, x_layout);
            let y = self.forward::<T>(values(x, x_layout)?, &x_matrix, [&first, &second])?;
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
        let [x, w, v] = for_float!(x.dtype(), T => self.backward::<T>(x, [w, v], &gradient))?;
        Ok((Some(x), Some(w), Some(v)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{check, numbers};
    use super::super::silu::scaled_silu;
    use candle_core::Device;

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
            let a = a.flatten_all().unwrap().to_vec1::<f64>().unwrap();
            for (a, b) in a
                .iter()
                .zip(b.flatten_all().unwrap().to_vec1::<f64>().unwrap())
            {
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
