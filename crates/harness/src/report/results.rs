//! What a report is made of.

use std::collections::BTreeMap;

use crate::run::RunRecord;

/// What a trial predicted for the structures that it never saw.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialPredictions {
    /// Hash of the trial.
    pub hash: String,
    /// Ids of the test structures.
    pub ids: Vec<String>,
    /// One value an id, in the unit of the property.
    pub values: Vec<f64>,
}

/// The trials of a study and their predictions.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// One a trial, in any order.
    pub records: Vec<RunRecord>,
    /// One a trial that ended well, in any order.
    pub predictions: Vec<TrialPredictions>,
}

/// What was studied, for titles, captions and the order of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudySummary {
    /// One line.
    pub title: String,
    /// Name of the data set.
    pub dataset: String,
    /// As `low_MoS2`, in the order in which they are shown.
    pub subsets: Vec<String>,
    /// Keys of the properties, in the order in which they are shown.
    pub targets: Vec<String>,
    /// How many structures are learnt from.
    pub train_sizes: Vec<usize>,
    /// How many subsamples of each size.
    pub seeds: usize,
    /// How many structures are held out, at most.
    pub n_test: usize,
    /// How many subsamples of each size every model is to learn from.
    pub planned: BTreeMap<String, usize>,
    /// How many structures of each subset the subsamples are drawn from.
    pub pools: BTreeMap<String, usize>,
    /// How to make the folder again, as typed.
    pub command: String,
}
