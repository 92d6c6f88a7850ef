//! One form for formulas that are written in many ways.
//!
//! A formula becomes a sum of products of powers, multiplied out, each sum and
//! product sorted: `x·(x + 1)` and `x² + x` are the same there. Roots are powers,
//! real powers are `e^(b·ln a)`, products of exponentials are one, and the first
//! coefficient of a denominator is one.
//!
//! # Constants
//!
//! [`Numbers`] says what counts as a number. With [`Numbers::Constants`] each
//! fitted constant is a letter, and letters absorb each other: `c·(x + c)` is
//! `c·x + c`. A sum is multiplied out only where this leaves as many free
//! letters as there were: `c·(x + y)` and `c·x + c·y` differ, and so do `(x + c)²`
//! and `x² + c·x + c`.
//!
//! # What it does not see
//!
//! Two formulas of one form are equal wherever both have values and no root or
//! logarithm of a negative number hides a sign: `√(x²)` is `x` here, and
//! [`equivalent`](crate::equivalent()) therefore looks at values too. Two
//! different forms may still be equal: no fractions are added and no polynomials
//! divided. Numbers that overflow have a form too, and it means nothing.

mod build;
mod coefficient;
mod sum;

use std::fmt;

use sum::Sum;

use crate::Expr;

/// What is compared of the numbers in a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Numbers {
    /// Their values, to twelve digits.
    Values,
    /// Values of integers and π; fitted constants are free.
    Constants,
    /// Nothing: every coefficient is free, also one that is not written, so
    /// that `x + y` and `1.1·x - 3·y` are the same. Integer powers and roots
    /// are none.
    Free,
}

/// The one form of all formulas that the rules of this module make equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Canonical(Sum);

impl Canonical {
    /// The form of a formula.
    ///
    /// # Examples
    ///
    /// ```
    /// use symreg::{Expr, canonical::{Canonical, Numbers}};
    /// let form = |text, numbers| Canonical::new(&Expr::parse(text, &["x"]).unwrap(), numbers);
    /// assert_eq!(
    ///     form("(x + 1)^2", Numbers::Values),
    ///     form("1 + 2*x + x*x", Numbers::Values),
    /// );
    /// assert_eq!(
    ///     form("1 / (2.0*x + 3.0)", Numbers::Constants),
    ///     form("0.7 / (x - 0.1)", Numbers::Constants),
    /// );
    /// ```
    #[must_use]
    pub fn new(expr: &Expr, numbers: Numbers) -> Self {
        Self(build::build(expr, numbers).rounded())
    }
}

impl fmt::Display for Canonical {
    /// Terms in their order, `c` for a free constant.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
