//! What the trials say together, in sentences that the tests allow.
//!
//! A sentence is made of a comparison over the seeds that two models share, at one
//! size. Subsamples of one pool overlap, so that its p value is that of the t test
//! corrected for that; the p values of one target and subset are corrected for
//! their number by Holm's method. "Cannot be told apart" is no "equal": that two
//! models are equivalent within [`MARGIN`] is a test of its own.
//!
//! # Where to start
//!
//! [`findings()`] for the sentences, [`comparisons_csv`] for the numbers under them.

use statistics::{LearningCurve, Outcome, Paired, Repeats, crossover, holm, shared, tost_ratio};

use super::{Row, StudySummary, by_target, significant};
use crate::table::{Column, csv};

/// Errors whose ratio is below this are as good as equal.
pub const MARGIN: f64 = 1.1;

/// Chance of a false sentence among those of a target and subset.
const SIGNIFICANCE: f64 = 0.05;

/// Level of intervals.
const LEVEL: f64 = 0.95;

/// Fewest shared seeds that a sentence rests on.
const FEWEST: usize = 3;

/// Fewest sizes of a learning curve that is fitted.
const FEWEST_SIZES: usize = 4;

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
    let pool = study.pools.get(rows.first()?.subset);
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
    match study.pools.get(row.subset) {
        Some(&pool) if pool > row.n_train => Repeats::Subsamples {
            share: row.n_train as f64 / pool as f64,
        },
        _ => Repeats::Overlapping {
            test_over_train: row.n_test() as f64 / row.n_train as f64,
        },
    }
}

fn name_of(row: &Row, study: &StudySummary) -> String {
    format!(
        "{}/{}/{}/{}",
        study.dataset, row.subset, row.property.key, row.model
    )
}

/// The sentences of a report, by target and subset in the order of the rows.
#[must_use]
pub fn findings(rows: &[Row], study: &StudySummary) -> Vec<String> {
    let mut sentences = Vec::new();
    for rows in by_target(rows) {
        for rows in rows.chunk_by(|a, b| a.subset == b.subset) {
            let compared = of_subset(rows, study);
            if let Some(first) = compared.first() {
                sentences.push(lead(first.best, &compared));
                sentences.extend(told_apart(&compared));
                sentences.extend(overtaking(first.best, rows, study));
                sentences.extend(needed(first.best, &compared, rows, study));
            }
        }
    }
    sentences
}

/// Which model is best, and against whom that is sure.
fn lead(best: &Row, compared: &[Comparison]) -> String {
    let property = best.property;
    let mae = best.mae.map_or(f64::NAN, |mae| mae.mean);
    let intro = format!(
        "{}, {}: from {} structures `{}` has the lowest error, {} {}",
        best.subset,
        property.label,
        best.n_train,
        best.model,
        significant(mae, 3),
        property.report_unit
    );
    let mut surely: Vec<&Comparison> = compared.iter().filter(|c| c.p < SIGNIFICANCE).collect();
    surely.sort_by(|a, b| ratio_of(a).total_cmp(&ratio_of(b)));
    let Some(nearest) = surely.first() else {
        return format!("{intro}, but no lead over another model is sure.");
    };
    let beaten: Vec<String> = surely[1..].iter().map(|c| times(c)).collect();
    let more = match beaten.len() {
        0 => String::new(),
        _ => format!(", and than {}", beaten.join(", ")),
    };
    format!(
        "{intro}. It is more accurate than {} ({}, {} paired subsamples){more}{}.",
        times(nearest),
        p_value(nearest.p),
        nearest.paired.pairs,
        cheaper(nearest)
    )
}

fn ratio_of(comparison: &Comparison) -> f64 {
    comparison
        .paired
        .ratio
        .map_or(f64::INFINITY, |ratio| ratio.estimate)
}

/// As "`megnet` by a factor of 1.8 [1.6, 2.0]".
fn times(comparison: &Comparison) -> String {
    let other = comparison.other.model;
    match comparison.paired.ratio {
        Some(ratio) if ratio.estimate > 1000.0 => format!("`{other}` by a factor of over 1000"),
        Some(ratio) => format!(
            "`{other}` by a factor of {} [{}, {}]",
            significant(ratio.estimate, 3),
            significant(ratio.low, 3),
            significant(ratio.high, 3)
        ),
        None => format!("`{other}`"),
    }
}

/// How much quicker or slower the best is to fit than the other, if by much.
fn cheaper(comparison: &Comparison) -> String {
    let seconds = (comparison.best.fit_seconds, comparison.other.fit_seconds);
    let (Some(ours), Some(theirs)) = seconds else {
        return String::new();
    };
    let other = comparison.other.model;
    match theirs / ours {
        ratio if ratio >= 2.0 && ratio.is_finite() => {
            format!(
                "; it is {} times quicker to fit than `{other}`",
                significant(ratio, 2)
            )
        }
        ratio if ratio <= 0.5 && ratio > 0.0 => {
            let ratio = significant(1.0 / ratio, 2);
            format!("; it takes {ratio} times as long to fit as `{other}`")
        }
        _ => String::new(),
    }
}

/// Models whose difference from the best is not sure, and whether they are
/// equivalent.
fn told_apart(compared: &[Comparison]) -> Vec<String> {
    let open = compared.iter().filter(|c| c.p >= SIGNIFICANCE);
    open.map(|comparison| {
        let (best, other) = (comparison.best.model, comparison.other.model);
        let margin = (100.0 * (MARGIN - 1.0)).round();
        let equal = comparison.p_equivalent.filter(|p| *p < SIGNIFICANCE);
        match equal {
            Some(p) => format!(
                "`{other}` is equivalent to `{best}` within {margin:.0} % (two one-sided tests, {}).",
                p_value(p)
            ),
            None => format!(
                "`{other}` cannot be told from `{best}` ({}), nor are they shown to be equivalent within {margin:.0} %.",
                p_value(comparison.p)
            ),
        }
    })
    .collect()
}

/// Where the best overtook those that were ahead of it with fewer structures.
fn overtaking(best: &Row, rows: &[&Row], study: &StudySummary) -> Vec<String> {
    let mut models: Vec<&str> = rows.iter().map(|row| row.model).collect();
    models.sort_unstable();
    models.dedup();
    let mut sentences = Vec::new();
    for model in models {
        let Some((sizes, first, second)) = common(best.model, model, rows) else {
            continue;
        };
        let name = format!("{}/{model}", name_of(best, study));
        let Ok(found) = crossover(&sizes, &first, &second, LEVEL, &name) else {
            continue;
        };
        if let Outcome::At { size, low, high } = found.outcome {
            let end = |end: Option<f64>, none: &str| {
                end.map_or_else(|| none.to_owned(), |n| format!("{n:.0}"))
            };
            sentences.push(format!(
                "`{}` overtakes `{model}` at {size:.0} structures [{}, {}].",
                best.model,
                end(low, &format!("below {:.0}", sizes[0])),
                end(high, &format!("above {:.0}", sizes[sizes.len() - 1]))
            ));
        }
    }
    sentences
}

/// How few structures the best needs to do as well as the next best with all.
fn needed(
    best: &Row,
    compared: &[Comparison],
    rows: &[&Row],
    study: &StudySummary,
) -> Option<String> {
    let next = compared
        .iter()
        .min_by(|a, b| ratio_of(a).total_cmp(&ratio_of(b)))?;
    let bar = next.other.mae?.mean;
    let (sizes, errors, _) = common(best.model, best.model, rows)?;
    if sizes.len() < FEWEST_SIZES {
        return None;
    }
    let curve = LearningCurve::fit(&sizes, &errors, &name_of(best, study)).ok()?;
    let reach = curve.size_for(bar, LEVEL).ok()??;
    if reach.size >= next.other.n_train as f64 {
        // the curve does not pass through the errors well enough to say anything
        return None;
    }
    let high = reach
        .high
        .map_or_else(|| "∞".to_owned(), |high| format!("{high:.0}"));
    let from = if reach.extrapolated {
        ", beyond the measured sizes"
    } else {
        ""
    };
    Some(format!(
        "What `{}` reaches with {} structures, {} {}, `{}` reaches with {:.0} [{:.0}, {high}] by its learning curve{from}.",
        next.other.model,
        next.other.n_train,
        significant(bar, 3),
        best.property.report_unit,
        best.model,
        reach.size,
        reach.low
    ))
}

/// Sizes, and errors of two models at them: one row a size, one column a seed that
/// both have at every size.
type Curves = (Vec<f64>, Vec<Vec<f64>>, Vec<Vec<f64>>);

fn common(first: &str, second: &str, rows: &[&Row]) -> Option<Curves> {
    let of = |model: &str, size: usize| {
        let row = rows
            .iter()
            .find(|row| row.model == model && row.n_train == size);
        row.map(|row| row.by_seed())
            .filter(|errors| !errors.is_empty())
    };
    let mut sizes: Vec<usize> = rows.iter().map(|row| row.n_train).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes.retain(|&size| of(first, size).is_some() && of(second, size).is_some());
    let pairs: Vec<_> = sizes
        .iter()
        .filter_map(|&size| Some((of(first, size)?, of(second, size)?)))
        .collect();
    let seeds = pairs.first()?.0.keys().filter(|seed| {
        pairs
            .iter()
            .all(|(a, b)| a.contains_key(seed) && b.contains_key(seed))
    });
    let seeds: Vec<u64> = seeds.copied().collect();
    if seeds.len() < FEWEST || sizes.len() < 2 {
        return None;
    }
    let table = |which: &dyn Fn(usize) -> Vec<f64>| (0..pairs.len()).map(which).collect();
    Some((
        sizes.iter().map(|&size| size as f64).collect(),
        table(&|i| seeds.iter().map(|seed| pairs[i].0[seed]).collect()),
        table(&|i| seeds.iter().map(|seed| pairs[i].1[seed]).collect()),
    ))
}

/// As `p = 0.03` or `p < 0.0001`.
fn p_value(p: f64) -> String {
    if p < 1e-4 {
        "p < 0.0001".to_owned()
    } else {
        format!("p = {}", significant(p, 2))
    }
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
        ("subset", text(&|c| c.best.subset.to_owned())),
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
