//! `tycho predict`: what a law says of structures.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::dataset::generic::read_structure;
use crate::models::LawFile;
use crate::report::significant;

/// Predict structures by a law
///
/// Each must be an unrelaxed supercell of the crystal that the law was learnt on, with
/// point defects.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho predict low_MoS2.law.json my-defects.cif POSCAR")]
pub struct PredictArgs {
    /// File of `tycho law`
    #[arg(value_name = "LAW")]
    law: PathBuf,

    /// CIF, POSCAR, XYZ or JSON (pymatgen)
    #[arg(value_name = "STRUCTURE", required = true)]
    structures: Vec<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
///
/// If a file is no law or no structure, or a structure is none that the law knows.
pub fn run(arguments: &PredictArgs, out: &mut dyn Write) -> Result<()> {
    let law = LawFile::read(&arguments.law)?;
    for path in &arguments.structures {
        let name = path.display().to_string();
        let structure = read_structure(path)?;
        let (value, kind) = law.predict(&structure).with_context(|| name.clone())?;
        let value = significant(value, 6);
        writeln!(out, "{name}\t{kind}\t{} = {value} {}", law.target, law.unit)?;
    }
    Ok(())
}
