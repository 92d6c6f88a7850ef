//! Whether the constants of one formula can give it the values of another.

use crate::{Expr, Op, constants::fit::Fit, evaluate::Machine, kernels::Level, probe::Probes};

/// Constants above which no fit is tried.
const CONSTANTS: usize = 8;

/// Starts of the fit, the first from the constants as they are.
const STARTS: u32 = 6;

/// Steps of one fit.
const STEPS: usize = 100;

/// Root mean square, in parts of that of the target, that is as good as none.
const NONE: f64 = 1e-8;

/// Whether each of two formulas can have the values of the other once that has
/// constants of no special value: then neither is a special case.
///
/// A fit that ends elsewhere is no proof, so that two formulas may be the same
/// and the answer no.
pub(crate) fn reach_each_other(a: &Expr, b: &Expr, probes: &Probes) -> bool {
    reaches(a, &moved(b, 0), probes) && reaches(b, &moved(a, 0), probes)
}

/// Whether constants of the formula give it the values of the other.
fn reaches(expr: &Expr, other: &Expr, probes: &Probes) -> bool {
    let constants = |expr: &Expr| {
        let constant = |op: &&Op| matches!(op, Op::Const(_));
        expr.code().iter().filter(constant).count()
    };
    if constants(expr) > CONSTANTS || constants(other) > CONSTANTS {
        return false;
    }
    let Ok(target) = probes.values(other) else {
        return false;
    };
    let size = target.iter().map(|y| y * y).sum::<f64>();
    let mut machine = Machine::at(Level::Portable).expect("every machine has this level");
    let mut fitted = |start: Expr| {
        let code = start.code().to_vec();
        let fit = Fit::new(code, probes.table(), &target, &mut machine)?;
        Some(
            fit.improved(probes.table(), &target, &mut machine, STEPS)
                .squares,
        )
    };
    size.is_finite()
        && (0..STARTS)
            .map(|start| {
                if start == 0 {
                    expr.clone()
                } else {
                    moved(expr, start)
                }
            })
            .any(|start| fitted(start).is_some_and(|squares| squares <= NONE * NONE * size))
}

/// The formula with its constants moved by odd factors, of both signs after the
/// second round.
fn moved(expr: &Expr, round: u32) -> Expr {
    // The fractional parts of multiples of the golden ratio are spread evenly.
    let mut step = f64::from(round);
    let code = expr.code().iter().map(|&op| match op {
        Op::Const(value) => {
            step += 1.0;
            let t = (step * 0.618_033_988_749_895 + 0.1 * f64::from(round)).fract();
            let flipped = round > 2 && t > 0.6;
            let by = (t - 0.5).exp() * if flipped { -1.0 } else { 1.0 };
            // A zero is as special as a value can be.
            Op::Const(if value == 0.0 { by } else { value * by })
        }
        other => other,
    });
    Expr::new(code.collect()).unwrap_or_else(|_| expr.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, FeatureBox, Table};

    fn reach(a: &str, b: &str) -> bool {
        let columns = vec![
            (Column::new("x", ""), vec![0.5, 3.0]),
            (Column::new("y", ""), vec![1.0, 4.0]),
        ];
        let domain = FeatureBox::around(&Table::new(columns).unwrap(), 0.0);
        let parsed = |text| Expr::parse(text, &["x", "y"]).unwrap();
        reach_each_other(&parsed(a), &parsed(b), &Probes::new(&domain, 64))
    }

    #[test]
    fn one_family_written_in_two_ways_is_found() {
        assert!(reach("(x + 2.0)*(x + 3.0)", "x^2 + 4.0*x + 1.0"));
        assert!(reach("1.5 + 2.0/(x + 3.0)", "(1.5*x + 7.0)/(x + 3.5)"));
    }

    #[test]
    fn a_special_case_is_not_the_same() {
        assert!(!reach("(x + 2.0)^2", "x^2 + 4.0*x + 4.0"));
        assert!(!reach("2.0*x", "2.0*x + 0.0"));
        assert!(!reach("2.0*(x + y)", "2.0*x + 2.0*y"));
    }
}
