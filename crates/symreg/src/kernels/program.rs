//! Postfix code as steps on registers, made anew for every formula.
//!
//! Leaves cost nothing: constants and columns are operands where they lie. What
//! has no columns is worked out once, not once a row. The registers hold a block
//! of rows and are few, so that all stay in the first-level cache.
//!
//! # Derivatives
//!
//! They go backward. Each step leaves its value in a register of its own; then
//! the derivative of the root by every step follows from that by the step
//! above, and the derivatives by the constants are those of their leaves. The
//! work is that of two or three evaluations, however many constants there are.
//!
//! # Source
//!
//! Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), chapter 3.

use super::{
    CHUNK, Kernels,
    columns::{Chunk, Columns, flat},
    run::Bases,
};
use crate::Op;

use std::f64::consts::PI;

/// Rows of a block: values alone, and values with derivatives, which need more
/// registers.
const BLOCK: usize = 512;
const BLOCK_OF_SLOPES: usize = 128;

/// Numbers between two registers that are not used, so that registers of a power
/// of two do not compete for the same places of the cache.
const GAP: usize = CHUNK;

/// Where numbers lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Space {
    /// One number for all rows, repeated to fill a chunk.
    Scalar,
    /// A number for each row of the block.
    Register,
    /// A number for each row of the table.
    Column,
}

/// A place in one of the spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: u32,
    pub(super) space: Space,
}

/// One operation; `b` repeats `a` where there is one operand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) op: Op,
    pub(super) to: Place,
    pub(super) a: Place,
    pub(super) b: Place,
}

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

/// The steps of a formula, and the memory in which they run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    /// Steps that are taken once.
    once: Vec<Step>,
    /// Steps that are taken in every block.
    steps: Vec<Step>,
    slopes: Vec<Slope>,
    /// Places of the derivatives by the constants, the last constant first.
    fitted: Vec<Place>,
    places: Vec<Place>,
    stack: Vec<usize>,
    nodes: Vec<Node>,
    scalars: Vec<Chunk>,
    registers: Vec<Chunk>,
    /// Registers in use, while steps are made.
    live: u32,
    most: u32,
    /// Numbers from one register to the next.
    stride: u32,
}

impl Program {
    /// Writes the values of the formula in all rows to `out`, finite or not.
    ///
    /// # Panics
    ///
    /// If the code is not that of an expression, if a column is missing, or if
    /// there are not as many values as rows.
    pub(crate) fn values(
        &mut self,
        kernels: Kernels,
        code: &[Op],
        columns: &Columns,
        out: &mut [f64],
    ) {
        assert_eq!(out.len(), columns.rows(), "one value for each row");
        self.clear(columns, BLOCK);
        let root = self.layout(code, columns);
        self.grow();
        let bases = self.bases(columns);
        kernels.values(&self.once, bases, CHUNK, None);
        for (block, out) in out.chunks_mut(BLOCK).enumerate() {
            let bases = bases.moved(block * BLOCK);
            let rows = out.len().next_multiple_of(CHUNK);
            // The last step may write where the values belong if they fill whole chunks.
            let whole = rows == out.len() && root.space == Space::Register;
            let target = whole.then_some(out.as_mut_ptr());
            kernels.values(&self.steps, bases, rows, target);
            if !whole {
                self.copy(root, block * BLOCK, columns, out);
            }
        }
    }

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
        self.clear(columns, BLOCK_OF_SLOPES);
        let root = self.layout_with_slopes(code, columns);
        assert_eq!(
            jacobian.len(),
            self.fitted.len() * all,
            "a derivative for each constant and row"
        );
        self.grow();
        let bases = self.bases(columns);
        kernels.values(&self.once, bases, CHUNK, None);
        for (block, out) in out.chunks_mut(BLOCK_OF_SLOPES).enumerate() {
            let start = block * BLOCK_OF_SLOPES;
            let bases = bases.moved(start);
            let rows = out.len().next_multiple_of(CHUNK);
            kernels.values(&self.steps, bases, rows, None);
            kernels.slopes(&self.slopes, bases, rows);
            self.copy(root, start, columns, out);
            for (constant, place) in self.fitted.iter().rev().enumerate() {
                let derivative = &mut jacobian[constant * all + start..][..out.len()];
                self.copy(*place, start, columns, derivative);
            }
        }
    }

    fn clear(&mut self, columns: &Columns, block: usize) {
        self.once.clear();
        self.steps.clear();
        self.slopes.clear();
        self.fitted.clear();
        self.nodes.clear();
        self.scalars.clear();
        self.live = 0;
        self.most = 0;
        self.stride = small(columns.stride().min(block) + GAP);
    }

    /// Makes the steps; returns the place of the root.
    fn layout(&mut self, code: &[Op], columns: &Columns) -> Place {
        let mut stack = std::mem::take(&mut self.places);
        stack.clear();
        for &op in code {
            let place = match op.arity() {
                0 => self.leaf(op, columns),
                1 => {
                    let a = stack.pop().expect(WHOLE);
                    self.live -= u32::from(a.space == Space::Register);
                    self.step(op, a, a)
                }
                _ => {
                    let b = stack.pop().expect(WHOLE);
                    let a = stack.pop().expect(WHOLE);
                    self.live -= u32::from(a.space == Space::Register);
                    self.live -= u32::from(b.space == Space::Register);
                    self.step(op, a, b)
                }
            };
            stack.push(place);
        }
        let root = stack.pop().expect(WHOLE);
        self.places = stack;
        root
    }

    /// Makes the steps, every value in a place of its own, and those of the
    /// derivatives; returns the place of the root.
    fn layout_with_slopes(&mut self, code: &[Op], columns: &Columns) -> Place {
        let mut stack = std::mem::take(&mut self.stack);
        stack.clear();
        for &op in code {
            let (a, b, value, fitted) = match op.arity() {
                0 => (0, 0, self.leaf(op, columns), matches!(op, Op::Const(_))),
                1 => {
                    let a = stack.pop().expect(WHOLE);
                    let below = self.nodes[a];
                    (a, a, self.step(op, below.value, below.value), below.fitted)
                }
                _ => {
                    let b = stack.pop().expect(WHOLE);
                    let a = stack.pop().expect(WHOLE);
                    let (first, second) = (self.nodes[a], self.nodes[b]);
                    let value = self.step(op, first.value, second.value);
                    (a, b, value, first.fitted || second.fitted)
                }
            };
            stack.push(self.nodes.len());
            let slope = value;
            self.nodes.push(Node {
                value,
                a,
                b,
                fitted,
                slope,
            });
        }
        self.stack = stack;
        self.slopes_of(code);
        self.nodes.last().expect(WHOLE).value
    }

    /// Makes the steps of the derivatives, from the root down.
    fn slopes_of(&mut self, code: &[Op]) {
        let one = self.scalar(1.0);
        if let Some(root) = self.nodes.last_mut() {
            root.slope = one;
        }
        for (position, &op) in code.iter().enumerate().rev() {
            let node = self.nodes[position];
            match op {
                _ if !node.fitted => {}
                Op::Const(_) => self.fitted.push(node.slope),
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
        if !self.nodes[operand].fitted {
            return;
        }
        let passes = matches!((op, second), (Op::Add, _) | (Op::Sub, false));
        self.nodes[operand].slope = if passes {
            node.slope
        } else {
            let to = self.register();
            self.slopes.push(Slope {
                op,
                second,
                to,
                from: node.slope,
                a: self.nodes[node.a].value,
                b: self.nodes[node.b].value,
                value: node.value,
            });
            to
        };
    }

    fn leaf(&mut self, op: Op, columns: &Columns) -> Place {
        match op {
            Op::Const(value) => self.scalar(value),
            Op::Integer(value) => self.scalar(value.into()),
            Op::Pi => self.scalar(PI),
            Op::Column(index) => {
                let index = index as usize;
                assert!(index < columns.count(), "the table lacks column {index}");
                Place {
                    at: small(index * columns.stride()),
                    space: Space::Column,
                }
            }
            _ => unreachable!("an operation without operands is a leaf"),
        }
    }

    fn step(&mut self, op: Op, a: Place, b: Place) -> Place {
        if a.space == Space::Scalar && b.space == Space::Scalar {
            let to = self.scalar(0.0);
            self.once.push(Step { op, to, a, b });
            to
        } else {
            let to = self.register();
            self.steps.push(Step { op, to, a, b });
            to
        }
    }

    fn scalar(&mut self, value: f64) -> Place {
        let at = small(self.scalars.len() * CHUNK);
        self.scalars.push(Chunk([value; CHUNK]));
        Place {
            at,
            space: Space::Scalar,
        }
    }

    fn register(&mut self) -> Place {
        let at = self.live * self.stride;
        self.live += 1;
        self.most = self.most.max(self.live);
        Place {
            at,
            space: Space::Register,
        }
    }

    /// Makes room for all registers.
    fn grow(&mut self) {
        let chunks = (self.most * self.stride) as usize / CHUNK;
        if self.registers.len() < chunks {
            self.registers.resize(chunks, Chunk([0.0; CHUNK]));
        }
    }

    fn bases(&mut self, columns: &Columns) -> Bases {
        Bases([
            self.scalars.as_mut_ptr().cast(),
            self.registers.as_mut_ptr().cast(),
            columns.start().cast_mut(),
        ])
    }

    /// Copies what a place holds for the rows from `start`.
    fn copy(&self, place: Place, start: usize, columns: &Columns, out: &mut [f64]) {
        let at = place.at as usize;
        match place.space {
            Space::Scalar => out.fill(flat(&self.scalars)[at]),
            Space::Register => out.copy_from_slice(&flat(&self.registers)[at..][..out.len()]),
            Space::Column => out.copy_from_slice(&columns.all()[at + start..][..out.len()]),
        }
    }
}

/// What code that is an expression fulfils.
const WHOLE: &str = "an expression never underflows";

fn small(count: usize) -> u32 {
    u32::try_from(count).expect("a table has fewer than four billion numbers")
}
