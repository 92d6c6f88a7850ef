//! The data in a few numbers, for a decoder that is told them.
//!
//! In the published programme a decoder may be conditioned on the mean of a linear
//! map of the points, of which only the means of the variables and of the target
//! are left. Here the target, less its mean and over its deviation, is projected on
//! Chebyshev polynomials of every variable,
//!
//! ```text
//! cⱼₖ = mean over rows of  y Tₖ(xⱼ)      k = 1, 2 … K,   xⱼ stretched to [-1, 1]
//! ```
//!
//! so that data are told by their shape, whatever their units. The network learns to
//! use it from random formulas at random points.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use symreg::{Column, Table};

use crate::{Grammar, evaluate::Evaluator, network::normal};

/// Points at which a random formula is looked at.
const POINTS: usize = 64;

/// The projections of a target.
///
/// - `columns`: of `(rows,)` each.
/// - `y`: `(rows,)`
/// - returns: `(columns * polynomials,)`; zeros if a value is not a number or all are
///   the same.
pub(crate) fn projections(columns: &[&[f64]], y: &[f64], polynomials: usize) -> Vec<f32> {
    let count = columns.len() * polynomials;
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    let deviation = (y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / y.len() as f64).sqrt();
    let is_shape =
        polynomials > 0 && deviation.is_finite() && deviation > 1e-9 * mean.abs().max(1e-9);
    if !is_shape {
        return vec![0.0; count];
    }
    let mut sums = vec![0.0; count];
    for (x, sums) in columns.iter().zip(sums.chunks_exact_mut(polynomials)) {
        let low = x.iter().copied().fold(f64::INFINITY, f64::min);
        let high = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let length = if high > low { high - low } else { 1.0 };
        for (x, y) in x.iter().zip(y) {
            let place = 2.0 * (x - low) / length - 1.0;
            let weight = (y - mean) / deviation;
            let (mut before, mut now) = (1.0, place);
            for sum in &mut *sums {
                *sum += weight * now;
                (before, now) = (now, 2.0 * place * now - before);
            }
        }
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the network computes in f32"
    )]
    let narrow = |sum: f64| (sum / y.len() as f64) as f32;
    sums.into_iter().map(narrow).collect()
}

/// The same for a formula of a grammar, over ranges of all sizes; constants are
/// normal numbers.
pub(crate) fn of_formula(
    grammar: &Grammar,
    tokens: &[u8],
    polynomials: usize,
    random: &mut ChaCha8Rng,
) -> Vec<f32> {
    let columns = (1..=grammar.words().columns).map(|number| {
        // as often between 0.3 and 1 as between 3 and 10
        let length = 0.3 * 100_f64.powf(random.random());
        let low = length * (random.random::<f64>() - 0.5) * 2.0;
        let x = (0..POINTS).map(|_| low + length * random.random::<f64>());
        (Column::new(format!("x{number}"), ""), x.collect())
    });
    let table = Table::new(columns.collect()).expect("names differ and numbers are finite");
    let constants: Vec<f64> = (0..grammar.constants(tokens))
        .map(|_| 2.0 * normal(random))
        .collect();
    let mut y = vec![0.0; POINTS];
    Evaluator::default().values(grammar, tokens, &constants, &table, &mut y);
    let x: Vec<&[f64]> = (0..table.columns().len())
        .map(|column| table.values(column))
        .collect();
    projections(&x, &y, polynomials)
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;
    use rand::SeedableRng;

    use super::*;
    use crate::grammar::Words;

    #[test]
    fn a_parabola_is_its_second_polynomial_in_any_units() {
        let x: Vec<f64> = (0..=2000).map(|i| -1.0 + f64::from(i) / 1000.0).collect();
        let y: Vec<f64> = x.iter().map(|x| x * x).collect();
        let told = projections(&[&x], &y, 3);
        // ∫ T₂ x² over the deviation, √(4/45)
        assert_abs_diff_eq!(told[0], 0.0, epsilon = 1e-3);
        assert_abs_diff_eq!(
            f64::from(told[1]),
            8.0 / 45.0 / (4.0_f64 / 45.0).sqrt(),
            epsilon = 1e-2
        );
        assert_abs_diff_eq!(told[2], 0.0, epsilon = 1e-3);
        let other: Vec<f64> = x.iter().map(|x| 7.0 + 3.0 * x).collect();
        let scaled: Vec<f64> = y.iter().map(|y| 5.0 + 2.0 * y).collect();
        for (a, b) in told.iter().zip(projections(&[&other], &scaled, 3)) {
            assert_abs_diff_eq!(*a, b, epsilon = 1e-5);
        }
    }

    #[test]
    fn what_has_no_shape_is_told_as_nothing() {
        let x = [0.0, 1.0, 2.0];
        assert_eq!(projections(&[&x], &[1.0; 3], 2), [0.0; 2]);
        assert_eq!(projections(&[&x], &[1.0, f64::NAN, 2.0], 2), [0.0; 2]);
        let grammar = Grammar::new(Words::default()).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let one = grammar.parse("1").unwrap();
        assert_eq!(of_formula(&grammar, &one, 4, &mut random), [0.0; 4]);
        let line = grammar.parse("add 3 x1").unwrap();
        let told = of_formula(&grammar, &line, 4, &mut random);
        assert!(told[0] > 0.5 && told[0] < 0.65, "{told:?}");
    }
}
