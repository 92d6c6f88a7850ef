//! A structure as the tables that a law sums over.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use symreg::law::{Item, Level, Parts, Rise};

/// What functions of [`symreg::export_law`] are called with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tables {
    /// By the name of a level, rows: the member where the value is an extreme of
    /// members, or its row and column in a matrix; the channel, the columns, each a list
    /// where items are gathered.
    tables: BTreeMap<String, Vec<Value>>,
    /// What the sum is divided by.
    divisor: f64,
}

impl Tables {
    /// The tables of the only structure of some parts.
    pub(super) fn new(parts: &Parts, rise: Rise) -> Self {
        let row = |level: &Level, items: &[&Item]| {
            let item = items[0];
            let member = match rise {
                Rise::Sum => None,
                Rise::Lowest | Rise::Highest => Some(Value::from(item.member)),
                Rise::LowestLevel => Some(Value::from(&parts.places[item.member][..])),
            };
            let channel = Value::from(level.channels[item.channel].as_str());
            let values = (0..item.values.len()).map(|column| {
                let all = items.iter().map(|item| item.values[column]);
                if level.gather.is_sum() {
                    Value::from(item.values[column])
                } else {
                    all.collect()
                }
            });
            member.into_iter().chain([channel]).chain(values).collect()
        };
        let table = |level: &Level| {
            let groups = level.groups();
            let rows = groups.iter().map(|items| row(level, items));
            (level.name.clone(), rows.collect())
        };
        Self {
            tables: parts.levels.iter().map(table).collect(),
            divisor: parts.divisors[0],
        }
    }
}
