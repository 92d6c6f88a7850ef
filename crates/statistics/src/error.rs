//! What may be wrong with the numbers that are to be compared.

/// The result of everything here that may fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why numbers could not be compared.
///
/// A variant names the expectation that was broken and carries the values that
/// broke it. Positions are counted from 0, as in the slices.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Fewer values than a method can work with.
    #[error("at least {needed} {what} are needed, found {found}")]
    TooFew {
        /// What there are too few of, in the plural.
        what: &'static str,
        /// How many would do.
        needed: usize,
        /// How many there are.
        found: usize,
    },

    /// A value that is not a number, or infinite.
    #[error("{what} must be finite, found {value} at position {position}")]
    NotFinite {
        /// What the value is one of, in the plural.
        what: &'static str,
        /// Where it stands.
        position: usize,
        /// The value.
        value: f64,
    },

    /// A value of zero or below where only positive ones have a meaning.
    #[error("{what} must be positive, found {value} at position {position}")]
    NotPositive {
        /// What the value is one of, in the plural.
        what: &'static str,
        /// Where it stands.
        position: usize,
        /// The value.
        value: f64,
    },

    /// Two things that run over the same models, seeds or sizes have different
    /// lengths.
    #[error("{what} must have {expected} entries, found {found}")]
    Length {
        /// What has another length.
        what: &'static str,
        /// The length of the first.
        expected: usize,
        /// The length found.
        found: usize,
    },

    /// Sizes that do not rise from one to the next.
    #[error("sizes must rise, found {size} at position {position} after {before}")]
    Order {
        /// Where.
        position: usize,
        /// The size before it.
        before: f64,
        /// The size there.
        size: f64,
    },

    /// A number outside of its range.
    #[error("{what} must be {expected}, found {value}")]
    Range {
        /// What it is.
        what: &'static str,
        /// What would do.
        expected: &'static str,
        /// What was found.
        value: f64,
    },

    /// Errors to which no falling curve can be fitted.
    #[error("no falling curve fits: the error is {first} at the first size and {last} at the last")]
    NoDecay {
        /// Mean error at the smallest size.
        first: f64,
        /// Mean error at the largest size.
        last: f64,
    },
}
