//! The Voronoi cells of all sites of a structure.
//!
//! # Why cells are kept
//!
//! In a supercell with a few defects most cells are alike. A cell depends on
//! less than all that is around: where the neighbours across its faces are there
//! again and no other cuts, it is the same cell, whatever is missing farther
//! away. Whether a neighbour in some direction cuts a kept cell is computed once.

use super::bonds::{Bond, Bonds};
use super::voronoi::Cell;
use crate::{Result, Structure, Vec3};

/// Neighbours are looked for up to here first, then twice as far and so on
/// until the cell is closed, but not beyond [`FARTHEST`], Å.
const WIDER: f64 = 13.0;

/// See [`WIDER`].
const FARTHEST: f64 = 200.0;

/// What is across a face of the cell of a site.
pub(super) struct Across {
    pub(super) site: usize,
    pub(super) target: usize,
    /// Å.
    pub(super) length: f64,
    /// Solid angle of the face, as a part of the largest of the cell.
    pub(super) weight: f64,
}

/// The faces of all sites, site by site but in no order of the sites.
///
/// - `bonds`: of the structure. A cell that is not closed by these is sought
///   with more neighbours where the structure is periodic along all vectors;
///   where it is not, it is left open.
pub(super) fn faces(structure: &Structure, bonds: &Bonds) -> Result<Vec<Across>> {
    let mut faces = Vec::new();
    let closes = structure.periodic() == [true; 3];
    let mut left: Vec<usize> = (0..bonds.sites()).collect();
    left = add_faces(bonds, left, closes, &mut faces);
    let mut reach = WIDER;
    while !left.is_empty() {
        let wider = Bonds::of(structure, reach)?;
        reach *= 2.0;
        left = add_faces(&wider, left, reach < FARTHEST, &mut faces);
    }
    Ok(faces)
}

/// Adds the faces of some sites. If cells must close, those that do not are left
/// out and their sites returned.
fn add_faces(
    bonds: &Bonds,
    sites: Vec<usize>,
    must_close: bool,
    faces: &mut Vec<Across>,
) -> Vec<usize> {
    let mut kept: Vec<Kept> = Vec::new();
    let mut here = Here::new(bonds);
    let is_left = |site: &usize| {
        here.turn_to(*site);
        let known = kept.iter_mut().position(|kept| kept.is_cell(&here));
        let place = known.unwrap_or_else(|| {
            kept.push(Kept::of(&here));
            kept.len() - 1
        });
        let cell = &kept[place];
        if must_close && cell.reach > bonds.reach() {
            return true;
        }
        faces.extend(cell.faces.iter().filter_map(|&(vector, weight)| {
            let bond = here.bond(vector)?;
            Some(Across {
                site: *site,
                target: bond.target,
                length: bond.length,
                weight,
            })
        }));
        false
    };
    sites.into_iter().filter(is_left).collect()
}

/// A site and its bonds, found by their vectors.
struct Here<'a> {
    bonds: &'a Bonds,
    site: usize,
    /// For each vector the last site that has it, and which bond that is.
    has: Vec<Option<(usize, usize)>>,
}

impl<'a> Here<'a> {
    fn new(bonds: &'a Bonds) -> Self {
        Self {
            bonds,
            site: 0,
            has: vec![None; bonds.vectors().len()],
        }
    }

    fn turn_to(&mut self, site: usize) {
        self.site = site;
        for (place, bond) in self.bonds.around(site).iter().enumerate() {
            self.has[bond.vector] = Some((site, place));
        }
    }

    fn bond(&self, vector: usize) -> Option<&Bond> {
        let (site, place) = self.has[vector]?;
        (site == self.site).then(|| &self.bonds.around(site)[place])
    }

    fn vector(&self, bond: &Bond) -> Vec3 {
        self.bonds.vectors()[bond.vector]
    }
}

/// A cell that was computed.
struct Kept {
    cell: Cell,
    /// No neighbour farther than this can cut it, Å.
    reach: f64,
    /// The vectors to what is across its faces, with their weights.
    faces: Vec<(usize, f64)>,
    /// Whether a neighbour at a vector is known not to cut.
    clear: Vec<bool>,
}

impl Kept {
    fn of(here: &Here<'_>) -> Self {
        let mut near: Vec<&Bond> = here.bonds.around(here.site).iter().collect();
        near.sort_by(|a, b| a.length.total_cmp(&b.length));
        let mut cell = Cell::open();
        let mut reach = f64::INFINITY;
        let mut clear = vec![false; here.bonds.vectors().len()];
        for bond in near {
            if bond.length > reach {
                break;
            }
            if cell.cut(bond.vector, here.vector(bond)) {
                reach = 2.0 * cell.radius();
            }
            // what cut before the cell was this small does not cut again
            clear[bond.vector] = true;
        }
        let angles: Vec<(usize, f64)> = cell.solid_angles().collect();
        let largest = angles.iter().map(|face| face.1).fold(0.0, f64::max);
        let weighted = angles.into_iter().map(|(vector, a)| (vector, a / largest));
        Self {
            faces: weighted.collect(),
            cell,
            reach,
            clear,
        }
    }

    /// Whether this is the cell of a site.
    fn is_cell(&mut self, here: &Here<'_>) -> bool {
        let mut faces = self.faces.iter();
        if !faces.all(|(vector, _)| here.bond(*vector).is_some()) {
            return false;
        }
        let mut around = here.bonds.around(here.site).iter();
        around.all(|bond| {
            let clear = &mut self.clear[bond.vector];
            *clear = *clear || bond.length > self.reach || !self.cell.is_cut(here.vector(bond));
            *clear
        })
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::{Lattice, Site};

    /// A layer with three vacancies, two of them beside each other.
    fn damaged() -> Structure {
        let lattice = Lattice::from_parameters([3.19, 3.19, 14.88], [90.0, 90.0, 120.0]).unwrap();
        let third = 1.0 / 3.0;
        let site = |symbol: &str, x, height: f64| Site {
            element: symbol.parse().unwrap(),
            fractional: [x, 1.0 - x, height],
        };
        let layer = vec![
            site("Mo", third, 0.25),
            site("S", 2.0 * third, 0.145),
            site("S", 2.0 * third, 0.355),
        ];
        let full = Structure::new(lattice, layer).unwrap();
        let full = full.supercell([5, 5, 1]);
        let sites = full.sites().iter().enumerate();
        let sites = sites.filter(|(index, _)| ![0, 26, 31].contains(index));
        let sites = sites.map(|(_, site)| *site).collect();
        Structure::new(*full.lattice(), sites).unwrap()
    }

    #[test]
    fn kept_cells_are_those_that_one_would_compute() {
        for periodic in [[true; 3], [true, true, false]] {
            let structure = damaged().with_periodic(periodic);
            let bonds = Bonds::of(&structure, 13.0).unwrap();
            let mut found = vec![0.0; bonds.sites()];
            for face in faces(&structure, &bonds).unwrap() {
                found[face.site] += face.weight / face.length;
            }
            let mut here = Here::new(&bonds);
            for (site, found) in found.into_iter().enumerate() {
                here.turn_to(site);
                let anew = Kept::of(&here);
                let weights = anew
                    .faces
                    .iter()
                    .filter_map(|&(vector, weight)| Some(weight / here.bond(vector)?.length));
                assert_relative_eq!(found, weights.sum::<f64>(), epsilon = 1e-9);
            }
        }
    }

    /// Far fewer cells are computed than there are sites.
    #[test]
    fn most_cells_come_again() {
        let structure = damaged().with_periodic([true, true, false]);
        let bonds = Bonds::of(&structure, 10.0).unwrap();
        let mut here = Here::new(&bonds);
        let mut kept: Vec<Kept> = Vec::new();
        for site in 0..bonds.sites() {
            here.turn_to(site);
            if !kept.iter_mut().any(|cell| cell.is_cell(&here)) {
                kept.push(Kept::of(&here));
            }
        }
        assert!(kept.len() < bonds.sites() / 2, "{}", kept.len());
    }
}
