//! The functions of the formula language: what they are called, how they are
//! counted, and what they mean.
//!
//! The meaning is that of the published programme, numpy's treatment of what is
//! not a number included. It is *not* the textbook's:
//!
//! | function | value |
//! |---|---|
//! | `log x` | not a number for `x ≤ 10⁻⁴` |
//! | `div x y` | not a number for `|y| ≤ 10⁻³` |
//! | `sqrt x` | not a number for `x ≤ 0` |
//! | `exp x` | `e¹⁰` for `x ≥ 10`, and also where `x` is not a number |
//! | `pow x y` | `exp(y log x)` for `x > 0`, else `(-1)^y exp(y log |x|)` for whole `y` and 0 for others |
//! | `pow2 x` | `pow x 2`: hence `e¹⁰` for `|x| ≤ 10⁻⁴` and for `|x| ≥ e⁵` |
//!
//! so that an `exp` swallows what a `log` below it has refused.
//!
//! # Source
//!
//! Popov et al., `PeerJ` *Comput. Sci.* **9**, e1241 (2023), and the operator
//! table of the authors' programme.

use std::f64::consts::{E, PI};

/// A function of the formula language; those without operands are constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Function {
    /// `a + b`
    #[serde(rename = "add")]
    Add,
    /// `a - b`
    #[serde(rename = "sub")]
    Sub,
    /// `a · b`
    #[serde(rename = "mul")]
    Mul,
    /// `a / b`
    #[serde(rename = "div")]
    Div,
    /// Sine of an angle in radians.
    #[serde(rename = "sin")]
    Sin,
    /// Cosine of an angle in radians.
    #[serde(rename = "cos")]
    Cos,
    /// The natural logarithm.
    #[serde(rename = "log")]
    Log,
    /// `√a`
    #[serde(rename = "sqrt")]
    Sqrt,
    /// `eᵃ`
    #[serde(rename = "exp")]
    Exp,
    /// `aᵇ`
    #[serde(rename = "pow")]
    Pow,
    /// `a²`
    #[serde(rename = "pow2")]
    Square,
    /// Euler's number.
    #[serde(rename = "e")]
    E,
    /// The ratio of a circle's circumference to its diameter.
    #[serde(rename = "pi")]
    Pi,
    /// One half.
    #[serde(rename = "0.5")]
    Half,
}

impl Function {
    /// All of them, in the order of the published table.
    pub const ALL: [Self; 14] = [
        Self::Add,
        Self::Sub,
        Self::Mul,
        Self::Sin,
        Self::Cos,
        Self::Log,
        Self::Sqrt,
        Self::Div,
        Self::Exp,
        Self::Pow,
        Self::Square,
        Self::E,
        Self::Pi,
        Self::Half,
    ];

    /// The word for it in a token list.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Sub => "sub",
            Self::Mul => "mul",
            Self::Div => "div",
            Self::Sin => "sin",
            Self::Cos => "cos",
            Self::Log => "log",
            Self::Sqrt => "sqrt",
            Self::Exp => "exp",
            Self::Pow => "pow",
            Self::Square => "pow2",
            Self::E => "e",
            Self::Pi => "pi",
            Self::Half => "0.5",
        }
    }

    /// The function of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }

    /// Number of operands.
    #[must_use]
    pub const fn arity(self) -> usize {
        match self {
            Self::Add | Self::Sub | Self::Mul | Self::Div | Self::Pow => 2,
            Self::Sin | Self::Cos | Self::Log | Self::Sqrt | Self::Exp | Self::Square => 1,
            Self::E | Self::Pi | Self::Half => 0,
        }
    }

    /// Share in the complexity of a formula; variables and numbers count 1.
    #[must_use]
    pub const fn complexity(self) -> usize {
        match self {
            Self::Add | Self::Sub | Self::Mul | Self::E | Self::Pi | Self::Half => 1,
            Self::Div | Self::Sqrt => 2,
            Self::Sin | Self::Cos | Self::Square => 3,
            Self::Log | Self::Exp | Self::Pow => 4,
        }
    }

    /// The value, as the module describes it; `b` is of no account for functions
    /// of one operand, nor is `a` for constants.
    #[must_use]
    pub fn value(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Sub => a - b,
            Self::Mul => a * b,
            Self::Div => safe_div(a, b),
            Self::Sin => a.sin(),
            Self::Cos => a.cos(),
            Self::Log => safe_log(a),
            Self::Sqrt => safe_sqrt(a),
            Self::Exp => safe_exp(a),
            Self::Pow => safe_pow(a, b),
            Self::Square => safe_square(a),
            Self::E => E,
            Self::Pi => PI,
            Self::Half => 0.5,
        }
    }
}

/// `e¹⁰`, the largest value of `exp`.
pub(crate) const CEILING: f64 = 22_026.465_794_806_718;

/// Largest operand that `log` refuses.
pub(crate) const LOG_FLOOR: f64 = 1e-4;

/// Largest divisor, by size, that `div` refuses.
pub(crate) const DIVISOR_FLOOR: f64 = 1e-3;

#[inline]
pub(crate) fn safe_log(a: f64) -> f64 {
    if a > LOG_FLOOR { a.ln() } else { f64::NAN }
}

#[inline]
pub(crate) fn safe_div(a: f64, b: f64) -> f64 {
    if b.abs() > DIVISOR_FLOOR {
        a / b
    } else {
        f64::NAN
    }
}

#[inline]
pub(crate) fn safe_sqrt(a: f64) -> f64 {
    if a > 0.0 { a.sqrt() } else { f64::NAN }
}

/// What is not a number is not below ten, either.
#[inline]
pub(crate) fn safe_exp(a: f64) -> f64 {
    if a < 10.0 { a.exp() } else { CEILING }
}

#[inline]
pub(crate) fn safe_pow(a: f64, b: f64) -> f64 {
    if a > 0.0 {
        return safe_exp(b * safe_log(a));
    }
    let whole = b.is_finite() && b.fract() == 0.0;
    let sign = match whole {
        true if b % 2.0 == 0.0 => 1.0,
        true => -1.0,
        false => 0.0,
    };
    sign * safe_exp(b * safe_log(a.abs()))
}

/// `pow a 2` to the last places, without its logarithm.
#[inline]
pub(crate) fn safe_square(a: f64) -> f64 {
    let square = a * a;
    if a.abs() > LOG_FLOOR && square < CEILING {
        square
    } else {
        CEILING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again() {
        for function in Function::ALL {
            assert_eq!(Function::named(function.name()), Some(function));
        }
        assert_eq!(Function::named("tanh"), None);
    }

    #[test]
    fn operands_that_are_refused() {
        for value in [
            Function::Log.value(1e-4, 0.0),
            Function::Div.value(1.0, -1e-3),
            Function::Sqrt.value(0.0, 0.0),
        ] {
            assert!(value.is_nan());
        }
        assert_eq!(Function::Div.value(1.0, 2e-3), 500.0);
    }

    #[test]
    fn exponentials_end_at_ten_and_swallow_what_is_no_number() {
        assert_eq!(Function::Exp.value(11.0, 0.0), CEILING);
        assert_eq!(Function::Exp.value(f64::NAN, 0.0), CEILING);
        assert_eq!(Function::Exp.value(1.0, 0.0), E);
        approx::assert_relative_eq!(CEILING, 10_f64.exp(), max_relative = 1e-15);
    }

    #[test]
    fn powers_of_negative_numbers() {
        let pow = |a, b| Function::Pow.value(a, b);
        approx::assert_relative_eq!(pow(-2.0, 3.0), -8.0, max_relative = 1e-14);
        approx::assert_relative_eq!(pow(-2.0, 2.0), 4.0, max_relative = 1e-14);
        assert_eq!(pow(-2.0, 0.5), 0.0);
        assert_eq!(pow(0.0, 2.0), CEILING);
        assert_eq!(pow(0.0, 3.0), -CEILING);
        assert_eq!(pow(0.0, 0.5), 0.0);
    }

    /// The two ways differ by the rounding of a logarithm and an exponential.
    #[test]
    fn squares_are_powers() {
        for a in [-150.0, -3.0, -1e-4, 0.0, 5e-5, 2e-4, 1.7, 148.0, 149.0] {
            let (square, power) = (Function::Square.value(a, 0.0), safe_pow(a, 2.0));
            approx::assert_relative_eq!(square, power, max_relative = 1e-13);
        }
        assert_eq!(safe_square(f64::NAN), CEILING);
    }
}
