//! Bins: the points of a cell, sorted by where they lie.

use crate::{Lattice, Vec3};

/// Bins farther apart than the cutoff by more than rounding are left out, Å.
const MARGIN: f64 = 1e-6;

/// A point in its bin.
#[derive(Clone, Copy)]
pub(super) struct Member {
    /// Its index in the caller's order.
    pub(super) index: u32,
    /// Cartesian, inside the cell along periodic axes, Å.
    pub(super) position: Vec3,
    /// The cell in which the caller put it.
    pub(super) shift: [i32; 3],
}

/// A bin near another, seen in some image of the cell.
pub(super) struct Around {
    bin: usize,
    pub(super) image: [i32; 3],
    /// `image` in Å.
    pub(super) shift: Vec3,
}

/// One axis cut into bins.
struct Axis {
    periodic: bool,
    /// Lowest coordinate and extent of what is cut: the cell, or the points if
    /// the axis is not periodic.
    origin: f64,
    extent: f64,
    /// Number of bins.
    count: usize,
    /// How far the cutoff reaches, in bins.
    reach: usize,
}

impl Axis {
    /// The bin of a coordinate that was wrapped.
    fn bin(&self, coordinate: f64) -> usize {
        let share = (coordinate - self.origin) / self.extent;
        ((share * self.count as f64) as usize).min(self.count - 1)
    }

    /// The bins within reach of one, with the image each is in; descending.
    fn around(&self, bin: usize) -> impl Iterator<Item = (usize, i32)> {
        let (bin, reach, count) = (bin as i64, self.reach as i64, self.count as i64);
        let periodic = self.periodic;
        (bin - reach..=bin + reach).rev().filter_map(move |other| {
            let image = other.div_euclid(count);
            (periodic || image == 0).then_some((other.rem_euclid(count) as usize, image as i32))
        })
    }
}

/// Points by bin, and for every bin that holds one the bins around it.
pub(super) struct Bins {
    members: Vec<Member>,
    /// Where the members of a bin begin; one more than bins.
    starts: Vec<usize>,
    /// Where in `members` a point of the caller's order lies, and its bin.
    places: Vec<(usize, usize)>,
    around: Vec<Vec<Around>>,
}

impl Bins {
    /// Sorts fractional `points` into bins for searches up to `cutoff` Å.
    pub(super) fn new(
        lattice: &Lattice,
        periodic: [bool; 3],
        points: &[Vec3],
        cutoff: f64,
    ) -> Self {
        let axes = cut(lattice, periodic, points, cutoff);
        let [_, ny, nz] = axes.each_ref().map(|axis| axis.count);
        let wrapped: Vec<(Vec3, [i32; 3])> = points.iter().map(|&p| wrap(p, periodic)).collect();
        let bin_of = |point: Vec3| {
            let [i, j, k] = std::array::from_fn(|axis| axes[axis].bin(point[axis]));
            (i * ny + j) * nz + k
        };
        let bins: Vec<usize> = wrapped.iter().map(|&(point, _)| bin_of(point)).collect();

        let mut starts = vec![0; axes.iter().map(|axis| axis.count).product::<usize>() + 1];
        for &bin in &bins {
            starts[bin + 1] += 1;
        }
        for bin in 1..starts.len() {
            starts[bin] += starts[bin - 1];
        }
        let mut next = starts.clone();
        let nothing = Member {
            index: 0,
            position: [0.0; 3],
            shift: [0; 3],
        };
        let mut members = vec![nothing; points.len()];
        let mut places = Vec::with_capacity(points.len());
        for (index, (&(point, shift), &bin)) in (0..).zip(wrapped.iter().zip(&bins)) {
            members[next[bin]] = Member {
                index,
                position: lattice.cartesian(point),
                shift,
            };
            places.push((next[bin], bin));
            next[bin] += 1;
        }
        let boxes = boxes(&wrapped, &bins, starts.len() - 1);
        let heights = lattice.heights();
        let near = |one: &Range, other: &Range, image: [i32; 3]| {
            (0..3).all(|axis| one.gap(other, image, axis) * heights[axis] <= cutoff + MARGIN)
        };
        let around = boxes
            .iter()
            .enumerate()
            .map(|(bin, from)| match from {
                Some(from) => bins_around(lattice, &axes, bin, |other, image| {
                    boxes[other]
                        .as_ref()
                        .is_some_and(|to| near(from, to, image))
                }),
                None => Vec::new(),
            })
            .collect();
        Self {
            members,
            starts,
            places,
            around,
        }
    }

    /// Number of points.
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// Number of points in the fullest bin.
    pub(super) fn largest(&self) -> usize {
        let sizes = self.starts.windows(2).map(|pair| pair[1] - pair[0]);
        sizes.max().unwrap_or(0)
    }

    /// Position (Å) and shift of a point.
    pub(super) fn point(&self, index: usize) -> (Vec3, [i32; 3]) {
        let member = &self.members[self.places[index].0];
        (member.position, member.shift)
    }

    /// The bins that hold all that is within the cutoff of a point. Those that
    /// are images of one bin come in descending order of the image.
    pub(super) fn around(&self, index: usize) -> &[Around] {
        &self.around[self.places[index].1]
    }

    /// The points of a bin, in the caller's order.
    pub(super) fn members(&self, around: &Around) -> &[Member] {
        &self.members[self.starts[around.bin]..self.starts[around.bin + 1]]
    }
}

/// Lowest and highest fractional coordinates of the points of a bin.
#[derive(Clone, Copy)]
struct Range {
    low: Vec3,
    high: Vec3,
}

impl Range {
    /// How far an image of another range is from this one along an axis;
    /// negative if they overlap.
    fn gap(&self, other: &Range, image: [i32; 3], axis: usize) -> f64 {
        let image = f64::from(image[axis]);
        let after = other.low[axis] + image - self.high[axis];
        let before = self.low[axis] - (other.high[axis] + image);
        after.max(before)
    }
}

/// The ranges of the bins; none where a bin is empty.
fn boxes(wrapped: &[(Vec3, [i32; 3])], bins: &[usize], count: usize) -> Vec<Option<Range>> {
    let mut boxes: Vec<Option<Range>> = vec![None; count];
    for (&(point, _), &bin) in wrapped.iter().zip(bins) {
        let (low, high) = (point, point);
        let range = boxes[bin].get_or_insert(Range { low, high });
        for (axis, coordinate) in point.into_iter().enumerate() {
            range.low[axis] = range.low[axis].min(coordinate);
            range.high[axis] = range.high[axis].max(coordinate);
        }
    }
    boxes
}

/// The bins within reach of a bin for which `near` holds.
fn bins_around(
    lattice: &Lattice,
    axes: &[Axis; 3],
    bin: usize,
    near: impl Fn(usize, [i32; 3]) -> bool,
) -> Vec<Around> {
    let mut list = Vec::new();
    let [_, ny, nz] = axes.each_ref().map(|axis| axis.count);
    for (i, first) in axes[0].around(bin / (ny * nz)) {
        for (j, second) in axes[1].around(bin / nz % ny) {
            for (k, third) in axes[2].around(bin % nz) {
                let bin = (i * ny + j) * nz + k;
                let image = [first, second, third];
                if near(bin, image) {
                    let shift = lattice.cartesian(image.map(f64::from));
                    list.push(Around { bin, image, shift });
                }
            }
        }
    }
    list
}

/// Moves a point into the cell along the periodic axes; returns also the cell
/// that it was in.
fn wrap(point: Vec3, periodic: [bool; 3]) -> (Vec3, [i32; 3]) {
    let cell: [f64; 3] = std::array::from_fn(|axis| {
        if periodic[axis] {
            // so that differences of two cells stay within an `i32`
            point[axis].floor().clamp(-1e9, 1e9)
        } else {
            0.0
        }
    });
    let inside = std::array::from_fn(|axis| point[axis] - cell[axis]);
    (inside, cell.map(|x| x as i32))
}

/// Cuts the axes into bins at least as wide as the cutoff, but not into many
/// more bins than there are points.
fn cut(lattice: &Lattice, periodic: [bool; 3], points: &[Vec3], cutoff: f64) -> [Axis; 3] {
    // wider by more than rounding, so that one bin to each side is enough
    let width = cutoff * (1.0 + 1e-9);
    let heights = lattice.heights();
    let mut axes = std::array::from_fn(|axis| {
        let (mut origin, mut extent) = (0.0, 1.0);
        if !periodic[axis] {
            let coordinates = || points.iter().map(|point| point[axis]);
            origin = coordinates().fold(f64::INFINITY, f64::min);
            extent = coordinates().fold(f64::NEG_INFINITY, f64::max) - origin;
            // all in one plane: any extent will do
            extent = if extent > 0.0 { extent } else { 1.0 };
        }
        let count = (extent * heights[axis] / width).floor().clamp(1.0, 1e6);
        Axis {
            periodic: periodic[axis],
            origin,
            extent,
            count: count as usize,
            reach: 0,
        }
    });
    let most = points.len() + 64;
    while axes.iter().map(|axis| axis.count).product::<usize>() > most {
        let longest = axes.iter_mut().max_by_key(|axis| axis.count);
        let longest = longest.expect("there are three axes");
        longest.count = longest.count.div_ceil(2);
    }
    for (axis, height) in axes.iter_mut().zip(heights) {
        let bin = axis.extent * height / axis.count as f64;
        axis.reach = (cutoff / bin + 1e-10).ceil() as usize;
        if !axis.periodic {
            axis.reach = axis.reach.min(axis.count - 1);
        }
    }
    axes
}
