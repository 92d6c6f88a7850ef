//! Splits: who learns from what. Data, not luck.

use std::collections::HashSet;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::refuse;
use crate::study::SplitSettings;

/// The held-out structures of a subset, and its training subsamples.
///
/// Made once from (ids, seed) and stored with the study; every model gets the
/// same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// Part of the data set, as `low_MoS2`.
    pub subset: String,
    /// Never learnt from, never selected on.
    pub test: Vec<String>,
    /// One list a seed; the subsample of size n is its first n.
    pub train: Vec<Vec<String>>,
    /// One list a seed: what is learnt from besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<Vec<String>>,
}

impl Split {
    /// Splits the ids of a subset.
    ///
    /// The test ids are drawn first; the subsamples are drawn from all others.
    /// The order in which the ids are given does not matter.
    ///
    /// - `parts`: the ids; of each part the same share is held out.
    ///
    /// # Errors
    ///
    /// If the subset has too few structures.
    pub fn new(
        subset: &str,
        parts: &[Vec<&str>],
        settings: &SplitSettings,
    ) -> anyhow::Result<Self> {
        let largest = settings.train_sizes.iter().copied().max().unwrap_or(0);
        let count: usize = parts.iter().map(Vec::len).sum();
        if count < settings.test + largest {
            refuse!(
                "subset {subset} has {count} structures with all targets, but {} for the test and {largest} to learn from were asked for; lower split.test or split.train_sizes",
                settings.test
            );
        }
        let mut draw = random(&format!("test {} {subset}", settings.seed));
        let (mut test, mut pool) = (Vec::new(), Vec::new());
        let mut before = 0;
        for part in parts {
            let mut ids: Vec<String> = part.iter().map(|&id| id.to_owned()).collect();
            ids.sort_unstable();
            ids.shuffle(&mut draw);
            let held = |ids: usize| settings.test * ids / count;
            pool.extend(ids.split_off(held(before + part.len()) - held(before)));
            test.append(&mut ids);
            before += part.len();
        }
        if parts.len() > 1 {
            // so that the first of them stand for all
            test.shuffle(&mut draw);
        }
        let train = (0..settings.seeds)
            .map(|seed| {
                let mut draw = random(&format!("train {} {subset} {seed}", settings.seed));
                let sample = drawn(pool.len(), largest, &mut draw);
                sample.map(|place| pool[place].clone()).collect()
            })
            .collect();
        Ok(Self {
            subset: subset.to_owned(),
            test,
            train,
            source: Vec::new(),
        })
    }

    /// Draws what is learnt from besides, for every seed: so many of the ids, or all;
    /// none that a subsample already has.
    #[must_use]
    pub fn with_source(mut self, ids: &[&str], structures: Option<usize>, seed: u64) -> Self {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        let own = self.train.iter().zip(0_u64..).map(|(train, number)| {
            let own: HashSet<&str> = train.iter().map(String::as_str).collect();
            let others = ids.iter().filter(|id| !own.contains(*id));
            let others: Vec<&str> = others.copied().collect();
            let mut draw = random(&format!("source {seed} {} {number}", self.subset));
            let sample = drawn(others.len(), structures.unwrap_or(usize::MAX), &mut draw);
            sample.map(|place| others[place].to_owned()).collect()
        });
        self.source = own.collect();
        self
    }
}

/// The first of so many places, shuffled: places, since to shuffle the ids of 100,000
/// structures a thousand times takes half a minute.
fn drawn(places: usize, most: usize, draw: &mut ChaCha8Rng) -> impl Iterator<Item = usize> {
    let mut order: Vec<usize> = (0..places).collect();
    order.shuffle(draw);
    order.into_iter().take(most)
}

/// Whether the i-th structure of a subsample is kept for selection.
///
/// Spread evenly, so that the validation part of a subsample contains those of
/// the smaller ones: a share of 0.1 takes the 10th, 20th, …
#[must_use]
pub fn is_validation(index: usize, share: f64) -> bool {
    // the small shift keeps 0.1 · 10 from being rounded below 1
    let whole = |count: usize| (count as f64 * share + 1e-9).floor();
    whole(index + 1) > whole(index)
}

/// Random numbers that depend on the words alone.
fn random(words: &str) -> ChaCha8Rng {
    ChaCha8Rng::from_seed(*blake3::hash(words.as_bytes()).as_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn settings(test: usize, largest: usize) -> SplitSettings {
        SplitSettings {
            seed: 7,
            test,
            train_sizes: vec![2, largest],
            seeds: 3,
            validation: 0.1,
        }
    }

    #[test]
    fn one_in_ten_is_validation() {
        let chosen: Vec<usize> = (0..30).filter(|&i| is_validation(i, 0.1)).collect();
        assert_eq!(chosen, [9, 19, 29]);
    }

    #[test]
    fn too_few_structures_are_refused_with_the_numbers() {
        let error = Split::new("low", &[vec!["a", "b", "c"]], &settings(2, 2)).unwrap_err();
        assert!(
            error.to_string().contains("low has 3 structures"),
            "{error}"
        );
    }

    #[test]
    fn of_each_part_the_same_share_is_held_out() {
        let part = |name: char, count: usize| -> Vec<String> {
            (0..count).map(|i| format!("{name}{i}")).collect()
        };
        let parts = [part('a', 60), part('b', 10), part('c', 30)];
        let names: Vec<Vec<&str>> = parts
            .iter()
            .map(|part| part.iter().map(String::as_str).collect())
            .collect();
        let split = Split::new("s", &names, &settings(20, 80)).unwrap();
        let held = |name: char| split.test.iter().filter(|id| id.starts_with(name)).count();
        assert_eq!(['a', 'b', 'c'].map(held), [12, 2, 6]);
        assert!(!split.test[..12].iter().all(|id| id.starts_with('a')));
        assert!(split.train.iter().all(|sample| sample.len() == 80));
    }

    #[test]
    fn a_source_is_drawn_anew_and_repeats_nothing_that_is_learnt() {
        let ids: Vec<String> = (0..40).map(|i| format!("id{i}")).collect();
        let names: Vec<&str> = ids.iter().map(String::as_str).collect();
        let split = Split::new("s", std::slice::from_ref(&names), &settings(10, 5)).unwrap();
        let pool: Vec<&str> = split.train[0].iter().map(String::as_str).collect();
        let split = split
            .clone()
            .with_source(&[&pool[..], &["a", "b", "c"]].concat(), None, 7);
        assert_eq!(split.source[0].len(), 3);
        let few = split.clone().with_source(&names, Some(8), 7);
        assert!(few.source.iter().all(|sample| sample.len() == 8));
        assert_ne!(few.source[0], few.source[1]);
    }

    proptest! {
        /// No test id is ever learnt from, no id is drawn twice, and the order
        /// of the ids given does not matter.
        #[test]
        fn test_and_training_are_apart(count in 10_usize..60, test in 1_usize..5) {
            let ids: Vec<String> = (0..count).map(|i| format!("id{i}")).collect();
            let mut names: Vec<&str> = ids.iter().map(String::as_str).collect();
            let split = |names: &Vec<&str>| {
                Split::new("s", std::slice::from_ref(names), &settings(test, 5)).unwrap()
            };
            let first = split(&names);
            names.reverse();
            prop_assert_eq!(&first, &split(&names));
            let split = first;
            let held: BTreeSet<&String> = split.test.iter().collect();
            prop_assert_eq!(held.len(), test);
            for sample in &split.train {
                let distinct: BTreeSet<&String> = sample.iter().collect();
                prop_assert_eq!(distinct.len(), 5);
                prop_assert!(distinct.is_disjoint(&held));
            }
        }
    }
}
