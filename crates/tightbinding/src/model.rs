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
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::parameters::FOLDED_S;

    const GAMMA: Vec3 = [0.0; 3];
    const K: Vec3 = [1.0 / 3.0, 1.0 / 3.0, 0.0];

    fn without(structure: &Structure, gone: usize) -> Structure {
        let mut sites = structure.sites().to_vec();
        sites.remove(gone);
        Structure::new(*structure.lattice(), sites)
            .unwrap()
            .with_periodic(structure.periodic())
    }

    /// The cell after an in-plane and a perpendicular stretch.
    fn stretched(plane: f64, normal: f64) -> Structure {
        let cell = Model::mos2().unit_cell();
        let [a, b, c] = cell.lattice().rows();
        let rows = [
            crystal::scale(plane, a),
            crystal::scale(plane, b),
            crystal::scale(normal, c),
        ];
        Structure::new(Lattice::new(rows).unwrap(), cell.sites().to_vec())
            .unwrap()
            .with_periodic(cell.periodic())
    }

    /// At Γ the symmetric and antisymmetric p combinations along z decouple from all
    /// but 3z²−r², which leaves a 2 × 2 and a 1 × 1 block.
    #[test]
    fn bands_at_gamma_by_hand() {
        let model = Model::mos2();
        let bands = model.bands(&model.unit_cell(), GAMMA).unwrap();
        let d: f64 = -1.094 + 6.0 * (-0.895 / 4.0 + 0.228 * 3.0 / 4.0);
        let p: f64 = -6.886 - 6.0 * 0.467 - 1.225;
        let tilt = (3.0_f64 / 7.0).sqrt(); // direction cosine of the bond with z
        let hop = 2.0_f64.sqrt() * 3.0 * tilt * (3.689 / 7.0 + 3.0_f64.sqrt() * 4.0 / 7.0 * -1.241);
        let (mean, split) = (0.5 * (d + p), (0.25 * (d - p).powi(2) + hop * hop).sqrt());
        let expected = [mean - split, -6.886 - 6.0 * 0.467 + 1.225, mean + split];
        for level in expected {
            // rounding only
            assert!(
                bands.iter().any(|band| (band - level).abs() < 1e-9),
                "{level} is not among {bands:?}"
            );
        }
    }

    /// Monolayer `MoS₂` has a direct gap at K of about 1.8 eV.
    #[test]
    fn the_gap_is_direct_at_k() {
        let model = Model::mos2();
        let cell = model.unit_cell();
        let mut edges = Vec::new();
        for (i, j) in (0..12).flat_map(|i| (0..12).map(move |j| (i, j))) {
            let k = [f64::from(i) / 12.0, f64::from(j) / 12.0, 0.0];
            let bands = model.bands(&cell, k).unwrap();
            edges.push((bands[6], bands[7]));
        }
        let top = edges.iter().map(|edge| edge.0).fold(f64::MIN, f64::max);
        let bottom = edges.iter().map(|edge| edge.1).fold(f64::MAX, f64::min);
        let at_k = model.bands(&cell, K).unwrap();
        // rounding only
        assert_relative_eq!(at_k[6], top, epsilon = 1e-9);
        assert_relative_eq!(at_k[7], bottom, epsilon = 1e-9);
        // a property of the parameters, to the digits that are quoted
        assert_relative_eq!(bottom - top, 1.822, epsilon = 5e-4);
    }

    #[test]
    fn the_bands_of_the_cell_are_the_levels_of_the_supercell() {
        let model = Model::mos2();
        let cell = model.unit_cell();
        let mut folded = Vec::new();
        for (i, j) in (0..6).flat_map(|i| (0..6).map(move |j| (i, j))) {
            let k = [f64::from(i) / 6.0, f64::from(j) / 6.0, 0.0];
            folded.extend(model.bands(&cell, k).unwrap());
        }
        folded.sort_by(f64::total_cmp);
        let levels = model.energy(&cell.supercell([6, 6, 1])).unwrap();
        assert_eq!(levels.levels().len(), folded.len());
        for (level, band) in levels.levels().iter().zip(folded) {
            // two eigenvalue problems of different size: rounding only
            assert_relative_eq!(*level, band, epsilon = 1e-9);
        }
    }

    #[test]
    fn the_hamiltonian_is_symmetric() {
        let model = Model::mos2();
        let structure = without(&model.unit_cell().supercell([3, 3, 1]), 12);
        let matrix = model.hamiltonian(&structure).unwrap();
        for (i, row) in matrix.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                assert_relative_eq!(*value, matrix[j][i], epsilon = 1e-12);
            }
        }
    }

    /// Three metals lose a bond: their levels come down by `τ` in all, and
    /// nothing else in the Hamiltonian changes its trace.
    #[test]
    fn a_missing_chalcogen_takes_its_s_orbital_with_it() {
        let model = Model::mos2();
        let perfect = model.unit_cell().supercell([3, 3, 1]);
        let defective = without(&perfect, 9);
        let trace = |structure: &Structure| {
            let matrix = model.hamiltonian(structure).unwrap();
            (0..matrix.len()).map(|i| matrix[i][i]).sum::<f64>()
        };
        let chalcogen = 2.0 * -3.559 - 6.886;
        let change = trace(&defective) - trace(&perfect) + chalcogen;
        assert_relative_eq!(change, -3.0 * FOLDED_S, epsilon = 1e-9);
        let electronic = model.energy(&defective).unwrap();
        assert_relative_eq!(
            electronic.s_electron_energy(),
            6.0 * FOLDED_S,
            epsilon = 1e-9
        );
        let none = model.energy(&perfect).unwrap().s_electron_energy();
        assert!(none.abs() < f64::EPSILON, "{none}");
    }

    /// What is far away does not count: doubling the supercell doubles the
    /// energy, up to the k points that Γ of the smaller one lacks.
    #[test]
    fn energy_grows_with_size() {
        let model = Model::mos2();
        let per_cell = |n: usize| {
            let structure = model.unit_cell().supercell([n, n, 1]);
            model.energy(&structure).unwrap().total_energy() / (n * n) as f64
        };
        // the sum over k converges fast in an insulator
        assert_relative_eq!(per_cell(6), per_cell(9), epsilon = 2e-3);
        // and what is periodic with 3 cells is periodic with 6, exactly
        let model = Model::mos2();
        let cell = model.unit_cell().supercell([3, 3, 1]);
        let k_mean: f64 = [[0.0, 0.0], [0.5, 0.0], [0.0, 0.5], [0.5, 0.5]]
            .iter()
            .map(|[x, y]| {
                let bands = model.bands(&cell, [*x, *y, 0.0]).unwrap();
                2.0 * bands[..63].iter().sum::<f64>()
            })
            .sum();
        let large = model.energy(&cell.supercell([2, 2, 1])).unwrap();
        assert_relative_eq!(large.band_energy(), k_mean, epsilon = 1e-7);
    }

    /// Half a percent to either side, all forces point back.
    #[test]
    fn the_perfect_crystal_is_in_equilibrium() {
        let model = Model::mos2();
        let energy = |plane: f64, normal: f64| {
            let structure = stretched(plane, normal).supercell([6, 6, 1]);
            model.energy(&structure).unwrap().total_energy()
        };
        let rest = energy(1.0, 1.0);
        for (plane, normal) in [
            (0.995, 0.995),
            (1.005, 1.005),
            (0.995, 1.0),
            (1.005, 1.0),
            (1.0, 0.995),
            (1.0, 1.005),
        ] {
            let cost = energy(plane, normal) - rest;
            assert!(cost > 0.0, "{plane} {normal}: {cost} eV");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        /// The crystal may be turned about z, turned over and moved.
        #[test]
        fn does_not_see_where_the_crystal_lies(
            angle in 0.0..6.0_f64,
            over in any::<bool>(),
            shift in prop::array::uniform3(-0.4..0.4_f64),
            gone in 0..27_usize,
        ) {
            let model = Model::mos2();
            let here = without(&model.unit_cell().supercell([3, 3, 1]), gone);
            let (sine, cosine) = angle.sin_cos();
            let z = if over { -1.0 } else { 1.0 };
            let rows = here.lattice().rows().map(|[x, y, height]| {
                [cosine * x - sine * y, sine * x + cosine * y, z * height]
            });
            let sites = here.sites().iter().map(|site| Site {
                element: site.element,
                fractional: crystal::add(site.fractional, shift),
            });
            let there = Structure::new(Lattice::new(rows).unwrap(), sites.collect())
                .unwrap()
                .with_periodic(here.periodic());
            let (here, there) = (model.energy(&here).unwrap(), model.energy(&there).unwrap());
            // eigenvalues of matrices of size 100: rounding only
            assert_relative_eq!(here.total_energy(), there.total_energy(), epsilon = 1e-8);
            assert_relative_eq!(here.gap(), there.gap(), epsilon = 1e-8);
        }
    }

    #[test]
    fn an_element_without_orbitals_is_refused_by_name() {
        let model = Model::mos2();
        let cell = model.unit_cell();
        let mut sites = cell.sites().to_vec();
        sites[1].element = element("C");
        let carbide = Structure::new(*cell.lattice(), sites).unwrap();
        assert_eq!(
            model.energy(&carbide).unwrap_err().to_string(),
            "site 1 must be Mo, W, S or Se, got C"
        );
    }

    #[test]
    fn atoms_on_top_of_each_other_are_refused() {
        let model = Model::mos2();
        let cell = model.unit_cell();
        let mut sites = cell.sites().to_vec();
        sites[2].fractional = sites[1].fractional;
        sites[2].fractional[2] += 0.05;
        let crowded = Structure::new(*cell.lattice(), sites).unwrap();
        assert!(matches!(
            model.energy(&crowded),
            Err(Error::SitesTooClose { distance, .. }) if (distance - 0.75).abs() < 1e-9
        ));
    }
}
