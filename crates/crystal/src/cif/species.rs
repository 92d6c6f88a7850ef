//! Which element a type symbol or a label means.

use crate::text::{at, syntax};
use crate::{Element, Error, Result};

/// The element of an `_atom_site_type_symbol`: `Mo`, `Mo4+`, `S2-`, `D`.
pub(super) fn of_type_symbol(line: usize, symbol: &str) -> Result<Element> {
    element(leading_letters(symbol)).ok_or_else(|| unknown(line, symbol))
}

/// The element that an `_atom_site_label` begins with: `Mo12`, `O1A`, `OW1`.
///
/// Labels in capitals can mean two things: `SI1` may be silicon or a sulphur
/// called I1. These are refused, and not guessed.
pub(super) fn of_label(line: usize, label: &str) -> Result<Element> {
    let letters = leading_letters(label);
    let two = letters.get(..2).and_then(element);
    let one = letters.get(..1).and_then(element);
    let second = letters.as_bytes().get(1);
    let capital = second.is_some_and(u8::is_ascii_uppercase);
    match (two, one) {
        (Some(_), Some(_)) if capital => Err(syntax(
            line,
            "a label that can mean only one element, or an _atom_site_type_symbol",
            label,
        )),
        (Some(element), _) => Ok(element),
        // a small letter belongs to the symbol: `Wat1` is no tungsten
        (None, Some(element)) if capital || second.is_none() => Ok(element),
        (None, _) => Err(unknown(line, label)),
    }
}

fn unknown(line: usize, found: &str) -> Error {
    at(line)(Error::UnknownElement {
        found: crate::text::excerpt(found),
    })
}

fn leading_letters(text: &str) -> &str {
    let end = text.bytes().position(|byte| !byte.is_ascii_alphabetic());
    &text[..end.unwrap_or(text.len())]
}

/// The element of these letters, whatever their case; deuterium is hydrogen.
fn element(letters: &str) -> Option<Element> {
    let symbol = match *letters.as_bytes() {
        [b'D' | b'd'] => [b'H', 0],
        [first] => [first.to_ascii_uppercase(), 0],
        [first, second] => [first.to_ascii_uppercase(), second.to_ascii_lowercase()],
        _ => return None,
    };
    let length = letters.len();
    std::str::from_utf8(&symbol[..length]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_and_numbers_are_stripped() {
        for (symbol, expected) in [
            ("Mo4+", "Mo"),
            ("S2-", "S"),
            ("O", "O"),
            ("D", "H"),
            ("CL", "Cl"),
        ] {
            assert_eq!(of_type_symbol(1, symbol).unwrap().symbol(), expected);
        }
        for (label, expected) in [
            ("Mo12", "Mo"),
            ("O1A", "O"),
            ("OW1", "O"),
            ("MO1", "Mo"),
            ("Ca2", "Ca"),
        ] {
            assert_eq!(of_label(1, label).unwrap().symbol(), expected, "{label}");
        }
    }

    #[test]
    fn unknown_and_ambiguous_names_are_refused_with_their_line() {
        assert_eq!(
            of_type_symbol(9, "Xx2+").unwrap_err().to_string(),
            "line 9: `Xx2+` is not a chemical element"
        );
        assert!(of_label(9, "SI1").unwrap_err().to_string().contains("SI1"));
        assert!(of_label(9, "Wat1").is_err());
        assert!(of_label(9, "é1").is_err());
        assert!(of_type_symbol(9, "").is_err());
    }
}
