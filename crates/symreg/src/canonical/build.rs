//! Formulas to sums, one operation after the other.

use super::{
    Numbers,
    coefficient::Coefficient,
    sum::{Atom, EXP, Power, Sum},
};
use crate::{Expr, Op, units::Exponent};

/// Largest power of a sum that is multiplied out.
const LARGEST: i32 = 9;

const MINUS: Coefficient = Coefficient::Number(-1.0);

pub(super) fn build(expr: &Expr, numbers: Numbers) -> Sum {
    let mut stack: Vec<Sum> = Vec::new();
    for &op in expr.code() {
        let operands = stack.split_off(stack.len() - op.arity());
        let sum = match &operands[..] {
            [] => leaf(op, numbers),
            [a] => unary(op, a),
            [a, b, ..] => binary(op, a, b),
        };
        stack.push(if numbers == Numbers::Free {
            freed(&sum, op)
        } else {
            sum
        });
    }
    stack.pop().expect("an expression leaves one value")
}

/// With a coefficient of its own, where the operation has not given it one.
fn freed(sum: &Sum, op: Op) -> Sum {
    match op {
        Op::Column(_)
        | Op::Integer(_)
        | Op::Pi
        | Op::Exp
        | Op::Log
        | Op::Sin
        | Op::Cos
        | Op::Tanh
        | Op::Pow
        | Op::Min
        | Op::Max => sum.scaled(Coefficient::Any),
        Op::Const(_)
        | Op::Add
        | Op::Sub
        | Op::Mul
        | Op::Div
        | Op::Neg
        | Op::Square
        | Op::Cube
        | Op::Sqrt
        | Op::Cbrt
        | Op::Abs
        | Op::Inv
        | Op::Powi(_) => sum.clone(),
    }
}

fn leaf(op: Op, numbers: Numbers) -> Sum {
    match op {
        Op::Column(index) => Sum::power(Atom::Column(index), Exponent::ONE),
        Op::Const(_) if numbers != Numbers::Values => Sum::constant(Coefficient::Any),
        Op::Const(value) => Sum::constant(Coefficient::Number(value)),
        Op::Integer(value) => Sum::constant(Coefficient::Number(value.into())),
        _ => Sum::constant(Coefficient::Number(std::f64::consts::PI)),
    }
}

fn unary(op: Op, a: &Sum) -> Sum {
    let part = |n| Exponent::new(1, n).expect("a half and a third are fractions");
    match op {
        Op::Neg => a.scaled(MINUS),
        Op::Square => raised(a, Exponent::integer(2)),
        Op::Cube => raised(a, Exponent::integer(3)),
        Op::Inv => raised(a, Exponent::integer(-1)),
        Op::Powi(n) => raised(a, Exponent::integer(n.into())),
        Op::Sqrt => raised(a, part(2)),
        Op::Cbrt => raised(a, part(3)),
        Op::Exp => exp(a),
        Op::Log => log(a),
        Op::Abs => abs(a),
        Op::Sin | Op::Tanh => odd(op, a),
        Op::Cos => cosine(a),
        Op::Const(_)
        | Op::Integer(_)
        | Op::Pi
        | Op::Column(_)
        | Op::Add
        | Op::Sub
        | Op::Mul
        | Op::Div
        | Op::Pow
        | Op::Min
        | Op::Max => panic!("{op:?} has other than one operand"),
    }
}

fn binary(op: Op, a: &Sum, b: &Sum) -> Sum {
    match op {
        Op::Add => a.clone().plus(b.clone()),
        Op::Sub => a.clone().plus(b.scaled(MINUS)),
        Op::Mul => a.times(b),
        Op::Div => a.times(&raised(b, Exponent::integer(-1))),
        Op::Pow => exp(&b.times(&log(a))),
        Op::Min | Op::Max => {
            let mut operands = vec![a.clone(), b.clone()];
            operands.sort();
            operands.dedup();
            match &operands[..] {
                [one] => one.clone(),
                _ => call(op, operands),
            }
        }
        Op::Const(_)
        | Op::Integer(_)
        | Op::Pi
        | Op::Column(_)
        | Op::Neg
        | Op::Square
        | Op::Cube
        | Op::Sqrt
        | Op::Cbrt
        | Op::Exp
        | Op::Log
        | Op::Sin
        | Op::Cos
        | Op::Tanh
        | Op::Abs
        | Op::Inv
        | Op::Powi(_) => panic!("{op:?} has other than two operands"),
    }
}

/// A function of sums; of numbers it is a number.
fn call(op: Op, operands: Vec<Sum>) -> Sum {
    let constants: Option<Vec<Coefficient>> = operands.iter().map(Sum::as_constant).collect();
    match constants.as_deref() {
        Some([Coefficient::Number(a)]) => number(op, *a, 0.0),
        Some([Coefficient::Number(a), Coefficient::Number(b)]) => number(op, *a, *b),
        Some(_) => Sum::constant(Coefficient::Any),
        None => Sum::power(Atom::Call(op.name(), operands), Exponent::ONE),
    }
}

fn number(op: Op, a: f64, b: f64) -> Sum {
    Sum::constant(Coefficient::Number(op.value(a, b)))
}

/// A power; sums are multiplied out where that keeps all constants free.
fn raised(a: &Sum, exponent: Exponent) -> Sum {
    if let Some((product, coefficient)) = a.as_term() {
        let whole = whole(exponent);
        // An odd root keeps the sign, an even one has none to keep.
        let odd = whole.is_some() || exponent == Exponent::new(1, 3).unwrap_or(Exponent::ONE);
        let powers: Option<Vec<_>> = product
            .0
            .iter()
            .map(|(atom, Power(own))| Some((atom.clone(), own.times(exponent)?)))
            .collect();
        if let (Some(powers), true) = (powers, odd || !coefficient.is_negative()) {
            let before = coefficient.map(|own| match whole {
                Some(n) => own.powi(n),
                None => own.signum() * own.abs().powf(exponent.value()),
            });
            let raised = powers
                .into_iter()
                .map(|(atom, power)| atom_raised(atom, power));
            let one = Sum::constant(Coefficient::ONE);
            return raised
                .fold(one, |product, power| product.times(&power))
                .scaled(before);
        }
    } else if let Some(n @ 2..=LARGEST) = whole(exponent).filter(|_| !a.has_any()) {
        let once = raised(a, Exponent::integer(n - 1)).times(a);
        return once;
    }
    if exponent == Exponent::ONE {
        return a.clone();
    }
    a.grouped(exponent)
}

/// `(e^s)^q` is `e^(q·s)`, `|a|` to an even power has no bars, a group to a
/// whole one is multiplied out.
fn atom_raised(atom: Atom, power: Exponent) -> Sum {
    match (&atom, whole(power)) {
        (Atom::Call(EXP, operands), _) => {
            exp(&operands[0].scaled(Coefficient::Number(power.value())))
        }
        (Atom::Call("abs", operands), Some(n)) if n % 2 == 0 => raised(&operands[0], power),
        (Atom::Group(sum), Some(1..=LARGEST)) if !sum.has_any() => raised(sum, power),
        _ => Sum::power(atom, power),
    }
}

fn whole(exponent: Exponent) -> Option<i32> {
    (-LARGEST..=LARGEST).find(|n| exponent == Exponent::integer(*n))
}

/// A constant term becomes a coefficient, a multiple of a logarithm a power.
pub(super) fn exp(a: &Sum) -> Sum {
    let (mut rest, constant) = a.split();
    let mut product = Sum::constant(constant.map(f64::exp));
    for (term, own) in a.0.clone() {
        let (Some((Atom::Call("log", operands), Power(Exponent::ONE))), 1) =
            (term.0.first_key_value(), term.0.len())
        else {
            continue;
        };
        let Coefficient::Number(value) = own else {
            continue;
        };
        if let Some(exponent) = Exponent::near(value) {
            product = product.times(&raised(&operands[0], exponent));
            rest.0.remove(&term);
        }
    }
    if rest.0.is_empty() {
        return product;
    }
    let rest = Sum::power(Atom::Call(EXP, vec![rest]), Exponent::ONE);
    rest.times(&product)
}

/// A coefficient becomes a constant term, a product a sum.
fn log(a: &Sum) -> Sum {
    let (monic, by) = match a.as_term() {
        Some((product, coefficient)) if !coefficient.is_negative() => {
            (Sum::term(product.clone(), Coefficient::ONE), coefficient)
        }
        _ => a.monic(true),
    };
    let mut sum = Sum::constant(by.map(f64::ln));
    let Some((product, Coefficient::Number(1.0))) = monic.as_term() else {
        return sum.plus(call(Op::Log, vec![monic]));
    };
    for (atom, Power(exponent)) in &product.0 {
        let one = match atom {
            Atom::Call(EXP, operands) => operands[0].clone(),
            Atom::Group(inner) => call(Op::Log, vec![inner.clone()]),
            atom => call(Op::Log, vec![Sum::power(atom.clone(), Exponent::ONE)]),
        };
        sum = sum.plus(one.scaled(Coefficient::Number(exponent.value())));
    }
    sum
}

fn abs(a: &Sum) -> Sum {
    if let Some(constant) = a.as_constant() {
        return Sum::constant(constant.map(f64::abs));
    }
    let (monic, by) = a.monic(false);
    let by = by.map(f64::abs);
    let Some((product, _)) = monic.as_term() else {
        return Sum::power(Atom::Call(Op::Abs.name(), vec![monic]), Exponent::ONE).scaled(by);
    };
    let bars = |(atom, Power(exponent)): (&Atom, &Power)| {
        let positive = matches!(atom, Atom::Call(EXP | "abs", _));
        let even = whole(*exponent).is_none_or(|n| n % 2 == 0);
        if positive || even {
            return atom_raised(atom.clone(), *exponent);
        }
        let inner = Sum::power(atom.clone(), Exponent::ONE);
        atom_raised(Atom::Call(Op::Abs.name(), vec![inner]), *exponent)
    };
    let one = Sum::constant(by);
    product
        .0
        .iter()
        .map(bars)
        .fold(one, |all, own| all.times(&own))
}

/// `f(-a) = -f(a)`
fn odd(op: Op, a: &Sum) -> Sum {
    if a.leading().is_negative() {
        call(op, vec![a.scaled(MINUS)]).scaled(MINUS)
    } else {
        call(op, vec![a.clone()])
    }
}

/// Even, and a sine where a free constant shifts it.
fn cosine(a: &Sum) -> Sum {
    let (_, shift) = a.split();
    if shift.is_any() {
        odd(Op::Sin, a)
    } else if a.leading().is_negative() {
        call(Op::Cos, vec![a.scaled(MINUS)])
    } else {
        call(Op::Cos, vec![a.clone()])
    }
}
