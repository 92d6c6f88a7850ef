//! A copy of a report for a repository: small, and without the data's targets.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Results, TrialPredictions};
use crate::figure;
use crate::files;
use crate::table::{self, PredictionPrecision};

/// Files of a report that are published as they are.
const OWN: [&str; 6] = [
    "study.toml",
    "splits.json",
    "leaderboard.csv",
    "learning_curve.csv",
    "comparisons.csv",
    "index.html",
];

/// Most predictions that are published of each trial, and of all together.
const PUBLISHED: (usize, usize) = (1000, 100_000);

/// Most bytes of the splits: they are a function of ids and seed, and `tycho run`
/// writes them again.
const SPLITS: usize = 500_000;

/// Copies a report without what is large or belongs to the data's authors.
///
/// Of the predictions, those of the first 1,000 test structures are kept, to
/// seven digits, in `predictions-sample.parquet`, or of fewer where the trials are many;
/// of the records, those of the
/// study as it is now, with what a formula was chosen from on the first subsample only. The numbers under parity plots, which hold targets, are
/// left out, and so are splits of more than a megabyte. All else is copied as it is. To `tycho run`, a trial without its
/// predictions has not run.
///
/// # Errors
///
/// If a file cannot be read or written.
pub fn publish(folder: &Path, results: &Results, copy: &Path) -> Result<()> {
    for part in ["", "tables", "figures"] {
        for entry in read_folder(&folder.join(part))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_file() && is_published(part, &name) {
                let bytes = fs::read(&path)
                    .with_context(|| format!("{}: cannot be read", path.display()))?;
                if name == "splits.json" && bytes.len() > SPLITS {
                    continue;
                }
                files::write(&copy.join(part).join(&*name), &bytes)?;
            }
        }
    }
    let mut records = Vec::new();
    for record in &results.records {
        let mut record = record.clone();
        if record.trial.seed > 0 {
            record.front.retain(|point| point.chosen);
        }
        serde_json::to_writer(&mut records, &record)?;
        records.push(b'\n');
    }
    files::write(&copy.join("records.jsonl"), &records)?;
    let each = PUBLISHED.1 / results.predictions.len().max(1);
    let first = |trial| first(trial, each.min(PUBLISHED.0));
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

/// Whether a file of this name was made by us and holds no targets.
fn is_published(part: &str, name: &str) -> bool {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    match part {
        "tables" => ["md", "tex"].contains(&ending),
        "figures" => {
            let drawn = ["svg", "pdf", "png"].contains(&ending);
            let numbers = ending == "csv" && !stem.starts_with("parity");
            figure::PREFIXES
                .iter()
                .any(|prefix| stem.starts_with(prefix))
                && (drawn || numbers)
        }
        _ => OWN.contains(&name),
    }
}

fn first(trial: &TrialPredictions, most: usize) -> TrialPredictions {
    let count = trial.ids.len().min(most);
    TrialPredictions {
        hash: trial.hash.clone(),
        ids: trial.ids[..count].to_vec(),
        values: trial.values[..count].to_vec(),
    }
}
