//! Shells of a layer: the circles on which a host has its sites.
//!
//! Everything is projected onto the layer, the plane of the first two basis
//! vectors. Around each site of the unit cell, the sites of one element then lie
//! on circles; the number of the circle says of a pair of defects how many
//! shells apart they are, whatever the lattice constant. (Descriptors count in
//! the first coordination shells instead, which are distances in space.)
//!
//! # What was decided
//!
//! - The shells of a pair are those of its *second* site's element in the host,
//!   so that a like pair counts sites of its own element, and an unlike pair
//!   those of the other.
//! - Sites exactly above or below are on no circle. Such a pair is given the
//!   first shell, and its height tells it apart.
//! - Distances are one shell if each is within 0.001 Å of the next: the source
//!   rounds to three decimals, which splits a shell wherever coordinates of
//!   eight decimals fall on both sides of a border.
//! - A distance belongs to the nearest circle. Defects are on sites of the host,
//!   so this is the number that a search in the sorted radii gives, without its
//!   luck at equality.
//!
//! # Source
//!
//! Kazeev et al., *npj Comput. Mater.* **9**, 113 (2023), who call the number
//! EOS.

use std::collections::BTreeMap;

use crate::neighbors::neighbors_of_points;
use crate::{Element, Lattice, Result, Structure, Vec3, cross, dot, norm, scale, sub};

/// Distances closer than this are one, Å.
const TOLERANCE: f64 = 1e-3;

/// The radii of the shells around each site of a host.
///
/// # Examples
///
/// ```
/// # use crystal::{Lattice, LayerShells, Site, Structure};
/// let lattice = Lattice::from_parameters([2.0, 2.0, 15.0], [90.0, 90.0, 120.0])?;
/// let carbon = "C".parse()?;
/// let site = Site { element: carbon, fractional: [0.0; 3] };
/// let triangular = Structure::new(lattice, vec![site])?;
/// let shells = LayerShells::new(&triangular, 4.1)?;
/// // a, √3 a and 2 a
/// assert_eq!(shells.radii(0, carbon).len(), 3);
/// assert_eq!(shells.index(0, carbon, 2.0), Some(0));
/// assert_eq!(shells.index(0, carbon, 4.0), Some(2));
/// # Ok::<(), crystal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LayerShells {
    /// Å, ascending, for every site of the unit cell and every element.
    radii: Vec<BTreeMap<Element, Vec<f64>>>,
}

impl LayerShells {
    /// The shells of a host up to some distance.
    ///
    /// - `unit_cell`: of the host; its first two vectors span the layer, and only
    ///   along them are images taken.
    /// - `reach`: Å, inclusive.
    ///
    /// # Errors
    ///
    /// [`Error::Length`](crate::Error::Length) if the reach is not positive and
    /// finite.
    pub fn new(unit_cell: &Structure, reach: f64) -> Result<Self> {
        let layer = layer(unit_cell.lattice())?;
        let points: Vec<Vec3> = unit_cell
            .positions()
            .into_iter()
            .map(|position| {
                let [x, y, _] = layer.fractional(position);
                [x, y, 0.0]
            })
            .collect();
        let pairs = neighbors_of_points(&layer, [true, true, false], &points, reach)?;
        let mut radii = vec![BTreeMap::<Element, Vec<f64>>::new(); points.len()];
        for pair in pairs {
            let element = unit_cell.sites()[pair.target].element;
            radii[pair.source]
                .entry(element)
                .or_default()
                .push(pair.length);
        }
        for lengths in radii.iter_mut().flat_map(BTreeMap::values_mut) {
            *lengths = distinct(std::mem::take(lengths));
        }
        Ok(Self { radii })
    }

    /// The radii of the shells of an element around a site of the unit cell.
    ///
    /// - returns: Å, ascending; empty if there are none within the reach.
    ///
    /// # Panics
    ///
    /// If there is no such site.
    #[must_use]
    pub fn radii(&self, site: usize, element: Element) -> &[f64] {
        self.radii[site].get(&element).map_or(&[], Vec::as_slice)
    }

    /// The number of the shell, counted from 0, that a distance from a site is
    /// nearest to; none if the element has no shell within the reach.
    ///
    /// - `distance`: along the layer, Å.
    ///
    /// # Panics
    ///
    /// If there is no such site.
    #[must_use]
    pub fn index(&self, site: usize, element: Element, distance: f64) -> Option<usize> {
        let radii = self.radii(site, element);
        let middles = radii.windows(2).map(|pair| 0.5 * (pair[0] + pair[1]));
        let nearer = middles.take_while(|&middle| middle < distance).count();
        (!radii.is_empty()).then_some(nearer)
    }
}

/// The first two vectors, and one at right angles to both.
fn layer(lattice: &Lattice) -> Result<Lattice> {
    let [a, b, _] = lattice.rows();
    Lattice::new([a, b, scale(norm(a).max(norm(b)), normal(lattice))])
}

/// The unit vector at right angles to the layer.
fn normal(lattice: &Lattice) -> Vec3 {
    let [a, b, _] = lattice.rows();
    let normal = cross(a, b);
    scale(1.0 / norm(normal), normal)
}

/// The length of a vector's projection onto the layer, Å.
///
/// - `lattice`: its first two vectors span the layer.
/// - `vector`: Cartesian, Å.
pub(crate) fn along_layer(lattice: &Lattice, vector: Vec3) -> f64 {
    let normal = normal(lattice);
    norm(sub(vector, scale(dot(vector, normal), normal)))
}

/// Ascending, the first of each run of lengths that are one within the
/// tolerance; a run that begins at zero is left out.
fn distinct(mut lengths: Vec<f64>) -> Vec<f64> {
    lengths.sort_unstable_by(f64::total_cmp);
    let mut last = 0.0;
    lengths.retain(|&length| {
        let apart = length - last > TOLERANCE;
        last = length;
        apart
    });
    lengths
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::{Error, Site};

    const A: f64 = 3.190_315_7;

    fn element(symbol: &str) -> Element {
        symbol.parse().unwrap()
    }

    fn site(symbol: &str, fractional: Vec3) -> Site {
        Site {
            element: element(symbol),
            fractional,
        }
    }

    fn hexagonal(sites: Vec<Site>) -> Structure {
        let lattice = Lattice::from_parameters([A, A, 20.0], [90.0, 90.0, 120.0]).unwrap();
        Structure::new(lattice, sites).unwrap()
    }

    /// Coordinates of eight decimals, as in the data.
    fn mos2() -> Structure {
        hexagonal(vec![
            site("Mo", [0.333_333_33, 0.666_666_67, 0.185_987_55]),
            site("S", [0.666_666_67, 0.333_333_33, 0.107_743_33]),
            site("S", [0.666_666_67, 0.333_333_33, 0.264_231_77]),
        ])
    }

    fn assert_radii(shells: &LayerShells, site: usize, symbol: &str, squares: &[f64]) {
        let radii = shells.radii(site, element(symbol));
        assert_eq!(radii.len(), squares.len(), "{radii:?}");
        for (radius, square) in radii.iter().zip(squares) {
            // of rounded coordinates
            assert_relative_eq!(*radius, A * square.sqrt(), epsilon = 1e-6);
        }
    }

    #[test]
    fn a_triangular_lattice_by_hand() {
        let shells =
            LayerShells::new(&hexagonal(vec![site("C", [0.3, 0.4, 0.5])]), 5.0 * A).unwrap();
        // i² + ij + j²
        let squares = [1, 3, 4, 7, 9, 12, 13, 16, 19, 21, 25].map(f64::from);
        assert_radii(&shells, 0, "C", &squares);
        // along a row of atoms
        let row = [1, 2, 3, 4, 5].map(|n| shells.index(0, element("C"), A * f64::from(n)));
        assert_eq!(row, [0, 2, 4, 7, 10].map(Some));
    }

    #[test]
    fn the_disulphide_by_hand() {
        let shells = LayerShells::new(&mos2(), 13.0).unwrap();
        let like = [1, 3, 4, 7, 9, 12, 13, 16].map(f64::from);
        assert_radii(&shells, 0, "Mo", &like);
        // two layers of sulphur are one, and the site above is on no circle
        assert_radii(&shells, 1, "S", &like);
        assert_radii(&shells, 2, "S", &like);
        let unlike = [1, 4, 7, 13, 16, 19, 25, 28, 31, 37, 43, 49].map(|n| f64::from(n) / 3.0);
        for (site, other) in [(0, "S"), (1, "Mo"), (2, "Mo")] {
            assert_radii(&shells, site, other, &unlike);
        }
    }

    /// Where the formation energy of a metal and a chalcogen vacancy has its
    /// minima: triangular numbers.
    #[test]
    fn along_a_zigzag_chain_every_other_atom_is_the_1st_3rd_6th_and_10th_nearest() {
        let shells = LayerShells::new(&mos2(), 13.0).unwrap();
        let chain = (0..4).map(|n| {
            // n steps of a along the chain, and the half step to the other row
            let along = A * (f64::from(n) + 0.5);
            let distance = along.hypot(A / (2.0 * 3.0_f64.sqrt()));
            shells.index(0, element("S"), distance).unwrap() + 1
        });
        assert_eq!(chain.collect::<Vec<_>>(), [1, 3, 6, 10]);
    }

    #[test]
    fn a_site_above_another_is_given_the_first_shell() {
        let shells = LayerShells::new(&mos2(), 13.0).unwrap();
        assert_eq!(shells.index(1, element("S"), 0.0), Some(0));
        assert_eq!(shells.index(0, element("Se"), 3.0), None);
    }

    #[test]
    fn distances_that_differ_by_rounding_are_one_shell() {
        let lengths = vec![2.0, 0.0, 1.000_5, 0.999_9, 1e-9, 1.000_499_9, 2.000_3];
        assert_eq!(distinct(lengths), [0.999_9, 2.0]);
    }

    #[test]
    fn a_reach_of_nothing_is_refused() {
        let error = LayerShells::new(&mos2(), 0.0).unwrap_err();
        assert!(matches!(error, Error::Length { value: 0.0, .. }), "{error}");
    }

    #[test]
    fn the_projection_leaves_the_height_out() {
        let lattice = Lattice::new([[0.0, 2.0, 0.0], [0.0, 0.0, 3.0], [9.0, 1.0, 0.0]]).unwrap();
        assert_relative_eq!(
            along_layer(&lattice, [7.0, 3.0, -4.0]),
            5.0,
            epsilon = 1e-12
        );
    }

    proptest! {
        /// A larger cell of the same host, described from another origin.
        #[test]
        fn shells_do_not_depend_on_the_cell(
            repeats in (1_usize..4, 1_usize..4),
            shift in prop::array::uniform3(-1.0..1.0),
        ) {
            let grown = mos2().supercell([repeats.0, repeats.1, 1]);
            let moved = grown.sites().iter().map(|site| Site {
                fractional: crate::add(site.fractional, shift),
                ..*site
            });
            let moved = Structure::new(*grown.lattice(), moved.collect()).unwrap();
            let (small, large) = (LayerShells::new(&mos2(), 13.0).unwrap(), LayerShells::new(&moved, 13.0).unwrap());
            let copies = repeats.0 * repeats.1;
            for site in 0..moved.sites().len() {
                for symbol in ["Mo", "S"] {
                    let expected = small.radii(site / copies, element(symbol));
                    let got = large.radii(site, element(symbol));
                    prop_assert_eq!(got.len(), expected.len());
                    for (got, expected) in got.iter().zip(expected) {
                        assert_relative_eq!(got, expected, epsilon = 1e-9);
                    }
                }
            }
        }
    }
}
