//! What the user can put right.

use std::fmt;

/// An error in what the user gave: a file, an argument, a setting.
///
/// `main` prints it in one line and exits with 2; every other error exits with
/// 1.
#[derive(Debug)]
pub struct UserError(String);

impl UserError {
    /// Wraps a sentence that says which input, where, what was expected, and
    /// what to do.
    #[must_use]
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UserError {}

/// Returns early with a [`UserError`].
#[macro_export]
macro_rules! refuse {
    ($($argument:tt)*) => {
        return Err($crate::error::UserError::new(format!($($argument)*)).into())
    };
}
