//! The searches of the study of defects, with its settings, on its tables.
//!
//! ```text
//! cargo run --release -p segvae --example published_tables -- ../shared/datasets/published one-layer 3
//! ```
//!
//! Arguments are the folder of the tables, a search or `all`, the number of seeds,
//! the first of them (1), and, if they are not to be the published ones, the number
//! of epochs. One JSON line a seed; errors are those of the points of the table that
//! were fitted, as in the study. With `--as-published` π has the value that the
//! published programme gives it, e.
//!
//! Grammars, sizes, predicates and domains are those of Lazarev & Ustyuzhanin,
//! arXiv:2512.20785, and of the notebooks that belong to it. The five points that
//! a notebook adds by hand are left out.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a study of its own, not a part of the library"
)]

#[path = "../tests/it/tables.rs"]
mod tables;

use std::{env, f64::consts::TAU, ops::ControlFlow, path::Path};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use segvae::{
    Function, Predicate, Search, Settings, Trainer, predicate::Inside, pretrain, settings::Domain,
};
use symreg::{Column, Table};
use tables::{is_fitted, read};

/// One search of the study.
struct Task {
    name: &'static str,
    settings: Settings,
    /// The points that are fitted, column by column, Å.
    columns: Vec<Vec<f64>>,
    /// What is fitted, counted from `zero`, eV.
    target: Vec<f64>,
    /// So many of the first points are of the table; the others are copies with noise.
    measured: usize,
    /// Mean absolute error of the printed formula on these, meV.
    printed: f64,
}

/// Functions that three of the four searches forbid inside one another.
const UNNESTED: [&str; 4] = ["exp", "pow2", "pow", "cos"];

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Lowest and highest number.
fn range(values: &[f64]) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    let widen = |(low, high): (f64, f64), &value: &f64| (low.min(value), high.max(value));
    values.iter().fold(start, widen)
}

fn domain(target: &[f64], margin: f64) -> Domain {
    let (low, high) = range(target);
    Domain {
        lowest: Some(low - margin),
        highest: Some(high + margin),
        ..Domain::default()
    }
}

/// Two chalcogen vacancies of one layer or of opposite ones.
fn chalcogens(folder: &Path, name: &'static str, opposite: bool, zero: f64, mae: f64) -> Task {
    let rows = read(&folder.join("segvae_X2_2VS.csv"));
    let chosen: Vec<usize> = (0..rows["dz_A"].len())
        .filter(|&i| (rows["dz_A"][i].abs() >= 2.0) == opposite)
        .collect();
    let pick = |column: &str| -> Vec<f64> { chosen.iter().map(|&i| rows[column][i]).collect() };
    let energies = pick("formation_energy_per_site_eV");
    let target: Vec<f64> = energies.iter().map(|y| y - zero).collect();
    let mut settings = Settings::materials();
    settings.predicate = Predicate::without_nested(&UNNESTED);
    settings.domain = domain(&target, 0.005);
    Task {
        name,
        settings,
        columns: vec![pick("d_S_S_A")],
        measured: target.len(),
        target,
        printed: mae,
    }
}

/// A metal vacancy with a chalcogen vacancy: the eleven points of the notebook, and
/// four copies of them with noise in the distance.
fn metal_chalcogen(folder: &Path) -> Task {
    let rows = read(&folder.join("segvae_V2_VMo_VS.csv"));
    let points: Vec<(f64, f64)> = rows["d_Mo_S_A"]
        .iter()
        .zip(&rows["formation_energy_per_site_eV"])
        .map(|(d, y)| (*d, *y))
        .filter(|&(d, _)| is_fitted(d))
        .collect();
    let zero = range(&points.iter().map(|p| p.1).collect::<Vec<_>>()).1;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut normal = || {
        let (u, v): (f64, f64) = (random.random(), random.random());
        (-2.0 * (1.0 - u).ln()).sqrt() * (TAU * v).cos()
    };
    let (mut distances, mut target) = (Vec::new(), Vec::new());
    for copy in 0..5 {
        for (d, y) in &points {
            distances.push(d + 0.003 * f64::from(copy) * d * normal());
            target.push(y - zero);
        }
    }
    let mut settings = long();
    settings.predicate = Predicate {
        required: words(&["exp", "cos"]),
        required_inside: vec![Inside {
            word: "x1".to_owned(),
            functions: words(&UNNESTED),
        }],
        ..Predicate::without_nested(&UNNESTED)
    };
    let (low, high) = range(&distances);
    settings.domain = Domain {
        ranges: Some(vec![(low - 2.0, high + 5.0)]),
        ..domain(&target, 1.0)
    };
    Task {
        name: "metal-chalcogen",
        settings,
        columns: vec![distances],
        target,
        measured: points.len(),
        printed: 9.250,
    }
}

/// All three vacancies at once, by the two distances from the metal.
fn three(folder: &Path) -> Task {
    let rows = read(&folder.join("segvae_V3_VMo_2VS.csv"));
    let target = rows["formation_energy_per_site_eV"].clone();
    let mut settings = long();
    settings.predicate.required = words(&["exp", "cos", "x1", "x2"]);
    settings.words.columns = 2;
    settings.domain = domain(&target, 1.0);
    Task {
        name: "three",
        settings,
        columns: vec![rows["d_Mo_S1_A"].clone(), rows["d_Mo_S2_A"].clone()],
        measured: target.len(),
        target,
        printed: 9.599,
    }
}

/// The longer searches, with π and one half.
fn long() -> Settings {
    let mut settings = Settings::materials();
    settings
        .words
        .functions
        .extend([Function::Pi, Function::Half]);
    settings.search.max_len = 30;
    settings.search.epochs = 3_000;
    settings
}

fn main() {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let as_published = arguments.iter().position(|word| word == "--as-published");
    let as_published = as_published.map(|place| arguments.remove(place)).is_some();
    let [folder, chosen, seeds, ..] = &arguments[..] else {
        panic!("arguments: FOLDER SEARCH SEEDS [FIRST [EPOCHS]] [--as-published]");
    };
    let folder = Path::new(folder);
    let seeds: u64 = seeds.parse().unwrap();
    let first: u64 = arguments.get(3).map_or(1, |text| text.parse().unwrap());
    let epochs: Option<usize> = arguments.get(4).map(|text| text.parse().unwrap());
    let tasks = [
        chalcogens(folder, "one-layer", false, 2.661_751, 2.666),
        chalcogens(folder, "opposite-layers", true, 2.663_782, 2.878),
        metal_chalcogen(folder),
        three(folder),
    ];
    let mut known: Option<(u64, Trainer)> = None;
    for mut task in tasks {
        if chosen != "all" && chosen != task.name {
            continue;
        }
        task.settings.search.epochs = epochs.unwrap_or(task.settings.search.epochs);
        task.settings.words.as_published_pi = as_published;
        let key = task.settings.pretraining_key();
        let trainer = match known.take() {
            Some((same, trainer)) if same == key => trainer,
            _ => pretrain(&task.settings, 1, &mut |_, _, _| ControlFlow::Continue(())).unwrap(),
        };
        for seed in first..first + seeds {
            run(&task, trainer.clone(), seed);
        }
        known = Some((key, trainer));
    }
}

fn run(task: &Task, trainer: Trainer, seed: u64) {
    let named = task.columns.iter().enumerate();
    let named = named.map(|(i, values)| (Column::new(format!("x{}", i + 1), "Å"), values.clone()));
    let table = Table::new(named.collect()).unwrap();
    let mut search = Search::new(&table, &task.target, &task.settings, trainer, seed).unwrap();
    let mut sampled = 0;
    while !search.is_over() {
        sampled += search.epoch().unwrap().sampled;
        let epoch = search.state().epoch();
        if epoch.is_multiple_of(100) {
            let error = search.front().unwrap().best().error;
            eprintln!(
                "{}, seed {seed}: epoch {epoch}, RMSE {error:.4} eV",
                task.name
            );
        }
    }
    let front = search.front().unwrap();
    let best = front.best();
    let values = best.expr.evaluate(&table).unwrap();
    let errors = values.iter().zip(&task.target).map(|(v, y)| (v - y).abs());
    let mae = 1e3 * errors.take(task.measured).sum::<f64>() / task.measured as f64;
    let line = serde_json::json!({
        "search": task.name,
        "seed": seed,
        "points": task.target.len(),
        "measured": task.measured,
        "as_published": task.settings.words.as_published_pi,
        "epochs": search.state().epoch(),
        "formulas_sampled": sampled,
        "mae_mev": mae,
        "mse": best.error * best.error,
        "mae_mev_printed": task.printed,
        "formula": best.expr.text(&table.names()),
    });
    println!("{line}");
}
