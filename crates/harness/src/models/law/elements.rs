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

/// What tells defects apart by the elements that go and come: names and units.
pub(super) const PROPERTIES: [(&str, &str); 5] = [
    ("vacancy", ""),
    ("radius", "Å"),
    ("electronegativity", ""),
    ("valence", ""),
    ("sublattice", ""),
];

/// Of one defect, the [`PROPERTIES`]: 1 for a vacancy, else 0; what comes less what goes
/// of covalent radius, electronegativity of Pauling and valence electrons, nothing having
/// none of them; -1 on the sublattice of the anions, else 1.
pub(super) fn properties(defect: &Defect, role: &str) -> [f64; 5] {
    let change = |of: fn(Element) -> f64| {
        let value = |element: Option<Element>| element.map_or(0.0, of);
        value(defect.after) - value(defect.before)
    };
    [
        f64::from(u8::from(defect.after.is_none())),
        change(|element| element.covalent_radius().unwrap_or(0.0)),
        change(|element| element.electronegativity().unwrap_or(0.0)),
        change(|element| f64::from(element.valence_electrons())),
        if sublattice(role) == "anion" {
            -1.0
        } else {
            1.0
        },
    ]
}

/// The sublattice of a role: `anion` of `V_anion`.
pub(super) fn sublattice(role: &str) -> &str {
    role.split_once('_').map_or(role, |(_, site)| site)
}
