//! A structure: a lattice and the sites in one cell of it.

use std::collections::BTreeMap;

use crate::neighbors::nearest_vector;
use crate::{Element, Error, Lattice, Result, Vec3};

/// Coordinates are not larger than this: their place in the cell would be lost in
/// rounding.
const FARTHEST: f64 = 1e6;

/// An atom at a place in the cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Site {
    /// What sits there.
    pub element: Element,
    /// Where, in units of the basis vectors.
    pub fractional: Vec3,
}

/// A crystal, a layer, a chain or a molecule: sites repeated along those basis
/// vectors that are periodic.
///
/// # Invariants
///
/// At least one site, and every coordinate is within a million cells of the origin;
/// only [`Structure::new`] checks this. Coordinates are kept as given, inside the cell
/// or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    lattice: Lattice,
    periodic: [bool; 3],
    sites: Vec<Site>,
}

impl Structure {
    /// A structure that is periodic along all three vectors.
    ///
    /// # Errors
    ///
    /// [`Error::NoSites`]; [`Error::NotFinite`] or [`Error::FarAway`] for a
    /// coordinate.
    pub fn new(lattice: Lattice, sites: Vec<Site>) -> Result<Self> {
        if sites.is_empty() {
            return Err(Error::NoSites);
        }
        let mut coordinates = sites.iter().flat_map(|site| site.fractional);
        if let Some(value) = coordinates.find(|x| x.is_nan() || x.abs() > FARTHEST) {
            return Err(out_of_reach(value));
        }
        Ok(Self {
            lattice,
            periodic: [true; 3],
            sites,
        })
    }

    /// The same sites, periodic only where `periodic` says so.
    #[must_use]
    pub fn with_periodic(mut self, periodic: [bool; 3]) -> Self {
        self.periodic = periodic;
        self
    }

    /// The basis vectors.
    #[must_use]
    pub fn lattice(&self) -> &Lattice {
        &self.lattice
    }

    /// Along which vectors the cell repeats.
    #[must_use]
    pub fn periodic(&self) -> [bool; 3] {
        self.periodic
    }

    /// The sites, in the order in which they were given.
    #[must_use]
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// Cartesian position of a site, Å.
    ///
    /// # Panics
    ///
    /// If there is no such site.
    #[must_use]
    pub fn position(&self, site: usize) -> Vec3 {
        self.lattice.cartesian(self.sites[site].fractional)
    }

    /// Cartesian positions of all sites, Å.
    #[must_use]
    pub fn positions(&self) -> Vec<Vec3> {
        (0..self.sites.len())
            .map(|site| self.position(site))
            .collect()
    }

    /// How many atoms of each element, in the order of atomic numbers.
    #[must_use]
    pub fn composition(&self) -> BTreeMap<Element, usize> {
        let mut counts = BTreeMap::new();
        for site in &self.sites {
            *counts.entry(site.element).or_insert(0) += 1;
        }
        counts
    }

    /// The formula, as `Mo64 S127 Se1`.
    #[must_use]
    pub fn formula(&self) -> String {
        let parts: Vec<String> = self
            .composition()
            .iter()
            .map(|(element, count)| format!("{element}{count}"))
            .collect();
        parts.join(" ")
    }

    /// Copies of this cell, `repeats` along each vector, as one cell.
    ///
    /// The copies of a site stay together, in the order of the original sites.
    #[must_use]
    pub fn supercell(&self, repeats: [usize; 3]) -> Self {
        let [na, nb, nc] = repeats;
        let mut sites = Vec::with_capacity(self.sites.len() * na * nb * nc);
        for site in &self.sites {
            for (i, j, k) in
                (0..na).flat_map(|i| (0..nb).flat_map(move |j| (0..nc).map(move |k| (i, j, k))))
            {
                let [x, y, z] = site.fractional;
                sites.push(Site {
                    element: site.element,
                    fractional: [
                        (x + i as f64) / na as f64,
                        (y + j as f64) / nb as f64,
                        (z + k as f64) / nc as f64,
                    ],
                });
            }
        }
        Self {
            lattice: self.lattice.supercell(repeats),
            periodic: self.periodic,
            sites,
        }
    }

    /// The same with other fractional coordinates.
    pub(crate) fn moved(mut self, place: impl Fn(Vec3) -> Vec3) -> Self {
        for site in &mut self.sites {
            site.fractional = place(site.fractional);
        }
        self
    }

    /// The same in another lattice, stretched or turned with it.
    pub(crate) fn with_lattice(mut self, lattice: Lattice) -> Self {
        self.lattice = lattice;
        self
    }

    /// The shortest vector from a point to any periodic image of another, Å.
    ///
    /// - `from`, `to`: fractional.
    /// - returns: the Cartesian vector.
    ///
    /// All images that can be nearest are tried, so that skewed cells are right
    /// too.
    #[must_use]
    pub fn nearest_image(&self, from: Vec3, to: Vec3) -> Vec3 {
        nearest_vector(&self.lattice, self.periodic, from, to)
    }
}

/// What is wrong with such a coordinate.
fn out_of_reach(value: f64) -> Error {
    if value.is_finite() {
        let most = FARTHEST;
        Error::FarAway { value, most }
    } else {
        let what = "a coordinate";
        Error::NotFinite { what, value }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::norm;

    fn hexagonal() -> Structure {
        let lattice = Lattice::from_parameters([3.0, 3.0, 10.0], [90.0, 90.0, 120.0]).unwrap();
        let element = "C".parse().unwrap();
        let sites = vec![
            Site {
                element,
                fractional: [1.0 / 3.0, 2.0 / 3.0, 0.5],
            },
            Site {
                element,
                fractional: [2.0 / 3.0, 1.0 / 3.0, 0.5],
            },
        ];
        Structure::new(lattice, sites).unwrap()
    }

    #[test]
    fn a_supercell_multiplies_sites_and_volume() {
        let cell = hexagonal();
        let grown = cell.supercell([2, 3, 1]);
        assert_eq!(grown.sites().len(), 12);
        assert_eq!(grown.formula(), "C12");
        assert_relative_eq!(
            grown.lattice().volume(),
            6.0 * cell.lattice().volume(),
            epsilon = 1e-9
        );
    }

    #[test]
    fn the_nearest_image_crosses_the_border_of_the_cell() {
        let cell = hexagonal();
        let vector = cell.nearest_image([0.05, 0.0, 0.5], [0.95, 0.0, 0.5]);
        assert_relative_eq!(norm(vector), 0.3, epsilon = 1e-12);
    }

    #[test]
    fn a_site_at_infinity_or_on_the_way_is_refused() {
        let cell = hexagonal();
        let message = |x: f64| {
            let mut site = cell.sites()[0];
            site.fractional[1] = x;
            Structure::new(*cell.lattice(), vec![site])
                .unwrap_err()
                .to_string()
        };
        assert_eq!(message(f64::NAN), "a coordinate must be finite, got NaN");
        assert_eq!(
            message(-2e6),
            "a coordinate must be within 1000000 cells of the origin, got -2000000"
        );
    }

    #[test]
    fn a_structure_without_sites_is_refused() {
        let lattice = *hexagonal().lattice();
        assert_eq!(Structure::new(lattice, vec![]), Err(Error::NoSites));
    }
}
