//! From a seed to structures with energies.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::{Complex, Configuration, Error, Generated, Host, Model, Result, Symmetry};

/// Which structures are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratorSettings {
    /// Cells along the two vectors in the plane. Multiples of three fold K, where
    /// the gap of the perfect crystal is, onto Γ.
    pub repeats: [usize; 2],
    /// Complexes to draw from.
    pub complexes: Vec<Complex>,
}

impl Default for GeneratorSettings {
    /// 6 × 6 cells, all seventeen complexes.
    fn default() -> Self {
        Self {
            repeats: [6, 6],
            complexes: Complex::all().collect(),
        }
    }
}

/// Draws inequivalent configurations, without replacement.
///
/// The complexes take turns, so that each has an equal share; a complex that
/// has no more drops out. Small complexes are thus complete in a large draw:
/// every single defect and every pair that a triple contains. The result is in
/// the order of complexes, then of sites; a larger draw from the same seed
/// contains every smaller one.
///
/// # Errors
///
/// [`Error::EmptySupercell`], and [`Error::TooFewConfigurations`] if `count` is
/// more than there are.
pub fn choose(settings: &GeneratorSettings, seed: u64, count: usize) -> Result<Vec<Configuration>> {
    let symmetry = Symmetry::new(settings.repeats)?;
    let mut decks: Vec<Vec<Configuration>> = Vec::new();
    for &complex in &settings.complexes {
        let mut deck = symmetry.configurations(complex);
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        // one stream each: what is drawn does not depend on the other complexes
        random.set_stream(complex.index() as u64);
        deck.shuffle(&mut random);
        decks.push(deck);
    }
    let available = decks.iter().map(Vec::len).sum();
    if count > available {
        return Err(Error::TooFewConfigurations {
            available,
            wanted: count,
        });
    }
    let rounds = 0..decks.iter().map(Vec::len).max().unwrap_or(0);
    let turns = rounds.flat_map(|round| decks.iter().filter_map(move |deck| deck.get(round)));
    let mut chosen: Vec<Configuration> = turns.take(count).cloned().collect();
    chosen.sort();
    Ok(chosen)
}

/// Draws configurations and evaluates them, one after another.
///
/// - `progress`: called after each with how many are done.
///
/// # Errors
///
/// Those of [`choose`] and of [`Host::evaluate`].
pub fn generate(
    settings: &GeneratorSettings,
    seed: u64,
    count: usize,
    mut progress: impl FnMut(usize),
) -> Result<Vec<Generated>> {
    let host = Host::new(Model::mos2(), settings.repeats)?;
    let mut done = Vec::new();
    for configuration in choose(settings, seed, count)? {
        done.push(host.evaluate(&configuration)?);
        progress(done.len());
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn small() -> GeneratorSettings {
        GeneratorSettings {
            repeats: [3, 3],
            ..GeneratorSettings::default()
        }
    }

    /// `E_f` of one chalcogen vacancy, put together from its parts.
    #[test]
    fn a_formation_energy_by_hand() {
        let host = Host::new(Model::mos2(), [6, 6]).unwrap();
        let vacancy = Configuration {
            complex: "X1".parse().unwrap(),
            sites: vec![36],
        };
        let generated = host.evaluate(&vacancy).unwrap();
        assert_eq!(generated.id, "X1-036");
        assert_eq!(generated.structure.sites().len(), 107);
        let by_hand = generated.energy - host.electronic().total_energy() - 29.24;
        assert_relative_eq!(generated.formation_energy, by_hand, epsilon = 1e-9);
        // what the parameters were chosen for, to the digits that are quoted
        assert_relative_eq!(generated.formation_energy, 2.86, epsilon = 0.01);
        assert_relative_eq!(generated.gap, 1.07, epsilon = 0.01);
    }

    /// Equal configurations have equal energies: the permutations and the
    /// Hamiltonian know the same symmetry.
    #[test]
    fn symmetry_keeps_energies() {
        let host = Host::new(Model::mos2(), [4, 4]).unwrap();
        let complex = "V6".parse().unwrap();
        for sites in [vec![5, 23, 40], vec![14, 31, 29], vec![7, 47, 16]] {
            let here = Configuration { complex, sites };
            let there = host.symmetry().canonical(&here).unwrap();
            assert_ne!(here, there);
            let (here, there) = (
                host.evaluate(&here).unwrap(),
                host.evaluate(&there).unwrap(),
            );
            // rounding only
            assert_relative_eq!(here.energy, there.energy, epsilon = 1e-8);
            assert_relative_eq!(here.gap, there.gap, epsilon = 1e-8);
        }
    }

    /// Two vacancies far apart cost what each costs alone, near ones do not.
    #[test]
    fn interactions_decay_with_the_distance() {
        let host = Host::new(Model::mos2(), [6, 6]).unwrap();
        let cost = |label: &str, sites: Vec<usize>| {
            let complex = label.parse().unwrap();
            let configuration = Configuration { complex, sites };
            host.evaluate(&configuration).unwrap().formation_energy
        };
        let alone = cost("X1", vec![36]);
        let near = cost("X2", vec![36, 37]) - 2.0 * alone;
        let far = cost("X2", vec![36, 36 + 3 * 6]) - 2.0 * alone;
        assert!(near.abs() > 0.3, "{near}");
        assert!(far.abs() < 0.02, "{far}");
    }

    #[test]
    fn the_same_seed_gives_the_same_data() {
        let mut calls = Vec::new();
        let first = generate(&small(), 1, 20, |done| calls.push(done)).unwrap();
        assert!(calls.into_iter().eq(1..=20));
        assert_eq!(first, generate(&small(), 1, 20, |_| ()).unwrap());
        assert_ne!(
            choose(&small(), 1, 60).unwrap(),
            choose(&small(), 2, 60).unwrap()
        );
    }

    #[test]
    fn a_larger_draw_contains_the_smaller() {
        let (few, many) = (
            choose(&small(), 7, 40).unwrap(),
            choose(&small(), 7, 90).unwrap(),
        );
        assert!(few.iter().all(|one| many.contains(one)));
        let ids: std::collections::BTreeSet<_> = many.iter().map(Configuration::id).collect();
        assert_eq!(ids.len(), 90);
    }

    #[test]
    fn more_than_there_are_is_refused() {
        let settings = GeneratorSettings {
            complexes: vec!["X1".parse().unwrap()],
            ..small()
        };
        assert_eq!(
            choose(&settings, 1, 2),
            Err(Error::TooFewConfigurations {
                available: 1,
                wanted: 2
            })
        );
    }
}
