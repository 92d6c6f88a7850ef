//! `tycho data generate`: model data in the layout of 2DMD.

use std::io::Write;

use anyhow::{Context, Result};
use crystal::cif;
use indicatif::ProgressBar;
use rayon::prelude::*;
use tightbinding::{Generated, GeneratorSettings, Host, Model, choose, layout};

use super::GenerateArgs;
use crate::dataset::registry;
use crate::dataset::twodmd::{self, Texts};
use crate::error::UserError;

/// The only model so far.
const MODEL: &str = "tb-mos2";

/// Draws structures, solves them in parallel and writes them to a new folder.
pub(super) fn run(args: &GenerateArgs, out: &mut dyn Write) -> Result<()> {
    if args.model != MODEL {
        return Err(UserError::new(format!(
            "no model `{}`; there is {MODEL}",
            args.model
        )));
    }
    if args.number == 0 {
        return Err(UserError::new("-n must be at least 1, got 0"));
    }
    let settings = GeneratorSettings::default();
    let host = Host::new(Model::mos2(), settings.repeats).context("the pristine supercell")?;
    let configurations = choose(&settings, args.seed, args.number)
        .map_err(|error| UserError::new(error.to_string()))?;
    let bar = ProgressBar::new(configurations.len() as u64);
    let generated = configurations
        .par_iter()
        .map(|configuration| host.evaluate(configuration))
        .inspect(|_| bar.inc(1))
        .collect::<tightbinding::Result<Vec<Generated>>>()?;
    bar.finish_and_clear();
    let description = registry::find(MODEL)?.text()?;
    twodmd::write(&args.out, &texts(&host, &generated, description))?;
    writeln!(
        out,
        "{} structures with 1 to 3 defects written to {}\nnote: model data, not DFT",
        generated.len(),
        args.out.display()
    )?;
    Ok(())
}

/// What the files say.
fn texts(host: &Host, generated: &[Generated], description: String) -> Texts {
    let structures = generated.iter().map(|one| {
        let text = cif::write(&one.structure, &one.id);
        (one.id.clone(), text)
    });
    Texts {
        defects: layout::defects_csv(generated),
        targets: layout::targets_csv(host, generated),
        descriptors: layout::descriptors_csv(host, generated),
        elements: layout::elements_csv(host.model()),
        initial_structures: layout::initial_structures_csv(host),
        unit_cells: vec![(
            "MoS2".to_owned(),
            cif::write(&host.model().unit_cell(), "MoS2"),
        )],
        structures: structures.collect(),
        description: Some(description),
    }
}
