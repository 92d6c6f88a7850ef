use proptest::prelude::*;

use super::{
    coefficient::Coefficient,
    sum::{Atom, Power},
    *,
};
use crate::{Column, FeatureBox, Op, Table, arbitrary, expr::subtree};

fn form(text: &str, numbers: Numbers) -> String {
    let expr = Expr::parse(text, &["x", "y"]).unwrap();
    Canonical::new(&expr, numbers).to_string()
}

fn same(a: &str, b: &str, numbers: Numbers) {
    assert_eq!(form(a, numbers), form(b, numbers), "{a} and {b}");
}

fn differ(a: &str, b: &str, numbers: Numbers) {
    assert_ne!(form(a, numbers), form(b, numbers), "{a} and {b}");
}

#[test]
fn one_formula_has_one_form() {
    for (a, b) in [
        ("x*(x + 1)", "x + x^2"),
        ("(x + y)^3", "x^3 + 3*x^2*y + 3*x*y*y + y^3"),
        ("(x - y)*(x + y)", "x^2 - y^2"),
        ("1/(2*x + 4)", "0.5/(x + 2)"),
        ("x / y", "x * inv(y)"),
        ("sqrt(4*x)", "2*sqrt(x)"),
        ("sqrt(x)*sqrt(x)*sqrt(x)", "pow(x, 1.5)"),
        ("exp(x + 1)", "2.718281828459045 * exp(x)"),
        ("exp(x)*exp(y)", "exp(x + y)"),
        ("exp(x)^2 / exp(2*x)", "1"),
        ("log(x*y^2)", "log(x) + 2*log(y)"),
        ("log(exp(x) * 2)", "x + 0.6931471805599453"),
        ("exp(3*log(x))", "x^3"),
        ("pow(x, y)*x", "pow(x, y + 1)"),
        ("sin(y - x)", "-sin(x - y)"),
        ("cos(y - x)", "cos(x - y)"),
        ("tanh(-x)", "-tanh(x)"),
        ("abs(-2*x*y)", "2*abs(x)*abs(y)"),
        ("abs(x)^2", "x*x"),
        ("abs(x - y)", "abs(y - x)"),
        ("min(x, y)", "min(y, x)"),
        ("max(x, x)", "x"),
        ("cbrt(x^3)", "x"),
        ("0.1*x + 0.2*x", "0.3*x"),
        ("2*pi*x", "6.283185307179586*x"),
        ("sin(2)*x", "0.9092974268256817*x"),
        ("x - x", "0"),
    ] {
        same(a, b, Numbers::Values);
    }
    for (a, b) in [
        ("x + y", "x - y"),
        ("x", "1.0000001*x"),
        ("sin(x)", "cos(x)"),
        ("min(x, y)", "max(x, y)"),
        ("sqrt(-x)", "sqrt(x)"),
        ("abs(x)", "x"),
    ] {
        differ(a, b, Numbers::Values);
    }
}

#[test]
fn free_constants_absorb_each_other() {
    for (a, b) in [
        ("2.0*x + 3.0", "1.5 - x*0.1"),
        ("2.0*(x + 3.0)", "5.0*x + 1.0"),
        ("1/(2.0*x + 3.0)", "5.0/(x - 1.0)"),
        ("2.0*exp(x + 3.0)", "0.5*exp(x)"),
        ("log(2.0*x)", "log(x) + 1.0"),
        ("cos(x + 1.0)", "sin(x - 2.0)"),
        ("2.0*x*3.0 + x", "0.7*x"),
        ("pow(x, 2.5)", "pow(x, -1.7)"),
        ("sqrt(2.0*x)", "3.0*sqrt(x)"),
        ("sin(2.0)*x", "4.0*x"),
        ("-(2.0*x)", "2.0*x"),
        ("x / 2.0", "2.0*x"),
    ] {
        same(a, b, Numbers::Constants);
    }
    for (a, b) in [
        ("2.0*(x + y)", "2.0*x + 3.0*y"),
        ("(x + 2.0)^2", "x^2 + 2.0*x + 3.0"),
        ("(x + 2.0)*(y + 3.0)", "x*y + 2.0*x + 3.0*y + 1.0"),
        ("2.0*x", "x"),
        ("2*x", "3*x"),
        ("2.0*sin(x)", "2.0*sin(2.0*x)"),
        ("x + 1.0", "x"),
    ] {
        differ(a, b, Numbers::Constants);
    }
}

#[test]
fn free_coefficients_are_those_that_are_not_written_too() {
    for (a, b) in [
        ("x^3 + x^2 + x", "1.1*x^3 - 0.9*x*x + x"),
        ("sin(x)", "2.0*sin(1.01*x)"),
        ("x + y", "1.1*x - 3.0*y"),
        ("1/(x + y)", "2.0/(3.0*x + y)"),
    ] {
        same(a, b, Numbers::Free);
    }
    differ("x^3 + x", "x^2 + x", Numbers::Free);
    differ("sin(x)", "sin(x + 1)", Numbers::Free);
}

proptest! {
    /// The order of operands never matters.
    #[test]
    fn sums_and_products_commute(a in arbitrary::expr(2), b in arbitrary::expr(2)) {
        for op in [Op::Add, Op::Mul, Op::Min, Op::Max] {
            let join = |a: &Expr, b: &Expr| {
                Expr::new([a.code(), b.code(), &[op]].concat()).unwrap()
            };
            for numbers in [Numbers::Values, Numbers::Constants, Numbers::Free] {
                let form = |a, b| Canonical::new(&join(a, b), numbers).to_string();
                // Numbers that overflow have no values to compare.
                let finite = |text: &str| !text.contains("inf") && !text.contains("NaN");
                let parts = form(&a, &a) + &form(&b, &b);
                if !finite(&parts) {
                    continue;
                }
                prop_assert_eq!(form(&a, &b), form(&b, &a));
            }
        }
    }

    /// Without values of constants, these do not matter.
    #[test]
    fn forms_of_constants_do_not_see_their_values(expr in arbitrary::expr(2), by in 1.5..3.0) {
        let code = expr.code().iter().map(|&op| match op {
            Op::Const(value) => Op::Const(value * by),
            other => other,
        });
        let other = Expr::new(code.collect()).unwrap();
        for numbers in [Numbers::Constants, Numbers::Free] {
            prop_assert_eq!(
                Canonical::new(&expr, numbers),
                Canonical::new(&other, numbers)
            );
        }
    }

    /// The form says what the formula says, where no sign can hide.
    #[test]
    fn forms_have_the_values_of_their_formulas(
        expr in arbitrary::expr(2).prop_filter("no sign can hide", hides_no_sign),
        at in (0.5..2.0, 1.0..3.0),
    ) {
        let at = [at.0, at.1];
        let columns = at.iter().enumerate();
        let columns = columns.map(|(i, x)| (Column::new(format!("x{i}"), ""), vec![*x]));
        let table = Table::new(columns.collect()).unwrap();
        // The sine of a large number is as good as any.
        let calm = parts(&expr).iter().all(|part| {
            part.evaluate(&table).is_ok_and(|values| values[0].abs() < 1e3)
        });
        if let (true, Ok(values)) = (calm, expr.evaluate(&table)) {
            let Canonical(sum) = Canonical::new(&expr, Numbers::Values);
            let (value, size) = value(&sum, &at);
            // Twelve digits of each coefficient, and what sums of powers cancel;
            // next to a root of a sine no digit of the value is left.
            let off = (value - values[0]).abs();
            prop_assert!(
                off <= 1e-9 + 1e-7 * size || !size.is_finite() || size > 1e9,
                "{expr}: {} is {value}, {sum}", values[0]
            );
        }
    }
}

/// Whether a formula has no root, logarithm or real power, or no part that is
/// ever zero or negative.
fn hides_no_sign(expr: &Expr) -> bool {
    let hiding = |op: &Op| matches!(op, Op::Sqrt | Op::Cbrt | Op::Log | Op::Pow);
    if !expr.code().iter().any(hiding) {
        return true;
    }
    let columns = vec![
        (Column::new("x", ""), vec![0.5, 2.0]),
        (Column::new("y", ""), vec![1.0, 3.0]),
    ];
    let domain = FeatureBox::around(&Table::new(columns).unwrap(), 0.0);
    let positive = |part: &Expr| part.bounds(&domain).is_some_and(|bounds| bounds.low > 0.0);
    parts(expr).iter().all(positive)
}

fn parts(expr: &Expr) -> Vec<Expr> {
    let part = |root| expr.code()[subtree(expr.code(), root)].to_vec();
    (0..expr.code().len())
        .map(|root| Expr::new(part(root)).unwrap())
        .collect()
}

/// Value of a sum, and of the sum of the magnitudes that go into it.
fn value(sum: &Sum, at: &[f64]) -> (f64, f64) {
    let atom = |atom: &Atom| match atom {
        Atom::Column(index) => (at[*index as usize], 1.0),
        Atom::Group(inner) => relative(value(inner, at)),
        Atom::Call(name, operands) => {
            let (a, b) = (
                value(&operands[0], at),
                operands.get(1).map(|b| value(b, at)),
            );
            let size = a.1.max(b.map_or(0.0, |b| b.1)).max(1.0);
            (
                Op::named(name).unwrap().value(a.0, b.map_or(0.0, |b| b.0)),
                size,
            )
        }
    };
    let (mut total, mut size) = (0.0, 0.0);
    for (product, own) in &sum.0 {
        let Coefficient::Number(mut term) = *own else {
            panic!("values have no free constants");
        };
        let mut worst = 1.0_f64;
        for (base, Power(exponent)) in &product.0 {
            let (base, loss) = atom(base);
            let n = exponent.value();
            // A whole power of a negative base is one for `powf` too.
            term *= base.powf(n);
            worst = worst.max(loss * n.abs().max(1.0));
        }
        total += term;
        size += term.abs() * worst;
    }
    (total, size)
}

/// How much larger than the value the magnitudes are.
fn relative((value, size): (f64, f64)) -> (f64, f64) {
    (value, (size / value.abs()).max(1.0))
}
