//! The crate from the outside.

mod golden;
mod laws;
mod refusals;

use std::ops::ControlFlow::Continue;

use boost::{Model, Settings};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Three columns and `x₀² + x₁·x₂` of them, with a little noise.
fn table(rows: usize, seed: u64) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut column = || (0..rows).map(|_| random.random_range(-1.0..1.0)).collect();
    let columns: Vec<Vec<f64>> = vec![column(), column(), column(), column()];
    let target = |row: usize| {
        let x = |index: usize| columns[index][row];
        x(0) * x(0) + x(1) * x(2) + 0.05 * x(3)
    };
    let targets = (0..rows).map(target).collect();
    (columns[..3].to_vec(), targets)
}

fn fitted(columns: &[Vec<f64>], targets: &[f64], settings: &Settings, seed: u64) -> Model {
    boost::fit(columns, targets, None, None, settings, seed, |_| {
        Continue(())
    })
    .expect("a table that can be fitted")
}

/// Settings without any randomness.
fn still(iterations: usize) -> Settings {
    Settings {
        iterations,
        bootstrap_type: boost::BootstrapType::No,
        random_strength: 0.0,
        ..Settings::default()
    }
}
