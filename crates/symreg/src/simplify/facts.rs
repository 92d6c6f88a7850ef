//! What is known of every class of equal formulas: its bounds, and its value if
//! it has one.

use egg::{Analysis, DidMerge, EGraph, Id};

use super::node::{Bits, Node, operands, operation};
use crate::{Expr, FeatureBox, Interval, Op};

/// The e-graph over a box.
pub(super) type Graph = EGraph<Node, Domain>;

/// The ranges of the columns.
#[derive(Debug, Clone)]
pub(super) struct Domain(pub(super) FeatureBox);

/// What is known of a class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Facts {
    /// Bounds over the box; none where there may be a point without a value.
    pub(super) bounds: Option<Interval>,
    /// The number that the class is, as a leaf; [`Op::Const`] if a fitted
    /// constant went into it.
    pub(super) number: Option<Op>,
}

impl Facts {
    /// The integer that the class is, exactly.
    pub(super) fn integer(&self) -> Option<i32> {
        match self.number {
            Some(Op::Integer(value)) => Some(value),
            _ => None,
        }
    }

    /// The number that the class is.
    pub(super) fn value(&self) -> Option<f64> {
        match self.number {
            Some(Op::Integer(value)) => Some(value.into()),
            Some(Op::Const(value)) => Some(value),
            _ => None,
        }
    }

    fn of(graph: &Graph, node: &Node) -> Self {
        let integer = |id: Id| graph[id].data.integer();
        if let Node::Power([a, n]) = node {
            match integer(*n) {
                Some(1) => return graph[*a].data,
                Some(0) => return Self::of_leaf(Op::Integer(1)),
                _ => {}
            }
        }
        let Some(op) = operation(node, integer) else {
            return Self {
                bounds: None,
                number: None,
            };
        };
        match (op, operands(node)) {
            (Op::Column(index), _) => Self {
                bounds: graph.analysis.0.sides().get(index as usize).copied(),
                number: None,
            },
            (_, []) => Self::of_leaf(op),
            (_, children) => Self {
                bounds: bounds(graph, op, children),
                number: folded(graph, op, children),
            },
        }
    }

    fn of_leaf(op: Op) -> Self {
        let none = Interval {
            low: 0.0,
            high: 0.0,
        };
        Self {
            bounds: op.bounds(none, none),
            number: Some(op),
        }
    }
}

fn bounds(graph: &Graph, op: Op, children: &[Id]) -> Option<Interval> {
    let a = graph[children[0]].data.bounds?;
    let b = match children.get(1) {
        Some(b) => graph[*b].data.bounds?,
        None => a,
    };
    op.bounds(a, b)
}

/// Constants are folded as [`Expr::folded`] does it: what is exact stays exact.
fn folded(graph: &Graph, op: Op, children: &[Id]) -> Option<Op> {
    let leaves = children.iter().map(|id| graph[*id].data.number);
    let mut code: Vec<Op> = leaves.collect::<Option<_>>()?;
    code.push(op);
    match Expr::new(code).ok()?.folded().code() {
        &[leaf @ (Op::Const(_) | Op::Integer(_))] => Some(leaf),
        _ => None,
    }
}

impl Analysis<Node> for Domain {
    type Data = Facts;

    fn make(graph: &mut Graph, node: &Node, _: Id) -> Facts {
        Facts::of(graph, node)
    }

    fn merge(&mut self, a: &mut Facts, b: Facts) -> DidMerge {
        let before = *a;
        a.bounds = match (a.bounds, b.bounds) {
            (Some(a), Some(b)) => Some(tighter(a, b)),
            (a, b) => a.or(b),
        };
        // An exact number says more than a fitted one.
        if !matches!(a.number, Some(Op::Integer(_) | Op::Pi)) {
            a.number = match b.number {
                Some(Op::Integer(_) | Op::Pi) => b.number,
                other => a.number.or(other),
            };
        }
        DidMerge(*a != before, *a != b)
    }

    fn modify(graph: &mut Graph, id: Id) {
        let leaf = match graph[id].data.number {
            Some(Op::Integer(value)) => Node::Integer(value),
            Some(Op::Const(value)) => Node::Const(Bits::of(value)),
            _ => return,
        };
        let leaf = graph.add(leaf);
        graph.union(id, leaf);
    }
}

/// The intersection, where it says much more than the first: a cycle of classes
/// could otherwise narrow its bounds forever.
fn tighter(a: Interval, b: Interval) -> Interval {
    let Some(both) = Interval::new(a.low.max(b.low), a.high.min(b.high)) else {
        return a;
    };
    let signs = |i: Interval| (i.low >= 0.0, i.low > 0.0, i.high <= 0.0, i.high < 0.0);
    let narrow = both.high - both.low < 0.5 * (a.high - a.low);
    if narrow || signs(both) != signs(a) {
        both
    } else {
        a
    }
}
