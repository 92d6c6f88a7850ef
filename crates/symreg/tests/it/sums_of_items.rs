//! Laws that sum over sites, pairs and triples, planted and found again.

use std::{f64::consts::PI, ops::ControlFlow};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::ThreadPoolBuilder;
use symreg::{
    Column,
    law::{Gather, Item, Law, LawSettings, Level, Parts, Rise, Term, discover},
};

/// Amplitudes of the planted pair function in the channels of two kinds.
const PAIRS: [f64; 3] = [4.0, -2.0, 0.5];

/// Two or three points of two kinds in a plane, and the total energy of each.
struct Planted {
    parts: Parts,
    per_site: Vec<f64>,
}

fn pair(r: f64) -> f64 {
    (-0.6 * r).exp() * (2.0 * r).cos()
}

fn triple(perimeter: f64) -> f64 {
    60.0 * (-0.7 * perimeter).exp()
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

fn planted(structures: usize, with_triples: bool, noise: f64, seed: u64) -> Planted {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
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
                member: structure,
                channel,
                group: 0,
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
        parts: Parts::totals(levels, sites),
        per_site,
    }
}

fn settings() -> LawSettings {
    LawSettings {
        evaluations: 4_000,
        ..LawSettings::default()
    }
}

fn found(planted: &Planted) -> Law {
    found_as(planted, Rise::Sum)
}

fn found_as(planted: &Planted, rise: Rise) -> Law {
    found_with(planted, rise, &settings())
}

fn found_with(Planted { parts, per_site }: &Planted, rise: Rise, settings: &LawSettings) -> Law {
    let go_on = &mut || ControlFlow::Continue(());
    let found = discover(parts, per_site, rise, settings, 1, go_on);
    found.unwrap().0
}

fn mean_error(law: &Law, planted: &Planted) -> f64 {
    let values = law.predict(&planted.parts).unwrap();
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

/// The planted pairs with one more column, 0 or 1 on every other distance, by which they
/// are so much stronger.
fn with_parity(structures: usize, stronger: f64, noise: f64, seed: u64) -> Planted {
    let mut planted = planted(structures, false, noise, seed);
    let level = &mut planted.parts.levels[2];
    level.columns.push(Column::new("parity", ""));
    for item in &mut level.items {
        let r = item.values[0];
        let parity = ((r - 2.0) / 0.4).round() % 2.0;
        let more = PAIRS[item.channel] * pair(r) * stronger * parity;
        planted.per_site[item.member] += more / planted.parts.divisors[item.member];
        item.values.push(parity);
    }
    planted
}

#[test]
fn a_factor_is_taken_where_it_matters_and_left_where_it_does_not() {
    for stronger in [0.0, 0.7] {
        let law = found(&with_parity(150, stronger, 0.003, 5));
        let error = mean_error(&law, &with_parity(300, stronger, 0.0, 6));
        assert!(error < 0.01, "{stronger}: {error}");
        let large = law.terms.iter().filter(|term| {
            let far = term.coefficients.iter().any(|c| c.abs() > 0.05);
            term.level == 2 && far
        });
        let uses = large.filter(|term| term.shape.columns() == 2).count();
        assert_eq!(uses > 0, stronger > 0.0, "{:?}", law.terms);
    }
}

/// Products of what the kinds of a pair have of a property.
const PRODUCTS: [f64; 3] = [4.0, -2.0, 1.0];

/// The planted pairs with other amplitudes, and the products as a property of channels.
fn with_amplitudes(structures: usize, amplitudes: [f64; 3], noise: f64, seed: u64) -> Planted {
    let mut planted = planted(structures, false, noise, seed);
    let level = &mut planted.parts.levels[2];
    level.columns.push(Column::new("charges", ""));
    level.properties = 1;
    for item in &mut level.items {
        let other = amplitudes[item.channel] - PAIRS[item.channel];
        planted.per_site[item.member] +=
            other * pair(item.values[0]) / planted.parts.divisors[item.member];
        item.values.push(PRODUCTS[item.channel]);
    }
    planted
}

/// Amplitudes that are proportional to a property take one coefficient and the property,
/// one that no other channel has takes that channel, and any others one for each.
#[test]
fn what_channels_share_is_chosen_by_description() {
    let settings = LawSettings {
        sharing: true,
        ..settings()
    };
    let cases = [
        (PRODUCTS.map(|product| 0.7 * product), (true, 3)),
        ([0.0, 3.0, 0.0], (false, 1)),
        ([4.0, 3.0, -2.0], (false, 3)),
    ];
    for (amplitudes, expected) in cases {
        let planted =
            |structures, noise, seed| with_amplitudes(structures, amplitudes, noise, seed);
        let law = found_with(&planted(150, 0.003, 5), Rise::Sum, &settings);
        let error = mean_error(&law, &planted(300, 0.0, 6));
        assert!(error < 0.01, "{amplitudes:?}: {error}");
        let terms = law.terms.iter().filter(|term| term.level == 2);
        let size = |term: &&Term| term.coefficients.iter().map(|c| c.abs()).sum::<f64>();
        let term = terms.max_by(|a, b| size(a).total_cmp(&size(b))).unwrap();
        let uses_property = term.shape.columns() == 2;
        assert_eq!((uses_property, term.used()), expected, "{term:?}");
        assert_eq!(term.shared().is_some(), uses_property, "{term:?}");
    }
}

/// The planted pairs, and what a structure has of all its pairs together.
fn with_gathered(structures: usize, truth: Gather, told: Gather, noise: f64, seed: u64) -> Planted {
    let mut planted = planted(structures, false, noise, seed);
    let mut all = level("all pairs", &["r"], &["any"], false);
    all.gather = told;
    let pairs = planted.parts.levels[2].items.iter();
    all.items = pairs
        .map(|item| Item {
            channel: 0,
            ..item.clone()
        })
        .collect();
    for (member, energy) in planted.per_site.iter_mut().enumerate() {
        let own = all.items.iter().filter(|item| item.member == member);
        let values = own.map(|item| 3.0 * (-0.5 * item.values[0]).exp());
        let together = match truth {
            Gather::Max => values.fold(0.0, f64::max),
            Gather::Min => values.map(|f| -f).fold(0.0, f64::min),
            Gather::Norm => values.map(|f| f * f).sum::<f64>().sqrt(),
            _ => values.clone().sum::<f64>() / values.count() as f64,
        };
        *energy += together / planted.parts.divisors[member];
    }
    planted.parts.levels.insert(2, all);
    planted
}

#[test]
fn what_the_strongest_or_the_mean_of_a_group_has_is_found_as_such() {
    for truth in [Gather::Max, Gather::Min, Gather::Mean, Gather::Norm] {
        let error = |told: Gather| {
            let planted =
                |structures, noise, seed| with_gathered(structures, truth, told, noise, seed);
            let law = found(&planted(150, 0.002, 5));
            let is_used = law.terms.iter().any(|term| term.level == 2);
            (mean_error(&law, &planted(300, 0.0, 6)), is_used)
        };
        let ((as_it_is, is_used), (as_a_sum, _)) = (error(truth), error(Gather::Sum));
        assert!(as_it_is < 0.004 && is_used, "{truth:?}: {as_it_is}");
        assert!(
            as_a_sum > 4.0 * as_it_is,
            "{truth:?}: {as_a_sum}, {as_it_is}"
        );
    }
}

/// A given function of a column of one sign is known for the other sign, too; without the
/// mirror, it would be held at the border.
#[test]
fn what_is_learnt_of_one_sign_is_carried_to_the_other() {
    let changed = |sign: f64, signed: usize, structures: usize, seed: u64| {
        let mut planted = planted(structures, false, 0.001, seed);
        let mut change = level("change", &["x"], &["any"], true);
        (change.signed, change.distances) = (signed, 0);
        change.given = Some(symreg::Expr::parse("x", &["x"]).unwrap());
        for (member, energy) in planted.per_site.iter_mut().enumerate() {
            let x = sign * (0.5 + 0.1 * (member % 4) as f64);
            *energy += 2.0 * x / planted.parts.divisors[member];
            change.items.push(Item {
                member,
                channel: 0,
                group: 0,
                values: vec![x],
            });
        }
        planted.parts.levels.push(change);
        planted
    };
    for signed in [1, 0] {
        let law = found(&changed(1.0, signed, 100, 5));
        let error = mean_error(&law, &changed(-1.0, signed, 100, 6));
        assert_eq!(error < 0.02, signed == 1, "{error}");
        let given: Vec<_> = law.terms.iter().filter(|term| term.level == 4).collect();
        assert_eq!(given.len(), 1);
        assert!((given[0].coefficients[0] - 2.0).abs() < 0.05, "{given:?}");
    }
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
    let known = law.predict(&strange.parts).unwrap()[0];
    strange.parts.levels[2].channels.push("CC".to_owned());
    strange.parts.levels[2].items.push(Item {
        member: 0,
        channel: 3,
        group: 0,
        values: vec![3.0],
    });
    let value = law.predict(&strange.parts).unwrap()[0];
    assert_eq!(value.to_bits(), known.to_bits());
    strange.parts.levels.pop();
    assert!(law.predict(&strange.parts).is_err());
}

/// A channel adds no more at distances that it was not seen at than half as much again as
/// at those that it was.
#[test]
fn effects_are_held_by_what_a_channel_had() {
    let learnt = planted(100, false, 0.01, 3);
    let mut far = learnt;
    // two of one kind were never near
    let pairs = &mut far.parts.levels[2].items;
    pairs.retain(|item| item.channel != 0 || item.values[0] > 5.0);
    let law = found(&far);
    let known = &law.levels[2];
    assert!(law.levels[0].bounds.is_empty() && law.levels[1].bounds.is_empty());
    let mut held = 0;
    for (index, channel) in known.channels.iter().enumerate() {
        let own = far.parts.levels[2].items.iter();
        let own = own.filter(|item| item.channel == index);
        let seen: Vec<f64> = own.map(|item| item.values[0]).collect();
        let effects = law.effect(2, channel, &[seen]).unwrap();
        let low = effects.iter().copied().fold(0.0, f64::min);
        let high = effects.iter().copied().fold(0.0, f64::max);
        let margin = 0.5 * (high - low);
        let bounds = known.bounds[index];
        assert!((bounds.low - (low - margin)).abs() < 1e-9, "{bounds:?}");
        assert!((bounds.high - (high + margin)).abs() < 1e-9, "{bounds:?}");
        let near = (0..60).map(|i| 2.0 + 0.05 * f64::from(i)).collect();
        let near = law.effect(2, channel, &[near]).unwrap();
        assert!(near.iter().all(|v| bounds.contains(*v)), "{near:?}");
        let at_a_border = |v: &f64| v <= &bounds.low || v >= &bounds.high;
        held += usize::from(near.iter().any(at_a_border));
    }
    assert!(held > 0, "no distance is beyond");
}

/// Gaps of one to three points of two kinds before a host: each point has a level of its
/// own, moved by the others; the lowest counts, or, of the negatives, the highest.
fn lowest(structures: usize, noise: f64, seed: u64, sign: f64) -> Planted {
    const TEMPERATURE: f64 = 0.05;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut parts = Parts {
        levels: vec![
            level("host", &[], &["host"], true),
            level("site", &[], &["A", "B"], true),
            level("pair", &["r"], &["AA", "AB", "BA", "BB"], false),
        ],
        members: Vec::new(),
        places: Vec::new(),
        divisors: vec![1.0; structures],
    };
    let mut gaps = Vec::new();
    for structure in 0..structures {
        let count = random.random_range(1..=3);
        let kinds: Vec<usize> = (0..count).map(|_| random.random_range(0..2)).collect();
        let first = parts.members.len();
        parts.members.extend(vec![structure; count + 1]);
        let mut add = |level: usize, member, channel, values| {
            parts.levels[level].items.push(Item {
                member,
                channel,
                group: 0,
                values,
            });
        };
        let mut energies = vec![1.5; count + 1];
        add(0, first + count, 0, vec![]);
        for (i, &kind) in kinds.iter().enumerate() {
            energies[i] = [0.6, 1.1][kind];
            add(1, first + i, kind, vec![]);
        }
        for i in 0..count {
            for j in i + 1..count {
                let r = 2.0 + 0.4 * f64::from(random.random_range(0_u8..25));
                for (i, j) in [(i, j), (j, i)] {
                    let channel = 2 * kinds[i] + kinds[j];
                    add(2, first + i, channel, vec![r]);
                    energies[i] += [-1.5, 0.8, 0.4, -1.0][channel] * (-0.6 * r).exp();
                }
            }
        }
        let sum: f64 = energies.iter().map(|e| (-e / TEMPERATURE).exp()).sum();
        let uniform: f64 = random.random_range(-1.0..1.0);
        gaps.push(sign * (-TEMPERATURE * sum.ln() + noise * uniform));
    }
    Planted {
        parts,
        per_site: gaps,
    }
}

#[test]
fn a_planted_extreme_is_found_with_its_temperature() {
    for (rise, sign) in [(Rise::Lowest, 1.0), (Rise::Highest, -1.0)] {
        let law = found_as(&lowest(200, 0.005, 1, sign), rise);
        let error = mean_error(&law, &lowest(300, 0.0, 2, sign));
        assert!(error < 0.004, "{rise:?}: {error}");
        let temperature = law.temperature;
        assert!((temperature - 0.05).abs() < 0.01, "{rise:?}: {temperature}");
        let pair = law.terms.iter().filter(|term| term.level == 2);
        assert!(pair.count() > 0, "{:?}", law.terms);
    }
}

/// Gaps of two or three points before a host, whose levels are coupled in pairs, and all
/// but equal: they repel each other.
fn coupled(structures: usize, noise: f64, seed: u64) -> Planted {
    const TEMPERATURE: f64 = 0.05;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut parts = Parts {
        levels: vec![
            level("host", &[], &["host"], true),
            level("site", &[], &["A", "B"], true),
            level("coupling", &["r"], &["AA", "AB", "BB"], false),
        ],
        members: Vec::new(),
        places: Vec::new(),
        divisors: vec![1.0; structures],
    };
    let mut gaps = Vec::new();
    for structure in 0..structures {
        let count = random.random_range(2..=3);
        let kinds: Vec<usize> = (0..count).map(|_| random.random_range(0..2)).collect();
        let mut energies = vec![1.5];
        let mut add = |level: usize, place, channel, values, energy: f64| {
            let member = parts.members.len();
            parts.members.push(structure);
            parts.places.push(place);
            parts.levels[level].items.push(Item {
                member,
                channel,
                group: 0,
                values,
            });
            energy
        };
        add(0, [0, 0], 0, vec![], 1.5);
        for (i, &kind) in kinds.iter().enumerate() {
            energies.push(add(1, [i + 1; 2], kind, vec![], [0.8, 0.9][kind]));
        }
        let mut pairs = Vec::new();
        for i in 0..count {
            for j in i + 1..count {
                let r = 2.0 + 0.4 * f64::from(random.random_range(0_u8..25));
                let channel = kinds[i] + kinds[j];
                let energy = [-0.9, 0.5, -1.2][channel] * (-0.7 * r).exp();
                pairs.push((
                    [i + 1, j + 1],
                    add(2, [i + 1, j + 1], channel, vec![r], energy),
                ));
            }
        }
        let uniform: f64 = random.random_range(-1.0..1.0);
        gaps.push(free_energy(&energies, &pairs, TEMPERATURE) + noise * uniform);
    }
    Planted {
        parts,
        per_site: gaps,
    }
}

/// `-T ln tr exp(-H/T)` by the exponential's series, of the matrix halved ten times.
fn free_energy(energies: &[f64], pairs: &[([usize; 2], f64)], temperature: f64) -> f64 {
    let n = energies.len();
    let low = energies.iter().copied().fold(f64::INFINITY, f64::min);
    let scale = -1.0 / (1024.0 * temperature);
    let mut small = vec![0.0; n * n];
    for (i, e) in energies.iter().enumerate() {
        small[i * n + i] = scale * (e - low);
    }
    for &([i, j], t) in pairs {
        small[i * n + j] = scale * t;
        small[j * n + i] = scale * t;
    }
    let times = |a: &[f64], b: &[f64]| -> Vec<f64> {
        let entry = |at: usize| (0..n).map(|k| a[at / n * n + k] * b[k * n + at % n]).sum();
        (0..n * n).map(entry).collect()
    };
    let one = |at: usize| f64::from(u8::from(at / n == at % n));
    let mut sum: Vec<f64> = (0..n * n).map(one).collect();
    let mut term = sum.clone();
    for k in 1..12 {
        term = times(&term, &small)
            .iter()
            .map(|x| x / f64::from(k))
            .collect();
        for (sum, x) in sum.iter_mut().zip(&term) {
            *sum += x;
        }
    }
    for _ in 0..10 {
        sum = times(&sum, &sum);
    }
    let trace: f64 = (0..n).map(|i| sum[i * n + i]).sum();
    low - temperature * trace.ln()
}

#[test]
fn planted_couplings_are_found() {
    let (train, test) = (coupled(200, 0.002, 1), coupled(300, 0.0, 2));
    let law = found_as(&train, Rise::LowestLevel);
    let error = mean_error(&law, &test);
    assert!(error < 0.002, "{error}");
    assert!((law.temperature - 0.05).abs() < 0.01, "{}", law.temperature);
    // the sign of one coupling alone means nothing, that of a triangle does
    let far = law.effect(2, "AA", &[vec![2.4]]).unwrap()[0].abs();
    let expected = 0.9 * (-0.7_f64 * 2.4).exp();
    assert!((far - expected).abs() < 0.1 * expected, "{far} {expected}");
}

/// What a sum of the same items cannot say.
#[test]
fn an_extreme_is_no_sum() {
    let (train, test) = (lowest(200, 0.005, 1, 1.0), lowest(300, 0.0, 2, 1.0));
    let mut sums = train.parts.clone();
    let flat = |parts: &mut Parts| {
        for item in parts.levels.iter_mut().flat_map(|level| &mut level.items) {
            item.member = parts.members[item.member];
        }
        parts.members = (0..parts.divisors.len()).collect();
    };
    flat(&mut sums);
    let law = found(&Planted {
        parts: sums,
        per_site: train.per_site.clone(),
    });
    let mut parts = test.parts.clone();
    flat(&mut parts);
    let summed = mean_error(
        &law,
        &Planted {
            parts,
            per_site: test.per_site.clone(),
        },
    );
    let least = mean_error(&found_as(&train, Rise::Lowest), &test);
    assert!(summed > 5.0 * least, "{summed} {least}");
}
