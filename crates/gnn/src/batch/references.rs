//! What graphs are compared with: a supercell with the same supercell before the defects.
//!
//! With [`Readout::Difference`](crate::Readout::Difference) a graph `g` with the reference `r`
//! and the divisor `d` has
//!
//! ```text
//! y(g) = (Σ_{i ∈ g} f_i - Σ_{i ∈ r} f_i) / d
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

/// Graphs, and after them, each once, those that they are compared with; and of each of the
/// former the places of both, those of the latter counted negatively, divided by the divisor.
pub(super) fn with_references<'a>(graphs: &[&'a FlatGraph]) -> (Vec<&'a FlatGraph>, Members) {
    let mut all = graphs.to_vec();
    let mut places: HashMap<*const FlatGraph, usize> = HashMap::new();
    for (reference, _) in graphs.iter().filter_map(|graph| graph.reference.as_ref()) {
        places.entry(Arc::as_ptr(reference)).or_insert_with(|| {
            all.push(reference);
            all.len() - 1
        });
    }
    let mut compared = Members::default();
    for (place, graph) in graphs.iter().enumerate() {
        let reference = graph.reference.as_ref().map(|(reference, divisor)| {
            let place = places[&Arc::as_ptr(reference)];
            (to_u32(place), -1.0 / divisor)
        });
        let count = reference.map_or(1.0, |(_, count)| -count);
        compared.push(std::iter::once((to_u32(place), count)).chain(reference));
    }
    (all, compared)
}

/// The nodes of each graph and of what it is compared with.
///
/// - `compared`: of each graph, as [`with_references`] says.
pub(super) fn nodes_of(all: &[&FlatGraph], compared: &Members) -> Members {
    let ends = all.iter().scan(0, |sum, graph| {
        *sum += to_u32(graph.nodes());
        Some(*sum)
    });
    let starts: Vec<u32> = std::iter::once(0).chain(ends).collect();
    let mut members = Members::default();
    for (places, counts) in compared.iter() {
        let parts = places.iter().zip(counts).flat_map(|(&place, &count)| {
            let nodes = starts[place as usize]..starts[place as usize + 1];
            nodes.map(move |node| (node, count))
        });
        members.push(parts);
    }
    members
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use candle_core::DType;
    use crystal::{CrystalGraph, Element, Lattice, Reference, Site, Structure};

    use super::super::Batch;
    use super::*;
    use crate::{
        Error, GemNetConfig, MegNetConfig, NetworkConfig, Readout, Recipe, Samples, SchNetConfig,
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

    fn networks(readout: Readout) -> [NetworkConfig; 3] {
        [
            NetworkConfig::MegNet(MegNetConfig {
                cutoff: 3.6,
                width: 6,
                gaussians: 5,
                readout: Some(readout),
                ..MegNetConfig::small()
            }),
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
            supercell(host + 4, vacancies).less(Reference {
                graph: hosts[host].clone(),
                divisor: vacancies.len().max(1) as f64,
            })
        };
        places.iter().map(graph).collect()
    }

    #[test]
    fn what_a_graph_starts_from_is_that_of_its_reference() {
        let host = supercell(4, &[]);
        let without_sulphur: Vec<usize> = (16..32).collect();
        let graph = supercell(4, &without_sulphur).less(Reference {
            graph: Arc::new(host),
            divisor: 1.0,
        });
        let geometry = networks(Readout::Difference)[0].edge_geometry();
        assert_eq!(FlatGraph::new(&graph, geometry).elements, [42, 42]);
        assert_eq!(FlatGraph::several(&[graph], geometry)[0].elements, [16, 42]);
    }

    #[test]
    fn the_prediction_is_the_difference_to_the_reference() {
        let graphs = compared();
        for config in networks(Readout::Difference) {
            let network = config.build(3, DType::F64).unwrap();
            let outputs = |batch: &Batch| -> Vec<f64> {
                let outputs = network.forward(batch).unwrap();
                outputs.to_vec1().unwrap()
            };
            let flat = FlatGraph::several(&graphs, config.edge_geometry());
            let flat: Vec<&FlatGraph> = flat.iter().collect();
            let batch = Batch::new(&flat);
            // two references for four graphs
            let nodes = 31 + 48 + 30 + 32 + 32 + 50;
            assert_eq!((batch.graphs(), batch.nodes()), (4, nodes));
            let shared = outputs(&batch);
            let plain = outputs(&Batch::without_sharing(&flat));
            // without a reference it is a sum
            let alone = |graph: &CrystalGraph| {
                let flat = FlatGraph::new(graph, config.edge_geometry());
                outputs(&Batch::new(&[&flat]))[0]
            };
            for ((graph, shared), plain) in graphs.iter().zip(&shared).zip(&plain) {
                let reference = graph.reference().unwrap();
                let expected = (alone(graph) - alone(&reference.graph)) / reference.divisor;
                assert_relative_eq!(*shared, expected, epsilon = 1e-10);
                assert_relative_eq!(*plain, expected, epsilon = 1e-10);
            }
            assert!(shared[..3].iter().all(|y| y.abs() > 1e-6) && shared[3].abs() < 1e-10);
        }
    }

    /// Training of one epoch, and prediction.
    fn learnt(config: &NetworkConfig, graphs: &[CrystalGraph]) -> crate::Result<Vec<f64>> {
        let samples = Samples {
            graphs,
            targets: &[0.0, 1.0, 2.0, 3.0],
        };
        let recipe = Recipe {
            epochs: 1,
            parts: 2,
            ..Recipe::default()
        };
        let trained = train(config, &recipe, samples, None, 1, &mut |_| {
            std::ops::ControlFlow::Continue(())
        })?;
        let mut without = graphs.to_vec();
        without[1] = supercell(5, &[0, 30]);
        let refused = trained.predict(&without).unwrap_err();
        assert!(matches!(
            refused,
            Error::Reference {
                index: 1,
                expected: true
            }
        ));
        trained.predict(graphs)
    }

    #[test]
    fn a_network_that_compares_wants_references_and_no_other_does() {
        let graphs = compared();
        for config in networks(Readout::Difference) {
            let predicted = learnt(&config, &graphs).unwrap();
            // in single precision; without defects it is the mean of the targets
            assert_relative_eq!(predicted[3], 1.5, epsilon = 1e-4);
            assert!((predicted[0] - 1.5).abs() > 1e-3);
        }
        let mut others = networks(Readout::Sum).to_vec();
        others.push(NetworkConfig::MegNet(MegNetConfig::small()));
        for config in others {
            let refused = learnt(&config, &graphs).unwrap_err();
            assert!(matches!(
                refused,
                Error::Reference {
                    index: 0,
                    expected: false
                }
            ));
        }
    }
}
