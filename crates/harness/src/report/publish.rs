//! A copy of a report for a repository: small, and without the data's targets.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Results, TrialPredictions};
use crate::files;
use crate::table::{self, PredictionPrecision};

/// Predictions that are published of each trial.
const PUBLISHED: usize = 1000;

/// Copies a report without what is large or belongs to the data's authors.
///
/// Of the predictions, those of the first 1,000 test structures are kept, to
/// seven digits, in `predictions-sample.parquet`; the numbers under parity
/// plots, which hold targets, are left out. All else is copied as it is. To
/// `tycho run`, a trial without its predictions has not run.
///
/// # Errors
///
/// If a file cannot be read or written.
pub fn publish(folder: &Path, results: &Results, copy: &Path) -> Result<()> {
    for part in ["", "tables", "figures"] {
        for entry in read_folder(&folder.join(part))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_file() && is_published(&name) {
                let bytes = fs::read(&path)
                    .with_context(|| format!("{}: cannot be read", path.display()))?;
                files::write(&copy.join(part).join(&*name), &bytes)?;
            }
        }
    }
    let sample: Vec<TrialPredictions> = results.predictions.iter().map(first).collect();
    table::write_predictions(
        &copy.join("predictions-sample.parquet"),
        &sample,
        PredictionPrecision::Single,
    )
}

fn read_folder(folder: &Path) -> Result<fs::ReadDir> {
    fs::read_dir(folder).with_context(|| format!("{}: cannot be read", folder.display()))
}

fn is_published(name: &str) -> bool {
    let known = [
        "toml", "jsonl", "json", "csv", "html", "md", "tex", "svg", "pdf", "png",
    ];
    let ending = name.rsplit('.').next().unwrap_or_default();
    let targets = name.starts_with("parity") && ending == "csv";
    known.contains(&ending) && !targets
}

fn first(trial: &TrialPredictions) -> TrialPredictions {
    let count = trial.ids.len().min(PUBLISHED);
    TrialPredictions {
        hash: trial.hash.clone(),
        ids: trial.ids[..count].to_vec(),
        values: trial.values[..count].to_vec(),
    }
}
