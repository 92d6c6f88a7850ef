//! The loop: sample, score, keep the best, learn from them.
//!
//! An epoch is a function of the state before it: a search that was put away and
//! taken up again goes on as if it had not been interrupted. Everything runs on one
//! thread.
//!
//! # What differs from the published programme
//!
//! - `pi` is π, unless the grammar says otherwise.
//! - Any number of variables; points to check the domain are drawn in all of them,
//!   once a search.
//! - Formulas may have as many tokens as those learnt from; there one fewer.
//! - Without a formula to learn from a search goes on, as in its second version.
//! - Values that are infinite refuse a formula; there they end the programme.
//! - The best are kept by the errors of their textbook forms, unless `textbook` is off.
//! - `const` tokens are fitted by Levenberg and Marquardt's method, not BFGS or Adam.
//! - Formulas are simplified by symreg's rules, not sympy's.
//! - The random library is kept in the order drawn; there it is sorted and cut, so that
//!   some beginnings are rare.
//! - Scores are remembered.

use std::collections::{BTreeMap, HashSet};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use symreg::{Candidate, Expr, FeatureBox, ParetoFront, Table, simplify};

use crate::{
    Error, Grammar, Result, Settings,
    breed::one_step_away,
    condition::projections,
    elite::{Graded, Pool, Ranking},
    latent::Walk,
    network::{Adam, Loss, Network, Sampler},
    predicate::Compiled,
    score::{Mark, Scorer, Verdict, mean_square},
    settings::{Strategy, hash},
    source::Source,
    train::Trainer,
};

/// How far the first steps of a walk go, in units of the spread of all codes.
const WALK_WIDTH: f64 = 0.3;

/// A formula that is the best of its complexity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Its tokens.
    pub tokens: Vec<u8>,
    /// One for each `const` token; none if they were projected.
    pub constants: Vec<f64>,
    /// The formula with all constants, if they were projected.
    pub projected: Option<Expr>,
    /// Mean squared error.
    pub error: f64,
}

/// All that a search knows between two epochs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Hash of data and settings, so that a state is not taken up on others.
    key: u64,
    seed: u64,
    epoch: usize,
    parameters: Vec<f32>,
    adam: Adam,
    random: ChaCha8Rng,
    pool: Pool,
    best: BTreeMap<usize, Best>,
}

impl State {
    /// Epochs so far.
    #[must_use]
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// The best formula of every complexity.
    #[must_use]
    pub fn best(&self) -> &BTreeMap<usize, Best> {
        &self.best
    }
}

/// What became of the formulas of one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Report {
    /// Sampled, decoded near others, or bred.
    pub sampled: usize,
    /// Different ones among them.
    pub unique: usize,
    /// Those that are formulas.
    pub valid: usize,
    /// Those of the valid that meet the predicate.
    pub allowed: usize,
    /// Those of the allowed with values everywhere; with a full queue, those that
    /// come into it.
    pub scored: usize,
    /// Those that were learnt from.
    pub learnt: usize,
    /// The loss of learning.
    pub loss: Loss,
}

/// A search on its way.
///
/// # Examples
///
/// ```
/// use std::ops::ControlFlow;
/// use segvae::{Search, Settings, pretrain};
/// use symreg::{Column, Table};
///
/// let mut settings = Settings::default();
/// settings.search.epochs = 2;
/// settings.search.n_formulas_to_sample = 100;
/// settings.search.max_len = 7;
/// settings.training.train_size = 500;
/// settings.training.val_size = 100;
/// settings.training.n_pretrain_steps = 1;
/// settings.model.hidden_dim = 16;
///
/// let x: Vec<f64> = (0..20).map(|i| f64::from(i) / 10.0).collect();
/// let y: Vec<f64> = x.iter().map(|x| x + 1.0).collect();
/// let table = Table::new(vec![(Column::new("x", ""), x)])?;
///
/// let trainer = pretrain(&settings, 1, &mut |_, _, _| ControlFlow::Continue(()))?;
/// let mut search = Search::new(&table, &y, &settings, trainer, 1)?;
/// while !search.is_over() {
///     // a good place to save `search.state()`
///     search.epoch()?;
/// }
/// assert!(search.front()?.best().error < 10.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Search<'a> {
    settings: &'a Settings,
    table: &'a Table,
    target: Vec<f64>,
    grammar: Grammar,
    predicate: Compiled,
    scorer: Scorer<'a>,
    trainer: Trainer,
    /// What the decoder is told of the data, `(condition,)`.
    told: Vec<f32>,
    ranking: Ranking,
    /// All but the weights and the optimizer's memory.
    state: State,
}

impl<'a> Search<'a> {
    /// Begins a search; equal arguments give equal formulas.
    ///
    /// - `target`: `(rows,)`, one value for each row of the table.
    /// - `trainer`: a network for the grammar of the settings, as from
    ///   [`crate::pretrain`].
    ///
    /// # Errors
    ///
    /// [`Error::Data`], [`Error::Columns`], [`Error::Setting`], [`Error::Vocabulary`],
    /// [`Error::Word`]; [`Error::Weights`] for a network of another shape.
    pub fn new(
        table: &'a Table,
        target: &[f64],
        settings: &'a Settings,
        trainer: Trainer,
        seed: u64,
    ) -> Result<Self> {
        let state = State {
            key: key(table, target, settings),
            seed,
            epoch: 0,
            parameters: Vec::new(),
            adam: Adam::new(0),
            random: ChaCha8Rng::seed_from_u64(seed),
            pool: Pool::new(),
            best: BTreeMap::new(),
        };
        Self::with(table, target, settings, trainer, state)
    }

    /// Takes a search up again where it was when the state was saved.
    ///
    /// # Errors
    ///
    /// As [`Search::new`]; [`Error::OtherSearch`] if the state is of other data or
    /// other settings than the number of epochs.
    pub fn resume(
        table: &'a Table,
        target: &[f64],
        settings: &'a Settings,
        mut state: State,
    ) -> Result<Self> {
        if state.key != key(table, target, settings) {
            return Err(Error::OtherSearch);
        }
        let grammar = Grammar::new(settings.words.clone())?;
        let mut network = Network::new(settings.shape(&grammar), 0);
        let parameters = std::mem::take(&mut state.parameters);
        if parameters.len() != network.parameters().len() {
            return Err(Error::OtherSearch);
        }
        network.parameters_mut().copy_from_slice(&parameters);
        let adam = std::mem::replace(&mut state.adam, Adam::new(0));
        Self::with(table, target, settings, Trainer { network, adam }, state)
    }

    fn with(
        table: &'a Table,
        target: &[f64],
        settings: &'a Settings,
        trainer: Trainer,
        state: State,
    ) -> Result<Self> {
        settings.check()?;
        let grammar = Grammar::new(settings.words.clone())?;
        check_data(table, target, settings)?;
        trainer.check(settings, &grammar)?;
        let columns: Vec<&[f64]> = (0..table.columns().len())
            .map(|column| table.values(column))
            .collect();
        Ok(Self {
            ranking: Ranking {
                cost: settings.extras.parsimony,
                rows: target.len(),
            },
            told: projections(&columns, target, settings.extras.polynomials),
            predicate: settings.compile(&grammar)?,
            grammar,
            settings,
            table,
            target: target.to_vec(),
            scorer: Scorer::new(table, target, settings, state.seed),
            trainer,
            state,
        })
    }

    /// The language of the formulas.
    #[must_use]
    pub fn grammar(&self) -> &Grammar {
        &self.grammar
    }

    /// The data.
    #[must_use]
    pub fn table(&self) -> &Table {
        self.table
    }

    /// All that is needed to take the search up again.
    #[must_use]
    pub fn state(&self) -> State {
        State {
            parameters: self.trainer.network.parameters().to_vec(),
            adam: self.trainer.adam.clone(),
            ..self.state.clone()
        }
    }

    /// The best formula of every complexity so far.
    #[must_use]
    pub fn best(&self) -> &BTreeMap<usize, Best> {
        &self.state.best
    }

    /// Formulas that were scored on the data since the search was begun or taken
    /// up; those that were remembered do not count.
    #[must_use]
    pub fn evaluations(&self) -> u64 {
        self.scorer.scored
    }

    /// The mean squared errors of the formulas that were scored since the search was
    /// begun or taken up, in no order.
    pub fn errors(&self) -> impl Iterator<Item = f64> + '_ {
        self.scorer.errors()
    }

    /// Whether all epochs are done.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state.epoch >= self.settings.search.epochs
    }

    /// Runs one epoch.
    ///
    /// # Errors
    ///
    /// [`Error::Diverged`] if learning ran away.
    pub fn epoch(&mut self) -> Result<Report> {
        let mut report = Report::default();
        let pool = self.state.pool.formulas();
        let (mut source, random) = self.source();
        let mut formulas = source.sample(&pool, random);
        report.sampled = formulas.len();
        formulas.sort_unstable();
        formulas.dedup();
        report.unique = formulas.len();
        let mut graded = self.grade(formulas, &mut report);
        graded.extend(self.walk(&mut report));
        let search = &self.settings.search;
        let before: HashSet<Vec<u8>> = if self.settings.extras.polished > 0 {
            self.state.pool.formulas().into_iter().collect()
        } else {
            HashSet::new()
        };
        self.state.pool.take(graded, search);
        self.polish(&before, &mut report);
        if search.simplification {
            let (grammar, domain) = (&self.grammar, FeatureBox::around(self.table, 0.0));
            self.state
                .pool
                .shorten(|formula| shorter(grammar, &domain, formula));
        }
        let pool = self.state.pool.formulas();
        report.learnt = pool.len();
        let epoch = self.state.epoch;
        let (mut source, random) = self.source();
        report.loss = source.learn(&pool, random).map_err(|error| match error {
            Error::Diverged { loss, .. } => Error::Diverged { epoch, loss },
            other => other,
        })?;
        self.state.epoch += 1;
        Ok(report)
    }

    /// The network, and the chance that it writes formulas by.
    fn source(&mut self) -> (Source<'_>, &mut ChaCha8Rng) {
        let source = Source {
            trainer: &mut self.trainer,
            grammar: &self.grammar,
            settings: self.settings,
            told: &self.told,
        };
        (source, &mut self.state.random)
    }

    /// Scores what may be scored, and keeps the best of every complexity.
    fn grade(&mut self, formulas: Vec<Vec<u8>>, report: &mut Report) -> Vec<Graded> {
        let to_beat = self.state.pool.to_beat(&self.settings.search);
        let mut graded = Vec::with_capacity(formulas.len());
        for tokens in formulas {
            if let Some(Mark::Good(error)) = self.mark(&tokens, to_beat, report) {
                let rank = self.ranking.rank(error, self.grammar.complexity(&tokens));
                graded.push((tokens, rank));
            }
        }
        graded
    }

    /// What a formula is worth; nothing if it is none, or not allowed.
    fn mark(&mut self, tokens: &[u8], to_beat: f64, report: &mut Report) -> Option<Mark> {
        if !self.grammar.is_formula(tokens) {
            return None;
        }
        report.valid += 1;
        if !self.predicate.holds(&self.grammar, tokens) {
            return None;
        }
        report.allowed += 1;
        let complexity = self.grammar.complexity(tokens);
        let known = self.state.best.get(&complexity);
        let best = known.map_or(f64::INFINITY, |best| best.error);
        let ranking = self.ranking;
        let wanted = |error| ranking.rank(error, complexity) < to_beat || error < best;
        let mark = match self.scorer.score(&self.grammar, tokens, wanted) {
            Verdict::Known(mark) => mark,
            Verdict::Fresh(fresh) => {
                let mark = Mark::Good(fresh.error);
                self.keep(Best {
                    tokens: tokens.to_vec(),
                    constants: fresh.constants,
                    projected: fresh.expr,
                    error: fresh.error,
                });
                mark
            }
        };
        // the same whether it is remembered or not, as after an interruption
        let mark = match mark {
            Mark::Good(error) if !wanted(error) => Mark::Unwanted(error),
            mark => mark,
        };
        report.scored += usize::from(matches!(mark, Mark::Good(_)));
        Some(mark)
    }

    /// Scores all that is one step away from the best that are new in the queue.
    fn polish(&mut self, before: &HashSet<Vec<u8>>, report: &mut Report) {
        let most = self.settings.extras.polished;
        if most == 0 || self.settings.search.strategy != Strategy::Queue {
            return;
        }
        let pool = self.state.pool.formulas();
        let new = pool.iter().filter(|formula| !before.contains(*formula));
        let max_len = self.settings.search.max_len;
        let mut steps: Vec<Vec<u8>> = new
            .take(most)
            .flat_map(|formula| one_step_away(&self.grammar, formula))
            .filter(|step| step.len() <= max_len)
            .collect();
        steps.sort_unstable();
        steps.dedup();
        report.sampled += steps.len();
        let graded = self.grade(steps, report);
        self.state.pool.take(graded, &self.settings.search);
    }

    /// Formulas met by walks through the codes, each from one of those learnt from
    /// to where errors are smaller.
    fn walk(&mut self, report: &mut Report) -> Vec<Graded> {
        let extras = &self.settings.extras;
        let (walks, generations) = (extras.walks, extras.generations);
        let pool = self.state.pool.formulas();
        let (mut source, random) = self.source();
        let starts = source.codes_near(&pool, walks, 0.0, random);
        let latent = self.settings.model.latent_dim;
        let mut walks: Vec<Walk> = starts
            .chunks_exact(latent)
            .map(|start| Walk::new(start, WALK_WIDTH))
            .collect();
        let to_beat = self.state.pool.to_beat(&self.settings.search);
        let mut met = BTreeMap::new();
        for _ in 0..generations {
            if walks.is_empty() {
                break;
            }
            let random = &mut self.state.random;
            let codes: Vec<f32> = walks.iter_mut().flat_map(|walk| walk.ask(random)).collect();
            let sampler = Sampler::new(&self.trainer.network, &self.grammar, &self.told);
            let formulas = sampler.likeliest(&codes, self.settings.search.max_len);
            report.sampled += formulas.len();
            let mut errors = Vec::with_capacity(formulas.len());
            for tokens in formulas {
                let mark = self.mark(&tokens, to_beat, report);
                errors.push(match mark {
                    Some(Mark::Good(error) | Mark::Unwanted(error)) => error,
                    Some(Mark::Refused) | None => f64::INFINITY,
                });
                if let Some(Mark::Good(error)) = mark {
                    let rank = self.ranking.rank(error, self.grammar.complexity(&tokens));
                    met.insert(tokens, rank);
                }
            }
            let per_walk = errors.len() / walks.len();
            for (walk, errors) in walks.iter_mut().zip(errors.chunks_exact(per_walk)) {
                walk.tell(errors);
            }
        }
        met.into_iter().collect()
    }

    fn keep(&mut self, mut best: Best) {
        let complexity = match &best.projected {
            Some(expr) => expr.complexity(),
            None => self.grammar.complexity(&best.tokens),
        };
        let known = self.state.best.get(&complexity);
        let known = known.map_or(f64::INFINITY, |known| known.error);
        if best.error >= known {
            return;
        }
        if self.settings.search.textbook && best.projected.is_none() {
            let expr = self.expr(&best);
            best.error = expr.map_or(f64::INFINITY, |expr| self.textbook_error(&expr));
        }
        if best.error < known {
            self.state.best.insert(complexity, best);
        }
    }

    /// Mean squared error without guards; infinite where there is no value.
    fn textbook_error(&self, expr: &Expr) -> f64 {
        let values = expr.evaluate(self.table);
        let error = values.map_or(f64::INFINITY, |values| mean_square(&values, &self.target));
        if error.is_finite() {
            error
        } else {
            f64::INFINITY
        }
    }

    /// The best formulas as a front of symreg, for its rules of choice.
    ///
    /// Complexity is that of symreg, and errors those of the textbook forms, without
    /// the guards of the safe functions.
    ///
    /// # Errors
    ///
    /// [`Error::Formula`] if the mean of the target is not finite.
    pub fn front(&self) -> Result<ParetoFront> {
        let mean = self.target.iter().sum::<f64>() / self.target.len() as f64;
        let error = mean_square(&vec![mean; self.target.len()], &self.target);
        let first = candidate(Expr::constant(mean)?, error);
        let mut front = ParetoFront::new(first, FeatureBox::around(self.table, 0.0));
        for best in self.state.best.values() {
            let Ok(expr) = self.expr(best) else {
                continue;
            };
            let error = self.textbook_error(&expr);
            if error.is_finite() {
                front.offer(candidate(expr, error));
            }
        }
        Ok(front)
    }

    /// What one of the best formulas says.
    ///
    /// # Errors
    ///
    /// [`Error::Formula`] for a formula of another grammar.
    pub fn expr(&self, best: &Best) -> Result<Expr> {
        match &best.projected {
            Some(expr) => Ok(expr.clone()),
            None => self.grammar.expr(&best.tokens, &best.constants),
        }
    }
}

fn candidate(expr: Expr, mean_square: f64) -> Candidate {
    Candidate {
        complexity: expr.complexity(),
        fingerprint: hash(expr.to_string().bytes()),
        error: mean_square.sqrt(),
        expr,
    }
}

/// A formula that says the same, if one is found that is less complex and has no
/// `const`.
fn shorter(grammar: &Grammar, domain: &FeatureBox, formula: &[u8]) -> Option<Vec<u8>> {
    let expr = grammar
        .expr(formula, &vec![1.0; grammar.constants(formula)])
        .ok()?;
    let (tokens, constants) = grammar.tokens_of(&simplify(&expr, domain))?;
    let better = constants.is_empty() && grammar.complexity(&tokens) < grammar.complexity(formula);
    better.then_some(tokens)
}

fn check_data(table: &Table, target: &[f64], settings: &Settings) -> Result<()> {
    let targets = target.iter().filter(|y| y.is_finite()).count();
    if target.is_empty() || targets != table.rows() || target.len() != table.rows() {
        return Err(Error::Data {
            rows: table.rows(),
            targets,
        });
    }
    let expected = settings.words.columns as usize;
    let ranges = settings.domain.ranges.as_ref();
    let found = ranges.map_or(table.columns().len(), Vec::len);
    if table.columns().len() != expected || found != expected {
        return Err(Error::Columns { expected, found });
    }
    let is_range = |(low, high): &&(f64, f64)| low.is_finite() && high.is_finite() && low <= high;
    match ranges.into_iter().flatten().find(|range| !is_range(range)) {
        Some(&(value, _)) => Err(Error::Setting {
            name: "the range of a variable",
            expected: "finite and from low to high",
            value,
        }),
        None => Ok(()),
    }
}

/// Hash of the data and of all settings but the number of epochs.
fn key(table: &Table, target: &[f64], settings: &Settings) -> u64 {
    let mut settings = settings.clone();
    settings.search.epochs = 0;
    let columns = (0..table.columns().len()).flat_map(|column| table.values(column));
    let numbers = columns.chain(target).flat_map(|value| value.to_le_bytes());
    hash(numbers.chain(format!("{settings:?}").into_bytes()))
}

#[cfg(test)]
mod tests;
