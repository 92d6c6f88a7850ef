//! `tycho predict`: what a law or a network says of structures.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use crystal::Structure;

use crate::dataset::generic::read_structure;
use crate::models::{LawFile, NetworkFile, Tables};
use crate::refuse;
use crate::report::significant;

/// Predict structures by a law or a network
///
/// Each must be an unrelaxed supercell of the crystal that the model was learnt on, with
/// point defects.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho predict low_MoS2.law.json my-defects.cif POSCAR
  tycho predict low_MoS2.law.json my-defects.cif --tables
  tycho predict low_MoS2.megnet-sparse my-defects.cif")]
pub struct PredictArgs {
    /// File of `tycho law`, or folder of `tycho train`
    #[arg(value_name = "MODEL")]
    model: PathBuf,

    /// CIF, POSCAR, XYZ or JSON (pymatgen)
    #[arg(value_name = "STRUCTURE", required = true)]
    structures: Vec<PathBuf>,

    /// Print what a law sums over in place of the value, one line of JSON for each structure
    ///
    /// The function that `tycho equation LAW --as python` writes, or `value` of `--as sympy`,
    /// takes it: formula(**line).
    #[arg(long)]
    tables: bool,
}

/// Runs the verb.
///
/// # Errors
///
/// If a file is no model or no structure, or a structure is none that the model knows.
pub fn run(arguments: &PredictArgs, out: &mut dyn Write) -> Result<()> {
    let model = Saved::read(&arguments.model)?;
    let (target, unit) = model.target();
    for path in &arguments.structures {
        let name = path.display().to_string();
        let structure = read_structure(path)?;
        if arguments.tables {
            let tables = model.tables(&structure).with_context(|| name.clone())?;
            writeln!(out, "{}", serde_json::to_string(&tables)?)?;
            continue;
        }
        let (value, kind) = model.predict(&structure).with_context(|| name.clone())?;
        let value = significant(value, 6);
        writeln!(out, "{name}\t{kind}\t{target} = {value} {unit}")?;
    }
    Ok(())
}

/// A model that was kept.
enum Saved {
    Law(Box<LawFile>),
    Network(Box<NetworkFile>),
}

impl Saved {
    fn read(path: &Path) -> Result<Self> {
        Ok(if path.is_dir() {
            Self::Network(Box::new(NetworkFile::read(path)?))
        } else {
            Self::Law(Box::new(LawFile::read(path)?))
        })
    }

    /// Key of the property, and its unit.
    fn target(&self) -> (&str, &str) {
        match self {
            Self::Law(law) => (&law.target, &law.unit),
            Self::Network(network) => network.target(),
        }
    }

    /// What a law sums over in a structure.
    fn tables(&self, structure: &Structure) -> Result<Tables> {
        match self {
            Self::Law(law) => law.tables(structure),
            Self::Network(_) => refuse!("--tables: a network sums over no tables, a law does"),
        }
    }

    /// The value, and the complex that the structure is.
    fn predict(&self, structure: &Structure) -> Result<(f64, String)> {
        match self {
            Self::Law(law) => law.predict(structure),
            Self::Network(network) => {
                let (value, kind) = network.predict(structure)?;
                Ok((value, kind.unwrap_or_default()))
            }
        }
    }
}
