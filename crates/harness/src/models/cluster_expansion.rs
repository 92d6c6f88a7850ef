//! Energies as sums over defects and pairs of defects.
//!
//! For a total, divided by the number N of defects:
//!
//! ```text
//! N · E = c₀ + Σ_i ε(kind i) + Σ_{i<j} φ_channel(r_ij)
//! ```
//!
//! A channel is an unordered pair of defect kinds and whether both lie in one
//! layer; φ is a sum of Gaussians in r whose prior standard deviation falls as
//! r⁻², since distant defects hardly feel each other. The pair sum runs over
//! all periodic images within a cutoff. The constant is needed because the
//! pristine reference energy has an error of its own (24 meV in MoS2).
//!
//! A quantity that is no total, as the gap, is not a sum over defects. It gets
//! a base of its own for every kind of complex, and pair functions both shared
//! by all kinds and of one kind.
//!
//! The weights and the strength of every group of them are fitted by the
//! evidence, see [`super::evidence`].
//!
//! # Source
//!
//! Sanchez, Ducastelle & Gratias, *Physica A* **128**, 334 (1984), for the
//! expansion; the basis is ours.

use std::collections::BTreeMap;

use anyhow::Result;
use crystal::DefectCluster;
use faer::Mat;
use serde::{Deserialize, Serialize};

use super::evidence::{self, Group};
use super::spec::within;
use super::{Context, Input, Model, Regressor, Training, clusters};

/// Settings of the cluster expansion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClusterExpansionSettings {
    /// Pairs farther apart than this do not interact, Å.
    pub cutoff_angstrom: f64,
    /// Distance and width of the Gaussians, Å.
    pub step_angstrom: f64,
    /// The prior standard deviation of φ falls as r to minus this power.
    pub decay: f64,
    /// Pair functions of one kind of complex need so many training structures
    /// of that kind.
    pub least_of_kind: usize,
    /// Whether the constant of a total is near zero unless the data ask for more: where
    /// nearly all complexes have as many defects of each sort, it could else take the place of
    /// what these cost.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shrunk_constant: bool,
}

impl Default for ClusterExpansionSettings {
    fn default() -> Self {
        Self {
            cutoff_angstrom: 16.0,
            step_angstrom: 0.5,
            decay: 2.0,
            least_of_kind: 4,
            shrunk_constant: false,
        }
    }
}

impl ClusterExpansionSettings {
    pub(super) fn checked(self) -> Result<Self> {
        within("cutoff_angstrom", self.cutoff_angstrom, 50.0)?;
        within("step_angstrom", self.step_angstrom, 10.0)?;
        within("1 + decay", 1.0 + self.decay, 20.0)?;
        if self.step_angstrom < 0.05 {
            crate::refuse!(
                "step_angstrom: expected at least 0.05, found {}",
                self.step_angstrom
            );
        }
        Ok(self)
    }
}

/// Two defects closer than this along z lie in one layer, Å.
pub(super) const SAME_LAYER: f64 = 0.5;

/// The first Gaussian's center, Å: no two defects are closer.
const FIRST_CENTER: f64 = 1.5;

/// Where the decay is one, Å: about a nearest-neighbour distance.
const DECAY_LENGTH: f64 = 3.0;

/// Two kinds of defects, in order, and whether they lie in one layer.
type Channel = (String, String, bool);

impl Regressor for ClusterExpansionSettings {
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>> {
        let all = training.all();
        let clusters = clusters(&all.inputs)?;
        let basis = Basis::learn(self, &clusters, training.property.per_defect);
        let design = basis.design(&clusters);
        let (group_of, groups) = basis.groups();
        let weights = evidence::fit(&design, &group_of, &groups, &all.targets, context.watch)?;
        Ok(Box::new(Expansion { basis, weights }))
    }
}

struct Expansion {
    basis: Basis,
    weights: Vec<f64>,
}

impl Model for Expansion {
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>> {
        let value = |cluster: &DefectCluster| -> f64 {
            let row = self.basis.row(cluster);
            row.iter().zip(&self.weights).map(|(x, w)| x * w).sum()
        };
        Ok(clusters(inputs)?.into_iter().map(value).collect())
    }

    fn complexity(&self) -> Option<usize> {
        Some(self.weights.len())
    }
}

/// The columns: constant, singles, then for intensive quantities kinds of
/// complexes, then the Gaussians of shared channels, then those of one kind.
struct Basis {
    settings: ClusterExpansionSettings,
    per_defect: bool,
    centers: Vec<f64>,
    singles: BTreeMap<String, usize>,
    kinds: BTreeMap<String, usize>,
    channels: BTreeMap<Channel, usize>,
    own_channels: BTreeMap<(String, Channel), usize>,
}

impl Basis {
    /// Fixes the columns from the training clusters; whatever occurs only
    /// later does not contribute.
    fn learn(
        settings: &ClusterExpansionSettings,
        clusters: &[&DefectCluster],
        per_defect: bool,
    ) -> Self {
        let mut singles = BTreeMap::new();
        let mut channels = BTreeMap::new();
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for cluster in clusters {
            for defect in cluster.defects() {
                singles.insert(defect.label(), 0);
            }
            for (channel, _) in bonds(cluster, settings.cutoff_angstrom) {
                channels.insert(channel, 0);
            }
            if !per_defect {
                *kinds.entry(cluster.kind()).or_default() += 1;
            }
        }
        let mut own_channels = BTreeMap::new();
        for cluster in clusters {
            let kind = cluster.kind();
            if kinds
                .get(&kind)
                .is_some_and(|&n| n >= settings.least_of_kind)
            {
                for (channel, _) in bonds(cluster, settings.cutoff_angstrom) {
                    own_channels.insert((kind.clone(), channel), 0);
                }
            }
        }
        number(&mut singles);
        number(&mut kinds);
        number(&mut channels);
        number(&mut own_channels);
        let centers = (0..u16::MAX)
            .map(|k| FIRST_CENTER + f64::from(k) * settings.step_angstrom)
            .take_while(|&center| center <= settings.cutoff_angstrom)
            .collect();
        Self {
            settings: settings.clone(),
            per_defect,
            centers,
            singles,
            kinds,
            channels,
            own_channels,
        }
    }

    fn pairs_start(&self) -> usize {
        1 + self.singles.len() + self.kinds.len()
    }

    fn width(&self) -> usize {
        self.pairs_start() + (self.channels.len() + self.own_channels.len()) * self.centers.len()
    }

    /// The group of each column, and the groups: the constant, singles, kinds,
    /// then one a channel.
    fn groups(&self) -> (Vec<usize>, Vec<Group>) {
        let mut group_of = vec![0];
        group_of.extend(vec![1; self.singles.len()]);
        group_of.extend(vec![2; self.kinds.len()]);
        // there are too few single defects to learn their spread, so that it is
        // set wide
        let fixed = Group {
            variance: 4.0,
            learnt: false,
        };
        let kinds = Group {
            variance: 0.5,
            learnt: true,
        };
        let pairs = Group {
            variance: 0.05,
            learnt: true,
        };
        let constant = if self.settings.shrunk_constant && self.per_defect {
            Group {
                variance: 0.01,
                learnt: true,
            }
        } else {
            fixed
        };
        let mut groups = vec![constant, fixed, kinds];
        for _ in 0..self.channels.len() + self.own_channels.len() {
            group_of.extend(vec![groups.len(); self.centers.len()]);
            groups.push(pairs);
        }
        (group_of, groups)
    }

    fn design(&self, clusters: &[&DefectCluster]) -> Mat<f64> {
        let rows: Vec<Vec<f64>> = clusters.iter().map(|cluster| self.row(cluster)).collect();
        Mat::from_fn(rows.len(), self.width(), |i, j| rows[i][j])
    }

    fn row(&self, cluster: &DefectCluster) -> Vec<f64> {
        let mut row = vec![0.0; self.width()];
        row[0] = 1.0;
        for defect in cluster.defects() {
            if let Some(&single) = self.singles.get(&defect.label()) {
                row[1 + single] += 1.0;
            }
        }
        let kind = cluster.kind();
        if let Some(&index) = self.kinds.get(&kind) {
            row[1 + self.singles.len() + index] = 1.0;
        }
        for (channel, length) in bonds(cluster, self.settings.cutoff_angstrom) {
            if let Some(&shared) = self.channels.get(&channel) {
                self.add_gaussians(&mut row, shared, length);
            }
            if let Some(&own) = self.own_channels.get(&(kind.clone(), channel)) {
                self.add_gaussians(&mut row, self.channels.len() + own, length);
            }
        }
        if self.per_defect {
            let count = cluster.defects().len().max(1) as f64;
            for x in &mut row {
                *x /= count;
            }
        }
        row
    }

    /// Adds `(r₀/μ)^decay · exp(-((r-μ)/step)²)` for every center μ.
    fn add_gaussians(&self, row: &mut [f64], block: usize, length: f64) {
        let start = self.pairs_start() + block * self.centers.len();
        for (x, center) in row[start..].iter_mut().zip(&self.centers) {
            let z = (length - center) / self.settings.step_angstrom;
            *x += (DECAY_LENGTH / center).powf(self.settings.decay) * (-z * z).exp();
        }
    }
}

/// The pairs of a cluster, through all periodic images: channel and length, Å.
fn bonds(cluster: &DefectCluster, cutoff: f64) -> Vec<(Channel, f64)> {
    let labels: Vec<String> = cluster
        .defects()
        .iter()
        .map(crystal::Defect::label)
        .collect();
    cluster
        .pairs_within(cutoff)
        .into_iter()
        .map(|pair| {
            let mut ends = [labels[pair.first].clone(), labels[pair.second].clone()];
            ends.sort_unstable();
            let [first, second] = ends;
            let channel = (first, second, pair.offset_z.abs() < SAME_LAYER);
            (channel, pair.length)
        })
        .collect()
}

/// Numbers the keys of a map in their order.
fn number<K>(map: &mut BTreeMap<K, usize>) {
    for (index, value) in map.values_mut().enumerate() {
        *value = index;
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use crystal::{Lattice, Site, Structure};

    use super::*;
    use crate::dataset::Property;
    use crate::models::Part;
    use crate::run::{Keep, Watch};

    /// A square layer of polonium, 8 × 8, with vacancies at these cells.
    fn layer(vacancies: &[(usize, usize)]) -> (Structure, DefectCluster) {
        let lattice = Lattice::new([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 15.0]]).unwrap();
        let site = Site {
            element: "Po".parse().unwrap(),
            fractional: [0.0, 0.0, 0.5],
        };
        let cell = Structure::new(lattice, vec![site])
            .unwrap()
            .with_periodic([true, true, false]);
        let whole = cell.supercell([8, 8, 1]);
        let kept = whole.sites().iter().enumerate();
        let kept = kept.filter(|(index, _)| !vacancies.contains(&(index / 8, index % 8)));
        let sites = kept.map(|(_, site)| *site).collect();
        let structure = Structure::new(*whole.lattice(), sites)
            .unwrap()
            .with_periodic([true, true, false]);
        let cluster = DefectCluster::find(&structure, &cell, [8, 8, 1]).unwrap();
        (structure, cluster)
    }

    fn inputs(all: &[(Structure, DefectCluster)]) -> Vec<Input<'_>> {
        let input = |(structure, cluster)| Input::new(structure, Some(cluster));
        all.iter()
            .map(|(structure, cluster)| input((structure, cluster)))
            .collect()
    }

    /// A law of the very form: 2 eV a vacancy, and a pair term that decays.
    fn law(cluster: &DefectCluster) -> f64 {
        let pairs = cluster.pairs_within(12.0);
        let count = cluster.defects().len() as f64;
        let pair_energy: f64 = pairs.iter().map(|pair| (-pair.length / 3.0).exp()).sum();
        (0.1 + 2.0 * count + pair_energy) / count
    }

    fn learnt(
        settings: &ClusterExpansionSettings,
        seen: &[(Structure, DefectCluster)],
    ) -> Box<dyn Model> {
        let property = Property {
            key: "e".to_owned(),
            label: "energy".to_owned(),
            unit: "eV".to_owned(),
            report_unit: "meV".to_owned(),
            report_factor: 1000.0,
            per_defect: true,
        };
        let training = Training {
            fit: Part {
                inputs: inputs(seen),
                targets: seen.iter().map(|(_, cluster)| law(cluster)).collect(),
                weights: None,
            },
            validation: Part::default(),
            property: &property,
        };
        let context = Context {
            seed: 0,
            watch: &Watch::endless(),
            keep: &Keep::nothing(),
            step: &|_| (),
            device: &gnn::Device::Cpu,
        };
        settings.fit(&training, &context).unwrap()
    }

    #[test]
    fn a_pair_law_is_learnt_from_pairs_and_holds_for_triples() {
        let mut seen = vec![layer(&[(0, 0)])];
        for i in 0..8 {
            seen.extend(
                (0..8)
                    .filter(|&j| (i, j) != (0, 0))
                    .map(|j| layer(&[(0, 0), (i, j)])),
            );
        }
        let unseen = [
            layer(&[(0, 0), (1, 2), (5, 3)]),
            layer(&[(0, 0), (1, 0), (2, 0)]),
        ];
        let settings = ClusterExpansionSettings {
            cutoff_angstrom: 12.0,
            ..ClusterExpansionSettings::default()
        };
        let predicted = learnt(&settings, &seen).predict(&inputs(&unseen)).unwrap();
        for (value, (_, cluster)) in predicted.iter().zip(&unseen) {
            // the basis is not made of exponentials: some meV are left
            assert_relative_eq!(*value, law(cluster), epsilon = 5e-3);
        }
    }

    /// From complexes of three alone, nothing tells the constant from what three cost.
    #[test]
    fn a_constant_that_is_not_wanted_is_shrunk_away() {
        let three = |i: usize| layer(&[(0, 0), (1 + i % 4, 0), (i / 4, 1 + i % 3)]);
        let seen: Vec<_> = (0..32).map(three).collect();
        let alone = [layer(&[(0, 0)])];
        let error = |shrunk_constant| {
            let settings = ClusterExpansionSettings {
                cutoff_angstrom: 12.0,
                shrunk_constant,
                ..ClusterExpansionSettings::default()
            };
            let predicted = learnt(&settings, &seen).predict(&inputs(&alone)).unwrap();
            (predicted[0] - law(&alone[0].1)).abs()
        };
        let (free, shrunk) = (error(false), error(true));
        assert!(shrunk < 0.1 && free > 3.0 * shrunk, "{free}, {shrunk}");
    }
}
