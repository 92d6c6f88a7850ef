//! The orbital field matrix: which valence subshells are beside which.
//!
//! `ofm_p4_d5` and so on, 1/bohr, 32 × 32 of them: an atom with four p electrons
//! beside an atom with five d electrons. An element has a one for each of its
//! subshells with so many electrons ([`Element::valence_subshells`]). Entry (i, j)
//! is the mean over all atoms with j of the sum, over their neighbours with i, of
//!
//! ω / (Ω r),
//!
//! with ω the solid angle of the face of the Voronoi cell between the two, Ω the
//! largest of the cell and r their distance; atoms without j count as zero.
//!
//! Neighbours are looked for along the periodic vectors only, and up to 10 Å
//! where a cell is open for that reason. Such a cell has faces that reach to
//! infinity; their solid angles are as finite as others.
//!
//! # Source
//!
//! Lam Pham et al., *Sci. Technol. Adv. Mater.* **18**, 756 (2017),
//! doi:10.1080/14686996.2017.1378060, laid out as matminer's
//! `OrbitalFieldMatrix`. That sees a layer as periodic across, and looks 13 Å
//! far: where the vacuum is wider, it leaves out the faces that reach to infinity.

use std::collections::BTreeMap;

use super::super::column;
use super::bonds::Bonds;
use super::cells::faces;
use crate::{Column, Element, Result, Structure};

/// 1 Å in units of the Bohr radius (CODATA 2018).
const BOHR_PER_ANGSTROM: f64 = 1.889_726_124_6;

/// Electrons that the subshells s, p, d, f hold.
const MOST: [u8; 4] = [2, 6, 10, 14];

/// Rows and columns of the matrix.
const SIZE: usize = 32;

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

pub(super) fn describe(structure: &Structure, bonds: &Bonds) -> Result<Vec<f64>> {
    let mut matrix = vec![0.0; SIZE * SIZE];
    let share = 1.0 / structure.sites().len() as f64;
    for ([neighbor, atom], weight) in weights(structure, bonds)? {
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
fn weights(structure: &Structure, bonds: &Bonds) -> Result<BTreeMap<[Element; 2], f64>> {
    let element = |site: usize| structure.sites()[site].element;
    let mut weights = BTreeMap::new();
    for face in faces(structure, bonds)? {
        let pair = [face.target, face.site].map(element);
        *weights.entry(pair).or_default() += face.weight / (face.length * BOHR_PER_ANGSTROM);
    }
    Ok(weights)
}
