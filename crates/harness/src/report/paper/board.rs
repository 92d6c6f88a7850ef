//! The main table: each model at its largest size.

use std::fmt::Write;

use super::content::Line;
use super::document::{Block, Cell, Grid, spans};
use crate::figure::palette;
use crate::report::significant;

/// The errors of one property on a few subsets: a line a model, a column a subset.
///
/// `None` where there are no errors.
///
/// - `lines`: of the property.
pub(super) fn table(lines: &[&Line], subsets: &[String], label: &str) -> Option<Block> {
    let columns: Vec<Column> = subsets
        .iter()
        .map(|name| Column::new(lines, name))
        .collect();
    let columns: Vec<Column> = columns
        .into_iter()
        .filter(|column| column.size > 0)
        .collect();
    let mut models: Vec<&str> = columns
        .iter()
        .flat_map(|column| column.lines.iter().map(|line| line.model.as_str()))
        .collect();
    models.sort_unstable_by_key(|model| (palette::rank(model), *model));
    models.dedup();
    let name = |model: &str| Cell {
        text: model.to_owned(),
        bold: false,
    };
    let rows = models.iter().map(|model| {
        let cells = columns.iter().map(|column| column.cell(model));
        std::iter::once(name(model)).chain(cells).collect()
    });
    let unit = &columns.first()?.lines.first()?.unit;
    let size = columns.first()?.size;
    let alike = columns.iter().all(|column| column.size == size);
    let head = columns.iter().map(|column| {
        if alike {
            column.subset.to_owned()
        } else {
            format!("{}, n = {}", column.subset, column.size)
        }
    });
    let size = if alike {
        size.to_string()
    } else {
        "n".to_owned()
    };
    Some(Block::Table(Grid {
        caption: spans(&format!(
            "MAE of the {label} in {unit} on held-out structures, with 95 % intervals, from {size} \
             structures. In round brackets: another n, or fewer trials than planned. Bold: the \
             lowest of a column."
        )),
        head: std::iter::once("model".to_owned()).chain(head).collect(),
        lines: rows.collect(),
    }))
}

/// The errors on one subset.
struct Column<'a> {
    subset: &'a str,
    lines: Vec<&'a Line>,
    /// The largest with an error; 0 if there is none.
    size: usize,
    /// The model with the lowest error of those with all trials at that size.
    best: Option<&'a str>,
}

impl<'a> Column<'a> {
    fn new(lines: &[&'a Line], subset: &'a str) -> Self {
        let lines: Vec<&Line> = lines
            .iter()
            .copied()
            .filter(|line| line.subset == subset)
            .collect();
        let scored = lines.iter().filter(|line| line.mae.is_some());
        let size = scored.map(|line| line.n_train).max().unwrap_or(0);
        let comparable = lines
            .iter()
            .filter(|line| line.n_train == size && line.trials.0 == line.trials.1);
        let errors = comparable.filter_map(|line| Some((line, line.mae?.mean)));
        let best = errors.min_by(|a, b| a.1.total_cmp(&b.1));
        Self {
            subset,
            size,
            best: best.map(|(line, _)| line.model.as_str()),
            lines,
        }
    }

    fn cell(&self, model: &str) -> Cell {
        let own = self.lines.iter().filter(|line| line.model == model);
        let scored = own.clone().filter(|line| line.mae.is_some());
        match scored.max_by_key(|line| line.n_train) {
            Some(line) => Cell {
                text: entry(line, self.size),
                bold: self.best == Some(model),
            },
            None if own.count() > 0 => Cell {
                text: "–".to_owned(),
                bold: false,
            },
            None => Cell::default(),
        }
    }
}

/// As `13.9 [11.6, 16.2] (n = 100, 4/5)`.
fn entry(line: &Line, largest: usize) -> String {
    let Some(mae) = line.mae else {
        return String::new();
    };
    let mut text = significant(mae.mean, 3);
    if mae.high > mae.low {
        let (low, high) = (significant(mae.low, 3), significant(mae.high, 3));
        let _ = write!(text, " [{low}, {high}]");
    }
    let (ok, total) = line.trials;
    let mut notes = Vec::new();
    if line.n_train != largest {
        notes.push(format!("n = {}", line.n_train));
    }
    if ok < total {
        notes.push(format!("{ok}/{total}"));
    }
    if !notes.is_empty() {
        let _ = write!(text, " ({})", notes.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Interval;

    fn line(model: &str, n_train: usize, mean: f64, trials: (usize, usize)) -> Line {
        Line {
            subset: "a".to_owned(),
            target: "gap".to_owned(),
            unit: "meV".to_owned(),
            model: model.to_owned(),
            n_train,
            trials,
            mae: (trials.0 > 0).then_some(Interval {
                mean,
                low: mean - 1.0,
                high: mean + 1.0,
            }),
        }
    }

    #[test]
    fn a_model_stands_at_its_largest_size() {
        let lines = [
            line("mean", 25, 9.0, (3, 3)),
            line("mean", 50, 8.0, (3, 3)),
            line("ridge", 25, 5.0, (3, 3)),
            line("ridge", 50, 4.0, (0, 3)),
            line("law", 50, 3.0, (2, 3)),
            line("gemnet", 50, 3.0, (0, 3)),
        ];
        let lines: Vec<&Line> = lines.iter().collect();
        let column = Column::new(&lines, "a");
        let text = |model| column.cell(model).text;
        assert_eq!(column.size, 50);
        assert_eq!(column.best, Some("mean"));
        assert_eq!(text("mean"), "8.00 [7.00, 9.00]");
        assert_eq!(text("ridge"), "5.00 [4.00, 6.00] (n = 25)");
        assert_eq!(text("law"), "3.00 [2.00, 4.00] (2/3)");
        assert_eq!(text("gemnet"), "–");
        assert_eq!(text("absent"), "");
    }
}
