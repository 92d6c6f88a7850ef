//! Where a pair lies in its layer: on which shell, and in which direction.

use super::{DefectCluster, Pair};
use crate::layer_shells::along_layer;
use crate::{LayerShells, Vec3, add, cross, dot, norm, scale, sub};

/// Vectors of the lattice are equally short within this part of their length.
const ALIKE: f64 = 1e-3;

impl DefectCluster {
    /// The number of the shell, counted from 0, on which two defects see each other; none
    /// if one of them is on no site of the host, or the shells do not reach so far.
    ///
    /// Where the host looks different from both ends, the larger of both numbers.
    ///
    /// - `shells`: of [`Self::unit_cell`].
    #[must_use]
    pub fn shell(&self, pair: &Pair, shells: &LayerShells) -> Option<usize> {
        let distance = along_layer(&self.lattice, pair.vector);
        let [first, second] = [pair.first, pair.second].map(|end| self.defects[end]);
        let there = shells.index(first.unit_site?, second.before?, distance)?;
        let back = shells.index(second.unit_site?, first.before?, distance)?;
        Some(there.max(back))
    }

    /// The angle in the layer between a pair and the nearest shortest vector of the
    /// lattice, in radians; 0 for defects above each other.
    ///
    /// In a hexagonal lattice, it goes from 0 (zigzag) to π/6 (armchair).
    #[must_use]
    pub fn direction(&self, pair: &Pair) -> f64 {
        let [a, b, _] = self.lattice.rows();
        let normal = scale(1.0 / norm(cross(a, b)), cross(a, b));
        let flat = sub(pair.vector, scale(dot(pair.vector, normal), normal));
        let angle = |axis: &Vec3| norm(cross(flat, *axis)).atan2(dot(flat, *axis).abs());
        let axes = self.shortest();
        axes.iter().map(angle).reduce(f64::min).unwrap_or(0.0)
    }

    /// The shortest vectors of the layer's lattice, one of each opposite two, Å.
    ///
    /// The unit cell may be described in another orientation than the supercell: only its
    /// lengths are taken.
    fn shortest(&self) -> Vec<Vec3> {
        let lengths = self.unit_cell.lattice().lengths();
        let rows = self.lattice.rows();
        let [a, b] = [0, 1].map(|k| scale(lengths[k] / norm(rows[k]), rows[k]));
        let all = [a, b, add(a, b), sub(a, b)];
        let least = all.iter().map(|v| norm(*v)).fold(f64::INFINITY, f64::min);
        let short = |v: &Vec3| norm(*v) <= (1.0 + ALIKE) * least;
        all.into_iter().filter(short).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use approx::assert_relative_eq;

    use super::*;
    use crate::{Lattice, Site, Structure};

    const A: f64 = 3.19;

    fn site(symbol: &str, fractional: Vec3) -> Site {
        Site {
            element: symbol.parse().unwrap(),
            fractional,
        }
    }

    /// Vacancies in MoS2, 8 × 8, at cells of the metal and of the upper sulphur.
    fn cluster(gamma: f64, metals: &[[usize; 2]], sulphurs: &[[usize; 2]]) -> DefectCluster {
        let lattice = Lattice::from_parameters([A, A, 20.0], [90.0, 90.0, gamma]).unwrap();
        let other = if gamma > 90.0 {
            [2.0 / 3.0, 1.0 / 3.0]
        } else {
            [1.0 / 3.0; 2]
        };
        let metal = if gamma > 90.0 {
            [1.0 / 3.0, 2.0 / 3.0]
        } else {
            [0.0; 2]
        };
        let sites = vec![
            site("Mo", [metal[0], metal[1], 0.5]),
            site("S", [other[0], other[1], 0.42]),
            site("S", [other[0], other[1], 0.58]),
        ];
        let cell = Structure::new(lattice, sites).unwrap();
        let whole = cell.supercell([8, 8, 1]);
        let gone = |found: &Site| {
            let at = |cells: &[[usize; 2]], base: [f64; 2]| {
                cells.iter().any(|cell| {
                    (0..2).all(|k| {
                        let place = (base[k] + cell[k] as f64) / 8.0;
                        (found.fractional[k] - place).abs() < 1e-6
                    })
                })
            };
            match found.element.symbol() {
                "Mo" => at(metals, metal),
                _ => found.fractional[2] > 0.5 && at(sulphurs, other),
            }
        };
        let sites = whole.sites().iter().filter(|site| !gone(site)).copied();
        let structure = Structure::new(*whole.lattice(), sites.collect()).unwrap();
        let found = DefectCluster::find(&structure, &cell, [8, 8, 1]).unwrap();
        found.with_periodic([true, true, false])
    }

    fn only_pair(cluster: &DefectCluster) -> Pair {
        let pairs = cluster.pairs_nearest();
        assert_eq!(pairs.len(), 1);
        pairs[0]
    }

    #[test]
    fn rows_of_metal_are_zigzag_and_the_way_between_them_is_armchair() {
        for (gamma, armchair) in [(120.0, [2, 1]), (60.0, [1, 1])] {
            for (to, expected) in [([1, 0], 0.0), ([0, 2], 0.0), (armchair, PI / 6.0)] {
                let cluster = cluster(gamma, &[[0, 0], to], &[]);
                let angle = cluster.direction(&only_pair(&cluster));
                assert_relative_eq!(angle, expected, epsilon = 1e-9);
            }
        }
    }

    /// Two and a bit steps along a row: sites of the lattice at √7 a, 19.1° from it.
    #[test]
    fn between_zigzag_and_armchair_by_hand() {
        let cluster = cluster(120.0, &[[0, 0], [3, 1]], &[]);
        let pair = only_pair(&cluster);
        assert_relative_eq!(pair.length, 7_f64.sqrt() * A, epsilon = 1e-9);
        let expected = (3_f64.sqrt() / 5.0).atan();
        assert_relative_eq!(cluster.direction(&pair), expected, epsilon = 1e-9);
    }

    /// Seen from the metal, sulphur is on shells of sulphur, one for both layers of it.
    #[test]
    fn unlike_and_like_pairs_by_hand() {
        let shells = |cluster: &DefectCluster| LayerShells::new(cluster.unit_cell(), 13.0).unwrap();
        for (to, expected) in [([1, 0], 0), ([2, 1], 1), ([2, 0], 2), ([3, 1], 3)] {
            let cluster = cluster(120.0, &[[0, 0], to], &[]);
            let found = cluster.shell(&only_pair(&cluster), &shells(&cluster));
            assert_eq!(found, Some(expected), "{to:?}");
        }
        let near = cluster(120.0, &[[1, 1]], &[[1, 1]]);
        let pair = only_pair(&near);
        assert!(pair.length > A / 3_f64.sqrt(), "one is above the other");
        assert_eq!(near.shell(&pair, &shells(&near)), Some(0));
    }
}
