//! Descriptors: structures and defect clusters as rows of a [`FeatureTable`].
//!
//! A descriptor is *learned* before it describes: the columns are fixed by the
//! training data alone, so that nothing about a test set, not even which kinds
//! of defects it holds, can leak into a model. What was not seen in training has
//! no column and is ignored later.
//!
//! # Where to start
//!
//! [`DefectDescriptor`] for defects in a known host, [`PairDescriptor`] for their
//! distances alone, [`CompositionDescriptor`] for any structure,
//! [`StructuralDescriptor`] for the many columns of published pipelines. A new
//! feature is a new column in `learn` and its value in `row`, in the same place.
//!
//! [`FeatureTable`]: crate::FeatureTable

use crate::{Column, Level};

mod composition;
mod defects;
mod pairs;
mod shells;
mod structural;

pub use composition::CompositionDescriptor;
pub use defects::DefectDescriptor;
pub use pairs::PairDescriptor;
pub use structural::{Family, StructuralDescriptor, structural_features};

/// A column with one value a structure.
fn column(name: impl Into<String>, unit: &str) -> Column {
    Column {
        name: name.into(),
        unit: unit.to_owned(),
        level: Level::Structure,
    }
}

#[cfg(test)]
mod tests;
