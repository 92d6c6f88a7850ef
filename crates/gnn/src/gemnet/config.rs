//! Settings, and those of the literature.

use serde::{Deserialize, Serialize};

use crate::radial::positive;
use crate::readout::Readout;
use crate::{Error, Result};

/// Functions of the distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RadialBasis {
    /// Gaussians, each as wide as the step to the next, from 0 to the cutoff.
    Gaussian,
    /// Spherical Bessel functions of order 0 that vanish at the cutoff.
    Bessel,
}

/// Settings of a [`GemNet`](crate::GemNet).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GemNetConfig {
    /// Å.
    pub cutoff: f64,
    /// Most neighbours of an atom; see
    /// [`EdgeGeometry::LengthAndAngles`](crate::EdgeGeometry::LengthAndAngles).
    pub neighbors: usize,
    /// Features of an atom.
    pub atom: usize,
    /// Features of an edge.
    pub edge: usize,
    /// Features of an edge while it is sent along triplets.
    pub triplet: usize,
    /// Features of an edge after the bilinear map.
    pub bilinear: usize,
    /// Features that the radial basis is first mapped to.
    pub radial_embedding: usize,
    /// The same for the basis of distance and angle.
    pub circular_embedding: usize,
    /// Which functions of the distance.
    pub radial_basis: RadialBasis,
    /// Their number.
    pub radial: usize,
    /// Exponent of the envelope that lets them vanish at the cutoff.
    pub envelope: u32,
    /// Number of functions of the angle.
    pub spherical: usize,
    /// Number of interactions.
    pub blocks: usize,
    /// Residual layers of edges before the skip connection of a block.
    pub before_skip: usize,
    /// The same after it.
    pub after_skip: usize,
    /// Residual layers of edges after they have seen their atoms.
    pub concat: usize,
    /// Residual layers of atoms.
    pub atom_layers: usize,
    /// How atoms become a structure.
    pub readout: Readout,
    /// Rows of the embedding: one more than the heaviest atomic number.
    pub species: usize,
}

impl Default for GemNetConfig {
    /// [`small`](Self::small).
    fn default() -> Self {
        Self::small()
    }
}

impl GemNetConfig {
    /// The settings of the comparison on 2D materials with defects: 24,296,973
    /// numbers, 13 of which are scale factors. Atoms are summed, whatever the
    /// target.
    ///
    /// # Source
    ///
    /// Kazeev et al., *npj Comput. Mater.* **9**, 113 (2023): the template from
    /// which their code made the trials.
    #[must_use]
    pub fn published() -> Self {
        Self {
            cutoff: 5.0,
            neighbors: 50,
            atom: 512,
            edge: 512,
            triplet: 64,
            bilinear: 64,
            radial_embedding: 16,
            circular_embedding: 16,
            radial_basis: RadialBasis::Gaussian,
            radial: 128,
            envelope: 5,
            spherical: 7,
            blocks: 3,
            before_skip: 1,
            after_skip: 2,
            concat: 1,
            atom_layers: 3,
            readout: Readout::Sum,
            species: 83,
        }
    }

    /// The same, a quarter as wide, with a mean over atoms: 1.6 million numbers.
    #[must_use]
    pub fn small() -> Self {
        Self {
            atom: 128,
            edge: 128,
            triplet: 32,
            bilinear: 32,
            radial: 32,
            readout: Readout::Mean,
            ..Self::published()
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        positive("the cutoff", self.cutoff)?;
        let counts = [
            ("the number of neighbours", self.neighbors),
            ("the features of an atom", self.atom),
            ("the features of an edge", self.edge),
            ("the features along triplets", self.triplet),
            ("the features after the bilinear map", self.bilinear),
            ("the radial embedding", self.radial_embedding),
            ("the circular embedding", self.circular_embedding),
            ("the exponent of the envelope", self.envelope as usize),
            ("the number of angular functions", self.spherical),
            ("the number of species", self.species),
        ];
        for (name, count) in counts {
            positive(name, count as f64)?;
        }
        if self.radial < 2 {
            return Err(Error::Setting {
                name: "the number of radial functions",
                expected: "at least 2",
                value: self.radial as f64,
            });
        }
        Ok(())
    }
}
