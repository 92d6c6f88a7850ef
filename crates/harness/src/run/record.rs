//! What is left of a trial.

use serde::{Deserialize, Serialize};

/// Version of the layout of records.
pub(crate) const SCHEMA: u32 = 1;

/// One model on one subsample of one data set: everything that decides what
/// comes out, and so everything that its hash is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Name of the data set, as `2dmd`.
    pub dataset: String,
    /// Hash of its content.
    pub dataset_hash: String,
    /// As `low_MoS2` or `low_MoS2/V3`.
    pub subset: String,
    /// Key of the property, as `homo_lumo_gap`.
    pub target: String,
    /// Name of the model in tables, as `megnet-sparse`.
    pub model: String,
    /// Its settings, resolved.
    pub settings: serde_json::Value,
    /// How many structures it learns from, validation included.
    pub n_train: usize,
    /// How many structures it is scored on.
    pub n_test: usize,
    /// Which subsample: 0, 1, …
    pub seed: u64,
    /// Hash of the ids that it learns from and is scored on.
    pub split_hash: String,
}

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// With predictions.
    Ok,
    /// With an error or a panic.
    Failed,
    /// The clock guard stopped it before it had a model.
    Timeout,
    /// With numbers that are not finite.
    Diverged,
}

/// Wall-clock seconds of the parts of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Seconds {
    /// Fitting, features included.
    pub fit: f64,
    /// Predicting all test structures.
    pub predict: f64,
}

/// What a time was measured on, and by which program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor, as it calls itself; else its architecture.
    pub cpu: String,
    /// Trials at a time, one thread each.
    pub threads: usize,
    /// Where networks were trained, if not there: `cuda`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The last commit before it was built; absent from programs that were built
    /// outside of a repository, or without optimisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

impl Machine {
    /// This one.
    #[must_use]
    pub fn here(threads: usize, device: &gnn::Device) -> Self {
        let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let named = told.lines().find(|line| line.starts_with("model name"));
        let name = named.and_then(|line| line.split_once(": "));
        Self {
            cpu: name
                .map_or(std::env::consts::ARCH, |(_, name)| name)
                .to_owned(),
            threads,
            device: (!device.is_cpu()).then(|| "cuda".to_owned()),
            commit: option_env!("TYCHO_COMMIT").map(str::to_owned),
        }
    }
}

/// A closed formula that a model found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Equation {
    /// As text, with the names of the columns.
    pub text: String,
    /// The same in LaTeX.
    pub latex: String,
    /// The unit of its value.
    pub unit: String,
    /// Name and unit of each column in it.
    pub columns: Vec<(String, String)>,
}

/// One formula of a Pareto front.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrontPoint {
    /// Number of nodes.
    pub complexity: usize,
    /// Mean absolute error on the training part, in the property's unit.
    pub train_mae: f64,
    /// The same on the validation part, if the model was not fitted to it.
    pub validation_mae: Option<f64>,
    /// The formula as text.
    pub text: String,
    /// Whether it was chosen as *the* equation.
    pub chosen: bool,
}

/// A model that was tried on a part of the training subsample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// As the study calls it.
    pub name: String,
    /// Mean absolute error on structures of the subsample that it did not learn, in the
    /// property's unit; absent if it could not be fitted.
    pub validation_mae: Option<f64>,
    /// Why it could not; empty if it could.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Whether it was the best.
    pub chosen: bool,
}

/// A trial and how it went: one line of `records.jsonl`.
///
/// Predictions are kept apart, in `predictions.parquet`; scores are never
/// stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Version of this layout.
    pub schema: u32,
    /// Hash of `trial` (hex): its name everywhere.
    pub hash: String,
    /// What was tried.
    pub trial: Trial,
    /// How it ended.
    pub status: Status,
    /// Why it did not end well; empty if it did.
    pub reason: String,
    /// Longest time that the fit was given; a guard, no part of the trial.
    pub wall: String,
    /// Whether the clock guard cut the fit short.
    pub cut_short: bool,
    /// Times; absent from runs without a clock (`--untimed`).
    pub seconds: Option<Seconds>,
    /// Highest memory use of the process until the trial's end, in MiB; absent
    /// as `seconds` is, or where the system does not tell.
    pub peak_memory_mib: Option<f64>,
    /// The most memory that the fit held beside the data, in MiB; absent as `seconds` is, for
    /// programs of users, and in records from before it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit_memory_mib: Option<f64>,
    /// Constants of an equation plus its operations, or parameters of a model.
    pub complexity: Option<usize>,
    /// The found equation, for models that find one.
    pub equation: Option<Equation>,
    /// What it was chosen from.
    #[serde(default)]
    pub front: Vec<FrontPoint>,
    /// What the model was chosen from, where it was chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// Version of Tycho.
    pub version: String,
    /// Where it was run; absent as `seconds` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
}
