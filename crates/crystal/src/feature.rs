//! Tables of named features, as models and formulas read them.

use crate::{Error, Result};

/// What one row of a table stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// A whole structure.
    Structure,
    /// A site of it.
    Site,
    /// A pair of sites.
    Pair,
    /// Three sites.
    Triple,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, usable in a formula, as `d1` or `n_V_Mo`.
    pub name: String,
    /// Its unit, as `Å`; empty for a number without one.
    pub unit: String,
    /// What a row of it stands for.
    pub level: Level,
}

/// Rows of numbers under named columns.
///
/// # Invariants
///
/// Every value is finite, every row is full and no name comes twice; only
/// [`FeatureTable::new`] checks this.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureTable {
    columns: Vec<Column>,
    rows: Vec<f64>,
}

impl FeatureTable {
    /// A table from its columns and its values, row after row.
    ///
    /// # Errors
    ///
    /// [`Error::RaggedTable`] if the values do not fill whole rows,
    /// [`Error::RepeatedColumn`], or [`Error::NotFinite`].
    pub fn new(columns: Vec<Column>, rows: Vec<f64>) -> Result<Self> {
        let full = match columns.len() {
            0 => rows.is_empty(),
            width => rows.len().is_multiple_of(width),
        };
        if !full {
            return Err(Error::RaggedTable {
                columns: columns.len(),
                values: rows.len(),
            });
        }
        for (place, column) in columns.iter().enumerate() {
            if columns[..place].iter().any(|c| c.name == column.name) {
                return Err(Error::RepeatedColumn {
                    name: column.name.clone(),
                });
            }
        }
        match rows.iter().find(|value| !value.is_finite()) {
            Some(&value) => Err(Error::NotFinite {
                what: "a feature",
                value,
            }),
            None => Ok(Self { columns, rows }),
        }
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Number of rows; zero without columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len().checked_div(self.width()).unwrap_or(0)
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All values, row after row.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.rows
    }

    /// One row.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        &self.rows[index * self.width()..(index + 1) * self.width()]
    }

    /// The values of one column.
    ///
    /// # Panics
    ///
    /// If there is no such column.
    #[must_use]
    pub fn column(&self, index: usize) -> Vec<f64> {
        assert!(index < self.width(), "there is no column {index}");
        let values = self.rows.iter().skip(index);
        values.step_by(self.width()).copied().collect()
    }

    /// Where the column of a name is.
    #[must_use]
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<Column> {
        let column = |name: &&str| Column {
            name: (*name).to_owned(),
            unit: String::new(),
            level: Level::Structure,
        };
        names.iter().map(column).collect()
    }

    #[test]
    fn rows_and_columns_by_hand() {
        let table = FeatureTable::new(columns(&["x", "y"]), vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(table.len(), 2);
        assert_eq!(table.row(1), [3.0, 4.0]);
        assert_eq!(table.column(1), [2.0, 4.0]);
        assert_eq!(table.index_of("y"), Some(1));
    }

    #[test]
    fn half_a_row_is_refused() {
        let error = FeatureTable::new(columns(&["x", "y"]), vec![1.0; 3]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a table of 2 columns needs whole rows, got 3 values"
        );
    }

    #[test]
    fn a_name_that_comes_twice_is_refused() {
        let error = FeatureTable::new(columns(&["x", "y", "x"]), vec![]).unwrap_err();
        assert_eq!(error, Error::RepeatedColumn { name: "x".into() });
    }

    #[test]
    fn a_value_that_is_not_finite_is_refused() {
        let error = FeatureTable::new(columns(&["x"]), vec![f64::NAN]).unwrap_err();
        assert!(matches!(
            error,
            Error::NotFinite {
                what: "a feature",
                ..
            }
        ));
    }
}
