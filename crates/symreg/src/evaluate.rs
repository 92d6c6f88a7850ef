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

    proptest! {
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
