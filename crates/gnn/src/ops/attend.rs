//! The read of Set2Set: `r[s] = Σ_i a_i x_i` with `a = softmax_i(x_i · q[s])`,
//! over the rows `i` of segment `s`.
//!
//! Vinyals, Bengio & Kudlur, arXiv:1511.06391, eqs. (3)-(6).

use std::sync::Arc;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, WithDType};

use super::activation::Real;
use super::{composed, for_float, host, values};
use crate::batch::Segments;

struct Attend(Arc<Segments>);

/// One softmax-weighted mean for every segment.
///
/// - `x`: `(R, F)`, rows of a segment next to each other; `q`: `(S, F)`.
/// - returns: `(S, F)`; zero for a segment without rows.
pub(crate) fn attend(x: &Tensor, q: &Tensor, segments: &Arc<Segments>) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::attend(x, q, segments);
    }
    x.contiguous()?
        .apply_op2(&q.contiguous()?, Attend(Arc::clone(segments)))
}

fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(T::zero(), |sum, (&a, &b)| sum + a * b)
}

fn add_scaled<T: Real>(sum: &mut [T], factor: T, row: &[T]) {
    for (sum, &x) in sum.iter_mut().zip(row) {
        *sum += factor * x;
    }
}

/// `softmax(x q)` over the rows of one segment.
fn weights<T: Real>(x: &[T], q: &[T]) -> Vec<T> {
    let mut weights: Vec<T> = x.chunks_exact(q.len()).map(|row| dot(row, q)).collect();
    let largest = weights
        .iter()
        .copied()
        .reduce(|a, b| if b > a { b } else { a });
    let mut total = T::zero();
    for w in &mut weights {
        *w = (*w - largest.unwrap_or_else(T::zero)).exponential();
        total += *w;
    }
    for weight in &mut weights {
        *weight /= total;
    }
    weights
}

impl Attend {
    fn forward<T: Real>(&self, x: &[T], q: &[T], width: usize) -> Vec<T> {
        let mut r = vec![T::zero(); q.len()];
        for (segment, rows) in self.0.iter().enumerate() {
            let x = &x[rows.start * width..rows.end * width];
            let own = segment * width..(segment + 1) * width;
            let (q, r) = (&q[own.clone()], &mut r[own]);
            for (weight, row) in weights(x, q).into_iter().zip(x.chunks_exact(width)) {
                add_scaled(r, weight, row);
            }
        }
        r
    }

    fn backward<T: Real>(&self, x: &Tensor, q: &Tensor, gradient: &Tensor) -> Result<[Tensor; 2]> {
        let width = x.dim(1)?;
        let (x_storage, x_layout) = x.storage_and_layout();
        let (q_storage, q_layout) = q.storage_and_layout();
        let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
        let x_values = host::<T>(&x_storage, x_layout)?;
        let q_values = host::<T>(&q_storage, q_layout)?;
        let g_values = host::<T>(&gradient_storage, gradient_layout)?;
        let mut x_gradient = vec![T::zero(); x_values.len()];
        let mut q_gradient = vec![T::zero(); q_values.len()];
        for (segment, rows) in self.0.iter().enumerate() {
            let own = segment * width..(segment + 1) * width;
            let (q, g) = (&q_values[own.clone()], &g_values[own.clone()]);
            let rows = rows.start * width..rows.end * width;
            segment_backward(
                &x_values[rows.clone()],
                q,
                g,
                &mut x_gradient[rows],
                &mut q_gradient[own],
            );
        }
        Ok([
            Tensor::from_vec(x_gradient, x.shape(), x.device())?,
            Tensor::from_vec(q_gradient, q.shape(), q.device())?,
        ])
    }
}

/// With `s_i = x_i · q`: `∂/∂s_i = a_i (g · x_i - g · r)`, and from there to
/// `x_i` (which also enters as a value) and `q`.
fn segment_backward<T: Real>(
    x: &[T],
    q: &[T],
    g: &[T],
    x_gradient: &mut [T],
    q_gradient: &mut [T],
) {
    let width = q.len();
    let weights = weights(x, q);
    let along: Vec<T> = x.chunks_exact(width).map(|row| dot(row, g)).collect();
    let mean = dot(&weights, &along);
    let rows = x
        .chunks_exact(width)
        .zip(x_gradient.chunks_exact_mut(width));
    for ((row, back), (&a, &along)) in rows.zip(weights.iter().zip(&along)) {
        let score = a * (along - mean);
        add_scaled(back, a, g);
        add_scaled(back, score, q);
        add_scaled(q_gradient, score, row);
    }
}

impl CustomOp2 for Attend {
    fn name(&self) -> &'static str {
        "attend"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        q: &CpuStorage,
        q_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, width) = x_layout.shape().dims2()?;
        let r = for_float!(x.dtype(), T => {
            let r = self.forward::<T>(values(x, x_layout)?, values(q, q_layout)?, width);
            Ok(T::to_cpu_storage_owned(r))
        })?;
        Ok((r, q_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        q: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let [x, q] = for_float!(x.dtype(), T => self.backward::<T>(x, q, &gradient))?;
        Ok((Some(x), Some(q)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{check, numbers};
    use super::*;

    #[test]
    fn derivatives_agree_with_differences() {
        let segments = Arc::new(Segments::of_counts([2, 0, 3]));
        let inputs = [(numbers(10, 0.4), [5, 2]), (numbers(6, 0.9), [3, 2])];
        check(&inputs, |t| attend(&t[0], &t[1], &segments));
    }
}
