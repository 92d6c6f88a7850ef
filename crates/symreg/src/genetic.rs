//! Formulas bred from formulas.
//!
//! A population in a steady state: a child of one or two parents takes the place
//! of the loser of a tournament. [`mod@crate::search`] breeds several of these
//! apart, as islands, and lets formulas travel. Which of two formulas
//! wins depends on error and complexity, with a weight drawn anew each time, so
//! that short and long formulas live side by side.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::{
    Candidate, Expr, Op, Proposer,
    settings::{Operators, Search, Settings},
    variation::{Builder, Mutation, cross},
};

/// Depth of the formulas that an island begins with.
const FIRST_DEPTH: usize = 3;

/// Children that may be too complex before a new formula is grown instead.
const ATTEMPTS: usize = 10;

/// A genetic programme on one island.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Genetic {
    builder: Builder,
    settings: Search,
    operators: Operators,
    /// Tried before all others.
    seeds: Vec<Expr>,
    members: Vec<Candidate>,
}

impl Genetic {
    /// Begins with the columns, their sum, and whatever the caller suggests.
    #[must_use]
    pub fn new(builder: Builder, settings: &Settings, suggestions: Vec<Expr>) -> Self {
        let mut seeds = suggestions;
        seeds.push(sum_of_columns(builder.columns()));
        seeds.extend((0..builder.columns()).map(Expr::column));
        seeds.reverse();
        Self {
            builder,
            seeds,
            members: Vec::with_capacity(settings.search.population),
            settings: settings.search.clone(),
            operators: settings.operators.clone(),
        }
    }

    fn child(&self, random: &mut ChaCha8Rng) -> Expr {
        let mother = &self.winner(random).expr;
        if random.random_bool(self.settings.crossover) {
            cross(mother, &self.winner(random).expr, random)
        } else {
            let mutation = Mutation::ALL[random.random_range(0..Mutation::ALL.len())];
            self.builder.mutate(mother, mutation, random)
        }
    }

    /// The best of some members.
    fn winner(&self, random: &mut ChaCha8Rng) -> &Candidate {
        let best = self.extreme(random, |a, b| a < b);
        &self.members[best]
    }

    /// Index of the member of a tournament whose rank comes before all others.
    fn extreme(&self, random: &mut ChaCha8Rng, before: fn(f64, f64) -> bool) -> usize {
        let weight = self.weight(random);
        let mut chosen = (f64::NAN, 0);
        for round in 0..self.settings.tournament {
            let index = random.random_range(0..self.members.len());
            let rank = rank(&self.members[index], weight);
            if round == 0 || before(rank, chosen.0) {
                chosen = (rank, index);
            }
        }
        chosen.1
    }

    /// Weight of complexity in one tournament, exponentially distributed.
    fn weight(&self, random: &mut ChaCha8Rng) -> f64 {
        -self.settings.parsimony * random.random_range(f64::MIN_POSITIVE..1.0).ln()
    }

    /// Takes a candidate in, in the place of a loser once the island is full.
    pub(crate) fn settle(&mut self, candidate: Candidate, random: &mut ChaCha8Rng) {
        if self.members.len() < self.settings.population {
            self.members.push(candidate);
        } else {
            let loser = self.extreme(random, |a, b| a > b);
            self.members[loser] = candidate;
        }
    }

    /// A winner to be sent to another island.
    pub(crate) fn traveller(&self, random: &mut ChaCha8Rng) -> Option<Candidate> {
        (!self.members.is_empty()).then(|| self.winner(random).clone())
    }
}

impl Proposer for Genetic {
    fn propose(&mut self, random: &mut ChaCha8Rng) -> Expr {
        if let Some(seed) = self.seeds.pop() {
            return seed;
        }
        if self.members.len() >= self.settings.population.div_ceil(2) {
            for _ in 0..ATTEMPTS {
                let child = self.child(random);
                if self.operators.complexity(&child) <= self.settings.max_complexity {
                    return child;
                }
            }
        }
        let depth = random.random_range(1..=FIRST_DEPTH);
        self.builder.grow(depth, random)
    }

    fn learn(&mut self, outcome: Option<&Candidate>, random: &mut ChaCha8Rng) {
        if let Some(candidate) = outcome {
            self.settle(candidate.clone(), random);
        }
    }
}

/// What is compared in a tournament; smaller is better.
fn rank(candidate: &Candidate, weight: f64) -> f64 {
    candidate.error.max(f64::MIN_POSITIVE).ln() + weight * candidate.complexity as f64
}

fn sum_of_columns(columns: u32) -> Expr {
    let mut code = vec![Op::Column(0)];
    for column in 1..columns {
        code.extend([Op::Column(column), Op::Add]);
    }
    Expr::new(code).expect("a sum of columns is an expression")
}
