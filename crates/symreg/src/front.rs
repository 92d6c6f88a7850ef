//! The best formula of every length.

use crate::{Expr, FeatureBox, Objective, terms::constants};

/// A formula with its fitted constants and what it is worth.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Candidate {
    /// The formula, outer constants included.
    pub expr: Expr,
    /// Complexity of the formula ([`crate::settings::Operators::complexity`]).
    pub complexity: usize,
    /// Root of the mean squared error on the training rows, in units of the
    /// target.
    pub error: f64,
    /// Hash of the rounded values at probe rows: equal for formulas that say
    /// the same in other words.
    pub fingerprint: u64,
}

impl Candidate {
    /// Number of fitted constants.
    #[must_use]
    pub fn constants(&self) -> usize {
        constants(self.expr.code()).count()
    }

    /// Whether the other is no better in either respect, and worse in one.
    #[must_use]
    pub fn dominates(&self, other: &Self) -> bool {
        self.complexity <= other.complexity
            && self.error <= other.error
            && (self.complexity < other.complexity || self.error < other.error)
    }
}

/// Candidates none of which is dominated, from the simplest to the best.
///
/// Beside the front, formulas are kept that a member dominates, but only with
/// more fitted constants: with noise a constant more fits better than the law,
/// and it takes a rule ([`crate::Rule`]) to see through that.
///
/// # Invariants
///
/// 1. Complexity rises and error falls, strictly, along [`ParetoFront::members`].
/// 2. No candidate matches another in complexity, error and number of constants.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ParetoFront {
    members: Vec<Candidate>,
    frugal: Vec<Candidate>,
    domain: FeatureBox,
    together: usize,
}

impl ParetoFront {
    /// A front of one.
    ///
    /// - `domain`: box in which the candidates are known to have a value.
    #[must_use]
    pub fn new(first: Candidate, domain: FeatureBox) -> Self {
        Self {
            members: vec![first],
            frugal: Vec::new(),
            domain,
            together: 1,
        }
    }

    /// Rows whose values add up to one target
    /// ([`crate::settings::Search::together`]).
    #[must_use]
    pub fn together(&self) -> usize {
        self.together
    }

    /// The front of a search that has just begun: the best constant.
    pub(crate) fn of(objective: &Objective) -> Self {
        Self {
            together: objective.together(),
            ..Self::new(objective.constant(), objective.domain().clone())
        }
    }

    /// Takes a candidate that no member matches, drops those it dominates.
    ///
    /// Returns whether it was taken; the first of equals stays.
    ///
    /// # Panics
    ///
    /// If the error is not a number.
    pub fn offer(&mut self, candidate: Candidate) -> bool {
        assert!(!candidate.error.is_nan(), "an error must be a number");
        if self.error_at(candidate.complexity) <= candidate.error {
            self.spare(candidate);
            return false;
        }
        let (dominated, members) = self
            .members
            .drain(..)
            .partition(|member| candidate.dominates(member));
        self.members = members;
        let place = self
            .members
            .partition_point(|member| member.complexity < candidate.complexity);
        self.members.insert(place, candidate);
        let dominated: Vec<Candidate> = dominated;
        let spared = std::mem::take(&mut self.frugal).into_iter();
        for candidate in spared.chain(dominated) {
            self.spare(candidate);
        }
        true
    }

    /// Keeps a candidate beside the front if it has fewer constants than all
    /// that are no more complex and no worse.
    fn spare(&mut self, candidate: Candidate) {
        let covers = |a: &Candidate, b: &Candidate| {
            let simpler = a.complexity <= b.complexity && a.constants() <= b.constants();
            simpler && a.error <= b.error
        };
        if self.all().any(|other| covers(other, &candidate)) {
            return;
        }
        self.frugal.retain(|other| !covers(&candidate, other));
        self.frugal.push(candidate);
    }

    /// The members, then what is kept beside them for its fewer constants.
    pub fn all(&self) -> impl Iterator<Item = &Candidate> {
        self.members.iter().chain(&self.frugal)
    }

    /// Offers a candidate that is not too complex, if there is one.
    pub(crate) fn extend(&mut self, candidate: Option<Candidate>, longest: usize) {
        if let Some(candidate) = candidate.filter(|c| c.complexity <= longest) {
            self.offer(candidate);
        }
    }

    /// The candidates, from the simplest to the best; at least one.
    #[must_use]
    pub fn members(&self) -> &[Candidate] {
        &self.members
    }

    /// The candidate with the smallest training error.
    ///
    /// # Panics
    ///
    /// Never: a front has at least one member.
    #[must_use]
    pub fn best(&self) -> &Candidate {
        self.members
            .last()
            .expect("a front has at least one member")
    }

    /// Smallest error of members that are no more complex; infinite if none is.
    #[must_use]
    pub fn error_at(&self, complexity: usize) -> f64 {
        let above = self
            .members
            .partition_point(|member| member.complexity <= complexity);
        above
            .checked_sub(1)
            .map_or(f64::INFINITY, |i| self.members[i].error)
    }

    /// Where every member is known to have a finite value.
    #[must_use]
    pub fn domain(&self) -> &FeatureBox {
        &self.domain
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(complexity: usize, error: f64) -> Candidate {
        Candidate {
            expr: Expr::column(0),
            complexity,
            error,
            fingerprint: 0,
        }
    }

    fn front(offers: &[(usize, f64)]) -> ParetoFront {
        let domain = FeatureBox::around(&crate::Table::new(vec![]).unwrap(), 0.0);
        let (first, rest) = offers.split_first().unwrap();
        let mut front = ParetoFront::new(candidate(first.0, first.1), domain);
        for &(complexity, error) in rest {
            front.offer(candidate(complexity, error));
        }
        front
    }

    #[test]
    fn by_hand() {
        let front = front(&[(5, 2.0), (1, 9.0), (3, 2.0), (7, 2.5), (4, 1.0), (4, 1.0)]);
        let kept: Vec<_> = front
            .members()
            .iter()
            .map(|m| (m.complexity, m.error))
            .collect();
        assert_eq!(kept, [(1, 9.0), (3, 2.0), (4, 1.0)]);
        assert_eq!(front.error_at(3), 2.0);
        assert_eq!(front.error_at(0), f64::INFINITY);
    }

    proptest! {
        #[test]
        fn no_member_is_dominated_and_every_offer_is_matched(
            offers in prop::collection::vec((1_usize..20, 0.0..1.0), 1..60),
        ) {
            let front = front(&offers);
            for pair in front.members().windows(2) {
                prop_assert!(pair[0].complexity < pair[1].complexity);
                prop_assert!(pair[0].error > pair[1].error);
            }
            for (complexity, error) in offers {
                prop_assert!(front.error_at(complexity) <= error);
            }
        }
    }
}
