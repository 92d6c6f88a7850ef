//! The crystals without defects that a model was learnt on, as its file keeps them.

use anyhow::Result;
use crystal::{DefectCluster, Structure, poscar};
use serde::{Deserialize, Serialize};

use crate::dataset::Sample;
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
    /// Those of samples, each once; none, if the samples have none.
    pub(crate) fn of(samples: &[&Sample]) -> Self {
        let mut hosts: Vec<HostCell> = Vec::new();
        for host in samples.iter().filter_map(|sample| sample.host.as_ref()) {
            if !hosts.iter().any(|known| known.name == host.name) {
                hosts.push(HostCell {
                    name: host.name.clone(),
                    poscar: poscar::write(&host.unit_cell, &host.name),
                    periodic: host.unit_cell.periodic(),
                });
            }
        }
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
