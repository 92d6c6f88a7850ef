//! Predictions of all trials in one parquet file.
//!
//! Three columns, one row a prediction: `trial` (hash), `id` (structure) and
//! `predicted`, in the unit of the property. Rows of a trial stay together and
//! trials are sorted by hash, so that the file does not depend on the order in
//! which trials ended; long runs of equal hashes and ids compress to nearly
//! nothing, and what is left are the digits of the predictions: at most 7.7
//! bytes for one.

use std::fs::File;
use std::panic::catch_unwind;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use polars::prelude::{
    DataFrame, DataType, IntoColumn, NamedFrom, ParquetCompression, ParquetReader, ParquetWriter,
    SerReader, Series, StatisticsOptions,
};

use crate::error::UserError;
use crate::files::write_with;
use crate::report::TrialPredictions;

/// How many digits of a prediction are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PredictionPrecision {
    /// All of them: what is read is what was written, bit for bit.
    #[default]
    Exact,
    /// Seven significant digits, in half the space: for copies that are kept
    /// in a repository.
    Single,
}

/// Writes predictions, replacing the file in one step.
///
/// # Errors
///
/// If the file cannot be written, or a trial has not one value an id.
pub fn write_predictions(
    path: &Path,
    predictions: &[TrialPredictions],
    precision: PredictionPrecision,
) -> Result<()> {
    let mut frame = frame(predictions, precision)
        .with_context(|| format!("{}: cannot be written", path.display()))?;
    write_with(path, |file| {
        ParquetWriter::new(file)
            .with_compression(ParquetCompression::Zstd(None))
            // limits of a column of hashes serve nobody and take space
            .with_statistics(StatisticsOptions::empty())
            .finish(&mut frame)?;
        Ok(())
    })
}

/// Reads what [`write_predictions`] wrote, sorted by hash.
///
/// # Errors
///
/// If the file cannot be read, is damaged, or lacks a column.
pub fn read_predictions(path: &Path) -> Result<Vec<TrialPredictions>> {
    // polars panics where a length in a file is wrong
    let result = catch_unwind(|| read(path));
    result
        .unwrap_or_else(|_| Err(UserError::new("the file is damaged")))
        .with_context(|| format!("{}: cannot be read", path.display()))
}

fn frame(predictions: &[TrialPredictions], precision: PredictionPrecision) -> Result<DataFrame> {
    let mut sorted: Vec<&TrialPredictions> = predictions.iter().collect();
    sorted.sort_by(|a, b| a.hash.cmp(&b.hash));
    let (mut trials, mut ids, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for trial in sorted {
        ensure!(
            trial.ids.len() == trial.values.len(),
            "trial {} has {} ids but {} predictions",
            trial.hash,
            trial.ids.len(),
            trial.values.len()
        );
        trials.extend(trial.ids.iter().map(|_| trial.hash.as_str()));
        ids.extend(trial.ids.iter().map(String::as_str));
        values.extend_from_slice(&trial.values);
    }
    let mut predicted = Series::new("predicted".into(), values);
    if precision == PredictionPrecision::Single {
        predicted = predicted.cast(&DataType::Float32)?;
    }
    let columns = vec![
        Series::new("trial".into(), trials).into_column(),
        Series::new("id".into(), ids).into_column(),
        predicted.into_column(),
    ];
    Ok(DataFrame::new_infer_height(columns)?)
}

fn read(path: &Path) -> Result<Vec<TrialPredictions>> {
    let frame = ParquetReader::new(File::open(path)?).finish()?;
    let trials = frame.column("trial")?.str()?.iter();
    let ids = frame.column("id")?.str()?.iter();
    let predicted = frame.column("predicted")?.cast(&DataType::Float64)?;
    let values = predicted.f64()?.iter();
    let mut predictions: Vec<TrialPredictions> = Vec::new();
    for ((trial, id), value) in trials.zip(ids).zip(values) {
        let trial = trial.context("a row has no trial")?;
        let id = id.context("a row has no id")?;
        let value = value.context("a row has no prediction")?;
        if predictions.last().is_none_or(|last| last.hash != trial) {
            predictions.push(TrialPredictions {
                hash: trial.to_owned(),
                ids: Vec::new(),
                values: Vec::new(),
            });
        }
        if let Some(last) = predictions.last_mut() {
            last.ids.push(id.to_owned());
            last.values.push(value);
        }
    }
    Ok(predictions)
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Trials that predict the same structures: every eighth one value for all,
    /// as a mean does, the others random digits, which do not compress.
    fn random(trials: usize, structures: usize) -> Vec<TrialPredictions> {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        (0..trials)
            .map(|trial| TrialPredictions {
                hash: blake3::hash(&trial.to_le_bytes()).to_hex().to_string(),
                ids: (0..structures)
                    .map(|i| format!("low_MoS2/{:016x}", i * 0x9e37_79b9_7f4a))
                    .collect(),
                values: if trial % 8 == 7 {
                    vec![random.random_range(0.5..6.0); structures]
                } else {
                    (0..structures)
                        .map(|_| random.random_range(0.5..6.0))
                        .collect()
                },
            })
            .collect()
    }

    #[test]
    fn exact_predictions_return_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("predictions.parquet");
        let mut predictions = random(3, 5);
        write_predictions(&path, &predictions, PredictionPrecision::Exact).unwrap();
        predictions.sort_by(|a, b| a.hash.cmp(&b.hash));
        assert_eq!(read_predictions(&path).unwrap(), predictions);
    }

    #[test]
    fn single_predictions_keep_seven_digits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("predictions.parquet");
        let predictions = random(1, 50);
        write_predictions(&path, &predictions, PredictionPrecision::Single).unwrap();
        let read = read_predictions(&path).unwrap();
        for (got, expected) in read[0].values.iter().zip(&predictions[0].values) {
            // half the spacing of 24-bit numbers
            approx::assert_relative_eq!(got, expected, max_relative = 6e-8);
        }
    }

    #[test]
    fn four_hundred_trials_of_a_thousand_take_less_than_three_megabytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("predictions.parquet");
        let predictions = random(400, 1000);
        let size = |precision| {
            write_predictions(&path, &predictions, precision).unwrap();
            std::fs::metadata(&path).unwrap().len()
        };
        let (exact, single) = (
            size(PredictionPrecision::Exact),
            size(PredictionPrecision::Single),
        );
        assert!(exact < 3_000_000, "{exact} bytes");
        assert!(single < 1_600_000, "{single} bytes");
    }

    #[test]
    fn a_damaged_file_is_read_or_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("predictions.parquet");
        write_predictions(&path, &random(2, 3), PredictionPrecision::Exact).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for place in 0..whole.len() {
            // zeros, since polars reserves whatever a length says
            let mut bytes = whole.clone();
            bytes[place] = 0;
            std::fs::write(&path, bytes).unwrap();
            let _ = read_predictions(&path);
            std::fs::write(&path, &whole[..place]).unwrap();
            assert!(read_predictions(&path).is_err());
        }
    }

    #[test]
    fn a_trial_without_a_value_for_an_id_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut predictions = random(1, 3);
        predictions[0].values.pop();
        let error = write_predictions(
            &folder.path().join("p.parquet"),
            &predictions,
            PredictionPrecision::Exact,
        );
        let text = format!("{:#}", error.unwrap_err());
        assert!(text.contains("3 ids but 2 predictions"), "{text}");
    }
}
