//! What the folder of a report says, read back.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::dataset::csv::Table;
use crate::refuse;
use crate::run::{RunRecord, Store};
use crate::statistics::Interval;
use crate::study::{Split, Study};

/// The files of a report that a paper is made from.
#[derive(Debug)]
pub(super) struct Content {
    /// In the order of the file.
    pub(super) board: Vec<Line>,
    /// Sentences; none in a report without.
    pub(super) findings: Vec<String>,
    /// Those of the study as it is now.
    pub(super) records: Vec<RunRecord>,
    /// None in a copy without.
    pub(super) splits: Vec<Split>,
    /// Stems of those that are there as SVG and as PDF.
    pub(super) figures: Vec<String>,
}

/// A line of `leaderboard.csv`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// As `low_MoS2`.
    pub(super) subset: String,
    /// Key of the property.
    pub(super) target: String,
    /// Of the error.
    pub(super) unit: String,
    /// As `megnet-sparse`.
    pub(super) model: String,
    /// How many structures it learnt from.
    pub(super) n_train: usize,
    /// How many trials ended well, and of how many.
    pub(super) trials: (usize, usize),
    /// `None` where no trial ended well.
    pub(super) mae: Option<Interval>,
}

impl Content {
    /// Reads a report.
    ///
    /// # Errors
    ///
    /// If it has no leaderboard, or a file is not what it should be.
    pub(super) fn read(folder: &Path, study: &Study) -> Result<Self> {
        let records = Store::new(folder).every_record()?;
        let records = records.into_values();
        Ok(Self {
            board: board(&folder.join("leaderboard.csv"))?,
            findings: findings(&folder.join("tables/findings.md")),
            records: records.filter(|record| is_of(record, study)).collect(),
            splits: splits(&folder.join("splits.json"))?,
            figures: figures(&folder.join("figures")),
        })
    }
}

/// Whether a record is that of a trial of the study.
fn is_of(record: &RunRecord, study: &Study) -> bool {
    let trial = &record.trial;
    study.subsets.contains(&trial.subset)
        && study.targets.contains(&trial.target)
        && study.models.iter().any(|model| {
            let mut settings = model.spec.to_json();
            settings["validation"] = study.split.validation.into();
            model.name == trial.model && model.learns(&trial.target) && settings == trial.settings
        })
}

fn board(path: &Path) -> Result<Vec<Line>> {
    let Ok(text) = fs::read_to_string(path) else {
        refuse!(
            "{}: is not there; is this the folder of a report?",
            path.display()
        );
    };
    let table = Table::parse(&path.display().to_string(), &text)?;
    let place = |name: &str| table.column(name);
    let [subset, target, unit, model] = [
        place("subset")?,
        place("target")?,
        place("unit")?,
        place("model")?,
    ];
    let [size, ok, total] = [
        place("n_train")?,
        place("trials_ok")?,
        place("trials_total")?,
    ];
    let [mae, low, high] = [place("mae")?, place("mae_ci_low")?, place("mae_ci_high")?];
    let lines = table.rows().iter().map(|row| {
        let word = |column: usize| row.fields[column].clone();
        let count = |column: usize| {
            let count = row.fields[column].parse();
            count.map_err(|_| table.wrong(row, column, "a count"))
        };
        let mean = table.number(row, mae)?;
        let interval = mean.map(|mean| {
            Ok::<_, anyhow::Error>(Interval {
                mean,
                low: table.required(row, low)?,
                high: table.required(row, high)?,
            })
        });
        Ok(Line {
            subset: word(subset),
            target: word(target),
            unit: word(unit),
            model: word(model),
            n_train: count(size)?,
            trials: (count(ok)?, count(total)?),
            mae: interval.transpose()?,
        })
    });
    lines.collect()
}

fn findings(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.strip_prefix("- "));
    lines.map(str::to_owned).collect()
}

fn splits(path: &Path) -> Result<Vec<Split>> {
    let Ok(text) = fs::read_to_string(path) else {
        return Ok(Vec::new());
    };
    serde_json::from_str(&text).with_context(|| format!("{}: cannot be read", path.display()))
}

fn figures(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut stems: Vec<String> = names
        .filter_map(|name| Some(name.strip_suffix(".svg")?.to_owned()))
        .filter(|stem| folder.join(format!("{stem}.pdf")).is_file())
        .collect();
    stems.sort_unstable();
    stems
}
