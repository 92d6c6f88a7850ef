//! `tycho rerun`: one trial once more.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::run::read_study;
use crate::dataset::{Home, load};
use crate::refuse;
use crate::run::{Keep, Library, Status, Store, execute, prepare};
use crate::study::{PlannedTrial, plan};

/// Fit one recorded trial again, and say whether the same bits come out
///
/// Nothing is written. Exit code 1 if a prediction differs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho rerun result 3f9c        # the trial whose hash begins so, as in records.jsonl")]
pub struct RerunArgs {
    /// Folder of the report
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Hash of the trial, or how it begins
    #[arg(value_name = "HASH")]
    hash: String,
}

/// Runs the verb.
///
/// # Errors
///
/// If there is no such trial, it has no predictions, or they differ.
pub fn run(arguments: &RerunArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let study = read_study(Some(&arguments.folder.join("study.toml")))?;
    let dataset = load(&study.dataset, home)?;
    let prepared = prepare(&study, &dataset)?;
    let trials = plan(&study, &dataset, &prepared.splits);
    let planned = chosen(&trials, &arguments.hash)?;
    let known = Store::new(&arguments.folder).predictions_of(planned)?;
    let Some(known) = known else {
        refuse!(
            "{}: trial {} has no predictions here to compare with",
            arguments.folder.display(),
            planned.hash
        );
    };
    let library = Library::new(&dataset, &prepared.samples)?;
    let shared = home.shared();
    let keep = Keep::at(Some(&shared), None, None);
    let outcome = execute(planned, &library, &keep, &gnn::Device::Cpu, &|_| ());
    if outcome.record.status != Status::Ok {
        bail!(
            "trial {} went well before, now: {}",
            planned.hash,
            outcome.record.reason
        );
    }
    let differ = known
        .iter()
        .zip(&outcome.predicted)
        .filter(|(a, b)| a.to_bits() != b.to_bits());
    let largest = differ
        .clone()
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max);
    match differ.count() {
        0 => {
            let count = known.len();
            writeln!(
                out,
                "trial {}: the same {count} predictions, bit for bit",
                planned.hash
            )?;
            Ok(())
        }
        count => bail!(
            "trial {}: {count} of {} predictions differ, by up to {largest:e}",
            planned.hash,
            known.len()
        ),
    }
}

/// The trial whose hash begins so.
fn chosen<'a, 'b>(trials: &'a [PlannedTrial<'b>], hash: &str) -> Result<&'a PlannedTrial<'b>> {
    let mut found = trials
        .iter()
        .filter(|planned| planned.hash.starts_with(hash));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => refuse!("{hash}: no trial of this study has a hash that begins so"),
        (Some(one), Some(other)) => refuse!(
            "{hash}: more than one trial begins so, as {} and {}",
            one.hash,
            other.hash
        ),
    }
}
