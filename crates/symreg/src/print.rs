//! Formulas as text that can be parsed again, and as LaTeX for papers.
//!
//! Text is exact: constants keep every digit, and [`Expr::parse`] gives the
//! same expression back. LaTeX is for reading: constants are rounded.

use std::fmt;

use crate::{Expr, Op};

/// How tightly an operation binds, for the fewest parentheses.
const SUM: u8 = 1;
const PRODUCT: u8 = 2;
const SIGN: u8 = 3;
const POWER: u8 = 4;
const ATOM: u8 = 5;

/// Significant digits of a constant in LaTeX.
const DIGITS: i32 = 5;

impl Expr {
    /// The formula as plain text, with the names of the columns.
    ///
    /// Names that are not plain identifiers stand in backquotes.
    ///
    /// # Panics
    ///
    /// If there are fewer names than [`Expr::columns`].
    #[must_use]
    pub fn text(&self, names: &[&str]) -> String {
        write(
            self,
            &|index| quote(names[index]),
            operation,
            number,
            Op::Pi.name(),
        )
    }

    /// The formula as LaTeX, constants rounded to five significant digits.
    ///
    /// # Panics
    ///
    /// If there are fewer names than [`Expr::columns`].
    #[must_use]
    pub fn latex(&self, names: &[&str]) -> String {
        write(
            self,
            &|i| latex_name(names[i]),
            latex_operation,
            latex_number,
            r"\pi",
        )
    }
}

impl fmt::Display for Expr {
    /// The text with columns named `x0`, `x1`, …
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |index| format!("x{index}");
        f.write_str(&write(self, &name, operation, number, Op::Pi.name()))
    }
}

/// A printed subtree and how tightly its root binds.
type Part = (String, u8);

fn write(
    expr: &Expr,
    column: &dyn Fn(usize) -> String,
    operation: fn(Op, Part, Part) -> Part,
    number: fn(f64) -> String,
    pi: &str,
) -> String {
    let mut stack: Vec<Part> = Vec::new();
    let pop = |stack: &mut Vec<Part>| stack.pop().expect("an expression never underflows");
    for &op in expr.code() {
        let part = match op {
            Op::Const(value) => {
                let binding = if value.is_sign_negative() { SIGN } else { ATOM };
                (number(value), binding)
            }
            Op::Integer(value) => (value.to_string(), if value < 0 { SIGN } else { ATOM }),
            Op::Pi => (pi.to_owned(), ATOM),
            Op::Column(index) => (column(index as usize), ATOM),
            _ if op.arity() == 1 => operation(op, pop(&mut stack), Part::default()),
            _ => {
                let b = pop(&mut stack);
                operation(op, pop(&mut stack), b)
            }
        };
        stack.push(part);
    }
    pop(&mut stack).0
}

/// Wraps a part that binds more loosely than its place demands.
fn at_least(binding: u8, (text, own): Part) -> String {
    if own < binding {
        format!("({text})")
    } else {
        text
    }
}

fn operation(op: Op, a: Part, b: Part) -> Part {
    match op {
        Op::Const(_) | Op::Integer(_) | Op::Pi | Op::Column(_) => a,
        Op::Add => infix(SUM, a, " + ", b),
        Op::Sub => infix(SUM, a, " - ", b),
        Op::Mul => infix(PRODUCT, a, " * ", b),
        Op::Div => infix(PRODUCT, a, " / ", b),
        Op::Neg => (format!("-{}", negated(a)), SIGN),
        Op::Square => (format!("{}^2", at_least(ATOM, a)), POWER),
        Op::Cube => (format!("{}^3", at_least(ATOM, a)), POWER),
        Op::Powi(n) => (format!("{}^{n}", at_least(ATOM, a)), POWER),
        Op::Pow | Op::Min | Op::Max => (format!("{}({}, {})", op.name(), a.0, b.0), ATOM),
        Op::Sqrt
        | Op::Cbrt
        | Op::Exp
        | Op::Log
        | Op::Sin
        | Op::Cos
        | Op::Tanh
        | Op::Abs
        | Op::Inv => (format!("{}({})", op.name(), a.0), ATOM),
    }
}

/// The right operand is wrapped already where it binds no tighter, so that
/// `a - (b - c)` stays what it is; a sign there is wrapped as well.
fn infix(binding: u8, a: Part, sign: &str, b: Part) -> Part {
    let right = if b.1 == SIGN { POWER } else { binding + 1 };
    let text = format!("{}{sign}{}", at_least(binding, a), at_least(right, b));
    (text, binding)
}

/// `-(2)` is the negative of a constant, `-2` a constant.
fn negated(a: Part) -> String {
    if a.0.starts_with(|c: char| c.is_ascii_digit()) && a.1 == ATOM {
        format!("({})", a.0)
    } else {
        at_least(POWER, a)
    }
}

/// Shortest digits that give the same constant back, with a point or an
/// exponent: digits alone are an exact integer.
fn number(value: f64) -> String {
    format!("{value:?}")
}

/// A name that the parser takes for one: an identifier, or anything in
/// backquotes with inner backquotes doubled.
fn quote(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && Op::named(name).is_none()
        && name != Op::Pi.name();
    if plain {
        name.to_owned()
    } else {
        format!("`{}`", name.replace('`', "``"))
    }
}

fn latex_operation(op: Op, a: Part, b: Part) -> Part {
    let call = |name: &str, a: Part| (format!(r"{name}\left({}\right)", a.0), ATOM);
    match op {
        Op::Const(_) | Op::Integer(_) | Op::Pi | Op::Column(_) => a,
        Op::Add => match b.0.strip_prefix('-') {
            Some(rest) if b.1 > SUM => latex_infix(SUM, a, " - ", (rest.to_owned(), ATOM)),
            _ => latex_infix(SUM, a, " + ", b),
        },
        Op::Sub => latex_infix(SUM, a, " - ", b),
        Op::Mul => latex_infix(PRODUCT, a, r" \cdot ", b),
        Op::Div => (format!(r"\frac{{{}}}{{{}}}", a.0, b.0), PRODUCT),
        Op::Neg => (format!("-{}", latex_at_least(POWER, a)), SIGN),
        Op::Square => (format!("{}^{{2}}", latex_at_least(ATOM, a)), POWER),
        Op::Cube => (format!("{}^{{3}}", latex_at_least(ATOM, a)), POWER),
        Op::Powi(n) => (format!("{}^{{{n}}}", latex_at_least(ATOM, a)), POWER),
        Op::Pow => (format!("{}^{{{}}}", latex_at_least(ATOM, a), b.0), POWER),
        Op::Min => call(r"\min", (format!("{}, {}", a.0, b.0), ATOM)),
        Op::Max => call(r"\max", (format!("{}, {}", a.0, b.0), ATOM)),
        Op::Sqrt => (format!(r"\sqrt{{{}}}", a.0), ATOM),
        Op::Cbrt => (format!(r"\sqrt[3]{{{}}}", a.0), ATOM),
        Op::Exp => (format!("e^{{{}}}", a.0), POWER),
        Op::Log => call(r"\ln", a),
        Op::Sin => call(r"\sin", a),
        Op::Cos => call(r"\cos", a),
        Op::Tanh => call(r"\tanh", a),
        Op::Abs => (format!(r"\left|{}\right|", a.0), ATOM),
        Op::Inv => (format!(r"\frac{{1}}{{{}}}", a.0), PRODUCT),
    }
}

/// Sums and products need no parentheses for being nested on the right.
fn latex_infix(binding: u8, a: Part, sign: &str, b: Part) -> Part {
    let right = if b.0.starts_with('-') {
        ATOM
    } else {
        binding + u8::from(sign == " - ")
    };
    let (a, b) = (latex_at_least(binding, a), latex_at_least(right, b));
    (format!("{a}{sign}{b}"), binding)
}

fn latex_at_least(binding: u8, (text, own): Part) -> String {
    if own < binding {
        format!(r"\left({text}\right)")
    } else {
        text
    }
}

/// Rounded to [`DIGITS`], as a power of ten where plain digits would be long.
pub(crate) fn latex_number(value: f64) -> String {
    let scientific = format!("{value:.4e}");
    let (digits, exponent) = scientific
        .split_once('e')
        .expect("a number in scientific notation has an exponent");
    match exponent.parse::<i32>() {
        Ok(exponent @ -3..=4) => {
            let decimals = usize::try_from(DIGITS - 1 - exponent).unwrap_or(0);
            trim(&format!("{value:.decimals$}")).to_owned()
        }
        _ => format!(r"{} \times 10^{{{exponent}}}", trim(digits)),
    }
}

fn trim(digits: &str) -> &str {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    }
}

/// `d1` is set as `d_{1}`, a longer name upright.
fn latex_name(name: &str) -> String {
    let escaped = |text: &str| {
        text.replace('\\', r"\backslash ")
            .replace(['{', '}'], "")
            .replace('_', r"\_")
            .replace('&', r"\&")
            .replace('%', r"\%")
            .replace('#', r"\#")
            .replace('$', r"\$")
    };
    let mut chars = name.chars();
    match chars.next() {
        Some(first) if first.is_alphabetic() => {
            let rest = chars.as_str();
            if rest.is_empty() {
                return first.to_string();
            }
            if rest.chars().all(|c| c.is_ascii_digit()) {
                return format!("{first}_{{{rest}}}");
            }
            format!(r"\mathrm{{{}}}", escaped(name))
        }
        _ => format!(r"\mathrm{{{}}}", escaped(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Expr {
        Expr::parse(text, &["x", "d1", "gap_width"]).unwrap()
    }

    #[test]
    fn by_hand() {
        let expr = parsed("2.5*x^2 - exp(-d1/3) / (x - (1.0 - gap_width))");
        assert_eq!(
            expr.text(&["x", "d1", "gap width"]),
            "2.5 * x^2 - exp(-d1 / 3) / (x - (1.0 - `gap width`))"
        );
        assert_eq!(
            expr.latex(&["x", "d1", "gap_width"]),
            r"2.5 \cdot x^{2} - \frac{e^{\frac{-d_{1}}{3}}}{x - \left(1 - \mathrm{gap\_width}\right)}"
        );
    }

    #[test]
    fn latex_has_the_parentheses_that_it_needs() {
        let latex = |text| parsed(text).latex(&["x", "d1", "gap_width"]);
        assert_eq!(latex("x - (1/x + 1)"), r"x - \left(\frac{1}{x} + 1\right)");
        assert_eq!(latex("x + (x + 1)"), "x + x + 1");
        assert_eq!(latex("2*(3*x)"), r"2 \cdot 3 \cdot x");
        assert_eq!(latex("(1/x)^2"), r"\left(\frac{1}{x}\right)^{2}");
        assert_eq!(latex("x + (-2)*x"), r"x - 2 \cdot x");
        assert_eq!(latex("x * ((-2)*x)"), r"x \cdot \left(-2 \cdot x\right)");
        assert_eq!(latex("x * (-x)"), r"x \cdot \left(-x\right)");
    }

    #[test]
    fn operations_of_two_operands_are_called() {
        let expr = parsed("pow(x + 1, pi/2) * min(x, -d1) + x^(d1 + 1)");
        assert_eq!(
            expr.text(&["x", "pi"]),
            "pow(x + 1, pi / 2) * min(x, -`pi`) + pow(x, `pi` + 1)"
        );
        assert_eq!(
            expr.latex(&["x", "d1"]),
            r"\left(x + 1\right)^{\frac{\pi}{2}} \cdot \min\left(x, -d_{1}\right) + x^{d_{1} + 1}"
        );
    }

    #[test]
    fn latex_rounds_and_joins_signs() {
        let names = ["x"];
        let expr = Expr::new(vec![Op::Column(0), Op::Const(-0.123_456_789), Op::Add]).unwrap();
        assert_eq!(expr.latex(&names), "x - 0.12346");
        let tiny = Expr::constant(-1.5e-9).unwrap();
        assert_eq!(tiny.latex(&names), r"-1.5 \times 10^{-9}");
        assert_eq!(Expr::constant(4147.0).unwrap().latex(&names), "4147");
    }
}
