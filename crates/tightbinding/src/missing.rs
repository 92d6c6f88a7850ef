//! Chalcogens that are not there, and what their absence does to the metals.
//!
//! A chalcogen has, besides the p orbitals of the model, a filled s orbital far
//! below them. Folded into the d orbitals around it, it adds
//! `+τ |A⟩⟨A|`, where `A` is the sum of the d orbitals that the neighbouring
//! metals point at it. The parameters of the perfect crystal contain that term
//! already; a vacancy must give it back,
//!
//! `H → H − τ |A⟩⟨A|`.
//!
//! and its two s electrons no longer gain `2τ ⟨A|A⟩`.
//!
//! `A` is totally symmetric, so only that combination of the broken bonds comes
//! down: it is then filled, the doublet stays empty, and a vacancy has a gap of
//! about one eV, as in density-functional calculations. Without the term the
//! doublet is half filled and every gap is zero.
//!
//! # How a missing atom is found
//!
//! A metal sits in a trigonal prism whose axis is z. A threefold rotation about
//! z, or a reflection in the plane, carries each of its bonds into a place where
//! a chalcogen must be; if none is there, one is missing.

use crystal::{Structure, Vec3, add, norm, scale, sub};

use crate::bonds::Pair;

/// A chalcogen closer than this (Å) to an expected place is at that place; so
/// are two expected places that near one and the same.
const TOLERANCE: f64 = 0.8;

/// A bond from a metal to a place without an atom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Arm {
    /// Index of the metal.
    pub(crate) metal: usize,
    /// From the metal to the place, Å.
    pub(crate) vector: Vec3,
}

/// The broken bonds around each missing chalcogen.
///
/// - `metals`: indices of the metals with their bonds to chalcogens.
pub(crate) fn missing_chalcogens(
    structure: &Structure,
    metals: &[(usize, Vec<Pair>)],
) -> Vec<Vec<Arm>> {
    let lattice = structure.lattice();
    let mut places: Vec<(Vec3, Vec<Arm>)> = Vec::new();
    for (metal, bonds) in metals {
        for vector in broken(bonds) {
            let arm = Arm {
                metal: *metal,
                vector,
            };
            let place = lattice.fractional(add(structure.position(*metal), vector));
            let known = places
                .iter_mut()
                .find(|(other, _)| norm(structure.nearest_image(*other, place)) < TOLERANCE);
            match known {
                Some((_, arms)) => arms.push(arm),
                None => places.push((place, vec![arm])),
            }
        }
    }
    places.into_iter().map(|(_, arms)| arms).collect()
}

/// Where a metal with these bonds lacks one.
fn broken(bonds: &[Pair]) -> Vec<Vec3> {
    let mut missing: Vec<Vec3> = Vec::new();
    for expected in bonds.iter().flat_map(|bond| images(bond.vector)) {
        let near = |v: Vec3| norm(sub(v, expected)) < TOLERANCE;
        if !bonds.iter().any(|bond| near(bond.vector)) && !missing.iter().any(|&v| near(v)) {
            missing.push(expected);
        }
    }
    missing
}

/// A vector under the rotations about z by thirds of a turn, and each of them
/// reflected in the xy plane.
fn images(vector: Vec3) -> [Vec3; 6] {
    let turn = |[x, y, z]: Vec3| {
        let half_root = 0.75_f64.sqrt();
        [-0.5 * x - half_root * y, half_root * x - 0.5 * y, z]
    };
    let reflect = |[x, y, z]: Vec3| [x, y, -z];
    let (once, twice) = (turn(vector), turn(turn(vector)));
    [
        vector,
        once,
        twice,
        reflect(vector),
        reflect(once),
        reflect(twice),
    ]
}

/// Direction of an arm, and its length (Å).
pub(crate) fn direction(arm: &Arm) -> (Vec3, f64) {
    let length = norm(arm.vector);
    (scale(1.0 / length, arm.vector), length)
}
