//! How much is told by saying, of an atom, which of the distinct sites it is on.
//!
//! With `pᵢ` the part of the atoms that is on the i-th class of sites equal by
//! symmetry and `n` the number of atoms in the cell,
//!
//! | name | unit | value |
//! |---|---|---|
//! | `complexity` | bit | `-Σ pᵢ log₂ pᵢ` |
//! | `complexity_cell` | bit | the same times `n` |
//!
//! Two sites are equal if an isometry that maps the crystal onto itself takes
//! one to the other, where positions less than 0.1 Å apart are the same. The
//! cell is repeated along all three vectors, be it periodic along them or not.
//!
//! The cell is the one that is given, not a primitive one: `complexity` does not
//! depend on this choice, `complexity_cell` grows with the cell.
//!
//! # Source
//!
//! Krivovichev, *Angew. Chem. Int. Ed.* **53**, 654 (2014),
//! doi:10.1002/anie.201304374, whose cell is primitive.

use super::super::column;
use super::symmetry::classes;
use crate::{Column, Result, Structure};

pub(super) fn columns() -> Vec<Column> {
    vec![
        column("complexity", "bit"),
        column("complexity_cell", "bit"),
    ]
}

pub(super) fn describe(structure: &Structure) -> Result<[f64; 2]> {
    let classes = classes(structure)?;
    let mut counts = vec![0_usize; classes.len()];
    for class in &classes {
        counts[*class] += 1;
    }
    let atoms = classes.len() as f64;
    let parts = counts.iter().filter(|&&count| count > 0);
    let parts = parts.map(|&count| count as f64 / atoms);
    // not `sum` of negatives, which is -0 for one class
    let bits = parts.fold(0.0, |bits, part| bits - part * part.log2());
    Ok([bits, atoms * bits])
}
