//! The one formula of a front.

use crate::{
    Candidate, Error, ParetoFront, Result, Table, least_squares::mean, mdl, objective::added,
};

/// A rule that picks *the* formula of a front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The shortest description of formula and residual ([`mod@crate::mdl`]).
    /// Wants the data that the front was fitted to.
    #[default]
    DescriptionLength,
    /// The simplest that is as good as the best on data the search has not seen
    /// ([`select()`]).
    Validation,
    /// The member farthest below the line from the simplest to the best, in
    /// complexity and the logarithm of the error. Uses no data.
    Knee,
    /// The smallest training error, whatever its length. Uses no data.
    Best,
}

impl Rule {
    /// The formula that the rule picks.
    ///
    /// - `target`: `(rows,)`, with the table: training or validation data, as
    ///   the rule says.
    ///
    /// # Errors
    ///
    /// As [`mdl::descriptions`] and [`select()`]; none for the rules without data.
    pub fn choose<'f>(
        self,
        front: &'f ParetoFront,
        table: &Table,
        target: &[f64],
    ) -> Result<&'f Candidate> {
        match self {
            Self::DescriptionLength => {
                let (described, _) = mdl::descriptions(front, table, target)?;
                let members = front.all().zip(described);
                let shortest = members.min_by(|a, b| a.1.length().total_cmp(&b.1.length()));
                Ok(shortest.map_or(front.best(), |(member, _)| member))
            }
            Self::Validation => select(front, table, target),
            Self::Knee => Ok(knee(front)),
            Self::Best => Ok(front.best()),
        }
    }
}

/// The member farthest below the chord; the first of equals.
fn knee(front: &ParetoFront) -> &Candidate {
    let members = front.members();
    let height = |member: &Candidate| member.error.max(f64::MIN_POSITIVE).ln();
    let (first, last) = (&members[0], front.best());
    let width = (last.complexity - first.complexity).max(1) as f64;
    let slope = (height(last) - height(first)) / width;
    let drop = |member: &Candidate| {
        let right = (member.complexity - first.complexity) as f64;
        height(first) + slope * right - height(member)
    };
    let deepest = members.iter().enumerate().max_by(|(i, a), (j, b)| {
        let by_drop = drop(a).total_cmp(&drop(b));
        by_drop.then(j.cmp(i))
    });
    deepest.map_or(last, |(_, member)| member)
}

/// Chooses *the* formula of a front on data that the search has not seen.
///
/// The rule is that of one standard error, with absolute errors. Let `b` be the
/// member with the smallest mean absolute error on the validation rows. The
/// simplest member is chosen whose mean absolute error exceeds that of `b` by at
/// most one standard error of the *difference*, row by row, of the two: a longer
/// formula has to earn its length on most rows, and rows that are hard for both
/// do not count as doubt.
///
/// Members without a finite value in some row are passed over; the constant
/// that every front begins with always has one.
///
/// - `target`: `(rows,)`, in the units of the training target.
///
/// # Errors
///
/// [`Error::NoRows`], [`Error::Length`] and [`Error::NotFinite`] for the data;
/// [`Error::MissingColumn`] or [`Error::Undefined`] if no member can be
/// evaluated.
///
/// # Source
///
/// Breiman, Friedman, Olshen & Stone, *Classification and Regression Trees*
/// (1984), section 3.4.3; the paired difference is ours.
pub fn select<'f>(front: &'f ParetoFront, table: &Table, target: &[f64]) -> Result<&'f Candidate> {
    table.check_target(target, front.together())?;
    let mut failure = Error::NoRows;
    let mut scored = Vec::new();
    for member in front.members() {
        match errors(member, table, target) {
            Ok(errors) => scored.push((member, errors)),
            Err(error) => failure = error,
        }
    }
    let best = scored
        .iter()
        .min_by(|a, b| mean(&a.1).total_cmp(&mean(&b.1)))
        .ok_or(failure)?;
    let chosen = scored.iter().find(|(_, errors)| as_good(errors, &best.1));
    Ok(chosen.map_or(best.0, |(member, _)| member))
}

/// Absolute errors of one member in all rows.
fn errors(member: &Candidate, table: &Table, target: &[f64]) -> Result<Vec<f64>> {
    let together = (table.rows() / target.len()).max(1);
    let values = added(member.expr.evaluate(table)?, together);
    Ok(values
        .iter()
        .zip(target)
        .map(|(v, t)| (v - t).abs())
        .collect())
}

/// Whether the mean exceeds that of the best by at most one standard error.
fn as_good(errors: &[f64], best: &[f64]) -> bool {
    let differences: Vec<f64> = errors.iter().zip(best).map(|(e, b)| e - b).collect();
    let (rows, excess) = (differences.len() as f64, mean(&differences));
    let squares: f64 = differences
        .iter()
        .map(|d| (d - excess) * (d - excess))
        .sum();
    let standard_error = (squares / (rows - 1.0).max(1.0) / rows).sqrt();
    excess <= standard_error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, Expr, FeatureBox};

    /// Members `0`, `x` and `x + tiny·x²` on data of the law `x` with noise.
    #[test]
    fn the_simplest_that_is_as_good_is_chosen() {
        let x: Vec<f64> = (0..20).map(f64::from).collect();
        let y: Vec<f64> = (0..20)
            .map(|i| f64::from(i) + if i % 3 == 0 { 0.2 } else { -0.1 })
            .collect();
        let table = Table::new(vec![(Column::new("x", ""), x)]).unwrap();
        let candidate = |text, error| {
            let expr = Expr::parse(text, &["x"]).unwrap();
            Candidate {
                complexity: expr.complexity(),
                expr,
                error,
                fingerprint: 0,
            }
        };
        let mut front = ParetoFront::new(candidate("9.5", 9.0), FeatureBox::around(&table, 0.1));
        front.offer(candidate("2*x - 9", 1.0));
        front.offer(candidate("x - 0 + 0", 0.2));
        front.offer(candidate("x - 0.0001 + x^2/100000", 0.1));
        let chosen = select(&front, &table, &y).unwrap();
        assert_eq!(chosen.expr.to_string(), "x0 - 0 + 0");
        assert_eq!(select(&front, &table, &[]), Err(Error::NoRows));
        assert!(matches!(
            select(&front, &table, &y[..3]),
            Err(Error::Length { .. })
        ));
    }

    /// Errors 8, 1, 0.9: the corner is at the second.
    #[test]
    fn the_knee_is_where_the_gain_ends() {
        let table = Table::new(vec![(Column::new("x", ""), vec![1.0, 2.0])]).unwrap();
        let candidate = |complexity, error| Candidate {
            expr: Expr::column(0),
            complexity,
            error,
            fingerprint: 0,
        };
        let mut front = ParetoFront::new(candidate(1, 8.0), FeatureBox::around(&table, 0.1));
        let only = Rule::Knee.choose(&front, &table, &[]).unwrap();
        assert_eq!(only.complexity, 1);
        front.offer(candidate(5, 1.0));
        front.offer(candidate(20, 0.9));
        let corner = Rule::Knee.choose(&front, &table, &[]).unwrap();
        assert_eq!(corner.complexity, 5);
        let best = Rule::Best.choose(&front, &table, &[]).unwrap();
        assert_eq!(best.complexity, 20);
    }
}
