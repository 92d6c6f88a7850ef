//! How often Nguyen's laws are found again, from data with and without noise.
//!
//! ```text
//! cargo run --release -p segvae --example segvae_recovery -- faithful 0.1 10 101 weights
//! ```
//!
//! Arguments are the mode (`faithful`, `integers`, `plain`, `all-words` or `better`), the noise, the number of seeds,
//! the first of them, a folder where the network that knows the grammar is kept, and
//! the laws, as `N1`, if not all. One JSON line a run. Laws, rows, noise and scores are those of symreg's
//! example `recovery`, whose files are read here, so that the lines can be laid
//! beside its own. A law counts as found by the published programme if a
//! formula of the front differs from it by a mean squared error below 1e-9 at the
//! rows ([`segvae::recovered`]): `front_at_the_end` of the search, `front_of_an_epoch`
//! after any of its epochs, which only one who knows the law could stop at. `scored`
//! says whether it was among all formulas looked at ([`segvae::met`]).
//!
//! The first training is made once for each number of variables and not counted in
//! the seconds. No search is told when it has found the law: it ends when its epochs
//! are over, or when the data themselves are met to ten digits.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a study of its own, not a part of the library"
)]

#[path = "../../../symreg/examples/recovery/problems.rs"]
#[allow(dead_code, reason = "not all suites are run here")]
mod problems;
#[path = "../../../symreg/examples/recovery/protocol.rs"]
#[allow(dead_code, reason = "the rows are not printed here")]
mod protocol;

use std::{env, fs, ops::ControlFlow, path::Path};

use problems::Suite;
use protocol::{Found, run, seconds};
use segvae::{
    Function, Predicate, Search, Settings, Trainer, met, pretrain, recovered, settings::Fitting,
};
use symreg::Table;

/// Mean squared error at which the data are met.
const MET: f64 = 1e-20;

/// The published benchmark's settings, with 50 epochs for its ten.
fn faithful() -> Settings {
    let mut settings = Settings::default();
    settings.words.functions = Function::ALL.to_vec();
    settings.predicate = Predicate::without_nested(&["sin", "cos"]);
    settings.search.n_formulas_to_sample = 5_000;
    settings.search.max_len = 30;
    settings.search.simplification = true;
    settings.search.textbook = false;
    settings.search.epochs = 50;
    settings
}

/// Ours without fitted constants: 1 and 2 are words, and eight functions.
fn integers() -> Settings {
    let mut settings = better();
    settings.words.constant = false;
    settings.constants.fitting = Fitting::Written;
    settings.domain.points = 1_000;
    settings.extras.bred = 3_000;
    settings.extras.polished = 50;
    settings.search.max_len = 30;
    settings
}

/// `integers` without polishing and without a cost of complexity.
fn plain() -> Settings {
    let mut settings = integers();
    settings.extras.polished = 0;
    settings.extras.parsimony = 0.0;
    settings
}

/// `integers` in the language of `faithful`.
fn all_words() -> Settings {
    let mut settings = integers();
    let faithful = faithful();
    settings.words = faithful.words;
    settings.predicate = faithful.predicate;
    settings
}

/// Ours, with symreg's operations and a cost of complexity.
fn better() -> Settings {
    let mut settings = Settings::better();
    settings.search.epochs = 100;
    settings.extras.polished = 1;
    settings.extras.parsimony = 2.0;
    settings
}

fn trainer(settings: &Settings, folder: &Path) -> Trainer {
    let path = folder.join(format!("{:016x}.safetensors", settings.pretraining_key()));
    if let Ok(bytes) = fs::read(&path) {
        return Trainer::from_bytes(settings, &bytes).unwrap();
    }
    let trainer = pretrain(settings, 1, &mut |_, _, _| ControlFlow::Continue(())).unwrap();
    fs::create_dir_all(folder).unwrap();
    fs::write(path, trainer.to_bytes(settings)).unwrap();
    trainer
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [mode, noise, seeds, first, folder, laws @ ..] = &arguments[..] else {
        panic!("arguments: MODE NOISE SEEDS FIRST FOLDER [LAW]…");
    };
    let (noise, seeds, first): (f64, u64, u64) = (
        noise.parse().unwrap(),
        seeds.parse().unwrap(),
        first.parse().unwrap(),
    );
    let mut settings = match mode.as_str() {
        "faithful" => faithful(),
        "integers" => integers(),
        "plain" => plain(),
        "all-words" => all_words(),
        "better" => better(),
        other => {
            panic!("the mode must be faithful, integers, plain, all-words or better, not {other}")
        }
    };
    let mut problems = Suite::Nguyen.problems();
    problems.retain(|problem| laws.is_empty() || laws.iter().any(|law| law == problem.name));
    for problem in problems {
        settings.words.columns = u32::try_from(problem.ranges.len()).unwrap();
        let trainer = trainer(&settings, Path::new(folder));
        for seed in first..first + seeds {
            let search = |table: &Table, target: &[f64], clean: &[f64]| {
                find(&settings, trainer.clone(), table, (target, clean), seed)
            };
            let outcome = run(&problem, noise, seed, &search);
            println!("{}", outcome.json(&problem, noise, seed));
        }
    }
}

fn find(
    settings: &Settings,
    trainer: Trainer,
    table: &Table,
    (target, clean): (&[f64], &[f64]),
    seed: u64,
) -> Found {
    let start = seconds();
    let mut search = Search::new(table, target, settings, trainer, seed).unwrap();
    let fits = |search: &Search<'_>| search.best().values().any(|best| best.error < MET);
    let mut once = false;
    while !search.is_over() && !fits(&search) {
        search.epoch().unwrap();
        once |= recovered(&search, clean);
    }
    Found {
        seconds: seconds() - start,
        evaluations: search.evaluations(),
        otherwise: vec![
            ("front_at_the_end", recovered(&search, clean)),
            ("front_of_an_epoch", once),
            ("scored", once || met(&search, target, clean)),
        ],
        front: search.front().unwrap(),
    }
}
