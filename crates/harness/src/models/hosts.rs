//! The crystals without defects that a model was learnt on, as its file keeps them.

use anyhow::Result;
use crystal::{DefectCluster, Structure, poscar};
use serde::{Deserialize, Serialize};

use crate::dataset::{Host, Sample};
use crate::refuse;

/// How far lengths may differ from whole numbers of unit cells, relatively.
const WHOLE: f64 = 0.02;

/// Most unit cells along a vector.
const LARGEST: usize = 200;

/// Unit cells of crystals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hosts(Vec<HostCell>);

/// The unit cell of a crystal without defects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HostCell {
    name: String,
    poscar: String,
    periodic: [bool; 3],
}

impl Hosts {
    /// Those of samples, each once; none, if the samples have none. A crystal may have
    /// several unit cells, as with more and with less vacuum.
    pub(crate) fn of(samples: &[&Sample]) -> Self {
        let mut known: Vec<&Host> = Vec::new();
        for host in samples.iter().filter_map(|sample| sample.host.as_deref()) {
            let is_same =
                |other: &&Host| other.name == host.name && other.unit_cell == host.unit_cell;
            if !known.iter().any(is_same) {
                known.push(host);
            }
        }
        let cell = |host: &Host| HostCell {
            name: host.name.clone(),
            poscar: poscar::write(&host.unit_cell, &host.name),
            periodic: host.unit_cell.periodic(),
        };
        let hosts = known.into_iter().map(cell).collect();
        Self(hosts)
    }

    /// The defects of a structure that is a supercell of one of these.
    ///
    /// # Errors
    ///
    /// [`UserError`](crate::error::UserError) if it is a supercell of none.
    pub(crate) fn defects(&self, structure: &Structure) -> Result<DefectCluster> {
        let mut reasons = Vec::new();
        for host in &self.0 {
            match host.defects(structure) {
                Ok(cluster) => return Ok(cluster),
                Err(error) => reasons.push(format!("{}: {error:#}", host.name)),
            }
        }
        refuse!(
            "not a supercell of a host of the model ({})",
            reasons.join("; ")
        )
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl HostCell {
    /// The defects of a structure that is a supercell of this host.
    fn defects(&self, structure: &Structure) -> Result<DefectCluster> {
        let cell = poscar::read(&self.poscar)?.with_periodic(self.periodic);
        let (long, short) = (structure.lattice().lengths(), cell.lattice().lengths());
        let mut repeats = [1; 3];
        for axis in 0..3 {
            let ratio = long[axis] / short[axis];
            let off = |n: &usize| (ratio / *n as f64 - 1.0).abs();
            let nearest = (1..=LARGEST).min_by(|a, b| off(a).total_cmp(&off(b)));
            repeats[axis] = nearest.unwrap_or(1);
            if off(&repeats[axis]) > WHOLE {
                refuse!(
                    "vector {} is {ratio:.3} times that of the unit cell, expected a whole number",
                    axis + 1
                );
            }
        }
        let structure = structure.clone().with_periodic(self.periodic);
        Ok(DefectCluster::find(&structure, &cell, repeats)?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::dataset::{Home, load};

    /// Low and high density of one material are in cells of different heights.
    #[test]
    fn unit_cells_of_one_name_are_told_apart() {
        let dataset = load("tb-mos2", &Home::at("nowhere")).unwrap();
        let first = &dataset.samples[0];
        let mut other = first.clone();
        let host = first.host.as_deref().unwrap();
        other.host = Some(Arc::new(Host {
            unit_cell: host.unit_cell.supercell([2, 1, 1]),
            ..host.clone()
        }));
        let hosts = Hosts::of(&[first, &other, &dataset.samples[1]]);
        assert_eq!(hosts.0.len(), 2);
        assert_eq!(hosts.0[0].name, hosts.0[1].name);
    }
}
