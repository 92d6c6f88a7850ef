//! The `key=value` line of a frame.

use std::collections::BTreeMap;
use std::str::Chars;

use crate::Result;
use crate::text::syntax;

/// Reads pairs as `energy=-1.5 name="a b" array=[1, 2] relaxed`.
///
/// A key without a value is `T`; of equal keys the last counts. Arrays in
/// brackets stay as they are written.
pub(super) fn read(line: usize, text: &str) -> Result<BTreeMap<String, String>> {
    let mut pairs = BTreeMap::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = word(line, rest)?;
        let after_equals = after.trim_start().strip_prefix('=');
        let (value, after) = match after_equals {
            Some(after) => word(line, after.trim_start())?,
            None => ("T".to_owned(), after),
        };
        if key.is_empty() {
            return Err(syntax(line, "a key before `=`", rest));
        }
        pairs.insert(key, value);
        rest = after.trim_start();
    }
    Ok(pairs)
}

/// A key or a value, and what follows it.
fn word(line: usize, text: &str) -> Result<(String, &str)> {
    let mut chars = text.chars();
    match chars.next() {
        Some(quote @ ('"' | '\'')) => quoted(line, text, quote, chars),
        Some('[' | '{') => {
            let end = bracketed(text)
                .ok_or_else(|| syntax(line, "a closing bracket on the same line", text))?;
            Ok((text[..end].to_owned(), &text[end..]))
        }
        _ => {
            let end = text
                .find(|c: char| c.is_whitespace() || c == '=')
                .unwrap_or(text.len());
            Ok((text[..end].to_owned(), &text[end..]))
        }
    }
}

/// Up to the closing quote; `\"`, `\\` and `\n` stand for what they say.
fn quoted<'a>(
    line: usize,
    text: &str,
    quote: char,
    mut chars: Chars<'a>,
) -> Result<(String, &'a str)> {
    let refuse = || syntax(line, "a closing quote on the same line", text);
    let mut value = String::new();
    loop {
        match chars.next().ok_or_else(refuse)? {
            '\\' => match chars.next().ok_or_else(refuse)? {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                escaped => value.push(escaped),
            },
            c if c == quote => return Ok((value, chars.as_str())),
            c => value.push(c),
        }
    }
}

/// Where the bracket that opens the text is closed.
fn bracketed(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, c) in text.char_indices() {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(index + c.len_utf8());
        }
    }
    None
}

/// A key or value, in quotes if it would otherwise be read differently.
pub(super) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.+-:/".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let escaped = word
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
        .replace('\r', "\\r");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pairs_by_hand() {
        let pairs = read(1, r#"a=1 b = "x \"y\" z" c='it is' d=[1, [2]]  e {f}=2"#).unwrap();
        let expected = [
            ("a", "1"),
            ("b", "x \"y\" z"),
            ("c", "it is"),
            ("d", "[1, [2]]"),
            ("e", "T"),
            ("{f}", "2"),
        ];
        assert_eq!(pairs.len(), expected.len());
        for (key, value) in expected {
            assert_eq!(pairs[key], value);
        }
        assert!(read(1, "=1").is_err());
        assert!(read(1, "a=[1").is_err());
    }

    proptest! {
        /// Whatever is written is read back.
        #[test]
        fn pairs_return(pairs in prop::collection::btree_map(".{1,8}", "(?s).{0,12}", 0..5)) {
            let line: Vec<String> = pairs
                .iter()
                .map(|(key, value)| format!("{}={}", quote(key), quote(value)))
                .collect();
            prop_assert_eq!(read(1, &line.join(" ")).unwrap(), pairs);
        }
    }
}
