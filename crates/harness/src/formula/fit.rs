//! Searching a table for formulas.

use std::ops::ControlFlow;

use anyhow::Result;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use symreg::mdl::descriptions;
use symreg::{Candidate, Ended, ParetoFront, Rule, Search, Settings, State, Table};

use super::{FormulaFile, Member, Problem, Quantity};
use crate::error::UserError;
use crate::refuse;
use crate::statistics::mean_absolute_error;

/// How a table is searched.
#[derive(Debug, Clone)]
pub struct Fit {
    /// The search.
    pub settings: Settings,
    /// Share of the rows that is held out.
    pub held_out: f64,
    /// What picks *the* formula.
    pub rule: Rule,
    /// Start of the random numbers.
    pub seed: u64,
}

/// What a search has found.
#[derive(Debug)]
pub struct Found {
    /// The formulas.
    pub file: FormulaFile,
    /// To go on from.
    pub state: State,
    /// Why it ended.
    pub ended: Ended,
}

/// Searches for formulas and chooses one of them.
///
/// - `state`: where an earlier search of the same rows ended, to go on from.
/// - `watch`: is shown the search after every epoch, several times a second.
///
/// # Errors
///
/// [`crate::error::UserError`] if too few rows are left for a part; those of
/// [`Search::new`] and [`Search::resume`].
pub fn fit(
    problem: &Problem,
    how: &Fit,
    data: &str,
    state: Option<State>,
    watch: &mut dyn FnMut(&State) -> ControlFlow<()>,
) -> Result<Found> {
    let parts = Parts::split(problem, how)?;
    let (table, values) = (&parts.table, &parts.values);
    let mut search = match state {
        Some(state) => Search::resume(table, values, &how.settings, state),
        None => Search::new(table, values, &how.settings, how.seed),
    }
    .map_err(|error| UserError::new(format!("{data}: {error}")))?;
    let ended = loop {
        if let Some(ended) = search.epoch() {
            break ended;
        }
        if watch(search.state()).is_break() {
            break Ended::Stopped;
        }
    };
    let state = search.state().clone();
    let chosen = parts.choose(state.front(), how.rule)?;
    let file = FormulaFile {
        rows_fitted: parts.values.len(),
        rows_held_out: parts.truth.len(),
        rule: how.rule,
        seed: how.seed,
        evaluations: state.evaluations(),
        columns: table.columns().iter().map(Quantity::of).collect(),
        front: parts.members(state.front(), chosen)?,
        ..FormulaFile::new(data, Quantity::of(&problem.target))
    };
    Ok(Found { file, state, ended })
}

/// The rows to fit on and those held out.
struct Parts {
    table: Table,
    values: Vec<f64>,
    unseen: Table,
    truth: Vec<f64>,
}

impl Parts {
    /// Draws the rows to hold out; each part keeps the order of the table.
    fn split(problem: &Problem, how: &Fit) -> Result<Self> {
        let (rows, share) = (problem.values.len(), how.held_out);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of the rows"
        )]
        let count = (share * rows as f64).round() as usize;
        let fitted = rows.saturating_sub(count);
        if fitted < 2 {
            refuse!("{rows} rows with a share of {share} held out leave fewer than 2 to fit on");
        }
        if count == 0 && how.rule == Rule::Validation {
            refuse!(
                "the rule `validation` needs rows that are held out, but a share of {share} of {rows} is none"
            );
        }
        let mut order: Vec<usize> = (0..rows).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(how.seed));
        let mut held_out = order.split_off(fitted);
        order.sort_unstable();
        held_out.sort_unstable();
        let (table, values) = problem.part(&order);
        let (unseen, truth) = problem.part(&held_out);
        Ok(Self {
            table,
            values,
            unseen,
            truth,
        })
    }

    fn choose<'f>(&self, front: &'f ParetoFront, rule: Rule) -> Result<&'f Candidate> {
        let chosen = match rule {
            Rule::Validation => {
                let unseen = front.domain().clamped(&self.unseen);
                rule.choose(front, &unseen, &self.truth)
            }
            Rule::DescriptionLength | Rule::Knee | Rule::Best => {
                rule.choose(front, &self.table, &self.values)
            }
        };
        Ok(chosen?)
    }

    /// The members of the front, and the chosen one if it stands beside it.
    fn members(&self, front: &ParetoFront, chosen: &Candidate) -> Result<Vec<Member>> {
        let (lengths, _) = descriptions(front, &self.table, &self.values)?;
        let unseen = front.domain().clamped(&self.unseen);
        let names = self.table.names();
        let count = front.members().len();
        let mut members = Vec::new();
        for (position, (candidate, described)) in front.all().zip(lengths).enumerate() {
            let is_chosen = std::ptr::eq(candidate, chosen);
            if position >= count && !is_chosen {
                continue;
            }
            let Some(train_mae) = error(candidate, &self.table, &self.values) else {
                continue;
            };
            let expr = candidate.expr.plain_signs();
            let known = expr.uncertainty(&self.table, &self.values)?;
            members.push(Member {
                complexity: candidate.complexity,
                train_mae,
                held_out_mae: error(candidate, &unseen, &self.truth),
                description_length: Some(described.length()).filter(|length| length.is_finite()),
                text: expr.text(&names),
                with_errors: known.map(|known| expr.text_with(&names, &known)),
                chosen: is_chosen,
            });
        }
        members.sort_by_key(|member| member.complexity);
        Ok(members)
    }
}

/// Mean absolute error, if there are rows and all have a value.
fn error(candidate: &Candidate, table: &Table, truth: &[f64]) -> Option<f64> {
    let values = candidate.expr.evaluate(table).ok()?;
    (!truth.is_empty()).then(|| mean_absolute_error(truth, &values))
}
