//! From a study and its data set to splits.

use anyhow::Result;

use crate::dataset::{Dataset, Sample};
use crate::refuse;
use crate::study::{Split, Study};

/// What a study's trials are made from.
#[derive(Debug)]
pub struct Prepared<'a> {
    /// One a subset.
    pub splits: Vec<Split>,
    /// Every sample of these subsets that has all targets.
    pub samples: Vec<&'a Sample>,
    /// Subsets of which the largest training subsample takes more than half of
    /// what is not held out, and how many structures that is.
    pub crowded: Vec<(String, usize)>,
}

/// Makes the splits of a study.
///
/// # Errors
///
/// If the study names a subset or a target that the data set does not have,
/// or a subset is too small.
pub fn prepare<'a>(study: &Study, dataset: &'a Dataset) -> Result<Prepared<'a>> {
    let mut properties = Vec::new();
    for target in &study.targets {
        match dataset.property(target) {
            Some(index) => properties.push(index),
            None => refuse!(
                "target `{target}`: data set {} has {}",
                dataset.name,
                names(
                    dataset
                        .properties
                        .iter()
                        .map(|property| property.key.as_str())
                )
            ),
        }
    }
    let mut splits = Vec::new();
    let mut samples: Vec<&Sample> = Vec::new();
    let mut crowded = Vec::new();
    for subset in &study.subsets {
        let all = dataset.select(subset);
        if all.is_empty() {
            refuse!(
                "subset `{subset}`: data set {} has {}",
                dataset.name,
                names(dataset.samples.iter().map(|sample| &*sample.subset))
            );
        }
        let complete = |sample: &&&Sample| properties.iter().all(|&p| sample.targets[p].is_some());
        let chosen: Vec<&Sample> = all.iter().filter(complete).copied().collect();
        let ids: Vec<&str> = chosen.iter().map(|sample| sample.id.as_str()).collect();
        splits.push(Split::new(subset, &ids, &study.split)?);
        let left = ids.len() - study.split.test;
        if left < 2 * study.largest() && study.split.seeds > 1 {
            crowded.push((subset.clone(), left));
        }
        samples.extend(chosen);
    }
    Ok(Prepared {
        splits,
        samples,
        crowded,
    })
}

/// Distinct names, in order, separated by commas.
fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let distinct: std::collections::BTreeSet<&str> = all.collect();
    distinct.into_iter().collect::<Vec<_>>().join(", ")
}
