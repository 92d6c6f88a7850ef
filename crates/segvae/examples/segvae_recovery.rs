//! How often Nguyen's laws are found again, from data with and without noise.
//!
//! ```text
//! cargo run --release -p segvae --example segvae_recovery -- 0 1          # noise, seeds
//! cargo run --release -p segvae --example segvae_recovery -- 0.1 3 better # with our extras
//! ```
//!
//! One JSON line a run. Laws, ranges and rows are those of symreg's example of the
//! same name; noise is normal, with a standard deviation of the given part of the
//! root mean square of the target. A law counts as recovered if a formula of the
//! front differs from it by a mean squared error below 1e-9 at the rows
//! ([`segvae::recovered`]). The first training, on 20,000 formulas for ten epochs
//! and not the published 40,000 for fifty, is made once for each number of
//! variables and not counted in the seconds.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a study of its own, not a part of the library"
)]

use std::{env, f64::consts::TAU, fs, ops::ControlFlow};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use segvae::{Search, Settings, Trainer, pretrain, recovered};
use symreg::{Column, Table};

type Law = (&'static str, (f64, f64), u32, fn(f64, f64) -> f64);

/// Name, range of the variables, their number, and the law.
const LAWS: [Law; 12] = [
    ("N1", (-1.0, 1.0), 1, |x, _| powers(x, 3)),
    ("N2", (-1.0, 1.0), 1, |x, _| powers(x, 4)),
    ("N3", (-1.0, 1.0), 1, |x, _| powers(x, 5)),
    ("N4", (-1.0, 1.0), 1, |x, _| powers(x, 6)),
    ("N5", (-1.0, 1.0), 1, |x, _| (x * x).sin() * x.cos() - 1.0),
    ("N6", (-1.0, 1.0), 1, |x, _| x.sin() + (x + x * x).sin()),
    ("N7", (0.0, 2.0), 1, |x, _| {
        (x + 1.0).ln() + (x * x + 1.0).ln()
    }),
    ("N8", (0.0, 4.0), 1, |x, _| x.sqrt()),
    ("N9", (0.0, 1.0), 2, |x, y| x.sin() + (y * y).sin()),
    ("N10", (0.0, 1.0), 2, |x, y| 2.0 * x.sin() * y.cos()),
    ("N11", (0.0, 1.0), 2, f64::powf),
    ("N12", (0.0, 1.0), 2, |x, y| {
        x.powi(4) - x.powi(3) + 0.5 * y * y - y
    }),
];

fn powers(x: f64, highest: i32) -> f64 {
    (1..=highest).map(|n| x.powi(n)).sum()
}

/// Seconds that this thread has spent on a CPU.
fn seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: Option<f64> = text.split(' ').next().and_then(|n| n.parse().ok());
    nanoseconds.unwrap_or(f64::NAN) / 1e9
}

/// Table, law and target.
fn data(law: &Law, noise: f64, seed: u64) -> (Table, Vec<f64>, Vec<f64>) {
    let (_, (low, high), columns, f) = *law;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let rows = if columns == 1 { 20 } else { 100 };
    let mut draw = || -> Vec<f64> {
        let value = |_| low + random.random::<f64>() * (high - low);
        (0..rows).map(value).collect()
    };
    let (x, y) = (draw(), draw());
    let clean: Vec<f64> = x.iter().zip(&y).map(|(x, y)| f(*x, *y)).collect();
    let square = clean.iter().map(|z| z * z).sum::<f64>() / clean.len() as f64;
    let mut normal = || {
        let (u, v): (f64, f64) = (random.random(), random.random());
        (-2.0 * (1.0 - u).ln()).sqrt() * (TAU * v).cos()
    };
    let target = clean.iter().map(|z| z + noise * square.sqrt() * normal());
    let target = target.collect();
    let mut named = vec![(Column::new("x1", ""), x)];
    if columns == 2 {
        named.push((Column::new("x2", ""), y));
    }
    (Table::new(named).unwrap(), clean, target)
}

fn settings(columns: u32, better: bool) -> Settings {
    let mut settings = if better {
        Settings::better()
    } else {
        Settings::default()
    };
    settings.words.columns = columns;
    settings.words.numbers = vec![1.0];
    settings.model.hidden_dim = 64;
    settings.model.latent_dim = 128;
    settings.training.train_size = 20_000;
    settings.training.val_size = 1_000;
    settings.training.n_pretrain_steps = 10;
    settings.search.epochs = 50;
    settings.search.max_len = 20;
    settings
}

fn main() {
    let text = |i: usize| env::args().nth(i).unwrap_or_default();
    let noise: f64 = text(1).parse().unwrap_or(0.0);
    let seeds: u64 = text(2).parse().unwrap_or(1);
    let better = text(3) == "better";
    for columns in [1, 2] {
        let settings = settings(columns, better);
        let watch = &mut |_, _, _| ControlFlow::Continue(());
        let trainer = pretrain(&settings, 1, watch).unwrap();
        for law in LAWS.iter().filter(|law| law.2 == columns) {
            for seed in 1..=seeds {
                run(law, noise, seed, &settings, trainer.clone());
            }
        }
    }
}

fn run(law: &Law, noise: f64, seed: u64, settings: &Settings, trainer: Trainer) {
    let (table, clean, target) = data(law, noise, seed);
    let start = seconds();
    let mut search = Search::new(&table, &target, settings, trainer, seed).unwrap();
    let mut found = recovered(&search, &clean);
    while !search.is_over() && !found {
        search.epoch().unwrap();
        found = recovered(&search, &clean);
    }
    let front = search.front().unwrap();
    let line = serde_json::json!({
        "law": law.0,
        "noise": noise,
        "seed": seed,
        "recovered": found,
        "epochs": search.state().epoch(),
        "cpu_seconds": seconds() - start,
        "evaluations": search.evaluations(),
        "formula": front.best().expr.rounded(6).text(&table.names()),
        "error": front.best().error,
    });
    println!("{line}");
}
