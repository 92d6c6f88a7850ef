//! Formulas from text: a recursive descent over sums, products, signs, powers.
//!
//! ```text
//! sum     = product { ("+" | "-") product }
//! product = sign { ("*" | "/") sign }
//! sign    = "-" sign | power
//! power   = atom [ "^" exponent ]
//! exponent = { "-" } atom
//! atom    = number | name | "pi" | function "(" sum [ "," sum ] ")" | "(" sum ")"
//! ```
//!
//! Digits alone are an exact integer, a number with a point or an exponent is a
//! constant that may be fitted: `2` and `2.0` differ. An integer exponent must be
//! that of an operation, `x^2` or `x^-4`; any other exponent makes a [`Op::Pow`].
//!
//! A minus directly before a plain number belongs to the number: `-2` is a
//! constant, `-(2)` and `-2^2` are negatives.

use crate::{Error, Expr, Op, Result};

impl Expr {
    /// Parses what [`Expr::text`] prints.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`] with the position, [`Error::Exponent`] for a power
    /// that is no operation, [`Error::Constant`] for a number that is too large,
    /// [`Error::TooLong`] for more than 10,000 nodes.
    ///
    /// # Examples
    ///
    /// ```
    /// use symreg::Expr;
    /// let expr = Expr::parse("2*x - exp(-`my y`)", &["x", "my y"])?;
    /// assert_eq!(expr.to_string(), "2 * x0 - exp(-x1)");
    /// # Ok::<(), symreg::Error>(())
    /// ```
    pub fn parse(text: &str, names: &[&str]) -> Result<Self> {
        let mut parser = Parser {
            chars: text.chars().collect(),
            at: 0,
            depth: 0,
            names,
            code: Vec::new(),
        };
        parser.sum()?;
        match parser.peek() {
            None => Self::read(parser.code),
            Some(_) => Err(parser.error("an operator or the end")),
        }
    }
}

/// Parentheses and signs that may be nested, so that no text can exhaust the
/// stack of the program.
const DEEPEST: usize = 500;

struct Parser<'a> {
    chars: Vec<char>,
    at: usize,
    depth: usize,
    names: &'a [&'a str],
    code: Vec<Op>,
}

impl Parser<'_> {
    /// The next character that is not white space.
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

    fn expect(&mut self, wanted: char, expected: &'static str) -> Result<()> {
        if self.eat(wanted) {
            Ok(())
        } else {
            Err(self.error(expected))
        }
    }

    fn error(&mut self, expected: &'static str) -> Error {
        let found = self.peek();
        Error::Parse {
            position: self.at,
            expected,
            found: found.map_or_else(|| "the end".to_owned(), |c| excerpt(&c.to_string())),
        }
    }

    /// Counts levels that are about to be entered.
    fn deeper(&mut self, levels: usize) -> Result<()> {
        self.depth += levels;
        if self.depth > DEEPEST {
            return Err(self.error("at most 500 levels"));
        }
        Ok(())
    }

    fn sum(&mut self) -> Result<()> {
        self.deeper(1)?;
        self.product()?;
        loop {
            let op = match self.peek() {
                Some('+') => Op::Add,
                Some('-') => Op::Sub,
                _ => break,
            };
            self.at += 1;
            self.product()?;
            self.code.push(op);
        }
        self.depth -= 1;
        Ok(())
    }

    fn product(&mut self) -> Result<()> {
        self.sign()?;
        loop {
            let op = match self.peek() {
                Some('*') => Op::Mul,
                Some('/') => Op::Div,
                _ => return Ok(()),
            };
            self.at += 1;
            self.sign()?;
            self.code.push(op);
        }
    }

    /// Signs are counted, not nested; all but one are levels all the same, as they are
    /// printed in parentheses.
    fn sign(&mut self) -> Result<()> {
        let mut signs = 0_usize;
        while self.eat('-') {
            signs += 1;
        }
        let levels = signs - usize::from(signs > 0);
        self.deeper(levels)?;
        let bare = self.peek().is_some_and(|c| c.is_ascii_digit() || c == '.');
        let (start, first) = (self.code.len(), self.at);
        self.power()?;
        self.depth -= levels;
        if let (true, 1.., [leaf]) = (bare, signs, &mut self.code[start..]) {
            let point = |c: &char| matches!(c, '.' | 'e' | 'E');
            let digits = !self.chars[first..self.at].iter().any(point);
            // Too large for an integer, but its negative is none too small.
            *leaf = match negative(*leaf) {
                Op::Const(-2_147_483_648.0) if digits => Op::Integer(i32::MIN),
                other => other,
            };
            signs -= 1;
        }
        self.code.extend((0..signs).map(|_| Op::Neg));
        Ok(())
    }

    /// A power; where the exponent is whole it is part of the operation.
    fn power(&mut self) -> Result<()> {
        self.atom()?;
        if self.eat('^') {
            let start = self.code.len();
            self.exponent()?;
            let op = match self.code[start..] {
                [Op::Integer(exponent)] => {
                    let exponent = exponent.into();
                    self.code.pop();
                    Op::power(exponent).ok_or(Error::Exponent { exponent })?
                }
                _ => Op::Pow,
            };
            self.code.push(op);
        }
        Ok(())
    }

    fn exponent(&mut self) -> Result<()> {
        let mut signs = 0;
        while self.eat('-') {
            signs += 1;
        }
        let start = self.code.len();
        self.atom()?;
        match &mut self.code[start..] {
            [leaf @ (Op::Integer(_) | Op::Const(_))] if signs % 2 == 1 => *leaf = negative(*leaf),
            _ => self.code.extend((0..signs % 2).map(|_| Op::Neg)),
        }
        Ok(())
    }

    fn atom(&mut self) -> Result<()> {
        match self.peek() {
            Some('(') => {
                self.at += 1;
                self.sum()?;
                self.expect(')', "`)`")
            }
            Some('`') => {
                let name = self.quoted()?;
                self.column(&name)
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_alphabetic() || c == '_' => self.word(),
            _ => Err(self.error("a number, a column, a function or `(`")),
        }
    }

    fn number(&mut self) -> Result<()> {
        let start = self.at;
        while let Some(&c) = self.chars.get(self.at) {
            let after_exponent =
                matches!(self.chars[self.at.max(1) - 1], 'e' | 'E') && self.at > start;
            let belongs = c.is_ascii_digit()
                || matches!(c, '.' | 'e' | 'E')
                || (matches!(c, '+' | '-') && after_exponent);
            if !belongs {
                break;
            }
            self.at += 1;
        }
        let digits: String = self.chars[start..self.at].iter().collect();
        let leaf = match digits.parse() {
            Ok(integer) => Op::Integer(integer),
            Err(_) => Op::Const(digits.parse().map_err(|_| Error::Parse {
                position: start,
                expected: "a number",
                found: excerpt(&digits),
            })?),
        };
        self.code.push(leaf);
        Ok(())
    }

    fn word(&mut self) -> Result<()> {
        let start = self.at;
        let inside = |c: &char| c.is_alphanumeric() || *c == '_';
        while self.chars.get(self.at).is_some_and(inside) {
            self.at += 1;
        }
        let name: String = self.chars[start..self.at].iter().collect();
        match Op::named(&name) {
            Some(op @ (Op::Pow | Op::Min | Op::Max)) => {
                self.expect('(', "`(`")?;
                self.sum()?;
                self.expect(',', "`,`")?;
                self.sum()?;
                self.expect(')', "`)`")?;
                self.code.push(op);
                Ok(())
            }
            Some(op) if op.arity() == 1 => {
                self.expect('(', "`(`")?;
                self.sum()?;
                self.expect(')', "`)`")?;
                self.code.push(op);
                Ok(())
            }
            None if name == Op::Pi.name() => {
                self.code.push(Op::Pi);
                Ok(())
            }
            _ => self.column(&name),
        }
    }

    /// A name in backquotes; two of them stand for one.
    fn quoted(&mut self) -> Result<String> {
        self.at += 1;
        let mut name = String::new();
        while let Some(&c) = self.chars.get(self.at) {
            self.at += 1;
            if c != '`' {
                name.push(c);
            } else if self.chars.get(self.at) == Some(&'`') {
                self.at += 1;
                name.push('`');
            } else {
                return Ok(name);
            }
        }
        Err(self.error("a closing backquote"))
    }

    fn column(&mut self, name: &str) -> Result<()> {
        let index = self.names.iter().position(|n| *n == name);
        let index = index.and_then(|index| u32::try_from(index).ok());
        let index = index.ok_or_else(|| Error::Parse {
            position: self.at,
            expected: "the name of a column",
            found: excerpt(name),
        })?;
        self.code.push(Op::Column(index));
        Ok(())
    }
}

/// The beginning of what was found, short enough for one line of an error and safe
/// to print: control characters are escaped.
pub(crate) fn excerpt(found: &str) -> String {
    const LONGEST: usize = 40;
    let mut excerpt = String::new();
    for c in found.chars().take(LONGEST) {
        if c.is_control() {
            excerpt.extend(c.escape_default());
        } else {
            excerpt.push(c);
        }
    }
    if found.chars().nth(LONGEST).is_some() {
        excerpt.push('…');
    }
    excerpt
}

/// A number with its sign changed.
fn negative(leaf: Op) -> Op {
    match leaf {
        // the smallest integer has no negative among them
        Op::Integer(value) => value
            .checked_neg()
            .map_or(Op::Const(-f64::from(value)), Op::Integer),
        Op::Const(value) => Op::Const(-value),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::arbitrary;

    const NAMES: [&str; 3] = ["x", "exp", "d(Mo–S) `1`, Å"];

    #[test]
    fn signs_belong_where_one_reads_them() {
        let code = |text| Expr::parse(text, &NAMES).unwrap().code().to_vec();
        assert_eq!(code("-2"), [Op::Integer(-2)]);
        assert_eq!(code("-2.0"), [Op::Const(-2.0)]);
        assert_eq!(code("-(2)"), [Op::Integer(2), Op::Neg]);
        assert_eq!(code("-2^2"), [Op::Integer(2), Op::Square, Op::Neg]);
        assert_eq!(code("(-2.)^2"), [Op::Const(-2.0), Op::Square]);
        assert_eq!(code("-pi"), [Op::Pi, Op::Neg]);
        assert_eq!(code("-2147483648"), [Op::Integer(i32::MIN)]);
        assert_eq!(code("-2147483648.0"), [Op::Const(-2_147_483_648.0)]);
        assert_eq!(
            code("x^-(-2147483648)"),
            [Op::Column(0), Op::Const(2_147_483_648.0), Op::Pow]
        );
        assert_eq!(code("x-2e-1"), [Op::Column(0), Op::Const(0.2), Op::Sub]);
        assert_eq!(code("--x"), [Op::Column(0), Op::Neg, Op::Neg]);
    }

    #[test]
    fn whole_exponents_are_part_of_the_operation() {
        let last = |text| *Expr::parse(text, &NAMES).unwrap().code().last().unwrap();
        assert_eq!(last("x^2"), Op::Square);
        assert_eq!(last("x^(-4)"), Op::Powi(-4));
        assert_eq!(last("x^2.0"), Op::Pow);
        assert_eq!(last("x^-x"), Op::Pow);
        assert_eq!(last("min(x, pow(x, 2))"), Op::Min);
    }

    #[test]
    fn what_is_no_formula_is_refused_at_its_position() {
        let message = |text: &str| Expr::parse(text, &NAMES).unwrap_err().to_string();
        assert_eq!(
            message("x + "),
            "position 4: expected a number, a column, a function or `(`, found `the end`"
        );
        assert_eq!(
            message("2 x"),
            "position 2: expected an operator or the end, found `x`"
        );
        assert_eq!(
            message("y"),
            "position 1: expected the name of a column, found `y`"
        );
        assert_eq!(
            message("x^10"),
            "an exponent of `powi` must be -9 to -2 or 4 to 9, found 10"
        );
        assert_eq!(message("min(x)"), "position 5: expected `,`, found `)`");
        assert!(message(&"(".repeat(100_000)).contains("500 levels"));
        assert!(message(&format!("{}x", "-".repeat(501))).contains("500 levels"));
        assert!(message("1e999").contains("finite"));
    }

    proptest! {
        #[test]
        fn print_and_parse_are_inverse(expr in arbitrary::expr(3)) {
            prop_assert_eq!(Expr::parse(&expr.text(&NAMES), &NAMES).unwrap(), expr);
        }

        #[test]
        fn no_text_panics(text in r"[-+*/^()x0-9e.` ]{0,20}") {
            let _ = Expr::parse(&text, &NAMES);
        }
    }
}
