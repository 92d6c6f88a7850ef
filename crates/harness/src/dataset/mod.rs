//! Data sets: structures with the properties that are to be predicted.
//!
//! ```text
//! folder, .zip, .tar.gz ─source─▶ twodmd or generic ─▶ Imported ─cache─▶ data folder ─load─▶ Dataset
//! ```
//!
//! A data set is read once, checked while it is read, and kept in the data
//! folder ([`Home`]) in a form that loads in a moment. Which files there are and
//! what they mean is said by a `dataset.toml` ([`Description`]).
//!
//! # Where to start
//!
//! [`load`] is what a study calls; [`import()`] is behind `tycho data import`.

pub mod cache;
pub mod csv;
pub mod description;
mod draft;
pub mod evidence;
pub mod fetch;
pub mod generic;
mod hash;
mod home;
mod import;
pub mod literal;
pub mod registry;
pub mod source;
pub mod twodmd;
pub mod verify;

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use crystal::{DefectCluster, Structure};

pub use description::Description;
pub use evidence::{Evidence, Imported, Label, Pristine, RawRow, Replacement};
pub use hash::content_hash;
pub use home::Home;
pub use import::{import, load, load_embedded, load_imported, read_path};

/// Structures, their targets, and where they come from.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The name of its folder, as `2dmd`.
    pub name: String,
    /// Title, licence, citation.
    pub about: About,
    /// What can be predicted; the order of [`Sample::targets`].
    pub properties: Vec<Property>,
    /// The structures, in the order of their subsets and, within one, of the
    /// source.
    pub samples: Vec<Sample>,
    /// A hash of everything above that a trial depends on (hex).
    pub content_hash: String,
}

/// Where a data set comes from and what one may do with it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct About {
    /// One line.
    pub title: String,
    /// An SPDX expression, as `CC-BY-4.0`.
    pub licence: String,
    /// Whom to cite, in words.
    pub citation: String,
    /// The same in BibTeX; may be empty.
    #[serde(default)]
    pub bibtex: String,
    /// A sentence that must stand wherever the data appear, as "model data,
    /// not DFT"; may be empty.
    #[serde(default)]
    pub notice: String,
}

/// A quantity that models predict.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Property {
    /// The name in studies and tables, as `formation_energy_per_site`.
    pub key: String,
    /// The name on an axis, as `formation energy per defect site`.
    pub label: String,
    /// The unit of the stored values, as `eV`.
    pub unit: String,
    /// The unit of reported errors, as `meV`.
    pub report_unit: String,
    /// Multiply a value by this to go from `unit` to `report_unit`.
    pub report_factor: f64,
    /// Whether the value is a total divided by the number of defects.
    pub per_defect: bool,
}

/// A structure and its targets.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Unique in the data set.
    pub id: String,
    /// As `low_MoS2`; `all` where a data set has no parts.
    pub subset: Arc<str>,
    /// As `V3`, the source's name for its kind of defect complex; may be empty.
    pub kind: Arc<str>,
    /// Unrelaxed, as the models see it.
    pub structure: Structure,
    /// The crystal before the defects were made, if that is known.
    pub host: Option<Arc<Host>>,
    /// One value a property, in its `unit`; `None` where the source has none.
    pub targets: Vec<Option<f64>>,
}

impl Sample {
    /// The point defects, if the crystal before them is known.
    ///
    /// # Errors
    ///
    /// If the structure is not a supercell of its host.
    pub fn defects(&self) -> Result<Option<DefectCluster>> {
        let found = self.host.as_ref().map(|host| {
            DefectCluster::find(&self.structure, &host.unit_cell, host.repeats)
                .with_context(|| format!("structure {}", self.id))
        });
        found.transpose()
    }
}

/// A crystal without defects.
#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    /// As `MoS2`.
    pub name: String,
    /// Its unit cell.
    pub unit_cell: Structure,
    /// How many of them make up the supercell of a sample.
    pub repeats: [usize; 3],
}

/// The name of all parts of a data set together.
pub const COMBINED: &str = "combined";

/// Whether a subset is of all parts: each of them then counts as much as another,
/// however many structures it has.
#[must_use]
pub fn is_combined(subset: &str) -> bool {
    subset.split('/').next() == Some(COMBINED)
}

/// A weight for each structure, 1 in the mean, so that the parts count alike.
///
/// - `parts`: the part of the data set that each is of.
#[must_use]
pub fn weights_of_parts(parts: &[&str]) -> Vec<f64> {
    let mut counts: HashMap<&str, f64> = HashMap::new();
    for part in parts {
        *counts.entry(part).or_default() += 1.0;
    }
    let alike = parts.len() as f64 / counts.len() as f64;
    parts.iter().map(|part| alike / counts[part]).collect()
}

impl Dataset {
    /// The samples of a subset, as `low_MoS2`, of one kind in it, as `low_MoS2/V3`, or
    /// of several, as `low_MoS2/V3+V5`; of all subsets, as [`COMBINED`].
    #[must_use]
    pub fn select(&self, subset: &str) -> Vec<&Sample> {
        let (part, kind) = match subset.split_once('/') {
            Some((part, kind)) => (part, Some(kind)),
            None => (subset, None),
        };
        self.samples
            .iter()
            .filter(|sample| part == COMBINED || &*sample.subset == part)
            .filter(|sample| kind.is_none_or(|kind| kind.split('+').any(|k| k == &*sample.kind)))
            .collect()
    }

    /// The position of a property in [`Sample::targets`].
    #[must_use]
    pub fn property(&self, key: &str) -> Option<usize> {
        self.properties
            .iter()
            .position(|property| property.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_count_alike() {
        let third = 2.0 / 3.0;
        let weights = weights_of_parts(&["a", "b", "a", "a"]);
        assert_eq!(weights, [third, 2.0, third, third]);
        assert_eq!(weights_of_parts(&["a", "a"]), [1.0, 1.0]);
    }
}
