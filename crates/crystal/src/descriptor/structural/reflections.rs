//! The reflections of a lattice, and how strongly a structure reflects.
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
use std::ops::Range;

use crate::{Element, Error, Lattice, Result, Structure, add, norm, scale};

/// Wavelength of the Kα line of copper, mean of its two components, Å.
const WAVELENGTH: f64 = 1.541_84;

/// Reflections closer than this are one line, degrees.
const SAME_ANGLE: f64 = 1e-5;

/// Coordinates closer than this are in one plane, fractional.
const SAME_PLANE: f64 = 1e-9;

/// Reflections of one angle; of two opposite ones only one is listed.
pub(super) struct Line {
    /// 2θ, degrees.
    pub(super) angle: f64,
    /// (sin θ / λ)², Å⁻².
    squared: f64,
    /// Lorentz and polarisation factor.
    lorentz: f64,
    members: Range<usize>,
}

/// The reflections of a lattice, line by line.
pub(super) struct Reflections {
    lattice: Lattice,
    pub(super) lines: Vec<Line>,
    indices: Vec<[i32; 3]>,
    largest: [i32; 3],
    factors: BTreeMap<Element, Vec<f64>>,
}

impl Reflections {
    /// All up to some 2θ (degrees).
    pub(super) fn of(lattice: &Lattice, most: f64) -> Self {
        let longest = 2.0 * (most / 2.0).to_radians().sin() / WAVELENGTH;
        let largest = lattice.lengths().map(|length| floor(longest * length));
        let mut found = half_space(lattice, largest, longest);
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut lines: Vec<Line> = Vec::new();
        for (place, (length, _)) in found.iter().enumerate() {
            let theta = (0.5 * WAVELENGTH * length).min(1.0).asin();
            let angle = 2.0 * theta.to_degrees();
            match lines.last_mut() {
                Some(line) if angle - line.angle < SAME_ANGLE => line.members.end = place + 1,
                _ => lines.push(Line {
                    angle,
                    squared: 0.25 * length * length,
                    lorentz: (1.0 + (2.0 * theta).cos().powi(2))
                        / (theta.sin().powi(2) * theta.cos()),
                    members: place..place + 1,
                }),
            }
        }
        Self {
            lattice: *lattice,
            lines,
            indices: found.into_iter().map(|(_, index)| index).collect(),
            largest,
            factors: BTreeMap::new(),
        }
    }

    pub(super) fn are_of(&self, lattice: &Lattice) -> bool {
        self.lattice == *lattice
    }

    /// The intensity of each line, in no particular unit.
    pub(super) fn intensities(&mut self, structure: &Structure) -> Result<Vec<f64>> {
        let stack = stack(structure, self.largest);
        for plane in &stack.planes {
            self.tabulate(plane.element)?;
        }
        let factors: Vec<&[f64]> = stack
            .planes
            .iter()
            .filter_map(|plane| self.factors.get(&plane.element).map(Vec::as_slice))
            .collect();
        let intensity = |(place, line): (usize, &Line)| {
            let members = self.indices[line.members.clone()].iter();
            let squares = members.map(|&index| stack.square(index, &factors, place));
            2.0 * line.lorentz * squares.sum::<f64>()
        };
        Ok(self.lines.iter().enumerate().map(intensity).collect())
    }

    /// The scattering factor of an element at every line.
    fn tabulate(&mut self, element: Element) -> Result<()> {
        if self.factors.contains_key(&element) {
            return Ok(());
        }
        let lines = self.lines.iter();
        let factors: Option<Vec<f64>> = lines
            .map(|line| element.scattering_factor(line.squared))
            .collect();
        let what = "an X-ray scattering factor";
        let factors = factors.ok_or(Error::NotTabulated { what, element })?;
        self.factors.insert(element, factors);
        Ok(())
    }
}

/// Length (Å⁻¹) and indices of all reciprocal vectors but the origin, one of
/// each opposite two.
fn half_space(lattice: &Lattice, largest: [i32; 3], longest: f64) -> Vec<(f64, [i32; 3])> {
    let [a, b, c] = lattice.reciprocal();
    let mut found = Vec::new();
    for h in 0..=largest[0] {
        for k in (if h == 0 { 0 } else { -largest[1] })..=largest[1] {
            let flat = add(scale(f64::from(h), a), scale(f64::from(k), b));
            for l in (if h == 0 && k == 0 { 1 } else { -largest[2] })..=largest[2] {
                let length = norm(add(flat, scale(f64::from(l), c)));
                if length <= longest {
                    found.push((length, [h, k, l]));
                }
            }
        }
    }
    found
}

#[expect(clippy::cast_possible_truncation, reason = "indices are small")]
fn floor(x: f64) -> i32 {
    x.floor() as i32
}

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
struct Stack {
    planes: Vec<Plane>,
    /// The vector along which they are stacked, and the other two.
    axes: [usize; 3],
    /// The largest index `v`.
    reach: i32,
}

fn stack(structure: &Structure, largest: [i32; 3]) -> Stack {
    let stacks = [[0, 1, 2], [1, 2, 0], [2, 0, 1]].map(|axes| (members(structure, axes[0]), axes));
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
    Stack {
        planes: planes.collect(),
        axes,
        reach: v,
    }
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
    /// The square of the structure factor, with the factors of each plane at
    /// each line.
    fn square(&self, index: [i32; 3], factors: &[&[f64]], line: usize) -> f64 {
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
