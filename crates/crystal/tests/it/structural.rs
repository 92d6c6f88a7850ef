//! Structural features against other programs, and what must not change them.
//!
//! The numbers are by `tests/reference/descriptors.py`, which says of what
//! programs.

use std::collections::BTreeMap;

use approx::assert_relative_eq;
use crystal::{Element, Family, Lattice, Site, Structure, structural_features};
use proptest::prelude::*;
use serde_json::Value;

const GOLDEN: &str = include_str!("../data/structural-descriptors.json");

/// Every structure of the golden file with what is known of it.
fn golden() -> BTreeMap<String, (Structure, Value)> {
    let text: Value = serde_json::from_str(GOLDEN).unwrap();
    let structures = text["structures"].as_object().unwrap();
    structures
        .iter()
        .map(|(name, known)| (name.clone(), (structure(known), known.clone())))
        .collect()
}

fn structure(known: &Value) -> Structure {
    let rows = [0, 1, 2].map(|row| vector(&known["lattice"][row]));
    let symbols = known["symbols"].as_array().unwrap().iter();
    let places = known["fractional"].as_array().unwrap().iter();
    let sites = symbols.zip(places).map(|(symbol, place)| Site {
        element: symbol.as_str().unwrap().parse().unwrap(),
        fractional: vector(place),
    });
    Structure::new(Lattice::new(rows).unwrap(), sites.collect()).unwrap()
}

fn vector(value: &Value) -> [f64; 3] {
    [0, 1, 2].map(|axis| value[axis].as_f64().unwrap())
}

fn row(family: Family, structure: &Structure) -> Vec<f64> {
    let table = structural_features(&[family], &[structure]).unwrap();
    table.row(0).to_vec()
}

/// pymatgen has older atomic weights, which differ by up to 1e-4 of them.
#[test]
fn densities_are_those_of_matminer() {
    for (name, (structure, known)) in golden() {
        let found = row(Family::Density, &structure);
        for (place, found) in found.iter().enumerate() {
            let expected = known["density"][place].as_f64().unwrap();
            assert_relative_eq!(*found, expected, max_relative = 2e-4);
            assert!(
                place == 0 || (found - expected).abs() < 1e-9 * expected,
                "{name}"
            );
        }
    }
}

/// Through spglib with its positions, too, equal within 0.1 Å.
#[test]
fn complexities_are_those_of_matminer() {
    for (name, (structure, known)) in golden() {
        let found = row(Family::Complexity, &structure);
        for (place, found) in found.iter().enumerate() {
            let expected = known["complexity"][place].as_f64().unwrap();
            assert!(
                (found - expected).abs() < 1e-9,
                "{name}: {found} {expected}"
            );
        }
    }
}

/// Numbers by place, zero where the golden file has none.
fn sparse(known: &Value, length: usize) -> Vec<f64> {
    let mut values = vec![0.0; length];
    for (place, value) in known.as_object().unwrap() {
        values[place.parse::<usize>().unwrap()] = value.as_f64().unwrap();
    }
    values
}

/// Fails unless all values agree within a tolerance.
fn assert_close(name: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        let apart = (found - expected).abs();
        assert!(apart < tolerance, "{name} {place}: {found} {expected}");
    }
}

/// By a sum over all atoms for each reflection in turn, with the same scattering
/// factors, and the density estimate of `scipy`.
#[test]
fn patterns_are_those_of_a_plain_sum() {
    for (name, (structure, known)) in golden() {
        let found = row(Family::Diffraction, &structure);
        // written with nine digits of at most 1
        assert_close(&name, &found, &sparse(&known["pattern"], 128), 1e-8);
    }
}

/// matminer has scattering factors of another fit, by which the intensities of
/// its lines differ by up to 2 %.
#[test]
fn patterns_are_near_those_of_matminer() {
    for (name, (structure, known)) in golden() {
        let found = row(Family::Diffraction, &structure);
        let expected = sparse(&known["pattern_matminer"], 128);
        let highest = expected.iter().copied().fold(0.0, f64::max);
        assert_close(&name, &found, &expected, 0.03 * highest);
    }
}

/// matminer rounds the radial distribution function to four decimals.
#[test]
fn distances_are_those_of_matminer() {
    for (name, (structure, known)) in golden() {
        let radial = row(Family::Radial, &structure);
        assert_close(&name, &radial, &sparse(&known["radial"], 100), 6e-5);
        let neighbors = row(Family::Neighbors, &structure);
        assert_close(&name, &neighbors, &sparse(&known["neighbors"], 100), 1e-7);
    }
}

/// But for the last bin, where matminer moves an angle whose cosine is rounded to
/// below -1, and so counts it apart.
#[test]
fn angles_are_those_of_matminer() {
    for (name, (structure, known)) in golden() {
        let found = row(Family::Angles, &structure);
        for (found, cutoff) in found.chunks(179).zip(["angles1", "angles2"]) {
            let expected = sparse(&known[cutoff], 179);
            let name = format!("{name}, {cutoff}");
            assert_close(&name, &found[..178], &expected[..178], 1e-6);
        }
    }
}

/// By a plain loop over all chains.
#[test]
fn dihedrals_are_those_of_a_plain_loop() {
    for (name, (structure, known)) in golden() {
        let found = row(Family::Dihedrals, &structure);
        assert_close(&name, &found, &sparse(&known["dihedrals"], 179), 1e-6);
    }
}

/// Where every bond begins at an atom of the element that is listed first, and
/// angles without a value come out as exactly zero.
#[test]
fn dihedrals_of_two_crystals_are_those_of_matminer() {
    for name in ["rock-salt", "boron-nitride"] {
        let (structure, known) = &golden()[name];
        let found = row(Family::Dihedrals, structure);
        assert_close(
            name,
            &found,
            &sparse(&known["dihedrals_matminer"], 179),
            1e-6,
        );
    }
}

/// The Voronoi cells of matminer are by Qhull.
#[test]
fn orbital_field_matrices_are_those_of_matminer() {
    for (name, (structure, known)) in golden() {
        let found = row(Family::Orbitals, &structure);
        assert_close(&name, &found, &sparse(&known["orbitals"], 1024), 1e-6);
    }
}

/// pymatgen has the configurations of NIST.
#[test]
fn valence_subshells_are_those_of_pymatgen() {
    let text: Value = serde_json::from_str(GOLDEN).unwrap();
    let known = text["orbitals_of_elements"].as_object().unwrap();
    assert_eq!(known.len(), 94);
    for (symbol, ones) in known {
        let element: Element = symbol.parse().unwrap();
        let place = |(l, electrons)| u64::from([0, 2, 8, 18][usize::from(l)] + electrons - 1);
        let subshells = element.valence_subshells().into_iter();
        let mut found: Vec<u64> = subshells.map(place).collect();
        found.sort_unstable();
        let expected = ones.as_array().unwrap().iter();
        let expected: Vec<u64> = expected.map(|one| one.as_u64().unwrap()).collect();
        assert_eq!(found, expected, "{symbol}");
    }
}

/// A structure turned, shifted by a fraction of the cell and by whole cells, its
/// sites in another order.
fn moved(structure: &Structure, angles: [f64; 3], shift: [f64; 3], order: &[usize]) -> Structure {
    let turned = structure.lattice().rows().map(|row| turn(row, angles));
    let sites = order.iter().enumerate().map(|(place, &index)| {
        let site = structure.sites()[index];
        let cells = [place % 3, place % 2, place % 5].map(|count| count as f64 - 1.0);
        let fractional = [0, 1, 2].map(|axis| {
            // a site does not come back where the cell is not periodic
            let cells = if structure.periodic()[axis] {
                cells[axis]
            } else {
                0.0
            };
            site.fractional[axis] + shift[axis] + cells
        });
        Site { fractional, ..site }
    });
    let moved = Structure::new(Lattice::new(turned).unwrap(), sites.collect()).unwrap();
    moved.with_periodic(structure.periodic())
}

/// A vector turned about each axis in turn, radians.
fn turn(vector: [f64; 3], angles: [f64; 3]) -> [f64; 3] {
    let mut turned = vector;
    for (axis, angle) in angles.into_iter().enumerate() {
        let (y, z) = ((axis + 1) % 3, (axis + 2) % 3);
        let (sin, cos) = angle.sin_cos();
        let (a, b) = (turned[y], turned[z]);
        (turned[y], turned[z]) = (cos * a - sin * b, sin * a + cos * b);
    }
    turned
}

/// All columns of a structure must be those of another; but those of the cell.
///
/// Rounding can take an angle to the next thousandth of a degree, and a distance
/// or a solid angle that is found from other places by about 1e-7 of itself.
fn assert_same_features(name: &str, one: &Structure, other: &Structure) {
    let table = structural_features(&Family::ALL, &[one, other]).unwrap();
    for (place, column) in table.columns().iter().enumerate() {
        let (one, other) = (table.row(0)[place], table.row(1)[place]);
        let tolerance = 1e-6 * one.abs().max(1.0);
        let same = (one - other).abs() < tolerance || column.name.ends_with("_cell");
        assert!(same, "{name}, {}: {one} {other}", column.name);
    }
}

#[test]
fn another_cell_of_a_crystal_changes_nothing() {
    for (name, (structure, _)) in golden() {
        assert_same_features(&name, &structure, &structure.supercell([2, 1, 1]));
        assert_same_features(&name, &structure, &structure.supercell([1, 2, 3]));
        let [a, b, c] = structure.lattice().rows();
        let sheared = Lattice::new([a, crystal::add(b, a), crystal::sub(c, b)]).unwrap();
        let sites = structure.sites().iter().map(|site| Site {
            fractional: sheared.fractional(structure.lattice().cartesian(site.fractional)),
            ..*site
        });
        let sheared = Structure::new(sheared, sites.collect()).unwrap();
        assert_same_features(&name, &structure, &sheared);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn where_a_crystal_lies_changes_nothing(
        angles in prop::array::uniform3(0.0..6.0),
        shift in prop::array::uniform3(-1.0..1.0),
        layer in any::<bool>(),
    ) {
        for (name, (structure, _)) in golden() {
            let structure = structure.with_periodic([true, true, !layer]);
            let count = structure.sites().len();
            let order: Vec<usize> = (0..count).map(|place| (7 * place + 3) % count).collect();
            let moved = moved(&structure, angles, shift, &order);
            assert_same_features(&name, &structure, &moved);
        }
    }
}
