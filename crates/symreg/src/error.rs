//! What may be wrong with a table, a formula or the settings of a search.

/// The result of everything here that may fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a table, an expression or a search could not be made.
///
/// A variant names the expectation that was broken and carries the values that
/// broke it. Rows and positions are counted from 0, as in the slices.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Postfix code that does not leave exactly one value.
    #[error(
        "postfix code must leave exactly one value, found {depth} on the stack at position {position}"
    )]
    Malformed {
        /// Where it went wrong; the length of the code if at its end.
        position: usize,
        /// Number of values on the stack there.
        depth: usize,
    },

    /// A formula from outside that is longer than any that can be worked with.
    #[error("a formula must have at most {most} nodes, found {nodes}")]
    TooLong {
        /// Number of nodes.
        nodes: usize,
        /// The largest allowed.
        most: usize,
    },

    /// A constant that is not a number.
    #[error("a constant must be finite, found {value} at position {position}")]
    Constant {
        /// Position in the postfix code.
        position: usize,
        /// The constant.
        value: f64,
    },

    /// An exponent that has an operation of its own, or none.
    #[error("an exponent of `powi` must be -9 to -2 or 4 to 9, found {exponent}")]
    Exponent {
        /// The exponent.
        exponent: i64,
    },

    /// A name that no operation has.
    #[error("no operation is called `{name}`")]
    Operation {
        /// The name.
        name: String,
    },

    /// A text that is not a formula.
    #[error("position {position}: expected {expected}, found `{found}`")]
    Parse {
        /// In characters.
        position: usize,
        /// What would have been accepted.
        expected: &'static str,
        /// What stood there.
        found: String,
    },

    /// A formula that needs a column which the table lacks.
    #[error("column {index} is needed, but there are {columns} columns")]
    MissingColumn {
        /// Index of the column.
        index: usize,
        /// Number of columns.
        columns: usize,
    },

    /// Two columns of one name: a formula could not say which it means.
    #[error("column names must differ, but `{name}` occurs twice")]
    SameName {
        /// The name.
        name: String,
    },

    /// Columns, or a target, of another length.
    #[error("`{name}` must have {expected} rows, found {found}")]
    Length {
        /// Name of the column, or `target`.
        name: String,
        /// Number of rows of the first column.
        expected: usize,
        /// Number of rows.
        found: usize,
    },

    /// No rows to learn from or to choose on.
    #[error("there must be at least one row")]
    NoRows,

    /// A value that is not a number.
    #[error("`{name}` must be finite, found {value} in row {row}")]
    NotFinite {
        /// Name of the column, or `target`.
        name: String,
        /// Row of the value.
        row: usize,
        /// The value.
        value: f64,
    },

    /// A formula without a finite value.
    #[error("the formula has no finite value in row {row}")]
    Undefined {
        /// First such row.
        row: usize,
    },

    /// A setting out of its range.
    #[error("{name} must be {expected}, got {value}")]
    Setting {
        /// Path of the setting, such as `search.population`.
        name: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// Its value.
        value: f64,
    },

    /// A law whose parts do not fit together.
    #[error("the parts of a law must fit together, but {what}")]
    Law {
        /// What does not.
        what: &'static str,
    },

    /// A leaf among the operators that a search may use.
    #[error("operators must take operands, but `{op:?}` takes none")]
    Leaf {
        /// The leaf.
        op: crate::Op,
    },

    /// A saved search that is taken up on other data.
    #[error("a saved search must be taken up on the same data, islands and rows together")]
    OtherSearch,

    /// A unit of a column or of the target cannot be read.
    #[error(transparent)]
    Unit(#[from] crate::UnitError),
}
