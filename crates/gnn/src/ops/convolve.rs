//! The continuous-filter convolution, `y[i] = Σ_j x[j] ⊙ w[i,j]`.
//!
//! Schütt et al., *J. Chem. Phys.* **148**, 241722 (2018), eq. (6). Filters are
//! given once for every different shape of edge, rows once for every different
//! environment, `j` that agree are one with a count, and no `(E, F)` tensor exists.

use std::sync::Arc;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, WithDType};

use super::activation::Real;
use super::{composed, for_float, host, row, row_mut, values, vectorised};
use crate::batch::Links;

struct Convolve {
    links: Arc<Links>,
    cutoff: Arc<Vec<f64>>,
}

/// `y[target] += count · x[source] ⊙ w[shape] c[shape]`, over all links.
///
/// - `x`: `(M, F)`, of environments before a layer; `w`: `(U, F)`; `cutoff`:
///   `c`, `(U,)`, constant.
/// - returns: `(M', F)`, of environments after it; zero where no link ends.
pub(crate) fn convolve(
    x: &Tensor,
    w: &Tensor,
    cutoff: &Arc<Vec<f64>>,
    links: &Arc<Links>,
) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::convolve(x, w, cutoff, links);
    }
    let op = Convolve {
        links: Arc::clone(links),
        cutoff: Arc::clone(cutoff),
    };
    x.contiguous()?.apply_op2(&w.contiguous()?, op)
}

/// Multiplies every row by a number of its own.
#[inline(always)]
fn scale_rows<T: Real>(rows: &mut [T], factors: &[f64], width: usize) {
    for (row, &factor) in rows.chunks_exact_mut(width).zip(factors) {
        let factor = T::from_f64(factor);
        for x in row {
            *x *= factor;
        }
    }
}

/// `sum += count · a ⊙ b`.
#[inline(always)]
fn add_product<T: Real>(sum: &mut [T], count: f64, a: &[T], b: &[T]) {
    let count = T::from_f64(count);
    for ((sum, &a), &b) in sum.iter_mut().zip(a).zip(b) {
        *sum += count * a * b;
    }
}

vectorised! {
    fn convolved<T: Real>(x: &[T], w: &[T], cutoff: &[f64], links: &Links, width: usize) -> Vec<T> {
        let mut y = vec![T::zero(); links.targets * width];
        let mut filters = w.to_vec();
        scale_rows(&mut filters, cutoff, width);
        for link in &links.links {
            add_product(
                row_mut(&mut y, link.target, width),
                link.count,
                row(x, link.source, width),
                row(&filters, link.kind, width),
            );
        }
        y
    }
}

vectorised! {
    fn pull_back<T: Real>(inputs: [&[T]; 3], cutoff: &[f64], links: &Links, width: usize) -> [Vec<T>; 2] {
        let [x, w, gradient] = inputs;
        let mut filters = w.to_vec();
        scale_rows(&mut filters, cutoff, width);
        let mut x_gradient = vec![T::zero(); x.len()];
        let mut w_gradient = vec![T::zero(); filters.len()];
        for link in &links.links {
            let g = row(gradient, link.target, width);
            add_product(
                row_mut(&mut x_gradient, link.source, width),
                link.count,
                g,
                row(&filters, link.kind, width),
            );
            add_product(
                row_mut(&mut w_gradient, link.kind, width),
                link.count,
                g,
                row(x, link.source, width),
            );
        }
        scale_rows(&mut w_gradient, cutoff, width);
        [x_gradient, w_gradient]
    }
}

impl Convolve {
    fn backward<T: Real>(&self, x: &Tensor, w: &Tensor, gradient: &Tensor) -> Result<[Tensor; 2]> {
        let width = x.dim(1)?;
        let (x_storage, x_layout) = x.storage_and_layout();
        let (w_storage, w_layout) = w.storage_and_layout();
        let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
        let inputs = [
            host::<T>(&x_storage, x_layout)?,
            host(&w_storage, w_layout)?,
            host(&gradient_storage, gradient_layout)?,
        ];
        let [x_gradient, w_gradient] = pull_back(inputs, &self.cutoff, &self.links, width);
        Ok([
            Tensor::from_vec(x_gradient, x.shape(), x.device())?,
            Tensor::from_vec(w_gradient, w.shape(), w.device())?,
        ])
    }
}

impl CustomOp2 for Convolve {
    fn name(&self) -> &'static str {
        "convolve"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        w: &CpuStorage,
        w_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, width) = x_layout.shape().dims2()?;
        let y = for_float!(x.dtype(), T => {
            let [x, w] = [values::<T>(x, x_layout)?, values(w, w_layout)?];
            let y = convolved(x, w, &self.cutoff, &self.links, width);
            Ok(T::to_cpu_storage_owned(y))
        })?;
        Ok((y, Shape::from((self.links.targets, width))))
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

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{check, numbers};
    use super::*;
    use crate::batch::Link;

    #[test]
    fn derivatives_agree_with_differences() {
        let link = |(target, source, kind, count)| Link {
            target,
            source,
            kind,
            count,
        };
        let links = [
            (0, 1, 0, 1.0),
            (0, 2, 1, 2.0),
            (1, 0, 1, 3.0),
            (3, 0, 0, 1.0),
        ];
        let links = Arc::new(Links {
            targets: 4,
            links: links.map(link).to_vec(),
        });
        let cutoff = Arc::new(vec![0.7, 0.2]);
        let inputs = [(numbers(6, 0.1), [3, 2]), (numbers(4, 0.2), [2, 2])];
        check(&inputs, |t| convolve(&t[0], &t[1], &cutoff, &links));
    }
}
