//! The two precisions: `f32` for work, `f64` for checking derivatives.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A float that the network can compute with.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + 'static
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;

    /// The nearest number of this precision.
    #[must_use]
    fn of(value: f64) -> Self;

    /// The same number in double precision.
    fn wide(self) -> f64;

    /// `eˣ`; single precision to three units in the last place, and within the
    /// range of normal numbers.
    #[must_use]
    fn exponential(self) -> Self;

    /// `1 / (1 + e⁻ˣ)`
    #[inline(always)]
    #[must_use]
    #[expect(clippy::inline_always, reason = "to use the caller's instructions")]
    fn sigmoid(self) -> Self {
        Self::ONE / (Self::ONE + (-self).exponential())
    }

    /// Hyperbolic tangent, to an absolute error of rounding.
    #[inline(always)]
    #[must_use]
    #[expect(clippy::inline_always, reason = "to use the caller's instructions")]
    fn tangent(self) -> Self {
        let two = Self::ONE + Self::ONE;
        two * (two * self).sigmoid() - Self::ONE
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    fn of(value: f64) -> Self {
        value
    }

    fn wide(self) -> f64 {
        self
    }

    fn exponential(self) -> Self {
        self.exp()
    }
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    #[expect(clippy::cast_possible_truncation, reason = "that is what rounding is")]
    fn of(value: f64) -> Self {
        value as f32
    }

    fn wide(self) -> f64 {
        f64::from(self)
    }

    /// `2ⁿ eʳ` with `|r| ≤ ln 2 / 2` and Taylor's polynomial of degree 7, whose error
    /// is below 1e-8. Without branches, so that it is compiled to vectors.
    #[inline(always)]
    fn exponential(self) -> Self {
        // Adding it leaves a whole number in the last bits of the sum.
        const WHOLE: f32 = 12_582_912.0;
        const LN_2_HIGH: f32 = 0.693_359_4;
        const LN_2_LOW: f32 = -2.121_944_4e-4;
        let x = self.clamp(-87.0, 88.0);
        let shifted = x.mul_add(std::f32::consts::LOG2_E, WHOLE);
        let n = shifted - WHOLE;
        let r = n.mul_add(-LN_2_LOW, n.mul_add(-LN_2_HIGH, x));
        let mut y = 1.0_f32 / 5040.0;
        for factor in [
            1.0 / 720.0,
            1.0 / 120.0,
            1.0 / 24.0,
            1.0 / 6.0,
            0.5,
            1.0,
            1.0,
        ] {
            y = y.mul_add(r, factor);
        }
        let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
        y * power
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_right_to_the_last_places() {
        let mut x = -86.9_f32;
        while x < 88.0 {
            let (fast, exact) = (f64::from(x.exponential()), f64::from(x).exp());
            assert!(
                ((fast - exact) / exact).abs() < 3.0 * f64::from(f32::EPSILON),
                "{x}"
            );
            x += 0.013;
        }
        assert_eq!(0.0_f32.exponential(), 1.0);
        assert!((-1e9_f32).exponential() < 1e-37);
        assert!(f32::INFINITY.exponential().is_finite());
    }

    #[test]
    fn sigmoid_and_tangent() {
        for x in [-30.0_f32, -2.0, -1e-3, 0.0, 0.7, 5.0, 40.0] {
            let wide = f64::from(x);
            assert!((f64::from(x.sigmoid()) - 1.0 / (1.0 + (-wide).exp())).abs() < 2e-7);
            assert!((f64::from(x.tangent()) - wide.tanh()).abs() < 3e-7);
        }
    }
}
