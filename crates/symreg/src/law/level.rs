//! What a law sums over.

use std::collections::{BTreeMap, BTreeSet};

use super::gather::{Gather, Groups};
use crate::{Column, Expr, FeatureBox, Op, Result, Table};

/// One site, pair or triple of one member of a structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Index of the member.
    pub member: usize,
    /// Index of the channel.
    pub channel: usize,
    /// Number of its group among those of its member and channel; of no matter for sums.
    pub group: usize,
    /// One value a column of the level.
    pub values: Vec<f64>,
}

/// What laws are found on, and what they predict: many structures, their members and
/// what these are made of.
///
/// Of a total, a structure is its own only member.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// In the order in which they are searched.
    pub levels: Vec<Level>,
    /// `(members,)`: the index of the structure of each, not falling.
    pub members: Vec<usize>,
    /// `(members,)`, where they are entries of a matrix: row and column of each in that of
    /// its structure. Else empty.
    pub places: Vec<[usize; 2]>,
    /// `(structures,)`, positive: what the value of a structure is divided by.
    pub divisors: Vec<f64>,
}

impl Parts {
    /// Totals: every structure is its own only member.
    #[must_use]
    pub fn totals(levels: Vec<Level>, divisors: Vec<f64>) -> Self {
        Self {
            levels,
            members: (0..divisors.len()).collect(),
            places: Vec::new(),
            divisors,
        }
    }
}

/// All sites, or pairs, or triples of many structures.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// As `pair`.
    pub name: String,
    /// What functions of an item may depend on; none for a level whose items count
    /// alike.
    pub columns: Vec<Column>,
    /// How many of the columns, the first ones, say how far an item reaches.
    pub distances: usize,
    /// How many of the columns, the last ones, may have the other sign elsewhere: the law is
    /// then known for both signs, as far as it has seen one of them.
    pub signed: usize,
    /// How many of the columns, the last ones, are no variables of a searched function but
    /// properties by which channels differ: a function may be multiplied by one of them
    /// and is then shared by all channels.
    pub properties: usize,
    /// The one function of the level, where it is given and not searched.
    pub given: Option<Expr>,
    /// Names of the channels.
    pub channels: Vec<String>,
    /// Whether coefficients of this level are left as the data want them; else they
    /// are shrunk as much as the evidence asks for.
    pub free: bool,
    /// Whether functions must vanish where the distances are largest: distant things do
    /// not feel each other. What is gathered of them need not: a far item may be the least of
    /// all, and counts in a mean.
    pub decays: bool,
    /// Whether its effects are small beside those of the other levels, but for a few
    /// items: a function must be worth it where these few count little.
    pub subtle: bool,
    /// How the items of a group count together.
    pub gather: Gather,
    /// In any order.
    pub items: Vec<Item>,
}

/// Items without repetition; or groups of them, where these are no sums.
#[derive(Debug, Clone)]
pub(super) struct Unique {
    /// Of the items.
    pub(super) table: Table,
    groups: Option<Groups>,
    /// `(items,)`, or of the groups.
    pub(super) channel: Vec<usize>,
    /// Ordered by member.
    pub(super) entries: Vec<Entry>,
}

/// How often an item, or a group, occurs in a member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) member: usize,
    pub(super) item: usize,
    pub(super) count: f64,
}

impl Level {
    /// Whether functions of its columns are searched for.
    #[must_use]
    pub fn is_searched(&self) -> bool {
        !self.columns.is_empty() && self.given.is_none()
    }

    /// The items of each group; for a sum, every one alone.
    #[must_use]
    pub fn groups(&self) -> Vec<Vec<&Item>> {
        if self.gather.is_sum() {
            return self.items.iter().map(|item| vec![item]).collect();
        }
        let mut groups: BTreeMap<_, Vec<&Item>> = BTreeMap::new();
        for item in &self.items {
            let group = (item.member, item.channel, item.group);
            groups.entry(group).or_default().push(item);
        }
        groups.into_values().collect()
    }

    /// Finds the items, and the groups, that differ.
    ///
    /// # Errors
    ///
    /// Those of [`Table::new`].
    pub(super) fn unique(&self) -> Result<Unique> {
        let key = |item: &Item| {
            let bits = item.values.iter().map(|value| value.to_bits());
            (item.channel, bits.collect::<Vec<u64>>())
        };
        let mut places = BTreeMap::new();
        for item in &self.items {
            places.entry(key(item)).or_insert(0);
        }
        for (place, index) in places.values_mut().enumerate() {
            *index = place;
        }
        let group = |items: Vec<&Item>| {
            let mut own: Vec<usize> = items.iter().map(|item| places[&key(item)]).collect();
            own.sort_unstable();
            (items[0].member, own)
        };
        let groups: Vec<(usize, Vec<usize>)> = self.groups().into_iter().map(group).collect();
        let mut channel: Vec<usize> = places.keys().map(|(channel, _)| *channel).collect();
        let mut counts: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        let mut gathered = None;
        if self.gather.is_sum() {
            for (member, items) in &groups {
                for item in items {
                    *counts.entry((*member, *item)).or_default() += 1.0;
                }
            }
        } else {
            let unique: BTreeSet<&Vec<usize>> = groups.iter().map(|(_, items)| items).collect();
            let unique: Vec<Vec<usize>> = unique.into_iter().cloned().collect();
            for (member, items) in &groups {
                let place = unique.partition_point(|other| other < items);
                *counts.entry((*member, place)).or_default() += 1.0;
            }
            channel = unique.iter().map(|items| channel[items[0]]).collect();
            gathered = Some(Groups {
                gather: self.gather,
                items: unique,
            });
        }
        let column = |index: usize| places.keys().map(move |(_, v)| f64::from_bits(v[index]));
        let columns = self.columns.iter().enumerate();
        let columns = columns.map(|(index, name)| (name.clone(), column(index).collect()));
        Ok(Unique {
            table: Table::new(columns.collect())?,
            channel,
            groups: gathered,
            entries: counts
                .into_iter()
                .map(|((member, item), count)| Entry {
                    member,
                    item,
                    count,
                })
                .collect(),
        })
    }
}

impl Unique {
    /// Number of items, or of groups.
    pub(super) fn len(&self) -> usize {
        self.channel.len()
    }

    /// Values of a function at the items, or of groups, with columns moved into a box.
    pub(super) fn values(&self, shape: &Expr, domain: &FeatureBox) -> Result<Vec<f64>> {
        if let [Op::Integer(value)] = shape.code() {
            return Ok(vec![f64::from(*value); self.len()]);
        }
        let values = shape.evaluate(&domain.clamped(&self.table))?;
        Ok(self.gathered(values, &mut Vec::new()))
    }

    /// Values at the items as those of the groups, where there are such, and derivatives by
    /// constants with them.
    pub(super) fn gathered(&self, values: Vec<f64>, jacobian: &mut Vec<f64>) -> Vec<f64> {
        match &self.groups {
            Some(groups) => groups.gathered(&values, jacobian),
            None => values,
        }
    }

    pub(super) fn is_grouped(&self) -> bool {
        self.groups.is_some()
    }

    /// Whether a function and its negative are to be told apart.
    pub(super) fn is_one_sided(&self) -> bool {
        let groups = self.groups.as_ref();
        groups.is_some_and(|groups| groups.gather.is_one_sided())
    }
}
