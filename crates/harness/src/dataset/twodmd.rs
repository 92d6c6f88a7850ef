//! The layout in which the authors of 2DMD publish it.
//!
//! ```text
//! low_density_defects/MoS2/        a subset: `low_MoS2`
//!   targets.csv.gz                 _id, descriptor_id, the targets
//!   defects.csv.gz                 _id, energies and levels straight from the calculation
//!   descriptors.csv                _id, description (V3, X2, …), base, cell, defects
//!   initial.tar.gz                 <_id>.cif, unrelaxed
//!   elements.csv                   chemical potentials
//!   initial_structures.csv         energies of the pristine supercells
//!   unit_cells/<base>.cif
//! high_density_defects/hBN_spin_500/   another: `high_hBN`
//! ```
//!
//! The root may lie anywhere in an archive, and a folder that is itself a subset
//! is a data set of one part. Structures are streamed out of `initial.tar.gz`,
//! a batch at a time, and their CIF texts parsed in parallel.

mod defects;
mod folder;
mod structures;
mod tables;
mod write;

pub(crate) use structures::read as read_structures;
pub(crate) use tables::{target_column, unique};
pub use write::{Texts, write};

use anyhow::Result;

use super::source::Source;
use super::{Description, Imported, hash};
use crate::error::UserError;

/// Whether a source has at least one subset in this layout.
#[must_use]
pub fn fits(source: &Source) -> bool {
    !folder::subsets(source, None).is_empty()
}

/// Reads all subsets of a source.
///
/// - `name`: of the data set.
///
/// # Errors
///
/// [`UserError`], one line with file, line and column where that is known.
pub fn read(source: &Source, name: &str, description: &Description) -> Result<Imported> {
    let folders = folder::subsets(source, description.default_subset.as_deref());
    if folders.is_empty() {
        return Err(UserError::new(format!(
            "{}: expected folders with targets.csv.gz and initial.tar.gz, found none",
            source.name()
        )));
    }
    let (mut samples, mut evidence, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for folder in folders {
        let part = folder.read(source, description, &mut notes)?;
        samples.extend(part.samples);
        evidence.push(part.evidence);
    }
    let dataset = hash::dataset(name, description, samples)?;
    Ok(Imported {
        dataset,
        evidence,
        notes,
    })
}
