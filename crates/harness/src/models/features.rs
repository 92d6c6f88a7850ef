//! The descriptors that classical models and equations share.

use anyhow::Result;
use crystal::{CompositionDescriptor, DefectDescriptor, FeatureTable, Structure};

use super::{Input, clusters};

/// Descriptors whose columns were fixed on a training part: those of the point
/// defects where a host crystal is known, else those of the whole structure.
#[derive(Debug, Clone)]
pub(super) enum Features {
    /// Of the point defects.
    Defects(DefectDescriptor),
    /// Of the whole structure.
    Composition(CompositionDescriptor),
}

impl Features {
    /// Fixes the columns.
    pub(super) fn learn(inputs: &[Input<'_>]) -> Result<Self> {
        Ok(if inputs.iter().all(|input| input.defects.is_some()) {
            Self::Defects(DefectDescriptor::learn(&clusters(inputs)?))
        } else {
            Self::Composition(CompositionDescriptor::learn(&structures(inputs)))
        })
    }

    /// One row a structure.
    pub(super) fn table(&self, inputs: &[Input<'_>]) -> Result<FeatureTable> {
        Ok(match self {
            Self::Defects(descriptor) => descriptor.describe(&clusters(inputs)?),
            Self::Composition(descriptor) => descriptor.describe(&structures(inputs))?,
        })
    }
}

fn structures<'a>(inputs: &[Input<'a>]) -> Vec<&'a Structure> {
    inputs.iter().map(|input| input.structure).collect()
}
