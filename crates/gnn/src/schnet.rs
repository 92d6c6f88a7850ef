//! SchNet: atoms that listen to their neighbours through learned filters.
//!
//! With `x_i` the features of atom `i`, `d_ij` the distance of a neighbour
//! (every periodic image is a neighbour of its own), `ssp(x) = ln(½ eˣ + ½)` and
//! `c` the cosine cutoff, one interaction is
//!
//! ```text
//! x_i   = E[Z_i]                                          (N, h)
//! w(d)  = (ssp(g(d) V₁ + b₁) V₂ + b₂) c(d)                (U, f)   g: K Gaussians
//! m_i   = Σ_j (x_j W_in) ⊙ w(d_ij)                        (N, f)
//! x_i  ← x_i + ssp(m_i W₂ + b) W₃ + b'                    (N, h)
//! ```
//!
//! and the prediction is the mean (or another [`Readout`]) over atoms of
//! `ssp(x_i A + a) B + b`, with `A` of shape `(h, h/2)`.
//!
//! Of a node only the species now counts; on a graph of defects alone, where
//! what was there before matters as much, use a MEGNet.
//!
//! Filters depend on the length alone: they are computed for the `U` different
//! shapes of edges, not for the `E` edges. What an atom knows depends on what it
//! has seen: rows are computed for the different environments after each layer,
//! not for the `N` atoms (see `batch::environments`).
//!
//! # Source
//!
//! Schütt et al., *NeurIPS* (2017) and *J. Chem. Phys.* **148**, 241722 (2018);
//! layers, their order and initial values as in PyTorch Geometric; other than
//! there, periodic images are neighbours and their number has no limit of 32, unless
//! the settings say so.

use std::sync::Arc;

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use crate::batch::{Batch, Links};
use crate::layers::{Embedding, Linear, Start, weight};
use crate::network::Network;
use crate::ops::{Activation, convolve};
use crate::parameters::{Parameters, constant, indices};
use crate::radial::{GaussianBasis, cosine_cutoff, positive};
use crate::readout::Readout;
use crate::{Error, Result};

/// Settings of a [`SchNet`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SchNetConfig {
    /// Å.
    pub cutoff: f64,
    /// Features of an atom, `h`; even.
    pub width: usize,
    /// Features of a filter, `f`.
    pub filters: usize,
    /// Number of interactions.
    pub blocks: usize,
    /// Number of Gaussians, `K`.
    pub gaussians: usize,
    /// Whether periodic images are neighbours; if not, the cell is a molecule.
    pub images: bool,
    /// Of each atom only the nearest so many neighbours are heard, and those that are
    /// as near as the last of them; all if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub neighbors: Option<usize>,
    /// How atoms become a structure.
    pub readout: Readout,
    /// Rows of the embedding: one more than the heaviest atomic number.
    pub species: usize,
}

impl Default for SchNetConfig {
    /// [`small`](Self::small).
    fn default() -> Self {
        Self::small()
    }
}

impl SchNetConfig {
    /// The defaults of the reference implementation (455,809 parameters), with
    /// a mean in the end.
    #[must_use]
    pub fn published() -> Self {
        Self {
            cutoff: 10.0,
            width: 128,
            filters: 128,
            blocks: 6,
            gaussians: 50,
            images: true,
            neighbors: None,
            readout: Readout::Mean,
            species: 100,
        }
    }

    /// The network of Kazeev et al., *npj Comput. Mater.* **9**, 113 (2023), for
    /// the formation energy per site. As in the library that they used, there are no
    /// periodic images, and 32 neighbours of an atom at most; which ones, of more, is
    /// left open there.
    #[must_use]
    pub fn published_energy() -> Self {
        Self {
            cutoff: 8.0,
            width: 256,
            filters: 128,
            blocks: 8,
            gaussians: 20,
            images: false,
            neighbors: Some(32),
            ..Self::published()
        }
    }

    /// The same for the gap.
    #[must_use]
    pub fn published_gap() -> Self {
        Self {
            cutoff: 10.0,
            width: 128,
            filters: 32,
            blocks: 4,
            gaussians: 40,
            ..Self::published_energy()
        }
    }

    /// For few structures on a CPU: 68 thousand parameters, 5 Å.
    #[must_use]
    pub fn small() -> Self {
        Self {
            cutoff: 5.0,
            width: 64,
            filters: 64,
            blocks: 3,
            ..Self::published()
        }
    }

    fn check(&self) -> Result<()> {
        positive("the cutoff", self.cutoff)?;
        let counts = [
            ("the number of filters", self.filters),
            ("the number of blocks", self.blocks),
            ("the number of species", self.species),
            ("the number of neighbours", self.neighbors.unwrap_or(1)),
        ];
        for (name, count) in counts {
            positive(name, count as f64)?;
        }
        if self.width < 2 || !self.width.is_multiple_of(2) {
            return Err(Error::Setting {
                name: "the width of a SchNet",
                expected: "even and positive",
                value: self.width as f64,
            });
        }
        Ok(())
    }
}

/// The network of the module's equations.
#[derive(Debug)]
pub struct SchNet {
    config: SchNetConfig,
    basis: GaussianBasis,
    embedding: Embedding,
    interactions: Vec<Interaction>,
    head: [Linear; 2],
    parameters: Parameters,
}

impl SchNet {
    pub(crate) fn new(config: &SchNetConfig, mut parameters: Parameters) -> Result<Self> {
        config.check()?;
        let p = &mut parameters;
        let embedding = Embedding::new(p, "embedding", [config.species, config.width])?;
        let interactions = (0..config.blocks)
            .map(|block| Interaction::new(config, p, &format!("interactions.{block}")))
            .collect::<Result<_>>()?;
        let [h, half] = [config.width, config.width / 2];
        let mut layer = |name, shape, act| Linear::new(p, name, shape, act, Start::Glorot);
        let head = [
            layer("head.0", [h, half], Activation::ShiftedSoftplus)?,
            layer("head.1", [half, 1], Activation::Identity)?,
        ];
        Ok(Self {
            basis: GaussianBasis::overlapping(config.cutoff, config.gaussians)?,
            config: config.clone(),
            embedding,
            interactions,
            head,
            parameters,
        })
    }
}

impl Network for SchNet {
    fn forward(&self, batch: &Batch) -> Result<Tensor> {
        let place = self.parameters.place();
        let shape = [batch.shapes(), self.basis.dim()];
        let gaussians = constant(&self.basis.expand(&batch.lengths), &shape, place)?;
        let cutoff: Vec<f64> = batch
            .lengths
            .iter()
            .map(|&d| cosine_cutoff(d, self.config.cutoff))
            .collect();
        let cutoff = Arc::new(cutoff);
        let Some(environments) = &batch.environments else {
            return Err(Error::Geometry {
                missing: "environments",
            });
        };
        let mut x = self.embedding.forward(&environments.species)?;
        for (interaction, layer) in self.interactions.iter().zip(&environments.layers) {
            let heard = interaction.forward(&x, &gaussians, &cutoff, &layer.links)?;
            x = (x.index_select(&indices(&layer.own, &place.device)?, 0)? + heard)?;
        }
        let atoms = self.head[1].forward(&self.head[0].forward(&x)?)?;
        let atoms = atoms.index_select(&indices(&environments.of_nodes, &place.device)?, 0)?;
        self.config.readout.of(&atoms, batch)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

#[derive(Debug)]
struct Interaction {
    filter: [Linear; 2],
    inward: Tensor,
    outward: [Linear; 2],
}

impl Interaction {
    fn new(config: &SchNetConfig, parameters: &mut Parameters, name: &str) -> Result<Self> {
        let (h, f) = (config.width, config.filters);
        let inward = weight(parameters, &format!("{name}.inward"), [h, f], Start::Glorot)?;
        let mut layer = |part: &str, shape, activation| {
            Linear::new(
                parameters,
                &format!("{name}.{part}"),
                shape,
                activation,
                Start::Glorot,
            )
        };
        Ok(Self {
            filter: [
                layer(
                    "filter.0",
                    [config.gaussians, f],
                    Activation::ShiftedSoftplus,
                )?,
                layer("filter.1", [f, f], Activation::Identity)?,
            ],
            inward,
            outward: [
                layer("outward.0", [f, h], Activation::ShiftedSoftplus)?,
                layer("outward.1", [h, h], Activation::Identity)?,
            ],
        })
    }

    fn forward(
        &self,
        x: &Tensor,
        gaussians: &Tensor,
        cutoff: &Arc<Vec<f64>>,
        links: &Arc<Links>,
    ) -> Result<Tensor> {
        let [first, second] = &self.filter;
        let filters = second.forward(&first.forward_constant(gaussians)?)?;
        let messages = convolve(&x.matmul(&self.inward)?, &filters, cutoff, links)?;
        let [first, second] = &self.outward;
        second.forward(&first.forward(&messages)?)
    }
}
