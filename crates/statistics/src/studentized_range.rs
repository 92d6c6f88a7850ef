//! The range of normal numbers, by which several means or ranks are compared.

use crate::{Result, check, distribution::normal_below, roots::rising_root};

/// Step of the sum over `z`. The integrand is analytic and falls off as `φ`, so
/// that the sum converges faster than any power of the step.
const STEP: f64 = 0.05;

/// `φ(z)` beyond this is below 1e-16 of its top.
const REACH: f64 = 8.6;

/// The probability that the range of `count` independent standard normal numbers
/// is above `range`.
///
/// This is the studentized range with infinitely many degrees of freedom, the
/// standard deviation being known, as it is for ranks:
/// `1 - k ∫ φ(z) [Φ(z) - Φ(z - q)]^(k-1) dz`. Its error is below 1e-13, absolute.
///
/// # Errors
///
/// [`Error::TooFew`](crate::Error::TooFew) if `count < 2`,
/// [`Error::NotFinite`](crate::Error::NotFinite) if `range` is not finite.
///
/// # Source
///
/// Lund & Lund, algorithm AS 190, *Appl. Stat.* **32**, 204 (1983); Copenhaver &
/// Holland, *J. Stat. Comput. Simul.* **30**, 1 (1988). They integrate piece by
/// piece; the trapezoidal sum here is as good on the whole line.
pub fn studentized_range_p(range: f64, count: usize) -> Result<f64> {
    check::enough("groups", count, 2)?;
    check::finite("ranges", &[range])?;
    Ok((1.0 - below(range, count)).clamp(0.0, 1.0))
}

/// The range that the studentized range of `count` groups, with infinitely many
/// degrees of freedom, exceeds with probability `significance`.
///
/// # Errors
///
/// [`Error::TooFew`](crate::Error::TooFew) if `count < 2`,
/// [`Error::Range`](crate::Error::Range) if the significance is not between 0
/// and 1.
///
/// # Examples
///
/// ```
/// use statistics::studentized_range_quantile;
/// let q = studentized_range_quantile(0.05, 2)?;
/// // of two groups, the difference over √2 is a normal number: ±1.96
/// assert!((q / 2_f64.sqrt() - 1.959964).abs() < 1e-6); // as it is printed
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// As [`studentized_range_p`].
pub fn studentized_range_quantile(significance: f64, count: usize) -> Result<f64> {
    check::enough("groups", count, 2)?;
    check::share("the significance", significance)?;
    let mut high = 4.0;
    // an end, since the range of numbers within ± REACH is below twice that
    while 1.0 - below(high, count) > significance && high < 4.0 * REACH {
        high *= 2.0;
    }
    let surplus = |range: f64| below(range, count) - (1.0 - significance);
    Ok(rising_root(surplus, 0.0, high))
}

/// The share of ranges below `range`; `z` is the largest of the numbers.
fn below(range: f64, count: usize) -> f64 {
    if range <= 0.0 {
        return 0.0;
    }
    let mut sum = 0.0;
    let mut z = -REACH;
    while z <= REACH {
        let others = normal_below(z) - normal_below(z - range);
        sum += (-0.5 * z * z).exp() * others.powf((count - 1) as f64);
        z += STEP;
    }
    count as f64 * sum * STEP / (2.0 * std::f64::consts::PI).sqrt()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// The range of two is `√2 |z|`.
    #[test]
    fn two_groups_are_a_normal_difference() {
        for z in [0.1, 1.0, 3.0, 6.0] {
            let p = studentized_range_p(z * 2_f64.sqrt(), 2).unwrap();
            assert_relative_eq!(p, 2.0 * normal_below(-z), epsilon = 1e-14);
        }
    }

    #[test]
    fn quantiles_undo_tails() {
        for (significance, count) in [(0.9, 3), (0.05, 10), (1e-6, 40)] {
            let q = studentized_range_quantile(significance, count).unwrap();
            let p = studentized_range_p(q, count).unwrap();
            assert_relative_eq!(p, significance, epsilon = 1e-13);
        }
    }

    #[test]
    fn no_range_at_all_is_always_exceeded() {
        assert_eq!(studentized_range_p(0.0, 5).unwrap(), 1.0);
        assert!(studentized_range_p(f64::NAN, 5).is_err());
        assert!(studentized_range_quantile(0.05, 1).is_err());
        assert!(studentized_range_quantile(1.0, 3).is_err());
    }
}
