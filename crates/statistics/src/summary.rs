//! Means and spreads.

/// The mean of at least one value.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The sample standard deviation of at least two values, with `N - 1`.
pub(crate) fn deviation(values: &[f64]) -> f64 {
    let center = mean(values);
    let squares: f64 = values.iter().map(|x| (x - center) * (x - center)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn by_hand() {
        assert_relative_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
        assert_relative_eq!(deviation(&[1.0, 2.0, 6.0]), 7_f64.sqrt());
    }
}
