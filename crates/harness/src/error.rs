//! Errors that are the user's to mend, apart from those that are not.
//!
//! Wrong input (a file, a name, an argument, a path that is not there or not
//! ours to write) ends the program with exit code 2 and one line; everything
//! else (a full disk, a lost connection) with 1.

use std::error::Error;
use std::io::{self, ErrorKind};

/// What was given cannot be used; the sentence says what would do.
///
/// It may lie anywhere in the chain of an [`anyhow::Error`]: [`exit_code`] finds
/// it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UserError(pub String);

impl UserError {
    /// The error, ready to be returned: one line, whatever names from files stand in
    /// it.
    #[must_use]
    #[expect(clippy::new_ret_no_self, reason = "only ever returned as an error")]
    pub fn new(message: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self(shown(&message.into(), 2000)))
    }
}

/// The beginning of what was found in a file, short enough for one line of an error and
/// safe to print: control characters are escaped.
pub(crate) fn excerpt(found: &str) -> String {
    shown(found, 80)
}

/// What another library says of a file, which may quote it: one line of moderate
/// length.
pub(crate) fn one_line(message: &str) -> String {
    shown(&message.replace('\n', " "), 400)
}

fn shown(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for c in text.chars().take(most) {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

/// The exit code that an error ends the program with: 2 for wrong input, 1 for
/// everything else.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let wrong_input = |cause: &(dyn Error + 'static)| {
        let io = cause.downcast_ref::<io::Error>();
        cause.is::<UserError>() || io.is_some_and(|error| is_of_path(error.kind()))
    };
    if error.chain().any(wrong_input) { 2 } else { 1 }
}

/// Whether another path would have done.
fn is_of_path(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::ReadOnlyFilesystem
    )
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
    fn a_message_is_one_line_whatever_it_quotes() {
        let error = UserError::new("no file `t\nsv\u{1b}[2J`");
        assert_eq!(error.to_string(), "no file `t\\nsv\\u{1b}[2J`");
        assert!(UserError::new("x".repeat(1_000_000)).to_string().len() < 2100);
    }

    #[test]
    fn an_excerpt_is_short_and_safe_to_print() {
        assert_eq!(excerpt("a\r\u{1b}[2J\nb"), "a\\r\\u{1b}[2J\\nb");
        assert_eq!(excerpt(&"é".repeat(1000)).chars().count(), 81);
    }

    #[test]
    fn wrong_input_is_told_from_bad_luck_under_any_context() {
        let wrong: anyhow::Result<()> = Err(UserError::new("no such data set"));
        let wrong = wrong.context("a").context("b").unwrap_err();
        assert_eq!(exit_code(&wrong), 2);
        assert_eq!(format!("{wrong:#}"), "b: a: no such data set");
        for (kind, code) in [
            (ErrorKind::NotADirectory, 2),
            (ErrorKind::PermissionDenied, 2),
            (ErrorKind::StorageFull, 1),
        ] {
            let error = anyhow::Error::new(io::Error::from(kind)).context("x.cif");
            assert_eq!(exit_code(&error), code, "{kind}");
        }
    }
}
