//! Formation energies of one vacancy of Mo and two of S in MoS2, from distances.
//!
//! ```text
//! cargo run --release --example vacancy_table -- segvae_V3_VMo_2VS.csv 10 1000000
//! ```
//!
//! The arguments are the table, the number of random splits and the evaluations
//! of each. Every split trains on 250 of the 743 rows, and tests on the other 493.
//! The formula is a function of one pair of vacancies, and its values add up over
//! the three pairs of a row. Its columns are those of the table, told pair by pair:
//! the distance, whether one of the two is of Mo, and the vertical distance of
//! two of S, which tells whether they lie in one layer (0 for the other pairs).
//!
//! A few rows obey no sum over pairs: the three vacancies are neighbours. So that
//! these do not bend the rest, residuals of a first search are cut off at five
//! deviations, and the search is made again on what is left, twice
//! ([`symreg::robust`]). Only training rows are looked at.
//!
//! Rows outside of the box of the training features are moved to its border.
//! The formula is the one of the shortest description on the training rows;
//! `front` is the best on the front, which only an oracle could pick. Errors are
//! mean absolute errors in meV.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a study of its own, not a part of the library"
)]

use std::{env, fs};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use symreg::{Column, Op, ParetoFront, Rule, Search, Settings, Table, robust::pseudo_values};

/// Rows to learn from.
const TRAINING: usize = 250;

/// Parts of the evaluations, in percent, before the first, the second cut of wild
/// residuals, and after the last.
const SHARES: [u64; 3] = [20, 20, 60];

/// Deviations at which residuals are cut off.
const REACH: f64 = 5.0;

/// An error, in meV, that no formula of these energies may have.
const BLOW_UP: f64 = 1000.0;

/// Errors of one split.
struct Outcome {
    chosen: f64,
    best: f64,
    /// Largest error of the chosen formula in a single row.
    worst: f64,
    length: usize,
    text: String,
}

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let path = args
        .first()
        .expect("the path of the table is the first argument");
    let number = |i: usize, default: u64| {
        args.get(i)
            .map_or(default, |text| text.parse().expect("a number"))
    };
    let rows = rows(&fs::read_to_string(path).unwrap());
    let splits = number(1, 10);
    let mut outcomes = Vec::new();
    for seed in 1..=splits {
        let outcome = split(&rows, seed, number(2, 1_000_000));
        println!(
            "{seed:3}  chosen {:7.2}  front {:7.2}  worst row {:8.1}  complexity {:3}  {}",
            outcome.chosen, outcome.best, outcome.worst, outcome.length, outcome.text
        );
        outcomes.push(outcome);
    }
    summary(&outcomes);
}

fn summary(outcomes: &[Outcome]) {
    let mut chosen: Vec<f64> = outcomes.iter().map(|o| o.chosen).collect();
    chosen.sort_by(f64::total_cmp);
    let count = chosen.len() as f64;
    let mean = chosen.iter().sum::<f64>() / count;
    let best = outcomes.iter().map(|o| o.best).sum::<f64>() / count;
    let square = chosen.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    let (median, last) = (chosen[chosen.len() / 2], chosen[chosen.len() - 1]);
    let blown = outcomes.iter().filter(|o| o.worst > BLOW_UP).count();
    println!(
        "mean {mean:.2} ± {:.2}  front {best:.2}  median {median:.2}  worst {last:.2} \
         ({:.2} × median)  rows off by more than {BLOW_UP} meV in {blown} of {count} splits",
        square.sqrt(),
        last / median,
    );
}

/// Columns 1 to 5 of the table: four distances in Å, and the energy in eV.
fn rows(text: &str) -> Vec<Vec<f64>> {
    let numbers = |line: &str| {
        let cells = line.split(',').skip(1).take(5);
        cells.map(|cell| cell.parse().unwrap()).collect()
    };
    text.lines().skip(1).map(numbers).collect()
}

/// Three rows, one for each pair, and one energy for each structure.
fn table(rows: &[Vec<f64>]) -> (Table, Vec<f64>) {
    let pairs = |of: fn(&[f64]) -> [f64; 3]| rows.iter().flat_map(|row| of(row)).collect();
    let columns = vec![
        (Column::new("d", "Å"), pairs(|r| [r[0], r[1], r[2]])),
        (Column::new("metal", ""), pairs(|_| [1.0, 1.0, 0.0])),
        (Column::new("vertical", "Å"), pairs(|r| [0.0, 0.0, r[3]])),
    ];
    let energies = rows.iter().map(|row| row[4]).collect();
    (Table::new(columns).unwrap(), energies)
}

fn searched(x: &Table, y: &[f64], settings: &Settings, seed: u64) -> ParetoFront {
    let mut search = Search::new(x, y, settings, seed).unwrap();
    while search.epoch().is_none() {}
    search.into_front()
}

fn split(rows: &[Vec<f64>], seed: u64, evaluations: u64) -> Outcome {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut rows = rows.to_vec();
    for i in (1..rows.len()).rev() {
        rows.swap(i, random.random_range(0..=i));
    }
    let (x, y) = table(&rows[..TRAINING]);
    let (fresh, truth) = table(&rows[TRAINING..]);

    let mut settings = Settings::default();
    settings.search.max_complexity = 60;
    settings.search.together = 3;
    settings.operators.used = vec![
        Op::Add,
        Op::Sub,
        Op::Mul,
        Op::Div,
        Op::Square,
        Op::Exp,
        Op::Sin,
        Op::Cos,
        Op::Inv,
    ];
    let mut kept = y.clone();
    for share in &SHARES[..SHARES.len() - 1] {
        settings.search.evaluations = evaluations * share / 100;
        let front = searched(&x, &kept, &settings, seed);
        let chosen = Rule::DescriptionLength.choose(&front, &x, &kept).unwrap();
        kept = pseudo_values(&chosen.expr, &x, &y, 3, REACH).unwrap();
    }
    settings.search.evaluations = evaluations * SHARES[SHARES.len() - 1] / 100;
    let front = searched(&x, &kept, &settings, seed);
    let fresh = front.domain().clamped(&fresh);
    let errors = |expr: &symreg::Expr| -> Vec<f64> {
        let values = expr.evaluate(&fresh).unwrap();
        let sums = values.chunks(3).map(|pairs| pairs.iter().sum::<f64>());
        let pairs = sums.zip(&truth);
        pairs.map(|(v, t)| 1000.0 * (v - t).abs()).collect()
    };
    let mean = |errors: Vec<f64>| errors.iter().sum::<f64>() / errors.len() as f64;
    let chosen = Rule::DescriptionLength.choose(&front, &x, &kept).unwrap();
    let best = front.all().map(|member| mean(errors(&member.expr)));
    Outcome {
        worst: errors(&chosen.expr).into_iter().fold(0.0, f64::max),
        chosen: mean(errors(&chosen.expr)),
        best: best.fold(f64::INFINITY, f64::min),
        length: chosen.complexity,
        text: chosen.expr.rounded(4).text(&x.names()),
    }
}
