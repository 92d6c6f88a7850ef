//! The descriptors that classical models and equations share.

use std::sync::OnceLock;

use anyhow::Result;
use crystal::{
    Column, CompositionDescriptor, DefectDescriptor, Family, FeatureTable, PairDescriptor,
    StructuralDescriptor, Structure, structural_features,
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
    /// Those of the whole structure: density, elements, diffraction, distances, angles,
    /// orbitals.
    Structural,
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
    /// The composition of the whole structure.
    Composition(CompositionDescriptor),
    /// All of the whole structure.
    Structural(StructuralDescriptor),
}

/// All structural features of one structure, from when they are first asked for: a
/// structure is in many trials. In single precision, since there are some thousand.
#[derive(Debug, Default)]
pub struct Memo(OnceLock<Box<[f32]>>);

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
            Descriptor::Structural => {
                let table = structural(inputs)?;
                Self::Structural(StructuralDescriptor::of_table(&Family::ALL, &table))
            }
        })
    }

    /// The columns of the table, in order.
    pub(super) fn columns(&self) -> Vec<Column> {
        match self {
            Self::Defects(descriptor) => descriptor.columns(),
            Self::Pairs(descriptor) => descriptor.columns(),
            Self::Composition(descriptor) => descriptor.columns(),
            Self::Structural(descriptor) => descriptor.columns().to_vec(),
        }
    }

    /// One row a structure.
    pub(super) fn table(&self, inputs: &[Input<'_>]) -> Result<FeatureTable> {
        Ok(match self {
            Self::Defects(descriptor) => descriptor.describe(&clusters(inputs)?),
            Self::Pairs(descriptor) => descriptor.describe(&clusters(inputs)?),
            Self::Composition(descriptor) => descriptor.describe(&structures(inputs))?,
            Self::Structural(descriptor) => descriptor.select(&structural(inputs)?)?,
        })
    }
}

fn known<'a>(input: &Input<'a>) -> Option<&'a [f32]> {
    input.memo?.0.get().map(|row| &**row)
}

/// All structural features, those that are remembered and the others.
fn structural(inputs: &[Input<'_>]) -> Result<FeatureTable> {
    let unknown = inputs.iter().filter(|input| known(input).is_none());
    let unknown: Vec<&Structure> = unknown.map(|input| input.structure).collect();
    let new = structural_features(&Family::ALL, &unknown)?;
    let (mut rows, mut next) = (Vec::new(), 0);
    for input in inputs {
        if let Some(row) = known(input) {
            rows.extend(row.iter().map(|&value| f64::from(value)));
            continue;
        }
        #[expect(clippy::cast_possible_truncation, reason = "features are kept in f32")]
        let row: Box<[f32]> = new.row(next).iter().map(|&value| value as f32).collect();
        next += 1;
        rows.extend(row.iter().map(|&value| f64::from(value)));
        if let Some(memo) = input.memo {
            memo.0.get_or_init(|| row);
        }
    }
    Ok(FeatureTable::new(new.columns().to_vec(), rows)?)
}

fn structures<'a>(inputs: &[Input<'a>]) -> Vec<&'a Structure> {
    inputs.iter().map(|input| input.structure).collect()
}
