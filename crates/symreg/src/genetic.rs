//! Formulas bred from formulas.
//!
//! Several islands, each a population in a steady state: a child of one or two
//! parents takes the place of the loser of a tournament. Which of two formulas
//! wins depends on error and complexity, with a weight drawn anew each time, so
//! that short and long formulas live side by side.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::{
    Candidate, Expr, Op, Proposer,
    settings::Search,
    variation::{Builder, Mutation, cross},
};

/// Depth of the formulas that an island begins with.
const FIRST_DEPTH: usize = 3;

/// Children that may be too complex before a new formula is grown instead.
const ATTEMPTS: usize = 10;

/// A genetic programme.
#[derive(Debug, Clone)]
pub struct Genetic {
    builder: Builder,
    settings: Search,
    /// Tried before all others.
    seeds: Vec<Expr>,
    islands: Vec<Vec<Candidate>>,
    current: usize,
    children: u64,
}

impl Genetic {
    /// Begins with the columns, their sum, and whatever the caller suggests.
    #[must_use]
    pub fn new(builder: Builder, settings: Search, suggestions: Vec<Expr>) -> Self {
        let mut seeds = suggestions;
        seeds.push(sum_of_columns(builder.columns()));
        seeds.extend((0..builder.columns()).map(Expr::column));
        seeds.reverse();
        Self {
            builder,
            seeds,
            islands: vec![Vec::with_capacity(settings.population); settings.islands],
            settings,
            current: 0,
            children: 0,
        }
    }

    fn child(&self, random: &mut ChaCha8Rng) -> Expr {
        let mother = &self.winner(self.current, random).expr;
        if random.random_bool(self.settings.crossover) {
            cross(mother, &self.winner(self.current, random).expr, random)
        } else {
            let mutation = Mutation::ALL[random.random_range(0..Mutation::ALL.len())];
            self.builder.mutate(mother, mutation, random)
        }
    }

    /// The best of some members of an island.
    fn winner(&self, island: usize, random: &mut ChaCha8Rng) -> &Candidate {
        let ranked = self.tournament(island, random);
        let (_, best) = ranked
            .into_iter()
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .expect("a tournament has at least one member");
        &self.islands[island][best]
    }

    /// Index of the worst of some members of an island.
    fn loser(&self, island: usize, random: &mut ChaCha8Rng) -> usize {
        let ranked = self.tournament(island, random);
        let worst = ranked.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
        worst.expect("a tournament has at least one member").1
    }

    /// Members drawn from an island: their ranks, at one weight, and indices.
    fn tournament(&self, island: usize, random: &mut ChaCha8Rng) -> Vec<(f64, usize)> {
        let (members, weight) = (&self.islands[island], self.weight(random));
        let mut draw = || random.random_range(0..members.len());
        let indices = (0..self.settings.tournament).map(|_| draw());
        indices.map(|i| (rank(&members[i], weight), i)).collect()
    }

    /// Weight of complexity in one tournament, exponentially distributed.
    fn weight(&self, random: &mut ChaCha8Rng) -> f64 {
        -self.settings.parsimony * random.random_range(f64::MIN_POSITIVE..1.0).ln()
    }

    /// Settles a candidate on an island, in the place of a loser once it is full.
    fn settle(&mut self, island: usize, candidate: Candidate, random: &mut ChaCha8Rng) {
        if self.islands[island].len() < self.settings.population {
            self.islands[island].push(candidate);
        } else {
            let loser = self.loser(island, random);
            self.islands[island][loser] = candidate;
        }
    }

    /// Sends a winner of the current island to the next.
    fn migrate(&mut self, random: &mut ChaCha8Rng) {
        let next = (self.current + 1) % self.islands.len();
        if next != self.current && !self.islands[self.current].is_empty() {
            let traveller = self.winner(self.current, random).clone();
            self.settle(next, traveller, random);
        }
    }
}

impl Proposer for Genetic {
    fn propose(&mut self, random: &mut ChaCha8Rng) -> Expr {
        if let Some(seed) = self.seeds.pop() {
            return seed;
        }
        self.current = (self.current + 1) % self.islands.len();
        self.children += 1;
        if self.islands[self.current].len() >= self.settings.population.div_ceil(2) {
            for _ in 0..ATTEMPTS {
                let child = self.child(random);
                if child.complexity() <= self.settings.max_complexity {
                    return child;
                }
            }
        }
        let depth = random.random_range(1..=FIRST_DEPTH);
        self.builder.grow(depth, random)
    }

    fn learn(&mut self, outcome: Option<&Candidate>, random: &mut ChaCha8Rng) {
        if let Some(candidate) = outcome {
            self.settle(self.current, candidate.clone(), random);
        }
        if self.settings.migration > 0 && self.children.is_multiple_of(self.settings.migration) {
            self.migrate(random);
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
