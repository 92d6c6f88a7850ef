//! Coordination shells of a host crystal.

use std::collections::BTreeMap;

use crate::neighbors::neighbors;
use crate::{Element, Structure};

/// Distances closer than this are one shell, Å.
const SAME: f64 = 0.01;

/// Number of shells told apart.
pub(super) const SHELLS: usize = 3;

/// The shortest distinct distances from each site of a unit cell to the atoms
/// of each element.
pub(super) struct Shells {
    unit_cell: Structure,
    distances: BTreeMap<(usize, Element), Vec<f64>>,
}

impl Shells {
    pub(super) fn of(unit_cell: &Structure) -> Self {
        let elements = unit_cell.composition().len();
        let wanted = unit_cell.sites().len() * elements;
        let mut distances = BTreeMap::new();
        // far enough for three shells in any crystal; a molecule may have fewer
        for cutoff in [6.0, 12.0, 24.0] {
            distances = within(unit_cell, cutoff);
            let full = |shells: &Vec<f64>| shells.len() >= SHELLS;
            if distances.len() == wanted && distances.values().all(full) {
                break;
            }
        }
        Self {
            unit_cell: unit_cell.clone(),
            distances,
        }
    }

    /// Whether these are the shells of a unit cell.
    pub(super) fn are_of(&self, unit_cell: &Structure) -> bool {
        self.unit_cell == *unit_cell
    }

    /// In which shell around a site of the unit cell (from 0) an atom of an
    /// element at some distance (Å) is.
    pub(super) fn rank(&self, site: usize, element: Element, distance: f64) -> Option<usize> {
        let shells = self.distances.get(&(site, element))?;
        let near = |shell: &f64| (distance - shell).abs() < SAME;
        shells.iter().take(SHELLS).position(near)
    }
}

/// The distinct distances up to a cutoff, ascending.
fn within(unit_cell: &Structure, cutoff: f64) -> BTreeMap<(usize, Element), Vec<f64>> {
    let mut pairs = neighbors(unit_cell, cutoff).expect("the cutoff is positive");
    pairs.sort_by(|a, b| a.length.total_cmp(&b.length));
    let mut distances: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for pair in pairs {
        let element = unit_cell.sites()[pair.target].element;
        let shells = distances.entry((pair.source, element)).or_default();
        if shells.last().is_none_or(|last| pair.length - last >= SAME) {
            shells.push(pair.length);
        }
    }
    distances
}
