//! The files that a program reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Result;
use crystal::xyz;
use tempfile::TempDir;

use super::message::{Need, Written};
use crate::models::Input;
use crate::models::features::Features;

/// A folder that is there for one trial.
pub(super) struct Exchange {
    folder: TempDir,
    features: Features,
    needs: Vec<Need>,
}

impl Exchange {
    pub(super) fn new(features: Features, needs: Vec<Need>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("tycho-").tempdir()?;
        Ok(Self {
            folder,
            features,
            needs,
        })
    }

    /// Names and units of the columns; none if no table is needed.
    pub(super) fn columns(&self) -> Vec<(String, String)> {
        if !self.needs.contains(&Need::Table) {
            return Vec::new();
        }
        let columns = self.features.columns().into_iter();
        columns.map(|column| (column.name, column.unit)).collect()
    }

    /// Writes what the program needs to know of structures.
    pub(super) fn write(
        &self,
        name: &str,
        inputs: &[Input<'_>],
        targets: Option<&[f64]>,
    ) -> Result<Written> {
        let mut written = Written {
            count: inputs.len(),
            table: None,
            structures: None,
        };
        for need in &self.needs {
            match need {
                Need::Table => {
                    let path = self.folder.path().join(format!("{name}.csv"));
                    self.write_table(&path, inputs, targets)?;
                    written.table = Some(path);
                }
                Need::Structures => {
                    let path = self.folder.path().join(format!("{name}.xyz"));
                    write_structures(&path, inputs, targets)?;
                    written.structures = Some(path);
                }
            }
        }
        Ok(written)
    }

    fn write_table(
        &self,
        path: &Path,
        inputs: &[Input<'_>],
        targets: Option<&[f64]>,
    ) -> Result<()> {
        let names = self.features.columns().into_iter().map(|c| c.name);
        let names = names.chain(targets.map(|_| "target".to_owned()));
        let mut text = names.collect::<Vec<_>>().join(",");
        text.push('\n');
        if !inputs.is_empty() {
            let table = self.features.table(inputs)?;
            for row in 0..inputs.len() {
                let target = targets.map(|targets| targets[row]);
                let values = table.row(row).iter().copied().chain(target);
                for (place, value) in values.enumerate() {
                    let comma = if place == 0 { "" } else { "," };
                    // writing to a `String` cannot fail
                    let _ = write!(text, "{comma}{value}");
                }
                text.push('\n');
            }
        }
        Ok(std::fs::write(path, text)?)
    }
}

fn write_structures(path: &Path, inputs: &[Input<'_>], targets: Option<&[f64]>) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for (index, input) in inputs.iter().enumerate() {
        let mut info = BTreeMap::new();
        if let Some(targets) = targets {
            info.insert("target".to_owned(), targets[index].to_string());
        }
        file.write_all(xyz::write(input.structure, &info).as_bytes())?;
    }
    Ok(file.flush()?)
}
