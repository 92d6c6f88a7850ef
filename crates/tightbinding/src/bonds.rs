//! Pairs of atoms within reach of each other.

use crystal::{Structure, Vec3, norm, sub};

/// An ordered pair of atoms; the second may be a periodic image, also of the
/// first itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pair {
    pub(crate) source: usize,
    pub(crate) target: usize,
    /// From the source to this image of the target, Å.
    pub(crate) vector: Vec3,
    /// Length of `vector`, Å.
    pub(crate) length: f64,
    /// Cells between the target in the home cell and this image of it.
    pub(crate) image: [i32; 3],
}

/// All ordered pairs closer than `reach` (Å), each in both directions.
pub(crate) fn pairs(structure: &Structure, reach: f64) -> Vec<Pair> {
    let positions = structure.positions();
    let images = images(structure, reach);
    let mut found = Vec::new();
    for (source, &from) in positions.iter().enumerate() {
        for (target, &to) in positions.iter().enumerate() {
            for &(image, shift) in &images {
                let vector = crystal::add(sub(to, from), shift);
                let length = norm(vector);
                let itself = source == target && image == [0; 3];
                if length < reach && !itself {
                    found.push(Pair {
                        source,
                        target,
                        vector,
                        length,
                        image,
                    });
                }
            }
        }
    }
    found
}

/// The cells that a sphere of radius `reach` around any site can touch, with
/// their Cartesian shifts (Å).
fn images(structure: &Structure, reach: f64) -> Vec<([i32; 3], Vec3)> {
    let lattice = structure.lattice();
    let heights = lattice.heights();
    let mut counts = [0_i32; 3];
    for axis in 0..3 {
        if structure.periodic()[axis] {
            let spread = spread(structure, axis);
            // a handful of cells: far below the largest i32
            #[allow(clippy::cast_possible_truncation)]
            let cells = (reach / heights[axis] + spread).ceil() as i32;
            counts[axis] = cells;
        }
    }
    let mut images = Vec::new();
    for i in -counts[0]..=counts[0] {
        for j in -counts[1]..=counts[1] {
            for k in -counts[2]..=counts[2] {
                let shift = lattice.cartesian([f64::from(i), f64::from(j), f64::from(k)]);
                images.push(([i, j, k], shift));
            }
        }
    }
    images
}

/// How far the sites lie apart along one axis, in cells.
fn spread(structure: &Structure, axis: usize) -> f64 {
    let coordinates = structure.sites().iter().map(|site| site.fractional[axis]);
    let (low, high) = coordinates.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
        (low.min(x), high.max(x))
    });
    high - low
}
