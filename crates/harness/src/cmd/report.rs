//! `tycho report`: from records to tables, figures and a page.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::run::{read_study, write_report};
use super::verify::verify;
use crate::dataset::{Home, load};
use crate::report::publish;
use crate::run::{Store, prepare};
use crate::study::plan;

/// Make the tables, figures and page of a study from its records
///
/// Nothing is fitted: the records and predictions that `tycho run` left in the
/// folder are joined with the targets of the data set, and everything else in
/// the folder is made from them. Delete all tables and figures and run it
/// again: the files are the same, byte for byte.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho report result
  tycho report result --publish reports/mine   # a copy for a repository
  tycho report result --verify                 # has anything been changed by hand?")]
pub struct ReportArgs {
    /// Folder of the report; its `study.toml` says what was run
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Also write a copy that is small and holds no targets of the data
    #[arg(long, value_name = "COPY")]
    publish: Option<PathBuf>,

    /// Write nothing, and say whether every table and figure is what the records give
    #[arg(long, conflicts_with = "publish")]
    verify: bool,
}

/// Runs the verb.
///
/// # Errors
///
/// If the folder holds no study, its data are not there, or the report cannot
/// be written.
pub fn run(arguments: &ReportArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let study = read_study(Some(&arguments.folder.join("study.toml")))?;
    let dataset = load(&study.dataset, home)?;
    let prepared = prepare(&study, &dataset)?;
    let trials = plan(&study, &dataset, &prepared.splits);
    if arguments.verify {
        return verify(&arguments.folder, &study, &dataset, &prepared, &trials, out);
    }
    let store = Store::new(&arguments.folder);
    let results = write_report(
        &study,
        &dataset,
        &prepared,
        &trials,
        &store,
        &arguments.folder,
        out,
    )?;
    if let Some(copy) = &arguments.publish {
        publish(&arguments.folder, &results, copy)?;
        writeln!(out, "copy: {}", copy.join("index.html").display())?;
    }
    Ok(())
}
