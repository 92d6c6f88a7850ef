//! The Hamiltonian of a structure and what its levels say.

use crystal::{Element, Lattice, Site, Structure, Vec3};
use faer::Side;

use crate::basis::Basis;
use crate::bonds::pairs;
use crate::parameters::{CELL_HEIGHT, HEIGHT, LATTICE_CONSTANT, SPECIES, Species};
use crate::{Error, Result};

/// A tight-binding model of `MoS₂` with vacancies, W for Mo and Se for S.
///
/// The energy of a structure is
///
/// `E = 2 Σ_{n occupied} ε_n + Σ_{pairs} φ(r) + 2τ Σ_{missing chalcogens} ⟨A|A⟩`
///
/// with the eigenvalues `ε_n` of a real symmetric Hamiltonian at Γ, two
/// electrons in each of the lowest, and a short-ranged repulsion `φ`. A missing
/// chalcogen takes its s orbital with it, which lowers the symmetric
/// combination `A` of the broken bonds by `τ ⟨A|A⟩`; the last term is what its
/// two s electrons had gained by the same coupling. There is no spin–orbit
/// coupling, no charge self-consistency and no relaxation.
///
/// The layer must lie in the xy plane: the levels of the d orbitals know which
/// way is up. A rotation about z, a reflection in the plane and any shift leave
/// the energy as it is.
///
/// # Examples
///
/// ```
/// use tightbinding::Model;
///
/// let model = Model::mos2();
/// let crystal = model.unit_cell().supercell([3, 3, 1]);
/// let electronic = model.energy(&crystal)?;
/// assert_eq!(electronic.occupied(), 7 * 9); // 14 electrons in each of 9 cells
/// assert!(electronic.gap() > 1.5); // eV
/// # Ok::<(), tightbinding::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    species: Vec<(Element, Species)>,
}

/// Levels and energies of one structure.
///
/// # Invariants
///
/// The levels ascend, and at least one is filled and one empty; only
/// [`Model::energy`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Electronic {
    levels: Vec<f64>,
    occupied: usize,
    repulsion: f64,
    s_electrons: f64,
}

impl Electronic {
    /// Total energy, eV.
    #[must_use]
    pub fn total_energy(&self) -> f64 {
        self.band_energy() + self.repulsion + self.s_electrons
    }

    /// Twice the sum of the occupied levels, eV.
    #[must_use]
    pub fn band_energy(&self) -> f64 {
        2.0 * self.levels[..self.occupied].iter().sum::<f64>()
    }

    /// Sum of the pairwise repulsion, eV.
    #[must_use]
    pub fn repulsion_energy(&self) -> f64 {
        self.repulsion
    }

    /// What the s electrons of missing chalcogens no longer gain, eV.
    #[must_use]
    pub fn s_electron_energy(&self) -> f64 {
        self.s_electrons
    }

    /// All levels, eV, ascending.
    #[must_use]
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// How many levels hold two electrons each.
    #[must_use]
    pub fn occupied(&self) -> usize {
        self.occupied
    }

    /// The lowest level, eV.
    #[must_use]
    pub fn lowest(&self) -> f64 {
        self.levels[0]
    }

    /// The highest occupied level, eV.
    #[must_use]
    pub fn homo(&self) -> f64 {
        self.levels[self.occupied - 1]
    }

    /// The lowest unoccupied level, eV.
    #[must_use]
    pub fn lumo(&self) -> f64 {
        self.levels[self.occupied]
    }

    /// LUMO minus HOMO, eV.
    #[must_use]
    pub fn gap(&self) -> f64 {
        self.lumo() - self.homo()
    }
}

impl Model {
    /// The model of `MoS₂`; the sources of its numbers stand in the crate's
    /// module `parameters`.
    ///
    /// # Panics
    ///
    /// Never: the symbols are fixed.
    #[must_use]
    pub fn mos2() -> Self {
        let species = SPECIES
            .iter()
            .map(|species| (element(species.symbol), *species))
            .collect();
        Self { species }
    }

    /// The cell of the perfect crystal: Mo, then S below it and S above it,
    /// periodic in the plane only.
    ///
    /// # Panics
    ///
    /// Never: the lattice constants are fixed.
    #[must_use]
    pub fn unit_cell(&self) -> Structure {
        let lattice = Lattice::from_parameters(
            [LATTICE_CONSTANT, LATTICE_CONSTANT, CELL_HEIGHT],
            [90.0, 90.0, 120.0],
        )
        .expect("the lattice constants are positive");
        let lift = HEIGHT / CELL_HEIGHT;
        let site = |symbol, x: f64, y: f64, z| Site {
            element: element(symbol),
            fractional: [x / 3.0, y / 3.0, z],
        };
        let sites = vec![
            site("Mo", 1.0, 2.0, 0.5),
            site("S", 2.0, 1.0, 0.5 - lift),
            site("S", 2.0, 1.0, 0.5 + lift),
        ];
        Structure::new(lattice, sites)
            .expect("there are three sites with finite coordinates")
            .with_periodic([true, true, false])
    }

    /// Chemical potential of an element, eV per atom.
    ///
    /// `None` for an element that the model does not know.
    #[must_use]
    pub fn chemical_potential(&self, element: Element) -> Option<f64> {
        self.species
            .iter()
            .find(|(known, _)| *known == element)
            .map(|(_, species)| species.chemical_potential)
    }

    /// The elements that the model knows, with their chemical potentials, eV.
    pub fn elements(&self) -> impl Iterator<Item = (Element, f64)> {
        self.species
            .iter()
            .map(|(element, species)| (*element, species.chemical_potential))
    }

    /// Levels and energies of a structure at Γ, one cell of it.
    ///
    /// # Errors
    ///
    /// [`Error::NoOrbitals`] for an element other than Mo, W, S, Se,
    /// [`Error::SitesTooClose`], [`Error::NoGap`] if nothing is filled or
    /// nothing empty, and [`Error::NotConverged`].
    pub fn energy(&self, structure: &Structure) -> Result<Electronic> {
        let basis = Basis::new(self, structure)?;
        let pairs = pairs(structure)?;
        let levels = basis
            .hamiltonian(structure, &pairs)
            .self_adjoint_eigenvalues(Side::Lower)
            .map_err(|_| Error::NotConverged { size: basis.size })?;
        if basis.electrons == 0 || basis.electrons >= 2 * levels.len() {
            return Err(Error::NoGap {
                electrons: basis.electrons,
                levels: levels.len(),
            });
        }
        Ok(Electronic {
            levels,
            occupied: basis.electrons / 2,
            repulsion: basis.repulsion(&pairs),
            s_electrons: basis.s_electrons(structure, &pairs),
        })
    }

    /// Band energies at one point of the Brillouin zone, eV, ascending.
    ///
    /// - `k`: in units of the reciprocal vectors; K is `[1/3, 1/3, 0]`.
    ///
    /// # Errors
    ///
    /// Those of [`Model::energy`], without [`Error::NoGap`].
    pub fn bands(&self, structure: &Structure, k: Vec3) -> Result<Vec<f64>> {
        let basis = Basis::new(self, structure)?;
        let pairs = pairs(structure)?;
        basis
            .bloch(structure, &pairs, k)
            .self_adjoint_eigenvalues(Side::Lower)
            .map_err(|_| Error::NotConverged { size: basis.size })
    }

    /// The Hamiltonian at Γ, eV, row-major `(n, n)`, with the orbitals of a
    /// site in one run: 3z²−r², xz, yz, x²−y², xy or x, y, z.
    ///
    /// # Errors
    ///
    /// [`Error::NoOrbitals`] and [`Error::SitesTooClose`].
    pub fn hamiltonian(&self, structure: &Structure) -> Result<Vec<Vec<f64>>> {
        let basis = Basis::new(self, structure)?;
        let matrix = basis.hamiltonian(structure, &pairs(structure)?);
        let rows = 0..basis.size;
        Ok(rows
            .clone()
            .map(|i| rows.clone().map(|j| matrix[(i, j)]).collect())
            .collect())
    }

    pub(crate) fn species_of(&self, element: Element) -> Option<&Species> {
        self.species
            .iter()
            .find_map(|(known, species)| (*known == element).then_some(species))
    }
}

/// A symbol that is known to be one.
pub(crate) fn element(symbol: &str) -> Element {
    symbol.parse().expect("the symbol is a chemical element")
}

#[cfg(test)]
mod tests;
