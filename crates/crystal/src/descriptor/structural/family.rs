//! The families of structural features and their names.

use std::fmt;
use std::str::FromStr;

use super::{complexity, density, diffraction, elements};
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
}

/// What the structures of one call have in common.
#[derive(Default)]
pub(super) struct Shared {
    reflections: diffraction::Known,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Density,
        Self::Elements,
        Self::Complexity,
        Self::Diffraction,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Density => "density",
            Self::Elements => "elements",
            Self::Complexity => "complexity",
            Self::Diffraction => "diffraction",
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
        }
    }

    /// Appends the values of a structure, as many as there are columns.
    pub(super) fn describe(
        self,
        structure: &Structure,
        shared: &mut Shared,
        row: &mut Vec<f64>,
    ) -> Result<()> {
        match self {
            Self::Density => row.extend(density::describe(structure)?),
            Self::Elements => row.extend(elements::describe(structure)),
            Self::Complexity => row.extend(complexity::describe(structure)?),
            Self::Diffraction => {
                row.extend(diffraction::describe(structure, &mut shared.reflections)?);
            }
        }
        Ok(())
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
