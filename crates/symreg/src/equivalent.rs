//! Whether two formulas are the same.
//!
//! Three questions, from strict to lenient: are the values equal over a box
//! ([`equivalent()`]), are the formulas equal up to the values of their fitted
//! constants ([`same_skeleton`]), or up to all coefficients
//! ([`same_form`] with [`Numbers::Free`])?

use crate::{
    Expr, FeatureBox,
    canonical::{Canonical, Numbers},
    probe::{Probes, difference},
    reach::reach_each_other,
    simplify::{Limits, Simplifier},
};

/// Points at which values are compared.
const POINTS: u32 = 256;

/// Points at which constants are fitted.
const FITTED: u32 = 64;

/// Largest difference of equal values, in parts of the largest value: what
/// rounding makes of formulas that take their operations in another order.
pub const TOLERANCE: f64 = 1e-9;

/// How two formulas are related over a box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Equivalence {
    /// Arithmetic turns one into the other, and values agree.
    Algebraic,
    /// Values agree within [`TOLERANCE`] at all probe points; no proof was
    /// found.
    Numerical,
    /// Values differ.
    Different {
        /// Largest difference, in parts of the largest value; infinite where one
        /// formula has a value and the other has none.
        by: f64,
    },
    /// Neither formula has a value at any probe point.
    Undefined,
}

impl Equivalence {
    /// Whether the formulas are equal, proven or not.
    #[must_use]
    pub fn is_equal(self) -> bool {
        matches!(self, Self::Algebraic | Self::Numerical)
    }
}

/// Compares two formulas over a box.
///
/// Values are compared first, at 256 points; a proof is then sought in the
/// [canonical forms](crate::canonical) and by
/// [equality saturation](mod@crate::simplify). A proof alone would not do: the
/// canonical form takes `√(x²)` for `x`.
///
/// # Panics
///
/// If a formula has more columns than the box has sides.
///
/// # Examples
///
/// ```
/// use symreg::{Column, Equivalence, Expr, FeatureBox, Table, equivalent};
/// let table = Table::new(vec![(Column::new("x", ""), vec![0.5, 2.0])])?;
/// let domain = FeatureBox::around(&table, 0.0);
/// let parsed = |text| Expr::parse(text, &["x"]);
///
/// let square = parsed("(x + 1)^2")?;
/// assert_eq!(equivalent(&square, &parsed("x*(x + 2) + 1")?, &domain), Equivalence::Algebraic);
/// assert!(!equivalent(&square, &parsed("x^2 + 1")?, &domain).is_equal());
/// # Ok::<(), symreg::Error>(())
/// ```
#[must_use]
pub fn equivalent(a: &Expr, b: &Expr, domain: &FeatureBox) -> Equivalence {
    let probes = Probes::new(domain, POINTS);
    let values = |expr| {
        let values = probes.values(expr);
        values.expect("the box must have a side for each column of the formula")
    };
    let (of_a, of_b) = (values(a), values(b));
    // In both directions, since a zero has no size of its own.
    let off = [difference(&of_a, &of_b), difference(&of_b, &of_a)];
    let [Some(one), Some(other)] = off else {
        return Equivalence::Undefined;
    };
    let by = one.min(other);
    if by > TOLERANCE {
        return Equivalence::Different { by };
    }
    let form = |expr| Canonical::new(expr, Numbers::Values);
    let proven = form(a) == form(b) || Simplifier::new(domain, Limits::default()).joins(a, b);
    if proven {
        Equivalence::Algebraic
    } else {
        Equivalence::Numerical
    }
}

/// Whether two formulas are equal up to the values of their fitted constants.
///
/// `2.0·e^(-3.1·x)` has the skeleton of `0.5·e^(x + 1.2)·e^(-2.0·x)`: some values of the
/// constants of one give the other. Integers and π are part of the skeleton.
///
/// The [forms](same_form) are compared first. Where these differ, the constants of each
/// formula are fitted to the values of the other, whose constants are moved to
/// where they have no special value; a fit may end elsewhere, and the answer
/// then be no for formulas of one skeleton.
///
/// # Panics
///
/// If a formula has more columns than the box has sides.
#[must_use]
pub fn same_skeleton(a: &Expr, b: &Expr, domain: &FeatureBox) -> bool {
    same_form(a, b, domain, Numbers::Constants)
        || reach_each_other(a, b, &Probes::new(domain, FITTED))
}

/// Whether the [canonical forms](Canonical) of two formulas are equal, as they are
/// or once [simplified](mod@crate::simplify) over the box.
///
/// Formulas of one form with [`Numbers::Values`] may still differ in a sign that a
/// root hides: ask [`equivalent()`] for those.
///
/// # Panics
///
/// If a formula has more columns than the box has sides.
#[must_use]
pub fn same_form(a: &Expr, b: &Expr, domain: &FeatureBox, numbers: Numbers) -> bool {
    let columns = a.columns().max(b.columns());
    assert!(
        columns <= domain.sides().len(),
        "the box must have a side for each column of the formula"
    );
    let form = |expr: &Expr| Canonical::new(expr, numbers);
    let (form_a, form_b) = (form(a), form(b));
    if form_a == form_b {
        return true;
    }
    let simplifier = Simplifier::new(domain, Limits::default());
    let short = |expr: &Expr| form(&simplifier.simplify(expr));
    let (short_a, short_b) = (short(a), short(b));
    short_a == short_b || short_a == form_b || form_a == short_b
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Column, Op, Table, arbitrary, simplify::simplify};

    fn domain(sides: [(f64, f64); 2]) -> FeatureBox {
        let [x, y] = sides.map(|(low, high)| vec![low, high]);
        let columns = vec![(Column::new("x", ""), x), (Column::new("y", ""), y)];
        FeatureBox::around(&Table::new(columns).unwrap(), 0.0)
    }

    const POSITIVE: [(f64, f64); 2] = [(0.5, 3.0), (1.0, 4.0)];
    const BOTH: [(f64, f64); 2] = [(-2.0, 3.0), (-1.0, 4.0)];

    fn parsed(text: &str) -> Expr {
        Expr::parse(text, &["x", "y"]).unwrap()
    }

    fn compared(a: &str, b: &str, sides: [(f64, f64); 2]) -> Equivalence {
        equivalent(&parsed(a), &parsed(b), &domain(sides))
    }

    #[test]
    fn what_arithmetic_proves_is_algebraic() {
        for (a, b) in [
            ("(x + y)^2 - (x - y)^2", "4*x*y"),
            ("sin(x)^2", "1 - cos(x)^2"),
            ("exp(x)*exp(y)", "exp(x + y)"),
            ("x/y + y/x", "(x^2 + y^2)/(x*y)"),
            ("log(x^2)", "2*log(x)"),
            ("sqrt(x^2)", "x"),
        ] {
            assert_eq!(compared(a, b, POSITIVE), Equivalence::Algebraic, "{a}, {b}");
        }
    }

    #[test]
    fn what_has_no_proof_is_numerical() {
        // sin(3x) = 3 sin x - 4 sin³ x
        let (a, b) = ("sin(3*x)", "3*sin(x) - 4*sin(x)^3");
        assert_eq!(compared(a, b, POSITIVE), Equivalence::Numerical);
    }

    #[test]
    fn values_decide_over_the_box() {
        assert!(compared("sqrt(x^2)", "x", POSITIVE).is_equal());
        assert!(!compared("sqrt(x^2)", "x", BOTH).is_equal());
        let one_sided = compared("log(x^2)", "2*log(x)", BOTH);
        assert_eq!(one_sided, Equivalence::Different { by: f64::INFINITY });
        assert_eq!(
            compared("log(-1 - x^2)", "sqrt(-1 - x^2)", BOTH),
            Equivalence::Undefined
        );
        assert!(compared("x - x", "0", BOTH).is_equal());
        assert!(!compared("x*1e-20", "0", BOTH).is_equal());
    }

    #[test]
    fn skeletons_do_not_see_constants() {
        let same = |a, b| same_skeleton(&parsed(a), &parsed(b), &domain(POSITIVE));
        assert!(same("2.0*exp(-3.1*x)", "0.5*exp(x + 1.2)*exp(-2.0*x)"));
        assert!(same("sqrt(x^2)*2.0 + 1.0", "3.0*abs(x) - 7.0"));
        assert!(same("(x + 2.0)*(x + 3.0)", "x^2 + 4.0*x + 1.0"));
        assert!(!same("2.0*x^2", "2.0*x^3"));
        assert!(!same("2.0*x", "x"));
        let free = |a, b| same_form(&parsed(a), &parsed(b), &domain(POSITIVE), Numbers::Free);
        assert!(free("2.0*x", "x"));
        assert!(free("x^3 + x^2 + x", "0.99*x^3 + 1.01*x^2 + x"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_formula_is_equivalent_to_itself_and_to_what_it_simplifies_to(
            expr in arbitrary::expr(2),
        ) {
            let domain = domain(POSITIVE);
            let itself = equivalent(&expr, &expr, &domain);
            prop_assert!(matches!(itself, Equivalence::Algebraic | Equivalence::Undefined));
            let short = equivalent(&expr, &simplify(&expr, &domain), &domain);
            // Every library has its own sine of a huge number.
            let waves = |op: &Op| matches!(op, Op::Sin | Op::Cos);
            let waves = expr.code().iter().any(waves);
            prop_assert!(short.is_equal() || itself == Equivalence::Undefined || waves);
        }

        #[test]
        fn forms_of_equal_values_have_equal_values(a in arbitrary::expr(1), b in arbitrary::expr(1)) {
            let domain = domain(POSITIVE);
            let related = equivalent(&a, &b, &domain);
            prop_assert_eq!(related, equivalent(&a, &b, &domain));
            prop_assert_eq!(related.is_equal(), equivalent(&b, &a, &domain).is_equal());
        }
    }
}
