//! Values of token lists, with the meaning that [`crate::operator`] gives them.
//!
//! Tokens are read from the right, over a block of rows at a time. The evaluator
//! of symreg is faster on long columns, but it computes textbook functions; the
//! guards of the published ones decide which formulas a search keeps.

use symreg::Table;

use crate::{
    Function, Grammar,
    grammar::Token,
    operator::{safe_div, safe_exp, safe_log, safe_pow, safe_sqrt, safe_square},
};

/// Rows that are computed at once: the operands of a formula then stay in the
/// cache.
const BLOCK: usize = 128;

/// An evaluator, which keeps its memory between formulas.
#[derive(Debug, Clone, Default)]
pub struct Evaluator {
    stack: Vec<f64>,
}

impl Evaluator {
    /// Writes the values in all rows to `out`, finite or not.
    ///
    /// - `tokens`: a formula of the grammar.
    /// - `constants`: one for each `const` token, from left to right.
    /// - `out`: `(rows,)`
    ///
    /// # Panics
    ///
    /// If the tokens are no formula, or a column, a constant or a row is lacking.
    pub fn values(
        &mut self,
        grammar: &Grammar,
        tokens: &[u8],
        constants: &[f64],
        table: &Table,
        out: &mut [f64],
    ) {
        self.visit(grammar, tokens, constants, table, |start, block| {
            out[start..start + block.len()].copy_from_slice(block);
            true
        });
    }

    /// Shows the values block by block, until `see` has seen enough.
    ///
    /// Returns whether it wanted all.
    ///
    /// # Panics
    ///
    /// As [`Evaluator::values`].
    pub fn visit(
        &mut self,
        grammar: &Grammar,
        tokens: &[u8],
        constants: &[f64],
        table: &Table,
        mut see: impl FnMut(usize, &[f64]) -> bool,
    ) -> bool {
        self.stack.resize(tokens.len() * BLOCK, 0.0);
        let mut start = 0;
        while start < table.rows() {
            let rows = BLOCK.min(table.rows() - start);
            self.block(grammar, tokens, constants, table, start, rows);
            if !see(start, &self.stack[..rows]) {
                return false;
            }
            start += rows;
        }
        true
    }

    fn block(
        &mut self,
        grammar: &Grammar,
        tokens: &[u8],
        constants: &[f64],
        table: &Table,
        start: usize,
        rows: usize,
    ) {
        let mut depth = 0;
        let mut constants = constants.iter().rev();
        for &token in tokens.iter().rev() {
            let (below, above) = self.stack.split_at_mut(depth * BLOCK);
            match grammar.token(token) {
                Token::Number(value) => above[..rows].fill(value),
                Token::Constant => {
                    above[..rows].fill(*constants.next().expect("a constant for every token"));
                }
                Token::Column(index) => {
                    above[..rows]
                        .copy_from_slice(&table.values(index as usize)[start..start + rows]);
                }
                Token::Function(function) => match function.arity() {
                    0 => above[..rows].fill(grammar.named_constant(function)),
                    1 => {
                        let a = &mut below[(depth - 1) * BLOCK..][..rows];
                        unary(function, a);
                        continue;
                    }
                    _ => {
                        let (second, first) = below.split_at_mut((depth - 1) * BLOCK);
                        binary(
                            function,
                            &first[..rows],
                            &mut second[(depth - 2) * BLOCK..][..rows],
                        );
                        depth -= 1;
                        continue;
                    }
                },
                Token::Begin | Token::End | Token::Padding => panic!("a formula has no marks"),
            }
            depth += 1;
        }
        assert_eq!(depth, 1, "a formula leaves one value");
    }
}

fn unary(function: Function, a: &mut [f64]) {
    let f: fn(f64) -> f64 = match function {
        Function::Sin => f64::sin,
        Function::Cos => f64::cos,
        Function::Log => safe_log,
        Function::Sqrt => safe_sqrt,
        Function::Exp => safe_exp,
        Function::Square => safe_square,
        other => unreachable!("`{}` has another number of operands", other.name()),
    };
    for value in a {
        *value = f(*value);
    }
}

/// The result replaces the second operand.
fn binary(function: Function, first: &[f64], second: &mut [f64]) {
    match function {
        Function::Add => each(first, second, |a, b| a + b),
        Function::Sub => each(first, second, |a, b| a - b),
        Function::Mul => each(first, second, |a, b| a * b),
        Function::Div => each(first, second, safe_div),
        Function::Pow => each(first, second, safe_pow),
        other => unreachable!("`{}` has another number of operands", other.name()),
    }
}

fn each(first: &[f64], second: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    for (a, b) in first.iter().zip(second) {
        *b = f(*a, *b);
    }
}

#[cfg(test)]
mod tests {
    use symreg::Column;

    use super::*;
    use crate::grammar::Words;

    fn row(grammar: &Grammar, text: &str, x: f64, y: f64, constants: &[f64]) -> f64 {
        let named =
            [("x", x), ("y", y)].map(|(name, value)| (Column::new(name, ""), vec![value; 300]));
        let table = Table::new(named.to_vec()).unwrap();
        let mut out = vec![0.0; 300];
        let tokens = grammar.parse(text).unwrap();
        Evaluator::default().values(grammar, &tokens, constants, &table, &mut out);
        assert!(out.iter().all(|v| v.to_bits() == out[0].to_bits()));
        out[0]
    }

    fn grammar() -> Grammar {
        Grammar::new(Words {
            functions: Function::ALL.to_vec(),
            constant: true,
            columns: 2,
            ..Words::default()
        })
        .unwrap()
    }

    #[test]
    fn by_hand() {
        let grammar = grammar();
        assert_eq!(row(&grammar, "sub x1 mul x2 3", 7.0, 2.0, &[]), 1.0);
        assert_eq!(row(&grammar, "div x1 x2", 7.0, 2.0, &[]), 3.5);
        assert_eq!(
            row(&grammar, "add const div x1 const", 7.0, 2.0, &[1.0, 2.0]),
            4.5
        );
        assert!(row(&grammar, "log sub x1 x1", 7.0, 2.0, &[]).is_nan());
        let ceiling = 10_f64.exp();
        approx::assert_relative_eq!(
            row(&grammar, "exp log sub x1 x1", 7.0, 2.0, &[]),
            ceiling,
            max_relative = 1e-15
        );
    }

    /// Two formulas and their numbers as the authors' notebooks print them.
    #[test]
    fn the_pair_energy_and_its_raw_form_agree() {
        let grammar = grammar();
        let raw = "div sub mul x1 mul cos 0.5 div mul cos div mul 0.5 mul 4 mul x1 sub 4 x1 x1 x1 x1 x1 div exp x1 x1";
        for x in [2.4_f64, 3.99, 5.12, 9.85] {
            let expected = (0.5_f64.cos() * (8.0 - 2.0 * x).cos() - 1.0) * x * x * (-x).exp();
            approx::assert_relative_eq!(
                row(&grammar, raw, x, 0.0, &[]),
                expected,
                max_relative = 1e-12
            );
        }
    }

    /// Where no guard is touched, up to the last places.
    #[test]
    fn values_are_those_of_the_expression() {
        let grammar = grammar();
        for text in [
            "pow x1 x2",
            "mul pi pow2 cos x2",
            "add sqrt x1 sub exp x2 log div x1 e",
            "pow sub x1 7 3",
        ] {
            let tokens = grammar.parse(text).unwrap();
            let table = Table::new(vec![
                (Column::new("x", ""), vec![1.3]),
                (Column::new("y", ""), vec![0.7]),
            ])
            .unwrap();
            let expr = grammar.expr(&tokens, &[]).unwrap();
            let value = row(&grammar, text, 1.3, 0.7, &[]);
            approx::assert_relative_eq!(
                value,
                expr.evaluate(&table).unwrap()[0],
                max_relative = 1e-13
            );
        }
    }
}
