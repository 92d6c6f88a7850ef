//! `tycho merge`: one report from what several machines have run.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use super::run::{read_study, write_report};
use crate::dataset::{Home, load};
use crate::refuse;
use crate::run::{Store, prepare};
use crate::study::{PlannedTrial, Study, plan};

/// How many missing trials are named.
const NAMED: usize = 10;

/// Gather the trials of shards and machines into one folder, and make its report
///
/// Folders of another study, split or data are refused, and so are two different
/// results of one trial. Trials that are still missing are listed and end the program
/// with exit code 1; the report is made from those that are there.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho merge result                     # shards that wrote into one folder
  tycho merge result node1 node2 node3   # folders copied from other machines")]
pub struct MergeArgs {
    /// Folder of the report; made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Folders whose trials are added; they are left as they are
    #[arg(value_name = "FROM")]
    from: Vec<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
///
/// If folders do not belong together, trials are missing, or files cannot be read or
/// written.
pub fn run(arguments: &MergeArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let (study, source) = study_of(arguments)?;
    let dataset = load(&study.dataset, home)?;
    let prepared = prepare(&study, &dataset)?;
    let trials = plan(&study, &dataset, &prepared.splits);
    let store = Store::new(&arguments.folder);
    store.write_study(&study, Some(&source))?;
    store.write_splits(&prepared.splits)?;
    for folder in &arguments.from {
        check_study(&study, folder)?;
        let added = store.absorb(&Store::new(folder), &dataset.content_hash)?;
        writeln!(out, "{}: {added} trials added", folder.display())?;
    }
    write_report(
        &study,
        &dataset,
        &prepared,
        &trials,
        &store,
        &arguments.folder,
        out,
    )?;
    let done = store.records()?;
    let missing: Vec<&PlannedTrial<'_>> = trials
        .iter()
        .filter(|planned| !done.contains_key(&planned.hash))
        .collect();
    for planned in missing.iter().take(NAMED) {
        let trial = &planned.trial;
        writeln!(
            out,
            "missing: {} {} {}, {} structures, seed {} ({})",
            trial.model, trial.subset, trial.target, trial.n_train, trial.seed, planned.hash
        )?;
    }
    if !missing.is_empty() {
        bail!("{} of {} trials are missing", missing.len(), trials.len());
    }
    Ok(())
}

/// The study of the folder, or of the first that is added, and its file.
fn study_of(arguments: &MergeArgs) -> Result<(Study, PathBuf)> {
    let folders = std::iter::once(&arguments.folder).chain(&arguments.from);
    let mut files = folders.map(|folder| folder.join("study.toml"));
    match files.find(|file| file.exists()) {
        Some(file) => Ok((read_study(Some(&file))?, file)),
        None => refuse!(
            "{}: there is no study.toml here, nor in a folder to add",
            arguments.folder.display()
        ),
    }
}

fn check_study(study: &Study, folder: &Path) -> Result<()> {
    let file = folder.join("study.toml");
    if !study.continues(&read_study(Some(&file))?) {
        refuse!(
            "{}: a study of other data or another split; its trials cannot be added",
            file.display()
        );
    }
    Ok(())
}
