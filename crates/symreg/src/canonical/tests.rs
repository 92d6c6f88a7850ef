use proptest::prelude::*;

use super::*;
use crate::arbitrary;

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
        for op in [crate::Op::Add, crate::Op::Mul, crate::Op::Min, crate::Op::Max] {
            let join = |a: &Expr, b: &Expr| {
                Expr::new([a.code(), b.code(), &[op]].concat()).unwrap()
            };
            for numbers in [Numbers::Values, Numbers::Constants, Numbers::Free] {
                let form = |a, b| Canonical::new(&join(a, b), numbers).to_string();
                // Numbers that overflow have no values to compare.
                let finite = |text: &str| !text.contains("inf") && !text.contains("NaN");
                let parts = form(&a, &a) + &form(&b, &b);
                prop_assume!(finite(&parts));
                prop_assert_eq!(form(&a, &b), form(&b, &a));
            }
        }
    }

    /// Without values of constants, these do not matter.
    #[test]
    fn forms_of_constants_do_not_see_their_values(expr in arbitrary::expr(2), by in 1.5..3.0) {
        let code = expr.code().iter().map(|&op| match op {
            crate::Op::Const(value) => crate::Op::Const(value * by),
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
}
