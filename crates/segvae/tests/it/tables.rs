//! The published tables of vacancies, read for a test and an example.

use std::{collections::BTreeMap, fs, path::Path};

/// Columns by name; the first, of identifiers, is left out.
pub(crate) type Columns = BTreeMap<String, Vec<f64>>;

pub(crate) fn read(path: &Path) -> Columns {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(','));
    let head: Vec<&str> = lines.next().unwrap().collect();
    let mut columns = Columns::new();
    for line in lines {
        for (name, cell) in head.iter().zip(line).skip(1) {
            let column = columns.entry((*name).to_owned()).or_default();
            column.push(cell.parse().unwrap());
        }
    }
    columns
}

/// Distances at which the study leaves out the pairs of a metal and a chalcogen
/// vacancy in its search, Å.
const LEFT_OUT: [f64; 4] = [12.964_839, 13.002_467, 13.382_056, 14.803_394];

/// Whether the study has a pair at this distance among the eleven that it fits.
pub(crate) fn is_fitted(distance: f64) -> bool {
    LEFT_OUT.iter().all(|far| (far - distance).abs() > 1e-4)
}
