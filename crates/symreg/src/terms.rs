//! A formula as a sum of terms, and back.
//!
//! The coefficients of the terms are not part of them: least squares finds
//! these. What stays are the shapes, with the constants inside.

use crate::{Expr, Op, expr::subtree, least_squares::solve};

/// Difference from one below which a coefficient need not be written.
const ONE: f64 = 1e-11;

/// The inner shapes of a sum, without their coefficients.
pub(crate) type Terms = Vec<Vec<Op>>;

/// The terms of a sum without constant factors and constant terms.
///
/// Once `limit` is reached, sums are no longer taken apart.
pub(crate) fn split(code: &[Op], limit: usize) -> Terms {
    let mut terms: Terms = Vec::new();
    let mut pending = vec![code.len() - 1];
    while let Some(root) = pending.pop() {
        let operand = subtree(code, root);
        if code[root].arity() == 0 {
            if let Op::Column(_) = code[root] {
                terms.push(code[operand].to_vec());
            }
            continue;
        }
        let right = root - 1;
        let left = || subtree(code, right).start - 1;
        let is_constant =
            |root: usize| matches!(code[root], Op::Const(_) | Op::Integer(_) | Op::Pi);
        match code[root] {
            Op::Neg => pending.push(right),
            Op::Add | Op::Sub => {
                let both = [right, left()].into_iter().filter(|r| !is_constant(*r));
                if terms.len() + pending.len() + both.clone().count() <= limit {
                    pending.extend(both);
                } else {
                    terms.push(code[operand].to_vec());
                }
            }
            Op::Mul | Op::Div if is_constant(right) => pending.push(left()),
            Op::Mul if is_constant(left()) => pending.push(right),
            Op::Div if is_constant(left()) => {
                let mut inverse = code[subtree(code, right)].to_vec();
                inverse.push(Op::Inv);
                terms.push(inverse);
            }
            _ => terms.push(code[operand].to_vec()),
        }
    }
    terms.retain(|term| term.iter().any(|op| matches!(op, Op::Column(_))));
    terms
}

/// The inverse of [`split`]: `c₁·f₁ ± c₂·f₂ … ± c₀`; nothing where a constant
/// is not finite.
pub(crate) fn join(
    terms: &Terms,
    coefficients: impl Iterator<Item = f64>,
    offset: f64,
) -> Option<Expr> {
    let mut code: Vec<Op> = Vec::new();
    for (term, coefficient) in terms.iter().zip(coefficients) {
        if coefficient == 0.0 {
            continue;
        }
        let first = code.is_empty();
        let factor = if first {
            coefficient
        } else {
            coefficient.abs()
        };
        if (factor - 1.0).abs() < ONE {
            code.extend(term);
        } else if term[term.len() - 1] == Op::Inv {
            code.push(Op::Const(factor));
            code.extend(&term[..term.len() - 1]);
            code.push(Op::Div);
        } else {
            code.push(Op::Const(factor));
            code.extend(term);
            code.push(Op::Mul);
        }
        if !first {
            code.push(if coefficient < 0.0 { Op::Sub } else { Op::Add });
        }
    }
    if offset != 0.0 {
        code.push(Op::Const(offset.abs()));
        code.push(if offset < 0.0 { Op::Sub } else { Op::Add });
    }
    Expr::new(code).ok()
}

pub(crate) fn constants(term: &[Op]) -> impl Iterator<Item = f64> {
    term.iter().filter_map(|op| match op {
        Op::Const(value) => Some(*value),
        _ => None,
    })
}

/// Terms with their constants moved by the damped step; nothing where there is
/// no such step.
pub(crate) fn shift(terms: &Terms, normal: &[f64], slope: &[f64], damping: f64) -> Option<Terms> {
    let count = slope.len();
    let mut damped = normal.to_vec();
    let largest = (0..count)
        .map(|k| normal[k * count + k])
        .fold(0.0, f64::max);
    for k in 0..count {
        // A constant that changes nothing must not make the system singular.
        damped[k * count + k] += damping * normal[k * count + k] + 1e-12 * largest;
    }
    let mut steps = solve(damped, slope.to_vec())?.into_iter();
    let mut shifted = terms.clone();
    for op in shifted.iter_mut().flatten() {
        if let Op::Const(value) = op {
            *value += steps.next()?;
            if !value.is_finite() {
                return None;
            }
        }
    }
    Some(shifted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Expr {
        Expr::parse(text, &["x"]).unwrap()
    }

    #[test]
    fn the_sum_is_taken_apart_up_to_the_limit() {
        let expr = parse("2*x - (x^2 + 3/x)/7 + 1");
        assert_eq!(split(expr.code(), 3).len(), 3);
        assert_eq!(split(expr.code(), 2).len(), 2);
        assert_eq!(split(expr.code(), 1).len(), 1);
    }

    #[test]
    fn terms_are_joined_with_their_signs() {
        let terms = split(parse("x^2 + inv(x) + exp(x)").code(), 3);
        let joined = join(&terms, [1.0, -2.0, 0.5].into_iter(), -3.0).unwrap();
        assert_eq!(joined.to_string(), "x0^2 - 2.0 / x0 + 0.5 * exp(x0) - 3.0");
    }
}
