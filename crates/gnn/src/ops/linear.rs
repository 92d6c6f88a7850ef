//! `act(x W + b)` in one operation, and `act(x + b)` where the products were
//! taken elsewhere.

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, WithDType};

use super::activation::Real;
use super::{Activation, accumulate, composed, for_float, host, values, vectorised};

struct Linear {
    activation: Activation,
    /// Nobody needs the gradient of `x`.
    constant_input: bool,
}

/// `act(x W + b)`.
///
/// - `x`: `(M, K)`; `w`: `(K, N)`; `b`: `(N,)`.
/// - `constant_input`: no gradient flows to `x`, which then costs nothing.
/// - returns: `(M, N)`.
pub(crate) fn linear(
    x: &Tensor,
    w: &Tensor,
    b: &Tensor,
    activation: Activation,
    constant_input: bool,
) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::activate(&x.matmul(w)?, b, activation);
    }
    let op = Linear {
        activation,
        constant_input,
    };
    x.contiguous()?.apply_op3(w, b, op)
}

struct Activate(Activation);

/// `act(x + b)`.
///
/// - `x`: `(M, N)`; `b`: `(N,)`.
/// - returns: `(M, N)`.
pub(crate) fn activate(x: &Tensor, b: &Tensor, activation: Activation) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::activate(x, b, activation);
    }
    x.contiguous()?.apply_op2(b, Activate(activation))
}

vectorised! {
    fn finish<T: Real>(activation: Activation, y: &mut [T], bias: &[T]) -> () {
        for row in y.chunks_exact_mut(bias.len()) {
            accumulate(row, bias);
        }
        activation.apply(y);
    }
}

vectorised! {
    fn sum_of_rows<T: Real>(rows: &[T], width: usize) -> Vec<T> {
        let mut sum = vec![T::zero(); width];
        for row in rows.chunks_exact(width) {
            accumulate(&mut sum, row);
        }
        sum
    }
}

/// Gradients of what the activation acts on, and of the bias in it.
fn pull_back<T: Real>(
    activation: Activation,
    output: &Tensor,
    gradient: &Tensor,
) -> Result<(Tensor, Tensor)> {
    let columns = output.dim(1)?;
    let (output_storage, output_layout) = output.storage_and_layout();
    let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
    let gradient = host::<T>(&gradient_storage, gradient_layout)?;
    let y = host::<T>(&output_storage, output_layout)?;
    let inner = activation.pull_back(gradient, y);
    let bias = sum_of_rows(&inner, columns);
    Ok((
        Tensor::from_vec(inner, output.shape(), output.device())?,
        Tensor::from_vec(bias, columns, output.device())?,
    ))
}

impl CustomOp2 for Activate {
    fn name(&self) -> &'static str {
        "activate"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let y = for_float!(x.dtype(), T => {
            let mut y = values::<T>(x, x_layout)?.to_vec();
            finish(self.0, &mut y, values(b, b_layout)?);
            Ok(T::to_cpu_storage_owned(y))
        })?;
        Ok((y, x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        _b: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let (x, b) = for_float!(x.dtype(), T => pull_back::<T>(self.0, output, &gradient))?;
        Ok((Some(x), Some(b)))
    }
}

impl CustomOp3 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        w: &CpuStorage,
        w_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (m, k) = x_layout.shape().dims2()?;
        let (_, n) = w_layout.shape().dims2()?;
        let mut y = if m == 0 {
            for_float!(x.dtype(), T => Ok(T::to_cpu_storage_owned(vec![])))?
        } else {
            x.matmul(w, (1, m, n, k), x_layout, w_layout)?
        };
        match &mut y {
            CpuStorage::F32(y) => finish(self.activation, y, values(b, b_layout)?),
            CpuStorage::F64(y) => finish(self.activation, y, values(b, b_layout)?),
            _ => candle_core::bail!("linear maps are f32 or f64"),
        }
        Ok((y, Shape::from((m, n))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        b: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        if x.dim(0)? == 0 {
            let zero = |t: &Tensor| t.zeros_like().map(Some);
            return Ok((zero(x)?, zero(w)?, zero(b)?));
        }
        let gradient = gradient.contiguous()?;
        let (inner, bias) =
            for_float!(x.dtype(), T => pull_back::<T>(self.activation, output, &gradient))?;
        let input = if self.constant_input {
            None
        } else {
            Some(inner.matmul(&w.detach().t()?)?)
        };
        Ok((input, Some(x.detach().t()?.matmul(&inner)?), Some(bias)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{check, numbers};
    use super::*;

    #[test]
    fn derivatives_agree_with_differences() {
        for activation in [Activation::Identity, Activation::ShiftedSoftplus] {
            let inputs = [
                (numbers(12, 0.1), [4, 3]),
                (numbers(6, 0.2), [3, 2]),
                (numbers(2, 0.3), [1, 2]),
            ];
            check(&inputs[..2], |t| {
                activate(&t[0].matmul(&t[1])?, &t[1].get(0)?, activation)
            });
            check(&inputs, |t| {
                linear(&t[0], &t[1], &t[2].squeeze(0)?, activation, false)
            });
        }
    }
}
