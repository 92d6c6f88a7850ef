//! The pair functions of a law over distance, with the band of its resamples.

use super::axis::Axis;
use super::canvas::{Canvas, Stroke, paint};
use super::palette::BLACK;
use super::panel::{Grid, Panel};
use super::{Figure, WIDE, svg};
use crate::table::{Column, csv};

/// Share of the resamples that lies below and above the band.
const TAIL: f64 = 0.025;

/// One function of one channel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Function {
    /// As `pair: V_Mo-V_S /`.
    pub(crate) name: String,
    /// Å.
    pub(crate) lengths: Vec<f64>,
    /// At these lengths, in the unit of the target.
    pub(crate) values: Vec<f64>,
    /// The same of every law from a resample; may be none.
    pub(crate) resamples: Vec<Vec<f64>>,
}

impl Function {
    /// Lowest and highest of the band at a length.
    fn band(&self, index: usize) -> Option<(f64, f64)> {
        let mut all: Vec<f64> = self.resamples.iter().map(|v| v[index]).collect();
        all.sort_unstable_by(f64::total_cmp);
        let last = all.len().checked_sub(1)?;
        let tail = (TAIL * last as f64).floor();
        let low = (0..=last).find(|i| *i as f64 >= tail)?;
        Some((all[low], all[last - low]))
    }
}

/// The figure of some functions, one panel each.
pub(crate) fn figure(functions: &[Function], target: &str, unit: &str) -> Figure {
    let svg = draw(functions, unit);
    let bands = functions.iter().any(|f| !f.resamples.is_empty());
    let band = if bands {
        ", with the range of laws learnt from resamples of the same structures (95 %)"
    } else {
        ""
    };
    Figure {
        name: format!("pair-functions-{target}"),
        target: target.to_owned(),
        caption: format!(
            "What a pair of defects adds to the {target} in {unit} against its distance{band}. \
             `=`: both in one layer, `/`: in two."
        ),
        width_mm: svg::width_mm(&svg),
        csv: numbers(functions),
        svg,
    }
}

fn numbers(functions: &[Function]) -> String {
    let rows = functions
        .iter()
        .flat_map(|f| (0..f.lengths.len()).map(move |i| (f, i)));
    let number = |of: &dyn Fn(&Function, usize) -> Option<f64>| {
        Column::Number(rows.clone().map(|(f, i)| of(f, i)).collect())
    };
    csv(vec![
        (
            "function",
            Column::Text(rows.clone().map(|(f, _)| f.name.clone()).collect()),
        ),
        ("angstrom", number(&|f, i| Some(f.lengths[i]))),
        ("value", number(&|f, i| Some(f.values[i]))),
        ("low", number(&|f, i| f.band(i).map(|b| b.0))),
        ("high", number(&|f, i| f.band(i).map(|b| b.1))),
    ])
}

fn draw(functions: &[Function], unit: &str) -> String {
    let grid = Grid {
        width: WIDE,
        columns: functions.len().clamp(1, 3),
        panels: functions.len().max(1),
        height: 75.0,
        gutter: 34.0,
        head: 0.0,
    };
    paint(WIDE, grid.page_height(), |canvas| {
        for (index, function) in functions.iter().enumerate() {
            let panel = Panel {
                frame: grid.frame(index),
                x: axis(&function.lengths, "distance / Å"),
                y: heights(function),
            };
            panel.draw(canvas, &function.name, grid.is_lowest(index));
            curve(canvas, &panel, function);
        }
        grid.name_y(canvas, &format!("contribution / {unit}"), unit);
    })
}

fn axis(values: &[f64], label: &str) -> Axis {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Axis::linear(low, high, label)
}

/// Of the values and the band.
fn heights(function: &Function) -> Axis {
    let bands = (0..function.lengths.len()).filter_map(|i| function.band(i));
    let mut all: Vec<f64> = bands.flat_map(|(low, high)| [low, high]).collect();
    all.extend(&function.values);
    all.push(0.0);
    axis(&all, "")
}

fn curve(canvas: &Canvas, panel: &Panel, function: &Function) {
    let at = |i: usize, value: f64| panel.at(function.lengths[i], value);
    let indices = 0..function.lengths.len();
    let bands: Vec<(f64, f64)> = indices.clone().filter_map(|i| function.band(i)).collect();
    let low = bands.iter().enumerate().map(|(i, band)| at(i, band.0));
    let high = bands
        .iter()
        .enumerate()
        .rev()
        .map(|(i, band)| at(i, band.1));
    canvas.area(&low.chain(high).collect::<Vec<_>>(), BLACK, 0.18);
    let line: Vec<_> = indices.map(|i| at(i, function.values[i])).collect();
    canvas.line(&line, Stroke::new(BLACK, 1.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(resamples: Vec<Vec<f64>>) -> Function {
        Function {
            name: "pair: A-B =".to_owned(),
            lengths: vec![2.0, 3.0],
            values: vec![1.0, 0.5],
            resamples,
        }
    }

    #[test]
    fn the_band_holds_the_middle_of_the_resamples() {
        let resamples = (0..101).rev().map(|i| vec![f64::from(i), 0.0]).collect();
        assert_eq!(function(resamples).band(0), Some((2.0, 98.0)));
        assert_eq!(function(vec![vec![2.0, 4.0]]).band(1), Some((4.0, 4.0)));
        assert_eq!(function(Vec::new()).band(0), None);
    }

    #[test]
    fn the_numbers_lie_beside_the_picture() {
        let figure = figure(
            &[function(vec![vec![0.5, 0.4], vec![1.5, 0.6]])],
            "gap",
            "eV",
        );
        let lines: Vec<&str> = figure.csv.lines().collect();
        assert_eq!(lines[0], "function,angstrom,value,low,high");
        let cells: Vec<&str> = lines[1].split(',').collect();
        assert_eq!(cells[0], "pair: A-B =");
        let numbers = cells[1..].iter().map(|cell| cell.parse().unwrap());
        assert_eq!(numbers.collect::<Vec<f64>>(), [2.0, 1.0, 0.5, 1.5]);
        assert!(figure.svg.contains("contribution / eV"));
    }
}
