//! A table of a user's own and what is to be explained in it.

use std::path::Path;

use anyhow::Result;
use symreg::{Column, Table};

use crate::dataset::csv;
use crate::error::UserError;
use crate::refuse;

/// What a user says of a table.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The column that is to be explained.
    pub target: String,
    /// Those that may explain it; all other columns of numbers if empty.
    pub features: Vec<String>,
    /// Units of columns by name; the others are dimensionless.
    pub units: Vec<(String, String)>,
}

/// Columns of numbers and a target.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Name and unit of the target.
    pub target: Column,
    /// The target, one value a row.
    pub values: Vec<f64>,
    /// The features.
    pub table: Table,
    /// Columns that were left out because they hold no numbers.
    pub skipped: Vec<String>,
}

impl Problem {
    /// Reads the columns that are wanted from a CSV file.
    ///
    /// # Errors
    ///
    /// [`UserError`] for a file that cannot be read, a column that is not there,
    /// a field that is no finite number, or a table without rows or features.
    pub fn read(path: &Path, wanted: &Wanted) -> Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| UserError::new(format!("{name}: {error}")))?;
        Self::parse(&name, &text, wanted)
    }

    /// As [`Problem::read`], from text.
    ///
    /// # Errors
    ///
    /// Those of [`Problem::read`].
    pub fn parse(name: &str, text: &str, wanted: &Wanted) -> Result<Self> {
        let rows = csv::Table::parse(name, text)?;
        if rows.rows().is_empty() {
            refuse!("{name}: expected rows below the header, found none");
        }
        for (column, _) in &wanted.units {
            rows.column(column)?;
        }
        let values = numbers(&rows, &wanted.target)?;
        let (features, skipped) = features(&rows, wanted)?;
        if features.is_empty() {
            refuse!("{name}: no column of numbers besides `{}`", wanted.target);
        }
        let columns = features
            .iter()
            .map(|feature| Ok((column(feature, wanted), numbers(&rows, feature)?)));
        Ok(Self {
            target: column(&wanted.target, wanted),
            values,
            table: Table::new(columns.collect::<Result<_>>()?)?,
            skipped,
        })
    }

    /// The rows of these numbers.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[must_use]
    pub fn part(&self, rows: &[usize]) -> (Table, Vec<f64>) {
        let pick = |values: &[f64]| rows.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        let columns = self.table.columns().iter().enumerate();
        let columns = columns.map(|(k, column)| (column.clone(), pick(self.table.values(k))));
        let table = Table::new(columns.collect()).expect("parts of finite columns are such");
        (table, pick(&self.values))
    }
}

fn column(name: &str, wanted: &Wanted) -> Column {
    let unit = wanted.units.iter().find(|(column, _)| column == name);
    Column::new(name, unit.map_or("", |(_, unit)| unit))
}

fn numbers(rows: &csv::Table, name: &str) -> Result<Vec<f64>> {
    let column = rows.column(name)?;
    rows.rows()
        .iter()
        .map(|row| rows.required(row, column))
        .collect()
}

/// The features that are wanted, and the columns that cannot be any.
fn features(rows: &csv::Table, wanted: &Wanted) -> Result<(Vec<String>, Vec<String>)> {
    if wanted.features.is_empty() {
        let others = rows.header().iter().filter(|name| **name != wanted.target);
        return Ok(others
            .cloned()
            .partition(|name| first_is_number(rows, name)));
    }
    for (index, feature) in wanted.features.iter().enumerate() {
        rows.column(feature)?;
        if *feature == wanted.target {
            refuse!("--features: `{feature}` is the target");
        }
        if wanted.features[..index].contains(feature) {
            refuse!("--features: `{feature}` stands there twice");
        }
    }
    Ok((wanted.features.clone(), Vec::new()))
}

/// Whether a column begins with a number: a mistake further down is then one.
fn first_is_number(rows: &csv::Table, name: &str) -> bool {
    let column = rows.find(name);
    column.is_some_and(|column| rows.rows()[0].fields[column].trim().parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "id,a,b,y\nfirst,1,2,3\nsecond,4,5,6\n";

    fn wanted(target: &str) -> Wanted {
        Wanted {
            target: target.to_owned(),
            ..Wanted::default()
        }
    }

    #[test]
    fn columns_of_numbers_are_features() {
        let mut wanted = wanted("y");
        wanted.units = vec![("a".to_owned(), "Å".to_owned())];
        let problem = Problem::parse("t.csv", TEXT, &wanted).unwrap();
        assert_eq!(problem.table.names(), ["a", "b"]);
        assert_eq!(problem.table.columns()[0].unit, "Å");
        assert_eq!(problem.skipped, ["id"]);
        let (table, values) = problem.part(&[1]);
        assert_eq!((table.values(1), &*values), (&[5.0][..], &[6.0][..]));
    }

    #[test]
    fn what_is_not_there_is_refused_by_name() {
        let refused = |wanted: &Wanted| {
            let refused = Problem::parse("t.csv", TEXT, wanted);
            refused.unwrap_err().to_string()
        };
        assert_eq!(
            refused(&wanted("z")),
            "t.csv: line 1: no column `z` among id, a, b, y"
        );
        assert_eq!(
            refused(&wanted("id")),
            "t.csv: line 2: column `id`: expected a finite number, found `first`"
        );
        let mut own = wanted("y");
        own.features = vec!["a".to_owned(), "y".to_owned()];
        assert_eq!(refused(&own), "--features: `y` is the target");
    }
}
