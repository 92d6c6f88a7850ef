//! Configurations that symmetry makes equal.

use std::collections::BTreeSet;

use crate::{Complex, Error, Result};

/// A complex on sites of a supercell.
///
/// Sites are counted as in `Model::unit_cell().supercell(…)`: all metals first,
/// then the chalcogens below them, then those above.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Configuration {
    /// Which defects.
    pub complex: Complex,
    /// Where each of them sits, in the order of [`Complex::defects`].
    pub sites: Vec<usize>,
}

impl Configuration {
    /// A name that is unique among the configurations of one supercell, as
    /// `V3-000-041-077`: the label, then the sites.
    #[must_use]
    pub fn id(&self) -> String {
        let sites = self.sites.iter().map(|site| format!("-{site:03}"));
        self.complex.label().to_owned() + &sites.collect::<String>()
    }
}

/// Every symmetry of a supercell, as a permutation of its sites.
///
/// Translations by a cell and the reflection in the plane always; if the
/// supercell is as wide as it is long, also the rotations by thirds of a turn
/// and the reflections in vertical planes (space group P-6m2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symmetry {
    cells: [usize; 2],
    permutations: Vec<Vec<usize>>,
}

/// The in-plane positions of the sublattices, in thirds of a cell.
const THIRDS: [[i64; 2]; 3] = [[1, 2], [2, 1], [2, 1]];

impl Symmetry {
    /// The symmetries of a supercell of `MoS₂`.
    ///
    /// # Errors
    ///
    /// [`Error::EmptySupercell`].
    pub fn new(repeats: [usize; 2]) -> Result<Self> {
        if repeats.contains(&0) {
            return Err(Error::EmptySupercell { repeats });
        }
        let mut permutations = Vec::new();
        for operation in 0..if repeats[0] == repeats[1] { 6 } else { 1 } {
            for reflect in [false, true] {
                for shift in (0..repeats[0]).flat_map(|i| (0..repeats[1]).map(move |j| [i, j])) {
                    permutations.push(permutation(repeats, operation, reflect, shift));
                }
            }
        }
        Ok(Self {
            cells: repeats,
            permutations,
        })
    }

    /// How many symmetries there are.
    #[must_use]
    pub fn order(&self) -> usize {
        self.permutations.len()
    }

    /// The representative of all configurations that are equal to this one: the
    /// one whose sites come first.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSites`].
    pub fn canonical(&self, configuration: &Configuration) -> Result<Configuration> {
        self.check(configuration)?;
        Ok(self.canonical_unchecked(configuration))
    }

    fn canonical_unchecked(&self, configuration: &Configuration) -> Configuration {
        let defects = configuration.complex.defects();
        let image = |permutation: &Vec<usize>| {
            let sites = configuration.sites.iter().map(|&site| permutation[site]);
            let mut placed: Vec<_> = defects.iter().zip(sites).collect();
            // equal defects stand side by side, so this changes only their order
            placed.sort_by_key(|&(defect, site)| (defects.iter().position(|d| d == defect), site));
            placed.into_iter().map(|(_, site)| site).collect()
        };
        let sites = self.permutations.iter().map(image).min();
        Configuration {
            complex: configuration.complex,
            sites: sites.expect("the identity is among the symmetries"),
        }
    }

    /// Whether each defect has a site of its own on its own sublattice.
    pub(crate) fn check(&self, configuration: &Configuration) -> Result<()> {
        let cells = self.cells[0] * self.cells[1];
        let (sites, defects) = (&configuration.sites, configuration.complex.defects());
        let placed = sites
            .iter()
            .zip(defects)
            .all(|(site, defect)| defect.sublattices().contains(&(site / cells)));
        let distinct = sites.iter().collect::<BTreeSet<_>>().len() == sites.len();
        if sites.len() == defects.len() && placed && distinct {
            Ok(())
        } else {
            Err(Error::WrongSites {
                label: configuration.complex.label(),
                expected: defects.len(),
                sites: sites.clone(),
            })
        }
    }

    /// All inequivalent configurations of a complex, in canonical order.
    #[must_use]
    pub fn configurations(&self, complex: Complex) -> Vec<Configuration> {
        let cells = self.cells[0] * self.cells[1];
        let mut partial: Vec<Vec<usize>> = vec![Vec::new()];
        for (position, defect) in complex.defects().iter().enumerate() {
            let free = defect.sublattices().iter();
            let mut candidates: Vec<usize> =
                free.flat_map(|s| s * cells..(s + 1) * cells).collect();
            if position == 0 {
                // all sites of one kind are equal, so the first may stay put
                candidates.truncate(1);
            }
            partial = partial
                .iter()
                .flat_map(|sites| {
                    let unused = candidates.iter().filter(|site| !sites.contains(site));
                    unused.map(|&site| [sites.as_slice(), &[site]].concat())
                })
                .collect();
        }
        let canonical = |sites| self.canonical_unchecked(&Configuration { complex, sites });
        let distinct: BTreeSet<_> = partial.into_iter().map(canonical).collect();
        distinct.into_iter().collect()
    }
}

/// Where each site goes under a point operation, then perhaps a reflection in
/// the plane, then a shift by whole cells.
fn permutation(
    repeats: [usize; 2],
    operation: usize,
    reflect: bool,
    shift: [usize; 2],
) -> Vec<usize> {
    // a supercell has far fewer than 2⁶³ cells
    let signed = |x: usize| i64::try_from(x).expect("a supercell is small");
    let [rows, columns] = repeats.map(signed);
    let mut images = Vec::new();
    for (sublattice, offset) in THIRDS.iter().enumerate() {
        let to = match (reflect, sublattice) {
            (true, 1) => 2,
            (true, 2) => 1,
            _ => sublattice,
        };
        for (i, j) in (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))) {
            let [x, y] = point_operation(operation, [3 * i + offset[0], 3 * j + offset[1]]);
            let cell = |at: i64, offset: i64, shift: usize, count: i64| {
                ((at - offset) / 3 + signed(shift)).rem_euclid(count)
            };
            let row = cell(x, offset[0], shift[0], rows);
            let column = cell(y, offset[1], shift[1], columns);
            let site = signed(to) * rows * columns + row * columns + column;
            images.push(usize::try_from(site).expect("a site is not negative"));
        }
    }
    images
}

/// The in-plane part of P-6m2 on hexagonal coordinates: three rotations, and
/// each of them after the reflection that exchanges the two vectors' negatives.
fn point_operation(operation: usize, [x, y]: [i64; 2]) -> [i64; 2] {
    let [x, y] = if operation < 3 { [x, y] } else { [-y, -x] };
    match operation % 3 {
        0 => [x, y],
        1 => [-y, x - y],
        _ => [y - x, -x],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PointDefect;

    fn complex(label: &str) -> Complex {
        label.parse().unwrap()
    }

    #[test]
    fn every_symmetry_moves_every_site_somewhere() {
        let symmetry = Symmetry::new([3, 3]).unwrap();
        assert_eq!(symmetry.order(), 12 * 9);
        let distinct: BTreeSet<_> = symmetry.permutations.iter().collect();
        assert_eq!(distinct.len(), symmetry.order());
        for permutation in &symmetry.permutations {
            let mut sites = permutation.clone();
            sites.sort_unstable();
            assert!(sites.iter().copied().eq(0..27));
        }
    }

    /// Orbits of all representatives together are all placements.
    #[test]
    fn nothing_is_lost_and_nothing_is_double() {
        let symmetry = Symmetry::new([4, 4]).unwrap();
        for (label, placements) in [
            ("X2", 32 * 31 / 2),
            ("V2", 16 * 32),
            ("V3", 16 * 32 * 31 / 2),
        ] {
            let mut seen = BTreeSet::new();
            for found in symmetry.configurations(complex(label)) {
                for permutation in &symmetry.permutations {
                    let sites = found.sites.iter().map(|&site| permutation[site]);
                    let mut sites: Vec<_> = found.complex.defects().iter().zip(sites).collect();
                    sites.sort_by_key(|&(d, site)| (*d != PointDefect::MetalVacancy, site));
                    seen.insert(sites);
                }
                assert_eq!(symmetry.canonical(&found).unwrap(), found);
            }
            assert_eq!(seen.len(), placements, "{label}");
        }
    }

    #[test]
    fn a_defect_on_a_foreign_sublattice_is_refused() {
        let symmetry = Symmetry::new([3, 3]).unwrap();
        let wrong = Configuration {
            complex: complex("V2"),
            sites: vec![9, 10],
        };
        assert_eq!(
            symmetry.canonical(&wrong).unwrap_err().to_string(),
            "V2 needs 2 distinct sites of its own sublattices, got [9, 10]"
        );
    }

    #[test]
    fn a_supercell_without_cells_is_refused() {
        assert_eq!(
            Symmetry::new([0, 3]),
            Err(Error::EmptySupercell { repeats: [0, 3] })
        );
    }
}
