//! Where new formulas come from.
//!
//! A [`Proposer`] invents, the search scores, the proposer hears the score. The
//! genetic programme is one ([`crate::genetic::Genetic`]), blind chance another
//! ([`Chance`]); a learnt generator of formulas would be a third.

use rand_chacha::ChaCha8Rng;

use crate::{Candidate, Expr, variation::Builder};

/// A source of formulas.
pub trait Proposer {
    /// The next formula to be tried.
    ///
    /// All chance must come from `random`, so that equal seeds give equal
    /// searches.
    fn propose(&mut self, random: &mut ChaCha8Rng) -> Expr;

    /// Hears what became of the formula proposed last; nothing if it was
    /// refused or says what an earlier one has said.
    fn learn(&mut self, outcome: Option<&Candidate>, random: &mut ChaCha8Rng);
}

/// Formulas at random, without memory: the baseline of every other proposer.
#[derive(Debug, Clone)]
pub struct Chance {
    builder: Builder,
    depth: usize,
}

impl Chance {
    /// Formulas up to a depth of nested operations.
    #[must_use]
    pub fn new(builder: Builder, depth: usize) -> Self {
        Self { builder, depth }
    }
}

impl Proposer for Chance {
    fn propose(&mut self, random: &mut ChaCha8Rng) -> Expr {
        self.builder.grow(self.depth, random)
    }

    fn learn(&mut self, _outcome: Option<&Candidate>, _random: &mut ChaCha8Rng) {}
}
