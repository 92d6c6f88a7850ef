//! Lattices: three basis vectors, and the small vector algebra they need.

use crate::{Error, Result};

/// A vector in space: fractional or in Å, as its name says.
pub type Vec3 = [f64; 3];

/// The sum of two vectors.
#[must_use]
pub fn add(a: Vec3, b: Vec3) -> Vec3 {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

/// `a - b`.
#[must_use]
pub fn sub(a: Vec3, b: Vec3) -> Vec3 {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/// `factor · a`.
#[must_use]
pub fn scale(factor: f64, a: Vec3) -> Vec3 {
    a.map(|x| factor * x)
}

/// The scalar product.
#[must_use]
pub fn dot(a: Vec3, b: Vec3) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The vector product.
#[must_use]
pub fn cross(a: Vec3, b: Vec3) -> Vec3 {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// The Euclidean length.
#[must_use]
pub fn norm(a: Vec3) -> f64 {
    dot(a, a).sqrt()
}

/// Three basis vectors that span space.
///
/// # Invariants
///
/// The vectors are finite and the volume is positive in magnitude; only
/// [`Lattice::new`] checks this.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lattice {
    rows: [Vec3; 3],
    /// Rows of the inverse of the transposed `rows`: `reciprocal[i] · rows[j] = δᵢⱼ`.
    reciprocal: [Vec3; 3],
}

impl Lattice {
    /// A lattice from its basis vectors (rows, Å).
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`], or [`Error::FlatLattice`] if the vectors do not
    /// span space.
    pub fn new(rows: [Vec3; 3]) -> Result<Self> {
        if let Some(&value) = rows.iter().flatten().find(|x| !x.is_finite()) {
            return Err(Error::NotFinite {
                what: "a basis vector",
                value,
            });
        }
        let volume = dot(rows[0], cross(rows[1], rows[2]));
        let longest = rows.iter().map(|&row| norm(row)).fold(0.0, f64::max);
        // vectors so long or so short that their volume is no number are flat too
        let spans = volume.abs() > 1e-9 * longest.powi(3) && volume.recip().is_finite();
        if !spans {
            return Err(Error::FlatLattice { volume });
        }
        let reciprocal = [
            scale(1.0 / volume, cross(rows[1], rows[2])),
            scale(1.0 / volume, cross(rows[2], rows[0])),
            scale(1.0 / volume, cross(rows[0], rows[1])),
        ];
        Ok(Self { rows, reciprocal })
    }

    /// A lattice from lengths `a, b, c` (Å) and angles `α, β, γ` (degrees).
    ///
    /// `a` lies along x and `b` in the xy plane.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for a length that is not positive, and those of
    /// [`Lattice::new`].
    pub fn from_parameters(lengths: Vec3, angles: Vec3) -> Result<Self> {
        for (value, name) in lengths.into_iter().zip(["a", "b", "c"]) {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::Length { name, value });
            }
        }
        let [cos_alpha, cos_beta, cos_gamma] = angles.map(cos_degrees);
        let sin_gamma = (1.0 - cos_gamma * cos_gamma).sqrt();
        let y = (cos_alpha - cos_beta * cos_gamma) / sin_gamma;
        let z = (1.0 - cos_beta * cos_beta - y * y).max(0.0).sqrt();
        Self::new([
            [lengths[0], 0.0, 0.0],
            scale(lengths[1], [cos_gamma, sin_gamma, 0.0]),
            scale(lengths[2], [cos_beta, y, z]),
        ])
    }

    /// The basis vectors, Å.
    #[must_use]
    pub fn rows(&self) -> [Vec3; 3] {
        self.rows
    }

    /// The reciprocal vectors, without a factor 2π, Å⁻¹.
    pub(crate) fn reciprocal(&self) -> [Vec3; 3] {
        self.reciprocal
    }

    /// Lengths `a, b, c`, Å.
    #[must_use]
    pub fn lengths(&self) -> Vec3 {
        self.rows.map(norm)
    }

    /// Angles `α, β, γ`, degrees.
    #[must_use]
    pub fn angles(&self) -> Vec3 {
        let angle = |i: usize, j: usize| {
            let cosine =
                dot(self.rows[i], self.rows[j]) / (norm(self.rows[i]) * norm(self.rows[j]));
            cosine.clamp(-1.0, 1.0).acos().to_degrees()
        };
        [angle(1, 2), angle(0, 2), angle(0, 1)]
    }

    /// Volume of the cell, Å³.
    #[must_use]
    pub fn volume(&self) -> f64 {
        dot(self.rows[0], cross(self.rows[1], self.rows[2])).abs()
    }

    /// Distance between the two faces of the cell that the i-th vector crosses, Å.
    ///
    /// A sphere of radius `r` reaches over at most `⌈r / height⌉` cells along
    /// that vector.
    #[must_use]
    pub fn heights(&self) -> Vec3 {
        self.reciprocal.map(|row| 1.0 / norm(row))
    }

    /// Fractional to Cartesian coordinates, Å.
    #[must_use]
    pub fn cartesian(&self, fractional: Vec3) -> Vec3 {
        let [a, b, c] = self.rows;
        add(
            add(scale(fractional[0], a), scale(fractional[1], b)),
            scale(fractional[2], c),
        )
    }

    /// Cartesian (Å) to fractional coordinates.
    #[must_use]
    pub fn fractional(&self, cartesian: Vec3) -> Vec3 {
        self.reciprocal.map(|row| dot(row, cartesian))
    }

    /// The lattice of a supercell with `repeats` copies along each vector.
    #[must_use]
    pub fn supercell(&self, repeats: [usize; 3]) -> Self {
        let mut grown = *self;
        for (axis, &count) in repeats.iter().enumerate() {
            grown.rows[axis] = scale(count as f64, self.rows[axis]);
            grown.reciprocal[axis] = scale(1.0 / count as f64, self.reciprocal[axis]);
        }
        grown
    }
}

/// The cosine of an angle in degrees, exact where it is 0 or ±½.
fn cos_degrees(angle: f64) -> f64 {
    let exact = [(90.0, 0.0), (60.0, 0.5), (120.0, -0.5)];
    let known = exact
        .into_iter()
        .find(|(special, _)| angle.total_cmp(special).is_eq());
    known.map_or_else(|| angle.to_radians().cos(), |(_, cosine)| cosine)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_hexagonal_cell_by_hand() {
        let lattice = Lattice::from_parameters([3.0, 3.0, 10.0], [90.0, 90.0, 120.0]).unwrap();
        assert_relative_eq!(
            lattice.volume(),
            9.0 * 0.75_f64.sqrt() * 10.0,
            epsilon = 1e-12
        );
        assert_relative_eq!(lattice.heights()[0], 3.0 * 0.75_f64.sqrt(), epsilon = 1e-12);
        assert_relative_eq!(lattice.angles()[2], 120.0, epsilon = 1e-12);
    }

    #[test]
    fn three_vectors_in_a_plane_are_refused() {
        let flat = Lattice::new([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]]);
        assert_eq!(flat, Err(Error::FlatLattice { volume: 0.0 }));
    }

    #[test]
    fn vectors_whose_volume_is_no_number_are_refused() {
        let diagonal = |x: f64| [[x, 0.0, 0.0], [0.0, x, 0.0], [0.0, 0.0, x]];
        let skewed = [
            [1e200, 1e200, 0.0],
            [1e200, -1e200, 0.0],
            [1e200, 0.0, 1e200],
        ];
        for rows in [diagonal(1e200), diagonal(1e-104), diagonal(1e-300), skewed] {
            assert!(Lattice::new(rows).is_err(), "{rows:?}");
        }
    }

    proptest! {
        /// Going to Cartesian coordinates and back changes nothing.
        #[test]
        fn coordinates_return(
            lengths in prop::array::uniform3(2.0..20.0),
            angles in prop::array::uniform3(60.0..115.0),
            point in prop::array::uniform3(-2.0..2.0),
        ) {
            let lattice = Lattice::from_parameters(lengths, angles).unwrap();
            let back = lattice.fractional(lattice.cartesian(point));
            for (got, expected) in back.into_iter().zip(point) {
                // rounding grows with the skewness of the cell
                assert_relative_eq!(got, expected, epsilon = 1e-9);
            }
        }
    }
}
