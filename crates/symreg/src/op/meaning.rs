//! What the operations mean: values and derivatives of single numbers, by the
//! mathematical library, against which the fast [`mod@crate::kernels`] are tested.

use std::f64::consts::PI;

use super::Op;
use crate::kernels::power::power;

impl Op {
    /// The value, by the mathematical library: what the operation means.
    ///
    /// Whole columns are computed by [`mod@crate::kernels`], whose values differ
    /// from these by no more than [`Op::largest_error`] and the library's own. `b`
    /// is of no account for operations of one operand, nor is `a` for leaves; a
    /// column, which has its value elsewhere, gives `a`.
    #[must_use]
    pub fn value(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Const(value) => value,
            Self::Integer(value) => value.into(),
            Self::Pi => PI,
            Self::Add => a + b,
            Self::Sub => a - b,
            Self::Mul => a * b,
            Self::Div => a / b,
            Self::Neg => -a,
            Self::Square => a * a,
            Self::Cube => a * a * a,
            Self::Sqrt => a.sqrt(),
            Self::Cbrt => a.cbrt(),
            Self::Exp => a.exp(),
            Self::Log => a.ln(),
            Self::Sin => a.sin(),
            Self::Cos => a.cos(),
            Self::Tanh => a.tanh(),
            Self::Abs => a.abs(),
            Self::Inv => a.recip(),
            Self::Powi(n) => a.powi(i32::from(n)),
            Self::Pow => power(a, b),
            Self::Min if b < a || b.is_nan() => b,
            Self::Max if b > a || b.is_nan() => b,
            Self::Column(_) | Self::Min | Self::Max => a,
        }
    }

    /// The partial derivatives `∂op/∂a` and, for operations of two operands,
    /// `∂op/∂b`.
    ///
    /// Where an operation has no derivative (`|a|` at zero) this is one of
    /// the one-sided ones, or not finite (`√a` at zero).
    #[must_use]
    pub fn slopes(self, a: f64, b: f64) -> (f64, f64) {
        let by_a = |slope: f64| (slope, 0.0);
        let of_first = |first: bool| if first { (1.0, 0.0) } else { (0.0, 1.0) };
        match self {
            Self::Const(_) | Self::Integer(_) | Self::Pi | Self::Column(_) => (0.0, 0.0),
            Self::Add => (1.0, 1.0),
            Self::Sub => (1.0, -1.0),
            Self::Mul => (b, a),
            Self::Div => (b.recip(), -a / (b * b)),
            Self::Neg => by_a(-1.0),
            Self::Square => by_a(2.0 * a),
            Self::Cube => by_a(3.0 * a * a),
            Self::Sqrt => by_a(0.5 / a.sqrt()),
            Self::Cbrt => by_a(1.0 / (3.0 * a.cbrt() * a.cbrt())),
            Self::Exp => by_a(a.exp()),
            Self::Log => by_a(a.recip()),
            Self::Sin => by_a(a.cos()),
            Self::Cos => by_a(-a.sin()),
            Self::Tanh => by_a((1.0 - a.tanh()) * (1.0 + a.tanh())),
            Self::Abs => by_a(a.signum()),
            Self::Inv => by_a(-1.0 / (a * a)),
            Self::Powi(n) => by_a(f64::from(n) * a.powi(i32::from(n) - 1)),
            Self::Pow => (b * power(a, b) / a, power(a, b) * a.ln()),
            Self::Min => of_first(a <= b),
            Self::Max => of_first(a >= b),
        }
    }

    /// Largest error of the values that [`mod@crate::kernels`] compute, in units in
    /// the last place, operands taken as exact.
    ///
    /// Half a unit is correct rounding. The errors of the transcendental functions
    /// were measured against mpmath (`benches/scripts/accuracy.py`, a hundred thousand
    /// numbers each over all that a double can be) and rounded up; those of
    /// powers follow from the number of products.
    #[must_use]
    pub const fn largest_error(self) -> f64 {
        match self {
            Self::Const(_)
            | Self::Integer(_)
            | Self::Pi
            | Self::Column(_)
            | Self::Neg
            | Self::Abs
            | Self::Min
            | Self::Max => 0.0,
            Self::Add | Self::Sub | Self::Mul | Self::Square | Self::Sqrt => 0.5,
            // With AVX-512 wrongly rounded once in about 2³⁰ cases.
            Self::Div | Self::Inv => 0.500_001,
            Self::Cube => 1.5,
            Self::Log | Self::Cbrt => 1.0,
            Self::Exp => 1.1,
            Self::Pow => 1.2,
            Self::Sin | Self::Cos => 2.2,
            Self::Tanh => 2.5,
            Self::Powi(_) => 9.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// Central differences of step `h` are off by about `h²`, here 1e-12, and
    /// by the rounding of the values over `h`, here 1e-10.
    #[test]
    fn every_derivative_is_that_of_finite_differences() {
        let powers = [-9, -3, -2, 4, 5, 9].map(Op::Powi);
        let h = 1e-6;
        for op in Op::NAMED.into_iter().chain(powers) {
            for (a, b) in [(0.7, 1.3), (1.9, -0.8), (1.2, 2.4)] {
                let (slope_a, slope_b) = op.slopes(a, b);
                let by_a = (op.value(a + h, b) - op.value(a - h, b)) / (2.0 * h);
                assert_relative_eq!(slope_a, by_a, epsilon = 1e-8, max_relative = 1e-7);
                if op.arity() == 2 {
                    let by_b = (op.value(a, b + h) - op.value(a, b - h)) / (2.0 * h);
                    assert_relative_eq!(slope_b, by_b, epsilon = 1e-8, max_relative = 1e-7);
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_stays_none() {
        for op in [Op::Min, Op::Max, Op::Pow] {
            assert!(op.value(f64::NAN, 1.0).is_nan());
            assert!(op.value(2.0, f64::NAN).is_nan());
        }
        assert!(Op::Pow.value(-2.0, 2.0).is_nan());
        assert_eq!(Op::Pow.value(0.0, 0.5), 0.0);
        assert_eq!(Op::Integer(-3).value(9.0, 0.0), -3.0);
        assert_eq!(Op::Pi.value(9.0, 0.0), PI);
    }
}
