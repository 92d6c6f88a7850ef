//! Whole searches: laws found again, unusual input, and real data.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod export;
mod export_law;
mod hostile;
mod laws;
mod real;
mod resumed;
mod sums;
mod sums_of_items;
mod units;
mod unusual;

use std::ops::ControlFlow;

use symreg::{Column, ParetoFront, Progress, Result, Settings, Table, search};

/// A table whose columns are `x0`, `x1`, ….
fn table(columns: Vec<Vec<f64>>) -> Table {
    let named = columns.into_iter().enumerate();
    let named = named.map(|(i, values)| (Column::new(format!("x{i}"), ""), values));
    Table::new(named.collect()).unwrap()
}

fn settings(evaluations: u64) -> Settings {
    let mut settings = Settings::default();
    settings.search.evaluations = evaluations;
    settings
}

fn run(table: &Table, y: &[f64], settings: &Settings, seed: u64) -> Result<ParetoFront> {
    search(table, y, settings, seed, &mut go_on)
}

fn go_on(_: &Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
