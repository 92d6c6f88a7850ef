//! Point defects, and the seventeen complexes of one to three of them.

use std::str::FromStr;

use crystal::Element;

use crate::model::element;
use crate::{Error, Result};

/// What can be wrong with one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PointDefect {
    /// A metal is missing.
    MetalVacancy,
    /// W sits where Mo was.
    Tungsten,
    /// A chalcogen is missing.
    ChalcogenVacancy,
    /// Se sits where S was.
    Selenium,
}

impl PointDefect {
    /// What sits there in the perfect crystal.
    ///
    /// # Panics
    ///
    /// Never: the symbols are fixed.
    #[must_use]
    pub fn before(self) -> Element {
        match self {
            Self::MetalVacancy | Self::Tungsten => element("Mo"),
            Self::ChalcogenVacancy | Self::Selenium => element("S"),
        }
    }

    /// What sits there now; `None` at a vacancy.
    ///
    /// # Panics
    ///
    /// Never: the symbols are fixed.
    #[must_use]
    pub fn after(self) -> Option<Element> {
        match self {
            Self::MetalVacancy | Self::ChalcogenVacancy => None,
            Self::Tungsten => Some(element("W")),
            Self::Selenium => Some(element("Se")),
        }
    }

    /// Which sublattices it can sit on: 0 is the metal's, 1 and 2 are those of
    /// the chalcogens below and above it.
    pub(crate) fn sublattices(self) -> &'static [usize] {
        match self {
            Self::MetalVacancy | Self::Tungsten => &[0],
            Self::ChalcogenVacancy | Self::Selenium => &[1, 2],
        }
    }
}

/// A set of point defects, wherever they sit.
///
/// Labels are those of the low-density part of 2DMD: `X` has chalcogen defects
/// only, `V` a metal vacancy too, `S` a substituted metal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Complex(usize);

use PointDefect::{ChalcogenVacancy, MetalVacancy, Selenium, Tungsten};

/// Equal defects stand side by side.
const COMPLEXES: [(&str, &[PointDefect]); 17] = [
    ("X1", &[ChalcogenVacancy]),
    ("X2", &[ChalcogenVacancy, ChalcogenVacancy]),
    ("X3", &[Selenium]),
    ("X4", &[Selenium, Selenium]),
    ("X5", &[ChalcogenVacancy, Selenium]),
    ("V1", &[MetalVacancy]),
    ("V2", &[MetalVacancy, ChalcogenVacancy]),
    ("V3", &[MetalVacancy, ChalcogenVacancy, ChalcogenVacancy]),
    ("V4", &[MetalVacancy, Selenium]),
    ("V5", &[MetalVacancy, Selenium, Selenium]),
    ("V6", &[MetalVacancy, ChalcogenVacancy, Selenium]),
    ("S1", &[Tungsten]),
    ("S2", &[Tungsten, ChalcogenVacancy]),
    ("S3", &[Tungsten, ChalcogenVacancy, ChalcogenVacancy]),
    ("S4", &[Tungsten, Selenium]),
    ("S5", &[Tungsten, Selenium, Selenium]),
    ("S6", &[Tungsten, ChalcogenVacancy, Selenium]),
];

impl Complex {
    /// All seventeen, singles and pairs among them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..COMPLEXES.len()).map(Self)
    }

    /// The label, as `V3`.
    #[must_use]
    pub fn label(self) -> &'static str {
        COMPLEXES[self.0].0
    }

    /// Its point defects, equal ones side by side.
    #[must_use]
    pub fn defects(self) -> &'static [PointDefect] {
        COMPLEXES[self.0].1
    }

    /// Position in the order of [`Complex::all`].
    pub(crate) fn index(self) -> usize {
        self.0
    }
}

impl FromStr for Complex {
    type Err = Error;

    fn from_str(label: &str) -> Result<Self> {
        Self::all()
            .find(|complex| complex.label() == label)
            .ok_or_else(|| Error::UnknownComplex {
                found: label.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_its_complex_and_back() {
        for complex in Complex::all() {
            assert_eq!(complex.label().parse(), Ok(complex));
        }
    }

    #[test]
    fn an_unknown_label_is_refused_by_name() {
        assert_eq!(
            "V7".parse::<Complex>().unwrap_err().to_string(),
            "`V7` names none of the defect complexes X1 to X5, V1 to V6 and S1 to S6"
        );
    }

    /// Equal defects side by side is what the canonical order relies on.
    #[test]
    fn equal_defects_stand_side_by_side() {
        for complex in Complex::all() {
            let mut runs = complex.defects().to_vec();
            runs.dedup();
            let distinct: std::collections::BTreeSet<_> = runs.iter().collect();
            assert_eq!(distinct.len(), runs.len());
        }
    }
}
