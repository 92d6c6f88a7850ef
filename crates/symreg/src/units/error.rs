//! What may be wrong with units.

use super::{Unit, check::Mismatch};

/// Why a text is no unit, or a formula does not fit the units of its columns.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UnitError {
    /// A symbol that stands for no unit known here.
    #[error(
        "unknown unit `{symbol}` in `{text}`; known are {known}, with the prefixes of the SI where these are usual"
    )]
    Unknown {
        /// The symbol.
        symbol: String,
        /// The whole text.
        text: String,
        /// All symbols that are known.
        known: String,
    },

    /// A column or target whose unit is none.
    #[error("unit of `{name}`: {source}")]
    Column {
        /// Name of the column, or `target`.
        name: String,
        /// What is wrong with its unit.
        source: Box<UnitError>,
    },

    /// A text that is not a product of powers of symbols.
    #[error("unit `{text}`: expected {expected} at position {position}")]
    Syntax {
        /// The whole text.
        text: String,
        /// In characters.
        position: usize,
        /// What would have been accepted.
        expected: &'static str,
    },

    /// A function of plain numbers got something else.
    #[error("{function} needs a dimensionless {operand}, got {found}{}", sized(.found))]
    Argument {
        /// Name of the function.
        function: &'static str,
        /// Which operand: `argument` or `exponent`.
        operand: &'static str,
        /// Its unit.
        found: Box<Unit>,
    },

    /// Two units in one sum, difference, minimum or maximum.
    #[error("{operation} needs operands of one unit, got {left} and {right}{}", related(.left, .right))]
    Sum {
        /// Name of the operation.
        operation: &'static str,
        /// Unit of the first operand.
        left: Box<Unit>,
        /// Unit of the second operand.
        right: Box<Unit>,
    },

    /// A constant as a term inside of a formula.
    #[error("a constant inside of a formula is a plain number, it cannot be added to {unit}")]
    Offset {
        /// Unit of what it was added to.
        unit: Box<Unit>,
    },

    /// A base with a unit and an exponent that is not a fraction, or not one
    /// number.
    #[error("pow of {base} needs a constant fraction such as 1.5 as its exponent")]
    Base {
        /// Unit of the base.
        base: Box<Unit>,
    },

    /// A result in another unit than the target.
    #[error("the target is in {expected}, the formula gives {found}{}", related(.expected, .found))]
    Target {
        /// Unit of the target.
        expected: Box<Unit>,
        /// Unit of the formula.
        found: Box<Unit>,
    },

    /// Exponents or sizes that overflow.
    #[error("the exponents of the units become too large")]
    Range,

    /// A formula over more columns than there are units.
    #[error("column {index} is needed, but there are units for {columns} columns")]
    MissingColumn {
        /// Index of the column.
        index: usize,
        /// Number of columns with units.
        columns: usize,
    },
}

/// What to say where two units measure the same in another size.
fn related(one: &Unit, other: &Unit) -> String {
    match one.in_units_of(other) {
        Some(times) if one != other => format!(" (1 {one} is {} {other})", rounded(times)),
        _ => String::new(),
    }
}

/// What to say where a ratio of equal quantities is no plain number.
fn sized(unit: &Unit) -> String {
    match unit.in_units_of(&Unit::dimensionless()) {
        Some(times) => format!(", which is {}", rounded(times)),
        None => String::new(),
    }
}

/// The number to nine digits: sizes are products of rounded numbers.
fn rounded(value: f64) -> f64 {
    let written = format!("{value:.8e}");
    written.parse().unwrap_or(value)
}

impl From<Mismatch<Unit>> for UnitError {
    fn from(mismatch: Mismatch<Unit>) -> Self {
        match mismatch {
            Mismatch::Argument(op, found) => Self::Argument {
                function: op.name(),
                operand: "argument",
                found: Box::new(found),
            },
            Mismatch::Exponent(found) => Self::Argument {
                function: "pow",
                operand: "exponent",
                found: Box::new(found),
            },
            Mismatch::Sum(op, left, right) => Self::Sum {
                operation: op.name(),
                left: Box::new(left),
                right: Box::new(right),
            },
            Mismatch::Offset(unit) => Self::Offset {
                unit: Box::new(unit),
            },
            Mismatch::Base(base) => Self::Base {
                base: Box::new(base),
            },
            Mismatch::Target { expected, found } => Self::Target {
                expected: Box::new(expected),
                found: Box::new(found),
            },
            Mismatch::Range => Self::Range,
            Mismatch::MissingColumn { index, columns } => Self::MissingColumn { index, columns },
        }
    }
}
