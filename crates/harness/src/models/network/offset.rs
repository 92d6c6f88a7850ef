//! What is known of a structure before its geometry is looked at: which defects
//! it has. A network then learns the rest.
//!
//! ```text
//! b(structure) = β₀ + β'/N + Σ_d β_d n_d/N + γ_kind
//! ```
//!
//! `n_d` counts the defects of label d, as `V_S`, N all of them; `γ` is there for
//! kinds of complex that were seen twice. How far each group of coefficients may
//! go is decided by the [evidence](crate::models::evidence), so that few
//! structures give flat offsets.

use std::collections::BTreeMap;

use anyhow::Result;
use crystal::DefectCluster;
use faer::Mat;
use serde::{Deserialize, Serialize};

use crate::models::evidence::{self, Group};
use crate::run::Watch;

/// The offset of every structure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Offset {
    mean: f64,
    labels: Vec<String>,
    kinds: Vec<String>,
    /// Of one over the number of defects, of each label's share, of each kind.
    coefficients: Vec<f64>,
}

impl Offset {
    /// Learns the coefficients.
    ///
    /// # Errors
    ///
    /// If numbers leave the range of doubles.
    pub(super) fn fit(clusters: &[&DefectCluster], targets: &[f64], watch: &Watch) -> Result<Self> {
        let mean = targets.iter().sum::<f64>() / targets.len().max(1) as f64;
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        let mut labels: BTreeMap<String, usize> = BTreeMap::new();
        for cluster in clusters {
            *kinds.entry(cluster.kind()).or_default() += 1;
            for (label, count) in cluster.counts() {
                *labels.entry(label).or_default() += count;
            }
        }
        kinds.retain(|_, count| *count > 1);
        let mut offset = Self {
            mean,
            labels: labels.into_keys().collect(),
            kinds: kinds.into_keys().collect(),
            coefficients: Vec::new(),
        };
        let rows: Vec<Vec<f64>> = clusters.iter().map(|c| offset.columns(c)).collect();
        let width = 1 + offset.labels.len() + offset.kinds.len();
        let design = Mat::from_fn(rows.len(), width, |i, j| rows[i][j]);
        let is_kind = |column| usize::from(column > offset.labels.len());
        let group = Group {
            variance: 1.0,
            learnt: true,
        };
        let rest: Vec<f64> = targets.iter().map(|target| target - mean).collect();
        let groups: Vec<usize> = (0..width).map(is_kind).collect();
        offset.coefficients = evidence::fit(&design, &groups, &[group; 2], &rest, watch)?;
        Ok(offset)
    }

    /// The offset of a structure, in the unit of the targets.
    pub(super) fn of(&self, cluster: &DefectCluster) -> f64 {
        let columns = self.columns(cluster);
        let products = columns.iter().zip(&self.coefficients).map(|(x, b)| x * b);
        self.mean + products.sum::<f64>()
    }

    fn columns(&self, cluster: &DefectCluster) -> Vec<f64> {
        let counts = cluster.counts();
        let number = cluster.defects().len().max(1) as f64;
        let share = |label| counts.get(label).map_or(0.0, |&n| n as f64 / number);
        let kind = cluster.kind();
        let is = |other: &String| f64::from(u8::from(*other == kind));
        std::iter::once(1.0 / number)
            .chain(self.labels.iter().map(share))
            .chain(self.kinds.iter().map(is))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use crystal::{Lattice, Site, Structure};

    use super::*;

    /// A row of ten boxes with one sulfur each, some missing or selenium.
    fn cluster(missing: &[usize], replaced: &[usize]) -> DefectCluster {
        let site = |symbol: &str, x| Site {
            element: symbol.parse().unwrap(),
            fractional: [x, 0.0, 0.0],
        };
        let lattice = Lattice::from_parameters([3.0, 9.0, 9.0], [90.0; 3]).unwrap();
        let cell = Structure::new(lattice, vec![site("S", 0.0)]).unwrap();
        let grown = cell.supercell([10, 1, 1]);
        let sites = (0..10).filter(|i| !missing.contains(i)).map(|i| {
            let symbol = if replaced.contains(&i) { "Se" } else { "S" };
            site(symbol, i as f64 / 10.0)
        });
        let damaged = Structure::new(*grown.lattice(), sites.collect()).unwrap();
        DefectCluster::find(&damaged, &cell, [10, 1, 1]).unwrap()
    }

    #[test]
    fn sums_over_defects_are_found_and_said_of_kinds_never_seen() {
        // one defect costs 3 or 1, and every structure 0.5, all per defect
        let seen = [
            cluster(&[1], &[]),
            cluster(&[], &[1]),
            cluster(&[1, 5], &[]),
            cluster(&[1], &[5]),
            cluster(&[], &[1, 5]),
        ];
        let energy =
            |vacancies: f64, others: f64| (0.5 + 3.0 * vacancies + others) / (vacancies + others);
        let targets = [
            energy(1.0, 0.0),
            energy(0.0, 1.0),
            energy(2.0, 0.0),
            energy(1.0, 1.0),
            energy(0.0, 2.0),
        ];
        let seen: Vec<&DefectCluster> = seen.iter().collect();
        let offset = Offset::fit(&seen, &targets, &Watch::endless()).unwrap();
        let unseen = cluster(&[1, 5], &[7]);
        assert_relative_eq!(offset.of(&unseen), energy(2.0, 1.0), max_relative = 0.01);
    }

    #[test]
    fn kinds_have_constants_of_their_own() {
        // what two vacancies have is no sum
        let seen: Vec<DefectCluster> = (0..6)
            .flat_map(|i| {
                [
                    cluster(&[i], &[]),
                    cluster(&[i, i + 2], &[]),
                    cluster(&[], &[i]),
                ]
            })
            .collect();
        let targets: Vec<f64> = (0..6).flat_map(|_| [1.0, 5.0, 2.0]).collect();
        let seen: Vec<&DefectCluster> = seen.iter().collect();
        let offset = Offset::fit(&seen, &targets, &Watch::endless()).unwrap();
        for (cluster, target) in seen.iter().zip(&targets) {
            assert_relative_eq!(offset.of(cluster), *target, max_relative = 0.01);
        }
    }
}
