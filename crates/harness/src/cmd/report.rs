//! `tycho report`: from records to tables, figures and a page.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::run::{read_study, write_report};
use crate::dataset::{Home, load};
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
  tycho report reports/2dmd-low-mos2")]
pub struct ReportArgs {
    /// Folder of the report; its `study.toml` says what was run
    #[arg(value_name = "DIR")]
    folder: PathBuf,
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
    let store = Store::open(&arguments.folder)?;
    write_report(&study, &dataset, &trials, &store, &arguments.folder, out)
}
