//! What the trials say together, in sentences that the tests allow.
//!
//! A sentence is made of [`Comparison`]s. "Cannot be told apart" is no "equal": that
//! takes a test of its own.

use statistics::{LearningCurve, Outcome, crossover};

use super::choices::choices;
use super::comparison::{FEWEST, LEVEL, MARGIN, SIGNIFICANCE, name_of};
use super::{Comparison, Row, StudySummary, significant};

/// Fewest sizes of a learning curve that is fitted.
const FEWEST_SIZES: usize = 4;

/// The sentences of a report, in the order of the comparisons.
///
/// - `all`: the rows of the report, for learning curves and choices.
/// - `compared`: by [`super::comparisons`].
#[must_use]
pub fn findings(all: &[Row], compared: &[Comparison], study: &StudySummary) -> Vec<String> {
    let mut sentences = Vec::new();
    for compared in compared.chunk_by(|a, b| std::ptr::eq(a.best, b.best)) {
        let best = compared[0].best;
        let is_beside = |row: &&Row| row.subset == best.subset && row.property == best.property;
        let rows: Vec<&Row> = all.iter().filter(is_beside).collect();
        sentences.push(lead(best, compared));
        sentences.extend(too_few(best, &rows));
        sentences.extend(told_apart(compared));
        sentences.extend(overtaking(best, &rows, study));
        sentences.extend(needed(best, compared, &rows, study));
    }
    sentences.extend(choices(all));
    sentences
}

/// Models that are ahead of the best, but on too few subsamples to be compared.
fn too_few(best: &Row, rows: &[&Row]) -> Option<String> {
    let mae = best.mae?.mean;
    let ahead = rows.iter().filter(|row| row.n_train == best.n_train);
    let named: Vec<String> = ahead
        .filter_map(|row| Some((row, row.mae?.mean)))
        .filter(|&(row, error)| row.ok() < FEWEST && error < mae)
        .map(|(row, error)| {
            let (unit, trials) = (&row.property.report_unit, row.ok());
            format!(
                "`{}` ({} {unit}, {trials})",
                row.model,
                significant(error, 3)
            )
        })
        .collect();
    (!named.is_empty()).then(|| {
        format!(
            "{}, {}: lower, but on fewer than {FEWEST} subsamples and so not compared: {}.",
            best.subset,
            best.property.label,
            named.join(", ")
        )
    })
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
    let cost = cost_of(best, next.other, rows, reach.size);
    Some(format!(
        "What `{}` reaches with {} structures, {} {}, `{}` reaches with {:.0} [{:.0}, {high}] by its learning curve{from}{cost}.",
        next.other.model,
        next.other.n_train,
        significant(bar, 3),
        best.property.report_unit,
        best.model,
        reach.size,
        reach.low
    ))
}

/// What the fits take with which two models reach one error: the best from the next
/// measured size, the other from its largest.
fn cost_of(best: &Row, other: &Row, rows: &[&Row], size: f64) -> String {
    let enough = rows.iter().filter(|row| row.model == best.model);
    let enough = enough.filter(|row| row.n_train as f64 >= size);
    let Some(ours) = enough.min_by_key(|row| row.n_train) else {
        return String::new();
    };
    let told = |what: &str, unit: &str, ours: Option<f64>, theirs: Option<f64>| {
        let (ours, theirs) = (significant(ours?, 2), significant(theirs?, 2));
        Some(format!("{what} {ours} {unit} instead of {theirs}"))
    };
    let parts = [
        told("a fit takes", "s", ours.fit_seconds, other.fit_seconds),
        told("holds", "MiB", ours.fit_memory, other.fit_memory),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return String::new();
    }
    format!("; from {} {}", ours.n_train, parts.join(" and "))
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
