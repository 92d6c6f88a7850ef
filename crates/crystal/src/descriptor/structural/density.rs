//! How densely a cell is filled.
//!
//! | name | unit | value |
//! |---|---|---|
//! | `mass_density` | g/cm³ | mass of the atoms per volume of the cell |
//! | `volume_per_atom` | Å³ | volume of the cell per atom |
//! | `packing` | | part of the cell that spheres of the atomic radii fill |
//! | `max_packing` | | the same for the largest spheres that do not cut a face of the Voronoi cell of their atom |
//!
//! The volume is that of the cell, vacuum and all: of two layers only those in
//! cells of one height can be compared.
//!
//! The atomic radii are those of Slater ([`Element::atomic_radius`]); where he
//! has none, the covalent radius stands in. The nearest face of a Voronoi cell
//! is half way to the nearest neighbour, which is therefore all one needs to
//! know; overlapping spheres of `packing` are counted twice, as is usual.
//!
//! # Source
//!
//! The maximum packing efficiency is that of Ward et al., *Phys. Rev. B* **96**,
//! 024104 (2017), doi:10.1103/PhysRevB.96.024104.

use std::f64::consts::PI;

use super::super::column;
use super::super::composition::nearest_distances;
use crate::{Column, Element, Error, Result, Structure};

/// 1 u/Å³ in g/cm³ (CODATA 2018).
const GRAMS_PER_CUBIC_CENTIMETRE: f64 = 1.660_539_066_6;

pub(super) fn columns() -> Vec<Column> {
    vec![
        column("mass_density", "g/cm^3"),
        column("volume_per_atom", "Å^3"),
        column("packing", ""),
        column("max_packing", ""),
    ]
}

pub(super) fn describe(structure: &Structure) -> Result<[f64; 4]> {
    let volume = structure.lattice().volume();
    let (mut mass, mut filled) = (0.0, 0.0);
    for (element, count) in structure.composition() {
        mass += count as f64 * element.mass();
        filled += count as f64 * sphere(radius(element)?);
    }
    let nearest = nearest_distances(structure)?;
    let largest: f64 = nearest.iter().map(|distance| sphere(0.5 * distance)).sum();
    Ok([
        GRAMS_PER_CUBIC_CENTIMETRE * mass / volume,
        volume / structure.sites().len() as f64,
        filled / volume,
        largest / volume,
    ])
}

/// The volume of a sphere, Å³.
fn sphere(radius: f64) -> f64 {
    4.0 / 3.0 * PI * radius.powi(3)
}

fn radius(element: Element) -> Result<f64> {
    let known = element.atomic_radius().or(element.covalent_radius());
    known.ok_or(Error::NotTabulated {
        what: "a radius",
        element,
    })
}
