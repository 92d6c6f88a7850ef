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
