//! Values of formulas over whole columns, and their derivatives in the constants.
//!
//! Rows are taken in blocks that fit the first-level cache, and the code is run
//! once a block: the choice of an operation costs nothing per row.
//!
//! Derivatives go forward. In postfix code a subtree holds a *contiguous range*
//! of the constants, so each constant needs one buffer only, which the chain
//! rule multiplies on the way to the root; an operation touches just the
//! derivatives of the constants below it.

use std::ops::Range;

use crate::{Error, Expr, Op, Result, Table};

/// Rows of a block.
const BLOCK: usize = 128;

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

/// The stack of the evaluator, kept between formulas.
#[derive(Debug, Clone, Default)]
pub(crate) struct Machine {
    stack: Vec<f64>,
    slopes: Vec<f64>,
    ranges: Vec<Range<usize>>,
}

impl Machine {
    /// Writes the values in all rows to `out`, finite or not.
    pub(crate) fn values(&mut self, code: &[Op], table: &Table, out: &mut [f64]) {
        self.stack.resize(code.len() * BLOCK, 0.0);
        for start in (0..out.len()).step_by(BLOCK) {
            let rows = start..out.len().min(start + BLOCK);
            let mut depth = 0;
            for &op in code {
                depth = depth + 1 - op.arity();
                self.apply(op, depth - 1, table, rows.clone());
            }
            out[rows.clone()].copy_from_slice(&self.stack[..rows.len()]);
        }
    }

    /// Writes the values to `out` and, for constant `k`, the derivatives by it
    /// to `jacobian[k * rows..]`.
    pub(crate) fn derivatives(
        &mut self,
        code: &[Op],
        table: &Table,
        out: &mut [f64],
        jacobian: &mut [f64],
    ) {
        self.stack.resize(code.len() * BLOCK, 0.0);
        self.slopes.resize(2 * BLOCK, 0.0);
        for start in (0..out.len()).step_by(BLOCK) {
            let rows = start..out.len().min(start + BLOCK);
            let mut constants = 0;
            self.ranges.clear();
            for &op in code {
                match op.arity() {
                    0 => constants = self.leaf(op, constants, out.len(), rows.clone(), jacobian),
                    arity => self.chain(op, arity, out.len(), rows.clone(), jacobian),
                }
                self.apply(op, self.ranges.len() - 1, table, rows.clone());
            }
            out[rows.clone()].copy_from_slice(&self.stack[..rows.len()]);
        }
    }

    /// Runs one operation whose first operand, and result, is at `slot`.
    fn apply(&mut self, op: Op, slot: usize, table: &Table, rows: Range<usize>) {
        let (a, b) = self.stack[slot * BLOCK..].split_at_mut(BLOCK);
        let a = &mut a[..rows.len()];
        match op {
            Op::Column(column) => a.copy_from_slice(&table.values(column as usize)[rows]),
            _ if op.arity() == 2 => op.apply(a, &b[..rows.len()]),
            _ => op.apply(a, &[]),
        }
    }

    /// Opens the range of a leaf; returns the number of constants so far.
    fn leaf(
        &mut self,
        op: Op,
        constants: usize,
        all: usize,
        rows: Range<usize>,
        jacobian: &mut [f64],
    ) -> usize {
        let next = constants + usize::from(matches!(op, Op::Const(_)));
        if next > constants {
            jacobian[constants * all..][rows].fill(1.0);
        }
        self.ranges.push(constants..next);
        next
    }

    /// Multiplies the derivatives of the operands by those of the operation.
    fn chain(
        &mut self,
        op: Op,
        arity: usize,
        all: usize,
        rows: Range<usize>,
        jacobian: &mut [f64],
    ) {
        let first = self.ranges.len() - arity;
        let below = self.ranges[first].start..self.ranges[first + arity - 1].end;
        if !below.is_empty() {
            let (a, b) = self.stack[first * BLOCK..].split_at(BLOCK);
            let b = if arity == 2 { &b[..rows.len()] } else { &[] };
            let (da, db) = self.slopes.split_at_mut(BLOCK);
            let (da, db) = (&mut da[..rows.len()], &mut db[..rows.len()]);
            op.partials(&a[..rows.len()], b, da, db);
            for (range, slope) in self.ranges[first..].iter().zip([da, db]) {
                for constant in range.clone() {
                    let derivative = &mut jacobian[constant * all..][rows.clone()];
                    for (d, s) in derivative.iter_mut().zip(slope.iter()) {
                        *d *= s;
                    }
                }
            }
        }
        self.ranges.truncate(first);
        self.ranges.push(below);
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

    #[test]
    fn by_hand_over_more_rows_than_a_block() {
        let expr = Expr::parse("2*x - exp(y)/x", &["x", "y"]).unwrap();
        let table = table(300);
        let values = expr.evaluate(&table).unwrap();
        for (row, value) in values.iter().enumerate() {
            let (x, y) = (table.values(0)[row], table.values(1)[row]);
            assert_relative_eq!(*value, 2.0 * x - y.exp() / x);
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
