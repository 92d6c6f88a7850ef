//! Units from text.
//!
//! ```text
//! unit     = "" | factor { [ "·" | "*" | "/" ] factor }
//! factor   = ( "1" | symbol | "(" unit ")" ) [ power ]
//! power    = [ "^" | "**" ] integer | "^" number | "^(" integer "/" integer ")"
//!          | superscript digits
//! ```
//!
//! A slash turns the *next* factor only, as in a calculator: `J/mol/K` and
//! `J/(mol K)` are the same, `J/mol K` is `J K/mol`.

use std::str::FromStr;

use super::{Exponent, Unit, UnitError, known, unit::Quantity};
use crate::parse::excerpt;

impl FromStr for Unit {
    type Err = UnitError;

    /// Parses `eV/Å^2`, `kg m s^-2`, `1/Å`, `Å²`, `eV^(1/2)`; an empty text is
    /// the unit of plain numbers.
    ///
    /// # Errors
    ///
    /// [`UnitError::Unknown`] with the symbol and those that are known,
    /// [`UnitError::Syntax`] with the position.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let mut parser = Parser {
            text,
            chars: text.chars().collect(),
            at: 0,
        };
        let unit = parser.product(0)?;
        match parser.peek() {
            None => Ok(unit),
            Some(_) => Err(parser.error("a symbol, `·`, `/` or the end")),
        }
    }
}

/// Parentheses that may be nested.
const DEEPEST: usize = 20;

struct Parser<'a> {
    text: &'a str,
    chars: Vec<char>,
    at: usize,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn error(&self, expected: &'static str) -> UnitError {
        UnitError::Syntax {
            text: excerpt(self.text),
            position: self.at,
            expected,
        }
    }

    fn product(&mut self, depth: usize) -> Result<Unit, UnitError> {
        if depth > DEEPEST {
            return Err(self.error("at most 20 parentheses"));
        }
        let mut unit = Unit::plain();
        let mut first = true;
        while let Some(next) = self.peek().filter(|next| *next != ')') {
            let inverse = next == '/';
            if matches!(next, '/' | '·' | '⋅' | '*') {
                if first {
                    return Err(self.error("a symbol or `1`"));
                }
                self.at += 1;
            }
            let factor = self.factor(depth)?;
            let sign = Exponent::integer(if inverse { -1 } else { 1 });
            unit = factor
                .raised(sign)
                .and_then(|factor| unit.times(&factor))
                .ok_or_else(|| self.error("exponents of moderate size"))?;
            first = false;
        }
        Ok(unit)
    }

    fn factor(&mut self, depth: usize) -> Result<Unit, UnitError> {
        let base = match self.peek() {
            Some('(') => {
                self.at += 1;
                let inner = self.product(depth + 1)?;
                if !self.eat(')') {
                    return Err(self.error("`)`"));
                }
                inner
            }
            Some('1') if !self.number_goes_on() => {
                self.at += 1;
                Unit::plain()
            }
            Some(c) if is_symbol(c) => self.symbol()?,
            _ => return Err(self.error("a symbol, `1` or `(`")),
        };
        let exponent = self.exponent()?;
        let power = base.raised(exponent);
        power.ok_or_else(|| self.error("exponents of moderate size"))
    }

    /// Whether more than a lone `1` stands here.
    fn number_goes_on(&self) -> bool {
        let next = self.chars.get(self.at + 1);
        next.is_some_and(|c| c.is_alphanumeric() || *c == '.')
    }

    fn symbol(&mut self) -> Result<Unit, UnitError> {
        let symbol: String = self.chars[self.at..]
            .iter()
            .take_while(|c| is_symbol(**c))
            .collect();
        self.at += symbol.chars().count();
        Unit::of_symbol(&symbol).ok_or_else(|| UnitError::Unknown {
            symbol: excerpt(&symbol),
            text: excerpt(self.text),
            known: known::symbols(),
        })
    }

    /// What follows a factor directly; one where nothing does.
    fn exponent(&mut self) -> Result<Exponent, UnitError> {
        let caret = match (self.chars.get(self.at), self.chars.get(self.at + 1)) {
            (Some('^'), _) => 1,
            (Some('*'), Some('*')) => 2,
            _ => 0,
        };
        self.at += caret;
        let raised: String = self.chars[self.at..]
            .iter()
            .map_while(|c| superscript(*c))
            .collect();
        if !raised.is_empty() && caret == 0 {
            self.at += raised.chars().count();
            return self.number(&raised);
        }
        if caret > 0 && self.eat('(') {
            let inner: String = self.chars[self.at..]
                .iter()
                .take_while(|c| **c != ')')
                .collect();
            self.at += inner.chars().count();
            if !self.eat(')') {
                return Err(self.error("`)`"));
            }
            return self.number(&inner);
        }
        let digits: String = self.chars[self.at..]
            .iter()
            .take_while(|c| {
                c.is_ascii_digit() || matches!(c, '-' | '+') || (**c == '.' && caret > 0)
            })
            .collect();
        if digits.is_empty() && caret == 0 {
            return Ok(Exponent::ONE);
        }
        self.at += digits.chars().count();
        self.number(&digits)
    }

    /// An integer, a fraction or a decimal number that is near one.
    fn number(&self, text: &str) -> Result<Exponent, UnitError> {
        let fraction = match text.split_once('/') {
            Some((above, below)) => above
                .trim()
                .parse()
                .ok()
                .zip(below.trim().parse().ok())
                .and_then(|(above, below)| Exponent::new(above, below)),
            None => text.trim().parse().ok().and_then(Exponent::near),
        };
        fraction.ok_or_else(|| self.error("an exponent such as 2, -1, 0.5 or (1/3)"))
    }
}

fn is_symbol(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '%' | '°' | '_')
}

fn superscript(c: char) -> Option<char> {
    const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
    const PLAIN: &str = "0123456789-";
    let position = RAISED.chars().position(|raised| raised == c)?;
    PLAIN.chars().nth(position)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(a: &str, b: &str) -> bool {
        let (a, b): (Unit, Unit) = (a.parse().unwrap(), b.parse().unwrap());
        a.is_same_as(&b)
    }

    #[test]
    fn one_unit_has_many_texts() {
        for (a, b) in [
            ("eV/Å^2", "eV Å^-2"),
            ("eV/Å^2", "eV·Å⁻²"),
            ("eV/Å^2", "eV/(Å*Å)"),
            ("kg m s^-2", "N"),
            ("kg*m*s**-2", "N"),
            ("1/Å", "Å^-1"),
            ("m2", "m²"),
            ("J/mol/K", "J/(mol K)"),
            ("J/mol K", "J K/mol"),
            ("eV^0.5", "eV^(1/2)"),
            ("", "1"),
            (" ", "Å/Å"),
            ("\u{212b}", "Å"),
            ("eV/atom", "eV"),
            ("km", "1 km"),
        ] {
            assert!(same(a, b), "{a} and {b}");
        }
        assert!(!same("J/mol K", "J/(mol K)"));
    }

    #[test]
    fn an_unknown_symbol_is_named_with_those_that_are_known() {
        let error = "eV/Ang^2".parse::<Unit>().unwrap_err().to_string();
        let start = "unknown unit `Ang` in `eV/Ang^2`; known are m, g, s, A, K, mol, cd, Å,";
        assert!(error.starts_with(start), "{error}");
        assert!(
            error.ends_with("with the prefixes of the SI where these are usual"),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_unit_is_refused_at_its_position() {
        let message = |text: &str| text.parse::<Unit>().unwrap_err().to_string();
        assert_eq!(
            message("eV^x"),
            "unit `eV^x`: expected an exponent such as 2, -1, 0.5 or (1/3) at position 3"
        );
        assert_eq!(
            message("/Å"),
            "unit `/Å`: expected a symbol or `1` at position 0"
        );
        assert_eq!(message("(eV"), "unit `(eV`: expected `)` at position 3");
        assert_eq!(
            message("eV)"),
            "unit `eV)`: expected a symbol, `·`, `/` or the end at position 2"
        );
        assert_eq!(
            message("3 m"),
            "unit `3 m`: expected a symbol, `1` or `(` at position 0"
        );
        assert!(message("1e3 m").contains("expected a symbol, `1` or `(` at position 0"));
        assert!(message("10 m").contains("expected a symbol, `1` or `(` at position 0"));
        assert!(message("eV^1.2345").contains("expected an exponent"));
        assert!(message(&"(".repeat(10_000)).contains("20 parentheses"));
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(
            factors in prop::collection::vec(
                (prop::sample::select(vec!["Å", "eV", "kg", "K", "mol"]), -4_i32..5, 1_i32..4),
                0..5,
            ),
        ) {
            let mut unit = Unit::plain();
            for (symbol, above, below) in factors {
                let power = Unit::of_symbol(symbol).unwrap();
                let power = power.raised(Exponent::new(above, below).unwrap()).unwrap();
                unit = unit.times(&power).unwrap();
            }
            let again: Unit = unit.to_string().parse().unwrap();
            prop_assert!(again.is_same_as(&unit), "{unit}");
            prop_assert_eq!(again.to_string(), unit.to_string());
        }

        #[test]
        fn no_text_panics(text in "[a-zÅ^*/·(). 0-9²⁻-]{0,12}") {
            let _ = text.parse::<Unit>();
        }
    }
}
