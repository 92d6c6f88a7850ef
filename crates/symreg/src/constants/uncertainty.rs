//! How well the data determine the constants of a formula.

use crate::{
    Error, Expr, Op, Result, Table, constants::fit::Fit, evaluate::Machine, terms::constants,
};

/// Constants of a formula with their covariance.
///
/// Linear theory at the minimum: with `J` the derivatives of the formula by its
/// constants at the rows, the covariance is `σ² (JᵀJ)⁻¹`, and `σ²` is estimated
/// as the sum of the squared residuals over rows less constants.
///
/// # Source
///
/// Seber & Wild, *Nonlinear Regression* (1989), section 2.1.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertainty {
    /// The constants, in the order in which they stand in the postfix code.
    pub values: Vec<f64>,
    /// Their covariance, `(constants, constants)`, row-major.
    pub covariance: Vec<f64>,
    /// Standard deviation of the residual, in units of the target.
    pub sigma: f64,
}

impl Uncertainty {
    /// Standard errors of the constants.
    #[must_use]
    pub fn standard_errors(&self) -> Vec<f64> {
        let count = self.values.len();
        (0..count)
            .map(|k| self.covariance[k * count + k].sqrt())
            .collect()
    }

    /// The constants as `4.1470(12)`: the digits in parentheses are the standard
    /// error of the last digits.
    ///
    /// # Examples
    ///
    /// ```
    /// # use symreg::{Column, Expr, Table};
    /// let x: Vec<f64> = vec![0.0, 1.0, 2.0, 3.0];
    /// let table = Table::new(vec![(Column::new("x", ""), x)])?;
    /// let line = Expr::parse("2.04*x + 0.96", &["x"])?;
    /// let known = line.uncertainty(&table, &[1.0, 2.9, 5.2, 7.0])?;
    /// assert_eq!(known.unwrap().texts(), ["2.040(66)", "0.96(12)"]);
    /// # Ok::<(), symreg::Error>(())
    /// ```
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let errors = self.standard_errors();
        let pairs = self.values.iter().zip(errors);
        pairs.map(|(value, error)| written(*value, error)).collect()
    }
}

impl Expr {
    /// Uncertainties of the constants, if the data tell these apart.
    ///
    /// The constants must be those of a fit, as on a front. Nothing comes back
    /// for a formula without constants, with as many constants as rows or more,
    /// or with constants that make up for each other.
    ///
    /// - `target`: `(rows,)`, what the constants were fitted to.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] and [`Error::NotFinite`] for the target,
    /// [`Error::MissingColumn`] if the table has too few columns.
    pub fn uncertainty(&self, table: &Table, target: &[f64]) -> Result<Option<Uncertainty>> {
        self.uncertainty_in_sums(table, target, 1)
    }

    /// As [`Expr::uncertainty`], where the values of so many rows add up to one
    /// target.
    ///
    /// # Errors
    ///
    /// As [`Expr::uncertainty`].
    pub fn uncertainty_in_sums(
        &self,
        table: &Table,
        target: &[f64],
        together: usize,
    ) -> Result<Option<Uncertainty>> {
        table.check_target(target, together)?;
        let (index, columns) = (self.columns(), table.columns().len());
        if index > columns {
            return Err(Error::MissingColumn {
                index: index - 1,
                columns,
            });
        }
        let mut machine = Machine::default();
        Ok(Fit::new(self.code().to_vec(), table, target, &mut machine).and_then(|fit| known(&fit)))
    }

    /// The formula as text, its constants with their uncertainties.
    ///
    /// # Panics
    ///
    /// If there are fewer names than [`Expr::columns`], or other constants than
    /// the formula has.
    #[must_use]
    pub fn text_with(&self, names: &[&str], known: &Uncertainty) -> String {
        let texts = known.texts();
        let mut next = u32::try_from(names.len()).expect("fewer columns than that");
        let stand_in = |op: &Op| match op {
            Op::Const(_) => {
                next += 1;
                Op::Column(next - 1)
            }
            other => *other,
        };
        // A number stands as the name of a column, which is quoted.
        let code = self.code().iter().map(stand_in).collect();
        let formula = Self::new(code).expect("leaves were exchanged for leaves");
        let numbers = texts.iter().map(|text| match text.strip_prefix('-') {
            Some(_) => format!("({text})"),
            None => text.clone(),
        });
        let numbers: Vec<String> = numbers.collect();
        let mut all = names.to_vec();
        all.extend(numbers.iter().map(String::as_str));
        let mut text = formula.text(&all);
        for number in &numbers {
            text = text.replace(&format!("`{number}`"), number);
        }
        text
    }
}

/// Values and covariance of a fit.
fn known(fit: &Fit) -> Option<Uncertainty> {
    let (rows, count) = (fit.residual.len(), fit.count());
    if count == 0 || count >= rows {
        return None;
    }
    let variance = fit.squares / (rows - count) as f64;
    let covariance = fit.covariance()?.iter().map(|c| c * variance).collect();
    Some(Uncertainty {
        values: constants(&fit.code).collect(),
        covariance,
        sigma: variance.sqrt(),
    })
}

/// A value with two digits of its standard error, such as `4.1470(12)`.
///
/// Powers of ten stand behind where the value is very large or small:
/// `1.25(3)e-7`. A value without a positive finite error is written with six
/// digits.
#[must_use]
pub fn written(value: f64, error: f64) -> String {
    if !(error > 0.0 && error.is_finite() && value.is_finite()) {
        return format!("{value:.5e}");
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a decimal exponent is small"
    )]
    let exponent = |x: f64| x.abs().log10().floor() as i32;
    let largest = exponent(value.abs().max(error));
    let shift = if (-4..6).contains(&largest) {
        0
    } else {
        largest
    };
    let scale = 10_f64.powi(-shift);
    let (scaled, error) = (value * scale, error * scale);
    // The place of the second digit of the error, after rounding.
    let mut places = 1 - exponent(error);
    let digits = |places: i32| (error * 10_f64.powi(places)).round();
    if digits(places) >= 100.0 {
        places -= 1;
    }
    let tail = if shift == 0 {
        String::new()
    } else {
        format!("e{shift}")
    };
    let decimals = usize::try_from(places.clamp(0, 15)).unwrap_or(0);
    let error = if places > 0 {
        digits(places)
    } else {
        // Digits before the point count as they are.
        digits(places) * 10_f64.powi(-places)
    };
    format!("{scaled:.decimals$}({error}){tail}")
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::Column;

    #[test]
    fn values_are_written_with_two_digits_of_their_error() {
        assert_eq!(written(4.147_04, 0.001_23), "4.1470(12)");
        assert_eq!(written(-0.5, 0.0995), "-0.50(10)");
        assert_eq!(written(1234.5, 67.8), "1234(68)");
        assert_eq!(written(1234.5, 678.0), "1234(680)");
        assert_eq!(written(1.254e-7, 3.1e-9), "1.254(31)e-7");
        assert_eq!(written(3.0, 0.0), "3.00000e0");
    }

    /// The straight line, whose covariance stands in every textbook:
    /// `var(slope) = σ² / Sxx`, `var(offset) = σ² (1/n + x̄² / Sxx)` and
    /// `cov = -σ² x̄ / Sxx`.
    #[test]
    fn the_covariance_of_a_straight_line_is_that_of_the_textbook() {
        let x: Vec<f64> = (0..12).map(|i| f64::from(i) / 2.0).collect();
        let noise = |i: usize| ((i * 7 % 5) as f64 - 2.0) / 10.0;
        let y: Vec<f64> = (0..12).map(|i| 3.0 * x[i] - 1.0 + noise(i)).collect();
        let table = Table::new(vec![(Column::new("x", ""), x.clone())]).unwrap();
        let mut machine = Machine::default();
        let line = Expr::parse("1.0*x + 1.0", &["x"]).unwrap();
        let fit = Fit::new(line.code().to_vec(), &table, &y, &mut machine).unwrap();
        let fit = fit.improved(&table, &y, &mut machine, 20);
        let known = known(&fit).unwrap();
        let n = x.len() as f64;
        let center = x.iter().sum::<f64>() / n;
        let spread: f64 = x.iter().map(|x| (x - center).powi(2)).sum();
        let variance = known.sigma.powi(2);
        assert_relative_eq!(variance, fit.squares / (n - 2.0), max_relative = 1e-12);
        let expected = [
            variance / spread,
            -variance * center / spread,
            -variance * center / spread,
            variance * (1.0 / n + center * center / spread),
        ];
        for (found, expected) in known.covariance.iter().zip(expected) {
            assert_relative_eq!(*found, expected, max_relative = 1e-9);
        }
        let text = Expr::new(fit.code).unwrap().text_with(&["x"], &known);
        assert!(text.contains("(2") || text.contains('('), "{text}");
    }

    /// Over 400 repetitions with fresh noise the constants of `a·exp(b·x)`
    /// scatter by their stated errors; the estimate of a standard deviation from
    /// so many is good to 3.5 %, and 15 % leaves room for the curvature.
    #[test]
    fn simulated_constants_scatter_by_their_standard_errors() {
        let x: Vec<f64> = (0..40).map(|i| f64::from(i) / 20.0).collect();
        let table = Table::new(vec![(Column::new("x", ""), x.clone())]).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut machine = Machine::default();
        let (mut sums, mut squares, mut stated) = ([0.0; 2], [0.0; 2], [0.0; 2]);
        for _ in 0..400 {
            // twelve uniform numbers are normal enough
            let mut noise = || (0..12).map(|_| random.random_range(-0.5..0.5)).sum::<f64>() / 20.0;
            let y: Vec<f64> = x.iter().map(|x| 2.0 * (-0.7 * x).exp() + noise()).collect();
            let code = Expr::parse("2.0*exp(-0.7*x)", &["x"]).unwrap();
            let fit = Fit::new(code.code().to_vec(), &table, &y, &mut machine).unwrap();
            let known = known(&fit.improved(&table, &y, &mut machine, 20)).unwrap();
            let errors = known.standard_errors();
            for k in 0..2 {
                sums[k] += known.values[k];
                squares[k] += known.values[k].powi(2);
                stated[k] += errors[k] / 400.0;
            }
        }
        for k in 0..2 {
            let mean: f64 = sums[k] / 400.0;
            let scatter = (squares[k] / 400.0 - mean * mean).sqrt();
            assert_relative_eq!(scatter, stated[k], max_relative = 0.15);
        }
    }

    #[test]
    fn constants_that_make_up_for_each_other_have_no_uncertainty() {
        let table = Table::new(vec![(Column::new("x", ""), vec![1.0, 2.0, 3.0, 5.0])]).unwrap();
        let y = [1.0, 2.2, 2.9, 5.1];
        let twice = Expr::parse("1.5*(2.0*x)", &["x"]).unwrap();
        assert_eq!(twice.uncertainty(&table, &y), Ok(None));
        assert_eq!(Expr::column(0).uncertainty(&table, &y), Ok(None));
        assert!(Expr::column(3).uncertainty(&table, &y).is_err());
    }
}
