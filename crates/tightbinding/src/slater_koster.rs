//! Two-centre hopping between p and d orbitals.
//!
//! # Why tensors and not the table?
//!
//! A p orbital is a unit vector `p`, a d orbital a symmetric traceless tensor
//! `Q` with `tr Q² = 1`. Along a bond with direction `n` they fall apart into
//!
//! - p: `σ = n·p`, and the rest `π = p − σ n`,
//! - d: `σ = √(3/2) n·Qn`, `π = √2 (Qn − (n·Qn) n)`, and the rest `δ`,
//!
//! and hopping joins equal parts only. That is the whole table of Slater and
//! Koster in a dozen lines, and its behaviour under rotation is plain to see:
//! scalars and vectors turn with the bond. The tests check it against entries
//! of the printed table.
//!
//! The construction is that of Slater & Koster, *Phys. Rev.* **94**, 1498
//! (1954), table I.

use crystal::{Vec3, dot, scale, sub};

/// A symmetric 3 × 3 tensor, by rows.
type Tensor = [Vec3; 3];

/// An orbital of unit norm, in the axes of the crystal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Orbital {
    /// A p orbital that points along a unit vector.
    P(Vec3),
    /// A d orbital `∝ r·Qr / r²`, with `Q` symmetric, traceless, `tr Q² = 1`.
    D(Tensor),
}

/// `1/√2` and `1/√6`, the norms that the tensors below need.
const HALF: f64 = std::f64::consts::FRAC_1_SQRT_2;
const SIXTH: f64 = 0.408_248_290_463_863;

/// p along x, y, z.
pub(crate) const P: [Orbital; 3] = [
    Orbital::P([1.0, 0.0, 0.0]),
    Orbital::P([0.0, 1.0, 0.0]),
    Orbital::P([0.0, 0.0, 1.0]),
];

/// d: 3z²−r², xz, yz, x²−y², xy.
pub(crate) const D: [Orbital; 5] = [
    Orbital::D([
        [-SIXTH, 0.0, 0.0],
        [0.0, -SIXTH, 0.0],
        [0.0, 0.0, 2.0 * SIXTH],
    ]),
    Orbital::D([[0.0, 0.0, HALF], [0.0, 0.0, 0.0], [HALF, 0.0, 0.0]]),
    Orbital::D([[0.0, 0.0, 0.0], [0.0, 0.0, HALF], [0.0, HALF, 0.0]]),
    Orbital::D([[HALF, 0.0, 0.0], [0.0, -HALF, 0.0], [0.0, 0.0, 0.0]]),
    Orbital::D([[0.0, HALF, 0.0], [HALF, 0.0, 0.0], [0.0, 0.0, 0.0]]),
];

/// The two-centre integrals of one kind of bond, eV.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Integrals {
    /// σ: no nodal plane along the bond.
    pub(crate) sigma: f64,
    /// π: one nodal plane.
    pub(crate) pi: f64,
    /// δ: two nodal planes; only between d orbitals.
    pub(crate) delta: f64,
}

impl Integrals {
    /// All of them times a factor.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self {
            sigma: factor * self.sigma,
            pi: factor * self.pi,
            delta: factor * self.delta,
        }
    }
}

/// The hopping from one orbital to another, eV.
///
/// - `bond`: unit vector from the first atom to the second.
/// - `v`: the integrals in the order p before d, so that the sign of a p–d
///   bond changes with its direction and the Hamiltonian stays symmetric.
pub(crate) fn hopping(from: &Orbital, to: &Orbital, bond: Vec3, v: Integrals) -> f64 {
    match (from, to) {
        (Orbital::P(p), Orbital::P(q)) => {
            let sigma = dot(*p, bond) * dot(*q, bond);
            v.sigma * sigma + v.pi * (dot(*p, *q) - sigma)
        }
        (Orbital::P(p), Orbital::D(q)) => p_to_d(*p, q, bond, v),
        // seen from the p orbital the same bond points the other way
        (Orbital::D(q), Orbital::P(p)) => p_to_d(*p, q, scale(-1.0, bond), v),
        (Orbital::D(q), Orbital::D(r)) => {
            let (sigma, pi) = along(q, bond);
            let (other_sigma, other_pi) = along(r, bond);
            let (sigma, pi) = (sigma * other_sigma, dot(pi, other_pi));
            v.sigma * sigma + v.pi * pi + v.delta * (contract(q, r) - sigma - pi)
        }
    }
}

fn p_to_d(p: Vec3, q: &Tensor, bond: Vec3, v: Integrals) -> f64 {
    let (sigma, pi) = along(q, bond);
    v.sigma * dot(p, bond) * sigma + v.pi * dot(p, pi)
}

/// How much of an orbital points along a direction.
pub(crate) fn sigma(orbital: &Orbital, direction: Vec3) -> f64 {
    match orbital {
        Orbital::P(p) => dot(*p, direction),
        Orbital::D(q) => along(q, direction).0,
    }
}

/// The σ and π parts of a d orbital along a bond.
fn along(q: &Tensor, bond: Vec3) -> (f64, Vec3) {
    let turned = q.map(|row| dot(row, bond));
    let diagonal = dot(bond, turned);
    let pi = scale(std::f64::consts::SQRT_2, sub(turned, scale(diagonal, bond)));
    (1.5_f64.sqrt() * diagonal, pi)
}

/// `tr QR`.
fn contract(q: &Tensor, r: &Tensor) -> f64 {
    q.iter().zip(r).map(|(a, b)| dot(*a, *b)).sum()
}

/// The orbital after a rotation of space, given by the images of the axes.
#[cfg(test)]
fn rotated(orbital: &Orbital, images: [Vec3; 3]) -> Orbital {
    let turn = |v: Vec3| {
        crystal::add(
            crystal::add(scale(v[0], images[0]), scale(v[1], images[1])),
            scale(v[2], images[2]),
        )
    };
    match orbital {
        Orbital::P(p) => Orbital::P(turn(*p)),
        Orbital::D(q) => {
            // R Q Rᵀ: turn the rows, then the columns
            let half = q.map(turn);
            let columns = [0, 1, 2].map(|j| turn([half[0][j], half[1][j], half[2][j]]));
            Orbital::D([0, 1, 2].map(|i| columns.map(|column| column[i])))
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use crystal::{add, norm};
    use proptest::prelude::*;

    use super::*;

    const V: Integrals = Integrals {
        sigma: -1.3,
        pi: 0.7,
        delta: 0.2,
    };

    fn unit(v: Vec3) -> Vec3 {
        scale(1.0 / norm(v), v)
    }

    /// Entries of the printed table, written out.
    #[test]
    fn agrees_with_the_printed_table() {
        let [l, m, n] = unit([0.3, -0.8, 0.5]);
        let [s, p, d] = [V.sigma, V.pi, V.delta];
        let root = 3.0_f64.sqrt();
        let difference = l * l - m * m;
        let z = n * n - 0.5 * (l * l + m * m);
        let table = [
            (&P[0], &P[0], l * l * s + (1.0 - l * l) * p),
            (&P[0], &P[2], l * n * s - l * n * p),
            (
                &P[0],
                &D[4],
                root * l * l * m * s + m * (1.0 - 2.0 * l * l) * p,
            ),
            (&P[0], &D[2], root * l * m * n * s - 2.0 * l * m * n * p),
            (
                &P[1],
                &D[3],
                0.5 * root * m * difference * s - m * (1.0 + difference) * p,
            ),
            (&P[2], &D[0], n * z * s + root * n * (l * l + m * m) * p),
            (
                &D[4],
                &D[4],
                3.0 * l * l * m * m * s
                    + (l * l + m * m - 4.0 * l * l * m * m) * p
                    + (n * n + l * l * m * m) * d,
            ),
            (
                &D[4],
                &D[3],
                1.5 * l * m * difference * s - 2.0 * l * m * difference * p
                    + 0.5 * l * m * difference * d,
            ),
            (
                &D[0],
                &D[0],
                z * z * s + 3.0 * n * n * (l * l + m * m) * p + 0.75 * (l * l + m * m).powi(2) * d,
            ),
            (
                &D[4],
                &D[0],
                root * l * m * z * s - 2.0 * root * l * m * n * n * p
                    + 0.5 * root * l * m * (1.0 + n * n) * d,
            ),
        ];
        for (from, to, expected) in table {
            // rounding only
            assert_relative_eq!(hopping(from, to, [l, m, n], V), expected, epsilon = 1e-12);
        }
    }

    #[test]
    fn orbitals_are_orthonormal() {
        for (i, a) in D.iter().enumerate() {
            for (j, b) in D.iter().enumerate() {
                let (Orbital::D(a), Orbital::D(b)) = (a, b) else {
                    unreachable!("D holds d orbitals")
                };
                let expected = if i == j { 1.0 } else { 0.0 };
                assert_relative_eq!(contract(a, b), expected, epsilon = 1e-12);
            }
        }
    }

    proptest! {
        /// Turning bond and orbitals together changes nothing, and so does
        /// walking the bond backwards.
        #[test]
        fn turns_with_the_crystal(
            bond in prop::array::uniform3(0.1..1.0),
            axis in prop::array::uniform3(0.1..1.0),
            angle in 0.0..6.0_f64,
        ) {
            let (bond, axis) = (unit(bond), unit(axis));
            // Rodrigues' formula
            let turn = |v: Vec3| add(
                add(scale(angle.cos(), v), scale(angle.sin(), crystal::cross(axis, v))),
                scale((1.0 - angle.cos()) * dot(axis, v), axis),
            );
            let images = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]].map(turn);
            for from in P.iter().chain(&D) {
                for to in P.iter().chain(&D) {
                    let here = hopping(from, to, bond, V);
                    let there = hopping(
                        &rotated(from, images),
                        &rotated(to, images),
                        turn(bond),
                        V,
                    );
                    assert_relative_eq!(here, there, epsilon = 1e-12);
                    let back = hopping(to, from, scale(-1.0, bond), V);
                    assert_relative_eq!(here, back, epsilon = 1e-12);
                }
            }
        }
    }
}
