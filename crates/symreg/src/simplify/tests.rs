use egg::{Language, RecExpr};
use proptest::prelude::*;

use super::*;
use crate::{Column, Table, arbitrary, expr::subtree};

const NAMES: [&str; 2] = ["x", "y"];

fn domain(sides: &[(f64, f64)]) -> FeatureBox {
    let columns = sides.iter().enumerate();
    let columns = columns.map(|(i, side)| (Column::new(NAMES[i], ""), vec![side.0, side.1]));
    FeatureBox::around(&Table::new(columns.collect()).unwrap(), 0.0)
}

fn simple(text: &str, sides: &[(f64, f64)]) -> String {
    let expr = Expr::parse(text, &NAMES).unwrap();
    simplify(&expr, &domain(sides)).text(&NAMES)
}

const POSITIVE: [(f64, f64); 2] = [(0.5, 3.0), (1.0, 4.0)];
const BOTH: [(f64, f64); 2] = [(-2.0, 3.0), (-1.0, 4.0)];
const NEGATIVE: [(f64, f64); 2] = [(-3.0, -0.5), (-4.0, -1.0)];

#[test]
fn what_holds_everywhere_is_done_everywhere() {
    for (long, short) in [
        ("x + x + x", "3 * x"),
        ("x * x * x", "x^3"),
        ("2.0 * (3.0 * x)", "6.0 * x"),
        ("2.0 * x + 3.0 * x", "5.0 * x"),
        ("x - (x - y)", "y"),
        ("-(-x)", "x"),
        ("log(exp(x))", "x"),
        ("cbrt(x^3)", "x"),
        ("sin(x)^2 + cos(x)^2", "1"),
        ("0 * y + x", "x"),
        ("min(x, x)", "x"),
        ("x * y - y * x", "0"),
        ("exp(x) * exp(-x)", "1"),
        ("max(x, y) + min(y, x) - y", "x"),
        ("sin(pi) + x", "x"),
    ] {
        assert_eq!(simple(long, &BOTH), short, "{long}");
    }
}

#[test]
fn what_holds_for_one_sign_waits_for_it() {
    for (long, positive, both, negative) in [
        ("sqrt(x^2)", "x", "abs(x)", "-x"),
        ("abs(x)", "x", "abs(x)", "abs(x)"),
        ("abs(-x)", "x", "abs(x)", "-x"),
        ("x / x", "1", "x / x", "1"),
        ("x^2 / x", "x", "x^2 / x", "x"),
        ("exp(log(x))", "x", "exp(log(x))", "exp(log(x))"),
        ("sqrt(x)^2", "x", "sqrt(x)^2", "sqrt(x)^2"),
        ("max(x, 0)", "x", "max(x, 0)", "0"),
    ] {
        assert_eq!(simple(long, &POSITIVE), positive, "{long}");
        assert_eq!(simple(long, &BOTH), both, "{long}");
        assert_eq!(simple(long, &NEGATIVE), negative, "{long}");
    }
}

#[test]
fn exact_numbers_stay_exact() {
    assert_eq!(simple("2 * pi * x", &BOTH), "2 * pi * x");
    assert_eq!(simple("x / 3 + x / 3", &BOTH), "x * (2 / 3)");
    assert_eq!(simple("2.0 * pi * x", &BOTH), "6.283185307179586 * x");
}

#[test]
fn a_sum_that_cancels_is_left_alone() {
    let text = "x + 1e20 - 1e20";
    assert_eq!(simple(text, &BOTH), "x + 1e20 - 1e20");
}

#[test]
fn columns_without_a_side_are_left_alone() {
    assert_eq!(simple("y + y + y", &[(0.0, 1.0)]), "y + y + y");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// At points that the simplifier has not seen; twenty times its own
    /// tolerance, since a formula may cancel more between its probes.
    #[test]
    fn values_are_kept_and_complexity_does_not_grow(
        expr in arbitrary::expr(2),
        a in (-3.0..3.0, 0.1..4.0),
        b in (-3.0..3.0, 0.1..4.0),
        at in prop::collection::vec((0.0..=1.0, 0.0..=1.0), 20),
    ) {
        let domain = domain(&[(a.0, a.0 + a.1), (b.0, b.0 + b.1)]);
        let short = simplify(&expr, &domain);
        prop_assert!(short.complexity() <= expr.complexity());
        prop_assert_eq!(&short, &simplify(&expr, &domain));
        if expr.bounds(&domain).is_some() && !is_noise(&expr, &domain) {
            let inside = |from: (f64, f64), t: f64| (from.0 + t * from.1).min(from.0 + from.1);
            let x = at.iter().map(|t| inside(a, t.0)).collect();
            let y = at.iter().map(|t| inside(b, t.1)).collect();
            let table = Table::new(vec![(Column::new("x", ""), x), (Column::new("y", ""), y)]);
            let table = table.unwrap();
            let (before, after) = (expr.evaluate(&table).unwrap(), short.evaluate(&table).unwrap());
            let scale = before.iter().fold(0.0_f64, |scale, v| scale.max(v.abs()));
            for (b, a) in before.iter().zip(&after) {
                prop_assert!((b - a).abs() <= 20.0 * TOLERANCE * scale, "{expr} → {short}: {b} {a}");
            }
        }
    }
}

/// Whether there is a wave of a number so large that its last place decides, which
/// every library rounds in its own way.
fn is_noise(expr: &Expr, domain: &FeatureBox) -> bool {
    let code = expr.code();
    let large = |root: usize| {
        let argument = code[subtree(code, root - 1)].to_vec();
        let bounds = Expr::new(argument).unwrap().bounds(domain);
        bounds.is_none_or(|bounds| bounds.low.abs().max(bounds.high.abs()) > 1e4)
    };
    (0..code.len()).any(|root| matches!(code[root], Op::Sin | Op::Cos) && large(root))
}

#[test]
fn results_do_not_depend_on_threads() {
    let texts = [
        "x*(y + 1.5) - x*y",
        "exp(x)*exp(y)/exp(x + 1)",
        "sqrt(x^2*y^2)/abs(x*y)",
        "log(exp(x)*exp(y)) + sin(x)^2 + cos(x)^2",
        "(x + y)^2 - x^2 - y^2 - 2*x*y",
    ];
    let exprs = texts.map(|text| Expr::parse(text, &NAMES).unwrap());
    let simplifier = Simplifier::new(&domain(&POSITIVE), Limits::default());
    let alone: Vec<Expr> = exprs.iter().map(|expr| simplifier.simplify(expr)).collect();
    let (simplifier, exprs, alone) = (&simplifier, &exprs, &alone);
    std::thread::scope(|scope| {
        for first in 0..exprs.len() {
            scope.spawn(move || {
                for i in (0..exprs.len()).map(|i| (first + i) % exprs.len()) {
                    assert_eq!(simplifier.simplify(&exprs[i]), alone[i]);
                }
            });
        }
    });
}

/// Integers that variables for exponents and numbers are given.
const NUMBERS: [&str; 8] = ["-2", "-1", "0", "1", "2", "3", "4", "c0.5"];

/// The left side of a rule with its variables replaced: `?n`, `?m` and `?z` by
/// numbers, the others by columns.
fn left_side(rule: &Rewrite<Node, Domain>, numbers: [&str; 2]) -> RecExpr<Node> {
    let pattern = rule.searcher.get_pattern_ast().unwrap().to_string();
    let text = pattern
        .replace("?a", "x0")
        .replace("?b", "x1")
        .replace("?c", "x2")
        .replace("?n", numbers[0])
        .replace("?z", numbers[0])
        .replace("?m", numbers[1]);
    text.parse().unwrap()
}

/// All formulas that one rule makes of another in one step, at its root.
fn results(
    rule: &Rewrite<Node, Domain>,
    left: &RecExpr<Node>,
    domain: &FeatureBox,
) -> Vec<RecExpr<Node>> {
    let runner: Runner<Node, Domain> = Runner::new(Domain(domain.clone()))
        .with_expr(left)
        .with_iter_limit(1)
        .with_time_limit(Duration::MAX)
        .run([rule]);
    let graph = &runner.egraph;
    let extractor = Extractor::new(graph, Complexity(graph));
    let nodes = graph[runner.roots[0]].nodes.iter();
    let whole = nodes.map(|node| node.build_recexpr(|id| extractor.find_best_node(id).clone()));
    whole.filter(|other| other != left).collect()
}

/// Every rule alone, on boxes of every combination of signs: where the left side
/// has a value the right side has the same, and no rule is dead.
#[test]
fn each_rule_keeps_values_and_does_something() {
    const SIDES: [(f64, f64); 3] = [(0.3, 1.9), (-1.7, -0.2), (-1.1, 1.4)];
    let columns = ["x", "y", "z"].map(|name| Column::new(name, ""));
    for rule in rules::all() {
        let mut applied = 0;
        for choice in 0..27 {
            let sides = [choice % 3, choice / 3 % 3, choice / 9].map(|i| SIDES[i]);
            let values = sides.map(|(low, high)| vec![low, high]);
            let table = Table::new(columns.clone().into_iter().zip(values).collect()).unwrap();
            let domain = FeatureBox::around(&table, 0.0);
            let probes = Probes::new(&domain, 20);
            let numbers = NUMBERS.iter().flat_map(|n| NUMBERS.map(|m| [*n, m]));
            let mut lefts: Vec<_> = numbers.map(|numbers| left_side(&rule, numbers)).collect();
            lefts.dedup();
            for left in lefts {
                let Some(expr) = formula(&left) else { continue };
                let before = probes.values(&expr).unwrap();
                for right in results(&rule, &left, &domain) {
                    let Some(right) = formula(&right) else {
                        continue;
                    };
                    applied += 1;
                    let after = probes.values(&right).unwrap();
                    for (b, a) in before.iter().zip(&after) {
                        let equal = (b - a).abs() <= 1e-12 * b.abs().max(1.0);
                        assert!(!b.is_finite() || equal, "{}: {expr} is {right}", rule.name);
                    }
                }
            }
        }
        assert!(applied > 0, "{} does nothing", rule.name);
    }
}
