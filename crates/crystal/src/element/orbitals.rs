//! Electrons in the subshells of neutral atoms.
//!
//! Subshells fill in the order of n + l, then of n (Madelung's rule). Of the
//! elements that are different in their ground state, the electrons that are
//! elsewhere are listed.
//!
//! # Source
//!
//! Kramida et al., NIST Atomic Spectra Database (ver. 5.11),
//! doi:10.18434/T4W30F: ground states of neutral atoms up to fermium. Beyond,
//! where few are measured, the rule is used as it is.

use crate::Element;

/// A subshell: its principal number `n` and its angular momentum `l`.
type Subshell = (u8, u8);

/// In the order in which they fill.
const ORDER: [Subshell; 19] = [
    (1, 0),
    (2, 0),
    (2, 1),
    (3, 0),
    (3, 1),
    (4, 0),
    (3, 2),
    (4, 1),
    (5, 0),
    (4, 2),
    (5, 1),
    (6, 0),
    (4, 3),
    (5, 2),
    (6, 1),
    (7, 0),
    (5, 3),
    (6, 2),
    (7, 1),
];

/// Elements in whose ground state a number of electrons is not in the subshell
/// of the rule, but in another.
const MOVED: [(u8, Subshell, Subshell, u8); 20] = [
    (24, (4, 0), (3, 2), 1),  // Cr
    (29, (4, 0), (3, 2), 1),  // Cu
    (41, (5, 0), (4, 2), 1),  // Nb
    (42, (5, 0), (4, 2), 1),  // Mo
    (44, (5, 0), (4, 2), 1),  // Ru
    (45, (5, 0), (4, 2), 1),  // Rh
    (46, (5, 0), (4, 2), 2),  // Pd
    (47, (5, 0), (4, 2), 1),  // Ag
    (57, (4, 3), (5, 2), 1),  // La
    (58, (4, 3), (5, 2), 1),  // Ce
    (64, (4, 3), (5, 2), 1),  // Gd
    (78, (6, 0), (5, 2), 1),  // Pt
    (79, (6, 0), (5, 2), 1),  // Au
    (89, (5, 3), (6, 2), 1),  // Ac
    (90, (5, 3), (6, 2), 2),  // Th
    (91, (5, 3), (6, 2), 1),  // Pa
    (92, (5, 3), (6, 2), 1),  // U
    (93, (5, 3), (6, 2), 1),  // Np
    (96, (5, 3), (6, 2), 1),  // Cm
    (103, (6, 2), (7, 1), 1), // Lr
];

/// The subshells that hold electrons, each with how many.
pub(super) fn occupied(element: Element) -> Vec<(Subshell, u8)> {
    let number = element.atomic_number();
    let mut left = number;
    let mut filled: Vec<(Subshell, u8)> = ORDER
        .into_iter()
        .map(|(n, l)| {
            let here = left.min(2 * (2 * l + 1));
            left -= here;
            ((n, l), here)
        })
        .collect();
    for (_, from, to, count) in MOVED.into_iter().filter(|moved| moved.0 == number) {
        for (subshell, electrons) in &mut filled {
            if *subshell == from {
                *electrons -= count;
            } else if *subshell == to {
                *electrons += count;
            }
        }
    }
    filled.retain(|(_, electrons)| *electrons > 0);
    filled
}
