//! Features of a whole structure, as published pipelines use them.
//!
//! No host crystal is needed and nothing is fitted: the row of a structure
//! depends on that structure alone, and only *which* columns are kept is learned
//! from training data. A table of every column can therefore be made once for a
//! whole data set ([`structural_features`]) and cut to size for each training
//! part ([`StructuralDescriptor::of_table`], [`StructuralDescriptor::select`]).
//!
//! # Invariants
//!
//! No row changes under a rotation, a translation, another order of the sites or
//! another choice of the cell (but for the columns that say *per cell*).
//!
//! # Where to start
//!
//! [`Family`] lists what there is, one file each. A new family is a new variant;
//! every `match` here is without a wildcard.
//!
//! The choice of families follows the matminer featurizers (Ward et al. 2018,
//! doi:10.1016/j.commatsci.2018.05.018) by which Kazeev et al. (2023),
//! doi:10.1038/s41524-023-01062-z, describe two-dimensional crystals with point
//! defects. Where a definition here differs from theirs, its file says so.

mod angles;
mod bonds;
mod cells;
mod complexity;
mod density;
mod diffraction;
mod distances;
mod elements;
mod family;
mod orbitals;
mod planes;
mod reflections;
mod symmetry;
mod tally;
mod voronoi;

pub use family::Family;

use crate::{Column, FeatureTable, Result, Structure};

/// A column varies if its values spread by more than this part of the largest.
const ROUNDING: f64 = 1e-9;

/// All columns of some families, one row for each structure.
///
/// - `families`: in the order of their columns, each no more than once.
/// - `structures`: what two of them share (a lattice, say) is computed once, so
///   that one call for many structures is faster than many calls.
///
/// # Errors
///
/// [`Error::NotTabulated`] for an element that a family knows nothing of,
/// [`Error::LoneAtom`] for an atom that is not periodic, and
/// [`Error::RepeatedColumn`] for a family given twice.
///
/// [`Error::NotTabulated`]: crate::Error::NotTabulated
/// [`Error::LoneAtom`]: crate::Error::LoneAtom
/// [`Error::RepeatedColumn`]: crate::Error::RepeatedColumn
pub fn structural_features(families: &[Family], structures: &[&Structure]) -> Result<FeatureTable> {
    let columns = families.iter().flat_map(|family| family.columns());
    let mut shared = family::Shared::default();
    let mut rows = Vec::new();
    for structure in structures {
        shared.next();
        for family in families {
            rows.extend(family.describe(structure, &mut shared)?);
        }
    }
    FeatureTable::new(columns.collect(), rows)
}

/// Turns structures into those columns of some families that vary in training.
///
/// # Examples
///
/// ```
/// # use crystal::{Family, Lattice, Site, StructuralDescriptor, Structure};
/// # let cubic = |edge: f64| {
/// #     let lattice = Lattice::new([[edge, 0.0, 0.0], [0.0, edge, 0.0], [0.0, 0.0, edge]])?;
/// #     let site = Site { element: "Po".parse()?, fractional: [0.0; 3] };
/// #     Structure::new(lattice, vec![site])
/// # };
/// let (small, large) = (cubic(3.3)?, cubic(3.4)?);
/// let descriptor = StructuralDescriptor::learn(&[Family::Density], &[&small, &large])?;
/// let table = descriptor.describe(&[&small])?;
/// assert!(table.index_of("mass_density").is_some());
/// assert!(table.index_of("max_packing").is_none()); // π/6 in any simple cubic crystal
/// # Ok::<(), crystal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StructuralDescriptor {
    families: Vec<Family>,
    columns: Vec<Column>,
    /// Where these are among all columns of the families.
    places: Vec<usize>,
}

impl StructuralDescriptor {
    /// Fixes the columns: those whose values differ between structures here.
    ///
    /// # Errors
    ///
    /// Those of [`structural_features`].
    pub fn learn(families: &[Family], training: &[&Structure]) -> Result<Self> {
        let table = structural_features(families, training)?;
        Ok(Self::of_table(families, &table))
    }

    /// [`Self::learn`] from the rows of [`structural_features`], which may then
    /// be computed once and learned from many times.
    ///
    /// # Panics
    ///
    /// If the columns of the table are not those of the families.
    #[must_use]
    pub fn of_table(families: &[Family], training: &FeatureTable) -> Self {
        assert_columns(families, training);
        let varies = |&place: &usize| varies(&training.column(place));
        let places: Vec<usize> = (0..training.width()).filter(varies).collect();
        Self {
            families: families.to_vec(),
            columns: places
                .iter()
                .map(|&place| training.columns()[place].clone())
                .collect(),
            places,
        }
    }

    /// The columns of the table, in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// One row for each structure.
    ///
    /// # Errors
    ///
    /// Those of [`structural_features`].
    pub fn describe(&self, structures: &[&Structure]) -> Result<FeatureTable> {
        self.select(&structural_features(&self.families, structures)?)
    }

    /// The learned columns of a table by [`structural_features`].
    ///
    /// # Errors
    ///
    /// None that is known: the columns were those of a table before.
    ///
    /// # Panics
    ///
    /// If the columns of the table are not those of the families.
    pub fn select(&self, table: &FeatureTable) -> Result<FeatureTable> {
        assert_columns(&self.families, table);
        let rows = (0..table.len()).flat_map(|index| {
            let row = table.row(index);
            self.places.iter().map(|&place| row[place])
        });
        FeatureTable::new(self.columns.clone(), rows.collect())
    }
}

fn assert_columns(families: &[Family], table: &FeatureTable) {
    let expected = families.iter().flat_map(|family| family.columns());
    assert!(
        expected.eq(table.columns().iter().cloned()),
        "the table must have the columns of {families:?}"
    );
}

/// Whether values differ by more than rounding.
fn varies(values: &[f64]) -> bool {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    largest - smallest > ROUNDING * largest.abs().max(smallest.abs())
}

#[cfg(test)]
mod tests;
