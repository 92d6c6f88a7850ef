//! Named columns of numbers, all that this crate knows of the world.
//!
//! # Invariants
//!
//! 1. All columns are equally long, and every value is finite.
//! 2. Names differ.

use crate::{Error, Result, kernels::columns::Columns};

/// What the numbers of one column mean.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Column {
    /// Name, as it is printed in formulas.
    pub name: String,
    /// Unit, such as `Å`; empty for a dimensionless column.
    pub unit: String,
}

impl Column {
    /// Names a column.
    #[must_use]
    pub fn new(name: impl Into<String>, unit: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            unit: unit.into(),
        }
    }
}

/// Columns of finite numbers, stored one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    columns: Vec<Column>,
    values: Columns,
}

impl Table {
    /// Joins columns into a table.
    ///
    /// # Errors
    ///
    /// [`Error::Length`], [`Error::SameName`] or [`Error::NotFinite`], with the
    /// name of the column.
    pub fn new(columns: Vec<(Column, Vec<f64>)>) -> Result<Self> {
        let rows = columns.first().map_or(0, |(_, values)| values.len());
        let mut table = Self {
            columns: Vec::with_capacity(columns.len()),
            values: Columns::new(rows),
        };
        for (column, values) in columns {
            if table.columns.iter().any(|c| c.name == column.name) {
                return Err(Error::SameName { name: column.name });
            }
            check(&column.name, &values, rows)?;
            table.columns.push(column);
            table.values.push(&values);
        }
        Ok(table)
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.rows()
    }

    /// Names and units, in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The names alone, as [`crate::Expr::text`] wants them.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|c| c.name.as_str()).collect()
    }

    /// The values of one column.
    ///
    /// # Panics
    ///
    /// If there is no such column.
    #[must_use]
    pub fn values(&self, column: usize) -> &[f64] {
        self.values.column(column)
    }
}

impl Table {
    /// Refuses a target without one value for every so many rows.
    pub(crate) fn check_target(&self, target: &[f64], together: usize) -> Result<()> {
        if target.is_empty() {
            return Err(Error::NoRows);
        }
        if self.columns().is_empty() {
            return check("target", target, target.len());
        }
        let (targets, rest) = (self.rows() / together, self.rows() % together);
        check("target", target, targets + rest.min(1))?;
        if rest > 0 {
            let expected = targets * together;
            let name = self.columns()[0].name.clone();
            return Err(Error::Length {
                name,
                expected,
                found: self.rows(),
            });
        }
        Ok(())
    }

    /// The table with each value replaced, given the index of its column.
    pub(crate) fn mapped(&self, f: impl Fn(usize, f64) -> f64) -> Self {
        let mut values = Columns::new(self.rows());
        for column in 0..self.columns.len() {
            let old = self.values(column).iter();
            values.push(&old.map(|value| f(column, *value)).collect::<Vec<_>>());
        }
        Self {
            columns: self.columns.clone(),
            values,
        }
    }

    /// All values, as the evaluator reads them.
    pub(crate) fn all(&self) -> &Columns {
        &self.values
    }
}

/// Refuses values of another length or without a number.
pub(crate) fn check(name: &str, values: &[f64], rows: usize) -> Result<()> {
    if values.len() != rows {
        return Err(Error::Length {
            name: name.to_owned(),
            expected: rows,
            found: values.len(),
        });
    }
    match values.iter().position(|v| !v.is_finite()) {
        Some(row) => Err(Error::NotFinite {
            name: name.to_owned(),
            row,
            value: values[row],
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_again() {
        let table = Table::new(vec![
            (Column::new("a", "Å"), vec![1.0, 2.0]),
            (Column::new("b", ""), vec![3.0, 4.0]),
        ])
        .unwrap();
        assert_eq!(table.values(1), [3.0, 4.0]);
        assert_eq!(table.names(), ["a", "b"]);
    }

    #[test]
    fn a_broken_column_is_refused_by_name() {
        let two = |a: &str, b: &str, values: Vec<f64>| {
            Table::new(vec![
                (Column::new(a, ""), vec![1.0, 2.0]),
                (Column::new(b, ""), values),
            ])
            .unwrap_err()
            .to_string()
        };
        assert_eq!(two("a", "b", vec![1.0]), "`b` must have 2 rows, found 1");
        assert_eq!(
            two("a", "a", vec![1.0, 2.0]),
            "column names must differ, but `a` occurs twice"
        );
        assert_eq!(
            two("a", "b", vec![1.0, f64::NAN]),
            "`b` must be finite, found NaN in row 1"
        );
    }
}
