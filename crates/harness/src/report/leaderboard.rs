//! One row a model and train size: what the seeds say together.

use std::collections::BTreeMap;

use super::outcome::Test;
use super::{Outcome, StudySummary};
use crate::dataset::Property;
use crate::figure::palette;
use crate::statistics::{Interval, mean, mean_interval, median, standard_deviation};
use crate::table::{Column, csv};

/// The trials of one model at one size, over all seeds.
///
/// # Invariants
///
/// At least one trial; all are about the same subset, property, model and
/// size, and sorted by seed. Errors are in the property's report unit.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// As `low_MoS2`; as `combined/low_MoS2` where that is a part of what was learnt.
    pub subset: String,
    /// What is predicted.
    pub property: &'a Property,
    /// As `megnet-sparse`.
    pub model: &'a str,
    /// How many structures it learnt from.
    pub n_train: usize,
    /// One a seed, those that failed too.
    pub outcomes: Vec<Outcome<'a>>,
    /// How many seeds the study has for it: more than outcomes in a study that
    /// is not complete.
    pub total: usize,
    /// Mean of the MAE over seeds, and how well they pin it down; `None` where
    /// no trial ended well, as in the fields below.
    pub mae: Option<Interval>,
    /// Standard deviation of the MAE over seeds; also `None` for one seed.
    pub mae_std: Option<f64>,
    /// Mean over seeds.
    pub rmse: Option<f64>,
    /// Mean over seeds.
    pub r2: Option<f64>,
    /// Median over seeds; also `None` in runs without a clock.
    pub fit_seconds: Option<f64>,
    /// The most memory that a fit held, in MiB: median over seeds of trials that say it.
    pub fit_memory: Option<f64>,
    /// As `fit_seconds`, in milliseconds a structure.
    pub predict_ms: Option<f64>,
    /// Median over seeds; also `None` for models without one.
    pub complexity: Option<f64>,
}

impl<'a> Row<'a> {
    fn new(study: &StudySummary, mut outcomes: Vec<Outcome<'a>>) -> Self {
        outcomes.sort_by_key(|outcome| outcome.record.trial.seed);
        let property = outcomes[0].property;
        let trial = &outcomes[0].record.trial;
        let scores: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| outcome.test.as_ref())
            .map(|test| test.score)
            .collect();
        let errors: Vec<f64> = scores.iter().map(|score| score.mae).collect();
        let name = format!(
            "{}/{}/{}/{}/{}",
            study.dataset, outcomes[0].subset, trial.target, trial.model, trial.n_train
        );
        let some = !scores.is_empty();
        let planned = study.planned.get(&trial.model).copied().unwrap_or(0);
        Self {
            subset: outcomes[0].subset.clone(),
            property,
            model: &trial.model,
            n_train: trial.n_train,
            total: planned.max(outcomes.len()),
            mae: some.then(|| mean_interval(&errors, &name)),
            mae_std: some.then(|| standard_deviation(&errors)).flatten(),
            rmse: some.then(|| mean(&scores.iter().map(|s| s.rmse).collect::<Vec<_>>())),
            r2: some.then(|| mean(&scores.iter().map(|s| s.r2).collect::<Vec<_>>())),
            fit_seconds: middle(&outcomes, |o| o.record.seconds.map(|s| s.fit)),
            fit_memory: middle(&outcomes, |o| o.record.fit_memory_mib),
            predict_ms: middle(&outcomes, |o| {
                let count = o.record.trial.n_test;
                let seconds = o.record.seconds?.predict;
                Some(1000.0 * seconds / count as f64)
            }),
            complexity: middle(&outcomes, |o| o.record.complexity.map(|c| c as f64)),
            outcomes,
        }
    }

    /// How many trials ended well.
    #[must_use]
    pub fn ok(&self) -> usize {
        self.outcomes.iter().filter(|o| o.test.is_some()).count()
    }

    /// How many structures it is scored on.
    #[must_use]
    pub fn n_test(&self) -> usize {
        let scored = |o: &Outcome| o.test.as_ref().map_or(o.record.trial.n_test, Test::len);
        self.outcomes.iter().map(scored).max().unwrap_or(0)
    }

    /// The subset of which it learnt.
    #[must_use]
    pub fn learnt(&self) -> &'a str {
        &self.outcomes[0].record.trial.subset
    }

    /// Whether it is about a part of what was learnt: its trials are those of
    /// another row, too.
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.subset != self.learnt()
    }

    /// The MAE of each seed that ended well.
    #[must_use]
    pub fn by_seed(&self) -> BTreeMap<u64, f64> {
        self.outcomes
            .iter()
            .filter_map(|o| Some((o.record.trial.seed, o.test.as_ref()?.score.mae)))
            .collect()
    }
}

/// The median of a quantity over the trials that ended well and have it.
fn middle(outcomes: &[Outcome], quantity: impl Fn(&Outcome) -> Option<f64>) -> Option<f64> {
    let values: Vec<f64> = outcomes
        .iter()
        .filter(|outcome| outcome.test.is_some())
        .filter_map(quantity)
        .collect();
    (!values.is_empty()).then(|| median(&values))
}

/// All rows, by target and subset as in the study, then size, then model.
///
/// The order depends on the study and the names alone, never on the order in
/// which trials ended.
#[must_use]
pub fn rows<'a>(outcomes: Vec<Outcome<'a>>, study: &StudySummary) -> Vec<Row<'a>> {
    let mut groups: BTreeMap<_, Vec<Outcome<'a>>> = BTreeMap::new();
    for outcome in outcomes {
        let trial = &outcome.record.trial;
        let key = (
            place(&study.targets, &trial.target),
            place(&study.subsets, &outcome.subset),
            trial.n_train,
            (palette::rank(&trial.model), &trial.model),
        );
        groups.entry(key).or_default().push(outcome);
    }
    groups
        .into_values()
        .map(|group| Row::new(study, group))
        .collect()
}

/// Known names first, in their order; then the others by name.
fn place(order: &[String], name: &str) -> (usize, String) {
    let index = order.iter().position(|known| known == name);
    (index.unwrap_or(order.len()), name.to_owned())
}

/// `leaderboard.csv`: the rows with their intervals, times and complexity.
///
/// Errors are in `unit`, the report unit. A row where no trial ended well has
/// empty numbers; times are empty in runs without a clock.
#[must_use]
pub fn leaderboard_csv(rows: &[Row], dataset: &str) -> String {
    let text = |cell: &dyn Fn(&Row) -> String| Column::Text(rows.iter().map(cell).collect());
    let count = |cell: &dyn Fn(&Row) -> usize| {
        Column::Count(rows.iter().map(|row| Some(cell(row))).collect())
    };
    let number =
        |cell: &dyn Fn(&Row) -> Option<f64>| Column::Number(rows.iter().map(cell).collect());
    csv(vec![
        (
            "dataset",
            Column::Text(vec![dataset.to_owned(); rows.len()]),
        ),
        ("subset", text(&|row| row.subset.clone())),
        ("target", text(&|row| row.property.key.clone())),
        ("unit", text(&|row| row.property.report_unit.clone())),
        ("model", text(&|row| row.model.to_owned())),
        ("n_train", count(&|row| row.n_train)),
        ("trials_ok", count(&|row| row.ok())),
        ("trials_total", count(&|row| row.total)),
        ("mae", number(&|row| row.mae.map(|i| i.mean))),
        ("mae_ci_low", number(&|row| row.mae.map(|i| i.low))),
        ("mae_ci_high", number(&|row| row.mae.map(|i| i.high))),
        ("rmse", number(&|row| row.rmse)),
        ("r2", number(&|row| row.r2)),
        ("fit_seconds_median", number(&|row| row.fit_seconds)),
        ("predict_ms_per_structure", number(&|row| row.predict_ms)),
        ("complexity", number(&|row| row.complexity)),
    ])
}

/// `learning_curve.csv`: one line a trial, so that any statistic over seeds can
/// be made again.
///
/// `status` is `ok`, `failed`, `timeout` or `diverged`; only `ok` has numbers.
#[must_use]
pub fn learning_curve_csv(rows: &[Row], dataset: &str) -> String {
    let trials: Vec<(&Row, &Outcome)> = rows
        .iter()
        .flat_map(|row| row.outcomes.iter().map(move |outcome| (row, outcome)))
        .collect();
    let text = |cell: &dyn Fn(&Row) -> String| {
        Column::Text(trials.iter().map(|(row, _)| cell(row)).collect())
    };
    let number = |cell: &dyn Fn(&Outcome) -> Option<f64>| {
        Column::Number(trials.iter().map(|(_, outcome)| cell(outcome)).collect())
    };
    let count = |cell: &dyn Fn(&Outcome) -> u64| {
        let cells = trials
            .iter()
            .map(|(_, outcome)| usize::try_from(cell(outcome)).ok());
        Column::Count(cells.collect())
    };
    let statuses = trials.iter().map(|(_, o)| status_name(o).to_owned());
    csv(vec![
        (
            "dataset",
            Column::Text(vec![dataset.to_owned(); trials.len()]),
        ),
        ("subset", text(&|row| row.subset.clone())),
        ("target", text(&|row| row.property.key.clone())),
        ("unit", text(&|row| row.property.report_unit.clone())),
        ("model", text(&|row| row.model.to_owned())),
        ("n_train", count(&|o| o.record.trial.n_train as u64)),
        ("seed", count(&|o| o.record.trial.seed)),
        ("status", Column::Text(statuses.collect())),
        ("mae", number(&|o| o.test.as_ref().map(|t| t.score.mae))),
        ("rmse", number(&|o| o.test.as_ref().map(|t| t.score.rmse))),
        ("r2", number(&|o| o.test.as_ref().map(|t| t.score.r2))),
        (
            "fit_seconds",
            number(&|o| o.test.as_ref().and(o.record.seconds).map(|s| s.fit)),
        ),
    ])
}

/// The name of a status in tables.
pub(crate) fn status_name(outcome: &Outcome) -> &'static str {
    use crate::run::Status::{Diverged, Failed, Ok, Timeout};
    match outcome.record.status {
        Ok => "ok",
        Failed => "failed",
        Timeout => "timeout",
        Diverged => "diverged",
    }
}
