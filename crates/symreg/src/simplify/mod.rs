//! Shorter formulas of equal values.
//!
//! All formulas that the rules can make of one are kept at once, in an
//! e-graph (Willsey et al., "egg: fast and extensible equality saturation",
//! POPL 2021), and the one of least [complexity](Expr::complexity) is taken out.
//!
//! # What is kept
//!
//! 1. Values, at every point of the box: `√(x²)` becomes `x` only where the
//!    box has no negative `x`, `x/x` becomes 1 only where it has no zero.
//! 2. Complexity never grows.
//! 3. Exact numbers stay exact: `2·π` is not turned into `6.2831853`.
//!
//! Sums taken in another order round differently. A result whose values differ by
//! more than [`TOLERANCE`] at the probe points, as after `(x + 1e20) - 1e20`, is
//! thrown away and the formula returned as it was.
//!
//! Work is limited by numbers of nodes and iterations, never by the clock, and
//! equal formulas have equal results on every machine.

mod conditions;
mod facts;
mod node;
mod powers;
mod rules;

use std::time::Duration;

use egg::{CostFunction, Extractor, Id, Rewrite, Runner};
use facts::{Domain, Graph};
use node::{Node, formula, nodes, operands, operation};

use crate::{
    Expr, FeatureBox, Op,
    probe::{Probes, difference},
};

/// How far the values of a simplified formula may be off, in parts of the
/// largest value at the probe points: well above the rounding of a formula that
/// does not cancel, well below any error of a fit.
pub const TOLERANCE: f64 = 1e-10;

/// Points at which values are compared.
const POINTS: u32 = 64;

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Nodes of the e-graph at which a round ends.
    pub nodes: usize,
    /// Iterations after which a round ends.
    pub iterations: usize,
    /// Rounds, each starting from the result of the one before; none follows
    /// one that found nothing shorter.
    pub rounds: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nodes: 2_000,
            iterations: 10,
            rounds: 3,
        }
    }
}

/// The rules, prepared once for many formulas.
#[derive(Debug)]
pub struct Simplifier {
    rules: Vec<Rewrite<Node, Domain>>,
    domain: FeatureBox,
    probes: Probes,
    limits: Limits,
}

impl Simplifier {
    /// Prepares simplification over a box.
    #[must_use]
    pub fn new(domain: &FeatureBox, limits: Limits) -> Self {
        Self {
            rules: rules::all(),
            domain: domain.clone(),
            probes: Probes::new(domain, POINTS),
            limits,
        }
    }

    /// The shortest formula found of equal values over the box; the formula
    /// itself if none is shorter.
    ///
    /// A formula over columns that the box lacks stays as it is.
    #[must_use]
    pub fn simplify(&self, expr: &Expr) -> Expr {
        let Ok(values) = self.probes.values(expr) else {
            return expr.clone();
        };
        let mut best = expr.clone();
        for _ in 0..self.limits.rounds {
            let Some(shorter) = self.round(&best) else {
                break;
            };
            let kept = self.probes.values(&shorter).is_ok_and(|new| {
                // Where no point has a value there is nothing to compare.
                difference(&values, &new).is_some_and(|off| off <= TOLERANCE)
            });
            let bounded =
                expr.bounds(&self.domain).is_none() || shorter.bounds(&self.domain).is_some();
            if !(kept && bounded) {
                break;
            }
            best = shorter;
        }
        best
    }

    /// The best formula of one e-graph, if it is shorter.
    fn round(&self, expr: &Expr) -> Option<Expr> {
        let runner = self.saturated(&[expr]);
        let extractor = Extractor::new(&runner.egraph, Complexity(&runner.egraph));
        let (cost, best) = extractor.find_best(runner.roots[0]);
        (cost < expr.complexity()).then(|| formula(&best).map(|best| tidy(&best)))?
    }

    /// Whether the rules make one formula of the other over the box.
    pub(crate) fn joins(&self, a: &Expr, b: &Expr) -> bool {
        let runner = self.saturated(&[a, b]);
        let class = |root: usize| runner.egraph.find(runner.roots[root]);
        class(0) == class(1)
    }

    fn saturated(&self, exprs: &[&Expr]) -> Runner<Node, Domain> {
        let runner = Runner::new(Domain(self.domain.clone()))
            .with_node_limit(self.limits.nodes)
            .with_iter_limit(self.limits.iterations)
            .with_time_limit(Duration::MAX);
        let start = |runner: Runner<_, _>, expr: &&Expr| runner.with_expr(&nodes(expr));
        exprs.iter().fold(runner, start).run(&self.rules)
    }
}

/// The shortest formula found of equal values over the box, with the default
/// [`Limits`].
///
/// # Examples
///
/// ```
/// use symreg::{Column, Expr, FeatureBox, Table, simplify::simplify};
/// let table = Table::new(vec![(Column::new("x", ""), vec![1.0, 9.0])])?;
/// let domain = FeatureBox::around(&table, 0.1);
/// let long = Expr::parse("exp(log(x)) + sqrt(x^2) - 0.5*x*1.0", &["x"])?;
/// assert_eq!(simplify(&long, &domain).to_string(), "1.5 * x0");
/// # Ok::<(), symreg::Error>(())
/// ```
#[must_use]
pub fn simplify(expr: &Expr, domain: &FeatureBox) -> Expr {
    Simplifier::new(domain, Limits::default()).simplify(expr)
}

/// Coefficients first and constant terms last, as one writes them; the values
/// are the same to the last bit.
fn tidy(expr: &Expr) -> Expr {
    let is_number = |part: &[Op]| matches!(part, [Op::Const(_) | Op::Integer(_) | Op::Pi]);
    let mut stack: Vec<Vec<Op>> = Vec::new();
    for &op in expr.code() {
        let mut operands = stack.split_off(stack.len() - op.arity());
        if let [a, b] = &operands[..] {
            let swap = match op {
                Op::Mul => is_number(b) && !is_number(a),
                Op::Add => is_number(a) && !is_number(b),
                _ => false,
            };
            if swap {
                operands.swap(0, 1);
            }
        }
        let mut part = operands.concat();
        part.push(op);
        stack.push(part);
    }
    Expr::new(stack.concat()).expect("operands were exchanged, nothing else")
}

/// [`Expr::complexity`], on the e-graph.
struct Complexity<'a>(&'a Graph);

/// More than any formula costs, and far from overflow.
const NEVER: usize = usize::MAX / 8;

impl CostFunction<Node> for Complexity<'_> {
    type Cost = usize;

    fn cost<C: FnMut(Id) -> usize>(&mut self, node: &Node, mut costs: C) -> usize {
        let exponent = |id: Id| self.0[id].data.integer();
        let own = operation(node, exponent).map_or(NEVER, Op::cost);
        let below = operands(node).iter().map(|id| costs(*id));
        below.fold(own, |sum, cost| sum.saturating_add(cost).min(NEVER))
    }
}

#[cfg(test)]
mod tests;
