//! Literals of Python, as they stand in columns that pandas wrote.
//!
//! `[{'type': 'vacancy', 'element': 'S'}]` is read as a value by a parser of
//! the few forms that occur; nothing is ever evaluated.

use anyhow::Result;

use crate::error::{UserError, excerpt};

/// How deep lists may lie in lists: more is an attack, not data.
const DEEPEST: usize = 32;

/// A value that Python would print like this.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// `8`, `-1.5e-3`.
    Number(f64),
    /// `'x'` or `"x"`.
    Text(String),
    /// `[1, 2]` or `(1, 2)`.
    List(Vec<Literal>),
    /// `{'a': 1}`, in the order of the source.
    Dict(Vec<(Literal, Literal)>),
}

impl Literal {
    /// Reads a literal.
    ///
    /// # Errors
    ///
    /// [`UserError`] that says what was expected at which character.
    ///
    /// # Examples
    ///
    /// ```
    /// # use harness::dataset::literal::Literal;
    /// let value = Literal::parse("{'type': 'vacancy', 'cell': (8, 8, 1)}")?;
    /// assert_eq!(value.get("type").and_then(Literal::text), Some("vacancy"));
    /// # Ok::<(), anyhow::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let mut parser = Parser { text, at: 0 };
        let value = parser.value(0)?;
        parser.space();
        if parser.at == text.len() {
            Ok(value)
        } else {
            Err(parser.expected("the end"))
        }
    }

    /// The items of a list or tuple.
    #[must_use]
    pub fn list(&self) -> Option<&[Literal]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The characters of a string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a boolean.
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of a number that counts something.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        match self {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to be a small whole number"
            )]
            Self::Number(value)
                if value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(value) =>
            {
                Some(*value as usize)
            }
            _ => None,
        }
    }

    /// The value that a dictionary has for a string.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Literal> {
        match self {
            Self::Dict(entries) => entries
                .iter()
                .find(|(name, _)| name.text() == Some(key))
                .map(|(_, value)| value),
            _ => None,
        }
    }
}

/// A text and how far it has been read.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Steps over a token, if it comes next.
    fn take(&mut self, token: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expected(&self, what: &str) -> anyhow::Error {
        let found: String = self.rest().chars().take(12).collect();
        UserError::new(format!(
            "character {}: expected {what}, found `{}`",
            self.text[..self.at].chars().count() + 1,
            excerpt(&found)
        ))
    }

    fn value(&mut self, depth: usize) -> Result<Literal> {
        self.space();
        if depth > DEEPEST {
            return Err(self.expected("fewer brackets in brackets"));
        }
        if self.take("[") {
            self.items("]", depth)
        } else if self.take("(") {
            self.items(")", depth)
        } else if self.take("{") {
            self.entries(depth)
        } else if self.rest().starts_with(['\'', '"']) {
            self.string()
        } else {
            self.word()
        }
    }

    fn items(&mut self, close: &str, depth: usize) -> Result<Literal> {
        let mut items = Vec::new();
        while !self.take(close) {
            items.push(self.value(depth + 1)?);
            if !self.take(",") && !self.rest().starts_with(close) {
                return Err(self.expected("a comma or a closing bracket"));
            }
        }
        Ok(Literal::List(items))
    }

    fn entries(&mut self, depth: usize) -> Result<Literal> {
        let mut entries = Vec::new();
        while !self.take("}") {
            let key = self.value(depth + 1)?;
            if !self.take(":") {
                return Err(self.expected("a colon"));
            }
            entries.push((key, self.value(depth + 1)?));
            if !self.take(",") && !self.rest().starts_with('}') {
                return Err(self.expected("a comma or a closing brace"));
            }
        }
        Ok(Literal::Dict(entries))
    }

    fn string(&mut self) -> Result<Literal> {
        let start = self.at;
        let mut characters = self.rest().char_indices();
        let quote = characters.next().map(|(_, quote)| quote);
        let mut value = String::new();
        while let Some((offset, character)) = characters.next() {
            match character {
                c if Some(c) == quote => {
                    self.at = start + offset + c.len_utf8();
                    return Ok(Literal::Text(value));
                }
                '\\' => match characters.next().map(|(_, escaped)| escaped) {
                    Some('n') => value.push('\n'),
                    Some('t') => value.push('\t'),
                    Some(c @ ('\\' | '\'' | '"')) => value.push(c),
                    _ => {
                        self.at = start + offset;
                        return Err(self.expected("one of \\n \\t \\\\ \\' \\\""));
                    }
                },
                c => value.push(c),
            }
        }
        Err(self.expected("a string that ends"))
    }

    fn word(&mut self) -> Result<Literal> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || "+-._".contains(c)))
            .unwrap_or(rest.len());
        let value = match &rest[..end] {
            "None" => Literal::None,
            "True" => Literal::Bool(true),
            "False" => Literal::Bool(false),
            word => match word.parse::<f64>() {
                Ok(number) if number.is_finite() => Literal::Number(number),
                _ => return Err(self.expected("a value")),
            },
        };
        self.at += end;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_columns_of_2dmd() {
        let defects = Literal::parse(
            "[{'type': 'vacancy', 'element': 'Mo'}, {'type': \"substitution\", 'from': 'S', 'to': 'Se'},]",
        )
        .unwrap();
        let defects = defects.list().unwrap();
        assert_eq!(defects[1].get("to").and_then(Literal::text), Some("Se"));
        for cell in ["(8, 8, 1)", "[8, 8, 1]"] {
            let cell = Literal::parse(cell).unwrap();
            let counts: Vec<_> = cell.list().unwrap().iter().map(Literal::count).collect();
            assert_eq!(counts, [Some(8), Some(8), Some(1)]);
        }
        let periodic = Literal::parse("[True, True, False]").unwrap();
        assert_eq!(periodic.list().unwrap()[2].bool(), Some(false));
        assert_eq!(Literal::parse("(None,)").unwrap().list().unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_literal_is_refused_at_its_place() {
        let refused = |text| Literal::parse(text).unwrap_err().to_string();
        assert_eq!(
            refused("__import__('os')"),
            "character 1: expected a value, found `__import__('`"
        );
        assert_eq!(
            refused("[1 2]"),
            "character 4: expected a comma or a closing bracket, found `2]`"
        );
        assert_eq!(
            refused("[1] + [2]"),
            "character 5: expected the end, found `+ [2]`"
        );
        assert_eq!(
            refused("'ab"),
            "character 1: expected a string that ends, found `'ab`"
        );
        assert_eq!(refused("nan"), "character 1: expected a value, found `nan`");
        assert!(refused(&"[".repeat(100_000)).contains("fewer brackets"));
    }

    /// As Python's `repr` prints it.
    fn print(value: &Literal) -> String {
        let join = |items: &[Literal]| items.iter().map(print).collect::<Vec<_>>().join(", ");
        match value {
            Literal::None => "None".into(),
            Literal::Bool(true) => "True".into(),
            Literal::Bool(false) => "False".into(),
            Literal::Number(number) => format!("{number:?}"),
            Literal::Text(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
            Literal::List(items) => format!("[{}]", join(items)),
            Literal::Dict(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| format!("{}: {}", print(key), print(value)))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    fn literals() -> impl Strategy<Value = Literal> {
        let leaf = prop_oneof![
            Just(Literal::None),
            any::<bool>().prop_map(Literal::Bool),
            (-1e6..1e6).prop_map(Literal::Number),
            "[ -~é]{0,8}".prop_map(Literal::Text),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Literal::List),
                prop::collection::vec((inner.clone(), inner), 0..4).prop_map(Literal::Dict),
            ]
        })
    }

    proptest! {
        /// What is printed is read back.
        #[test]
        fn printed_values_return(value in literals()) {
            prop_assert_eq!(Literal::parse(&print(&value)).unwrap(), value);
        }

        /// No text makes the parser panic.
        #[test]
        fn any_text_is_read_or_refused(text in "[\\[\\](){}'\",:0-9a-z\\\\ é]{0,30}") {
            let _ = Literal::parse(&text);
        }
    }
}
