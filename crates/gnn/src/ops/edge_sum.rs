//! `y[e] = act(a[target e] + b[source e] + c[row of e])`.
//!
//! The first layer of an edge network acts on `[x_i, x_j, e, u]`. Its matrix
//! splits into one block per part, so the products are taken where there are
//! few rows (nodes, graphs, different shapes of edges) and only their sum is
//! made on the edges: no `(E, 4h)` tensor exists.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType};

use super::activation::Real;
use super::{Activation, accumulate, composed, for_float, host, row, row_mut, values, vectorised};
use crate::batch::Topology;

/// Which row of a table belongs to an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EdgeRows {
    /// There is a row for every edge.
    PerEdge,
    /// There is a row for every shape, which its edges share.
    PerShape,
}

struct EdgeSum {
    topology: Arc<Topology>,
    rows: EdgeRows,
    activation: Activation,
}

/// `act(a[target] + b[source] + c[row])`.
///
/// - `a`, `b`: `(N, F)`; `c`: `(E, F)` or `(U, F)`, as `rows` says.
/// - returns: `(E, F)`.
pub(crate) fn edge_sum(
    a: &Tensor,
    b: &Tensor,
    c: &Tensor,
    topology: &Arc<Topology>,
    rows: EdgeRows,
    activation: Activation,
) -> Result<Tensor> {
    if !a.device().is_cpu() {
        return composed::edge_sum([a, b, c], topology, rows, activation);
    }
    let op = EdgeSum {
        topology: Arc::clone(topology),
        rows,
        activation,
    };
    a.contiguous()?
        .apply_op3(&b.contiguous()?, &c.contiguous()?, op)
}

vectorised! {
    fn sums<T: Real>(op: &EdgeSum, a: &[T], b: &[T], c: &[T], width: usize) -> Vec<T> {
        let mut y = Vec::with_capacity(op.topology.edges() * width);
        for (edge, (target, source, shape)) in op.topology.iter().enumerate() {
            let c = match op.rows {
                EdgeRows::PerEdge => &c[edge * width..(edge + 1) * width],
                EdgeRows::PerShape => row(c, shape, width),
            };
            let sum = row(a, target, width)
                .iter()
                .zip(row(b, source, width))
                .zip(c)
                .map(|((&a, &b), &c)| a + b + c);
            y.extend(sum);
        }
        op.activation.apply(&mut y);
        y
    }
}

vectorised! {
    /// Gradients of what is summed, of so many numbers each.
    fn pull_back<T: Real>(
        op: &EdgeSum,
        gradient: &[T],
        output: &[T],
        counts: [usize; 3],
        width: usize,
    ) -> [Vec<T>; 3] {
        let inner = op.activation.pull_back(gradient, output);
        let [mut a, mut b] = [vec![T::zero(); counts[0]], vec![T::zero(); counts[1]]];
        let edges = inner.chunks_exact(width);
        for (g, (target, source, _)) in edges.clone().zip(op.topology.iter()) {
            accumulate(row_mut(&mut a, target, width), g);
            accumulate(row_mut(&mut b, source, width), g);
        }
        let c = match op.rows {
            EdgeRows::PerEdge => inner,
            EdgeRows::PerShape => {
                let mut c = vec![T::zero(); counts[2]];
                for (g, (_, _, shape)) in edges.zip(op.topology.iter()) {
                    accumulate(row_mut(&mut c, shape, width), g);
                }
                c
            }
        };
        [a, b, c]
    }
}

impl EdgeSum {
    fn backward<T: Real>(
        &self,
        shapes: [&Tensor; 3],
        output: &Tensor,
        gradient: &Tensor,
    ) -> Result<[Tensor; 3]> {
        let width = output.dim(1)?;
        let (output_storage, output_layout) = output.storage_and_layout();
        let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
        let gradient = host::<T>(&gradient_storage, gradient_layout)?;
        let y = host::<T>(&output_storage, output_layout)?;
        let counts = shapes.map(Tensor::elem_count);
        let [a, b, c] = pull_back(self, gradient, y, counts, width);
        let tensor = |x, like: &Tensor| Tensor::from_vec(x, like.shape(), like.device());
        Ok([
            tensor(a, shapes[0])?,
            tensor(b, shapes[1])?,
            tensor(c, shapes[2])?,
        ])
    }
}

impl CustomOp3 for EdgeSum {
    fn name(&self) -> &'static str {
        "edge-sum"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
        c: &CpuStorage,
        c_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        use candle_core::backend::BackendStorage;
        let (_, width) = a_layout.shape().dims2()?;
        let y = for_float!(a.dtype(), T => {
            let [a, b, c] = [values::<T>(a, a_layout)?, values(b, b_layout)?, values(c, c_layout)?];
            let y = sums(self, a, b, c, width);
            Ok(T::to_cpu_storage_owned(y))
        })?;
        Ok((y, Shape::from((self.topology.edges(), width))))
    }

    fn bwd(
        &self,
        a: &Tensor,
        b: &Tensor,
        c: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let [a, b, c] =
            for_float!(a.dtype(), T => self.backward::<T>([a, b, c], output, &gradient))?;
        Ok((Some(a), Some(b), Some(c)))
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
        for (rows, count) in [(EdgeRows::PerEdge, 5), (EdgeRows::PerShape, 2)] {
            let inputs = [
                (numbers(6, 0.1), [3, 2]),
                (numbers(6, 0.2), [3, 2]),
                (numbers(2 * count, 0.3), [count, 2]),
            ];
            check(&inputs, |t| {
                edge_sum(
                    &t[0],
                    &t[1],
                    &t[2],
                    &topology,
                    rows,
                    Activation::ShiftedSoftplus,
                )
            });
        }
    }
}
