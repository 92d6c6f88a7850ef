//! The last touch on the members of a front.
//!
//! Formulas that entered the front in an epoch have their constants fitted as
//! well as they can be, from several starts, then rounded where the data allow it.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Candidate, Expr, Objective, Op, ParetoFront, Settings, constants::snap::snapped};

/// The front, and what is finished of it.
#[derive(Debug)]
pub(crate) struct Finish<'a> {
    pub(crate) front: &'a mut ParetoFront,
    pub(crate) finished: &'a mut Vec<u64>,
}

impl Finish<'_> {
    /// Finishes the members that are new.
    pub(crate) fn run(self, objective: &mut Objective, settings: &Settings) {
        let members = self.front.members().iter();
        let new: Vec<Candidate> = members
            .filter(|member| !self.finished.contains(&mark(member)))
            .cloned()
            .collect();
        for member in new {
            self.finished.push(mark(&member));
            let longest = settings.search.max_complexity;
            let mut random = ChaCha8Rng::seed_from_u64(mark(&member));
            for start in 0..=settings.constants.starts {
                let from = match start {
                    0 => member.expr.clone(),
                    _ => scattered(&member.expr, &mut random),
                };
                let Some(better) = objective.polish(&from, settings.constants.refinement) else {
                    continue;
                };
                if better.complexity <= longest {
                    self.finished.push(mark(&better));
                    self.front.offer(better);
                }
                if member.constants() == 0 {
                    break;
                }
            }
            for simpler in snapped(objective, &member) {
                self.finished.push(mark(&simpler));
                self.front.offer(simpler);
            }
        }
        // Only marks of members are asked for.
        let marks: Vec<u64> = self.front.all().map(mark).collect();
        self.finished.retain(|old| marks.contains(old));
    }
}

/// The formula with other constants, each within a factor of two.
fn scattered(expr: &Expr, random: &mut ChaCha8Rng) -> Expr {
    let code = expr.code().iter().map(|op| match *op {
        Op::Const(value) => Op::Const(value * 2_f64.powf(random.random_range(-1.0..1.0))),
        other => other,
    });
    Expr::new(code.collect()).unwrap_or_else(|_| expr.clone())
}

/// A hash of a formula and its values.
fn mark(candidate: &Candidate) -> u64 {
    candidate.fingerprint ^ (candidate.complexity as u64).rotate_left(48)
}
