//! `tycho law`: learns one law, to keep.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::explain;
use super::task::TaskArgs;
use crate::dataset::Home;
use crate::models::{LawFile, LawModelSettings, PairColumn};
use crate::report::significant;
use symreg::law::Gather;

/// Learn a law of many defects, and write it to a file
///
/// A law adds closed functions of sites, pairs and triples up, or takes the lowest of
/// many. It is learnt from so many structures, and scored on the others, which it has not
/// seen. `tycho explain` says what is in the file, `tycho predict` applies it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho law 2dmd/low_MoS2 --target formation_energy_per_site --structures 299
  tycho law 2dmd/low_MoS2 --target formation_energy_per_site --structures 299 --sharing
  tycho law 2dmd/low_MoS2 --target homo_lumo_gap --coupled
  tycho predict low_MoS2.law.json my-defects.cif")]
#[expect(clippy::struct_excessive_bools, reason = "flags, each by its name")]
pub struct LawArgs {
    #[command(flatten)]
    task: TaskArgs,

    /// What a nat of description costs in nats of evidence: less for more functions
    #[arg(long, value_name = "X", default_value_t = 0.3)]
    thrift: f64,

    /// What functions of pairs may depend on beside the distance, separated by commas
    #[arg(long, value_name = "COLUMNS", value_enum, value_delimiter = ',')]
    pair_columns: Vec<PairColumn>,

    /// Choose for every function what pairs of other kinds share of it, else all but a
    /// coefficient: all but a property of the elements, all, or nothing
    #[arg(long)]
    sharing: bool,

    /// Let a defect count otherwise where a mirror plane of the host through it maps the
    /// complex onto itself
    #[arg(long)]
    mirrors: bool,

    /// Let the neighbours of a defect count together, beside each for itself: mean, min, max,
    /// soft-min or norm of a function of theirs
    #[arg(long, value_name = "HOW", value_parser = gather)]
    neighbourhood: Option<Gather>,

    /// Let functions of triples depend on the angles at the defects, beside the sides
    #[arg(long)]
    triple_angles: bool,

    /// Let the levels of defects mix: the lowest eigenvalue of a matrix, not the lowest level
    ///
    /// For a gap and the like; a total has no levels.
    #[arg(long)]
    coupled: bool,

    /// Laws that are learnt from resamples of the structures, for the band of figures
    #[arg(long, value_name = "N", default_value_t = 0)]
    resamples: u64,

    /// Where the law is written (else SUBSET.law.json in this folder)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn gather(word: &str) -> Result<Gather> {
    let known = serde_json::from_value(serde_json::Value::from(word));
    known.map_err(|_| anyhow::anyhow!("expected mean, min, max, soft-min or norm"))
}

/// Runs the verb.
///
/// # Errors
///
/// If there are no such data, or too few.
pub fn run(arguments: &LawArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let task = arguments.task.load(home)?;
    let settings = LawModelSettings {
        thrift: arguments.thrift,
        pair_columns: arguments.pair_columns.clone(),
        sharing: arguments.sharing,
        mirrors: arguments.mirrors,
        neighbourhood: arguments.neighbourhood,
        triple_angles: arguments.triple_angles,
        coupled: arguments.coupled,
        ..LawModelSettings::default()
    };
    let file = LawFile::learn(
        task.dataset(),
        &arguments.task.source,
        &task.train(),
        task.property,
        &settings.checked()?,
        (arguments.task.seed, arguments.resamples),
    )?;
    let place = match &arguments.out {
        Some(place) => place.clone(),
        None => PathBuf::from(format!("{}.law.json", arguments.task.name())),
    };
    file.write(&place)?;
    explain::print(&file, out)?;
    let error = task.test_error(|sample| Ok(file.predict(&sample.structure)?.0))?;
    writeln!(
        out,
        "\nmean absolute error on the other {} structures: {} {}\nlaw: {}",
        task.test().len(),
        significant(error, 3),
        task.told().report_unit,
        place.display()
    )?;
    Ok(())
}
