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

/// Around an atom of caesium chloride are 8 of the other kind and then 6 of its
/// own, all of them in opposite pairs.
#[test]
fn angles_by_hand() {
    let crystal = caesium_chloride(4.0);
    let families = [Family::Angles, Family::Dihedrals];
    let table = structural_features(&families, &[&crystal]).unwrap();
    // between corners of the cube that share an edge, or a face's diagonal
    assert_relative_eq!(value(&table, 0, "adf2_70"), 12.0);
    assert_relative_eq!(value(&table, 0, "adf2_109"), 12.0);
    assert_relative_eq!(value(&table, 0, "adf2_179"), 7.0);
    // of the other 7 at each end of a bond 1 is in line with it; the 6 that are
    // not are 60° apart, and each of one end is opposite to one of the other
    assert_relative_eq!(value(&table, 0, "ddf_179"), 8.0 * 6.0);
    // twice as many, as there are two ways round
    assert_relative_eq!(value(&table, 0, "ddf_120"), 2.0 * 8.0 * 6.0);
}

/// Three neighbours around each atom of a flat open layer are all it sees, each
/// as much as the others.
#[test]
fn an_orbital_field_by_hand() {
    let lattice = Lattice::from_parameters([2.5, 2.5, 20.0], [90.0, 90.0, 120.0]).unwrap();
    let third = 1.0 / 3.0;
    let site = |symbol: &str, x| Site {
        element: symbol.parse().unwrap(),
        fractional: [x, 1.0 - x, 0.5],
    };
    let sites = vec![site("B", third), site("N", 2.0 * third)];
    let layer = Structure::new(lattice, sites).unwrap();
    let layer = layer.with_periodic([true, true, false]);
    let table = structural_features(&[Family::Orbitals], &[&layer]).unwrap();
    let bond = 2.5 / 3.0_f64.sqrt() * 1.889_726_124_6;
    // boron has p¹, nitrogen p³, both s²; a row is a mean over two atoms
    for (name, expected) in [
        ("ofm_p1_p3", 1.5 / bond),
        ("ofm_p3_p1", 1.5 / bond),
        ("ofm_s2_s2", 3.0 / bond),
        ("ofm_p1_p1", 0.0),
    ] {
        assert_relative_eq!(value(&table, 0, name), expected, epsilon = 1e-6);
    }
}

/// An open cell sees what a cell sees that closes far away.
#[test]
fn an_open_layer_is_like_one_far_from_its_images() {
    let lattice = Lattice::from_parameters([3.2, 3.2, 150.0], [90.0, 90.0, 120.0]).unwrap();
    let third = 1.0 / 3.0;
    let site = |symbol: &str, x, height: f64| Site {
        element: symbol.parse().unwrap(),
        fractional: [x, 1.0 - x, height / 150.0],
    };
    let sites = vec![
        site("Mo", third, 75.0),
        site("S", 2.0 * third, 73.4),
        site("S", 2.0 * third, 76.6),
    ];
    let far = Structure::new(lattice, sites).unwrap();
    let open = far.clone().with_periodic([true, true, false]);
    let table = structural_features(&[Family::Orbitals], &[&open, &far]).unwrap();
    for (open, far) in table.row(0).iter().zip(table.row(1)) {
        // from 75 Å the image of a layer is small and far
        assert_relative_eq!(open, far, epsilon = 1e-3);
    }
    assert!(value(&table, 0, "ofm_s1_p4") > 0.1);
}

#[test]
fn an_element_without_a_scattering_factor_is_refused_by_name() {
    let mut sites = caesium_chloride(4.0).sites().to_vec();
    sites[0].element = "Es".parse().unwrap();
    let crystal = Structure::new(*caesium_chloride(4.0).lattice(), sites).unwrap();
    let error = structural_features(&[Family::Diffraction], &[&crystal]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "an X-ray scattering factor of Es is needed, but none is tabulated"
    );
}

/// Without neighbours there are no angles, and nothing that is not finite.
#[test]
fn a_molecule_of_one_atom_has_no_angles() {
    let crystal = caesium_chloride(4.0);
    let atom = Structure::new(*crystal.lattice(), crystal.sites()[..1].to_vec()).unwrap();
    let atom = atom.with_periodic([false; 3]);
    let rest: Vec<Family> = Family::ALL.into_iter().skip(1).collect();
    let table = structural_features(&rest, &[&atom]).unwrap();
    for name in ["rdf_30", "adf1_60", "ddf_60", "ofm_s1_s1", "complexity"] {
        assert!(value(&table, 0, name).abs() < f64::MIN_POSITIVE, "{name}");
    }
    let error = structural_features(&[Family::Density], &[&atom]);
    assert_eq!(error, Err(Error::LoneAtom));
}
