//! `tycho law`: learns one law, to keep.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::explain;
use crate::dataset::{Home, Sample, load};
use crate::models::{LawFile, LawModelSettings};
use crate::refuse;
use crate::report::significant;
use crate::study::{Split, SplitSettings};

/// Learn a law of many defects, and write it to a file
///
/// A law adds closed functions of sites, pairs and triples up, or takes the lowest of
/// many. It is learnt from so many structures, and scored on the others, which it has not
/// seen. `tycho explain` says what is in the file, `tycho predict` applies it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho law 2dmd/low_MoS2 --target formation_energy_per_site --structures 299
  tycho predict low_MoS2.law.json my-defects.cif")]
pub struct LawArgs {
    /// What to learn from, as `2dmd/low_MoS2` or `2dmd/low_MoS2/V3`
    #[arg(value_name = "DATASET/SUBSET")]
    source: String,

    /// Key of the property
    #[arg(long, value_name = "KEY")]
    target: String,

    /// How many structures to learn from (else all but one in ten)
    #[arg(long, value_name = "N")]
    structures: Option<usize>,

    /// What a nat of description costs in nats of evidence: less for more functions
    #[arg(long, value_name = "X", default_value_t = 0.3)]
    thrift: f64,

    /// Decides the structures and starts the search
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Laws that are learnt from resamples of the structures, for the band of figures
    #[arg(long, value_name = "N", default_value_t = 0)]
    resamples: u64,

    /// Where the law is written (else SUBSET.law.json in this folder)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
///
/// If there are no such data, or too few.
pub fn run(arguments: &LawArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let Some((name, subset)) = arguments.source.split_once('/') else {
        refuse!(
            "expected DATASET/SUBSET as `2dmd/low_MoS2`, found `{}`",
            arguments.source
        );
    };
    let dataset = load(name, home)?;
    let Some(property) = dataset.property(&arguments.target) else {
        let keys = dataset.properties.iter().map(|p| p.key.as_str());
        refuse!(
            "target `{}`: data set {name} has {}",
            arguments.target,
            keys.collect::<Vec<_>>().join(", ")
        );
    };
    let mut samples = dataset.select(subset);
    samples.retain(|sample| sample.targets[property].is_some());
    let structures = arguments.structures.unwrap_or(samples.len() * 9 / 10);
    if structures == 0 || structures >= samples.len() {
        refuse!(
            "{}: {} structures have the target, so that 1 to {} can be learnt from; found {structures}",
            arguments.source,
            samples.len(),
            samples.len().saturating_sub(1)
        );
    }
    let ids: Vec<&str> = samples.iter().map(|sample| sample.id.as_str()).collect();
    let split = SplitSettings {
        seed: arguments.seed,
        test: samples.len() - structures,
        train_sizes: vec![structures],
        seeds: 1,
        validation: 0.0,
    };
    let split = Split::new(subset, &ids, &split)?;
    let of = |ids: &[String]| -> Vec<&Sample> {
        let own = samples.iter().filter(|sample| ids.contains(&sample.id));
        own.copied().collect()
    };
    let settings = LawModelSettings {
        thrift: arguments.thrift,
        ..LawModelSettings::default()
    };
    let file = LawFile::learn(
        &dataset,
        &arguments.source,
        &of(&split.train[0]),
        property,
        &settings.checked()?,
        (arguments.seed, arguments.resamples),
    )?;
    let place = arguments.out.clone().unwrap_or_else(|| {
        let name = subset.replace('/', "-");
        PathBuf::from(format!("{name}.law.json"))
    });
    file.write(&place)?;
    explain::print(&file, out)?;
    let mut sum = 0.0;
    for sample in of(&split.test) {
        let target = sample.targets[property].unwrap_or(f64::NAN);
        sum += (file.predict(&sample.structure)?.0 - target).abs();
    }
    let told = &dataset.properties[property];
    writeln!(
        out,
        "\nmean absolute error on the other {} structures: {} {}\nlaw: {}",
        split.test.len(),
        significant(sum / split.test.len() as f64 * told.report_factor, 3),
        told.report_unit,
        place.display()
    )?;
    Ok(())
}
