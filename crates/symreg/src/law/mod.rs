//! Laws: sums of closed functions over the sites, pairs and triples of a structure.
//!
//! A flat formula knows objects of one size. A law knows what they are made of:
//!
//! ```text
//! y(s) · d(s) = Σ over levels  Σ over items i in s  Σ over terms k  a(k, channel i) · fₖ(columns of i)
//! ```
//!
//! So for a total. An excitation is the lowest of many: of the members of a structure,
//! as its sites, each has such a sum, and the structure the least of them, rounded off;
//! or the members are the entries of a matrix, and it has the lowest of its levels
//! ([`Rise`]).
//!
//! A *level* is what is summed over ([`Level`]): the structure itself, its sites,
//! its pairs, its triples. Every item belongs to a *channel*, as the pair of two
//! kinds of defects, and has columns, as a distance. What items of a group have may be
//! gathered first ([`Gather`]): their mean, or the largest of all. The functions `fₖ` are found by
//! search; each has one coefficient a channel, solved together with all others. This
//! module knows columns, channels and segments; what they mean is the caller's.
//!
//! # How
//!
//! Coefficients have normal priors whose variances are `τ(term) · λ(channel)`, fitted
//! with the noise by the evidence (`fit`): with few structures they shrink. A new
//! function is worth the logarithm of the evidence it adds, less the length of its
//! description (`gain`). Items with equal columns and channel are one *unique* item; the
//! worth of a function and its gradient follow from its values at these alone, where these
//! are few in a time that does not depend on the number of structures. Functions are added one after the
//! other as long as they are worth their description; the constants of all are then
//! fitted again, and what is not worth its place is removed (`search`).
//!
//! # Source
//!
//! Cluster expansions: Sanchez, Ducastelle & Gratias, *Physica A* **128**, 334 (1984).
//! Evidence: `MacKay`, *Neural Comput.* **4**, 415 (1992). Adding one basis function at a
//! time by its evidence: Tipping & Faul, AISTATS 2003. Closed functions in place of a
//! basis, found by symbolic search, are ours.

mod ascent;
mod cholesky;
mod data;
mod eigen;
mod fit;
mod functions;
mod gain;
mod gather;
mod level;
mod rise;
mod search;
mod sharing;
mod written;

pub use functions::{Asked, Proposers};
pub use gather::Gather;
pub use level::{Item, Level, Parts};
pub use rise::Rise;
pub use search::{LawSettings, Stage, discover, discover_with};

use crate::{Column, Error, Expr, FeatureBox, Interval, Op, Result, Table};

/// One function, and its coefficient in every channel of its level.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Term {
    /// Index of the level.
    pub level: usize,
    /// The function of the columns of an item; 1 where these do not matter.
    pub shape: Expr,
    /// Values that the function may take: those on the items that it was fitted to,
    /// and half as much again on either side. Beyond, it is held at the border.
    pub range: Interval,
    /// `(channels,)`, in units of the target times the divisor.
    pub coefficients: Vec<f64>,
    /// `(channels,)`, standard errors of the coefficients.
    pub errors: Vec<f64>,
}

impl Term {
    /// Number of channels in which the term is not left out.
    #[must_use]
    pub fn used(&self) -> usize {
        self.coefficients.iter().filter(|c| **c != 0.0).count()
    }

    /// The coefficient, if there is one for all of several channels.
    #[must_use]
    pub fn shared(&self) -> Option<f64> {
        let [first, others @ ..] = &self.coefficients[..] else {
            return None;
        };
        let same = |other: &f64| other.to_bits() == first.to_bits();
        let all = !others.is_empty() && others.iter().all(same);
        (all && *first != 0.0).then_some(*first)
    }
}

/// What a law knows of a level.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Known {
    /// Name of the level, as `pair`.
    pub name: String,
    /// Names and units of its columns.
    pub columns: Vec<Column>,
    /// Names of its channels.
    pub channels: Vec<String>,
    /// How the items of a group count together.
    #[serde(default, skip_serializing_if = "Gather::is_sum")]
    pub gather: Gather,
    /// Where its functions are known to have a value.
    pub domain: FeatureBox,
    /// `(channels,)`: values that the sum of all functions may take, those on the items
    /// that the law was fitted to, zero, and half as much again on either side. Beyond, as
    /// at a distance that a channel was not seen at, it is held at the border. Empty where
    /// no function was searched for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<Interval>,
}

impl Known {
    /// What the functions of a channel may add up to, if they are held.
    pub(crate) fn bounds_of(&self, channel: &str) -> Option<Interval> {
        let place = self.channels.iter().position(|known| known == channel);
        place.and_then(|place| self.bounds.get(place)).copied()
    }

    /// The sum of the functions of a channel, held within its bounds.
    fn held(&self, channel: usize, effect: f64) -> f64 {
        let bounds = self.bounds.get(channel);
        bounds.map_or(effect, |bounds| effect.clamp(bounds.low, bounds.high))
    }
}

/// A law.
///
/// # Invariants
///
/// Every term is of a level that is there and has a number for each of its channels,
/// and every range is one. Reading checks this.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "written::Written")]
pub struct Law {
    /// What it sums over.
    pub levels: Vec<Known>,
    /// The functions.
    pub terms: Vec<Term>,
    /// How the value of a structure follows from those of its members.
    pub rise: Rise,
    /// `T` of an extreme, in units of the target.
    pub temperature: f64,
    /// Standard deviation of what is left, in units of the target.
    pub noise: f64,
}

impl Law {
    /// The values of structures.
    ///
    /// Items of channels that the law does not know contribute nothing; columns
    /// outside of what it has seen are moved to the border.
    ///
    /// - `parts`: with the levels that the law was found with, in the same order.
    /// - returns: `(structures,)`, in the unit of the target.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for another number of levels, or of columns of one; [`Error::Law`] for
    /// items that are gathered otherwise; those of [`Expr::evaluate`].
    pub fn predict(&self, parts: &Parts) -> Result<Vec<f64>> {
        if parts.levels.len() != self.levels.len() {
            return Err(Error::Length {
                name: "levels".to_owned(),
                expected: self.levels.len(),
                found: parts.levels.len(),
            });
        }
        for (known, level) in self.levels.iter().zip(&parts.levels) {
            if known.columns.len() != level.columns.len() {
                return Err(Error::Length {
                    name: format!("columns of {}", known.name),
                    expected: known.columns.len(),
                    found: level.columns.len(),
                });
            }
            if known.gather != level.gather {
                return Err(Error::Law {
                    what: "the items of a level are gathered in another way",
                });
            }
        }
        let mut members = vec![0.0; parts.members.len()];
        for (index, (known, level)) in self.levels.iter().zip(&parts.levels).enumerate() {
            let unique = level.unique()?;
            let place = |name| known.channels.iter().position(|k| k == name);
            let own: Vec<Option<usize>> = level.channels.iter().map(place).collect();
            let channel = |item: usize| own[unique.channel[item]];
            let mut effects = vec![0.0; unique.len()];
            for term in self.terms.iter().filter(|term| term.level == index) {
                let values = unique.values(&term.shape, &known.domain)?;
                for (item, (effect, value)) in effects.iter_mut().zip(values).enumerate() {
                    if let Some(channel) = channel(item) {
                        let value = value.clamp(term.range.low, term.range.high);
                        *effect += term.coefficients[channel] * value;
                    }
                }
            }
            for entry in &unique.entries {
                if let Some(channel) = channel(entry.item) {
                    let effect = known.held(channel, effects[entry.item]);
                    members[entry.member] += entry.count * effect;
                }
            }
        }
        let (places, count) = (&parts.places, parts.divisors.len());
        if self.rise == Rise::LowestLevel && places.len() != members.len() {
            return Err(Error::Length {
                name: "places of members".to_owned(),
                expected: members.len(),
                found: places.len(),
            });
        }
        let both = (&parts.members[..], &places[..]);
        let risen = fit::risen(self.rise, both, &members, self.temperature, count);
        let both = risen.iter().zip(&parts.divisors);
        Ok(both.map(|(risen, d)| risen.value / d).collect())
    }

    /// What items of one channel, each alone in its group, add to their members: the sum of
    /// the terms of their level.
    ///
    /// - `columns`: `(columns, items)`
    /// - returns: `(items,)`; zeros for a channel that the law does not know.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for another number of columns; those of [`Level`]'s table and
    /// of [`Expr::evaluate`].
    ///
    /// # Panics
    ///
    /// If there is no such level.
    pub fn effect(&self, level: usize, channel: &str, columns: &[Vec<f64>]) -> Result<Vec<f64>> {
        let known = &self.levels[level];
        if known.columns.len() != columns.len() {
            return Err(Error::Length {
                name: format!("columns of {}", known.name),
                expected: known.columns.len(),
                found: columns.len(),
            });
        }
        let mut sums = vec![0.0; columns.first().map_or(1, Vec::len)];
        let Some(own) = known.channels.iter().position(|k| k == channel) else {
            return Ok(sums);
        };
        let named = known.columns.iter().cloned().zip(columns.iter().cloned());
        let table = known.domain.clamped(&Table::new(named.collect())?);
        for term in self.terms.iter().filter(|term| term.level == level) {
            let values = term.shape.evaluate(&table)?;
            for (sum, value) in sums.iter_mut().zip(values) {
                let value = known.gather.of(&[value]).0;
                let value = value.clamp(term.range.low, term.range.high);
                *sum += term.coefficients[own] * value;
            }
        }
        Ok(sums.into_iter().map(|sum| known.held(own, sum)).collect())
    }

    /// What an item of one channel, alone in its group, adds to its member, as one formula of
    /// the columns of the level; nothing for a channel that the law does not know.
    ///
    /// The formula holds on the [domain](Known::domain) of the level and where every
    /// function stays in its [range](Term::range), and their sum in its
    /// [bounds](Known::bounds): beyond, the law stays at the border.
    ///
    /// # Panics
    ///
    /// Never: a sum of formulas is one.
    #[must_use]
    pub fn function(&self, level: usize, channel: &str) -> Option<Expr> {
        let channels = &self.levels[level].channels;
        let own = channels.iter().position(|known| known == channel)?;
        let terms = self.terms.iter().filter(|term| term.level == level);
        let mut code = Vec::new();
        for term in terms.filter(|term| term.coefficients[own] != 0.0) {
            let is_first = code.is_empty();
            code.extend_from_slice(term.shape.code());
            code.extend((self.levels[level].gather == Gather::Norm).then_some(Op::Abs));
            code.extend([Op::Const(term.coefficients[own]), Op::Mul]);
            if !is_first {
                code.push(Op::Add);
            }
        }
        if code.is_empty() {
            code.push(Op::Const(0.0));
        }
        Some(Expr::new(code).expect("a sum of formulas is one"))
    }

    /// Nodes of all functions, and one product and sum for each coefficient that is
    /// not zero: the number on a front.
    #[must_use]
    pub fn complexity(&self) -> usize {
        let constants = |term: &Term| term.shared().map_or(term.used(), |_| 1);
        let term = |term: &Term| term.shape.complexity() + 4 * constants(term);
        self.terms.iter().map(term).sum()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// `a/r + b r²` for one channel, `c/r` for the other.
    fn law() -> Law {
        let columns = vec![Column::new("r", "Å")];
        let table = Table::new(vec![(columns[0].clone(), vec![1.0, 4.0])]).unwrap();
        let everywhere = Interval {
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
        };
        let term = |shape: &str, coefficients: [f64; 2]| Term {
            level: 0,
            shape: Expr::parse(shape, &["r"]).unwrap(),
            range: everywhere,
            coefficients: coefficients.to_vec(),
            errors: vec![0.0; 2],
        };
        Law {
            levels: vec![Known {
                name: "pair".to_owned(),
                gather: Gather::Sum,
                domain: FeatureBox::around(&table, 0.0),
                bounds: Vec::new(),
                channels: vec!["near".to_owned(), "far".to_owned()],
                columns,
            }],
            terms: vec![term("1/r", [2.0, 5.0]), term("r^2", [-0.5, 0.0])],
            rise: Rise::Sum,
            temperature: 0.0,
            noise: 0.0,
        }
    }

    #[test]
    fn the_function_of_a_channel_has_the_values_of_its_effect() {
        let law = law();
        let lengths = vec![1.0, 2.0, 3.5];
        let table = Table::new(vec![(Column::new("r", "Å"), lengths.clone())]).unwrap();
        for channel in ["near", "far"] {
            let effect = law
                .effect(0, channel, std::slice::from_ref(&lengths))
                .unwrap();
            let function = law.function(0, channel).unwrap();
            let values = function.evaluate(&table).unwrap();
            for (a, b) in effect.iter().zip(&values) {
                assert_relative_eq!(a, b, max_relative = 1e-14);
            }
        }
        assert!(law.function(0, "nowhere").is_none());
        let far = law.function(0, "far").unwrap();
        assert_eq!(far.columns(), 1);
    }
}
