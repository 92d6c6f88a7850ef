//! The loop: propose, score, polish, keep.
//!
//! One thread and one stream of random numbers, so that a seed says all. Whoever
//! has many searches to run does these in parallel.

use std::{collections::HashMap, ops::ControlFlow};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::{
    Candidate, Error, Expr, Objective, ParetoFront, Proposer, Result, Settings, Table,
    genetic::Genetic, table::check, variation::Builder,
};

/// Values computed between two reports of progress.
const REPORT_AFTER: u64 = 200_000;

/// How far a search has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Passes over all rows so far.
    pub evaluations: u64,
    /// Passes that the search may make.
    pub budget: u64,
    /// The best formulas so far.
    pub front: &'a ParetoFront,
}

/// Searches for formulas that explain a target, with the genetic programme.
///
/// - `target`: `(rows,)`, one value for each row of the table.
/// - `watch`: is shown the progress several times a second; a search that it
///   breaks off returns what it has.
///
/// Equal arguments give equal fronts, unless `watch` breaks off by the clock. A
/// table without columns, a single row or a constant target give a front of one
/// constant.
///
/// # Errors
///
/// [`Error::NoRows`], [`Error::Length`] and [`Error::NotFinite`] for the data,
/// [`Error::Setting`] and [`Error::Leaf`] for the settings.
pub fn search(
    columns: &Table,
    target: &[f64],
    settings: &Settings,
    seed: u64,
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<ParetoFront> {
    settings.check()?;
    let count = u32::try_from(columns.columns().len()).unwrap_or(u32::MAX);
    // Without columns the front is a constant, and nothing is ever built.
    let builder = Builder::new(&settings.operators.used, count.max(1));
    let mut genetic = Genetic::new(builder, settings.search.clone(), Vec::new());
    search_with(&mut genetic, columns, target, settings, seed, watch)
}

/// Searches with any source of formulas; else as [`search()`].
///
/// # Errors
///
/// As [`search()`].
pub fn search_with(
    proposer: &mut dyn Proposer,
    columns: &Table,
    target: &[f64],
    settings: &Settings,
    seed: u64,
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<ParetoFront> {
    settings.check()?;
    if target.is_empty() && columns.rows() == 0 {
        return Err(Error::NoRows);
    }
    let rows = if columns.columns().is_empty() {
        target.len()
    } else {
        columns.rows()
    };
    check("target", target, rows)?;
    Ok(Run::new(columns, target, settings).go(proposer, seed, watch))
}

/// One search on its way.
struct Run<'a> {
    settings: &'a Settings,
    objective: Objective<'a>,
    front: ParetoFront,
    /// Complexity of the shortest formula with given values.
    seen: HashMap<u64, usize>,
    rows: u64,
}

impl<'a> Run<'a> {
    fn new(columns: &'a Table, target: &[f64], settings: &'a Settings) -> Self {
        let objective = Objective::new(columns, target, settings.search.terms, settings.safety);
        let domain = objective.domain().clone();
        Self {
            settings,
            front: ParetoFront::new(objective.constant(), domain),
            objective,
            seen: HashMap::new(),
            rows: target.len() as u64,
        }
    }

    fn go(
        mut self,
        proposer: &mut dyn Proposer,
        seed: u64,
        watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> ParetoFront {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut report = 0;
        while self.goes_on() {
            if self.objective.evaluations() * self.rows >= report {
                report += REPORT_AFTER;
                if watch(&self.progress()).is_break() {
                    break;
                }
            }
            let expr = proposer.propose(&mut random);
            let outcome = self.attempt(&expr);
            if let Some(candidate) = &outcome {
                self.front.offer(candidate.clone());
            }
            proposer.learn(outcome.as_ref(), &mut random);
        }
        self.front
    }

    fn goes_on(&self) -> bool {
        let settings = &self.settings.search;
        let possible = !self.objective.table().columns().is_empty();
        let exact = self.front.best().error <= settings.exact * self.objective.scale();
        possible && !exact && self.objective.evaluations() < settings.evaluations
    }

    fn progress(&self) -> Progress<'_> {
        Progress {
            evaluations: self.objective.evaluations(),
            budget: self.settings.search.evaluations,
            front: &self.front,
        }
    }

    /// Scores a formula and fits its constants, longer if it enters the front.
    fn attempt(&mut self, expr: &Expr) -> Option<Candidate> {
        let plain = self.objective.score(&expr.folded())?;
        if !self.is_new(&plain) {
            return None;
        }
        let constants = self.settings.constants;
        let fitted = self.improve(plain, constants.iterations);
        if fitted.error < self.front.error_at(fitted.complexity) {
            return Some(self.improve(fitted, constants.refinement));
        }
        Some(fitted)
    }

    /// The formula with better constants if there are such, else as it is.
    fn improve(&mut self, candidate: Candidate, iterations: usize) -> Candidate {
        if iterations == 0 {
            return candidate;
        }
        match self.objective.polish(&candidate.expr, iterations) {
            Some(fitted) if fitted.error < candidate.error && self.is_new(&fitted) => fitted,
            _ => candidate,
        }
    }

    /// Whether the formula is short enough, and none as short says the same;
    /// remembers it.
    fn is_new(&mut self, candidate: &Candidate) -> bool {
        if candidate.complexity > self.settings.search.max_complexity {
            return false;
        }
        let shortest = self.seen.entry(candidate.fingerprint).or_insert(usize::MAX);
        let new = candidate.complexity < *shortest;
        *shortest = candidate.complexity.min(*shortest);
        new
    }
}
