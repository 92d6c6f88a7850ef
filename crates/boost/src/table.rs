//! A table as the trees see it: bins instead of numbers.

use crate::borders::{bin, select_borders};
use crate::error::{Error, Result};

/// Columns longer than this are never walked in the order of their bins.
const LONGEST_ORDER: usize = 16_384;

/// A column as bins.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// Of every row.
    pub(crate) bins: Vec<u8>,
    /// Number of borders, one less than that of the bins.
    pub(crate) borders: usize,
    /// The rows by rising bin; empty for long columns.
    pub(crate) order: Vec<u32>,
    /// Where each bin starts in `order`; one more entry than bins.
    pub(crate) starts: Vec<u32>,
}

impl Column {
    pub(crate) fn new(values: &[f64], borders: &[f32]) -> Self {
        let bins: Vec<u8> = values.iter().map(|&value| bin(borders, value)).collect();
        let mut column = Self {
            bins,
            borders: borders.len(),
            order: Vec::new(),
            starts: Vec::new(),
        };
        if values.len() <= LONGEST_ORDER {
            column.sort();
        }
        column
    }

    /// Sorts the rows by counting.
    fn sort(&mut self) {
        let mut starts = vec![0_u32; self.borders + 2];
        for &bin in &self.bins {
            starts[usize::from(bin) + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        self.order = vec![0; self.bins.len()];
        for (row, &bin) in (0_u32..).zip(&self.bins) {
            let place = &mut next[usize::from(bin)];
            self.order[*place as usize] = row;
            *place += 1;
        }
        self.starts = starts;
    }
}

/// Checks that a table has rows and columns, all of one length.
pub(crate) fn check_columns(columns: &[Vec<f64>], rows: usize) -> Result<()> {
    if rows == 0 || columns.is_empty() {
        return Err(Error::EmptyTable {
            rows,
            columns: columns.len(),
        });
    }
    match columns.iter().find(|column| column.len() != rows) {
        Some(column) => Err(Error::Length {
            name: "a column",
            expected: rows,
            found: column.len(),
        }),
        None => Ok(()),
    }
}

/// Checks that there is a finite target for every row.
pub(crate) fn check_targets(targets: &[f64]) -> Result<()> {
    match targets.iter().position(|target| !target.is_finite()) {
        Some(row) => Err(Error::Target {
            row,
            value: targets[row],
        }),
        None => Ok(()),
    }
}

/// The weights of the rows, 1 where none are given.
pub(crate) fn checked_weights(weights: Option<&[f64]>, rows: usize) -> Result<Vec<f64>> {
    let Some(weights) = weights else {
        return Ok(vec![1.0; rows]);
    };
    if weights.len() != rows {
        return Err(Error::Length {
            name: "the weights",
            expected: rows,
            found: weights.len(),
        });
    }
    let wrong = |weight: &f64| !(weight.is_finite() && *weight >= 0.0);
    if let Some(row) = weights.iter().position(wrong) {
        return Err(Error::Weight {
            row,
            value: weights[row],
        });
    }
    if weights.iter().sum::<f64>() > 0.0 {
        Ok(weights.to_vec())
    } else {
        Err(Error::NoWeight)
    }
}

/// Chooses borders for every column and bins it.
pub(crate) fn quantise(columns: &[Vec<f64>], count: usize) -> (Vec<Vec<f32>>, Vec<Column>) {
    let borders: Vec<Vec<f32>> = columns
        .iter()
        .map(|column| select_borders(column, count))
        .collect();
    let binned = columns.iter().zip(&borders);
    let binned = binned.map(|(column, borders)| Column::new(column, borders));
    let binned = binned.collect();
    (borders, binned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_by_bin() {
        let column = Column::new(&[3.0, 1.0, 2.0, 1.0], &[1.5, 2.5]);
        assert_eq!(column.bins, [2, 0, 1, 0]);
        assert_eq!(column.order, [1, 3, 2, 0]);
        assert_eq!(column.starts, [0, 2, 3, 4]);
    }

    #[test]
    fn columns_of_two_lengths_are_refused() {
        let error = check_columns(&[vec![1.0], vec![]], 1).unwrap_err();
        assert_eq!(error.to_string(), "a column must have 1 rows, found 0");
        assert!(check_columns(&[], 1).is_err());
        assert!(check_columns(&[vec![]], 0).is_err());
    }
}
