//! `tycho report`: from records to tables, figures and a page.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use crate::dataset::Dataset;
use crate::report::{self, Results, StudySummary};

/// Make the tables, figures and page of a study from its records
///
/// Nothing is fitted: the records and predictions that `tycho run` left in the
/// folder are joined with the targets of the data set, and everything else in
/// the folder is made from them. Delete all tables and figures and run it
/// again: the files are the same, byte for byte.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho report reports/2dmd-low-mos2
  tycho report reports/2dmd-low-mos2 --out /tmp/look   # leave the folder alone")]
pub struct ReportArgs {
    /// Folder of the study; its `study.toml` says what was run
    #[arg(value_name = "STUDY")]
    pub study: PathBuf,

    /// Write the report here instead of into the folder of the study
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

impl ReportArgs {
    /// Where the report goes.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.out.as_deref().unwrap_or(&self.study)
    }
}

/// Writes the report of a study whose records are read from its folder.
///
/// # Errors
///
/// If the records cannot be read, do not fit the data, or a file cannot be
/// written.
pub fn report(args: &ReportArgs, dataset: &Dataset, study: &StudySummary) -> Result<()> {
    let results = Results::read(&args.study)?;
    report::write(args.folder(), &results, dataset, study)
        .with_context(|| format!("{}: no report", args.study.display()))
}
