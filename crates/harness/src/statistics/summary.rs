//! Means, spreads and medians of a few values.

/// The mean.
///
/// # Panics
///
/// If there are no values or one is not finite.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    check(values);
    values.iter().sum::<f64>() / values.len() as f64
}

/// The sample standard deviation, with `N - 1`; `None` for a single value,
/// which says nothing about spread.
///
/// # Panics
///
/// If there are no values or one is not finite.
#[must_use]
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    let center = mean(values);
    let sum: f64 = values.iter().map(|x| (x - center) * (x - center)).sum();
    (values.len() > 1).then(|| (sum / (values.len() - 1) as f64).sqrt())
}

/// The median: the middle value, or the mean of the two middle ones.
///
/// # Panics
///
/// If there are no values or one is not finite.
///
/// # Examples
///
/// ```
/// use harness::statistics::median;
/// assert_eq!(median(&[9.0, 1.0, 2.0]), 2.0);
/// assert_eq!(median(&[9.0, 1.0, 2.0, 4.0]), 3.0);
/// ```
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    check(values);
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[half]
    } else {
        f64::midpoint(sorted[half - 1], sorted[half])
    }
}

fn check(values: &[f64]) {
    assert!(!values.is_empty(), "no value to summarise");
    assert!(
        values.iter().all(|x| x.is_finite()),
        "values must be finite"
    );
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn by_hand() {
        assert_relative_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
        assert_relative_eq!(standard_deviation(&[1.0, 2.0, 6.0]).unwrap(), 7_f64.sqrt());
        assert_eq!(standard_deviation(&[1.0]), None);
    }

    #[test]
    #[should_panic(expected = "no value to summarise")]
    fn the_median_of_nothing_is_a_bug() {
        let _ = median(&[]);
    }
}
