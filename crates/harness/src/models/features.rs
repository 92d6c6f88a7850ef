//! The descriptors that classical models and equations share.

use anyhow::Result;
use crystal::{
    Column, CompositionDescriptor, DefectDescriptor, FeatureTable, PairDescriptor, Structure,
};
use serde::{Deserialize, Serialize};

use super::{Input, clusters};

/// Which descriptors a model is to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Descriptor {
    /// All of the point defects where a host crystal is known, else those of the
    /// whole structure.
    #[default]
    Auto,
    /// The distances of the pairs of defects, channel by channel.
    Pairs,
}

impl Descriptor {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks for it")]
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Descriptors whose columns were fixed on a training part: those of the point
/// defects where a host crystal is known, else those of the whole structure.
#[derive(Debug, Clone)]
pub(super) enum Features {
    /// Of the point defects.
    Defects(DefectDescriptor),
    /// Of the pairs of defects.
    Pairs(PairDescriptor),
    /// Of the whole structure.
    Composition(CompositionDescriptor),
}

impl Features {
    /// Fixes the columns.
    pub(super) fn learn(descriptor: Descriptor, inputs: &[Input<'_>]) -> Result<Self> {
        let known = inputs.iter().all(|input| input.defects.is_some());
        Ok(match descriptor {
            Descriptor::Auto if known => Self::Defects(DefectDescriptor::learn(&clusters(inputs)?)),
            Descriptor::Auto => {
                Self::Composition(CompositionDescriptor::learn(&structures(inputs)))
            }
            Descriptor::Pairs => Self::Pairs(PairDescriptor::learn(&clusters(inputs)?)),
        })
    }

    /// The columns of the table, in order.
    pub(super) fn columns(&self) -> Vec<Column> {
        match self {
            Self::Defects(descriptor) => descriptor.columns(),
            Self::Pairs(descriptor) => descriptor.columns(),
            Self::Composition(descriptor) => descriptor.columns(),
        }
    }

    /// One row a structure.
    pub(super) fn table(&self, inputs: &[Input<'_>]) -> Result<FeatureTable> {
        Ok(match self {
            Self::Defects(descriptor) => descriptor.describe(&clusters(inputs)?),
            Self::Pairs(descriptor) => descriptor.describe(&clusters(inputs)?),
            Self::Composition(descriptor) => descriptor.describe(&structures(inputs))?,
        })
    }
}

fn structures<'a>(inputs: &[Input<'a>]) -> Vec<&'a Structure> {
    inputs.iter().map(|input| input.structure).collect()
}
