//! The units that are known by name, and the prefixes of the SI.
//!
//! Sizes are those of the SI brochure (9th edition) where they are exact and of
//! CODATA 2018 (Tiesinga et al., Rev. Mod. Phys. 93, 025010 (2021)) where they
//! are measured.

use super::{Exponent, Measure, unit::QUANTITIES};

/// A symbol, whether it takes prefixes, its exponents of m, kg, s, A, K, mol
/// and cd, and its size in these.
type Entry = (&'static str, bool, [i32; QUANTITIES], f64);

const EV: f64 = 1.602_176_634e-19;
const DEGREE: f64 = std::f64::consts::PI / 180.0;

/// The gram stands for the kilogram, whose symbol has a prefix already.
const UNITS: [Entry; 54] = [
    ("m", true, [1, 0, 0, 0, 0, 0, 0], 1.0),
    ("g", true, [0, 1, 0, 0, 0, 0, 0], 1e-3),
    ("s", true, [0, 0, 1, 0, 0, 0, 0], 1.0),
    ("A", true, [0, 0, 0, 1, 0, 0, 0], 1.0),
    ("K", true, [0, 0, 0, 0, 1, 0, 0], 1.0),
    ("mol", true, [0, 0, 0, 0, 0, 1, 0], 1.0),
    ("cd", true, [0, 0, 0, 0, 0, 0, 1], 1.0),
    ("Å", false, [1, 0, 0, 0, 0, 0, 0], 1e-10),
    ("\u{212b}", false, [1, 0, 0, 0, 0, 0, 0], 1e-10),
    ("angstrom", false, [1, 0, 0, 0, 0, 0, 0], 1e-10),
    ("Angstrom", false, [1, 0, 0, 0, 0, 0, 0], 1e-10),
    ("bohr", false, [1, 0, 0, 0, 0, 0, 0], 5.291_772_109_03e-11),
    ("eV", true, [2, 1, -2, 0, 0, 0, 0], EV),
    ("J", true, [2, 1, -2, 0, 0, 0, 0], 1.0),
    ("cal", true, [2, 1, -2, 0, 0, 0, 0], 4.184),
    ("Ha", false, [2, 1, -2, 0, 0, 0, 0], 4.359_744_722_207_1e-18),
    (
        "Hartree",
        false,
        [2, 1, -2, 0, 0, 0, 0],
        4.359_744_722_207_1e-18,
    ),
    ("Ry", false, [2, 1, -2, 0, 0, 0, 0], 2.179_872_361_103_5e-18),
    ("N", true, [1, 1, -2, 0, 0, 0, 0], 1.0),
    ("Pa", true, [-1, 1, -2, 0, 0, 0, 0], 1.0),
    ("bar", true, [-1, 1, -2, 0, 0, 0, 0], 1e5),
    ("atm", false, [-1, 1, -2, 0, 0, 0, 0], 101_325.0),
    ("W", true, [2, 1, -3, 0, 0, 0, 0], 1.0),
    ("Hz", true, [0, 0, -1, 0, 0, 0, 0], 1.0),
    ("C", true, [0, 0, 1, 1, 0, 0, 0], 1.0),
    ("e", false, [0, 0, 1, 1, 0, 0, 0], EV),
    ("V", true, [2, 1, -3, -1, 0, 0, 0], 1.0),
    ("F", true, [-2, -1, 4, 2, 0, 0, 0], 1.0),
    ("Ω", true, [2, 1, -3, -2, 0, 0, 0], 1.0),
    ("Ohm", true, [2, 1, -3, -2, 0, 0, 0], 1.0),
    ("S", true, [-2, -1, 3, 2, 0, 0, 0], 1.0),
    ("T", true, [0, 1, -2, -1, 0, 0, 0], 1.0),
    ("Wb", true, [2, 1, -2, -1, 0, 0, 0], 1.0),
    ("H", true, [2, 1, -2, -2, 0, 0, 0], 1.0),
    ("D", false, [1, 0, 1, 1, 0, 0, 0], 3.335_640_951_98e-30),
    ("μB", false, [2, 0, 0, 1, 0, 0, 0], 9.274_010_078_3e-24),
    ("µB", false, [2, 0, 0, 1, 0, 0, 0], 9.274_010_078_3e-24),
    ("u", false, [0, 1, 0, 0, 0, 0, 0], 1.660_539_066_60e-27),
    ("amu", false, [0, 1, 0, 0, 0, 0, 0], 1.660_539_066_60e-27),
    ("Da", true, [0, 1, 0, 0, 0, 0, 0], 1.660_539_066_60e-27),
    ("t", false, [0, 1, 0, 0, 0, 0, 0], 1e3),
    ("L", true, [3, 0, 0, 0, 0, 0, 0], 1e-3),
    ("min", false, [0, 0, 1, 0, 0, 0, 0], 60.0),
    ("h", false, [0, 0, 1, 0, 0, 0, 0], 3600.0),
    ("d", false, [0, 0, 1, 0, 0, 0, 0], 86_400.0),
    ("rad", true, [0; QUANTITIES], 1.0),
    ("sr", false, [0; QUANTITIES], 1.0),
    ("deg", false, [0; QUANTITIES], DEGREE),
    ("°", false, [0; QUANTITIES], DEGREE),
    ("%", false, [0; QUANTITIES], 1e-2),
    ("atom", false, [0; QUANTITIES], 1.0),
    ("site", false, [0; QUANTITIES], 1.0),
    ("cell", false, [0; QUANTITIES], 1.0),
    ("defect", false, [0; QUANTITIES], 1.0),
];

const PREFIXES: [(&str, f64); 17] = [
    ("a", 1e-18),
    ("f", 1e-15),
    ("p", 1e-12),
    ("n", 1e-9),
    ("μ", 1e-6),
    ("µ", 1e-6),
    ("u", 1e-6),
    ("m", 1e-3),
    ("c", 1e-2),
    ("d", 1e-1),
    ("da", 1e1),
    ("h", 1e2),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
];

/// The unit of a symbol, with or without a prefix; a symbol of its own wins
/// over one with a prefix: `min` is a minute, `cd` a candela.
pub(super) fn measure(symbol: &str) -> Option<Measure> {
    let of = |(_, _, dimension, scale): &Entry, prefix: f64| Measure {
        dimension: dimension.map(Exponent::integer),
        scale: prefix * scale,
    };
    if let Some(entry) = UNITS.iter().find(|(own, ..)| *own == symbol) {
        return Some(of(entry, 1.0));
    }
    PREFIXES.iter().find_map(|(prefix, factor)| {
        let rest = symbol.strip_prefix(prefix)?;
        let entry = UNITS
            .iter()
            .find(|(own, takes, ..)| *takes && *own == rest)?;
        Some(of(entry, *factor))
    })
}

/// All symbols, for messages.
pub(super) fn symbols() -> String {
    let distinct = UNITS.iter().map(|(symbol, ..)| *symbol);
    let distinct = distinct.filter(|symbol| !matches!(*symbol, "\u{212b}" | "µB"));
    distinct.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_differ() {
        for (i, (symbol, ..)) in UNITS.iter().enumerate() {
            assert!(
                UNITS[..i].iter().all(|(other, ..)| other != symbol),
                "{symbol}"
            );
        }
    }

    #[test]
    fn prefixes_belong_to_units_that_take_them() {
        assert_eq!(measure("meV").unwrap().scale, 1e-3 * EV);
        assert_eq!(measure("kg").unwrap().scale, 1.0);
        assert_eq!(measure("min").unwrap().scale, 60.0);
        assert_eq!(measure("cd").unwrap().dimension[6], Exponent::ONE);
        assert_eq!(measure("mÅ"), None);
        assert_eq!(measure("k"), None);
        assert_eq!(measure(""), None);
    }
}
