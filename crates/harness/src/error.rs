//! Errors that are the user's to mend, apart from those that are not.
//!
//! Wrong input (a file, a name, an argument) ends the program with exit code 2
//! and one line; everything else (a full disk, a lost connection) with 1.

/// What was given cannot be used; the sentence says what would do.
///
/// It may lie anywhere in the chain of an [`anyhow::Error`]: [`exit_code`] finds
/// it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UserError(pub String);

impl UserError {
    /// The error, ready to be returned.
    #[must_use]
    #[expect(clippy::new_ret_no_self, reason = "only ever returned as an error")]
    pub fn new(message: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self(message.into()))
    }
}

/// The exit code that an error ends the program with: 2 for wrong input, 1 for
/// everything else.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let wrong_input = error.chain().any(<dyn std::error::Error>::is::<UserError>);
    if wrong_input { 2 } else { 1 }
}

/// Returns early with a [`UserError`].
#[macro_export]
macro_rules! refuse {
    ($($argument:tt)*) => {
        return Err($crate::error::UserError::new(format!($($argument)*)))
    };
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn wrong_input_is_told_from_bad_luck_under_any_context() {
        let wrong: anyhow::Result<()> = Err(UserError::new("no such data set"));
        let wrong = wrong.context("a").context("b").unwrap_err();
        assert_eq!(exit_code(&wrong), 2);
        assert_eq!(format!("{wrong:#}"), "b: a: no such data set");
        assert_eq!(exit_code(&anyhow::anyhow!("the disk is full")), 1);
    }
}
