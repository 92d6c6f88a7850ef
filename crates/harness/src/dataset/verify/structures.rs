//! Defects as labelled, and atoms at sane distances.

use crystal::{Structure, neighbors};
use rayon::prelude::*;

use super::{Check, Looked, name};
use crate::dataset::{Evidence, Label, Replacement, Sample};

/// No two atoms of any crystal are closer, Å (H₂ is 0.74).
const CLOSEST: f64 = 0.7;

/// Atoms of an unrelaxed supercell are as far apart as those of its host; files
/// round coordinates to about this, Å.
const ROUNDING: f64 = 0.01;

/// Compares the defects that the source names with those of the structure.
pub(super) fn labels(looked: &[Looked], evidence: &Evidence) -> Check {
    let mut check = Check {
        name: "defects as labelled".into(),
        found: String::new(),
        checked: 0,
        errors: Vec::new(),
        warnings: Vec::new(),
    };
    for (Looked { sample, cluster }, row) in looked.iter().zip(&evidence.rows) {
        let (Some(Ok(cluster)), Some(label)) = (cluster, evidence.labels.get(row.label)) else {
            continue;
        };
        check.checked += 1;
        let mut found: Vec<Replacement> = cluster
            .defects()
            .iter()
            .map(|defect| Replacement {
                from: defect.before,
                to: defect.after,
            })
            .collect();
        found.sort();
        if found == label.defects {
            continue;
        }
        let line = format!(
            "{}: labelled {}, but the structure has {}",
            name(&sample.structure, &sample.id),
            Label::print(&label.defects),
            Label::print(&found)
        );
        if balance(&found) == balance(&label.defects) {
            check.warnings.push(line);
        } else {
            check.errors.push(line);
        }
    }
    let wrong = check.errors.len() + check.warnings.len();
    check.found = match (wrong, check.errors.len()) {
        (0, _) => "all agree".into(),
        (_, 0) => format!(
            "{wrong} disagree with their structure (same composition); the structure counts"
        ),
        (_, n) => format!("{n} have another composition"),
    };
    check
}

/// What comes and goes, whatever the sites: atomic number and change, sorted.
fn balance(defects: &[Replacement]) -> Vec<(u8, i64)> {
    let mut changes = std::collections::BTreeMap::new();
    for defect in defects {
        if let Some(element) = defect.from {
            *changes.entry(element.atomic_number()).or_insert(0) -= 1;
        }
        if let Some(element) = defect.to {
            *changes.entry(element.atomic_number()).or_insert(0) += 1;
        }
    }
    changes.into_iter().filter(|(_, n)| *n != 0).collect()
}

/// Looks whether every structure is a supercell of its host, with defects.
pub(super) fn hosts(looked: &[Looked]) -> Check {
    let mut check = Check {
        name: "supercells of their host".into(),
        found: String::new(),
        checked: 0,
        errors: Vec::new(),
        warnings: Vec::new(),
    };
    let mut most = 0;
    for Looked { sample, cluster } in looked {
        let Some(cluster) = cluster else { continue };
        check.checked += 1;
        let subject = name(&sample.structure, &sample.id);
        match cluster {
            Ok(cluster) if cluster.defects().is_empty() => {
                check.warnings.push(format!("{subject}: has no defect"));
            }
            Ok(cluster) => most = most.max(cluster.defects().len()),
            Err(error) => check.errors.push(format!("{subject}: {error}")),
        }
    }
    check.found = format!("up to {most} defects");
    check
}

/// Looks whether atoms are as far apart as those of the host.
pub(super) fn distances(samples: &[Sample]) -> Check {
    let host_shortest = samples
        .iter()
        .find_map(|sample| sample.host.as_ref())
        .and_then(|host| shortest(&host.unit_cell, 4.0));
    let least = host_shortest.map_or(CLOSEST, |length| length - ROUNDING);
    let found: Vec<Option<f64>> = samples
        .par_iter()
        .map(|sample| shortest(&sample.structure, host_shortest.unwrap_or(2.0) + 0.1))
        .collect();
    let errors = samples
        .iter()
        .zip(&found)
        .filter_map(|(sample, found)| {
            let length = found.filter(|&length| length < least)?;
            let subject = name(&sample.structure, &sample.id);
            Some(format!("{subject}: two atoms are {length:.4} Å apart"))
        })
        .collect();
    let overall = found
        .iter()
        .flatten()
        .copied()
        .fold(f64::INFINITY, f64::min);
    Check {
        name: format!("atoms are at least {least:.2} Å apart"),
        found: if overall.is_finite() {
            format!("shortest distance {overall:.4} Å")
        } else {
            "none is close to another".into()
        },
        checked: samples.len(),
        errors,
        warnings: Vec::new(),
    }
}

/// The shortest distance in a structure up to a cutoff, Å.
fn shortest(structure: &Structure, cutoff: f64) -> Option<f64> {
    let pairs = neighbors(structure, cutoff).ok()?;
    pairs.iter().map(|pair| pair.length).reduce(f64::min)
}
