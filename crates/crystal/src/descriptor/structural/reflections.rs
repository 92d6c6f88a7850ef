//! The reflections of a lattice, and how strongly a structure reflects.

use std::collections::BTreeMap;
use std::ops::Range;

use super::planes::Stack;
use crate::{Element, Error, Lattice, Result, Structure, add, norm, scale};

/// Wavelength of the Kα line of copper, mean of its two components, Å.
const WAVELENGTH: f64 = 1.541_84;

/// Reflections closer than this are one line, degrees.
const SAME_ANGLE: f64 = 1e-5;

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
        let stack = Stack::of(structure, self.largest);
        for element in stack.elements() {
            self.tabulate(element)?;
        }
        let factors: Vec<&[f64]> = stack
            .elements()
            .filter_map(|element| self.factors.get(&element).map(Vec::as_slice))
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
