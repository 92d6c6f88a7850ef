//! What may be wrong with a grammar, a formula, the data or the settings.

/// The result of everything here that may fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a formula could not be read, or a search not be made.
///
/// A variant names the expectation that was broken and carries the values that
/// broke it. Positions are counted from 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A vocabulary that no network can have.
    #[error("a vocabulary must have a column and at most 255 tokens, found {tokens}")]
    Vocabulary {
        /// Number of tokens, those of begin, end and padding included.
        tokens: usize,
    },

    /// A word that is no token of the grammar.
    #[error("`{word}` is not a token of the grammar")]
    Word {
        /// The word.
        word: String,
    },

    /// Tokens that are not one whole formula.
    #[error("prefix code must leave exactly one value, found {depth}")]
    Malformed {
        /// Values left; 0 if an operand is lacking or a token has no meaning.
        depth: usize,
    },

    /// A formula with `const` tokens and another number of constants.
    #[error("the formula has {expected} constants, got {found}")]
    Constants {
        /// `const` tokens in the formula.
        expected: usize,
        /// Numbers given.
        found: usize,
    },

    /// A setting out of its range.
    #[error("{name} must be {expected}, got {value}")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// Its value.
        value: f64,
    },

    /// Random formulas hardly ever pass the predicate.
    #[error(
        "of {tried} random formulas only {found} different ones passed, {expected} were asked for"
    )]
    Barren {
        /// Formulas tried.
        tried: usize,
        /// Different ones that passed.
        found: usize,
        /// How many were asked for.
        expected: usize,
    },

    /// Data that do not belong together, or are none.
    #[error(
        "there must be one finite target for each of {rows} rows and at least one row, got {targets}"
    )]
    Data {
        /// Rows of the table.
        rows: usize,
        /// Finite targets.
        targets: usize,
    },

    /// Another number of columns, or of their ranges, than the grammar has variables.
    #[error("the grammar has {expected} variables, got {found} columns or ranges")]
    Columns {
        /// Variables of the grammar.
        expected: usize,
        /// Columns or ranges given.
        found: usize,
    },

    /// The loss is not a number any more.
    #[error("the loss became {loss} in epoch {epoch}")]
    Diverged {
        /// Epoch of the training, counted from 0.
        epoch: usize,
        /// The loss.
        loss: f64,
    },

    /// Saved weights of another network, grammar or settings, or no weights at all.
    #[error("the weights must be those of key {expected:016x}, found {found}")]
    Weights {
        /// Hash of the grammar and the settings.
        expected: u64,
        /// What was found.
        found: String,
    },

    /// A saved search that is taken up on other data or settings.
    #[error("a saved search must be taken up on the same data and settings")]
    OtherSearch,

    /// A unit that cannot be read.
    #[error(transparent)]
    Units(#[from] symreg::units::UnitError),

    /// What the formulas are made of refuses.
    #[error(transparent)]
    Formula(#[from] symreg::Error),
}
