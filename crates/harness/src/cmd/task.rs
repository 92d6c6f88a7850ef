//! What one model is to learn, outside of a study.

use anyhow::Result;
use clap::Args;

use crate::dataset::{Dataset, Home, Property, Sample, load, weights_of_parts};
use crate::refuse;
use crate::run::ids_by_part;
use crate::study::{Split, SplitSettings};

/// Which structures to learn from.
#[derive(Debug, Clone, Args)]
pub(crate) struct TaskArgs {
    /// What to learn from, as `2dmd/low_MoS2` or `2dmd/low_MoS2/V3`
    #[arg(value_name = "DATASET/SUBSET")]
    pub(crate) source: String,

    /// Key of the property
    #[arg(long, value_name = "KEY")]
    target: String,

    /// How many structures to learn from (else all but one in ten)
    #[arg(long, value_name = "N")]
    structures: Option<usize>,

    /// Decides the structures and starts the random numbers of the fit
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// A data set of which one property is learnt.
#[derive(Debug)]
pub(crate) struct Task {
    dataset: Dataset,
    /// Index of the property.
    pub(crate) property: usize,
    split: Split,
}

impl TaskArgs {
    /// The file name that stands for the source.
    pub(super) fn name(&self) -> String {
        let (_, subset) = self.source.split_once('/').unwrap_or(("", &self.source));
        subset.replace('/', "-")
    }

    /// Loads the data and chooses the structures.
    ///
    /// # Errors
    ///
    /// If there are no such data, or too few.
    pub(crate) fn load(&self, home: &Home) -> Result<Task> {
        let Some((name, subset)) = self.source.split_once('/') else {
            refuse!(
                "expected DATASET/SUBSET as `2dmd/low_MoS2`, found `{}`",
                self.source
            );
        };
        let dataset = load(name, home)?;
        let Some(property) = dataset.property(&self.target) else {
            let keys = dataset.properties.iter().map(|p| p.key.as_str());
            refuse!(
                "target `{}`: data set {name} has {}",
                self.target,
                keys.collect::<Vec<_>>().join(", ")
            );
        };
        let mut samples = dataset.select(subset);
        samples.retain(|sample| sample.targets[property].is_some());
        let structures = self.structures.unwrap_or(samples.len() * 9 / 10);
        if structures == 0 || structures >= samples.len() {
            refuse!(
                "{}: {} structures have the target, so that 1 to {} can be learnt from; found {structures}",
                self.source,
                samples.len(),
                samples.len().saturating_sub(1)
            );
        }
        let split = SplitSettings {
            seed: self.seed,
            test: samples.len() - structures,
            train_sizes: vec![structures],
            seeds: 1,
            validation: 0.0,
        };
        let split = Split::new(subset, &ids_by_part(&samples), &split)?;
        Ok(Task {
            dataset,
            property,
            split,
        })
    }
}

impl Task {
    pub(crate) fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// What is learnt.
    pub(crate) fn told(&self) -> &Property {
        &self.dataset.properties[self.property]
    }

    /// The structures to learn from.
    pub(crate) fn train(&self) -> Vec<&Sample> {
        self.samples(&self.split.train[0])
    }

    /// The others.
    pub(crate) fn test(&self) -> Vec<&Sample> {
        self.samples(&self.split.test)
    }

    fn samples(&self, ids: &[String]) -> Vec<&Sample> {
        let ids: std::collections::HashSet<&String> = ids.iter().collect();
        let all = self.dataset.samples.iter();
        all.filter(|sample| ids.contains(&sample.id)).collect()
    }

    /// Mean absolute error on the others, in the unit of reports; of several parts of a
    /// data set, the mean over the parts.
    ///
    /// # Errors
    ///
    /// Those of `predict`.
    pub(crate) fn test_error(
        &self,
        mut predict: impl FnMut(&Sample) -> Result<f64>,
    ) -> Result<f64> {
        let test = self.test();
        let parts: Vec<&str> = test.iter().map(|sample| &*sample.subset).collect();
        let mut sum = 0.0;
        for (sample, weight) in test.iter().zip(weights_of_parts(&parts)) {
            let target = sample.targets[self.property].unwrap_or(f64::NAN);
            sum += weight * (predict(sample)? - target).abs();
        }
        Ok(sum / test.len() as f64 * self.told().report_factor)
    }
}
