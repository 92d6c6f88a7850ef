//! Symmetry operations, and the sites that they make of one.

use crate::text::{LEAST_SEPARATION, finite, syntax};
use crate::{Lattice, Result, Vec3, dot, norm, sub};

/// Images of one site that are closer than this are one atom on a symmetry
/// element, Å: coordinates such as `0.333` put them a little beside it.
const SAME_SITE: f64 = 0.05;

/// `x ↦ rotation · x + translation`, in fractional coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Operation {
    rotation: [Vec3; 3],
    translation: Vec3,
}

impl Operation {
    const IDENTITY: Self = Self {
        rotation: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        translation: [0.0; 3],
    };

    /// Reads an operation as `-x+1/2, y, x-z`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Syntax`] if it is none, or if it changes volumes.
    pub(super) fn parse(line: usize, text: &str) -> Result<Self> {
        const EXPECTED: &str = "a symmetry operation as `-x+1/2, y, z`";
        let refuse = || syntax(line, EXPECTED, text);
        let mut operation = Self {
            rotation: [[0.0; 3]; 3],
            translation: [0.0; 3],
        };
        let mut parts = text.split(',');
        for (row, shift) in operation
            .rotation
            .iter_mut()
            .zip(&mut operation.translation)
        {
            let part = parts.next().ok_or_else(refuse)?;
            component(part, row, shift).ok_or_else(refuse)?;
        }
        let [a, b, c] = operation.rotation;
        let determinant = dot(a, crate::cross(b, c));
        // entries are -1, 0 or 1 in a crystallographic setting: exact
        if parts.next().is_some() || (determinant.abs() - 1.0).abs() > 1e-6 {
            return Err(refuse());
        }
        Ok(operation)
    }

    pub(super) fn is_identity(&self) -> bool {
        *self == Self::IDENTITY
    }

    fn apply(&self, point: Vec3) -> Vec3 {
        [0, 1, 2].map(|i| {
            let moved = dot(self.rotation[i], point) + self.translation[i];
            let wrapped = moved - moved.floor();
            // -1e-17 wraps to 1
            if wrapped < 1.0 { wrapped } else { 0.0 }
        })
    }
}

/// Adds the terms of one component, as `1/2-y`; none if it is malformed.
fn component(text: &str, row: &mut Vec3, shift: &mut f64) -> Option<()> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut first = true;
    while !rest.is_empty() {
        let (sign, after) = match rest.as_bytes()[0] {
            b'+' => (1.0, rest[1..].trim_start()),
            b'-' => (-1.0, rest[1..].trim_start()),
            _ if first => (1.0, rest),
            _ => return None,
        };
        let end = after.find(['+', '-']).unwrap_or(after.len());
        let (axis, value) = term(after[..end].trim())?;
        match axis {
            Some(axis) => row[axis] += sign * value,
            None => *shift += sign * value,
        }
        rest = &after[end..];
        first = false;
    }
    Some(())
}

/// `x`, `1/2`, `0.5` or `2*x`: on which axis, and how much.
fn term(text: &str) -> Option<(Option<usize>, f64)> {
    let letter = text.chars().next_back()?.to_ascii_lowercase();
    let axis = "xyz".find(letter);
    let factor = match axis {
        Some(_) => text[..text.len() - 1].trim_end().trim_end_matches('*'),
        None => text,
    };
    let value = match (axis, factor.split_once('/')) {
        (Some(_), _) if factor.is_empty() => 1.0,
        (_, Some((above, below))) => {
            let below = finite(below.trim()).filter(|&below| below != 0.0)?;
            finite(above.trim())? / below
        }
        (_, None) => finite(factor.trim())?,
    };
    Some((axis, value))
}

/// All places of a site under the operations, in the cell, each once.
///
/// The place of the first operation that leads somewhere is kept, so that a
/// site stays where it was listed. At the first two places that are too close
/// the list ends: the structure will be refused, and a bad file must not cost
/// millions of sites.
pub(super) fn orbit(lattice: &Lattice, operations: &[Operation], site: Vec3) -> Vec<Vec3> {
    let mut places: Vec<Vec3> = Vec::new();
    for operation in operations {
        let image = operation.apply(site);
        let distance = |place: &Vec3| {
            // near the origin the nearest image is the rounded difference
            let delta = sub(image, *place).map(|x| x - x.round());
            norm(lattice.cartesian(delta))
        };
        let nearest = places.iter().map(distance).fold(f64::INFINITY, f64::min);
        if nearest >= SAME_SITE {
            places.push(image);
        }
        if (SAME_SITE..LEAST_SEPARATION).contains(&nearest) {
            break;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_by_hand() {
        let point = [0.1, 0.2, 0.3];
        for (text, expected) in [
            ("x, y, z", [0.1, 0.2, 0.3]),
            ("-x+1/2,1/2-y , z", [0.4, 0.3, 0.3]),
            ("X-Y,X,Z+0.5", [0.9, 0.1, 0.8]),
            ("-y, x - y, +z+2/3", [0.8, 0.9, 0.3 + 2.0 / 3.0]),
            ("1*x, y, - z", [0.1, 0.2, 0.7]),
        ] {
            let image = Operation::parse(1, text).unwrap().apply(point);
            for (got, wanted) in image.into_iter().zip(expected) {
                // sums of three decimals
                assert!((got - wanted).abs() < 1e-12, "{text}: {image:?}");
            }
        }
    }

    #[test]
    fn what_is_no_operation_is_refused() {
        for text in [
            "", "x,y", "x,y,z,x", "x,x,z", "x,y,q", "x y,y,z", "x,y,1/0", "x,y,2z", "x,,z",
        ] {
            assert!(Operation::parse(7, text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_site_on_a_mirror_is_listed_once() {
        let lattice = Lattice::from_parameters([10.0; 3], [90.0; 3]).unwrap();
        let mirror = ["x,y,z", "-x,y,z"].map(|text| Operation::parse(1, text).unwrap());
        assert_eq!(orbit(&lattice, &mirror, [0.001, 0.2, 0.3]).len(), 1);
        assert_eq!(orbit(&lattice, &mirror, [0.999, 0.2, 0.3]).len(), 1);
        assert_eq!(orbit(&lattice, &mirror, [0.1, 0.2, 0.3]).len(), 2);
    }

    #[test]
    fn an_orbit_ends_where_its_places_are_too_close() {
        let lattice = Lattice::from_parameters([10.0; 3], [90.0; 3]).unwrap();
        let steps: Vec<Operation> = (0..100)
            .map(|step| Operation::parse(1, &format!("x,y,z+{step}/100")).unwrap())
            .collect();
        assert_eq!(orbit(&lattice, &steps, [0.0; 3]).len(), 2); // 0.1 Å apart
    }
}
