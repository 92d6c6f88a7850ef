//! The best model of a target and subset beside each other one, at one size.
//!
//! Subsamples of one pool overlap, so that the p value is that of the t test
//! corrected for that; the p values of one target and subset are corrected for their
//! number by Holm's method. That two models are equivalent within [`MARGIN`] is a test
//! of its own.

use statistics::{Paired, Repeats, holm, shared, tost_ratio};

use super::{Row, StudySummary, by_target};
use crate::table::{Column, csv};

/// Errors whose ratio is below this are as good as equal.
pub const MARGIN: f64 = 1.1;

/// Chance of a false sentence among those of a target and subset.
pub(super) const SIGNIFICANCE: f64 = 0.05;

/// Level of intervals.
pub(super) const LEVEL: f64 = 0.95;

/// Fewest shared seeds that a sentence rests on.
pub(super) const FEWEST: usize = 3;

/// The best model beside another one, at one size.
#[derive(Debug, Clone)]
pub struct Comparison<'a> {
    /// Of the model with the lowest error.
    pub best: &'a Row<'a>,
    /// Of the other, at the same size.
    pub other: &'a Row<'a>,
    /// Over the shared seeds; the best is the first.
    pub paired: Paired,
    /// Of the corrected t test, corrected for the number of models compared.
    pub p: f64,
    /// Of the test that the errors differ by no more than [`MARGIN`]; `None` where
    /// an error is zero.
    pub p_equivalent: Option<f64>,
}

/// Every model beside the best of its target and subset.
#[must_use]
pub fn comparisons<'a>(rows: &'a [Row<'a>], study: &StudySummary) -> Vec<Comparison<'a>> {
    by_target(rows)
        .iter()
        .flat_map(|rows| {
            rows.chunk_by(|a, b| a.subset == b.subset)
                .flat_map(|rows| of_subset(rows, study))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The rows of a subset at one size, beside the best of them.
fn of_subset<'a>(rows: &[&'a Row<'a>], study: &StudySummary) -> Vec<Comparison<'a>> {
    let Some(best) = best(rows, study) else {
        return Vec::new();
    };
    let others = rows
        .iter()
        .filter(|row| row.n_train == best.n_train && row.model != best.model);
    let mut compared: Vec<Comparison<'a>> = others
        .filter_map(|other| compare(best, other, study))
        .collect();
    let p: Vec<f64> = compared.iter().map(|c| c.p).collect();
    if let Ok(corrected) = holm(&p) {
        for (comparison, p) in compared.iter_mut().zip(corrected) {
            comparison.p = p;
        }
    }
    compared
}

/// The model with the lowest error, at the size at which most models are scored on
/// enough seeds; the larger of two such sizes.
///
/// Subsamples that take more than half of the structures that there are tell nearly
/// nothing of other ones: smaller sizes go first.
fn best<'a>(rows: &[&'a Row<'a>], study: &StudySummary) -> Option<&'a Row<'a>> {
    let scored = |size: usize| {
        let rows = rows.iter().copied().filter(move |row| row.n_train == size);
        rows.filter(|row| row.ok() >= FEWEST)
            .filter_map(|row| Some((row, row.mae?.mean)))
    };
    let pool = study.pools.get(rows.first()?.learnt());
    let is_sparse = |size: usize| pool.is_none_or(|&pool| 2 * size <= pool);
    let sizes = rows.iter().map(|row| row.n_train);
    let size = sizes.max_by_key(|&size| {
        let models = scored(size).count();
        (models > 1 && is_sparse(size), models, size)
    })?;
    let best = scored(size).min_by(|a, b| a.1.total_cmp(&b.1));
    best.map(|(row, _)| row)
}

fn compare<'a>(
    best: &'a Row<'a>,
    other: &'a Row<'a>,
    study: &StudySummary,
) -> Option<Comparison<'a>> {
    let (first, second) = shared(&best.by_seed(), &other.by_seed());
    if first.len() < FEWEST {
        return None;
    }
    let repeats = repeats(best, study);
    let name = format!("{}/{}", name_of(best, study), other.model);
    let paired = Paired::new(&first, &second, repeats, LEVEL, &name).ok()?;
    let equivalence = tost_ratio(&first, &second, MARGIN, repeats).ok();
    Some(Comparison {
        best,
        other,
        p: paired.t_p?,
        paired,
        p_equivalent: equivalence.map(|test| test.p()),
    })
}

/// What the subsamples of a row have in common.
fn repeats(row: &Row, study: &StudySummary) -> Repeats {
    match study.pools.get(row.learnt()) {
        Some(&pool) if pool > row.n_train => Repeats::Subsamples {
            share: row.n_train as f64 / pool as f64,
        },
        _ => Repeats::Overlapping {
            test_over_train: row.n_test() as f64 / row.n_train as f64,
        },
    }
}

pub(super) fn name_of(row: &Row, study: &StudySummary) -> String {
    format!(
        "{}/{}/{}/{}",
        study.dataset, row.subset, row.property.key, row.model
    )
}

/// `comparisons.csv`: the numbers under the sentences.
#[must_use]
pub fn comparisons_csv(compared: &[Comparison], dataset: &str) -> String {
    let text =
        |cell: &dyn Fn(&Comparison) -> String| Column::Text(compared.iter().map(cell).collect());
    let number = |cell: &dyn Fn(&Comparison) -> Option<f64>| {
        Column::Number(compared.iter().map(cell).collect())
    };
    let count = |cell: &dyn Fn(&Comparison) -> usize| {
        Column::Count(compared.iter().map(|c| Some(cell(c))).collect())
    };
    csv(vec![
        (
            "dataset",
            Column::Text(vec![dataset.to_owned(); compared.len()]),
        ),
        ("subset", text(&|c| c.best.subset.clone())),
        ("target", text(&|c| c.best.property.key.clone())),
        ("unit", text(&|c| c.best.property.report_unit.clone())),
        ("n_train", count(&|c| c.best.n_train)),
        ("best", text(&|c| c.best.model.to_owned())),
        ("model", text(&|c| c.other.model.to_owned())),
        ("pairs", count(&|c| c.paired.pairs)),
        ("wins", count(&|c| c.paired.wins)),
        (
            "mean_difference",
            number(&|c| Some(c.paired.mean_difference)),
        ),
        ("ratio", number(&|c| c.paired.ratio.map(|r| r.estimate))),
        ("ratio_low", number(&|c| c.paired.ratio.map(|r| r.low))),
        ("ratio_high", number(&|c| c.paired.ratio.map(|r| r.high))),
        ("p_corrected_t_holm", number(&|c| Some(c.p))),
        ("p_wilcoxon", number(&|c| Some(c.paired.wilcoxon_p))),
        ("p_equivalent", number(&|c| c.p_equivalent)),
    ])
}
