//! The equations that models found.

use super::{Outcome, Row, describe};
use crate::run::{Equation, RunRecord};

/// An equation and the trial that found it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The equation.
    pub equation: &'a Equation,
    /// As `low_MoS2`.
    pub subset: &'a str,
    /// Name of the model.
    pub model: &'a str,
    /// How many structures it was found from.
    pub n_train: usize,
    /// Which subsample.
    pub seed: u64,
    /// Number of nodes and constants.
    pub complexity: Option<usize>,
    /// On held-out structures, in the report unit.
    pub mae: f64,
    /// Whether this is the one to show first: the best of its row on its own
    /// *validation* part, not on the test.
    pub representative: bool,
}

/// The trial that stands for a row: among those that ended well the one whose
/// chosen formula has the lowest validation error, or else the first seed.
///
/// Test errors play no part, so that what is shown is not picked by what it is
/// then praised for.
#[must_use]
pub fn representative<'r, 'a>(row: &'r Row<'a>) -> Option<&'r Outcome<'a>> {
    row.outcomes
        .iter()
        .filter(|outcome| outcome.test.is_some())
        .min_by(|a, b| validation_error(a.record).total_cmp(&validation_error(b.record)))
}

/// The validation error of the formula that was chosen; infinite where none was.
pub(crate) fn validation_error(record: &RunRecord) -> f64 {
    let chosen = record.front.iter().find(|point| point.chosen);
    chosen
        .and_then(|point| point.validation_mae)
        .filter(|error| error.is_finite())
        .unwrap_or(f64::INFINITY)
}

/// The equations of a property at each model's largest size, the
/// representative of a subset and model first.
#[must_use]
pub fn found<'a>(rows: &[&Row<'a>]) -> Vec<Found<'a>> {
    let mut all = Vec::new();
    let learnt = rows.iter().filter(|row| !row.is_part());
    for row in learnt.filter(|row| is_largest(row, rows)) {
        let shown = representative(row).map(|outcome| outcome.record.trial.seed);
        let mut of_row: Vec<Found> = row
            .outcomes
            .iter()
            .filter_map(|outcome| {
                let trial = &outcome.record.trial;
                Some(Found {
                    equation: outcome.record.equation.as_ref()?,
                    subset: &trial.subset,
                    model: &trial.model,
                    n_train: trial.n_train,
                    seed: trial.seed,
                    complexity: outcome.record.complexity,
                    mae: outcome.test.as_ref()?.score.mae,
                    representative: shown == Some(trial.seed),
                })
            })
            .collect();
        of_row.sort_by_key(|found| !found.representative);
        all.extend(of_row);
    }
    all
}

/// Whether no row of the same subset and model with a score is larger.
pub(super) fn is_largest(row: &Row, rows: &[&Row]) -> bool {
    row.mae.is_some()
        && !rows.iter().any(|other| {
            other.subset == row.subset
                && other.model == row.model
                && other.mae.is_some()
                && other.n_train > row.n_train
        })
}

/// A trial that did not go as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// As `ridge on low_MoS2, gap, n = 50, seed 3`.
    pub trial: String,
    /// As `timeout`.
    pub status: &'static str,
    /// What it said.
    pub reason: String,
}

/// The trials that failed, and those that the clock cut short.
#[must_use]
pub fn failures(rows: &[Row]) -> Vec<Failure> {
    rows.iter()
        .filter(|row| !row.is_part())
        .flat_map(|row| &row.outcomes)
        .filter(|outcome| outcome.test.is_none() || outcome.record.cut_short)
        .map(|outcome| Failure {
            trial: describe(outcome.record),
            status: match outcome.test {
                None => super::leaderboard::status_name(outcome),
                Some(_) => "ok, cut short",
            },
            reason: match &outcome.test {
                None => outcome.record.reason.clone(),
                Some(_) => "the clock ended the fit before its budget was used".to_owned(),
            },
        })
        .collect()
}
