//! The same operations composed of candle's own, for devices that are not the CPU.
//!
//! They make a row for every edge or triplet, as networks in PyTorch do: what the
//! operations of [`super`] save is memory traffic, of which a graphics card has
//! plenty. Tests compare each with its namesake, values and derivatives.

use candle_core::{D, Result, Tensor};
use candle_nn::ops::sigmoid;

use super::silu::GAIN;
use super::{Activation, Angular, EdgeRows, Pooling};
use crate::batch::{Link, Links, Members, Topology, TripletSums};

/// `max(x, 0) + ln(1 + e^-|x|) - ln 2`, whose slope at zero is ½ as it should be.
fn shifted_softplus(x: &Tensor) -> Result<Tensor> {
    let size = x.abs()?;
    let tail = (size.neg()?.exp()? + 1.0)?.log()?;
    ((x + size)? * 0.5)? + (tail - std::f64::consts::LN_2)?
}

fn act(x: Tensor, activation: Activation) -> Result<Tensor> {
    match activation {
        Activation::Identity => Ok(x),
        Activation::ShiftedSoftplus => shifted_softplus(&x),
    }
}

/// Indices where a tensor is.
fn indices(values: impl Iterator<Item = u32>, like: &Tensor) -> Result<Tensor> {
    Tensor::new(values.collect::<Vec<u32>>(), like.device())
}

/// Numbers in a column, in the precision and where a tensor is.
fn column(values: impl Iterator<Item = f64>, like: &Tensor) -> Result<Tensor> {
    let column = Tensor::new(values.collect::<Vec<f64>>(), like.device())?;
    column.unsqueeze(1)?.to_dtype(like.dtype())
}

/// Sums the rows of each target.
fn sums(rows: &Tensor, targets: &Tensor, count: usize) -> Result<Tensor> {
    let zeros = Tensor::zeros((count, rows.dim(1)?), rows.dtype(), rows.device())?;
    zeros.index_add(targets, rows, 0)
}

pub(super) fn activate(x: &Tensor, b: &Tensor, activation: Activation) -> Result<Tensor> {
    act(x.broadcast_add(b)?, activation)
}

pub(super) fn edge_sum(
    [a, b, c]: [&Tensor; 3],
    topology: &Topology,
    rows: EdgeRows,
    activation: Activation,
) -> Result<Tensor> {
    let targets = indices(topology.iter().map(|(target, _, _)| target), a)?;
    let sources = indices(topology.iter().map(|(_, source, _)| source), a)?;
    let ends = (a.index_select(&targets, 0)? + b.index_select(&sources, 0)?)?;
    let sum = match rows {
        EdgeRows::PerEdge => ends + c,
        EdgeRows::PerShape => {
            let shapes = indices(topology.shapes().iter().copied(), a)?;
            ends + c.index_select(&shapes, 0)?
        }
    };
    act(sum?, activation)
}

pub(super) fn convolve(x: &Tensor, w: &Tensor, cutoff: &[f64], links: &Links) -> Result<Tensor> {
    let filters = w.broadcast_mul(&column(cutoff.iter().copied(), w)?)?;
    let each = |f: fn(&Link) -> u32| indices(links.links.iter().map(f), x);
    let filters = filters.index_select(&each(|link| link.kind)?, 0)?;
    let heard = (x.index_select(&each(|link| link.source)?, 0)? * filters)?;
    let counts = column(links.links.iter().map(|link| link.count), x)?;
    let heard = heard.broadcast_mul(&counts)?;
    sums(&heard, &each(|link| link.target)?, links.targets)
}

/// The largest of each feature in a group, which nothing is differentiated by.
///
/// - `x`: a row for each member.
/// - returns: `(S, F)`; very negative for a group without rows.
fn largest(x: &Tensor, groups: &Members) -> Result<Tensor> {
    /// Below every feature, and finite.
    const NOTHING: f64 = -1e30;
    let x = x.detach();
    let longest = groups.places().map(|places| places.len()).max();
    let longest = longest.unwrap_or_default().max(1);
    let nothing = Tensor::full(NOTHING, (1, x.dim(1)?), x.device())?.to_dtype(x.dtype())?;
    let padded = Tensor::cat(&[&x, &nothing], 0)?;
    let last = x.dim(0)?;
    let places = groups.places().flat_map(|places| {
        let places = places.chain(std::iter::repeat(last)).take(longest);
        places.map(crate::batch::to_u32)
    });
    let rows = padded.index_select(&indices(places, &x)?, 0)?;
    rows.reshape((groups.len(), longest, ()))?.max(1)
}

pub(super) fn pool(x: &Tensor, groups: &Members, how: Pooling) -> Result<Tensor> {
    let of_members = indices(groups.groups().into_iter(), x)?;
    let x = x.index_select(&indices(groups.rows().iter().copied(), x)?, 0)?;
    let counts = column(groups.counts().iter().copied(), &x)?;
    let counted = |x: &Tensor| sums(&x.broadcast_mul(&counts)?, &of_members, groups.len());
    match how {
        Pooling::Sum => counted(&x),
        Pooling::Mean => {
            let totals = groups
                .iter()
                .map(|(_, counts)| counts.iter().sum::<f64>().max(1.0));
            counted(&x)?.broadcast_div(&column(totals, &x)?)
        }
        Pooling::Max => {
            let largest = largest(&x, groups)?.index_select(&of_members, 0)?;
            let attained = x.detach().eq(&largest)?.to_dtype(x.dtype())?;
            let ties = counted(&attained)?.index_select(&of_members, 0)?;
            counted(&(x * (attained / ties)?)?)
        }
    }
}

pub(super) fn attend(x: &Tensor, q: &Tensor, groups: &Members) -> Result<Tensor> {
    let of_members = indices(groups.groups().into_iter(), x)?;
    let x = x.index_select(&indices(groups.rows().iter().copied(), x)?, 0)?;
    let counts = column(groups.counts().iter().copied(), &x)?;
    let scores = (&x * q.index_select(&of_members, 0)?)?.sum_keepdim(D::Minus1)?;
    let largest = largest(&scores, groups)?.index_select(&of_members, 0)?;
    let weights = ((scores - largest)?.exp()? * counts)?;
    let totals = sums(&weights, &of_members, groups.len())?;
    let weights = (weights / totals.index_select(&of_members, 0)?)?;
    sums(&x.broadcast_mul(&weights)?, &of_members, groups.len())
}

pub(super) fn scaled_silu(x: &Tensor) -> Result<Tensor> {
    (x * sigmoid(x)?)? * GAIN
}

pub(super) fn skip(x: &Tensor, z: &Tensor) -> Result<Tensor> {
    (x + z)? * std::f64::consts::FRAC_1_SQRT_2
}

pub(super) fn residual(x: &Tensor, [first, second]: [&Tensor; 2]) -> Result<Tensor> {
    let inner = scaled_silu(&x.matmul(first)?)?;
    skip(x, &scaled_silu(&inner.matmul(second)?)?)
}

pub(super) fn gate(x: &Tensor, t: &Tensor, shapes: &[u32]) -> Result<Tensor> {
    x * t.index_select(&indices(shapes.iter().copied(), x)?, 0)?
}

pub(super) fn bilinear(
    [m, r, w]: [&Tensor; 3],
    triplets: &TripletSums,
    angular: &Angular,
) -> Result<Tensor> {
    let (edges, functions, features) = (triplets.shapes.len(), angular.functions, m.dim(1)?);
    let links = &triplets.links.links;
    let each = |f: fn(&Link) -> u32| indices(links.iter().map(f), m);
    let table = Tensor::new(angular.table.as_slice(), m.device())?.to_dtype(m.dtype())?;
    let table = table.reshape(((), functions))?;
    let counts = column(links.iter().map(|link| link.count), m)?;
    let table = table.index_select(&each(|link| link.kind)?, 0)?;
    let angular = table.broadcast_mul(&counts)?.unsqueeze(2)?;
    let heard = m.index_select(&each(|link| link.source)?, 0)?;
    let heard = angular.broadcast_mul(&heard.unsqueeze(1)?)?;
    let heard = heard.reshape((links.len(), functions * features))?;
    let sums = sums(&heard, &each(|link| link.target)?, edges)?;
    let sums = sums.reshape((edges, functions, features))?;
    let radial = r.index_select(&indices(triplets.shapes.iter().copied(), r)?, 0)?;
    let radial = radial.reshape((edges, functions, ()))?;
    let products = sums.transpose(1, 2)?.contiguous()?.matmul(&radial)?;
    products.reshape((edges, ()))?.matmul(w)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use approx::assert_relative_eq;
    use candle_core::{Device, Var};

    use super::super::gradient_check::numbers;
    use super::*;

    /// Values and derivatives of the operation for the CPU and of the composed one.
    fn agree(
        shapes: &[[usize; 2]],
        fused: impl Fn(&[Tensor]) -> Result<Tensor>,
        composed: impl Fn(&[Tensor]) -> Result<Tensor>,
    ) {
        let var = |(place, shape): (usize, &[usize; 2])| {
            let values = numbers(shape[0] * shape[1], 0.1 + 0.1 * place as f64);
            let tensor = Tensor::from_vec(values, &shape[..], &Device::Cpu).unwrap();
            Var::from_tensor(&tensor).unwrap()
        };
        let vars: Vec<Var> = shapes.iter().enumerate().map(var).collect();
        let tensors: Vec<Tensor> = vars.iter().map(|v| v.as_tensor().clone()).collect();
        let flat = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f64>().unwrap();
        let [ours, theirs] = [fused(&tensors).unwrap(), composed(&tensors).unwrap()];
        assert_eq!(ours.shape(), theirs.shape());
        // an uneven sum, so that rows are told apart
        let loss = |y: &Tensor| {
            let weights = numbers(y.elem_count(), 0.7);
            let weights = Tensor::from_vec(weights, y.shape(), &Device::Cpu).unwrap();
            (y * weights).unwrap().sum_all().unwrap()
        };
        let [back, expected] = [&ours, &theirs].map(|y| loss(y).backward().unwrap());
        let of_vars = tensors.iter().map(|t| {
            let both = [&back, &expected].map(|gradients| gradients.get(t).unwrap());
            both.map(flat)
        });
        let values = [flat(&ours), flat(&theirs)];
        for [a, b] in std::iter::once(values).chain(of_vars) {
            for (a, b) in a.iter().zip(&b) {
                assert_relative_eq!(a, b, epsilon = 1e-12, max_relative = 1e-10);
            }
        }
    }

    const ACTIVATIONS: [Activation; 2] = [Activation::Identity, Activation::ShiftedSoftplus];

    #[test]
    fn activations_and_layers_are_the_same() {
        for activation in ACTIVATIONS {
            agree(
                &[[4, 3], [1, 3]],
                |t| super::super::activate(&t[0], &t[1].squeeze(0)?, activation),
                |t| activate(&t[0], &t[1].squeeze(0)?, activation),
            );
        }
        agree(
            &[[4, 3], [3, 3], [3, 3]],
            |t| super::super::residual(&t[0], [&t[1], &t[2]]),
            |t| residual(&t[0], [&t[1], &t[2]]),
        );
        agree(
            &[[4, 3], [4, 3]],
            |t| super::super::skip(&t[0], &super::super::scaled_silu(&t[1])?),
            |t| skip(&t[0], &scaled_silu(&t[1])?),
        );
        let shapes = Arc::new(vec![1, 0, 1]);
        agree(
            &[[3, 2], [2, 2]],
            |t| super::super::gate(&t[0], &t[1], &shapes),
            |t| gate(&t[0], &t[1], &shapes),
        );
    }

    #[test]
    fn the_softplus_has_its_slope_at_zero() {
        let zero = Var::from_tensor(&Tensor::new(&[0.0_f64], &Device::Cpu).unwrap()).unwrap();
        let y = shifted_softplus(zero.as_tensor()).unwrap();
        assert_relative_eq!(y.to_vec1::<f64>().unwrap()[0], 0.0, epsilon = 1e-15);
        let slope = y.backward().unwrap().get(&zero).unwrap().to_vec1::<f64>();
        assert_relative_eq!(slope.unwrap()[0], 0.5);
    }

    #[test]
    fn sums_over_edges_are_the_same() {
        let topology = Arc::new(Topology::new(
            vec![1, 2, 0, 0, 1],
            vec![0, 0, 1, 2, 2],
            vec![0, 1, 1, 0, 0],
        ));
        for (rows, count) in [(EdgeRows::PerEdge, 5), (EdgeRows::PerShape, 2)] {
            let activation = Activation::ShiftedSoftplus;
            agree(
                &[[3, 2], [3, 2], [count, 2]],
                |t| super::super::edge_sum(&t[0], &t[1], &t[2], &topology, rows, activation),
                |t| edge_sum([&t[0], &t[1], &t[2]], &topology, rows, activation),
            );
        }
        let links = Arc::new(links());
        let cutoff = Arc::new(vec![0.7, 0.2]);
        agree(
            &[[3, 2], [2, 2]],
            |t| super::super::convolve(&t[0], &t[1], &cutoff, &links),
            |t| convolve(&t[0], &t[1], &cutoff, &links),
        );
    }

    fn links() -> Links {
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
        Links {
            targets: 4,
            links: links.map(link).to_vec(),
        }
    }

    #[test]
    fn groups_are_the_same() {
        let mut shared = Members::of_counts([2, 0]);
        shared.push([(4, 2.0), (0, 1.0), (3, 1.0)]);
        for groups in [Members::of_counts([2, 0, 3]), shared] {
            let groups = Arc::new(groups);
            for how in [Pooling::Sum, Pooling::Mean, Pooling::Max] {
                agree(
                    &[[5, 2]],
                    |t| super::super::pool(&t[0], &groups, how),
                    |t| pool(&t[0], &groups, how),
                );
            }
            agree(
                &[[5, 2], [3, 2]],
                |t| super::super::attend(&t[0], &t[1], &groups),
                |t| attend(&t[0], &t[1], &groups),
            );
        }
        let mut less = Members::of_counts([2]);
        less.push([(2, 1.0), (0, -1.0)]);
        let less = Arc::new(less);
        agree(
            &[[5, 2]],
            |t| super::super::pool(&t[0], &less, Pooling::Sum),
            |t| pool(&t[0], &less, Pooling::Sum),
        );
        // equal rows share the gradient of their maximum
        let twice = |t: &Tensor| Tensor::cat(&[t, t], 0);
        let pairs = Arc::new(Members::of_counts([4]));
        agree(
            &[[2, 2]],
            |t| super::super::pool(&twice(&t[0])?, &pairs, Pooling::Max),
            |t| pool(&twice(&t[0])?, &pairs, Pooling::Max),
        );
    }

    #[test]
    fn messages_along_triplets_are_the_same() {
        let triplets = Arc::new(TripletSums {
            links: links(),
            shapes: vec![1, 0, 1, 0],
            counts: vec![1.0; 4],
        });
        let angular = Arc::new(Angular {
            table: numbers(6, 0.9),
            functions: 3,
        });
        // two features, three functions, ten circular numbers: whole blocks and a rest
        agree(
            &[[3, 2], [2, 30], [20, 4]],
            |t| super::super::bilinear([&t[0], &t[1], &t[2]], &triplets, &angular),
            |t| bilinear([&t[0], &t[1], &t[2]], &triplets, &angular),
        );
    }
}
