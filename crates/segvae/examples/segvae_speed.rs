//! How fast the parts of a search are, in seconds of one thread on a CPU.
//!
//! ```text
//! cargo run --release -p segvae --example segvae_speed                # all
//! cargo run --release -p segvae --example segvae_speed -- 64 128 25   # hidden, latent, epochs
//! ```
//!
//! The problem is Nguyen-1 with the eight functions of its suite and the number 1,
//! formulas of at most 15 tokens, 2,000 a sample; the first training is on 20,000
//! random formulas, watched on 5,000 others, for ten epochs.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a study of its own, not a part of the library"
)]

use std::{env, fs, ops::ControlFlow};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use segvae::{Grammar, Search, Settings, Trainer, network::Sampler, pretrain, recovered};
use symreg::{Column, Table};

/// Seconds that this thread has spent on a CPU.
fn seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: Option<f64> = text.split(' ').next().and_then(|n| n.parse().ok());
    nanoseconds.unwrap_or(f64::NAN) / 1e9
}

fn main() {
    let number = |i: usize, default: usize| {
        env::args()
            .nth(i)
            .map_or(default, |text| text.parse().expect("a number"))
    };
    let mut settings = Settings::default();
    settings.words.numbers = vec![1.0];
    settings.model.hidden_dim = number(1, 128);
    settings.model.latent_dim = number(2, 8);
    settings.search.epochs = number(3, 25);
    settings.training.train_size = 20_000;
    settings.training.val_size = 5_000;
    settings.training.n_pretrain_steps = number(4, 10);

    let x: Vec<f64> = (0..20).map(|i| -0.98 + 0.1 * f64::from(i)).collect();
    let y: Vec<f64> = x.iter().map(|x| x + x * x + x * x * x).collect();
    let table = Table::new(vec![(Column::new("x", ""), x)]).unwrap();

    let start = seconds();
    let mut library = None;
    let trainer = pretrain(&settings, 1, &mut |epoch, learnt, others| {
        library.get_or_insert_with(|| seconds() - start);
        let (learnt, others) = (learnt.total(0.5), others.total(0.5));
        println!("pre-training {epoch}: loss {learnt:.3}, on others {others:.3}");
        ControlFlow::Continue(())
    })
    .unwrap();
    let rest = seconds() - start - library.unwrap_or(0.0);
    println!(
        "pre-training: {:.2} CPU s an epoch",
        rest / (settings.training.n_pretrain_steps as f64 - 1.0)
    );

    let grammar = Grammar::new(settings.words.clone()).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let start = seconds();
    let sampler = Sampler::new(trainer.network(), &grammar, &[]);
    let codes = sampler.codes(100_000, &mut random);
    let formulas = sampler.decode(&codes, settings.search.max_len, &mut random);
    let spent = seconds() - start;
    let tokens: usize = formulas.iter().map(Vec::len).sum();
    println!(
        "sampling: {:.0} formulas of {:.1} tokens a CPU s",
        1e5 / spent,
        tokens as f64 / 1e5
    );

    for remembered in [settings.extras.remembered, 0] {
        settings.extras.remembered = remembered;
        searched(&table, &y, &settings, trainer.clone());
    }
}

/// Makes a search and says how long it took.
fn searched(table: &Table, y: &[f64], settings: &Settings, trainer: Trainer) {
    let start = seconds();
    let mut search = Search::new(table, y, settings, trainer, 1).unwrap();
    let (mut total, mut found) = (0, None);
    while !search.is_over() {
        let report = search.epoch().unwrap();
        total += report.sampled;
        if found.is_none() && recovered(&search, y) {
            found = Some((search.state().epoch(), seconds() - start));
        }
        println!("{report:?}");
    }
    let spent = seconds() - start;
    println!(
        "search, {} scores remembered: {spent:.2} CPU s for {} epochs, {:.0} formulas sampled, scored and learnt from a CPU s, {} looked at on the data",
        settings.extras.remembered,
        settings.search.epochs,
        total as f64 / spent,
        search.evaluations(),
    );
    match found {
        Some((epoch, seconds)) => println!("found after epoch {epoch}, {seconds:.2} CPU s"),
        None => println!("not found"),
    }
}
