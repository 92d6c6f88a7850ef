//! What a source says beside the targets: enough to compute the targets again.
//!
//! Models never see any of this; `tycho data verify` does.

use std::sync::Arc;

use crystal::Element;

use super::Dataset;

/// A data set as it was read.
#[derive(Debug, Clone)]
pub struct Imported {
    /// What models learn from.
    pub dataset: Dataset,
    /// What the targets of each subset can be checked against, in the order of
    /// the subsets; empty if the source has no such columns.
    pub evidence: Vec<Evidence>,
    /// What was left out or looked odd: one line each.
    pub notes: Vec<String>,
}

/// Raw values of one subset.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// As in [`super::Sample::subset`].
    pub subset: Arc<str>,
    /// Energy of an atom in its reservoir, eV.
    pub chemical_potentials: Vec<(Element, f64)>,
    /// Energies of supercells without defects.
    pub pristine: Vec<Pristine>,
    /// What the source says about the defects of each kind of complex.
    pub labels: Vec<Label>,
    /// One a sample of the subset, in their order.
    pub rows: Vec<RawRow>,
}

/// The energy of a supercell without defects.
#[derive(Debug, Clone, PartialEq)]
pub struct Pristine {
    /// As in [`super::Host::name`].
    pub host: String,
    /// How many unit cells make it up.
    pub repeats: [usize; 3],
    /// Total energy, eV.
    pub energy: f64,
}

/// A kind of defect complex as the source describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// As in [`super::Sample::kind`].
    pub kind: Arc<str>,
    /// Its defects, sorted.
    pub defects: Vec<Replacement>,
}

/// What a point defect does to a site of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Replacement {
    /// What sat there; `None` for an atom where there was none.
    pub from: Option<Element>,
    /// What sits there; `None` for a vacancy.
    pub to: Option<Element>,
}

/// Raw values of one structure, energies in eV.
#[derive(Debug, Clone, PartialEq)]
pub struct RawRow {
    /// Index of its [`Label`].
    pub label: usize,
    /// Total energy.
    pub energy: f64,
    /// Formation energy as the source gives it.
    pub formation_energy: f64,
    /// Highest occupied and lowest unoccupied level, one pair a spin channel.
    pub channels: Vec<[f64; 2]>,
}

impl Label {
    /// As `1 S→vacancy, 2 S→Se`.
    #[must_use]
    pub fn print(defects: &[Replacement]) -> String {
        let mut parts: Vec<(usize, Replacement)> = Vec::new();
        for &defect in defects {
            match parts.iter_mut().find(|(_, known)| *known == defect) {
                Some((count, _)) => *count += 1,
                None => parts.push((1, defect)),
            }
        }
        let name = |element: Option<Element>, absent: &'static str| {
            element.map_or(absent, Element::symbol)
        };
        let parts: Vec<String> = parts
            .into_iter()
            .map(|(count, defect)| {
                let from = name(defect.from, "nothing");
                format!("{count} {from}→{}", name(defect.to, "vacancy"))
            })
            .collect();
        parts.join(", ")
    }
}
