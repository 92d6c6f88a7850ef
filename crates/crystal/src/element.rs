//! Chemical elements.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Result};

/// Symbols by atomic number; the first is that of hydrogen.
const SYMBOLS: [&str; 118] = [
    "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S", "Cl",
    "Ar", "K", "Ca", "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As",
    "Se", "Br", "Kr", "Rb", "Sr", "Y", "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In",
    "Sn", "Sb", "Te", "I", "Xe", "Cs", "Ba", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb",
    "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W", "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl",
    "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra", "Ac", "Th", "Pa", "U", "Np", "Pu", "Am", "Cm", "Bk",
    "Cf", "Es", "Fm", "Md", "No", "Lr", "Rf", "Db", "Sg", "Bh", "Hs", "Mt", "Ds", "Rg", "Cn", "Nh",
    "Fl", "Mc", "Lv", "Ts", "Og",
];

/// A chemical element, from hydrogen to oganesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element(u8);

impl Element {
    /// The element with this many protons.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownElement`] outside 1 to 118.
    pub fn from_atomic_number(number: u8) -> Result<Self> {
        if (1..=118).contains(&number) {
            Ok(Self(number))
        } else {
            Err(Error::UnknownElement {
                found: number.to_string(),
            })
        }
    }

    /// Number of protons, 1 to 118.
    #[must_use]
    pub fn atomic_number(self) -> u8 {
        self.0
    }

    /// The symbol, as `Mo`.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        SYMBOLS[usize::from(self.0) - 1]
    }
}

impl FromStr for Element {
    type Err = Error;

    /// Reads a symbol as it is written in chemistry: `Mo`, not `MO` or `mo`.
    fn from_str(symbol: &str) -> Result<Self> {
        SYMBOLS
            .iter()
            .zip(1..)
            .find_map(|(known, number)| (*known == symbol).then_some(Self(number)))
            .ok_or_else(|| Error::UnknownElement {
                found: symbol.to_owned(),
            })
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.symbol())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_names_its_element_and_back() {
        for number in 1..=118 {
            let element = Element::from_atomic_number(number).unwrap();
            assert_eq!(element.symbol().parse(), Ok(element));
        }
        assert_eq!("Mo".parse::<Element>().unwrap().atomic_number(), 42);
    }

    #[test]
    fn an_unknown_symbol_is_refused_by_name() {
        assert_eq!(
            "Xx".parse::<Element>().unwrap_err().to_string(),
            "`Xx` is not a chemical element"
        );
    }
}
