//! The families of structural features and their names.

use std::fmt;
use std::str::FromStr;

use super::bonds::{Bonds, REACH};
use super::{angles, complexity, density, diffraction, distances, elements, orbitals};
use crate::text::excerpt;
use crate::{Column, Error, Result, Structure};

/// A group of structural features that are computed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// `density`: mass and atoms per volume, and how much of it spheres fill.
    Density,
    /// `elements`: mean, deviation and range of the properties of the elements.
    Elements,
    /// `complexity`: information in which of the distinct sites an atom is on.
    Complexity,
    /// `diffraction`: the X-ray powder pattern.
    Diffraction,
    /// `radial`: the radial distribution function.
    Radial,
    /// `neighbors`: the number of neighbours by their distance.
    Neighbors,
    /// `angles`: angles between bonds, within two cutoffs.
    Angles,
    /// `dihedrals`: dihedral angles about bonds.
    Dihedrals,
    /// `orbitals`: the orbital field matrix.
    Orbitals,
}

/// What the structures of one call have in common, and what the families of one
/// structure have.
#[derive(Default)]
pub(super) struct Shared {
    reflections: diffraction::Known,
    bonds: Option<Bonds>,
}

impl Shared {
    /// Forgets what belongs to the last structure.
    pub(super) fn next(&mut self) {
        self.bonds = None;
    }

    fn bonds(&mut self, structure: &Structure) -> Result<&Bonds> {
        let bonds = match self.bonds.take() {
            Some(known) => known,
            None => Bonds::of(structure, REACH)?,
        };
        Ok(self.bonds.insert(bonds))
    }
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Density,
        Self::Elements,
        Self::Complexity,
        Self::Diffraction,
        Self::Radial,
        Self::Neighbors,
        Self::Angles,
        Self::Dihedrals,
        Self::Orbitals,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Density => "density",
            Self::Elements => "elements",
            Self::Complexity => "complexity",
            Self::Diffraction => "diffraction",
            Self::Radial => "radial",
            Self::Neighbors => "neighbors",
            Self::Angles => "angles",
            Self::Dihedrals => "dihedrals",
            Self::Orbitals => "orbitals",
        }
    }

    /// All its columns, in order.
    #[must_use]
    pub fn columns(self) -> Vec<Column> {
        match self {
            Self::Density => density::columns(),
            Self::Elements => elements::columns(),
            Self::Complexity => complexity::columns(),
            Self::Diffraction => diffraction::columns(),
            Self::Radial => distances::columns("rdf"),
            Self::Neighbors => distances::columns("nn"),
            Self::Angles => [angles::columns("adf1"), angles::columns("adf2")].concat(),
            Self::Dihedrals => angles::columns("ddf"),
            Self::Orbitals => orbitals::columns(),
        }
    }

    /// The values of a structure, as many as there are columns.
    pub(super) fn describe(self, structure: &Structure, shared: &mut Shared) -> Result<Vec<f64>> {
        Ok(match self {
            Self::Density => density::describe(structure)?.to_vec(),
            Self::Elements => elements::describe(structure),
            Self::Complexity => complexity::describe(structure)?.to_vec(),
            Self::Diffraction => diffraction::describe(structure, &mut shared.reflections)?,
            Self::Radial => distances::radial(structure, shared.bonds(structure)?),
            Self::Neighbors => distances::neighbors(shared.bonds(structure)?),
            Self::Angles => angles::all(shared.bonds(structure)?),
            Self::Dihedrals => angles::dihedrals(shared.bonds(structure)?),
            Self::Orbitals => orbitals::describe(structure, shared.bonds(structure)?)?,
        })
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Family {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let named = Self::ALL.into_iter().find(|family| family.name() == name);
        named.ok_or_else(|| Error::UnknownFamily {
            found: excerpt(name),
        })
    }
}
