//! Reading back `learning_curve.csv`.

use std::path::Path;

use anyhow::{Context, Result};
use polars::prelude::{CsvReadOptions, DataFrame, SerReader};

use crate::refuse;

/// A line of `learning_curve.csv`: one trial.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialScore {
    /// As `low_MoS2`.
    pub subset: String,
    /// Key of the property.
    pub target: String,
    /// As `megnet-sparse`.
    pub model: String,
    /// How many structures it learnt from.
    pub n_train: usize,
    /// Which subsample.
    pub seed: u64,
    /// In the report unit; `None` if the trial did not end well.
    pub mae: Option<f64>,
}

/// Reads the trials of a report.
///
/// # Errors
///
/// If the file cannot be read, lacks a column, or a number is none.
pub fn read_learning_curve(path: &Path) -> Result<Vec<TrialScore>> {
    if !path.exists() {
        refuse!(
            "{}: is not there; is this the folder of a report?",
            path.display()
        );
    }
    let frame = CsvReadOptions::default()
        // every column as words: an empty one has no other type
        .with_infer_schema_length(Some(0))
        .try_into_reader_with_file_path(Some(path.to_owned()))
        .and_then(SerReader::finish)
        .with_context(|| format!("{}: cannot be read", path.display()))?;
    scores(&frame).with_context(|| format!("{}: cannot be read", path.display()))
}

fn scores(frame: &DataFrame) -> Result<Vec<TrialScore>> {
    let column = |name: &str| -> Result<Vec<String>> {
        let cells = frame.column(name)?.str()?.iter();
        Ok(cells
            .map(|cell| cell.unwrap_or_default().to_owned())
            .collect())
    };
    let (subsets, targets, models) = (column("subset")?, column("target")?, column("model")?);
    let (sizes, seeds, errors) = (column("n_train")?, column("seed")?, column("mae")?);
    (0..frame.height())
        .map(|row| {
            let mae = Some(&errors[row]).filter(|cell| !cell.is_empty());
            Ok(TrialScore {
                subset: subsets[row].clone(),
                target: targets[row].clone(),
                model: models[row].clone(),
                n_train: sizes[row].parse()?,
                seed: seeds[row].parse()?,
                mae: mae.map(|cell| cell.parse()).transpose()?,
            })
        })
        .collect()
}
