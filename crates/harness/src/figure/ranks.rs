//! Average ranks over subsets, and which models they tell apart: the
//! critical-difference diagram of Demšar (2006).

use statistics::{friedman, nemenyi};

use super::canvas::{Align, MM, Stroke, Type, paint};
use super::palette::{BLACK, look};
use super::panel::{INK, NORMAL, SMALL};
use super::{WIDE, by_subset, font, legend_order};
use crate::dataset::Property;
use crate::report::Row;
use crate::table::{Column, csv};

/// Fewest subsets that are ranked over.
const FEWEST: usize = 5;

/// Chance of a false difference.
const SIGNIFICANCE: f64 = 0.05;

/// Average ranks of one property.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Data {
    property: Property,
    n_train: usize,
    subsets: usize,
    /// From the best on, with their average ranks.
    models: Vec<(String, f64)>,
    p: f64,
    critical_difference: f64,
    /// First and last place of models that are not told apart.
    groups: Vec<(usize, usize)>,
}

/// Models that are scored in all subsets at the largest size for which there are most
/// of them; `None` with few subsets, or fewer than three models.
pub(super) fn data(rows: &[&Row]) -> Option<Data> {
    let subsets = by_subset(rows);
    if subsets.len() < FEWEST {
        return None;
    }
    let error = |rows: &[&Row], model: &str, size: usize| {
        let mut found = rows
            .iter()
            .filter(|row| row.model == model && row.n_train == size);
        found.find_map(|row| row.mae).map(|mae| mae.mean)
    };
    let complete = |size: usize| {
        let mut models = legend_order(rows.iter().map(|row| row.model));
        models.retain(|model| {
            subsets
                .iter()
                .all(|(_, rows)| error(rows, model, size).is_some())
        });
        models
    };
    let sizes = rows.iter().map(|row| row.n_train);
    let size = sizes.max_by_key(|&size| (complete(size).len(), size))?;
    let models = complete(size);
    if models.len() < 3 {
        return None;
    }
    let table: Vec<Vec<f64>> = subsets
        .iter()
        .map(|(_, rows)| {
            models
                .iter()
                .filter_map(|model| error(rows, model, size))
                .collect()
        })
        .collect();
    let ranked = friedman(&table).ok()?;
    let compared = nemenyi(&ranked, SIGNIFICANCE).ok()?;
    let mut order: Vec<usize> = (0..models.len()).collect();
    order.sort_by(|&a, &b| ranked.average_ranks[a].total_cmp(&ranked.average_ranks[b]));
    let place = |model: usize| order.iter().position(|&other| other == model).unwrap_or(0);
    let groups = compared.groups.iter().filter_map(|group| {
        let places = group.iter().map(|&model| place(model));
        Some((places.clone().min()?, places.max()?))
    });
    Some(Data {
        property: rows.first()?.property.clone(),
        n_train: size,
        subsets: subsets.len(),
        groups: groups.collect(),
        models: order
            .iter()
            .map(|&model| (models[model].to_owned(), ranked.average_ranks[model]))
            .collect(),
        p: ranked.f_p,
        critical_difference: compared.critical_difference,
    })
}

impl Data {
    pub(super) fn caption(&self) -> String {
        format!(
            "Average rank of each model by its error of the {} over {} subsets, from {} structures; \
             models under one bar are not told apart (Nemenyi, 5 %; Friedman's test of all: p = {:.2e}).",
            self.property.label, self.subsets, self.n_train, self.p
        )
    }

    pub(super) fn csv(&self) -> String {
        let lines = || self.models.iter();
        let same = |value: f64| Column::Number(vec![Some(value); self.models.len()]);
        csv(vec![
            (
                "model",
                Column::Text(lines().map(|(m, _)| m.clone()).collect()),
            ),
            (
                "average_rank",
                Column::Number(lines().map(|(_, r)| Some(*r)).collect()),
            ),
            (
                "n_train",
                Column::Count(lines().map(|_| Some(self.n_train)).collect()),
            ),
            (
                "subsets",
                Column::Count(lines().map(|_| Some(self.subsets)).collect()),
            ),
            ("critical_difference", same(self.critical_difference)),
            ("p_friedman", same(self.p)),
        ])
    }
}

/// The picture: the axis of ranks, names left and right of it, bars below.
pub(super) fn draw(data: &Data) -> String {
    let count = data.models.len();
    let widest = data
        .models
        .iter()
        .map(|(model, _)| font::width(model, NORMAL))
        .fold(0.0, f64::max);
    let (left, right) = (widest + 24.0, WIDE - widest - 24.0);
    let axis = 16.0 * MM;
    let bars = axis + 7.0;
    let first_name = bars + 5.0 * data.groups.len() as f64 + 9.0;
    let half = count.div_ceil(2);
    let step = 12.0;
    let height = first_name + step * half as f64 + 4.0;
    let at = |rank: f64| left + (rank - 1.0) / (count as f64 - 1.0) * (right - left);
    paint(WIDE, height, |canvas| {
        let thin = Stroke::new(INK, 0.6);
        canvas.line(&[(left, axis), (right, axis)], thin);
        let style = Type::new(SMALL).color(INK).align(Align::Center);
        for rank in 1..=count {
            let x = at(rank as f64);
            canvas.line(&[(x, axis - 4.0), (x, axis)], thin);
            canvas.text(&rank.to_string(), (x, axis - 9.0), style);
        }
        canvas.text("average rank", (0.5 * (left + right), axis - 20.0), style);
        let end = (at(1.0 + data.critical_difference)).min(WIDE - 4.0);
        let cd = [(left, 8.0), (end, 8.0)];
        canvas.line(&cd, Stroke::new(BLACK, 1.2));
        let label = format!("critical difference {:.2}", data.critical_difference);
        canvas.text(&label, (end + 4.0, 8.0), Type::new(SMALL).color(INK));
        for (line, &(best, worst)) in data.groups.iter().enumerate() {
            let y = bars + 5.0 * line as f64;
            let ends = (
                at(data.models[best].1) - 3.0,
                at(data.models[worst].1) + 3.0,
            );
            canvas.line(&[(ends.0, y), (ends.1, y)], Stroke::new(BLACK, 2.4));
        }
        for (place, (model, rank)) in data.models.iter().enumerate() {
            let is_left = place < half;
            let line = if is_left { place } else { count - 1 - place };
            let y = first_name + step * line as f64;
            let (x, end) = (at(*rank), if is_left { left - 8.0 } else { right + 8.0 });
            canvas.line(&[(x, axis), (x, y), (end, y)], thin);
            canvas.marker((x, axis), 2.8, look(model));
            let align = if is_left { Align::Right } else { Align::Left };
            let text = if is_left { end - 3.0 } else { end + 3.0 };
            canvas.text(model, (text, y), Type::new(NORMAL).color(INK).align(align));
        }
    })
}
