//! Descriptors of small crystals by hand.

use approx::assert_relative_eq;

use super::*;
use crate::{DefectCluster, Error, FeatureTable, Lattice, Site, Structure, Vec3};

/// Simple cubic caesium chloride, 4 Å.
fn unit_cell() -> Structure {
    let lattice = Lattice::new([[4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0]]).unwrap();
    let site = |symbol: &str, fractional: Vec3| Site {
        element: symbol.parse().unwrap(),
        fractional,
    };
    let sites = vec![site("Cs", [0.0; 3]), site("Cl", [0.5; 3])];
    Structure::new(lattice, sites).unwrap()
}

/// The host without the atoms at some indices of its 5 × 5 × 5 supercell.
fn without(removed: &[usize]) -> DefectCluster {
    let full = unit_cell().supercell([5, 5, 5]);
    let sites = full.sites().iter().enumerate();
    let sites = sites.filter_map(|(index, site)| (!removed.contains(&index)).then_some(*site));
    let damaged = Structure::new(*full.lattice(), sites.collect()).unwrap();
    DefectCluster::find(&damaged, &unit_cell(), [5, 5, 5]).unwrap()
}

fn value(table: &FeatureTable, row: usize, name: &str) -> f64 {
    let column = table.index_of(name);
    table.row(row)[column.unwrap_or_else(|| panic!("no column {name}"))]
}

#[test]
fn three_vacancies_by_hand() {
    // Cs at the origin, its neighbour along c, and Cl in the middle of the cell
    let cluster = without(&[0, 1, 125]);
    let table = DefectDescriptor::learn(&[&cluster]).describe(&[&cluster]);
    let near = 12.0_f64.sqrt();
    let expected = [
        ("n_defects", 3.0),
        ("n_V_Cs", 2.0),
        ("n_V_Cl", 1.0),
        ("d1", near),
        ("d2", near),
        ("d3", 4.0),
        ("dz_max", 4.0),
        ("n_same_layer", 0.0),
        ("n_shell1", 3.0), // 4 Å is the first shell of Cs around Cs
        ("n_shell2", 0.0),
        ("n_pairs_V_Cl_V_Cs", 2.0),
        ("d_V_Cl_V_Cs", near),
        ("inv_d_V_Cl_V_Cs", 2.0 / near),
        ("d_V_Cs_V_Cs", 4.0),
    ];
    for (name, expected) in expected {
        assert_relative_eq!(value(&table, 0, name), expected, epsilon = 1e-9);
    }
    let d1 = &table.columns()[table.index_of("d1").unwrap()];
    assert_eq!((d1.unit.as_str(), d1.level), ("Å", Level::Structure));
}

#[test]
fn pair_distances_by_hand() {
    let cluster = without(&[0, 1, 125]);
    let descriptor = PairDescriptor::learn(&[&cluster]);
    let table = descriptor.describe(&[&cluster, &without(&[0, 125]), &without(&[0])]);
    let near = 12.0_f64.sqrt();
    let expected = [
        ("d1_V_Cl_V_Cs", [near, near, 20.0]),
        ("d2_V_Cl_V_Cs", [near, 20.0, 20.0]),
        ("dz1_V_Cl_V_Cs", [2.0, 2.0, 0.0]),
        ("d1_V_Cs_V_Cs", [4.0, 20.0, 20.0]),
        ("dz1_V_Cs_V_Cs", [4.0, 0.0, 0.0]),
    ];
    for (name, expected) in expected {
        for (row, expected) in expected.into_iter().enumerate() {
            assert_relative_eq!(value(&table, row, name), expected, epsilon = 1e-9);
        }
    }
    assert_eq!(table.width(), 6);
}

#[test]
fn shells_are_ranks_among_the_distances_of_the_host() {
    // from the origin along c: 8 Å is the fourth shell of Cs around Cs, after
    // 4, √32 and √48 Å
    let [second, third, fourth] = [without(&[0, 6]), without(&[0, 31]), without(&[0, 2])];
    let table = DefectDescriptor::learn(&[&second]).describe(&[&second, &third, &fourth]);
    let shells =
        |row| ["n_shell1", "n_shell2", "n_shell3"].map(|name| value(&table, row, name).to_string());
    assert_eq!(shells(0), ["0", "1", "0"]);
    assert_eq!(shells(1), ["0", "0", "1"]);
    assert_eq!(shells(2), ["0", "0", "0"]);
}

#[test]
fn a_distance_that_is_missing_is_the_inscribed_diameter() {
    let (pair, lone) = (without(&[0, 1]), without(&[0]));
    let table = DefectDescriptor::learn(&[&pair]).describe(&[&lone]);
    assert_relative_eq!(value(&table, 0, "d1"), 20.0, epsilon = 1e-12);
    assert_relative_eq!(value(&table, 0, "d_V_Cs_V_Cs"), 20.0, epsilon = 1e-12);
    assert!(value(&table, 0, "inv_d_V_Cs_V_Cs").is_sign_positive());
}

#[test]
fn what_training_did_not_see_gets_no_column() {
    let (seen, unseen) = (without(&[0, 1]), without(&[0, 125]));
    let descriptor = DefectDescriptor::learn(&[&seen]);
    let table = descriptor.describe(&[&unseen]);
    assert_eq!(table.columns(), descriptor.columns());
    assert_eq!(table.index_of("n_V_Cl"), None);
    assert_relative_eq!(value(&table, 0, "n_defects"), 2.0, epsilon = 1e-12);
    assert_relative_eq!(value(&table, 0, "n_pairs_V_Cs_V_Cs"), 0.0, epsilon = 1e-12);
}

#[test]
fn a_larger_cluster_gives_its_three_shortest_distances() {
    let (pair, many) = (without(&[0, 1]), without(&[0, 1, 2, 3, 4]));
    let learned_small = DefectDescriptor::learn(&[&pair]);
    assert!(learned_small.describe(&[&many]).index_of("d2").is_none());
    let table = DefectDescriptor::learn(&[&many]).describe(&[&many]);
    assert_eq!(table.index_of("d4"), None);
    // five in a ring of the periodic cell: five pairs of neighbours
    assert_relative_eq!(value(&table, 0, "d3"), 4.0, epsilon = 1e-9);
    assert_relative_eq!(value(&table, 0, "n_shell1"), 5.0, epsilon = 1e-12);
}

#[test]
fn composition_by_hand() {
    let crystal = unit_cell();
    let table = CompositionDescriptor::learn(&[&crystal]).describe(&[&crystal]);
    let table = table.unwrap();
    let near = 12.0_f64.sqrt();
    let expected = [
        ("n_sites", 2.0),
        ("n_Cs", 1.0),
        ("x_Cl", 0.5),
        ("density", 2.0 / 64.0),
        ("d_mean", near),
        ("d_min", near),
    ];
    for (name, expected) in expected {
        assert_relative_eq!(value(&table, 0, name), expected, epsilon = 1e-12);
    }
}

#[test]
fn the_density_of_a_layer_is_per_area() {
    let layer = unit_cell().with_periodic([true, true, false]);
    let descriptor = CompositionDescriptor::learn(&[&layer]);
    let table = descriptor.describe(&[&layer]).unwrap();
    assert_relative_eq!(value(&table, 0, "density"), 2.0 / 16.0, epsilon = 1e-12);
    let column = table.index_of("density").unwrap();
    assert_eq!(table.columns()[column].unit, "1/Å^2");
}

#[test]
fn a_lone_atom_is_refused() {
    let sites = unit_cell().sites()[..1].to_vec();
    let atom = Structure::new(*unit_cell().lattice(), sites).unwrap();
    let atom = atom.with_periodic([false; 3]);
    let error = CompositionDescriptor::learn(&[&atom]).describe(&[&atom]);
    assert_eq!(error, Err(Error::LoneAtom));
}
