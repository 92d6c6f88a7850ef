//! Where records are kept.
//!
//! A trial that ends is written at once, as two files named by its hash in
//! `trials/`: first its predictions, then its record, each renamed into place
//! when whole. A process killed at any moment therefore leaves only whole
//! trials. [`Store::fold`] gathers them into `predictions.parquet` and
//! `records.jsonl` and only then removes them.
//!
//! # Invariants
//!
//! 1. No record is ever dropped: those of other studies, data or versions stay
//!    in the file behind those of the study.
//! 2. A record of a trial that went well counts only with its predictions.
//!    Without them, as in a published copy, the trial has not run.
//! 3. Who reads or adds holds the folder's lock with others, who folds holds it
//!    alone.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::error::{excerpt, one_line};
use crate::files;
use crate::refuse;
use crate::report::{Results, TrialPredictions};
use crate::run::record::SCHEMA;
use crate::run::{Keep, Outcome, RunRecord, Status};
use crate::study::{PlannedTrial, Split, Study};
use crate::table::{self, PredictionPrecision};

/// Threads that remove files.
const REMOVERS: usize = 16;

/// A report folder, seen as a place for records.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
}

/// All that a folder holds.
struct Content {
    records: BTreeMap<String, RunRecord>,
    predictions: BTreeMap<String, TrialPredictions>,
    /// Hashes of trials with predictions in a file of their own.
    single: HashSet<String>,
}

impl Content {
    fn is_whole(&self, record: &RunRecord) -> bool {
        record.status != Status::Ok
            || self.predictions.contains_key(&record.hash)
            || self.single.contains(&record.hash)
    }
}

impl Store {
    /// The records in this folder, which need not be there yet.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
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
        let _lock = self.lock(File::lock_shared)?;
        files::write(&self.trial_file(name, "f64"), &bytes)?;
        let json = serde_json::to_vec(&outcome.record)?;
        files::write(&self.trial_file(name, "json"), &json)?;
        remove(&self.state_file(name))
    }

    /// Where a trial keeps its state and its log.
    #[must_use]
    pub fn keep(&self, hash: &str, shared: Option<&Path>) -> Keep {
        let log = self.folder.join("logs").join(format!("{hash}.txt"));
        Keep::at(shared, Some(self.state_file(hash)), Some(log))
    }

    /// Where a fit saves its state; gone when the trial has a record.
    fn state_file(&self, hash: &str) -> PathBuf {
        self.trial_file(hash, "state")
    }

    /// The records of whole trials, by hash.
    ///
    /// # Errors
    ///
    /// If a file is not what it should be.
    pub fn records(&self) -> Result<BTreeMap<String, RunRecord>> {
        let _lock = self.lock(File::lock_shared)?;
        let content = self.content()?;
        let records = content.records.iter();
        let whole = records.filter(|(_, record)| content.is_whole(record));
        Ok(whole
            .map(|(hash, record)| (hash.clone(), record.clone()))
            .collect())
    }

    /// All records that are here, with or without predictions, by hash.
    ///
    /// # Errors
    ///
    /// If a file is not what it should be.
    pub fn every_record(&self) -> Result<BTreeMap<String, RunRecord>> {
        let _lock = self.lock(File::lock_shared)?;
        Ok(self.content()?.records)
    }

    /// Adds the whole trials of another folder that this one does not have.
    ///
    /// - `dataset_hash`: of the data that all trials must be of.
    /// - returns: how many were added.
    ///
    /// # Errors
    ///
    /// If a trial is of other data, or has other predictions here and there; nothing is
    /// added then.
    pub fn absorb(&self, other: &Self, dataset_hash: &str) -> Result<usize> {
        let (ours, theirs) = (self.content()?, other.content()?);
        let mut new = Vec::new();
        for record in theirs.records.values().filter(|r| theirs.is_whole(r)) {
            let hash = &record.hash;
            if record.trial.dataset_hash != dataset_hash {
                refuse!(
                    "{}: trial {hash} is of other data than the data set {} here",
                    other.folder.display(),
                    record.trial.dataset
                );
            }
            let values = other.values(&theirs, hash)?;
            let known = ours.records.get(hash).filter(|known| ours.is_whole(known));
            if known.is_none() {
                new.push((record, values));
            } else if self.values(&ours, hash)? != values {
                refuse!(
                    "{}: trial {hash} has other predictions than in {}",
                    other.folder.display(),
                    self.folder.display()
                );
            }
        }
        let count = new.len();
        for (record, predicted) in new {
            self.put(&Outcome {
                record: record.clone(),
                predicted,
            })?;
        }
        Ok(count)
    }

    /// What a recorded trial predicted; nothing if it has no predictions here.
    ///
    /// # Errors
    ///
    /// If a file is not what it should be.
    pub fn predictions_of(&self, trial: &PlannedTrial<'_>) -> Result<Option<Vec<f64>>> {
        let _lock = self.lock(File::lock_shared)?;
        let values = self.values(&self.content()?, &trial.hash)?;
        Ok((!values.is_empty()).then_some(values))
    }

    /// The predictions of a trial, wherever they are; none if it has none.
    fn values(&self, content: &Content, hash: &String) -> Result<Vec<f64>> {
        if content.single.contains(hash) {
            return self.single_values(hash);
        }
        let folded = content.predictions.get(hash);
        Ok(folded.map_or(Vec::new(), |trial| trial.values.clone()))
    }

    /// Gathers single trials into `records.jsonl` and `predictions.parquet`,
    /// those of the plan first and in its order, and returns what there is of
    /// the plan.
    ///
    /// # Errors
    ///
    /// If there is nothing of the plan, a file is not what it should be, or the
    /// file system refuses.
    pub fn fold(&self, plan: &[PlannedTrial<'_>]) -> Result<Results> {
        let _lock = self.lock(File::lock)?;
        let mut content = self.content()?;
        let mut planned = Results::default();
        for trial in plan {
            let Some(record) = content.records.get(&trial.hash) else {
                continue;
            };
            if !content.is_whole(record) {
                continue;
            }
            if content.single.contains(&trial.hash) {
                let values = self.single_predictions(trial)?;
                content.predictions.insert(trial.hash.clone(), values);
            }
            planned.records.push(record.clone());
            planned
                .predictions
                .extend(content.predictions.get(&trial.hash).cloned());
        }
        if planned.records.is_empty() {
            refuse!(
                "{}: no trial of this study with predictions; a published copy has none, and other data or settings make other trials: `tycho run` makes them",
                self.folder.display()
            );
        }
        self.write_folded(&planned, &content)?;
        if planned.records.len() == plan.len() {
            self.sweep()?;
        }
        Ok(planned)
    }

    /// Writes all that there is, the planned first, then removes the single
    /// files of the planned.
    fn write_folded(&self, planned: &Results, content: &Content) -> Result<()> {
        let predictions: Vec<TrialPredictions> = content.predictions.values().cloned().collect();
        table::write_predictions(
            &self.folder.join("predictions.parquet"),
            &predictions,
            PredictionPrecision::Exact,
        )?;
        let first: HashSet<&String> = planned.records.iter().map(|r| &r.hash).collect();
        let others = content.records.values();
        let others = others.filter(|record| !first.contains(&record.hash));
        // unplanned trials in files of their own stay there
        let others = others.filter(|record| !content.single.contains(&record.hash));
        let mut lines = Vec::new();
        for record in planned.records.iter().chain(others) {
            serde_json::to_writer(&mut lines, record)?;
            lines.push(b'\n');
        }
        files::write(&self.folder.join("records.jsonl"), &lines)?;
        let singles = planned
            .records
            .iter()
            .flat_map(|record| ["json", "f64"].map(|ending| self.trial_file(&record.hash, ending)));
        remove_all(&singles.collect::<Vec<_>>())
    }

    /// Removes what killed processes have left of files: only when the study is
    /// complete.
    fn sweep(&self) -> Result<()> {
        for place in ["", "trials", "tables", "figures"] {
            let Some(entries) = read_folder(&self.folder.join(place))? else {
                continue;
            };
            for entry in entries {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let orphan = place == "trials"
                    && name.ends_with(".f64")
                    && !path.with_extension("json").exists();
                let left = place == "trials" && name.ends_with(".state");
                if orphan || left || name.starts_with(files::TEMPORARY) {
                    remove(&path)?;
                }
            }
        }
        Ok(())
    }

    /// Writes the splits of the study.
    ///
    /// # Errors
    ///
    /// If the file system refuses.
    pub fn write_splits(&self, splits: &[Split]) -> Result<()> {
        files::write(
            &self.folder.join("splits.json"),
            &serde_json::to_vec(splits)?,
        )
    }

    /// Writes the study with every default written out, unless the study file
    /// is the one in this folder.
    ///
    /// # Errors
    ///
    /// If the folder belongs to a study of other data or another split, or the
    /// file system refuses.
    pub fn write_study(&self, study: &Study, source: Option<&Path>) -> Result<()> {
        let own = self.folder.join("study.toml");
        if let Ok(text) = fs::read_to_string(&own) {
            let there = Study::parse(&text).with_context(|| own.display().to_string())?;
            if !study.continues(&there) {
                refuse!(
                    "{}: there is a study of other data or another split; choose another folder with --out",
                    own.display()
                );
            }
            let is_source = |path: &Path| matches!((fs::canonicalize(path), fs::canonicalize(&own)), (Ok(a), Ok(b)) if a == b);
            if there == *study || source.is_some_and(is_source) {
                return Ok(());
            }
        }
        files::write(&own, study.to_toml().as_bytes())
    }

    fn content(&self) -> Result<Content> {
        let mut records = BTreeMap::new();
        let folded = self.folder.join("records.jsonl");
        if folded.exists() {
            for (line, number) in read(&folded)?.lines().zip(1..) {
                let record = parse(line, &format!("{}:{number}", folded.display()))?;
                records.insert(record.hash.clone(), record);
            }
        }
        let mut single = HashSet::new();
        for entry in read_folder(&self.folder.join("trials"))?
            .into_iter()
            .flatten()
        {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "json") {
                let record = parse(&read(&path)?, &path.display().to_string())?;
                if path.with_extension("f64").exists() {
                    single.insert(record.hash.clone());
                }
                records.insert(record.hash.clone(), record);
            }
        }
        let path = self.folder.join("predictions.parquet");
        let predictions = if path.exists() {
            table::read_predictions(&path)?
        } else {
            Vec::new()
        };
        Ok(Content {
            records,
            predictions: predictions
                .into_iter()
                .map(|trial| (trial.hash.clone(), trial))
                .collect(),
            single,
        })
    }

    /// The predictions of one trial, from its own file.
    fn single_predictions(&self, trial: &PlannedTrial<'_>) -> Result<TrialPredictions> {
        let values = self.single_values(&trial.hash)?;
        let ids = if values.is_empty() { &[] } else { trial.test() };
        Ok(TrialPredictions {
            hash: trial.hash.clone(),
            ids: ids.to_vec(),
            values,
        })
    }

    fn single_values(&self, hash: &str) -> Result<Vec<f64>> {
        let path = self.trial_file(hash, "f64");
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let (values, _) = bytes.as_chunks::<8>();
        Ok(values
            .iter()
            .map(|bytes| f64::from_le_bytes(*bytes))
            .collect())
    }

    fn trial_file(&self, hash: &str, ending: &str) -> PathBuf {
        self.folder.join("trials").join(format!("{hash}.{ending}"))
    }

    /// Holds the folder's lock until dropped; none where the folder is not
    /// there or cannot be written to, for then nobody writes.
    fn lock(&self, how: impl Fn(&File) -> std::io::Result<()>) -> Result<Option<File>> {
        let path = self.folder.join(".lock");
        let Ok(file) = File::options().create(true).append(true).open(&path) else {
            return Ok(None);
        };
        match how(&file) {
            Ok(()) => Ok(Some(file)),
            // some network file systems have no locks
            Err(error) if error.kind() == ErrorKind::Unsupported => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
        }
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The entries of a folder; none if it is not there.
fn read_folder(path: &Path) -> Result<Option<fs::ReadDir>> {
    match fs::read_dir(path) {
        Ok(entries) => Ok(Some(entries)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Removes many files that may be gone already, several at a time: on some disks each
/// takes milliseconds in which nothing is computed.
fn remove_all(paths: &[PathBuf]) -> Result<()> {
    std::thread::scope(|scope| {
        let parts = paths.chunks(paths.len().div_ceil(REMOVERS).max(1));
        let workers: Vec<_> = parts
            .map(|part| scope.spawn(move || part.iter().try_for_each(|path| remove(path))))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| bail!("a thread that removes files panicked"))
        })
    })
}

/// Removes a file that may be gone already.
fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Whether files can be named by a hash: records may come from elsewhere.
fn is_hash(hash: &str) -> bool {
    (1..=64).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn parse(json: &str, place: &str) -> Result<RunRecord> {
    let record: RunRecord = match serde_json::from_str(json) {
        Ok(record) => record,
        Err(error) => {
            let error = one_line(&error.to_string());
            refuse!("{place}: not a record of this version of tycho: {error}")
        }
    };
    if !is_hash(&record.hash) {
        let found = excerpt(&record.hash);
        refuse!("{place}: expected a hash that can name a file, found `{found}`");
    }
    if record.schema != SCHEMA {
        refuse!(
            "{place}: a record of layout {}, but this tycho writes {SCHEMA}",
            record.schema
        );
    }
    Ok(record)
}
