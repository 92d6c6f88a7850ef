//! What a law sums over.

use std::collections::BTreeMap;

use crate::{Column, Expr, FeatureBox, Op, Result, Table};

/// One site, pair or triple of one member of a structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Index of the member.
    pub member: usize,
    /// Index of the channel.
    pub channel: usize,
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
    /// not feel each other.
    pub decays: bool,
    /// Whether its effects are small beside those of the other levels, but for a few
    /// items: a function must be worth it where these few count little.
    pub subtle: bool,
    /// In any order.
    pub items: Vec<Item>,
}

/// Items without repetition.
#[derive(Debug, Clone)]
pub(super) struct Unique {
    pub(super) table: Table,
    /// `(items,)`
    pub(super) channel: Vec<usize>,
    /// Ordered by member.
    pub(super) entries: Vec<Entry>,
}

/// How often an item occurs in a member.
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

    /// Finds the items that differ.
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
        let mut counts: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for item in &self.items {
            let place = places[&key(item)];
            *counts.entry((item.member, place)).or_default() += 1.0;
        }
        let column = |index: usize| places.keys().map(move |(_, v)| f64::from_bits(v[index]));
        let columns = self.columns.iter().enumerate();
        let columns = columns.map(|(index, name)| (name.clone(), column(index).collect()));
        Ok(Unique {
            table: Table::new(columns.collect())?,
            channel: places.keys().map(|(channel, _)| *channel).collect(),
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
    /// Number of items.
    pub(super) fn len(&self) -> usize {
        self.channel.len()
    }

    /// Values of a function, with columns moved into a box.
    pub(super) fn values(&self, shape: &Expr, domain: &FeatureBox) -> Result<Vec<f64>> {
        if let [Op::Integer(value)] = shape.code() {
            return Ok(vec![f64::from(*value); self.len()]);
        }
        shape.evaluate(&domain.clamped(&self.table))
    }
}
