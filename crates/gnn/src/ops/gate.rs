//! Edge features times what depends on the shape of the edge alone.
//!
//! The factors are given once for every different shape, and no `(E, F)` tensor
//! of them exists; summed over the edges of a node, none of the products.

use std::sync::Arc;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, WithDType};

use super::activation::Real;
use super::{for_float, host, row, row_mut, values};
use crate::batch::Topology;

/// Where the product of an edge goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    /// To the edge.
    Edge,
    /// Into the sum of its target, of so many nodes.
    Target { nodes: usize },
}

struct Gate {
    topology: Arc<Topology>,
    to: To,
}

/// `y[e] = x[e] ⊙ t[shape of e]`.
///
/// - `x`: `(E, F)`; `t`: `(U, F)`.
/// - returns: `(E, F)`.
pub(crate) fn gate(x: &Tensor, t: &Tensor, topology: &Arc<Topology>) -> Result<Tensor> {
    apply(x, t, topology, To::Edge)
}

/// `y[i] = Σ x[e] ⊙ t[shape of e]` over the edges `e` that end at `i`.
///
/// - `x`: `(E, F)`; `t`: `(U, F)`.
/// - returns: `(nodes, F)`; zero for a node without edges.
pub(crate) fn gated_sum(
    x: &Tensor,
    t: &Tensor,
    topology: &Arc<Topology>,
    nodes: usize,
) -> Result<Tensor> {
    apply(x, t, topology, To::Target { nodes })
}

fn apply(x: &Tensor, t: &Tensor, topology: &Arc<Topology>, to: To) -> Result<Tensor> {
    let topology = Arc::clone(topology);
    x.contiguous()?
        .apply_op2(&t.contiguous()?, Gate { topology, to })
}

impl Gate {
    fn rows(&self) -> usize {
        match self.to {
            To::Edge => self.topology.edges(),
            To::Target { nodes } => nodes,
        }
    }

    /// Row of the output for an edge.
    fn place(&self, edge: usize, target: u32) -> usize {
        match self.to {
            To::Edge => edge,
            To::Target { .. } => target as usize,
        }
    }

    fn forward<T: Real>(&self, x: &[T], t: &[T], width: usize) -> Vec<T> {
        let mut y = vec![T::zero(); self.rows() * width];
        let edges = x.chunks_exact(width).zip(self.topology.iter());
        for (edge, (x, (target, _, shape))) in edges.enumerate() {
            let place = self.place(edge, target) * width;
            let y = y[place..place + width].iter_mut();
            for ((y, &x), &t) in y.zip(x).zip(row(t, shape, width)) {
                *y += x * t;
            }
        }
        y
    }

    fn backward<T: Real>(&self, x: &Tensor, t: &Tensor, gradient: &Tensor) -> Result<[Tensor; 2]> {
        let width = x.dim(1)?;
        let (x_storage, x_layout) = x.storage_and_layout();
        let (t_storage, t_layout) = t.storage_and_layout();
        let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
        let x_values = host::<T>(&x_storage, x_layout)?;
        let t_values = host::<T>(&t_storage, t_layout)?;
        let g = host::<T>(&gradient_storage, gradient_layout)?;
        let mut x_gradient = Vec::with_capacity(x_values.len());
        let mut t_gradient = vec![T::zero(); t_values.len()];
        let edges = x_values.chunks_exact(width).zip(self.topology.iter());
        for (edge, (x, (target, _, shape))) in edges.enumerate() {
            let place = self.place(edge, target) * width;
            let g = &g[place..place + width];
            let t = row(t_values, shape, width);
            x_gradient.extend(g.iter().zip(t).map(|(&g, &t)| g * t));
            let sum = row_mut(&mut t_gradient, shape, width).iter_mut();
            for ((sum, &g), &x) in sum.zip(g).zip(x) {
                *sum += g * x;
            }
        }
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
            let y = self.forward::<T>(values(x, x_layout)?, values(t, t_layout)?, width);
            Ok(T::to_cpu_storage_owned(y))
        })?;
        Ok((y, Shape::from((self.rows(), width))))
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
        let topology = Arc::new(Topology::new(
            vec![1, 2, 0, 0, 1],
            vec![0, 0, 1, 2, 2],
            vec![0, 1, 1, 0, 0],
        ));
        let inputs = [(numbers(10, 0.1), [5, 2]), (numbers(4, 0.2), [2, 2])];
        check(&inputs, |t| gate(&t[0], &t[1], &topology));
        check(&inputs, |t| gated_sum(&t[0], &t[1], &topology, 4));
    }
}
