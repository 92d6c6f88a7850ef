//! One population with its own stream of random numbers.
//!
//! Islands are worked on side by side and share nothing until an epoch ends, so
//! that the number of threads cannot be seen in the result.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::{
    Candidate, Expr, Objective, Op, ParetoFront, Proposer, Settings, constants::snap::tidy,
    genetic::Genetic, memory::Memory, normal, view::View,
};

/// Looks at one skeleton, each with other constants, before it is passed over.
const LOOKS: u32 = 4;

/// Formulas in a row that may be passed over unseen.
const PATIENCE: usize = 50;

/// A population, its view of the target, and what is found there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Island {
    pub(crate) view: View,
    pub(crate) genetic: Genetic,
    pub(crate) worker: Worker,
    /// The best formulas for what is seen; unused where the view is plain.
    pub(crate) seen: Option<ParetoFront>,
}

/// The data of an island: as it sees them, and as they are.
#[derive(Debug, Clone)]
pub(crate) struct Desk<'a> {
    pub(crate) seen: Option<Objective<'a>>,
    pub(crate) plain: Objective<'a>,
}

impl Island {
    /// Tries formulas until so many passes more were made, or the law is found;
    /// improves the front on the way.
    pub(crate) fn work(
        &mut self,
        desk: &mut Desk,
        front: &mut ParetoFront,
        settings: &Settings,
        share: u64,
    ) {
        let until = self.worker.evaluations + share;
        let (genetic, worker) = (&mut self.genetic, &mut self.worker);
        let (Some(objective), Some(seen)) = (&mut desk.seen, &mut self.seen) else {
            let bare = self.view == View::Bare;
            worker.work(genetic, &mut desk.plain, front, settings, until, bare);
            return;
        };
        let before = seen.clone();
        worker.work(genetic, objective, seen, settings, until, false);
        let first = desk.plain.evaluations();
        for member in seen.members() {
            if !before.members().contains(member) {
                let turned = turned_back(self.view, member, &mut desk.plain, settings);
                front.extend(turned, settings.search.max_complexity);
            }
        }
        worker.evaluations += desk.plain.evaluations() - first;
    }
}

/// What a formula for the target as it is seen is worth for the target itself.
fn turned_back(
    view: View,
    member: &Candidate,
    objective: &mut Objective,
    settings: &Settings,
) -> Option<Candidate> {
    let ways = view.back(&member.expr);
    ways.iter().find_map(|way| {
        let reduced = Expr::new(normal::shape(way.code())?).ok()?;
        objective.polish(&reduced, settings.constants.refinement)
    })
}

/// What an island knows besides its population.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Worker {
    random: ChaCha8Rng,
    /// Complexity of the shortest formula with given values.
    values: Memory,
    /// Looks at formulas that differ in their constants alone.
    skeletons: Memory,
    /// Passes over all rows so far.
    pub(crate) evaluations: u64,
}

impl Worker {
    /// The worker of one island; islands of one seed have different streams.
    pub(crate) fn new(seed: u64, island: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(island);
        Self {
            random,
            values: Memory::default(),
            skeletons: Memory::default(),
            evaluations: 0,
        }
    }

    pub(crate) fn random(&mut self) -> &mut ChaCha8Rng {
        &mut self.random
    }

    /// Tries formulas until so many passes were made in all, or the law is
    /// found; improves the front on the way.
    pub(crate) fn work(
        &mut self,
        proposer: &mut dyn Proposer,
        objective: &mut Objective,
        front: &mut ParetoFront,
        settings: &Settings,
        until: u64,
        bare: bool,
    ) {
        let exact = settings.search.exact * objective.scale();
        let before = self.evaluations;
        let first = objective.evaluations();
        while self.evaluations < until && front.best().error > exact {
            let expr = self.fresh(proposer, bare);
            let outcome = match (expr, bare) {
                (None, _) => objective.refuse(),
                (Some(expr), true) => objective
                    .written(&expr)
                    .filter(|c| self.is_new(c, settings.search.max_complexity)),
                (Some(expr), false) => self.attempt(&expr, objective, front, settings),
            };
            if let Some(candidate) = &outcome {
                front.offer(candidate.clone());
            }
            proposer.learn(outcome.as_ref(), &mut self.random);
            self.evaluations = before + objective.evaluations() - first;
        }
    }

    /// The next formula that was not looked at too often, without idle
    /// constants; nothing if it is a constant.
    fn fresh(&mut self, proposer: &mut dyn Proposer, bare: bool) -> Option<Expr> {
        let reduced = |expr: &Expr| {
            if bare {
                let code = tidy(expr.folded().code());
                Some(code).filter(|c| c.iter().any(|op| matches!(op, Op::Column(_))))
            } else {
                normal::shape(expr.code())
            }
        };
        for _ in 0..PATIENCE {
            let expr = proposer.propose(&mut self.random);
            let code = reduced(&expr)?;
            let skeleton = normal::skeleton(&code);
            let looks = self.skeletons.get(skeleton).unwrap_or(0);
            let constants = code.iter().any(|op| matches!(op, Op::Const(_)));
            if looks < if constants { LOOKS } else { 1 } {
                self.skeletons.set(skeleton, looks + 1);
                return Expr::new(code).ok();
            }
            proposer.learn(None, &mut self.random);
        }
        let expr = proposer.propose(&mut self.random);
        Expr::new(reduced(&expr)?).ok()
    }

    /// Scores a formula and fits its constants, longer if it enters the front.
    fn attempt(
        &mut self,
        expr: &Expr,
        objective: &mut Objective,
        front: &ParetoFront,
        settings: &Settings,
    ) -> Option<Candidate> {
        let longest = settings.search.max_complexity;
        let plain = objective.score(expr)?;
        if !self.is_new(&plain, longest) {
            return None;
        }
        let steps = settings.constants;
        let fitted = self.improve(plain, objective, longest, steps.iterations);
        if fitted.error < front.error_at(fitted.complexity) {
            return Some(self.improve(fitted, objective, longest, steps.refinement));
        }
        Some(fitted)
    }

    /// The formula with better constants if there are such, else as it is.
    fn improve(
        &mut self,
        candidate: Candidate,
        objective: &mut Objective,
        longest: usize,
        steps: usize,
    ) -> Candidate {
        if steps == 0 {
            return candidate;
        }
        match objective.polish(&candidate.expr, steps) {
            Some(fitted) if fitted.error < candidate.error && self.is_new(&fitted, longest) => {
                fitted
            }
            _ => candidate,
        }
    }

    /// Whether the formula is short enough, and none as short says the same;
    /// remembers it.
    fn is_new(&mut self, candidate: &Candidate, longest: usize) -> bool {
        if candidate.complexity > longest {
            return false;
        }
        let complexity = u32::try_from(candidate.complexity).unwrap_or(u32::MAX - 1);
        let known = self.values.get(candidate.fingerprint);
        let new = known.is_none_or(|shortest| complexity < shortest);
        if new {
            self.values.set(candidate.fingerprint, complexity);
        }
        new
    }
}
