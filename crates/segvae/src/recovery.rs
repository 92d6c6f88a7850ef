//! When a law counts as found, for benchmarks.

use crate::{Search, evaluate::Evaluator, score::mean_square};

/// Mean squared error below which two formulas are the same.
pub const SAME: f64 = 1e-9;

/// Whether a formula of the front is the law.
///
/// - `truth`: `(rows,)`, the law without noise in the rows of the search.
///
/// Of the best formulas of every complexity those count that are better on the data
/// than all less complex ones. One of them must differ from the law by a mean
/// squared error below [`SAME`], as in the published programme.
///
/// Without fitted constants hardly any other formula comes so close. With them an
/// approximation may, and does on Nguyen's laws: then this is no proof that the law
/// was found, and a comparison needs a stricter one.
#[must_use]
pub fn recovered(search: &Search, truth: &[f64]) -> bool {
    let mut evaluator = Evaluator::default();
    let mut values = vec![0.0; truth.len()];
    let mut to_beat = f64::INFINITY;
    search.best().values().any(|best| {
        if best.error >= to_beat {
            return false;
        }
        to_beat = best.error;
        if let Some(expr) = &best.projected {
            let values = expr.evaluate(search.table());
            return values.is_ok_and(|values| mean_square(&values, truth) < SAME);
        }
        let (grammar, table) = (search.grammar(), search.table());
        evaluator.values(grammar, &best.tokens, &best.constants, table, &mut values);
        mean_square(&values, truth) < SAME
    })
}

/// Whether the law was scored at all, however good other formulas were: what a
/// search could tell that knows the law.
///
/// - `target`, `truth`: `(rows,)`, the rows of the search with and without noise.
///
/// A formula is taken for the law if its error is that of the law to nine digits,
/// which is sound where there is noise and no constant is fitted.
#[must_use]
pub fn met(search: &Search, target: &[f64], truth: &[f64]) -> bool {
    let error = mean_square(target, truth);
    search
        .errors()
        .any(|found| (found - error).abs() <= SAME * error)
}
