//! Formulas without constants that others can make up for.
//!
//! `2·(3·x + 6·y)·exp(z + 1)` has four constants, of which one matters to a
//! search that solves scale and offset anyway: `(x + 2·y)·exp(z)`. Every
//! subtree is carried as `scale · shape + offset`, and only what must be
//! is written where an operation takes it in. Fewer constants are fitted faster,
//! and formulas that differ in idle constants become equal, so that the
//! second one is known before it is evaluated.

use std::{cmp::Ordering, f64::consts::PI};

use crate::Op;

/// Relative difference below which two scales count as equal.
const SAME: f64 = 1e-12;

/// `scale · shape + offset`; a constant where the shape is empty.
#[derive(Debug, Clone, PartialEq)]
struct Affine {
    scale: f64,
    shape: Vec<Op>,
    offset: f64,
}

/// The shape of a formula, up to scale and offset.
///
/// Nothing comes back where the formula is a constant, or has a constant
/// part that is not finite.
pub(crate) fn shape(code: &[Op]) -> Option<Vec<Op>> {
    let mut stack: Vec<Affine> = Vec::with_capacity(8);
    for &op in code {
        let b = if op.arity() == 2 { stack.pop() } else { None };
        let a = if op.arity() >= 1 { stack.pop() } else { None };
        let result = match (a, b) {
            (Some(a), Some(b)) => binary(op, a, b),
            (Some(a), None) => unary(op, a)?,
            _ => leaf(op),
        };
        if !(result.scale.is_finite() && result.offset.is_finite()) {
            return None;
        }
        stack.push(result);
    }
    stack
        .pop()
        .map(|root| root.shape)
        .filter(|shape| !shape.is_empty())
}

/// Hash of a shape that does not see the values of its constants (FNV-1a).
pub(crate) fn skeleton(code: &[Op]) -> u64 {
    code.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &op| {
        (hash ^ key(op)).wrapping_mul(0x100_0000_01b3)
    })
}

/// A number for each operation, the same for all constants.
fn key(op: Op) -> u64 {
    let number = match op {
        Op::Const(_) => 0,
        Op::Integer(value) => 1000 + i64::from(value),
        Op::Pi => 1,
        Op::Column(index) => 0x1_0000_0000 + i64::from(index),
        Op::Powi(n) => 100 + i64::from(n),
        Op::Pow => 200,
        Op::Min => 201,
        Op::Max => 202,
        named => {
            300 + named
                .name()
                .bytes()
                .fold(0, |h, b| h * 31 % 100_003 + i64::from(b))
        }
    };
    number.cast_unsigned()
}

fn constant(value: f64) -> Affine {
    Affine {
        scale: 1.0,
        shape: Vec::new(),
        offset: value,
    }
}

fn plain(scale: f64, shape: Vec<Op>) -> Affine {
    Affine {
        scale,
        shape,
        offset: 0.0,
    }
}

fn leaf(op: Op) -> Affine {
    match op {
        Op::Const(value) => constant(value),
        Op::Integer(value) => constant(value.into()),
        Op::Pi => constant(PI),
        _ => plain(1.0, vec![op]),
    }
}

impl Affine {
    fn is_constant(&self) -> bool {
        self.shape.is_empty()
    }

    fn times(mut self, factor: f64) -> Self {
        if factor == 0.0 {
            return constant(0.0);
        }
        self.scale *= factor;
        self.offset *= factor;
        self
    }

    /// `shape + offset / scale`, and the scale in front of it.
    fn factored(mut self) -> (f64, Vec<Op>) {
        append(&mut self.shape, self.offset / self.scale);
        (self.scale, self.shape)
    }

    /// The factored form with a positive scale.
    fn positive(self) -> (f64, Vec<Op>) {
        if self.scale > 0.0 {
            return self.factored();
        }
        let (scale, offset) = (-self.scale, self.offset / -self.scale);
        let mut shape = self.shape;
        if offset == 0.0 {
            shape.push(Op::Neg);
        } else {
            shape.insert(0, Op::Const(offset));
            shape.push(Op::Sub);
        }
        (scale, shape)
    }

    /// All of it as code.
    fn written(self) -> Vec<Op> {
        if self.is_constant() {
            return vec![Op::Const(self.offset)];
        }
        let mut code = scaled(self.scale, self.shape);
        append(&mut code, self.offset);
        code
    }
}

/// Adds a constant, unless it is zero.
fn append(code: &mut Vec<Op>, offset: f64) {
    if offset != 0.0 {
        code.push(Op::Const(offset.abs()));
        code.push(if offset < 0.0 { Op::Sub } else { Op::Add });
    }
}

/// Multiplies by a constant, unless it is one.
fn scaled(scale: f64, mut shape: Vec<Op>) -> Vec<Op> {
    if (scale - 1.0).abs() < SAME {
        return shape;
    }
    if (scale + 1.0).abs() < SAME {
        shape.push(Op::Neg);
        return shape;
    }
    shape.insert(0, Op::Const(scale));
    shape.push(Op::Mul);
    shape
}

/// Short shapes before long ones, else by their operations.
fn order(a: &[Op], b: &[Op]) -> Ordering {
    let keys = |code: &[Op]| code.iter().map(|op| key(*op)).collect::<Vec<_>>();
    let by_length = a.len().cmp(&b.len());
    by_length.then_with(|| keys(a).cmp(&keys(b)))
}

fn joined(mut a: Vec<Op>, b: Vec<Op>, op: Op) -> Vec<Op> {
    a.extend(b);
    a.push(op);
    a
}

fn sum(a: Affine, b: Affine) -> Affine {
    let offset = a.offset + b.offset;
    if a.is_constant() || b.is_constant() {
        let varying = if a.is_constant() { b } else { a };
        return Affine { offset, ..varying };
    }
    if a.shape == b.shape {
        let scale = a.scale + b.scale;
        if scale.abs() <= SAME * a.scale.abs() {
            return constant(offset);
        }
        return Affine {
            scale,
            offset,
            shape: a.shape,
        };
    }
    let swap = order(&a.shape, &b.shape) == Ordering::Greater;
    let (first, second) = if swap { (b, a) } else { (a, b) };
    let ratio = second.scale / first.scale;
    let op = if ratio < 0.0 { Op::Sub } else { Op::Add };
    Affine {
        scale: first.scale,
        shape: joined(first.shape, scaled(ratio.abs(), second.shape), op),
        offset,
    }
}

fn product(a: Affine, b: Affine) -> Affine {
    if a.is_constant() {
        return b.times(a.offset);
    }
    if b.is_constant() {
        return a.times(b.offset);
    }
    let ((s, a), (t, b)) = (a.factored(), b.factored());
    let swap = order(&a, &b) == Ordering::Greater;
    let (first, second) = if swap { (b, a) } else { (a, b) };
    plain(s * t, joined(first, second, Op::Mul))
}

fn quotient(a: Affine, b: Affine) -> Affine {
    if b.is_constant() {
        return a.times(1.0 / b.offset);
    }
    if a.is_constant() {
        return unary(Op::Inv, b).map_or(constant(f64::NAN), |inverse| inverse.times(a.offset));
    }
    let ((s, a), (t, b)) = (a.factored(), b.factored());
    if a == b {
        return constant(s / t);
    }
    plain(s / t, joined(a, b, Op::Div))
}

fn binary(op: Op, a: Affine, b: Affine) -> Affine {
    if a.is_constant() && b.is_constant() {
        return constant(op.value(a.offset, b.offset));
    }
    match op {
        Op::Add => sum(a, b),
        Op::Sub => sum(a, b.times(-1.0)),
        Op::Mul => product(a, b),
        Op::Div => quotient(a, b),
        Op::Pow if b.is_constant() && a.scale > 0.0 => {
            let (scale, shape) = a.factored();
            let power = scale.powf(b.offset);
            plain(power, joined(shape, b.written(), op))
        }
        _ => plain(1.0, joined(a.written(), b.written(), op)),
    }
}

fn unary(op: Op, a: Affine) -> Option<Affine> {
    if a.is_constant() {
        return Some(constant(op.value(a.offset, 0.0)));
    }
    let applied = |(scale, mut shape): (f64, Vec<Op>)| {
        shape.push(op);
        let scale = op.value(scale, 0.0);
        plain(scale, shape)
    };
    Some(match op {
        Op::Neg => a.times(-1.0),
        Op::Square | Op::Cube | Op::Cbrt | Op::Abs | Op::Inv | Op::Powi(_) => applied(a.factored()),
        Op::Sqrt => applied(a.positive()),
        Op::Log => {
            let (scale, shape) = a.positive();
            Affine {
                offset: scale.ln(),
                ..plain(1.0, joined(shape, Vec::new(), op))
            }
        }
        Op::Exp => {
            let offset = a.offset;
            let shape = scaled(a.scale, a.shape);
            plain(offset.exp(), joined(shape, Vec::new(), op)).nonzero()?
        }
        Op::Sin | Op::Tanh | Op::Cos => {
            let turned = a.scale < 0.0;
            let mut inner = if turned { a.times(-1.0) } else { a };
            if op != Op::Tanh {
                inner.offset = (inner.offset + PI).rem_euclid(2.0 * PI) - PI;
            }
            let sign = if turned && op != Op::Cos { -1.0 } else { 1.0 };
            plain(sign, joined(inner.written(), Vec::new(), op))
        }
        _ => plain(1.0, joined(a.written(), Vec::new(), op)),
    })
}

impl Affine {
    fn nonzero(self) -> Option<Self> {
        (self.scale != 0.0).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Column, Expr, Table, arbitrary};

    fn text(from: &str) -> String {
        let expr = Expr::parse(from, &["x", "y", "z"]).unwrap();
        shape(expr.code()).map_or_else(String::new, |code| Expr::new(code).unwrap().to_string())
    }

    #[test]
    fn idle_constants_vanish() {
        assert_eq!(
            text("2.0*(3.0*x + 6.0*y)*exp(z + 1.0)"),
            "exp(x2) * (x0 + 2.0 * x1)"
        );
        assert_eq!(text("x - x + sin(-x) + 7"), "sin(x0)");
        assert_eq!(text("log(3*x*y)"), "log(x0 * x1)");
        assert_eq!(text("3/(2*x + 4)"), "inv(x0 + 2.0)");
        assert_eq!(text("x/x + 2"), "");
        assert_eq!(text("y*x"), text("x*y"));
    }

    /// The value in a row where each operation errs by some 1e-12, so that what
    /// rounding decides (the sine of a large number, a difference of equals)
    /// shows.
    fn roughly(expr: &Expr, table: &Table, row: usize) -> f64 {
        let mut stack = Vec::new();
        for (i, &op) in expr.code().iter().enumerate() {
            let b = if op.arity() == 2 {
                stack.pop().unwrap()
            } else {
                0.0
            };
            let value = match op {
                Op::Column(column) => table.values(column as usize)[row],
                _ if op.arity() == 0 => op.value(0.0, 0.0),
                _ => op.value(stack.pop().unwrap(), b),
            };
            let wave = 1.0 + (1.7 * (i as f64)).sin().abs();
            stack.push(value * (1.0 + 1e-12 * wave));
        }
        stack.pop().unwrap()
    }

    proptest! {
        /// Scale and offset, found from two rows, explain the others.
        #[test]
        fn a_shape_is_the_formula_up_to_scale_and_offset(expr in arbitrary::expr(2)) {
            let column = |step: f64| (0..6).map(|i| 0.3 + step * f64::from(i)).collect();
            let table = Table::new(vec![
                (Column::new("x", ""), column(0.37)),
                (Column::new("y", ""), column(0.71)),
            ]).unwrap();
            let huge = |op: &Op| match *op {
                Op::Const(value) => value.abs() > 1e4,
                Op::Integer(value) => value.unsigned_abs() > 10_000,
                _ => false,
            };
            if expr.code().iter().any(huge) {
                return Ok(());
            }
            let Ok(values) = expr.evaluate(&table) else { return Ok(()) };
            let changed: Vec<f64> = (0..6).map(|row| roughly(&expr, &table, row)).collect();
            let Some(code) = shape(expr.code()) else { return Ok(()) };
            let Ok(shaped) = Expr::new(code).unwrap().evaluate(&table) else { return Ok(()) };
            let largest = values.iter().chain(&shaped).fold(0.0_f64, |m, v| m.max(v.abs()));
            let range = |v: &[f64]| v.iter().copied().fold(f64::NEG_INFINITY, f64::max)
                - v.iter().copied().fold(f64::INFINITY, f64::min);
            // where rounding or a huge constant decides, there is nothing to see
            let sure = values.iter().zip(&changed).all(|(value, changed)| {
                (value - changed).abs() < 1e-6 * range(&values)
            });
            if !sure || range(&shaped) < 1e-3 || range(&values) < 1e-3 || largest > 1e3 {
                return Ok(());
            }
            let far = (1..6).max_by(|i, j| (shaped[*i] - shaped[0]).abs()
                .total_cmp(&(shaped[*j] - shaped[0]).abs())).unwrap();
            let scale = (values[far] - values[0]) / (shaped[far] - shaped[0]);
            for (value, shaped_value) in values.iter().zip(&shaped) {
                let expected = values[0] + scale * (shaped_value - shaped[0]);
                prop_assert!((value - expected).abs() < 1e-6 * range(&values), "{expr}: {value} {expected}");
            }
        }
    }
}
