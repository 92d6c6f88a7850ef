//! Targets that a few wild rows cannot bend.
//!
//! Least squares follow the row that is farthest off. Where a few rows obey
//! another law than the rest, a fit is made, what exceeds the usual residual is cut
//! off, and the fit is made again on what is left.
//!
//! # Source
//!
//! The pseudo-values of Huber, *Robust Statistics* (1981), section 7.8: least
//! squares on these, repeated, are his estimate.

use crate::{Expr, Result, Table, objective::added};

/// Standard deviation of the normal distribution over the median of its
/// magnitude.
const NORMAL: f64 = 1.4826;

/// The target with every residual of a formula cut off at so many deviations.
///
/// The deviation is that of a normal distribution with the same median of the
/// magnitude, which the wild rows hardly change.
///
/// - `target`: one value for every `together` rows of the table.
/// - `reach`: deviations within which a residual stays as it is, such as 3.
/// - returns: as many values as the target, in its units.
///
/// # Errors
///
/// [`crate::Error::NoRows`], [`crate::Error::Length`] and
/// [`crate::Error::NotFinite`] for the target; those of [`Expr::evaluate`].
pub fn pseudo_values(
    expr: &Expr,
    table: &Table,
    target: &[f64],
    together: usize,
    reach: f64,
) -> Result<Vec<f64>> {
    table.check_target(target, together)?;
    let values = added(expr.evaluate(table)?, together);
    let residual: Vec<f64> = target.iter().zip(&values).map(|(y, f)| y - f).collect();
    let mut magnitudes: Vec<f64> = residual.iter().map(|r| r.abs()).collect();
    magnitudes.sort_by(f64::total_cmp);
    let limit = reach * NORMAL * magnitudes[magnitudes.len() / 2];
    let cut = |(f, r): (&f64, &f64)| f + r.clamp(-limit, limit);
    Ok(values.iter().zip(&residual).map(cut).collect())
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::Column;

    /// Residuals ±1 and once 100: the limit is 3 · 1.4826.
    #[test]
    fn wild_rows_are_cut_off_and_others_stay() {
        let x: Vec<f64> = (0..9).map(f64::from).collect();
        let mut y: Vec<f64> = (0..9)
            .map(|i| f64::from(i) + f64::from(i % 2 * 2 - 1))
            .collect();
        y[4] = 104.0;
        let table = Table::new(vec![(Column::new("x", ""), x)]).unwrap();
        let cut = pseudo_values(&Expr::column(0), &table, &y, 1, 3.0).unwrap();
        assert_relative_eq!(cut[4], 4.0 + 3.0 * 1.4826);
        assert_relative_eq!(cut[3], y[3]);
        assert!(pseudo_values(&Expr::column(0), &table, &y[..3], 1, 3.0).is_err());
    }
}
