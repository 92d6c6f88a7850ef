//! Where records are kept.
//!
//! A trial that ends is written at once, as two files named by its hash in
//! `trials/`: first its predictions, then its record, each renamed into place
//! when whole. A process killed at any moment therefore leaves only whole
//! trials. [`Store::fold`] gathers them into `predictions.parquet` and
//! `records.jsonl` and only then removes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files;
use crate::report::{Results, TrialPredictions};
use crate::run::{Outcome, RunRecord, Status};
use crate::study::{PlannedTrial, Split};
use crate::table;

/// Predictions by the hash of their trial.
type Predictions = BTreeMap<String, TrialPredictions>;

/// A report folder, seen as a place for records.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The records in this folder, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// If the folder cannot be made.
    pub fn open(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder.join("trials"))
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Writes what is left of a trial.
    ///
    /// # Errors
    ///
    /// If the file system refuses.
    pub fn put(&self, outcome: &Outcome) -> Result<()> {
        let bytes: Vec<u8> = outcome
            .predicted
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let name = &outcome.record.hash;
        files::write(&self.trial_file(name, "f64"), &bytes)?;
        let json = serde_json::to_vec(&outcome.record)?;
        files::write(&self.trial_file(name, "json"), &json)
    }

    /// The records that are there, by hash: folded ones and single ones.
    ///
    /// A record of a trial that went well counts only with its predictions:
    /// without them, as in a published copy of the folder, the trial is to be
    /// run again.
    ///
    /// # Errors
    ///
    /// If a file is not what it should be.
    pub fn records(&self) -> Result<BTreeMap<String, RunRecord>> {
        Ok(self.whole()?.0)
    }

    fn whole(&self) -> Result<(BTreeMap<String, RunRecord>, Predictions)> {
        let mut records = BTreeMap::new();
        let folded = self.folder.join("records.jsonl");
        if folded.exists() {
            for (line, number) in read(&folded)?.lines().zip(1..) {
                let record = parse(line, &format!("{}:{number}", folded.display()))?;
                records.insert(record.hash.clone(), record);
            }
        }
        for entry in fs::read_dir(self.folder.join("trials"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "json") {
                let record = parse(&read(&path)?, &path.display().to_string())?;
                records.insert(record.hash.clone(), record);
            }
        }
        let predictions = self.folded_predictions()?;
        records.retain(|hash, record| {
            record.status != Status::Ok
                || predictions.contains_key(hash)
                || self.trial_file(hash, "f64").exists()
        });
        Ok((records, predictions))
    }

    /// Gathers single trials into `records.jsonl` and `predictions.parquet`,
    /// in the order of the plan, and returns what there is of the plan.
    ///
    /// Records of trials that are not in the plan (any more) are dropped.
    ///
    /// # Errors
    ///
    /// If a file is not what it should be, or the file system refuses.
    pub fn fold(&self, plan: &[PlannedTrial<'_>]) -> Result<Results> {
        let (mut records, mut known) = self.whole()?;
        let mut results = Results {
            records: Vec::new(),
            predictions: Vec::new(),
        };
        for planned in plan {
            let Some(record) = records.remove(&planned.hash) else {
                continue;
            };
            let single = self.trial_file(&planned.hash, "f64");
            if single.exists() {
                known.insert(planned.hash.clone(), predictions(&single, planned)?);
            }
            if let Some(trial) = known
                .remove(&planned.hash)
                .filter(|trial| !trial.ids.is_empty())
            {
                results.predictions.push(trial);
            }
            results.records.push(record);
        }
        self.write_folded(&results)?;
        if results.records.len() == plan.len() {
            self.sweep()?;
        }
        Ok(results)
    }

    fn write_folded(&self, results: &Results) -> Result<()> {
        table::write_predictions(
            &self.folder.join("predictions.parquet"),
            &results.predictions,
            table::PredictionPrecision::Exact,
        )?;
        let mut lines = Vec::new();
        for record in &results.records {
            serde_json::to_writer(&mut lines, record)?;
            lines.push(b'\n');
        }
        files::write(&self.folder.join("records.jsonl"), &lines)?;
        for record in &results.records {
            for ending in ["json", "f64"] {
                let single = self.trial_file(&record.hash, ending);
                if single.exists() {
                    fs::remove_file(single)?;
                }
            }
        }
        Ok(())
    }

    /// Removes what killed processes have left of unfinished trials. Only when
    /// the study is complete: else another process may be writing there.
    fn sweep(&self) -> Result<()> {
        for entry in fs::read_dir(self.folder.join("trials"))? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Writes the splits of the study.
    ///
    /// # Errors
    ///
    /// If the file system refuses.
    pub fn write_splits(&self, splits: &[Split]) -> Result<()> {
        let json = serde_json::to_vec(splits)?;
        files::write(&self.folder.join("splits.json"), &json)
    }

    /// Writes the study with every default written out, unless the study file
    /// is the one in this folder.
    ///
    /// # Errors
    ///
    /// If the file system refuses.
    pub fn write_study(&self, toml: &str, source: Option<&Path>) -> Result<()> {
        let own = self.folder.join("study.toml");
        let same = source.is_some_and(|source| {
            matches!((fs::canonicalize(source), fs::canonicalize(&own)), (Ok(a), Ok(b)) if a == b)
        });
        if same {
            return Ok(());
        }
        files::write(&own, toml.as_bytes())
    }

    fn folded_predictions(&self) -> Result<Predictions> {
        let path = self.folder.join("predictions.parquet");
        if !path.exists() {
            return Ok(BTreeMap::new());
        }
        let all = table::read_predictions(&path)?.into_iter();
        Ok(all.map(|trial| (trial.hash.clone(), trial)).collect())
    }

    fn trial_file(&self, hash: &str, ending: &str) -> PathBuf {
        self.folder.join("trials").join(format!("{hash}.{ending}"))
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn parse(json: &str, place: &str) -> Result<RunRecord> {
    serde_json::from_str(json).with_context(|| format!("{place}: not a record"))
}

/// The predictions of one trial, from its own file.
fn predictions(path: &Path, planned: &PlannedTrial<'_>) -> Result<TrialPredictions> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let values: Vec<f64> = bytes
        .chunks_exact(8)
        .map(|chunk| f64::from_le_bytes(chunk.try_into().expect("chunks of eight bytes")))
        .collect();
    let ids = if values.is_empty() {
        &[]
    } else {
        planned.test()
    };
    Ok(TrialPredictions {
        hash: planned.hash.clone(),
        ids: ids.to_vec(),
        values,
    })
}
