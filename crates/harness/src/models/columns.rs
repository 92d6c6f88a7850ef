//! The columns that a formula may be made of.

use anyhow::Result;
use symreg::{Column, Table};

use super::features::{Descriptor, Features};
use super::{Input, Part};

/// Those descriptors that vary over the training part.
pub(super) struct Columns {
    features: Features,
    kept: Vec<usize>,
}

impl Columns {
    /// Fixes the columns.
    pub(super) fn learn(descriptor: Descriptor, part: &Part<'_>) -> Result<Self> {
        let features = Features::learn(descriptor, &part.inputs)?;
        let table = features.table(&part.inputs)?;
        let varies = |&column: &usize| {
            let values = table.column(column);
            values
                .iter()
                .any(|value| value.to_bits() != values[0].to_bits())
        };
        let kept = (0..table.width()).filter(varies).collect();
        Ok(Self { features, kept })
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.kept.len()
    }

    /// One row a structure.
    pub(super) fn table(&self, inputs: &[Input<'_>]) -> Result<Table> {
        let table = self.features.table(inputs)?;
        let columns = self.kept.iter().map(|&index| {
            let column = &table.columns()[index];
            let unit = column.unit.clone();
            (Column::new(column.name.clone(), unit), table.column(index))
        });
        Ok(Table::new(columns.collect())?)
    }
}
