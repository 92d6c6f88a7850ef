//! Histograms of the angles between bonds, and of those about a bond.
//!
//! Bin `k`, from 1 to 179, is from k to k + 1 degrees, its lower border included
//! (and 180° in the last); what is below 1° is in no bin.
//!
//! | name | unit | value |
//! |---|---|---|
//! | `adf1_k` | | angles at an atom between two of its bonds, in the first shell of every pair of elements |
//! | `adf2_k` | | the same in the first two shells of all atoms |
//! | `ddf_k` | | dihedral angles of chains of three bonds, in the first shell of all atoms |
//!
//! An angle, to a thousandth of a degree, counts as often as it comes *at those
//! atoms where it comes at all*: what there is at one atom in a hundred, beside a
//! defect, counts as much as what there is at all others. That is also why it
//! matters little in how large a cell the defect is.
//!
//! A dihedral angle belongs to both atoms of its middle bond. It is that between
//! the two planes, 0 to 180°, and where three of its atoms are in a line it has
//! none.
//!
//! # Source
//!
//! Choudhary, `DeCost` & Tavazza, *Phys. Rev. Materials* **2**, 083801 (2018),
//! doi:10.1103/PhysRevMaterials.2.083801, with the cutoffs, bins and weights of
//! matminer's `JarvisCFID`. It differs in two respects: there a dihedral angle
//! belongs to that atom of its middle bond which is listed first, so that the
//! order of the atoms matters; and of a neighbour only one image is seen.

use super::super::column;
use super::bonds::{Bond, Bonds};
use super::tally::{BINS, Tally};
use crate::{Column, Vec3, cross, dot, norm};

/// Three atoms are in a line if a sine is below, dimensionless.
const IN_LINE: f64 = 1e-6;

/// More distinct vectors than this have no table of angles.
const LARGEST_TABLE: usize = 1000;

/// An angle that was not computed yet.
const UNKNOWN: u32 = u32::MAX;

pub(super) fn columns(name: &str) -> Vec<Column> {
    let bins = 1..=BINS;
    bins.map(|bin| column(format!("{name}_{bin}"), ""))
        .collect()
}

/// Angles within both cutoffs.
pub(super) fn all(bonds: &Bonds) -> Vec<f64> {
    let [_, second] = bonds.shells();
    let mut histograms = angles(bonds, bonds.pair_shell());
    histograms.extend(angles(bonds, second));
    histograms
}

/// Angles between bonds shorter than a cutoff (Å).
fn angles(bonds: &Bonds, cutoff: f64) -> Vec<f64> {
    let mut known = Angles::between(bonds.vectors());
    let mut tally = Tally::new();
    for (site, near) in bonds.within(cutoff).iter().enumerate() {
        for (place, first) in near.iter().enumerate() {
            for second in &near[place + 1..] {
                tally.count(known.between_two(first.vector, second.vector), site);
            }
        }
    }
    tally.histogram()
}

/// Dihedral angles within the first shell.
pub(super) fn dihedrals(bonds: &Bonds) -> Vec<f64> {
    let [first, _] = bonds.shells();
    let near = bonds.within(first);
    let mut tally = Tally::new();
    for (site, around) in near.iter().enumerate() {
        for middle in around {
            let others = around.iter().filter(|bond| !same(bond, middle));
            let v2 = bonds.vectors()[middle.vector];
            let sides: Vec<Vec3> = others
                .filter_map(|bond| normal(v2, bonds.vectors()[bond.vector]))
                .collect();
            let back = opposite(site, middle);
            let others = near[middle.target].iter().filter(|bond| !same(bond, &back));
            for other in others.filter_map(|bond| normal(v2, bonds.vectors()[bond.vector])) {
                for side in &sides {
                    tally.count(thousandths(dot(*side, other)), site);
                }
            }
        }
    }
    tally.histogram()
}

/// The unit vector across two others, if they are not in a line.
fn normal(one: Vec3, other: Vec3) -> Option<Vec3> {
    let across = cross(one, other);
    let length = norm(across);
    let sine = length / (norm(one) * norm(other));
    (sine > IN_LINE).then(|| across.map(|x| x / length))
}

/// Whether two bonds of a site are one.
fn same(one: &Bond, other: &Bond) -> bool {
    one.target == other.target && one.image == other.image
}

/// A bond from its other end; the length and the vector are left as they are.
fn opposite(site: usize, bond: &Bond) -> Bond {
    Bond {
        target: site,
        image: bond.image.map(|count| -count),
        ..*bond
    }
}

/// The angle of a cosine, in thousandths of a degree.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to half a turn"
)]
fn thousandths(cosine: f64) -> u32 {
    let degrees = cosine.clamp(-1.0, 1.0).acos().to_degrees();
    (1000.0 * degrees).round() as u32
}

/// Angles between vectors. In a crystal few vectors come many times, so that
/// most angles are looked up.
struct Angles<'a> {
    vectors: &'a [Vec3],
    lengths: Vec<f64>,
    table: Vec<u32>,
}

impl<'a> Angles<'a> {
    fn between(vectors: &'a [Vec3]) -> Self {
        let known = vectors.len() <= LARGEST_TABLE;
        let pairs = if known { vectors.len().pow(2) } else { 0 };
        Self {
            vectors,
            lengths: vectors.iter().map(|&vector| norm(vector)).collect(),
            table: vec![UNKNOWN; pairs],
        }
    }

    fn between_two(&mut self, first: usize, second: usize) -> u32 {
        let place = first * self.vectors.len() + second;
        match self.table.get(place) {
            Some(&known) if known != UNKNOWN => known,
            _ => {
                let product = dot(self.vectors[first], self.vectors[second]);
                let angle = thousandths(product / (self.lengths[first] * self.lengths[second]));
                if let Some(entry) = self.table.get_mut(place) {
                    *entry = angle;
                }
                angle
            }
        }
    }
}
