//! Tests over all networks.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod crystals;
mod golden;
mod gradients;
mod saved;
mod shells;
mod symmetry;
mod threads;
mod training;

use candle_core::DType;
use crystal::CrystalGraph;
use gnn::{
    Batch, FlatGraph, GemNetConfig, MegNetConfig, Network, NetworkConfig, Readout, SchNetConfig,
};

/// One small network of every kind, blind to the size of the cell; 5 Å.
fn networks() -> Vec<NetworkConfig> {
    let small = MegNetConfig {
        width: 16,
        ..MegNetConfig::small()
    };
    let published = MegNetConfig {
        set2set_steps: 2,
        ..MegNetConfig::published_full()
    };
    let of_atoms = MegNetConfig {
        readout: Some(Readout::Mean),
        ..small.clone()
    };
    let schnet = SchNetConfig {
        width: 8,
        filters: 6,
        blocks: 2,
        gaussians: 12,
        ..SchNetConfig::small()
    };
    let gemnet = GemNetConfig {
        atom: 12,
        edge: 16,
        triplet: 6,
        bilinear: 8,
        radial: 12,
        radial_embedding: 7,
        circular_embedding: 5,
        spherical: 4,
        blocks: 2,
        after_skip: 1,
        atom_layers: 1,
        ..GemNetConfig::small()
    };
    vec![
        NetworkConfig::MegNet(small),
        NetworkConfig::MegNet(published),
        NetworkConfig::SchNet(schnet),
        NetworkConfig::MegNet(of_atoms),
        NetworkConfig::GemNet(gemnet),
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
