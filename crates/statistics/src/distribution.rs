//! Tails and quantiles of the distributions that the tests refer to.
//!
//! Tails are computed as such, never as one minus the other side, so that small
//! p values keep their digits.

use statrs::function::{beta::beta_reg, erf::erfc_inv, gamma::gamma_ur};

use crate::roots::rising_root;

/// `Φ(z)`, the share of a standard normal distribution below `z`.
///
/// By way of `z²`, which has a chi-squared distribution: `erfc` of statrs 0.18 is
/// wrong in the eleventh digit.
pub(crate) fn normal_below(z: f64) -> f64 {
    let tail = 0.5 * chi_squared_above(z * z, 1.0);
    if z > 0.0 { 1.0 - tail } else { tail }
}

/// `Φ⁻¹(share)`; infinite at 0 and 1.
pub(crate) fn normal_quantile(share: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * share)
}

/// The share of Student's distribution above `t`.
pub(crate) fn student_above(t: f64, freedom: f64) -> f64 {
    let outside = beta_reg(0.5 * freedom, 0.5, freedom / (freedom + t * t));
    if t > 0.0 {
        0.5 * outside
    } else {
        1.0 - 0.5 * outside
    }
}

/// The `t ≥ 0` with the share `tail ≤ 0.5` of Student's distribution above it.
pub(crate) fn student_quantile(tail: f64, freedom: f64) -> f64 {
    let mut high = 1.0;
    while student_above(high, freedom) > tail {
        high *= 2.0;
    }
    rising_root(|t| tail - student_above(t, freedom), 0.0, high)
}

/// The share of the chi-squared distribution above `x`.
pub(crate) fn chi_squared_above(x: f64, freedom: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x.is_finite() {
        gamma_ur(0.5 * freedom, 0.5 * x)
    } else {
        0.0
    }
}

/// The share of Fisher's F distribution above `f`.
pub(crate) fn fisher_above(f: f64, over: f64, under: f64) -> f64 {
    beta_reg(0.5 * under, 0.5 * over, under / (under + over * f))
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn closed_forms() {
        // one degree of freedom is the Cauchy distribution
        let cauchy = |t: f64| 0.5 - t.atan() / std::f64::consts::PI;
        assert_relative_eq!(student_above(2.5, 1.0), cauchy(2.5), max_relative = 1e-12);
        assert_relative_eq!(student_above(-2.5, 1.0), cauchy(-2.5), max_relative = 1e-12);
        // two degrees of freedom are an exponential
        assert_relative_eq!(
            chi_squared_above(7.0, 2.0),
            (-3.5_f64).exp(),
            max_relative = 1e-12
        );
        // F(1, ν) is t² of ν degrees of freedom
        assert_relative_eq!(
            fisher_above(6.25, 1.0, 9.0),
            2.0 * student_above(2.5, 9.0),
            max_relative = 1e-12
        );
    }

    /// The digits are those of Abramowitz & Stegun, table 26.1.
    #[test]
    fn the_normal_distribution_of_a_printed_table() {
        assert_relative_eq!(normal_below(1.0), 0.841_344_746_068_543, epsilon = 1e-15);
        assert_relative_eq!(normal_below(-2.0), 0.022_750_131_948_179, epsilon = 1e-15);
        assert_eq!(normal_below(0.0), 0.5);
        assert_eq!(normal_below(f64::NEG_INFINITY), 0.0);
        assert_eq!(normal_below(f64::INFINITY), 1.0);
    }

    #[test]
    fn quantiles_undo_tails() {
        for tail in [0.5, 0.05, 1e-6] {
            let t = student_quantile(tail, 3.0);
            assert_relative_eq!(student_above(t, 3.0), tail, max_relative = 1e-10);
            let z = normal_quantile(tail);
            assert_relative_eq!(normal_below(z), tail, max_relative = 1e-10);
        }
    }

    #[test]
    fn a_ratio_of_infinity_has_no_tail() {
        assert_eq!(fisher_above(f64::INFINITY, 2.0, 8.0), 0.0);
        assert_eq!(student_above(f64::INFINITY, 8.0), 0.0);
        assert_eq!(student_above(f64::NEG_INFINITY, 8.0), 1.0);
    }
}
