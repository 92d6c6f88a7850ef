//! Error against complexity, and the front that an equation was chosen from.

use super::axis::Axis;
use super::canvas::{Canvas, Stroke};
use super::palette::look;
use super::panel::Panel;
use super::scatter::{self, Line, Point};
use super::{by_subset, largest};
use crate::dataset::Property;
use crate::report::{Row, representative};
use crate::table::{Column, csv};

/// A formula of a front.
#[derive(Debug, Clone, PartialEq)]
struct Candidate {
    subset: String,
    model: String,
    n_train: usize,
    complexity: usize,
    validation_mae: f64,
    chosen: bool,
    text: String,
}

/// Models and fronts of all subsets for one property.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Data {
    property: Property,
    subsets: Vec<String>,
    models: Vec<Point>,
    front: Vec<Candidate>,
}

/// Every model with a complexity at its largest size; `None` if none has one.
pub(super) fn data(rows: &[&Row]) -> Option<Data> {
    let property = rows.first()?.property.clone();
    let (mut subsets, mut models, mut front) = (Vec::new(), Vec::new(), Vec::new());
    for (subset, rows) in by_subset(rows) {
        let before = models.len();
        for row in largest(&rows) {
            let (Some(complexity), Some(mae)) = (row.complexity, row.mae) else {
                continue;
            };
            models.push(Point {
                subset: subset.to_owned(),
                model: row.model.to_owned(),
                n_train: row.n_train,
                x: complexity,
                mae: mae.mean,
            });
            front.extend(candidates(row, property.report_factor));
        }
        if models.len() > before {
            subsets.push(subset.to_owned());
        }
    }
    (!models.is_empty()).then_some(Data {
        property,
        subsets,
        models,
        front,
    })
}

/// The front of a row's representative trial, by complexity.
fn candidates(row: &Row, factor: f64) -> Vec<Candidate> {
    let Some(trial) = representative(row) else {
        return Vec::new();
    };
    let mut candidates: Vec<Candidate> = trial
        .record
        .front
        .iter()
        .filter_map(|point| Some((point, point.validation_mae.filter(|e| e.is_finite())?)))
        .map(|(point, error)| Candidate {
            subset: row.subset.clone(),
            model: row.model.to_owned(),
            n_train: row.n_train,
            complexity: point.complexity,
            validation_mae: error * factor,
            chosen: point.chosen,
            text: point.text.clone(),
        })
        .collect();
    candidates.sort_by_key(|candidate| candidate.complexity);
    candidates
}

impl Data {
    pub(super) fn caption(&self) -> String {
        let front = if self.front.is_empty() {
            ""
        } else {
            " Small circles joined by a line are the front of one search, scored on its \
             validation part; the filled one was chosen there."
        };
        format!(
            "Mean absolute error of the {} on held-out structures against complexity (nodes of \
             an equation, parameters of a model), each model at its largest training set.{front}",
            self.property.label
        )
    }

    /// Models have `kind` = `model` and their test error; formulas of a front
    /// `front` or, for the one that was taken, `chosen`, and their validation
    /// error.
    pub(super) fn csv(&self) -> String {
        let models = self.models.iter();
        let front = self.front.iter();
        let text = |model: &dyn Fn(&Point) -> String, candidate: &dyn Fn(&Candidate) -> String| {
            let first = models.clone().map(model);
            let second = front.clone().map(candidate);
            Column::Text(first.chain(second).collect())
        };
        let number = |model: &dyn Fn(&Point) -> f64, candidate: &dyn Fn(&Candidate) -> f64| {
            let first = models.clone().map(|point| Some(model(point)));
            let second = front.clone().map(|point| Some(candidate(point)));
            Column::Number(first.chain(second).collect())
        };
        let kind = |c: &Candidate| if c.chosen { "chosen" } else { "front" }.to_owned();
        let unit = &self.property.report_unit;
        csv(vec![
            ("subset", text(&|p| p.subset.clone(), &|c| c.subset.clone())),
            ("model", text(&|p| p.model.clone(), &|c| c.model.clone())),
            ("kind", text(&|_| "model".to_owned(), &kind)),
            (
                "n_train",
                number(&|p| p.n_train as f64, &|c| c.n_train as f64),
            ),
            ("complexity", number(&|p| p.x, &|c| c.complexity as f64)),
            ("mae", number(&|p| p.mae, &|c| c.validation_mae)),
            ("unit", text(&|_| unit.clone(), &|_| unit.clone())),
            ("text", text(&|_| String::new(), &|c| c.text.clone())),
        ])
    }

    fn axes(&self, subset: &str) -> (Axis, Axis) {
        let models = self.models.iter().filter(|p| p.subset == subset);
        let front = self.front.iter().filter(|c| c.subset == subset);
        let sizes = models.clone().map(|p| place(p.x));
        let errors = models.map(|p| p.mae);
        (
            Axis::log(
                sizes.chain(front.clone().map(|c| place(c.complexity as f64))),
                "complexity",
            ),
            Axis::log(errors.chain(front.map(|c| c.validation_mae)), ""),
        )
    }
}

/// A logarithmic axis has no place for a model without any constant.
fn place(complexity: f64) -> f64 {
    complexity.max(1.0)
}

/// The picture.
pub(super) fn draw(data: &Data) -> String {
    let points: Vec<Point> = data
        .models
        .iter()
        .map(|point| Point {
            x: place(point.x),
            ..point.clone()
        })
        .collect();
    scatter::draw(
        &data.property,
        &data.subsets,
        &points,
        &|subset| data.axes(subset),
        &|canvas, panel, subset| fronts(canvas, panel, data, subset),
    )
}

/// Draws the fronts of a subset and returns where.
fn fronts(canvas: &Canvas, panel: &Panel, data: &Data, subset: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let of_subset: Vec<&Candidate> = data.front.iter().filter(|c| c.subset == subset).collect();
    for front in of_subset.chunk_by(|a, b| a.model == b.model) {
        let look = look(&front[0].model);
        let at = |c: &Candidate| panel.at(place(c.complexity as f64), c.validation_mae);
        let mut steps = vec![at(front[0])];
        for pair in front.windows(2) {
            let (before, after) = (at(pair[0]), at(pair[1]));
            steps.extend([(after.0, before.1), after]);
        }
        let thin = Stroke {
            opacity: 0.7,
            ..Stroke::new(look.color, 0.7)
        };
        canvas.line(&steps, thin);
        lines.push(Line {
            name: Some("front (validation)"),
            places: steps,
        });
        for candidate in front {
            canvas.disc(at(candidate), 1.7, look.color, 1.0);
            if !candidate.chosen {
                let white = plotters::style::RGBColor(255, 255, 255);
                canvas.disc(at(candidate), 1.1, white, 1.0);
            }
        }
    }
    lines
}
