//! The numbers of the model, and where each of them comes from.
//!
//! # From the literature
//!
//! On-site energies and two-centre integrals of `MoS₂` are those of
//! Silva-Guillén, San-Jose & Roldán, *Appl. Sci.* **6**, 284 (2016), for the
//! eleven-band model of Cappelluti, Roldán, Silva-Guillén, Ordejón & Guinea,
//! *Phys. Rev. B* **88**, 075409 (2013): five d orbitals of the metal, three p
//! orbitals of each chalcogen, hopping between nearest metal–chalcogen,
//! metal–metal and chalcogen–chalcogen neighbours. The later set is taken
//! because it determines the energy of the xz and yz orbitals too and describes
//! all valence bands, whose sum is our energy.
//!
//! The numbers were read from two open programs that quote them alike, `TBPLaS`
//! and `TMDybinding`, not from the article itself.
//!
//! # Our own
//!
//! Everything that a band structure of the perfect crystal cannot tell is our
//! choice, made for plausible magnitudes and for nothing finer:
//!
//! - exponents of the distance laws of hopping: those of Harrison (p–p `r⁻²`,
//!   p–d `r^−7/2`, d–d `r⁻⁵`);
//! - the switch that ends every interaction between the two distances of
//!   [`SWITCH`];
//! - W and Se: shifts of the levels and scale factors of hopping and repulsion;
//! - the folded s orbital of a missing chalcogen (module `missing`), such that a
//!   chalcogen vacancy leaves a gap of about one eV;
//! - the repulsion, such that the perfect crystal is in equilibrium against a
//!   stretch in its plane and out of it;
//! - chemical potentials, such that a chalcogen vacancy costs 2.9 eV, a metal
//!   vacancy 7.0 eV, W 0.2 eV, Se 0.3 eV, and `MoS₂` gains 1.5 eV per formula.

use crate::slater_koster::{D, Integrals, Orbital, P};

/// Lattice constant of `MoS₂`, Å.
pub(crate) const LATTICE_CONSTANT: f64 = 3.16;

/// Height of the chalcogens over the metal, Å: half the lattice constant, so
/// that chalcogens are as far apart across the layer as within it.
pub(crate) const HEIGHT: f64 = 1.58;

/// Height of the cell, Å; the layer does not repeat along it.
pub(crate) const CELL_HEIGHT: f64 = 15.0;

/// Between these distances (Å) every interaction goes smoothly from full to
/// none. Nearest neighbours of every kind lie below, all others above.
pub(crate) const SWITCH: [f64; 2] = [3.4, 3.8];

/// Atoms closer than this, Å, are refused.
pub(crate) const LEAST_DISTANCE: f64 = 1.2;

/// What an element brings along.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Species {
    /// Symbol of the element.
    pub(crate) symbol: &'static str,
    /// On which sublattice it sits.
    pub(crate) sublattice: Sublattice,
    /// Added to the levels of Mo or S, eV.
    pub(crate) shift: f64,
    /// Factor of every hopping to or from it; Mo and S have 1.
    pub(crate) hopping: f64,
    /// Factor of every repulsion with it; Mo and S have 1.
    pub(crate) repulsion: f64,
    /// Chemical potential, eV per atom, on the scale of the model's energies.
    pub(crate) chemical_potential: f64,
}

/// The metal sublattice carries d orbitals, the two of chalcogens carry p.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sublattice {
    Metal,
    Chalcogen,
}

pub(crate) const SPECIES: [Species; 4] = [
    Species {
        symbol: "Mo",
        sublattice: Sublattice::Metal,
        shift: 0.0,
        hopping: 1.0,
        repulsion: 1.0,
        chemical_potential: -5.88,
    },
    Species {
        symbol: "W",
        sublattice: Sublattice::Metal,
        shift: 0.3,
        hopping: 1.08,
        repulsion: 1.12,
        chemical_potential: -5.06,
    },
    Species {
        symbol: "S",
        sublattice: Sublattice::Chalcogen,
        shift: 0.0,
        hopping: 1.0,
        repulsion: 1.0,
        chemical_potential: -29.24,
    },
    Species {
        symbol: "Se",
        sublattice: Sublattice::Chalcogen,
        shift: 0.6,
        hopping: 1.06,
        repulsion: 1.1,
        chemical_potential: -26.99,
    },
];

/// Levels of Mo, eV, in the order of [`D`]: Δ₀, Δ₁ twice, Δ₂ twice.
const METAL_LEVELS: [f64; 5] = [-1.094, -0.050, -0.050, -1.511, -1.511];

/// Levels of S, eV, in the order of [`P`]: `Δ_p` twice, `Δ_z`.
const CHALCOGEN_LEVELS: [f64; 3] = [-3.559, -3.559, -6.886];

impl Sublattice {
    /// The orbitals of an atom here.
    pub(crate) fn orbitals(self) -> &'static [Orbital] {
        match self {
            Self::Metal => &D,
            Self::Chalcogen => &P,
        }
    }

    /// Their energies in `MoS₂`, eV.
    pub(crate) fn levels(self) -> &'static [f64] {
        match self {
            Self::Metal => &METAL_LEVELS,
            Self::Chalcogen => &CHALCOGEN_LEVELS,
        }
    }

    /// Valence electrons of an atom here: d⁵s¹ of Mo, p⁴ of S.
    ///
    /// Both numbers are even, so every structure has an even number of
    /// electrons and no level is ever half filled.
    pub(crate) fn electrons(self) -> usize {
        match self {
            Self::Metal => 6,
            Self::Chalcogen => 4,
        }
    }
}

/// How an interaction depends on the distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Law {
    /// Where the tabulated value holds, Å.
    pub(crate) reference: f64,
    /// It falls off as `(reference / r)^exponent`, then switches off.
    pub(crate) exponent: f64,
}

impl Law {
    /// The factor at a distance (Å); 1 at the reference.
    pub(crate) fn factor(self, distance: f64) -> f64 {
        (self.reference / distance).powf(self.exponent) * switch(distance)
    }
}

/// 1 below the switch, 0 above, a quintic with two smooth derivatives between.
fn switch(distance: f64) -> f64 {
    let [from, to] = SWITCH;
    let x = ((distance - from) / (to - from)).clamp(0.0, 1.0);
    1.0 - x * x * x * (10.0 - 15.0 * x + 6.0 * x * x)
}

/// A bond between two sublattices: integrals (eV) at the reference distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bond {
    pub(crate) integrals: Integrals,
    pub(crate) law: Law,
}

/// Length of the metal–chalcogen bond, Å: `√(a²/3 + (a/2)²)` for the lattice
/// constant `a`.
pub(crate) const BOND_LENGTH: f64 = 2.413_489_866_010_076;

const METAL_CHALCOGEN: Bond = Bond {
    integrals: Integrals {
        sigma: 3.689,
        pi: -1.241,
        delta: 0.0,
    },
    law: Law {
        reference: BOND_LENGTH,
        exponent: 3.5,
    },
};

const METAL_METAL: Bond = Bond {
    integrals: Integrals {
        sigma: -0.895,
        pi: 0.252,
        delta: 0.228,
    },
    law: Law {
        reference: LATTICE_CONSTANT,
        exponent: 5.0,
    },
};

const CHALCOGEN_CHALCOGEN: Bond = Bond {
    integrals: Integrals {
        sigma: 1.225,
        pi: -0.467,
        delta: 0.0,
    },
    law: Law {
        reference: LATTICE_CONSTANT,
        exponent: 2.0,
    },
};

/// The bond between atoms on two sublattices.
pub(crate) fn bond(a: Sublattice, b: Sublattice) -> &'static Bond {
    match (a, b) {
        (Sublattice::Metal, Sublattice::Metal) => &METAL_METAL,
        (Sublattice::Chalcogen, Sublattice::Chalcogen) => &CHALCOGEN_CHALCOGEN,
        _ => &METAL_CHALCOGEN,
    }
}

/// Repulsion between two sublattices at the reference distance, eV, and how it
/// falls off. Chalcogens do not repel each other.
pub(crate) fn repulsion(a: Sublattice, b: Sublattice) -> (f64, Law) {
    let law = |reference, exponent| Law {
        reference,
        exponent,
    };
    match (a, b) {
        (Sublattice::Metal, Sublattice::Metal) => (0.25, law(LATTICE_CONSTANT, 10.0)),
        (Sublattice::Chalcogen, Sublattice::Chalcogen) => (0.0, law(LATTICE_CONSTANT, 4.0)),
        _ => (3.55, law(BOND_LENGTH, 6.0)),
    }
}

/// `τ` of the folded s orbital of a chalcogen, eV; see the module `missing`.
pub(crate) const FOLDED_S: f64 = 3.0;

/// How each of its two factors falls off: as the hopping.
pub(crate) const FOLDED_S_LAW: Law = Law {
    reference: BOND_LENGTH,
    exponent: 3.5,
};
