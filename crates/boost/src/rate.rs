//! The learning rate where none is given.

/// `CatBoost`'s learning rate for [`Loss::Rmse`](crate::Loss::Rmse).
///
/// `exp(a·ln n + b + c·ln(iterations/1000))`, at most 0.5, rounded to six
/// digits; `a`, `b` and `c` were fitted by its authors to the best rates on many
/// tables, with and without a best constant first and a validation table.
///
/// - `rows`: `n`, number of training rows.
/// - `from_average`: whether the mean comes first.
/// - `best_model`: whether a validation table chooses the number of trees.
///
/// # Examples
///
/// ```
/// assert_eq!(boost::automatic_rate(50, 1000, true, false), 0.025505);
/// ```
///
/// # Source
///
/// The coefficients of `CatBoost`'s automatic learning rate on a processor.
#[must_use]
pub fn automatic_rate(rows: usize, iterations: usize, from_average: bool, best_model: bool) -> f64 {
    let (a, b, c) = match (best_model, from_average) {
        (true, true) => (0.157, -4.062, -0.61),
        (false, true) => (0.158, -4.287, -0.813),
        (true, false) => (0.189, -4.383, -0.623),
        (false, false) => (0.178, -4.473, -0.76),
    };
    let rate = (a * (rows as f64).ln() + b + c * (iterations as f64 / 1000.0).ln()).exp();
    (rate.min(0.5) * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// Rates that `CatBoost` 1.2.10 reports, in single precision.
    #[test]
    fn rates_are_those_of_the_reference() {
        for (rows, iterations, rates) in [
            (50, 100, [0.165_812, 0.129_609, 0.131_77, 0.109_798]),
            (300, 1000, [0.033_85, 0.042_151, 0.031_501, 0.036_7]),
            (1000, 200, [0.151_51, 0.135_915, 0.132_623, 0.125_587]),
            (1000, 2000, [0.023_305, 0.033_363, 0.023_047, 0.029_919]),
            (5000, 1000, [0.052_798, 0.065_559, 0.051_978, 0.062_459]),
            (20, 50, [0.252_046, 0.171_311, 0.189_569, 0.142_208]),
        ] {
            let flags = [(true, false), (true, true), (false, false), (false, true)];
            for ((average, best), rate) in flags.into_iter().zip(rates) {
                let ours = automatic_rate(rows, iterations, average, best);
                assert_relative_eq!(ours, rate, epsilon = 1e-9);
            }
        }
        assert_relative_eq!(automatic_rate(60_000, 5, true, false), 0.5);
    }
}
