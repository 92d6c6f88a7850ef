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
use crate::{Lattice, Result, Structure, Vec3};

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
/// - `bonds`: of the structure. Cells that these do not close are sought once
///   more, with as many neighbours as they need, where the structure is periodic
///   along all vectors; where it is not, they are left open.
pub(super) fn faces(structure: &Structure, bonds: &Bonds) -> Result<Vec<Across>> {
    let mut faces = Vec::new();
    let closes = structure.periodic() == [true; 3];
    let lattice = closes.then(|| structure.lattice());
    let open = add_faces(bonds, 0..bonds.sites(), lattice, &mut faces);
    if let Some(reach) = open.reach {
        let wider = Bonds::of(structure, reach)?;
        add_faces(&wider, open.sites.into_iter(), None, &mut faces);
    }
    Ok(faces)
}

/// Sites whose cells need more neighbours.
#[derive(Default)]
struct Open {
    sites: Vec<usize>,
    /// Up to where, Å.
    reach: Option<f64>,
}

/// Adds the faces of some sites. Where a lattice closes all cells, those that are
/// not closed by the bonds alone are left out and their sites returned.
fn add_faces(
    bonds: &Bonds,
    sites: impl Iterator<Item = usize>,
    lattice: Option<&Lattice>,
    faces: &mut Vec<Across>,
) -> Open {
    let mut kept: Vec<Kept> = Vec::new();
    let mut here = Here::new(bonds);
    let mut open = Open::default();
    for site in sites {
        here.turn_to(site);
        let known = kept.iter_mut().position(|kept| kept.is_cell(&here));
        let place = known.unwrap_or_else(|| {
            kept.push(Kept::of(&here));
            kept.len() - 1
        });
        let cell = &kept[place];
        if let Some(lattice) = lattice.filter(|_| cell.reach > bonds.reach()) {
            open.sites.push(site);
            if known.is_none() {
                let closed = cell.closed_reach(lattice);
                open.reach = Some(open.reach.map_or(closed, |reach| reach.max(closed)));
            }
            continue;
        }
        faces.extend(cell.faces.iter().filter_map(|&(vector, weight)| {
            let bond = here.bond(vector)?;
            Some(Across {
                site,
                target: bond.target,
                length: bond.length,
                weight,
            })
        }));
    }
    open
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

    /// No neighbour farther than this can cut the cell when its own images have,
    /// which close it, Å.
    fn closed_reach(&self, lattice: &Lattice) -> f64 {
        let mut cell = self.cell.clone();
        let counts = [-1, 0, 1];
        let pairs = counts.iter().flat_map(|i| counts.map(|j| (*i, j)));
        let images = pairs.flat_map(|(i, j)| counts.map(|k| [i, j, k]));
        // which image cuts is of no interest
        for (place, image) in images.filter(|image| *image != [0; 3]).enumerate() {
            cell.cut(place, lattice.cartesian(image.map(f64::from)));
        }
        2.0 * cell.radius()
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
    use crate::Site;

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
