//! What may be wrong with a table or with the settings of a fit.

/// The result of everything here that may fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a model could not be fitted, read or applied.
///
/// A variant names the expectation that was broken and carries the values that
/// broke it. Rows and columns are counted from 0, as in the slices.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A table without rows or without columns.
    #[error("a table needs rows and columns, found {rows} rows and {columns} columns")]
    EmptyTable {
        /// Number of targets.
        rows: usize,
        /// Number of columns.
        columns: usize,
    },

    /// Two things that run over the same rows have different lengths.
    #[error("{name} must have {expected} rows, found {found}")]
    Length {
        /// What it was.
        name: &'static str,
        /// Number of rows of the table.
        expected: usize,
        /// Number of entries found.
        found: usize,
    },

    /// A table with other columns than those of the fit.
    #[error("the table must have {expected} columns, found {found}")]
    Columns {
        /// Number of columns of the fit.
        expected: usize,
        /// Number found.
        found: usize,
    },

    /// A target that is not a number.
    #[error("a target must be finite, found {value} in row {row}")]
    Target {
        /// Where.
        row: usize,
        /// The target.
        value: f64,
    },

    /// A weight that no row can have.
    #[error("a weight must be finite and at least 0, found {value} in row {row}")]
    Weight {
        /// Where.
        row: usize,
        /// The weight.
        value: f64,
    },

    /// Weights of which none counts.
    #[error("the weights must have a positive sum")]
    NoWeight,

    /// A setting outside of its range.
    #[error("`{name}` must be {expected}, found {value}")]
    Setting {
        /// Name in [`Settings`](crate::Settings).
        name: &'static str,
        /// What would do.
        expected: &'static str,
        /// What was found.
        value: f64,
    },

    /// Leaf values that are not defined for a loss.
    #[error("`{method}` leaves are not defined for this loss, {expected} are")]
    Leaves {
        /// The method asked for.
        method: &'static str,
        /// What would do.
        expected: &'static str,
    },

    /// A serialised model of which the parts do not fit together.
    #[error("tree {tree} of the model does not fit its borders or its depth")]
    Tree {
        /// Which.
        tree: usize,
    },
}
