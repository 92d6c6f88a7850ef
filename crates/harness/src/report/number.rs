//! Numbers as people print them.

/// A mean with its spread in brackets, as `4.05(51)`: 4.05 with a standard
/// deviation of 0.51.
///
/// The spread has two significant digits and the mean as many decimals; the
/// brackets count units of the last digit, as siunitx reads them. Without a
/// spread (one seed, or one that is nothing but rounding) the mean has three
/// significant digits.
///
/// # Panics
///
/// If a value is not finite.
///
/// # Examples
///
/// ```
/// use harness::report::with_spread;
/// assert_eq!(with_spread(4.053, Some(0.512)), "4.05(51)");
/// assert_eq!(with_spread(40.27, Some(5.12)), "40.3(51)");
/// assert_eq!(with_spread(1234.0, Some(253.0)), "1234(253)");
/// assert_eq!(with_spread(4.053, None), "4.05");
/// ```
#[must_use]
pub fn with_spread(mean: f64, spread: Option<f64>) -> String {
    let Some(spread) = spread.filter(|&s| s > 1e-9 * mean.abs()) else {
        return significant(mean, 3);
    };
    let decimals = decimals(spread, 2);
    let units = spread * 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
    format!("{mean:.decimals$}({units:.0})")
}

/// A number with so many significant digits, never in powers of ten, as
/// `0.0123` or `1234`.
///
/// # Panics
///
/// If the value is not finite.
#[must_use]
pub fn significant(value: f64, digits: usize) -> String {
    let decimals = decimals(value, digits);
    format!("{value:.decimals$}")
}

/// A number without unit as R², with a true minus sign and no minus zero.
#[must_use]
pub(crate) fn coefficient(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(zero) if zero.chars().all(|c| c == '0' || c == '.') => zero.to_owned(),
        Some(size) => format!("−{size}"),
        None => text,
    }
}

/// How many decimals show so many significant digits of a value.
fn decimals(value: f64, digits: usize) -> usize {
    assert!(value.is_finite(), "a printed number must be finite");
    if value == 0.0 {
        return digits.saturating_sub(1);
    }
    // rounding may carry into the next power of ten, as 0.0996 to 0.10
    let printed = format!("{value:.*e}", digits.saturating_sub(1));
    let exponent: i64 = printed
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    let last = i64::try_from(digits).unwrap_or(0) - 1 - exponent;
    usize::try_from(last).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_that_rounds_up_keeps_two_digits() {
        assert_eq!(with_spread(1.0, Some(0.0996)), "1.00(10)");
    }

    #[test]
    fn there_is_no_minus_zero() {
        assert_eq!(coefficient(-0.004, 2), "0.00");
        assert_eq!(coefficient(-0.04, 2), "−0.04");
    }

    #[test]
    fn one_seed_has_no_spread() {
        assert_eq!(with_spread(0.012_345, None), "0.0123");
        assert_eq!(with_spread(0.0, Some(0.0)), "0.00");
        assert_eq!(with_spread(1129.5, Some(2e-13)), "1130");
    }
}
