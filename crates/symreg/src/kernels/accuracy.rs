//! The kernels of every level against the mathematical library.

use proptest::prelude::{Strategy, any, prop_assert, prop_oneof, proptest};

use super::{Level, run_once};
use crate::Op;

/// What a good mathematical library errs by, in units in the last place.
const LIBRARY: f64 = 1.0;

fn operations() -> impl Iterator<Item = Op> {
    let powers = [-9, -4, -3, -2, 4, 5, 6, 7, 8, 9].map(Op::Powi);
    Op::NAMED.into_iter().chain(powers)
}

fn levels() -> impl Iterator<Item = Level> {
    Level::ALL.into_iter().filter(|level| level.is_available())
}

/// Distance of two numbers in units in the last place of the second; infinite if
/// only one is a finite number.
fn distance(value: f64, exact: f64) -> f64 {
    if value == exact || value.is_nan() && exact.is_nan() {
        return 0.0;
    }
    let ulp = exact.abs().next_up() - exact.abs();
    let distance = (value - exact).abs() / ulp;
    if distance.is_nan() {
        f64::INFINITY
    } else {
        distance
    }
}

/// Compares all operations of all levels at some operands.
fn compare(a: &[f64], b: &[f64]) {
    for (level, op) in levels().flat_map(|level| operations().map(move |op| (level, op))) {
        for ((value, a), b) in run_once(level, op, a, b).into_iter().zip(a).zip(b) {
            let exact = op.value(*a, *b);
            let error = distance(value, exact);
            let allowed = (op.largest_error() + LIBRARY).floor();
            assert!(
                error <= allowed,
                "{level:?} {op:?} of {a:e} and {b:e}: {value:e} instead of {exact:e}"
            );
        }
    }
}

#[test]
fn special_numbers_give_what_the_library_gives() {
    let numbers = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        -2.0,
        3.0,
        f64::MIN_POSITIVE,
        -f64::MIN_POSITIVE,
        5e-324,
        -5e-324,
        1e-310,
        1e-160,
        1e300,
        -1e300,
        f64::MAX,
        f64::MIN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        709.78,
        709.79,
        -708.5,
        -745.1,
        -745.2,
        1e22,
        -1e13,
        4_194_305.0,
        std::f64::consts::PI,
        1.0 - f64::EPSILON,
    ];
    let pairs = numbers.iter().flat_map(|a| numbers.map(|b| (*a, b)));
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.unzip();
    compare(&a, &b);
}

/// The doubles next to multiples of π/2 lose all their places when the multiples
/// are subtracted.
#[test]
fn waves_keep_their_places_next_to_multiples_of_pi() {
    let multiple = |k: u32| f64::from(k) * std::f64::consts::FRAC_PI_2;
    let near: Vec<f64> = (0..3000).map(|k| multiple(k * k * 7 + k)).collect();
    for (level, op) in levels().flat_map(|level| [(level, Op::Sin), (level, Op::Cos)]) {
        for (value, x) in run_once(level, op, &near, &near).into_iter().zip(&near) {
            let error = distance(value, op.value(*x, 0.0));
            assert!(error <= 3.0, "{level:?} {op:?} of {x}: off by {error}");
        }
    }
}

#[test]
fn no_sine_is_larger_than_one() {
    let many: Vec<f64> = (0..100_000).map(|k| f64::from(k) * 0.037).collect();
    for (level, op) in levels().flat_map(|level| [(level, Op::Sin), (level, Op::Cos)]) {
        let values = run_once(level, op, &many, &many);
        assert!(
            values.iter().all(|value| value.abs() <= 1.0),
            "{level:?} {op:?}"
        );
    }
}

/// Numbers of every size, and those where functions bend.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        2 => any::<f64>(),
        3 => -30.0..30.0,
        1 => -750.0..750.0,
        1 => 0.5..2.0,
        1 => (-60.0..60.0).prop_map(f64::exp2),
    ]
}

proptest! {
    #[test]
    fn all_levels_agree_with_the_library(
        pairs in proptest::collection::vec((number(), number()), 1..80),
    ) {
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        compare(&a, &b);
    }

    /// Widths differ, but the operations of the two are the same ones, except for
    /// quotients, which may be rounded differently.
    #[test]
    fn sums_and_products_are_equal_at_all_levels(
        pairs in proptest::collection::vec((number(), number()), 1..80),
    ) {
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        for op in [Op::Add, Op::Sub, Op::Mul, Op::Square, Op::Cube, Op::Sqrt, Op::Min, Op::Max] {
            let portable = run_once(Level::Portable, op, &a, &b);
            for level in levels() {
                for (one, other) in run_once(level, op, &a, &b).iter().zip(&portable) {
                    prop_assert!(one == other || one.is_nan() && other.is_nan());
                }
            }
        }
    }
}
