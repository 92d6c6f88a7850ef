//! `tycho status`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::run::read_study;
use crate::dataset::{Home, load};
use crate::run::{Status, Store, prepare};
use crate::study::plan;

/// Say how far a study is: trials done, failed and open, by model
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho status reports/2dmd-low-mos2
  watch tycho status result          # while a run goes on")]
pub struct StatusArgs {
    /// Folder of the report
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Runs the verb.
///
/// # Errors
///
/// If the folder holds no study, or its data are not there.
pub fn run(arguments: &StatusArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let study = read_study(Some(&arguments.folder.join("study.toml")))?;
    let dataset = load(&study.dataset, home)?;
    let prepared = prepare(&study, &dataset)?;
    let records = Store::new(&arguments.folder).records()?;
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let trials = plan(&study, &dataset, &prepared.splits);
    for planned in &trials {
        let row = rows.entry(&planned.model.name).or_default();
        row.planned += 1;
        match records.get(&planned.hash).map(|record| record.status) {
            Some(Status::Ok) => row.ok += 1,
            Some(Status::Failed | Status::Timeout | Status::Diverged) => row.failed += 1,
            None => {}
        }
    }
    writeln!(
        out,
        "{:<20} {:>7} {:>7} {:>7} {:>7}",
        "model", "trials", "ok", "failed", "open"
    )?;
    for model in &study.models {
        let Row {
            planned,
            ok,
            failed,
        } = rows[model.name.as_str()];
        let open = planned - ok - failed;
        writeln!(
            out,
            "{:<20} {planned:>7} {ok:>7} {failed:>7} {open:>7}",
            model.name
        )?;
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, Default)]
struct Row {
    planned: usize,
    ok: usize,
    failed: usize,
}
