//! Features of a defect cluster: its pair distances, and nothing else.

use std::collections::BTreeMap;

use super::column;
use crate::{Column, Defect, DefectCluster, FeatureTable};

/// Two labels, in alphabetical order.
type Channel = (String, String);

/// Turns defect clusters into the distances of their pairs, channel by channel.
///
/// All pairs are taken in their nearest image; those of a channel are ranked by
/// their distance, the shortest first. The columns are
///
/// | name | unit | value |
/// |---|---|---|
/// | `d1_V_Mo_V_S`, `d2_V_Mo_V_S`, … | Å | the distances of a channel, ascending; as many as a cluster in training has |
/// | `dz1_V_S_V_S`, … | Å | the difference in height of the same pairs |
///
/// A pair that does not exist is as far apart as the inscribed diameter of the
/// supercell, at equal heights.
///
/// Defects of one kind are fully told by these columns up to mirror images, and
/// up to complexes of more than three defects that share all distances.
///
/// # Source
///
/// The columns of Lazarev & Ustyuzhanin, arXiv:2512.20785, who give formulas of a
/// metal vacancy with two chalcogen vacancies in `d1`, `d2`, `d3` and `dz`.
#[derive(Debug, Clone, PartialEq)]
pub struct PairDescriptor {
    channels: Vec<(Channel, usize)>,
}

impl PairDescriptor {
    /// Fixes the columns: as many ranks of a channel as a cluster here has pairs.
    #[must_use]
    pub fn learn(training: &[&DefectCluster]) -> Self {
        let mut ranks: BTreeMap<Channel, usize> = BTreeMap::new();
        for cluster in training {
            for (channel, pairs) in pairs_by_channel(cluster) {
                let most = ranks.entry(channel).or_default();
                *most = pairs.len().max(*most);
            }
        }
        Self {
            channels: ranks.into_iter().collect(),
        }
    }

    /// The columns of the table, in order.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        for ((first, second), ranks) in &self.channels {
            for rank in 1..=*ranks {
                columns.push(column(format!("d{rank}_{first}_{second}"), "Å"));
                columns.push(column(format!("dz{rank}_{first}_{second}"), "Å"));
            }
        }
        columns
    }

    /// One row for each cluster; pairs without a column are ignored.
    ///
    /// # Panics
    ///
    /// Never, as long as no two defects of a cluster are in one place.
    #[must_use]
    pub fn describe(&self, clusters: &[&DefectCluster]) -> FeatureTable {
        let mut rows = Vec::new();
        for cluster in clusters {
            let by_channel = pairs_by_channel(cluster);
            let missing = (cluster.inscribed_diameter(), 0.0);
            for (channel, ranks) in &self.channels {
                let pairs = by_channel.get(channel).map_or(&[][..], Vec::as_slice);
                for rank in 0..*ranks {
                    let (length, height) = pairs.get(rank).copied().unwrap_or(missing);
                    rows.extend([length, height]);
                }
            }
        }
        FeatureTable::new(self.columns(), rows).expect("defects are apart and columns differ")
    }
}

/// Length and difference in height of the pairs of each channel, Å, ascending.
fn pairs_by_channel(cluster: &DefectCluster) -> BTreeMap<Channel, Vec<(f64, f64)>> {
    let labels: Vec<String> = cluster.defects().iter().map(Defect::label).collect();
    let mut found: BTreeMap<Channel, Vec<(f64, f64)>> = BTreeMap::new();
    for pair in cluster.pairs_nearest() {
        let (first, second) = (&labels[pair.first], &labels[pair.second]);
        let channel = (first.min(second).clone(), first.max(second).clone());
        let lengths = found.entry(channel).or_default();
        lengths.push((pair.length, pair.offset_z.abs()));
    }
    for pairs in found.values_mut() {
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    }
    found
}
