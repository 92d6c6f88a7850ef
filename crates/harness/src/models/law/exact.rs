//! The terms of pairs and triples in the data themselves and in what a law says of the same
//! structures, both by inclusion and exclusion.
//!
//! With `E(s)` the total of a complex and `E₀` that of the host alone,
//!
//! ```text
//! φ(ij)  = E(ij) - E(i) - E(j) + E₀
//! ψ(ijk) = E(ijk) - E(ij) - E(ik) - E(jk) + E(i) + E(j) + E(k) - E₀
//! ```
//!
//! wherever the data hold all parts of a complex. Pairs of equal kinds, layers and
//! distance are one: their mean counts. `E₀` is what makes the farthest pairs add nothing,
//! as the reference of the host may be off.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use crystal::DefectCluster;
use symreg::law::Rise;

use super::LawFile;
use super::geometry::{PairOfKinds, labels, pairs_of_kinds, triples_of};
use crate::dataset::{Dataset, Sample};
use crate::refuse;

/// Share of all distances beyond which pairs are taken to add nothing.
const FAR: f64 = 0.8;

/// One term in the data and in a law.
#[derive(Debug, Clone, PartialEq)]
pub struct ExactTerm {
    /// The structure.
    pub id: String,
    /// The kinds of its defects, and which lie in one layer.
    pub channel: String,
    /// Distances, Å: one, or three.
    pub sides: Vec<f64>,
    /// What the data say, in the unit of the target.
    pub exact: f64,
    /// What the law says.
    pub law: f64,
    /// Whether the law was learnt from this structure.
    pub learnt: bool,
}

/// All terms that the data hold.
#[derive(Debug, Clone, PartialEq)]
pub struct ExactTerms {
    /// `E₀`, in the unit of the target.
    pub host: f64,
    /// Of complexes of two.
    pub pairs: Vec<ExactTerm>,
    /// Of complexes of three.
    pub triples: Vec<ExactTerm>,
}

/// A complex and its total.
struct Whole<'a> {
    sample: &'a Sample,
    cluster: DefectCluster,
    total: f64,
}

/// Mean totals of what complexes are made of.
struct Smaller {
    host: f64,
    alone: BTreeMap<String, f64>,
    pairs: BTreeMap<PairOfKinds, f64>,
}

impl LawFile {
    /// The terms of pairs and triples in the data that the law was learnt from, all of them.
    ///
    /// - `dataset`: the one that the law is of.
    ///
    /// # Errors
    ///
    /// [`UserError`](crate::error::UserError) for a law of a quantity that is no total, and where
    /// there are no complexes of one and of two.
    pub fn exact(&self, dataset: &Dataset) -> Result<ExactTerms> {
        if self.law.rise != Rise::Sum {
            refuse!(
                "{} is the lowest of levels, no sum that has terms",
                self.target
            );
        }
        let subset = self.data.split_once('/').map_or("", |(_, subset)| subset);
        let Some(property) = dataset.property(&self.target) else {
            refuse!("data set {} has no {}", dataset.name, self.target);
        };
        let whole = |sample| -> Result<Option<Whole<'_>>> {
            let sample: &Sample = sample;
            let (Some(value), Some(cluster)) = (sample.targets[property], sample.defects()?) else {
                return Ok(None);
            };
            let total = value * cluster.defects().len() as f64;
            Ok(Some(Whole {
                sample,
                cluster,
                total,
            }))
        };
        let all = dataset.select(subset).into_iter().map(whole);
        let all: Vec<Whole<'_>> = all.filter_map(Result::transpose).collect::<Result<_>>()?;
        let said = self.said(&all)?;
        let (Some(data), Some(law)) = (Smaller::new(&all), Smaller::new(&said)) else {
            refuse!(
                "{}: no complexes of one and of two defects, which terms are told by",
                self.data
            );
        };
        let learnt: HashSet<&String> = self.learnt_from.iter().collect();
        let terms = |count, of: fn(&Smaller, &Whole<'_>) -> Option<Seen>| {
            let both = all.iter().zip(&said);
            let both = both.filter(|(w, _)| w.cluster.defects().len() == count);
            let terms = both.filter_map(|(whole, said)| {
                let (exact, said) = (of(&data, whole)?, of(&law, said)?);
                Some(ExactTerm {
                    id: whole.sample.id.clone(),
                    channel: exact.channel,
                    sides: exact.sides,
                    exact: exact.value,
                    law: said.value,
                    learnt: learnt.contains(&whole.sample.id),
                })
            });
            terms.collect()
        };
        Ok(ExactTerms {
            host: data.host,
            pairs: terms(2, Smaller::pair),
            triples: terms(3, Smaller::triple),
        })
    }

    /// The same complexes with the totals that the law says they have.
    fn said<'a>(&self, all: &[Whole<'a>]) -> Result<Vec<Whole<'a>>> {
        let clusters: Vec<&DefectCluster> = all.iter().map(|w| &w.cluster).collect();
        let parts = self.shape.parts(&clusters);
        let values = self.law.predict(&parts)?;
        let totals = values.iter().zip(&parts.divisors).map(|(v, d)| v * d);
        let both = all.iter().zip(totals);
        let said = both.map(|(whole, total)| Whole {
            sample: whole.sample,
            cluster: whole.cluster.clone(),
            total,
        });
        Ok(said.collect())
    }
}

/// A term of the data.
struct Seen {
    channel: String,
    sides: Vec<f64>,
    value: f64,
}

impl Smaller {
    /// Nothing where complexes of one or of two defects are missing.
    fn new(all: &[Whole<'_>]) -> Option<Self> {
        let of = |count: usize| {
            let own = all
                .iter()
                .filter(move |w| w.cluster.defects().len() == count);
            own.map(|w| (labels(&w.cluster), w))
        };
        let alone = means(of(1).map(|(mut labels, w)| (labels.remove(0), w.total)));
        let pairs = means(
            of(2).map(|(labels, w)| (pairs_of_kinds(&w.cluster, &labels).remove(0), w.total)),
        );
        let farthest = pairs.keys().map(PairOfKinds::length).fold(0.0, f64::max);
        let mut far: Vec<f64> = pairs
            .iter()
            .filter(|(pair, _)| pair.length() >= FAR * farthest)
            .filter_map(|(pair, total)| {
                let [a, b] = pair.labels();
                Some(alone.get(a)? + alone.get(b)? - total)
            })
            .collect();
        far.sort_by(f64::total_cmp);
        let host = *far.get(far.len() / 2)?;
        Some(Self { host, alone, pairs })
    }

    fn pair(&self, whole: &Whole<'_>) -> Option<Seen> {
        let labels = labels(&whole.cluster);
        let pair = pairs_of_kinds(&whole.cluster, &labels).pop()?;
        let [a, b] = pair.labels();
        Some(Seen {
            value: whole.total - self.alone.get(a)? - self.alone.get(b)? + self.host,
            channel: pair.channel(),
            sides: vec![pair.length()],
        })
    }

    /// Of a pair whose distance may have been rounded the other way.
    fn total_of(&self, pair: &PairOfKinds) -> Option<f64> {
        let mut near = [0, 1, -1].into_iter();
        near.find_map(|by| self.pairs.get(&pair.moved(by)).copied())
    }

    fn triple(&self, whole: &Whole<'_>) -> Option<Seen> {
        let labels = labels(&whole.cluster);
        let mut value = whole.total - self.host;
        for label in &labels {
            value += self.alone.get(label)?;
        }
        for pair in pairs_of_kinds(&whole.cluster, &labels) {
            value -= self.total_of(&pair)?;
        }
        let (channel, sides) = triples_of(&whole.cluster, &labels).pop()?;
        Some(Seen {
            channel,
            sides: sides.to_vec(),
            value,
        })
    }
}

/// The mean of the values of every key.
fn means<K: Ord>(all: impl Iterator<Item = (K, f64)>) -> BTreeMap<K, f64> {
    let mut sums: BTreeMap<K, (f64, f64)> = BTreeMap::new();
    for (key, value) in all {
        let (sum, count) = sums.entry(key).or_default();
        (*sum, *count) = (*sum + value, *count + 1.0);
    }
    let mean = |(key, (sum, count))| (key, sum / count);
    sums.into_iter().map(mean).collect()
}
