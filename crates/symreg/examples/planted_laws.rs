//! Are planted laws found again?
//!
//! ```sh
//! cargo run --release -p symreg --example planted_laws > planted.txt
//! ```
//!
//! 299 complexes of one to three points of two kinds, with energies
//! `Σ ε + Σ A(kinds)·exp(-0.6 r)·cos(2 r) + Σ 60·exp(-0.7 p)` (`p` the perimeter of a
//! triple) per point, and noise of 0, 1 and 5 % of their standard deviation. A law is found
//! where
//!
//! - one of its pair functions is an exponential times a wave and it has a function of
//!   triples: the structure;
//! - nine tenths of the planted pair contributions that are larger than the noise lie in the range of ten laws from
//!   resamples, widened by a hundredth of the largest: the functions.

#![allow(clippy::print_stdout, reason = "an example prints what it finds")]

use std::ops::ControlFlow;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use symreg::{
    Column, Result,
    law::{Item, Law, LawSettings, Level, Parts, Rise, discover},
};

const STRUCTURES: usize = 299;
const SEEDS: u64 = 10;
const RESAMPLES: usize = 10;
const PAIRS: [f64; 3] = [4.0, -2.0, 0.5];
const SITES: [f64; 2] = [1.0, -0.5];

fn pair(r: f64) -> f64 {
    (-0.6 * r).exp() * (2.0 * r).cos()
}

fn triple(perimeter: f64) -> f64 {
    60.0 * (-0.7 * perimeter).exp()
}

/// One complex: kinds of its points, and distances of its pairs.
#[derive(Debug, Clone)]
struct Complex {
    kinds: Vec<usize>,
    lengths: Vec<f64>,
    energy: f64,
}

fn complex(random: &mut ChaCha8Rng) -> Complex {
    let count = random.random_range(1..=3);
    let kinds: Vec<usize> = (0..count).map(|_| random.random_range(0..2)).collect();
    let lengths: Vec<f64> = (0..count * (count - 1) / 2)
        .map(|_| 2.0 + 0.4 * f64::from(random.random_range(0_u8..25)))
        .collect();
    let mut total: f64 = 0.1 + kinds.iter().map(|k| SITES[*k]).sum::<f64>();
    for ((i, j), r) in ends(count).zip(&lengths) {
        total += PAIRS[kinds[i] + kinds[j]] * pair(*r);
    }
    if count == 3 {
        total += triple(lengths.iter().sum());
    }
    Complex {
        energy: total / count as f64,
        kinds,
        lengths,
    }
}

fn ends(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |i| (i + 1..count).map(move |j| (i, j)))
}

fn level(name: &str, columns: &[&str], channels: &[&str], free: bool) -> Level {
    Level {
        name: name.to_owned(),
        columns: columns.iter().map(|c| Column::new(*c, "Å")).collect(),
        distances: columns.len(),
        signed: 0,
        given: None,
        channels: channels.iter().map(|c| (*c).to_owned()).collect(),
        free,
        decays: true,
        subtle: false,
        items: Vec::new(),
    }
}

fn parts(complexes: &[Complex]) -> Parts {
    let mut levels = vec![
        level("all", &[], &["all"], true),
        level("site", &[], &["A", "B"], true),
        level("pair", &["r"], &["AA", "AB", "BB"], false),
        level("triple", &["p"], &["any"], false),
    ];
    for (member, complex) in complexes.iter().enumerate() {
        let mut add = |level: usize, channel, values| {
            levels[level].items.push(Item {
                member,
                channel,
                values,
            });
        };
        add(0, 0, vec![]);
        for &kind in &complex.kinds {
            add(1, kind, vec![]);
        }
        for ((i, j), r) in ends(complex.kinds.len()).zip(&complex.lengths) {
            add(2, complex.kinds[i] + complex.kinds[j], vec![*r]);
        }
        if complex.kinds.len() == 3 {
            add(3, 0, vec![complex.lengths.iter().sum()]);
        }
    }
    let counts = complexes.iter().map(|c| c.kinds.len() as f64);
    Parts::totals(levels, counts.collect())
}

fn found(complexes: &[Complex], seed: u64) -> Result<Law> {
    let targets: Vec<f64> = complexes.iter().map(|c| c.energy).collect();
    let go_on = &mut || ControlFlow::Continue(());
    let settings = LawSettings::default();
    Ok(discover(
        &parts(complexes),
        &targets,
        Rise::Sum,
        &settings,
        seed,
        go_on,
    )?
    .0)
}

/// Whether a pair function is a decaying wave, and there is one of triples.
fn is_of_the_form(law: &Law) -> bool {
    let of = |level: usize| law.terms.iter().filter(move |t| t.level == level);
    let wave =
        |text: &str| text.contains("exp(") && (text.contains("cos(") || text.contains("sin("));
    of(2).any(|term| wave(&term.shape.text(&["r"]))) && of(3).count() > 0
}

/// Share of the planted contributions above `least` that lie in the range of the laws.
fn share_inside(laws: &[Law], least: f64) -> Result<f64> {
    let lengths: Vec<f64> = (0..25).map(|i| 2.0 + 0.4 * f64::from(i)).collect();
    let margin = 0.01 * (PAIRS[0] * pair(2.0)).abs();
    let (mut inside, mut all) = (0.0, 0.0);
    for (channel, amplitude) in ["AA", "AB", "BB"].into_iter().zip(PAIRS) {
        let effects: Vec<Vec<f64>> = laws
            .iter()
            .map(|law| law.effect(2, channel, std::slice::from_ref(&lengths)))
            .collect::<Result<_>>()?;
        for (index, r) in lengths.iter().enumerate() {
            let truth = amplitude * pair(*r);
            if truth.abs() < least {
                continue;
            }
            let values = effects.iter().map(|effect| effect[index]);
            let low = values.clone().fold(f64::INFINITY, f64::min) - margin;
            let high = values.fold(f64::NEG_INFINITY, f64::max) + margin;
            all += 1.0;
            inside += f64::from(u8::from((low..=high).contains(&truth)));
        }
    }
    Ok(inside / f64::max(all, 1.0))
}

fn main() -> Result<()> {
    println!("noise  seed  form  inside  error on new complexes / standard deviation");
    for noise in [0.0, 0.01, 0.05] {
        let mut recovered = 0;
        for seed in 0..SEEDS {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let mut own: Vec<Complex> = (0..STRUCTURES).map(|_| complex(&mut random)).collect();
            let new: Vec<Complex> = (0..1000).map(|_| complex(&mut random)).collect();
            let mean = own.iter().map(|c| c.energy).sum::<f64>() / STRUCTURES as f64;
            let squares = own.iter().map(|c| (c.energy - mean).powi(2)).sum::<f64>();
            let deviation = (squares / STRUCTURES as f64).sqrt();
            for complex in &mut own {
                // the sum of twelve uniform numbers is nearly normal
                let normal: f64 = (0..12).map(|_| random.random_range(-0.5..0.5)).sum();
                complex.energy += noise * deviation * normal;
            }
            let law = found(&own, seed)?;
            let mut laws = vec![law.clone()];
            for number in 0..RESAMPLES {
                let draw = (0..STRUCTURES).map(|_| own[random.random_range(0..STRUCTURES)].clone());
                laws.push(found(&draw.collect::<Vec<_>>(), number as u64)?);
            }
            let values = law.predict(&parts(&new))?;
            let errors = values.iter().zip(&new).map(|(v, c)| (v - c.energy).abs());
            let error = errors.sum::<f64>() / new.len() as f64 / deviation;
            let (form, inside) = (
                is_of_the_form(&law),
                share_inside(&laws, noise * deviation)?,
            );
            recovered += u64::from(form && inside >= 0.9);
            println!("{noise:<5}  {seed:>4}  {form:<5}  {inside:>5.2}  {error:.1e}");
        }
        println!("noise {noise}: {recovered} of {SEEDS} found\n");
    }
    Ok(())
}
