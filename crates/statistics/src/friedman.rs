//! Friedman's test: do several models differ over many data sets?

use serde::Serialize;

use crate::{
    Result, check,
    distribution::{chi_squared_above, fisher_above},
    midranks,
    ranks::tie_term,
};

/// The outcome of a Friedman test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Friedman {
    /// Number of data sets.
    pub blocks: usize,
    /// The mean rank of every model over the data sets, 1 being the best.
    pub average_ranks: Vec<f64>,
    /// Friedman's statistic, corrected for ties.
    pub chi_squared: f64,
    /// Probability of such a statistic or a larger one under no difference, from
    /// the chi-squared distribution.
    pub p: f64,
    /// Iman and Davenport's statistic; infinite if all data sets rank alike.
    pub f: f64,
    /// Probability of such a statistic or a larger one under no difference, from
    /// the F distribution; 0 if all data sets rank alike.
    pub f_p: f64,
}

/// Tests whether models differ, by their ranks on each data set.
///
/// With `N` data sets, `k` models and rank sums `Rⱼ`,
/// `χ² = [12/(N k (k+1)) Σ Rⱼ² - 3 N (k+1)] / [1 - Σ(t³ - t) / (N k (k² - 1))]`,
/// the last sum being over groups of `t` models tied on a data set; it has
/// `k - 1` degrees of freedom. `χ²` is conservative, and
/// `F = (N - 1) χ² / (N (k - 1) - χ²)` with `k - 1` and `(k - 1)(N - 1)` degrees
/// is better. Where all models tie everywhere, `χ²` is 0 and `p` is 1.
///
/// Assumes data sets that are independent of each other: sizes or seeds of one
/// data set are not. The distributions are approximations, good from about ten
/// data sets and five models on.
///
/// - `errors`: `(N, k)`, one row a data set, one column a model, in any unit;
///   lower is better.
///
/// # Errors
///
/// [`Error::TooFew`](crate::Error::TooFew) with less than two data sets or two
/// models, [`Error::Length`](crate::Error::Length) if a row is longer or shorter
/// than the first, [`Error::NotFinite`](crate::Error::NotFinite) if an error is
/// not finite.
///
/// # Examples
///
/// ```
/// use statistics::friedman;
/// let test = friedman(&[
///     vec![1.0, 2.0, 3.0],
///     vec![10.0, 20.0, 30.0],
///     vec![0.1, 0.3, 0.2],
///     vec![5.0, 6.0, 7.0],
/// ])?;
/// assert_eq!(test.average_ranks, [1.0, 2.25, 2.75]);
/// assert!(test.f_p < test.p && test.p < 0.05);
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// Friedman, *J. Am. Stat. Assoc.* **32**, 675 (1937); Iman & Davenport,
/// *Commun. Stat. A* **9**, 571 (1980); for models on data sets Demšar,
/// *J. Mach. Learn. Res.* **7**, 1 (2006), section 3.2.2.
pub fn friedman(errors: &[Vec<f64>]) -> Result<Friedman> {
    check::enough("data sets", errors.len(), 2)?;
    let models = errors[0].len();
    check::enough("models", models, 2)?;
    let mut sums = vec![0.0; models];
    for row in errors {
        check::length("a data set", models, row.len())?;
        for (sum, rank) in sums.iter_mut().zip(midranks(row)?) {
            *sum += rank;
        }
    }
    let ties: f64 = errors.iter().map(|row| tie_term(row)).sum();
    let chi_squared = chi_squared(&sums, errors.len(), ties);
    let (n, over) = (errors.len() as f64, (models - 1) as f64);
    // not below 0: rounding may take it past the largest χ²
    let left = (n * over - chi_squared).max(0.0);
    let f = (n - 1.0) * chi_squared / left;
    Ok(Friedman {
        blocks: errors.len(),
        average_ranks: sums.iter().map(|sum| sum / n).collect(),
        chi_squared,
        p: chi_squared_above(chi_squared, over),
        f,
        f_p: fisher_above(f, over, over * (n - 1.0)),
    })
}

fn chi_squared(sums: &[f64], blocks: usize, ties: f64) -> f64 {
    let (n, k) = (blocks as f64, sums.len() as f64);
    let correction = 1.0 - ties / (n * k * (k * k - 1.0));
    if correction <= 0.0 {
        return 0.0;
    }
    let squares: f64 = sums.iter().map(|sum| sum * sum).sum();
    let plain = 12.0 / (n * k * (k + 1.0)) * squares - 3.0 * n * (k + 1.0);
    plain.max(0.0) / correction
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// Rank sums 4, 9, 11 of 4 data sets: 12/48 · 218 - 48 = 6.5.
    #[test]
    fn by_hand() {
        let rows = [
            [1.0, 2.0, 3.0],
            [1.0, 2.0, 3.0],
            [1.0, 3.0, 2.0],
            [1.0, 2.0, 3.0],
        ];
        let test = friedman(&rows.map(|row| row.to_vec())).unwrap();
        assert_relative_eq!(test.chi_squared, 6.5, max_relative = 1e-12);
        // two degrees of freedom: the tail is an exponential
        assert_relative_eq!(test.p, (-3.25_f64).exp(), max_relative = 1e-12);
        assert_relative_eq!(test.f, 3.0 * 6.5 / 1.5, max_relative = 1e-12);
    }

    #[test]
    fn models_that_always_tie_do_not_differ() {
        let test = friedman(&vec![vec![2.0; 4]; 5]).unwrap();
        assert_eq!((test.chi_squared, test.p), (0.0, 1.0));
        assert_eq!((test.f, test.f_p), (0.0, 1.0));
    }

    #[test]
    fn full_agreement_is_the_largest_statistic() {
        let test = friedman(&vec![vec![1.0, 2.0, 3.0]; 5]).unwrap();
        assert_relative_eq!(test.chi_squared, 10.0, max_relative = 1e-12);
        assert_eq!(test.f_p, 0.0);
    }

    #[test]
    fn rows_of_different_lengths_are_refused() {
        assert!(friedman(&[vec![1.0, 2.0], vec![1.0]]).is_err());
        assert!(friedman(&[vec![1.0, 2.0]]).is_err());
    }
}
