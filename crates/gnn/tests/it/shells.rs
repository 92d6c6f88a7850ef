//! MEGNet on defect graphs whose edges tell their shells.

use std::ops::ControlFlow;

use approx::assert_relative_eq;
use candle_core::DType;
use crystal::{CrystalGraph, DefectCluster, Lattice, Site, Structure, add};
use gnn::{
    Batch, Description, FlatGraph, MegNetConfig, NetworkConfig, Recipe, Samples, Trained, train,
};
use proptest::prelude::*;

use crate::crystals::{element, layer};
use crate::outputs;

/// Copies of the unit cell along each of the first two vectors.
const REPEATS: usize = 6;

/// Lengths are rounded to 10⁻⁶ Å, so that errors of 10⁻¹⁵ can become this.
const ROUNDING: f64 = 1e-6;

/// Both published networks, narrow.
fn networks() -> [NetworkConfig; 2] {
    [
        MegNetConfig::published_sparse_energy(),
        MegNetConfig::published_sparse_gap(),
    ]
    .map(|config| NetworkConfig::MegNet(MegNetConfig { width: 8, ..config }))
}

/// Sites of the unit cell and the cell they are in, and what is there instead.
type Changes = Vec<([usize; 3], Option<u8>)>;

fn damaged(host: &Structure, changes: &Changes) -> Structure {
    let grown = host.supercell([REPEATS, REPEATS, 1]);
    let mut sites: Vec<Option<Site>> = grown.sites().iter().copied().map(Some).collect();
    for &([unit_site, i, j], now) in changes {
        let site = &mut sites[(unit_site * REPEATS + i % REPEATS) * REPEATS + j % REPEATS];
        *site = now.map(|number| Site {
            element: element(number),
            ..site.unwrap()
        });
    }
    Structure::new(*grown.lattice(), sites.into_iter().flatten().collect()).unwrap()
}

fn graph(structure: &Structure, host: &Structure, repeats: [usize; 3]) -> CrystalGraph {
    let cluster = DefectCluster::find(structure, host, repeats).unwrap();
    CrystalGraph::of_defects(&cluster, 13.0, [true; 3]).unwrap()
}

fn complex() -> Changes {
    vec![
        ([0, 0, 0], None),
        ([0, 2, 1], Some(74)),
        ([1, 0, 0], None),
        ([1, 1, 0], Some(34)),
        ([2, 3, 1], None),
    ]
}

fn graph_of(changes: &Changes) -> CrystalGraph {
    graph(&damaged(&layer(), changes), &layer(), [REPEATS, REPEATS, 1])
}

fn predict(graphs: &[CrystalGraph]) -> [Vec<f64>; 2] {
    networks().map(|config| {
        let network = config.build(5, DType::F64).unwrap();
        outputs(&*network, &config, graphs)
    })
}

fn assert_as_the_complex(graph: CrystalGraph) {
    for outputs in predict(&[graph_of(&complex()), graph]) {
        let [expected, got] = [outputs[0], outputs[1]];
        assert_relative_eq!(got, expected, epsilon = ROUNDING, max_relative = ROUNDING);
    }
}

/// Turned about z.
fn turned(structure: &Structure, angle: f64) -> Structure {
    let (sin, cos) = angle.sin_cos();
    let rows = structure.lattice().rows();
    let rows = rows.map(|[x, y, z]| [cos * x - sin * y, sin * x + cos * y, z]);
    Structure::new(Lattice::new(rows).unwrap(), structure.sites().to_vec()).unwrap()
}

fn shifted(structure: &Structure, shift: [f64; 3]) -> Structure {
    let sites = structure.sites().iter().map(|site| Site {
        fractional: add(site.fractional, shift),
        ..*site
    });
    Structure::new(*structure.lattice(), sites.collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn which_cell_the_complex_is_in(by in prop::array::uniform2(0..REPEATS)) {
        let moved = complex().into_iter().map(|([site, i, j], now)| ([site, i + by[0], j + by[1]], now));
        assert_as_the_complex(graph_of(&moved.collect()));
    }

    #[test]
    fn where_the_origin_is(shift in prop::array::uniform3(-1.0..1.0)) {
        let host = shifted(&layer(), shift);
        assert_as_the_complex(graph(&damaged(&host, &complex()), &host, [REPEATS, REPEATS, 1]));
    }

    #[test]
    fn how_the_layer_is_turned(angle in 0.0..6.0) {
        let structure = turned(&damaged(&layer(), &complex()), angle);
        assert_as_the_complex(graph(&structure, &layer(), [REPEATS, REPEATS, 1]));
    }

    #[test]
    fn in_which_order_atoms_are_listed(order in Just((0..105).collect::<Vec<usize>>()).prop_shuffle()) {
        let structure = damaged(&layer(), &complex());
        prop_assert_eq!(structure.sites().len(), order.len());
        let sites = order.iter().map(|&index| structure.sites()[index]).collect();
        let relabelled = Structure::new(*structure.lattice(), sites).unwrap();
        assert_as_the_complex(graph(&relabelled, &layer(), [REPEATS, REPEATS, 1]));
    }
}

#[test]
fn which_unit_cell_describes_the_host() {
    let structure = damaged(&layer(), &complex());
    for cell in [[2, 1, 1], [3, 2, 1]] {
        let host = layer().supercell(cell);
        let repeats = [REPEATS / cell[0], REPEATS / cell[1], 1];
        assert_as_the_complex(graph(&structure, &host, repeats));
    }
    let mut sites = layer().sites().to_vec();
    sites.rotate_left(1);
    let relabelled = Structure::new(*layer().lattice(), sites).unwrap();
    assert_as_the_complex(graph(&structure, &relabelled, [REPEATS, REPEATS, 1]));
}

#[test]
fn graphs_without_edges_are_predicted_alone_and_among_others() {
    let single = || graph_of(&vec![([1, 2, 2], None)]);
    assert_eq!(single().edge_count(), 0);
    let pristine = graph_of(&Vec::new());
    assert_eq!((pristine.node_count(), pristine.edge_count()), (0, 0));
    let together = predict(&[graph_of(&complex()), single(), pristine]);
    for (alone, together) in predict(&[single()]).iter().zip(&together) {
        // the same numbers in the same order, but for the blocking of products
        assert_relative_eq!(alone[0], together[1], max_relative = 1e-12);
        assert!(together.iter().all(|y| y.is_finite()));
    }
}

#[test]
fn a_network_sees_shells_only_if_it_is_told_to() {
    // the same lengths in the host and in one that has a second chalcogen in its metal's row
    let mut sites = layer().sites().to_vec();
    sites.push(Site {
        element: element(16),
        fractional: [1.0 / 3.0, 2.0 / 3.0, 0.6],
    });
    let richer = Structure::new(*layer().lattice(), sites).unwrap();
    let graphs = [layer(), richer]
        .map(|host| graph(&damaged(&host, &complex()), &host, [REPEATS, REPEATS, 1]));
    for config in networks() {
        let NetworkConfig::MegNet(config) = config else {
            panic!("both are MEGNets");
        };
        for shells in [false, true] {
            let config = NetworkConfig::MegNet(MegNetConfig {
                shells,
                ..config.clone()
            });
            let network = config.build(5, DType::F64).unwrap();
            let outputs = outputs(&*network, &config, &graphs);
            let apart = (outputs[0] - outputs[1]).abs() > ROUNDING * outputs[0].abs();
            assert_eq!(apart, shells, "{outputs:?}");
        }
    }
}

#[test]
fn gradients_agree_with_differences() {
    let graphs = [graph_of(&complex()), graph_of(&vec![([1, 2, 2], None)])];
    for config in networks() {
        let network = config.build(3, DType::F64).unwrap();
        let flat: Vec<FlatGraph> = graphs
            .iter()
            .map(|graph| FlatGraph::new(graph, config.edge_geometry()))
            .collect();
        let batch = Batch::new(&flat.iter().collect::<Vec<_>>());
        let loss = || network.forward(&batch).unwrap().sum_all().unwrap();
        let gradients = loss().backward().unwrap();
        // the layer that reads the shells
        let name = "blocks.0.dense.edge.0.weight";
        let mut parameters = network.parameters().iter();
        let (_, var) = parameters.find(|(found, _)| *found == name).unwrap();
        let all = |tensor: &candle_core::Tensor| -> Vec<f64> {
            tensor.flatten_all().unwrap().to_vec1().unwrap()
        };
        let gradient = all(gradients.get(var.as_tensor()).unwrap());
        let values = all(var.as_tensor());
        let length = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        let shifted = |step: f64| {
            let along = values.iter().zip(&gradient);
            let moved: Vec<f64> = along.map(|(x, g)| x + step * g / length).collect();
            network.parameters().set(name, &moved).unwrap();
            loss().to_scalar::<f64>().unwrap()
        };
        let expected = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
        // truncation and cancellation, both about 1e-10; a maximum may switch
        assert_relative_eq!(length, expected, epsilon = 1e-8, max_relative = 1e-5);
    }
}

#[test]
fn a_loaded_network_predicts_the_same_bits() {
    let graphs = [graph_of(&complex()), graph_of(&vec![([1, 2, 2], None)])];
    let samples = Samples {
        graphs: &graphs,
        targets: &[1.0 / 3.0, -7.2],
    };
    let recipe = Recipe {
        epochs: 2,
        ..Recipe::default()
    };
    for config in networks() {
        let mut go_on = |_: &_| ControlFlow::Continue(());
        let trained = train(&config, &recipe, samples, None, 1, &mut go_on).unwrap();
        let text = toml::to_string(&trained.description()).unwrap();
        assert!(text.contains("shells = true"), "{text}");
        let description: Description = toml::from_str(&text).unwrap();
        let loaded = Trained::load(&description, &trained.weights().unwrap()).unwrap();
        assert_eq!(
            loaded.predict(&graphs).unwrap(),
            trained.predict(&graphs).unwrap()
        );
    }
}
