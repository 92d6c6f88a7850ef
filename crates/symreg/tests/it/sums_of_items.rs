//! Laws that sum over sites, pairs and triples, planted and found again.

use std::{f64::consts::PI, ops::ControlFlow};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::ThreadPoolBuilder;
use symreg::{
    Column,
    law::{Item, Law, LawSettings, Level, discover},
};

/// Amplitudes of the planted pair function in the channels of two kinds.
const PAIRS: [f64; 3] = [4.0, -2.0, 0.5];

/// Two or three points of two kinds in a plane, and the total energy of each.
struct Planted {
    levels: Vec<Level>,
    per_site: Vec<f64>,
    sites: Vec<f64>,
}

fn pair(r: f64) -> f64 {
    (-0.6 * r).exp() * (2.0 * r).cos()
}

fn triple(perimeter: f64) -> f64 {
    60.0 * (-0.7 * perimeter).exp()
}

fn planted(structures: usize, with_triples: bool, noise: f64, seed: u64) -> Planted {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let level = |name: &str, columns: &[&str], channels: &[&str], free| Level {
        name: name.to_owned(),
        columns: columns.iter().map(|c| Column::new(*c, "Å")).collect(),
        channels: channels.iter().map(|c| (*c).to_owned()).collect(),
        free,
        decays: true,
        subtle: false,
        items: Vec::new(),
    };
    let mut levels = vec![
        level("all", &[], &["all"], true),
        level("site", &[], &["A", "B"], true),
        level("pair", &["r"], &["AA", "AB", "BB"], false),
        level("triple", &["perimeter"], &["any"], false),
    ];
    let (mut per_site, mut sites) = (Vec::new(), Vec::new());
    for structure in 0..structures {
        let count = random.random_range(2..=3);
        let kinds: Vec<usize> = (0..count).map(|_| random.random_range(0..2)).collect();
        let mut energy = 0.1;
        let mut add = |level: usize, channel, values| {
            levels[level].items.push(Item {
                structure,
                channel,
                values,
            });
        };
        add(0, 0, vec![]);
        for &kind in &kinds {
            add(1, kind, vec![]);
            energy += [1.0, -0.5][kind];
        }
        // distances of a lattice: few, and far enough apart
        let mut lengths = Vec::new();
        for i in 0..count {
            for j in i + 1..count {
                let r = 2.0 + 0.4 * f64::from(random.random_range(0_u8..25));
                lengths.push(r);
                let channel = kinds[i] + kinds[j];
                add(2, channel, vec![r]);
                energy += PAIRS[channel] * pair(r);
            }
        }
        if count == 3 && with_triples {
            let perimeter = lengths.iter().sum();
            add(3, 0, vec![perimeter]);
            energy += triple(perimeter);
        }
        let wave = (2.0 * PI * random.random_range(0.0..1.0_f64)).cos();
        let spread = (-2.0 * random.random_range(1e-9..1.0_f64).ln()).sqrt();
        let count = f64::from(u8::try_from(count).unwrap());
        per_site.push(energy / count + noise * wave * spread);
        sites.push(count);
    }
    Planted {
        levels,
        per_site,
        sites,
    }
}

fn settings() -> LawSettings {
    LawSettings {
        evaluations: 4_000,
        ..LawSettings::default()
    }
}

fn found(planted: &Planted) -> Law {
    let go_on = &mut || ControlFlow::Continue(());
    let Planted {
        levels,
        per_site,
        sites,
    } = planted;
    discover(levels, per_site, sites, &settings(), 1, go_on)
        .unwrap()
        .0
}

fn mean_error(law: &Law, planted: &Planted) -> f64 {
    let values = law.predict(&planted.levels, &planted.sites).unwrap();
    let errors = values
        .iter()
        .zip(&planted.per_site)
        .map(|(v, y)| (v - y).abs());
    errors.sum::<f64>() / values.len() as f64
}

/// Errors on structures that were not seen, and which levels have functions.
#[test]
fn planted_pairs_are_found_and_no_triples_are_invented() {
    for (noise, allowed) in [(0.0, 1e-5), (0.01, 0.01)] {
        let law = found(&planted(150, false, noise, 5));
        let error = mean_error(&law, &planted(300, false, 0.0, 6));
        assert!(error < allowed, "{noise}: {error}");
        // without noise, functions of small amplitude mend the last digits
        let matters = |c: &f64| c.abs() > 0.05;
        let on = |level: usize| {
            let terms = law.terms.iter().filter(|term| term.level == level);
            terms.filter(|t| t.coefficients.iter().any(matters)).count()
        };
        assert_eq!((on(2), on(3)), (1, 0), "{:?}", law.terms);
        let pair = law.terms.iter().find(|term| term.level == 2).unwrap();
        let ratio = pair.coefficients[0] / pair.coefficients[1];
        assert!((ratio - PAIRS[0] / PAIRS[1]).abs() < 0.1, "{ratio}");
        let saved = serde_json::to_string(&law).unwrap();
        assert_eq!(serde_json::from_str::<Law>(&saved).unwrap(), law);
    }
}

#[test]
fn a_planted_triple_is_found_on_what_pairs_leave() {
    let law = found(&planted(200, true, 0.002, 5));
    let error = mean_error(&law, &planted(300, true, 0.0, 6));
    assert!(error < 0.01, "{error}");
    assert!(law.terms.iter().any(|term| term.level == 3));
}

#[test]
fn laws_do_not_depend_on_the_number_of_threads() {
    let planted = planted(60, true, 0.01, 2);
    let with = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| found(&planted))
    };
    assert_eq!(with(1), with(2));
}

#[test]
fn a_channel_that_was_never_seen_contributes_nothing() {
    let law = found(&planted(100, false, 0.0, 3));
    let mut strange = planted(1, false, 0.0, 4);
    let known = law.predict(&strange.levels, &strange.sites).unwrap()[0];
    strange.levels[2].channels.push("CC".to_owned());
    strange.levels[2].items.push(Item {
        structure: 0,
        channel: 3,
        values: vec![3.0],
    });
    let value = law.predict(&strange.levels, &strange.sites).unwrap()[0];
    assert_eq!(value.to_bits(), known.to_bits());
    assert!(law.predict(&strange.levels[..2], &strange.sites).is_err());
}
