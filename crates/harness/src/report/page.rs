//! `index.html`: the whole report in one file that needs no network.

use anyhow::{Context, Result};
use minijinja::value::Value;
use minijinja::{Environment, context};

use super::equations::is_largest;
use super::table::range;
use super::{
    Found, Row, StudySummary, Table, by_target, coefficient, failures, found, significant,
    with_spread,
};
use crate::dataset::{Dataset, Property};
use crate::figure::Figure;

const TEMPLATE: &str = include_str!("page.html");

/// What makes its tables sortable.
const SCRIPT: &str = include_str!("page.js");

/// The page.
///
/// # Errors
///
/// If the template does not fit its values.
pub(super) fn page(
    rows: &[Row],
    tables: &[Table],
    figures: &[Figure],
    findings: &[String],
    dataset: &Dataset,
    study: &StudySummary,
) -> Result<String> {
    let mut environment = Environment::new();
    environment
        .add_template("page.html", TEMPLATE)
        .context("the page has a broken template")?;
    let targets: Vec<Value> = by_target(rows)
        .iter()
        .zip(tables)
        .map(|(rows, table)| target(rows, table, figures))
        .collect();
    let failures: Vec<Value> = failures(rows)
        .iter()
        .map(|f| context! { trial => &f.trial, status => f.status, reason => &f.reason })
        .collect();
    let whole = || rows.iter().filter(|row| !row.is_part());
    let trials: usize = whole().map(|row| row.total).sum();
    let ended_well: usize = whole().map(Row::ok).sum();
    let all: Vec<Value> = rows.iter().map(full_line).collect();
    let values = context! {
        title => &study.title,
        dataset => &dataset.name,
        about => &dataset.about.title,
        licence => &dataset.about.licence,
        citation => &dataset.about.citation,
        bibtex => &dataset.about.bibtex,
        notice => &dataset.about.notice,
        protocol => protocol_of(rows, study),
        trials => trials,
        ended_well => ended_well,
        targets => targets,
        all => all,
        script => Value::from_safe_string(SCRIPT.to_owned()),
        findings => findings.iter().map(|line| marked(line)).collect::<Vec<_>>(),
        failures => failures,
        command => &study.command,
        version => env!("CARGO_PKG_VERSION"),
    };
    environment
        .get_template("page.html")
        .and_then(|template| template.render(values))
        .context("the page cannot be written")
}

/// A sentence with its `names` as code.
fn marked(line: &str) -> Value {
    let plain = line.replace('&', "&amp;").replace('<', "&lt;");
    let parts = plain
        .split('`')
        .enumerate()
        .map(|(place, part)| match place % 2 {
            0 => part.to_owned(),
            _ => format!("<code>{part}</code>"),
        });
    Value::from_safe_string(parts.collect())
}

/// What was done, in sentences.
fn protocol_of(rows: &[Row], study: &StudySummary) -> String {
    let trials = || rows.iter().flat_map(|row| &row.outcomes);
    let tests = range(trials().map(|o| o.record.trial.n_test)).unwrap_or_default();
    let seeds = range(rows.iter().map(|row| row.total)).unwrap_or_default();
    protocol(&study.train_sizes, &seeds, &tests)
}

/// The same of some sizes, numbers of subsamples and of held-out structures.
pub(super) fn protocol(sizes: &[usize], seeds: &str, tests: &str) -> String {
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    format!(
        "Models learnt from {} structures, in {seeds} subsamples (seeds) of each size, and \
         were scored on {tests} held-out structures that no fit and no choice ever saw. Smaller \
         subsamples lie within larger ones, and models of the same seed got the same. Where a model has \
         something to select, it selected on its own subsample, never on the held-out structures.",
        enumeration(&sizes)
    )
}

/// As `25, 50 and 100`.
pub(super) fn enumeration(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn target(rows: &[&Row], table: &Table, figures: &[Figure]) -> Value {
    let property = rows[0].property;
    let boards: Vec<Value> = rows
        .chunk_by(|a, b| a.subset == b.subset)
        .map(board)
        .collect();
    let pictures: Vec<Value> = figures
        .iter()
        .filter(|figure| figure.target == property.key)
        .map(picture)
        .collect();
    let (shown, others): (Vec<Found>, Vec<Found>) = found(rows)
        .into_iter()
        .partition(|found| found.representative);
    let equations = |all: Vec<Found>| -> Vec<Value> {
        all.iter().map(|found| equation(found, property)).collect()
    };
    context! {
        key => &property.key,
        label => &property.label,
        heading => capitalised(&property.label),
        unit => &property.report_unit,
        boards => boards,
        table => pivot(table),
        figures => pictures,
        equations => equations(shown),
        other_equations => equations(others),
    }
}

fn pivot(table: &Table) -> Value {
    let lines: Vec<Value> = table
        .lines
        .iter()
        .map(|line| {
            let cells: Vec<Value> = line
                .cells
                .iter()
                .map(|cell| match cell {
                    None => context! { value => "", note => "", best => false },
                    Some(cell) => context! {
                        value => cell.value.as_deref().unwrap_or("–"),
                        note => cell.ended_well.as_deref().unwrap_or(""),
                        best => cell.best,
                    },
                })
                .collect();
            context! { subset => &line.subset, n => line.n_train, cells => cells }
        })
        .collect();
    context! { caption => &table.caption, models => &table.models, lines => lines }
}

/// The models of a subset at their largest size, best first, failures last.
fn board(rows: &[&Row]) -> Value {
    let mut ranked: Vec<&Row> = rows
        .iter()
        .copied()
        .filter(|row| is_largest(row, rows) || never_scored(row, rows))
        .collect();
    ranked.sort_by(|a, b| error(a).total_cmp(&error(b)));
    let lines: Vec<Value> = ranked.iter().map(|row| board_line(row)).collect();
    context! {
        subset => &rows[0].subset,
        verdict => verdict(&ranked),
        lines => lines,
    }
}

/// Whether a model has no score at any size; its largest row then stands for it.
fn never_scored(row: &Row, rows: &[&Row]) -> bool {
    let mut same = rows.iter().filter(|other| other.model == row.model);
    same.clone().all(|other| other.mae.is_none()) && same.all(|other| other.n_train <= row.n_train)
}

fn error(row: &Row) -> f64 {
    row.mae.map_or(f64::INFINITY, |mae| mae.mean)
}

/// A row of the table of all results.
fn full_line(row: &Row) -> Value {
    context! {
        target => &row.property.label,
        unit => &row.property.report_unit,
        subset => &row.subset,
        line => board_line(row),
    }
}

fn board_line(row: &Row) -> Value {
    let number = |value: Option<f64>, digits| {
        value.map_or_else(|| "–".to_owned(), |value| significant(value, digits))
    };
    let interval = match row.mae {
        Some(mae) if mae.high > mae.low => {
            format!("{} – {}", significant(mae.low, 3), significant(mae.high, 3))
        }
        _ => "–".to_owned(),
    };
    context! {
        model => row.model,
        n => row.n_train,
        mae => row.mae.map_or_else(|| "–".to_owned(), |m| with_spread(m.mean, row.mae_std)),
        interval => interval,
        rmse => number(row.rmse, 3),
        r2 => row.r2.map_or_else(|| "–".to_owned(), |r2| coefficient(r2, 3)),
        fit => row.fit_seconds.map_or_else(|| "–".to_owned(), time),
        predict => row.predict_ms.map_or_else(|| "–".to_owned(), time),
        complexity => row.complexity.map_or_else(|| "–".to_owned(), |c| format!("{c:.0}")),
        ended_well => format!("{}/{}", row.ok(), row.total),
        failed => row.ok() < row.total,
    }
}

/// A time in some unit; small ones are not worth their digits.
fn time(value: f64) -> String {
    if value < 0.001 {
        "< 0.001".to_owned()
    } else {
        significant(value, 2)
    }
}

/// A label at the beginning of a line, as `HOMO-LUMO gap`.
pub(super) fn capitalised(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Which model is best at its largest size; how sure that is, the findings say.
fn verdict(ranked: &[&Row]) -> String {
    let best = ranked.first().and_then(|best| Some((best, best.mae?)));
    let Some((best, mae)) = best else {
        return String::new();
    };
    format!(
        "{} has the lowest error, {} {} at n = {}.",
        best.model,
        significant(mae.mean, 3),
        best.property.report_unit,
        best.n_train
    )
}

/// A figure whose SVG scales with the page and speaks to screen readers.
fn picture(figure: &Figure) -> Value {
    let label = figure.caption.replace('&', "&amp;").replace('"', "&quot;");
    let label = label.replace('<', "&lt;");
    // on screen larger than in print; on a phone no smaller than can be read,
    // within a box that scrolls
    let (screen, phone) = (1.4 * figure.width_mm, 0.2 * figure.width_mm);
    let head = format!(
        "<svg role=\"img\" aria-label=\"{label}\" \
         style=\"--screen: {screen:.0}mm; --phone: {phone:.0}rem\" "
    );
    context! {
        name => &figure.name,
        caption => &figure.caption,
        svg => Value::from_safe_string(figure.svg.replacen("<svg ", &head, 1)),
    }
}

fn equation(found: &Found, property: &Property) -> Value {
    let columns: Vec<Value> = found
        .equation
        .columns
        .iter()
        .map(|(name, unit)| context! { name => name, unit => unit })
        .collect();
    context! {
        subset => found.subset,
        model => found.model,
        n => found.n_train,
        seed => found.seed,
        mae => significant(found.mae, 3),
        report_unit => &property.report_unit,
        complexity => found.complexity.map_or_else(String::new, |c| c.to_string()),
        text => &found.equation.text,
        latex => &found.equation.latex,
        unit => &found.equation.unit,
        columns => columns,
    }
}
