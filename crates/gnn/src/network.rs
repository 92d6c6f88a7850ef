//! What a network is, and the list of those we have.
//!
//! # Where to start
//!
//! A new network is one file that implements [`Network`], and a variant of
//! [`NetworkConfig`]; the tests over all networks then run over it, too.

use candle_core::{DType, Tensor};

use crate::batch::{Batch, EdgeGeometry};
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

    /// What the network learns.
    fn parameters(&self) -> &Parameters;
}

/// Which network, and its settings.
#[derive(Debug, Clone, PartialEq)]
pub enum NetworkConfig {
    /// Edges, nodes and a state that update one another.
    MegNet(MegNetConfig),
    /// Continuous-filter convolutions.
    SchNet(SchNetConfig),
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
        })
    }

    /// The cutoff that graphs for this network should be made with, Å.
    #[must_use]
    pub fn cutoff(&self) -> f64 {
        match self {
            Self::MegNet(config) => config.cutoff,
            Self::SchNet(config) => config.cutoff,
        }
    }

    /// What of an edge the network looks at.
    #[must_use]
    pub fn edge_geometry(&self) -> EdgeGeometry {
        match self {
            Self::MegNet(config) if config.heights => EdgeGeometry::LengthAndHeight,
            Self::MegNet(_) | Self::SchNet(_) => EdgeGeometry::Length,
        }
    }
}
