//! Formulas as our printers write them in LaTeX, said in the mathematics of Typst.
//!
//! Only what those printers write is known: `None` is the answer to all else, and the
//! formula is then shown as plain text.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

/// Characters of a part that may be longer than a line.
const LONG: usize = 150;

/// The formula in Typst, without dollar signs.
pub(super) fn typst(latex: &str) -> Option<String> {
    let mut reader = Reader {
        rest: latex.chars().peekable(),
    };
    let formula = reader.until(None)?;
    reader.rest.next().is_none().then_some(formula)
}

/// The same formula with long exponents as arguments of `exp`, and long brackets of one
/// size, so that lines may break in them.
pub(super) fn breakable(latex: &str) -> String {
    let mut out = String::new();
    let mut rest = latex;
    while let Some(first) = rest.chars().next() {
        let exponent = enclosed(rest, "e^{", "{", "}");
        let bracket = enclosed(rest, r"\left(", r"\left(", r"\right)");
        let is_long = |part: &(&str, &str)| part.0.len() > LONG;
        if let Some((inner, after)) = exponent.filter(is_long) {
            let _ = write!(out, r"\exp [{}]", breakable(inner));
            rest = after;
        } else if let Some((inner, after)) = bracket.filter(is_long) {
            let _ = write!(out, "({})", breakable(inner));
            rest = after;
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// What stands between an opening and its closing at the start of a text, and what
/// stands behind.
fn enclosed<'a>(
    text: &'a str,
    open: &str,
    deeper: &str,
    close: &str,
) -> Option<(&'a str, &'a str)> {
    let inside = text.strip_prefix(open)?;
    let mut depth = 0_usize;
    for (place, _) in inside.char_indices() {
        let here = &inside[place..];
        if here.starts_with(deeper) {
            depth += 1;
        } else if let Some(after) = here.strip_prefix(close) {
            match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return Some((&inside[..place], after)),
            }
        }
    }
    None
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Reader<'_> {
    /// All up to a closing bracket, which is taken too, or up to the end.
    fn until(&mut self, end: Option<char>) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        loop {
            self.skip_spaces();
            let next = self.rest.peek().copied();
            match next {
                _ if next == end => {
                    self.rest.next();
                    return Some(parts.join(" "));
                }
                Some(sign @ ('^' | '_')) => {
                    self.rest.next();
                    let moved = self.atom()?;
                    let _ = write!(parts.last_mut()?, "{sign}({moved})");
                }
                Some(_) => parts.push(self.atom()?),
                None => return None,
            }
        }
    }

    /// A group, a command with its arguments, a number or a character.
    fn atom(&mut self) -> Option<String> {
        self.skip_spaces();
        match self.rest.next()? {
            '{' => self.until(Some('}')),
            '\\' => self.command(),
            digit if digit.is_ascii_digit() => Some(self.number(digit)),
            letter if letter.is_alphabetic() => Some(letter.to_string()),
            sign @ ('+' | '-' | '=' | '!') => Some(sign.to_string()),
            // alone, so that a line may break between them
            sign @ ('(' | ')' | '[' | ']' | '/') => Some(format!("\\{sign}")),
            ',' => Some("\\,".to_owned()),
            _ => None,
        }
    }

    fn number(&mut self, first: char) -> String {
        let mut number = first.to_string();
        while let Some(next) = self.rest.next_if(|c| c.is_ascii_digit() || *c == '.') {
            number.push(next);
        }
        number
    }

    fn command(&mut self) -> Option<String> {
        let mut name = String::new();
        while let Some(letter) = self.rest.next_if(char::is_ascii_alphabetic) {
            name.push(letter);
        }
        Some(match name.as_str() {
            "" => match self.rest.next()? {
                ',' | ' ' | ';' => "thin".to_owned(),
                _ => return None,
            },
            "frac" => format!("frac({}, {})", self.atom()?, self.atom()?),
            "sqrt" if self.rest.next_if_eq(&'[').is_some() => {
                let degree = self.until(Some(']'))?;
                format!("root({degree}, {})", self.atom()?)
            }
            "sqrt" => format!("sqrt({})", self.atom()?),
            "mathrm" | "text" => format!("\"{}\"", self.words()?),
            "left" | "right" => match self.rest.next()? {
                bracket @ ('(' | ')') => bracket.to_string(),
                '|' if name == "left" => "abs(".to_owned(),
                '|' => ")".to_owned(),
                _ => return None,
            },
            "cdot" => "dot".to_owned(),
            "times" | "sum" | "pi" | "ln" | "sin" | "cos" | "tanh" | "min" | "max" | "exp" => name,
            _ => return None,
        })
    }

    /// The words of `\mathrm{…}`, their escapes undone, as inside of a string.
    fn words(&mut self) -> Option<String> {
        self.skip_spaces();
        self.rest.next_if_eq(&'{')?;
        let mut words = String::new();
        loop {
            match self.rest.next()? {
                '}' => return Some(words),
                '\\' => match self.rest.next()? {
                    escaped if !escaped.is_alphanumeric() => words.push(escaped),
                    _ => return None,
                },
                '"' => words.push_str("\\\""),
                '{' => return None,
                other => words.push(other),
            }
        }
    }

    fn skip_spaces(&mut self) {
        while self.rest.next_if_eq(&' ').is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let said = |latex| typst(latex).unwrap();
        assert_eq!(
            said(r"\frac{-2.5}{\mathrm{d1\_V\_Mo}^{2}} + e^{-0.31 \cdot r}"),
            r#"frac(- 2.5, "d1_V_Mo"^(2)) + e^(- 0.31 dot r)"#
        );
        assert_eq!(
            said(r"\sum_{\text{pair}} a \, \sqrt[3]{d_{1}}"),
            r#"sum_("pair") a thin root(3, d_(1))"#
        );
        assert_eq!(said(r"\ln\left(\left|x\right|\right)"), "ln ( abs( x ) )");
        assert_eq!(said(r"n_\mathrm{vac,S}"), r#"n_("vac,S")"#);
    }

    #[test]
    fn long_exponents_may_break() {
        let long = format!("{}x", r"\frac{1}{r} + ".repeat(20));
        let latex = format!(r"\ln \sum e^{{-\left({long}\right) / 0.1}}");
        let expected = format!(r"\ln \sum \exp [-({long}) / 0.1]");
        assert_eq!(breakable(&latex), expected);
        assert!(typst(&expected).unwrap().ends_with(r"x \) \/ 0.1 \]"));
        assert_eq!(breakable("e^{-x}"), "e^{-x}");
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        for latex in [r"\operatorname{f}", "{a", "a}", r"\frac{1}", "x & y"] {
            assert_eq!(typst(latex), None, "{latex}");
        }
    }
}
