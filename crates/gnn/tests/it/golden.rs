//! Outputs and gradients against an independent implementation in PyTorch.
//!
//! `tests/reference/golden.json` was written by `make_golden.py` beside it, which
//! says how. The script works in double precision, this side in both.

use std::collections::BTreeMap;
use std::sync::Arc;

use approx::{assert_abs_diff_eq, assert_relative_eq};
use candle_core::DType;
use crystal::{CrystalGraph, DefectCluster, Reference, Site, Structure};
use gnn::{
    Batch, FlatGraph, GemNetConfig, MegNetConfig, Network, NetworkConfig, Pooling, RadialBasis,
    Readout, SchNetConfig, Species, State,
};

use crate::crystals::{element, graphs, layer, lonely, one_atom, skewed};

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    parameters: usize,
    edges: Vec<usize>,
    outputs: Vec<f64>,
    /// Norm, and product with a fixed direction.
    gradients: BTreeMap<String, [f64; 2]>,
}

/// The settings at the end of the script.
fn config(name: &str) -> NetworkConfig {
    let megnet = MegNetConfig {
        cutoff: 4.5,
        width: 4,
        blocks: 2,
        gaussians: 5,
        state: State::Elements,
        ..MegNetConfig::published_full()
    };
    match name {
        "schnet" => NetworkConfig::SchNet(schnet()),
        "schnet-molecule" => NetworkConfig::SchNet(SchNetConfig {
            images: false,
            readout: Readout::Max,
            ..schnet()
        }),
        "schnet-nearest" => NetworkConfig::SchNet(SchNetConfig {
            neighbors: Some(5),
            readout: Readout::Sum,
            ..schnet()
        }),
        "schnet-difference" => NetworkConfig::SchNet(SchNetConfig {
            readout: Readout::Difference,
            ..schnet()
        }),
        "gemnet" => NetworkConfig::GemNet(gemnet()),
        "gemnet-bessel" => NetworkConfig::GemNet(GemNetConfig {
            radial_basis: RadialBasis::Bessel,
            readout: Readout::Sum,
            envelope: 3,
            spherical: 7,
            ..gemnet()
        }),
        "gemnet-nearest" => NetworkConfig::GemNet(GemNetConfig {
            neighbors: 5,
            ..gemnet()
        }),
        "gemnet-difference" => NetworkConfig::GemNet(GemNetConfig {
            readout: Readout::Difference,
            ..gemnet()
        }),
        "megnet-full" => NetworkConfig::MegNet(megnet),
        "megnet-embedded" => NetworkConfig::MegNet(MegNetConfig {
            heights: false,
            species: Species::Embedded(3),
            state: State::Zero,
            set2set_steps: 3,
            node_pooling: Pooling::Mean,
            state_pooling: Pooling::Mean,
            ..megnet
        }),
        "megnet-difference" => NetworkConfig::MegNet(MegNetConfig {
            readout: Some(Readout::Difference),
            ..megnet
        }),
        "megnet-sparse" => NetworkConfig::MegNet(MegNetConfig {
            cutoff: 12.0,
            node_pooling: Pooling::Max,
            ..megnet
        }),
        "megnet-shells" => NetworkConfig::MegNet(MegNetConfig {
            cutoff: 12.0,
            node_pooling: Pooling::Mean,
            state_pooling: Pooling::Mean,
            shells: true,
            ..megnet
        }),
        "megnet-gap" => NetworkConfig::MegNet(MegNetConfig {
            cutoff: 12.0,
            state_pooling: Pooling::Mean,
            shells: true,
            ..megnet
        }),
        other => panic!("the test does not know `{other}`"),
    }
}

fn schnet() -> SchNetConfig {
    SchNetConfig {
        cutoff: 4.5,
        width: 6,
        filters: 5,
        blocks: 2,
        gaussians: 7,
        ..SchNetConfig::published()
    }
}

fn gemnet() -> GemNetConfig {
    GemNetConfig {
        cutoff: 4.5,
        atom: 5,
        edge: 6,
        triplet: 4,
        bilinear: 3,
        radial: 8,
        radial_embedding: 3,
        circular_embedding: 2,
        spherical: 4,
        blocks: 2,
        atom_layers: 2,
        species: 43,
        ..GemNetConfig::small()
    }
}

/// A 4x4 layer whose sites at `(unit site, i, j)` are replaced or removed.
fn defects(changes: &[([usize; 3], Option<u8>)]) -> CrystalGraph {
    let grown = layer().supercell([4, 4, 1]);
    let mut sites: Vec<Option<Site>> = grown.sites().iter().copied().map(Some).collect();
    for &([unit_site, i, j], now) in changes {
        let site = &mut sites[16 * unit_site + 4 * i + j];
        *site = now.map(|number| Site {
            element: element(number),
            ..site.unwrap()
        });
    }
    let damaged = Structure::new(*grown.lattice(), sites.into_iter().flatten().collect()).unwrap();
    let cluster = DefectCluster::find(&damaged, &layer(), [4, 4, 1]).unwrap();
    CrystalGraph::of_defects(&cluster, 12.0, [true; 3]).unwrap()
}

/// The skewed cell without an atom, and with another in its place, less itself.
fn changed() -> Vec<CrystalGraph> {
    let host = skewed();
    let made = |sites: &[Site]| Structure::new(*host.lattice(), sites.to_vec()).unwrap();
    let mut sites = host.sites().to_vec();
    sites[2].element = element(34);
    let [host, without, with] = [host.sites(), &sites[..2], &sites].map(made);
    let graph = |structure| CrystalGraph::of_structure(structure, 4.5).unwrap();
    let host = Arc::new(graph(&host));
    let less = |structure, divisor| {
        graph(structure).less(Reference {
            graph: host.clone(),
            divisor,
        })
    };
    vec![less(&without, 1.0), less(&with, 3.0)]
}

fn inputs(name: &str) -> Vec<CrystalGraph> {
    let single = || defects(&[([1, 1, 1], None)]);
    let triple = || defects(&[([0, 0, 1], None), ([1, 3, 2], Some(34)), ([2, 1, 1], None)]);
    let crowd = || {
        defects(&[
            ([0, 0, 0], None),
            ([0, 0, 1], Some(74)),
            ([0, 2, 3], None),
            ([1, 0, 0], None),
            ([1, 1, 0], Some(34)),
            ([1, 3, 1], None),
            ([2, 0, 0], None),
            ([2, 2, 2], Some(34)),
        ])
    };
    match name {
        "megnet-sparse" => vec![single(), triple()],
        "megnet-shells" | "megnet-gap" => vec![single(), triple(), crowd()],
        "schnet-difference" | "megnet-difference" | "gemnet-difference" => changed(),
        _ => graphs(&[skewed(), one_atom(), lonely()], 4.5),
    }
}

/// The network of a case with the script's weights.
fn network(config: &NetworkConfig, dtype: DType) -> Box<dyn Network> {
    let network = config.build(0, dtype).unwrap();
    let amplitude = match config {
        NetworkConfig::GemNet(_) => 0.6,
        NetworkConfig::MegNet(_) | NetworkConfig::SchNet(_) => 0.3,
    };
    let mut first = 0;
    for (name, var) in network.parameters().iter() {
        let values: Vec<f64> = (first..first + var.elem_count())
            .map(|i| amplitude * (1.3 * i as f64 + 0.5).sin())
            .collect();
        first += values.len();
        network.parameters().set(name, &values).unwrap();
    }
    network
}

fn assert_agrees(case: &Case, dtype: DType, tolerance: f64) {
    let config = config(&case.name);
    let network = network(&config, dtype);
    let count = network.parameters().count();
    assert_eq!(count, case.parameters, "{}", case.name);

    let graphs = inputs(&case.name);
    let flat = FlatGraph::several(&graphs, config.edge_geometry());
    let edges: Vec<usize> = flat.iter().map(FlatGraph::edges).collect();
    assert_eq!(edges, case.edges, "{}", case.name);
    let outputs = network
        .forward(&Batch::new(&flat.iter().collect::<Vec<_>>()))
        .unwrap();
    let outputs = outputs.to_dtype(DType::F64).unwrap();
    for (got, expected) in outputs.to_vec1::<f64>().unwrap().iter().zip(&case.outputs) {
        assert_relative_eq!(got, expected, max_relative = tolerance);
    }

    // the script differentiates Σ (1 + graph) output
    let rows = (0..graphs.len()).map(|i| outputs.get(i).unwrap());
    let weighted = rows
        .enumerate()
        .map(|(i, y)| (y * (1.0 + i as f64)).unwrap());
    let loss = weighted.reduce(|a, b| (a + b).unwrap()).unwrap();
    let gradients = loss.backward().unwrap();
    for (name, var) in network.parameters().iter() {
        let gradient: Vec<f64> = gradients.get(var.as_tensor()).map_or(Vec::new(), |g| {
            let flat = g.to_dtype(DType::F64).unwrap().flatten_all().unwrap();
            flat.to_vec1().unwrap()
        });
        let [norm, along] = case.gradients[name];
        let allowed = tolerance * norm.max(1e-3);
        for (got, expected) in shadow(&gradient).into_iter().zip([norm, along]) {
            assert_abs_diff_eq!(got, expected, epsilon = allowed);
        }
    }
}

/// Norm, and product with the script's direction, which sees signs and places.
fn shadow(gradient: &[f64]) -> [f64; 2] {
    let squares = gradient.iter().map(|g| g * g);
    let along = (0_u32..).zip(gradient);
    let along = along.map(|(i, g)| g * (0.7 * f64::from(i) + 0.2).cos());
    [squares.sum::<f64>().sqrt(), along.sum()]
}

#[test]
fn outputs_and_gradients_agree_with_pytorch() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../reference/golden.json")).unwrap();
    assert_eq!(cases.len(), 14);
    for case in cases {
        // rounding, some ten layers deep; GemNet multiplies most in a row, and what is left of
        // two sums of a MEGNet has lost a digit
        let rounded = case.name.starts_with("gemnet") || case.name == "megnet-difference";
        let single = if rounded { 1e-4 } else { 1e-5 };
        assert_agrees(&case, DType::F64, 1e-10);
        assert_agrees(&case, DType::F32, single);
    }
}
