//! The Voronoi cell of an atom: what is nearer to it than to any other.
//!
//! The cell begins as a huge cube and is cut by the plane half way to each
//! neighbour, the nearest first. Planes beyond twice the farthest corner cannot
//! cut any more.
//!
//! A cell that is open, at the surface of a layer that is not periodic across,
//! ends at the cube, whose faces belong to no neighbour. They take less than
//! 10⁻⁶ of the sphere from an atom of a layer, and less than 10⁻³ from one of a
//! chain or a molecule, whose faces have no end on more than two sides.

use std::f64::consts::PI;

use crate::{Vec3, add, cross, dot, norm, scale, sub};

/// Half the edge of the cube, Å. A larger one would lose more to rounding, in
/// triangles that are nearly as wide as the sky, than it would gain.
const CUBE: f64 = 1e4;

/// A plane that cuts off less than this does not cut, Å.
const ROUNDING: f64 = 1e-7;

/// A face between an atom and a neighbour.
#[derive(Clone)]
struct Face {
    /// Which neighbour; none for a face of the cube.
    neighbor: Option<usize>,
    /// In order around the face, Å from the atom.
    corners: Vec<Vec3>,
}

/// A convex cell around the origin.
#[derive(Clone)]
pub(super) struct Cell {
    faces: Vec<Face>,
    /// Corners of all faces, coordinate by coordinate, to be searched fast.
    corners: [Vec<f64>; 3],
}

impl Cell {
    /// A cube.
    pub(super) fn open() -> Self {
        let mut faces = Vec::new();
        for axis in 0..3 {
            for side in [-1.0, 1.0] {
                let corner = |(u, v): (f64, f64)| {
                    let mut corner = [CUBE * side; 3];
                    corner[(axis + 1) % 3] = CUBE * u;
                    corner[(axis + 2) % 3] = CUBE * v;
                    corner
                };
                let around = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
                faces.push(Face {
                    neighbor: None,
                    corners: around.map(corner).to_vec(),
                });
            }
        }
        let mut cell = Self {
            faces,
            corners: Default::default(),
        };
        cell.list_corners();
        cell
    }

    /// Distance of the farthest corner, Å.
    pub(super) fn radius(&self) -> f64 {
        let [x, y, z] = &self.corners;
        let corners = x.iter().zip(y).zip(z);
        let squares = corners.map(|((x, y), z)| x * x + y * y + z * z);
        squares.fold(0.0, larger).sqrt()
    }

    /// Takes away what is nearer to a neighbour at some place (Å).
    ///
    /// Returns whether that was anything.
    pub(super) fn cut(&mut self, neighbor: usize, place: Vec3) -> bool {
        if !self.is_cut(place) {
            return false;
        }
        let (normal, height) = half_way(place);
        let mut rim = Vec::new();
        for face in &mut self.faces {
            face.cut(normal, height, &mut rim);
        }
        self.faces.retain(|face| face.corners.len() > 2);
        self.faces.push(Face {
            neighbor: Some(neighbor),
            corners: around(rim, normal),
        });
        self.list_corners();
        true
    }

    /// Whether anything is nearer to a neighbour at some place (Å).
    pub(super) fn is_cut(&self, place: Vec3) -> bool {
        let (normal, height) = half_way(place);
        self.highest(normal) > height + ROUNDING
    }

    /// How far the cell reaches in a direction, Å.
    fn highest(&self, normal: Vec3) -> f64 {
        let [x, y, z] = &self.corners;
        let heights = x.iter().zip(y).zip(z);
        let heights = heights.map(|((x, y), z)| normal[0] * x + normal[1] * y + normal[2] * z);
        heights.fold(
            0.0,
            |most, height| if height > most { height } else { most },
        )
    }

    fn list_corners(&mut self) {
        for (axis, list) in self.corners.iter_mut().enumerate() {
            list.clear();
            let corners = self.faces.iter().flat_map(|face| &face.corners);
            list.extend(corners.map(|corner| corner[axis]));
        }
    }

    /// Each neighbour that has a face, with the solid angle (sr) of it.
    pub(super) fn solid_angles(&self) -> impl Iterator<Item = (usize, f64)> {
        let faces = self.faces.iter();
        faces.filter_map(|face| Some((face.neighbor?, face.solid_angle())))
    }
}

impl Face {
    /// Keeps what is below a plane; where the border crosses the plane, adds a
    /// corner here and to the rim.
    fn cut(&mut self, normal: Vec3, height: f64, rim: &mut Vec<Vec3>) {
        let above = |corner: &Vec3| dot(*corner, normal) - height;
        if self.corners.iter().all(|corner| above(corner) <= 0.0) {
            return;
        }
        let old = std::mem::take(&mut self.corners);
        for (place, corner) in old.iter().enumerate() {
            let next = &old[(place + 1) % old.len()];
            let (here, there) = (above(corner), above(next));
            if here <= 0.0 {
                self.corners.push(*corner);
            }
            if (here <= 0.0) != (there <= 0.0) {
                let part = here / (here - there);
                let crossing = add(*corner, scale(part, sub(*next, *corner)));
                self.corners.push(crossing);
                rim.push(crossing);
            }
        }
    }

    /// Solid angle seen from the atom, by triangles (van Oosterom & Strackee
    /// 1983, doi:10.1109/TBME.1983.325207).
    fn solid_angle(&self) -> f64 {
        let corners = self.corners.iter().map(|&c| scale(1.0 / norm(c), c));
        let corners: Vec<Vec3> = corners.collect();
        let triangles = corners.windows(2).skip(1);
        let angles = triangles.map(|pair| {
            let (a, b, c) = (corners[0], pair[0], pair[1]);
            let volume = dot(a, cross(b, c)).abs();
            let angle = 2.0 * volume.atan2(1.0 + dot(a, b) + dot(b, c) + dot(c, a));
            angle.rem_euclid(4.0 * PI)
        });
        angles.sum()
    }
}

/// The plane half way to a place: its normal and its distance, Å.
fn half_way(place: Vec3) -> (Vec3, f64) {
    let distance = norm(place);
    (scale(1.0 / distance, place), 0.5 * distance)
}

/// The larger of two numbers, neither of which is NaN; one instruction, as
/// `f64::max` is not.
fn larger(one: f64, other: f64) -> f64 {
    if other > one { other } else { one }
}

/// Points of a convex polygon in order around its normal.
fn around(points: Vec<Vec3>, normal: Vec3) -> Vec<Vec3> {
    let share = 1.0 / points.len() as f64;
    let center = points
        .iter()
        .fold([0.0; 3], |sum, &point| add(sum, scale(share, point)));
    let Some(&first) = points.first() else {
        return points;
    };
    let x = sub(first, center);
    let y = cross(normal, x);
    let mut ordered: Vec<(f64, Vec3)> = points
        .iter()
        .map(|&point| {
            let arm = sub(point, center);
            (dot(arm, y).atan2(dot(arm, x)), point)
        })
        .collect();
    ordered.sort_by(|a, b| a.0.total_cmp(&b.0));
    ordered.into_iter().map(|(_, point)| point).collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// Six neighbours at right angles: a cube, each face a sixth of the sphere.
    #[test]
    fn a_cube_by_hand() {
        let mut cell = Cell::open();
        let axes = [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]];
        for (index, axis) in axes.into_iter().enumerate() {
            assert!(cell.cut(2 * index, axis));
            assert!(cell.cut(2 * index + 1, scale(-1.0, axis)));
        }
        // it touches the corners and edges only
        assert!(!cell.cut(6, [2.0, 2.0, 2.0]));
        assert!(!cell.cut(6, [2.0, 2.0, 0.0]));
        assert_relative_eq!(cell.radius(), 3.0_f64.sqrt(), epsilon = 1e-9);
        let angles: Vec<_> = cell.solid_angles().collect();
        assert_eq!(angles.len(), 6);
        for (_, angle) in angles {
            assert_relative_eq!(angle, 4.0 * PI / 6.0, epsilon = 1e-9);
        }
    }

    /// Without a neighbour above and below, the faces at the side see all.
    #[test]
    fn an_open_cell_by_hand() {
        let mut cell = Cell::open();
        for (index, place) in [[2.0, 0.0, 0.0], [-1.0, 2.0, 0.0], [-1.0, -2.0, 0.0]]
            .into_iter()
            .enumerate()
        {
            assert!(cell.cut(index, place));
        }
        let total: f64 = cell.solid_angles().map(|(_, angle)| angle).sum();
        // but for the ends at the cube
        assert_relative_eq!(total, 4.0 * PI, epsilon = 1e-6);
    }
}
