//! One pass over postfix code with a stack of units.

use super::{Constants, Exponent, Measure, Quantity, Rule, Unit};
use crate::Op;

/// What is known before a formula is looked at.
#[derive(Debug, Clone)]
pub(super) struct Given<Q> {
    pub(super) columns: Vec<Q>,
    pub(super) target: Q,
    pub(super) declared: Vec<(f64, Q)>,
}

impl Given<Unit> {
    /// The same without the symbols.
    pub(super) fn cheap(&self) -> Given<Measure> {
        let measure = |unit: &Unit| *unit.measure();
        Given {
            columns: self.columns.iter().map(measure).collect(),
            target: measure(&self.target),
            declared: self
                .declared
                .iter()
                .map(|(v, u)| (*v, measure(u)))
                .collect(),
        }
    }
}

/// An operation that lacks what it needs.
#[derive(Debug, Clone)]
pub(super) enum Mismatch<Q> {
    Argument(Op, Q),
    Exponent(Q),
    Sum(Op, Q, Q),
    Offset(Q),
    Base(Q),
    Target { expected: Q, found: Q },
    Range,
    MissingColumn { index: usize, columns: usize },
}

/// The unit of a subtree.
#[derive(Debug, Clone)]
pub(super) enum Kind<Q> {
    /// Made of fitted constants alone: any, as a coefficient.
    Constant,
    /// Any: a constant in it has taken one up.
    Free,
    Known(Q),
}

impl<Q: Quantity> Kind<Q> {
    fn plain() -> Self {
        Self::Known(Q::plain())
    }
}

/// A value on the stack.
struct Entry<Q> {
    kind: Kind<Q>,
    /// The value, where it does not depend on columns.
    number: Option<f64>,
    /// Unit of the sum in which a constant stands that is allowed in the
    /// outermost sum only.
    offset: Option<Q>,
}

/// Unit of a formula, or nothing where `report` broke off or the code is none.
///
/// `report` hears of every mismatch and says whether to go on.
pub(super) fn walk<Q: Quantity>(
    code: &[Op],
    given: &Given<Q>,
    constants: Constants,
    report: &mut dyn FnMut(Mismatch<Q>) -> bool,
) -> Option<Kind<Q>> {
    let free = constants == Constants::Free;
    let mut stack: Vec<Entry<Q>> = Vec::with_capacity(code.len().min(32));
    for &op in code {
        let b = if op.arity() == 2 {
            Some(stack.pop()?)
        } else {
            None
        };
        let a = if op.arity() >= 1 {
            Some(stack.pop()?)
        } else {
            None
        };
        let number = number(op, a.as_ref(), b.as_ref());
        let exponent = b.as_ref().and_then(|b| b.number);
        let sum = matches!(op, Op::Add | Op::Sub | Op::Neg);
        let (a, mut offset) = operand(a, sum, report)?;
        let (b, second) = operand(b, sum, report)?;
        offset = offset.or(second);
        let kind = match (op.unit_rule(), a, b) {
            (Rule::Given, ..) => leaf(op, given, constants, report)?,
            (Rule::Product, Some(a), Some(b)) => product(a, b, report)?,
            (Rule::Quotient, Some(a), Some(b)) => {
                let b = power(b, Exponent::integer(-1), report)?;
                product(a, b, report)?
            }
            (Rule::Power(exponent), Some(a), _) => power(a, exponent, report)?,
            (Rule::Same, Some(a), Some(b)) => same(op, a, b, free, &mut offset, report)?,
            (Rule::Function, Some(a), _) => function(op, a, report)?,
            (Rule::RealPower, Some(a), Some(b)) => real_power(a, b, exponent, report)?,
            // A number, or an operation without its operands, which the stack rules out.
            _ => Kind::plain(),
        };
        stack.push(Entry {
            kind,
            number,
            offset,
        });
    }
    let result = stack.pop().filter(|_| stack.is_empty())?.kind;
    match &result {
        Kind::Known(found) if !found.is_same(&given.target) => {
            let (expected, found) = (given.target.clone(), found.clone());
            report(Mismatch::Target { expected, found }).then_some(result)
        }
        _ => Some(result),
    }
}

/// Takes an operand apart; a constant in a sum that is no outermost one is
/// reported here.
fn operand<Q: Quantity>(
    entry: Option<Entry<Q>>,
    sum: bool,
    report: &mut dyn FnMut(Mismatch<Q>) -> bool,
) -> Option<(Option<Kind<Q>>, Option<Q>)> {
    match entry {
        Some(Entry {
            kind,
            offset: Some(unit),
            ..
        }) if !sum => report(Mismatch::Offset(unit)).then_some((Some(kind), None)),
        Some(entry) => Some((Some(entry.kind), entry.offset)),
        None => Some((None, None)),
    }
}

fn number<Q>(op: Op, a: Option<&Entry<Q>>, b: Option<&Entry<Q>>) -> Option<f64> {
    if matches!(op, Op::Column(_)) {
        return None;
    }
    let value = |operand: Option<&Entry<Q>>| operand.map_or(Some(0.0), |entry| entry.number);
    Some(op.value(value(a)?, value(b)?))
}

fn leaf<Q: Quantity>(
    op: Op,
    given: &Given<Q>,
    constants: Constants,
    report: &mut dyn FnMut(Mismatch<Q>) -> bool,
) -> Option<Kind<Q>> {
    match op {
        Op::Column(index) => match given.columns.get(index as usize) {
            Some(unit) => Some(Kind::Known(unit.clone())),
            None => report(Mismatch::MissingColumn {
                index: index as usize,
                columns: given.columns.len(),
            })
            .then_some(Kind::Free),
        },
        Op::Const(value) => {
            let same = |(declared, _): &&(f64, Q)| declared.to_bits() == value.to_bits();
            let declared = given.declared.iter().find(same);
            Some(match (declared, constants) {
                (Some((_, unit)), _) => Kind::Known(unit.clone()),
                (None, Constants::Free | Constants::Coefficients) => Kind::Constant,
                (None, Constants::Dimensionless) => Kind::plain(),
            })
        }
        _ => Some(Kind::plain()),
    }
}

fn product<Q: Quantity>(
    a: Kind<Q>,
    b: Kind<Q>,
    report: &mut dyn FnMut(Mismatch<Q>) -> bool,
) -> Option<Kind<Q>> {
    Some(match (a, b) {
        (Kind::Constant, Kind::Constant) => Kind::Constant,
        (Kind::Known(a), Kind::Known(b)) => match a.times(&b) {
            Some(unit) => Kind::Known(unit),
            None => report(Mismatch::Range).then_some(Kind::Free)?,
        },
        _ => Kind::Free,
    })
}

fn power<Q: Quantity>(
    a: Kind<Q>,
    exponent: Exponent,
    report: &mut dyn FnMut(Mismatch<Q>) -> bool,
) -> Option<Kind<Q>> {
    match a {
        Kind::Known(unit) if exponent != Exponent::ONE => match unit.raised(exponent) {
            Some(unit) => Some(Kind::Known(unit)),
            None => report(Mismatch::Range).then_some(Kind::Free),
        },
        other => Some(other),
    }
}

fn same<Q: Quantity>(
    op: Op,
    a: Kind<Q>,
    b: Kind<Q>,
    free: bool,
    offset: &mut Option<Q>,
    report: &mut dyn FnMut(Mismatch<Q>) -> bool,
) -> Option<Kind<Q>> {
    match (a, b) {
        (Kind::Known(a), Kind::Known(b)) if a.is_same(&b) => Some(Kind::Known(a)),
        (Kind::Known(a), Kind::Known(b)) => report(Mismatch::Sum(op, a, b)).then_some(Kind::Free),
        (Kind::Constant, Kind::Known(unit)) | (Kind::Known(unit), Kind::Constant) => {
            if !free && !unit.is_plain() {
                if !matches!(op, Op::Add | Op::Sub) {
                    report(Mismatch::Offset(unit.clone())).then_some(())?;
                } else if offset.is_none() {
                    *offset = Some(unit.clone());
                }
            }
            Some(Kind::Known(unit))
        }
        (Kind::Free, Kind::Known(unit)) | (Kind::Known(unit), Kind::Free) => {
            Some(Kind::Known(unit))
        }
        (Kind::Constant, Kind::Constant) => Some(Kind::Constant),
        (Kind::Free, _) | (_, Kind::Free) => Some(Kind::Free),
    }
}

fn function<Q: Quantity>(
    op: Op,
    a: Kind<Q>,
    report: &mut dyn FnMut(Mismatch<Q>) -> bool,
) -> Option<Kind<Q>> {
    match a {
        Kind::Constant => Some(Kind::Constant),
        Kind::Known(unit) if !unit.is_plain() => {
            report(Mismatch::Argument(op, unit)).then(Kind::plain)
        }
        Kind::Free | Kind::Known(_) => Some(Kind::plain()),
    }
}

/// A fitted exponent is seldom a fraction; where constants are free, the one
/// that multiplies a power mends its unit too.
fn real_power<Q: Quantity>(
    a: Kind<Q>,
    b: Kind<Q>,
    exponent: Option<f64>,
    report: &mut dyn FnMut(Mismatch<Q>) -> bool,
) -> Option<Kind<Q>> {
    let fraction = exponent.and_then(Exponent::near);
    if let Kind::Known(unit) = b
        && !unit.is_plain()
    {
        report(Mismatch::Exponent(unit)).then_some(())?;
    }
    match (a, fraction) {
        (Kind::Known(base), _) if base.is_plain() => Some(Kind::plain()),
        (Kind::Known(base), Some(fraction)) => power(Kind::Known(base), fraction, report),
        (Kind::Known(base), None) => report(Mismatch::Base(base)).then_some(Kind::Free),
        (Kind::Constant, _) if exponent.is_some() => Some(Kind::Constant),
        (Kind::Constant | Kind::Free, _) => Some(if exponent.is_some() {
            Kind::Free
        } else {
            Kind::plain()
        }),
    }
}
