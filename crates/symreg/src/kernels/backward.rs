//! Derivatives of the values by the constants.
//!
//! They go backward. Each step leaves its value in a register of its own; then
//! the derivative of the root by every step follows from that by the step
//! above, and the derivatives by the constants are those of their leaves. The
//! work is that of two or three evaluations, however many constants there are;
//! going forward, with one derivative a constant in each step, costs as many
//! evaluations as there are constants.
//!
//! # Source
//!
//! Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), chapter 3.

use super::{
    CHUNK, Kernels,
    columns::Columns,
    program::{Place, Program, WHOLE},
};
use crate::Op;

/// Rows of a block, fewer than where values alone are wanted, which need fewer
/// registers.
const BLOCK: usize = 256;

/// The derivative of the root by one operand of an operation, from that by the
/// operation itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slope {
    pub(super) op: Op,
    /// Whether it is the second operand.
    pub(super) second: bool,
    pub(super) to: Place,
    pub(super) from: Place,
    pub(super) a: Place,
    pub(super) b: Place,
    pub(super) value: Place,
}

/// What is known of a node while the derivatives are laid out.
#[derive(Debug, Clone, Copy)]
struct Node {
    value: Place,
    /// Positions of the operands.
    a: usize,
    b: usize,
    /// Whether there is a constant below.
    fitted: bool,
    slope: Place,
}

/// What the derivatives need besides the steps.
#[derive(Debug, Clone, Default)]
pub(super) struct Backward {
    slopes: Vec<Slope>,
    /// Places of the derivatives by the constants, the last constant first.
    fitted: Vec<Place>,
    nodes: Vec<Node>,
    stack: Vec<usize>,
}

impl Program {
    /// Writes the values to `out` and, for constant `k`, the derivatives by it to
    /// `jacobian[k * rows..]`.
    ///
    /// # Panics
    ///
    /// As [`Program::values`], and if the derivatives are not `(constants, rows)`.
    pub(crate) fn derivatives(
        &mut self,
        kernels: Kernels,
        code: &[Op],
        columns: &Columns,
        out: &mut [f64],
        jacobian: &mut [f64],
    ) {
        let all = columns.rows();
        assert_eq!(out.len(), all, "one value for each row");
        self.clear(columns, BLOCK);
        let root = self.layout_with_slopes(code, columns);
        assert_eq!(
            jacobian.len(),
            self.backward.fitted.len() * all,
            "a derivative for each constant and row"
        );
        self.grow();
        let bases = self.bases(columns);
        kernels.values(&self.once, bases, CHUNK, None);
        for (block, out) in out.chunks_mut(BLOCK).enumerate() {
            let start = block * BLOCK;
            let bases = bases.moved(start);
            let rows = out.len().next_multiple_of(CHUNK);
            kernels.values(&self.steps, bases, rows, None);
            kernels.slopes(&self.backward.slopes, bases, rows);
            self.copy(root, start, columns, out);
            for (constant, place) in self.backward.fitted.iter().rev().enumerate() {
                let derivative = &mut jacobian[constant * all + start..][..out.len()];
                self.copy(*place, start, columns, derivative);
            }
        }
    }

    /// Makes the steps, every value in a place of its own, and those of the
    /// derivatives; returns the place of the root.
    fn layout_with_slopes(&mut self, code: &[Op], columns: &Columns) -> Place {
        let mut stack = std::mem::take(&mut self.backward.stack);
        stack.clear();
        self.backward.nodes.clear();
        self.backward.slopes.clear();
        self.backward.fitted.clear();
        for &op in code {
            let (a, b, value, fitted) = match op.arity() {
                0 => (0, 0, self.leaf(op, columns), matches!(op, Op::Const(_))),
                1 => {
                    let a = stack.pop().expect(WHOLE);
                    let below = self.backward.nodes[a];
                    (a, a, self.step(op, below.value, below.value), below.fitted)
                }
                _ => {
                    let b = stack.pop().expect(WHOLE);
                    let a = stack.pop().expect(WHOLE);
                    let (first, second) = (self.backward.nodes[a], self.backward.nodes[b]);
                    let value = self.step(op, first.value, second.value);
                    (a, b, value, first.fitted || second.fitted)
                }
            };
            stack.push(self.backward.nodes.len());
            let slope = value;
            self.backward.nodes.push(Node {
                value,
                a,
                b,
                fitted,
                slope,
            });
        }
        self.backward.stack = stack;
        self.slopes_of(code);
        self.backward.nodes.last().expect(WHOLE).value
    }

    /// Makes the steps of the derivatives, from the root down.
    fn slopes_of(&mut self, code: &[Op]) {
        let one = self.scalar(1.0);
        if let Some(root) = self.backward.nodes.last_mut() {
            root.slope = one;
        }
        for (position, &op) in code.iter().enumerate().rev() {
            let node = self.backward.nodes[position];
            match op {
                _ if !node.fitted => {}
                Op::Const(_) => self.backward.fitted.push(node.slope),
                _ => {
                    self.descend(op, node, node.a, false);
                    if op.arity() == 2 {
                        self.descend(op, node, node.b, true);
                    }
                }
            }
        }
    }

    /// The derivative by one operand.
    fn descend(&mut self, op: Op, node: Node, operand: usize, second: bool) {
        if !self.backward.nodes[operand].fitted {
            return;
        }
        let passes = matches!((op, second), (Op::Add, _) | (Op::Sub, false));
        self.backward.nodes[operand].slope = if passes {
            node.slope
        } else {
            let to = self.register();
            self.backward.slopes.push(Slope {
                op,
                second,
                to,
                from: node.slope,
                a: self.backward.nodes[node.a].value,
                b: self.backward.nodes[node.b].value,
                value: node.value,
            });
            to
        };
    }
}
