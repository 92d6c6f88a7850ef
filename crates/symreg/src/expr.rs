//! Expressions as flat postfix code.
//!
//! `x₀·x₀ + 1` is stored as `x₀ x₀ · 1 +`: one `Vec` of small nodes, children
//! before parents, the root last. A subtree is then a *contiguous slice*:
//! crossover is a splice, and evaluation is one pass with a stack.
//!
//! # Invariants
//!
//! 1. Read left to right as stack code, an [`Expr`] never underflows and leaves
//!    exactly one value.
//! 2. Constants are finite, and exponents are those of [`Op::Powi`].
//! 3. Columns are indexed, never named: names belong to the caller.
//!
//! Only [`Expr::new`] checks this; nothing else may build one.
//!
//! The layout is that of Operon (Burlacu, Kronberger & Kommenda,
//! doi:10.1145/3377929.3398099).

use std::{f64::consts::PI, ops::Range};

use crate::{Error, Op, Result};

/// Nodes of the longest formula that is read: what works on formulas may take memory
/// and depth in proportion, or time as the square.
pub(crate) const LONGEST: usize = 10_000;

/// A formula over the columns of a table.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Vec<Op>", into = "Vec<Op>")]
pub struct Expr(Vec<Op>);

impl Expr {
    /// Wraps postfix code.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if an operation lacks operands, or if the code
    /// leaves any number of values other than one; [`Error::Constant`] and
    /// [`Error::Exponent`] for leaves and powers that are none.
    pub fn new(code: Vec<Op>) -> Result<Self> {
        let mut depth = 0_usize;
        for (position, &op) in code.iter().enumerate() {
            match op {
                Op::Const(value) if !value.is_finite() => {
                    return Err(Error::Constant { position, value });
                }
                Op::Powi(n) if Op::power(n.into()) != Some(op) => {
                    return Err(Error::Exponent { exponent: n.into() });
                }
                _ => {}
            }
            depth = depth
                .checked_sub(op.arity())
                .ok_or(Error::Malformed { position, depth })?
                + 1;
        }
        if depth == 1 {
            Ok(Self(code))
        } else {
            Err(Error::Malformed {
                position: code.len(),
                depth,
            })
        }
    }

    /// [`Expr::new`] for code that comes from outside.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`], and those of [`Expr::new`].
    pub(crate) fn read(code: Vec<Op>) -> Result<Self> {
        let (nodes, most) = (code.len(), LONGEST);
        if nodes > most {
            return Err(Error::TooLong { nodes, most });
        }
        Self::new(code)
    }

    /// The constant formula.
    ///
    /// # Errors
    ///
    /// [`Error::Constant`] if the value is not finite.
    pub fn constant(value: f64) -> Result<Self> {
        Self::new(vec![Op::Const(value)])
    }

    /// The formula that is one column.
    #[must_use]
    pub fn column(index: u32) -> Self {
        Self(vec![Op::Column(index)])
    }

    /// The postfix code.
    #[must_use]
    pub fn code(&self) -> &[Op] {
        &self.0
    }

    /// Sum of [`Op::cost`] over all nodes: the horizontal axis of every front.
    #[must_use]
    pub fn complexity(&self) -> usize {
        self.0.iter().map(|op| op.cost()).sum()
    }

    /// Number of columns that a table needs at least.
    #[must_use]
    pub fn columns(&self) -> usize {
        let index = |op: &Op| match *op {
            Op::Column(index) => Some(index as usize + 1),
            _ => None,
        };
        self.0.iter().filter_map(index).max().unwrap_or(0)
    }

    /// The formula with constants of so many significant digits, as it is
    /// printed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use symreg::Expr;
    /// let long = Expr::parse("1.23456789 * x", &["x"])?;
    /// assert_eq!(long.rounded(4).text(&["x"]), "1.235 * x");
    /// # Ok::<(), symreg::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If `digits` is zero.
    #[must_use]
    pub fn rounded(&self, digits: usize) -> Self {
        assert!(digits > 0, "a constant needs a digit");
        let round = |value: f64| {
            let written = format!("{value:.*e}", digits - 1);
            written
                .parse()
                .expect("what was written as a number is one")
        };
        let code = self.0.iter().map(|&op| match op {
            Op::Const(value) => Op::Const(round(value)),
            other => other,
        });
        Self(code.collect())
    }

    /// The formula with every subtree that has no columns worked out, and the
    /// signs of added numbers taken into the sum: `x + 5` for `x - (2 - 7)`.
    ///
    /// A subtree whose value is not finite stays as it is, and so does one of
    /// integers and π alone whose value is not an integer: `sqrt(2)` is exact,
    /// its digits would not be.
    ///
    /// # Panics
    ///
    /// Never: finite numbers in the place of whole subtrees are a formula.
    #[must_use]
    pub fn folded(&self) -> Self {
        let mut code: Vec<Op> = Vec::with_capacity(self.0.len());
        for &op in &self.0 {
            let operands = code.len().saturating_sub(op.arity());
            if let Some(number) = worked_out(op, &code[operands..]) {
                code.truncate(operands);
                code.push(number);
                continue;
            }
            let positive = code.last().and_then(|last| match *last {
                Op::Const(value) if value < 0.0 => Some(Op::Const(-value)),
                Op::Integer(value) if value < 0 => value.checked_neg().map(Op::Integer),
                _ => None,
            });
            match (op, positive) {
                (Op::Add, Some(number)) => {
                    code.pop();
                    code.extend([number, Op::Sub]);
                }
                (Op::Sub, Some(number)) => {
                    code.pop();
                    code.extend([number, Op::Add]);
                }
                _ => code.push(op),
            }
        }
        Self::new(code).expect("a number stands for a whole subtree")
    }

    /// The formula with the signs of added terms in the sums, as people write
    /// them: `x - 2 * y` for `x + -2 * y`. Its values are the same up to
    /// rounding, its length is the same.
    ///
    /// # Examples
    ///
    /// ```
    /// # use symreg::Expr;
    /// let clumsy = Expr::parse("x - (-2.0) * x / 3 + (-1)", &["x"])?;
    /// assert_eq!(clumsy.plain_signs().text(&["x"]), "x + 2.0 * x / 3 - 1");
    /// # Ok::<(), symreg::Error>(())
    /// ```
    #[must_use]
    pub fn plain_signs(&self) -> Self {
        let mut code = self.0.clone();
        for root in 0..code.len() {
            let turned = match code[root] {
                Op::Add => Op::Sub,
                Op::Sub => Op::Add,
                _ => continue,
            };
            let leaf = first_factor(&code, root - 1);
            let positive = match code[leaf] {
                Op::Const(value) if value < 0.0 => Some(Op::Const(-value)),
                Op::Integer(value) if value < 0 => value.checked_neg().map(Op::Integer),
                _ => None,
            };
            if let Some(number) = positive {
                (code[leaf], code[root]) = (number, turned);
            }
        }
        Self(code)
    }

    /// The formula with one subtree replaced.
    ///
    /// # Panics
    ///
    /// If `at` is not the range of a whole subtree, as [`subtree`] gives it.
    #[must_use]
    pub fn spliced(&self, at: Range<usize>, by: &[Op]) -> Self {
        let mut code = Vec::with_capacity(self.0.len() - at.len() + by.len());
        code.extend_from_slice(&self.0[..at.start]);
        code.extend_from_slice(by);
        code.extend_from_slice(&self.0[at.end..]);
        Self::new(code).expect("a whole subtree was exchanged for another")
    }
}

impl TryFrom<Vec<Op>> for Expr {
    type Error = Error;

    fn try_from(code: Vec<Op>) -> Result<Self> {
        Self::read(code)
    }
}

impl From<Expr> for Vec<Op> {
    fn from(expr: Expr) -> Self {
        expr.0
    }
}

/// The number that an operation on numbers gives, if it can be written as one.
fn worked_out(op: Op, operands: &[Op]) -> Option<Op> {
    if op.arity() == 0 || op.arity() != operands.len() {
        return None;
    }
    let number = |op: &Op| match *op {
        Op::Const(value) => Some(value),
        Op::Integer(value) => Some(value.into()),
        Op::Pi => Some(PI),
        _ => None,
    };
    let a = number(&operands[0])?;
    let b = operands.get(1).map_or(Some(0.0), number)?;
    let value = op.value(a, b);
    if operands.iter().any(|op| matches!(op, Op::Const(_))) {
        return value.is_finite().then_some(Op::Const(value));
    }
    let whole = integer(value)?;
    let exact = op.is_exact() && !operands.contains(&Op::Pi);
    exact.then_some(Op::Integer(whole))
}

/// The integer that a float is equal to.
#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates, and the comparison then fails"
)]
fn integer(value: f64) -> Option<i32> {
    let whole = value as i32;
    (f64::from(whole).to_bits() == value.to_bits()).then_some(whole)
}

/// The first factor of a product or quotient, however deep; else the root itself.
fn first_factor(code: &[Op], mut root: usize) -> usize {
    while matches!(code[root], Op::Mul | Op::Div) {
        root = subtree(code, root - 1).start - 1;
    }
    root
}

/// The slice that is the subtree whose root is at `root`.
///
/// # Panics
///
/// If the code is not that of an [`Expr`] or the root lies outside of it.
#[must_use]
pub fn subtree(code: &[Op], root: usize) -> Range<usize> {
    let (mut start, mut missing) = (root, code[root].arity());
    while missing > 0 {
        start -= 1;
        missing = missing - 1 + code[start].arity();
    }
    start..root + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subtrees_are_slices() {
        // (x0 + 1) * exp(x1)
        let code = [
            Op::Column(0),
            Op::Const(1.0),
            Op::Add,
            Op::Column(1),
            Op::Exp,
            Op::Mul,
        ];
        assert_eq!(subtree(&code, 5), 0..6);
        assert_eq!(subtree(&code, 4), 3..5);
        assert_eq!(subtree(&code, 2), 0..3);
        let expr = Expr::new(code.to_vec()).unwrap();
        assert_eq!(expr.complexity(), 8);
        assert_eq!(expr.columns(), 2);
        let exchanged = expr.spliced(3..5, &[Op::Const(2.0)]);
        assert_eq!(exchanged.to_string(), "(x0 + 1.0) * 2.0");
    }

    #[test]
    fn constants_are_worked_out() {
        let folded = |text| Expr::parse(text, &["x"]).unwrap().folded().to_string();
        assert_eq!(folded("x + (2*3 - 1)^2"), "x0 + 25");
        assert_eq!(folded("x - (2 - 7)"), "x0 + 5");
        assert_eq!(folded("x + (2.0*3 - 1)^2"), "x0 + 25.0");
        assert_eq!(folded("x * inv(1 - 1)"), "x0 * inv(0)");
        assert_eq!(
            folded("x * sqrt(9 - 7) + 6/3 - 1/3"),
            "x0 * sqrt(2) + 2 - 1 / 3"
        );
        assert_eq!(folded("2*pi*x"), "2 * pi * x0");
        assert_eq!(folded("2.0*pi*x"), "6.283185307179586 * x0");
    }

    #[test]
    fn code_that_is_no_formula_is_refused() {
        assert_eq!(
            Expr::new(vec![Op::Column(0), Op::Add]),
            Err(Error::Malformed {
                position: 1,
                depth: 1
            })
        );
        assert_eq!(
            Expr::new(vec![Op::Column(0), Op::Column(1)]),
            Err(Error::Malformed {
                position: 2,
                depth: 2
            })
        );
        assert!(Expr::new(vec![]).is_err());
        assert!(Expr::constant(f64::INFINITY).is_err());
        assert_eq!(
            Expr::new(vec![Op::Column(0), Op::Powi(2)]),
            Err(Error::Exponent { exponent: 2 })
        );
    }

    proptest::proptest! {
        /// These operations round a number and its negative alike.
        #[test]
        fn plain_signs_change_no_value(expr in crate::arbitrary::exact(2)) {
            let columns = [vec![0.3, -1.7, 2.9], vec![-0.4, 1.1, 5.3]];
            let named = columns.into_iter().enumerate();
            let named = named.map(|(i, x)| (crate::Column::new(format!("x{i}"), ""), x));
            let table = crate::Table::new(named.collect()).unwrap();
            let plain = expr.plain_signs();
            proptest::prop_assert_eq!(plain.complexity(), expr.complexity());
            proptest::prop_assert_eq!(plain.evaluate(&table), expr.evaluate(&table));
        }
    }
}
