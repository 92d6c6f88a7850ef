//! Where a rule holds: questions about the bounds and numbers of its variables.

use egg::{Id, Subst, Var};

use super::facts::Graph;
use crate::Interval;

pub(super) fn variable(name: &str) -> Var {
    name.parse().expect("variables begin with a question mark")
}

/// Whether the bounds of a variable are known and such.
fn bounded(
    name: &str,
    test: fn(Interval) -> bool,
) -> impl Fn(&mut Graph, Id, &Subst) -> bool + use<> {
    let variable = variable(name);
    move |graph, _, found| graph[found[variable]].data.bounds.is_some_and(test)
}

pub(super) fn has_value(name: &str) -> impl Fn(&mut Graph, Id, &Subst) -> bool + use<> {
    bounded(name, |_| true)
}

pub(super) fn at_least_zero(name: &str) -> impl Fn(&mut Graph, Id, &Subst) -> bool + use<> {
    bounded(name, |bounds| bounds.low >= 0.0)
}

pub(super) fn at_most_zero(name: &str) -> impl Fn(&mut Graph, Id, &Subst) -> bool + use<> {
    bounded(name, |bounds| bounds.high <= 0.0)
}

pub(super) fn above_zero(name: &str) -> impl Fn(&mut Graph, Id, &Subst) -> bool + use<> {
    bounded(name, |bounds| bounds.low > 0.0)
}

pub(super) fn is(name: &str, value: f64) -> impl Fn(&mut Graph, Id, &Subst) -> bool + use<> {
    let variable = variable(name);
    move |graph, _, found| {
        let number = graph[found[variable]].data.value();
        number.is_some_and(|number| (number - value).abs() == 0.0)
    }
}

pub(super) fn ordered(a: &str, b: &str) -> impl Fn(&mut Graph, Id, &Subst) -> bool + use<> {
    let (a, b) = (variable(a), variable(b));
    move |graph, _, found| {
        let of = |variable| graph[found[variable]].data.bounds;
        matches!((of(a), of(b)), (Some(a), Some(b)) if a.high <= b.low)
    }
}

pub(super) fn both(
    one: impl Fn(&mut Graph, Id, &Subst) -> bool,
    other: impl Fn(&mut Graph, Id, &Subst) -> bool,
) -> impl Fn(&mut Graph, Id, &Subst) -> bool {
    move |graph, id, found| one(graph, id, found) && other(graph, id, found)
}
