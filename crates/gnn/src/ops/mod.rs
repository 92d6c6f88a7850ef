//! The few tensor operations that decide the speed of a graph network, each
//! with its analytic derivative.
//!
//! candle composes everything from elementary operations and keeps every
//! intermediate value for the way back. On edges, where the tensors are long,
//! that is most of the time. The operations here do one pass over memory
//! forwards and one backwards; their topology (who is bonded to whom) is part
//! of the operation, not a tensor, so nothing is ever differentiated with
//! respect to it.
//!
//! Every loop is serial and in a fixed order: results do not depend on the
//! number of threads. The longest ones run with the widest vectors of the machine,
//! which changes no number. They are for the CPU; on another device the same is composed of
//! candle's own, see [`composed`].
//!
//! | operation | formula |
//! |---|---|
//! | [`linear`], [`activate`] | `act(x W + b)`, `act(x + b)` |
//! | [`edge_sum`] | `act(a[target] + b[source] + c[shape])` |
//! | [`convolve`] | `y[target] += n x[source] ⊙ w[shape] c[shape]` for `n` edges that agree |
//! | [`pool`] | sum, mean or maximum over the rows of a group, each so often as it is counted |
//! | [`attend`] | softmax-weighted mean over the rows of a group, counted alike |
//! | [`rectified`], [`residual`] | `s(x W)`, `(x + s(s(x W) W')) / √2` with the scaled `SiLU` |
//! | [`scaled_silu`], [`skip`] | `x σ(x) / 0.6`, `(x + z) / √2` |
//! | [`gate`] | `x[e] ⊙ t[shape]` |
//! | [`bilinear`] | messages along triplets |

#![allow(
    clippy::inline_always,
    reason = "what is not inlined into a function with wide vectors cannot use them"
)]

mod activation;
mod attend;
mod bilinear;
mod composed;
mod convolve;
mod edge_sum;
mod gate;
mod linear;
mod matrix;
mod pool;
mod rectified;
mod silu;

pub(crate) use activation::Activation;
pub(crate) use attend::attend;
pub(crate) use bilinear::{Angular, bilinear};
pub(crate) use convolve::convolve;
pub(crate) use edge_sum::{EdgeRows, edge_sum};
pub(crate) use gate::gate;
pub(crate) use linear::{activate, linear};
pub use pool::Pooling;
pub(crate) use pool::pool;
pub(crate) use rectified::{rectified, residual};
pub(crate) use silu::{scaled_silu, skip};

use candle_core::{CpuStorage, Error, Layout, Result, Storage, WithDType};

/// The numbers of a contiguous tensor.
fn values<'a, T: WithDType>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [T]> {
    let (start, end) = layout
        .contiguous_offsets()
        .ok_or(Error::RequiresContiguous { op: "gnn" })?;
    Ok(&T::cpu_storage_as_slice(storage)?[start..end])
}

/// The same for a storage of any device, which must be the CPU.
fn host<'a, T: WithDType>(storage: &'a Storage, layout: &Layout) -> Result<&'a [T]> {
    values(on_host(storage)?, layout)
}

fn on_host(storage: &Storage) -> Result<&CpuStorage> {
    match storage {
        Storage::Cpu(storage) => Ok(storage),
        _ => candle_core::bail!("these operations are for the CPU"),
    }
}

/// Evaluates an expression with `$float` being `f32` or `f64`, as the tensors are.
macro_rules! for_float {
    ($dtype:expr, $float:ident => $body:expr) => {
        match $dtype {
            candle_core::DType::F32 => {
                type $float = f32;
                $body
            }
            candle_core::DType::F64 => {
                type $float = f64;
                $body
            }
            other => Err(candle_core::Error::UnsupportedDTypeForOp(other, "gnn")),
        }
    };
}
use for_float;

/// Makes a function over numbers run with the widest vectors that this machine has.
///
/// Sums keep their order and products are not fused: the numbers are those of the plain
/// function. What it calls must be inlined always.
macro_rules! vectorised {
    (
        $(#[$note:meta])*
        $visibility:vis fn $name:ident<$float:ident: Real>($($argument:ident: $type:ty),* $(,)?) -> $result:ty
        $body:block
    ) => {
        $(#[$note])*
        $visibility fn $name<$float: Real>($($argument: $type),*) -> $result {
            struct Work<A>(A);
            impl<$float: Real> pulp::NullaryFnOnce for Work<($($type,)*)> {
                type Output = $result;
                #[inline(always)]
                fn call(self) -> $result {
                    let ($($argument,)*) = self.0;
                    $body
                }
            }
            pulp::Arch::new().dispatch(Work(($($argument,)*)))
        }
    };
}
use vectorised;

/// Adds a row to another.
#[inline(always)]
fn accumulate<T: WithDType>(sum: &mut [T], row: &[T]) {
    for (sum, &x) in sum.iter_mut().zip(row) {
        *sum += x;
    }
}

/// Adds a row so many times to another.
#[inline(always)]
fn add_scaled<T: activation::Real>(sum: &mut [T], factor: T, row: &[T]) {
    for (sum, &x) in sum.iter_mut().zip(row) {
        *sum += factor * x;
    }
}

/// Row `index` of a matrix with `width` columns.
#[inline(always)]
fn row<T>(matrix: &[T], index: u32, width: usize) -> &[T] {
    let start = index as usize * width;
    &matrix[start..start + width]
}

/// The same, to write into.
#[inline(always)]
fn row_mut<T>(matrix: &mut [T], index: u32, width: usize) -> &mut [T] {
    let start = index as usize * width;
    &mut matrix[start..start + width]
}

#[cfg(test)]
pub(crate) mod gradient_check {
    //! Analytic derivatives against central differences, in f64.

    use candle_core::{Device, Result, Tensor, Var};

    /// Compares the gradient of `Σ weights ⊙ f(inputs)` with differences.
    pub(crate) fn check(
        inputs: &[(Vec<f64>, [usize; 2])],
        f: impl Fn(&[Tensor]) -> Result<Tensor>,
    ) {
        let vars: Vec<Var> = inputs
            .iter()
            .map(|(x, shape)| {
                let tensor = Tensor::from_vec(x.clone(), &shape[..], &Device::Cpu).unwrap();
                Var::from_tensor(&tensor).unwrap()
            })
            .collect();
        let tensors: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
        let loss = weighted(&f(&tensors).unwrap());
        let gradients = loss.backward().unwrap();
        for (which, (x, shape)) in inputs.iter().enumerate() {
            let gradient = gradients.get(&tensors[which]).unwrap();
            let gradient: Vec<f64> = gradient.flatten_all().unwrap().to_vec1().unwrap();
            for index in 0..x.len() {
                let shifted = |step: f64| {
                    let mut moved = x.clone();
                    moved[index] += step;
                    let mut tensors: Vec<Tensor> = tensors.iter().map(Tensor::detach).collect();
                    tensors[which] = Tensor::from_vec(moved, &shape[..], &Device::Cpu).unwrap();
                    weighted(&f(&tensors).unwrap()).to_scalar::<f64>().unwrap()
                };
                let expected = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
                // truncation 1e-10, cancellation 1e-11
                approx::assert_relative_eq!(
                    gradient[index],
                    expected,
                    epsilon = 1e-8,
                    max_relative = 1e-7
                );
            }
        }
    }

    fn weighted(y: &Tensor) -> Tensor {
        let weights: Vec<f64> = (0..y.elem_count())
            .map(|i| (1.0 + i as f64).sin())
            .collect();
        let weights = Tensor::from_vec(weights, y.shape(), y.device()).unwrap();
        (y * weights).unwrap().sum_all().unwrap()
    }

    /// Numbers without pattern, in (-2, 2).
    pub(crate) fn numbers(count: usize, seed: f64) -> Vec<f64> {
        (0..count)
            .map(|i| 2.0 * (seed + 1.7 * i as f64).sin())
            .collect()
    }
}
