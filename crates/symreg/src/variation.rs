//! Random formulas, and random changes of formulas.

use std::ops::Range;

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

use crate::{Expr, Op, expr::subtree};

/// Makes formulas from given operations and columns.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Builder {
    unary: Vec<Op>,
    binary: Vec<Op>,
    columns: u32,
    /// Whether constants are small integers.
    bare: bool,
}

/// A change of one formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    /// Another operation, column or constant in one node.
    Point,
    /// A random subtree in place of one.
    Subtree,
    /// A subtree in place of the whole around it.
    Hoist,
    /// An operation around a subtree.
    Insert,
    /// One operand in place of an operation.
    Delete,
    /// A new term beside all others.
    Append,
}

impl Mutation {
    /// All changes.
    pub const ALL: [Self; 6] = [
        Self::Point,
        Self::Subtree,
        Self::Hoist,
        Self::Insert,
        Self::Delete,
        Self::Append,
    ];
}

impl Builder {
    /// Sorts operations by their operands.
    ///
    /// # Panics
    ///
    /// If there are neither columns nor operations to choose from.
    #[must_use]
    pub fn new(operators: &[Op], columns: u32) -> Self {
        assert!(columns > 0, "formulas need a column");
        assert!(!operators.is_empty(), "formulas need an operation");
        let of_arity = |arity| {
            let ops = operators.iter().copied();
            ops.filter(|op| op.arity() == arity).collect()
        };
        Self {
            unary: of_arity(1),
            binary: of_arity(2),
            columns,
            bare: false,
        }
    }

    /// The same, with small integers in the place of constants.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> u32 {
        self.columns
    }

    /// A random formula of at most `depth` nested operations.
    ///
    /// # Panics
    ///
    /// Never: what is grown is whole.
    #[must_use]
    pub fn grow(&self, depth: usize, random: &mut ChaCha8Rng) -> Expr {
        Expr::new(self.code(depth, random)).expect("an operation follows its operands")
    }

    fn code(&self, depth: usize, random: &mut ChaCha8Rng) -> Vec<Op> {
        if depth == 0 || random.random_bool(0.15) {
            return vec![self.leaf(random)];
        }
        let op = self.operator(random);
        let mut code = self.code(depth - 1, random);
        if op.arity() == 2 {
            code.extend(self.code(depth - 1, random));
        }
        code.push(op);
        code
    }

    /// A column, or in one of four cases a constant.
    fn leaf(&self, random: &mut ChaCha8Rng) -> Op {
        if random.random_bool(0.25) {
            if self.bare {
                Op::Integer(random.random_range(1..=3))
            } else {
                Op::Const(constant(random))
            }
        } else {
            Op::Column(random.random_range(0..self.columns))
        }
    }

    /// Operations of two operands twice as often as those of one.
    fn operator(&self, random: &mut ChaCha8Rng) -> Op {
        let binary = self.unary.is_empty() || (!self.binary.is_empty() && random.random_bool(0.65));
        *pick(if binary { &self.binary } else { &self.unary }, random)
    }

    /// The formula after one change; not always a different one.
    #[must_use]
    pub fn mutate(&self, expr: &Expr, mutation: Mutation, random: &mut ChaCha8Rng) -> Expr {
        let code = expr.code();
        let at = subtree(code, random.random_range(0..code.len()));
        match mutation {
            Mutation::Point => self.point(expr, at.end - 1, random),
            Mutation::Subtree => {
                let depth = random.random_range(0..=3);
                expr.spliced(at, &self.code(depth, random))
            }
            Mutation::Hoist => {
                let inner = subtree(code, random.random_range(at.clone()));
                expr.spliced(at, &code[inner])
            }
            Mutation::Insert => {
                let around = self.around(&code[at.clone()], random);
                expr.spliced(at, &around)
            }
            Mutation::Delete => match operands(code, &at).as_slice() {
                [] => expr.clone(),
                operands => expr.spliced(at, &code[pick(operands, random).clone()]),
            },
            Mutation::Append => {
                let mut sum = code.to_vec();
                let depth = random.random_range(1..=3);
                sum.extend(self.code(depth, random));
                sum.push(Op::Add);
                expr.spliced(0..code.len(), &sum)
            }
        }
    }

    fn point(&self, expr: &Expr, root: usize, random: &mut ChaCha8Rng) -> Expr {
        let op = expr.code()[root];
        let changed = match op {
            Op::Const(value) if random.random_bool(0.8) => Op::Const(moved(value, random)),
            _ => match op.arity() {
                0 => self.leaf(random),
                1 if !self.unary.is_empty() => *pick(&self.unary, random),
                2 if !self.binary.is_empty() => *pick(&self.binary, random),
                _ => op,
            },
        };
        let mut code = expr.code().to_vec();
        code[root] = changed;
        Expr::new(code).expect("an operation was exchanged for one of as many operands")
    }

    /// The subtree as an operand of a random operation, on either side.
    fn around(&self, inner: &[Op], random: &mut ChaCha8Rng) -> Vec<Op> {
        let op = self.operator(random);
        let mut code = inner.to_vec();
        if op.arity() == 2 {
            let depth = random.random_range(0..=1);
            let other = self.code(depth, random);
            if random.random_bool(0.5) {
                code.extend(other);
            } else {
                code.splice(0..0, other);
            }
        }
        code.push(op);
        code
    }
}

/// The first formula with one of its subtrees replaced by one of the second's.
#[must_use]
pub fn cross(first: &Expr, second: &Expr, random: &mut ChaCha8Rng) -> Expr {
    let at = subtree(first.code(), random.random_range(0..first.code().len()));
    let from = subtree(second.code(), random.random_range(0..second.code().len()));
    first.spliced(at, &second.code()[from])
}

/// Ranges of the operands of the operation at the end of `at`.
fn operands(code: &[Op], at: &Range<usize>) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut end = at.end - 1;
    for _ in 0..code[at.end - 1].arity() {
        let range = subtree(code, end - 1);
        end = range.start;
        ranges.push(range);
    }
    ranges
}

/// Constants of either sign, most between 0.1 and 10.
fn constant(random: &mut ChaCha8Rng) -> f64 {
    let magnitude = 10_f64.powf(random.random_range(-1.0..1.0));
    if random.random_bool(0.5) {
        magnitude
    } else {
        -magnitude
    }
}

/// A constant near another: within a factor of two, seldom of the other sign.
fn moved(value: f64, random: &mut ChaCha8Rng) -> f64 {
    let factor = 2_f64.powf(random.random_range(-1.0..1.0));
    let sign = if random.random_bool(0.1) { -1.0 } else { 1.0 };
    let moved = sign * factor * value;
    if moved.is_finite() { moved } else { value }
}

fn pick<'a, T>(from: &'a [T], random: &mut impl Rng) -> &'a T {
    &from[random.random_range(0..from.len())]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;

    use super::*;
    use crate::arbitrary;

    proptest! {
        /// Whatever is changed, the code stays whole: `Expr::new` would panic.
        #[test]
        fn changed_formulas_are_formulas(a in arbitrary::expr(3), b in arbitrary::expr(3), seed: u64) {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let builder = Builder::new(&Op::NAMED, 3);
            for mutation in Mutation::ALL {
                prop_assert!(builder.mutate(&a, mutation, &mut random).columns() <= 3);
            }
            prop_assert!(cross(&a, &b, &mut random).columns() <= 3);
        }
    }

    #[test]
    fn only_the_given_operations_are_used() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let builder = Builder::new(&[Op::Exp], 1);
        for _ in 0..100 {
            let expr = builder.grow(4, &mut random);
            assert!(
                expr.code()
                    .iter()
                    .all(|op| op.arity() == 0 || *op == Op::Exp)
            );
        }
    }
}
