//! Histograms of the distances between atoms.
//!
//! Bin `k`, from 0 to 99, is from 0.1 k to 0.1 (k + 1) Å, its lower border
//! included (and 10 Å in the last):
//!
//! | name | unit | value |
//! |---|---|---|
//! | `rdf_k` | | the radial distribution function: neighbours of an atom in the bin, divided by how many there were at the mean density of the cell |
//! | `nn_k` | | neighbours of an atom in the bin |
//!
//! A neighbour is looked for along the periodic vectors only; the mean density is
//! per volume of the cell, vacuum and all.
//!
//! # Source
//!
//! Choudhary, `DeCost` & Tavazza, *Phys. Rev. Materials* **2**, 083801 (2018),
//! doi:10.1103/PhysRevMaterials.2.083801.

use std::f64::consts::PI;

use super::super::column;
use super::bonds::{BIN, Bonds, REACH};
use crate::{Column, Structure};

pub(super) fn columns(name: &str) -> Vec<Column> {
    let bins = (0..).take_while(|&bin| f64::from(bin) * BIN < REACH - 0.5 * BIN);
    bins.map(|bin: i32| column(format!("{name}_{bin}"), ""))
        .collect()
}

/// The radial distribution function.
pub(super) fn radial(structure: &Structure, bonds: &Bonds) -> Vec<f64> {
    let density = bonds.sites() as f64 / structure.lattice().volume();
    let expected = |bin: usize| {
        let sphere = |bin: usize| 4.0 / 3.0 * PI * (bin as f64 * BIN).powi(3);
        (sphere(bin + 1) - sphere(bin)) * density
    };
    let counts = neighbors(bonds).into_iter().enumerate();
    counts.map(|(bin, count)| count / expected(bin)).collect()
}

/// Neighbours of an atom, on average.
pub(super) fn neighbors(bonds: &Bonds) -> Vec<f64> {
    let counts = bonds.lengths().into_iter();
    counts
        .map(|count| count as f64 / bonds.sites() as f64)
        .collect()
}
