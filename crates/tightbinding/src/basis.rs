//! The orbitals of a structure and the terms between them.

use crystal::{Structure, Vec3, dot, scale, sub};
use faer::{Mat, c64};

use crate::bonds::Pair;
use crate::missing::{Arm, direction, missing_chalcogens};
use crate::parameters::{FOLDED_S, FOLDED_S_LAW, Species, Sublattice, bond, repulsion};
use crate::slater_koster::{hopping, sigma};
use crate::{Error, Model, Result};

/// Which orbitals a structure has, and where they stand in the matrix.
pub(crate) struct Basis {
    atoms: Vec<Species>,
    /// Row of the first orbital of each atom.
    first: Vec<usize>,
    pub(crate) size: usize,
    pub(crate) electrons: usize,
}

impl Basis {
    pub(crate) fn new(model: &Model, structure: &Structure) -> Result<Self> {
        let mut basis = Self {
            atoms: Vec::new(),
            first: Vec::new(),
            size: 0,
            electrons: 0,
        };
        for (index, site) in structure.sites().iter().enumerate() {
            let species = model.species_of(site.element).ok_or(Error::NoOrbitals {
                site: index,
                found: site.element,
            })?;
            basis.atoms.push(*species);
            basis.first.push(basis.size);
            basis.size += species.sublattice.orbitals().len();
            basis.electrons += species.sublattice.electrons();
        }
        Ok(basis)
    }

    /// Calls `put(row, column, vector, value)` for every term of the
    /// Hamiltonian; `vector` (Å) leads from the atom of the row to that of the
    /// column. Terms at the same place add up.
    fn terms(
        &self,
        structure: &Structure,
        pairs: &[Pair],
        mut put: impl FnMut(usize, usize, Vec3, f64),
    ) {
        self.levels(&mut put);
        for pair in pairs {
            self.hoppings(pair, &mut put);
        }
        for arms in missing_chalcogens(structure, &self.metals(pairs)) {
            self.folded_s_orbital(&arms, &mut put);
        }
    }

    fn levels(&self, mut put: impl FnMut(usize, usize, Vec3, f64)) {
        for (atom, &first) in self.atoms.iter().zip(&self.first) {
            for (offset, level) in atom.sublattice.levels().iter().enumerate() {
                let row = first + offset;
                put(row, row, [0.0; 3], level + atom.shift);
            }
        }
    }

    fn hoppings(&self, pair: &Pair, mut put: impl FnMut(usize, usize, Vec3, f64)) {
        let (source, target) = (&self.atoms[pair.source], &self.atoms[pair.target]);
        let bond = bond(source.sublattice, target.sublattice);
        let factor = bond.law.factor(pair.length) * source.hopping * target.hopping;
        let integrals = bond.integrals.scaled(factor);
        let direction = scale(1.0 / pair.length, pair.vector);
        for (i, from) in source.sublattice.orbitals().iter().enumerate() {
            for (j, to) in target.sublattice.orbitals().iter().enumerate() {
                put(
                    self.first[pair.source] + i,
                    self.first[pair.target] + j,
                    pair.vector,
                    hopping(from, to, direction, integrals),
                );
            }
        }
    }

    /// `−τ |A⟩⟨A|` for the broken bonds around one missing chalcogen.
    fn folded_s_orbital(&self, arms: &[Arm], mut put: impl FnMut(usize, usize, Vec3, f64)) {
        let mut amplitudes: Vec<(usize, Vec3, f64)> = Vec::new();
        for arm in arms {
            let (direction, _) = direction(arm);
            let (atom, factor) = (&self.atoms[arm.metal], self.arm_factor(arm));
            for (i, orbital) in atom.sublattice.orbitals().iter().enumerate() {
                let amplitude = factor * sigma(orbital, direction);
                amplitudes.push((self.first[arm.metal] + i, arm.vector, amplitude));
            }
        }
        for &(row, from, a) in &amplitudes {
            for &(column, to, b) in &amplitudes {
                put(row, column, sub(from, to), -FOLDED_S * a * b);
            }
        }
    }

    /// Amplitude of a broken bond; 1 for Mo at the bond length.
    fn arm_factor(&self, arm: &Arm) -> f64 {
        let (_, length) = direction(arm);
        FOLDED_S_LAW.factor(length) * self.atoms[arm.metal].hopping
    }

    /// `2τ ⟨A|A⟩` of all missing chalcogens, eV: what their s electrons no
    /// longer gain.
    pub(crate) fn s_electrons(&self, structure: &Structure, pairs: &[Pair]) -> f64 {
        let missing = missing_chalcogens(structure, &self.metals(pairs));
        let norm = |arm: &Arm| self.arm_factor(arm).powi(2);
        2.0 * FOLDED_S * missing.iter().flatten().map(norm).sum::<f64>()
    }

    /// Every metal with its bonds to chalcogens.
    fn metals(&self, pairs: &[Pair]) -> Vec<(usize, Vec<Pair>)> {
        let is = |atom: usize, sublattice| self.atoms[atom].sublattice == sublattice;
        let mut bonds: Vec<Vec<Pair>> = vec![Vec::new(); self.atoms.len()];
        for pair in pairs {
            if is(pair.source, Sublattice::Metal) && is(pair.target, Sublattice::Chalcogen) {
                bonds[pair.source].push(*pair);
            }
        }
        let metals = (0..self.atoms.len()).filter(|&atom| is(atom, Sublattice::Metal));
        metals
            .map(|atom| (atom, std::mem::take(&mut bonds[atom])))
            .collect()
    }

    /// The real symmetric matrix at Γ.
    pub(crate) fn hamiltonian(&self, structure: &Structure, pairs: &[Pair]) -> Mat<f64> {
        let mut matrix = Mat::zeros(self.size, self.size);
        self.terms(structure, pairs, |row, column, _, value| {
            matrix[(row, column)] += value;
        });
        matrix
    }

    /// The Hermitian matrix at a wave vector.
    pub(crate) fn bloch(&self, structure: &Structure, pairs: &[Pair], k: Vec3) -> Mat<c64> {
        let mut matrix = Mat::zeros(self.size, self.size);
        self.terms(structure, pairs, |row, column, vector, value| {
            let turns = dot(k, structure.lattice().fractional(vector));
            let (sine, cosine) = (std::f64::consts::TAU * turns).sin_cos();
            matrix[(row, column)] += c64::new(value * cosine, value * sine);
        });
        matrix
    }

    /// Every pair is listed in both directions, and counts once.
    pub(crate) fn repulsion(&self, pairs: &[Pair]) -> f64 {
        let energy = |pair: &Pair| {
            let (source, target) = (&self.atoms[pair.source], &self.atoms[pair.target]);
            let (height, law) = repulsion(source.sublattice, target.sublattice);
            source.repulsion * target.repulsion * height * law.factor(pair.length)
        };
        0.5 * pairs.iter().map(energy).sum::<f64>()
    }
}
