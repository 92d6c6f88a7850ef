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
use crate::parameters::Parameters;
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
    /// Builds the network with fresh weights.
    ///
    /// - `seed`: of the initial weights; equal seeds give equal networks.
    /// - `dtype`: `F32` to train, `F64` to check.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a setting out of its range.
    pub fn build(&self, seed: u64, dtype: DType) -> Result<Box<dyn Network>> {
        if !layers::is_supported(dtype) {
            return Err(Error::Setting {
                name: "the precision",
                expected: "f32 or f64",
                value: dtype.size_in_bytes() as f64 * 8.0,
            });
        }
        let parameters = Parameters::new(seed, dtype);
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

    /// What of an edge the network looks at.
    #[must_use]
    pub fn edge_geometry(&self) -> EdgeGeometry {
        match self {
            Self::MegNet(config) if config.heights => EdgeGeometry::LengthAndHeight,
            Self::MegNet(_) => EdgeGeometry::Length,
            Self::SchNet(config) => EdgeGeometry::LengthAndEnvironments {
                layers: config.blocks,
            },
            Self::GemNet(config) => EdgeGeometry::LengthAndAngles {
                neighbors: config.neighbors,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use crystal::{CrystalGraph, Element, Lattice, Site, Structure};

    use super::*;
    use crate::batch::FlatGraph;

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
            let network = config.build(1, DType::F64).unwrap();
            let flat = FlatGraph::new(&graph(), config.edge_geometry());
            let (shared, plain) = (Batch::new(&[&flat]), Batch::without_sharing(&[&flat]));
            assert!(shared.shapes() < plain.shapes() / 10);
            let evaluate = |batch| {
                let y = network.forward(batch).unwrap();
                let gradients = y.sum_all().unwrap().backward().unwrap();
                (y.to_vec1::<f64>().unwrap()[0], gradients)
            };
            let ((shared, gradients), (plain, expected)) = (evaluate(&shared), evaluate(&plain));
            assert_relative_eq!(shared, plain, max_relative = 1e-12);
            for (_, var) in network.parameters().iter() {
                let Some(expected) = expected.get(var.as_tensor()) else {
                    continue;
                };
                let difference = (gradients.get(var.as_tensor()).unwrap() - expected).unwrap();
                let norm = |t: &Tensor| {
                    t.sqr()
                        .unwrap()
                        .sum_all()
                        .unwrap()
                        .to_scalar::<f64>()
                        .unwrap()
                        .sqrt()
                };
                assert!(norm(&difference) <= 1e-10 * norm(expected).max(1e-3));
            }
        }
    }
}
