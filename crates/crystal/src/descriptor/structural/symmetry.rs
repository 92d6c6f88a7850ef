//! Which sites of a cell its symmetry makes equal.
//!
//! Every isometry that maps the cell's lattice onto itself is tried with every
//! shift that can map the sites onto sites of their element. The lattice is
//! that of the *cell*: no primitive cell is sought, since a shift by a fraction
//! of the cell is found like any other.
//!
//! # Why this is fast enough
//!
//! A shift must take one chosen site to a site like it. In a supercell with a
//! few defects the choice falls on a site beside a defect, to which few are
//! alike, so that few shifts are left of the many that a perfect supercell has.

use std::collections::BTreeMap;

use crate::isometry::{TOLERANCE, isometries, turn};
use crate::neighbors::neighbors;
use crate::{Element, Lattice, Result, Structure, Vec3, dot, sub};

/// The classes of sites that symmetry makes equal: for each site the index of
/// the first that is equal to it.
pub(super) fn classes(structure: &Structure) -> Result<Vec<usize>> {
    let kinds = kinds(structure)?;
    let places = Places::of(structure, &kinds);
    let rarest = places.members.iter().min_by_key(|members| members.len());
    let alike = rarest.map_or(&[][..], Vec::as_slice);
    let mut classes = Classes((0..kinds.len()).collect());
    let Some(&chosen) = alike.first() else {
        return Ok(classes.0);
    };
    let mut image = vec![0; kinds.len()];
    for rotation in isometries(structure.lattice()) {
        let turned: Vec<Vec3> = structure
            .sites()
            .iter()
            .map(|site| turn(&rotation, site.fractional))
            .collect();
        for &target in alike {
            let shift = sub(structure.sites()[target].fractional, turned[chosen]);
            if places.map(&turned, shift, &mut image) {
                for (site, &other) in image.iter().enumerate() {
                    classes.join(site, other);
                }
            }
        }
    }
    Ok((0..kinds.len()).map(|site| classes.first(site)).collect())
}

/// Sites that are joined, as a forest whose roots are the first of their class.
struct Classes(Vec<usize>);

impl Classes {
    fn first(&mut self, site: usize) -> usize {
        let mut root = site;
        while self.0[root] != root {
            self.0[root] = self.0[self.0[root]];
            root = self.0[root];
        }
        root
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        self.0[one.max(other)] = one.min(other);
    }
}

/// For each site a number that sites equal by symmetry share: the rank of its
/// element and of the elements around it.
///
/// The elements around are counted within a radius that no distance is near, so
/// that two sites are not told apart by what the tolerance allows; where there
/// is no such radius the element alone is used.
fn kinds(structure: &Structure) -> Result<Vec<usize>> {
    const REACH: f64 = 6.0;
    let whole = structure.clone().with_periodic([true; 3]);
    let pairs = neighbors(&whole, REACH)?;
    let mut lengths: Vec<f64> = pairs.iter().map(|pair| pair.length).collect();
    lengths.sort_by(f64::total_cmp);
    let gaps = lengths.windows(2).map(|pair| (pair[1] - pair[0], pair[0]));
    let (gap, below) = gaps.fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
    let radius = if gap > 4.0 * TOLERANCE {
        below + 0.5 * gap
    } else {
        0.0
    };
    let around = |site: usize| (structure.sites()[site].element, BTreeMap::new());
    let mut surroundings: Vec<(Element, BTreeMap<Element, usize>)> =
        (0..structure.sites().len()).map(around).collect();
    for pair in pairs.iter().filter(|pair| pair.length < radius) {
        let element = structure.sites()[pair.target].element;
        *surroundings[pair.source].1.entry(element).or_default() += 1;
    }
    let mut distinct = surroundings.clone();
    distinct.sort();
    distinct.dedup();
    let rank = |one| distinct.binary_search(one).unwrap_or_default();
    Ok(surroundings.iter().map(rank).collect())
}

/// The sites of each kind, sorted along the first vector to be found by place.
struct Places {
    lattice: Lattice,
    kinds: Vec<usize>,
    fractional: Vec<Vec3>,
    members: Vec<Vec<usize>>,
    /// How far along the first vector the tolerance reaches.
    reach: f64,
}

impl Places {
    fn of(structure: &Structure, kinds: &[usize]) -> Self {
        let wrapped = |site: &crate::Site| site.fractional.map(|x| x - x.floor());
        let fractional: Vec<Vec3> = structure.sites().iter().map(wrapped).collect();
        let count = kinds.iter().max().map_or(0, |most| most + 1);
        let mut members = vec![Vec::new(); count];
        for (site, &kind) in kinds.iter().enumerate() {
            members[kind].push(site);
        }
        for list in &mut members {
            list.sort_by(|&a: &usize, &b: &usize| fractional[a][0].total_cmp(&fractional[b][0]));
        }
        Self {
            lattice: *structure.lattice(),
            kinds: kinds.to_vec(),
            fractional,
            members,
            reach: TOLERANCE / structure.lattice().heights()[0],
        }
    }

    /// Whether every turned site, when shifted, is on a site of its kind; which
    /// one is written to `image`.
    fn map(&self, turned: &[Vec3], shift: Vec3, image: &mut [usize]) -> bool {
        turned.iter().enumerate().all(|(site, place)| {
            let place = std::array::from_fn(|axis| {
                let x = place[axis] + shift[axis];
                x - x.floor()
            });
            let found = self.find(self.kinds[site], place);
            image[site] = found.unwrap_or_default();
            found.is_some()
        })
    }

    /// The site of a kind at a place inside the cell.
    fn find(&self, kind: usize, place: Vec3) -> Option<usize> {
        let members = &self.members[kind];
        // the place itself and its images beyond either end of the list
        [0.0, 1.0, -1.0].into_iter().find_map(|border| {
            let least = place[0] + border - self.reach;
            let start = members.partition_point(|&site| self.fractional[site][0] < least);
            let near = members[start..].iter().copied();
            near.take_while(|&site| self.fractional[site][0] <= least + 2.0 * self.reach)
                .find(|&site| self.is_at(site, place))
        })
    }

    fn is_at(&self, site: usize, place: Vec3) -> bool {
        let away = sub(self.fractional[site], place).map(|x| x - x.round());
        let away = self.lattice.cartesian(away);
        dot(away, away) < TOLERANCE * TOLERANCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Site;

    fn cubic(edge: f64, along: &[f64]) -> Structure {
        let length = edge * along.len() as f64;
        let lattice = Lattice::from_parameters([length, edge, edge], [90.0; 3]).unwrap();
        let site = |&x: &f64| Site {
            element: "Po".parse().unwrap(),
            fractional: [x / length, 0.0, 0.0],
        };
        Structure::new(lattice, along.iter().map(site).collect()).unwrap()
    }

    #[test]
    fn sites_are_equal_within_the_tolerance_only() {
        // every third atom moves towards its neighbour
        let moved = |by: f64| classes(&cubic(3.0, &[0.0, 3.0, 6.0 + by])).unwrap();
        assert_eq!(moved(0.04), [0, 0, 0]);
        assert_eq!(moved(-0.04), [0, 0, 0]);
        // the gaps of 3.0, 2.6 and 3.4 Å leave nothing
        assert_eq!(moved(-0.4), [0, 1, 2]);
    }

    #[test]
    fn rounding_at_the_border_of_the_cell_tells_no_sites_apart() {
        assert_eq!(classes(&cubic(3.0, &[-1e-9, 3.0])).unwrap(), [0, 0]);
        assert_eq!(classes(&cubic(3.0, &[1e-9, 3.0])).unwrap(), [0, 0]);
    }
}
