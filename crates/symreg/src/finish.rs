//! The last touch on the members of a front.
//!
//! Formulas that entered the front in an epoch have their constants fitted as
//! well as they can be, then rounded where the data allow it.

use crate::{Candidate, Objective, ParetoFront, Settings, constants::snap::snapped};

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
            if let Some(better) = objective.polish(&member.expr, settings.constants.refinement)
                && better.complexity <= longest
            {
                self.finished.push(mark(&better));
                self.front.offer(better);
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

/// A hash of a formula and its values.
fn mark(candidate: &Candidate) -> u64 {
    candidate.fingerprint ^ (candidate.complexity as u64).rotate_left(48)
}
