//! Words of a CIF 1.1 text, without copying any.
//!
//! The grammar is that of the International Union of Crystallography
//! (*International Tables* vol. G, chapter 2.2; doi:10.1107/97809553602060000728).
//! Two of its rules are easily missed: a quote inside a quoted value is part of
//! it unless white space follows, and `;` opens and closes a text field only as
//! the first character of a line.

use crate::Result;
use crate::text::{ended, syntax, without_mark};

/// A word and what it is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    /// `data_name`, without the prefix.
    Data(&'a str),
    /// `loop_`
    Loop,
    /// `save_`, `global_` or `stop_`: words of dictionaries, not of structures.
    Reserved(&'a str),
    /// `_name`
    Tag(&'a str),
    /// A value as it stands.
    Bare(&'a str),
    /// A value between quotes or semicolons; `?` and `.` are then text.
    Quoted(&'a str),
}

impl<'a> Token<'a> {
    /// The word as it stands, for error messages.
    pub(super) fn text(self) -> &'a str {
        match self {
            Self::Loop => "loop_",
            Self::Data(text)
            | Self::Reserved(text)
            | Self::Tag(text)
            | Self::Bare(text)
            | Self::Quoted(text) => text,
        }
    }

    /// The text of a value; none for `?` (unknown) and `.` (does not apply).
    pub(super) fn value(self) -> Option<&'a str> {
        match self {
            Self::Bare("?" | ".") => None,
            Self::Bare(text) | Self::Quoted(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_value(self) -> bool {
        matches!(self, Self::Bare(_) | Self::Quoted(_))
    }
}

/// Reads words one after another and counts lines.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    position: usize,
    /// Line of the next character, counted from 1.
    next_line: usize,
    /// Line on which the last word began.
    line: usize,
    peeked: Option<Token<'a>>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text: without_mark(text),
            position: 0,
            next_line: 1,
            line: 1,
            peeked: None,
        }
    }

    /// Line of the word that was last returned or peeked at.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// The next word, which stays to be read; none at the end.
    pub(super) fn peek(&mut self) -> Result<Option<Token<'a>>> {
        if self.peeked.is_none() {
            self.peeked = self.scan()?;
        }
        Ok(self.peeked)
    }

    /// The next word; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>> {
        match self.peeked.take() {
            Some(token) => Ok(Some(token)),
            None => self.scan(),
        }
    }

    /// The next word if it is a value; anything else stays to be read.
    pub(super) fn next_value(&mut self) -> Result<Option<Token<'a>>> {
        match self.peek()? {
            Some(token) if token.is_value() => {
                self.peeked = None;
                Ok(Some(token))
            }
            _ => Ok(None),
        }
    }

    fn scan(&mut self) -> Result<Option<Token<'a>>> {
        self.skip_space();
        self.line = self.next_line;
        let start = self.position;
        let bytes = self.text.as_bytes();
        let Some(&first) = bytes.get(start) else {
            return Ok(None);
        };
        let token = match first {
            b';' if self.at_line_start() => self.text_field()?,
            b'\'' | b'"' => self.quoted(first)?,
            _ => {
                let length = bytes[start..].iter().position(u8::is_ascii_whitespace);
                self.position = length.map_or(bytes.len(), |length| start + length);
                word(&self.text[start..self.position])
            }
        };
        Ok(Some(token))
    }

    fn at_line_start(&self) -> bool {
        self.position == 0 || matches!(self.text.as_bytes()[self.position - 1], b'\n' | b'\r')
    }

    /// Passes white space and comments.
    fn skip_space(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.position) {
            match byte {
                b'\n' => self.next_line += 1,
                // an end of line of its own only where no `\n` follows
                b'\r' if bytes.get(self.position + 1) != Some(&b'\n') => self.next_line += 1,
                b'#' => {
                    let rest = &bytes[self.position..];
                    let length = rest.iter().position(|b| matches!(b, b'\n' | b'\r'));
                    self.position += length.unwrap_or(rest.len());
                    continue;
                }
                byte if byte.is_ascii_whitespace() => {}
                _ => return,
            }
            self.position += 1;
        }
    }

    /// `'it's'` is `it's`: only a quote before white space closes.
    fn quoted(&mut self, quote: u8) -> Result<Token<'a>> {
        let start = self.position + 1;
        let bytes = self.text.as_bytes();
        for (end, &byte) in bytes.iter().enumerate().skip(start) {
            if matches!(byte, b'\n' | b'\r') {
                break;
            }
            let closes = bytes.get(end + 1).is_none_or(u8::is_ascii_whitespace);
            if byte == quote && closes {
                self.position = end + 1;
                return Ok(Token::Quoted(&self.text[start..end]));
            }
        }
        let found = &self.text[self.position..];
        Err(syntax(
            self.next_line,
            "a closing quote on the same line",
            found,
        ))
    }

    /// From `;` at the start of a line to the next such `;`.
    fn text_field(&mut self) -> Result<Token<'a>> {
        let start = self.position + 1;
        let bytes = self.text.as_bytes();
        let opened = self.next_line;
        let mut line = self.next_line;
        for end in start..bytes.len() {
            if bytes[end] == b'\n' || (bytes[end] == b'\r' && bytes.get(end + 1) != Some(&b'\n')) {
                line += 1;
                if bytes.get(end + 1) == Some(&b';') {
                    self.position = end + 2;
                    self.next_line = line;
                    return Ok(Token::Quoted(&self.text[start..end]));
                }
            }
        }
        Err(ended(
            opened,
            "a `;` at the start of a line to close the text that opens here",
        ))
    }
}

/// What a word without quotes is.
fn word(text: &str) -> Token<'_> {
    let starts_with = |prefix: &str| {
        text.as_bytes()
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    match text.as_bytes()[0] {
        b'_' => Token::Tag(text),
        b'd' | b'D' if starts_with("data_") => Token::Data(&text["data_".len()..]),
        b'l' | b'L' if text.eq_ignore_ascii_case("loop_") => Token::Loop,
        b's' | b'S' | b'g' | b'G'
            if starts_with("save_")
                || text.eq_ignore_ascii_case("stop_")
                || text.eq_ignore_ascii_case("global_") =>
        {
            Token::Reserved(text)
        }
        _ => Token::Bare(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<(usize, Token<'_>)> {
        let mut lexer = Lexer::new(text);
        let mut found = Vec::new();
        while let Some(token) = lexer.next().unwrap() {
            found.push((lexer.line(), token));
        }
        found
    }

    #[test]
    fn words_by_hand() {
        let text = "# note\r\nDATA_x _a 'it's' # b\nloop_ _b\n;two\nlines ;\n; \"?\" ? a#b ;c";
        assert_eq!(
            tokens(text),
            [
                (2, Token::Data("x")),
                (2, Token::Tag("_a")),
                (2, Token::Quoted("it's")),
                (3, Token::Loop),
                (3, Token::Tag("_b")),
                (4, Token::Quoted("two\nlines ;")),
                (6, Token::Quoted("?")),
                (6, Token::Bare("?")),
                (6, Token::Bare("a#b")),
                (6, Token::Bare(";c")),
            ]
        );
    }

    #[test]
    fn an_open_quote_is_refused_where_it_opens() {
        let mut lexer = Lexer::new("\n 'open\n");
        assert_eq!(
            lexer.next().unwrap_err().to_string(),
            "line 2: expected a closing quote on the same line, found `'open`"
        );
        let mut lexer = Lexer::new("\n;open\n ;\n");
        assert!(lexer.next().unwrap_err().to_string().starts_with("line 2:"));
    }

    #[test]
    fn all_three_ends_of_line_count_once() {
        let words = tokens("a\rb\nc\r\nd");
        let lines: Vec<usize> = words.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 2, 3, 4]);
    }
}
