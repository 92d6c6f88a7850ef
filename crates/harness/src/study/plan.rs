//! The trials of a study.

use std::time::Duration;

use crate::dataset::Dataset;
use crate::run::Trial;
use crate::study::{ModelEntry, Split, Study};

/// A trial, and where its data are.
#[derive(Debug, Clone)]
pub struct PlannedTrial<'a> {
    /// Everything that decides what comes out.
    pub trial: Trial,
    /// Its name everywhere.
    pub hash: String,
    /// The model.
    pub model: &'a ModelEntry,
    /// The split of its subset.
    pub split: &'a Split,
    /// Share of the training subsample kept for selection.
    pub validation: f64,
    /// Longest time of the fit.
    pub wall: Duration,
    /// The same, as the study says it.
    pub wall_text: String,
}

impl PlannedTrial<'_> {
    /// The ids that it learns from: its subsample, then the source.
    ///
    /// # Panics
    ///
    /// Never: a trial's seed is below the number of subsamples.
    #[must_use]
    pub fn train(&self) -> Vec<&String> {
        let seed = usize::try_from(self.trial.seed).expect("seeds are few");
        let own = self.split.train[seed].iter().take(self.trial.n_train);
        own.chain(self.split.source.get(seed).into_iter().flatten())
            .collect()
    }

    /// The ids that it is scored on.
    #[must_use]
    pub fn test(&self) -> &[String] {
        &self.split.test[..self.trial.n_test]
    }
}

/// Lays out the trials of a study, in the order of its records: subset,
/// target, model, size, seed.
#[must_use]
pub fn plan<'a>(study: &'a Study, dataset: &Dataset, splits: &'a [Split]) -> Vec<PlannedTrial<'a>> {
    let mut trials = Vec::new();
    for split in splits {
        for target in &study.targets {
            for model in study.models.iter().filter(|model| model.learns(target)) {
                let sizes = model.train_sizes.as_ref();
                for &n_train in sizes.unwrap_or(&study.split.train_sizes) {
                    for seed in 0..model.seeds.unwrap_or(study.split.seeds) {
                        trials.push(planned(study, dataset, split, target, model, n_train, seed));
                    }
                }
            }
        }
    }
    trials
}

fn planned<'a>(
    study: &Study,
    dataset: &Dataset,
    split: &'a Split,
    target: &str,
    model: &'a ModelEntry,
    n_train: usize,
    seed: u64,
) -> PlannedTrial<'a> {
    let n_test = model.test.unwrap_or(study.split.test);
    let mut settings = model.spec.to_json();
    settings["validation"] = study.split.validation.into();
    let mut planned = PlannedTrial {
        trial: Trial {
            dataset: dataset.name.clone(),
            dataset_hash: dataset.content_hash.clone(),
            subset: split.subset.clone(),
            target: target.to_owned(),
            model: model.name.clone(),
            settings,
            n_train,
            n_test,
            seed,
            split_hash: String::new(),
        },
        hash: String::new(),
        model,
        split,
        validation: study.split.validation,
        wall_text: study.budget.wall.clone(),
        wall: study
            .budget
            .duration()
            .expect("a study's budget is checked when it is read"),
    };
    planned.trial.split_hash = short_hash(&(planned.train(), planned.test()));
    planned.hash = trial_hash(&planned.trial);
    planned
}

/// The hash of all that decides what comes out of a trial: its name everywhere.
#[must_use]
pub fn trial_hash(trial: &Trial) -> String {
    short_hash(trial)
}

/// A hash of a value's JSON, 128 bits in hex.
fn short_hash(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_vec(value).expect("plain values have a form in JSON");
    blake3::hash(&json).to_hex()[..32].to_owned()
}
