//! The operations of formulas, each described in this one place.
//!
//! Arity, cost, value and derivative stand here; [`mod@crate::interval`],
//! [`mod@crate::print`] and [`mod@crate::parse`] add what bounds and texts need.
//! Every `match` over [`Op`] is without a wildcard: the compiler lists
//! what a new operation still lacks.
//!
//! Values and derivatives here are those of single numbers, by the mathematical
//! library: the meaning of an operation, against which the fast
//! [`mod@crate::kernels`] are tested.

use std::f64::consts::PI;

use crate::kernels::power::power;

/// One node of a formula.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Op {
    /// A constant that fitting may change.
    Const(f64),
    /// An exact whole number, never fitted.
    Integer(i32),
    /// The ratio of a circle's circumference to its diameter, never fitted.
    Pi,
    /// The value of a column in the row.
    Column(u32),
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a · b`
    Mul,
    /// `a / b`
    Div,
    /// `-a`
    Neg,
    /// `a²`
    Square,
    /// `a³`
    Cube,
    /// `√a`
    Sqrt,
    /// The real cube root, odd in `a`.
    Cbrt,
    /// `eᵃ`
    Exp,
    /// The natural logarithm.
    Log,
    /// Sine of an angle in radians.
    Sin,
    /// Cosine of an angle in radians.
    Cos,
    /// Hyperbolic tangent.
    Tanh,
    /// `|a|`
    Abs,
    /// `1 / a`
    Inv,
    /// `aⁿ` for `n` from -9 to -2 and from 4 to 9; the other powers have
    /// operations of their own.
    Powi(i8),
    /// `aᵇ` for positive `a`; not a number for negative `a`, even where `b` is
    /// whole.
    Pow,
    /// The smaller operand.
    Min,
    /// The larger operand.
    Max,
}

impl Op {
    /// Every operation with a fixed name, for settings and tests.
    pub const NAMED: [Self; 19] = [
        Self::Add,
        Self::Sub,
        Self::Mul,
        Self::Div,
        Self::Neg,
        Self::Square,
        Self::Cube,
        Self::Sqrt,
        Self::Cbrt,
        Self::Exp,
        Self::Log,
        Self::Sin,
        Self::Cos,
        Self::Tanh,
        Self::Abs,
        Self::Inv,
        Self::Pow,
        Self::Min,
        Self::Max,
    ];

    /// The operation of a name, such as `exp` or `add`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|op| op.name() == name)
    }

    /// Name of the operation, as it is called in settings and formulas.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Const(_) => "const",
            Self::Integer(_) => "integer",
            Self::Pi => "pi",
            Self::Column(_) => "column",
            Self::Add => "add",
            Self::Sub => "sub",
            Self::Mul => "mul",
            Self::Div => "div",
            Self::Neg => "neg",
            Self::Square => "square",
            Self::Cube => "cube",
            Self::Sqrt => "sqrt",
            Self::Cbrt => "cbrt",
            Self::Exp => "exp",
            Self::Log => "log",
            Self::Sin => "sin",
            Self::Cos => "cos",
            Self::Tanh => "tanh",
            Self::Abs => "abs",
            Self::Inv => "inv",
            Self::Powi(_) => "powi",
            Self::Pow => "pow",
            Self::Min => "min",
            Self::Max => "max",
        }
    }

    /// The operation `aⁿ`, if there is one.
    #[must_use]
    pub const fn power(exponent: i64) -> Option<Self> {
        match exponent {
            -1 => Some(Self::Inv),
            2 => Some(Self::Square),
            3 => Some(Self::Cube),
            #[expect(clippy::cast_possible_truncation, reason = "the range is -9 to 9")]
            -9..=-2 | 4..=9 => Some(Self::Powi(exponent as i8)),
            _ => None,
        }
    }

    /// Number of operands.
    #[must_use]
    pub const fn arity(self) -> usize {
        match self {
            Self::Const(_) | Self::Integer(_) | Self::Pi | Self::Column(_) => 0,
            Self::Add | Self::Sub | Self::Mul | Self::Div | Self::Pow | Self::Min | Self::Max => 2,
            Self::Neg
            | Self::Square
            | Self::Cube
            | Self::Sqrt
            | Self::Cbrt
            | Self::Exp
            | Self::Log
            | Self::Sin
            | Self::Cos
            | Self::Tanh
            | Self::Abs
            | Self::Inv
            | Self::Powi(_) => 1,
        }
    }

    /// Whether the values of small integers are computed without rounding, as
    /// long as they are integers themselves.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        match self {
            Self::Add
            | Self::Sub
            | Self::Mul
            | Self::Div
            | Self::Neg
            | Self::Square
            | Self::Cube
            | Self::Sqrt
            | Self::Abs
            | Self::Inv
            | Self::Powi(_)
            | Self::Min
            | Self::Max => true,
            Self::Const(_)
            | Self::Integer(_)
            | Self::Pi
            | Self::Column(_)
            | Self::Cbrt
            | Self::Exp
            | Self::Log
            | Self::Sin
            | Self::Cos
            | Self::Tanh
            | Self::Pow => false,
        }
    }

    /// Share of the operation in [`crate::Expr::complexity`]: 1 for what one
    /// works out by hand, 2 for what one looks up, as a fitted constant is too.
    #[must_use]
    pub const fn cost(self) -> usize {
        match self {
            Self::Integer(_)
            | Self::Pi
            | Self::Column(_)
            | Self::Add
            | Self::Sub
            | Self::Mul
            | Self::Div
            | Self::Neg
            | Self::Square
            | Self::Cube
            | Self::Abs
            | Self::Inv
            | Self::Min
            | Self::Max => 1,
            Self::Const(_)
            | Self::Sqrt
            | Self::Cbrt
            | Self::Exp
            | Self::Log
            | Self::Sin
            | Self::Cos
            | Self::Tanh
            | Self::Powi(_)
            | Self::Pow => 2,
        }
    }

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
            Self::Column(_) => a,
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
            Self::Min | Self::Max => a,
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
    /// were measured against mpmath (`benches/scripts/accuracy.py`, half a million
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
            Self::Exp | Self::Log | Self::Cbrt => 1.0,
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

    #[test]
    fn names_are_found_again_and_differ() {
        for op in Op::NAMED {
            assert_eq!(Op::named(op.name()), Some(op));
        }
        assert_eq!(Op::named("sinh"), None);
    }

    #[test]
    fn small_powers_have_operations_of_their_own() {
        assert_eq!(Op::power(2), Some(Op::Square));
        assert_eq!(Op::power(-1), Some(Op::Inv));
        assert_eq!(Op::power(-4), Some(Op::Powi(-4)));
        assert_eq!(Op::power(1), None);
        assert_eq!(Op::power(10), None);
    }
}
