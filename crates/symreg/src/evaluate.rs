//! Values of formulas over whole columns, and their derivatives in the constants.
//!
//! A [`Machine`] turns the code into a few steps and runs these block by block of
//! rows, with the widest instructions there are: [`mod@crate::kernels`]. It keeps
//! its memory, so that a formula costs no allocation.

use crate::{
    Error, Expr, Op, Result, Table,
    kernels::{Kernels, Level, program::Program},
};

impl Expr {
    /// The value of the formula in every row.
    ///
    /// - returns: `(rows,)`, all finite.
    ///
    /// # Errors
    ///
    /// [`Error::MissingColumn`] if the table has too few columns,
    /// [`Error::Undefined`] with the first row that has no finite value.
    pub fn evaluate(&self, table: &Table) -> Result<Vec<f64>> {
        let (index, columns) = (self.columns(), table.columns().len());
        if index > columns {
            return Err(Error::MissingColumn {
                index: index - 1,
                columns,
            });
        }
        let mut values = vec![0.0; table.rows()];
        Machine::default().values(self.code(), table, &mut values);
        match values.iter().position(|v| !v.is_finite()) {
            Some(row) => Err(Error::Undefined { row }),
            None => Ok(values),
        }
    }
}

/// An evaluator: its memory, kept between formulas, and its instructions.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    kernels: Kernels,
    program: Program,
}

impl Machine {
    /// An evaluator with given instructions, if this machine has them;
    /// [`Machine::default`] uses the best.
    #[must_use]
    pub fn at(level: Level) -> Option<Self> {
        Some(Self {
            kernels: Kernels::new(level)?,
            program: Program::default(),
        })
    }

    /// The instructions it uses.
    #[must_use]
    pub fn level(&self) -> Level {
        self.kernels.level()
    }

    /// Writes the values in all rows to `out`, finite or not.
    ///
    /// - `code`: that of an [`Expr`], or a subtree of it.
    /// - `out`: `(rows,)`
    ///
    /// # Panics
    ///
    /// If the code is not that of an expression, if the table lacks a column, or if
    /// `out` has another length.
    pub fn values(&mut self, code: &[Op], table: &Table, out: &mut [f64]) {
        self.program.values(self.kernels, code, table.all(), out);
    }

    /// Writes the values to `out` and the derivatives by the constants
    /// ([`Op::Const`], in the order of the code) to `jacobian`.
    ///
    /// - `out`: `(rows,)`
    /// - `jacobian`: `(constants, rows)`
    ///
    /// # Panics
    ///
    /// As [`Machine::values`], and if `jacobian` has another length.
    pub fn derivatives(
        &mut self,
        code: &[Op],
        table: &Table,
        out: &mut [f64],
        jacobian: &mut [f64],
    ) {
        let columns = table.all();
        self.program
            .derivatives(self.kernels, code, columns, out, jacobian);
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::{Column, arbitrary};

    fn table(rows: usize) -> Table {
        let column = |step: f64| (0..rows).map(|i| 0.1 + step * i as f64).collect();
        Table::new(vec![
            (Column::new("x", ""), column(0.01)),
            (Column::new("y", ""), column(0.03)),
        ])
        .unwrap()
    }

    /// Up to the last places, in which the mathematical library differs.
    #[test]
    fn by_hand_over_more_rows_than_a_block() {
        let expr = Expr::parse("2*x - exp(y)/x", &["x", "y"]).unwrap();
        let table = table(300);
        let values = expr.evaluate(&table).unwrap();
        for (row, value) in values.iter().enumerate() {
            let (x, y) = (table.values(0)[row], table.values(1)[row]);
            assert_relative_eq!(*value, 2.0 * x - y.exp() / x, max_relative = 1e-14);
        }
    }

    #[test]
    fn the_row_without_a_value_is_named() {
        let table = Table::new(vec![(Column::new("x", ""), vec![1.0, -1.0])]).unwrap();
        let log = Expr::parse("log(x)", &["x"]).unwrap();
        assert_eq!(log.evaluate(&table), Err(Error::Undefined { row: 1 }));
        assert_eq!(
            Expr::column(3).evaluate(&table),
            Err(Error::MissingColumn {
                index: 3,
                columns: 1
            })
        );
    }

    /// Up to the last place or two, since products are taken in another order.
    #[test]
    fn derivatives_by_hand() {
        // a·exp(b·x) + c/y: ∂a = exp(bx), ∂b = a·x·exp(bx), ∂c = 1/y
        let expr = Expr::parse("3.0*exp(-0.5*x) + 7.0/y", &["x", "y"]).unwrap();
        let table = table(200);
        let (mut values, mut jacobian) = (vec![0.0; 200], vec![0.0; 600]);
        Machine::default().derivatives(expr.code(), &table, &mut values, &mut jacobian);
        for row in 0..200 {
            let (x, y) = (table.values(0)[row], table.values(1)[row]);
            let e = (-0.5 * x).exp();
            assert_relative_eq!(jacobian[row], e, max_relative = 1e-14);
            assert_relative_eq!(jacobian[200 + row], 3.0 * x * e, max_relative = 1e-14);
            assert_relative_eq!(jacobian[400 + row], 1.0 / y, max_relative = 1e-14);
        }
        assert_eq!(values, expr.evaluate(&table).unwrap());
    }

    /// The operation on `3x` and `0.7y`, by both constants.
    #[test]
    fn every_derivative_is_that_of_the_operation_at_every_level() {
        let table = table(21);
        for level in Level::ALL.into_iter().filter(|level| level.is_available()) {
            let mut machine = Machine::at(level).unwrap();
            for op in Op::NAMED.into_iter().chain([-9, -2, 4, 9].map(Op::Powi)) {
                let mut code = vec![Op::Column(0), Op::Const(3.0), Op::Mul];
                if op.arity() == 2 {
                    code.extend([Op::Column(1), Op::Const(0.7), Op::Mul]);
                }
                code.push(op);
                let mut values = vec![0.0; 21];
                let mut jacobian = vec![0.0; 21 * op.arity()];
                machine.derivatives(&code, &table, &mut values, &mut jacobian);
                for row in 0..21 {
                    let (x, y) = (table.values(0)[row], table.values(1)[row]);
                    let (by_a, by_b) = op.slopes(x * 3.0, y * 0.7);
                    assert_relative_eq!(
                        values[row],
                        op.value(x * 3.0, y * 0.7),
                        max_relative = 1e-14
                    );
                    assert_relative_eq!(jacobian[row], by_a * x, max_relative = 1e-13);
                    if op.arity() == 2 {
                        assert_relative_eq!(jacobian[21 + row], by_b * y, max_relative = 1e-13);
                    }
                }
            }
        }
    }

    /// Value and derivatives by all constants at once, going forward.
    fn forward(code: &[Op], row: &[f64]) -> (f64, Vec<f64>) {
        let mut stack: Vec<(f64, Vec<f64>)> = Vec::new();
        for &op in code {
            let second = (op.arity() == 2).then(|| stack.pop().unwrap());
            let first = (op.arity() > 0).then(|| stack.pop().unwrap());
            let (a, mut slopes) = first.unwrap_or_default();
            let (b, others) = second.unwrap_or_default();
            let (by_a, by_b) = op.slopes(a, b);
            for slope in &mut slopes {
                *slope *= by_a;
            }
            slopes.extend(others.iter().map(|slope| slope * by_b));
            let value = match op {
                Op::Column(index) => row[index as usize],
                _ => op.value(a, b),
            };
            if let Op::Const(_) = op {
                slopes.push(1.0);
            }
            stack.push((value, slopes));
        }
        stack.pop().unwrap()
    }

    proptest! {
        /// Of operations that are rounded equally everywhere, so that only the order
        /// of the products differs.
        #[test]
        fn derivatives_going_backward_are_those_going_forward(expr in arbitrary::exact(2)) {
            let table = table(9);
            let constants = expr.code().iter().filter(|op| matches!(op, Op::Const(_))).count();
            let (mut values, mut jacobian) = (vec![0.0; 9], vec![0.0; 9 * constants]);
            Machine::default().derivatives(expr.code(), &table, &mut values, &mut jacobian);
            for row in 0..9 {
                let (value, slopes) = forward(expr.code(), &[table.values(0)[row], table.values(1)[row]]);
                prop_assert!(value == values[row] || !value.is_finite());
                for (k, slope) in slopes.into_iter().enumerate() {
                    let difference = (jacobian[k * 9 + row] - slope).abs();
                    prop_assert!(difference <= 1e-12 * slope.abs() || !slope.is_finite(), "{expr}");
                }
            }
        }

        /// Both passes run the same operations in the same order.
        #[test]
        fn the_values_of_both_passes_are_equal(expr in arbitrary::expr(2)) {
            let table = table(7);
            let constants = expr.code().iter().filter(|op| matches!(op, Op::Const(_))).count();
            let (mut plain, mut dual) = (vec![0.0; 7], vec![0.0; 7]);
            let mut jacobian = vec![0.0; 7 * constants];
            let mut machine = Machine::default();
            machine.values(expr.code(), &table, &mut plain);
            machine.derivatives(expr.code(), &table, &mut dual, &mut jacobian);
            for (a, b) in plain.iter().zip(&dual) {
                prop_assert!(a == b || a.is_nan() && b.is_nan());
            }
        }
    }
}
