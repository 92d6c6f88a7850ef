//! `tycho report --verify`: whether a report is what its records say.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::run::write_report;
use crate::dataset::Dataset;
use crate::run::{Prepared, Store};
use crate::study::{PlannedTrial, Study, trial_hash};

/// What a report is made from.
const SOURCES: [&str; 3] = ["study.toml", "records.jsonl", "predictions.parquet"];

/// Makes the report again in a folder of its own and compares all files; says what
/// differs.
///
/// # Errors
///
/// If a file differs or is lacking, or a record does not bear the hash of its trial.
pub(super) fn verify(
    folder: &Path,
    study: &Study,
    dataset: &Dataset,
    prepared: &Prepared<'_>,
    trials: &[PlannedTrial<'_>],
    out: &mut dyn Write,
) -> Result<()> {
    let mut wrong = forged(folder)?;
    let again = tempfile::tempdir()?;
    for name in SOURCES {
        let from = folder.join(name);
        fs::copy(&from, again.path().join(name))
            .with_context(|| format!("{}: cannot be read", from.display()))?;
    }
    let store = Store::new(again.path());
    write_report(
        study,
        dataset,
        prepared,
        trials,
        &store,
        again.path(),
        &mut std::io::sink(),
    )?;
    let (ours, theirs) = (made(again.path())?, made(folder)?);
    for (name, bytes) in &ours {
        match theirs.get(name) {
            None => wrong.push(format!("{name}: is not there")),
            Some(other) if other != bytes => {
                wrong.push(format!("{name}: is not what the records give"));
            }
            Some(_) => {}
        }
    }
    for line in &wrong {
        writeln!(out, "{line}")?;
    }
    if !wrong.is_empty() {
        bail!(
            "{}: {} things are not as they should be",
            folder.display(),
            wrong.len()
        );
    }
    writeln!(
        out,
        "verified: {} files are what the records give, byte for byte",
        ours.len()
    )?;
    Ok(())
}

/// Records whose hash is not that of their trial.
fn forged(folder: &Path) -> Result<Vec<String>> {
    let records = Store::new(folder).every_record()?;
    let forged = records
        .values()
        .filter(|record| record.hash != trial_hash(&record.trial));
    Ok(forged
        .map(|record| {
            format!(
                "records.jsonl: {} is not the hash of its trial",
                record.hash
            )
        })
        .collect())
}

/// All files that are made from records, by their names.
fn made(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for place in ["", "tables", "figures"] {
        let Ok(entries) = fs::read_dir(folder.join(place)) else {
            continue;
        };
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_made = path.is_file() && (!place.is_empty() || is_made(&name));
            if is_made {
                let bytes = fs::read(&path)
                    .with_context(|| format!("{}: cannot be read", path.display()))?;
                files.insert(Path::new(place).join(&*name).display().to_string(), bytes);
            }
        }
    }
    Ok(files)
}

fn is_made(name: &str) -> bool {
    name == "index.html"
        || Path::new(name)
            .extension()
            .is_some_and(|ending| ending == "csv")
}
