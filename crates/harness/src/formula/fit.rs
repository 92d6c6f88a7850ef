//! Searching a table for formulas.

use std::ops::ControlFlow;

use anyhow::Result;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use symreg::{Candidate, ParetoFront, Progress, Settings, Table};

use super::{FormulaFile, Member, Problem, Quantity};
use crate::refuse;
use crate::statistics::mean_absolute_error;

/// Significant digits of the constants that are printed and stored.
const DIGITS: usize = 8;

/// How a table is searched.
#[derive(Debug, Clone)]
pub struct Fit {
    /// The search.
    pub settings: Settings,
    /// Share of the rows that is held out, and that chooses.
    pub held_out: f64,
    /// Start of the random numbers.
    pub seed: u64,
}

/// Searches for formulas and chooses one of them.
///
/// # Errors
///
/// [`crate::error::UserError`] if a part is left without rows; those of
/// [`symreg::search()`].
pub fn fit(
    problem: &Problem,
    how: &Fit,
    data: &str,
    watch: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> Result<FormulaFile> {
    let (fitted, held_out) = split(problem.values.len(), how)?;
    let (table, values) = problem.part(&fitted);
    let (unseen, truth) = problem.part(&held_out);
    let mut evaluations = 0;
    let front = symreg::search(&table, &values, &how.settings, how.seed, &mut |progress| {
        evaluations = progress.evaluations;
        watch(progress)
    })?;
    let unseen = front.domain().clamped(&unseen);
    let chosen = if truth.is_empty() {
        front.best()
    } else {
        symreg::select(&front, &unseen, &truth)?
    };
    let quantity = |column: &symreg::Column| Quantity {
        name: column.name.clone(),
        unit: column.unit.clone(),
    };
    let file = FormulaFile::new(data, quantity(&problem.target));
    Ok(FormulaFile {
        rows_fitted: fitted.len(),
        rows_held_out: held_out.len(),
        seed: how.seed,
        evaluations,
        columns: table.columns().iter().map(quantity).collect(),
        front: members(&front, chosen, (&table, &values), (&unseen, &truth)),
        ..file
    })
}

/// The rows to fit on and those to hold out, both in the order of the table.
fn split(rows: usize, how: &Fit) -> Result<(Vec<usize>, Vec<usize>)> {
    let count = (how.held_out * rows as f64).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of the rows"
    )]
    let count = count as usize;
    if rows - count.min(rows) < 2 {
        refuse!(
            "{rows} rows with a share of {} held out leave fewer than 2 to fit on",
            how.held_out
        );
    }
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(how.seed));
    let mut held_out = order.split_off(rows - count);
    order.sort_unstable();
    held_out.sort_unstable();
    Ok((order, held_out))
}

fn members(
    front: &ParetoFront,
    chosen: &Candidate,
    (table, values): (&Table, &[f64]),
    (unseen, truth): (&Table, &[f64]),
) -> Vec<Member> {
    let names = table.names();
    let error = |member: &Candidate, table: &Table, truth: &[f64]| {
        let values = member.expr.rounded(DIGITS).evaluate(table).ok()?;
        (!truth.is_empty()).then(|| mean_absolute_error(truth, &values))
    };
    let members = front.members().iter();
    members
        .filter_map(|member| {
            Some(Member {
                complexity: member.complexity,
                train_mae: error(member, table, values)?,
                held_out_mae: error(member, unseen, truth),
                text: member.expr.rounded(DIGITS).text(&names),
                chosen: member == chosen,
            })
        })
        .collect()
}
