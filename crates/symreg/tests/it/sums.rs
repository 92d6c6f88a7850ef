//! A function of pairs from sums over pairs.

use symreg::{Rule, select};

use crate::{run, settings, table};

#[test]
fn a_function_of_pairs_is_found_from_sums_of_three() {
    let distance: Vec<f64> = (0..120)
        .map(|i| 1.0 + (f64::from(i) * 0.754).sin().abs() * 3.0)
        .collect();
    let pair = |d: &f64| 2.0 * (-d).exp() + 0.5 / d;
    let sums: Vec<f64> = distance
        .chunks(3)
        .map(|three| three.iter().map(pair).sum())
        .collect();
    let table = table(vec![distance.clone()]);
    let mut settings = settings(100_000);
    settings.search.together = 3;
    let front = run(&table, &sums, &settings, 1).unwrap();
    let values = front.best().expr.evaluate(&table).unwrap();
    for (value, d) in values.iter().zip(&distance) {
        assert!((value - pair(d)).abs() < 1e-6, "{}", front.best().expr);
    }
    for rule in [Rule::DescriptionLength, Rule::Validation] {
        assert!(rule.choose(&front, &table, &sums).unwrap().error < 1e-6);
    }
    assert!(select(&front, &table, &sums[..7]).is_err());
}
