//! A user's own data: structures in a usual format and a table of targets.
//!
//! `dataset.toml` says which files they are; no Rust is needed. See
//! [`super::Description`] for its keys.

mod structures;

pub use structures::read_structure;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use crystal::Structure;

use super::csv::{Row, Table};
use super::source::Source;
use super::twodmd::{target_column, unique};
use super::{Description, Host, Imported, Sample, hash};
use crate::error::UserError;

/// Reads a data set in the layout `table`.
///
/// - `name`: of the data set.
/// - `root`: the folder of `dataset.toml` in the source, with a `/` at the end
///   or empty; all paths in the description start there.
///
/// # Errors
///
/// [`UserError`]: a missing or malformed file; an id without structure, or a
/// structure without row; a target that is not a finite number. An empty target
/// is none.
pub fn read(
    source: &Source,
    name: &str,
    root: &str,
    description: &Description,
) -> Result<Imported> {
    let file = |key: &Option<String>| format!("{root}{}", key.as_deref().unwrap_or_default());
    let table_path = file(&description.table);
    let table = Table::parse(&table_path, &source.text(&table_path)?)?;
    let pattern = file(&description.structures);
    let mut structures = structures::read(source, &pattern)?;
    let host = host(source, root, description)?;
    let rows = rows(&table, description)?;

    let mut samples = Vec::new();
    for row in rows {
        let structure = structures.remove(&row.id).ok_or_else(|| {
            UserError::new(format!(
                "{table_path}: line {}: no structure `{}` in {pattern}",
                row.line, row.id
            ))
        })?;
        samples.push(row.sample(structure, host.clone(), description));
    }
    if let Some(id) = structures.keys().min() {
        return Err(UserError::new(format!(
            "{pattern}: structure `{id}` has no row in {table_path} ({} such)",
            structures.len()
        )));
    }
    Ok(Imported {
        dataset: hash::dataset(name, description, samples)?,
        evidence: Vec::new(),
        notes: Vec::new(),
    })
}

/// What the table says about a structure.
struct TableRow {
    line: usize,
    id: String,
    subset: String,
    kind: String,
    targets: Vec<Option<f64>>,
}

impl TableRow {
    fn sample(
        self,
        structure: Structure,
        host: Option<Arc<Host>>,
        description: &Description,
    ) -> Sample {
        let periodic = description.periodic.unwrap_or(structure.periodic());
        Sample {
            id: self.id,
            subset: Arc::from(self.subset),
            kind: Arc::from(self.kind),
            structure: structure.with_periodic(periodic),
            host,
            targets: self.targets,
        }
    }
}

/// The rows of the table; subsets together, in the order in which they appear.
fn rows(table: &Table, description: &Description) -> Result<Vec<TableRow>> {
    let column = |name: &Option<String>| name.as_ref().map(|name| table.column(name)).transpose();
    let id = table.column(description.id.as_deref().unwrap_or_default())?;
    let (subset, kind) = (column(&description.subset)?, column(&description.kind)?);
    let targets: Vec<usize> = description
        .targets
        .iter()
        .map(|target| target_column(table, target))
        .collect::<Result<_>>()?;
    unique(table, id)?;
    let default = description.default_subset.as_deref().unwrap_or("all");
    let field = |row: &Row, column: Option<usize>, default: &str| {
        column.map_or_else(|| default.to_owned(), |column| row.fields[column].clone())
    };
    let mut order: HashMap<String, usize> = HashMap::new();
    let mut rows = Vec::new();
    for row in table.rows() {
        let subset = field(row, subset, default);
        let next = order.len();
        order.entry(subset.clone()).or_insert(next);
        rows.push(TableRow {
            line: row.line,
            id: row.fields[id].clone(),
            subset,
            kind: field(row, kind, ""),
            targets: targets
                .iter()
                .map(|&target| table.number(row, target))
                .collect::<Result<_>>()?,
        });
    }
    rows.sort_by_key(|row| order[&row.subset]);
    Ok(rows)
}

/// The crystal without defects, if the description has one.
fn host(source: &Source, root: &str, description: &Description) -> Result<Option<Arc<Host>>> {
    let Some(host) = &description.host else {
        return Ok(None);
    };
    let path = format!("{root}{}", host.unit_cell);
    let unit_cell = structures::one(&path, &source.text(&path)?)?;
    let stem = Path::new(&path)
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let periodic = description.periodic.unwrap_or(unit_cell.periodic());
    Ok(Some(Arc::new(Host {
        name: host.name.clone().or(stem).unwrap_or_default(),
        unit_cell: unit_cell.with_periodic(periodic),
        repeats: host.repeats,
    })))
}
