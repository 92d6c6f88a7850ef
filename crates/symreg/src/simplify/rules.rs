//! The equalities of arithmetic, and where they hold.
//!
//! A rule without a condition holds at every point where its left side has a
//! value. A rule that would give a value to points that had none, or that
//! holds for one sign only, looks at the bounds of its variables first.

use egg::{Rewrite, rewrite};

use super::{
    conditions::{above_zero, at_least_zero, at_most_zero, both, has_value, is, ordered},
    facts::Domain,
    node::Node,
    powers::{Halved, Whole, exponent, product, sum},
};

type Rule = Rewrite<Node, Domain>;

/// All rules, in a fixed order.
pub(super) fn all() -> Vec<Rule> {
    let mut rules = sums();
    rules.extend(products());
    rules.extend(powers());
    rules.extend(roots());
    rules.extend(real_powers());
    rules.extend(exponentials());
    rules.extend(waves());
    rules.extend(orders());
    rules
}

fn sums() -> Vec<Rule> {
    vec![
        rewrite!("add commutes"; "(+ ?a ?b)" => "(+ ?b ?a)"),
        rewrite!("add associates"; "(+ (+ ?a ?b) ?c)" => "(+ ?a (+ ?b ?c))"),
        rewrite!("difference to sum"; "(- ?a ?b)" => "(+ ?a (neg ?b))"),
        rewrite!("sum to difference"; "(+ ?a (neg ?b))" => "(- ?a ?b)"),
        rewrite!("difference of difference"; "(neg (- ?a ?b))" => "(- ?b ?a)"),
        rewrite!("negative of negative"; "(neg (neg ?a))" => "?a"),
        rewrite!("negative to product"; "(neg ?a)" => "(* -1 ?a)"),
        rewrite!("product to negative"; "(* -1 ?a)" => "(neg ?a)"),
        rewrite!("nothing added"; "(+ ?a ?z)" => "?a" if is("?z", 0.0)),
        rewrite!("nothing left"; "(- ?a ?a)" => "0" if has_value("?a")),
        rewrite!("twice"; "(+ ?a ?a)" => "(* 2 ?a)"),
        rewrite!("collect"; "(+ (* ?a ?c) (* ?b ?c))" => "(* (+ ?a ?b) ?c)"),
        rewrite!("collect one"; "(+ ?c (* ?b ?c))" => "(* (+ 1 ?b) ?c)"),
        rewrite!("distribute"; "(* (+ ?a ?b) ?c)" => "(+ (* ?a ?c) (* ?b ?c))"),
    ]
}

fn products() -> Vec<Rule> {
    vec![
        rewrite!("times commutes"; "(* ?a ?b)" => "(* ?b ?a)"),
        rewrite!("times associates"; "(* (* ?a ?b) ?c)" => "(* ?a (* ?b ?c))"),
        rewrite!("ratio to product"; "(/ ?a ?b)" => "(* ?a (^ ?b -1))"),
        rewrite!("product to ratio"; "(* ?a (^ ?b -1))" => "(/ ?a ?b)"),
        rewrite!("once"; "(* ?a ?n)" => "?a" if is("?n", 1.0)),
        rewrite!("never"; "(* ?a ?z)" => "0" if both(is("?z", 0.0), has_value("?a"))),
    ]
}

fn powers() -> Vec<Rule> {
    vec![
        rewrite!("square"; "(* ?a ?a)" => "(^ ?a 2)"),
        rewrite!("one more power"; "(* ?a (^ ?a ?n))" => {
            exponent(|n| sum(1, n[0]), "?a", &["?n"])
        }),
        rewrite!("product of powers"; "(* (^ ?a ?m) (^ ?a ?n))" => {
            exponent(|n| sum(n[0], n[1]), "?a", &["?m", "?n"])
        }),
        rewrite!("power of power"; "(^ (^ ?a ?m) ?n)" => {
            exponent(|n| product(n[0], n[1]), "?a", &["?m", "?n"])
        }),
        rewrite!("power of product"; "(^ (* ?a ?b) ?n)" => "(* (^ ?a ?n) (^ ?b ?n))"),
        rewrite!("product of equal powers"; "(* (^ ?a ?n) (^ ?b ?n))" => "(^ (* ?a ?b) ?n)"),
        rewrite!("even power"; "(^ ?a ?n)" => { Halved }),
        rewrite!("even power of magnitude"; "(^ (abs ?a) 2)" => "(^ ?a 2)"),
        rewrite!("even power of negative"; "(^ (neg ?a) 2)" => "(^ ?a 2)"),
    ]
}

fn roots() -> Vec<Rule> {
    vec![
        rewrite!("root of square"; "(sqrt (^ ?a 2))" => "(abs ?a)"),
        rewrite!("square of root"; "(^ (sqrt ?a) 2)" => "?a" if at_least_zero("?a")),
        rewrite!("root of product"; "(sqrt (* ?a ?b))" => "(* (sqrt ?a) (sqrt ?b))"
            if both(at_least_zero("?a"), at_least_zero("?b"))),
        rewrite!("product of roots"; "(* (sqrt ?a) (sqrt ?b))" => "(sqrt (* ?a ?b))"),
        rewrite!("root of inverse"; "(sqrt (^ ?a -1))" => "(^ (sqrt ?a) -1)"),
        rewrite!("inverse of root"; "(^ (sqrt ?a) -1)" => "(sqrt (^ ?a -1))"),
        rewrite!("cube root of cube"; "(cbrt (^ ?a 3))" => "?a"),
        rewrite!("cube of cube root"; "(^ (cbrt ?a) 3)" => "?a"),
        rewrite!("cube root of product"; "(cbrt (* ?a ?b))" => "(* (cbrt ?a) (cbrt ?b))"),
        rewrite!("product of cube roots"; "(* (cbrt ?a) (cbrt ?b))" => "(cbrt (* ?a ?b))"),
        rewrite!("cube root of negative"; "(cbrt (neg ?a))" => "(neg (cbrt ?a))"),
        rewrite!("cube root of inverse"; "(cbrt (^ ?a -1))" => "(^ (cbrt ?a) -1)"),
        rewrite!("magnitude is it"; "(abs ?a)" => "?a" if at_least_zero("?a")),
        rewrite!("magnitude is its negative"; "(abs ?a)" => "(neg ?a)" if at_most_zero("?a")),
        rewrite!("magnitude of negative"; "(abs (neg ?a))" => "(abs ?a)"),
        rewrite!("magnitude of difference"; "(abs (- ?a ?b))" => "(abs (- ?b ?a))"),
        rewrite!("magnitude of product"; "(abs (* ?a ?b))" => "(* (abs ?a) (abs ?b))"),
        rewrite!("product of magnitudes"; "(* (abs ?a) (abs ?b))" => "(abs (* ?a ?b))"),
        rewrite!("magnitude of inverse"; "(abs (^ ?a -1))" => "(^ (abs ?a) -1)"),
    ]
}

fn real_powers() -> Vec<Rule> {
    vec![
        rewrite!("whole exponent"; "(pow ?a ?n)" => { Whole }),
        rewrite!("exponent one half"; "(pow ?a ?n)" => "(sqrt ?a)" if is("?n", 0.5)),
        rewrite!("exponent one over two"; "(pow ?a (/ 1 2))" => "(sqrt ?a)"),
        rewrite!("exponent one over three"; "(pow ?a (/ 1 3))" => "(cbrt ?a)"),
        rewrite!("product of real powers"; "(* (pow ?a ?b) (pow ?a ?c))" => "(pow ?a (+ ?b ?c))"),
        rewrite!("real power and one"; "(* ?a (pow ?a ?b))" => "(pow ?a (+ ?b 1))"),
        rewrite!("real power of power"; "(pow (pow ?a ?b) ?c)" => "(pow ?a (* ?b ?c))"),
        rewrite!("real power of exp"; "(pow (exp ?a) ?b)" => "(exp (* ?a ?b))"),
        rewrite!("exp of logarithm times"; "(exp (* ?b (log ?a)))" => "(pow ?a ?b)"),
        rewrite!("real power of root"; "(pow (sqrt ?a) ?b)" => "(pow ?a (/ ?b 2))"
            if above_zero("?a")),
        rewrite!("equal real powers"; "(* (pow ?a ?c) (pow ?b ?c))" => "(pow (* ?a ?b) ?c)"),
        rewrite!("inverse real power"; "(^ (pow ?a ?b) -1)" => "(pow ?a (neg ?b))"),
        rewrite!("real power of inverse"; "(pow (^ ?a -1) ?b)" => "(pow ?a (neg ?b))"),
    ]
}

fn exponentials() -> Vec<Rule> {
    vec![
        rewrite!("exp of zero"; "(exp ?z)" => "1" if is("?z", 0.0)),
        rewrite!("log of one"; "(log ?n)" => "0" if is("?n", 1.0)),
        rewrite!("exp of logarithm"; "(exp (log ?a))" => "?a" if above_zero("?a")),
        rewrite!("logarithm of exp"; "(log (exp ?a))" => "?a"),
        rewrite!("product of exp"; "(* (exp ?a) (exp ?b))" => "(exp (+ ?a ?b))"),
        rewrite!("exp of sum"; "(exp (+ ?a ?b))" => "(* (exp ?a) (exp ?b))"),
        rewrite!("power of exp"; "(^ (exp ?a) ?n)" => "(exp (* ?n ?a))"),
        rewrite!("root of exp"; "(sqrt (exp ?a))" => "(exp (/ ?a 2))"),
        rewrite!("logarithm of product"; "(log (* ?a ?b))" => "(+ (log ?a) (log ?b))"
            if both(above_zero("?a"), above_zero("?b"))),
        rewrite!("sum of logarithms"; "(+ (log ?a) (log ?b))" => "(log (* ?a ?b))"),
        rewrite!("logarithm of inverse"; "(log (^ ?a -1))" => "(neg (log ?a))"),
        rewrite!("negative logarithm"; "(neg (log ?a))" => "(log (^ ?a -1))"),
        rewrite!("logarithm of power"; "(log (^ ?a ?n))" => "(* ?n (log ?a))"
            if above_zero("?a")),
        rewrite!("logarithm of root"; "(log (sqrt ?a))" => "(/ (log ?a) 2)"),
        rewrite!("logarithm of cube root"; "(log (cbrt ?a))" => "(/ (log ?a) 3)"
            if above_zero("?a")),
        rewrite!("logarithm of real power"; "(log (pow ?a ?b))" => "(* ?b (log ?a))"),
    ]
}

fn waves() -> Vec<Rule> {
    vec![
        rewrite!("sine is odd"; "(sin (neg ?a))" => "(neg (sin ?a))"),
        rewrite!("sine of difference"; "(sin (- ?a ?b))" => "(neg (sin (- ?b ?a)))"),
        rewrite!("cosine is even"; "(cos (neg ?a))" => "(cos ?a)"),
        rewrite!("cosine of magnitude"; "(cos (abs ?a))" => "(cos ?a)"),
        rewrite!("cosine of difference"; "(cos (- ?a ?b))" => "(cos (- ?b ?a))"),
        rewrite!("tanh is odd"; "(tanh (neg ?a))" => "(neg (tanh ?a))"),
        rewrite!("sine and cosine"; "(+ (^ (sin ?a) 2) (^ (cos ?a) 2))" => "1"
            if has_value("?a")),
        rewrite!("one less sine"; "(- 1 (^ (sin ?a) 2))" => "(^ (cos ?a) 2)"),
        rewrite!("one less cosine"; "(- 1 (^ (cos ?a) 2))" => "(^ (sin ?a) 2)"),
        rewrite!("double angle"; "(* 2 (* (sin ?a) (cos ?a)))" => "(sin (* 2 ?a))"),
        rewrite!("sine of pi"; "(sin pi)" => "0"),
        rewrite!("cosine of pi"; "(cos pi)" => "-1"),
        rewrite!("sine of half pi"; "(sin (/ pi 2))" => "1"),
        rewrite!("cosine of half pi"; "(cos (/ pi 2))" => "0"),
        rewrite!("sine a quarter later"; "(sin (+ ?a (/ pi 2)))" => "(cos ?a)"),
    ]
}

fn orders() -> Vec<Rule> {
    vec![
        rewrite!("min commutes"; "(min ?a ?b)" => "(min ?b ?a)"),
        rewrite!("max commutes"; "(max ?a ?b)" => "(max ?b ?a)"),
        rewrite!("min associates"; "(min (min ?a ?b) ?c)" => "(min ?a (min ?b ?c))"),
        rewrite!("max associates"; "(max (max ?a ?b) ?c)" => "(max ?a (max ?b ?c))"),
        rewrite!("min of one"; "(min ?a ?a)" => "?a"),
        rewrite!("max of one"; "(max ?a ?a)" => "?a"),
        rewrite!("min is known"; "(min ?a ?b)" => "?a" if ordered("?a", "?b")),
        rewrite!("max is known"; "(max ?a ?b)" => "?b" if ordered("?a", "?b")),
        rewrite!("min of negatives"; "(min (neg ?a) (neg ?b))" => "(neg (max ?a ?b))"),
        rewrite!("max of negatives"; "(max (neg ?a) (neg ?b))" => "(neg (min ?a ?b))"),
        rewrite!("max of both signs"; "(max ?a (neg ?a))" => "(abs ?a)"),
        rewrite!("min and max"; "(+ (min ?a ?b) (max ?a ?b))" => "(+ ?a ?b)"),
    ]
}
