//! Are planted laws found again?
//!
//! ```sh
//! cargo run --release -p symreg --example planted_laws > planted.txt
//! ```
//!
//! 299 complexes of one to three points of two kinds, with energies
//! `Σ ε + Σ A(kinds)·exp(-0.6 r)·cos(2 r) + Σ B·exp(-κ p)` (`p` the perimeter of a triple)
//! per point, and noise of 0, 1 and 5 % of their standard deviation. Triples are planted
//! twice: so that their part of the energies has 8 % of that deviation, and so faint that it
//! has 0.8 %, nearly all of it in one structure of three hundred. A law is found where
//!
//! - one of its pair functions is an exponential times a wave and it has a function of
//!   triples: the structure;
//! - nine tenths of the planted pair contributions that are larger than the noise lie in the
//!   band of the law: two standard deviations of the same contribution in laws of twenty
//!   resamples, and a hundredth of the largest, to either side.

#![allow(clippy::print_stdout, reason = "an example prints what it finds")]

use std::ops::ControlFlow;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use symreg::{
    Column, Result,
    law::{Gather, Item, Law, LawSettings, Level, Parts, Rise, discover},
};

const STRUCTURES: usize = 299;
const SEEDS: u64 = 10;
const RESAMPLES: usize = 20;
const PAIRS: [f64; 3] = [4.0, -2.0, 0.5];
const SITES: [f64; 2] = [1.0, -0.5];

fn pair(r: f64) -> f64 {
    (-0.6 * r).exp() * (2.0 * r).cos()
}

/// The planted function of triples, `B·exp(-κ p)`.
#[derive(Debug, Clone, Copy)]
struct Triples {
    name: &'static str,
    amplitude: f64,
    decay: f64,
}

const TRIPLES: [Triples; 2] = [
    Triples {
        name: "8 %",
        amplitude: 20.0,
        decay: 0.3,
    },
    Triples {
        name: "0.8 %",
        amplitude: 60.0,
        decay: 0.7,
    },
];

/// One complex: kinds of its points, and distances of its pairs.
#[derive(Debug, Clone)]
struct Complex {
    kinds: Vec<usize>,
    lengths: Vec<f64>,
    energy: f64,
}

fn complex(random: &mut ChaCha8Rng, triples: Triples) -> Complex {
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
        let perimeter: f64 = lengths.iter().sum();
        total += triples.amplitude * (-triples.decay * perimeter).exp();
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
        properties: 0,
        given: None,
        channels: channels.iter().map(|c| (*c).to_owned()).collect(),
        free,
        decays: true,
        subtle: false,
        gather: Gather::Sum,
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
                group: 0,
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

/// Share of the planted contributions above `least` that lie in the band of a law.
fn share_inside(law: &Law, resamples: &[Law], least: f64) -> Result<f64> {
    let lengths: Vec<f64> = (0..25).map(|i| 2.0 + 0.4 * f64::from(i)).collect();
    let margin = 0.01 * (PAIRS[0] * pair(2.0)).abs();
    let (mut inside, mut all) = (0.0, 0.0);
    for (channel, amplitude) in ["AA", "AB", "BB"].into_iter().zip(PAIRS) {
        let effect = |law: &Law| law.effect(2, channel, std::slice::from_ref(&lengths));
        let own = effect(law)?;
        let others = resamples.iter().map(effect);
        let others: Vec<Vec<f64>> = others.collect::<Result<_>>()?;
        for (index, r) in lengths.iter().enumerate() {
            let truth = amplitude * pair(*r);
            if truth.abs() < least {
                continue;
            }
            let values: Vec<f64> = others.iter().map(|effect| effect[index]).collect();
            let band = 2.0 * deviation(&values) + margin;
            all += 1.0;
            inside += f64::from(u8::from((own[index] - truth).abs() <= band));
        }
    }
    Ok(inside / f64::max(all, 1.0))
}

fn deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// One law, looked for with and without resamples: whether it has the form, the share of
/// contributions inside of the band, and the error on new complexes in standard deviations.
fn trial(triples: Triples, noise: f64, seed: u64) -> Result<(bool, f64, f64)> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut own: Vec<Complex> = (0..STRUCTURES)
        .map(|_| complex(&mut random, triples))
        .collect();
    let new: Vec<Complex> = (0..1000).map(|_| complex(&mut random, triples)).collect();
    let energies: Vec<f64> = own.iter().map(|c| c.energy).collect();
    let deviation = deviation(&energies);
    for complex in &mut own {
        // the sum of twelve uniform numbers is nearly normal
        let normal: f64 = (0..12).map(|_| random.random_range(-0.5..0.5)).sum();
        complex.energy += noise * deviation * normal;
    }
    let law = found(&own, seed)?;
    let mut resamples = Vec::new();
    for number in 0..RESAMPLES {
        let draw = (0..STRUCTURES).map(|_| own[random.random_range(0..STRUCTURES)].clone());
        resamples.push(found(&draw.collect::<Vec<_>>(), number as u64)?);
    }
    let values = law.predict(&parts(&new))?;
    let errors = values.iter().zip(&new).map(|(v, c)| (v - c.energy).abs());
    let error = errors.sum::<f64>() / new.len() as f64 / deviation;
    let inside = share_inside(&law, &resamples, noise * deviation)?;
    Ok((is_of_the_form(&law), inside, error))
}

fn main() -> Result<()> {
    println!("triples  noise  seed  form  inside  error on new complexes / standard deviation");
    for triples in TRIPLES {
        for noise in [0.0, 0.01, 0.05] {
            let mut recovered = 0;
            for seed in 0..SEEDS {
                let (form, inside, error) = trial(triples, noise, seed)?;
                recovered += u64::from(form && inside >= 0.9);
                let name = triples.name;
                println!("{name:>7}  {noise:<5}  {seed:>4}  {form:<5}  {inside:>5.2}  {error:.1e}");
            }
            println!(
                "triples {}, noise {noise}: {recovered} of {SEEDS} found\n",
                triples.name
            );
        }
    }
    Ok(())
}
