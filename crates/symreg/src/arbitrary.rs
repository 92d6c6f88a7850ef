//! Random expressions for the property tests.

use proptest::prelude::*;

use crate::{Expr, Op};

/// Any operation that takes operands.
fn operator() -> impl Strategy<Value = Op> {
    let power = prop_oneof![-9_i8..=-2, 4_i8..=9].prop_map(Op::Powi);
    prop_oneof![8 => prop::sample::select(Op::NAMED.to_vec()), 1 => power]
}

/// Expressions of up to about forty nodes over the given number of columns.
pub(crate) fn expr(columns: u32) -> impl Strategy<Value = Expr> {
    of(columns, operator().boxed())
}

/// Expressions of operations that are rounded equally by all means.
pub(crate) fn exact(columns: u32) -> impl Strategy<Value = Expr> {
    let operators = vec![
        Op::Add,
        Op::Sub,
        Op::Mul,
        Op::Neg,
        Op::Square,
        Op::Abs,
        Op::Min,
        Op::Max,
    ];
    of(columns, prop::sample::select(operators).boxed())
}

fn of(columns: u32, operator: BoxedStrategy<Op>) -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        (0..columns).prop_map(|index| vec![Op::Column(index)]),
        (-10.0..10.0).prop_map(|value| vec![Op::Const(value)]),
        (1.0e-12..1e12).prop_map(|value| vec![Op::Const(value)]),
        (0_i32..10).prop_map(|value| vec![Op::Const(value.into())]),
        (-10_i32..10).prop_map(|value| vec![Op::Integer(value)]),
        prop_oneof![Just(Op::Integer(i32::MIN)), Just(Op::Pi)].prop_map(|op| vec![op]),
    ];
    let code = leaf.prop_recursive(5, 40, 2, move |inner| {
        (operator.clone(), inner.clone(), inner).prop_map(|(op, mut a, b)| {
            if op.arity() == 2 {
                a.extend(b);
            }
            a.push(op);
            a
        })
    });
    code.prop_map(|code| Expr::new(code).unwrap())
}
