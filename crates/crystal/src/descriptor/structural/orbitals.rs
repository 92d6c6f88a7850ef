//! The orbital field matrix: which valence subshells are beside which.
//!
//! `ofm_p4_d5` and so on, 1/bohr, 32 × 32 of them: an atom with four p electrons
//! beside an atom with five d electrons. An element has a one for each of its
//! subshells with so many electrons ([`Element::valence_subshells`]). Entry (i, j)
//! is the mean over all atoms with j of the sum, over their neighbours with i, of
//!
//! ω / (ω_max r),
//!
//! with ω the solid angle of the face of the Voronoi cell between the two, ω_max
//! the largest of the cell and r their distance; atoms without j count as zero.
//!
//! Neighbours are looked for along the periodic vectors only. A cell that is open
//! for that reason has faces that reach to infinity; their solid angles are as
//! finite as others.
//!
//! # Source
//!
//! Lam Pham et al., *Sci. Technol. Adv. Mater.* **18**, 756 (2017),
//! doi:10.1080/14686996.2017.1378060, laid out as matminer's
//! `OrbitalFieldMatrix`, which sees a layer as periodic across.

use std::collections::BTreeMap;

use super::super::column;
use super::voronoi::Cell;
use crate::neighbors::{Neighbor, neighbors};
use crate::{Column, Element, Result, Structure, add, sub};

/// 1 Å in units of the Bohr radius (CODATA 2018).
const BOHR_PER_ANGSTROM: f64 = 1.889_726_124_6;

/// Electrons that the subshells s, p, d, f hold.
const MOST: [u8; 4] = [2, 6, 10, 14];

/// Rows and columns of the matrix.
const SIZE: usize = 32;

/// Radii within which neighbours are looked for, Å. One is enough for most
/// atoms; the last, for open cells, is the cutoff of pymatgen.
const RADII: [f64; 3] = [6.5, 9.5, 13.0];

/// The largest radius, of closed cells in much vacuum, Å.
const LARGEST_RADIUS: f64 = 200.0;

pub(super) fn columns() -> Vec<Column> {
    let names = || {
        let shells = "spdf".chars().zip(MOST);
        shells.flat_map(|(shell, most)| (1..=most).map(move |count| format!("{shell}{count}")))
    };
    names()
        .flat_map(|row| names().map(move |place| format!("ofm_{row}_{place}")))
        .map(|name| column(name, "1/bohr"))
        .collect()
}

pub(super) fn describe(structure: &Structure) -> Result<Vec<f64>> {
    let mut matrix = vec![0.0; SIZE * SIZE];
    let share = 1.0 / structure.sites().len() as f64;
    for ((neighbor, atom), weight) in weights(structure)? {
        for row in places(neighbor) {
            for place in places(atom) {
                matrix[row * SIZE + place] += share * weight;
            }
        }
    }
    Ok(matrix)
}

/// Where an element has its ones.
fn places(element: Element) -> Vec<usize> {
    let subshells = element.valence_subshells().into_iter();
    subshells
        .map(|(l, electrons)| {
            let before = MOST.iter().take(usize::from(l));
            before.map(|&most| usize::from(most)).sum::<usize>() + usize::from(electrons) - 1
        })
        .collect()
}

/// The sums over all neighbours by the elements of neighbour and atom, 1/bohr.
fn weights(structure: &Structure) -> Result<BTreeMap<(Element, Element), f64>> {
    let mut weights = BTreeMap::new();
    let mut left: Vec<usize> = (0..structure.sites().len()).collect();
    let closes = structure.periodic() == [true; 3];
    let wider = RADII.into_iter().chain(
        std::iter::successors(Some(2.0 * RADII[2]), |radius| Some(2.0 * radius))
            .take_while(|&radius| closes && radius < LARGEST_RADIUS),
    );
    let radii: Vec<f64> = wider.collect();
    for (round, &radius) in radii.iter().enumerate() {
        let last = round + 1 == radii.len();
        let pairs = neighbors(structure, radius)?;
        left.retain(|&site| {
            let start = pairs.partition_point(|pair| pair.source < site);
            let end = pairs.partition_point(|pair| pair.source <= site);
            let cell = cell(structure, &pairs[start..end]);
            let open = 2.0 * cell.radius() > radius;
            if !open || last {
                add_faces(structure, &pairs[start..end], &cell, &mut weights);
            }
            open
        });
        if left.is_empty() {
            break;
        }
    }
    Ok(weights)
}

/// The Voronoi cell of an atom, whose faces are counted as its neighbours are.
fn cell(structure: &Structure, near: &[Neighbor]) -> Cell {
    let mut order: Vec<usize> = (0..near.len()).collect();
    order.sort_by(|&a, &b| near[a].length.total_cmp(&near[b].length));
    let mut cell = Cell::open();
    let mut reach = f64::INFINITY;
    for index in order {
        let pair = &near[index];
        if pair.length > reach {
            break;
        }
        let image = structure.lattice().cartesian(pair.image.map(f64::from));
        let target = add(structure.position(pair.target), image);
        if cell.cut(index, sub(target, structure.position(pair.source))) {
            reach = 2.0 * cell.radius();
        }
    }
    cell
}

fn add_faces(
    structure: &Structure,
    near: &[Neighbor],
    cell: &Cell,
    weights: &mut BTreeMap<(Element, Element), f64>,
) {
    let largest = cell.solid_angles().map(|face| face.1).fold(0.0, f64::max);
    for (index, angle) in cell.solid_angles() {
        let pair = &near[index];
        let element = |site: usize| structure.sites()[site].element;
        let elements = (element(pair.target), element(pair.source));
        *weights.entry(elements).or_default() +=
            angle / largest / (pair.length * BOHR_PER_ANGSTROM);
    }
}
