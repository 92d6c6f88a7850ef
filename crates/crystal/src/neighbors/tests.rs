//! Neighbours by hand and by definition.

use approx::assert_relative_eq;
use proptest::prelude::*;

use super::*;
use crate::{Site, norm, scale};

/// One atom of a chain along the first vector, 2 Å apart.
fn chain() -> Structure {
    let lattice = Lattice::new([[2.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]]).unwrap();
    let element = "C".parse().unwrap();
    let site = Site {
        element,
        fractional: [0.25; 3],
    };
    let structure = Structure::new(lattice, vec![site]).unwrap();
    structure.with_periodic([true, false, false])
}

#[test]
fn an_atom_of_a_chain_sees_its_own_images() {
    let pairs = neighbors(&chain(), 4.5).unwrap();
    let images: Vec<[i32; 3]> = pairs.iter().map(|pair| pair.image).collect();
    assert_eq!(images, [[-2, 0, 0], [-1, 0, 0], [1, 0, 0], [2, 0, 0]]);
    let lengths: Vec<f64> = pairs.iter().map(|pair| pair.length).collect();
    assert_eq!(lengths, [4.0, 2.0, 2.0, 4.0]);
}

#[test]
fn a_shell_on_the_cutoff_is_inside() {
    assert_eq!(neighbors(&chain(), 2.0).unwrap().len(), 2);
    // above by less than rounding of a cell read from a file
    let pairs = neighbors(&chain(), 2.0 - 1e-9).unwrap();
    assert_eq!(pairs.len(), 2);
    assert!(pairs.iter().all(|pair| pair.length <= 2.0 - 1e-9));
}

#[test]
fn a_cutoff_that_is_not_positive_is_refused_by_name() {
    for cutoff in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = neighbors(&chain(), cutoff).unwrap_err();
        assert!(error.to_string().starts_with("cutoff must be positive"));
    }
}

#[test]
fn a_tiny_cutoff_in_a_huge_cell_needs_no_memory() {
    let rows = [[1e4, 0.0, 0.0], [0.0, 1e4, 0.0], [0.0, 0.0, 1e4]];
    let lattice = Lattice::new(rows).unwrap();
    let points = [[0.0; 3], [1e-7, 0.0, 0.0], [-1e-20, 0.0, 1.0]];
    let pairs = neighbors_of_points(&lattice, [true; 3], &points, 1e-4).unwrap();
    // the third point is where the first is, in another cell
    assert_eq!(pairs.len(), 2);
    let pairs = neighbors_of_points(&lattice, [true; 3], &points, 2e-3).unwrap();
    assert_eq!(pairs.len(), 6);
    assert_eq!(pairs[1].image, [0, 0, -1]);
}

/// All pairs, found by trying every image that can be near.
#[expect(
    clippy::cast_possible_truncation,
    reason = "cells are not much smaller than the cutoff"
)]
fn by_definition(
    lattice: &Lattice,
    periodic: [bool; 3],
    points: &[Vec3],
    cutoff: f64,
) -> Vec<Neighbor> {
    let mut list = Vec::new();
    let reach = lattice.heights().map(|height| (cutoff / height).ceil());
    for (source, &from) in points.iter().enumerate() {
        for (target, &to) in points.iter().enumerate() {
            let apart = sub(to, from);
            let [first, second, third] = std::array::from_fn(|axis| {
                let around = if periodic[axis] {
                    reach[axis] + 1.0
                } else {
                    0.0
                };
                let middle = if periodic[axis] {
                    -apart[axis].round()
                } else {
                    0.0
                };
                (middle - around) as i32..=(middle + around) as i32
            });
            for i in first {
                for j in second.clone() {
                    for k in third.clone() {
                        let image = [i, j, k];
                        let vector = lattice.cartesian(add(apart, image.map(f64::from)));
                        let itself = source == target && image == [0; 3];
                        if norm(vector) <= cutoff && !itself {
                            list.push(Neighbor {
                                source,
                                target,
                                image,
                                length: norm(vector),
                            });
                        }
                    }
                }
            }
        }
    }
    list
}

/// Any cell that is not nearly flat, its periodic axes and some points.
fn crystals() -> impl Strategy<Value = (Lattice, [bool; 3], Vec<Vec3>)> {
    let lattice = prop::array::uniform3(prop::array::uniform3(-6.0..6.0)).prop_filter_map(
        "nearly flat",
        |rows| {
            let lattice = Lattice::new(rows).ok()?;
            lattice
                .heights()
                .iter()
                .all(|&h| h > 0.8)
                .then_some(lattice)
        },
    );
    let points = prop::collection::vec(prop::array::uniform3(-2.0..2.0), 1..12);
    (lattice, prop::array::uniform3(any::<bool>()), points)
}

proptest! {
    /// The bins find what the definition says: in small, skewed, left-handed
    /// cells, with any periodic axes, for points anywhere.
    #[test]
    fn bins_find_what_the_definition_says(
        (lattice, periodic, points) in crystals(),
        cutoff in 0.3..7.0,
    ) {
        let found = neighbors_of_points(&lattice, periodic, &points, cutoff).unwrap();
        let expected = by_definition(&lattice, periodic, &points, cutoff);
        let key = |pair: &Neighbor| (pair.source, pair.target, pair.image);
        prop_assert_eq!(
            found.iter().map(key).collect::<Vec<_>>(),
            expected.iter().map(key).collect::<Vec<_>>()
        );
        for (found, expected) in found.iter().zip(&expected) {
            // positions are some 10 Å, doubles have 16 digits
            assert_relative_eq!(found.length, expected.length, epsilon = 1e-12);
        }
    }

    /// The opposite of a pair is there and has bitwise the same length.
    #[test]
    fn every_pair_has_its_opposite(
        (lattice, periodic, points) in crystals(),
        cutoff in 0.3..6.0,
    ) {
        let found = neighbors_of_points(&lattice, periodic, &points, cutoff).unwrap();
        for pair in &found {
            let key = (pair.target, pair.source, pair.image.map(|n| -n));
            let at = found.binary_search_by_key(&key, |p| (p.source, p.target, p.image));
            prop_assert_eq!(found[at.unwrap()].length.to_bits(), pair.length.to_bits());
        }
    }

    /// Nothing nearer than the nearest image is found by looking farther.
    #[test]
    fn the_nearest_image_is_the_nearest(
        (lattice, periodic, points) in crystals(),
        to in prop::array::uniform3(-2.0..2.0),
    ) {
        let vector = nearest_vector(&lattice, periodic, points[0], to);
        let cutoff = norm(vector);
        prop_assume!(cutoff > 1e-3);
        let nearer = neighbors_of_points(&lattice, periodic, &[points[0], to], cutoff - 1e-6);
        prop_assert!(nearer.unwrap().iter().all(|pair| pair.source == pair.target));
        // and it is one of the images
        let apart = lattice.fractional(sub(vector, lattice.cartesian(sub(to, points[0]))));
        for (axis, shift) in apart.into_iter().enumerate() {
            assert_relative_eq!(shift, shift.round(), epsilon = 1e-9);
            prop_assert!(periodic[axis] || shift.round() == 0.0);
        }
    }
}

#[test]
fn doubling_all_lengths_changes_no_pair() {
    let (lattice, points) = (*chain().lattice(), [[0.1, 0.2, 0.3], [0.7, 0.5, 0.3]]);
    let doubled = Lattice::new(lattice.rows().map(|row| scale(2.0, row))).unwrap();
    let small = neighbors_of_points(&lattice, [true; 3], &points, 5.0).unwrap();
    let large = neighbors_of_points(&doubled, [true; 3], &points, 10.0).unwrap();
    assert_eq!(small.len(), large.len());
    for (small, large) in small.iter().zip(&large) {
        assert_eq!(small.image, large.image);
        assert_relative_eq!(2.0 * small.length, large.length, epsilon = 1e-12);
    }
}
