//! A tight-binding model of monolayer `MoS₂` with point defects.
//!
//! The model makes data, not predictions: energies and gaps of many structures
//! in seconds, with the features that make real defects hard to learn. In-gap
//! levels meet and repel, energies decay and oscillate with the distance of the
//! defects, and the gap is no sum over pairs. It is *not* fitted to
//! density-functional energies and must not be taken for them.
//!
//! | module of ours | what it holds |
//! |---|---|
//! | `parameters` | every number, and which of them are from the literature |
//! | `slater_koster` | hopping between two orbitals |
//! | `missing` | what a missing chalcogen does to the metals around it |
//! | `basis` | the Hamiltonian of a structure |
//! | [`layout`] | the files of a set of structures |
//!
//! # Where to start
//!
//! [`Model::energy`] is the model, [`Host::evaluate`] one defect complex,
//! [`generate`] a whole set.

mod basis;
mod bonds;
mod complex;
mod error;
mod generate;
mod host;
pub mod layout;
mod missing;
mod model;
mod parameters;
mod slater_koster;
mod symmetry;

pub use complex::{Complex, PointDefect};
pub use error::{Error, Result};
pub use generate::{GeneratorSettings, choose, generate};
pub use host::{Generated, Host, PlacedDefect};
pub use model::{Electronic, Model};
pub use symmetry::{Configuration, Symmetry};
