//! How often known laws are found again, from data with and without noise.
//!
//! ```text
//! cargo run --release --example recovery -- N 0 3              # suite, noise, seeds
//! cargo run --release --example recovery -- F 0.1 3 101        # seeds 101 to 103
//! cargo run --release --example recovery -- F 0.1 3 1 I.27.6   # one law alone
//! cargo run --release --example recovery -- data F 0.1 3       # the rows, for other tools
//! ```
//!
//! One JSON line a run on the standard output, a table on the standard error.
//!
//! # Protocol
//!
//! Rows are drawn uniformly, anew for every seed. Noise is normal, with a
//! standard deviation of the given part of the root mean square of the target.
//! `r2` is taken against the clean law at 1000 fresh rows of the same range, and
//! counts as found above 0.999. A formula is `exact` if `1 - R²` is below 1e-6
//! against the clean law on ranges widened upward by half, and a `skeleton` if it
//! becomes so once its constants are fitted to the clean law, with no more
//! than six of them. `sel` is the formula that the tool picks itself, `front` the
//! best one on its front. Seconds are those of one thread on a CPU.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a study of its own, not a part of the library"
)]

mod problems;
mod protocol;

use std::env;

use problems::{Problem, Suite};
use protocol::{Found, Outcome, data, run, seconds};
use symreg::{Search, Settings, Table};

fn main() {
    let mut args: Vec<String> = env::args().skip(1).collect();
    let rows_only = args.first().is_some_and(|first| first == "data");
    if rows_only {
        args.remove(0);
    }
    let text = |i: usize, default: &str| args.get(i).map_or(default.to_owned(), Clone::clone);
    let suite = match text(0, "N").as_str() {
        "N" => Suite::Nguyen,
        "F" => Suite::Feynman,
        other => panic!("the suite must be N or F, not {other}"),
    };
    let noise: f64 = text(1, "0").parse().expect("noise must be a number");
    let seeds: u64 = text(2, "3").parse().expect("seeds must be a number");
    let first: u64 = text(3, "1")
        .parse()
        .expect("the first seed must be a number");
    let only = text(4, "");
    let mut all = Vec::new();
    eprintln!("law        R2 sel front  exact sel front  skeleton sel front   CPU s   evals");
    for problem in suite.problems() {
        if !only.is_empty() && problem.name != only {
            continue;
        }
        if rows_only {
            for seed in first..first + seeds {
                println!("{}", data(&problem, noise, seed));
            }
            continue;
        }
        let outcomes: Vec<Outcome> = (first..first + seeds)
            .map(|s| {
                run(&problem, noise, s, &|table, target, _| {
                    fit(&problem, table, target, s)
                })
            })
            .collect();
        for (seed, outcome) in (first..).zip(&outcomes) {
            println!("{}", outcome.json(&problem, noise, seed));
        }
        eprintln!("{:10} {}", problem.name, summary(&outcomes));
        all.extend(outcomes);
    }
    if !all.is_empty() {
        eprintln!("{:10} {}", suite.letter(), summary(&all));
    }
}

/// Searches on one thread.
fn fit(problem: &Problem, table: &Table, target: &[f64], seed: u64) -> Found {
    let mut settings = Settings::default();
    settings.search.evaluations = problem.suite.evaluations();
    settings.operators.used = problem.suite.operators();
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    one.unwrap().install(|| {
        let start = seconds();
        let mut search = Search::new(table, target, &settings, seed).unwrap();
        while search.epoch().is_none() {}
        Found {
            evaluations: search.state().evaluations(),
            front: search.into_front(),
            seconds: seconds() - start,
            otherwise: Vec::new(),
        }
    })
}

/// Percentages, median seconds and mean evaluations.
fn summary(outcomes: &[Outcome]) -> String {
    let share = |has: fn(&Outcome) -> bool| {
        let count = outcomes.iter().filter(|o| has(o)).count();
        100.0 * count as f64 / outcomes.len() as f64
    };
    let mut seconds: Vec<f64> = outcomes.iter().map(|o| o.found.seconds).collect();
    seconds.sort_by(f64::total_cmp);
    let evaluations = outcomes.iter().map(|o| o.found.evaluations).sum::<u64>();
    format!(
        "{:6.0} {:5.0} {:10.0} {:5.0} {:13.0} {:5.0} {:7.2} {:8.0}  off {:.3}",
        share(|o| o.selected.found()),
        share(|o| o.best.found()),
        share(|o| o.selected.exact()),
        share(|o| o.best.exact()),
        share(|o| o.selected.skeleton),
        share(|o| o.best.skeleton),
        seconds[seconds.len() / 2],
        evaluations as f64 / outcomes.len() as f64,
        outcomes.iter().map(Outcome::off).sum::<f64>() / outcomes.len() as f64,
    )
}
