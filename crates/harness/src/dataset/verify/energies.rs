//! Formation energies and gaps, computed again.

use std::collections::BTreeMap;

use crystal::Element;

use super::{Check, Looked, TOLERANCE, name};
use crate::dataset::{Evidence, Property, RawRow, Sample};

/// Formation energy, the same per site, and the gap.
pub(super) fn checks(
    looked: &[Looked],
    evidence: &Evidence,
    properties: &[Property],
) -> Vec<Check> {
    let property = |key: &str| properties.iter().position(|property| property.key == key);
    let per_site = property("formation_energy_per_site");
    let gap = property("homo_lumo_gap");
    let mut energies = Comparison::new("formation energy from total energies");
    let mut shares = Comparison::new("formation energy per defect site");
    let mut gaps = Comparison::new("gap: the smallest over spin channels");
    for (item, row) in looked.iter().zip(&evidence.rows) {
        let sample = item.sample;
        let energy = formation_energy(sample, row, evidence);
        energies.add(sample, Some(row.formation_energy), energy.clone());
        if let (Some(index), Some(Ok(cluster))) = (per_site, &item.cluster) {
            let share = energy.map(|energy| energy / cluster.defects().len() as f64);
            shares.add(sample, sample.targets[index], share);
        }
        if let Some(index) = gap {
            gaps.add(sample, sample.targets[index], Ok(smallest_gap(row)));
        }
    }
    [energies, shares, gaps]
        .into_iter()
        .filter(|comparison| comparison.check.checked > 0)
        .map(Comparison::finish)
        .collect()
}

/// `E_f = E - E_pristine + Σ (n_pristine - n) μ`, over the elements, eV.
///
/// What was removed goes to its reservoir, what was added comes from there. The
/// numbers of atoms are those of the structure and its host, so that no label
/// takes part.
fn formation_energy(sample: &Sample, row: &RawRow, evidence: &Evidence) -> Result<f64, String> {
    let host = sample.host.as_ref().ok_or("it has no host")?;
    let pristine = evidence
        .pristine
        .iter()
        .find(|pristine| pristine.host == host.name && pristine.repeats == host.repeats)
        .ok_or_else(|| format!("no energy of pristine {} {:?}", host.name, host.repeats))?;
    let copies: usize = host.repeats.iter().product();
    let mut missing: BTreeMap<Element, f64> = BTreeMap::new();
    for (element, count) in host.unit_cell.composition() {
        *missing.entry(element).or_default() += (count * copies) as f64;
    }
    for (element, count) in sample.structure.composition() {
        *missing.entry(element).or_default() -= count as f64;
    }
    let mut energy = row.energy - pristine.energy;
    for (element, count) in missing {
        if count != 0.0 {
            let potential = evidence
                .chemical_potentials
                .iter()
                .find(|(known, _)| *known == element)
                .ok_or_else(|| format!("no chemical potential of {element}"))?;
            energy += count * potential.1;
        }
    }
    Ok(energy)
}

/// The distance from the highest occupied to the lowest unoccupied level of the
/// spin channel where it is smallest, eV.
fn smallest_gap(row: &RawRow) -> f64 {
    row.channels
        .iter()
        .map(|[homo, lumo]| lumo - homo)
        .fold(f64::INFINITY, f64::min)
}

/// A check that grows value by value.
struct Comparison {
    check: Check,
    largest: f64,
}

impl Comparison {
    fn new(name: &str) -> Self {
        Self {
            check: Check {
                name: name.into(),
                found: String::new(),
                checked: 0,
                errors: Vec::new(),
                warnings: Vec::new(),
            },
            largest: 0.0,
        }
    }

    /// Compares a value of the source, if there is one, with ours.
    fn add(&mut self, sample: &Sample, given: Option<f64>, computed: Result<f64, String>) {
        let Some(given) = given else { return };
        self.check.checked += 1;
        let subject = name(&sample.structure, &sample.id);
        match computed {
            Ok(computed) => {
                let difference = (given - computed).abs();
                self.largest = self.largest.max(difference);
                if difference > TOLERANCE {
                    self.check.errors.push(format!(
                        "{subject}: {given:.6} eV given, {computed:.6} eV computed"
                    ));
                }
            }
            Err(why) => self.check.errors.push(format!("{subject}: {why}")),
        }
    }

    fn finish(mut self) -> Check {
        self.check.found = if self.largest == 0.0 {
            "no difference".to_owned()
        } else {
            format!("largest difference {:.0e} eV", self.largest)
        };
        self.check
    }
}
