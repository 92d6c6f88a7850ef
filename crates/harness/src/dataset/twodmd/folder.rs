//! One subset: its folder, its name, and how its files are put together.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use crystal::Structure;

use super::defects::{self, Descriptor};
use super::structures;
use super::tables::{self, TargetRow};
use crate::dataset::csv::Table;
use crate::dataset::source::Source;
use crate::dataset::{Description, Evidence, Host, RawRow, Sample};
use crate::error::UserError;

/// The order in which the subsets of 2DMD are given; others come after them.
const ORDER: [&str; 8] = [
    "low_MoS2",
    "low_WSe2",
    "high_MoS2",
    "high_WSe2",
    "high_hBN",
    "high_GaSe",
    "high_InSe",
    "high_BP",
];

/// A folder with a subset.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Folder {
    /// As `low_MoS2`.
    pub(super) name: String,
    /// Its path with a `/` at the end; empty for the root.
    pub(super) path: String,
}

/// What a folder holds.
pub(super) struct Part {
    pub(super) samples: Vec<Sample>,
    pub(super) evidence: Evidence,
}

/// All subsets of a source, in the order of [`ORDER`].
pub(super) fn subsets(source: &Source, default: Option<&str>) -> Vec<Folder> {
    let ancestors = source.ancestors();
    let mut folders: Vec<Folder> = source
        .paths()
        .iter()
        .filter_map(|path| path.strip_suffix("initial.tar.gz"))
        .filter(|path| path.is_empty() || path.ends_with('/'))
        .filter(|path| tables::find(source, path, "targets").is_some())
        .map(|path| {
            let mut parts: Vec<&str> = ancestors.iter().map(String::as_str).collect();
            parts.extend(path.split('/').filter(|part| !part.is_empty()));
            let name = match default {
                Some(default) if path.is_empty() => default.to_owned(),
                _ => subset_name(&parts),
            };
            Folder {
                name,
                path: path.to_owned(),
            }
        })
        .collect();
    let rank = |name: &str| ORDER.iter().position(|known| *known == name);
    folders.sort_by_key(|folder| {
        (
            rank(&folder.name).unwrap_or(ORDER.len()),
            folder.name.clone(),
        )
    });
    folders
}

/// The name of a subset from the names of the folders that lead to it.
fn subset_name(parts: &[&str]) -> String {
    let Some((last, before)) = parts.split_last() else {
        return "all".to_owned();
    };
    let material = last
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .strip_suffix('_')
        .unwrap_or(last);
    let material = material.strip_suffix("_spin").unwrap_or(material);
    match before.last() {
        Some(&"low_density_defects") => format!("low_{material}"),
        Some(&"high_density_defects") => format!("high_{material}"),
        _ => (*last).to_owned(),
    }
}

impl Folder {
    /// Reads everything in the folder; what looks odd goes to `notes`.
    pub(super) fn read(
        &self,
        source: &Source,
        description: &Description,
        notes: &mut Vec<String>,
    ) -> Result<Part> {
        let periodic = description.periodic.unwrap_or([true, true, false]);
        let descriptors = defects::read(&self.table(source, "descriptors")?)?;
        let hosts = self.hosts(source, &descriptors, periodic)?;
        let targets = self.table(source, "targets")?;
        let rows = self.rows(source, &targets, description)?;
        let labels = self.labels(&targets, &rows, &descriptors)?;
        let structures = self.structures(source, &targets, &rows, notes)?;
        let evidence = Evidence {
            subset: Arc::from(self.name.as_str()),
            chemical_potentials: tables::potentials(&self.table(source, "elements")?)?,
            pristine: tables::pristine(&self.table(source, "initial_structures")?)?,
            rows: rows
                .iter()
                .zip(&labels)
                .map(|(row, &label)| raw_row(row, label))
                .collect(),
            labels: descriptors.iter().map(|one| one.label.clone()).collect(),
        };
        let samples = rows
            .into_iter()
            .zip(labels)
            .zip(structures)
            .map(|((row, label), structure)| Sample {
                id: row.id,
                subset: Arc::clone(&evidence.subset),
                kind: Arc::clone(&descriptors[label].label.kind),
                structure: structure.with_periodic(hosts[label].unit_cell.periodic()),
                host: Some(Arc::clone(&hosts[label])),
                targets: row.targets,
            })
            .collect();
        Ok(Part { samples, evidence })
    }

    /// The targets with the raw values beside them.
    fn rows(
        &self,
        source: &Source,
        targets: &Table,
        description: &Description,
    ) -> Result<Vec<TargetRow>> {
        let raw = match tables::find(source, &self.path, "defects") {
            Some(_) => Some(self.table(source, "defects")?),
            None => None,
        };
        tables::targets(targets, raw.as_ref(), &description.targets)
    }

    /// The index of each row's descriptor.
    fn labels(
        &self,
        targets: &Table,
        rows: &[TargetRow],
        descriptors: &[Descriptor],
    ) -> Result<Vec<usize>> {
        let index: HashMap<&str, usize> = descriptors
            .iter()
            .enumerate()
            .map(|(index, descriptor)| (descriptor.id.as_str(), index))
            .collect();
        rows.iter()
            .map(|row| {
                index.get(row.descriptor.as_str()).copied().ok_or_else(|| {
                    UserError::new(format!(
                        "{}: line {}: column `descriptor_id`: `{}` is not in {}descriptors.csv",
                        targets.name(),
                        row.line,
                        row.descriptor,
                        self.path
                    ))
                })
            })
            .collect()
    }

    /// The structure of each row.
    fn structures(
        &self,
        source: &Source,
        targets: &Table,
        rows: &[TargetRow],
        notes: &mut Vec<String>,
    ) -> Result<Vec<Structure>> {
        let file = format!("{}initial.tar.gz", self.path);
        let mut known = structures::read(&file, &source.read(&file)?)?;
        let mut found = Vec::with_capacity(rows.len());
        let mut absent = Vec::new();
        for row in rows {
            match known.remove(&row.id) {
                Some(structure) => found.push(structure),
                None => absent.push(row),
            }
        }
        if let Some(row) = absent.first() {
            return Err(UserError::new(format!(
                "{file}: no `{}.cif`, but {} has it in line {}{}",
                row.id,
                targets.name(),
                row.line,
                more(absent.len())
            )));
        }
        if let Some(id) = known.keys().min() {
            notes.push(format!(
                "{file}: `{id}.cif` has no row in {}{}: left out",
                targets.name(),
                more(known.len())
            ));
        }
        Ok(found)
    }

    /// A table of the folder, packed or not.
    fn table(&self, source: &Source, stem: &str) -> Result<Table> {
        let path = tables::find(source, &self.path, stem).ok_or_else(|| {
            UserError::new(format!(
                "{}: no file `{}{stem}.csv` or `{}{stem}.csv.gz`",
                source.name(),
                self.path,
                self.path
            ))
        })?;
        Table::parse(&path, &source.text(&path)?)
    }

    /// The host of each descriptor, equal ones shared.
    fn hosts(
        &self,
        source: &Source,
        descriptors: &[Descriptor],
        periodic: [bool; 3],
    ) -> Result<Vec<Arc<Host>>> {
        let mut known: Vec<Arc<Host>> = Vec::new();
        let mut hosts = Vec::new();
        for descriptor in descriptors {
            let periodic = descriptor.periodic.unwrap_or(periodic);
            let same = known.iter().find(|host| {
                host.name == descriptor.base
                    && host.repeats == descriptor.repeats
                    && host.unit_cell.periodic() == periodic
            });
            let host = if let Some(host) = same {
                Arc::clone(host)
            } else {
                let path = format!("{}unit_cells/{}.cif", self.path, descriptor.base);
                let unit_cell = crystal::cif::read(&source.text(&path)?)
                    .map_err(|error| UserError::new(format!("{path}: {error}")))?;
                let host = Arc::new(Host {
                    name: descriptor.base.clone(),
                    unit_cell: unit_cell.with_periodic(periodic),
                    repeats: descriptor.repeats,
                });
                known.push(Arc::clone(&host));
                host
            };
            hosts.push(host);
        }
        Ok(hosts)
    }
}

fn raw_row(row: &TargetRow, label: usize) -> RawRow {
    RawRow {
        label,
        energy: row.energy,
        formation_energy: row.formation_energy,
        channels: row.channels.clone(),
    }
}

/// As `, and 3 more like it`; nothing for one.
fn more(count: usize) -> String {
    match count {
        0 | 1 => String::new(),
        count => format!(", and {} more like it", count - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_are_called_by_density_and_material() {
        let name = |path: &str| subset_name(&path.split('/').collect::<Vec<_>>());
        assert_eq!(name("x/low_density_defects/MoS2"), "low_MoS2");
        assert_eq!(name("high_density_defects/hBN_spin_500"), "high_hBN");
        assert_eq!(name("high_density_defects/WSe2_500"), "high_WSe2");
        assert_eq!(name("mine/batch_7"), "batch_7");
        assert_eq!(subset_name(&[]), "all");
    }
}
