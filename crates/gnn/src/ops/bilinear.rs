//! Messages along triplets: a bilinear map of edge features with a basis of
//! distance and angle, summed over the other edges of the target.
//!
//! With `m` the features of an edge `b → a`, `r` the radial part of the basis
//! at the distance of `c → a`, and `Y` the angular part,
//!
//! ```text
//! y[c→a] = Σ_t Σ_i W[t,i] Σ_s r[s,i] K[s,t],      K[s,t] = Σ_b Y[s](∠cab) m[b→a, t]
//! ```
//!
//! The sum over `b` is done first: the rest then costs as much as for one
//! neighbour, and no tensor with a row for every triplet exists. Neighbours that
//! are alike are one with a count, and so are edges that hear the same. Edges are
//! worked off some hundreds at a time, so that neither `K` nor its product with
//! `r` is ever there for all of them; on the way back both are made again,
//! which costs a fraction of the products with `W`.
//!
//! Gasteiger, Becker & Günnemann, *NeurIPS* (2021), appendix: efficient
//! bilinear layer.

use std::sync::Arc;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp3, Device, Layout, Result, Shape, Tensor, WithDType};

use super::activation::Real;
use super::{for_float, host, row, row_mut, values};
use crate::batch::{Link, TripletSums};

/// Edges in one product.
const EDGES_AT_ONCE: usize = 512;

/// Angular functions at the different cosines of a batch.
#[derive(Debug)]
pub(crate) struct Angular {
    /// `(A, S)`.
    pub(crate) table: Vec<f64>,
    /// `S`.
    pub(crate) functions: usize,
}

struct Bilinear {
    sums: Arc<TripletSums>,
    angular: Arc<Angular>,
}

/// The sum above for every edge, or one of each class.
///
/// - `m`: `(E, T)`, of the edges that are heard.
/// - `r`: `(U, S·I)`, row-major in `(S, I)`.
/// - `w`: `(T·I, O)`, row-major in `(T, I)`.
/// - returns: `(E', O)`, of those that hear; zero for one whose target has no other.
pub(crate) fn bilinear(
    [m, r, w]: [&Tensor; 3],
    sums: &Arc<TripletSums>,
    angular: &Arc<Angular>,
) -> Result<Tensor> {
    let op = Bilinear {
        sums: Arc::clone(sums),
        angular: Arc::clone(angular),
    };
    m.contiguous()?
        .apply_op3(&r.contiguous()?, &w.contiguous()?, op)
}

/// `T`, `S` and `I`.
#[derive(Debug, Clone, Copy)]
struct Widths {
    features: usize,
    functions: usize,
    circular: usize,
}

impl Widths {
    fn sums(self) -> usize {
        self.functions * self.features
    }

    fn products(self) -> usize {
        self.features * self.circular
    }
}

/// `K` of one edge.
fn sum_of_others<T: Real>(others: &[Link], angular: &[T], m: &[T], widths: Widths, sum: &mut [T]) {
    sum.fill(T::zero());
    for other in others {
        let m = row(m, other.source, widths.features);
        let count = T::from_f64(other.count);
        let functions = row(angular, other.kind, widths.functions);
        for (sum, &y) in sum.chunks_exact_mut(widths.features).zip(functions) {
            let y = count * y;
            for (sum, &m) in sum.iter_mut().zip(m) {
                *sum += y * m;
            }
        }
    }
}

/// `product[t, i] = Σ_s r[s, i] K[s, t]`.
fn contract<T: Real>(sum: &[T], r: &[T], widths: Widths, product: &mut [T]) {
    product.fill(T::zero());
    let functions = sum.chunks_exact(widths.features);
    for (sum, r) in functions.zip(r.chunks_exact(widths.circular)) {
        for (product, &k) in product.chunks_exact_mut(widths.circular).zip(sum) {
            for (product, &r) in product.iter_mut().zip(r) {
                *product += k * r;
            }
        }
    }
}

/// The way back through [`contract`]: adds to the gradient of `r`, and gives
/// that of `K`.
fn contract_back<T: Real>(
    [sum, r, gradient]: [&[T]; 3],
    widths: Widths,
    r_gradient: &mut [T],
    sum_gradient: &mut [T],
) {
    let circular = widths.circular;
    let functions = sum
        .chunks_exact(widths.features)
        .zip(sum_gradient.chunks_exact_mut(widths.features));
    let radial = r
        .chunks_exact(circular)
        .zip(r_gradient.chunks_exact_mut(circular));
    for ((sum, sum_gradient), (r, r_gradient)) in functions.zip(radial) {
        let rows = gradient.chunks_exact(circular);
        for ((&k, k_gradient), g) in sum.iter().zip(sum_gradient).zip(rows) {
            let mut dot = T::zero();
            for ((&g, &r), back) in g.iter().zip(r).zip(r_gradient.iter_mut()) {
                dot += g * r;
                *back += g * k;
            }
            *k_gradient = dot;
        }
    }
}

/// The way back through [`sum_of_others`].
fn others_back<T: Real>(
    others: &[Link],
    angular: &[T],
    sum_gradient: &[T],
    widths: Widths,
    m_gradient: &mut [T],
) {
    for other in others {
        let back = row_mut(m_gradient, other.source, widths.features);
        let count = T::from_f64(other.count);
        let functions = row(angular, other.kind, widths.functions);
        for (g, &y) in sum_gradient.chunks_exact(widths.features).zip(functions) {
            let y = count * y;
            for (back, &g) in back.iter_mut().zip(g) {
                *back += y * g;
            }
        }
    }
}

impl Bilinear {
    fn angular<T: Real>(&self) -> Vec<T> {
        self.angular.table.iter().map(|&y| T::from_f64(y)).collect()
    }

    fn widths(&self, m: &Shape, r: &Shape) -> Result<Widths> {
        let functions = self.angular.functions;
        Ok(Widths {
            features: m.dims2()?.1,
            functions,
            circular: r.dims2()?.1 / functions,
        })
    }

    /// What each edge hears, and its shape.
    fn work(&self) -> Vec<(&[Link], u32)> {
        let shapes = self.sums.shapes.iter().copied();
        self.sums.links.of_targets().zip(shapes).collect()
    }

    fn forward<T: Real>(&self, m: &[T], r: &[T], w: &Tensor, widths: Widths) -> Result<Vec<T>> {
        let angular = self.angular::<T>();
        let mut y = Vec::with_capacity(self.sums.shapes.len() * w.dim(1)?);
        let mut sum = vec![T::zero(); widths.sums()];
        for edges in self.work().chunks(EDGES_AT_ONCE) {
            let mut products = vec![T::zero(); edges.len() * widths.products()];
            let rows = products.chunks_exact_mut(widths.products());
            for (&(others, shape), product) in edges.iter().zip(rows) {
                sum_of_others(others, &angular, m, widths, &mut sum);
                let r = row(r, shape, widths.functions * widths.circular);
                contract(&sum, r, widths, product);
            }
            let shape = (edges.len(), widths.products());
            let products = Tensor::from_vec(products, shape, &Device::Cpu)?;
            y.extend(products.matmul(w)?.flatten_all()?.to_vec1::<T>()?);
        }
        Ok(y)
    }

    fn backward<T: Real>(&self, [m, r, w]: [&Tensor; 3], gradient: &Tensor) -> Result<[Tensor; 3]> {
        let widths = self.widths(m.shape(), r.shape())?;
        let radial = widths.functions * widths.circular;
        let angular = self.angular::<T>();
        let (m_storage, m_layout) = m.storage_and_layout();
        let (r_storage, r_layout) = r.storage_and_layout();
        let m_values = host::<T>(&m_storage, m_layout)?;
        let r_values = host::<T>(&r_storage, r_layout)?;
        let (mut m_gradient, mut r_gradient) = (
            vec![T::zero(); m_values.len()],
            vec![T::zero(); r_values.len()],
        );
        let w = w.detach();
        let mut w_gradient = w.zeros_like()?;
        let mut sums = vec![T::zero(); EDGES_AT_ONCE * widths.sums()];
        let mut sum_gradient = vec![T::zero(); widths.sums()];
        for (chunk, edges) in self.work().chunks(EDGES_AT_ONCE).enumerate() {
            let mut products = vec![T::zero(); edges.len() * widths.products()];
            let rows = products.chunks_exact_mut(widths.products());
            let rows = rows.zip(sums.chunks_exact_mut(widths.sums()));
            for (&(others, shape), (product, sum)) in edges.iter().zip(rows) {
                sum_of_others(others, &angular, m_values, widths, sum);
                let r = row(r_values, shape, radial);
                contract(sum, r, widths, product);
            }
            let shape = (edges.len(), widths.products());
            let products = Tensor::from_vec(products, shape, &Device::Cpu)?;
            let g = gradient.narrow(0, chunk * EDGES_AT_ONCE, edges.len())?;
            w_gradient = (w_gradient + products.t()?.matmul(&g)?)?;
            let g = g.matmul(&w.t()?)?.flatten_all()?.to_vec1::<T>()?;
            let rows = g.chunks_exact(widths.products());
            let rows = rows.zip(sums.chunks_exact(widths.sums()));
            for (&(others, shape), (g, sum)) in edges.iter().zip(rows) {
                let r = row(r_values, shape, radial);
                let r_gradient = row_mut(&mut r_gradient, shape, radial);
                contract_back([sum, r, g], widths, r_gradient, &mut sum_gradient);
                others_back(others, &angular, &sum_gradient, widths, &mut m_gradient);
            }
        }
        Ok([
            Tensor::from_vec(m_gradient, m.shape(), m.device())?,
            Tensor::from_vec(r_gradient, r.shape(), r.device())?,
            w_gradient,
        ])
    }
}

impl CustomOp3 for Bilinear {
    fn name(&self) -> &'static str {
        "bilinear"
    }

    fn cpu_fwd(
        &self,
        m: &CpuStorage,
        m_layout: &Layout,
        r: &CpuStorage,
        r_layout: &Layout,
        w: &CpuStorage,
        w_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let widths = self.widths(m_layout.shape(), r_layout.shape())?;
        let shape = (self.sums.shapes.len(), w_layout.shape().dims2()?.1);
        let y = for_float!(m.dtype(), T => {
            let w = values::<T>(w, w_layout)?.to_vec();
            let w = Tensor::from_vec(w, w_layout.shape(), &Device::Cpu)?;
            let y = self.forward::<T>(values(m, m_layout)?, values(r, r_layout)?, &w, widths)?;
            Ok(T::to_cpu_storage_owned(y))
        })?;
        Ok((y, Shape::from(shape)))
    }

    fn bwd(
        &self,
        m: &Tensor,
        r: &Tensor,
        w: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let [m, r, w] = for_float!(m.dtype(), T => self.backward::<T>([m, r, w], &gradient))?;
        Ok((Some(m), Some(r), Some(w)))
    }
}

#[cfg(test)]
mod tests {
    use crystal::{CrystalGraph, Element, Lattice, Site, Structure};

    use super::super::gradient_check::{check, numbers};
    use super::*;
    use crate::batch::{Batch, EdgeGeometry, FlatGraph};

    #[test]
    fn derivatives_agree_with_differences() {
        let lattice = Lattice::new([[2.0, 0.0, 0.0], [0.3, 2.2, 0.0], [0.0, 0.0, 9.0]]).unwrap();
        let site = |x| Site {
            element: Element::from_atomic_number(16).unwrap(),
            fractional: [x, 0.1, 0.0],
        };
        let cell = Structure::new(lattice, vec![site(0.0), site(0.45)]).unwrap();
        let graph = CrystalGraph::of_structure(&cell, 2.1).unwrap();
        let flat = FlatGraph::new(
            &graph,
            EdgeGeometry::LengthAndAngles {
                neighbors: 50,
                layers: 2,
            },
        );
        let batch = Batch::new(&[&flat]);
        let messages = batch.messages.unwrap();
        let sums = &messages.blocks[1].sums;
        let (e, u) = (
            messages.blocks[0].edges.topology.edges(),
            batch.lengths.len(),
        );
        let angular = Arc::new(Angular {
            table: messages
                .cosines
                .iter()
                .flat_map(|c| [1.0, *c, c * c])
                .collect(),
            functions: 3,
        });
        let inputs = [
            (numbers(2 * e, 0.1), [e, 2]),
            (numbers(6 * u, 0.2), [u, 6]),
            (numbers(16, 0.3), [4, 4]),
        ];
        check(&inputs, |t| {
            let tensors = [&t[0], &t[1], &t[2]];
            bilinear(tensors, sums, &angular)
        });
    }
}
