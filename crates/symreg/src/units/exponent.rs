//! Fractions as exponents of units: `√Å` is Å^(1/2), exactly.

use std::fmt;

/// A fraction in lowest terms, its denominator positive.
///
/// # Examples
///
/// ```
/// use symreg::units::Exponent;
/// assert_eq!(Exponent::new(2, -4), Exponent::new(-1, 2));
/// assert_eq!(Exponent::new(1, 0), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Exponent {
    numerator: i32,
    denominator: i32,
}

/// Largest denominator that [`Exponent::near`] looks for.
const DENOMINATOR: i32 = 12;

/// How near a number must be to a fraction to be that fraction.
const NEAR: f64 = 1e-9;

impl Exponent {
    /// Of what is not there.
    pub const ZERO: Self = Self::integer(0);
    /// Of what is there once.
    pub const ONE: Self = Self::integer(1);

    /// A whole number.
    #[must_use]
    pub const fn integer(value: i32) -> Self {
        Self {
            numerator: value,
            denominator: 1,
        }
    }

    /// The fraction of two numbers, unless the second is zero or the result
    /// needs more than 31 bits.
    #[must_use]
    pub fn new(numerator: i32, denominator: i32) -> Option<Self> {
        Self::reduced(numerator.into(), denominator.into())
    }

    /// The fraction with a denominator up to 12 that is this number, if any is
    /// within 1e-9.
    #[must_use]
    pub fn near(value: f64) -> Option<Self> {
        (1..=DENOMINATOR).find_map(|denominator| {
            let numerator = value * f64::from(denominator);
            let whole = numerator.round();
            let fits = (numerator - whole).abs() <= NEAR && whole.abs() < f64::from(i32::MAX);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "whole, and smaller than the largest"
            )]
            fits.then(|| Self::new(whole as i32, denominator))?
        })
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// The fraction as a floating-point number.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// The sum, unless it needs more than 31 bits.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        if let (1, 1) = (self.denominator, other.denominator) {
            return self
                .numerator
                .checked_add(other.numerator)
                .map(Self::integer);
        }
        let wide = |n: i32, d: i32| i64::from(n) * i64::from(d);
        Self::reduced(
            wide(self.numerator, other.denominator) + wide(other.numerator, self.denominator),
            wide(self.denominator, other.denominator),
        )
    }

    /// The product, unless it needs more than 31 bits.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        Self::reduced(
            i64::from(self.numerator) * i64::from(other.numerator),
            i64::from(self.denominator) * i64::from(other.denominator),
        )
    }

    fn reduced(numerator: i64, denominator: i64) -> Option<Self> {
        let sign = denominator.signum();
        let divisor = greatest_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i64::try_from(divisor).ok().filter(|divisor| *divisor > 0)?;
        (denominator != 0).then_some(())?;
        Some(Self {
            numerator: i32::try_from(sign * numerator / divisor).ok()?,
            denominator: i32::try_from(sign * denominator / divisor).ok()?,
        })
    }
}

fn greatest_divisor(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        greatest_divisor(b, a % b)
    }
}

impl fmt::Display for Exponent {
    /// `2`, or `(1/2)` in parentheses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            _ => write!(f, "({}/{})", self.numerator, self.denominator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fraction(numerator: i32, denominator: i32) -> Exponent {
        Exponent::new(numerator, denominator).unwrap()
    }

    #[test]
    fn fractions_are_added_and_multiplied() {
        assert_eq!(fraction(1, 2).plus(fraction(1, 3)), Some(fraction(5, 6)));
        assert_eq!(fraction(1, 2).plus(fraction(1, 2)), Some(Exponent::ONE));
        assert_eq!(fraction(2, 3).times(fraction(-3, 4)), Some(fraction(-1, 2)));
        assert_eq!(fraction(-1, 3).to_string(), "(-1/3)");
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        let large = Exponent::integer(i32::MAX);
        assert_eq!(large.plus(Exponent::ONE), None);
        assert_eq!(large.times(Exponent::integer(2)), None);
        assert_eq!(Exponent::new(1, 0), None);
        assert_eq!(Exponent::new(0, 5), Some(Exponent::ZERO));
    }

    #[test]
    fn numbers_near_a_fraction_are_that_fraction() {
        assert_eq!(Exponent::near(1.0 / 3.0), Some(fraction(1, 3)));
        assert_eq!(Exponent::near(-2.5), Some(fraction(-5, 2)));
        assert_eq!(Exponent::near(1.37), None);
        assert_eq!(Exponent::near(f64::NAN), None);
        assert_eq!(Exponent::near(1e300), None);
    }
}
