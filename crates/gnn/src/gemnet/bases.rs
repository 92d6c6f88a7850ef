//! Functions of distance and angle, at the values that a batch has.

use std::f64::consts::PI;
use std::sync::Arc;

use candle_core::Tensor;

use super::{GemNetConfig, RadialBasis};
use crate::Result;
use crate::ops::Angular;
use crate::parameters::{Place, constant};
use crate::radial::{GaussianBasis, polynomial_envelope};

/// The radial basis times its envelope.
///
/// - `lengths`: `(U,)`, Å.
/// - returns: `(U, R)`.
pub(super) fn radial(config: &GemNetConfig, lengths: &[f64], place: &Place) -> Result<Tensor> {
    let (cutoff, count) = (config.cutoff, config.radial);
    let mut values = match config.radial_basis {
        RadialBasis::Gaussian => GaussianBasis::overlapping(cutoff, count)?.expand(lengths),
        RadialBasis::Bessel => bessel(cutoff, count, lengths),
    };
    for (row, &length) in values.chunks_exact_mut(count).zip(lengths) {
        let envelope = polynomial_envelope(length, cutoff, config.envelope);
        for value in row {
            *value *= envelope;
        }
    }
    constant(&values, &[lengths.len(), count], place)
}

/// `√(2/r³) sin(nπx) / x` with `x = d/r`, for `n = 1, 2, …`; `(U, R)`.
///
/// The unit is that of the published network, which divides by `x` and not by
/// `d`.
fn bessel(cutoff: f64, count: usize, lengths: &[f64]) -> Vec<f64> {
    let norm = (2.0 / cutoff.powi(3)).sqrt();
    let row = |&length: &f64| {
        let x = length / cutoff;
        (1..=count).map(move |n| norm * (n as f64 * PI * x).sin() / x)
    };
    lengths.iter().flat_map(row).collect()
}

/// `Y_l0 = √((2l+1)/4π) P_l(cos)` for `l = 0 … S-1`, at every cosine of a batch.
pub(super) fn angular(functions: usize, cosines: &[f64]) -> Arc<Angular> {
    let norm = |l: usize| ((2 * l + 1) as f64 / (4.0 * PI)).sqrt();
    let row = |&cosine: &f64| {
        let legendre = legendre(cosine).take(functions);
        legendre.enumerate().map(move |(l, p)| norm(l) * p)
    };
    Arc::new(Angular {
        table: cosines.iter().flat_map(row).collect(),
        functions,
    })
}

/// The Legendre polynomials `P_0, P_1, …`, by
/// `(l+1) P_{l+1} = (2l+1) x P_l - l P_{l-1}`.
fn legendre(x: f64) -> impl Iterator<Item = f64> {
    let step = move |(l, previous, p): (f64, f64, f64)| {
        let next = ((2.0 * l + 1.0) * x * p - l * previous) / (l + 1.0);
        (l + 1.0, p, next)
    };
    std::iter::successors(Some((0.0, 0.0, 1.0)), move |&state| Some(step(state))).map(|(_, _, p)| p)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use candle_core::DType;

    use super::*;

    #[test]
    fn legendre_polynomials_by_hand() {
        let x = 0.3_f64;
        let expected = [
            1.0,
            x,
            0.5 * (3.0 * x * x - 1.0),
            0.5 * (5.0 * x.powi(3) - 3.0 * x),
        ];
        for (p, expected) in legendre(x).zip(expected) {
            assert_relative_eq!(p, expected, max_relative = 1e-14);
        }
    }

    #[test]
    fn both_radial_bases_vanish_at_the_cutoff() {
        for radial_basis in [RadialBasis::Gaussian, RadialBasis::Bessel] {
            let config = GemNetConfig {
                radial_basis,
                radial: 4,
                ..GemNetConfig::small()
            };
            let values = radial(&config, &[2.5, 5.0], &Place::cpu(DType::F64)).unwrap();
            let values = values.to_vec2::<f64>().unwrap();
            assert!(values[0].iter().any(|&x| x > 0.1));
            assert!(values[1].iter().all(|&x| x == 0.0));
        }
        // √(2/125) sin(π/2) / ½
        let expected = (2.0_f64 / 125.0).sqrt() * 2.0;
        assert_relative_eq!(bessel(5.0, 1, &[2.5])[0], expected, max_relative = 1e-14);
    }
}
