//! Structural features against other programs, and what must not change them.
//!
//! The numbers are by `tests/reference/descriptors.py`, which says of what
//! programs.

use std::collections::BTreeMap;

use approx::assert_relative_eq;
use crystal::{Family, Lattice, Site, Structure, structural_features};
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
