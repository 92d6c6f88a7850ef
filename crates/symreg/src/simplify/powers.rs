//! Rules for integer powers, whose exponents are worked out.

use egg::{Applier, Id, PatternAst, Subst, Symbol, Var};

use super::{
    conditions::variable,
    facts::{Domain, Graph},
    node::Node,
};
use crate::Op;

/// Sum of two exponents, and whether the base must not be zero: where one is
/// negative, the product has a pole there.
pub(super) fn sum(m: i32, n: i32) -> Option<(i32, bool)> {
    Some((m.checked_add(n)?, m < 0 || n < 0))
}

/// Product of two exponents, and whether the base must not be zero.
pub(super) fn product(m: i32, n: i32) -> Option<(i32, bool)> {
    Some((m.checked_mul(n)?, m < 0 || n < 0))
}

/// Writes a power whose exponent is worked out of others.
pub(super) struct Exponent {
    base: Var,
    exponents: Vec<Var>,
    /// The exponent, and whether the base must not be zero.
    of: fn(&[i32]) -> Option<(i32, bool)>,
}

/// A power of `base` whose exponent follows from others.
pub(super) fn exponent(
    of: fn(&[i32]) -> Option<(i32, bool)>,
    base: &str,
    exponents: &[&str],
) -> Exponent {
    Exponent {
        base: variable(base),
        exponents: exponents.iter().map(|name| variable(name)).collect(),
        of,
    }
}

impl Applier<Node, Domain> for Exponent {
    fn apply_one(
        &self,
        graph: &mut Graph,
        class: Id,
        found: &Subst,
        _: Option<&PatternAst<Node>>,
        _: Symbol,
    ) -> Vec<Id> {
        let base = found[self.base];
        let integer = |variable: &Var| graph[found[*variable]].data.integer();
        let exponents: Option<Vec<i32>> = self.exponents.iter().map(integer).collect();
        let Some((exponent, nonzero)) = exponents.and_then(|n| (self.of)(&n)) else {
            return Vec::new();
        };
        let bounds = graph[base].data.bounds;
        if nonzero && bounds.is_none_or(|bounds| bounds.contains(0.0)) {
            return Vec::new();
        }
        match power(graph, base, exponent) {
            Some(power) => changed(graph, class, power),
            None => Vec::new(),
        }
    }
}

/// `a⁴` is the square of `a²`.
pub(super) struct Halved;

impl Applier<Node, Domain> for Halved {
    fn apply_one(
        &self,
        graph: &mut Graph,
        class: Id,
        found: &Subst,
        _: Option<&PatternAst<Node>>,
        _: Symbol,
    ) -> Vec<Id> {
        let exponent = graph[found[variable("?n")]].data.integer();
        let (inner, outer) = match exponent {
            Some(n) if n < -1 && n > -10 => (-n, -1),
            Some(n @ (4 | 6 | 8)) => (n / 2, 2),
            _ => return Vec::new(),
        };
        let half = power(graph, found[variable("?a")], inner);
        match half.and_then(|half| power(graph, half, outer)) {
            Some(power) => changed(graph, class, power),
            None => Vec::new(),
        }
    }
}

/// A real exponent that is whole.
pub(super) struct Whole;

impl Applier<Node, Domain> for Whole {
    fn apply_one(
        &self,
        graph: &mut Graph,
        class: Id,
        found: &Subst,
        _: Option<&PatternAst<Node>>,
        _: Symbol,
    ) -> Vec<Id> {
        let base = found[variable("?a")];
        let exponent = graph[found[variable("?n")]].data.value();
        let whole = (-9..=9).find(|n| exponent == Some(f64::from(*n)));
        match whole.and_then(|n| power(graph, base, n)) {
            Some(power) => changed(graph, class, power),
            None => Vec::new(),
        }
    }
}

fn changed(graph: &mut Graph, class: Id, new: Id) -> Vec<Id> {
    if graph.union(class, new) {
        vec![new]
    } else {
        Vec::new()
    }
}

/// The class of a power; none where it has no operation.
fn power(graph: &mut Graph, base: Id, exponent: i32) -> Option<Id> {
    match exponent {
        0 => graph[base].data.bounds.map(|_| graph.add(Node::Integer(1))),
        1 => Some(base),
        _ => {
            Op::power(exponent.into())?;
            let exponent = graph.add(Node::Integer(exponent));
            Some(graph.add(Node::Power([base, exponent])))
        }
    }
}
