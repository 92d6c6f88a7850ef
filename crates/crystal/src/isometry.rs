//! Turns and reflections that map a lattice onto itself.

use crate::{Lattice, Vec3, dot, norm, scale};

/// Positions closer than this are one, Å.
pub(crate) const TOLERANCE: f64 = 0.1;

/// Images of the three basis vectors, each in units of the basis vectors.
pub(crate) type Isometry = [[i32; 3]; 3];

/// A place, turned about the origin; both in units of the basis vectors.
pub(crate) fn turn(rotation: &Isometry, place: Vec3) -> Vec3 {
    std::array::from_fn(|axis| {
        let part = |vector: usize| place[vector] * f64::from(rotation[vector][axis]);
        part(0) + part(1) + part(2)
    })
}

/// All isometries of a lattice, the identity among them.
pub(crate) fn isometries(lattice: &Lattice) -> Vec<Isometry> {
    let rows = lattice.rows();
    let images = rows.map(|row| vectors_of_length(lattice, norm(row)));
    let fits = |one: Vec3, other: Vec3, axes: [usize; 2]| {
        let expected = dot(rows[axes[0]], rows[axes[1]]);
        let longest = norm(rows[axes[0]]).max(norm(rows[axes[1]]));
        (dot(one, other) - expected).abs() < TOLERANCE * longest
    };
    let mut found = Vec::new();
    for a in &images[0] {
        for b in images[1].iter().filter(|b| fits(a.1, b.1, [0, 1])) {
            let third = images[2].iter();
            let third = third.filter(|c| fits(a.1, c.1, [0, 2]) && fits(b.1, c.1, [1, 2]));
            found.extend(third.map(|c| [a.0, b.0, c.0]));
        }
    }
    found
}

/// All lattice vectors of a length: in units of the basis vectors and in Å.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a vector reaches over few cells"
)]
fn vectors_of_length(lattice: &Lattice, length: f64) -> Vec<([i32; 3], Vec3)> {
    let rows = lattice.rows();
    let most = lattice
        .heights()
        .map(|height| ((length + TOLERANCE) / height).floor() as i32);
    let mut found = Vec::new();
    for i in -most[0]..=most[0] {
        for j in -most[1]..=most[1] {
            for k in -most[2]..=most[2] {
                let parts = [(i, rows[0]), (j, rows[1]), (k, rows[2])];
                let parts = parts.map(|(count, row)| scale(f64::from(count), row));
                let vector = std::array::from_fn(|x| parts[0][x] + parts[1][x] + parts[2][x]);
                if (norm(vector) - length).abs() < TOLERANCE {
                    found.push(([i, j, k], vector));
                }
            }
        }
    }
    found
}

/// Whether it is the reflection in a plane: of determinant -1 and trace 1.
pub(crate) fn is_mirror(isometry: &Isometry) -> bool {
    let [a, b, c] = isometry;
    let minor = |i: usize, j: usize| b[i] * c[j] - b[j] * c[i];
    let determinant = a[0] * minor(1, 2) - a[1] * minor(0, 2) + a[2] * minor(0, 1);
    determinant == -1 && a[0] + b[1] + c[2] == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lattices_have_the_isometries_of_their_crystal_system() {
        for (lengths, angles, expected) in [
            ([3.0; 3], [90.0; 3], 48),
            ([3.0, 3.0, 5.0], [90.0, 90.0, 120.0], 24),
            ([3.0, 3.0, 5.0], [90.0; 3], 16),
            ([3.0; 3], [75.0; 3], 12),
            ([3.0, 4.0, 5.0], [90.0; 3], 8),
            ([3.0, 4.0, 5.0], [90.0, 105.0, 90.0], 4),
            ([3.0, 4.0, 5.0], [70.0, 80.0, 105.0], 2),
        ] {
            let lattice = Lattice::from_parameters(lengths, angles).unwrap();
            assert_eq!(
                isometries(&lattice).len(),
                expected,
                "{lengths:?} {angles:?}"
            );
        }
    }

    /// Six planes across the layer and the layer itself; three and one in an orthorhombic
    /// cell's place.
    #[test]
    fn mirrors_are_counted() {
        let count = |lengths, angles| {
            let lattice = Lattice::from_parameters(lengths, angles).unwrap();
            isometries(&lattice).iter().filter(|i| is_mirror(i)).count()
        };
        assert_eq!(count([3.0, 3.0, 5.0], [90.0, 90.0, 120.0]), 7);
        assert_eq!(count([3.0; 3], [90.0; 3]), 9);
        assert_eq!(count([3.0, 4.0, 5.0], [90.0; 3]), 3);
        assert_eq!(count([3.0, 4.0, 5.0], [70.0, 80.0, 105.0]), 0);
    }
}
