//! What a defect changes, in words that hold in every host: the sublattice, and by how much
//! a property of the element there becomes another.
//!
//! Tungsten in the place of molybdenum and molybdenum in that of tungsten have one role, but
//! opposite changes.

use crystal::{Defect, Element};
use serde::{Deserialize, Serialize};
use symreg::Column;

/// A property of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ElementProperty {
    /// The covalent radius, Å.
    Radius,
    /// The electronegativity of Pauling.
    Electronegativity,
}

impl ElementProperty {
    pub(super) fn column(self) -> Column {
        match self {
            Self::Radius => Column::new("radius", "Å"),
            Self::Electronegativity => Column::new("electronegativity", ""),
        }
    }

    /// The property of what is there less that of what was; none for a vacancy, for an
    /// extra atom, and where it is not known.
    pub(super) fn change(self, defect: &Defect) -> Option<f64> {
        let of = |element: Element| match self {
            Self::Radius => element.covalent_radius(),
            Self::Electronegativity => element.electronegativity(),
        };
        Some(of(defect.after?)? - of(defect.before?)?)
    }
}

/// The sublattice of a role: `anion` of `V_anion`.
pub(super) fn sublattice(role: &str) -> &str {
    role.split_once('_').map_or(role, |(_, site)| site)
}
