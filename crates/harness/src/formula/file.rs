//! Formulas that were found, as a file.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use symreg::{Column, Expr, Rule};

use crate::error::{UserError, one_line};
use crate::files;
use crate::refuse;

/// Version of the layout of the file.
const SCHEMA: u32 = 1;

/// A front that `tycho fit` has found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormulaFile {
    pub(super) schema: u32,
    /// File that the formulas were learnt from.
    pub data: String,
    /// Rows that they were fitted on.
    pub rows_fitted: usize,
    /// Rows that were held out.
    pub rows_held_out: usize,
    /// What picked *the* formula.
    pub rule: Rule,
    /// Start of the random numbers.
    pub seed: u64,
    /// Passes over all rows that the search made.
    pub evaluations: u64,
    /// What is explained.
    pub target: Quantity,
    /// Columns that the formulas may hold, in order.
    pub columns: Vec<Quantity>,
    /// From the shortest to the longest.
    pub front: Vec<Member>,
}

/// A column: what it is called and measured in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    /// Name.
    pub name: String,
    /// Unit; empty for a pure number.
    pub unit: String,
}

impl Quantity {
    pub(super) fn of(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            unit: column.unit.clone(),
        }
    }
}

/// One formula of the front.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Number of nodes.
    pub complexity: usize,
    /// Mean absolute error on the rows that it was fitted on.
    pub train_mae: f64,
    /// The same on those held out, if any.
    pub held_out_mae: Option<f64>,
    /// Length of the description of the formula and its residual on the rows
    /// that it was fitted on, in nats; smaller is better, and may be negative.
    pub description_length: Option<f64>,
    /// The formula, exact.
    pub text: String,
    /// The formula with the standard errors of its constants, where the data
    /// determine these.
    pub with_errors: Option<String>,
    /// Whether it is *the* formula.
    pub chosen: bool,
}

impl FormulaFile {
    /// A file without formulas.
    pub(super) fn new(data: &str, target: Quantity) -> Self {
        Self {
            schema: SCHEMA,
            data: data.to_owned(),
            rows_fitted: 0,
            rows_held_out: 0,
            rule: Rule::default(),
            seed: 0,
            evaluations: 0,
            target,
            columns: Vec::new(),
            front: Vec::new(),
        }
    }

    /// Names of the columns, as [`Expr::text`] wants them.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let columns = self.columns.iter();
        columns.map(|column| column.name.as_str()).collect()
    }

    /// One of the formulas, to be evaluated or printed.
    ///
    /// # Errors
    ///
    /// [`UserError`] if its text is no formula of the columns.
    pub fn expr(&self, member: &Member) -> Result<Expr> {
        let parsed = Expr::parse(&member.text, &self.names());
        parsed.map_err(|error| UserError::new(format!("`{}`: {error}", member.text)))
    }

    /// *The* formula.
    ///
    /// # Errors
    ///
    /// [`UserError`] if the file names none.
    pub fn chosen(&self) -> Result<&Member> {
        let chosen = self.front.iter().find(|member| member.chosen);
        chosen.ok_or_else(|| UserError::new("no formula is marked as chosen"))
    }

    /// Reads a file that [`FormulaFile::write`] wrote.
    ///
    /// # Errors
    ///
    /// [`UserError`] if it cannot be read or is another kind of file.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| UserError::new(format!("{name}: {error}")))?;
        let file: Self = serde_json::from_str(&text).map_err(|error| {
            let error = one_line(&error.to_string());
            UserError::new(format!("{name}: not written by `tycho fit`: {error}"))
        })?;
        if file.schema != SCHEMA {
            refuse!(
                "{name}: layout {}, but this tycho reads {SCHEMA}",
                file.schema
            );
        }
        Ok(file)
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    ///
    /// If the file system refuses.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut text = serde_json::to_string_pretty(self).context("formulas as JSON")?;
        text.push('\n');
        files::write(path, text.as_bytes())
    }
}
