//! Checking a data set against itself: every target is computed again from the
//! raw values and the structures, and every structure looked at.
//!
//! What the structure says counts; labels of the source are only compared with
//! it. An *error* means that a number or a structure cannot be what it claims to
//! be; a *warning*, that it can be used but one should know.

mod energies;
mod structures;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use crystal::{DefectCluster, Error, Structure};
use rayon::prelude::*;

use super::{Evidence, Imported, Property, Sample};

/// Energies that were computed the same way agree to this, eV.
const TOLERANCE: f64 = 1e-6;

/// How many examples of a fault are shown.
const EXAMPLES: usize = 3;

/// One thing that was looked at in one subset.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// As `gap over spin channels`.
    pub name: String,
    /// What was found where all is well: a number or a few words.
    pub found: String,
    /// How many structures were looked at.
    pub checked: usize,
    /// What cannot be: one line a structure.
    pub errors: Vec<String>,
    /// What one should know: one line a structure.
    pub warnings: Vec<String>,
}

/// What was found in one subset.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// As `low_MoS2`.
    pub subset: String,
    /// How many structures it has.
    pub structures: usize,
    /// For each kind of the source: what the structures are, and how many.
    pub kinds: Vec<(String, String, usize)>,
    /// In the order in which they are printed.
    pub checks: Vec<Check>,
}

/// A sample with the defects that its structure has, if it has a host.
struct Looked<'a> {
    sample: &'a Sample,
    cluster: Option<Result<DefectCluster, Error>>,
}

/// Looks at all of a data set.
#[must_use]
pub fn verify(imported: &Imported) -> Vec<Verdict> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for sample in &imported.dataset.samples {
        *seen.entry(&sample.id).or_default() += 1;
    }
    imported
        .dataset
        .samples
        .chunk_by(|a, b| a.subset == b.subset)
        .map(|part| {
            let evidence = imported
                .evidence
                .iter()
                .find(|evidence| evidence.subset == part[0].subset);
            subset(part, evidence, &imported.dataset.properties, &seen)
        })
        .collect()
}

fn subset(
    samples: &[Sample],
    evidence: Option<&Evidence>,
    properties: &[Property],
    seen: &HashMap<&str, usize>,
) -> Verdict {
    let looked: Vec<Looked> = samples
        .par_iter()
        .map(|sample| Looked {
            sample,
            cluster: sample
                .host
                .as_ref()
                .map(|host| DefectCluster::find(&sample.structure, &host.unit_cell, host.repeats)),
        })
        .collect();
    let mut checks = vec![unique_ids(samples, seen)];
    if let Some(evidence) = evidence {
        checks.extend(energies::checks(&looked, evidence, properties));
        checks.push(structures::labels(&looked, evidence));
    } else {
        checks.push(targets(samples, properties));
    }
    if samples.iter().any(|sample| sample.host.is_some()) {
        checks.push(structures::hosts(&looked));
    }
    checks.push(structures::distances(samples));
    Verdict {
        subset: samples[0].subset.to_string(),
        structures: samples.len(),
        kinds: kinds(&looked),
        checks,
    }
}

fn unique_ids(samples: &[Sample], seen: &HashMap<&str, usize>) -> Check {
    let errors: Vec<String> = samples
        .iter()
        .filter(|sample| seen.get(sample.id.as_str()).is_some_and(|&count| count > 1))
        .map(|sample| format!("{}: another structure has this id", sample.id))
        .collect();
    Check {
        name: "ids are unique".into(),
        found: String::new(),
        checked: samples.len(),
        errors,
        warnings: Vec::new(),
    }
}

/// Counts what the table leaves open.
fn targets(samples: &[Sample], properties: &[Property]) -> Check {
    let counts: Vec<String> = properties
        .iter()
        .enumerate()
        .map(|(index, property)| {
            let known = samples.iter().filter(|s| s.targets[index].is_some());
            format!("{} {}", known.count(), property.key)
        })
        .collect();
    Check {
        name: "targets are finite".into(),
        found: counts.join(", "),
        checked: samples.len(),
        errors: Vec::new(),
        warnings: Vec::new(),
    }
}

/// Kinds of the source with the complexes that their structures have.
fn kinds(looked: &[Looked]) -> Vec<(String, String, usize)> {
    let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for Looked { sample, cluster } in looked {
        if let Some(Ok(cluster)) = cluster {
            *counts.entry((&sample.kind, cluster.kind())).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .map(|((kind, complex), count)| (kind.to_owned(), complex, count))
        .collect()
}

impl Verdict {
    /// How many structures cannot be what they claim to be.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.checks.iter().map(|check| check.errors.len()).sum()
    }

    /// How many structures one should know something about.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.checks.iter().map(|check| check.warnings.len()).sum()
    }

    /// The verdict as a few lines of text.
    #[must_use]
    pub fn print(&self) -> String {
        let mut text = format!("{}: {} structures\n", self.subset, self.structures);
        for check in &self.checks {
            let word = match (check.errors.len(), check.warnings.len()) {
                (0, 0) => "ok",
                (0, _) => "warning",
                _ => "ERROR",
            };
            let line = format!(
                "  {word:<8}{:<44}{:>6}  {}",
                check.name, check.checked, check.found
            );
            text += line.trim_end();
            text.push('\n');
            for (what, lines) in [("error", &check.errors), ("warning", &check.warnings)] {
                for line in lines.iter().take(EXAMPLES) {
                    let _ = writeln!(text, "            {what}: {line}");
                }
                if lines.len() > EXAMPLES {
                    let _ = writeln!(text, "            … {} {what}s in all", lines.len());
                }
            }
        }
        // with random compositions every structure is a kind of its own
        if self.kinds.len() <= 20 && self.kinds.iter().any(|(kind, ..)| !kind.is_empty()) {
            for (kind, complex, count) in &self.kinds {
                let _ = writeln!(text, "          {kind:<4} {complex:<16} {count:>5}");
            }
        }
        text
    }
}

/// A structure's name in a line.
fn name(structure: &Structure, id: &str) -> String {
    format!("{id} ({})", structure.formula())
}
