//! Tests over all networks.

mod crystals;
mod golden;
mod gradients;
mod symmetry;
mod training;

use candle_core::DType;
use crystal::CrystalGraph;
use gnn::{Batch, FlatGraph, MegNetConfig, Network, NetworkConfig, Pooling, SchNetConfig, Species};

/// One small network of every kind, with means in the end; `5 Å`.
fn networks() -> Vec<NetworkConfig> {
    let megnet = MegNetConfig {
        width: 8,
        ..MegNetConfig::small()
    };
    let schnet = SchNetConfig {
        width: 8,
        filters: 6,
        blocks: 2,
        gaussians: 12,
        ..SchNetConfig::small()
    };
    vec![
        NetworkConfig::MegNet(megnet.clone()),
        NetworkConfig::MegNet(MegNetConfig {
            species: Species::Numbers,
            set2set_steps: 2,
            node_pooling: Pooling::Max,
            ..megnet
        }),
        NetworkConfig::SchNet(schnet),
    ]
}

fn outputs(network: &dyn Network, config: &NetworkConfig, graphs: &[CrystalGraph]) -> Vec<f64> {
    let flat: Vec<FlatGraph> = graphs
        .iter()
        .map(|graph| FlatGraph::new(graph, config.edge_geometry()))
        .collect();
    let batch = Batch::new(&flat.iter().collect::<Vec<_>>());
    let outputs = network.forward(&batch).unwrap();
    outputs.to_dtype(DType::F64).unwrap().to_vec1().unwrap()
}
