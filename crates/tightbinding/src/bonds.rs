//! Pairs of atoms within reach of each other.

use crystal::{Structure, Vec3, add, neighbors, sub};

use crate::parameters::{LEAST_DISTANCE, SWITCH};
use crate::{Error, Result};

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
}

/// All ordered pairs that interact, each in both directions.
///
/// # Errors
///
/// [`Error::SitesTooClose`].
pub(crate) fn pairs(structure: &Structure) -> Result<Vec<Pair>> {
    let positions = structure.positions();
    let pairs: Vec<Pair> = neighbors(structure, SWITCH[1])?
        .into_iter()
        .map(|neighbor| {
            let shift = structure.lattice().cartesian(neighbor.image.map(f64::from));
            let target = add(positions[neighbor.target], shift);
            Pair {
                source: neighbor.source,
                target: neighbor.target,
                vector: sub(target, positions[neighbor.source]),
                length: neighbor.length,
            }
        })
        .collect();
    match pairs.iter().find(|pair| pair.length < LEAST_DISTANCE) {
        Some(pair) => Err(Error::SitesTooClose {
            first: pair.source,
            second: pair.target,
            distance: pair.length,
            least: LEAST_DISTANCE,
        }),
        None => Ok(pairs),
    }
}
