//! Error against the time of a fit: one line a model, through its sizes.

use super::axis::Axis;
use super::canvas::Canvas;
use super::legend::stroke;
use super::palette::look;
use super::panel::Panel;
use super::scatter::{self, Line, Point};
use super::{by_subset, legend_order};
use crate::dataset::Property;
use crate::report::Row;
use crate::table::{Column, csv};

/// Errors and times of all subsets for one property.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Data {
    property: Property,
    subsets: Vec<String>,
    /// By subset, then model, then size.
    points: Vec<Point>,
    /// The most memory that a fit held, MiB, for each point.
    memory: Vec<Option<f64>>,
}

/// Every row with a time; `None` if none has one.
pub(super) fn data(rows: &[&Row]) -> Option<Data> {
    let (mut subsets, mut points, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for (subset, rows) in by_subset(rows) {
        let before = points.len();
        for model in legend_order(rows.iter().map(|row| row.model)) {
            for row in rows.iter().filter(|row| row.model == model) {
                let (Some(x), Some(mae)) = (row.fit_seconds, row.mae) else {
                    continue;
                };
                memory.push(row.fit_memory);
                points.push(Point {
                    subset: subset.to_owned(),
                    model: model.to_owned(),
                    n_train: row.n_train,
                    x,
                    mae: mae.mean,
                });
            }
        }
        if points.len() > before {
            subsets.push(subset.to_owned());
        }
    }
    (!points.is_empty()).then_some(Data {
        property: rows.first()?.property.clone(),
        subsets,
        points,
        memory,
    })
}

impl Data {
    pub(super) fn caption(&self) -> String {
        format!(
            "Mean absolute error of the {} on held-out structures against the median time of a \
             fit; a line joins the training sizes of a model, its marker is at the largest.",
            self.property.label
        )
    }

    pub(super) fn csv(&self) -> String {
        let text =
            |cell: &dyn Fn(&Point) -> String| Column::Text(self.points.iter().map(cell).collect());
        let number = |cell: &dyn Fn(&Point) -> f64| {
            Column::Number(self.points.iter().map(|p| Some(cell(p))).collect())
        };
        let sizes = self.points.iter().map(|p| Some(p.n_train)).collect();
        csv(vec![
            ("subset", text(&|p| p.subset.clone())),
            ("model", text(&|p| p.model.clone())),
            ("n_train", Column::Count(sizes)),
            ("fit_seconds_median", number(&|p| p.x)),
            ("fit_memory_mib_median", Column::Number(self.memory.clone())),
            ("mae", number(&|p| p.mae)),
            ("unit", text(&|_| self.property.report_unit.clone())),
        ])
    }

    fn of(&self, subset: &str) -> Vec<&Point> {
        let points = self.points.iter();
        points.filter(|point| point.subset == subset).collect()
    }
}

/// The picture.
pub(super) fn draw(data: &Data) -> String {
    let axes = |subset: &str| {
        let points = data.of(subset);
        (
            Axis::log(points.iter().map(|p| p.x), "time of a fit (s)"),
            Axis::log(points.iter().map(|p| p.mae), ""),
        )
    };
    let lines = |canvas: &Canvas, panel: &Panel, subset: &str| {
        let mut lines = Vec::new();
        for curve in data.of(subset).chunk_by(|a, b| a.model == b.model) {
            let line: Vec<_> = curve.iter().map(|p| panel.at(p.x, p.mae)).collect();
            let look = look(&curve[0].model);
            canvas.line(&line, stroke(look));
            for &place in &line[..line.len() - 1] {
                canvas.disc(place, 1.5, look.color, 1.0);
            }
            lines.push(Line {
                name: None,
                places: line,
            });
        }
        lines
    };
    scatter::draw(&data.property, &data.subsets, &data.points, &axes, &lines)
}
