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
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType};

use super::activation::Real;
use super::matrix::Matrix;
use super::{accumulate, composed, for_float, host, row, row_mut, values, vectorised};
use crate::batch::{Link, TripletSums};

/// Edges in one product.
const EDGES_AT_ONCE: usize = 512;

/// Columns whose sums stay in registers.
const COLUMNS_AT_ONCE: usize = 8;

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
    if !m.device().is_cpu() {
        return composed::bilinear([m, r, w], sums, angular);
    }
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
#[inline(always)]
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

/// `y[j] ← y[j] + Σ_k a[k] x[k, j]`, in the order of `k`, some columns at a time.
///
/// - `x`: `(K, N)` for `N` columns of `y`.
#[inline(always)]
fn add_rows<T: Real>(y: &mut [T], factors: &(impl Iterator<Item = T> + Clone), x: &[T]) {
    let width = y.len();
    for (block, y) in y.chunks_mut(COLUMNS_AT_ONCE).enumerate() {
        let start = block * COLUMNS_AT_ONCE;
        let rows = factors.clone().zip(x.chunks_exact(width));
        if let Ok(y) = <&mut [T; COLUMNS_AT_ONCE]>::try_from(&mut *y) {
            let mut sums = *y;
            for (factor, row) in rows {
                let row = &row[start..start + COLUMNS_AT_ONCE];
                for (sum, &x) in sums.iter_mut().zip(row) {
                    *sum += factor * x;
                }
            }
            *y = sums;
        } else {
            for (factor, row) in rows {
                for (y, &x) in y.iter_mut().zip(&row[start..]) {
                    *y += factor * x;
                }
            }
        }
    }
}

/// `product[t, i] = Σ_s r[s, i] K[s, t]`.
#[inline(always)]
fn contract<T: Real>(sum: &[T], r: &[T], widths: Widths, product: &mut [T]) {
    product.fill(T::zero());
    let rows = product.chunks_exact_mut(widths.circular);
    for (t, product) in rows.enumerate() {
        let factors = sum[t..].iter().step_by(widths.features).copied();
        add_rows(product, &factors, r);
    }
}

/// The way back through [`contract`]: adds to the gradient of `r`, and gives
/// that of `K`.
#[inline(always)]
fn contract_back<T: Real>(
    [sum, r, gradient]: [&[T]; 3],
    widths: Widths,
    r_gradient: &mut [T],
    sum_gradient: &mut [T],
) {
    let (features, circular) = (widths.features, widths.circular);
    let rows = r_gradient.chunks_exact_mut(circular);
    for (r_gradient, sum) in rows.zip(sum.chunks_exact(features)) {
        add_rows(r_gradient, &sum.iter().copied(), gradient);
    }
    // `r` with a row for every `i`, filled up with zeros
    let padded = widths.functions.next_multiple_of(COLUMNS_AT_ONCE);
    let mut transposed = vec![T::zero(); circular * padded];
    for (s, r) in r.chunks_exact(circular).enumerate() {
        for (row, &r) in transposed.chunks_exact_mut(padded).zip(r) {
            row[s] = r;
        }
    }
    let mut of_feature = vec![T::zero(); padded];
    for (t, g) in gradient.chunks_exact(circular).enumerate() {
        of_feature.fill(T::zero());
        add_rows(&mut of_feature, &g.iter().copied(), &transposed);
        let column = sum_gradient[t..].iter_mut().step_by(features);
        for (k_gradient, &sum) in column.zip(&of_feature) {
            *k_gradient = sum;
        }
    }
}

/// The way back through [`sum_of_others`].
#[inline(always)]
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
        let functions = row(angular, other.kind, widths.functions).iter();
        add_rows(back, &functions.map(|&y| count * y), sum_gradient);
    }
}

vectorised! {
    /// The sum of an edge, and its products with what its length gives.
    fn forward_edge<T: Real>(
        others: &[Link],
        inputs: [&[T]; 3],
        widths: Widths,
        sum: &mut [T],
        product: &mut [T],
    ) -> () {
        let [angular, m, r] = inputs;
        sum_of_others(others, angular, m, widths, sum);
        contract(sum, r, widths, product);
    }
}

vectorised! {
    /// Gradients of what an edge's length gives, of its sum, and of what others send.
    fn backward_edge<T: Real>(
        others: &[Link],
        inputs: [&[T]; 4],
        widths: Widths,
        gradients: [&mut [T]; 3],
    ) -> () {
        let [angular, sum, r, g] = inputs;
        let [r_gradient, sum_gradient, m_gradient] = gradients;
        contract_back([sum, r, g], widths, r_gradient, sum_gradient);
        others_back(others, angular, sum_gradient, widths, m_gradient);
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

    fn forward<T: Real>(&self, m: &[T], r: &[T], w: &Matrix<'_>, widths: Widths) -> Result<Vec<T>> {
        let angular = self.angular::<T>();
        let mut y = Vec::with_capacity(self.sums.shapes.len() * w.shape()?.1);
        let mut sum = vec![T::zero(); widths.sums()];
        for edges in self.work().chunks(EDGES_AT_ONCE) {
            let mut products = vec![T::zero(); edges.len() * widths.products()];
            let rows = products.chunks_exact_mut(widths.products());
            for (&(others, shape), product) in edges.iter().zip(rows) {
                let r = row(r, shape, widths.functions * widths.circular);
                forward_edge(others, [&angular, m, r], widths, &mut sum, product);
            }
            let products = T::to_cpu_storage_owned(products);
            let products = Matrix::of_rows(&products, (edges.len(), widths.products()));
            y.extend(products.times::<T>(w)?);
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
        let (w_storage, w_layout) = w.storage_and_layout();
        let (gradient_storage, gradient_layout) = gradient.storage_and_layout();
        let w_matrix = Matrix::of_host(&w_storage, w_layout)?;
        let gradient_matrix = Matrix::of_host(&gradient_storage, gradient_layout)?;
        let mut w_gradient = vec![T::zero(); w.elem_count()];
        let mut sums = vec![T::zero(); EDGES_AT_ONCE * widths.sums()];
        let mut sum_gradient = vec![T::zero(); widths.sums()];
        for (chunk, edges) in self.work().chunks(EDGES_AT_ONCE).enumerate() {
            let mut products = vec![T::zero(); edges.len() * widths.products()];
            let rows = products.chunks_exact_mut(widths.products());
            let rows = rows.zip(sums.chunks_exact_mut(widths.sums()));
            for (&(others, shape), (product, sum)) in edges.iter().zip(rows) {
                let r = row(r_values, shape, radial);
                forward_edge(others, [&angular, m_values, r], widths, sum, product);
            }
            let products = T::to_cpu_storage_owned(products);
            let products = Matrix::of_rows(&products, (edges.len(), widths.products()));
            let start = chunk * EDGES_AT_ONCE;
            let g = gradient_matrix.rows(&(start..start + edges.len()))?;
            accumulate(&mut w_gradient, &products.transposed()?.times(&g)?);
            let g = g.times::<T>(&w_matrix.transposed()?)?;
            let rows = g.chunks_exact(widths.products());
            let rows = rows.zip(sums.chunks_exact(widths.sums()));
            for (&(others, shape), (g, sum)) in edges.iter().zip(rows) {
                let r = row(r_values, shape, radial);
                let r_gradient = row_mut(&mut r_gradient, shape, radial);
                let gradients = [&mut *r_gradient, &mut sum_gradient, &mut m_gradient];
                backward_edge(others, [&angular, sum, r, g], widths, gradients);
            }
        }
        Ok([
            Tensor::from_vec(m_gradient, m.shape(), m.device())?,
            Tensor::from_vec(r_gradient, r.shape(), r.device())?,
            Tensor::from_vec(w_gradient, w.shape(), w.device())?,
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
            let w = Matrix::new(w, w_layout);
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
