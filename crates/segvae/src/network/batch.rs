//! Formulas as a network reads them.

use crate::Grammar;

/// Formulas side by side, filled up to the longest.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub(super) steps: usize,
    pub(super) size: usize,
    /// `(steps, size)`, beginning with the mark of begin.
    pub(super) inputs: Vec<u8>,
    /// `(steps, size)`, ending with the mark of the end.
    pub(super) targets: Vec<u8>,
    pub(super) padding: u8,
    /// `(size, condition)`, or nothing for a network that is told nothing.
    pub(super) conditions: Vec<f32>,
}

impl Batch {
    /// Puts formulas side by side.
    ///
    /// # Panics
    ///
    /// If there are none.
    #[must_use]
    pub fn new(grammar: &Grammar, formulas: &[&[u8]]) -> Self {
        let longest = formulas
            .iter()
            .map(|f| f.len())
            .max()
            .expect("a batch has a formula");
        let (steps, size) = (longest + 1, formulas.len());
        let mut inputs = vec![grammar.padding(); steps * size];
        let mut targets = inputs.clone();
        for (column, formula) in formulas.iter().enumerate() {
            inputs[column] = grammar.begin();
            for (step, &token) in formula.iter().enumerate() {
                targets[step * size + column] = token;
                inputs[(step + 1) * size + column] = token;
            }
            targets[formula.len() * size + column] = grammar.end();
        }
        Self {
            steps,
            size,
            inputs,
            targets,
            padding: grammar.padding(),
            conditions: Vec::new(),
        }
    }

    /// The same with what the decoder is told of the data.
    ///
    /// - `conditions`: `(size, condition)`
    #[must_use]
    pub fn told(mut self, conditions: Vec<f32>) -> Self {
        self.conditions = conditions;
        self
    }

    /// Number of formulas.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    pub(super) fn rows(&self) -> usize {
        self.steps * self.size
    }
}
