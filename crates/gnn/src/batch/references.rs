//! What graphs are compared with: a supercell with the same supercell before the defects.
//!
//! With a sum over atoms as readout, the prediction for a graph `g` and its reference `r` is
//!
//! ```text
//! y(g) = Σ_{i ∈ g} f_i - Σ_{i ∈ r} f_i
//! ```
//!
//! Of 192 atoms with two defects most see little of these: they say nearly the same in both, and
//! nearly cancel, whatever the weights are. Without the reference a training has to find weights
//! with which they do, and what defects change is a hundredth of what all say together.
//!
//! A reference is one more graph of the batch, once for all that share it. Its atoms have few
//! environments, so that it costs next to nothing where these are shared.

use std::collections::HashMap;
use std::sync::Arc;

use super::{FlatGraph, Members, to_u32};

/// Graphs, and after them, each once, those that they are compared with; and the nodes of
/// each of the former, those of its reference counted negatively.
pub(super) fn with_references<'a>(graphs: &[&'a FlatGraph]) -> (Vec<&'a FlatGraph>, Members) {
    let mut all = graphs.to_vec();
    let mut places: HashMap<*const FlatGraph, usize> = HashMap::new();
    for reference in graphs.iter().filter_map(|graph| graph.reference.as_ref()) {
        places.entry(Arc::as_ptr(reference)).or_insert_with(|| {
            all.push(reference);
            all.len() - 1
        });
    }
    let ends = all.iter().scan(0, |sum, graph| {
        *sum += to_u32(graph.nodes());
        Some(*sum)
    });
    let starts: Vec<u32> = std::iter::once(0).chain(ends).collect();
    let nodes = |place: usize| starts[place]..starts[place + 1];
    let mut members = Members::default();
    for (place, graph) in graphs.iter().enumerate() {
        let reference = graph.reference.as_ref().map(|r| places[&Arc::as_ptr(r)]);
        let reference = reference.map_or(0..0, nodes).map(|node| (node, -1.0));
        members.push(nodes(place).map(|node| (node, 1.0)).chain(reference));
    }
    (all, members)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use candle_core::DType;
    use crystal::{CrystalGraph, Element, Lattice, Site, Structure};

    use super::super::Batch;
    use super::*;
    use crate::{
        Error, GemNetConfig, MegNetConfig, NetworkConfig, Pooling, Recipe, Samples, SchNetConfig,
        train,
    };

    /// Two planes of a square lattice, `repeats` squared cells, with vacancies.
    fn supercell(repeats: usize, vacancies: &[usize]) -> CrystalGraph {
        let lattice = Lattice::from_parameters([2.5, 2.5, 12.0], [90.0; 3]).unwrap();
        let site = |number, z| Site {
            element: Element::from_atomic_number(number).unwrap(),
            fractional: [0.0, 0.0, z],
        };
        let cell = Structure::new(lattice, vec![site(42, 0.4), site(16, 0.6)]).unwrap();
        let grown = cell.supercell([repeats, repeats, 1]);
        let kept = (0..grown.sites().len()).filter(|site| !vacancies.contains(site));
        let kept = kept.map(|site| grown.sites()[site]).collect();
        let structure = Structure::new(*grown.lattice(), kept).unwrap();
        CrystalGraph::of_structure(&structure, 3.6).unwrap()
    }

    fn networks(readout: Pooling) -> [NetworkConfig; 2] {
        [
            NetworkConfig::SchNet(SchNetConfig {
                cutoff: 3.6,
                width: 8,
                filters: 6,
                readout,
                ..SchNetConfig::small()
            }),
            NetworkConfig::GemNet(GemNetConfig {
                cutoff: 3.6,
                atom: 6,
                edge: 8,
                triplet: 4,
                bilinear: 3,
                radial: 4,
                blocks: 2,
                readout,
                ..GemNetConfig::small()
            }),
        ]
    }

    /// Vacancies in two supercells, compared with these.
    fn compared() -> Vec<CrystalGraph> {
        let hosts = [4, 5].map(|repeats| Arc::new(supercell(repeats, &[])));
        let places: [(usize, &[usize]); 4] = [(0, &[3]), (1, &[0, 30]), (0, &[1, 17]), (0, &[])];
        let graph = |&(host, vacancies): &(usize, &[usize])| {
            supercell(host + 4, vacancies).less(hosts[host].clone())
        };
        places.iter().map(graph).collect()
    }

    #[test]
    fn the_prediction_is_the_difference_to_the_reference() {
        let graphs = compared();
        for config in networks(Pooling::Sum) {
            let network = config.build(3, DType::F64).unwrap();
            let outputs = |batch: &Batch| -> Vec<f64> {
                let outputs = network.forward(batch).unwrap();
                outputs.to_vec1().unwrap()
            };
            let flat = FlatGraph::several(&graphs, config.edge_geometry());
            let flat: Vec<&FlatGraph> = flat.iter().collect();
            let batch = Batch::new(&flat);
            // two references for four graphs
            assert_eq!(
                (batch.graphs(), batch.nodes()),
                (4, 31 + 48 + 30 + 32 + 32 + 50)
            );
            let shared = outputs(&batch);
            let plain = outputs(&Batch::without_sharing(&flat));
            let alone = |graph: &CrystalGraph| {
                outputs(&Batch::new(&[&FlatGraph::new(
                    graph,
                    config.edge_geometry(),
                )]))[0]
            };
            for ((graph, shared), plain) in graphs.iter().zip(&shared).zip(&plain) {
                let expected = alone(graph) - alone(graph.reference().unwrap());
                assert_relative_eq!(*shared, expected, epsilon = 1e-10);
                assert_relative_eq!(*plain, expected, epsilon = 1e-10);
            }
            assert!(shared[..3].iter().all(|y| y.abs() > 1e-6) && shared[3].abs() < 1e-10);
        }
    }

    #[test]
    fn what_does_not_add_up_over_atoms_is_refused() {
        let graphs = compared();
        let mut configs = networks(Pooling::Mean).to_vec();
        configs.push(NetworkConfig::MegNet(MegNetConfig::small()));
        let samples = Samples {
            graphs: &graphs,
            targets: &[0.0, 1.0, 2.0, 3.0],
        };
        for config in configs {
            let trained = train(&config, &Recipe::default(), samples, None, 1, &mut |_| {
                std::ops::ControlFlow::Break(())
            });
            assert!(matches!(trained.unwrap_err(), Error::NoDifference));
        }
    }
}
