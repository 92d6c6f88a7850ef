//! Statistics of the properties of the elements, over the atoms of a structure.
//!
//! For each property `mean_…`, `deviation_…` (the mean absolute deviation from
//! the mean) and `range_…` (largest less smallest):
//!
//! | property | unit |
//! |---|---|
//! | `number`, the atomic number | |
//! | `mass` | u |
//! | `period`, row of the periodic table | |
//! | `valence`, number of valence electrons | |
//! | `radius`, covalent | Å |
//! | `electronegativity`, Pauling's | |
//!
//! An atom of an element without the property does not count; without any that
//! has it the three are 0.
//!
//! # Source
//!
//! The statistics are those of Ward et al., *npj Comput. Mater.* **2**, 16028
//! (2016), doi:10.1038/npjcompumats.2016.28; the properties are those of
//! [`Element`], with their sources.

use super::super::column;
use crate::{Column, Element, Structure};

const PROPERTIES: [(&str, &str); 6] = [
    ("number", ""),
    ("mass", "u"),
    ("period", ""),
    ("valence", ""),
    ("radius", "Å"),
    ("electronegativity", ""),
];

pub(super) fn columns() -> Vec<Column> {
    let statistics = |(name, unit)| {
        ["mean", "deviation", "range"].map(|statistic| column(format!("{statistic}_{name}"), unit))
    };
    PROPERTIES.into_iter().flat_map(statistics).collect()
}

/// The properties of an element, in the order of [`PROPERTIES`].
fn properties(element: Element) -> [Option<f64>; PROPERTIES.len()] {
    [
        Some(f64::from(element.atomic_number())),
        Some(element.mass()),
        Some(f64::from(element.period())),
        Some(f64::from(element.valence_electrons())),
        element.covalent_radius(),
        element.electronegativity(),
    ]
}

pub(super) fn describe(structure: &Structure) -> Vec<f64> {
    let elements = structure.composition().into_iter();
    let elements: Vec<_> = elements
        .map(|(element, count)| (properties(element), count as f64))
        .collect();
    (0..PROPERTIES.len())
        .flat_map(|place| {
            let known = elements.iter().filter_map(|(p, n)| Some((p[place]?, *n)));
            statistics(&known.collect::<Vec<_>>())
        })
        .collect()
}

/// Mean, mean absolute deviation and range of values with their weights.
fn statistics(values: &[(f64, f64)]) -> [f64; 3] {
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    if values.is_empty() {
        return [0.0; 3];
    }
    let mean = values.iter().map(|(x, weight)| x * weight).sum::<f64>() / total;
    let away = values.iter().map(|(x, weight)| (x - mean).abs() * weight);
    let deviation = away.sum::<f64>() / total;
    let largest = values.iter().map(|v| v.0).fold(f64::NEG_INFINITY, f64::max);
    let smallest = values.iter().map(|v| v.0).fold(f64::INFINITY, f64::min);
    [mean, deviation, largest - smallest]
}
