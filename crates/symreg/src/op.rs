//! The operations of formulas, each described in this one place.
//!
//! Arity, cost, value and derivative stand here; [`mod@crate::interval`],
//! [`mod@crate::print`] and [`mod@crate::parse`] add what bounds and texts need.
//! Every `match` over [`Op`] is without a wildcard: the compiler lists
//! what a new operation still lacks.
//!
//! Values and derivatives work on blocks of rows, not on single numbers, so
//! that the choice of the operation is made once a block.

use std::f64::consts::PI;

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

    /// Replaces the first operand by the value, row by row.
    ///
    /// `b` is empty for operations of one operand. A column has no operands
    /// and leaves `a` as it is: the evaluator has put the values there.
    pub fn apply(self, a: &mut [f64], b: &[f64]) {
        match self {
            Self::Const(value) => a.fill(value),
            Self::Integer(value) => a.fill(value.into()),
            Self::Pi => a.fill(PI),
            Self::Column(_) => {}
            Self::Add => zip(a, b, |a, b| a + b),
            Self::Sub => zip(a, b, |a, b| a - b),
            Self::Mul => zip(a, b, |a, b| a * b),
            Self::Div => zip(a, b, |a, b| a / b),
            Self::Neg => map(a, |a| -a),
            Self::Square => map(a, |a| a * a),
            Self::Cube => map(a, |a| a * a * a),
            Self::Sqrt => map(a, f64::sqrt),
            Self::Cbrt => map(a, f64::cbrt),
            Self::Exp => map(a, f64::exp),
            Self::Log => map(a, f64::ln),
            Self::Sin => map(a, f64::sin),
            Self::Cos => map(a, f64::cos),
            Self::Tanh => map(a, f64::tanh),
            Self::Abs => map(a, f64::abs),
            Self::Inv => map(a, f64::recip),
            Self::Powi(exponent) => map(a, |a| a.powi(i32::from(exponent))),
            Self::Pow => zip(a, b, power),
            Self::Min => zip(a, b, |a, b| if a < b || a.is_nan() { a } else { b }),
            Self::Max => zip(a, b, |a, b| if a > b || a.is_nan() { a } else { b }),
        }
    }

    /// Partial derivatives by the operands, row by row.
    ///
    /// Writes `∂op/∂a` to `da` and, for operations of two operands, `∂op/∂b` to
    /// `db`. Where an operation has no derivative (`|a|` at zero) this is one
    /// of the one-sided ones, or not finite (`√a` at zero).
    pub fn partials(self, a: &[f64], b: &[f64], da: &mut [f64], db: &mut [f64]) {
        match self {
            Self::Const(_) | Self::Integer(_) | Self::Pi | Self::Column(_) => {}
            Self::Add => {
                da.fill(1.0);
                db.fill(1.0);
            }
            Self::Sub => {
                da.fill(1.0);
                db.fill(-1.0);
            }
            Self::Mul => {
                da.copy_from_slice(b);
                db.copy_from_slice(a);
            }
            Self::Div => {
                set(da, b, f64::recip);
                set2(db, a, b, |a, b| -a / (b * b));
            }
            Self::Neg => da.fill(-1.0),
            Self::Square => set(da, a, |a| 2.0 * a),
            Self::Cube => set(da, a, |a| 3.0 * a * a),
            Self::Sqrt => set(da, a, |a| 0.5 / a.sqrt()),
            Self::Cbrt => set(da, a, |a| 1.0 / (3.0 * a.cbrt() * a.cbrt())),
            Self::Exp => set(da, a, f64::exp),
            Self::Log => set(da, a, f64::recip),
            Self::Sin => set(da, a, f64::cos),
            Self::Cos => set(da, a, |a| -a.sin()),
            Self::Tanh => set(da, a, |a| 1.0 - a.tanh() * a.tanh()),
            Self::Abs => set(da, a, f64::signum),
            Self::Inv => set(da, a, |a| -1.0 / (a * a)),
            Self::Powi(n) => set(da, a, |a| f64::from(n) * a.powi(i32::from(n) - 1)),
            Self::Pow => {
                set2(da, a, b, |a, b| b * power(a, b - 1.0));
                set2(db, a, b, |a, b| power(a, b) * a.ln());
            }
            Self::Min => {
                set2(da, a, b, |a, b| f64::from(a < b));
                set2(db, a, b, |a, b| f64::from(a >= b));
            }
            Self::Max => {
                set2(da, a, b, |a, b| f64::from(a > b));
                set2(db, a, b, |a, b| f64::from(a <= b));
            }
        }
    }
}

fn map(a: &mut [f64], f: impl Fn(f64) -> f64) {
    for a in a {
        *a = f(*a);
    }
}

fn zip(a: &mut [f64], b: &[f64], f: impl Fn(f64, f64) -> f64) {
    for (a, b) in a.iter_mut().zip(b) {
        *a = f(*a, *b);
    }
}

fn set(out: &mut [f64], a: &[f64], f: impl Fn(f64) -> f64) {
    for (out, a) in out.iter_mut().zip(a) {
        *out = f(*a);
    }
}

fn set2(out: &mut [f64], a: &[f64], b: &[f64], f: impl Fn(f64, f64) -> f64) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = f(*a, *b);
    }
}

/// `aᵇ` where the base is positive or zero.
fn power(a: f64, b: f64) -> f64 {
    if a < 0.0 { f64::NAN } else { a.powf(b) }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn value(op: Op, a: f64, b: f64) -> f64 {
        let mut block = [a];
        op.apply(&mut block, &[b]);
        block[0]
    }

    /// Central differences of step `h` are off by about `h²`, here 1e-12, and
    /// by the rounding of the values over `h`, here 1e-10.
    #[test]
    fn every_derivative_is_that_of_finite_differences() {
        let powers = [-9, -3, -2, 4, 5, 9].map(Op::Powi);
        let h = 1e-6;
        for op in Op::NAMED.into_iter().chain(powers) {
            for (a, b) in [(0.7, 1.3), (1.9, -0.8), (1.2, 2.4)] {
                let (mut da, mut db) = ([0.0], [0.0]);
                op.partials(&[a], &[b], &mut da, &mut db);
                let by_a = (value(op, a + h, b) - value(op, a - h, b)) / (2.0 * h);
                assert_relative_eq!(da[0], by_a, epsilon = 1e-8, max_relative = 1e-7);
                if op.arity() == 2 {
                    let by_b = (value(op, a, b + h) - value(op, a, b - h)) / (2.0 * h);
                    assert_relative_eq!(db[0], by_b, epsilon = 1e-8, max_relative = 1e-7);
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_stays_none() {
        for op in [Op::Min, Op::Max, Op::Pow] {
            assert!(value(op, f64::NAN, 1.0).is_nan());
            assert!(value(op, 2.0, f64::NAN).is_nan());
        }
        assert!(value(Op::Pow, -2.0, 2.0).is_nan());
        assert_eq!(value(Op::Pow, 0.0, 0.5), 0.0);
        assert_eq!(value(Op::Integer(-3), 9.0, 0.0), -3.0);
        assert_eq!(value(Op::Pi, 9.0, 0.0), PI);
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
