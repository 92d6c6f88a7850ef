//! What a network is, and the list of those we have.
//!
//! # Where to start
//!
//! A new network is one file that implements [`Network`], and a variant of
//! [`NetworkConfig`]; the tests over all networks then run over it, too.

use candle_core::{DType, Tensor};
use serde::{Deserialize, Serialize};

use crate::batch::{Batch, EdgeGeometry};
use crate::gemnet::{GemNet, GemNetConfig};
use crate::megnet::{MegNet, MegNetConfig};
use crate::parameters::{Parameters, Place};
use crate::readout::Readout;
use crate::schnet::{SchNet, SchNetConfig};
use crate::{Error, Result, layers};

/// A function from graphs to one number each, with parameters.
pub trait Network: std::fmt::Debug + Send + Sync {
    /// The number of each graph, as a function of the parameters.
    ///
    /// - returns: `(G,)`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSpecies`] for an atom that the network has no embedding
    /// of.
    fn forward(&self, batch: &Batch) -> Result<Tensor>;

    /// Fits what is fitted to the weights before they are trained: the scale
    /// factors of a `GemNet`. Other networks have nothing of the kind.
    ///
    /// - `batch`: of training graphs.
    ///
    /// # Errors
    ///
    /// As [`forward`](Self::forward).
    fn prepare(&self, batch: &Batch) -> Result<()> {
        let _ = batch;
        Ok(())
    }

    /// What the network learns.
    fn parameters(&self) -> &Parameters;
}

/// Which network, and its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum NetworkConfig {
    /// Edges, nodes and a state that update one another.
    MegNet(MegNetConfig),
    /// Continuous-filter convolutions.
    SchNet(SchNetConfig),
    /// Messages along pairs of edges, with the angle between them.
    GemNet(GemNetConfig),
}

impl NetworkConfig {
    /// Builds the network with fresh weights, on the CPU.
    ///
    /// - `seed`: of the initial weights; equal seeds give equal networks.
    /// - `dtype`: `F32` to train, `F64` to check.
    ///
    /// # Errors
    ///
    /// As [`build_on`](Self::build_on).
    pub fn build(&self, seed: u64, dtype: DType) -> Result<Box<dyn Network>> {
        self.build_on(seed, Place::cpu(dtype))
    }

    /// The same anywhere; the weights do not depend on where.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a setting out of its range.
    pub fn build_on(&self, seed: u64, place: Place) -> Result<Box<dyn Network>> {
        if !layers::is_supported(place.dtype) {
            return Err(Error::Setting {
                name: "the precision",
                expected: "f32 or f64",
                value: place.dtype.size_in_bytes() as f64 * 8.0,
            });
        }
        let parameters = Parameters::new(seed, place);
        Ok(match self {
            Self::MegNet(config) => Box::new(MegNet::new(config, parameters)?),
            Self::SchNet(config) => Box::new(SchNet::new(config, parameters)?),
            Self::GemNet(config) => Box::new(GemNet::new(config, parameters)?),
        })
    }

    /// The cutoff that graphs for this network should be made with, Å.
    #[must_use]
    pub fn cutoff(&self) -> f64 {
        match self {
            Self::MegNet(config) => config.cutoff,
            Self::SchNet(config) => config.cutoff,
            Self::GemNet(config) => config.cutoff,
        }
    }

    /// Whether the network compares a graph with another, its
    /// [reference](crystal::Reference).
    #[must_use]
    pub fn compares(&self) -> bool {
        let readout = match self {
            Self::MegNet(config) => config.readout,
            Self::SchNet(config) => Some(config.readout),
            Self::GemNet(config) => Some(config.readout),
        };
        readout == Some(Readout::Difference)
    }

    /// What of an edge the network looks at.
    #[must_use]
    pub fn edge_geometry(&self) -> EdgeGeometry {
        match self {
            Self::MegNet(config) => EdgeGeometry::LengthAndSurroundings {
                heights: config.heights,
                shells: config.shells,
                layers: config.blocks,
            },
            Self::SchNet(config) => EdgeGeometry::LengthAndEnvironments {
                layers: config.blocks,
                images: config.images,
                neighbors: config.neighbors,
            },
            Self::GemNet(config) => EdgeGeometry::LengthAndAngles {
                neighbors: config.neighbors,
                layers: config.blocks,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use candle_core::backprop::GradStore;
    use crystal::{CrystalGraph, DefectCluster, Element, Lattice, Site, Structure};

    use super::*;
    use crate::batch::FlatGraph;
    use crate::ops::Pooling;

    /// Two planes of a square lattice: many edges, few shapes.
    fn graph() -> CrystalGraph {
        let lattice = Lattice::from_parameters([2.5, 2.5, 12.0], [90.0; 3]).unwrap();
        let site = |number, z| Site {
            element: Element::from_atomic_number(number).unwrap(),
            fractional: [0.0, 0.0, z],
        };
        let cell = Structure::new(lattice, vec![site(42, 0.4), site(16, 0.6)]).unwrap();
        CrystalGraph::of_structure(&cell.supercell([2, 2, 1]), 5.0).unwrap()
    }

    /// Vacancies in a row of a host, MoS2 or like it, in which like and unlike pairs of one length
    /// are on different shells: seen from Mo, sulphur is at 2 and 4 Å; seen from
    /// the first sulphur, the second is at 4 and 6 Å.
    fn vacancies([metal, chalcogen]: [u8; 2]) -> CrystalGraph {
        let lattice = Lattice::from_parameters([10.0, 11.0, 12.0], [90.0; 3]).unwrap();
        let site = |number, x| Site {
            element: Element::from_atomic_number(number).unwrap(),
            fractional: [x, 0.0, 0.5],
        };
        let sites = vec![site(metal, 0.0), site(chalcogen, 0.4), site(chalcogen, 0.8)];
        let host = Structure::new(lattice, sites).unwrap();
        let grown = host.supercell([2, 2, 1]);
        // one cell without its three atoms
        let kept = (0..12).filter(|index| index % 4 != 0);
        let kept = kept.map(|index| grown.sites()[index]).collect();
        let damaged = Structure::new(*grown.lattice(), kept).unwrap();
        let cluster = DefectCluster::find(&damaged, &host, [2, 2, 1]).unwrap();
        CrystalGraph::of_defects(&cluster, 12.0, [true, true, false]).unwrap()
    }

    fn batch(config: &NetworkConfig, graphs: &[CrystalGraph]) -> Batch {
        let flat = FlatGraph::several(graphs, config.edge_geometry());
        Batch::new(&flat.iter().collect::<Vec<_>>())
    }

    fn evaluate(network: &dyn Network, batch: &Batch) -> (f64, GradStore) {
        let y = network.forward(batch).unwrap().sum_all().unwrap();
        let gradients = y.backward().unwrap();
        let y = y.to_dtype(DType::F64).unwrap();
        (y.to_scalar::<f64>().unwrap(), gradients)
    }

    fn norm(tensor: &Tensor) -> f64 {
        let square = tensor.to_dtype(DType::F64).unwrap().sqr().unwrap();
        let square = square.sum_all().unwrap();
        square.to_scalar::<f64>().unwrap().sqrt()
    }

    /// Outputs and gradients with shapes that are shared, and without, in both precisions.
    fn assert_sharing_changes_nothing(config: &NetworkConfig, graphs: &[CrystalGraph]) {
        assert_sharing_changes_little(config, graphs, DType::F64, [1e-12, 1e-10]);
        assert_sharing_changes_little(config, graphs, DType::F32, [1e-4, 1e-3]);
    }

    /// - `allowed`: of outputs and gradients, relative.
    fn assert_sharing_changes_little(
        config: &NetworkConfig,
        graphs: &[CrystalGraph],
        dtype: DType,
        allowed: [f64; 2],
    ) {
        let network = config.build(1, dtype).unwrap();
        let flat = FlatGraph::several(graphs, config.edge_geometry());
        let flat: Vec<&FlatGraph> = flat.iter().collect();
        let (shared, plain) = (Batch::new(&flat), Batch::without_sharing(&flat));
        let (shared, gradients) = evaluate(&*network, &shared);
        let (plain, expected) = evaluate(&*network, &plain);
        assert_relative_eq!(shared, plain, max_relative = allowed[0]);
        for (_, var) in network.parameters().iter() {
            let Some(expected) = expected.get(var.as_tensor()) else {
                continue;
            };
            let difference = (gradients.get(var.as_tensor()).unwrap() - expected).unwrap();
            let largest = allowed[1] * norm(expected).max(1e-3);
            assert!(
                norm(&difference) <= largest,
                "{dtype:?} {}",
                norm(&difference) / largest
            );
        }
    }

    fn shapes(config: &NetworkConfig, graph: &CrystalGraph) -> [usize; 2] {
        let flat = FlatGraph::new(graph, config.edge_geometry());
        [Batch::new(&[&flat]), Batch::without_sharing(&[&flat])].map(|batch| batch.shapes())
    }

    #[test]
    fn shared_shapes_give_what_every_edge_for_itself_gives() {
        let configs = [
            NetworkConfig::MegNet(MegNetConfig::small()),
            NetworkConfig::MegNet(MegNetConfig::published_full()),
            NetworkConfig::SchNet(SchNetConfig::small()),
            NetworkConfig::GemNet(GemNetConfig {
                atom: 16,
                edge: 12,
                triplet: 6,
                bilinear: 5,
                ..GemNetConfig::small()
            }),
        ];
        for config in configs {
            let [shared, plain] = shapes(&config, &graph());
            assert!(shared < plain / 10);
            assert_sharing_changes_nothing(&config, &[graph()]);
        }
    }

    #[test]
    fn a_schnet_may_see_a_molecule_and_the_nearest_alone() {
        let edges = |graph: &CrystalGraph, images, neighbors| {
            let config = NetworkConfig::SchNet(SchNetConfig {
                images,
                neighbors,
                ..SchNetConfig::small()
            });
            FlatGraph::new(graph, config.edge_geometry()).edges()
        };
        // 6 × 6 atoms without the one in the corner
        let square = damaged(6);
        assert_eq!(edges(&square, true, None), 2 * (72 - 4));
        assert_eq!(edges(&square, false, None), 2 * (60 - 2));
        // all four are equally near
        assert_eq!(edges(&square, true, Some(1)), 2 * (72 - 4));
        // the atom of the other plane is the nearest of each of eight
        assert_eq!(edges(&graph(), true, Some(1)), 8);
    }

    /// A square lattice without one of its atoms.
    fn damaged(repeats: usize) -> CrystalGraph {
        let lattice = Lattice::from_parameters([2.5, 2.5, 12.0], [90.0; 3]).unwrap();
        let sites = vec![Site {
            element: Element::from_atomic_number(42).unwrap(),
            fractional: [0.0, 0.0, 0.5],
        }];
        let host = Structure::new(lattice, sites).unwrap();
        let grown = host.supercell([repeats, repeats, 1]);
        let damaged = Structure::new(*grown.lattice(), grown.sites()[1..].to_vec()).unwrap();
        CrystalGraph::of_structure(&damaged, 2.6).unwrap()
    }

    #[test]
    fn atoms_that_have_seen_the_same_are_one() {
        let graphs = [damaged(6), damaged(8), damaged(6)];
        let config = |readout, images| {
            NetworkConfig::SchNet(SchNetConfig {
                cutoff: 2.6,
                width: 8,
                filters: 6,
                readout,
                images,
                ..SchNetConfig::small()
            })
        };
        for readout in [Readout::Sum, Readout::Mean, Readout::Max] {
            for images in [true, false] {
                assert_sharing_changes_nothing(&config(readout, images), &graphs);
            }
        }
        let rows = |graphs: &[CrystalGraph]| -> Vec<usize> {
            let batch = batch(&config(Readout::Mean, true), graphs);
            let layers = batch.environments.unwrap().layers.into_iter();
            layers.map(|layer| layer.own.len()).collect()
        };
        // a neighbour of the vacancy has three neighbours, all others four; of these, two, one
        // or none are such
        assert_eq!(rows(&graphs[..1])[..2], [2, 4]);
        let [once, both] = [&graphs[..1], &[damaged(6), damaged(6)]].map(rows);
        assert_eq!(once, both);
        assert!(once[2] < graphs[0].node_count() / 4);
    }

    #[test]
    fn edges_that_have_heard_the_same_are_one() {
        let small = GemNetConfig {
            cutoff: 2.6,
            atom: 6,
            edge: 8,
            triplet: 4,
            bilinear: 3,
            radial: 4,
            ..GemNetConfig::small()
        };
        let config = NetworkConfig::GemNet(small);
        let graphs = [damaged(6), damaged(8), damaged(6)];
        assert_sharing_changes_nothing(&config, &graphs);
        let rows = |graphs: &[CrystalGraph]| -> Vec<usize> {
            let messages = batch(&config, graphs).messages.unwrap();
            let blocks = messages.blocks.iter().map(|block| &block.edges);
            let edges = std::iter::once(&messages.edges).chain(blocks);
            edges.map(|edges| edges.topology.edges()).collect()
        };
        // the vacancy has eight symmetries; the first block sees all that is two away
        assert_eq!(rows(&graphs[..1])[..2], [1, 9]);
        let [once, twice, both] = [&graphs[..1], &graphs[..2], &[damaged(6), damaged(6)]].map(rows);
        assert_eq!(once, both);
        assert!(once.is_sorted() && twice[3] > once[3] && twice[1] == once[1]);
        assert!(
            twice[3]
                < graphs[..2]
                    .iter()
                    .map(CrystalGraph::edge_count)
                    .sum::<usize>()
                    / 4
        );
    }

    #[test]
    fn nodes_and_edges_of_one_structure_that_have_heard_the_same_are_one() {
        let config = |node_pooling| MegNetConfig {
            cutoff: 2.6,
            width: 6,
            node_pooling,
            ..MegNetConfig::published_full()
        };
        let graphs = [damaged(6), damaged(8), damaged(6)];
        for pooling in [Pooling::Sum, Pooling::Mean, Pooling::Max] {
            let config = config(pooling);
            assert_sharing_changes_nothing(&NetworkConfig::MegNet(config.clone()), &graphs);
            for readout in [Readout::Sum, Readout::Mean, Readout::Max].map(Some) {
                let config = MegNetConfig {
                    readout,
                    ..config.clone()
                };
                assert_sharing_changes_nothing(&NetworkConfig::MegNet(config), &graphs);
            }
        }
        let rows = |graphs: &[CrystalGraph]| -> Vec<[usize; 2]> {
            let batch = batch(&NetworkConfig::MegNet(config(Pooling::Sum)), graphs);
            let blocks = batch.surroundings.unwrap().blocks.into_iter();
            let blocks = blocks.map(|block| [block.topology.edges(), block.own.len()]);
            blocks.collect()
        };
        // a neighbour of the vacancy has three neighbours, all other atoms four
        assert_eq!(rows(&graphs[..1])[0], [1, 2]);
        let [once, both] = [&graphs[..1], &[damaged(6), damaged(6)]].map(rows);
        assert_eq!(both[0], [1, 4]);
        for ([edges, nodes], both) in once.iter().zip(&both).skip(1) {
            assert_eq!([2 * edges, 2 * nodes], *both);
        }
        let most = [graphs[0].edge_count() / 4, graphs[0].node_count() / 4];
        assert!(once[2][0] < most[0] && once[2][1] < most[1], "{once:?}");
    }

    #[test]
    fn graphs_that_were_made_for_fewer_blocks_are_refused() {
        let config = |blocks| {
            NetworkConfig::MegNet(MegNetConfig {
                blocks,
                ..MegNetConfig::small()
            })
        };
        let network = config(2).build(1, DType::F64).unwrap();
        let flat = [2, 3].map(|blocks| FlatGraph::new(&graph(), config(blocks).edge_geometry()));
        for (graphs, is_refused) in [(vec![0, 0], false), (vec![1], true), (vec![0, 1], true)] {
            let graphs: Vec<&FlatGraph> = graphs.into_iter().map(|place| &flat[place]).collect();
            let outputs = network.forward(&Batch::new(&graphs));
            assert_eq!(matches!(outputs, Err(Error::Geometry { .. })), is_refused);
        }
    }

    #[test]
    fn scale_factors_do_not_depend_on_what_is_shared() {
        let config = NetworkConfig::GemNet(GemNetConfig::small());
        let flat = FlatGraph::new(&graph(), config.edge_geometry());
        let fitted = |batch: &Batch| -> Vec<f64> {
            let network = config.build(1, DType::F64).unwrap();
            network.prepare(batch).unwrap();
            let scales = network.parameters().iter();
            let scales = scales.filter(|(name, _)| name.ends_with("_scale"));
            scales
                .map(|(_, var)| var.as_tensor().to_vec1::<f64>().unwrap()[0])
                .collect()
        };
        let shared = fitted(&Batch::new(&[&flat]));
        let plain = fitted(&Batch::without_sharing(&[&flat]));
        assert_eq!(shared.len(), 13);
        for (shared, plain) in shared.iter().zip(&plain) {
            assert!(
                (0.01..100.0).contains(shared) && (shared - 1.0).abs() > 1e-9,
                "{shared}"
            );
            assert_relative_eq!(shared, plain, max_relative = 1e-8);
        }
    }

    #[test]
    fn edges_of_one_length_on_different_shells_are_of_different_shapes() {
        let with = |shells| {
            NetworkConfig::MegNet(MegNetConfig {
                shells,
                width: 16,
                ..MegNetConfig::published_sparse_gap()
            })
        };
        let graph = vacancies([42, 16]);
        let [blind, edges] = shapes(&with(false), &graph);
        let [seeing, _] = shapes(&with(true), &graph);
        assert!(blind < seeing && seeing < edges, "{blind} {seeing} {edges}");
    }

    /// What the first block makes of an edge is shared between structures, but not
    /// between hosts.
    #[test]
    fn alike_edges_of_one_host_are_one_pair() {
        let hosts = [[42, 16], [74, 34], [42, 16]];
        let config = |blocks| {
            NetworkConfig::MegNet(MegNetConfig {
                blocks,
                width: 16,
                ..MegNetConfig::published_sparse_energy()
            })
        };
        for blocks in 1..=3 {
            assert_sharing_changes_nothing(&config(blocks), &hosts.map(vacancies));
        }
        let pairs = |hosts: &[[u8; 2]]| {
            let graphs: Vec<CrystalGraph> = hosts.iter().copied().map(vacancies).collect();
            let rows = &batch(&config(1), &graphs).surroundings.unwrap().blocks[0];
            rows.topology.edges()
        };
        assert!(pairs(&hosts[..1]) < 20);
        assert_eq!(pairs(&hosts), 2 * pairs(&hosts[..1]));
    }
}
