//! Tables for papers and notes: a line a subset and size, a column a model.

use std::fmt::Write;

use super::{Row, StudySummary, with_spread};
use crate::dataset::Property;
use crate::figure::palette;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// As `4.05(51)`; `None` if no trial ended well.
    pub value: Option<String>,
    /// As `2/3`, if not all trials ended well.
    pub ended_well: Option<String>,
    /// Whether no model is better in this line.
    pub best: bool,
}

/// One line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// As `low_MoS2`.
    pub subset: String,
    /// How many structures were learnt from.
    pub n_train: usize,
    /// One a model; `None` if it was not tried.
    pub cells: Vec<Option<Cell>>,
}

/// The errors of all models for one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Key of the property.
    pub target: String,
    /// What the numbers are and how they were made.
    pub caption: String,
    /// The columns.
    pub models: Vec<String>,
    /// By subset, then size.
    pub lines: Vec<Line>,
}

/// The table of one property.
///
/// # Panics
///
/// If there are no rows.
#[must_use]
pub fn table(rows: &[&Row], study: &StudySummary) -> Table {
    let mut models: Vec<&str> = rows.iter().map(|row| row.model).collect();
    models.sort_by_key(|model| (palette::rank(model), *model));
    models.dedup();
    let lines = rows
        .chunk_by(|a, b| a.subset == b.subset && a.n_train == b.n_train)
        .map(|rows| line(rows, &models))
        .collect();
    let property = rows[0].property;
    Table {
        target: property.key.clone(),
        caption: caption(property, rows, study),
        models: models.into_iter().map(str::to_owned).collect(),
        lines,
    }
}

fn line(rows: &[&Row], models: &[&str]) -> Line {
    let most = rows.iter().map(|row| row.n_test()).max().unwrap_or(0);
    // what was scored on fewer structures or subsamples is another number
    let comparable = |row: &&Row| row.ok() == row.total && row.n_test() == most;
    let best = rows
        .iter()
        .copied()
        .filter(comparable)
        .filter_map(|row| row.mae.map(|mae| mae.mean))
        .fold(f64::INFINITY, f64::min);
    let cell = |row: &Row| {
        let (ok, total) = (row.ok(), row.total);
        Cell {
            value: row.mae.map(|mae| with_spread(mae.mean, row.mae_std)),
            ended_well: (ok < total).then(|| format!("{ok}/{total}")),
            best: comparable(&row) && row.mae.is_some_and(|mae| mae.mean <= best),
        }
    };
    Line {
        subset: rows[0].subset.clone(),
        n_train: rows[0].n_train,
        cells: models
            .iter()
            .map(|model| rows.iter().find(|row| row.model == *model).map(|r| cell(r)))
            .collect(),
    }
}

fn caption(property: &Property, rows: &[&Row], study: &StudySummary) -> String {
    let trials = || rows.iter().flat_map(|row| &row.outcomes);
    let tests = range(trials().map(|o| o.record.trial.n_test)).unwrap_or_default();
    let same = if tests.contains(' ') {
        "the same for every size and seed of a model"
    } else {
        "the same for every model, size and seed"
    };
    let seeds = range(rows.iter().map(|row| row.total)).unwrap_or_default();
    let missing = if rows.iter().any(|row| row.ok() < row.total) {
        "; in square brackets, how many trials ended well where not all did"
    } else {
        ""
    };
    let (article, unit) = (&property.label, &property.report_unit);
    format!(
        "Mean absolute error of the {article} in {unit} for data set {}: mean over subsamples \
         (seeds: {seeds}) and, in brackets, their standard deviation in units of the last digit. \
         n structures to learn from, {tests} held-out structures to score, {same}. The best of a \
         line is bold{missing}.",
        study.dataset
    )
}

/// As `3`, or `200 to 1000`; `None` for nothing.
pub(crate) fn range(values: impl Iterator<Item = usize> + Clone) -> Option<String> {
    let (low, high) = (values.clone().min()?, values.max()?);
    Some(if low == high {
        low.to_string()
    } else {
        format!("{low} to {high}")
    })
}

impl Table {
    /// In Markdown, with columns that line up in plain text.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut grid = vec![self.head(str::to_owned)];
        grid.extend(self.lines.iter().map(|line| {
            let mut cells = vec![line.subset.clone(), line.n_train.to_string()];
            cells.extend(
                line.cells
                    .iter()
                    .map(|cell| cell_text(cell.as_ref(), "**", "**")),
            );
            cells
        }));
        let widths: Vec<usize> = (0..grid[0].len())
            .map(|column| grid.iter().map(|row| row[column].chars().count()).max())
            .map(|width| width.unwrap_or(0).max(3))
            .collect();
        let mut text = format!("{}\n\n", self.caption);
        for (index, row) in grid.iter().enumerate() {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, &width)| format!("{cell:<width$}"))
                .collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
            if index == 0 {
                let rule = widths.iter().enumerate().map(|(column, &width)| {
                    let right = if column == 0 { '-' } else { ':' };
                    format!("{}{right}", "-".repeat(width - 1))
                });
                let _ = writeln!(text, "| {} |", rule.collect::<Vec<_>>().join(" | "));
            }
        }
        text
    }

    /// In LaTeX, for the packages booktabs and siunitx.
    #[must_use]
    pub fn latex(&self) -> String {
        let mut text = format!(
            "% needs \\usepackage{{booktabs,siunitx}}\n\\begin{{table}}\n  \\centering\n  \
             \\caption{{{}}}\n  \\label{{tab:{}}}\n  \\begin{{tabular}}{{lr{}}}\n    \\toprule\n",
            escaped(&self.caption),
            self.target.replace('_', "-"),
            "c".repeat(self.models.len())
        );
        let _ = writeln!(text, "    {} \\\\", self.head(escaped).join(" & "));
        let mut above: Option<&str> = None;
        for line in &self.lines {
            let new = above != Some(line.subset.as_str());
            if new {
                text.push_str("    \\midrule\n");
            }
            above = Some(&line.subset);
            let mut cells = vec![
                if new {
                    escaped(&line.subset)
                } else {
                    String::new()
                },
                line.n_train.to_string(),
            ];
            cells.extend(line.cells.iter().map(|cell| latex_cell(cell.as_ref())));
            let _ = writeln!(text, "    {} \\\\", cells.join(" & "));
        }
        text.push_str("    \\bottomrule\n  \\end{tabular}\n\\end{table}\n");
        text
    }

    fn head(&self, name: impl Fn(&str) -> String) -> Vec<String> {
        let models = self.models.iter().map(|model| name(model));
        ["subset".to_owned(), "n".to_owned()]
            .into_iter()
            .chain(models)
            .collect()
    }
}

fn cell_text(cell: Option<&Cell>, bold: &str, unbold: &str) -> String {
    let Some(cell) = cell else {
        return String::new();
    };
    let value = cell.value.as_deref().unwrap_or("–");
    let value = if cell.best {
        format!("{bold}{value}{unbold}")
    } else {
        value.to_owned()
    };
    match &cell.ended_well {
        Some(share) => format!("{value} [{share}]"),
        None => value,
    }
}

fn latex_cell(cell: Option<&Cell>) -> String {
    let printed = cell.map(|cell| Cell {
        // bold digits are typeset as text, which every version of siunitx
        // leaves alone
        value: Some(match &cell.value {
            Some(value) if cell.best => value.clone(),
            Some(value) => format!("\\num{{{value}}}"),
            None => "--".to_owned(),
        }),
        ..cell.clone()
    });
    cell_text(printed.as_ref(), "\\textbf{", "}")
}

/// Text with LaTeX's own characters made harmless.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '_' | '%' | '&' | '#' | '$' | '{' | '}' => out.extend(['\\', character]),
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latex_never_sees_its_own_characters() {
        assert_eq!(escaped("low_MoS2 & 10 %"), "low\\_MoS2 \\& 10 \\%");
        assert_eq!(escaped("a\\b"), "a\\textbackslash{}b");
    }

    #[test]
    fn a_range_of_one_is_a_number() {
        assert_eq!(range([3, 3].into_iter()).as_deref(), Some("3"));
        assert_eq!(range([5, 2].into_iter()).as_deref(), Some("2 to 5"));
    }
}
