//! Features of any structure: composition, density, nearest neighbours.

use std::collections::BTreeSet;

use super::column;
use crate::{Column, Element, Error, FeatureTable, Result, Structure, cross, neighbors, norm};

/// Turns structures into composition, density and nearest-neighbour distances;
/// no host is needed.
///
/// | name | unit | value |
/// |---|---|---|
/// | `n_sites` | | number of atoms in the cell |
/// | `n_Mo`, … | | number of atoms of an element |
/// | `x_Mo`, … | | its fraction of all atoms |
/// | `density` | 1/Å³, 1/Å² or 1/Å | atoms per volume of the cell; per area of a layer, per length of a chain |
/// | `d_mean`, `d_min` | Å | mean and minimum, over the atoms, of the distance to the nearest neighbour |
///
/// The dimension of `density` is that of the first training structure: the
/// number of its periodic axes (a molecule counts as three).
#[derive(Debug, Clone, PartialEq)]
pub struct CompositionDescriptor {
    elements: Vec<Element>,
    periodic: [bool; 3],
}

impl CompositionDescriptor {
    /// Fixes the columns: two for every element seen here.
    #[must_use]
    pub fn learn(training: &[&Structure]) -> Self {
        let seen: BTreeSet<Element> = training
            .iter()
            .flat_map(|structure| structure.composition().into_keys())
            .collect();
        Self {
            elements: seen.into_iter().collect(),
            periodic: training.first().map_or([true; 3], |s| s.periodic()),
        }
    }

    /// The columns of the table, in order.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let mut columns = vec![column("n_sites", "")];
        for element in &self.elements {
            columns.push(column(format!("n_{element}"), ""));
            columns.push(column(format!("x_{element}"), ""));
        }
        let unit = match self.periodic.iter().filter(|&&periodic| periodic).count() {
            1 => "1/Å",
            2 => "1/Å^2",
            _ => "1/Å^3",
        };
        columns.push(column("density", unit));
        columns.push(column("d_mean", "Å"));
        columns.push(column("d_min", "Å"));
        columns
    }

    /// One row for each structure. An element without a column is ignored, but
    /// its atoms still count in all else.
    ///
    /// # Errors
    ///
    /// [`Error::LoneAtom`] for a single atom that is not periodic.
    pub fn describe(&self, structures: &[&Structure]) -> Result<FeatureTable> {
        let mut rows = Vec::new();
        for structure in structures {
            let counts = structure.composition();
            let sites = structure.sites().len() as f64;
            rows.push(sites);
            for element in &self.elements {
                let count = counts.get(element).copied().unwrap_or(0) as f64;
                rows.extend([count, count / sites]);
            }
            rows.push(sites / self.extent(structure));
            let nearest = nearest_distances(structure)?;
            rows.push(nearest.iter().sum::<f64>() / sites);
            rows.push(nearest.into_iter().fold(f64::INFINITY, f64::min));
        }
        FeatureTable::new(self.columns(), rows)
    }

    /// Volume, area or length of the cell.
    fn extent(&self, structure: &Structure) -> f64 {
        let rows = structure.lattice().rows();
        let [a, b, c] = rows;
        match self.periodic {
            [true, true, false] => norm(cross(a, b)),
            [true, false, true] => norm(cross(a, c)),
            [false, true, true] => norm(cross(b, c)),
            [true, false, false] => norm(a),
            [false, true, false] => norm(b),
            [false, false, true] => norm(c),
            [true, true, true] | [false, false, false] => structure.lattice().volume(),
        }
    }
}

/// The distance from each site to its nearest neighbour, Å.
pub(super) fn nearest_distances(structure: &Structure) -> Result<Vec<f64>> {
    if structure.sites().len() == 1 && structure.periodic() == [false; 3] {
        return Err(Error::LoneAtom);
    }
    let mut cutoff = 3.0;
    loop {
        let mut nearest = vec![f64::INFINITY; structure.sites().len()];
        for pair in neighbors(structure, cutoff)? {
            nearest[pair.source] = nearest[pair.source].min(pair.length);
        }
        if nearest.iter().all(|length| length.is_finite()) {
            return Ok(nearest);
        }
        // ends: two atoms, or an atom and its image, are some distance apart
        cutoff *= 2.0;
    }
}
