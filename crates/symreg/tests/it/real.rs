//! Formation energies of one vacancy of Mo and two of S in a molybdenum disulfide layer.
//!
//! The table lies outside of the repository; `TYCHO_SHARED` says where.

use std::{env, fs, path::PathBuf};

use symreg::{Column, Table, select};

use crate::{run, settings};

/// Feature columns and the target of the CSV file.
const FEATURES: std::ops::Range<usize> = 1..5;
const TARGET: usize = 5;

fn rows() -> Option<Vec<Vec<f64>>> {
    let shared = PathBuf::from(env::var_os("TYCHO_SHARED")?);
    let path = shared.join("datasets/published/segvae_V3_VMo_2VS.csv");
    let text = fs::read_to_string(path).ok()?;
    let numbers = |line: &str| {
        let cells = line.split(',').skip(1);
        cells.map(|cell| cell.parse().unwrap()).collect()
    };
    Some(text.lines().skip(1).map(numbers).collect())
}

/// A table and a target of some rows; columns are shifted by the dropped id.
fn data(rows: &[&Vec<f64>]) -> (Table, Vec<f64>) {
    let names = ["d_Mo_S1", "d_Mo_S2", "d_S1_S2", "dz_S1_S2"];
    let columns = names.iter().zip(FEATURES).map(|(name, column)| {
        let values = rows.iter().map(|row| row[column - 1]).collect();
        (Column::new(*name, "Å"), values)
    });
    let target = rows.iter().map(|row| row[TARGET - 1]).collect();
    (Table::new(columns.collect()).unwrap(), target)
}

/// Trains on 299 rows, a tenth of which choose the formula. The constant is off
/// by 100 meV, gradient boosting by 12 meV.
#[test]
fn energies_of_defects_are_predicted() {
    let Some(rows) = rows() else {
        eprintln!("skipped: no ../shared");
        return;
    };
    let train: Vec<_> = (0..299).map(|i| &rows[(i * 419) % rows.len()]).collect();
    let test: Vec<_> = (299..rows.len())
        .map(|i| &rows[(i * 419) % rows.len()])
        .collect();
    let (fit, choice) = train.split_at(269);
    let (x, y) = data(fit);
    let front = run(&x, &y, &settings(150_000), 1).unwrap();
    let (x, y) = data(choice);
    let chosen = select(&front, &front.domain().clamped(&x), &y).unwrap();
    let (x, y) = data(&test);
    let values = chosen.expr.evaluate(&front.domain().clamped(&x)).unwrap();
    let errors = values.iter().zip(&y).map(|(v, t)| (v - t).abs());
    let mae = errors.sum::<f64>() / y.len() as f64;
    assert!(mae < 0.040, "{mae} eV by {}", chosen.expr.text(&x.names()));
}
