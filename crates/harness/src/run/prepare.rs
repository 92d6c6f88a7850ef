//! From a study and its data set to splits.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;

use crate::dataset::{Dataset, Sample};
use crate::refuse;
use crate::study::{Source, Split, Study};

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
    /// How many structures of each subset its subsamples are drawn from.
    pub pools: BTreeMap<String, usize>,
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
    let mut pools = BTreeMap::new();
    for subset in &study.subsets {
        let all = selected(dataset, subset)?;
        let chosen = complete(&all, &properties);
        let mut split = Split::new(subset, &ids_by_part(&chosen), &study.split)?;
        if let Some(source) = &study.source {
            let others = others(source, dataset, &properties, &chosen, &split.test)?;
            let ids: Vec<&str> = others.iter().map(|sample| sample.id.as_str()).collect();
            split = split.with_source(&ids, source.structures, study.split.seed);
            samples.extend(others);
        }
        splits.push(split);
        let left = chosen.len() - study.split.test;
        pools.insert(subset.clone(), left);
        if left < 2 * study.largest() && study.split.seeds > 1 {
            crowded.push((subset.clone(), left));
        }
        samples.extend(chosen);
    }
    Ok(Prepared {
        splits,
        samples,
        crowded,
        pools,
    })
}

/// The ids of samples; one list for each part of the data set that they are of.
pub(crate) fn ids_by_part<'a>(samples: &[&'a Sample]) -> Vec<Vec<&'a str>> {
    let parts = samples.chunk_by(|a, b| a.subset == b.subset);
    let ids = |part: &[&'a Sample]| part.iter().map(|sample| sample.id.as_str()).collect();
    parts.map(ids).collect()
}

/// The samples of a subset.
fn selected<'a>(dataset: &'a Dataset, subset: &str) -> Result<Vec<&'a Sample>> {
    let all = dataset.select(subset);
    if all.is_empty() {
        refuse!(
            "subset `{subset}`: data set {} has {}",
            dataset.name,
            names(dataset.samples.iter().map(|sample| &*sample.subset))
        );
    }
    Ok(all)
}

/// Those that have all targets.
fn complete<'a>(samples: &[&'a Sample], properties: &[usize]) -> Vec<&'a Sample> {
    let has_all = |sample: &&Sample| properties.iter().all(|&p| sample.targets[p].is_some());
    samples.iter().copied().filter(has_all).collect()
}

/// The samples of a source without those that are held out or have the configuration of
/// one that is.
fn others<'a>(
    source: &Source,
    dataset: &'a Dataset,
    properties: &[usize],
    chosen: &[&Sample],
    test: &[String],
) -> Result<Vec<&'a Sample>> {
    let test: HashSet<&str> = test.iter().map(String::as_str).collect();
    let mut held = HashSet::new();
    for sample in chosen.iter().filter(|s| test.contains(s.id.as_str())) {
        held.extend(configuration(sample)?);
    }
    let mut others = Vec::new();
    for subset in &source.subsets {
        for sample in complete(&selected(dataset, subset)?, properties) {
            let is_known = configuration(sample)?.is_some_and(|c| held.contains(&c));
            if !is_known && !test.contains(sample.id.as_str()) {
                others.push(sample);
            }
        }
    }
    Ok(others)
}

fn configuration(sample: &Sample) -> Result<Option<String>> {
    let cluster = sample.defects()?;
    Ok(cluster.map(|cluster| cluster.configuration()))
}

/// Distinct names, in order, separated by commas.
fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let distinct: std::collections::BTreeSet<&str> = all.collect();
    distinct.into_iter().collect::<Vec<_>>().join(", ")
}
