//! Residuals against the distance of the two closest defects: one panel a model.

use std::collections::BTreeMap;

use super::axis::Axis;
use super::canvas::{Canvas, MM, Place, Stroke, paint};
use super::palette::look;
use super::panel::{Grid, INK, Panel};
use super::{WIDE, largest};
use crate::dataset::Property;
use crate::report::Row;
use crate::statistics::percentile;
use crate::table::{Column, csv};

/// Width of a bin of distances, Å.
const BIN: f64 = 1.0;

/// Fewest residuals that a bin is drawn for.
const FEWEST: usize = 10;

/// The residuals of a bin, in the report unit.
#[derive(Debug, Clone, PartialEq)]
struct Bin {
    /// Mean distance, Å.
    length: f64,
    residuals: usize,
    /// 5th, 25th, 50th, 75th and 95th percentile.
    percentiles: [f64; 5],
}

/// The bins of a model, by distance.
#[derive(Debug, Clone, PartialEq)]
struct Curve {
    model: String,
    n_train: usize,
    bins: Vec<Bin>,
}

/// A curve for every model of a subset.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Data {
    pub(super) subset: String,
    property: Property,
    curves: Vec<Curve>,
}

/// Every model at its largest size, all seeds; `None` if the structures have fewer than two
/// defects, or all about the same distance between them.
pub(super) fn data(rows: &[&Row]) -> Option<Data> {
    let first = rows.first()?;
    let curves: Vec<Curve> = largest(rows).into_iter().filter_map(curve).collect();
    (!curves.is_empty()).then(|| Data {
        subset: first.subset.clone(),
        property: first.property.clone(),
        curves,
    })
}

fn curve(row: &Row) -> Option<Curve> {
    let mut bins: BTreeMap<u64, Vec<(f64, f64)>> = BTreeMap::new();
    for test in row
        .outcomes
        .iter()
        .filter_map(|outcome| outcome.test.as_ref())
    {
        let values = test.targets.iter().zip(&test.predicted);
        for (held_out, (target, predicted)) in test.held_out.iter().zip(values) {
            let Some(length) = held_out.closest else {
                continue;
            };
            let residual = (predicted - target) * row.property.report_factor;
            // bits of numbers that are not negative are in the order of the numbers
            let bin = (length / BIN).floor().to_bits();
            bins.entry(bin).or_default().push((length, residual));
        }
    }
    let bins: Vec<Bin> = bins.into_values().filter_map(|all| bin(&all)).collect();
    (bins.len() > 1).then(|| Curve {
        model: row.model.to_owned(),
        n_train: row.n_train,
        bins,
    })
}

/// `None` if they are too few.
fn bin(all: &[(f64, f64)]) -> Option<Bin> {
    if all.len() < FEWEST {
        return None;
    }
    let mut residuals: Vec<f64> = all.iter().map(|(_, residual)| *residual).collect();
    residuals.sort_unstable_by(f64::total_cmp);
    Some(Bin {
        length: all.iter().map(|(length, _)| length).sum::<f64>() / all.len() as f64,
        residuals: all.len(),
        percentiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|share| percentile(&residuals, share)),
    })
}

impl Data {
    pub(super) fn caption(&self) -> String {
        format!(
            "Predicted minus true {} of held-out structures of {} against the distance of their \
             two closest defects, all seeds of each model at its largest training set, in bins \
             of {BIN} Å of at least {FEWEST} residuals: median, quartiles (dark) and the middle \
             90 % (light). Each panel has its own scale.",
            self.property.label, self.subset
        )
    }

    pub(super) fn csv(&self) -> String {
        let rows: Vec<(&Curve, &Bin)> = self
            .curves
            .iter()
            .flat_map(|curve| curve.bins.iter().map(move |bin| (curve, bin)))
            .collect();
        let number = |of: &dyn Fn(&Bin) -> f64| {
            Column::Number(rows.iter().map(|(_, bin)| Some(of(bin))).collect())
        };
        let count = |of: &dyn Fn(&Curve, &Bin) -> usize| {
            Column::Count(
                rows.iter()
                    .map(|(curve, bin)| Some(of(curve, bin)))
                    .collect(),
            )
        };
        let models = rows.iter().map(|(curve, _)| curve.model.clone());
        csv(vec![
            ("model", Column::Text(models.collect())),
            ("n_train", count(&|curve, _| curve.n_train)),
            ("angstrom", number(&|bin| bin.length)),
            ("residuals", count(&|_, bin| bin.residuals)),
            ("p05", number(&|bin| bin.percentiles[0])),
            ("p25", number(&|bin| bin.percentiles[1])),
            ("median", number(&|bin| bin.percentiles[2])),
            ("p75", number(&|bin| bin.percentiles[3])),
            ("p95", number(&|bin| bin.percentiles[4])),
            (
                "unit",
                Column::Text(vec![self.property.report_unit.clone(); rows.len()]),
            ),
        ])
    }

    fn lengths(&self) -> Axis {
        let bins = self.curves.iter().flat_map(|curve| &curve.bins);
        let (low, high) = range(bins.map(|bin| bin.length));
        Axis::linear(low, high, "closest two defects (Å)")
    }
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// The picture: bands around a line, and where they should be.
pub(super) fn draw(data: &Data) -> String {
    let grid = Grid {
        width: WIDE,
        columns: 3,
        panels: data.curves.len(),
        height: 32.0 * MM,
        gutter: 28.0,
        head: 2.0,
    };
    paint(WIDE, grid.page_height(), |canvas| {
        for (index, curve) in data.curves.iter().enumerate() {
            let ends = curve.bins.iter().flat_map(|bin| bin.percentiles);
            let (low, high) = range(ends.chain([0.0]));
            let room = 0.05 * (high - low);
            let panel = Panel {
                frame: grid.frame(index),
                x: data.lengths(),
                y: Axis::linear(low - room, high + room, ""),
            };
            panel.draw(canvas, &curve.model, grid.is_lowest(index));
            bands(canvas, &panel, curve);
        }
        let unit = &data.property.report_unit;
        let full = format!("predicted − true {} ({unit})", data.property.label);
        grid.name_y(canvas, &full, &format!("predicted − true ({unit})"));
    })
}

fn bands(canvas: &Canvas, panel: &Panel, curve: &Curve) {
    let places = |index: usize| -> Vec<Place> {
        let bins = curve.bins.iter();
        bins.map(|bin| panel.at(bin.length, bin.percentiles[index]))
            .collect()
    };
    let color = look(&curve.model).color;
    for (low, high, opacity) in [(0, 4, 0.18), (1, 3, 0.35)] {
        let mut outline = places(low);
        outline.extend(places(high).into_iter().rev());
        canvas.area(&outline, color, opacity);
    }
    let frame = panel.frame;
    let zero = panel.at(curve.bins[0].length, 0.0).1;
    canvas.line(
        &[(frame.left, zero), (frame.right(), zero)],
        Stroke::new(INK, 0.5),
    );
    canvas.line(&places(2), Stroke::new(color, 1.0));
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn a_bin_is_told_by_its_percentiles_if_it_has_enough() {
        let all: Vec<(f64, f64)> = (0..21)
            .map(|i| (3.0 + 0.01 * f64::from(i), f64::from(i)))
            .collect();
        let bin = bin(&all).unwrap();
        for (found, expected) in bin
            .percentiles
            .into_iter()
            .zip([1.0, 5.0, 10.0, 15.0, 19.0])
        {
            assert_relative_eq!(found, expected);
        }
        assert_relative_eq!(bin.length, 3.1, epsilon = 1e-12);
        assert!(super::bin(&all[..9]).is_none());
    }
}
