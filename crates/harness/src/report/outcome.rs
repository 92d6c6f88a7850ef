//! Trials joined with the data: here, and only here, scores are made.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result, bail, ensure};

use super::{Results, TrialPredictions};
use crate::dataset::{Dataset, Property, Sample};
use crate::run::{RunRecord, Status};
use crate::statistics::Score;

/// A trial, what it was about, and how good it was.
#[derive(Debug, Clone)]
pub struct Outcome<'a> {
    /// The trial and how it went.
    pub record: &'a RunRecord,
    /// What it predicted.
    pub property: &'a Property,
    /// Its test set, if it ended well.
    pub test: Option<Test<'a>>,
}

/// Test structures of a trial that ended well.
#[derive(Debug, Clone)]
pub struct Test<'a> {
    /// Their ids.
    pub ids: &'a [String],
    /// One kind of defect an id; empty where the data say none.
    pub kinds: Vec<&'a str>,
    /// One value an id, in the property's unit.
    pub targets: Vec<f64>,
    /// The same, as predicted.
    pub predicted: &'a [f64],
    /// Errors in the property's *report* unit.
    pub score: Score,
}

impl<'a> Test<'a> {
    /// Targets and predictions of each kind of defect, in the property's unit.
    #[must_use]
    pub fn by_kind(&self) -> BTreeMap<&'a str, (Vec<f64>, Vec<f64>)> {
        let mut kinds: BTreeMap<&str, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
        let values = self.targets.iter().zip(self.predicted);
        for (kind, (target, predicted)) in self.kinds.iter().zip(values) {
            let (targets, predictions) = kinds.entry(kind).or_default();
            targets.push(*target);
            predictions.push(*predicted);
        }
        kinds
    }
}

/// Joins records, predictions and targets, one outcome a record.
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
    results
        .records
        .iter()
        .map(|record| {
            outcome(record, dataset, &samples, &predictions)
                .with_context(|| format!("trial {}", describe(record)))
        })
        .collect()
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

fn outcome<'a>(
    record: &'a RunRecord,
    dataset: &'a Dataset,
    samples: &HashMap<&str, &'a Sample>,
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
            Some(test(predicted, index, property.report_factor, samples)?)
        }
        Status::Failed | Status::Timeout | Status::Diverged => None,
    };
    Ok(Outcome {
        record,
        property,
        test,
    })
}

fn test<'a>(
    predictions: &'a TrialPredictions,
    property: usize,
    factor: f64,
    samples: &HashMap<&str, &'a Sample>,
) -> Result<Test<'a>> {
    ensure!(!predictions.ids.is_empty(), "has no prediction to score");
    ensure!(
        predictions.values.iter().all(|value| value.is_finite()),
        "ended well but has a prediction that is not finite"
    );
    let (mut kinds, mut targets) = (Vec::new(), Vec::new());
    for id in &predictions.ids {
        let sample = samples
            .get(id.as_str())
            .with_context(|| format!("the data have no structure `{id}`"))?;
        let target = sample.targets[property];
        targets.push(target.with_context(|| format!("structure `{id}` has no target"))?);
        kinds.push(&*sample.kind);
    }
    let score = Score::new(&targets, &predictions.values).scaled(factor);
    Ok(Test {
        ids: &predictions.ids,
        kinds,
        targets,
        predicted: &predictions.values,
        score,
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
