//! Features of a defect cluster: counts, distances, layers, shells.

use std::collections::{BTreeMap, BTreeSet};

use super::column;
use super::shells::{SHELLS, Shells};
use crate::{Column, Defect, DefectCluster, FeatureTable, Pair};

/// Sorted distances are listed up to this many.
const MOST_DISTANCES: usize = 3;

/// Defects whose heights differ by less are in one layer, Å.
const SAME_LAYER: f64 = 0.5;

/// Two labels, in alphabetical order.
type Channel = (String, String);

/// Turns defect clusters into counts, pair distances, layer offsets and shells.
///
/// All pairs are taken in their nearest image. The columns are
///
/// | name | unit | value |
/// |---|---|---|
/// | `n_defects` | | number of defects |
/// | `n_V_Mo`, … | | number with this label |
/// | `d1`, `d2`, `d3` | Å | the shortest pair distances, ascending; as many as the largest cluster in training has pairs, but no more than three |
/// | `dz_max` | Å | largest difference in height |
/// | `n_same_layer` | | pairs whose heights differ by less than 0.5 Å |
/// | `n_shell1` to `n_shell3` | | pairs in each other's 1st, 2nd, 3rd shell |
/// | `n_pairs_V_Mo_V_S`, … | | pairs of this channel, the unordered pair of two labels |
/// | `d_V_Mo_V_S`, … | Å | its shortest distance |
/// | `inv_d_V_Mo_V_S`, … | 1/Å | the sum of 1/r over its pairs |
///
/// A distance that does not exist is set to the inscribed diameter of the
/// supercell ([`DefectCluster::inscribed_diameter`]): as far apart as two
/// defects of that cell can safely be told to be.
///
/// Two defects are in the k-th shell of each other if their distance is the k-th
/// shortest distinct one in the host, from the site of one to the atoms of the
/// element that was on the site of the other; where the two ends disagree, the
/// lower shell counts. Extra atoms are in no shell.
///
/// # Examples
///
/// ```
/// # use crystal::{DefectCluster, DefectDescriptor, Lattice, Site, Structure};
/// # let lattice = Lattice::new([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]])?;
/// # let site = Site { element: "Po".parse()?, fractional: [0.0; 3] };
/// # let unit_cell = Structure::new(lattice, vec![site])?;
/// # let grown = unit_cell.supercell([4, 4, 4]);
/// # let sites = grown.sites()[2..].to_vec(); // without two neighbours
/// # let structure = Structure::new(*grown.lattice(), sites)?;
/// let cluster = DefectCluster::find(&structure, &unit_cell, [4, 4, 4])?;
/// let descriptor = DefectDescriptor::learn(&[&cluster]);
/// let table = descriptor.describe(&[&cluster]);
/// let d1 = table.index_of("d1").expect("training has a pair");
/// assert!((table.row(0)[d1] - 3.0).abs() < 1e-12); // Å, a neighbouring site
/// # Ok::<(), crystal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DefectDescriptor {
    labels: Vec<String>,
    distances: usize,
    channels: Vec<Channel>,
}

impl DefectDescriptor {
    /// Fixes the columns: one for every label and every channel seen here.
    #[must_use]
    pub fn learn(training: &[&DefectCluster]) -> Self {
        let mut labels = BTreeSet::new();
        let mut channels = BTreeSet::new();
        for cluster in training {
            let counts = cluster.counts();
            for (first, &count) in &counts {
                if count > 1 {
                    channels.insert((first.clone(), first.clone()));
                }
                let later = counts.keys().filter(|&second| second > first);
                channels.extend(later.map(|second| (first.clone(), second.clone())));
            }
            labels.extend(counts.into_keys());
        }
        let largest = training.iter().map(|cluster| cluster.defects().len()).max();
        let largest = largest.unwrap_or(0);
        Self {
            labels: labels.into_iter().collect(),
            distances: (largest * largest.saturating_sub(1) / 2).min(MOST_DISTANCES),
            channels: channels.into_iter().collect(),
        }
    }

    /// The columns of the table, in order.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let mut columns = vec![column("n_defects", "")];
        columns.extend(
            self.labels
                .iter()
                .map(|label| column(format!("n_{label}"), "")),
        );
        columns.extend((1..=self.distances).map(|rank| column(format!("d{rank}"), "Å")));
        columns.push(column("dz_max", "Å"));
        columns.push(column("n_same_layer", ""));
        columns.extend((1..=SHELLS).map(|shell| column(format!("n_shell{shell}"), "")));
        for (first, second) in &self.channels {
            columns.push(column(format!("n_pairs_{first}_{second}"), ""));
            columns.push(column(format!("d_{first}_{second}"), "Å"));
            columns.push(column(format!("inv_d_{first}_{second}"), "1/Å"));
        }
        columns
    }

    /// One row for each cluster. Labels and channels without a column are
    /// ignored, but their defects and pairs still count in `n_defects`, `d1`,
    /// the layers and the shells.
    ///
    /// # Panics
    ///
    /// Never, as long as no two defects of a cluster are in one place.
    #[must_use]
    pub fn describe(&self, clusters: &[&DefectCluster]) -> FeatureTable {
        let mut rows = Vec::new();
        let mut shells: Option<Shells> = None;
        for cluster in clusters {
            let host = cluster.unit_cell();
            let known = shells.take().filter(|shells| shells.are_of(host));
            let known = known.unwrap_or_else(|| Shells::of(host));
            self.row(cluster, &known, &mut rows);
            shells = Some(known);
        }
        FeatureTable::new(self.columns(), rows).expect("defects are apart and columns differ")
    }

    fn row(&self, cluster: &DefectCluster, shells: &Shells, row: &mut Vec<f64>) {
        let pairs = cluster.pairs_nearest();
        let far = cluster.inscribed_diameter();
        let counts = cluster.counts();
        row.push(cluster.defects().len() as f64);
        let count = |label| counts.get(label).copied().unwrap_or(0) as f64;
        row.extend(self.labels.iter().map(count));

        let mut lengths: Vec<f64> = pairs.iter().map(|pair| pair.length).collect();
        lengths.sort_by(f64::total_cmp);
        lengths.resize(lengths.len().max(self.distances), far);
        row.extend(&lengths[..self.distances]);

        let heights = || pairs.iter().map(|pair| pair.offset_z.abs());
        row.push(heights().fold(0.0, f64::max));
        row.push(heights().filter(|&height| height < SAME_LAYER).count() as f64);
        row.extend(shell_counts(cluster, &pairs, shells));

        let by_channel = lengths_by_channel(cluster, &pairs);
        for channel in &self.channels {
            let lengths = by_channel.get(channel).map_or(&[][..], Vec::as_slice);
            row.push(lengths.len() as f64);
            row.push(lengths.iter().copied().reduce(f64::min).unwrap_or(far));
            // not `sum`, which is -0 where there is no pair
            row.push(lengths.iter().fold(0.0, |sum, length| sum + 1.0 / length));
        }
    }
}

fn lengths_by_channel(cluster: &DefectCluster, pairs: &[Pair]) -> BTreeMap<Channel, Vec<f64>> {
    let labels: Vec<String> = cluster.defects().iter().map(Defect::label).collect();
    let mut lengths: BTreeMap<Channel, Vec<f64>> = BTreeMap::new();
    for pair in pairs {
        let (first, second) = (&labels[pair.first], &labels[pair.second]);
        let channel = (first.min(second).clone(), first.max(second).clone());
        lengths.entry(channel).or_default().push(pair.length);
    }
    lengths
}

/// Number of pairs in the first shells.
fn shell_counts(cluster: &DefectCluster, pairs: &[Pair], shells: &Shells) -> [f64; SHELLS] {
    let mut counts = [0.0; SHELLS];
    for pair in pairs {
        let ends = [pair.first, pair.second].map(|index| &cluster.defects()[index]);
        let rank = |from: usize, to: usize| {
            let (site, element) = (ends[from].unit_site?, ends[to].before?);
            shells.rank(site, element, pair.length)
        };
        let ranks = [rank(0, 1), rank(1, 0)];
        if let Some(shell) = ranks.into_iter().flatten().min() {
            counts[shell] += 1.0;
        }
    }
    counts
}
