//! Error against a cost of a model: what complexity and time have in common.

use super::axis::Axis;
use super::canvas::{Canvas, MM, Place, paint};
use super::legend::{Legend, name_points};
use super::palette::look;
use super::panel::{Frame, Grid, Panel, SMALL};
use super::{WIDE, font, legend_order};
use crate::dataset::Property;

/// A model in a panel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) subset: String,
    pub(super) model: String,
    pub(super) n_train: usize,
    pub(super) x: f64,
    pub(super) mae: f64,
}

/// A line beneath the markers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// Written beside its first place in a single panel.
    pub(super) name: Option<&'static str>,
    pub(super) places: Vec<Place>,
}

/// A page of panels, one a subset; `ink` draws what lies beneath the markers,
/// and returns it, so that no name is written across.
///
/// The last point of a model has a marker, and its name where there is a single
/// panel.
pub(super) fn draw(
    property: &Property,
    subsets: &[String],
    points: &[Point],
    axes: &dyn Fn(&str) -> (Axis, Axis),
    ink: &dyn Fn(&Canvas, &Panel, &str) -> Vec<Line>,
) -> String {
    let one = subsets.len() == 1;
    let models = legend_order(points.iter().map(|point| point.model.as_str()));
    let widest = models
        .iter()
        .map(|model| font::width(model, SMALL))
        .fold(0.0, f64::max);
    let legend = Legend::new(if one { &[] } else { &models }, 14.0, WIDE - 20.0);
    let count = subsets.len();
    let grid = Grid {
        // a single panel leaves room for names at its right
        width: if one { WIDE - widest - 4.0 } else { WIDE },
        columns: match count {
            1 => 1,
            2 | 4 => 2,
            _ => 3,
        },
        panels: count,
        height: if count <= 2 { 72.0 } else { 42.0 } * MM,
        gutter: 28.0,
        head: legend.height,
    };
    paint(WIDE, grid.page_height(), |canvas| {
        legend.draw(canvas);
        let Property {
            label, report_unit, ..
        } = property;
        let full = format!("MAE of {label} ({report_unit})");
        grid.name_y(canvas, &full, &format!("MAE ({report_unit})"));
        for (index, subset) in subsets.iter().enumerate() {
            let (x, y) = axes(subset);
            let panel = Panel {
                frame: grid.frame(index),
                x,
                y,
            };
            panel.draw(canvas, subset, grid.is_lowest(index));
            let lines = ink(canvas, &panel, subset);
            let mut ends = ends(points, subset, &panel);
            for &(model, place) in &ends {
                canvas.marker(place, 2.8, look(model));
            }
            if one {
                let named = lines
                    .iter()
                    .filter_map(|line| Some((line.name?, line.places[0])));
                ends.extend(named);
                let lines: Vec<&[Place]> = lines.iter().map(|l| l.places.as_slice()).collect();
                let room = Frame {
                    width: WIDE - panel.frame.left,
                    ..panel.frame
                };
                name_points(canvas, room, &ends, &lines);
            }
        }
    })
}

/// The largest size of each model in a subset.
fn ends<'p>(points: &'p [Point], subset: &str, panel: &Panel) -> Vec<(&'p str, Place)> {
    let points: Vec<&Point> = points.iter().filter(|p| p.subset == subset).collect();
    points
        .chunk_by(|a, b| a.model == b.model)
        .filter_map(|run| run.last())
        .map(|point| (point.model.as_str(), panel.at(point.x, point.mae)))
        .collect()
}
