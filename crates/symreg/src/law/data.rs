//! What a law is fitted to.

use super::{
    Parts, Rise,
    level::{Level, Unique},
    sharing::Sharing,
};
use crate::{Error, FeatureBox, Result};

/// Sum of distances, beside the largest, from which on an item is far out.
const FAR: f64 = 0.8;

/// What a law is fitted to.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) uniques: Vec<Unique>,
    pub(super) domains: Vec<FeatureBox>,
    pub(super) channels: Vec<usize>,
    /// Of each level, how many columns are distances.
    pub(super) distances: Vec<usize>,
    /// Of each level, how many of the last columns are properties.
    pub(super) properties: Vec<usize>,
    pub(super) free: Vec<bool>,
    /// The items far out, for levels whose functions decay.
    pub(super) farthest: Vec<Vec<usize>>,
    pub(super) target: Vec<f64>,
    pub(super) divisors: Vec<f64>,
    /// The structure of each member.
    pub(super) members: Vec<usize>,
    /// Of each member in a matrix, if it is in one.
    pub(super) places: Vec<[usize; 2]>,
    pub(super) rise: Rise,
    /// Of each level, whether its members are off the diagonal of a matrix: where all are
    /// zero, none matters in the first order.
    pub(super) couples: Vec<bool>,
    /// Root mean square of target times divisor.
    pub(super) scale: f64,
}

impl Data {
    pub(super) fn new(parts: &Parts, target: &[f64], rise: Rise, margin: f64) -> Result<Self> {
        let Parts {
            levels,
            members,
            places,
            divisors,
        } = parts;
        if target.is_empty() {
            return Err(Error::NoRows);
        }
        let uniques: Vec<Unique> = levels.iter().map(Level::unique).collect::<Result<_>>()?;
        let boxed = |(level, unique): (&Level, &Unique)| {
            FeatureBox::around(&unique.table, margin).with_last_mirrored(level.signed)
        };
        let squares = target.iter().zip(divisors).map(|(y, d)| (y * d).powi(2));
        let scale = (squares.sum::<f64>() / target.len() as f64).sqrt();
        Ok(Self {
            farthest: levels.iter().zip(&uniques).map(farthest).collect(),
            domains: levels.iter().zip(&uniques).map(boxed).collect(),
            uniques,
            channels: levels.iter().map(|level| level.channels.len()).collect(),
            distances: levels.iter().map(|level| level.distances).collect(),
            properties: levels.iter().map(|level| level.properties).collect(),
            couples: levels.iter().map(|level| couples(level, places)).collect(),
            free: levels.iter().map(|level| level.free).collect(),
            target: target.to_vec(),
            divisors: divisors.clone(),
            members: members.clone(),
            places: places.clone(),
            rise,
            scale: if scale > 0.0 { scale } else { 1.0 },
        })
    }

    pub(super) fn rows(&self) -> usize {
        self.target.len()
    }

    /// `(coefficients, rows)`: a function summed over the items of all members of every
    /// structure, each member by its share.
    pub(super) fn columns(
        &self,
        (level, sharing): (usize, Sharing),
        values: &[f64],
        shares: &[f64],
    ) -> Vec<f64> {
        let (unique, rows) = (&self.uniques[level], self.rows());
        let mut columns = vec![0.0; sharing.coefficients(self.channels[level]) * rows];
        for entry in &unique.entries {
            if let Some(place) = sharing.place(unique.channel[entry.item]) {
                let place = place * rows + self.members[entry.member];
                columns[place] += entry.count * values[entry.item] * shares[entry.member];
            }
        }
        columns
    }
}

/// Whether items of a level are off the diagonal.
fn couples(level: &Level, places: &[[usize; 2]]) -> bool {
    let mut places = level
        .items
        .iter()
        .filter_map(|item| places.get(item.member));
    places.any(|[row, column]| row != column)
}

/// Smallest and largest of some values.
pub(super) fn extremes(values: &[f64]) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    let wider = |(low, high): (f64, f64), v: &f64| (low.min(*v), high.max(*v));
    values.iter().fold(start, wider)
}

/// The items whose sum of distances is near to the largest.
fn farthest((level, unique): (&Level, &Unique)) -> Vec<usize> {
    let table = &unique.table;
    let sum = |item: usize| -> f64 {
        let distances = 0..level.distances;
        distances.map(|column| table.values(column)[item]).sum()
    };
    let sums: Vec<f64> = (0..table.rows()).map(sum).collect();
    let largest = sums.iter().copied().fold(0.0, f64::max);
    let items = (0..sums.len()).filter(|_| level.decays);
    items.filter(|&item| sums[item] >= FAR * largest).collect()
}
