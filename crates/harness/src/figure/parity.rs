//! Prediction against target at the largest size: one panel a model.

use super::axis::Axis;
use super::canvas::{Align, Canvas, MM, Stroke, Type, paint};
use super::palette::look;
use super::panel::{Frame, Grid, INK, NORMAL, Panel, SMALL};
use super::{WIDE, largest};
use crate::dataset::Property;
use crate::report::{Row, coefficient, significant};
use crate::statistics::Score;
use crate::table::{Column, csv};

/// At most so many points are drawn in a panel.
const MOST: usize = 500;

/// One trial of a model.
#[derive(Debug, Clone, PartialEq)]
struct Trial {
    model: String,
    n_train: usize,
    seed: u64,
    /// Of all its predictions, drawn or not.
    score: Score,
    /// Id, target and prediction, in the property's unit.
    points: Vec<(String, f64, f64)>,
}

/// One trial of every model in a subset.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Data {
    pub(super) subset: String,
    property: Property,
    trials: Vec<Trial>,
}

/// The first seed that ended well at each model's largest size; `None` if none
/// did.
pub(super) fn data(rows: &[&Row]) -> Option<Data> {
    let first = rows.first()?;
    let trials: Vec<Trial> = largest(rows).into_iter().filter_map(trial).collect();
    (!trials.is_empty()).then(|| Data {
        subset: first.subset.clone(),
        property: first.property.clone(),
        trials,
    })
}

fn trial(row: &Row) -> Option<Trial> {
    let (seed, test) = row
        .outcomes
        .iter()
        .find_map(|outcome| Some((outcome.record.trial.seed, outcome.test.as_ref()?)))?;
    let count = test.held_out.len();
    let drawn = count.min(MOST);
    // evenly through the test set, which is shuffled already
    let points = (0..drawn)
        .map(|i| i * count / drawn)
        .map(|i| {
            let id = test.held_out[i].sample.id.clone();
            (id, test.targets[i], test.predicted[i])
        })
        .collect();
    Some(Trial {
        model: row.model.to_owned(),
        n_train: row.n_train,
        seed,
        score: test.score,
        points,
    })
}

impl Data {
    pub(super) fn caption(&self) -> String {
        format!(
            "Predicted against true {} of held-out structures of {}, for one seed of each model \
             at its largest training set; at most {MOST} points are drawn, scores are of all.",
            self.property.label, self.subset
        )
    }

    pub(super) fn csv(&self) -> String {
        let rows: Vec<_> = self
            .trials
            .iter()
            .flat_map(|trial| trial.points.iter().map(move |point| (trial, point)))
            .collect();
        let number = |cell: &dyn Fn(&(String, f64, f64)) -> f64| {
            Column::Number(rows.iter().map(|(_, point)| Some(cell(point))).collect())
        };
        let count = |cell: &dyn Fn(&Trial) -> Option<usize>| {
            Column::Count(rows.iter().map(|(trial, _)| cell(trial)).collect())
        };
        let models = rows.iter().map(|(trial, _)| trial.model.clone());
        let ids = rows.iter().map(|(_, point)| point.0.clone());
        csv(vec![
            ("model", Column::Text(models.collect())),
            ("n_train", count(&|trial| Some(trial.n_train))),
            ("seed", count(&|trial| usize::try_from(trial.seed).ok())),
            ("id", Column::Text(ids.collect())),
            ("target", number(&|point| point.1)),
            ("predicted", number(&|point| point.2)),
            (
                "unit",
                Column::Text(vec![self.property.unit.clone(); rows.len()]),
            ),
        ])
    }

    /// The range of the targets with some room; predictions beyond it are
    /// drawn at its rim.
    fn range(&self) -> (f64, f64) {
        let targets = self.trials.iter().flat_map(|trial| &trial.points);
        let (low, high) = targets.fold((f64::INFINITY, f64::NEG_INFINITY), |range, point| {
            (range.0.min(point.1), range.1.max(point.1))
        });
        let room = 0.08 * (high - low).max(1e-9);
        (low - room, high + room)
    }
}

/// The picture: square panels with the diagonal.
pub(super) fn draw(data: &Data) -> String {
    let columns = match data.trials.len() {
        count @ 1..=4 => count.max(2),
        5 | 6 => 3,
        _ => 4,
    };
    let mut grid = Grid {
        width: if columns == 2 { 110.0 * MM } else { WIDE },
        columns,
        panels: data.trials.len(),
        height: 0.0,
        gutter: 20.0,
        head: 2.0,
    };
    grid.height = grid.frame_width();
    let (low, high) = data.range();
    paint(grid.width, grid.page_height(), |canvas| {
        for (index, trial) in data.trials.iter().enumerate() {
            let panel = Panel {
                frame: grid.frame(index),
                x: Axis::linear(low, high, ""),
                y: Axis::linear(low, high, ""),
            };
            panel.draw(canvas, &trial.model, false);
            points(canvas, &panel, trial, (low, high));
            scores(canvas, panel.frame, trial, &data.property.report_unit);
        }
        name_axes(canvas, &grid, &data.property);
    })
}

fn points(canvas: &Canvas, panel: &Panel, trial: &Trial, (low, high): (f64, f64)) {
    let diagonal = Stroke::new(INK, 0.5);
    let opacity = if trial.points.len() > 150 { 0.4 } else { 0.6 };
    let color = look(&trial.model).color;
    for (_, target, predicted) in &trial.points {
        canvas.disc(panel.at(*target, *predicted), 1.1, color, opacity);
    }
    canvas.line(&[panel.at(low, low), panel.at(high, high)], diagonal);
}

/// Scores in the upper left corner, and how many points lie beyond the axis.
fn scores(canvas: &Canvas, frame: Frame, trial: &Trial, unit: &str) {
    let lines = [
        format!("MAE {} {unit}", significant(trial.score.mae, 3)),
        format!("R² {}", coefficient(trial.score.r2, 2)),
        format!("n = {}", trial.n_train),
    ];
    for (index, line) in lines.iter().enumerate() {
        let place = (
            frame.left + 4.0,
            frame.top + 5.0 + index as f64 * (SMALL + 2.0),
        );
        canvas.text(line, place, Type::new(SMALL).color(INK));
    }
}

/// One name for all x axes and one for all y axes.
fn name_axes(canvas: &Canvas, grid: &Grid, property: &Property) {
    let first = grid.frame(0);
    let last = grid.frame(grid.columns.min(grid.panels) - 1);
    let style = Type::new(NORMAL).align(Align::Center);
    let middle = 0.5 * (first.left + last.right());
    let name = format!("{} ({})", property.label, property.unit);
    canvas.text(&name, (middle, grid.page_height() - 7.0), style);
    let predicted = format!("predicted ({})", property.unit);
    grid.name_y(canvas, &predicted, &predicted);
}
