//! From records to a folder that people read: tables, figures and a page.
//!
//! ```text
//! records ─┐
//! predictions ─┼─▶ Outcome ─▶ Row ─▶ leaderboard.csv, learning_curve.csv
//! Dataset ─┘  (scores)          ├──▶ tables/*.md, *.tex
//!                               ├──▶ figures/*.svg, .pdf, .png, .csv
//!                               └──▶ index.html
//! ```
//!
//! # Invariants
//!
//! 1. Nothing here fits, and nothing here knows the time: delete every table
//!    and figure, run it again, and the files are the same byte for byte.
//! 2. Scores are made here from predictions and targets, and are stored
//!    nowhere else.
//! 3. A trial that failed is counted in every table.
//!
//! # Where to start
//!
//! [`write()`] is the whole of it; [`outcomes`] and [`rows`] are its two steps
//! that compute.

mod choices;
mod comparison;
mod equations;
mod findings;
mod leaderboard;
mod number;
mod outcome;
mod page;
pub mod paper;
mod publish;
mod results;
mod table;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

pub use comparison::{Comparison, MARGIN, comparisons, comparisons_csv};
pub(crate) use equations::validation_error;
pub use equations::{Failure, Found, failures, found, representative};
pub use findings::findings;
pub use leaderboard::{Row, leaderboard_csv, learning_curve_csv, rows};
pub(crate) use number::coefficient;
pub use number::{significant, with_spread};
pub(crate) use outcome::describe;
pub use outcome::{HeldOut, Outcome, Test, outcomes};
pub use publish::publish;
pub use results::{Results, StudySummary, TrialPredictions};
pub(crate) use table::range;
pub use table::{Cell, Line, Table, table};

use crate::dataset::Dataset;
use crate::figure::{self, Figure, Rendered};
use crate::files;

/// Writes everything that is made from records into a folder.
///
/// `leaderboard.csv`, `learning_curve.csv`, `index.html`, `tables/` and
/// `figures/`; each file appears whole. Figures of an earlier report that have
/// no successor are removed; `study.toml` and the records are left alone.
///
/// # Errors
///
/// Those of [`outcomes`], or if a file cannot be written.
pub fn write(
    folder: &Path,
    results: &Results,
    dataset: &Dataset,
    study: &StudySummary,
) -> Result<()> {
    let rows = rows(outcomes(results, dataset)?, study);
    let tables: Vec<Table> = by_target(&rows)
        .into_iter()
        .map(|rows| table(&rows, study))
        .collect();
    let figures = figure::all(&rows);
    let compared = comparisons(&rows, study);
    let place = |name: &str| folder.join(name);
    files::write(
        &place("leaderboard.csv"),
        leaderboard_csv(&rows, &study.dataset).as_bytes(),
    )?;
    files::write(
        &place("learning_curve.csv"),
        learning_curve_csv(&rows, &study.dataset).as_bytes(),
    )?;
    files::write(
        &place("comparisons.csv"),
        comparisons_csv(&compared, &study.dataset).as_bytes(),
    )?;
    let findings = findings(&rows, &compared, study);
    let lines = findings.iter().flat_map(|line| ["- ", line, "\n"]);
    files::write(
        &place("tables").join("findings.md"),
        lines.collect::<String>().as_bytes(),
    )?;
    for table in &tables {
        let stem = place("tables").join(&table.target);
        files::write(&ending(&stem, "md"), table.markdown().as_bytes())?;
        files::write(&ending(&stem, "tex"), table.latex().as_bytes())?;
    }
    write_figures(&place("figures"), &figures)?;
    let page = page::page(&rows, &tables, &figures, &findings, dataset, study)?;
    files::write(&place("index.html"), page.as_bytes())
}

/// The rows of each property, in their order.
pub(crate) fn by_target<'r, 'a>(rows: &'r [Row<'a>]) -> Vec<Vec<&'r Row<'a>>> {
    rows.chunk_by(|a, b| a.property.key == b.property.key)
        .map(|rows| rows.iter().collect())
        .collect()
}

fn write_figures(folder: &Path, figures: &[Figure]) -> Result<()> {
    let rendered = figure::render(figures)?;
    for (figure, Rendered { pdf, png }) in figures.iter().zip(rendered) {
        let stem = folder.join(&figure.name);
        files::write(&ending(&stem, "svg"), figure.svg.as_bytes())?;
        files::write(&ending(&stem, "csv"), figure.csv.as_bytes())?;
        files::write(&ending(&stem, "pdf"), &pdf)?;
        files::write(&ending(&stem, "png"), &png)?;
    }
    remove_stale(folder, figures)
}

/// Removes figures that an earlier report left and this one does not have.
fn remove_stale(folder: &Path, figures: &[Figure]) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some((stem, kind)) = name.rsplit_once('.') else {
            continue;
        };
        let ours = figure::PREFIXES
            .iter()
            .any(|prefix| stem.starts_with(prefix))
            && ["svg", "csv", "pdf", "png"].contains(&kind);
        if ours && figures.iter().all(|figure| figure.name != stem) {
            fs::remove_file(&path)
                .with_context(|| format!("{}: cannot be removed", path.display()))?;
        }
    }
    Ok(())
}

/// A path with an ending added; the stem may hold dots.
fn ending(stem: &Path, ending: &str) -> std::path::PathBuf {
    let mut name = stem.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}
