//! What all readers of text share: numbers, excerpts, and errors with a line.

use crate::{Error, Result, Structure};

/// Atoms are never closer than this, Å: the shortest bond, H-H, has 0.74 Å.
pub(crate) const LEAST_SEPARATION: f64 = 0.5;

/// The lines of a text, however they end: in `\n`, `\r\n` or a lone `\r`. A byte
/// order mark belongs to none.
pub(crate) fn lines(text: &str) -> Vec<&str> {
    without_mark(text)
        .lines()
        .flat_map(|line| line.split('\r'))
        .collect()
}

/// A text without the byte order mark that it may begin with.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The beginning of what was found, short enough for one line of an error and safe
/// to print: control characters are escaped.
pub(crate) fn excerpt(found: &str) -> String {
    const LONGEST: usize = 40;
    let line = found.lines().next().unwrap_or_default();
    let shown = line.chars().take(LONGEST);
    let mut excerpt = String::new();
    for c in shown {
        if c.is_control() {
            excerpt.extend(c.escape_default());
        } else {
            excerpt.push(c);
        }
    }
    if line.chars().nth(LONGEST).is_some() {
        excerpt.push('…');
    }
    excerpt
}

/// A line that is not what its format allows.
pub(crate) fn syntax(line: usize, expected: &'static str, found: &str) -> Error {
    Error::Syntax {
        line,
        expected,
        found: excerpt(found),
    }
}

/// The text ended at this line, but something had to follow.
pub(crate) fn ended(line: usize, expected: &'static str) -> Error {
    at(line)(Error::Missing { expected })
}

/// Adds a line to an error that has none.
pub(crate) fn at(line: usize) -> impl Fn(Error) -> Error {
    move |source| Error::At {
        line,
        source: Box::new(source),
    }
}

/// A finite decimal number; `NaN`, `inf` and hexadecimal are none.
pub(crate) fn number(line: usize, field: &str) -> Result<f64> {
    finite(field).ok_or_else(|| syntax(line, "a number", field))
}

/// The number that a field is, if it is one.
pub(crate) fn finite(field: &str) -> Option<f64> {
    // `f64::from_str` also takes the words `nan`, `inf` and `infinity`
    let last = field.as_bytes().last()?;
    (last.is_ascii_digit() || *last == b'.')
        .then(|| field.parse().ok())
        .flatten()
        .filter(|value: &f64| value.is_finite())
}

/// The first three fields as numbers.
pub(crate) fn vector<'a>(
    line: usize,
    fields: &mut impl Iterator<Item = &'a str>,
    whole: &str,
) -> Result<[f64; 3]> {
    let mut values = [0.0; 3];
    for value in &mut values {
        let field = fields
            .next()
            .ok_or_else(|| syntax(line, "three numbers", whole))?;
        *value = number(line, field)?;
    }
    Ok(values)
}

/// Refuses sites on top of each other, with the line of the second one.
///
/// - `lines`: one per site.
pub(crate) fn separated(structure: Structure, lines: &[usize]) -> Result<Structure> {
    match structure.require_separation(LEAST_SEPARATION) {
        Err(error @ Error::SitesTooClose { second, .. }) => {
            Err(at(lines.get(second).copied().unwrap_or(1))(error))
        }
        Err(error) => Err(error),
        Ok(()) => Ok(structure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_decimal_numbers_are_numbers() {
        for (field, expected) in [
            ("1.5", Some(1.5)),
            ("-.5", Some(-0.5)),
            ("+2.", Some(2.0)),
            ("1e-3", Some(1e-3)),
            ("NaN", None),
            ("inf", None),
            ("1e999", None),
            ("", None),
            ("0x10", None),
            ("1.2.3", None),
        ] {
            assert_eq!(finite(field), expected, "{field}");
        }
    }

    #[test]
    fn an_excerpt_is_short_and_does_not_cut_letters() {
        assert_eq!(excerpt("short\nsecond line"), "short");
        assert_eq!(excerpt(&"é".repeat(100)).chars().count(), 41);
    }

    #[test]
    fn an_excerpt_does_not_move_the_cursor() {
        assert_eq!(excerpt("a\rb\u{1b}[2J\tc"), "a\\rb\\u{1b}[2J\\tc");
    }

    #[test]
    fn lines_end_in_every_way() {
        assert_eq!(
            lines("\u{feff}a\nb\r\nc\rd\n\ne"),
            ["a", "b", "c", "d", "", "e"]
        );
        assert!(lines("").is_empty());
    }
}
