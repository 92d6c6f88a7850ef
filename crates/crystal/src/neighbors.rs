//! Neighbours within a cutoff, over all periodic images.
//!
//! # Why bins, and why no sort
//!
//! The cell is cut into bins about as wide as the cutoff, so that a site looks
//! at the sites of a few bins only. A bin beyond the border of the cell is the
//! image of one inside; in a cell smaller than the cutoff one bin is visited
//! many times, once for each image. Small, skewed and non-periodic cells are
//! therefore no special cases.
//!
//! Every pair is found from both its ends. Handing each find to its *other* end
//! while the ends are visited in order leaves the list sorted: no comparison is
//! made.
//!
//! # Invariants
//!
//! 1. A pair is listed in both directions, with opposite images and bitwise
//!    equal lengths.
//! 2. The list is sorted by source, target and image.
//! 3. A site is a neighbour of its own images, never of itself.

use crate::{Error, Lattice, Result, Structure, Vec3, add, dot, sub};

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "coordinates are wrapped before they are binned, and bins are few"
)]
mod bins;

use bins::Bins;

/// A distance above the cutoff by less than this is on it, Å.
const ROUNDING: f64 = 1e-8;

/// A directed pair of sites within a cutoff.
///
/// The vector from source to target is `position(target) + image -
/// position(source)`, with `image` in units of the basis vectors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbor {
    /// Index of the site that looks.
    pub source: usize,
    /// Index of the site that is seen.
    pub target: usize,
    /// The cell in which the target is seen, relative to where it is listed.
    pub image: [i32; 3],
    /// Distance, Å.
    pub length: f64,
}

/// All ordered pairs of sites not farther apart than `cutoff`, over all images
/// along the periodic axes.
///
/// - `cutoff`: Å, inclusive: a shell exactly on it is not split by rounding, and
///   no length is above it.
/// - returns: each pair in both directions, sorted by source, target and image.
///
/// # Errors
///
/// [`Error::Length`] if the cutoff is not positive and finite.
///
/// # Examples
///
/// ```
/// # use crystal::{Lattice, Site, Structure, neighbors};
/// let lattice = Lattice::new([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])?;
/// let site = Site { element: "Po".parse()?, fractional: [0.0; 3] };
/// let simple_cubic = Structure::new(lattice, vec![site])?;
/// assert_eq!(neighbors(&simple_cubic, 2.1)?.len(), 6); // across the faces
/// assert_eq!(neighbors(&simple_cubic, 2.9)?.len(), 6 + 12); // and the edges
/// # Ok::<(), crystal::Error>(())
/// ```
pub fn neighbors(structure: &Structure, cutoff: f64) -> Result<Vec<Neighbor>> {
    let points: Vec<Vec3> = structure.sites().iter().map(|s| s.fractional).collect();
    neighbors_of_points(structure.lattice(), structure.periodic(), &points, cutoff)
}

/// [`neighbors`] of bare points, of which there may be none.
pub(crate) fn neighbors_of_points(
    lattice: &Lattice,
    periodic: [bool; 3],
    points: &[Vec3],
    cutoff: f64,
) -> Result<Vec<Neighbor>> {
    if !(cutoff > 0.0 && cutoff.is_finite()) {
        return Err(Error::Length {
            name: "cutoff",
            value: cutoff,
        });
    }
    if points.is_empty() {
        return Ok(Vec::new());
    }
    let bins = Bins::new(lattice, periodic, points, cutoff + ROUNDING);
    Ok(sorted(&finds(&bins, cutoff), points.len(), cutoff))
}

/// A pair, as it is found from `from`.
struct Find {
    from: u32,
    other: u32,
    /// From `other` to `from`.
    image: [i32; 3],
    squared: f64,
}

/// Every pair, from each of its ends in order, images descending.
fn finds(bins: &Bins, cutoff: f64) -> Vec<Find> {
    let squared_cutoff = (cutoff + ROUNDING) * (cutoff + ROUNDING);
    let mut found = Vec::new();
    let mut near: Vec<(u32, f64)> = vec![(0, 0.0); bins.largest()];
    for from in 0..bins.len() {
        let (position, shift) = bins.point(from);
        for around in bins.around(from) {
            let members = bins.members(around);
            let mut count = 0;
            for (slot, member) in (0_u32..).zip(members) {
                // subtracted before it is shifted: the opposite direction then
                // rounds to exactly the opposite vector
                let vector = add(sub(member.position, position), around.shift);
                let squared = dot(vector, vector);
                // written always and kept if near: no branch to mispredict
                near[count] = (slot, squared);
                count += usize::from(squared <= squared_cutoff);
            }
            for &(slot, squared) in &near[..count] {
                let member = &members[slot as usize];
                if member.index as usize == from && around.image == [0; 3] {
                    continue;
                }
                let image = std::array::from_fn(|axis| {
                    member.shift[axis] - shift[axis] - around.image[axis]
                });
                found.push(Find {
                    from: u32::try_from(from).expect("fewer than 2³² sites"),
                    other: member.index,
                    image,
                    squared,
                });
            }
        }
    }
    found
}

/// Hands every find to its other end: a counting sort, and stable.
fn sorted(found: &[Find], sites: usize, cutoff: f64) -> Vec<Neighbor> {
    let mut next = vec![0_usize; sites + 1];
    for find in found {
        next[find.other as usize + 1] += 1;
    }
    for site in 0..sites {
        next[site + 1] += next[site];
    }
    let unset = Neighbor {
        source: 0,
        target: 0,
        image: [0; 3],
        length: 0.0,
    };
    let mut list = vec![unset; found.len()];
    for find in found {
        let place = &mut next[find.other as usize];
        list[*place] = Neighbor {
            source: find.other as usize,
            target: find.from as usize,
            image: find.image,
            length: find.squared.sqrt().min(cutoff),
        };
        *place += 1;
    }
    list
}

/// The shortest vector from a point to any periodic image of another, Å.
///
/// Every image that can be nearer than the first guess is tried, however skewed
/// the cell.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the first guess is within the cell, and so few images are near"
)]
pub(crate) fn nearest_vector(lattice: &Lattice, periodic: [bool; 3], from: Vec3, to: Vec3) -> Vec3 {
    let mut delta = sub(to, from);
    for axis in 0..3 {
        if periodic[axis] {
            delta[axis] -= delta[axis].round();
        }
    }
    let mut best = lattice.cartesian(delta);
    let mut shortest = dot(best, best);
    let heights = lattice.heights();
    let [first, second, third] = std::array::from_fn(|axis| {
        if periodic[axis] {
            let reach = shortest.sqrt() / heights[axis];
            let lowest = (-reach - delta[axis]).ceil() as i32;
            lowest..=(reach - delta[axis]).floor() as i32
        } else {
            0..=0
        }
    });
    for i in first {
        for j in second.clone() {
            for k in third.clone() {
                let image = [f64::from(i), f64::from(j), f64::from(k)];
                let vector = lattice.cartesian(add(delta, image));
                // equally short images must not be told apart by rounding
                if dot(vector, vector) < shortest - 1e-9 {
                    best = vector;
                    shortest = dot(vector, vector);
                }
            }
        }
    }
    best
}

#[cfg(test)]
mod tests;
