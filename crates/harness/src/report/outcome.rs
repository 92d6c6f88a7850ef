//! Trials joined with the data: here, and only here, scores are made.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use crystal::DefectCluster;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{Results, TrialPredictions};
use crate::dataset::{Dataset, Property, Sample, is_combined};
use crate::run::{RunRecord, Status};
use crate::statistics::Score;

/// A trial, what it was about, and how good it was.
#[derive(Debug, Clone)]
pub struct Outcome<'a> {
    /// The trial and how it went.
    pub record: &'a RunRecord,
    /// What it is scored on: the trial's subset, or a part of it, as
    /// `combined/low_MoS2`.
    pub subset: String,
    /// What it predicted.
    pub property: &'a Property,
    /// Its test set, if it ended well.
    pub test: Option<Test<'a>>,
}

/// Test structures of a trial that ended well.
#[derive(Debug, Clone)]
pub struct Test<'a> {
    /// The structures.
    pub held_out: Vec<Arc<HeldOut<'a>>>,
    /// One value a structure, in the property's unit.
    pub targets: Vec<f64>,
    /// The same, as predicted.
    pub predicted: Vec<f64>,
    /// Errors in the property's *report* unit.
    pub score: Score,
}

/// A structure that is scored on.
#[derive(Debug)]
pub struct HeldOut<'a> {
    /// Where it comes from.
    pub sample: &'a Sample,
    /// How many point defects it has, where the crystal before them is known.
    pub defects: Option<usize>,
    /// How far its two closest defects are apart, Å, where it has two.
    pub closest: Option<f64>,
}

impl Outcome<'_> {
    /// The same of each part of the data set, where several were learnt together.
    fn parts(&self) -> Vec<Self> {
        let Some(test) = self.test.as_ref().filter(|_| is_combined(&self.subset)) else {
            return Vec::new();
        };
        let mut names: BTreeSet<&str> = test.parts().collect();
        if names.len() == 1 {
            names.clear();
        }
        let part = |name: &str| Self {
            record: self.record,
            subset: format!("{}/{name}", self.subset),
            property: self.property,
            test: Some(test.part(name).scored(self.property.report_factor, false)),
        };
        names.into_iter().map(part).collect()
    }
}

impl Test<'_> {
    /// How many structures.
    pub(super) fn len(&self) -> usize {
        self.held_out.len()
    }

    /// The part of the data set that each structure is of.
    fn parts(&self) -> impl Iterator<Item = &str> {
        self.held_out.iter().map(|held| &*held.sample.subset)
    }

    /// The same with its scores.
    ///
    /// - `factor`: from the property's unit to its report unit.
    /// - `alike`: whether every part counts as much as another.
    fn scored(mut self, factor: f64, alike: bool) -> Self {
        let mut counts: HashMap<&str, f64> = HashMap::new();
        for part in self.parts() {
            *counts.entry(part).or_default() += 1.0;
        }
        let weight = |part: &str| if alike { 1.0 / counts[part] } else { 1.0 };
        let weights: Vec<f64> = self.parts().map(weight).collect();
        let score = Score::new(&self.targets, &self.predicted, &weights);
        self.score = score.scaled(factor);
        self
    }

    /// Those of one part of the data set.
    fn part(&self, name: &str) -> Self {
        let parts = self.parts().enumerate();
        let places = parts.filter(|&(_, part)| part == name);
        let places: Vec<usize> = places.map(|(place, _)| place).collect();
        let values = |of: &[f64]| places.iter().map(|&place| of[place]).collect();
        let held_out = places.iter().map(|&place| self.held_out[place].clone());
        Self {
            held_out: held_out.collect(),
            targets: values(&self.targets),
            predicted: values(&self.predicted),
            score: self.score,
        }
    }

    /// Targets and predictions of groups of structures, in the property's unit.
    ///
    /// - `group`: what a structure belongs to; those of `None` are left out.
    pub fn by<G: Ord>(
        &self,
        group: impl Fn(&HeldOut<'_>) -> Option<G>,
    ) -> BTreeMap<G, (Vec<f64>, Vec<f64>)> {
        let mut all: BTreeMap<G, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
        let values = self.targets.iter().zip(&self.predicted);
        for (held_out, (target, predicted)) in self.held_out.iter().zip(values) {
            if let Some(group) = group(held_out) {
                let (targets, predictions) = all.entry(group).or_default();
                targets.push(*target);
                predictions.push(*predicted);
            }
        }
        all
    }
}

/// Joins records, predictions and targets: one outcome a record, and where parts of
/// a data set were learnt together one more for each part.
///
/// # Errors
///
/// If a record is about other data or an unknown property, if a trial that
/// ended well has no predictions, or one for a structure without a target, and
/// if two records claim the same place.
pub fn outcomes<'a>(results: &'a Results, dataset: &'a Dataset) -> Result<Vec<Outcome<'a>>> {
    ensure!(!results.records.is_empty(), "there are no trials to report");
    refuse_twins(&results.records)?;
    let samples: HashMap<&str, &Sample> = dataset
        .samples
        .iter()
        .map(|sample| (sample.id.as_str(), sample))
        .collect();
    let predictions: HashMap<&str, &TrialPredictions> = results
        .predictions
        .iter()
        .map(|trial| (trial.hash.as_str(), trial))
        .collect();
    let held_out = held_out(&results.predictions, &samples)?;
    let mut outcomes = Vec::new();
    for record in &results.records {
        let outcome = outcome(record, dataset, &held_out, &predictions)
            .with_context(|| format!("trial {}", describe(record)))?;
        outcomes.extend(outcome.parts());
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

/// A trial in words, as `ridge on low_MoS2, gap, n = 50, seed 3`.
#[must_use]
pub(crate) fn describe(record: &RunRecord) -> String {
    let trial = &record.trial;
    format!(
        "{} on {}, {}, n = {}, seed {}",
        trial.model, trial.subset, trial.target, trial.n_train, trial.seed
    )
}

/// By id.
type AllHeldOut<'a> = HashMap<&'a str, Arc<HeldOut<'a>>>;

/// Every structure that is scored on, once: to find its defects takes a while.
fn held_out<'a>(
    predictions: &'a [TrialPredictions],
    samples: &HashMap<&str, &'a Sample>,
) -> Result<AllHeldOut<'a>> {
    let ids: BTreeSet<&str> = predictions
        .iter()
        .flat_map(|trial| trial.ids.iter().map(String::as_str))
        .collect();
    // an id that the data do not have is told with its trial
    let known = ids
        .into_par_iter()
        .filter_map(|id| Some((id, *samples.get(id)?)));
    let counted = known.map(|(id, sample)| {
        let cluster = sample.defects()?;
        let lengths = cluster.iter().flat_map(DefectCluster::pairs_nearest);
        let held_out = HeldOut {
            sample,
            closest: lengths.map(|pair| pair.length).reduce(f64::min),
            defects: cluster.map(|cluster| cluster.defects().len()),
        };
        Ok((id, Arc::new(held_out)))
    });
    counted.collect()
}

fn outcome<'a>(
    record: &'a RunRecord,
    dataset: &'a Dataset,
    all: &AllHeldOut<'a>,
    predictions: &HashMap<&str, &'a TrialPredictions>,
) -> Result<Outcome<'a>> {
    let trial = &record.trial;
    ensure!(
        trial.dataset == dataset.name && trial.dataset_hash == dataset.content_hash,
        "was made from other data: `{}` with hash {}, but here is `{}` with hash {}",
        trial.dataset,
        trial.dataset_hash,
        dataset.name,
        dataset.content_hash
    );
    let index = dataset
        .property(&trial.target)
        .with_context(|| format!("the data have no property `{}`", trial.target))?;
    let property = &dataset.properties[index];
    let test = match record.status {
        Status::Ok => {
            let predicted = predictions
                .get(record.hash.as_str())
                .context("ended well but has no predictions")?;
            let weighted = is_combined(&trial.subset);
            let test = test(predicted, index, all)?;
            Some(test.scored(property.report_factor, weighted))
        }
        Status::Failed | Status::Timeout | Status::Diverged => None,
    };
    Ok(Outcome {
        record,
        subset: trial.subset.clone(),
        property,
        test,
    })
}

fn test<'a>(
    predictions: &'a TrialPredictions,
    property: usize,
    all: &AllHeldOut<'a>,
) -> Result<Test<'a>> {
    ensure!(!predictions.ids.is_empty(), "has no prediction to score");
    ensure!(
        predictions.values.iter().all(|value| value.is_finite()),
        "ended well but has a prediction that is not finite"
    );
    let (mut held_out, mut targets) = (Vec::new(), Vec::new());
    for id in &predictions.ids {
        let held = all
            .get(id.as_str())
            .with_context(|| format!("the data have no structure `{id}`"))?;
        let target = held.sample.targets[property];
        targets.push(target.with_context(|| format!("structure `{id}` has no target"))?);
        held_out.push(held.clone());
    }
    Ok(Test {
        held_out,
        targets,
        predicted: predictions.values.clone(),
        score: Score::default(),
    })
}

/// Two records for one model, size and seed would be averaged in silence.
fn refuse_twins(records: &[RunRecord]) -> Result<()> {
    let mut seen = HashMap::new();
    for record in records {
        if let Some(other) = seen.insert(describe(record), &record.hash) {
            bail!(
                "two records of {}: {other} and {}",
                describe(record),
                record.hash
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn parts_count_alike_and_each_has_its_own_score() {
        let dataset = crate::dataset::load("tb-mos2", &crate::dataset::Home::at("nowhere"));
        let any = dataset.unwrap().samples[0].clone();
        let samples = ["low", "low", "high", "low"].map(|part| Sample {
            subset: part.into(),
            ..any.clone()
        });
        let held = |sample| {
            Arc::new(HeldOut {
                sample,
                defects: None,
                closest: None,
            })
        };
        let test = Test {
            held_out: samples.iter().map(held).collect(),
            targets: vec![0.0; 4],
            predicted: vec![1.0, 2.0, 10.0, 3.0],
            score: Score::default(),
        };
        assert_relative_eq!(test.part("low").scored(1000.0, false).score.mae, 2000.0);
        assert_relative_eq!(test.part("high").scored(1000.0, false).score.mae, 10_000.0);
        assert_eq!(test.part("high").predicted, [10.0]);
        assert_relative_eq!(test.clone().scored(1000.0, true).score.mae, 6000.0);
        assert_relative_eq!(test.scored(1000.0, false).score.mae, 4000.0);
    }
}
