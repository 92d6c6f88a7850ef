//! Edge features times what depends on the shape of the edge alone.
//!
//! The factors are given once for every different shape, and no `(E, F)` tensor
//! of them exists.

use std::sync::Arc;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, WithDType};

use super::activation::Real;
use super::{composed, for_float, host, row, row_mut, values, vectorised};

struct Gate {
    shapes: Arc<Vec<u32>>,
}

/// `y[e] = x[e] ⊙ t[shape of e]`.
///
/// - `x`: `(E, F)`; `t`: `(U, F)`.
/// - `shapes`: rows of `t`, `(E,)`.
/// - returns: `(E, F)`.
pub(crate) fn gate(x: &Tensor, t: &Tensor, shapes: &Arc<Vec<u32>>) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::gate(x, t, shapes);
    }
    let shapes = Arc::clone(shapes);
    x.contiguous()?.apply_op2(&t.contiguous()?, Gate { shapes })
}

vectorised! {
    fn products<T: Real>(x: &[T], t: &[T], shapes: &[u32], width: usize) -> Vec<T> {
        let mut y = Vec::with_capacity(x.len());
        for (x, &shape) in x.chunks_exact(width).zip(shapes) {
            y.extend(x.iter().zip(row(t, shape, width)).map(|(&x, &t)| x * t));
        }
        y
    }
}

vectorised! {
    fn sums_of_shapes<T: Real>(g: &[T], x: &[T], shapes: &[u32], count: usize, width: usize) -> Vec<T> {
        let mut sums = vec![T::zero(); count];
        let rows = x.chunks_exact(width).zip(g.chunks_exact(width));
        for ((x, g), &shape) in rows.zip(shapes) {
            let sum = row_mut(&mut sums, shape, width).iter_mut();
            for ((sum, &g), &x) in sum.zip(g).zip(x) {
                *sum += g * x;
            }
        }
        sums
    }
}

impl Gate {
    fn backward<T: Real>(&self, x: &Tensor, t: &Tensor, gradient: &Tensor) -> Result<[Tensor; 2]> {
        let width = x.dim(1)?;
        let (x_storage, x_layout) = x.storage_and_layout();
        let (t_storage, t_layout) = t.storage_and_layout();
        let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
        let x_values = host::<T>(&x_storage, x_layout)?;
        let t_values = host::<T>(&t_storage, t_layout)?;
        let g = host::<T>(&gradient_storage, gradient_layout)?;
        let x_gradient = products(g, t_values, &self.shapes, width);
        let t_gradient = sums_of_shapes(g, x_values, &self.shapes, t_values.len(), width);
        Ok([
            Tensor::from_vec(x_gradient, x.shape(), x.device())?,
            Tensor::from_vec(t_gradient, t.shape(), t.device())?,
        ])
    }
}

impl CustomOp2 for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        t: &CpuStorage,
        t_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, width) = x_layout.shape().dims2()?;
        let y = for_float!(x.dtype(), T => {
            let [x, t] = [values::<T>(x, x_layout)?, values(t, t_layout)?];
            let y = products(x, t, &self.shapes, width);
            Ok(T::to_cpu_storage_owned(y))
        })?;
        Ok((y, Shape::from((self.shapes.len(), width))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        t: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let [x, t] = for_float!(x.dtype(), T => self.backward::<T>(x, t, &gradient))?;
        Ok((Some(x), Some(t)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{check, numbers};
    use super::*;

    #[test]
    fn derivatives_agree_with_differences() {
        let shapes = Arc::new(vec![0, 1, 1, 0, 0]);
        let inputs = [(numbers(10, 0.1), [5, 2]), (numbers(4, 0.2), [2, 2])];
        check(&inputs, |t| gate(&t[0], &t[1], &shapes));
    }
}
