//! Whether atoms sit on top of each other.
//!
//! Every file that is read is checked, so the check must cost little: sites are
//! sorted into bins at least as wide as the distance asked for, and only
//! neighbouring bins are compared. The bins are cut along a *reduced* basis of
//! the lattice: in a skewed cell the faces are close together, and a search
//! over cells as given would have to go arbitrarily far.

use crate::{Error, Lattice, Result, Structure, Vec3, add, cross, dot, norm, scale, sub};

impl Structure {
    /// Refuses sites that are closer than atoms can be.
    ///
    /// Periodic images count, also those of a site itself.
    ///
    /// - `least`: smallest distance allowed, Å.
    ///
    /// # Errors
    ///
    /// [`Error::SitesTooClose`] with the first such pair that is found; the
    /// second index is the larger one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use crystal::{Lattice, Site, Structure};
    /// let lattice = Lattice::from_parameters([4.0; 3], [90.0; 3])?;
    /// let element = "Po".parse()?;
    /// let site = |x| Site { element, fractional: [x, 0.0, 0.0] };
    /// let structure = Structure::new(lattice, vec![site(0.05), site(0.95)])?;
    /// assert!(structure.require_separation(0.3).is_ok()); // 0.4 Å across the border
    /// assert!(structure.require_separation(0.5).is_err());
    /// # Ok::<(), crystal::Error>(())
    /// ```
    pub fn require_separation(&self, least: f64) -> Result<()> {
        let too_close = |first: usize, second: usize, distance| Error::SitesTooClose {
            first: first.min(second),
            second: first.max(second),
            distance,
            least,
        };
        let periodic = self.periodic();
        let basis = reduced_basis(self.lattice(), periodic);
        let periods = basis.iter().zip(periodic).filter(|(_, p)| *p);
        let shortest = periods.map(|(&row, _)| norm(row)).fold(f64::MAX, f64::min);
        if shortest < least {
            return Err(too_close(0, 0, shortest));
        }
        let bins = Bins::new(self, &Lattice::new(basis)?, least);
        match bins.first_pair_within(least) {
            Some((first, second, distance)) => Err(too_close(first, second, distance)),
            None => Ok(()),
        }
    }
}

/// A basis whose periodic vectors are as short as can be, and whose others
/// stand upright on them.
fn reduced_basis(lattice: &Lattice, periodic: [bool; 3]) -> [Vec3; 3] {
    let mut basis = lattice.rows();
    let axes: Vec<usize> = (0..3).filter(|&axis| periodic[axis]).collect();
    reduce(&mut basis, &axes);
    // as long as the longest, so that the cell is not flat beside it
    let length = axes.iter().map(|&i| norm(basis[i])).fold(1.0, f64::max);
    let mut upright = axes;
    for axis in (0..3).filter(|&axis| !periodic[axis]) {
        basis[axis] = scale(length, normal_to(&basis, &upright));
        upright.push(axis);
    }
    basis
}

/// Minkowski reduction of up to three vectors, after Semaev: shorten each by
/// the others until none becomes shorter.
fn reduce(basis: &mut [Vec3; 3], axes: &[usize]) {
    // A bound for safety: every turn shortens a vector, and few turns suffice.
    for _ in 0..1000 {
        let mut shorter = false;
        for (&i, &j) in axes.iter().flat_map(|i| axes.iter().map(move |j| (i, j))) {
            let steps = (dot(basis[i], basis[j]) / dot(basis[j], basis[j])).round();
            if i != j && steps != 0.0 {
                shorter |= replace_if_shorter(basis, i, sub(basis[i], scale(steps, basis[j])));
            }
        }
        if let [i, j, k] = *axes {
            let longest = [i, j, k].into_iter().fold(i, |a, b| {
                if norm(basis[b]) > norm(basis[a]) {
                    b
                } else {
                    a
                }
            });
            let [j, k] = [(longest + 1) % 3, (longest + 2) % 3];
            for (s, t) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
                let others = add(scale(s, basis[j]), scale(t, basis[k]));
                shorter |= replace_if_shorter(basis, longest, add(basis[longest], others));
            }
        }
        if !shorter {
            return;
        }
    }
}

fn replace_if_shorter(basis: &mut [Vec3; 3], axis: usize, candidate: Vec3) -> bool {
    // by more than rounding, or two equal vectors would alternate for ever
    let shorter = norm(candidate) < norm(basis[axis]) * (1.0 - 1e-12);
    if shorter {
        basis[axis] = candidate;
    }
    shorter
}

/// A unit vector at right angles to up to two others.
fn normal_to(basis: &[Vec3; 3], others: &[usize]) -> Vec3 {
    let direction = match *others {
        [] => [1.0, 0.0, 0.0],
        [only] => {
            let along = basis[only];
            let smallest = (0..3).fold(0, |a, b| {
                if along[b].abs() < along[a].abs() {
                    b
                } else {
                    a
                }
            });
            let mut axis = [0.0; 3];
            axis[smallest] = 1.0;
            cross(along, axis)
        }
        [first, second, ..] => cross(basis[first], basis[second]),
    };
    scale(1.0 / norm(direction), direction)
}

/// Sites sorted into boxes along a basis.
struct Bins {
    lattice: Lattice,
    periodic: [bool; 3],
    /// How many bins along each vector.
    counts: [usize; 3],
    /// How many bins away two sites can still be too close.
    reach: [i64; 3],
    /// Per site: fractional along the basis, within the cell where periodic.
    fractional: Vec<Vec3>,
    /// Per site: its bin along each vector.
    places: Vec<[usize; 3]>,
    /// Sites in the order of their bins.
    order: Vec<usize>,
    /// Bin `b` holds `order[starts[b]..starts[b + 1]]`.
    starts: Vec<usize>,
}

impl Bins {
    fn new(structure: &Structure, lattice: &Lattice, least: f64) -> Self {
        let periodic = structure.periodic();
        let mut fractional: Vec<Vec3> = structure
            .sites()
            .iter()
            .map(|site| lattice.fractional(structure.lattice().cartesian(site.fractional)))
            .collect();
        let mut lower = [0.0; 3];
        let mut extent = [1.0; 3];
        for axis in 0..3 {
            if periodic[axis] {
                for point in &mut fractional {
                    point[axis] -= point[axis].floor();
                }
            } else {
                let values = fractional.iter().map(|point| point[axis]);
                lower[axis] = values.clone().fold(f64::INFINITY, f64::min);
                extent[axis] = values.fold(f64::NEG_INFINITY, f64::max) - lower[axis];
            }
        }
        let heights = lattice.heights();
        let lengths = [0, 1, 2].map(|axis| extent[axis] * heights[axis]);
        let counts = bin_counts(lengths, least, fractional.len());
        let reach = [0, 1, 2].map(|axis| reach(lengths[axis], counts[axis], least, periodic[axis]));
        let place = |point: &Vec3| {
            [0, 1, 2].map(|axis| {
                let share = (point[axis] - lower[axis]) / extent[axis].max(f64::MIN_POSITIVE);
                bin(share, counts[axis])
            })
        };
        let places: Vec<[usize; 3]> = fractional.iter().map(place).collect();
        let (order, starts) = sorted_by_bin(&places, counts);
        Self {
            lattice: *lattice,
            periodic,
            counts,
            reach,
            fractional,
            places,
            order,
            starts,
        }
    }

    fn first_pair_within(&self, least: f64) -> Option<(usize, usize, f64)> {
        (0..self.places.len()).find_map(|site| self.partner_of(site, least))
    }

    /// The first site before this one, or at a periodic image, that is too
    /// close.
    fn partner_of(&self, site: usize, least: f64) -> Option<(usize, usize, f64)> {
        let place = self.places[site];
        let [a, b, c] = [0, 1, 2].map(|axis| self.neighbours(axis, place[axis]));
        for (i, shift_a) in a {
            for (j, shift_b) in b.clone() {
                for (k, shift_c) in c.clone() {
                    let bin = (i * self.counts[1] + j) * self.counts[2] + k;
                    for &other in &self.order[self.starts[bin]..self.starts[bin + 1]] {
                        if other >= site {
                            continue;
                        }
                        let image = add(self.fractional[other], [shift_a, shift_b, shift_c]);
                        let delta = sub(image, self.fractional[site]);
                        let distance = norm(self.lattice.cartesian(delta));
                        if distance < least {
                            return Some((other, site, distance));
                        }
                    }
                }
            }
        }
        None
    }

    /// Bins near this one along an axis, each with the shift of its image.
    fn neighbours(&self, axis: usize, place: usize) -> impl Iterator<Item = (usize, f64)> + Clone {
        let count = signed(self.counts[axis]);
        let periodic = self.periodic[axis];
        let reach = self.reach[axis];
        (-reach..=reach).filter_map(move |step| {
            let target = signed(place) + step;
            let shift = target.div_euclid(count);
            let index = usize::try_from(target.rem_euclid(count)).ok()?;
            (periodic || shift == 0).then_some((index, shift as f64))
        })
    }
}

/// Counts of sites and bins fit, since each takes memory.
fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Bins no narrower than `least`, and not many more than there are sites.
fn bin_counts(lengths: Vec3, least: f64, sites: usize) -> [usize; 3] {
    let most = (8.0 * sites as f64).cbrt().ceil();
    lengths.map(|length| floor_to_count((length / least).min(most)))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, and small
fn floor_to_count(value: f64) -> usize {
    (value as usize).max(1)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates at 0
fn bin(share: f64, count: usize) -> usize {
    ((share * count as f64) as usize).min(count - 1)
}

#[allow(clippy::cast_possible_truncation)] // saturates, and is bounded where it is large
fn reach(length: f64, count: usize, least: f64, periodic: bool) -> i64 {
    let bins = (least / (length / count as f64)).ceil() as i64;
    if periodic {
        bins
    } else {
        bins.min(signed(count) - 1)
    }
}

/// A counting sort of the sites by bin.
fn sorted_by_bin(places: &[[usize; 3]], counts: [usize; 3]) -> (Vec<usize>, Vec<usize>) {
    let flat = |[i, j, k]: [usize; 3]| (i * counts[1] + j) * counts[2] + k;
    let mut starts = vec![0; counts[0] * counts[1] * counts[2] + 1];
    for &place in places {
        starts[flat(place) + 1] += 1;
    }
    for bin in 1..starts.len() {
        starts[bin] += starts[bin - 1];
    }
    let mut next = starts.clone();
    let mut order = vec![0; places.len()];
    for (site, &place) in places.iter().enumerate() {
        let slot = &mut next[flat(place)];
        order[*slot] = site;
        *slot += 1;
    }
    (order, starts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Site;

    fn structure(lattice: Lattice, points: &[Vec3], periodic: [bool; 3]) -> Structure {
        let element = "C".parse().unwrap();
        let sites = points
            .iter()
            .map(|&fractional| Site {
                element,
                fractional,
            })
            .collect();
        Structure::new(lattice, sites)
            .unwrap()
            .with_periodic(periodic)
    }

    #[test]
    fn a_pair_across_a_border_that_is_not_periodic_is_far_apart() {
        let lattice = Lattice::from_parameters([4.0; 3], [90.0; 3]).unwrap();
        let points = [[0.5, 0.5, 0.01], [0.5, 0.5, 0.99]];
        let crystal = structure(lattice, &points, [true; 3]);
        let layer = structure(lattice, &points, [true, true, false]);
        assert!(matches!(
            crystal.require_separation(0.5),
            Err(Error::SitesTooClose {
                first: 0,
                second: 1,
                ..
            })
        ));
        assert_eq!(layer.require_separation(0.5), Ok(()));
    }

    #[test]
    fn a_cell_so_skewed_that_a_site_meets_its_own_image_is_refused() {
        let lattice = Lattice::from_parameters([25.0, 25.0, 9.0], [90.0, 90.0, 179.999]).unwrap();
        let error = structure(lattice, &[[0.0; 3]], [true; 3])
            .require_separation(0.5)
            .unwrap_err();
        assert!(matches!(error, Error::SitesTooClose { distance, .. } if distance < 1e-3));
    }

    proptest! {
        /// The same verdict as the definition: all pairs, all near images.
        #[test]
        fn agrees_with_all_pairs(
            lengths in prop::array::uniform3(2.5..8.0),
            angles in prop::array::uniform3(65.0..115.0),
            points in prop::collection::vec(prop::array::uniform3(-1.0..2.0), 1..12),
            periodic in prop::array::uniform3(any::<bool>()),
            least in 0.1..2.0,
        ) {
            let lattice = Lattice::from_parameters(lengths, angles).unwrap();
            let structure = structure(lattice, &points, periodic);
            let mut nearest = f64::MAX;
            for (i, &a) in points.iter().enumerate() {
                for &b in &points[..i] {
                    nearest = nearest.min(norm(structure.nearest_image(a, b)));
                }
            }
            match structure.require_separation(least) {
                Ok(()) => prop_assert!(nearest >= least - 1e-9),
                Err(Error::SitesTooClose { first, second, distance, .. }) => {
                    let (a, b) = (points[first], points[second]);
                    prop_assert!(first != second);
                    prop_assert!(distance < least);
                    prop_assert!(norm(structure.nearest_image(a, b)) <= distance + 1e-9);
                }
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }
}
