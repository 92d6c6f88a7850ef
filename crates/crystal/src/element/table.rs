//! Measured properties of the elements, one row for each.
//!
//! # Sources
//!
//! - Mass, u: the standard (abridged) atomic weights of IUPAC 2021, Prohaska et
//!   al., doi:10.1515/pac-2019-0603. An element without stable isotopes has the
//!   mass number of a long-lived one.
//! - Covalent radius, Å: Cordero et al. 2008, doi:10.1039/b801115j; carbon is
//!   sp³; manganese, iron and cobalt are low-spin.
//! - Atomic radius, Å: Slater 1964, doi:10.1063/1.1725697.
//! - Electronegativity, Pauling's scale: Allred 1961,
//!   doi:10.1016/0022-1902(61)80142-5, in the highest common oxidation state;
//!   what he leaves out is from Pauling, *The Nature of the Chemical Bond*
//!   (3rd edition, 1960); krypton and xenon are from Allen & Huheey 1980,
//!   doi:10.1016/0022-1902(80)80132-1.

/// What is known of an element; radii in Å, the mass in u.
#[derive(Debug, Clone, Copy)]
pub(super) struct Properties {
    pub(super) mass: f64,
    pub(super) covalent_radius: Option<f64>,
    pub(super) atomic_radius: Option<f64>,
    pub(super) electronegativity: Option<f64>,
}

/// Stands in a row where the source has no value; no property is zero.
const NONE: f64 = 0.0;

const fn known(value: f64) -> Option<f64> {
    if value > NONE { Some(value) } else { None }
}

const fn row(mass: f64, covalent: f64, atomic: f64, electronegativity: f64) -> Properties {
    Properties {
        mass,
        covalent_radius: known(covalent),
        atomic_radius: known(atomic),
        electronegativity: known(electronegativity),
    }
}

/// By atomic number; the first is hydrogen.
pub(super) const PROPERTIES: [Properties; 118] = [
    // mass, covalent radius, atomic radius, electronegativity
    row(1.008, 0.31, 0.25, 2.20),          // H
    row(4.002_602, 0.28, NONE, NONE),      // He
    row(6.94, 1.28, 1.45, 0.98),           // Li
    row(9.012_183_1, 0.96, 1.05, 1.57),    // Be
    row(10.81, 0.84, 0.85, 2.04),          // B
    row(12.011, 0.76, 0.70, 2.55),         // C
    row(14.007, 0.71, 0.65, 3.04),         // N
    row(15.999, 0.66, 0.60, 3.44),         // O
    row(18.998_403_162, 0.57, 0.50, 3.98), // F
    row(20.1797, 0.58, NONE, NONE),        // Ne
    row(22.989_769_28, 1.66, 1.80, 0.93),  // Na
    row(24.305, 1.41, 1.50, 1.31),         // Mg
    row(26.981_538_4, 1.21, 1.25, 1.61),   // Al
    row(28.085, 1.11, 1.10, 1.90),         // Si
    row(30.973_761_998, 1.07, 1.00, 2.19), // P
    row(32.06, 1.05, 1.00, 2.58),          // S
    row(35.45, 1.02, 1.00, 3.16),          // Cl
    row(39.95, 1.06, NONE, NONE),          // Ar
    row(39.0983, 2.03, 2.20, 0.82),        // K
    row(40.078, 1.76, 1.80, 1.00),         // Ca
    row(44.955_907, 1.70, 1.60, 1.36),     // Sc
    row(47.867, 1.60, 1.40, 1.54),         // Ti
    row(50.9415, 1.53, 1.35, 1.63),        // V
    row(51.9961, 1.39, 1.40, 1.66),        // Cr
    row(54.938_043, 1.39, 1.40, 1.55),     // Mn
    row(55.845, 1.32, 1.40, 1.83),         // Fe
    row(58.933_194, 1.26, 1.35, 1.88),     // Co
    row(58.6934, 1.24, 1.35, 1.91),        // Ni
    row(63.546, 1.32, 1.35, 1.90),         // Cu
    row(65.38, 1.22, 1.35, 1.65),          // Zn
    row(69.723, 1.22, 1.30, 1.81),         // Ga
    row(72.63, 1.20, 1.25, 2.01),          // Ge
    row(74.921_595, 1.19, 1.15, 2.18),     // As
    row(78.971, 1.20, 1.15, 2.55),         // Se
    row(79.904, 1.20, 1.15, 2.96),         // Br
    row(83.798, 1.16, NONE, 3.00),         // Kr
    row(85.4678, 2.20, 2.35, 0.82),        // Rb
    row(87.62, 1.95, 2.00, 0.95),          // Sr
    row(88.905_838, 1.90, 1.80, 1.22),     // Y
    row(91.224, 1.75, 1.55, 1.33),         // Zr
    row(92.906_37, 1.64, 1.45, 1.60),      // Nb
    row(95.95, 1.54, 1.45, 2.16),          // Mo
    row(98.0, 1.47, 1.35, 1.90),           // Tc
    row(101.07, 1.46, 1.30, 2.20),         // Ru
    row(102.905_49, 1.42, 1.35, 2.28),     // Rh
    row(106.42, 1.39, 1.40, 2.20),         // Pd
    row(107.8682, 1.45, 1.60, 1.93),       // Ag
    row(112.414, 1.44, 1.55, 1.69),        // Cd
    row(114.818, 1.42, 1.55, 1.78),        // In
    row(118.71, 1.39, 1.45, 1.96),         // Sn
    row(121.76, 1.39, 1.45, 2.05),         // Sb
    row(127.6, 1.38, 1.40, 2.10),          // Te
    row(126.904_47, 1.39, 1.40, 2.66),     // I
    row(131.293, 1.40, NONE, 2.60),        // Xe
    row(132.905_451_96, 2.44, 2.60, 0.79), // Cs
    row(137.327, 2.15, 2.15, 0.89),        // Ba
    row(138.905_47, 2.07, 1.95, 1.10),     // La
    row(140.116, 2.04, 1.85, 1.12),        // Ce
    row(140.907_66, 2.03, 1.85, 1.13),     // Pr
    row(144.242, 2.01, 1.85, 1.14),        // Nd
    row(145.0, 1.99, 1.85, NONE),          // Pm
    row(150.36, 1.98, 1.85, 1.17),         // Sm
    row(151.964, 1.98, 1.85, NONE),        // Eu
    row(157.25, 1.96, 1.80, 1.20),         // Gd
    row(158.925_354, 1.94, 1.75, NONE),    // Tb
    row(162.5, 1.92, 1.75, 1.22),          // Dy
    row(164.930_329, 1.92, 1.75, 1.23),    // Ho
    row(167.259, 1.89, 1.75, 1.24),        // Er
    row(168.934_219, 1.90, 1.75, 1.25),    // Tm
    row(173.045, 1.87, 1.75, NONE),        // Yb
    row(174.9668, 1.87, 1.75, 1.27),       // Lu
    row(178.486, 1.75, 1.55, 1.30),        // Hf
    row(180.947_88, 1.70, 1.45, 1.50),     // Ta
    row(183.84, 1.62, 1.35, 2.36),         // W
    row(186.207, 1.51, 1.35, 1.90),        // Re
    row(190.23, 1.44, 1.30, 2.20),         // Os
    row(192.217, 1.41, 1.35, 2.20),        // Ir
    row(195.084, 1.36, 1.35, 2.28),        // Pt
    row(196.966_57, 1.36, 1.35, 2.54),     // Au
    row(200.592, 1.32, 1.50, 2.00),        // Hg
    row(204.38, 1.45, 1.90, 1.62),         // Tl
    row(207.2, 1.46, 1.80, 2.33),          // Pb
    row(208.9804, 1.48, 1.60, 2.02),       // Bi
    row(209.0, 1.40, 1.90, 2.00),          // Po
    row(210.0, 1.50, NONE, 2.20),          // At
    row(222.0, 1.50, NONE, NONE),          // Rn
    row(223.0, 2.60, NONE, 0.70),          // Fr
    row(226.0, 2.21, 2.15, 0.90),          // Ra
    row(227.0, 2.15, 1.95, 1.10),          // Ac
    row(232.0377, 2.06, 1.80, 1.30),       // Th
    row(231.035_88, 2.00, 1.80, 1.50),     // Pa
    row(238.028_91, 1.96, 1.75, 1.38),     // U
    row(237.0, 1.90, 1.75, 1.36),          // Np
    row(244.0, 1.87, 1.75, 1.28),          // Pu
    row(243.0, 1.80, 1.75, NONE),          // Am
    row(247.0, 1.69, NONE, NONE),          // Cm
    row(247.0, NONE, NONE, NONE),          // Bk
    row(251.0, NONE, NONE, NONE),          // Cf
    row(252.0, NONE, NONE, NONE),          // Es
    row(257.0, NONE, NONE, NONE),          // Fm
    row(258.0, NONE, NONE, NONE),          // Md
    row(259.0, NONE, NONE, NONE),          // No
    row(262.0, NONE, NONE, NONE),          // Lr
    row(267.0, NONE, NONE, NONE),          // Rf
    row(268.0, NONE, NONE, NONE),          // Db
    row(269.0, NONE, NONE, NONE),          // Sg
    row(270.0, NONE, NONE, NONE),          // Bh
    row(269.0, NONE, NONE, NONE),          // Hs
    row(278.0, NONE, NONE, NONE),          // Mt
    row(281.0, NONE, NONE, NONE),          // Ds
    row(282.0, NONE, NONE, NONE),          // Rg
    row(285.0, NONE, NONE, NONE),          // Cn
    row(286.0, NONE, NONE, NONE),          // Nh
    row(289.0, NONE, NONE, NONE),          // Fl
    row(290.0, NONE, NONE, NONE),          // Mc
    row(293.0, NONE, NONE, NONE),          // Lv
    row(294.0, NONE, NONE, NONE),          // Ts
    row(294.0, NONE, NONE, NONE),          // Og
];
