//! What a formula is worth on data, and why it may be refused.

use std::collections::HashMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use symreg::{Expr, Objective, Table, settings::Safety};

use crate::{
    Grammar, Settings,
    bounds::bounds,
    constants::Fitter,
    evaluate::Evaluator,
    settings::{Constants, Domain, Fitting, hash},
};

/// Scores formulas, and remembers them.
///
/// The random points at which a formula must have a value are drawn once a search,
/// not once a formula: a score is then a property of the formula, and may be
/// remembered. Points are drawn only as many as it takes to refuse a formula, and
/// none where its [`bounds`] decide.
#[derive(Debug)]
pub(crate) struct Scorer<'a> {
    table: &'a Table,
    target: Vec<f64>,
    ranges: Vec<(f64, f64)>,
    domain: Domain,
    points: Table,
    constants: Constants,
    seed: u64,
    evaluator: Evaluator,
    fitter: Fitter,
    objective: Option<Objective<'a>>,
    values: Vec<f64>,
    memory: HashMap<Vec<u8>, Mark>,
    /// Most formulas that are remembered; then all are forgotten.
    remembered: usize,
    /// Formulas that were looked at on the data.
    pub(crate) scored: u64,
}

/// A formula that was looked at for the first time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fresh {
    pub(crate) error: f64,
    /// One for every `const` token; none if projected.
    pub(crate) constants: Vec<f64>,
    /// What the formula says with its constants, if projected.
    pub(crate) expr: Option<Expr>,
}

/// What is remembered of a formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Mark {
    /// It has no value somewhere.
    Refused,
    /// Its error, which was of no use.
    Unwanted(f64),
    /// Its error.
    Good(f64),
}

/// What became of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    Known(Mark),
    Fresh(Fresh),
}

impl<'a> Scorer<'a> {
    /// - `target`: `(rows,)`, finite.
    pub(crate) fn new(table: &'a Table, target: &[f64], settings: &Settings, seed: u64) -> Self {
        let ranges = settings
            .domain
            .ranges
            .clone()
            .unwrap_or_else(|| ranges_of(table));
        let projected = settings.constants.fitting == Fitting::Projected;
        let objective =
            || Objective::new(table, target, settings.constants.terms, Safety::default());
        Self {
            points: random_points(table, &ranges, settings.domain.points, seed),
            ranges,
            table,
            target: target.to_vec(),
            domain: settings.domain.clone(),
            constants: settings.constants.clone(),
            seed,
            evaluator: Evaluator::default(),
            fitter: Fitter::default(),
            objective: projected.then(objective),
            values: vec![0.0; target.len()],
            memory: HashMap::new(),
            remembered: settings.extras.remembered,
            scored: 0,
        }
    }

    /// Scores a formula of the grammar.
    ///
    /// - `wanted`: whether a formula of this error is of any use. If it is not, it is
    ///   spared the random points, which cost most.
    pub(crate) fn score(
        &mut self,
        grammar: &Grammar,
        tokens: &[u8],
        wanted: impl Fn(f64) -> bool,
    ) -> Verdict {
        match self.memory.get(tokens) {
            Some(&Mark::Unwanted(error)) if wanted(error) => {}
            Some(&known) => return Verdict::Known(known),
            None => {}
        }
        self.scored += 1;
        let fresh = if self.objective.is_some() {
            self.projected(grammar, tokens).ok_or(Mark::Refused)
        } else {
            self.written(grammar, tokens, wanted)
        };
        if self.memory.len() >= self.remembered {
            self.memory.clear();
        }
        let mark = fresh
            .as_ref()
            .map_or_else(|mark| *mark, |fresh| Mark::Good(fresh.error));
        if self.remembered > 0 {
            self.memory.insert(tokens.to_vec(), mark);
        }
        fresh.map_or_else(Verdict::Known, Verdict::Fresh)
    }

    /// The errors of all formulas that are remembered, refused ones left out.
    pub(crate) fn errors(&self) -> impl Iterator<Item = f64> + '_ {
        self.memory.values().filter_map(|mark| match *mark {
            Mark::Refused => None,
            Mark::Unwanted(error) | Mark::Good(error) => Some(error),
        })
    }

    fn written(
        &mut self,
        grammar: &Grammar,
        tokens: &[u8],
        wanted: impl Fn(f64) -> bool,
    ) -> Result<Fresh, Mark> {
        let constants = if grammar.constants(tokens) == 0 {
            Vec::new()
        } else {
            let seed = self.seed ^ hash(tokens.iter().copied());
            let data = (self.table, &self.target[..]);
            self.fitter
                .fit(grammar, tokens, data, &self.constants, seed)
                .ok_or(Mark::Refused)?
        };
        self.evaluator
            .values(grammar, tokens, &constants, self.table, &mut self.values);
        let error = mean_square(&self.values, &self.target);
        if error.is_finite() && !wanted(error) {
            return Err(Mark::Unwanted(error));
        }
        if !error.is_finite() || !self.is_valid_in_domain(grammar, tokens, &constants) {
            return Err(Mark::Refused);
        }
        Ok(Fresh {
            error,
            constants,
            expr: None,
        })
    }

    /// Whether all values at the random points are numbers and in range.
    fn is_valid_in_domain(&mut self, grammar: &Grammar, tokens: &[u8], constants: &[f64]) -> bool {
        let lowest = self.domain.lowest.unwrap_or(f64::NEG_INFINITY);
        let highest = self.domain.highest.unwrap_or(f64::INFINITY);
        if let Some((low, high)) = bounds(grammar, tokens, constants, &self.ranges)
            && low >= lowest
            && high <= highest
        {
            return true;
        }
        self.evaluator
            .visit(grammar, tokens, constants, &self.points, |_, values| {
                values
                    .iter()
                    .all(|value| (lowest..=highest).contains(value))
            })
    }

    fn projected(&mut self, grammar: &Grammar, tokens: &[u8]) -> Option<Fresh> {
        let start = vec![1.0; grammar.constants(tokens)];
        let expr = grammar.expr(tokens, &start).ok()?;
        let objective = self.objective.as_mut()?;
        let candidate = if start.is_empty() {
            objective.score(&expr)
        } else {
            objective.polish(&expr, self.constants.iterations)
        }?;
        let lowest = self.domain.lowest.unwrap_or(f64::NEG_INFINITY);
        let highest = self.domain.highest.unwrap_or(f64::INFINITY);
        if lowest.is_finite() || highest.is_finite() {
            let values = candidate.expr.evaluate(&self.points).ok()?;
            if !values
                .iter()
                .all(|value| (lowest..=highest).contains(value))
            {
                return None;
            }
        }
        Some(Fresh {
            error: candidate.error * candidate.error,
            constants: Vec::new(),
            expr: Some(candidate.expr),
        })
    }
}

/// Lowest and highest value of every column.
fn ranges_of(table: &Table) -> Vec<(f64, f64)> {
    let range = |column| {
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        table
            .values(column)
            .iter()
            .fold(start, |(low, high), &x| (low.min(x), high.max(x)))
    };
    (0..table.columns().len()).map(range).collect()
}

/// As many points as asked for, times the square of the number of columns.
fn random_points(table: &Table, ranges: &[(f64, f64)], points: usize, seed: u64) -> Table {
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x706f_696e_7473);
    let count = points * ranges.len() * ranges.len();
    let columns = table.columns().iter().cloned().zip(ranges);
    let drawn = columns.map(|(column, &(low, high))| {
        let draw = |_| low + random.random::<f64>() * (high - low);
        (column, (0..count).map(draw).collect())
    });
    Table::new(drawn.collect()).expect("ranges are finite, and names those of a table")
}

pub(crate) fn mean_square(values: &[f64], target: &[f64]) -> f64 {
    let squares = values.iter().zip(target).map(|(v, y)| (v - y) * (v - y));
    squares.sum::<f64>() / target.len() as f64
}

#[cfg(test)]
mod tests {
    use symreg::Column;

    use super::*;

    fn verdict(settings: &Settings, text: &str) -> Verdict {
        let x: Vec<f64> = (0..20).map(|i| -1.0 + 0.1 * f64::from(i)).collect();
        let y: Vec<f64> = x.iter().map(|x| x * x).collect();
        let table = Table::new(vec![(Column::new("x", ""), x)]).unwrap();
        let grammar = Grammar::new(settings.words.clone()).unwrap();
        let mut scorer = Scorer::new(&table, &y, settings, 1);
        let tokens = grammar.parse(text).unwrap();
        let first = scorer.score(&grammar, &tokens, |_| true);
        match (&first, scorer.score(&grammar, &tokens, |_| true)) {
            (Verdict::Fresh(fresh), again) => {
                assert_eq!(again, Verdict::Known(Mark::Good(fresh.error)));
            }
            (first, again) => assert_eq!(*first, again),
        }
        assert_eq!(scorer.scored, 1);
        first
    }

    fn error(settings: &Settings, text: &str) -> Option<f64> {
        match verdict(settings, text) {
            Verdict::Fresh(fresh) => Some(fresh.error),
            Verdict::Known(_) => None,
        }
    }

    #[test]
    fn errors_and_refusals() {
        let mut settings = Settings::default();
        assert_eq!(error(&settings, "mul x1 x1"), Some(0.0));
        approx::assert_relative_eq!(error(&settings, "add 1 mul x1 x1").unwrap(), 1.0);
        assert_eq!(error(&settings, "log x1"), None);
        // No row, but some of the points are too close to the pole.
        assert_eq!(
            error(&settings, "div 1 add 5 mul 5 sub x1 x1"),
            Some(error(&settings, "div 1 5").unwrap())
        );
        assert_eq!(error(&settings, "div 1 sub mul 10 x1 div 1 2"), None);
        settings.domain.highest = Some(0.9);
        assert_eq!(error(&settings, "mul x1 x1"), None);
        settings.domain.highest = Some(1.1);
        assert_eq!(error(&settings, "mul x1 x1"), Some(0.0));
    }

    #[test]
    fn values_in_the_whole_domain_count() {
        let mut settings = Settings::default();
        assert!(error(&settings, "sub x1 1").is_some());
        assert!(error(&settings, "log add 2 x1").is_some());
        settings.domain.lowest = Some(-1.5);
        assert_eq!(error(&settings, "sub x1 1"), None);
        settings.domain = Domain::default();
        settings.domain.ranges = Some(vec![(-3.0, 3.0)]);
        assert_eq!(error(&settings, "log add 2 x1"), None);
    }

    /// There they ended the programme.
    #[test]
    fn infinite_values_refuse_a_formula() {
        let settings = Settings::default();
        let power = |times: usize| "mul exp 10 ".repeat(times) + "exp 10";
        assert!(error(&settings, &power(9)).is_some());
        assert_eq!(error(&settings, &power(80)), None);
    }

    #[test]
    fn projected_formulas_have_scales_of_their_own() {
        let mut settings = Settings::default();
        settings.constants.fitting = Fitting::Projected;
        let Verdict::Fresh(fresh) = verdict(&settings, "add 1 mul 3 mul x1 x1") else {
            panic!("the formula is valid");
        };
        assert!(fresh.error < 1e-20);
        assert!(fresh.expr.is_some());
    }
}
