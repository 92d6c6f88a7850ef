//! The operations of formulas, each described in this one place.
//!
//! Name, arity and cost stand here, value and derivative in `op/meaning.rs`;
//! [`mod@crate::kernels`] computes whole columns, [`mod@crate::interval`],
//! [`mod@crate::print`] and [`mod@crate::parse`] add what bounds and texts need.
//! Every `match` over [`Op`] is without a wildcard: the compiler lists
//! what a new operation still lacks.

mod meaning;

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

    /// The names of all nodes, those with a value of their own included.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let valued = [
            Self::Const(0.0),
            Self::Integer(0),
            Self::Pi,
            Self::Column(0),
            Self::Powi(4),
        ];
        valued.into_iter().chain(Self::NAMED).map(Self::name)
    }

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
}

#[cfg(test)]
mod tests {
    use super::*;

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
