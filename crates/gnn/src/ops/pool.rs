//! Sum, mean or maximum over the rows of a group.

use std::sync::Arc;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};
use serde::{Deserialize, Serialize};

use super::activation::Real;
use super::{add_scaled, composed, for_float, host, row, row_mut, values, vectorised};
use crate::batch::Members;

/// How many become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// For targets that grow with the cell.
    Sum,
    /// For targets that do not; a supercell then gives what its cell gives.
    Mean,
    /// The largest value of each feature. Where several rows share it, they
    /// share the gradient, so that the order of atoms does not matter.
    Max,
}

struct Pool {
    groups: Arc<Members>,
    how: Pooling,
}

/// One row for every group.
///
/// - `x`: `(R, F)`.
/// - returns: `(S, F)`; zero for a group without rows.
pub(crate) fn pool(x: &Tensor, groups: &Arc<Members>, how: Pooling) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::pool(x, groups, how);
    }
    let groups = Arc::clone(groups);
    x.contiguous()?.apply_op1(Pool { groups, how })
}

/// What a member adds to a sum or a mean, for each time that it is there.
fn share(how: Pooling, counts: &[f64]) -> f64 {
    match how {
        Pooling::Mean => 1.0 / counts.iter().sum::<f64>().max(1.0),
        Pooling::Sum | Pooling::Max => 1.0,
    }
}

vectorised! {
    fn pooled<T: Real>(x: &[T], groups: &Members, how: Pooling, width: usize) -> Vec<T> {
        let mut y = vec![T::zero(); groups.len() * width];
        for (y, (rows, counts)) in y.chunks_exact_mut(width).zip(groups.iter()) {
            let mut rows = rows.iter().map(|&member| row(x, member, width));
            if how == Pooling::Max {
                if let Some(first) = rows.next() {
                    y.copy_from_slice(first);
                }
                rows.for_each(|row| raise(y, row));
                continue;
            }
            for (row, &count) in rows.zip(counts) {
                add_scaled(y, T::from_f64(count), row);
            }
            let share = T::from_f64(share(how, counts));
            for y in y {
                *y *= share;
            }
        }
        y
    }
}

vectorised! {
    fn pull_back<T: Real>(inputs: [&[T]; 3], groups: &Members, how: Pooling, width: usize) -> Vec<T> {
        let [x, y, g] = inputs;
        let mut back = vec![T::zero(); x.len()];
        let per_group = y.chunks_exact(width).zip(g.chunks_exact(width));
        for ((y, g), (rows, counts)) in per_group.zip(groups.iter()) {
            if how == Pooling::Max {
                share_among_largest([x, y, g], rows, counts, &mut back);
                continue;
            }
            let share = share(how, counts);
            for (&row, &count) in rows.iter().zip(counts) {
                add_scaled(row_mut(&mut back, row, width), T::from_f64(count * share), g);
            }
        }
        back
    }
}

impl Pool {
    fn backward<T: Real>(&self, x: &Tensor, output: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        let width = x.dim(1)?;
        let (x_storage, x_layout) = x.storage_and_layout();
        let (output_storage, output_layout) = output.storage_and_layout();
        let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
        let inputs = [
            host::<T>(&x_storage, x_layout)?,
            host(&output_storage, output_layout)?,
            host(&gradient_storage, gradient_layout)?,
        ];
        let back = pull_back(inputs, &self.groups, self.how, width);
        Tensor::from_vec(back, x.shape(), x.device())
    }
}

/// `y = max(y, row)`.
#[inline(always)]
fn raise<T: Real>(y: &mut [T], row: &[T]) {
    for (y, &x) in y.iter_mut().zip(row) {
        if x > *y {
            *y = x;
        }
    }
}

/// Divides the gradient of each maximum among the members that attain it.
#[inline(always)]
fn share_among_largest<T: Real>(
    [x, y, g]: [&[T]; 3],
    rows: &[u32],
    counts: &[f64],
    back: &mut [T],
) {
    let width = y.len();
    let mut ties = vec![0.0_f64; width];
    for (&member, count) in rows.iter().zip(counts) {
        for ((tie, x), y) in ties.iter_mut().zip(row(x, member, width)).zip(y) {
            *tie += if x == y { *count } else { 0.0 };
        }
    }
    for (&member, count) in rows.iter().zip(counts) {
        let (row, back) = (row(x, member, width), row_mut(back, member, width));
        for column in 0..width {
            if row[column] == y[column] {
                back[column] += g[column] * T::from_f64(count / ties[column]);
            }
        }
    }
}

impl CustomOp1 for Pool {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, width) = layout.shape().dims2()?;
        let y = for_float!(x.dtype(), T => {
            let x = values::<T>(x, layout)?;
            Ok(T::to_cpu_storage_owned(pooled(x, &self.groups, self.how, width)))
        })?;
        Ok((y, Shape::from((self.groups.len(), width))))
    }

    fn bwd(&self, x: &Tensor, output: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let gradient = gradient.contiguous()?;
        for_float!(x.dtype(), T => self.backward::<T>(x, output, &gradient)).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::super::gradient_check::{check, numbers};
    use super::*;

    fn groups() -> Arc<Members> {
        Arc::new(Members::of_counts([2, 0, 3]))
    }

    /// The first row is in both groups, the second twice in one of them.
    fn shared() -> Arc<Members> {
        let mut groups = Members::default();
        groups.push([(0, 1.0), (1, 2.0)]);
        groups.push([(2, 1.0), (0, 3.0)]);
        Arc::new(groups)
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for how in [Pooling::Sum, Pooling::Mean, Pooling::Max] {
            for groups in [groups(), shared()] {
                check(&[(numbers(10, 0.4), [5, 2])], |t| pool(&t[0], &groups, how));
            }
        }
        let mut less = Members::of_counts([2]);
        less.push([(2, 1.0), (0, -1.0), (3, -2.0)]);
        let less = Arc::new(less);
        check(&[(numbers(10, 0.4), [5, 2])], |t| {
            pool(&t[0], &less, Pooling::Sum)
        });
    }

    #[test]
    fn by_hand_and_zero_where_there_is_nothing() {
        let x = Tensor::new(&[[-1.0_f64], [-3.0], [5.0], [1.0], [3.0]], &Device::Cpu).unwrap();
        let pooled = |how| {
            let y = pool(&x, &groups(), how).unwrap();
            y.flatten_all().unwrap().to_vec1::<f64>().unwrap()
        };
        assert_eq!(pooled(Pooling::Sum), [-4.0, 0.0, 9.0]);
        assert_eq!(pooled(Pooling::Mean), [-2.0, 0.0, 3.0]);
        assert_eq!(pooled(Pooling::Max), [-1.0, 0.0, 5.0]);
    }
}
