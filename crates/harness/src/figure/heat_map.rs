//! Errors as a table of coloured cells: model by subset, by kind of defect, or by number
//! of defects.

use std::collections::BTreeMap;

use super::canvas::{Align, Canvas, MM, Type, paint};
use super::palette::VERMILION;
use super::panel::{INK, NORMAL, SMALL};
use super::{WIDE, by_subset, font, of_one_size};
use crate::dataset::Property;
use crate::report::{HeldOut, Row, range, significant};
use crate::statistics::{mean, mean_absolute_error};
use crate::table::{Column, csv};

/// Fewest columns that make a map.
const FEWEST: usize = 3;

/// Most columns that can be read.
const MOST: usize = 24;

/// An error so many times the least of its column has the full colour.
const RANGE: f64 = 10.0;

/// What the columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    Subsets,
    Kinds,
    Counts,
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
struct Cell {
    column: String,
    model: String,
    n_train: usize,
    /// Held-out structures.
    structures: usize,
    /// In the report unit, mean over seeds.
    mae: f64,
}

/// The cells, column by column, models in the order of legends.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Data {
    property: Property,
    /// Empty if the columns are subsets.
    pub(super) subset: String,
    of: Columns,
    columns: Vec<String>,
    models: Vec<String>,
    cells: Vec<Cell>,
}

/// Every subset; `None` if there are few.
pub(super) fn of_subsets(rows: &[&Row]) -> Option<Data> {
    let mut cells = Vec::new();
    for (subset, rows) in by_subset(rows) {
        cells.extend(of_one_size(&rows).into_iter().filter_map(|row| {
            Some(Cell {
                column: subset.to_owned(),
                model: row.model.to_owned(),
                n_train: row.n_train,
                structures: row.n_test(),
                mae: row.mae?.mean,
            })
        }));
    }
    Data::new(rows, Columns::Subsets, cells)
}

/// Every kind of defect in a subset; `None` if there are few.
pub(super) fn of_kinds(rows: &[&Row]) -> Option<Data> {
    let kind = |held: &HeldOut<'_>| Some(held.sample.kind.clone());
    let cells = cells(rows, kind, ToString::to_string);
    Data::new(rows, Columns::Kinds, cells)
}

/// Every number of defects in a subset, larger ones in ranges; `None` if there are few.
pub(super) fn of_counts(rows: &[&Row]) -> Option<Data> {
    let range = |held: &HeldOut<'_>| held.defects.map(range_of);
    let name = |&(first, last): &(usize, usize)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}–{last}")
        }
    };
    Data::new(rows, Columns::Counts, cells(rows, range, name))
}

/// First and last of the range that a number of defects falls into: 0, 1, 2, 3, 4–6,
/// 7–12, 13–24, …
fn range_of(count: usize) -> (usize, usize) {
    let mut last = 3;
    while last < count {
        last *= 2;
    }
    match count {
        0..=3 => (count, count),
        _ => (last / 2 + 1, last),
    }
}

/// The cells of groups of held-out structures, in their order.
fn cells<G: Ord + Clone>(
    rows: &[&Row],
    group: impl Fn(&HeldOut<'_>) -> Option<G>,
    name: impl Fn(&G) -> String,
) -> Vec<Cell> {
    let mut cells: Vec<(G, Cell)> = Vec::new();
    for row in of_one_size(rows) {
        let mut of_group: BTreeMap<G, (usize, Vec<f64>)> = BTreeMap::new();
        for test in row
            .outcomes
            .iter()
            .filter_map(|outcome| outcome.test.as_ref())
        {
            for (group, (targets, predicted)) in test.by(&group) {
                let error = mean_absolute_error(&targets, &predicted);
                let (structures, errors) = of_group.entry(group).or_default();
                *structures = targets.len();
                errors.push(error * row.property.report_factor);
            }
        }
        cells.extend(of_group.into_iter().map(|(group, (structures, errors))| {
            let cell = Cell {
                column: name(&group),
                model: row.model.to_owned(),
                n_train: row.n_train,
                structures,
                mae: mean(&errors),
            };
            (group, cell)
        }));
    }
    cells.sort_by(|(a, _), (b, _)| a.cmp(b));
    cells.into_iter().map(|(_, cell)| cell).collect()
}

impl Data {
    fn new(rows: &[&Row], of: Columns, cells: Vec<Cell>) -> Option<Self> {
        let mut columns: Vec<String> = cells.iter().map(|cell| cell.column.clone()).collect();
        columns.dedup();
        let models = super::legend_order(cells.iter().map(|cell| cell.model.as_str()));
        let models = models.into_iter().map(str::to_owned).collect();
        let first = rows.first()?;
        (FEWEST..=MOST).contains(&columns.len()).then(|| Self {
            property: first.property.clone(),
            subset: match of {
                Columns::Subsets => String::new(),
                Columns::Kinds | Columns::Counts => first.subset.clone(),
            },
            of,
            columns,
            models,
            cells,
        })
    }

    pub(super) fn caption(&self) -> String {
        let (what, place) = match self.of {
            Columns::Subsets => ("subset", String::new()),
            Columns::Kinds => ("kind of defect", format!(" in {}", self.subset)),
            Columns::Counts => ("number of defects", format!(" in {}", self.subset)),
        };
        format!(
            "Mean absolute error ({}) of the {} on held-out structures by {what}{place}, from \
             {} structures; the darker, the farther from the best of the column.",
            self.property.report_unit,
            self.property.label,
            range(self.cells.iter().map(|cell| cell.n_train)).unwrap_or_default()
        )
    }

    pub(super) fn csv(&self) -> String {
        let text =
            |cell: &dyn Fn(&Cell) -> String| Column::Text(self.cells.iter().map(cell).collect());
        let count = |cell: &dyn Fn(&Cell) -> usize| {
            Column::Count(self.cells.iter().map(|c| Some(cell(c))).collect())
        };
        let name = match self.of {
            Columns::Subsets => "subset",
            Columns::Kinds => "kind",
            Columns::Counts => "defects",
        };
        csv(vec![
            (name, text(&|c| c.column.clone())),
            ("model", text(&|c| c.model.clone())),
            ("n_train", count(&|c| c.n_train)),
            ("structures", count(&|c| c.structures)),
            (
                "mae",
                Column::Number(self.cells.iter().map(|c| Some(c.mae)).collect()),
            ),
            ("unit", text(&|_| self.property.report_unit.clone())),
        ])
    }
}

/// The picture.
pub(super) fn draw(data: &Data) -> String {
    let widest = data
        .models
        .iter()
        .map(|model| font::width(model, SMALL))
        .fold(0.0, f64::max);
    let (left, top) = (widest + 8.0, 38.0);
    let width = ((WIDE - left) / data.columns.len() as f64).min(60.0);
    let height = 5.0 * MM;
    let page = top + height * data.models.len() as f64 + 4.0;
    paint(WIDE, page, |canvas| {
        let Property {
            label, report_unit, ..
        } = &data.property;
        let heading = format!("MAE of {label} ({report_unit}) {}", data.subset);
        canvas.text(
            heading.trim_end(),
            (left, 8.0),
            Type::new(NORMAL).color(INK),
        );
        for (index, column) in data.columns.iter().enumerate() {
            let middle = left + (index as f64 + 0.5) * width;
            let style = Type::new(SMALL).color(INK).align(Align::Center);
            for (line, word) in lines(column, width).into_iter().rev().enumerate() {
                canvas.text(word, (middle, top - 7.0 - 8.0 * line as f64), style);
            }
        }
        for (line, model) in data.models.iter().enumerate() {
            let y = top + (line as f64 + 0.5) * height;
            let style = Type::new(SMALL).color(INK).align(Align::Right);
            canvas.text(model, (left - 4.0, y), style);
        }
        for cell in &data.cells {
            draw_cell(canvas, data, cell, (left, top), (width, height));
        }
    })
}

fn draw_cell(
    canvas: &Canvas,
    data: &Data,
    cell: &Cell,
    (left, top): (f64, f64),
    (width, height): (f64, f64),
) {
    let place =
        |all: &[String], name: &str| all.iter().position(|known| known == name).unwrap_or(0) as f64;
    let x = left + place(&data.columns, &cell.column) * width;
    let y = top + place(&data.models, &cell.model) * height;
    let same = data
        .cells
        .iter()
        .filter(|other| other.column == cell.column);
    let best = same.map(|other| other.mae).fold(f64::INFINITY, f64::min);
    let depth = if best > 0.0 {
        ((cell.mae / best).ln() / RANGE.ln()).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (right, bottom) = (x + width - 1.0, y + height - 1.0);
    let corners = [(x, y), (right, y), (right, bottom), (x, bottom)];
    canvas.area(&corners, VERMILION, 0.06 + 0.6 * depth);
    let style = Type::new(SMALL).align(Align::Center);
    let style = if cell.mae <= best {
        style.bold()
    } else {
        style
    };
    let middle = (x + 0.5 * (width - 1.0), y + 0.5 * (height - 1.0));
    canvas.text(&significant(cell.mae, 2), middle, style);
}

/// A name above its column: whole, or without what it is a part of, or in two lines.
fn lines(name: &str, width: f64) -> Vec<&str> {
    let fits = |name: &str| font::width(name, SMALL) <= width;
    let part = name.rsplit('/').next().unwrap_or(name);
    match part.split_once('_') {
        _ if fits(name) => vec![name],
        Some((first, second)) if !fits(part) => vec![first, second],
        _ => vec![part],
    }
}

#[cfg(test)]
mod tests {
    use super::{lines, range_of};

    #[test]
    fn parts_of_one_material_keep_different_names() {
        assert_eq!(lines("hBN", 40.0), ["hBN"]);
        assert_eq!(lines("combined/high_MoS2", 30.0), ["high", "MoS2"]);
        assert_eq!(lines("combined/low_MoS2", 60.0), ["low_MoS2"]);
    }

    #[test]
    fn numbers_of_defects_fall_into_ranges_that_double() {
        let ranges = [0, 1, 3, 4, 6, 7, 12, 13, 24, 25].map(range_of);
        let expected = [(0, 0), (1, 1), (3, 3), (4, 6), (4, 6), (7, 12), (7, 12)];
        assert_eq!(ranges[..7], expected);
        assert_eq!(ranges[7..], [(13, 24), (13, 24), (25, 48)]);
    }
}
