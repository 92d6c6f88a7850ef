//! Crystal structures: their formats, neighbours, graphs and point defects.
//!
//! This crate is pure: it turns text into values and values into other values.
//! It never touches the file system, a clock or a random number, so that every
//! result here is a function of its arguments alone. Which *file* a text came
//! from is known to the caller, who adds it to an error.
//!
//! # Conventions
//!
//! - Lengths are in Å, angles in degrees, coordinates fractional unless named
//!   `cartesian`.
//! - The rows of a [`Lattice`] are its basis vectors.
//!
//! # Where to start
//!
//! [`Structure`] is the value that everything else is made from: its
//! [`neighbors`], its [`CrystalGraph`], the [`DefectCluster`] in which it differs
//! from its host, and the [`FeatureTable`] that a descriptor makes of it.

pub mod cif;
mod defect;
mod descriptor;
mod element;
mod error;
mod feature;
mod graph;
mod isometry;
mod lattice;
mod layer_shells;
mod neighbors;
pub mod poscar;
pub mod pymatgen;
mod separation;
mod structure;
mod text;
pub mod xyz;

pub use defect::{Defect, DefectCluster, Pair};
pub use descriptor::{
    CompositionDescriptor, DefectDescriptor, Family, PairDescriptor, StructuralDescriptor,
    structural_features,
};
pub use element::Element;
pub use error::{Error, Result};
pub use feature::{Column, FeatureTable, Level};
pub use graph::{Atom, Bond, CrystalGraph, Reference};
pub use lattice::{Lattice, Vec3, add, cross, dot, norm, scale, sub};
pub use layer_shells::LayerShells;
pub use neighbors::{Neighbor, neighbors};
pub use structure::{Site, Structure};
