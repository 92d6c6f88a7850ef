//! Postfix code as steps on registers, made anew for every formula.
//!
//! Leaves cost nothing: constants and columns are operands where they lie. What
//! has no columns is worked out once, not once a row. The registers hold a block
//! of rows and are few, so that all stay in the first-level cache.

use super::{
    CHUNK, Kernels,
    backward::Backward,
    columns::{Chunk, Columns, flat},
    run::Bases,
};
use crate::Op;

use std::f64::consts::PI;

/// Rows of a block.
const BLOCK: usize = 512;

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

/// The steps of a formula, and the memory in which they run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    /// Steps that are taken once.
    pub(super) once: Vec<Step>,
    /// Steps that are taken in every block.
    pub(super) steps: Vec<Step>,
    stack: Vec<Place>,
    pub(super) backward: Backward,
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

    pub(super) fn clear(&mut self, columns: &Columns, block: usize) {
        self.once.clear();
        self.steps.clear();
        self.scalars.clear();
        self.live = 0;
        self.most = 0;
        self.stride = small(columns.stride().min(block) + GAP);
    }

    /// Makes the steps; returns the place of the root.
    fn layout(&mut self, code: &[Op], columns: &Columns) -> Place {
        let mut stack = std::mem::take(&mut self.stack);
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
        self.stack = stack;
        root
    }

    pub(super) fn leaf(&mut self, op: Op, columns: &Columns) -> Place {
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

    pub(super) fn step(&mut self, op: Op, a: Place, b: Place) -> Place {
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

    pub(super) fn scalar(&mut self, value: f64) -> Place {
        let at = small(self.scalars.len() * CHUNK);
        self.scalars.push(Chunk([value; CHUNK]));
        Place {
            at,
            space: Space::Scalar,
        }
    }

    pub(super) fn register(&mut self) -> Place {
        let at = self.live * self.stride;
        self.live += 1;
        self.most = self.most.max(self.live);
        Place {
            at,
            space: Space::Register,
        }
    }

    /// Makes room for all registers.
    pub(super) fn grow(&mut self) {
        let chunks = (self.most * self.stride) as usize / CHUNK;
        if self.registers.len() < chunks {
            self.registers.resize(chunks, Chunk([0.0; CHUNK]));
        }
    }

    pub(super) fn bases(&mut self, columns: &Columns) -> Bases {
        Bases([
            self.scalars.as_mut_ptr().cast(),
            self.registers.as_mut_ptr().cast(),
            columns.start().cast_mut(),
        ])
    }

    /// Copies what a place holds for the rows from `start`.
    pub(super) fn copy(&self, place: Place, start: usize, columns: &Columns, out: &mut [f64]) {
        let at = place.at as usize;
        match place.space {
            Space::Scalar => out.fill(flat(&self.scalars)[at]),
            Space::Register => out.copy_from_slice(&flat(&self.registers)[at..][..out.len()]),
            Space::Column => out.copy_from_slice(&columns.all()[at + start..][..out.len()]),
        }
    }
}

/// What code that is an expression fulfils.
pub(super) const WHOLE: &str = "an expression never underflows";

fn small(count: usize) -> u32 {
    u32::try_from(count).expect("a table has fewer than four billion numbers")
}
