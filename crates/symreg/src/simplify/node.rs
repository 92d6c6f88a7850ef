//! Formulas in the shape that the e-graph wants, and back.
//!
//! The powers with operations of their own (`a²`, `a³`, `1/a`, `aⁿ`) are one node
//! here, whose second child is the integer exponent, so that one rule holds for
//! all of them.

use std::{fmt, str::FromStr};

use egg::{Id, Language, RecExpr, define_language};

use crate::{Expr, Op};

define_language! {
    pub(super) enum Node {
        "+" = Add([Id; 2]),
        "-" = Sub([Id; 2]),
        "*" = Mul([Id; 2]),
        "/" = Div([Id; 2]),
        "neg" = Neg(Id),
        "^" = Power([Id; 2]),
        "pow" = RealPower([Id; 2]),
        "sqrt" = Sqrt(Id),
        "cbrt" = Cbrt(Id),
        "exp" = Exp(Id),
        "log" = Log(Id),
        "sin" = Sin(Id),
        "cos" = Cos(Id),
        "tanh" = Tanh(Id),
        "abs" = Abs(Id),
        "min" = Min([Id; 2]),
        "max" = Max([Id; 2]),
        "pi" = Pi,
        Integer(i32),
        Column(Index),
        Const(Bits),
    }
}

/// Index of a column, written `x0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Index(pub(super) u32);

/// A finite number by its bits, written `c1.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Bits(u64);

impl Bits {
    /// Both zeros are one number.
    pub(super) fn of(value: f64) -> Self {
        Self((value + 0.0).to_bits())
    }

    pub(super) fn value(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "x{}", self.0)
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.value())
    }
}

/// A leaf of a rule that is none of ours.
#[derive(Debug)]
pub(super) struct NoLeaf;

impl FromStr for Index {
    type Err = NoLeaf;

    fn from_str(text: &str) -> Result<Self, NoLeaf> {
        let digits = text.strip_prefix('x').ok_or(NoLeaf)?;
        digits.parse().map(Self).map_err(|_| NoLeaf)
    }
}

impl FromStr for Bits {
    type Err = NoLeaf;

    fn from_str(text: &str) -> Result<Self, NoLeaf> {
        let digits = text.strip_prefix('c').ok_or(NoLeaf)?;
        digits.parse().map(Self::of).map_err(|_| NoLeaf)
    }
}

/// The formula for the e-graph.
pub(super) fn nodes(expr: &Expr) -> RecExpr<Node> {
    let mut nodes = RecExpr::default();
    let mut stack: Vec<Id> = Vec::new();
    let pop = |stack: &mut Vec<Id>| stack.pop().expect("an expression never underflows");
    for &op in expr.code() {
        let b = if op.arity() == 2 {
            pop(&mut stack)
        } else {
            Id::default()
        };
        let a = if op.arity() >= 1 {
            pop(&mut stack)
        } else {
            Id::default()
        };
        let mut power = |n: i32| {
            let exponent = nodes.add(Node::Integer(n));
            Node::Power([a, exponent])
        };
        let node = match op {
            Op::Const(value) => Node::Const(Bits::of(value)),
            Op::Integer(value) => Node::Integer(value),
            Op::Pi => Node::Pi,
            Op::Column(index) => Node::Column(Index(index)),
            Op::Add => Node::Add([a, b]),
            Op::Sub => Node::Sub([a, b]),
            Op::Mul => Node::Mul([a, b]),
            Op::Div => Node::Div([a, b]),
            Op::Neg => Node::Neg(a),
            Op::Square => power(2),
            Op::Cube => power(3),
            Op::Inv => power(-1),
            Op::Powi(n) => power(n.into()),
            Op::Pow => Node::RealPower([a, b]),
            Op::Sqrt => Node::Sqrt(a),
            Op::Cbrt => Node::Cbrt(a),
            Op::Exp => Node::Exp(a),
            Op::Log => Node::Log(a),
            Op::Sin => Node::Sin(a),
            Op::Cos => Node::Cos(a),
            Op::Tanh => Node::Tanh(a),
            Op::Abs => Node::Abs(a),
            Op::Min => Node::Min([a, b]),
            Op::Max => Node::Max([a, b]),
        };
        stack.push(nodes.add(node));
    }
    nodes
}

/// The operation of a node, unless it is an integer power without one.
///
/// `exponent` gives the integer that a class is known to be.
pub(super) fn operation(node: &Node, exponent: impl Fn(Id) -> Option<i32>) -> Option<Op> {
    Some(match node {
        Node::Const(bits) => Op::Const(bits.value()),
        Node::Integer(value) => Op::Integer(*value),
        Node::Pi => Op::Pi,
        Node::Column(Index(index)) => Op::Column(*index),
        Node::Add(_) => Op::Add,
        Node::Sub(_) => Op::Sub,
        Node::Mul(_) => Op::Mul,
        Node::Div(_) => Op::Div,
        Node::Neg(_) => Op::Neg,
        Node::Power([_, n]) => Op::power(exponent(*n)?.into())?,
        Node::RealPower(_) => Op::Pow,
        Node::Sqrt(_) => Op::Sqrt,
        Node::Cbrt(_) => Op::Cbrt,
        Node::Exp(_) => Op::Exp,
        Node::Log(_) => Op::Log,
        Node::Sin(_) => Op::Sin,
        Node::Cos(_) => Op::Cos,
        Node::Tanh(_) => Op::Tanh,
        Node::Abs(_) => Op::Abs,
        Node::Min(_) => Op::Min,
        Node::Max(_) => Op::Max,
    })
}

/// The operands among the children of a node: the exponent of an integer power
/// is none.
pub(super) fn operands(node: &Node) -> &[Id] {
    match node {
        Node::Power([a, _]) => std::slice::from_ref(a),
        other => other.children(),
    }
}

/// The formula of what the e-graph gave, if it is one.
pub(super) fn formula(nodes: &RecExpr<Node>) -> Option<Expr> {
    let exponent = |id: Id| match nodes[id] {
        Node::Integer(value) => Some(value),
        _ => None,
    };
    let mut code = Vec::new();
    // What is still to be written, the next on top: operands before operations.
    let mut pending = vec![(nodes.root(), false)];
    while let Some((id, ready)) = pending.pop() {
        if ready {
            code.push(operation(&nodes[id], exponent)?);
        } else {
            pending.push((id, true));
            pending.extend(operands(&nodes[id]).iter().rev().map(|id| (*id, false)));
        }
    }
    Expr::new(code).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::arbitrary;

    proptest! {
        /// All operations pass through the e-graph's shape unharmed.
        #[test]
        fn there_and_back(expr in arbitrary::expr(3)) {
            prop_assert_eq!(formula(&nodes(&expr)), Some(expr));
        }
    }
}
