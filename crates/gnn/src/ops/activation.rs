//! The shifted softplus, `ssp(x) = ln(½ eˣ + ½)`.
//!
//! Its slope is the logistic function, and follows from the *output* alone:
//! `ssp'(x) = 1 - ½ e^(-y)` for `y = ssp(x)`. So the way back needs no stored
//! input. The single-precision forms are polynomials without branches, so that
//! the compiler turns a loop over them into vector code.

use std::f32::consts::{LN_2 as LN_2_F32, LOG2_E};
use std::f64::consts::LN_2;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, Error, Result, WithDType};

use super::vectorised;

/// What follows a linear map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// Nothing.
    Identity,
    /// `ln(½ eˣ + ½)`, zero at zero.
    ShiftedSoftplus,
}

impl Activation {
    /// Applies the function in place.
    #[inline(always)]
    pub(crate) fn apply<T: Real>(self, xs: &mut [T]) {
        if self == Self::ShiftedSoftplus {
            for x in xs {
                *x = x.shifted_softplus();
            }
        }
    }

    /// The gradient of the input, from those of the output and the output.
    pub(crate) fn pull_back<T: Real>(self, gradient: &[T], output: &[T]) -> Vec<T> {
        let mut inner = gradient.to_vec();
        if self == Self::ShiftedSoftplus {
            times_slope(&mut inner, output);
        }
        inner
    }
}

vectorised! {
    /// `g ← g ⊙ slope`.
    fn times_slope<T: Real>(gradient: &mut [T], output: &[T]) -> () {
        for (g, &y) in gradient.iter_mut().zip(output) {
            *g *= y.slope_from_output();
        }
    }
}

/// The two precisions that a network can be built in.
pub(crate) trait Real: WithDType {
    /// `ln(½ eˣ + ½)`.
    fn shifted_softplus(self) -> Self;
    /// Slope of the function above where its value is `self`.
    fn slope_from_output(self) -> Self;
    /// `eˣ`.
    fn exponential(self) -> Self;
    /// The numbers of a storage of this type.
    fn numbers(storage: CpuStorage) -> Result<Vec<Self>>;
}

impl Real for f64 {
    #[inline(always)]
    fn shifted_softplus(self) -> Self {
        // `max` would hide that self is not a number; the other term does not
        self.max(0.0) + (-self.abs()).exp().ln_1p() - LN_2
    }

    #[inline(always)]
    fn slope_from_output(self) -> Self {
        1.0 - 0.5 * (-self).exp()
    }

    #[inline(always)]
    fn exponential(self) -> Self {
        self.exp()
    }

    fn numbers(storage: CpuStorage) -> Result<Vec<Self>> {
        match storage {
            CpuStorage::F64(numbers) => Ok(numbers),
            other => Err(Error::UnsupportedDTypeForOp(other.dtype(), "gnn")),
        }
    }
}

impl Real for f32 {
    #[inline(always)]
    fn shifted_softplus(self) -> Self {
        let t = (-self.abs()).exponential();
        // ln(1 + t) = 2 artanh(t / (2 + t)), whose series ends early for t ≤ 1
        let s = t / (2.0 + t);
        let q = s * s;
        let series = q.mul_then_add(1.0 / 13.0, 1.0 / 11.0);
        let series = q.mul_then_add(series, 1.0 / 9.0);
        let series = q.mul_then_add(series, 1.0 / 7.0);
        let series = q.mul_then_add(series, 1.0 / 5.0);
        let series = q.mul_then_add(series, 1.0 / 3.0);
        let series = q.mul_then_add(series, 1.0);
        self.max(0.0) + 2.0 * s * series - LN_2_F32
    }

    #[inline(always)]
    fn slope_from_output(self) -> Self {
        1.0 - 0.5 * (-self).exponential()
    }

    /// `2ⁿ eʳ` with `n` whole and `|r| ≤ ½ ln 2`; relative error below 2·10⁻⁷.
    #[inline(always)]
    fn exponential(self) -> Self {
        /// Adding and subtracting 1.5·2²³ rounds; the sum's last bits are `n`.
        const ROUND: f32 = 12_582_912.0;
        /// ln 2 in two parts, the first with few enough bits that `n` times it is exact.
        const LN_2_HIGH: f32 = 0.693_359_4;
        const LN_2_LOW: f32 = -2.121_944_4e-4;
        let x = self.clamp(-87.0, 88.0);
        let shifted = x * LOG2_E + ROUND;
        let n = shifted - ROUND;
        let r = x - n * LN_2_HIGH - n * LN_2_LOW;
        let p = r.mul_then_add(1.0 / 5040.0, 1.0 / 720.0);
        let p = r.mul_then_add(p, 1.0 / 120.0);
        let p = r.mul_then_add(p, 1.0 / 24.0);
        let p = r.mul_then_add(p, 1.0 / 6.0);
        let p = r.mul_then_add(p, 0.5);
        let p = r.mul_then_add(p, 1.0);
        let p = r.mul_then_add(p, 1.0);
        let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits());
        p * f32::from_bits(exponent.wrapping_add(127) << 23)
    }

    fn numbers(storage: CpuStorage) -> Result<Vec<Self>> {
        match storage {
            CpuStorage::F32(numbers) => Ok(numbers),
            other => Err(Error::UnsupportedDTypeForOp(other.dtype(), "gnn")),
        }
    }
}

/// `x·a + b` in two roundings: fused, it would be a slow call where the target
/// has no such instruction, and results would depend on the target.
trait MulThenAdd {
    fn mul_then_add(self, a: Self, b: Self) -> Self;
}

impl MulThenAdd for f32 {
    #[inline(always)]
    #[expect(clippy::suboptimal_flops, reason = "two roundings on purpose")]
    fn mul_then_add(self, a: Self, b: Self) -> Self {
        self * a + b
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn single_precision_agrees_with_double() {
        for i in -2000..=2000_i16 {
            let x = f32::from(i) * 0.02;
            let exact = f64::from(x).shifted_softplus();
            // ssp is a difference of terms of size ln 2, rounded in f32
            assert_relative_eq!(
                f64::from(x.shifted_softplus()),
                exact,
                epsilon = 2e-7,
                max_relative = 3e-7
            );
            assert_relative_eq!(
                f64::from(x.exponential()),
                f64::from(x).exp(),
                max_relative = 3e-7
            );
        }
    }

    #[test]
    fn the_slope_from_the_output_is_the_logistic_function() {
        for x in [-3.0_f64, -0.1, 0.0, 0.7, 12.0] {
            let logistic = 1.0 / (1.0 + (-x).exp());
            assert_relative_eq!(
                x.shifted_softplus().slope_from_output(),
                logistic,
                epsilon = 1e-14
            );
        }
    }

    #[test]
    fn not_a_number_stays_visible() {
        assert!(f32::NAN.shifted_softplus().is_nan());
        assert!(f64::NAN.shifted_softplus().is_nan());
    }
}
