//! Structural features by hand.

use approx::assert_relative_eq;

use super::*;
use crate::{Error, Lattice, Site};

/// Simple cubic caesium chloride.
fn caesium_chloride(edge: f64) -> Structure {
    let lattice = Lattice::new([[edge, 0.0, 0.0], [0.0, edge, 0.0], [0.0, 0.0, edge]]).unwrap();
    let site = |symbol: &str, fractional| Site {
        element: symbol.parse().unwrap(),
        fractional,
    };
    let sites = vec![site("Cs", [0.0; 3]), site("Cl", [0.5; 3])];
    Structure::new(lattice, sites).unwrap()
}

fn value(table: &FeatureTable, row: usize, name: &str) -> f64 {
    let column = table.index_of(name);
    table.row(row)[column.unwrap_or_else(|| panic!("no column {name}"))]
}

#[test]
fn elements_by_hand() {
    let crystal = caesium_chloride(4.0);
    let table = structural_features(&[Family::Elements], &[&crystal]).unwrap();
    let expected = [
        ("mean_number", 36.0),
        ("deviation_number", 19.0),
        ("range_period", 3.0),
        ("mean_valence", 4.0),
        ("range_radius", 2.44 - 1.02),
        ("deviation_electronegativity", (3.16 - 0.79) / 2.0),
    ];
    for (name, expected) in expected {
        assert_relative_eq!(value(&table, 0, name), expected, epsilon = 1e-12);
    }
}

#[test]
fn density_by_hand() {
    let crystal = caesium_chloride(4.0);
    let table = structural_features(&[Family::Density], &[&crystal]).unwrap();
    // 168.4 u, and spheres of √3 Å, in 64 Å³
    let mass = 132.905_451_96 + 35.45;
    let expected = [
        ("mass_density", mass * 1.660_539_066_6 / 64.0),
        ("volume_per_atom", 32.0),
        ("max_packing", 3.0_f64.sqrt() * std::f64::consts::PI / 8.0),
    ];
    for (name, expected) in expected {
        assert_relative_eq!(value(&table, 0, name), expected, max_relative = 1e-9);
    }
}

/// Four atoms in a row, the cell as long again: the inner two are equal, and so
/// are the outer two.
#[test]
fn complexity_by_hand() {
    let row = caesium_chloride(4.0).supercell([2, 1, 1]);
    let sites = [0.0, 0.125, 0.25, 0.375].map(|x| Site {
        element: row.sites()[0].element,
        fractional: [x, 0.0, 0.0],
    });
    let row = Structure::new(*row.lattice(), sites.to_vec()).unwrap();
    let table = structural_features(&[Family::Complexity], &[&row]).unwrap();
    assert_relative_eq!(value(&table, 0, "complexity"), 1.0, epsilon = 1e-12);
    assert_relative_eq!(value(&table, 0, "complexity_cell"), 4.0, epsilon = 1e-12);
}

#[test]
fn what_does_not_vary_in_training_gets_no_column() {
    let crystals = [4.0, 4.1, 4.2].map(caesium_chloride);
    let [small, middle, large] = &crystals;
    let families = [Family::Density, Family::Elements];
    let descriptor = StructuralDescriptor::learn(&families, &[small, large]).unwrap();
    let names: Vec<&str> = descriptor
        .columns()
        .iter()
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(names, ["mass_density", "volume_per_atom", "packing"]);
    let table = descriptor.describe(&[middle]).unwrap();
    assert_relative_eq!(table.row(0)[1], 4.1_f64.powi(3) / 2.0, epsilon = 1e-9);
}

#[test]
fn a_name_names_its_family_and_back() {
    for family in Family::ALL {
        assert_eq!(family.to_string().parse(), Ok(family));
    }
    let error = "volume".parse::<Family>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`volume` is not a family of structural features"
    );
}

#[test]
fn a_family_given_twice_is_refused() {
    let crystal = caesium_chloride(4.0);
    let error = structural_features(&[Family::Density; 2], &[&crystal]).unwrap_err();
    let name = "mass_density".into();
    assert_eq!(error, Error::RepeatedColumn { name });
}
