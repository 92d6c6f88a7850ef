//! The read of Set2Set: `r[s] = Σ_i a_i x_i` with `a_i ∝ n_i exp(x_i · q[s])`, of sum 1,
//! over the rows `i` of group `s`, which stand for `n_i` each.
//!
//! Vinyals, Bengio & Kudlur, arXiv:1511.06391, eqs. (3)-(6).

use std::sync::Arc;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, WithDType};

use super::activation::Real;
use super::{add_scaled, composed, for_float, host, row, row_mut, values};
use crate::batch::Members;

struct Attend(Arc<Members>);

/// One softmax-weighted mean for every group.
///
/// - `x`: `(R, F)`; `q`: `(S, F)`.
/// - returns: `(S, F)`; zero for a group without rows.
pub(crate) fn attend(x: &Tensor, q: &Tensor, groups: &Arc<Members>) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::attend(x, q, groups);
    }
    x.contiguous()?
        .apply_op2(&q.contiguous()?, Attend(Arc::clone(groups)))
}

fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(T::zero(), |sum, (&a, &b)| sum + a * b)
}

/// The members of one group, and what looks at them.
struct Group<'a, T> {
    x: &'a [T],
    rows: &'a [u32],
    counts: &'a [f64],
    q: &'a [T],
}

impl<'a, T: Real> Group<'a, T> {
    fn members(&self) -> impl Iterator<Item = &'a [T]> {
        let (x, width) = (self.x, self.q.len());
        self.rows.iter().map(move |&member| row(x, member, width))
    }

    /// `softmax(x q)`, equal members added up.
    fn weights(&self) -> Vec<T> {
        let mut weights: Vec<T> = self.members().map(|row| dot(row, self.q)).collect();
        let largest = weights
            .iter()
            .copied()
            .reduce(|a, b| if b > a { b } else { a });
        let mut total = T::zero();
        for (w, &count) in weights.iter_mut().zip(self.counts) {
            let each = (*w - largest.unwrap_or_else(T::zero)).exponential();
            *w = T::from_f64(count) * each;
            total += *w;
        }
        for weight in &mut weights {
            *weight /= total;
        }
        weights
    }

    fn read(&self, r: &mut [T]) {
        for (weight, row) in self.weights().into_iter().zip(self.members()) {
            add_scaled(r, weight, row);
        }
    }

    /// With `s_i = x_i · q`: `∂/∂s_i = a_i (g · x_i - g · r)`, and from there to
    /// `x_i` (which also enters as a value) and `q`.
    fn backward(&self, g: &[T], x_gradient: &mut [T], q_gradient: &mut [T]) {
        let weights = self.weights();
        let along: Vec<T> = self.members().map(|row| dot(row, g)).collect();
        let mean = dot(&weights, &along);
        let members = self.rows.iter().zip(self.members());
        for ((&member, row), (&a, &along)) in members.zip(weights.iter().zip(&along)) {
            let score = a * (along - mean);
            let back = row_mut(x_gradient, member, g.len());
            add_scaled(back, a, g);
            add_scaled(back, score, self.q);
            add_scaled(q_gradient, score, row);
        }
    }
}

impl Attend {
    /// Each group, with its rows of `q`.
    fn groups<'a, T: Real>(
        &'a self,
        x: &'a [T],
        q: &'a [T],
        width: usize,
    ) -> impl Iterator<Item = Group<'a, T>> {
        let groups = self.0.iter().zip(q.chunks_exact(width));
        groups.map(move |((rows, counts), q)| Group { x, rows, counts, q })
    }

    fn forward<T: Real>(&self, x: &[T], q: &[T], width: usize) -> Vec<T> {
        let mut r = vec![T::zero(); q.len()];
        for (group, r) in self.groups(x, q, width).zip(r.chunks_exact_mut(width)) {
            group.read(r);
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
        let groups = self.groups(x_values, q_values, width);
        let gradients = g_values.chunks_exact(width);
        let gradients = gradients.zip(q_gradient.chunks_exact_mut(width));
        for (group, (g, q_gradient)) in groups.zip(gradients) {
            group.backward(g, &mut x_gradient, q_gradient);
        }
        Ok([
            Tensor::from_vec(x_gradient, x.shape(), x.device())?,
            Tensor::from_vec(q_gradient, q.shape(), q.device())?,
        ])
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
        let mut shared = Members::of_counts([2, 0]);
        shared.push([(4, 2.0), (0, 1.0), (3, 1.0)]);
        for groups in [Members::of_counts([2, 0, 3]), shared] {
            let groups = Arc::new(groups);
            let inputs = [(numbers(10, 0.4), [5, 2]), (numbers(6, 0.9), [3, 2])];
            check(&inputs, |t| attend(&t[0], &t[1], &groups));
        }
    }
}
