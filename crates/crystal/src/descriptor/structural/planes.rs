//! A structure as a stack of planes, for sums of waves over all its atoms.
//!
//! # Why planes
//!
//! A supercell of 200 atoms has some 30,000 reflections, and each is a sum over
//! all atoms. But the atoms of a crystal lie in few planes: along one vector the
//! coordinates of all atoms of an element take a handful of values. The sum
//! within a plane depends on two of the three indices only; it is done once for
//! each pair of them, and what is left is a sum over planes.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use crate::{Element, Structure};

/// Coordinates closer than this are in one plane, fractional.
const SAME_PLANE: f64 = 1e-9;

/// The atoms of one element in one plane.
struct Plane {
    element: Element,
    /// `exp(2πi w z)` for the index `w` along the stack, from 0.
    phases: Vec<[f64; 2]>,
    /// The sum over atoms of `exp(2πi (u x + v y))`, for `u` from 0 and `v` from
    /// the smallest, real parts and imaginary parts.
    sums: [Vec<f64>; 2],
}

/// A structure as a stack of planes.
pub(super) struct Stack {
    planes: Vec<Plane>,
    /// The vector along which they are stacked, and the other two.
    axes: [usize; 3],
    /// The largest index `v`.
    reach: i32,
}

/// Sites by their element and their coordinate along a vector.
fn members(structure: &Structure, axis: usize) -> BTreeMap<(Element, i64), Vec<usize>> {
    let mut members: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, site) in structure.sites().iter().enumerate() {
        let height = site.fractional[axis];
        #[expect(clippy::cast_possible_truncation, reason = "wrapped into the cell")]
        let height = ((height - height.floor()) / SAME_PLANE).round() as i64;
        members
            .entry((site.element, height))
            .or_default()
            .push(index);
    }
    members
}

/// `exp(2πi n x)` for `n` from 0 up to `most`.
fn waves(x: f64, most: i32) -> Vec<[f64; 2]> {
    let wave = |n: i32| {
        let (sin, cos) = (2.0 * PI * f64::from(n) * x).sin_cos();
        [cos, sin]
    };
    (0..=most).map(wave).collect()
}

/// Adds to the sums of a plane the waves of one atom.
fn add_waves(sums: &mut [Vec<f64>; 2], along: &[[f64; 2]], across: &[[f64; 2]]) {
    let conjugate = |[re, im]: &[f64; 2]| [*re, -*im];
    let negative = across[1..].iter().rev().map(conjugate);
    let across: Vec<[f64; 2]> = negative.chain(across.iter().copied()).collect();
    let [real, imaginary] = sums;
    let width = across.len();
    let rows = real.chunks_mut(width).zip(imaginary.chunks_mut(width));
    for ((real, imaginary), u) in rows.zip(along) {
        for ((re, im), v) in real.iter_mut().zip(imaginary).zip(&across) {
            *re += u[0] * v[0] - u[1] * v[1];
            *im += u[0] * v[1] + u[1] * v[0];
        }
    }
}

impl Stack {
    /// - `largest`: the largest index of a reflection along each vector.
    pub(super) fn of(structure: &Structure, largest: [i32; 3]) -> Self {
        let stacks =
            [[0, 1, 2], [1, 2, 0], [2, 0, 1]].map(|axes| (members(structure, axes[0]), axes));
        let fewest = stacks.into_iter().min_by_key(|(members, _)| members.len());
        let (members, axes) = fewest.unwrap_or_default();
        let [w, u, v] = axes.map(|axis| largest[axis]);
        let planes = members.into_iter().map(|((element, _), places)| {
            let height = structure.sites()[places[0]].fractional[axes[0]];
            let mut sums = [(); 2].map(|()| vec![0.0; size(u + 1) * size(2 * v + 1)]);
            for site in places {
                let place = structure.sites()[site].fractional;
                add_waves(
                    &mut sums,
                    &waves(place[axes[1]], u),
                    &waves(place[axes[2]], v),
                );
            }
            Plane {
                element,
                phases: waves(height, w),
                sums,
            }
        });
        Self {
            planes: planes.collect(),
            axes,
            reach: v,
        }
    }

    /// The element of each plane.
    pub(super) fn elements(&self) -> impl Iterator<Item = Element> {
        self.planes.iter().map(|plane| plane.element)
    }

    /// The square of the structure factor, with the factors of each plane at
    /// each line.
    pub(super) fn square(&self, index: [i32; 3], factors: &[&[f64]], line: usize) -> f64 {
        let [mut w, mut u, mut v] = self.axes.map(|axis| index[axis]);
        // the opposite reflection is as strong
        if u < 0 {
            [w, u, v] = [-w, -u, -v];
        }
        let place = size(u) * size(2 * self.reach + 1) + size(v + self.reach);
        let turn = f64::from(w.signum());
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (plane, factors) in self.planes.iter().zip(factors) {
            let [cos, sin] = plane.phases[size(w.abs())];
            let (re, im) = (plane.sums[0][place], plane.sums[1][place]);
            real += factors[line] * (cos * re - turn * sin * im);
            imaginary += factors[line] * (cos * im + turn * sin * re);
        }
        real * real + imaginary * imaginary
    }
}

#[expect(clippy::cast_sign_loss, reason = "no index that is used is negative")]
fn size(index: i32) -> usize {
    index as usize
}
