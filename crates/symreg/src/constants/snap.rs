//! Fitted constants rounded to simple ones, where the data allow it.
//!
//! Without noise this turns `2.0000000001` into `2`; with noise it asks, one
//! constant after the other, whether a simple number lies within the error of
//! the fitted one. The number that is worth most, by what it saves in
//! description against what it costs in squares, is set first and the others are
//! fitted again. Every stage is a formula of its own: which one is best, the
//! front and the choice decide.

use std::f64::consts::PI;

use crate::{Candidate, Expr, Objective, Op, constants::fit::Fit, expr::subtree, terms::constants};

/// Standard errors that a constant may be moved at most.
const REACH: f64 = 3.0;

/// Relative distance that is always within reach: what a fit leaves undone.
const ROUNDING: f64 = 1e-7;

/// Largest integer that is simple.
const LARGEST: f64 = 100.0;

/// Steps of the fit after each constant that was set.
const STEPS: usize = 3;

/// The formula with one, two, … constants made simple.
pub(crate) fn snapped(objective: &mut Objective, candidate: &Candidate) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut code = candidate.expr.code().to_vec();
    while constants(&code).count() > 0 {
        let Some(fit) = objective.fit_written(code, STEPS) else {
            break;
        };
        let Some((position, simple)) = best(&fit) else {
            break;
        };
        code = tidy(&replaced(&fit.code, position, simple));
        let Ok(expr) = Expr::new(code.clone()) else {
            break;
        };
        // At their best, the other constants are what the front should see.
        if let Some(fit) = objective.fit_written(code.clone(), STEPS) {
            code.clone_from(&fit.code);
        }
        let expr = Expr::new(code.clone()).unwrap_or(expr);
        found.extend(objective.written(&expr));
    }
    found
}

/// A simple number and how it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Simple {
    Integer(i32),
    /// One over an integer, for a factor.
    Part(i32),
    Pi,
}

impl Simple {
    fn value(self) -> f64 {
        match self {
            Self::Integer(n) => n.into(),
            Self::Part(n) => 1.0 / f64::from(n),
            Self::Pi => PI,
        }
    }

    /// Nats to name the number.
    fn cost(self) -> f64 {
        match self {
            Self::Integer(0) => 0.0,
            Self::Integer(1) => 0.1,
            Self::Integer(-1) => 0.5,
            Self::Integer(n) | Self::Part(n) => 1.0 + f64::from(n).abs().ln(),
            Self::Pi => 3.0,
        }
    }
}

/// The constant to set next: its position in the code, and its value.
fn best(fit: &Fit) -> Option<(usize, Simple)> {
    let (rows, count) = (fit.residual.len(), fit.count());
    let freedom = rows.saturating_sub(count).max(1) as f64;
    let sigma = (fit.squares / freedom).sqrt();
    let errors: Vec<f64> = match fit.covariance() {
        Some(covariance) => (0..count)
            .map(|k| sigma * covariance[k * count + k].sqrt())
            .collect(),
        // Constants that make up for each other are free within wide limits.
        None => constants(&fit.code).map(f64::abs).collect(),
    };
    let positions = (0..fit.code.len()).filter(|i| matches!(fit.code[*i], Op::Const(_)));
    let mut least = (f64::INFINITY, None);
    for ((position, value), error) in positions.zip(constants(&fit.code)).zip(errors) {
        let reach = (REACH * error).max(ROUNDING * value.abs());
        for simple in near(value, is_factor(&fit.code, position)) {
            let distance = (value - simple.value()).abs();
            if distance > reach {
                continue;
            }
            let z = (distance / error.max(1e-300)).min(REACH);
            let saved = (1.0 + (value / error.max(1e-12)).abs()).ln();
            let loss = 0.5 * z * z + simple.cost() - saved;
            if loss < least.0 {
                least = (loss, Some((position, simple)));
            }
        }
    }
    least.1
}

/// Simple numbers about a value.
fn near(value: f64, factor: bool) -> impl Iterator<Item = Simple> {
    #[expect(clippy::cast_possible_truncation, reason = "at most a hundred")]
    let integer = |x: f64| (x.abs() <= LARGEST).then(|| x.round() as i32);
    let part = integer(1.0 / value).filter(|n| factor && n.abs() > 1);
    [
        Some(Simple::Integer(0)),
        Some(Simple::Integer(1)),
        Some(Simple::Integer(-1)),
        integer(value).map(Simple::Integer),
        part.map(Simple::Part),
        Some(Simple::Pi),
    ]
    .into_iter()
    .flatten()
}

/// Whether the constant is an operand of a product.
fn is_factor(code: &[Op], position: usize) -> bool {
    (position + 1..code.len())
        .find(|&root| {
            let whole = subtree(code, root);
            whole.start <= position && root > position
        })
        .is_some_and(|root| code[root] == Op::Mul)
}

/// The constant at a position written as a simple number.
fn replaced(code: &[Op], position: usize, simple: Simple) -> Vec<Op> {
    let mut changed = code[..position].to_vec();
    match simple {
        Simple::Integer(n) => changed.push(Op::Integer(n)),
        Simple::Part(n) => changed.extend([Op::Integer(n), Op::Inv]),
        Simple::Pi => changed.push(Op::Pi),
    }
    changed.extend(&code[position + 1..]);
    changed
}

/// Code without what integers have made idle: `0·x`, `1·x`, `x + 0`; and
/// `x / n` for `(1 / n)·x`.
pub(crate) fn tidy(code: &[Op]) -> Vec<Op> {
    let mut stack: Vec<Vec<Op>> = Vec::new();
    for &op in code {
        let b = if op.arity() == 2 { stack.pop() } else { None };
        let a = if op.arity() >= 1 { stack.pop() } else { None };
        stack.push(tidied(op, a, b));
    }
    stack.pop().unwrap_or_default()
}

fn tidied(op: Op, a: Option<Vec<Op>>, b: Option<Vec<Op>>) -> Vec<Op> {
    let mut a = a.unwrap_or_default();
    let mut b = b.unwrap_or_default();
    match (op, a.as_slice(), b.as_slice()) {
        (
            Op::Mul | Op::Div | Op::Sin | Op::Tanh | Op::Sqrt | Op::Square | Op::Cube | Op::Neg,
            [Op::Integer(0)],
            _,
        )
        | (Op::Add | Op::Sub, _, [Op::Integer(0)])
        | (Op::Mul | Op::Div, _, [Op::Integer(1)]) => a,
        (Op::Add, [Op::Integer(0)], _)
        | (Op::Mul, [Op::Integer(1)], _)
        | (Op::Mul, _, [Op::Integer(0)]) => b,
        (Op::Sub, [Op::Integer(0)], _) | (Op::Mul, [Op::Integer(-1)], _) => negative(b),
        (Op::Mul | Op::Div, _, [Op::Integer(-1)]) => negative(a),
        (Op::Neg, [.., Op::Neg], _) => {
            a.pop();
            a
        }
        (Op::Mul, [Op::Integer(n), Op::Inv], _) => {
            b.extend([Op::Integer(*n), Op::Div]);
            b
        }
        (Op::Mul, _, [Op::Integer(n), Op::Inv]) => {
            let n = *n;
            a.extend([Op::Integer(n), Op::Div]);
            a
        }
        (Op::Add, _, [.., Op::Neg]) => {
            b.pop();
            joined(a, b, Op::Sub)
        }
        (Op::Sub, _, [.., Op::Neg]) => {
            b.pop();
            joined(a, b, Op::Add)
        }
        (Op::Add, [inner @ .., Op::Neg], _) => joined(b, inner.to_vec(), Op::Sub),
        (Op::Cos | Op::Exp, [Op::Integer(0)], _) => vec![Op::Integer(1)],
        _ => joined(a, b, op),
    }
}

fn negative(mut code: Vec<Op>) -> Vec<Op> {
    code.push(Op::Neg);
    code
}

fn joined(mut a: Vec<Op>, b: Vec<Op>, op: Op) -> Vec<Op> {
    a.extend(b);
    a.push(op);
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, Table, settings::Safety};

    fn simplest(law: fn(f64) -> f64, start: &str, noise: f64) -> String {
        let x: Vec<f64> = (0..60).map(|i| 0.5 + f64::from(i) / 20.0).collect();
        let wave = |i: usize| noise * (i as f64 * 2.399).sin();
        let y: Vec<f64> = x
            .iter()
            .enumerate()
            .map(|(i, x)| law(*x) + wave(i))
            .collect();
        let table = Table::new(vec![(Column::new("x", ""), x)]).unwrap();
        let mut objective = Objective::new(&table, &y, 4, Safety::default());
        let start = objective
            .score(&Expr::parse(start, &["x"]).unwrap())
            .unwrap();
        let start = objective.polish(&start.expr, 50).unwrap();
        let last = snapped(&mut objective, &start).pop();
        last.unwrap_or(start).expr.to_string()
    }

    #[test]
    fn simple_constants_are_found_with_and_without_noise() {
        for noise in [0.0, 0.05] {
            assert_eq!(simplest(|x| x * x + x, "x*x + x", noise), "x0 * x0 + x0");
            assert_eq!(
                simplest(|x| 2.0 * x.sin(), "sin(1.1*x)", noise),
                "2 * sin(x0)"
            );
            let half = simplest(|x| 0.5 * x * x - x, "x*x + x", noise);
            assert_eq!(half, "x0 * x0 / 2 - x0");
        }
    }

    #[test]
    fn idle_integers_vanish() {
        let tidied = |text: &str| {
            let expr = Expr::parse(text, &["x"]).unwrap();
            Expr::new(tidy(expr.code())).unwrap().to_string()
        };
        assert_eq!(tidied("1*x + 0"), "x0");
        assert_eq!(tidied("0*x + exp(0*x)"), "1");
        assert_eq!(tidied("-1*x - sin(x)*inv(4)"), "-x0 - sin(x0) / 4");
        assert_eq!(tidied("x + -sin(x)"), "x0 - sin(x0)");
    }
}
