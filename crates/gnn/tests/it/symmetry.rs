//! What a prediction must not depend on.

use approx::assert_relative_eq;
use candle_core::DType;
use crystal::{Lattice, Site, Structure};
use gnn::{EdgeGeometry, MegNetConfig, NetworkConfig};
use proptest::prelude::*;

use crate::crystals::{graphs, layer, lonely, one_atom, skewed, with_vacancies};
use crate::{networks, outputs};

/// All networks, and a MEGNet that does not look at heights.
fn all_networks() -> Vec<NetworkConfig> {
    let level = MegNetConfig {
        heights: false,
        width: 8,
        ..MegNetConfig::small()
    };
    let mut all = networks();
    all.push(NetworkConfig::MegNet(level));
    all
}

fn predict(structures: &[Structure]) -> Vec<Vec<f64>> {
    predict_by(&all_networks(), structures)
}

fn predict_by(networks: &[NetworkConfig], structures: &[Structure]) -> Vec<Vec<f64>> {
    networks
        .iter()
        .map(|config| {
            let network = config.build(5, DType::F64).unwrap();
            outputs(&*network, config, &graphs(structures, 5.0))
        })
        .collect()
}

/// Lengths are rounded to 10⁻⁶ Å, so that errors of 10⁻¹⁵ can become this.
const ROUNDING: f64 = 1e-6;

fn assert_same(predictions: Vec<Vec<f64>>) {
    for outputs in predictions {
        assert_relative_eq!(
            outputs[0],
            outputs[1],
            epsilon = ROUNDING,
            max_relative = ROUNDING
        );
    }
}

/// Turned about z, then about x.
fn turned(structure: &Structure, [about_z, about_x]: [f64; 2]) -> Structure {
    let rows = structure.lattice().rows().map(|[x, y, z]| {
        let (sin, cos) = about_z.sin_cos();
        let [x, y] = [cos * x - sin * y, sin * x + cos * y];
        let (sin, cos) = about_x.sin_cos();
        [x, cos * y - sin * z, sin * y + cos * z]
    });
    let lattice = Lattice::new(rows).unwrap();
    Structure::new(lattice, structure.sites().to_vec()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn where_the_origin_is(shift in prop::array::uniform3(-2.0..2.0)) {
        let moved = skewed().sites().iter().map(|site| Site {
            fractional: crystal::add(site.fractional, shift),
            ..*site
        }).collect();
        let moved = Structure::new(*skewed().lattice(), moved).unwrap();
        assert_same(predict(&[skewed(), moved]));
    }

    #[test]
    fn how_the_cell_is_turned(angles in prop::array::uniform2(0.0..6.0)) {
        assert_same(predict(&[skewed(), turned(&skewed(), [angles[0], 0.0])]));
        let mut blind = all_networks();
        blind.retain(|config| {
            let geometry = config.edge_geometry();
            !matches!(geometry, EdgeGeometry::LengthAndSurroundings { heights: true, .. })
        });
        assert_eq!(blind.len(), 3);
        assert_same(predict_by(&blind, &[skewed(), turned(&skewed(), angles)]));
    }

    #[test]
    fn in_which_order_atoms_are_listed(order in Just((0..11).collect::<Vec<usize>>()).prop_shuffle()) {
        let structure = with_vacancies(2, &[0]);
        let sites = order.iter().map(|&index| structure.sites()[index]).collect();
        let relabelled = Structure::new(*structure.lattice(), sites).unwrap();
        assert_same(predict(&[structure, relabelled]));
    }
}

#[test]
fn how_many_cells_are_described() {
    assert_same(predict(&[layer(), layer().supercell([2, 3, 1])]));
    assert_same(predict(&[one_atom(), one_atom().supercell([2, 1, 2])]));
    assert_same(predict(&[skewed(), skewed().supercell([1, 3, 2])]));
    let damaged = with_vacancies(2, &[5]);
    assert_same(predict(&[damaged.clone(), damaged.supercell([2, 1, 1])]));
}

#[test]
fn which_of_two_mirror_images_it_is() {
    for axis in 0..3 {
        let rows = skewed().lattice().rows().map(|mut row| {
            row[axis] = -row[axis];
            row
        });
        let mirrored = Structure::new(Lattice::new(rows).unwrap(), skewed().sites().to_vec());
        assert_same(predict(&[skewed(), mirrored.unwrap()]));
    }
}

#[test]
fn which_graphs_share_a_batch() {
    let structures = [skewed(), lonely(), layer(), one_atom()];
    let together = predict(&structures);
    for (index, structure) in structures.into_iter().enumerate() {
        for (alone, together) in predict(&[structure]).iter().zip(&together) {
            // the same numbers in the same order, but for the blocking of products
            assert_relative_eq!(alone[0], together[index], max_relative = 1e-12);
        }
    }
}

#[test]
fn predictions_do_see_species_and_lengths() {
    let rows = layer().lattice().rows();
    let stretched = rows.map(|row| row.map(|x| 1.1 * x));
    let stretched = Structure::new(Lattice::new(stretched).unwrap(), layer().sites().to_vec());
    let lengths = [layer(), stretched.unwrap()];
    let vacancies = [with_vacancies(3, &[0]), with_vacancies(3, &[9])];
    for different in [lengths, vacancies] {
        for outputs in predict(&different) {
            let difference = (outputs[0] - outputs[1]).abs();
            // a tenth of all lengths, by networks that have learnt nothing yet
            assert!(
                difference > 0.1 * ROUNDING * outputs[0].abs(),
                "{outputs:?}"
            );
        }
    }
}
