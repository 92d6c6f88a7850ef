//! Formulas as tokens, operations before their operands.

use crate::expr::LONGEST;
use crate::parse::excerpt;
use crate::{Error, Expr, Op, Result};

/// The mark of an integer power: `^-4`.
const POWER: char = '^';

/// The tokens, separated by spaces.
pub(super) fn write(expr: &Expr, names: &[&str]) -> String {
    let mut stack: Vec<String> = Vec::new();
    for &op in expr.code() {
        let operands = stack.split_off(stack.len() - op.arity());
        let mut tokens = vec![token(op, names)];
        tokens.extend(operands);
        stack.push(tokens.join(" "));
    }
    stack.concat()
}

fn token(op: Op, names: &[&str]) -> String {
    match op {
        Op::Powi(n) => format!("{POWER}{n}"),
        // Leaves are written as in texts: names quoted, numbers with a point.
        Op::Const(_) | Op::Integer(_) | Op::Pi | Op::Column(_) => Expr::new(vec![op])
            .expect("the leaf of a formula is a formula")
            .text(names),
        Op::Add
        | Op::Sub
        | Op::Mul
        | Op::Div
        | Op::Neg
        | Op::Square
        | Op::Cube
        | Op::Sqrt
        | Op::Cbrt
        | Op::Exp
        | Op::Log
        | Op::Sin
        | Op::Cos
        | Op::Tanh
        | Op::Abs
        | Op::Inv
        | Op::Pow
        | Op::Min
        | Op::Max => op.name().to_owned(),
    }
}

/// Reads what [`Format::Prefix`](super::Format::Prefix) writes.
///
/// # Errors
///
/// [`Error::Parse`] for a token that is neither an operation, a number nor a
/// name, [`Error::Malformed`] where operands lack or are too many,
/// [`Error::Exponent`] and [`Error::Constant`] as [`Expr::new`],
/// [`Error::TooLong`] for more than 10,000 tokens.
///
/// # Examples
///
/// ```
/// use symreg::{Expr, export::from_prefix};
/// let expr = from_prefix("mul 2.5 ^-4 x", &["x"])?;
/// assert_eq!(expr, Expr::parse("2.5 * x^-4", &["x"])?);
/// # Ok::<(), symreg::Error>(())
/// ```
pub fn from_prefix(text: &str, names: &[&str]) -> Result<Expr> {
    let ops: Vec<Op> = tokens(text)
        .into_iter()
        .map(|(position, token)| operation(position, &token, names))
        .collect::<Result<_>>()?;
    let (nodes, most) = (ops.len(), LONGEST);
    if nodes > most {
        return Err(Error::TooLong { nodes, most });
    }
    // Backwards, operands come before operations, the first on top.
    let mut stack: Vec<Vec<Op>> = Vec::new();
    for (position, &op) in ops.iter().enumerate().rev() {
        let depth = stack.len();
        let below = depth
            .checked_sub(op.arity())
            .ok_or(Error::Malformed { position, depth })?;
        let operands = stack.split_off(below);
        let mut code: Vec<Op> = operands.into_iter().rev().flatten().collect();
        code.push(op);
        stack.push(code);
    }
    match stack.len() {
        1 => Expr::new(stack.concat()),
        depth => Err(Error::Malformed { position: 0, depth }),
    }
}

/// The tokens with their positions, in characters; a token in backquotes may
/// hold spaces.
fn tokens(text: &str) -> Vec<(usize, String)> {
    let mut tokens: Vec<(usize, String)> = Vec::new();
    let (mut inside, mut quoted) = (false, false);
    for (position, c) in text.chars().enumerate() {
        if c.is_whitespace() && !quoted {
            inside = false;
            continue;
        }
        quoted ^= c == '`';
        match tokens.last_mut().filter(|_| inside) {
            Some((_, token)) => token.push(c),
            None => tokens.push((position, c.to_string())),
        }
        inside = true;
    }
    tokens
}

fn operation(position: usize, token: &str, names: &[&str]) -> Result<Op> {
    if let Some(op) = Op::named(token) {
        return Ok(op);
    }
    let other = || Error::Parse {
        position,
        expected: "an operation, a number or a column",
        found: excerpt(token),
    };
    if let Some(exponent) = token.strip_prefix(POWER) {
        let exponent: i64 = exponent.parse().map_err(|_| other())?;
        return match Op::power(exponent) {
            Some(op @ Op::Powi(_)) => Ok(op),
            _ => Err(Error::Exponent { exponent }),
        };
    }
    match Expr::parse(token, names).map_err(|_| other())?.code() {
        &[leaf] => Ok(leaf),
        _ => Err(other()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::arbitrary;

    const NAMES: [&str; 3] = ["x", "add", "d(Mo–S) `1`, Å"];

    #[test]
    fn by_hand() {
        let expr = Expr::parse("2.5 * (`add` - pow(x, 2))^-4", &NAMES).unwrap();
        let text = write(&expr, &NAMES);
        assert_eq!(text, "mul 2.5 ^-4 sub `add` pow x 2");
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        let message = |text: &str| from_prefix(text, &NAMES).unwrap_err().to_string();
        assert_eq!(
            message("neg y"),
            "position 4: expected an operation, a number or a column, found `y`"
        );
        assert!(message("add x").contains("exactly one value"));
        assert!(message("x x").contains("exactly one value, found 2"));
        assert!(message("").contains("exactly one value, found 0"));
        assert!(message("^2 x").contains("found 2"));
        assert!(message("x+x").contains("found `x+x`"));
    }

    proptest! {
        #[test]
        fn written_and_read_are_inverse(expr in arbitrary::expr(3)) {
            prop_assert_eq!(from_prefix(&write(&expr, &NAMES), &NAMES).unwrap(), expr);
        }

        #[test]
        fn no_text_panics(text in r"[a-z0-9^`. -]{0,20}") {
            let _ = from_prefix(&text, &NAMES);
        }
    }
}
