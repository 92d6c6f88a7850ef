//! Point defects: what differs between a supercell and its host.
//!
//! A [`DefectCluster`] keeps the defects and forgets the thousands of atoms that
//! are where they should be: the sparse representation of the literature (Kazeev
//! et al., *npj Comput. Mater.* **9**, 113 (2023)).
//!
//! # Invariants
//!
//! 1. A defect is a vacancy, a substitution or an extra atom; never nothing.
//! 2. Vacancies and substitutions lie exactly on a site of the *host*, even if
//!    the atom moved a little: equal configurations have equal distances.
//! 3. They come in the order of the host's sites, extra atoms follow in the
//!    order of the structure.
//!
//! # Where to start
//!
//! [`DefectCluster::find`].

use std::collections::BTreeMap;

use crate::{Element, Lattice, Structure, Vec3};

mod direction;
mod find;
mod mirror;
mod pairs;

pub use pairs::Pair;

/// One place where the crystal is not as its host.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Defect {
    /// What the host has there; none for an extra atom.
    pub before: Option<Element>,
    /// What is there instead; none for a vacancy.
    pub after: Option<Element>,
    /// Where, in units of the vectors of the supercell.
    pub fractional: Vec3,
    /// The site of the unit cell; none for an extra atom.
    pub unit_site: Option<usize>,
    /// Which copy of the unit cell, counted from 0 along each vector.
    pub cell: [i32; 3],
}

impl Defect {
    /// The name of its kind: `V_Mo` (vacancy), `Se_S` (selenium on a site of
    /// sulphur) or `i_Li` (extra atom).
    ///
    /// Vanadium on a site of molybdenum is written `Vanadium_Mo`, since `V_Mo`
    /// is the vacancy.
    #[must_use]
    pub fn label(&self) -> String {
        match (self.before, self.after) {
            (Some(before), None) => format!("V_{before}"),
            (Some(before), Some(after)) if after.symbol() == "V" => format!("Vanadium_{before}"),
            (Some(before), Some(after)) => format!("{after}_{before}"),
            (None, Some(after)) => format!("i_{after}"),
            (None, None) => unreachable!("a defect is never nothing"),
        }
    }
}

/// The defects of one supercell.
#[derive(Debug, Clone, PartialEq)]
pub struct DefectCluster {
    lattice: Lattice,
    periodic: [bool; 3],
    unit_cell: Structure,
    repeats: [usize; 3],
    host: Vec<Element>,
    defects: Vec<Defect>,
}

impl DefectCluster {
    /// The lattice of the supercell.
    #[must_use]
    pub fn lattice(&self) -> &Lattice {
        &self.lattice
    }

    /// What a defect is, whatever the elements: `V_cation`, `X_anion` (another element on
    /// the site of an anion), `i_X` (extra atom).
    ///
    /// Materials of one structure have the same roles, so that what was learnt of one can
    /// be said of another. A site is a cation's where its element is the less
    /// electronegative of the cell; of one element alone, sites are called `site`.
    #[must_use]
    pub fn role(&self, defect: &Defect) -> String {
        let Some(before) = defect.before else {
            return "i_X".to_owned();
        };
        let values = |element: Element| element.electronegativity().unwrap_or(f64::NAN);
        let all = self.unit_cell.sites().iter().map(|s| values(s.element));
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        let own = values(before);
        let site = if own < 0.5 * (low + high) {
            "cation"
        } else if own > 0.5 * (low + high) {
            "anion"
        } else {
            "site"
        };
        let is_vacancy = defect.after.is_none();
        format!("{}_{site}", if is_vacancy { "V" } else { "X" })
    }

    /// The shape of the complex in any material of one structure: roles and the distances
    /// along the layer, in lattice constants.
    ///
    /// Complexes that differ in the lattice constant and the elements alone have equal
    /// ones; so have those that share all distances.
    #[must_use]
    pub fn configuration(&self) -> String {
        let roles: Vec<String> = self.defects.iter().map(|d| self.role(d)).collect();
        let unit = self.lattice_constant();
        let pair = |pair: Pair| {
            let flat = (pair.length.powi(2) - pair.offset_z.powi(2))
                .max(0.0)
                .sqrt();
            let mut ends = [&roles[pair.first], &roles[pair.second]];
            ends.sort_unstable();
            let layer = if pair.offset_z.abs() < 0.1 * unit {
                '='
            } else {
                '/'
            };
            format!("{}-{}{layer}{:.2}", ends[0], ends[1], flat / unit)
        };
        let mut told: Vec<String> = self.pairs_nearest().into_iter().map(pair).collect();
        told.extend(roles.iter().cloned());
        told.sort_unstable();
        told.join(" ")
    }

    /// The length of the shortest vector of the unit cell, Å.
    #[must_use]
    pub fn lattice_constant(&self) -> f64 {
        let lengths = self.unit_cell.lattice().lengths();
        lengths.into_iter().fold(f64::INFINITY, f64::min)
    }

    /// Along which vectors the supercell repeats.
    #[must_use]
    pub fn periodic(&self) -> [bool; 3] {
        self.periodic
    }

    /// The same defects, periodic only where `periodic` says so: `[true, true,
    /// false]` for a layer.
    #[must_use]
    pub fn with_periodic(mut self, periodic: [bool; 3]) -> Self {
        self.periodic = periodic;
        self
    }

    /// The unit cell of the host.
    #[must_use]
    pub fn unit_cell(&self) -> &Structure {
        &self.unit_cell
    }

    /// How often the unit cell is repeated along each vector.
    #[must_use]
    pub fn repeats(&self) -> [usize; 3] {
        self.repeats
    }

    /// The supercell without the defects.
    #[must_use]
    pub fn pristine(&self) -> Structure {
        let supercell = self.unit_cell.supercell(self.repeats);
        supercell
            .with_lattice(self.lattice)
            .with_periodic(self.periodic)
    }

    /// The elements of the host, each once, in the order of atomic numbers.
    #[must_use]
    pub fn host(&self) -> &[Element] {
        &self.host
    }

    /// The defects.
    #[must_use]
    pub fn defects(&self) -> &[Defect] {
        &self.defects
    }

    /// How many defects of each label there are.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for defect in &self.defects {
            *counts.entry(defect.label()).or_insert(0) += 1;
        }
        counts
    }

    /// The kind of complex: its labels with their counts in alphabetical order,
    /// as `V_Mo+2V_S`, or `pristine`.
    #[must_use]
    pub fn kind(&self) -> String {
        if self.defects.is_empty() {
            return "pristine".to_owned();
        }
        let parts: Vec<String> = self
            .counts()
            .into_iter()
            .map(|(label, count)| match count {
                1 => label,
                _ => format!("{count}{label}"),
            })
            .collect();
        parts.join("+")
    }

    /// The diameter of the largest sphere that does not touch its own image, Å:
    /// the smallest height of the cell along its periodic axes (along all, if
    /// none is periodic).
    #[must_use]
    pub fn inscribed_diameter(&self) -> f64 {
        let any = self.periodic.contains(&true);
        let heights = self.lattice.heights().into_iter().zip(self.periodic);
        heights
            .filter_map(|(height, periodic)| (periodic || !any).then_some(height))
            .fold(f64::INFINITY, f64::min)
    }
}

#[cfg(test)]
mod tests;
