//! Error against the number of training structures: one panel a subset.

use super::axis::Axis;
use super::canvas::{Canvas, MM, Stroke, Type, paint};
use super::legend::{Legend, spread, stroke};
use super::palette::{BLACK, look};
use super::panel::{Grid, INK, Panel, SMALL};
use super::{WIDE, by_subset, font, legend_order};
use crate::dataset::Property;
use crate::report::Row;
use crate::statistics::Interval;
use crate::table::{Column, csv};

/// A point of a curve.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    subset: String,
    model: String,
    n_train: usize,
    mae: Interval,
    seeds: usize,
}

/// The curves of all subsets for one property.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Data {
    property: Property,
    /// By subset, then model, then size.
    points: Vec<Point>,
    subsets: Vec<String>,
}

/// The curves; `None` if no trial ended well.
pub(super) fn data(rows: &[&Row]) -> Option<Data> {
    let mut points = Vec::new();
    let mut subsets = Vec::new();
    for (subset, rows) in by_subset(rows) {
        let scored: Vec<&&Row> = rows.iter().filter(|row| row.mae.is_some()).collect();
        for model in legend_order(scored.iter().map(|row| row.model)) {
            let of_model = scored.iter().filter(|row| row.model == model);
            points.extend(of_model.filter_map(|row| {
                Some(Point {
                    subset: subset.to_owned(),
                    model: model.to_owned(),
                    n_train: row.n_train,
                    mae: row.mae?,
                    seeds: row.ok(),
                })
            }));
        }
        if !scored.is_empty() {
            subsets.push(subset.to_owned());
        }
    }
    let property = rows.first()?.property.clone();
    (!points.is_empty()).then_some(Data {
        property,
        points,
        subsets,
    })
}

impl Data {
    pub(super) fn caption(&self) -> String {
        let most = self.points.iter().map(|p| p.seeds).max().unwrap_or(0);
        let bands = if most > 1 {
            "; bands are 95 % bootstrap intervals of the mean over seeds"
        } else {
            ""
        };
        format!(
            "Mean absolute error of the {} on held-out structures against the number of \
             training structures{bands}.",
            self.property.label
        )
    }

    pub(super) fn csv(&self) -> String {
        let text =
            |cell: &dyn Fn(&Point) -> String| Column::Text(self.points.iter().map(cell).collect());
        let count = |cell: &dyn Fn(&Point) -> usize| {
            Column::Count(self.points.iter().map(|p| Some(cell(p))).collect())
        };
        let number = |cell: &dyn Fn(&Point) -> f64| {
            Column::Number(self.points.iter().map(|p| Some(cell(p))).collect())
        };
        csv(vec![
            ("subset", text(&|p| p.subset.clone())),
            ("model", text(&|p| p.model.clone())),
            ("n_train", count(&|p| p.n_train)),
            ("mae", number(&|p| p.mae.mean)),
            ("mae_ci_low", number(&|p| p.mae.low)),
            ("mae_ci_high", number(&|p| p.mae.high)),
            ("seeds", count(&|p| p.seeds)),
            ("unit", text(&|_| self.property.report_unit.clone())),
        ])
    }

    fn of(&self, subset: &str) -> Vec<&Point> {
        let points = self.points.iter();
        points.filter(|point| point.subset == subset).collect()
    }

    fn panel(&self, subset: &str, frame: super::panel::Frame) -> Panel {
        let points = self.of(subset);
        let mut sizes: Vec<usize> = points.iter().map(|point| point.n_train).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let errors = points
            .iter()
            .flat_map(|point| [point.mae.low, point.mae.high]);
        Panel {
            frame,
            x: Axis::log(sizes.iter().map(|&n| n as f64), "training structures").with_ticks(&sizes),
            y: Axis::log(errors, ""),
        }
    }

    fn name_y(&self, canvas: &Canvas, grid: &Grid) {
        let Property {
            label, report_unit, ..
        } = &self.property;
        let full = format!("MAE of {label} ({report_unit})");
        grid.name_y(canvas, &full, &format!("MAE ({report_unit})"));
    }
}

/// The picture: labels beside the curves of a single subset, a legend above
/// those of several.
pub(super) fn draw(data: &Data) -> String {
    if data.subsets.len() == 1 {
        draw_one(data)
    } else {
        draw_several(data)
    }
}

fn draw_one(data: &Data) -> String {
    let subset = &data.subsets[0];
    let models = legend_order(data.points.iter().map(|point| point.model.as_str()));
    let widest = models
        .iter()
        .map(|model| font::width(model, SMALL))
        .fold(0.0, f64::max);
    let grid = Grid {
        width: WIDE - widest - 24.0,
        columns: 1,
        panels: 1,
        height: 78.0 * MM,
        gutter: 28.0,
        head: 0.0,
    };
    paint(WIDE, grid.page_height(), |canvas| {
        let panel = data.panel(subset, grid.frame(0));
        panel.draw(canvas, subset, true);
        data.name_y(canvas, &grid);
        let points = data.of(subset);
        curves(canvas, &panel, &points);
        name_ends(canvas, &panel, &points);
    })
}

fn draw_several(data: &Data) -> String {
    let count = data.subsets.len();
    let models = legend_order(data.points.iter().map(|point| point.model.as_str()));
    let legend = Legend::new(&models, 14.0, WIDE - 20.0);
    let grid = Grid {
        width: WIDE,
        columns: if count == 2 || count == 4 { 2 } else { 3 },
        panels: count,
        height: if count <= 2 { 60.0 } else { 42.0 } * MM,
        gutter: 28.0,
        head: legend.height,
    };
    paint(WIDE, grid.page_height(), |canvas| {
        legend.draw(canvas);
        data.name_y(canvas, &grid);
        for (index, subset) in data.subsets.iter().enumerate() {
            let panel = data.panel(subset, grid.frame(index));
            panel.draw(canvas, subset, grid.is_lowest(index));
            curves(canvas, &panel, &data.of(subset));
        }
    })
}

/// Bands beneath lines beneath markers.
fn curves(canvas: &Canvas, panel: &Panel, points: &[&Point]) {
    let by_model = runs(points);
    for curve in &by_model {
        let color = look(&curve[0].model).color;
        // black weighs more than a colour
        let opacity = if color == BLACK { 0.1 } else { 0.16 };
        let upper = curve.iter().map(|p| panel.at(p.n_train as f64, p.mae.high));
        let lower = curve.iter().map(|p| panel.at(p.n_train as f64, p.mae.low));
        let outline: Vec<_> = upper.chain(lower.rev()).collect();
        if curve.len() > 1 && curve.iter().any(|p| p.mae.high > p.mae.low) {
            canvas.area(&outline, color, opacity);
        }
    }
    for curve in &by_model {
        let line: Vec<_> = curve
            .iter()
            .map(|p| panel.at(p.n_train as f64, p.mae.mean))
            .collect();
        if curve.len() > 1 {
            canvas.line(&line, stroke(look(&curve[0].model)));
        } else {
            let [low, high] =
                [curve[0].mae.low, curve[0].mae.high].map(|y| panel.at(curve[0].n_train as f64, y));
            canvas.line(&[low, high], Stroke::new(look(&curve[0].model).color, 1.0));
        }
    }
    for point in points {
        let place = panel.at(point.n_train as f64, point.mae.mean);
        canvas.marker(place, 2.2, look(&point.model));
    }
}

/// The points of each model.
fn runs<'p>(points: &[&'p Point]) -> Vec<Vec<&'p Point>> {
    points
        .chunk_by(|a, b| a.model == b.model)
        .map(<[&Point]>::to_vec)
        .collect()
}

/// Names of models at the right ends of their curves.
fn name_ends(canvas: &Canvas, panel: &Panel, points: &[&Point]) {
    let ends: Vec<&Point> = runs(points)
        .iter()
        .filter_map(|curve| curve.last().copied())
        .collect();
    let places: Vec<_> = ends
        .iter()
        .map(|end| panel.at(end.n_train as f64, end.mae.mean))
        .collect();
    let heights: Vec<f64> = places.iter().map(|place| place.1).collect();
    let (top, bottom) = (panel.frame.top, panel.frame.bottom());
    let spread = spread(&heights, SMALL + 3.0, top, bottom);
    let left = panel.frame.right() + 4.0;
    for ((end, place), middle) in ends.iter().zip(places).zip(spread) {
        let look = look(&end.model);
        let leader = Stroke {
            opacity: 0.6,
            ..Stroke::new(look.color, 0.5)
        };
        canvas.line(&[(place.0 + 4.0, place.1), (left + 4.0, middle)], leader);
        canvas.marker((left + 8.0, middle), 2.2, look);
        canvas.text(
            &end.model,
            (left + 14.0, middle),
            Type::new(SMALL).color(INK),
        );
    }
}
