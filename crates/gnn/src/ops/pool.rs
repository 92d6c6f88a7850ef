//! Sum, mean or maximum over the rows of a segment.

use std::sync::Arc;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};
use serde::{Deserialize, Serialize};

use super::activation::Real;
use super::{accumulate, composed, for_float, host, values, vectorised};
use crate::batch::Segments;

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
    segments: Arc<Segments>,
    how: Pooling,
}

/// One row for every segment.
///
/// - `x`: `(R, F)`, rows of a segment next to each other.
/// - returns: `(S, F)`; zero for a segment without rows.
pub(crate) fn pool(x: &Tensor, segments: &Arc<Segments>, how: Pooling) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::pool(x, segments, how);
    }
    let segments = Arc::clone(segments);
    x.contiguous()?.apply_op1(Pool { segments, how })
}

vectorised! {
    fn pooled<T: Real>(x: &[T], segments: &Segments, how: Pooling, width: usize) -> Vec<T> {
        let mut y = vec![T::zero(); segments.len() * width];
        for (y, rows) in y.chunks_exact_mut(width).zip(segments.iter()) {
            let count = rows.len();
            let mut rows = x[rows.start * width..rows.end * width].chunks_exact(width);
            match how {
                Pooling::Sum => rows.for_each(|row| accumulate(y, row)),
                Pooling::Mean => {
                    rows.for_each(|row| accumulate(y, row));
                    let share = T::from_f64(1.0 / count.max(1) as f64);
                    for y in y {
                        *y *= share;
                    }
                }
                Pooling::Max => {
                    if let Some(first) = rows.next() {
                        y.copy_from_slice(first);
                    }
                    rows.for_each(|row| raise(y, row));
                }
            }
        }
        y
    }
}

vectorised! {
    fn pull_back<T: Real>(inputs: [&[T]; 3], segments: &Segments, how: Pooling, width: usize) -> Vec<T> {
        let [x, y, g] = inputs;
        let mut back = vec![T::zero(); x.len()];
        let per_segment = y.chunks_exact(width).zip(g.chunks_exact(width));
        for ((y, g), rows) in per_segment.zip(segments.iter()) {
            let count = rows.len();
            let rows = rows.start * width..rows.end * width;
            let (x, back) = (&x[rows.clone()], &mut back[rows]);
            match how {
                Pooling::Sum => back
                    .chunks_exact_mut(width)
                    .for_each(|row| row.copy_from_slice(g)),
                Pooling::Mean => {
                    let share = T::from_f64(1.0 / count.max(1) as f64);
                    for row in back.chunks_exact_mut(width) {
                        row.iter_mut().zip(g).for_each(|(b, &g)| *b = g * share);
                    }
                }
                Pooling::Max => share_among_largest(x, y, g, back),
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
        let back = pull_back(inputs, &self.segments, self.how, width);
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

/// Divides the gradient of each maximum among the rows that attain it.
#[inline(always)]
fn share_among_largest<T: Real>(x: &[T], y: &[T], g: &[T], back: &mut [T]) {
    let width = y.len();
    let mut ties = vec![0.0_f64; width];
    for row in x.chunks_exact(width) {
        for ((tie, x), y) in ties.iter_mut().zip(row).zip(y) {
            *tie += f64::from(u8::from(x == y));
        }
    }
    for (row, back) in x.chunks_exact(width).zip(back.chunks_exact_mut(width)) {
        for column in 0..width {
            if row[column] == y[column] {
                back[column] = g[column] * T::from_f64(1.0 / ties[column]);
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
            Ok(T::to_cpu_storage_owned(pooled(x, &self.segments, self.how, width)))
        })?;
        Ok((y, Shape::from((self.segments.len(), width))))
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

    fn segments() -> Arc<Segments> {
        Arc::new(Segments::of_counts([2, 0, 3]))
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for how in [Pooling::Sum, Pooling::Mean, Pooling::Max] {
            check(&[(numbers(10, 0.4), [5, 2])], |t| {
                pool(&t[0], &segments(), how)
            });
        }
    }

    #[test]
    fn by_hand_and_zero_where_there_is_nothing() {
        let x = Tensor::new(&[[-1.0_f64], [-3.0], [5.0], [1.0], [3.0]], &Device::Cpu).unwrap();
        let pooled = |how| {
            let y = pool(&x, &segments(), how).unwrap();
            y.flatten_all().unwrap().to_vec1::<f64>().unwrap()
        };
        assert_eq!(pooled(Pooling::Sum), [-4.0, 0.0, 9.0]);
        assert_eq!(pooled(Pooling::Mean), [-2.0, 0.0, 3.0]);
        assert_eq!(pooled(Pooling::Max), [-1.0, 0.0, 5.0]);
    }
}
