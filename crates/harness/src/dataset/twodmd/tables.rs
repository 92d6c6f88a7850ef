//! The tables of a subset: targets, raw values, reference energies.

use std::collections::HashMap;

use anyhow::Result;
use crystal::Element;

use super::defects::triple;
use crate::dataset::Pristine;
use crate::dataset::csv::{Row, Table};
use crate::dataset::description::Target;
use crate::dataset::literal::Literal;
use crate::dataset::source::Source;
use crate::error::UserError;

/// A row of `targets.csv` with what `defects.csv` says about it.
pub(super) struct TargetRow {
    /// Where it stands in `targets.csv`.
    pub(super) line: usize,
    pub(super) id: String,
    pub(super) descriptor: String,
    /// In the order of the description's targets.
    pub(super) targets: Vec<Option<f64>>,
    /// Total energy, eV.
    pub(super) energy: f64,
    /// eV.
    pub(super) formation_energy: f64,
    /// HOMO and LUMO of each spin channel, eV.
    pub(super) channels: Vec<[f64; 2]>,
}

/// The path of a table in a folder, packed or not.
pub(super) fn find(source: &Source, folder: &str, stem: &str) -> Option<String> {
    [".csv.gz", ".csv"]
        .iter()
        .map(|ending| format!("{folder}{stem}{ending}"))
        .find(|path| source.has(path))
}

/// Reads the targets, and the raw values from the other table if there is one.
pub(super) fn targets(
    table: &Table,
    raw: Option<&Table>,
    targets: &[Target],
) -> Result<Vec<TargetRow>> {
    let id = table.column("_id")?;
    let descriptor = table.column("descriptor_id")?;
    let formation_energy = table.column("formation_energy")?;
    let columns: Vec<usize> = targets
        .iter()
        .map(|target| target_column(table, target))
        .collect::<Result<_>>()?;
    let ids = unique(table, id)?;
    let raw = raw.unwrap_or(table);
    let raw_rows = unique(raw, raw.column("_id")?)?;
    if let Some((extra, row)) = raw_rows.iter().find(|(id, _)| !ids.contains_key(*id)) {
        return Err(UserError::new(format!(
            "{}: line {}: column `_id`: `{extra}` is not in {}",
            raw.name(),
            row.line,
            table.name()
        )));
    }
    let energy = raw.column("energy")?;
    let channels = channels(raw)?;
    table
        .rows()
        .iter()
        .map(|row| {
            let name = &row.fields[id];
            let raw_row = *raw_rows.get(name.as_str()).ok_or_else(|| {
                table.wrong(row, id, &format!("an id that {} has too", raw.name()))
            })?;
            Ok(TargetRow {
                line: row.line,
                id: name.clone(),
                descriptor: row.fields[descriptor].clone(),
                targets: columns
                    .iter()
                    .map(|&column| table.number(row, column))
                    .collect::<Result<_>>()?,
                energy: raw.required(raw_row, energy)?,
                formation_energy: table.required(row, formation_energy)?,
                channels: channels
                    .iter()
                    .map(|&[homo, lumo]| {
                        Ok([raw.required(raw_row, homo)?, raw.required(raw_row, lumo)?])
                    })
                    .collect::<Result<_>>()?,
            })
        })
        .collect()
}

/// The first column of a target that is there.
pub(crate) fn target_column(table: &Table, target: &Target) -> Result<usize> {
    let names = target.column.names();
    names
        .iter()
        .find_map(|name| table.find(name))
        .map_or_else(|| table.column(&names.join("` or `")), Ok)
}

/// The rows by their id.
pub(crate) fn unique(table: &Table, column: usize) -> Result<HashMap<&str, &Row>> {
    let mut rows = HashMap::new();
    for row in table.rows() {
        let id = row.fields[column].as_str();
        if id.is_empty() {
            return Err(table.wrong(row, column, "an id"));
        }
        if let Some(first) = rows.insert(id, row) {
            let first: &Row = first;
            let expected = format!("an id that line {} does not have", first.line);
            return Err(table.wrong(row, column, &expected));
        }
    }
    Ok(rows)
}

/// Columns of HOMO and LUMO: one pair, or one a spin channel.
fn channels(raw: &Table) -> Result<Vec<[usize; 2]>> {
    let pair = |channel: &str| -> Result<[usize; 2]> {
        Ok([
            raw.column(&format!("homo{channel}"))?,
            raw.column(&format!("lumo{channel}"))?,
        ])
    };
    if raw.find("homo_majority").is_some() {
        Ok(vec![pair("_majority")?, pair("_minority")?])
    } else {
        Ok(vec![pair("")?])
    }
}

/// Reads `elements.csv`.
pub(super) fn potentials(table: &Table) -> Result<Vec<(Element, f64)>> {
    let element = table.column("element")?;
    let potential = table.column("chemical_potential")?;
    table
        .rows()
        .iter()
        .map(|row| {
            let symbol = row.fields[element]
                .parse()
                .map_err(|_| table.wrong(row, element, "a chemical element"))?;
            Ok((symbol, table.required(row, potential)?))
        })
        .collect()
}

/// Reads `initial_structures.csv`.
pub(super) fn pristine(table: &Table) -> Result<Vec<Pristine>> {
    let base = table.column("base")?;
    let size = table.column("cell_size")?;
    let energy = table.column("energy")?;
    table
        .rows()
        .iter()
        .map(|row| {
            Ok(Pristine {
                host: row.fields[base].clone(),
                repeats: triple(table, row, size, "three counts", Literal::count)?,
                energy: table.required(row, energy)?,
            })
        })
        .collect()
}
