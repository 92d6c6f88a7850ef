//! `tycho report`: from records to tables, figures and a page.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use super::run::{read_study, write_report};
use super::verify::verify;
use crate::dataset::{Home, load};
use crate::report::paper::{self, Subject};
use crate::report::publish;
use crate::run::{Store, prepare};
use crate::study::{Study, plan};

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
  tycho report result --verify                 # has anything been changed by hand?
  tycho report result --paper                  # a summary in result/paper, in LaTeX and Typst
  tycho report reports/laws-of-defects --paper # the same of a published copy, without its data")]
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

    /// Also write `paper/`: a summary of a few pages, in LaTeX and in Typst
    ///
    /// Data, models with their settings, findings, errors, figures, equations and
    /// references; nothing that the tables and figures do not say. A published copy has
    /// no predictions to make tables of: they are then taken as they are, and the data
    /// set need not be there.
    #[arg(long, conflicts_with = "verify")]
    paper: bool,
}

/// Runs the verb.
///
/// # Errors
///
/// If the folder holds no study, its data are not there, or the report cannot
/// be written.
pub fn run(arguments: &ReportArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let study = read_study(Some(&arguments.folder.join("study.toml")))?;
    if arguments.paper && arguments.publish.is_none() && is_copy(&arguments.folder) {
        return write_paper(
            &arguments.folder,
            &study,
            &Subject::named(&study.dataset),
            out,
        );
    }
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
    if arguments.paper {
        let subject = Subject::of(&dataset, &study, &prepared.pools);
        for folder in std::iter::once(&arguments.folder).chain(&arguments.publish) {
            write_paper(folder, &study, &subject, out)?;
        }
    }
    Ok(())
}

/// Whether a folder has the tables of a report and no predictions to make them again.
fn is_copy(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).exists();
    has("leaderboard.csv") && !has("predictions.parquet") && !has("trials")
}

fn write_paper(folder: &Path, study: &Study, subject: &Subject, out: &mut dyn Write) -> Result<()> {
    paper::write(folder, study, subject)?;
    writeln!(out, "paper: {}", folder.join("paper/paper.tex").display())?;
    Ok(())
}
