//! The constants of a sum that stands inside of functions, in closed form.
//!
//! In `y = x·√(c₁·f₁(x) + c₂·f₂(x) + c₀)` nothing is linear, but `(y / x)²` is a
//! sum again. The functions from the root down to the first sum are undone on
//! the target, and the sum is fitted by least squares to what is left. Rows
//! weigh what a change of the sum there is worth in the target, so that the
//! answer is exact without noise and a good start for the fit with noise.
//!
//! The functions are those of the generalised linear models of `McCullagh` &
//! Nelder (1989), whose links are undone in the same way.

use crate::{
    Op, Table,
    evaluate::Machine,
    expr::subtree,
    least_squares::Basis,
    terms::{Terms, join, split},
};

/// Smallest weight of a row, relative to the largest.
const LIGHT: f64 = 1e-6;

/// The formula with new constants in the first sum below its root.
///
/// - `target`: `(rows,)`, in its own units, not centred.
/// - `limit`: most terms of the sum.
///
/// Nothing comes back where no function stands above the sum, where the target
/// is no value of that function, or where the sum cannot be told.
pub(crate) fn solved(
    code: &[Op],
    table: &Table,
    target: &[f64],
    limit: usize,
    machine: &mut Machine,
) -> Option<Vec<Op>> {
    let mut wanted = Wanted {
        values: target.to_vec(),
        weights: vec![1.0; target.len()],
    };
    let mut root = code.len() - 1;
    while let Some(next) = wanted.descend(code, root, table, machine) {
        root = next;
    }
    let whole = subtree(code, root);
    if root == code.len() - 1 || !wanted.usable() {
        return None;
    }
    let terms = split(&code[whole.clone()], limit);
    if terms.is_empty() {
        return None;
    }
    let (coefficients, offset) = wanted.fitted(&terms, table, machine)?;
    let sum = join(&terms, coefficients.into_iter(), offset)?;
    let mut changed = code[..whole.start].to_vec();
    changed.extend(sum.code());
    changed.extend(&code[whole.end..]);
    Some(changed)
}

/// What a subtree should be in every row, and how much that matters.
struct Wanted {
    values: Vec<f64>,
    /// Derivative of the formula by the subtree.
    weights: Vec<f64>,
}

impl Wanted {
    /// Undoes the operation at `root`; the root of the operand that is left.
    fn descend(
        &mut self,
        code: &[Op],
        root: usize,
        table: &Table,
        machine: &mut Machine,
    ) -> Option<usize> {
        match code[root] {
            Op::Exp => self.undo(|y| (y.ln(), y)),
            Op::Log => self.undo(|y| (y.exp(), (-y).exp())),
            Op::Sqrt => self.undo(|y| (y * y, 0.5 / y)),
            Op::Inv => self.undo(|y| (1.0 / y, -y * y)),
            Op::Cube => self.undo(|y| (y.cbrt(), 3.0 * y.cbrt() * y.cbrt())),
            Op::Cbrt => self.undo(|y| (y * y * y, 1.0 / (3.0 * y * y))),
            Op::Neg => self.undo(|y| (-y, -1.0)),
            Op::Mul | Op::Div => return Some(self.divide(code, root, table, machine)),
            _ => return None,
        }
        Some(root - 1)
    }

    /// `undo` gives the operand for a value, and the derivative there.
    fn undo(&mut self, undo: impl Fn(f64) -> (f64, f64)) {
        for (value, weight) in self.values.iter_mut().zip(&mut self.weights) {
            let (operand, slope) = undo(*value);
            *value = operand;
            *weight *= slope;
        }
    }

    /// Takes the simpler operand as known; the root of the other.
    fn divide(&mut self, code: &[Op], root: usize, table: &Table, machine: &mut Machine) -> usize {
        let right = subtree(code, root - 1);
        let left = subtree(code, right.start - 1);
        let goes_left = depth(&code[left.clone()]) >= depth(&code[right.clone()]);
        let (known, next) = if goes_left {
            (right, left)
        } else {
            (left, right)
        };
        let mut factor = vec![0.0; self.values.len()];
        machine.values(&code[known], table, &mut factor);
        let quotient = code[root] == Op::Div;
        for ((value, weight), factor) in self.values.iter_mut().zip(&mut self.weights).zip(factor) {
            match (quotient, goes_left) {
                (false, _) => {
                    *value /= factor;
                    *weight *= factor;
                }
                (true, true) => {
                    *value *= factor;
                    *weight /= factor;
                }
                (true, false) => {
                    *weight *= -*value * *value / factor;
                    *value = factor / *value;
                }
            }
        }
        next.end - 1
    }

    /// Whether every row has a finite value; rows that hardly matter may not
    /// decide.
    fn usable(&mut self) -> bool {
        let largest = self.weights.iter().fold(0.0_f64, |m, w| m.max(w.abs()));
        let mut finite = largest.is_finite() && largest > 0.0;
        for (value, weight) in self.values.iter().zip(&mut self.weights) {
            finite &= value.is_finite() && weight.is_finite();
            *weight = weight.abs().max(LIGHT * largest);
        }
        finite
    }

    /// Coefficients and offset of the sum.
    fn fitted(
        &self,
        terms: &Terms,
        table: &Table,
        machine: &mut Machine,
    ) -> Option<(Vec<f64>, f64)> {
        let rows = self.values.len();
        let mut columns = vec![0.0; rows * (terms.len() + 1)];
        for (term, column) in terms.iter().zip(columns.chunks_mut(rows)) {
            machine.values(term, table, column);
        }
        columns[rows * terms.len()..].fill(1.0);
        for column in columns.chunks_mut(rows) {
            for (value, weight) in column.iter_mut().zip(&self.weights) {
                *value *= weight;
            }
        }
        let weighted = self.values.iter().zip(&self.weights);
        let weighted: Vec<f64> = weighted.map(|(v, w)| v * w).collect();
        let (mut solution, _) = Basis::through_origin(columns, rows).coefficients(&weighted);
        let offset = solution.pop()?;
        let described = solution.iter().any(|c| *c != 0.0);
        let finite = solution.iter().all(|c| c.is_finite()) && offset.is_finite();
        // An offset that only rounding has left says nothing.
        let offset = if offset.abs() < 1e-13 { 0.0 } else { offset };
        (described && finite).then_some((solution, offset))
    }
}

/// How likely an operand is to hide a sum: sums first, then functions.
fn depth(code: &[Op]) -> (u8, usize) {
    let holds = |op: &Op| matches!(op, Op::Add | Op::Sub);
    let sum = u8::from(code.iter().any(holds));
    (sum, code.len())
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::{Column, Expr};

    /// Formulas with wrong constants, and what these should be.
    #[test]
    fn constants_inside_of_functions_are_found_in_closed_form() {
        let column = |step: f64| (0..30).map(move |i| 0.4 + (step * f64::from(i)).sin().abs());
        let table = Table::new(vec![
            (Column::new("x", ""), column(0.37).collect()),
            (Column::new("y", ""), column(1.71).collect()),
        ])
        .unwrap();
        for (law, start) in [
            ("sqrt(2.0*x*x + 3.0*y*y + 0.5)", "sqrt(x*x + y*y)"),
            ("exp(0.7*log(x) - 1.3*log(y))", "exp(log(x) + log(y))"),
            ("1.0/(2.0/x + 0.3*y)", "inv(inv(x) + y)"),
            ("x/sqrt(4.0 - 0.9*y)", "x / sqrt(1.0 - y)"),
            ("y*(2.0 + 3.0*cos(x))", "(1.0 + cos(x))*y"),
        ] {
            let parse = |text| Expr::parse(text, &["x", "y"]).unwrap();
            let target = parse(law).evaluate(&table).unwrap();
            let mut machine = Machine::default();
            let code = solved(parse(start).code(), &table, &target, 4, &mut machine).unwrap();
            let found = Expr::new(code).unwrap().evaluate(&table).unwrap();
            for (found, target) in found.iter().zip(&target) {
                assert_relative_eq!(found, target, max_relative = 1e-9);
            }
        }
    }

    #[test]
    fn a_target_that_is_no_value_of_the_function_is_refused() {
        let table = Table::new(vec![(Column::new("x", ""), vec![1.0, 2.0, 3.0])]).unwrap();
        let code = Expr::parse("exp(x)", &["x"]).unwrap();
        let target = [1.0, -1.0, 2.0];
        assert_eq!(
            solved(code.code(), &table, &target, 4, &mut Machine::default()),
            None
        );
    }
}
